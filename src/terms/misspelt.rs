//! Names that nobody knows and that sound like one of a secret, also misspelt: what is filled in under one goes into a URL,
//! which is no place for a secret.

use super::credential::{canonical, plain};
use crate::base::text::is_one_letter_off;

/// Parts of names that promise a secret.
const SECRET_PARTS: [&str; 13] = [
    "secret",
    "password",
    "passwd",
    "passphrase",
    "passwort",
    "kennwort",
    "credential",
    "bearer",
    "privatekey",
    "apikey",
    "apitoken",
    "accesstoken",
    "refreshtoken",
];

/// Whole names that do.
const SECRET_NAMES: [&str; 3] = ["authorization", "pin", "otp"];

/// Of what nobody would send in a URL.
const NEVER_IN_URLS: [&str; 7] =
    ["client_secret", "otp", "passcode", "passphrase", "password", "private_key", "secret"];

/// Whether a name promises a secret: `client_secrett`, `access_tokn`, `pwd`.
pub fn looks_secret(name: &str) -> bool {
    let plain = String::from_utf8(plain(name).collect()).unwrap_or_default();
    SECRET_PARTS.iter().any(|part| plain.contains(part))
        || SECRET_NAMES.contains(&plain.as_str())
        || canonical(name).is_some_and(|name| NEVER_IN_URLS.contains(&name))
        || has_misspelt_part(name, &plain)
}

/// Parts that are heard though a letter of them is wrong. `passport` is no `passwort`.
const HEARD: [&str; 11] = [
    "secret",
    "password",
    "passwd",
    "passphrase",
    "credential",
    "bearer",
    "privatekey",
    "apikey",
    "accesstoken",
    "refreshtoken",
    "clientsecret",
];

/// Fewest letters of a part that is heard within a word, too: what is shorter is near to many.
const LONG: usize = 8;

/// Whether a part of the name is one letter off one that promises a secret: `my_access_tokn`, `clientsecrt`.
fn has_misspelt_part(name: &str, plain: &str) -> bool {
    let words = words(name);
    let mut pairs = words.windows(2).map(<[String]>::concat);
    let is_near = |known: &str, part: &[u8]| std::str::from_utf8(part).is_ok_and(|part| is_one_letter_off(known, part));
    let is_within = |known: &str| {
        let lengths = known.len() - 1..=known.len() + 1;
        lengths.into_iter().any(|length| plain.as_bytes().windows(length).any(|part| is_near(known, part)))
    };
    let is_word = |word: &str| HEARD.iter().any(|known| is_one_letter_off(known, word));
    words.iter().any(|word| is_word(word))
        || pairs.any(|pair| is_word(&pair))
        || HEARD.iter().any(|known| known.len() >= LONG && is_within(known))
}

/// `access_tokn` and `accessTokn` as `access`, `tokn`.
fn words(name: &str) -> Vec<String> {
    let (mut words, mut is_small) = (vec![String::new()], false);
    for c in name.chars() {
        if !c.is_alphanumeric() || is_small && c.is_uppercase() {
            words.push(String::new());
        }
        is_small = c.is_lowercase();
        let last = words.last_mut().filter(|_| c.is_alphanumeric());
        last.into_iter().for_each(|word| word.push(c.to_ascii_lowercase()));
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_heard_in_a_name_that_is_one_letter_off() {
        for name in [
            "client_secrett",
            "clientsecrt",
            "client_secrt",
            "clientSecrt",
            "my_client_secrt",
            "access_tokn",
            "acces_token",
            "accessTokn",
            "x_acces_token",
            "refresh_tokne",
            "pasword",
            "user_pasword",
            "passwort",
            "pwd",
            "Kennwort",
            "myaccesstokn",
            "api_kye",
            "pin",
            "totp",
            "bearr",
            "private_keyy",
        ] {
            assert!(looks_secret(name), "{name}");
        }
        for name in [
            "token_format",
            "tokenization",
            "access_type",
            "access_typ",
            "token_type",
            "nonce",
            "state",
            "prompt",
            "code_challenge",
            "authorization_details",
            "resource",
            "audience",
            "hearing",
            "kc_idp_hint",
            "domain_hint",
            "id_tokens",
            "tokens",
            "passport",
            "client_id",
            "request_id",
            "response_mode",
            "login_hint",
            "privacy",
        ] {
            assert!(!looks_secret(name), "{name}");
        }
    }
}
