//! Credentials by their shape, whatever they are called: tokens in compact serialization (RFC 7515 section 7.1, RFC 7516
//! section 7.1), and long values that nobody could guess.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::written::{is_hidden, is_of_name, is_promised};
use super::{MARK, Range, Redactor, SHORTEST, SURE, is_placeholder};
use crate::base::json::Json;
use crate::terms::credential::{is_credential, is_whole_credential, may_hold, promises};
use crate::terms::glossary;

/// Fewest characters of a signature: less is no proof of anything.
const SHORTEST_SIGNATURE: usize = 20;

/// Fewest characters of a value that nobody could guess.
const SHORTEST_OPAQUE: usize = 24;

/// Fewest hexadecimal digits of one.
const SHORTEST_HEX: usize = 32;

/// What `{"`, `{ ` and `{` before a line end are in base64url.
const BEGINNINGS: [&str; 5] = ["eyJ", "eyA", "ewo", "ew0", "ewk"];

/// What the tokens of a text are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tokens {
    /// Credentials as a whole.
    Credentials,
    /// The same, but one that is all of the text is an answer, whose signature alone is hidden.
    AnswersToo,
    /// What they are was judged by their names.
    Judged,
}

/// A token that stands in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub from: usize,
    pub to: usize,
    /// What it is called in its place.
    pub kind: &'static str,
}

/// Where signed and encrypted tokens stand in a text. Those without a signature prove nothing.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let (mut found, mut at) = (Vec::new(), 0);
    let bytes = text.as_bytes();
    while let Some(run) = bytes.get(at..).and_then(|rest| rest.iter().position(|byte| is_of_token(*byte))) {
        let from = at + run;
        // `%22eyJ..`: the digits of an escape belong to it.
        let is_escape = from > 0 && bytes[from - 1] == b'%';
        let is_code = bytes.get(from..from + 2).is_some_and(|code| code.iter().all(u8::is_ascii_hexdigit));
        let from = if is_escape && is_code { from + 2 } else { from };
        let to = from + bytes[from..].iter().take_while(|byte| is_of_token(**byte)).count();
        // A full stop ends a sentence.
        let written = text[from..to].trim_end_matches('.');
        found.extend(kind(written).map(|kind| Token { from, to: from + written.len(), kind }));
        at = to;
    }
    found
}

const fn is_of_token(byte: u8) -> bool {
    is_of_name(byte) || byte == b'.'
}

fn kind(written: &str) -> Option<&'static str> {
    if !BEGINNINGS.iter().any(|beginning| written.starts_with(beginning)) {
        return None;
    }
    let parts: Vec<&str> = written.splitn(6, '.').collect();
    let last = parts.last().filter(|last| !is_placeholder(last))?;
    if !matches!(parts.len(), 3 | 5) || last.len() < SHORTEST_SIGNATURE && parts.len() == 3 {
        return None;
    }
    let header = Json::parse(&URL_SAFE_NO_PAD.decode(parts[0]).ok()?).ok()?;
    header.get("alg")?;
    Some(match header.text("typ").unwrap_or_default().trim_start_matches("application/") {
        "at+jwt" => "access_token",
        "dpop+jwt" => "dpop",
        "logout+jwt" => "logout_token",
        _ => "token",
    })
}

/// Endings of names under which a long value is no credential: it names something, or is a hash of it.
const HARMLESS: [&str; 32] = [
    "id",
    "ids",
    "kid",
    "hash",
    "nonce",
    "state",
    "challenge",
    "thumbprint",
    "fingerprint",
    "digest",
    "etag",
    "uri",
    "url",
    "name",
    "version",
    "jkt",
    "cert",
    "certificate",
    "sub",
    "iss",
    "aud",
    "sha256",
    "sha",
    "sha1",
    "commit",
    "revision",
    "scopes",
    "traceparent",
    "integrity",
    "samlrequest",
    "inresponseto",
    "digestvalue",
];

/// Fewest characters of a part of a value that is random.
const SHORTEST_PART: usize = 16;

/// Whether a value under a name that no document has is long and random, as tokens are. Host names, paths and names of
/// classes are made of words: each part is looked at by itself.
pub(super) fn is_opaque(name: &str, value: &str) -> bool {
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/=.~:|".contains(&byte);
    if may_hold(name) && is_promised(value) || is_whole_credential(name, value) && !is_hidden(value) {
        return true;
    }
    if value.len() < SHORTEST_OPAQUE || value.contains("://") || !value.bytes().all(is_digit) {
        return false;
    }
    value.split(['.', '/', ':', '~', '+', '-', '|']).any(is_random) && !value.contains(MARK) && !is_harmless(name)
}

/// Whether a value in what has several credentials can be one of them. Moments and versions cannot.
pub(super) fn is_one_of_several(name: &str, value: &str) -> bool {
    let is_moment =
        value.get(..5).is_some_and(|year| year.ends_with('-') && year[..4].bytes().all(|b| b.is_ascii_digit()));
    let has_part = || value.split(['.', ':', '/']).any(is_promised);
    is_promised(value) && has_part() && !is_moment && !is_harmless(name)
}

/// Names of who signs in.
const USERS: [&str; 4] = ["credentials", "login", "user", "username"];

/// Beginnings of what names a user in two parts (RFC 7565, RFC 8141, RFC 6068, RFC 3966).
const SCHEMES: [&str; 7] = ["acct", "did", "mailto", "oid", "spiffe", "tel", "urn"];

/// Where the password begins in `me:x`, as some write who signs in.
pub(super) fn password_in(value: &str) -> Option<usize> {
    let (user, password) = value.split_once(':')?;
    let is_one = password.len() >= SHORTEST && !password.contains(|c: char| c.is_whitespace() || ":@/".contains(c));
    let is_user = !user.is_empty() && !SCHEMES.iter().any(|scheme| user.eq_ignore_ascii_case(scheme));
    (is_one && is_user && !is_placeholder(password)).then_some(user.len() + 1)
}

/// The same under the name of who signs in.
pub(super) fn password_under(name: &str, value: &str) -> Option<usize> {
    let is_user = USERS.iter().any(|known| name.eq_ignore_ascii_case(known));
    if is_user { password_in(value) } else { None }
}

/// Whether all of a text is a credential, by its length alone, and no word or message.
pub(super) fn is_bare(text: &str) -> bool {
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_+/=.~:|".contains(&byte);
    text.len() >= SURE && text.bytes().all(is_token) && text.bytes().any(|byte| byte.is_ascii_digit())
}

fn is_random(part: &str) -> bool {
    let has = |is: fn(&u8) -> bool| part.as_bytes().iter().any(is);
    let is_mixed = has(u8::is_ascii_digit) && has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    let is_hex =
        part.len() >= SHORTEST_HEX && part.bytes().all(|byte| byte.is_ascii_hexdigit()) && has(u8::is_ascii_digit);
    is_hex || is_mixed && part.len() >= SHORTEST_PART && !is_of_words(part)
}

/// Whether most of it are small letters one behind the other: `AuthorizationCodeOAuth2Filter`.
fn is_of_words(part: &str) -> bool {
    let runs = part.split(|c: char| !c.is_ascii_lowercase()).map(str::len);
    runs.filter(|length| *length > 2).sum::<usize>() * 2 > part.len()
}

/// Whether a value is a credential by its shape, whatever it is called, or has a token in it.
pub fn is_credential_by_shape(name: &str, value: &str) -> bool {
    is_opaque(name, value) || !tokens(value).is_empty()
}

pub(super) fn is_harmless(name: &str) -> bool {
    let plain = name.to_ascii_lowercase().replace(['#', '-', '_'], "");
    if plain == "sid" || SESSIONS.iter().any(|ending| plain.ends_with(ending)) {
        return false;
    }
    let is_known = [glossary::parameter(name), glossary::claim(name), glossary::metadata(name), glossary::header(name)];
    is_known.iter().any(Option::is_some)
        || plain.starts_with("x5")
        || plain.contains("public")
        || HARMLESS.iter().any(|ending| plain.ends_with(ending))
}

/// Names that end like those of things, and open a session.
const SESSIONS: [&str; 2] = ["sessionid", "sessid"];

/// Whether header or payload of a JWT has a member that is a credential by its name, at any depth.
pub(super) fn holds_credential(part: &str) -> bool {
    let json = URL_SAFE_NO_PAD.decode(part).ok().and_then(|bytes| Json::parse(&bytes).ok());
    json.is_some_and(|json| names_credential(&json))
}

/// Whether a document has a member that is a credential by its name, at any depth.
pub fn names_credential(json: &Json) -> bool {
    has_credential("", json)
}

fn has_credential(name: &str, json: &Json) -> bool {
    match json {
        Json::String(value) => (promises(name) || is_credential(name)) && is_promised(value),
        Json::Array(elements) => elements.iter().any(|element| has_credential(name, element)),
        Json::Object(members) => members.iter().any(|(name, value)| has_credential(name, value)),
        _ => false,
    }
}

impl Redactor {
    /// The tokens in a text, as what is hidden.
    pub(super) fn tokens(&self, text: &str, are: Tokens) -> Vec<Range> {
        if are == Tokens::Judged {
            return Vec::new();
        }
        let whole = if are == Tokens::AnswersToo { text.trim().len() } else { 0 };
        let is_all = |token: &Token| token.kind == "token" && whole == token.to - token.from;
        let range = |token: Token| {
            let written = &text[token.from..token.to];
            // An answer is one again when it is known by its value.
            let is_named = is_all(&token);
            let kept = if is_named { self.kept(written) } else { 0 };
            let id = self.met(token.kind, &[written], true);
            Range { from: token.from, to: token.to, id, is_named, kept }
        };
        tokens(text).into_iter().map(range).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(header: &str, signature: &str) -> String {
        format!("{}.{}.{signature}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(r#"{"sub":"alice"}"#))
    }

    #[test]
    fn tokens_are_known_by_their_header_and_signature() {
        let signature = "c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWduYXR1cmU";
        for (header, signature, kind) in [
            (r#"{"alg":"ES256"}"#, signature, Some("token")),
            (r#"{ "alg":"ES256","typ":"at+jwt"}"#, signature, Some("access_token")),
            (r#"{"alg":"ES256","typ":"application/at+jwt"}"#, signature, Some("access_token")),
            ("{\n\"alg\":\"ES256\",\"typ\":\"dpop+jwt\"}", signature, Some("dpop")),
            (r#"{"alg":"none"}"#, "", None),
            (r#"{"alg":"ES256"}"#, "REDACTED-id_token-1", None),
            (r#"{"name":"x"}"#, signature, None),
        ] {
            let token = token(header, signature);
            for text in
                [token.clone(), format!("see {token}."), format!("<a href=\"?x={token}&y\">"), format!("%22{token}%22")]
            {
                let found: Vec<_> = tokens(&text).iter().map(|it| (it.kind, text[it.from..it.to].to_owned())).collect();
                assert_eq!(found, kind.map(|kind| (kind, token.clone())).into_iter().collect::<Vec<_>>(), "{text}");
            }
        }
    }

    #[test]
    fn what_is_a_credential_by_its_shape_is_hidden_wherever_it_is_sent() {
        let token = token(r#"{"alg":"ES256"}"#, "c2lnbmF0dXJlLXNpZ25hdHVyZS1zaWduYXR1cmU");
        let opaque = "b3BhcXVlLWxvbmctdmFsdWUtMDEyMzQ1";
        let hide = Redactor::default();
        let shown = |body: &str| hide.lines(body);
        for body in [
            format!(r#"{{"jwt":"{token}","a":[{{"b":"{opaque}"}}],"pin":"4938"}}"#),
            format!("jwt={token}&x={opaque}&pin=4938"),
            format!("<p>Your token is {token}.</p>"),
            format!(r#"{{"bearer":"Bearer {opaque}","more":"{{\"x\":\"{opaque}\"}}","pin":"4938"}}"#),
            r#"{"authorization":"Basic YWxpY2U6b3BhcXVl","pin":"4938"}"#
                .replace("YWxpY2U6b3BhcXVl", "YWxpY2U6c2lnbmF0c2lnbmF0"),
        ] {
            let shown = shown(&body);
            assert!(!shown.contains(&token) && !shown.contains("4938") && !shown.contains("c2lnbmF0"), "{shown}");
            assert!(!body.contains("bearer") || shown.contains("Bearer REDACTED-"), "{shown}");
            assert!(body.starts_with('<') || body.starts_with("jwt") || !shown.contains(opaque), "{shown}");
        }
        let url = url::Url::parse(&format!("https://as.example/cb?x={opaque}&jwt={token}&state=s")).expect("a URL");
        assert!(hide.url(&url).as_str().starts_with("https://as.example/cb?x=REDACTED-secret-1&jwt=REDACTED-token-"));
        // All of an answer keeps what it says; metadata are for everybody.
        let answer = token.replace("c2ln", "YW5z");
        assert_eq!(shown(&shown(&answer)), shown(&answer));
        assert!(shown(&answer).starts_with("eyJ") && shown(&shown(&answer)).contains(".REDACTED-token-"));
        let again = Redactor::default();
        let document = again.json(&Json::String(again.lines(&answer)));
        assert_eq!(document.as_str(), Some(again.lines(&answer).as_str()));
        assert!(shown(&token).starts_with("eyJ") && shown(&token).contains("REDACTED-token-"), "{}", shown(&token));
        let metadata = format!(r#"{{"signed_metadata":"{}"}}"#, token.replace("c2ln", "bWV0"));
        assert_eq!(shown(&metadata), metadata);
    }

    #[test]
    fn long_values_of_names_that_nobody_knows_are_credentials() {
        let random = "b3BhcXVlLWxvbmctdmFsdWUtMDEyMzQ1";
        for (name, value, is) in [
            ("opaque", random, true),
            ("x", "0123456789abcdef0123456789abcdef", true),
            ("opaque", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", false),
            ("tenant_id", random, false),
            ("session_state", random, false),
            ("nonce", random, false),
            ("x5t#S256", random, false),
            ("opaque", "a plain sentence with 3 Numbers in it", false),
            ("opaque", "short-Val1", false),
            ("opaque", "https://as.example/Some/Path/0123456789", false),
            ("opaque", "tenant-7.eu-west-1.Login.example.com", false),
            ("opaque", "org.example.oauth2.client.AuthorizationCodeOAuth2Filter", false),
            ("opaque", "/srv/App2/releases/2026/Config.yaml", false),
            ("opaque", "arn:aws:iam::123456789012:role/SignIn2", false),
            ("git_commit", "0123456789abcdef0123456789abcdef01234567", false),
            ("scopes", random, false),
            ("session_id", random, true),
            ("JSESSIONID", "0123456789ABCDEF0123456789ABCDEF", true),
            ("sid", random, true),
            ("sid", "3f2504e0-4f89-11d3-9a0c-0305e82c3301", false),
            ("opaque", "12|b3BhcXVlLWxvbmctdmFsdWUtMDEy", true),
            ("xms_idp_token", "planted-idp-7", true),
            ("csrf_token", "not-verified", false),
            ("reset_password", "https://as.example/reset/1", false),
            ("sig", "abc1def2ghi3", true),
        ] {
            assert_eq!(is_opaque(name, value), is, "{name} {value}");
        }
    }
}
