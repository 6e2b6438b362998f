//! What holds a credential, by its name: parameters, members and header fields. The one list of the program.
//!
//! The names are those of RFC 6749 and its kin, OpenID Connect and CIBA; servers spell them in every way there is
//! (`access_token`, `accessToken`, `Access-Token`), so they compare without separators and case.

use crate::base::json::Json;

/// Good for one use.
const SINGLE_USE: [&str; 16] = [
    "assertion",
    "auth_code",
    "auth_req_id",
    "authorization_code",
    "client_assertion",
    "code",
    "code_verifier",
    "device_code",
    "dpop",
    "logout_token",
    "otp",
    "pre_authorized_code",
    "request_uri",
    "saml_response",
    "tx_code",
    "user_code",
];

/// Good until it expires or is withdrawn.
const REUSABLE: [&str; 27] = [
    "access_token",
    "actor_token",
    "api_key",
    "auth_token",
    "bearer_token",
    "client_notification_token",
    "client_secret",
    "device_secret",
    "id_token",
    "id_token_hint",
    "initial_access_token",
    "login_hint_token",
    "new_password",
    "passcode",
    "passphrase",
    "password",
    "pin",
    "private_key",
    "refresh_token",
    "registration_access_token",
    "request",
    "response",
    "secret",
    "session_token",
    "software_statement",
    "subject_token",
    "token",
];

/// What others call these, also in other languages.
const ALIASES: [(&str, &str); 40] = [
    ("access_token_value", "access_token"),
    ("appsecret_proof", "secret"),
    ("backup_code", "passcode"),
    ("backup_codes", "passcode"),
    ("contrasena", "password"),
    ("contraseña", "password"),
    ("geheimnis", "secret"),
    ("jeton", "token"),
    ("kennwort", "password"),
    ("lösenord", "password"),
    ("mfa_code", "otp"),
    ("mot_de_passe", "password"),
    // Good for the next request, and what proves that one side knows the password (RFC 7616 section 3.5).
    ("nextnonce", "token"),
    ("one_time_code", "otp"),
    ("one_time_password", "otp"),
    ("otp_code", "otp"),
    ("passwd", "password"),
    ("password_hash", "password"),
    ("passwort", "password"),
    ("pin_code", "pin"),
    ("private_key_pem", "private_key"),
    ("pwd", "password"),
    ("recovery_code", "passcode"),
    ("recovery_codes", "passcode"),
    ("rspauth", "response"),
    ("saml_assertion", "assertion"),
    ("secret_key", "secret"),
    ("secret_text", "secret"),
    ("security_code", "otp"),
    ("senha", "password"),
    ("sms_code", "otp"),
    ("token_value", "token"),
    ("totp", "otp"),
    ("totp_seed", "secret"),
    ("verification_code", "otp"),
    ("wachtwoord", "password"),
    ("пароль", "password"),
    ("密码", "password"),
    ("密碼", "password"),
    ("パスワード", "password"),
];

/// What a person reads on one device and types on another (RFC 8628 section 3.3), and what CIBA asks a user for
/// (section 7.1): to be hidden in a form and in every export, readable in the answer that brings it.
pub const USER_CODE: &str = "user_code";

/// Members of a private or symmetric JWK (RFC 7518 section 6).
const KEY_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Members that stand beside the code of an error.
const BESIDE_ERROR_CODE: [&str; 4] = ["error", "errors", "error_description", "error_code"];

/// What people are told beside a code, as in problem details (RFC 9457 section 3.1).
const BESIDE_PROBLEM: [&str; 3] = ["message", "detail", "title"];

/// Parts of the names of header fields that are credentials.
const SECRET_FIELDS: [&str; 11] = [
    "token",
    "secret",
    "api-key",
    "apikey",
    "password",
    "dpop",
    "assertion",
    "session",
    "subscription-key",
    "functions-key",
    "access-key",
];

/// Endings of names that promise a credential, whoever made them up: `xms_idp_token`, `db-password`, `JSESSIONID`.
const ENDINGS: [&str; 25] = [
    "accesskey",
    "accountkey",
    "apikey",
    "authcode",
    "authorizationcode",
    "bearer",
    "encryptionkey",
    "grantcode",
    "hmackey",
    "jwt",
    "kennwort",
    "masterkey",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "privatekey",
    "secret",
    "secretkey",
    "sessid",
    "sessionid",
    "sharedkey",
    "signingkey",
    "ticket",
    "token",
];

/// Parameters of URLs that are good for whoever has them: AWS Signature Version 4 and 2, Google Cloud Storage, shared
/// access signatures of Azure, artifacts of SAML 2.0 (Bindings, section 3.6.3).
const OF_SIGNED_URLS: [&str; 7] = [
    "AWSAccessKeyId",
    "SAMLart",
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Goog-Credential",
    "X-Goog-Signature",
    "sig",
];

/// Whole names of members and parameters that may hold a credential. In a path or a sentence they are words.
const WHOLE: [&str; 7] = ["authorization", "cookie", "credential", "credentials", "pass", "set_cookie", "x_auth"];

/// Names of what holds several, each under a name that somebody chose: `{"tokens":{"web":..}}`.
const CONTAINERS: [&str; 3] = ["credentials", "secrets", "tokens"];

/// Of the names that may hold a credential those under which hardly anything else stands, be it short or a word:
/// `{"pass":"hunter"}`, `db_password=x`.
const TELLING: [&str; 10] =
    ["cookie", "kennwort", "pass", "passphrase", "passwd", "password", "passwort", "secret", "set_cookie", "x_auth"];

/// What says something of a credential in its place.
const SAID_OF_ONE: [&str; 14] = [
    "disabled", "enabled", "false", "invalid", "n/a", "no", "none", "null", "off", "on", "optional", "required",
    "true", "yes",
];

/// Name of what only promises to be a credential.
pub const PROMISED: &str = "credential";

/// Every name, as the specifications spell it.
pub fn names() -> impl Iterator<Item = &'static str> {
    SINGLE_USE.into_iter().chain(REUSABLE)
}

/// The name as the specifications spell it, when it is that of a credential.
pub fn canonical(name: &str) -> Option<&'static str> {
    // Most names of a text are none, which their first letter tells.
    let name = unnumbered(name);
    let first = plain(name).next()?;
    let is_it = |known: &str| known.as_bytes().first() == Some(&first) && is_same(known, name);
    names()
        .find(|known| is_it(known))
        .or_else(|| ALIASES.iter().find(|(alias, _)| is_it(alias)).map(|(_, known)| *known))
}

/// One of several: `password2`, `code[]`, `token[0]`.
fn unnumbered(name: &str) -> &str {
    name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '[' | ']'))
}

/// Whether a parameter or member of this name holds a credential.
pub fn is_credential(name: &str) -> bool {
    canonical(name).is_some()
}

/// Whether a name promises a credential that no document names. Its value has the last word.
pub fn promises(name: &str) -> bool {
    let name = unnumbered(name);
    ends_as_one(name)
        || one_of_several(name).is_some_and(ends_as_one)
        || OF_SIGNED_URLS.iter().any(|known| is_same(known, name))
}

/// Whether a member or parameter of this name may hold a credential. Its value has the last word.
pub fn may_hold(name: &str) -> bool {
    promises(name) || WHOLE.iter().any(|known| is_same(known, name))
}

/// Whether this is one as all of the value of such a name, where a message has one value in that place. In a sentence it
/// may be the next word.
pub fn is_whole_credential(name: &str, value: &str) -> bool {
    let is_said = || SAID_OF_ONE.iter().any(|known| known.eq_ignore_ascii_case(value));
    let is_address =
        || value.contains("://") || value.starts_with('/') && !value.contains(|c: char| c.is_ascii_digit());
    let is_one = !value.is_empty() && !value.contains(char::is_whitespace);
    is_telling(name) && is_one && !is_said() && !is_address()
}

fn is_telling(name: &str) -> bool {
    let name = unnumbered(name);
    let name = one_of_several(name).unwrap_or(name);
    may_hold(name) && TELLING.iter().any(|known| is_same(known, name) || !WHOLE.contains(known) && is_end(known, name))
}

/// Whether an object or array of this name has credentials in it. Their values have the last word.
pub fn holds_several(name: &str) -> bool {
    CONTAINERS.iter().any(|known| is_same(known, name))
}

fn ends_as_one(name: &str) -> bool {
    ENDINGS.iter().any(|ending| is_end(ending, name))
}

fn is_end(ending: &str, name: &str) -> bool {
    let mut letters = plain(name).rev();
    ending.bytes().rev().all(|letter| letters.next() == Some(letter))
}

/// What stands behind the name of a secret that has several: `CLIENT_SECRET_PROD`, `access_token_value`.
const SEVERAL: [&str; 20] = [
    "base64",
    "current",
    "default",
    "dev",
    "encrypted",
    "live",
    "local",
    "new",
    "old",
    "plain",
    "previous",
    "primary",
    "prod",
    "production",
    "raw",
    "secondary",
    "staging",
    "string",
    "test",
    "value",
];

fn one_of_several(name: &str) -> Option<&str> {
    let (before, last) = name.rsplit_once(['_', '-', '.'])?;
    SEVERAL.iter().any(|known| known.eq_ignore_ascii_case(last)).then_some(before)
}

/// As [`canonical`], and [`PROMISED`] where the name only promises a credential.
pub fn canonical_or_promised(name: &str) -> Option<&'static str> {
    canonical(name).or_else(|| promises(name).then_some(PROMISED))
}

/// Whether what has this name is good for one use: codes, verifiers, request URIs, assertions.
pub fn is_single_use(name: &str) -> bool {
    SINGLE_USE.iter().any(|known| is_same(known, name))
}

/// Whether an object of this name, as the specifications spell it, belongs to the credential as a whole. Others may
/// describe what has the name: the claims that are asked for an `id_token`, or a request that is echoed.
pub fn is_closed(name: &str) -> bool {
    name != "id_token" && (name.ends_with("token") || name.ends_with("secret") || name == "private_key")
}

/// Whether a member of a key in JSON is its private part.
pub fn is_key_member(name: &str) -> bool {
    KEY_MEMBERS.contains(&name)
}

/// The same letters and digits in the same order.
fn is_same(known: &str, name: &str) -> bool {
    plain(known).eq(plain(name))
}

pub(super) fn plain(name: &str) -> impl DoubleEndedIterator<Item = u8> {
    name.bytes().filter(|byte| !is_separator(*byte)).map(|byte| byte.to_ascii_lowercase())
}

const fn is_separator(byte: u8) -> bool {
    matches!(byte, b'_' | b'-')
}

/// What a header field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderKind {
    /// A scheme, then credentials (RFC 9110 section 11.4).
    Credentials,
    /// Cookies a client sends (RFC 6265 section 4.2).
    Cookies,
    /// A cookie with attributes (RFC 6265 section 4.1).
    SetCookie,
    /// A credential as a whole.
    Secret,
    /// Nothing secret by its name.
    Other,
}

impl HeaderKind {
    /// By the name of the field. Fields have hyphens where parameters have underscores: `token_type` is none.
    pub fn of(name: &str) -> Self {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            name if name.ends_with("authorization") => Self::Credentials,
            "cookie" | "cookie2" => Self::Cookies,
            name if name.ends_with("set-cookie") || name == "set-cookie2" => Self::SetCookie,
            "dpop-nonce" => Self::Other,
            name if !name.contains('_') && is_secret_field(name) => Self::Secret,
            _ => Self::Other,
        }
    }
}

fn is_secret_field(name: &str) -> bool {
    name.ends_with("-auth") || SECRET_FIELDS.iter().any(|part| name.contains(part))
}

/// Where an error tells its code, which is no authorization code: an object with this name and these members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorPlace {
    is_error: bool,
    has_message: bool,
}

impl ErrorPlace {
    /// Judges an object by its own name and by the names of its members.
    pub fn of(name: &str, object: &Json) -> Self {
        let has = |known: &[&str]| object.members().iter().any(|(name, _)| known.iter().any(|it| is_same(it, name)));
        let is_named = BESIDE_ERROR_CODE.iter().any(|known| is_same(known, name));
        Self { is_error: is_named || has(&BESIDE_ERROR_CODE), has_message: has(&BESIDE_PROBLEM) }
    }

    /// Whether a member that is named as an authorization code is the code of the error.
    pub fn is_code(self, name: &str, value: &Json) -> bool {
        if !is_same("code", name) {
            return false;
        }
        match value {
            Json::Number(_) => true,
            Json::String(text) => self.is_error || self.has_message && is_error_code(text),
            // What is wrong with a field of this name, in words.
            Json::Array(all) => self.is_error && all.iter().all(|it| it.as_str().is_some_and(|it| it.contains(' '))),
            _ => false,
        }
    }
}

/// `invalid_grant`, `AADSTS70008`, `AUTH_42`: letters, then digits. No random value is like that.
fn is_error_code(text: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.' | b' ');
    text.bytes().skip_while(|byte| is_letter(*byte)).all(|byte| byte.is_ascii_digit())
}

/// Whether a parameter beside an `error` is the code of that error.
pub fn is_code_of_error(name: &str, value: &str) -> bool {
    is_same("code", name) && is_error_code(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `access_token` as others spell it.
    fn spellings(name: &str) -> Vec<String> {
        let upper = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
        let pascal: String = name.split('_').map(upper).collect();
        let camel = pascal[..1].to_ascii_lowercase() + &pascal[1..];
        let plain = name.replace('_', "");
        vec![name.to_owned(), name.replace('_', "-"), name.to_ascii_uppercase(), pascal, camel, plain]
    }

    #[test]
    fn a_name_is_known_in_every_spelling() {
        for name in names() {
            for spelling in spellings(name) {
                assert_eq!(canonical(&spelling), Some(name), "{spelling}");
            }
        }
        assert_eq!(canonical("SAMLResponse"), Some("saml_response"));
        assert_eq!(canonical("pre-authorized_code"), Some("pre_authorized_code"));
    }

    #[test]
    fn what_sounds_like_a_credential_and_is_none_is_left_out() {
        for name in [
            "state",
            "nonce",
            "scope",
            "client_id",
            "token_type",
            "subject_token_type",
            "client_assertion_type",
            "code_challenge",
            "error_code",
            "response_type",
            "request_uri_parameter_supported",
            "",
            "_",
        ] {
            assert_eq!(canonical(name), None, "{name}");
            assert_eq!(HeaderKind::of(name), HeaderKind::Other, "{name}");
        }
    }

    #[test]
    fn names_that_nobody_knows_promise_a_credential_by_their_endings() {
        for name in ["xms_idp_token", "data-csrf-token", "dbPassword", "JSESSIONID", "X-Amz-Signature", "sig", "token"]
        {
            assert!(promises(name), "{name}");
        }
        for name in ["token_type", "token_endpoint", "access_tokens", "design", "signature", "scope", "sid", ""] {
            assert!(!promises(name), "{name}");
        }
    }

    #[test]
    fn whole_names_may_hold_a_credential_and_plurals_several() {
        for name in ["credential", "Authorization", "Set-Cookie", "x-auth", "pass", "db_password"] {
            assert!(may_hold(name), "{name}");
        }
        for name in
            ["auth", "access", "session", "sid", "signature", "credentials_supported", "bypass", "tokens_revoked"]
        {
            assert!(!may_hold(name) && !holds_several(name) && !is_credential(name), "{name}");
        }
        assert!(["tokens", "Secrets", "credentials"].into_iter().all(holds_several));
    }

    #[test]
    fn what_works_once_is_told_from_what_works_again() {
        for name in ["code", "codeVerifier", "device-code", "request_uri", "client_assertion", "auth_req_id"] {
            assert!(is_single_use(name), "{name}");
        }
        for name in ["access_token", "refreshToken", "client_secret", "state"] {
            assert!(!is_single_use(name), "{name}");
        }
    }

    #[test]
    fn header_fields_are_credentials_by_their_names() {
        for (name, kind) in [
            ("Authorization", HeaderKind::Credentials),
            ("proxy-authorization", HeaderKind::Credentials),
            ("Cookie", HeaderKind::Cookies),
            ("SET-COOKIE", HeaderKind::SetCookie),
            ("X-Api-Key", HeaderKind::Secret),
            ("X-Auth-Token", HeaderKind::Secret),
            ("DPoP", HeaderKind::Secret),
            ("X-Set-Cookie", HeaderKind::SetCookie),
            ("Ocp-Apim-Subscription-Key", HeaderKind::Secret),
            ("x-functions-key", HeaderKind::Secret),
            ("X-Auth", HeaderKind::Secret),
            ("Authentication-Info", HeaderKind::Other),
            ("WWW-Authenticate", HeaderKind::Other),
            ("DPoP-Nonce", HeaderKind::Other),
            ("Location", HeaderKind::Other),
        ] {
            assert_eq!(HeaderKind::of(name), kind, "{name}");
        }
    }

    #[test]
    fn the_code_of_an_error_is_no_authorization_code() {
        for (name, object, is_shown) in [
            ("", r#"{"error":"x","code":"AADSTS70008"}"#, true),
            ("error", r#"{"code":"invalid_grant"}"#, true),
            ("errors", r#"{"code":"E123"}"#, true),
            ("", r#"{"code":404}"#, true),
            ("", r#"{"code":"invalid_grant","message":"no"}"#, true),
            ("", r#"{"code":"SplxlOBeZQQYbYS6WxSbIA1","message":"ok"}"#, false),
            ("", r#"{"code":"SplxlOBeZQQYbYS6WxSbIA"}"#, false),
            ("", r#"{"code":"AUTH_42","title":"t"}"#, true),
            ("", r#"{"error":"x","token":"t"}"#, false),
        ] {
            let json = Json::parse_text(object).expect("JSON");
            let place = ErrorPlace::of(name, &json);
            assert_eq!(json.members().iter().any(|(name, value)| place.is_code(name, value)), is_shown, "{object}");
        }
    }
}
