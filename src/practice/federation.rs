//! Workloads that may speak for a client: the server trusts who vouches for them, about one subject (RFC 7521 section 3,
//! RFC 7523 section 3). Clouds call such a trust a federated identity credential.

use serde::{Deserialize, Serialize};

use super::Practice;
use super::assertion;
use super::config::Client;
use super::fault::Fault;
use crate::base::json::Json;
use crate::base::time::Timestamp;
use crate::jose::jwk::Jwk;
use crate::jose::jwt::Decoded;
use crate::jose::verify;

/// A trust in the tokens of an issuer about one subject, by the names that Microsoft Entra has for it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct FederatedCredential {
    /// `iss` of the token, character by character.
    pub issuer: String,
    /// `sub`, in the same way.
    pub subject: String,
    /// One of these is in `aud`.
    pub audiences: Vec<String>,
}

/// Whether a token of somebody else proves that this client calls. It may come again while it lasts: workloads do not get
/// another one for each request.
///
/// # Errors
/// What of the trust does not hold, in words.
pub fn vouched_for(practice: &Practice, client: &Client, token: &Decoded, now: Timestamp) -> Result<(), String> {
    let client_id = &client.client_id;
    let (iss, sub) = (assertion::text(token, "iss")?, assertion::text(token, "sub")?);
    let trusted = client.federated_identity_credentials.iter().filter(|trust| trust.issuer == iss);
    let trusted: Vec<&FederatedCredential> = trusted.collect();
    if trusted.is_empty() {
        let known: Vec<&str> = client.federated_identity_credentials.iter().map(|it| it.issuer.as_str()).collect();
        return Err(format!("its iss is {iss}, and {client_id} trusts {}", known.join(" and ")));
    }
    signature(practice, client, token)?;
    assertion::check_times(token, now)?;
    let audience = token.claim("aud").map(Json::strings).unwrap_or_default();
    let is_for = |trust: &&FederatedCredential| audience.iter().any(|aud| trust.audiences.iter().any(|it| it == aud));
    if !trusted.iter().any(is_for) {
        let wanted: Vec<&str> = trusted.iter().flat_map(|trust| &trust.audiences).map(String::as_str).collect();
        return Err(format!("its aud is {}, and {client_id} wants {}", audience.join(" "), wanted.join(" or ")));
    }
    let is_about = |trust: &FederatedCredential| trust.subject == sub || practice.is_faulty(Fault::AnySubject);
    match trusted.into_iter().filter(is_for).any(is_about) {
        true => Ok(()),
        false => {
            let known: Vec<&str> = client.federated_identity_credentials.iter().map(|it| it.subject.as_str()).collect();
            Err(format!("its sub is {sub}, and {client_id} trusts {}", known.join(" and ")))
        }
    }
}

/// With a key that is registered for the client, else as this server signs, which stands for the issuers of workloads too.
fn signature(practice: &Practice, client: &Client, token: &Decoded) -> Result<(), String> {
    if !client.jwks.is_empty() {
        return assertion::verify(token, client);
    }
    let keys: Vec<Jwk> = practice.keys.public().collect();
    match verify::verify(token, &keys).verified_by {
        Some(_) => Ok(()),
        None => Err("no key of who vouches for workloads here verifies its signature".to_owned()),
    }
}
