//! How a client is registered for what is signed for it and encrypted to it (OIDC Registration section 2, JARM section 3).

use super::super::encryption::Kind;
use super::Client;
use crate::jose::jwe::{ALGS, ENCS, Recipient};
use crate::jose::jwk::Jwk;

/// `enc` where `alg` stands alone.
const USUAL_ENC: &str = "A128CBC-HS256";

/// What is encrypted to a client; `None` is not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Encryption {
    /// Its ID tokens.
    pub id_token: Option<Algorithms>,
    /// Its claims.
    pub userinfo: Option<Algorithms>,
    /// Authorization responses that are one JWT.
    pub authorization: Option<Algorithms>,
}

/// How something is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Algorithms {
    /// How the key comes to the client.
    pub alg: String,
    /// How the content is encrypted.
    pub enc: String,
}

impl Algorithms {
    /// What a file says of one kind, whose keys begin with this name.
    ///
    /// # Errors
    /// For algorithms that are not known here, and `enc` without `alg`.
    pub(super) fn read(kind: &str, alg: Option<String>, enc: Option<String>) -> Result<Option<Self>, String> {
        let listed = |member: &str, value: &str, known: &[&str]| match known.contains(&value) {
            true => Ok(()),
            false => Err(format!("{kind}_encrypted_response_{member} is {value}, not one of {}", known.join(", "))),
        };
        let Some(alg) = alg else {
            let needs = || format!("{kind}_encrypted_response_enc needs {kind}_encrypted_response_alg");
            return enc.map_or(Ok(None), |_| Err(needs()));
        };
        let enc = enc.unwrap_or_else(|| USUAL_ENC.to_owned());
        listed("alg", &alg, &ALGS)?;
        listed("enc", &enc, &ENCS)?;
        Ok(Some(Self { alg, enc }))
    }

    /// The type of key that this is encrypted to; none where both sides share a secret (RFC 7518 sections 4.4 and 4.5).
    fn kty(&self) -> Option<&'static str> {
        match self.alg.as_str() {
            "dir" => None,
            alg if alg.starts_with('A') => None,
            alg if alg.starts_with("RSA") => Some("RSA"),
            _ => Some("EC"),
        }
    }
}

impl Client {
    /// What something is signed with for it.
    pub fn signing_algs(&self) -> impl Iterator<Item = &str> {
        let algs = [&self.id_token_signed_response_alg, &self.userinfo_signed_response_alg];
        algs.into_iter().flatten().map(String::as_str)
    }

    /// `alg` and `enc` of what is encrypted to it, and its key for that, which is missing where it could not be fetched;
    /// `None` where the client is not registered for that.
    pub fn encryption_of(&self, kind: Kind) -> Option<((&str, &str), Option<Recipient<'_>>)> {
        let Encryption { id_token, userinfo, authorization } = &self.encryption;
        let algorithms = match kind {
            Kind::IdToken => id_token,
            Kind::UserInfo => userinfo,
            Kind::Authorization => authorization,
        };
        let algorithms = algorithms.as_ref()?;
        Some(((&algorithms.alg, &algorithms.enc), self.recipient(algorithms)))
    }

    /// Its key for such an `alg`: its secret where both sides share one, else one of its `jwks` that is not for signatures
    /// alone (RFC 7517 section 4.2).
    fn recipient(&self, algorithms: &Algorithms) -> Option<Recipient<'_>> {
        let Some(kty) = algorithms.kty() else { return self.client_secret.as_ref().map(Recipient::Secret) };
        let is_fit = |key: &&Jwk| key.kty == kty && key.key_use.as_deref() != Some("sig");
        self.jwks.iter().find(is_fit).map(Recipient::Key)
    }
}

/// A client has a key for everything that is encrypted to it.
///
/// # Errors
/// What it lacks.
pub(super) fn check(client: &Client) -> Result<(), String> {
    let Encryption { id_token, userinfo, authorization } = &client.encryption;
    // What is elsewhere is not known yet.
    let is_elsewhere = |it: &Algorithms| it.kty().is_some() && client.jwks_uri.is_some();
    let lacks = |it: &&Algorithms| client.recipient(it).is_none() && !is_elsewhere(it);
    let Some(lacking) = [id_token, userinfo, authorization].into_iter().flatten().find(lacks) else { return Ok(()) };
    Err(match lacking.kty() {
        None => format!("{} needs a client_secret", lacking.alg),
        Some(kty) => format!("{} needs jwks with an {kty} key to encrypt to", lacking.alg),
    })
}
