//! The JSON serializations (RFC 7515 section 7.2, RFC 7516 section 7.2). The first signature is shown, all are judged.

use super::within::{self, Within};
use super::{Decoded, Form, Part, compact, content, header};
use crate::base::check::{Check, Level, Rule};
use crate::base::json::Json;
use crate::base::spec::Spec;
use crate::base::text::visible;

pub(super) static COMPACT: Rule = Rule {
    id: "jwt.compact",
    title: "a JWT is written compact, not as JSON",
    why: "A JSON text can be built that also splits at its dots; two readers then see two tokens (CVE-2022-39227).",
    fix: "Send the compact form. A verifier of JWTs must not accept the JSON form.",
    level: Level::Must,
    spec: Spec::new("RFC 7519", "1"),
    rejects: None,
};

pub(super) static JSON_FORM: Rule = Rule {
    id: "jwt.json_form",
    title: "the JSON serialization has the members it may have, each once",
    why: "Where two forms are mixed or a member stands in two places, readers disagree about what is signed and how.",
    fix: "Write either one signature beside the payload or a list of them, crit and b64 under protected alone, and no name twice.",
    level: Level::Must,
    spec: Spec::new("RFC 7515", "7.2"),
    rejects: None,
};

const NAMES: [&str; 3] = ["protected", "payload", "signature"];

/// Most signatures that are looked at.
const SIGNATURE_LIMIT: usize = 16;

/// Reads the flattened or general JSON serialization.
pub(super) fn read(token: &str) -> Decoded {
    let json = match Json::parse_text(token) {
        Ok(json) => json,
        Err(error) => return Decoded::opaque(compact::PARTS.note(format!("starts like JSON but is not: {error}"))),
    };
    if json.get("ciphertext").is_some() {
        return jwe(&json);
    }
    if ["payload", "signature", "signatures"].into_iter().all(|name| json.get(name).is_none()) {
        return Decoded::opaque(compact::PARTS.note("JSON, but no token: there is neither a payload nor a ciphertext"));
    }
    jws(&json, token)
}

fn jws(json: &Json, token: &str) -> Decoded {
    let signatures = json.get("signatures").map(Json::elements).unwrap_or_default();
    let payload = json.text("payload").unwrap_or_default();
    let mut decoded = one_signature(signatures.first().unwrap_or(json), payload);
    let others = signatures.iter().enumerate().take(SIGNATURE_LIMIT).skip(1);
    decoded.within = others
        .map(|(at, one)| Within { name: format!("signature {}", at + 1), token: one_signature(one, payload) })
        .collect();
    let mut findings = vec![COMPACT.broken("three parts with dots", describe(signatures.len(), token)), form(json)];
    findings.append(&mut decoded.findings);
    findings.extend(within::findings(&decoded.within));
    Decoded { findings, ..decoded }
}

/// One signature with the payload it is over.
fn one_signature(of: &Json, payload: &str) -> Decoded {
    let text = |name: &str| of.text(name).unwrap_or_default();
    let protected = text("protected");
    let head = if protected.is_empty() { Part::octets("") } else { Part::json(protected) };
    let object = joined(head.object(), of.get("header"));
    // What is not protected does not say how the payload is written (RFC 7797 section 3).
    let encoded = head.object().and_then(|header| header.get("b64")?.as_bool()) != Some(false);
    let body = if encoded { Part::json(payload) } else { Part::unencoded(payload) };
    let claims = body.object().cloned();
    let parts = vec![head, body, Part::octets(text("signature"))];

    let mut findings = compact::alphabet(&parts, &NAMES, |at| at != 1 || encoded);
    findings.push(content::claims_json(&parts[1], object.as_ref(), None));
    findings.extend(content::both(object.as_ref(), claims.as_ref()));
    findings.extend(object.iter().flat_map(|object| header::inspect(object, claims.as_ref())));
    findings.push(compact::signature_part(&parts[2], object.as_ref()));
    let signing_input = Some(format!("{protected}.{payload}"));
    Decoded { form: Form::JsonSerialization, parts, header: object, claims, signing_input, ..Decoded::empty(findings) }
}

fn jwe(json: &Json) -> Decoded {
    let head = Part::json(json.text("protected").unwrap_or_default());
    let recipient = json.get("recipients").and_then(|all| all.elements().first()).unwrap_or(json);
    let object = joined(joined(head.object(), json.get("unprotected")).as_ref(), recipient.get("header"));
    let mut findings = vec![COMPACT.broken("five parts with dots", "a JWE as JSON"), form(json)];
    findings.extend(object.iter().flat_map(|object| header::inspect(object, None)));
    findings.push(compact::encrypted(object.as_ref()));
    Decoded { form: Form::JsonSerialization, parts: vec![head], header: object, ..Decoded::empty(findings) }
}

/// Protected and unprotected members together (RFC 7515 section 4); their names must not overlap.
fn joined(protected: Option<&Json>, unprotected: Option<&Json>) -> Option<Json> {
    let members: Vec<_> = [protected, unprotected].into_iter().flatten().flat_map(Json::members).cloned().collect();
    (!members.is_empty()).then_some(Json::Object(members))
}

/// Holds the document against its grammar; the first ten faults are told.
fn form(json: &Json) -> Check {
    let (list, alone): (&str, &[&str]) = match json.get("ciphertext") {
        Some(_) => ("recipients", &["header", "encrypted_key"]),
        None => ("signatures", &["protected", "header", "signature"]),
    };
    let mut faults: Vec<String> = json.duplicates().iter().map(|name| format!("{name} twice")).collect();
    if list == "signatures" && json.get("payload").is_some_and(|payload| payload.as_str().is_none()) {
        faults.push("payload is no text".to_owned());
    }
    let many = json.get(list).map(Json::elements).unwrap_or_default();
    match json.get(list) {
        None => faults.extend(entry_faults(json, json)),
        Some(Json::Array(all)) if all.is_empty() => faults.push(format!("{list} is empty")),
        Some(Json::Array(_)) => {
            let both = alone.iter().filter(|name| json.get(name).is_some());
            faults.extend(both.map(|name| format!("{name} beside {list}")));
            let of = |(at, one): (usize, &Json)| {
                entry_faults(one, json)
                    .into_iter()
                    .map(move |fault| format!("{list}[{at}]: {fault}"))
                    .collect::<Vec<_>>()
            };
            faults.extend(many.iter().enumerate().take(SIGNATURE_LIMIT).flat_map(of));
        }
        Some(other) => faults.push(format!("{list} is of type {}", other.kind())),
    }
    if many.len() > SIGNATURE_LIMIT {
        faults.push(format!("{} {list}, of which {SIGNATURE_LIMIT} are looked at", many.len()));
    }
    faults.truncate(10);
    let actual = if faults.is_empty() { "in order".to_owned() } else { visible(&faults.join("; ")).into_owned() };
    JSON_FORM.holds(faults.is_empty(), "the members of RFC 7515 section 7.2", actual)
}

/// What is wrong with one signature or recipient: its members, and what must be protected (RFC 7515 section 4.1.11, RFC
/// 7797 section 3).
fn entry_faults(one: &Json, json: &Json) -> Vec<String> {
    let is_encrypted = json.get("ciphertext").is_some();
    let protected = (if is_encrypted { json } else { one }).get("protected");
    let head = protected.and_then(Json::as_str).map(Part::json);
    let open: Vec<&Json> = [one.get("header"), json.get("unprotected")].into_iter().flatten().collect();
    let mut faults = Vec::new();
    if !is_encrypted && one.text("signature").is_none() {
        faults.push("no signature".to_owned());
    }
    if protected.is_some_and(|protected| protected.as_str().is_none()) {
        faults.push("protected is no text".to_owned());
    }
    if open.iter().any(|header| !header.is_object()) {
        faults.push("header is no object".to_owned());
    }
    if protected.is_none() && open.is_empty() {
        faults.push("neither protected nor header".to_owned());
    }
    let names = || open.iter().flat_map(|header| header.members()).map(|(name, _)| name.as_str());
    faults.extend(
        ["crit", "b64"]
            .into_iter()
            .filter(|it| names().any(|name| name == *it))
            .map(|it| format!("{it} is not protected")),
    );
    let kept: std::collections::HashSet<&str> = match head.as_ref().and_then(Part::object) {
        Some(head) => head.members().iter().map(|(name, _)| name.as_str()).collect(),
        None => std::collections::HashSet::new(),
    };
    faults.extend(names().filter(|name| kept.contains(name)).take(10).map(|name| format!("{name} is in both headers")));
    faults
}

fn describe(signatures: usize, token: &str) -> String {
    let mut text = match signatures {
        0 => "a JWS as JSON".to_owned(),
        1 => "a JWS as JSON with 1 signature".to_owned(),
        count => format!("a JWS as JSON with {count} signatures, of which the first is shown"),
    };
    if token.bytes().filter(|byte| *byte == b'.').count() == 2 {
        text.push_str("; split at its dots it is another token");
    }
    text
}
