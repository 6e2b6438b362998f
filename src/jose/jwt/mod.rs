//! Takes a token apart.
use crate::base::check::{Check, Rule};
use crate::base::json::Json;

/// The rules about the token as a whole.
pub static RULES: &[&Rule] = &[];
/// The rules about the header.
pub static HEADER_RULES: &[&Rule] = &[];

/// One part between dots.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// As sent.
    pub text: String,
    /// Decoded, also when only lenient decoding succeeds.
    pub bytes: Option<Vec<u8>>,
    /// The JSON in it.
    pub json: Option<Json>,
    /// What is wrong with it.
    pub problem: Option<String>,
}

/// What kind of text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Signed.
    Jws,
    /// `alg` none.
    UnsecuredJws,
    /// Encrypted.
    Jwe,
    /// A JWS or JWE as JSON.
    JsonSerialization,
    /// Not a JWT.
    Opaque,
}

/// A token taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decoded {
    /// As given.
    pub text: String,
    /// What it is.
    pub form: Form,
    /// Its parts.
    pub parts: Vec<Part>,
    /// The header, when it is JSON.
    pub header: Option<Json>,
    /// The claims, when they are JSON.
    pub claims: Option<Json>,
    /// The format verdict.
    pub findings: Vec<Check>,
    /// The token without what had to be removed.
    pub cleaned: Option<String>,
    signing_input: Option<String>,
}

/// Takes any text apart. Never fails.
pub fn decode(text: &str) -> Decoded {
    Decoded {
        text: text.to_owned(),
        form: Form::Opaque,
        parts: Vec::new(),
        header: None,
        claims: None,
        findings: Vec::new(),
        cleaned: None,
        signing_input: None,
    }
}

impl Decoded {
    /// The header member `alg`.
    pub fn alg(&self) -> Option<&str> {
        self.header.as_ref()?.text("alg")
    }

    /// The header member `kid`.
    pub fn kid(&self) -> Option<&str> {
        self.header.as_ref()?.text("kid")
    }

    /// The header member `typ`.
    pub fn typ(&self) -> Option<&str> {
        self.header.as_ref()?.text("typ")
    }

    /// A claim.
    pub fn claim(&self, name: &str) -> Option<&Json> {
        self.claims.as_ref()?.get(name)
    }

    /// What the signature is made over.
    pub fn signing_input(&self) -> Option<&str> {
        self.signing_input.as_deref()
    }
}
