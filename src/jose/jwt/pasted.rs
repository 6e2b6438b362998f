//! What people paste where a token is wanted: a whole token response, the address a browser ended at, a header field, a
//! command. The tokens in it are found by their form.

use super::compact::PARTS;
use super::envelope::ENVELOPE;
use super::{Decoded, Form, Part, SIZE_LIMIT, decode};
use crate::base::json::Json;
use crate::base::text::elided;

/// As many tokens are named as a message may have.
const NAMED: usize = 8;

/// Longest word before a token that is taken for its name, in bytes.
const NAME_LIMIT: usize = 64;

/// A token in a longer text.
struct Found<'a> {
    /// The word before it: `id_token`.
    name: &'a str,
    token: &'a str,
}

/// Takes apart what was pasted: a token, or the first one that stands in it, which is said then. Where there is none, it
/// is said what was given instead.
pub fn decode_pasted(text: &str) -> Decoded {
    let decoded = decode(text);
    if decoded.form != Form::Opaque || text.len() > SIZE_LIMIT {
        return decoded;
    }
    let tokens = found(text);
    let Some(first) = tokens.first() else { return named(decoded, text) };
    let names: Vec<_> = tokens.iter().map(|found| elided(found.name, NAME_LIMIT)).collect();
    let taken = match &names[1..] {
        [] => format!("taken from what is around it: {}", names[0]),
        others => format!("taken: {}, the first of {}; also there: {}", names[0], names.len(), others.join(", ")),
    };
    let mut decoded = decode(first.token);
    decoded.findings.insert(0, ENVELOPE.note(taken));
    decoded.cleaned = decoded.cleaned.or_else(|| Some(first.token.to_owned()));
    decoded
}

/// Every token in the compact form once, in the order of the text.
fn found(text: &str) -> Vec<Found<'_>> {
    let mut tokens: Vec<Found<'_>> = Vec::new();
    let mut at = 0;
    for word in text.split_inclusive(|c| !is_of_token(c)) {
        let token = word.trim_end_matches(|c| !is_of_token(c));
        if let Some(token) = compact(token).filter(|token| tokens.iter().all(|found| found.token != *token)) {
            tokens.push(Found { name: name_before(&text[..at]), token });
        }
        at += word.len();
        if tokens.len() == NAMED {
            break;
        }
    }
    tokens
}

fn is_of_token(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')
}

/// A token, which may have the full stop of a sentence behind it: its header says how it is made (RFC 7515 section
/// 4.1.1).
fn compact(word: &str) -> Option<&str> {
    let parts = |token: &str| token.split('.').count();
    let token = if matches!(parts(word), 4 | 6) { word.strip_suffix('.')? } else { word };
    let header = token.split('.').next().filter(|_| matches!(parts(token), 3 | 5))?;
    Part::json(header).object()?.get("alg").map(|_| token)
}

/// The word at the end of a text, with the signs behind it: `"id_token": "`, `#id_token=`, `Bearer `.
fn name_before(text: &str) -> &str {
    let is_of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let text = text.trim_end_matches(|c| !is_of_name(c));
    let name = text.rsplit(|c| !is_of_name(c)).next().unwrap_or_default();
    if name.is_empty() { "a token" } else { name }
}

/// What a text is in which there is no token, where that can be told.
fn named(mut decoded: Decoded, text: &str) -> Decoded {
    let text = text.trim();
    let what = match Json::parse_text(text).ok().filter(Json::is_object) {
        Some(answer) if answer.text("access_token").is_some() => {
            "a token response without a JWT: its access_token is opaque, and only its server can read it"
        }
        Some(answer) if answer.get("keys").is_some() => "a JWK Set, which tokens are verified with, and no token",
        Some(answer) if answer.get("kty").is_some() => "a JWK, which tokens are verified with, and no token",
        Some(_) => "JSON without a JWT",
        None if text.starts_with("-----BEGIN") => "a key or certificate in PEM, and no token",
        None if text.starts_with('<') => "XML or a page, and no token",
        None if text.starts_with("http://") || text.starts_with("https://") => "an address without a JWT in it",
        None => return decoded,
    };
    decoded.findings = vec![PARTS.note(what)];
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhIn0.";
    const OTHER: &str = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln";

    #[test]
    fn the_first_token_is_taken_and_all_are_named() {
        for (text, token, says) in [
            (format!("{{\"access_token\": \"{OTHER}\"}}"), OTHER, "taken from what is around it: access_token"),
            (
                format!("{{\"access_token\":\"opaque\",\"id_token\":\"{OTHER}\",\"x\":{{\"t\":\"{TOKEN}\"}}}}"),
                OTHER,
                "taken: id_token, the first of 2; also there: t",
            ),
            (format!("https://app.example/cb#state=x&id_token={OTHER}&code=y"), OTHER, "id_token"),
            (format!("https://app.example/cb?response={TOKEN}"), TOKEN, "response"),
            (format!("curl -H 'Authorization: Bearer {OTHER}' https://api.example/"), OTHER, "Bearer"),
            (format!("DPoP: {OTHER}"), OTHER, "DPoP"),
            (format!("The token is {OTHER}."), OTHER, "is"),
            (format!("[\"{OTHER}\", \"{OTHER}\"]"), OTHER, "taken from what is around it: a token"),
        ] {
            let decoded = decode_pasted(&text);
            assert_eq!(decoded.text, token, "{text}");
            assert_eq!(decoded.cleaned.as_deref(), Some(token), "{text}");
            let said = decoded.findings[0].actual.as_deref().unwrap_or_default();
            assert!(said.contains(says), "{text}: {said}");
        }
    }

    #[test]
    fn what_is_no_token_is_named() {
        for (text, says) in [
            ("{\"access_token\":\"opaque\"}", "a token response without a JWT"),
            ("{\"keys\":[]}", "a JWK Set"),
            ("{\"error\":\"invalid_grant\"}", "JSON without a JWT"),
            ("-----BEGIN PUBLIC KEY-----", "a key or certificate in PEM"),
            ("<saml:Assertion>", "XML or a page"),
            ("https://as.example/a.b.c?code=x", "an address without a JWT"),
            ("opaque", "1 part: not a JWT"),
            ("a.b.c", "3 parts: not a JWT"),
        ] {
            let decoded = decode_pasted(text);
            assert_eq!((decoded.form, decoded.text.as_str()), (Form::Opaque, text));
            let said: Vec<_> = decoded.findings.iter().filter_map(|check| check.actual.as_deref()).collect();
            assert!(said.iter().any(|said| said.contains(says)), "{text}: {said:?}");
        }
    }

    #[test]
    fn a_token_by_itself_is_taken_apart_as_ever() {
        for text in [TOKEN.to_owned(), format!("Bearer {OTHER}"), format!("\"{OTHER}\"\n"), format!("{OTHER}\n{TOKEN}")]
        {
            assert_eq!(decode_pasted(&text), decode(&text), "{text}");
        }
    }

    #[test]
    fn a_long_text_takes_no_long_time() {
        let many = format!("{} ", OTHER.replace("c2ln", "")).repeat(100_000);
        assert_eq!(decode_pasted(&format!("{{{many}")).form, Form::Jws);
        let blanks = format!("{OTHER}{}", " ".repeat(SIZE_LIMIT));
        assert_eq!(decode_pasted(&blanks).text, blanks);
    }
}
