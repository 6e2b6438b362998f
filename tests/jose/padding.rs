//! RSA signatures whose inside is not what the algorithm asks for, made with the private key itself (RFC 8017).
//!
//! The kinds of cases:
//! - PKCS #1 v1.5: another block type, a byte of the padding changed, padding cut short with the rest behind the hash
//!   (Bleichenbacher's forgery of 2006), no separator, a zero too early, another hash than the algorithm's
//! - the `DigestInfo` in it: each of its five elements with every odd way to write a length (long form, leading zero,
//!   one off, overflows, indefinite), a tag (others, constructed, undefined, lonely) or content (gone, cut, repeated,
//!   wrapped, with zeros, garbage, NULL or empty sequences around or inside it); other and malformed OIDs
//! - PSS: the hash of the message, the zeros before it, H, the padding, its separator, the salt, its length, the masked
//!   block, the trailer, the top bit and the mask's hash changed; salts of zeros and ones are good
//! - the number itself: 0, 1, n-1, n, beyond n, with zeros around it, cut

use std::sync::LazyLock;

use aws_lc_rs::digest::{self, SHA1_FOR_LEGACY_USE_ONLY, SHA256, SHA384};
use grantscope::base::json::Json;
use grantscope::jose::base64url;
use grantscope::jose::jwk::JwkSet;
use num_bigint::BigUint;

use super::{accepts, rsa_key};

/// An RSA key as numbers, so that anything can be signed.
struct Rsa {
    n: BigUint,
    p: BigUint,
    q: BigUint,
    d: BigUint,
    qi: BigUint,
    set: JwkSet,
}

static RSA: LazyLock<Rsa> = LazyLock::new(|| {
    let json = rsa_key();
    let number = |name| {
        let text = json.text(name).expect("a member");
        BigUint::from_bytes_be(&base64url::decode(text).expect("base64url"))
    };
    let set = JwkSet::from_json(&public(&json)).expect("a set");
    Rsa { n: number("n"), p: number("p"), q: number("q"), d: number("d"), qi: number("qi"), set }
});

fn public(key: &Json) -> Json {
    Json::Object(key.members().iter().filter(|(name, _)| matches!(name.as_str(), "kty" | "n" | "e")).cloned().collect())
}

/// The private operation on a message that fills the modulus (RFC 8017 section 5.2.1).
fn raw(message: &[u8]) -> BigUint {
    let message = BigUint::from_bytes_be(message);
    let part = |prime: &BigUint| message.modpow(&(&RSA.d % (prime - 1u8)), prime);
    let (first, second) = (part(&RSA.p), part(&RSA.q));
    let h = (&RSA.qi * ((&first + &RSA.p * 2u8 - &second % &RSA.p) % &RSA.p)) % &RSA.p;
    second + h * &RSA.q
}

fn size() -> usize {
    RSA.n.to_bytes_be().len()
}

fn input(alg: &str) -> String {
    let encoded = |text: &str| base64url::encode(text.as_bytes());
    format!("{}.{}", encoded(&format!(r#"{{"alg":"{alg}"}}"#)), encoded(r#"{"sub":"alice"}"#))
}

fn hash(alg: &str) -> Vec<u8> {
    digest::digest(&SHA256, input(alg).as_bytes()).as_ref().to_vec()
}

fn accepts_number(alg: &str, number: &BigUint) -> bool {
    let bytes = number.to_bytes_be();
    accepts_bytes(alg, &[vec![0; size().saturating_sub(bytes.len())], bytes].concat())
}

fn accepts_bytes(alg: &str, signature: &[u8]) -> bool {
    accepts(&format!("{}.{}", input(alg), base64url::encode(signature)), &RSA.set)
}

// PKCS #1 v1.5

const SHA256_OID: [u8; 9] = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];

/// The block with this inside (RFC 8017 section 9.2).
fn block(inside: &[u8]) -> Vec<u8> {
    [&[0, 1], vec![0xff; size() - inside.len() - 3].as_slice(), &[0], inside].concat()
}

fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let length = match u8::try_from(length) {
        Ok(short @ ..0x80) => vec![short],
        Ok(byte) => vec![0x81, byte],
        Err(_) => [vec![0x82], u16::try_from(length).expect("short").to_be_bytes().to_vec()].concat(),
    };
    [vec![tag], length, content.to_vec()].concat()
}

/// How an element is written: its tag and its content given.
type Writing = fn(u8, &[u8]) -> Vec<u8>;

const ELEMENTS: [&str; 5] = ["digest info", "algorithm", "oid", "null", "hash"];

/// The `DigestInfo` of the hash, one of its elements written otherwise.
fn digest_info(target: &str, writing: Writing) -> Vec<u8> {
    let write =
        |name: &str, tag: u8, content: &[u8]| if name == target { writing(tag, content) } else { tlv(tag, content) };
    let algorithm = [write("oid", 6, &SHA256_OID), write("null", 5, &[])].concat();
    let inside = [write("algorithm", 0x30, &algorithm), write("hash", 4, &hash("RS256"))].concat();
    write("digest info", 0x30, &inside)
}

/// A length of one byte.
fn short(content: &[u8]) -> u8 {
    u8::try_from(content.len()).expect("short")
}

fn with_length(tag: u8, length: &[u8], content: &[u8]) -> Vec<u8> {
    [&[tag], length, content].concat()
}

const WRITINGS: [(&str, Writing); 56] = [
    ("length in long form", |tag, all| with_length(tag, &[0x81, short(all)], all)),
    ("length with a leading zero", |tag, all| with_length(tag, &[0x82, 0, short(all)], all)),
    ("length one too large", |tag, all| with_length(tag, &[short(all) + 1], all)),
    ("length one too small", |tag, all| with_length(tag, &[short(all).wrapping_sub(1)], all)),
    ("length overflows 32 bits", |tag, all| with_length(tag, &[0x85, 1, 0, 0, 0, short(all)], all)),
    ("length overflows 64 bits", |tag, all| with_length(tag, &[0x89, 1, 0, 0, 0, 0, 0, 0, 0, short(all)], all)),
    ("length 2^31 - 1", |tag, all| with_length(tag, &[0x84, 0x7f, 0xff, 0xff, 0xff], all)),
    ("length 2^31", |tag, all| with_length(tag, &[0x84, 0x80, 0, 0, 0], all)),
    ("length 2^32 - 1", |tag, all| with_length(tag, &[0x84, 0xff, 0xff, 0xff, 0xff], all)),
    ("length 2^40 - 1", |tag, all| with_length(tag, &[0x85, 0xff, 0xff, 0xff, 0xff, 0xff], all)),
    ("length 2^64 - 1", |tag, all| with_length(tag, &[0x88, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], all)),
    ("length without limit", |tag, all| with_length(tag, &[0xff], all)),
    ("length cut", |tag, _| vec![tag, 0x81]),
    ("indefinite and never ended", |tag, all| with_length(tag, &[0x80], all)),
    ("indefinite", |tag, all| with_length(tag, &[0x80], &[all, &[0, 0]].concat())),
    ("indefinite, its end cut", |tag, all| with_length(tag, &[0x80], &[all, &[0]].concat())),
    ("indefinite with one more", |tag, all| with_length(tag, &[0x80], &[all, &[5, 0, 0, 0]].concat())),
    ("indefinite with half of one more", |tag, all| with_length(tag, &[0x80], &[all, &[6, 8, 0x11, 0, 0]].concat())),
    ("indefinite with garbage", |tag, all| with_length(tag, &[0x80], &[all, &[0, 0, 0xfe, 2, 0xbe, 0xef]].concat())),
    ("indefinite, its end not empty", |tag, all| with_length(tag, &[0x80], &[all, &[0, 2, 0xbe, 0xef]].concat())),
    ("constructed of an indefinite one", |tag, all| {
        with_length(tag | 0x20, &[0x80], &[tlv(tag, all), vec![0, 0]].concat())
    }),
    ("gone", |_, _| Vec::new()),
    ("its tag alone", |tag, _| vec![tag]),
    ("no content", |tag, _| vec![tag, 0]),
    ("constructed", |tag, all| tlv(tag ^ 0x20, all)),
    ("constructed of itself", |tag, all| tlv(tag | 0x20, &tlv(tag, all))),
    ("constructed of another tag", |tag, all| tlv(0x31, &tlv(tag, all))),
    ("another tag", |tag, all| tlv(tag + 1, all)),
    ("tag 0x2e", |_, all| tlv(0x2e, all)),
    ("tag of an application", |tag, all| tlv(tag | 0x40, all)),
    ("tag of a context", |tag, all| tlv(tag | 0x80, all)),
    ("private tag", |tag, all| tlv(tag | 0xc0, all)),
    ("tag 0xff", |_, all| tlv(0xff, all)),
    ("NULL in its place", |_, _| vec![5, 0]),
    ("a NULL with content in its place", |_, _| vec![5, 1, 0]),
    ("an empty sequence in its place", |_, _| vec![0x30, 0]),
    ("zeros in it before", |tag, all| tlv(tag, &[&[0, 0], all].concat())),
    ("zeros in it after", |tag, all| tlv(tag, &[all, &[0, 0]].concat())),
    ("a zero in it after", |tag, all| tlv(tag, &[all, &[0]].concat())),
    ("zeros behind it", |tag, all| [tlv(tag, all), vec![0, 0]].concat()),
    ("NULL in it after", |tag, all| tlv(tag, &[all, &[5, 0]].concat())),
    ("NULL behind it", |tag, all| [tlv(tag, all), vec![5, 0]].concat()),
    ("garbage before it", |tag, all| [vec![0x49, 0x81, 0x77], tlv(tag, all)].concat()),
    ("garbage in it before", |tag, all| tlv(tag, &[&[0x25, 1, 0x77, 0x30], all].concat())),
    ("garbage in it after", |tag, all| tlv(tag, &[all, &[0xbe, 0xef]].concat())),
    ("undefined tags before it", |tag, all| [vec![0xaa, 0, 0xbb, 0, 0xcd, 0], tlv(tag, all)].concat()),
    ("undefined tags in it", |tag, all| tlv(tag, &[&[0xaa, 2, 0xaa, 0xbb], all].concat())),
    ("a high tag number in it", |tag, all| tlv(tag, &[all, &[0xbf, 0x7f, 0]].concat())),
    ("an explicit NULL in it", |tag, all| tlv(tag, &[all, &[0xa0, 2, 5, 0]].concat())),
    ("an implicit NULL in it", |tag, all| tlv(tag, &[all, &[0xa0, 0]].concat())),
    ("an empty sequence in it before", |tag, all| tlv(tag, &[&[0x30, 0], all].concat())),
    ("an empty sequence in it after", |tag, all| tlv(tag, &[all, &[0x30, 0]].concat())),
    ("in a sequence of its own", |tag, all| tlv(0x30, &tlv(tag, all))),
    ("twice", |tag, all| tlv(tag, all).repeat(2)),
    ("its last byte gone", |tag, all| tlv(tag, &all[..all.len().saturating_sub(1)])),
    ("its first byte gone", |tag, all| tlv(tag, all.get(1..).unwrap_or_default())),
];

#[test]
fn a_digest_info_that_is_written_otherwise_is_refused() {
    let good = digest_info("", tlv);
    assert!(accepts_number("RS256", &raw(&block(&good))));
    for (element, (name, writing)) in ELEMENTS.into_iter().flat_map(|element| WRITINGS.map(|way| (element, way))) {
        let inside = digest_info(element, writing);
        // What is empty cannot be emptied.
        if inside != good {
            assert!(!accepts_number("RS256", &raw(&block(&inside))), "{element}: {name}");
        }
    }
}

#[test]
fn another_oid_or_another_hash_is_refused() {
    let writings: [(&str, &str, Writing); 13] = [
        ("the OID of SHA-1", "oid", |tag, _| tlv(tag, &[0x2b, 0x0e, 3, 2, 0x1a])),
        ("the OID of SHA-384", "oid", |tag, _| tlv(tag, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2])),
        ("the OID of MD5", "oid", |tag, _| tlv(tag, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5])),
        ("a longer OID", "oid", |tag, all| tlv(tag, &[all, &[1]].concat())),
        ("an OID with a changed first byte", "oid", |tag, all| tlv(tag, &[&[all[0] ^ 1], &all[1..]].concat())),
        ("an OID with a changed last byte", "oid", |tag, all| tlv(tag, &[&all[..8], &[all[8] ^ 0x81]].concat())),
        ("an OID with a node that starts with zeros", "oid", |tag, all| tlv(tag, &[&all[..8], &[0x80, 1]].concat())),
        ("an OID with a huge node", "oid", |tag, all| {
            tlv(tag, &[&all[..8], &[0x82, 0x80, 0x80, 0x80, 0x80, 1]].concat())
        }),
        ("a hash with a changed first byte", "hash", |tag, all| tlv(tag, &[&[all[0] ^ 1], &all[1..]].concat())),
        ("a hash with a changed last byte", "hash", |tag, all| tlv(tag, &[&all[..31], &[all[31] ^ 1]].concat())),
        ("a hash of zeros", "hash", |tag, all| tlv(tag, &vec![0; all.len()])),
        ("a hash of nothing", "hash", |tag, _| tlv(tag, digest::digest(&SHA256, b"").as_ref())),
        ("a longer hash", "hash", |tag, _| tlv(tag, digest::digest(&SHA384, input("RS256").as_bytes()).as_ref())),
    ];
    for (name, element, writing) in writings {
        assert!(!accepts_number("RS256", &raw(&block(&digest_info(element, writing)))), "{name}");
    }
    assert!(!accepts_number("RS256", &raw(&block(&hash("RS256")))), "the hash alone");
    let good = raw(&block(&digest_info("", tlv))).to_bytes_be();
    for alg in ["RS384", "RS512", "PS256"] {
        assert!(!accepts_bytes(alg, &good), "{alg}");
    }
}

#[test]
fn a_block_with_another_padding_is_refused() {
    let inside = digest_info("", tlv);
    let good = block(&inside);
    let at = |position: usize, byte: u8| {
        let mut block = good.clone();
        block[position] = byte;
        block
    };
    let separator = good.len() - inside.len() - 1;
    let end_to_end = |padding: usize| {
        let mut block = [&[0, 1], vec![0xff; padding].as_slice(), &[0], &inside].concat();
        block.resize(size(), 0x5a);
        block
    };
    for (name, block) in [
        ("type 0", at(1, 0)),
        ("type 2", at(1, 2)),
        ("a first byte of the padding that is not ff", at(2, 0xfe)),
        ("a last byte of the padding that is not ff", at(separator - 1, 0xfe)),
        ("a zero in the padding", at(10, 0)),
        ("no separator", at(separator, 0xff)),
        ("another separator", at(separator, 1)),
        ("eight bytes of padding and the rest behind the hash", end_to_end(8)),
        ("no padding and the rest behind the hash", end_to_end(0)),
        ("one byte of padding too few", end_to_end(size() - inside.len() - 4)),
    ] {
        assert!(!accepts_number("RS256", &raw(&block)), "{name}");
    }
}

// PSS

/// The mask of RFC 8017 appendix B.2.1.
fn mask(with: &'static digest::Algorithm, seed: &[u8], length: usize) -> Vec<u8> {
    let hashes =
        (0u32..).flat_map(|counter| digest::digest(with, &[seed, &counter.to_be_bytes()].concat()).as_ref().to_vec());
    hashes.take(length).collect()
}

/// What goes into a block, and what is done to it on the way (RFC 8017 section 9.1.1).
struct Pss {
    hash: Vec<u8>,
    zeros: [u8; 8],
    salt: Vec<u8>,
    /// The salt in the block, where it is another than the hashed one.
    shown_salt: Option<Vec<u8>>,
    separator: u8,
    /// A position in the padding, and what stands there.
    padding: Option<(usize, u8)>,
    mask_hash: &'static digest::Algorithm,
    /// A position in the finished block, and what it is changed by.
    flipped: Option<(usize, u8)>,
    /// The same in H.
    flipped_h: Option<(usize, u8)>,
}

impl Default for Pss {
    fn default() -> Self {
        Self {
            hash: hash("PS256"),
            zeros: [0; 8],
            salt: (0..32).collect(),
            shown_salt: None,
            separator: 1,
            padding: None,
            mask_hash: &SHA256,
            flipped: None,
            flipped_h: None,
        }
    }
}

impl Pss {
    fn passes(self) -> bool {
        let whole = [&self.zeros[..], &self.hash, &self.salt].concat();
        let mut h = digest::digest(&SHA256, &whole).as_ref().to_vec();
        if let Some((at, by)) = self.flipped_h {
            h[at] ^= by;
        }
        let shown = self.shown_salt.as_ref().unwrap_or(&self.salt);
        let length = size() - h.len() - 1;
        let mut data = vec![0; length - shown.len() - 1];
        if let Some((at, byte)) = self.padding {
            data[at] = byte;
        }
        data.push(self.separator);
        data.extend(shown);
        let mask = mask(self.mask_hash, &h, length);
        let mut block: Vec<u8> = data.iter().zip(mask).map(|(data, mask)| data ^ mask).collect();
        block[0] &= 0x7f;
        block.extend(h);
        block.push(0xbc);
        if let Some((at, by)) = self.flipped {
            block[at] ^= by;
        }
        accepts_number("PS256", &raw(&block))
    }
}

#[test]
fn any_salt_of_the_right_length_is_accepted() {
    for salt in [Pss::default().salt, vec![0; 32], vec![0xff; 32]] {
        assert!(Pss { salt: salt.clone(), ..Pss::default() }.passes(), "{salt:?}");
    }
}

#[test]
fn a_salt_of_another_length_or_another_salt_is_refused() {
    for length in [0, 1, 20, 31, 33, 48, 64, size() - 34] {
        assert!(!Pss { salt: vec![7; length], ..Pss::default() }.passes(), "{length} bytes");
    }
    for shown in [vec![0; 32], (1..33).collect()] {
        assert!(!Pss { shown_salt: Some(shown), ..Pss::default() }.passes(), "another salt");
    }
}

#[test]
fn a_pss_block_with_anything_else_changed_is_refused() {
    for at in [0, 1, 15, 16, 30, 31] {
        let mut hash = hash("PS256");
        hash[at] ^= 1;
        assert!(!Pss { hash, ..Pss::default() }.passes(), "byte {at} of the message's hash");
        for by in [1, 0x80] {
            assert!(!Pss { flipped_h: Some((at, by)), ..Pss::default() }.passes(), "byte {at} of H by {by}");
        }
    }
    for at in [0, 3, 7] {
        let mut zeros = [0; 8];
        zeros[at] = 1;
        assert!(!Pss { zeros, ..Pss::default() }.passes(), "byte {at} of the zeros");
    }
    let padding = size() - 32 - 32 - 2;
    for (at, byte) in [(0, 1), (1, 0x80), (padding / 2, 1), (padding - 1, 1), (padding - 1, 0xff)] {
        assert!(!Pss { padding: Some((at, byte)), ..Pss::default() }.passes(), "byte {at} of the padding is {byte}");
    }
    for separator in [0, 2, 0x81, 0xff] {
        assert!(!Pss { separator, ..Pss::default() }.passes(), "separator {separator}");
    }
    // In the masked block, at its top bit, and the trailer.
    for (at, by) in [(0, 0x40), (100, 1), (size() - 34, 1), (0, 0x80), (size() - 1, 0x70), (size() - 1, 0xbc)] {
        assert!(!Pss { flipped: Some((at, by)), ..Pss::default() }.passes(), "byte {at} of the block by {by}");
    }
    for mask_hash in [&SHA1_FOR_LEGACY_USE_ONLY, &SHA384] {
        assert!(!Pss { mask_hash, ..Pss::default() }.passes(), "a mask by {mask_hash:?}");
    }
}

#[test]
fn a_number_at_the_edge_of_the_modulus_or_of_another_length_is_refused() {
    for alg in ["RS256", "PS256"] {
        let one = BigUint::from(1u8);
        let good = match alg {
            "RS256" => raw(&block(&digest_info("", tlv))),
            _ => one.clone(),
        };
        for number in [BigUint::ZERO, one.clone(), &RSA.n - &one, RSA.n.clone(), &RSA.n + &one, &RSA.n + &good] {
            assert!(!accepts_number(alg, &number), "{alg}: {number:x}");
        }
        let bytes = good.to_bytes_be();
        for signature in [[&[0], &bytes[..]].concat(), [&bytes[..], &[0]].concat(), bytes[..bytes.len() - 1].to_vec()] {
            assert!(!accepts_bytes(alg, &signature), "{alg}: {} bytes", signature.len());
        }
    }
}
