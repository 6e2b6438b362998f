//! What stands where a recorder or a sanitizer took a value out: it is no value, and nothing is compared with it.

use crate::jose::jwt::decode;

/// Whether this is no value: `[redacted]`, `***`, `…`, `REDACTED-code-1`, a mark of [`super::hide`].
pub fn is_placeholder(value: &str) -> bool {
    let value = value.trim();
    let lower: String = value.chars().take(80).flat_map(char::to_lowercase).collect();
    let is_word = |word: &str| lower == word || lower.starts_with(&format!("{word}-"));
    let is_bracketed = matches!(value.as_bytes(), [b'[' | b'<' | b'{' | b'(', .., b']' | b'>' | b'}' | b')'])
        && WORDS.iter().any(|word| lower.contains(word));
    let is_drawn = !value.is_empty() && value.chars().all(|c| matches!(c, '*' | '•' | '…' | '█'));
    is_drawn || is_bracketed || WORDS.iter().any(|word| is_word(word)) || super::hide::is_mark(value)
}

/// What sanitizers write.
const WORDS: [&str; 4] = ["redacted", "removed", "hidden", "masked"];

/// Whether a value tells one login from another: those of this program are numbered, other placeholders are all alike.
pub fn is_key(value: &str) -> bool {
    value.starts_with("REDACTED-") || super::hide::is_mark(value) || !is_placeholder(value)
}

/// Whether it, or a part of it where it is a JWT, is no value. Some sanitizers take a signature out and leave nothing.
pub fn is_partly(value: &str) -> bool {
    let is_jwt = value.matches('.').count() == 2;
    is_placeholder(value) || is_jwt && (value.split('.').any(is_placeholder) || is_unsigned(value))
}

/// Whether it is a JWT of which nothing but the signature is hidden: its claims are seen and can be judged.
pub fn is_signature_alone(value: &str) -> bool {
    let mut parts = value.split('.');
    let are_seen = parts.by_ref().take(2).all(|part| !is_placeholder(part));
    let is_hidden = parts.next().is_some_and(|signature| is_placeholder(signature) || is_unsigned(value));
    are_seen && is_hidden && parts.next().is_none() && decode(value).claims.is_some()
}

/// Whether a token that says how it is signed has no signature.
fn is_unsigned(token: &str) -> bool {
    token.ends_with('.') && decode(token).alg().is_some_and(|alg| alg != "none")
}
