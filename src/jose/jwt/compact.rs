//! The compact serialization: parts between dots (RFC 7515 section 7.1, RFC 7516 section 7.1).

use super::super::base64url;
use super::{Decoded, Form, Part, content, header, within};
use crate::base::check::{Check, Level, Rule};
use crate::base::json::Json;
use crate::base::spec::Spec;
use crate::base::text;

pub(super) static PARTS: Rule = Rule {
    id: "jwt.parts",
    title: "three parts when signed, five when encrypted",
    why: "Fewer mean that something was cut off; more, that this is no JWT or that someone tests the verifier.",
    fix: "Copy the whole token, from the first letter to the last, without a second token after it.",
    level: Level::Must,
    spec: Spec::new("RFC 7515", "7.1"),
    rejects: None,
};

pub(super) static BASE64URL: Rule = Rule {
    id: "jwt.base64url",
    title: "every part is base64url without padding",
    why: "Anything else is refused by strict verifiers, and where it is let pass one token can be written in many ways.",
    fix: "Encode with the URL-safe alphabet (- and _), without =, line breaks or unused bits.",
    level: Level::Must,
    spec: Spec::new("RFC 7515", "2"),
    rejects: None,
};

pub(super) static SIGNATURE_PART: Rule = Rule {
    id: "jwt.signature_part",
    title: "the signature part agrees with alg",
    why: "A token that names an algorithm but brings no signature passes verifiers that compare with nothing (CVE-2020-28042).",
    fix: "Refuse it. The signature is empty only when alg is none.",
    level: Level::Must,
    spec: Spec::new("RFC 7515", "5.2"),
    rejects: None,
};

pub(super) static ENCRYPTED: Rule = Rule {
    id: "jwt.encrypted",
    title: "an encrypted token is read with the private key",
    why: "Encrypted is not signed: whoever has the public key can make one. What is inside must be signed as well.",
    fix: "Decrypt it with the recipient's private key, then verify the token inside.",
    level: Level::Advice,
    spec: Spec::new("RFC 7516", "3"),
    rejects: None,
};

const JWS_PARTS: [&str; 5] = ["header", "payload", "signature", "fourth part", "fifth part"];
const JWE_PARTS: [&str; 5] = ["header", "encrypted key", "initialization vector", "ciphertext", "authentication tag"];

/// Counts the parts before anything is decoded, then reads five of them at most.
pub(super) fn read(token: &str, depth: usize) -> Decoded {
    let count = token.bytes().filter(|byte| *byte == b'.').count() + 1;
    let texts: Vec<&str> = token.splitn(6, '.').take(5).collect();
    let header = Part::json(texts.first().copied().unwrap_or_default());
    if !looks_like_a_jwt(&header, &texts, count) {
        return Decoded::opaque(PARTS.note(format!("{}: not a JWT, so nothing in it can be shown", counted(count))));
    }
    if let Some((first, at)) = first_of_two(token, &header, &texts, count) {
        let mut decoded = read(first, depth);
        let check =
            PARTS.broken("one token", format!("two, one behind the other; the second begins at character {at}"));
        decoded.findings.insert(0, check);
        decoded.cleaned = Some(first.to_owned());
        return decoded;
    }
    let encrypted = count == 5 || header.object().is_some_and(|header| header.get("enc").is_some());
    let mut decoded = if encrypted { jwe(header, &texts, count) } else { jws(header, &texts, count, depth) };
    decoded.signing_input = (count == 3 && !encrypted).then(|| format!("{}.{}", texts[0], texts[1]));
    decoded.cleaned = (count <= 5).then(|| repaired(&decoded.parts)).filter(|repaired| repaired != token);
    decoded
}

/// The first of two signed tokens that were joined, and where the second begins: its header opens as all do, `{"`.
fn first_of_two<'a>(token: &'a str, header: &Part, texts: &[&str], count: usize) -> Option<(&'a str, usize)> {
    let header = header.object().filter(|header| header.get("alg").is_some() && header.get("enc").is_none())?;
    let is_plain = header.get("b64").and_then(Json::as_bool) != Some(false);
    let signature = texts.get(2).filter(|_| is_plain && (5..=6).contains(&count))?;
    let at = texts[..2].iter().map(|text| text.len() + 1).sum::<usize>()
        + signature.rfind("eyJ").or_else(|| (count == 6).then_some(signature.len()))?;
    Some((token[..at].trim_end_matches([',', ';', '.']), at))
}

/// Its first part is an object, however broken, or everything is base64url in the right number of parts.
fn looks_like_a_jwt(header: &Part, texts: &[&str], count: usize) -> bool {
    let opens = header.bytes.as_deref().is_some_and(|bytes| bytes.trim_ascii_start().starts_with(b"{"));
    let encoded = |text: &&str| base64url::decode_leniently(text).is_some();
    opens || (matches!(count, 3 | 5) && !texts[0].is_empty() && texts.iter().all(encoded))
}

fn jws(header: Part, texts: &[&str], count: usize, depth: usize) -> Decoded {
    let object = header.object().cloned();
    let encoded = object.as_ref().and_then(|header| header.get("b64")?.as_bool()) != Some(false);
    let mut parts = vec![header];
    parts.extend(texts.get(1).map(|text| if encoded { Part::json(text) } else { Part::unencoded(text) }));
    parts.extend(texts.iter().skip(2).map(|text| Part::octets(text)));
    let claims = parts.get(1).and_then(Part::object).cloned();

    let mut findings = vec![PARTS.holds(count == 3, "3 parts: header, payload, signature", counted(count))];
    findings.extend(alphabet(&parts, &JWS_PARTS, |at| at != 1 || encoded));
    findings.push(content::header_json(&parts[0]));
    let nested = parts.get(1).and_then(|payload| within::nested(payload, object.as_ref(), depth));
    findings.extend(parts.get(1).map(|payload| content::claims_json(payload, object.as_ref(), nested.as_ref())));
    findings.extend(content::both(object.as_ref(), claims.as_ref()));
    findings.extend(object.iter().flat_map(|object| header::inspect(object, claims.as_ref())));
    findings.extend(parts.get(2).map(|part| signature_part(part, object.as_ref())));
    let form = if header::is_unsecured(object.as_ref()) { Form::UnsecuredJws } else { Form::Jws };
    let within: Vec<_> = nested.into_iter().collect();
    findings.extend(within::findings(&within));
    Decoded { form, parts, header: object, claims, within, ..Decoded::empty(findings) }
}

fn jwe(header: Part, texts: &[&str], count: usize) -> Decoded {
    let object = header.object().cloned();
    let mut parts = vec![header];
    parts.extend(texts.iter().skip(1).map(|text| Part::octets(text)));
    let mut findings = vec![PARTS.holds(count == 5, "5 parts of an encrypted token", counted(count))];
    findings.extend(alphabet(&parts, &JWE_PARTS, |_| true));
    findings.push(content::header_json(&parts[0]));
    findings.extend(content::both(object.as_ref(), None));
    findings.extend(object.iter().flat_map(|object| header::inspect(object, None)));
    findings.push(encrypted(object.as_ref()));
    Decoded { form: Form::Jwe, parts, header: object, ..Decoded::empty(findings) }
}

/// Says how it is encrypted, and that it stays closed.
pub(super) fn encrypted(header: Option<&Json>) -> Check {
    let member = |name| header.and_then(|header| header.text(name)).unwrap_or("?");
    ENCRYPTED.note(format!("encrypted with {} and {}; what is inside needs the key", member("alg"), member("enc")))
}

/// One check for each part that is not base64url, or one that passes.
pub(super) fn alphabet(parts: &[Part], names: &[&str], encoded: impl Fn(usize) -> bool) -> Vec<Check> {
    let fault = |(at, part): (usize, &Part)| {
        let error = base64url::decode(&part.text).err().filter(|_| encoded(at))?;
        Some(BASE64URL.broken("base64url without padding", format!("{}: {error}", names.get(at)?)))
    };
    let faults: Vec<Check> = parts.iter().enumerate().filter_map(fault).collect();
    if faults.is_empty() { vec![BASE64URL.pass(counted(parts.len()))] } else { faults }
}

/// RFC 7515 section 5.2, RFC 7518 section 3.6.
pub(super) fn signature_part(part: &Part, header: Option<&Json>) -> Check {
    let length = part.bytes.as_ref().map_or(0, Vec::len);
    match (header::is_unsecured(header), part.text.is_empty()) {
        (false, true) => SIGNATURE_PART.broken("a signature", "none, although alg names an algorithm"),
        (true, false) => SIGNATURE_PART.broken("nothing, as alg is none", text::counted(length, "byte", "bytes")),
        (true, true) => SIGNATURE_PART.pass("empty, as alg is none"),
        (false, false) => SIGNATURE_PART.pass(text::counted(length, "byte", "bytes")),
    }
}

/// The parts as they should have been written; a part that cannot be decoded stays as it is.
fn repaired(parts: &[Part]) -> String {
    let repair = |part: &Part| match base64url::decode_leniently(&part.text) {
        Some(bytes) => base64url::encode(&bytes),
        None => part.text.clone(),
    };
    parts.iter().map(repair).collect::<Vec<_>>().join(".")
}

fn counted(count: usize) -> String {
    if count == 1 { "1 part".to_owned() } else { format!("{count} parts") }
}
