//! The challenges of an answer: what `WWW-Authenticate` says, scheme by scheme (RFC 9110 section 11.6.1).

use crate::base::http::HttpResponse;
use crate::base::text::quoted;
use crate::terms::error::OAuthError;

/// One challenge of `WWW-Authenticate` (RFC 9110 section 11.6.1).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// `Bearer`, `DPoP`, `Basic`.
    pub scheme: String,
    /// Parameters in order, names in lower case.
    pub params: Vec<(String, String)>,
}

impl Challenge {
    /// A parameter of it.
    pub fn get(&self, name: &str) -> Option<String> {
        self.params.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone())
    }

    /// The error it names.
    pub fn error(&self) -> Option<OAuthError> {
        Some(OAuthError {
            error: self.get("error")?,
            error_description: self.get("error_description"),
            error_uri: self.get("error_uri"),
        })
    }
}

/// All challenges of an answer. Reads what it can and never fails.
pub fn challenges(response: &HttpResponse) -> Vec<Challenge> {
    response.headers.all("www-authenticate").flat_map(parse_challenges).collect()
}

/// What came where no challenge was read: nothing, or a field that has none in it.
pub fn none_read(response: &HttpResponse) -> String {
    match response.headers.get("www-authenticate") {
        None => "absent".to_owned(),
        Some(field) => format!("present, but no scheme and parameters can be read from it: {}", quoted(field)),
    }
}

/// A scheme is a word followed by a space or the end; everything else up to the next scheme is its parameters.
fn parse_challenges(header: &str) -> Vec<Challenge> {
    let mut challenges: Vec<Challenge> = Vec::new();
    for item in split_outside_quotes(header) {
        let item = item.trim();
        let (head, rest) = item.split_once(' ').map_or((item, ""), |(head, rest)| (head, rest.trim()));
        let begins_challenge = !head.is_empty() && !head.contains('=');
        if begins_challenge {
            challenges.push(Challenge { scheme: head.to_owned(), params: Vec::new() });
        }
        let param = if begins_challenge { rest } else { item };
        if let (Some((name, value)), Some(challenge)) = (param.split_once('='), challenges.last_mut()) {
            challenge.params.push((name.trim().to_ascii_lowercase(), unquoted(value.trim())));
        }
    }
    challenges
}

fn split_outside_quotes(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut quoted, mut escaped) = (Vec::new(), 0, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' if !quoted => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn unquoted(value: &str) -> String {
    let Some(inner) = value.strip_prefix('"') else {
        return value.to_owned();
    };
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let (mut text, mut escaped) = (String::new(), false);
    for c in inner.chars() {
        if c == '\\' && !escaped {
            escaped = true;
        } else {
            text.push(c);
            escaped = false;
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Vec<Challenge> {
        challenges(&HttpResponse::new(401, "text/plain", "").with_header("WWW-Authenticate", header))
    }

    #[test]
    fn challenges_are_read_with_quotes_commas_and_several_schemes() {
        let read = read(
            r#"Basic realm="a, \"b\"", Bearer error="invalid_token", error_description="expired", DPoP algs=ES256"#,
        );
        let schemes: Vec<&str> = read.iter().map(|challenge| challenge.scheme.as_str()).collect();
        assert_eq!(schemes, ["Basic", "Bearer", "DPoP"]);
        assert_eq!(read[0].params, [("realm".to_owned(), "a, \"b\"".to_owned())]);
        assert_eq!(read[1].error().map(|error| error.error).as_deref(), Some("invalid_token"));
    }

    #[test]
    fn odd_headers_are_read_as_far_as_they_go() {
        for (header, schemes) in [
            ("", 0),
            (",", 0),
            ("Bearer", 1),
            ("=", 0),
            ("\"", 1),
            ("a=\"\\", 0),
            ("Bearer error=", 1),
            ("é=\"", 0),
            (" , ,x y z", 1),
        ] {
            assert_eq!(read(header).len(), schemes, "{header}: {:?}", read(header));
        }
    }
}
