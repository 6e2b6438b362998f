//! The JSON serializations (RFC 7515 section 7.2, RFC 7516 section 7.2). The first signature is shown.

use super::{Decoded, Form, Part, compact, content, header};
use crate::base::check::{Level, Rule};
use crate::base::json::Json;
use crate::base::spec::Spec;

pub(super) static COMPACT: Rule = Rule {
    id: "jwt.compact",
    title: "a JWT is written compact, not as JSON",
    why: "A JSON text can be built that also splits at its dots; two readers then see two tokens (CVE-2022-39227).",
    fix: "Send the compact form. A verifier of JWTs must not accept the JSON form.",
    level: Level::Must,
    spec: Spec::new("RFC 7519", "1"),
    rejects: None,
};

const NAMES: [&str; 3] = ["protected", "payload", "signature"];

/// Reads the flattened or general JSON serialization.
pub(super) fn read(token: &str) -> Decoded {
    let json = match Json::parse_text(token) {
        Ok(json) => json,
        Err(error) => return Decoded::opaque(compact::PARTS.note(format!("starts like JSON but is not: {error}"))),
    };
    if json.get("ciphertext").is_some() {
        return jwe(&json);
    }
    if json.text("payload").is_none() {
        return Decoded::opaque(compact::PARTS.note("JSON, but no token: there is neither a payload nor a ciphertext"));
    }
    jws(&json, token)
}

fn jws(json: &Json, token: &str) -> Decoded {
    let signatures = json.get("signatures").map(Json::elements).unwrap_or_default();
    let first = signatures.first().unwrap_or(json);
    let text = |of: &Json, name: &str| of.text(name).unwrap_or_default().to_owned();
    let (protected, payload, signature) = (text(first, "protected"), text(json, "payload"), text(first, "signature"));

    let head = if protected.is_empty() { Part::octets("") } else { Part::json(&protected) };
    let object = joined(head.object(), first.get("header"));
    let encoded = object.as_ref().and_then(|header| header.get("b64")?.as_bool()) != Some(false);
    let body = if encoded { Part::json(&payload) } else { Part::unencoded(&payload) };
    let claims = body.object().cloned();
    let parts = vec![head, body, Part::octets(&signature)];

    let mut findings = vec![COMPACT.broken("three parts with dots", describe(signatures.len(), token))];
    findings.extend(compact::alphabet(&parts, &NAMES, |at| at != 1 || encoded));
    findings.push(content::claims_json(&parts[1], object.as_ref()));
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
    let mut findings = vec![COMPACT.broken("five parts with dots", "a JWE as JSON")];
    findings.extend(object.iter().flat_map(|object| header::inspect(object, None)));
    findings.push(compact::encrypted(object.as_ref()));
    Decoded { form: Form::JsonSerialization, parts: vec![head], header: object, ..Decoded::empty(findings) }
}

/// Protected and unprotected members together (RFC 7515 section 4); their names must not overlap.
fn joined(protected: Option<&Json>, unprotected: Option<&Json>) -> Option<Json> {
    let members: Vec<_> = [protected, unprotected].into_iter().flatten().flat_map(Json::members).cloned().collect();
    (!members.is_empty()).then_some(Json::Object(members))
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
