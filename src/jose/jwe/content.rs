//! The content: encrypted and vouched for with one key (RFC 7518 section 5).

use aws_lc_rs::aead::{Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::cipher::{
    AES_CBC_IV_LEN, DecryptionContext, PaddedBlockDecryptingKey, PaddedBlockEncryptingKey, UnboundCipherKey,
};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::{aead, cipher, hmac, rand};
use zeroize::Zeroizing;

use super::super::jwk::KeyError;
use super::super::key::refused;
use super::NotDecrypted;
use super::algorithm::{Encryption, Mode};

/// Bytes of a GCM tag.
const GCM_TAG: usize = 16;

/// What is opened, and what the tag vouches for beside it.
pub(super) struct Sealed<'a> {
    /// The protected header as it was sent, which is the additional authenticated data (RFC 7516 section 5.1).
    pub header: &'a [u8],
    /// The initialization vector.
    pub iv: &'a [u8],
    /// The ciphertext.
    pub ciphertext: &'a [u8],
    /// The authentication tag.
    pub tag: &'a [u8],
}

/// What comes of encrypting.
pub(super) struct Made {
    /// The initialization vector.
    pub iv: Vec<u8>,
    /// The ciphertext.
    pub ciphertext: Vec<u8>,
    /// The authentication tag.
    pub tag: Vec<u8>,
}

impl Encryption {
    /// Decrypts what this key has sealed. Nothing is decrypted before the tag has proven it.
    pub(super) fn open(&self, key: &[u8], sealed: &Sealed<'_>) -> Result<Zeroizing<Vec<u8>>, NotDecrypted> {
        if key.len() != self.key {
            let (found, needs) = (key.len() * 8, self.key * 8);
            return Err(NotDecrypted::ContentKey { enc: self.name, needs, found });
        }
        match self.mode {
            Mode::Gcm(algorithm) => {
                self.lengths(sealed, NONCE_LEN, GCM_TAG)?;
                open_gcm(algorithm, key, sealed)
            }
            Mode::CbcHmac(cipher, mac) => {
                self.lengths(sealed, AES_CBC_IV_LEN, self.key / 2)?;
                open_cbc(cipher, mac, key, sealed)
            }
        }
    }

    fn lengths(&self, sealed: &Sealed<'_>, iv: usize, tag: usize) -> Result<(), NotDecrypted> {
        let wrong = |what: &str, found: usize, needed: usize| {
            NotDecrypted::Malformed(format!("its {what} has {found} bytes, {} needs {needed}", self.name))
        };
        match (sealed.iv.len(), sealed.tag.len()) {
            (found, _) if found != iv => Err(wrong("initialization vector", found, iv)),
            (_, found) if found != tag => Err(wrong("authentication tag", found, tag)),
            _ => Ok(()),
        }
    }

    /// Encrypts with a fresh initialization vector.
    pub(super) fn seal(&self, key: &[u8], header: &[u8], plaintext: &[u8]) -> Result<Made, KeyError> {
        match self.mode {
            Mode::Gcm(algorithm) => seal_gcm(algorithm, key, header, plaintext),
            Mode::CbcHmac(cipher, mac) => seal_cbc(cipher, mac, key, header, plaintext),
        }
        .map_err(|_| refused())
    }
}

fn open_gcm(
    algorithm: &'static aead::Algorithm,
    key: &[u8],
    sealed: &Sealed<'_>,
) -> Result<Zeroizing<Vec<u8>>, NotDecrypted> {
    let wrong = |_| NotDecrypted::Tag;
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key).map_err(wrong)?);
    let nonce = Nonce::try_assume_unique_for_key(sealed.iv).map_err(wrong)?;
    let mut text = Zeroizing::new([sealed.ciphertext, sealed.tag].concat());
    let length = key.open_in_place(nonce, Aad::from(sealed.header), &mut text).map_err(wrong)?.len();
    text.truncate(length);
    Ok(text)
}

fn open_cbc(
    cipher: &'static cipher::Algorithm,
    mac: hmac::Algorithm,
    key: &[u8],
    sealed: &Sealed<'_>,
) -> Result<Zeroizing<Vec<u8>>, NotDecrypted> {
    let (mac_key, enc_key) = key.split_at(key.len() / 2);
    let tag = cbc_tag(mac, mac_key, [sealed.header, sealed.iv, sealed.ciphertext]);
    verify_slices_are_equal(&tag, sealed.tag).map_err(|_| NotDecrypted::Tag)?;
    let padding = |_| NotDecrypted::Malformed("its content is not padded as CBC needs".to_owned());
    let key = UnboundCipherKey::new(cipher, enc_key).and_then(PaddedBlockDecryptingKey::cbc_pkcs7).map_err(padding)?;
    let iv = FixedLength::try_from(sealed.iv).map_err(padding)?;
    let mut text = Zeroizing::new(sealed.ciphertext.to_vec());
    let length = key.decrypt(&mut text, DecryptionContext::Iv128(iv)).map_err(padding)?.len();
    text.truncate(length);
    Ok(text)
}

/// The left half of an HMAC over header, vector, ciphertext and the length of the header (RFC 7518 section 5.2.2.1).
fn cbc_tag(mac: hmac::Algorithm, key: &[u8], over: [&[u8]; 3]) -> Vec<u8> {
    let mut context = hmac::Context::with_key(&hmac::Key::new(mac, key));
    over.iter().for_each(|part| context.update(part));
    context.update(&(over[0].len() as u64 * 8).to_be_bytes());
    let tag = context.sign();
    tag.as_ref()[..key.len()].to_vec()
}

fn seal_gcm(
    algorithm: &'static aead::Algorithm,
    key: &[u8],
    header: &[u8],
    plaintext: &[u8],
) -> Result<Made, aws_lc_rs::error::Unspecified> {
    let key = LessSafeKey::new(UnboundKey::new(algorithm, key)?);
    let mut iv = [0; NONCE_LEN];
    rand::fill(&mut iv)?;
    let mut ciphertext = plaintext.to_vec();
    let nonce = Nonce::assume_unique_for_key(iv);
    let tag = key.seal_in_place_separate_tag(nonce, Aad::from(header), &mut ciphertext)?;
    Ok(Made { iv: iv.to_vec(), ciphertext, tag: tag.as_ref().to_vec() })
}

fn seal_cbc(
    cipher: &'static cipher::Algorithm,
    mac: hmac::Algorithm,
    key: &[u8],
    header: &[u8],
    plaintext: &[u8],
) -> Result<Made, aws_lc_rs::error::Unspecified> {
    let (mac_key, enc_key) = key.split_at(key.len() / 2);
    let key = PaddedBlockEncryptingKey::cbc_pkcs7(UnboundCipherKey::new(cipher, enc_key)?)?;
    let mut ciphertext = plaintext.to_vec();
    let context = key.encrypt(&mut ciphertext)?;
    let iv = <&[u8]>::try_from(&context)?.to_vec();
    let tag = cbc_tag(mac, mac_key, [header, &iv, &ciphertext]);
    Ok(Made { iv, ciphertext, tag })
}
