//! Takes a token apart (RFC 7515, 7516, 7519): always, whatever it is, and says everything that is wrong with it.
//!
//! Nothing here is verified. What a finding says concerns the format; signatures are
//! [`verify`](super::verify)'s subject and times [`claims`](super::claims)'s.

mod compact;
mod content;
mod envelope;
mod header;
mod json_form;
mod pasted;
mod within;

use std::fmt;

use crate::base::check::{Check, Level, Rule};
use crate::base::json::{Json, JsonError};
use crate::base::spec::Spec;

use super::base64url;

pub use header::RULES as HEADER_RULES;
pub use pasted::decode_pasted;
pub use within::Within;
pub(super) use within::called;

/// Longest text that is taken apart, in bytes.
pub const SIZE_LIMIT: usize = 4 * 1024 * 1024;

static SIZE: Rule = Rule {
    id: "jwt.size",
    title: "at most 4 MiB",
    why: "Tokens travel in headers and cookies; a huge one is an attack on whoever decodes it.",
    fix: "Put less into the token, and limit its length before decoding.",
    level: Level::Must,
    spec: Spec::new("RFC 7519", "7.2"),
    rejects: None,
};

/// The rules about the token as a whole.
pub static RULES: &[&Rule] = &[
    &SIZE,
    &envelope::ENVELOPE,
    &compact::PARTS,
    &compact::BASE64URL,
    &compact::SIGNATURE_PART,
    &compact::ENCRYPTED,
    &json_form::COMPACT,
    &json_form::JSON_FORM,
    &within::NESTING,
    &content::HEADER_JSON,
    &content::CLAIMS_JSON,
    &content::DUPLICATE_MEMBER,
    &content::HIDDEN_CHARACTERS,
];

/// What stands between two dots. `Debug` shows lengths only.
#[derive(Clone, PartialEq, Eq)]
pub struct Part {
    /// As sent.
    pub text: String,
    /// Decoded; also when only lenient decoding succeeds, which `problem` then says.
    pub bytes: Option<Vec<u8>>,
    /// The JSON in it, for header and payload.
    pub json: Option<Json>,
    /// What is wrong with it, if anything.
    pub problem: Option<String>,
}

/// What kind of text a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Signed: header, payload, signature.
    Jws,
    /// `alg` is `none`, or is meant to pass for it.
    UnsecuredJws,
    /// Encrypted: header, encrypted key, initialization vector, ciphertext, authentication tag.
    Jwe,
    /// JWS or JWE written as a JSON object, which is not a JWT.
    JsonSerialization,
    /// Nothing that can be looked into.
    Opaque,
}

/// A token taken apart. `Debug` shows neither the token nor its claims.
#[derive(Clone, PartialEq, Eq)]
pub struct Decoded {
    /// As given.
    pub text: String,
    /// What it is.
    pub form: Form,
    /// Its parts in order, five at most. Of a JSON serialization: protected header, payload, signature.
    pub parts: Vec<Part>,
    /// The header, when it is a JSON object.
    pub header: Option<Json>,
    /// The claims, when they are a JSON object. Of an encrypted token those that it held without a signature.
    pub claims: Option<Json>,
    /// The format verdict.
    pub findings: Vec<Check>,
    /// The token that the payload is, or the further signatures of a JSON serialization.
    pub within: Vec<Within>,
    /// A clean copy to offer, when the text had quotes, white space, padding and the like. Its signature may differ.
    pub cleaned: Option<String>,
    signing_input: Option<String>,
}

/// Takes any text apart. Never fails; texts over [`SIZE_LIMIT`] are only measured.
pub fn decode(text: &str) -> Decoded {
    decode_at(text, 0)
}

/// As [`decode`], so many tokens deep in each other.
fn decode_at(text: &str, depth: usize) -> Decoded {
    if text.len() > SIZE_LIMIT {
        let check = SIZE.broken(format!("at most {SIZE_LIMIT} bytes"), format!("{} bytes, not decoded", text.len()));
        return Decoded { text: text.to_owned(), ..Decoded::opaque(check) };
    }
    let unwrapped = envelope::unwrap(text);
    let token = unwrapped.token.as_ref();
    let mut decoded = if token.starts_with('{') { json_form::read(token) } else { compact::read(token, depth) };
    decoded.findings.splice(0..0, unwrapped.finding());
    decoded.cleaned = decoded.cleaned.or_else(|| (token != text).then(|| token.to_owned()));
    Decoded { text: text.to_owned(), ..decoded }
}

impl Decoded {
    /// The header member `alg`, when it is text.
    pub fn alg(&self) -> Option<&str> {
        self.header.as_ref()?.text("alg")
    }

    /// Whether a shared secret signs it (RFC 7518 section 3.2).
    pub fn is_mac(&self) -> bool {
        self.alg().is_some_and(|alg| alg.starts_with("HS"))
    }

    /// The header member `kid`, when it is text.
    pub fn kid(&self) -> Option<&str> {
        self.header.as_ref()?.text("kid")
    }

    /// The header member `typ`, when it is text.
    pub fn typ(&self) -> Option<&str> {
        self.header.as_ref()?.text("typ")
    }

    /// A claim; the first when it occurs more than once.
    pub fn claim(&self, name: &str) -> Option<&Json> {
        self.claims.as_ref()?.get(name)
    }

    /// What stands around the token or got inside it, as an answer is held to it: a person may copy more than the token,
    /// a server sends it alone.
    pub fn enveloped(&self) -> Option<Check> {
        let found = self.findings.iter().find(|check| check.rule == &envelope::ENVELOPE)?;
        Some(envelope::ENVELOPE.broken("the token alone", found.actual.clone().unwrap_or_default()))
    }

    /// The token whose signature was taken out, and something put there that is none: nothing is said of it, and nothing
    /// is to be repaired.
    pub fn without_signature(mut self) -> Self {
        let of_part = |check: &Check| check.actual.as_deref().is_some_and(|saw| saw.starts_with("signature: "));
        self.findings.retain(|check| {
            let is_fault = check.rule == &compact::BASE64URL && of_part(check);
            !is_fault && check.rule != &compact::SIGNATURE_PART
        });
        Self { cleaned: None, ..self }
    }

    /// What of the token is signed: of an encrypted one that was opened, the token inside, else the token itself.
    pub fn signed(&self) -> &Self {
        match (self.form, self.within.first()) {
            (Form::Jwe, Some(inner)) => inner.token.signed(),
            _ => self,
        }
    }

    /// The token with what was encrypted in it: the token inside, or claims without a signature.
    pub(super) fn holding(mut self, inside: Decoded, claims: Option<Json>) -> Self {
        let within: Vec<_> =
            claims.is_none().then(|| Within { name: "inside".to_owned(), token: inside }).into_iter().collect();
        // That it is closed is no longer so.
        self.findings.retain(|check| check.rule != &compact::ENCRYPTED);
        self.findings.extend(within::findings(&within));
        Self { within, claims, ..self }
    }

    /// What the signature is made over: header, dot and payload exactly as sent (RFC 7515 section 5.1).
    pub fn signing_input(&self) -> Option<&str> {
        self.signing_input.as_deref()
    }

    /// The payload as text, when it is no JSON: shown as it is.
    pub fn text_payload(&self) -> Option<&str> {
        let payload = self.parts.get(1).filter(|part| part.json.is_none() && !self.is_encrypted())?;
        std::str::from_utf8(payload.bytes.as_deref()?).ok().filter(|text| !text.is_empty())
    }

    /// Whether the payload travels apart from header and signature (RFC 7515 appendix F).
    pub fn is_detached(&self) -> bool {
        let text = |at: usize| self.parts.get(at).map_or("", |part| part.text.as_str());
        !self.is_encrypted() && self.parts.len() == 3 && text(1).is_empty() && !text(2).is_empty()
    }

    /// A JWE in either form.
    fn is_encrypted(&self) -> bool {
        self.form == Form::Jwe || self.header.as_ref().is_some_and(|header| header.get("enc").is_some())
    }

    fn opaque(check: Check) -> Self {
        Self::empty(vec![check])
    }

    fn empty(findings: Vec<Check>) -> Self {
        Self {
            text: String::new(),
            form: Form::Opaque,
            parts: Vec::new(),
            header: None,
            claims: None,
            findings,
            within: Vec::new(),
            cleaned: None,
            signing_input: None,
        }
    }
}

impl Part {
    /// A part that holds bytes.
    fn octets(text: &str) -> Self {
        let (bytes, problem) = match base64url::decode(text) {
            Ok(bytes) => (Some(bytes), None),
            Err(error) => (base64url::decode_leniently(text), Some(error.to_string())),
        };
        Self { text: text.to_owned(), bytes, json: None, problem }
    }

    /// A part that should hold JSON.
    fn json(text: &str) -> Self {
        Self::octets(text).read_json()
    }

    /// A payload that is not encoded (RFC 7797 section 3).
    fn unencoded(text: &str) -> Self {
        Self { text: text.to_owned(), bytes: Some(text.as_bytes().to_vec()), json: None, problem: None }.read_json()
    }

    fn read_json(mut self) -> Self {
        let Some(bytes) = &self.bytes else { return self };
        match Json::parse(bytes) {
            Ok(json) => self.json = Some(json),
            Err(error) => {
                let problem = not_json(bytes, &error);
                self.problem = Some(self.problem.map_or(problem.clone(), |earlier| format!("{earlier}; {problem}")));
            }
        }
        self
    }

    fn object(&self) -> Option<&Json> {
        self.json.as_ref().filter(|json| json.is_object())
    }
}

impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part").field("length", &self.text.len()).field("problem", &self.problem).finish_non_exhaustive()
    }
}

impl fmt::Debug for Decoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("Decoded");
        out.field("form", &self.form).field("alg", &self.alg()).field("kid", &self.kid());
        out.field("parts", &self.parts).finish_non_exhaustive()
    }
}

/// RFC 8259 section 8.1: JSON is UTF-8 without a byte order mark.
fn not_json(bytes: &[u8], error: &JsonError) -> String {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => "it starts with a byte order mark, which JSON must not have".to_owned(),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [_, 0, ..] | [0, _, ..] => {
            "it looks like UTF-16; JSON must be UTF-8".to_owned()
        }
        _ => format!("it is not JSON: {error}"),
    }
}
