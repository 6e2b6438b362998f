//! Responses that are encrypted to the client: ID tokens, claims, authorization responses (OIDC Core sections 3.1.3.7
//! and 10.2, JARM section 2.2).
//!
//! The encryption is taken off here and judged; what is inside is judged as if it had come without. Without a key
//! nothing is said of what is inside, which is no fault of the server.

use crate::base::check::{Check, Rule, Verdict};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::client::rules::encryption as rule;
use crate::client::rules::{id_token, jarm, resource};
use crate::client::settings::Settings;
use crate::jose::jwe::{DecryptionKey, NotDecrypted, Opened, decrypt};
use crate::jose::jwk::KeyError;
use crate::jose::jwt::{Decoded, Form};

/// `enc` where `alg` is registered alone (OIDC Registration section 2, JARM section 3).
const USUAL_ENC: &str = "A128CBC-HS256";

/// How a kind of response is encrypted by the client's registration; empty is not known.
#[derive(Clone, Copy, Debug)]
pub struct Registered<'a> {
    rule: &'static Rule,
    member: &'static str,
    alg: &'a str,
    enc: &'a str,
}

impl Registered<'_> {
    /// Of ID tokens.
    pub fn id_token(settings: &Settings) -> Registered<'_> {
        let client = &settings.client;
        Registered {
            rule: &id_token::ENCRYPTED,
            member: "id_token_encrypted_response_alg",
            alg: &client.id_token_encrypted_response_alg,
            enc: &client.id_token_encrypted_response_enc,
        }
    }

    /// Of UserInfo.
    pub fn userinfo(settings: &Settings) -> Registered<'_> {
        let client = &settings.client;
        Registered {
            rule: &resource::USERINFO_ENCRYPTED,
            member: "userinfo_encrypted_response_alg",
            alg: &client.userinfo_encrypted_response_alg,
            enc: &client.userinfo_encrypted_response_enc,
        }
    }

    /// Of authorization responses.
    pub fn authorization(settings: &Settings) -> Registered<'_> {
        let protection = &settings.protection;
        Registered {
            rule: &jarm::ENCRYPTED,
            member: "authorization_encrypted_response_alg",
            alg: &protection.authorization_encrypted_response_alg,
            enc: &protection.authorization_encrypted_response_enc,
        }
    }
}

impl<'a> Registered<'a> {
    fn enc(&self) -> &'a str {
        if self.enc.is_empty() { USUAL_ENC } else { self.enc }
    }

    /// `alg` and `enc` of this header are those that the client chose.
    fn agreed(&self, header: Option<&Json>) -> Check {
        let came = named(header);
        match self.alg {
            "" => rule::ALG.skipped(format!("{} is not filled in; it is {came}", self.member)),
            alg => rule::ALG.equal(&format!("{alg} with {}", self.enc()), &came),
        }
    }
}

/// A response with its encryption taken off, and what that was held to.
#[derive(Clone, Debug)]
pub struct Unwrapped {
    /// What counts: the token inside, or the token itself where there is none inside or it stayed closed.
    pub token: Decoded,
    /// Whether it came encrypted.
    pub is_encrypted: bool,
    /// Claims that were encrypted without being signed.
    pub unsigned: Option<Json>,
    /// Why it stayed closed, where it did.
    pub closed: Option<String>,
    /// The rules of the encryption.
    pub checks: Vec<Check>,
}

/// Takes the encryption off a token, with the keys of the settings.
pub fn take_off(token: Decoded, registered: Registered<'_>, settings: &Settings) -> Unwrapped {
    if token.form != Form::Jwe {
        let is_wanted = !registered.alg.is_empty();
        let missing =
            is_wanted.then(|| registered.rule.broken(format!("encrypted with {}", registered.alg), "not encrypted"));
        let checks = missing.into_iter().collect();
        return Unwrapped { token, is_encrypted: false, unsigned: None, closed: None, checks };
    }
    let header = token.header.as_ref();
    let mut checks = vec![registered.rule.pass(format!("encrypted with {}", named(header))), registered.agreed(header)];
    checks.extend(token.findings.iter().filter(|check| check.verdict <= Verdict::Warn).cloned());
    let it = |token, unsigned, closed, checks| Unwrapped { token, is_encrypted: true, unsigned, closed, checks };
    match opened(&token, settings) {
        Ok(opened) => {
            checks.push(rule::KEY.pass(opened.key.clone()));
            checks.extend(replicated(header, opened.claims().as_ref().or(opened.token().claims.as_ref())));
            match opened.claims() {
                Some(claims) => it(token, Some(claims), None, checks),
                None => it(opened.token(), None, None, checks),
            }
        }
        Err(why) => {
            checks.push(why.check());
            it(token, None, Some(why.to_string()), checks)
        }
    }
}

/// Claims that may stand in the header too, for those who cannot open the token (RFC 7519 section 5.3).
const REPLICATED: [&str; 3] = ["iss", "sub", "aud"];

/// Holds claims in the header against those inside; nothing where there are none.
fn replicated(header: Option<&Json>, claims: Option<&Json>) -> Option<Check> {
    let in_header = |name: &'static str| Some((name, header?.get(name)?));
    let both: Vec<(&str, &Json)> = REPLICATED.into_iter().filter_map(in_header).collect();
    let inside = |name: &str| claims.and_then(|claims| claims.get(name));
    let told = |json: Option<&Json>| json.map_or("absent".to_owned(), |json| visible(&json.to_string()).into_owned());
    let other = both.iter().find(|(name, value)| inside(name) != Some(value));
    Some(match other {
        _ if both.is_empty() => return None,
        Some((name, value)) => rule::REPLICATED.broken(format!("{name} {}", told(inside(name))), told(Some(value))),
        None => rule::REPLICATED.pass(both.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")),
    })
}

/// The token that counts, without what its encryption is held to: the one inside, where a key of the settings opens it.
pub fn inside(token: Decoded, settings: &Settings) -> Decoded {
    match token.form {
        Form::Jwe => opened(&token, settings).map_or(token, |opened| opened.token()),
        _ => token,
    }
}

/// `RSA-OAEP with A128GCM`
fn named(header: Option<&Json>) -> String {
    let member = |name| header.and_then(|header| header.text(name)).unwrap_or("?");
    visible(&format!("{} with {}", member("alg"), member("enc"))).into_owned()
}

/// Why a response stays closed.
#[derive(Debug, thiserror::Error)]
enum Closed {
    #[error(
        "there is no key to decrypt it with; choose the alg that it is registered with, and fill in decryption_key"
    )]
    NoKey,
    #[error("decryption_key cannot be used: {0}")]
    Key(KeyError),
    #[error("{0}; fill in the key it is encrypted to as decryption_key")]
    OtherKey(NotDecrypted),
    #[error(transparent)]
    Token(#[from] NotDecrypted),
}

impl Closed {
    /// Whether that says nothing of what the server did: a key is missing here, or something is not handled here.
    const fn is_of_this_client(&self) -> bool {
        matches!(self, Self::NoKey | Self::Key(_) | Self::OtherKey(_) | Self::Token(NotDecrypted::Unsupported(_)))
    }

    fn check(&self) -> Check {
        match self.is_of_this_client() {
            true => rule::KEY.skipped(self.to_string()),
            false => rule::KEY.broken("a key of this client opens it", self.to_string()),
        }
    }
}

fn opened(token: &Decoded, settings: &Settings) -> Result<Opened, Closed> {
    let mut keys = given(settings)?;
    keys.extend(secret(settings).filter(|_| is_symmetric(token)));
    if keys.is_empty() {
        // What is not handled here is no matter of the key.
        return Err(match decrypt(token, &[]) {
            Err(why @ NotDecrypted::Unsupported(_)) => why.into(),
            _ => Closed::NoKey,
        });
    }
    let is_said = is_symmetric(token) || !settings.client.decryption_key.is_empty();
    decrypt(token, &keys).map_err(|why| match why {
        // The key that signs may be no key to encrypt to, so that it does not fit says nothing.
        why @ (NotDecrypted::Tried(_) | NotDecrypted::UnknownKid { .. }) if !is_said => Closed::OtherKey(why),
        why => why.into(),
    })
}

/// Everything that this client may decrypt with; none of a key that cannot be used.
pub fn keys(settings: &Settings) -> Vec<DecryptionKey> {
    given(settings).unwrap_or_default().into_iter().chain(secret(settings)).collect()
}

/// The key of this client. Where there is no other it is the one that signs, if anything can be decrypted with that.
fn given(settings: &Settings) -> Result<Vec<DecryptionKey>, Closed> {
    let client = &settings.client;
    match (client.decryption_key.expose(), client.private_key.expose()) {
        ("", "") => Ok(Vec::new()),
        ("", signing) => Ok(DecryptionKey::read(signing).unwrap_or_default()),
        (key, _) => DecryptionKey::read(key).map_err(Closed::Key),
    }
}

/// The key that both sides derive from the client secret.
fn secret(settings: &Settings) -> Option<DecryptionKey> {
    let secret = &settings.client.client_secret;
    (!secret.is_empty()).then(|| DecryptionKey::from_client_secret(secret))
}

/// Whether both sides share the key (RFC 7518 sections 4.4 and 4.5).
fn is_symmetric(token: &Decoded) -> bool {
    token.alg().is_some_and(|alg| alg == "dir" || alg.starts_with('A'))
}
