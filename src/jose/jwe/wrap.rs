//! A key wrapped with another one: AES Key Wrap (RFC 7518 section 4.4, RFC 3394).

use aes_kw::KwAes192;
use aes_kw::cipher::KeyInit as _;
use aws_lc_rs::key_wrap::{AES_128, AES_256, AesKek, KeyWrap as _};
use zeroize::Zeroizing;

/// Bytes that wrapping adds, by which unwrapping knows whether the key fits.
const CHECK: usize = 8;

/// The key that was wrapped; `None` when another key wrapped it.
pub(super) fn unwrap(with: &[u8], wrapped: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut key = Zeroizing::new(vec![0; wrapped.len().checked_sub(CHECK)?]);
    match with.len() {
        16 => AesKek::new(&AES_128, with).and_then(|kek| kek.unwrap(wrapped, &mut key).map(|_| ())).ok()?,
        // The cryptographic library wraps with 128 and 256 bits only.
        24 => KwAes192::new_from_slice(with).ok()?.unwrap_key(wrapped, &mut key).map(|_| ()).ok()?,
        _ => AesKek::new(&AES_256, with).and_then(|kek| kek.unwrap(wrapped, &mut key).map(|_| ())).ok()?,
    }
    Some(key)
}

/// The key, wrapped; `None` when it cannot be.
pub(super) fn wrap(with: &[u8], key: &[u8]) -> Option<Vec<u8>> {
    let mut wrapped = vec![0; key.len() + CHECK];
    match with.len() {
        16 => AesKek::new(&AES_128, with).and_then(|kek| kek.wrap(key, &mut wrapped).map(|_| ())).ok()?,
        24 => KwAes192::new_from_slice(with).ok()?.wrap_key(key, &mut wrapped).map(|_| ()).ok()?,
        _ => AesKek::new(&AES_256, with).and_then(|kek| kek.wrap(key, &mut wrapped).map(|_| ())).ok()?,
    }
    Some(wrapped)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 3394 section 4.2 for 192 bits, with what 128 and 256 bits print for the same key (4.1, 4.3).
    #[test]
    fn the_examples_of_rfc_3394() {
        let counting: Vec<u8> = (0..32).collect();
        let key: Vec<u8> = (0..16).map(|byte| byte * 0x11).collect();
        for (with, printed) in [
            (&counting[..16], "1fa68b0a8112b447aef34bd8fb5a7b829d3e862371d2cfe5"),
            (&counting[..24], "96778b25ae6ca435f92b5b97c050aed2468ab8a17ad84e5d"),
            (&counting[..32], "64e8c3f9ce0f5ba263e9777905818a2a93c8191e7d6e8ae7"),
        ] {
            let wrapped = wrap(with, &key).expect("wrapped");
            let hex: String = wrapped.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(hex, printed);
            assert_eq!(unwrap(with, &wrapped).as_deref(), Some(&key));
            let mut damaged = wrapped.clone();
            damaged[0] ^= 1;
            assert_eq!(unwrap(with, &damaged), None);
            assert_eq!(unwrap(with, &wrapped[..7]), None);
        }
    }
}
