//! One secret, and how it looks inside of base64.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use url::form_urlencoded;

use super::view::View;
use crate::base::secret::Secret;

/// A secret to look for.
#[derive(Clone, Debug)]
pub(super) struct Needle {
    plain: Secret,
    /// What any base64 text that holds the secret must hold: three alignments, two alphabets.
    in_base64: Vec<Secret>,
}

impl Needle {
    pub fn new(secret: &Secret) -> Self {
        let plain = secret.expose();
        // In an Authorization header it is form-encoded first (RFC 6749 section 2.3.1).
        let form: String = form_urlencoded::byte_serialize(plain.as_bytes()).collect();
        let percent = form.replace('+', "%20");
        let forms: BTreeSet<&str> = [plain, &form, &percent].into();
        let cores: BTreeSet<String> = forms.into_iter().flat_map(cores).collect();
        Self { plain: secret.clone(), in_base64: cores.into_iter().map(Secret::from).collect() }
    }

    /// Adds every place where the secret is written.
    pub fn find(&self, view: &View, found: &mut Vec<(usize, usize)>) {
        for (start, end) in places(&view.bytes, self.plain.expose().as_bytes()) {
            found.push(view.written(start, end));
        }
        for core in &self.in_base64 {
            for (start, end) in places(&view.bytes, core.expose().as_bytes()) {
                let (start, end) = whole_run(&view.bytes, start, end);
                found.push(view.written(start, end));
            }
        }
    }
}

/// The characters of the encoding that depend on nothing but these bytes, wherever they begin.
fn cores(plain: &str) -> impl Iterator<Item = String> {
    (0..3usize).flat_map(move |before| {
        let padded = [&vec![0; before][..], plain.as_bytes()].concat();
        // Six bits a character: those shared with what stands before and after are left out.
        let (first, end) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        [STANDARD.encode(&padded), URL_SAFE.encode(&padded)].map(|text| text[first..end].to_owned())
    })
}

/// Where `needle` occurs. A plus sign may stand for a space, as forms write it.
fn places(haystack: &[u8], needle: &[u8]) -> Vec<(usize, usize)> {
    let same = |(written, plain): (&u8, &u8)| written == plain || (*plain == b' ' && *written == b'+');
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(window) = haystack.get(at..at + needle.len()) {
        if window.iter().zip(needle).all(same) {
            found.push((at, at + needle.len()));
            at += needle.len();
        } else {
            at += 1;
        }
    }
    found
}

/// The base64 text around a place: what stands beside the secret in it is part of the credential.
fn whole_run(bytes: &[u8], start: usize, end: usize) -> (usize, usize) {
    let is_base64 = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=');
    let before = bytes[..start].iter().rev().take_while(|byte| is_base64(byte)).count();
    let after = bytes[end..].iter().take_while(|byte| is_base64(byte)).count();
    (start - before, end + after)
}
