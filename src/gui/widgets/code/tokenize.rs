//! Pure tokenizers for what a debugger shows: JSON, HTTP messages, forms, JWTs, shell commands.
//!
//! Each takes any text: what does not fit the grammar is left uncoloured, never refused.

use std::ops::Range;

/// What a text is written in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Language {
    /// Nothing is coloured.
    #[default]
    Plain,
    /// RFC 8259.
    Json,
    /// Start line, header fields, body (RFC 9112).
    Http,
    /// `a=1&b=2`, or a URL with such a query.
    Form,
    /// Three or five parts with dots (RFC 7515, RFC 7516).
    Jwt,
    /// A command line for a POSIX shell.
    Shell,
}

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A member, header or parameter name, a method, an option.
    Name,
    /// A string.
    String,
    /// A number.
    Number,
    /// `true`, `false`, `null`.
    Literal,
    /// Braces, commas, separators.
    Punctuation,
    /// First part of a JWT.
    JwtHeader,
    /// Second part of a JWS, the ciphertext of a JWE.
    JwtPayload,
    /// Third part of a JWS, the tag of a JWE.
    JwtSignature,
}

/// A coloured piece of a text. Spans come in order and never overlap.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// In bytes, on character boundaries.
    pub range: Range<usize>,
    /// What it is.
    pub kind: Kind,
}

/// The coloured pieces of a text.
pub fn tokenize(text: &str, language: Language) -> Vec<Span> {
    match language {
        Language::Plain => Vec::new(),
        Language::Json => json(text),
        Language::Http => http(text),
        Language::Form => form(text),
        Language::Jwt => jwt(text),
        Language::Shell => shell(text),
    }
}

/// Strings before a colon are names.
fn json(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            b'"' => {
                at = string_end(bytes, at + 1, b'"');
                let colon = text[at..].trim_start().starts_with(':');
                if colon { Kind::Name } else { Kind::String }
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => {
                at += 1;
                Kind::Punctuation
            }
            b'-' | b'0'..=b'9' => {
                at = run_end(bytes, at, |b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'+' | b'-'));
                Kind::Number
            }
            b if b.is_ascii_alphabetic() => {
                at = run_end(bytes, at, |b| b.is_ascii_alphanumeric());
                if !matches!(&text[start..at], "true" | "false" | "null") {
                    continue;
                }
                Kind::Literal
            }
            _ => {
                at += 1;
                continue;
            }
        };
        spans.push(Span { range: start..at, kind });
    }
    spans
}

/// The index after the closing quote, or the end. A backslash takes the next byte with it.
fn string_end(bytes: &[u8], mut at: usize, quote: u8) -> usize {
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 2,
            b if b == quote => return at + 1,
            _ => at += 1,
        }
    }
    // A backslash at the very end may have stepped over it.
    bytes.len()
}

fn run_end(bytes: &[u8], at: usize, belongs: impl Fn(u8) -> bool) -> usize {
    bytes[at..].iter().position(|b| !belongs(*b)).map_or(bytes.len(), |length| at + length)
}

fn http(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let content = line.trim_end_matches(['\n', '\r']);
        match (index, content) {
            (0, _) => start_line(content, &mut spans),
            (_, "") => {
                let body = start + line.len();
                let shifted = |Span { range, kind }| Span { range: range.start + body..range.end + body, kind };
                spans.extend(http_body(&text[body..]).into_iter().map(shifted));
                return spans;
            }
            _ => {
                if let Some(colon) = content.find(':') {
                    spans.push(Span { range: start..start + colon, kind: Kind::Name });
                    spans.push(Span { range: start + colon..start + colon + 1, kind: Kind::Punctuation });
                }
            }
        }
        start += line.len();
    }
    spans
}

/// `POST /token HTTP/1.1` or `HTTP/1.1 200 OK`: the method or the status stands out.
fn start_line(line: &str, spans: &mut Vec<Span>) {
    let mut words = line.split(' ');
    let first = words.next().unwrap_or("").len();
    let second = words.next().map_or(0, str::len);
    if line.starts_with("HTTP/") {
        let status = (first + 1).min(line.len())..(first + 1 + second).min(line.len());
        spans.push(Span { range: 0..first, kind: Kind::Punctuation });
        spans.push(Span { range: status, kind: Kind::Name });
        return;
    }
    spans.push(Span { range: 0..first, kind: Kind::Name });
    if let Some(version) = line.rfind(" HTTP/").filter(|version| *version >= first) {
        spans.push(Span { range: version..line.len(), kind: Kind::Punctuation });
    }
}

fn http_body(body: &str) -> Vec<Span> {
    match body.trim_start().as_bytes().first() {
        Some(b'{' | b'[') => json(body),
        Some(b'<') | None => Vec::new(),
        Some(_) if body.contains('=') => form(body),
        Some(_) => Vec::new(),
    }
}

fn form(text: &str) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut start = match text.find('?').filter(|query| text[..*query].contains("://") || text.starts_with('/')) {
        Some(query) => {
            spans.push(Span { range: query..query + 1, kind: Kind::Punctuation });
            query + 1
        }
        None if text.contains("://") => return spans,
        None => 0,
    };
    for pair in text[start..].split('&') {
        let end = start + pair.len();
        if let Some(equals) = pair.find('=') {
            spans.push(Span { range: start..start + equals, kind: Kind::Name });
            spans.push(Span { range: start + equals..start + equals + 1, kind: Kind::Punctuation });
        }
        if end < text.len() {
            spans.push(Span { range: end..end + 1, kind: Kind::Punctuation });
        }
        start = end + 1;
    }
    spans
}

/// JWS: header, payload, signature. JWE: header, key, vector, ciphertext, tag.
fn jwt(text: &str) -> Vec<Span> {
    let parts = text.trim_end().split('.').count();
    let mut spans = Vec::new();
    let mut start = 0;
    for (index, part) in text.trim_end().split('.').enumerate() {
        let kind = match (parts, index) {
            (_, 0) => Kind::JwtHeader,
            (5, 1 | 2) => Kind::Punctuation,
            (5, 3) | (_, 1) => Kind::JwtPayload,
            _ => Kind::JwtSignature,
        };
        spans.push(Span { range: start..start + part.len(), kind });
        start += part.len() + 1;
    }
    spans
}

/// Options and the command itself are names, quoted words are strings.
fn shell(text: &str) -> Vec<Span> {
    let bytes = text.as_bytes();
    let mut spans = Vec::new();
    let (mut at, mut command) = (0, true);
    while at < bytes.len() {
        let start = at;
        let kind = match bytes[at] {
            b if b.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'\\' if bytes.get(at + 1).is_some_and(|b| matches!(b, b'\n' | b'\r')) => {
                at += 1;
                Kind::Punctuation
            }
            b'\'' => {
                at = bytes[at + 1..].iter().position(|b| *b == b'\'').map_or(bytes.len(), |end| at + end + 2);
                Kind::String
            }
            b'"' => {
                at = string_end(bytes, at + 1, b'"').min(bytes.len());
                Kind::String
            }
            b => {
                at = run_end(bytes, at, |b| !b.is_ascii_whitespace() && !matches!(b, b'\'' | b'"'));
                if !command && b != b'-' {
                    continue;
                }
                Kind::Name
            }
        };
        command = false;
        spans.push(Span { range: start..at, kind });
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use Kind::{JwtHeader, JwtPayload, JwtSignature, Literal, Name, Number, Punctuation};
    use proptest::prelude::*;

    fn found(text: &str, language: Language) -> Vec<(&str, Kind)> {
        tokenize(text, language)
            .into_iter()
            .map(|span| (&text[span.range], span.kind))
            .filter(|(_, k)| *k != Punctuation)
            .collect()
    }

    #[test]
    fn json_tells_names_from_strings() {
        let text = r#"{ "scope" : "a \" b", "expires_in":-3.6e3, "x": [true, null, nope] }"#;
        let expected = [
            ("\"scope\"", Name),
            ("\"a \\\" b\"", Kind::String),
            ("\"expires_in\"", Name),
            ("-3.6e3", Number),
            ("\"x\"", Name),
            ("true", Literal),
            ("null", Literal),
        ];
        assert_eq!(found(text, Language::Json), expected);
    }

    #[test]
    fn http_colours_the_method_the_names_and_the_body() {
        let text = "POST /token HTTP/1.1\r\nContent-Type: x\r\n\r\ngrant_type=authorization_code&code=1";
        let expected = [("POST", Name), ("Content-Type", Name), ("grant_type", Name), ("code", Name)];
        assert_eq!(found(text, Language::Http), expected);
        let text = "HTTP/1.1 400 Bad Request\nServer: y\n\n{\"error\": 1}";
        assert_eq!(found(text, Language::Http), [("400", Name), ("Server", Name), ("\"error\"", Name), ("1", Number)]);
    }

    #[test]
    fn a_form_and_a_query_are_the_same() {
        assert_eq!(found("a=1&b=2&c", Language::Form), [("a", Name), ("b", Name)]);
        assert_eq!(found("https://as/authorize?a=1&b=", Language::Form), [("a", Name), ("b", Name)]);
        assert_eq!(found("https://as/x=1", Language::Form), []);
    }

    #[test]
    fn a_jwt_has_three_colours_and_a_jwe_too() {
        assert_eq!(found("aa.bb.cc", Language::Jwt), [("aa", JwtHeader), ("bb", JwtPayload), ("cc", JwtSignature)]);
        assert_eq!(found("a.b.c.d.e\n", Language::Jwt), [("a", JwtHeader), ("d", JwtPayload), ("e", JwtSignature)]);
        assert_eq!(found("aa.bb", Language::Jwt), [("aa", JwtHeader), ("bb", JwtPayload)]);
    }

    #[test]
    fn a_command_line_has_options_and_strings() {
        let text = "curl -X POST \\\n  --data 'a=1 & b' \"$HOME\" https://as/token";
        let expected =
            [("curl", Name), ("-X", Name), ("--data", Name), ("'a=1 & b'", Kind::String), ("\"$HOME\"", Kind::String)];
        assert_eq!(found(text, Language::Shell), expected);
    }

    proptest! {
        #[test]
        fn spans_are_in_order_and_on_characters(text in "[\\PC\\n\\r\\\\\"'.=&{}:,? 0-9a-z]{0,80}") {
            for language in [Language::Plain, Language::Json, Language::Http, Language::Form, Language::Jwt, Language::Shell] {
                let mut at = 0;
                for Span { range, .. } in tokenize(&text, language) {
                    prop_assert!(at <= range.start && range.start <= range.end, "{language:?} {text:?}");
                    prop_assert!(text.is_char_boundary(range.start) && text.is_char_boundary(range.end), "{language:?} {text:?}");
                    at = range.end;
                }
            }
        }
    }
}
