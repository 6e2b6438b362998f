//! A key that both sides come to by ephemeral Diffie-Hellman (RFC 7518 section 4.6).

use aws_lc_rs::agreement::{self, Algorithm, ECDH_P256, ECDH_P384, ECDH_P521, PrivateKey, UnparsedPublicKey};
use aws_lc_rs::kdf::{SskdfDigestAlgorithmId, get_sskdf_digest_algorithm, sskdf_digest};
use zeroize::Zeroizing;

use super::super::base64url;
use super::super::jwk::material::{Curve, Material};
use super::super::jwk::{Jwk, KeyError, pem};
use super::super::key::refused;
use super::NotDecrypted;
use crate::base::json::Json;
use crate::base::text::visible;

/// Longest party information that is read, in bytes; it is a name.
const PARTY_LIMIT: usize = 1024;

/// What the derived key is for, which goes into its derivation (RFC 7518 section 4.6.2).
pub(super) struct Purpose<'a> {
    /// `enc` where the derived key is the content key, else `alg`.
    pub algorithm: &'a str,
    /// Its length in bytes.
    pub length: usize,
    /// `apu`, decoded.
    pub producer: Vec<u8>,
    /// `apv`, decoded.
    pub recipient: Vec<u8>,
}

impl<'a> Purpose<'a> {
    /// With the party information of a header.
    pub(super) fn of(header: &Json, algorithm: &'a str, length: usize) -> Result<Self, NotDecrypted> {
        Ok(Self { algorithm, length, producer: party(header, "apu")?, recipient: party(header, "apv")? })
    }

    /// `OtherInfo`: each part with its length before it, and the length of the key in bits.
    fn info(&self) -> Vec<u8> {
        let counted = |part: &[u8]| [&big_endian(part.len()), part].concat();
        let parts = [self.algorithm.as_bytes(), &self.producer, &self.recipient].map(counted);
        [parts.concat(), big_endian(self.length * 8).to_vec()].concat()
    }

    /// The Concat KDF with SHA-256 over what both sides came to.
    pub(super) fn derive(&self, agreed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let mut key = Zeroizing::new(vec![0; self.length]);
        let digest = get_sskdf_digest_algorithm(SskdfDigestAlgorithmId::Sha256)?;
        sskdf_digest(digest, agreed, &self.info(), &mut key).ok()?;
        Some(key)
    }
}

/// The curves that keys are agreed on here.
pub(super) fn on(curve: &Curve) -> Option<&'static Algorithm> {
    match curve.name {
        "P-256" => Some(&ECDH_P256),
        "P-384" => Some(&ECDH_P384),
        "P-521" => Some(&ECDH_P521),
        _ => None,
    }
}

/// The key that this private key and the `epk` of the header come to.
pub(super) fn agree(
    own: &PrivateKey,
    curve: &str,
    header: &Json,
    purpose: &Purpose<'_>,
) -> Result<Zeroizing<Vec<u8>>, NotDecrypted> {
    let malformed = |why: String| NotDecrypted::Malformed(format!("its epk {why}"));
    let epk = header.get("epk").ok_or_else(|| malformed("is missing".to_owned()))?;
    let epk = Jwk::from_json(epk).map_err(|error| malformed(format!("is no key: {}", visible(&error.to_string()))))?;
    let point = match epk.material() {
        Ok(Material::Ec { curve: its, point }) if its.name == curve => point,
        _ => return Err(malformed(format!("is {}, and this key is on {curve}", visible(&epk.describe())))),
    };
    let refused = || malformed("cannot be agreed with".to_owned());
    let peer = UnparsedPublicKey::new(own.algorithm(), point);
    agreement::agree(own, peer, refused(), |agreed| purpose.derive(agreed).ok_or_else(refused))
}

/// A fresh key pair's half of the agreement: the key, and the `epk` for the header.
pub(super) fn offer(to: &Jwk, purpose: &Purpose<'_>) -> Result<(Zeroizing<Vec<u8>>, Json), KeyError> {
    let unsupported = || KeyError::Unsupported(format!("agreeing with {}", to.describe()));
    let Material::Ec { curve, point } = to.material()? else { return Err(unsupported()) };
    let algorithm = on(curve).ok_or_else(unsupported)?;
    let own = PrivateKey::generate(algorithm).map_err(|_| refused())?;
    let public = own.compute_public_key().map_err(|_| refused())?;
    let peer = UnparsedPublicKey::new(algorithm, point);
    let key = agreement::agree(&own, peer, refused(), |agreed| purpose.derive(agreed).ok_or_else(refused))?;
    let xy = public.as_ref().get(1..).ok_or_else(refused)?;
    Ok((key, pem::ec_jwk(curve.name, xy, None)))
}

fn party(header: &Json, member: &'static str) -> Result<Vec<u8>, NotDecrypted> {
    let malformed = |why: &str| NotDecrypted::Malformed(format!("its {member} is {why}"));
    match header.get(member) {
        None => Ok(Vec::new()),
        Some(Json::String(text)) if text.len() > PARTY_LIMIT => Err(malformed("too long")),
        Some(Json::String(text)) => base64url::decode(text).map_err(|_| malformed("not base64url")),
        Some(_) => Err(malformed("no text")),
    }
}

fn big_endian(length: usize) -> [u8; 4] {
    u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::jwe::key::{DecryptionKey, PrivateMaterial};

    /// RFC 7518 appendix C: Bob derives the key that Alice made.
    #[test]
    fn the_key_of_alice_and_bob_is_the_printed_one() {
        let header = r#"{"alg":"ECDH-ES","enc":"A128GCM","apu":"QWxpY2U","apv":"Qm9i","epk":{"kty":"EC","crv":"P-256","x":"gI0GAILBdu7T53akrFmMyGcsF3n5dO7MmwNBHKW5SV0","y":"SLW_xSffzlPWrHEVI30DHM_4egVwt3NQqeUD7nMFpps"}}"#;
        let bob = r#"{"kty":"EC","crv":"P-256","x":"weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ","y":"e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck","d":"VEmDZpDXXK8p8N0Cndsxs924q6nS1RXFASRl6BfUqdw"}"#;
        let [header, bob] = [header, bob].map(|text| Json::parse_text(text).expect("JSON"));
        let bob = DecryptionKey::from_jwk(&bob).expect("a key");
        let PrivateMaterial::Ec(key, curve) = &bob.material else { panic!("an EC key") };
        let purpose = Purpose::of(&header, "A128GCM", 16).expect("party information");
        let derived = agree(key, curve, &header, &purpose).expect("a key");
        assert_eq!(base64url::encode(&derived), "VqqN6vgjbSBcIijNcacQGg");
    }
}
