//! Which algorithms a token is decrypted with here, and why the others are not (RFC 7518 sections 4.1 and 5.1).

use aws_lc_rs::aead::{AES_128_GCM, AES_192_GCM, AES_256_GCM};
use aws_lc_rs::{aead, cipher, hmac, rsa};

use super::NotDecrypted;
use crate::base::text::{elided_between_words, visible};

/// How the content key comes to the recipient.
#[derive(Clone, Copy)]
pub(super) enum Management {
    /// Encrypted to an RSA key (RFC 7518 section 4.3).
    Rsa(&'static rsa::OaepAlgorithm),
    /// Wrapped with a shared key of so many bytes (section 4.4).
    Wrap(usize),
    /// The shared key is the content key (section 4.5).
    Direct,
    /// Agreed with an EC key (section 4.6): it is the content key, or wraps it with so many bytes.
    Agree(Option<usize>),
}

/// How the content is encrypted.
pub(super) struct Encryption {
    /// As it stands in `enc`.
    pub name: &'static str,
    /// Length of the content key in bytes.
    pub key: usize,
    /// The mode.
    pub mode: Mode,
}

/// What encrypts and what vouches for it.
pub(super) enum Mode {
    /// RFC 7518 section 5.3.
    Gcm(&'static aead::Algorithm),
    /// AES in CBC mode and an HMAC, half of the key each (section 5.2).
    CbcHmac(&'static cipher::Algorithm, hmac::Algorithm),
}

/// `alg` of what is decrypted and encrypted here.
pub const ALGS: [&str; 9] = [
    "RSA-OAEP",
    "RSA-OAEP-256",
    "ECDH-ES",
    "ECDH-ES+A128KW",
    "ECDH-ES+A192KW",
    "ECDH-ES+A256KW",
    "A128KW",
    "A256KW",
    "dir",
];

/// `enc` of what is decrypted and encrypted here.
pub const ENCS: [&str; 6] = ["A128GCM", "A192GCM", "A256GCM", "A128CBC-HS256", "A192CBC-HS384", "A256CBC-HS512"];

static ENCRYPTIONS: [Encryption; 6] = [
    Encryption { name: ENCS[0], key: 16, mode: Mode::Gcm(&AES_128_GCM) },
    Encryption { name: ENCS[1], key: 24, mode: Mode::Gcm(&AES_192_GCM) },
    Encryption { name: ENCS[2], key: 32, mode: Mode::Gcm(&AES_256_GCM) },
    Encryption { name: ENCS[3], key: 32, mode: Mode::CbcHmac(&cipher::AES_128, hmac::HMAC_SHA256) },
    Encryption { name: ENCS[4], key: 48, mode: Mode::CbcHmac(&cipher::AES_192, hmac::HMAC_SHA384) },
    Encryption { name: ENCS[5], key: 64, mode: Mode::CbcHmac(&cipher::AES_256, hmac::HMAC_SHA512) },
];

/// What `alg` means.
pub(super) fn management(alg: &str) -> Result<Management, NotDecrypted> {
    Ok(match alg {
        "RSA-OAEP" => Management::Rsa(&rsa::OAEP_SHA1_MGF1SHA1),
        "RSA-OAEP-256" => Management::Rsa(&rsa::OAEP_SHA256_MGF1SHA256),
        "A128KW" => Management::Wrap(16),
        "A256KW" => Management::Wrap(32),
        "dir" => Management::Direct,
        "ECDH-ES" => Management::Agree(None),
        "ECDH-ES+A128KW" => Management::Agree(Some(16)),
        "ECDH-ES+A192KW" => Management::Agree(Some(24)),
        "ECDH-ES+A256KW" => Management::Agree(Some(32)),
        other => return Err(NotDecrypted::Unsupported(why_not(other))),
    })
}

/// What `enc` means.
pub(super) fn encryption(enc: &str) -> Result<&'static Encryption, NotDecrypted> {
    let unsupported = || NotDecrypted::Unsupported(format!("its enc is {}, which is not known here", shown(enc)));
    ENCRYPTIONS.iter().find(|encryption| encryption.name == enc).ok_or_else(unsupported)
}

/// A reason a user can act on.
fn why_not(alg: &str) -> String {
    match alg {
        "RSA1_5" => "RSA1_5 is not decrypted, as its padding tells attackers about the key (RFC 8725 3.2); register \
                     RSA-OAEP-256 or ECDH-ES"
            .to_owned(),
        _ if alg.starts_with("PBES2-") => {
            format!("{} is not decrypted: it is made for passwords, and each try is made expensive", shown(alg))
        }
        _ => format!("its alg is {}, which is not decrypted here", shown(alg)),
    }
}

fn shown(name: &str) -> String {
    elided_between_words(&visible(name), 60).into_owned()
}
