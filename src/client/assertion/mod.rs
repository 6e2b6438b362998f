//! JWTs that the client makes: to prove who it is (RFC 7523 section 2.2) and to speak about a user (section 2.1).

mod lint;

use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::jose::base64url;
use crate::jose::jwk::KeyError;
use crate::jose::jwt::{Form, decode};
use crate::jose::key::{SigningKey, is_private};
use crate::terms::client_auth::ClientAuthMethod;

use super::authentication::Caller;
use super::claim_edits::ClaimEdits;
use super::settings::Settings;

pub use lint::{Audiences, Made, lint};

/// From `iat` to `exp`, where the settings do not say. Long enough for a request that its user reads before it leaves.
pub const LIFETIME: Duration = Duration::from_secs(300);

/// Why an assertion cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// There is nothing to sign with.
    #[error("{0} needs a private_key, as JWK or PEM")]
    NoKey(&'static str),
    /// What there is does not sign what is asked.
    #[error("{0}")]
    BadKey(KeyError),
    /// A shared secret is no private key.
    #[error("it is a shared secret (kty oct), and {0} signs with a private key; client_secret_jwt is for a secret")]
    IsShared(&'static str),
    /// The secret does not.
    #[error("{0}")]
    BadSecret(KeyError),
    /// Neither issuer nor token endpoint is known.
    #[error("there is neither an issuer nor a token endpoint to make the assertion for")]
    NoAudience,
    /// `assertion_claims` is no JSON object.
    #[error("assertion_claims is not a JSON object: {0}")]
    BadClaims(String),
    /// `client_assertion_lifetime` is no number of seconds.
    #[error("client_assertion_lifetime has to be a whole number of seconds, not {0}")]
    BadLifetime(String),
    /// What is filled in as this would give the key away.
    #[error("{0} is a private key, which is never sent; put it into private_key, which signs a JWT here")]
    IsKey(&'static str),
}

/// The assertion of `private_key_jwt` and `client_secret_jwt` (OIDC Core section 9), unless somebody else has signed one.
///
/// # Errors
/// When there is nothing fit to sign with, or nobody to address.
pub fn of_client(caller: &Caller<'_>, method: ClientAuthMethod, edits: &ClaimEdits) -> Result<Secret, AssertionError> {
    if let (ClientAuthMethod::PrivateKeyJwt, Some(finished)) = (method, caller.finished) {
        return Ok(not_a_key("client_assertion", finished)?.expose().trim().into());
    }
    let key = client_key(caller.settings, method)?;
    let claims = Value::Object(edits.on(client_claims(caller)?));
    let signed = key.sign(&typ(), &claims).map_err(AssertionError::BadKey)?;
    Ok(Secret::new(signed))
}

/// What the client signs its own assertion with.
fn client_key(settings: &Settings, method: ClientAuthMethod) -> Result<SigningKey, AssertionError> {
    let client = &settings.client;
    if method == ClientAuthMethod::ClientSecretJwt {
        let asked = Some(client.token_endpoint_auth_signing_alg.as_str()).filter(|alg| alg.starts_with("HS"));
        let alg = asked.unwrap_or("HS256");
        return SigningKey::from_secret(&client.client_secret, alg).map_err(AssertionError::BadSecret);
    }
    let key = private_key(settings, method.name())?;
    match key.alg().starts_with("HS") {
        true => Err(AssertionError::IsShared(method.name())),
        false => Ok(key),
    }
}

/// How the client's own assertion will be signed, in words; `None` where it cannot be.
pub fn how_client_signs(settings: &Settings, method: ClientAuthMethod) -> Option<String> {
    client_key(settings, method).ok().map(|key| how(&key))
}

/// How an assertion about a user will be signed, in words; `None` where it cannot be.
pub fn how_user_is_signed(settings: &Settings) -> Option<String> {
    private_key(settings, "the JWT bearer grant").ok().map(|key| how(&key))
}

/// The same for any key that signs here.
pub(super) fn how(key: &SigningKey) -> String {
    match key.kid() {
        Some(kid) => format!("made and signed when it leaves, with {} and the key {kid}", key.alg()),
        None => format!("made and signed when it leaves, with {}", key.alg()),
    }
}

/// What the client says about itself (RFC 7523 section 3, OIDC Core section 9).
///
/// # Errors
/// When there is nobody to address, or no lifetime that can be read.
pub fn client_claims(caller: &Caller<'_>) -> Result<Map<String, Value>, AssertionError> {
    let client_id = &caller.settings.client.client_id;
    let mut claims = Map::new();
    for (name, value) in [("iss", json!(client_id)), ("sub", json!(client_id)), ("aud", json!(audience(caller)?))] {
        claims.insert(name.to_owned(), value);
    }
    claims.extend(usual_claims(caller)?);
    Ok(claims)
}

/// The name and the times of every assertion.
fn usual_claims(caller: &Caller<'_>) -> Result<Map<String, Value>, AssertionError> {
    let lifetime = lifetime_of(caller.settings)?;
    let mut claims = Map::new();
    claims.insert("jti".to_owned(), json!(caller.jti));
    claims.insert("iat".to_owned(), json!(caller.now.seconds()));
    claims.insert("exp".to_owned(), json!((caller.now + lifetime).seconds()));
    Ok(claims)
}

fn lifetime_of(settings: &Settings) -> Result<Duration, AssertionError> {
    match settings.client.client_assertion_lifetime.trim() {
        "" => Ok(LIFETIME),
        text => match text.parse::<u32>() {
            Ok(seconds) => Ok(Duration::from_secs(seconds.into())),
            Err(_) => Err(AssertionError::BadLifetime(visible(text).into_owned())),
        },
    }
}

/// The assertion of the JWT bearer grant: the client speaks about `assertion_subject`, in the words of
/// `assertion_claims` where there are some.
///
/// # Errors
/// When there is no key, nobody to address, or `assertion_claims` is no JSON object.
pub fn of_user(caller: &Caller<'_>, edits: &ClaimEdits) -> Result<Secret, AssertionError> {
    let key = private_key(caller.settings, "the JWT bearer grant")?;
    let claims = Value::Object(edits.on(user_claims(caller)?));
    let signed = key.sign(&typ(), &claims).map_err(AssertionError::BadKey)?;
    Ok(Secret::new(signed))
}

/// What the client says about the user (RFC 7523 section 3).
///
/// # Errors
/// When there is nobody to address, no lifetime that can be read, or `assertion_claims` is no JSON object.
pub fn user_claims(caller: &Caller<'_>) -> Result<Map<String, Value>, AssertionError> {
    let request = &caller.settings.request;
    let mut claims = Map::new();
    claims.insert("iss".to_owned(), json!(caller.settings.client.client_id));
    if !request.assertion_subject.is_empty() {
        claims.insert("sub".to_owned(), json!(request.assertion_subject));
    }
    claims.insert("aud".to_owned(), json!(audience(caller)?));
    claims.extend(usual_claims(caller)?);
    for (name, value) in typed_claims(&request.assertion_claims)? {
        match value {
            Value::Null => drop(claims.shift_remove(&name)),
            value => drop(claims.insert(name, value)),
        }
    }
    Ok(claims)
}

/// The assertion that is filled in; `None` when one has to be made or fetched.
///
/// # Errors
/// When it is a private key, taken for what it signs.
pub fn filled_in(settings: &Settings) -> Result<Option<&Secret>, AssertionError> {
    match &settings.request.assertion {
        text if text.is_empty() => Ok(None),
        text => not_a_key("assertion", text).map(Some),
    }
}

fn not_a_key<'a>(name: &'static str, text: &'a Secret) -> Result<&'a Secret, AssertionError> {
    if is_private(text.expose()) { Err(AssertionError::IsKey(name)) } else { Ok(text) }
}

/// The private key of the settings, with the algorithm they ask for.
fn private_key(settings: &Settings, for_what: &'static str) -> Result<SigningKey, AssertionError> {
    let alg = Some(settings.client.token_endpoint_auth_signing_alg.as_str()).filter(|alg| !alg.is_empty());
    key_for(settings, alg, for_what)
}

/// The private key of the settings for this algorithm, or for the one that is usual for it.
///
/// # Errors
/// When there is none, or one of another kind.
pub(super) fn key_for(
    settings: &Settings,
    alg: Option<&str>,
    for_what: &'static str,
) -> Result<SigningKey, AssertionError> {
    let client = &settings.client;
    if client.private_key.is_empty() {
        return Err(AssertionError::NoKey(for_what));
    }
    let kid = Some(client.kid.as_str()).filter(|kid| !kid.is_empty());
    SigningKey::read(client.private_key.expose(), alg, kid).map_err(AssertionError::BadKey)
}

/// The algorithm of a key that is yet to be made, of those that a server lists; `None` where it lists none of the usual.
pub fn new_key_alg(listed: Option<&[&str]>) -> Option<&'static str> {
    let usual = ["ES256", "PS256", "RS256", "EdDSA"];
    usual.into_iter().find(|alg| listed.is_none_or(|listed| listed.contains(alg)))
}

/// The issuer by default: an assertion for the token endpoint of one server can be replayed at another one that
/// gives out its URL (RFC 7523bis section 4, FAPI 2.0 section 5.3.3.1).
fn audience<'a>(caller: &'a Caller<'_>) -> Result<&'a str, AssertionError> {
    match caller.settings.client.client_assertion_audience.as_str() {
        "" => caller.issuer.or(caller.token_endpoint),
        "token_endpoint" => caller.token_endpoint,
        // What is no client assertion is for the token endpoint.
        "endpoint" => caller.called.or(caller.token_endpoint),
        typed => Some(typed),
    }
    .ok_or(AssertionError::NoAudience)
}

fn typed_claims(text: &str) -> Result<Map<String, Value>, AssertionError> {
    if text.trim().is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text).map_err(|error| AssertionError::BadClaims(error.to_string()))? {
        Value::Object(claims) => Ok(claims),
        Value::Array(_) => Err(AssertionError::BadClaims("it is a list".to_owned())),
        other => Err(AssertionError::BadClaims(format!("it is the value {other}"))),
    }
}

fn typ() -> Map<String, Value> {
    Map::from_iter([("typ".to_owned(), json!("JWT"))])
}

/// The JWT in an answer of who vouches for a workload: the text itself (SPIFFE, Google's metadata server), or a member of
/// JSON (`value` in GitHub Actions, `status.token` in Kubernetes).
pub fn jwt_in(answer: &str) -> Option<String> {
    let json = Json::parse_text(answer).ok();
    let within = json.as_ref().and_then(|json| {
        let inner = json.get("status").and_then(|status| status.text("token"));
        ["value", "token", "access_token"].into_iter().find_map(|name| json.text(name)).or(inner)
    });
    let text = within.unwrap_or(answer).trim();
    (decode(text).form == Form::Jws).then(|| text.to_owned())
}

/// The SAML assertion as it travels: XML is encoded, everything else is left as it is (RFC 7522 section 2.1).
pub fn of_saml(text: &Secret) -> Secret {
    let text = text.expose().trim();
    if text.starts_with('<') { Secret::new(base64url::encode(text.as_bytes())) } else { Secret::new(text) }
}

/// What a SAML assertion says, read from its encoding; `None` for what is no XML.
pub fn saml_xml(encoded: &str) -> Option<String> {
    let plain: String = encoded.chars().filter(|c| !c.is_whitespace() && *c != '=').collect();
    let bytes = base64url::decode(&plain.replace('+', "-").replace('/', "_")).ok()?;
    String::from_utf8(bytes).ok().filter(|xml| xml.trim_start().starts_with('<'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Timestamp;
    use crate::client::authentication::AuthenticationError;
    use crate::jose::claims::numeric_date;
    use crate::jose::jwt::{Decoded, decode};

    const NOW: Timestamp = Timestamp::from_seconds(1_795_429_800);

    fn settings(alg: &str) -> Settings {
        let mut settings = Settings::default();
        "web".clone_into(&mut settings.client.client_id);
        settings.client.private_key = SigningKey::generate(alg, "k1").expect("a key").private_jwk();
        settings
    }

    fn caller(settings: &Settings) -> Caller<'_> {
        Caller {
            settings,
            issuer: Some("https://as.example"),
            token_endpoint: Some("https://as.example/token"),
            called: None,
            now: NOW,
            jti: "j1".to_owned(),
            finished: None,
        }
    }

    fn made(settings: &Settings, method: ClientAuthMethod) -> Decoded {
        decode(of_client(&caller(settings), method, &ClaimEdits::default()).expect("an assertion").expose())
    }

    #[test]
    fn a_client_assertion_says_who_for_whom_and_until_when() {
        for alg in ["ES256", "RS256", "PS256", "EdDSA"] {
            let token = made(&settings(alg), ClientAuthMethod::PrivateKeyJwt);
            assert_eq!((token.alg(), token.kid()), (Some(alg), Some("k1")));
            let payload = token.claims.as_ref().map(ToString::to_string).unwrap_or_default();
            let expected =
                r#"{"iss":"web","sub":"web","aud":"https://as.example","jti":"j1","iat":1795429800,"exp":1795430100}"#;
            assert_eq!(payload, expected, "{alg}");
        }
    }

    #[test]
    fn the_audience_is_the_issuer_unless_something_else_is_wanted() {
        let mut settings = settings("ES256");
        for (wanted, expected) in
            [("", "https://as.example"), ("token_endpoint", "https://as.example/token"), ("urn:x", "urn:x")]
        {
            wanted.clone_into(&mut settings.client.client_assertion_audience);
            let token = made(&settings, ClientAuthMethod::PrivateKeyJwt);
            assert_eq!(token.claim("aud").and_then(|aud| aud.as_str()), Some(expected));
        }
    }

    #[test]
    fn an_assertion_lasts_as_long_as_is_filled_in() {
        let mut settings = settings("ES256");
        for (seconds, lasts) in [("", 300), ("60", 60), ("0", 0), ("4294967295", 4_294_967_295)] {
            seconds.clone_into(&mut settings.client.client_assertion_lifetime);
            let token = made(&settings, ClientAuthMethod::PrivateKeyJwt);
            let exp = token.claim("exp").and_then(|exp| numeric_date(exp).ok());
            assert_eq!(exp.map(Timestamp::seconds), Some(NOW.seconds() + lasts), "{seconds}");
        }
        for text in ["soon", "-60", "1.5", "4294967296"] {
            text.clone_into(&mut settings.client.client_assertion_lifetime);
            let edits = ClaimEdits::default();
            let error = AssertionError::BadLifetime(text.to_owned());
            assert_eq!(of_client(&caller(&settings), ClientAuthMethod::PrivateKeyJwt, &edits).as_ref(), Err(&error));
            assert_eq!(of_user(&caller(&settings), &edits).as_ref(), Err(&error));
            assert_eq!(AuthenticationError::from(error).field(), "client_assertion_lifetime");
        }
    }

    #[test]
    fn a_secret_signs_with_a_mac() {
        let mut settings = settings("ES256");
        settings.client.client_secret = "a secret of thirty-two characters".into();
        for (asked, alg) in [("", "HS256"), ("HS512", "HS512"), ("RS256", "HS256")] {
            asked.clone_into(&mut settings.client.token_endpoint_auth_signing_alg);
            assert_eq!(made(&settings, ClientAuthMethod::ClientSecretJwt).alg(), Some(alg));
        }
    }

    #[test]
    fn claims_that_are_typed_win_and_null_takes_one_away() {
        let mut settings = settings("ES256");
        "alice".clone_into(&mut settings.request.assertion_subject);
        r#"{"exp": 1, "jti": null, "scope": "a"}"#.clone_into(&mut settings.request.assertion_claims);
        let token = decode(of_user(&caller(&settings), &ClaimEdits::default()).expect("an assertion").expose());
        let payload = token.claims.as_ref().map(ToString::to_string).unwrap_or_default();
        assert_eq!(
            payload,
            r#"{"iss":"web","sub":"alice","aud":"https://as.example","iat":1795429800,"exp":1,"scope":"a"}"#
        );
        "[]".clone_into(&mut settings.request.assertion_claims);
        assert!(matches!(of_user(&caller(&settings), &ClaimEdits::default()), Err(AssertionError::BadClaims(_))));
    }

    #[test]
    fn a_private_key_is_never_taken_for_an_assertion() {
        let mut settings = settings("ES256");
        let key = settings.client.private_key.expose().to_owned();
        let pem = include_str!("../../../tests/vectors/certificate/sec1.pem");
        for (text, expected) in [
            (key.as_str(), Err(AssertionError::IsKey("assertion"))),
            (&format!("{{\"keys\": [{key}]}}"), Err(AssertionError::IsKey("assertion"))),
            (&format!("\u{feff} {key}\n"), Err(AssertionError::IsKey("assertion"))),
            (&format!("[{key}]"), Err(AssertionError::IsKey("assertion"))),
            (&format!("{{\"jwks\": {{\"keys\": [{key}]}}}}"), Err(AssertionError::IsKey("assertion"))),
            (pem, Err(AssertionError::IsKey("assertion"))),
            ("eyJhbGciOiJub25lIn0.e30.", Ok(true)),
            ("<Assertion/>", Ok(true)),
            (r#"{"kty": "EC", "x": "public"}"#, Ok(true)),
            ("", Ok(false)),
        ] {
            settings.request.assertion = text.into();
            assert_eq!(filled_in(&settings).map(|it| it.is_some()), expected, "{text}");
        }
    }

    #[test]
    fn a_key_that_is_missing_or_of_another_type_is_named() {
        let mut settings = settings("ES256");
        "RS256".clone_into(&mut settings.client.token_endpoint_auth_signing_alg);
        let error = of_client(&caller(&settings), ClientAuthMethod::PrivateKeyJwt, &ClaimEdits::default())
            .expect_err("another type");
        assert_eq!(error.to_string(), "RS256 needs an RSA key, this is EC P-256");
        settings.client.private_key = Secret::default();
        let error =
            of_client(&caller(&settings), ClientAuthMethod::PrivateKeyJwt, &ClaimEdits::default()).expect_err("no key");
        assert_eq!(error.to_string(), "private_key_jwt needs a private_key, as JWK or PEM");
        settings.client.client_secret = "a secret of thirty-two characters".into();
        let nobody = Caller { issuer: None, token_endpoint: None, ..caller(&settings) };
        assert_eq!(
            of_client(&nobody, ClientAuthMethod::ClientSecretJwt, &ClaimEdits::default()),
            Err(AssertionError::NoAudience)
        );
    }

    #[test]
    fn saml_is_encoded_once_and_read_back_however_it_was_encoded() {
        let xml = "<Assertion>ä?>~</Assertion>";
        let encoded = of_saml(&xml.into());
        assert_eq!(of_saml(&encoded), encoded);
        assert_eq!(saml_xml(encoded.expose()).as_deref(), Some(xml));
        let usual = encoded.expose().replace('-', "+").replace('_', "/");
        assert_eq!(saml_xml(&format!("{}\n{}==", &usual[..8], &usual[8..])).as_deref(), Some(xml));
        assert_eq!(saml_xml("no XML"), None);
    }
}
