//! Keys from bytes that were drawn: the same bytes make the same key, so that a run can be repeated.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};

use super::base64url;
use super::jwk::KeyError;
use super::jwk::pem;
use super::key::SigningKey;

/// The ES256 key with this private number (RFC 7518 section 6.2.2).
///
/// # Errors
/// When it is no private number of the curve, which of random ones hardly any is.
pub fn es256(d: &[u8; 32]) -> Result<SigningKey, KeyError> {
    let unfit = || KeyError::Invalid("not a private number of P-256".to_owned());
    let private = PrivateKey::from_private_key(&ECDH_P256, d).map_err(|_| unfit())?;
    let public = private.compute_public_key().map_err(|_| unfit())?;
    // An uncompressed point: 4, x, y (SEC 1 section 2.3.3).
    let (x, y) = public.as_ref().get(1..).ok_or_else(unfit)?.split_at(32);
    let [x, y, d] = [x, y, d].map(base64url::encode);
    let jwk = pem::object(&[("kty", "EC"), ("crv", "P-256"), ("x", &x), ("y", &y), ("d", &d)]);
    SigningKey::from_jwk(&jwk, Some("ES256"))
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
    fn what_is_no_number_of_the_curve_is_refused() {
        assert!(es256(&[0; 32]).is_err() && es256(&[255; 32]).is_err());
    }
}
