//! Keys from bytes that were drawn: the same bytes make the same key, so that a run can be repeated.

use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, PrivateKey};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};

use super::base64url;
use super::jwk::KeyError;
use super::jwk::pem;
use super::key::SigningKey;
use crate::base::entropy::Entropy;

/// So many tries make a key of a curve: hardly any bytes are no private number of it.
const TRIES: usize = 8;

/// A key for this algorithm, without a name; `None` where there is none. Only the library itself makes RSA keys and those
/// of other curves, of its own bytes.
pub fn key(alg: &str, entropy: &mut Entropy) -> Option<SigningKey> {
    match alg {
        "ES256" => (0..TRIES).find_map(|_| es256(&entropy.bytes()).ok()),
        "ES384" => (0..TRIES).find_map(|_| es384(&entropy.bytes()).ok()),
        "EdDSA" | "Ed25519" => ed25519(&entropy.bytes(), alg).ok(),
        _ => SigningKey::nameless(alg).ok(),
    }
}

/// The ES256 key with this private number (RFC 7518 section 6.2.2).
///
/// # Errors
/// When it is no private number of the curve, which of random ones hardly any is.
pub fn es256(d: &[u8; 32]) -> Result<SigningKey, KeyError> {
    of_curve(&ECDH_P256, "P-256", d, "ES256")
}

/// The same for ES384.
fn es384(d: &[u8; 48]) -> Result<SigningKey, KeyError> {
    of_curve(&ECDH_P384, "P-384", d, "ES384")
}

fn of_curve(
    curve: &'static agreement::Algorithm,
    crv: &str,
    d: &[u8],
    alg: &'static str,
) -> Result<SigningKey, KeyError> {
    let unfit = || KeyError::Invalid(format!("not a private number of {crv}"));
    let private = PrivateKey::from_private_key(curve, d).map_err(|_| unfit())?;
    let public = private.compute_public_key().map_err(|_| unfit())?;
    // An uncompressed point: 4, x, y (SEC 1 section 2.3.3).
    let (x, y) = public.as_ref().get(1..).ok_or_else(unfit)?.split_at(d.len());
    let [x, y, d] = [x, y, d].map(base64url::encode);
    let jwk = pem::object(&[("kty", "EC"), ("crv", crv), ("x", &x), ("y", &y), ("d", &d)]);
    SigningKey::from_jwk(&jwk, Some(alg))
}

/// The Ed25519 key of this seed (RFC 8037 section 2).
fn ed25519(seed: &[u8; 32], alg: &str) -> Result<SigningKey, KeyError> {
    let unfit = |_| KeyError::Invalid("not a seed of Ed25519".to_owned());
    let pair = Ed25519KeyPair::from_seed_unchecked(seed).map_err(unfit)?;
    let [x, d] = [pair.public_key().as_ref(), seed].map(base64url::encode);
    SigningKey::from_jwk(&pem::object(&[("kty", "OKP"), ("crv", "Ed25519"), ("x", &x), ("d", &d)]), Some(alg))
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::*;
    use crate::base::json::Json;
    use crate::jose::jwk::Jwk;
    use crate::jose::jwt::decode;
    use crate::jose::verify::verify;

    #[test]
    fn the_same_bytes_make_the_same_key_and_it_signs() {
        let (one, two, other) = (es256(&[7; 32]), es256(&[7; 32]), es256(&[8; 32]));
        let [one, two, other] = [one, two, other].map(|key| key.expect("a key"));
        assert_eq!(one.public_jwk(), two.public_jwk());
        assert_ne!(one.public_jwk(), other.public_jwk());
        let token = decode(&one.sign(&Map::new(), &json!({})).expect("a token"));
        let verifies = |key: &SigningKey| {
            let key = Jwk::from_json(&Json::from(&key.public_jwk())).expect("a key");
            verify(&token, &[key]).verified_by.is_some()
        };
        assert!(verifies(&one) && !verifies(&other));
    }

    #[test]
    fn a_key_is_drawn_for_each_algorithm_and_signs_with_it() {
        let drawn = |alg, seed| key(alg, &mut Entropy::from_seed([seed; 32]));
        for (alg, is_repeated) in
            [("ES256", true), ("ES384", true), ("EdDSA", true), ("Ed25519", true), ("ES512", false), ("PS256", false)]
        {
            let one = drawn(alg, 1).expect(alg);
            assert_eq!((one.alg(), one.kid()), (alg, None));
            let token = decode(&one.sign(&Map::new(), &json!({})).expect("a token"));
            let public = Jwk::from_json(&Json::from(&one.public_jwk())).expect("a key");
            assert!(verify(&token, &[public]).verified_by.is_some(), "{alg}");
            let again = drawn(alg, 1).expect(alg);
            assert_eq!(one.public_jwk() == again.public_jwk(), is_repeated, "{alg}");
        }
        assert!(drawn("none", 1).is_none() && drawn("A128KW", 1).is_none());
    }

    #[test]
    fn what_is_no_number_of_the_curve_is_refused() {
        assert!(es256(&[0; 32]).is_err() && es256(&[255; 32]).is_err());
    }
}
