//! Secrets inside of base64 and hexadecimal digits, which say nothing to those who search for plain text.

use base64::Engine as _;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::generations::Generations;
use super::view;

/// Reads what was cut out of a longer text.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Fewest characters that can hold the shortest secret.
const SHORTEST_BASE64: usize = 6;
const SHORTEST_HEX: usize = 8;

/// How often something may be wrapped in what is decoded here.
const DEPTH: usize = 2;

/// The runs that hold a secret, as bytes from and to, and which one. What stands beside it in a run is part of the
/// credential.
pub(super) fn places(generations: &Generations, bytes: &[u8]) -> Vec<(usize, usize, usize)> {
    let mut found = Vec::new();
    if !generations.is_empty() {
        in_runs(generations, bytes, DEPTH, &mut found);
    }
    found
}

/// What stands in base64 or hexadecimal digits, when it is a text that may name something: JSON, or a form.
pub(super) fn text(run: &str) -> Option<String> {
    let digits = run.trim_end_matches('=').as_bytes();
    if digits.len() < SHORTEST_BASE64 || !digits.iter().all(|byte| is_of_base64(*byte)) {
        return None;
    }
    let is_hex = digits.len().is_multiple_of(2) && digits.iter().all(u8::is_ascii_hexdigit);
    let readings = [is_hex.then(|| hex(digits)), LENIENT.decode(unified(digits)).ok()];
    let names_something = |text: &String| text.contains(['=', ':']) && !text.contains(char::is_control);
    readings.into_iter().flatten().filter_map(|bytes| String::from_utf8(bytes).ok()).find(names_something)
}

fn in_runs(generations: &Generations, bytes: &[u8], depth: usize, found: &mut Vec<(usize, usize, usize)>) {
    for (from, to) in runs(bytes, is_of_base64, SHORTEST_BASE64) {
        let run = unified(&bytes[from..to]);
        let held = (0..4).find_map(|phase| in_base64(generations, &run[phase..], depth));
        let padding = bytes[to..].iter().take(2).take_while(|byte| **byte == b'=').count();
        found.extend(held.map(|id| (from, to + padding, id)));
    }
    for (from, to) in runs(bytes, |byte| byte.is_ascii_hexdigit(), SHORTEST_HEX) {
        let held = (0..2).find_map(|phase| first(generations, &hex(&bytes[from + phase..to]), depth));
        found.extend(held.map(|id| (from, to, id)));
    }
}

const fn is_of_base64(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_')
}

fn runs(bytes: &[u8], is_of_run: fn(u8) -> bool, least: usize) -> Vec<(usize, usize)> {
    let (mut found, mut at) = (Vec::new(), 0);
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| is_of_run(**byte)).count();
        if length >= least {
            found.push((at, at + length));
        }
        at += length.max(1);
    }
    found
}

/// In the alphabet for URLs.
fn unified(run: &[u8]) -> Vec<u8> {
    let unify = |byte: &u8| match byte {
        b'+' => b'-',
        b'/' => b'_',
        other => *other,
    };
    run.iter().map(unify).collect()
}

fn in_base64(generations: &Generations, run: &[u8], depth: usize) -> Option<usize> {
    // One character more than a multiple of four is no byte.
    let whole = if run.len() % 4 == 1 { run.len() - 1 } else { run.len() };
    first(generations, &LENIENT.decode(&run[..whole]).ok()?, depth)
}

fn hex(digits: &[u8]) -> Vec<u8> {
    let value = |digit: u8| char::from(digit).to_digit(16).unwrap_or_default() as u8;
    digits.chunks_exact(2).map(|pair| value(pair[0]) << 4 | value(pair[1])).collect()
}

/// A secret in decoded bytes, which may be form-encoded (RFC 6749 section 2.3.1) or wrapped once more.
fn first(generations: &Generations, bytes: &[u8], depth: usize) -> Option<usize> {
    let longest = |bytes: &[u8]| generations.places(bytes).max_by_key(|(from, to, _)| to - from).map(|(_, _, id)| id);
    let decoded = || {
        let is_encoded = bytes.iter().any(|byte| matches!(byte, b'%' | b'\\' | b'&'));
        let views = if is_encoded { view::views(bytes) } else { Vec::new() };
        views.iter().skip(1).find_map(|view| longest(&view.bytes))
    };
    let again = || {
        let mut found = Vec::new();
        in_runs(generations, bytes, depth - 1, &mut found);
        found.first().map(|(_, _, id)| *id)
    };
    longest(bytes).or_else(decoded).or_else(|| if depth > 1 { again() } else { None })
}
