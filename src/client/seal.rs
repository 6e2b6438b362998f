//! Requests that are about to leave: a draft that a person may edit, and seals that are put on when it leaves.
//!
//! A seal is what is made from secrets, keys, the clock and the final message: client authentication, assertions, the
//! access token, what the TLS handshake shows. It is put on in one function, [`Draft::leave`], so that `iat`, `exp` and
//! `jti` are true when they travel, whatever was edited before and however long that took. Before it is put on it can be
//! looked at ([`Draft::outline`]), and the claims of what it signs can be changed ([`ClaimEdits`]).

use serde_json::{Map, Value};
use url::Url;

use super::assertion;
use super::authentication::{self, AuthenticationError, Caller, certificate, with_authorization, with_form};
use super::certificate::describe;
pub use super::claim_edits::ClaimEdits;
use super::dpop::{DPOP, Proving};
use super::request_object::{self, Message};
use super::settings::Settings;
use crate::base::http::{HttpRequest, JSON};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::scope;

/// A request that is about to leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// What can be edited: everything that needs no key, no secret of the client and no clock.
    pub message: HttpRequest,
    /// Put on in this order.
    pub seals: Vec<Seal>,
}

/// How a request carries its access token (RFC 6750 section 2, RFC 9449 section 7.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// `Authorization: Bearer`.
    Header,
    /// `access_token` in the form.
    Form,
    /// `Authorization: DPoP`, beside a proof.
    Bound,
}

/// What is put on a request when it leaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seal {
    /// The statement about a user that the client makes (RFC 7523 section 2.1).
    Assertion,
    /// The whole request as one signed JWT (RFC 9101).
    RequestObject {
        /// What is asked with it.
        of: Message,
        /// The parameters beside it: space-separated names.
        outside: String,
    },
    /// The address from which the server fetches that, in its place (RFC 9101 section 5.2).
    Reference(String),
    /// Client authentication as the settings have it (RFC 6749 section 2.3, RFC 7523 section 2.2).
    Client,
    /// The access token, with its scheme.
    AccessToken {
        /// The token.
        token: Secret,
        /// Where it goes.
        carrier: Carrier,
    },
    /// The client's certificate in the TLS handshake, when it has one (RFC 8705).
    Certificate,
    /// The proof that the client has its key (RFC 9449), after all that it speaks of.
    Dpop,
    /// Certificate authorities that are trusted beside those of the system.
    Authorities,
    /// Parameters that are left out again, whichever seal has put them on: space-separated names.
    Without(String),
}

/// The changes to what each seal signs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SealEdits {
    /// Of the client's own assertion.
    pub client_assertion: ClaimEdits,
    /// Of the one about a user.
    pub assertion: ClaimEdits,
    /// Of the DPoP proof.
    pub dpop: ClaimEdits,
    /// Of the request object.
    pub request: ClaimEdits,
}

/// What seals are made with.
#[derive(Clone, Debug)]
pub struct Sealing<'a> {
    /// The client as it presents itself in this request.
    pub caller: Caller<'a>,
    /// The name of an assertion about a user or of a request object, another one than that of the client's own.
    pub jti_of_user: String,
    /// The client as it proves to have its key.
    pub proving: Proving<'a>,
    /// What was changed in them.
    pub edits: &'a SealEdits,
}

/// What a seal adds, before it is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    /// The parameter, the header field or the setting: `client_assertion`.
    pub name: &'static str,
    /// What it will be, in words.
    pub says: String,
    /// The claims it will have, for what is signed.
    pub claims: Option<Map<String, Value>>,
}

/// The form with the name of the client, unless that goes into the header with its secret (RFC 6749 section 3.2.1).
pub fn identified(mut form: Params, settings: &Settings) -> Params {
    let client_id = &settings.client.client_id;
    let is_in_header = settings.auth_method() == Some(ClientAuthMethod::ClientSecretBasic);
    if !is_in_header && !client_id.is_empty() {
        form.push("client_id", client_id);
    }
    form
}

/// A form that the client posts, with the seals that prove who it is (RFC 6749 section 2.3, RFC 8705 section 2).
pub fn authenticated(endpoint: Url, form: &Params) -> Draft {
    let message = HttpRequest::post_form(endpoint, form).with_header("Accept", JSON);
    Draft::of(message).sealed_with(Seal::Client).sealed_with(Seal::Certificate)
}

impl SealEdits {
    /// The seals with claims, by the name of what they add.
    pub const NAMES: [&'static str; 4] = ["client_assertion", "assertion", "request", "dpop"];

    /// The changes to what is added under this name; `None` where nothing of that name is signed here.
    pub fn of(&self, name: &str) -> Option<&ClaimEdits> {
        match name {
            "client_assertion" => Some(&self.client_assertion),
            "assertion" => Some(&self.assertion),
            "dpop" => Some(&self.dpop),
            "request" => Some(&self.request),
            _ => None,
        }
    }

    /// The same, to change them.
    pub fn of_mut(&mut self, name: &str) -> Option<&mut ClaimEdits> {
        match name {
            "client_assertion" => Some(&mut self.client_assertion),
            "assertion" => Some(&mut self.assertion),
            "dpop" => Some(&mut self.dpop),
            "request" => Some(&mut self.request),
            _ => None,
        }
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        Self::NAMES.iter().all(|name| self.of(name).is_none_or(ClaimEdits::is_empty))
    }
}

impl Draft {
    /// A message without seals.
    pub const fn of(message: HttpRequest) -> Self {
        Self { message, seals: Vec::new() }
    }

    /// The same message with one more seal.
    #[must_use]
    pub fn sealed_with(mut self, seal: Seal) -> Self {
        self.seals.push(seal);
        self
    }

    /// The request as it leaves.
    ///
    /// # Errors
    /// When a seal lacks what it is made from.
    pub fn leave(&self, sealing: &Sealing<'_>) -> Result<HttpRequest, AuthenticationError> {
        self.seals.iter().try_fold(self.message.clone(), |request, seal| seal.put_on(request, sealing))
    }

    /// What the seals will add, in their order; what adds nothing is left out.
    pub fn outline(&self, sealing: &Sealing<'_>) -> Vec<Outline> {
        self.seals.iter().filter_map(|seal| self.outline_of(seal, sealing)).collect()
    }

    /// A proof speaks of what the others have put on.
    fn outline_of(&self, seal: &Seal, sealing: &Sealing<'_>) -> Option<Outline> {
        if *seal != Seal::Dpop {
            return seal.outline(&self.message, sealing);
        }
        let before = self.seals.iter().take_while(|other| **other != Seal::Dpop);
        let put_on = before.filter(|other| matches!(other, Seal::AccessToken { .. }));
        let request = put_on.cloned().try_fold(self.message.clone(), |request, seal| seal.put_on(request, sealing));
        let claims = sealing.proving.claims(&request.ok()?, sealing.caller.now);
        Some(Outline { name: "dpop", says: sealing.proving.how()?, claims: Some(sealing.edits.dpop.on(claims)) })
    }
}

impl Seal {
    fn put_on(&self, request: HttpRequest, sealing: &Sealing<'_>) -> Result<HttpRequest, AuthenticationError> {
        let settings = sealing.caller.settings;
        Ok(match self {
            Self::Assertion => {
                let caller = sealing.of_user();
                let made = assertion::of_user(&caller, &sealing.edits.assertion)?;
                with_form(request, &[("assertion", made.expose())])
            }
            Self::RequestObject { of, outside } => {
                let params = request_object::carried(&request);
                let made = request_object::made(*of, &params, &sealing.of_user(), &sealing.edits.request)?;
                request_object::put_in(request, &made, outside)
            }
            Self::Reference(request_uri) => request_object::refer(request, request_uri),
            Self::Client => authentication::authenticate(request, &sealing.caller, &sealing.edits.client_assertion)?,
            Self::AccessToken { token, carrier: Carrier::Header } => {
                with_authorization(request, format!("Bearer {}", token.expose()))
            }
            Self::AccessToken { token, carrier: Carrier::Form } => {
                with_form(request, &[("access_token", token.expose())])
            }
            Self::AccessToken { token, carrier: Carrier::Bound } => {
                with_authorization(request, format!("{DPOP} {}", token.expose()))
            }
            Self::Dpop => sealing.proving.put_on(request, sealing.caller.now, &sealing.edits.dpop)?,
            // A certificate is part of a TLS handshake; without one nothing is shown.
            Self::Certificate => match certificate(settings)?.filter(|_| request.url.scheme() == "https") {
                Some(shown) => authentication::with_certificate(request, shown),
                None => request,
            },
            Self::Authorities => trusting(request, settings),
            Self::Without(names) => without(request, names),
        })
    }

    fn outline(&self, message: &HttpRequest, sealing: &Sealing<'_>) -> Option<Outline> {
        let settings = sealing.caller.settings;
        let plain = |name, says: String| Some(Outline { name, says, claims: None });
        match self {
            Self::Assertion => {
                let claims = assertion::user_claims(&sealing.of_user()).ok()?;
                Some(Outline {
                    name: "assertion",
                    says: assertion::how_user_is_signed(settings)?,
                    claims: Some(sealing.edits.assertion.on(claims)),
                })
            }
            Self::RequestObject { of, .. } => {
                let claims = request_object::claims(*of, &request_object::carried(message), &sealing.of_user());
                Some(Outline {
                    name: "request",
                    says: request_object::how_signed(*of, settings)?,
                    claims: Some(sealing.edits.request.on(claims)),
                })
            }
            Self::Reference(request_uri) => plain("request_uri", format!("{request_uri}, where the object is fetched")),
            Self::Client => client_outline(sealing),
            Self::AccessToken { carrier: Carrier::Header, .. } => {
                plain("Authorization", "Bearer, with the access token".to_owned())
            }
            Self::AccessToken { carrier: Carrier::Form, .. } => plain("access_token", "the access token".to_owned()),
            Self::AccessToken { carrier: Carrier::Bound, .. } => {
                plain("Authorization", "DPoP, with the access token".to_owned())
            }
            Self::Certificate => {
                let shown = certificate(settings).ok()??;
                let whose = describe(&shown).map_or_else(|_| "a certificate".to_owned(), |it| it.subject.to_string());
                plain("tls_client_certificate", format!("{whose}, shown in the TLS handshake"))
            }
            Self::Dpop | Self::Without(_) => None,
            Self::Authorities if settings.server.certificate_authority.trim().is_empty() => None,
            Self::Authorities => plain("certificate_authority", "trusted beside those of the system".to_owned()),
        }
    }
}

/// The same request without these parameters of its form, the others as they are.
fn without(mut request: HttpRequest, names: &str) -> HttpRequest {
    if let Some(mut form) = request.form().filter(|form| scope::words(names).any(|name| form.contains(name))) {
        scope::words(names).for_each(|name| form.remove(name));
        request.body = form.encode().into_bytes();
    }
    request
}

fn client_outline(sealing: &Sealing<'_>) -> Option<Outline> {
    let method = sealing.caller.settings.auth_method()?;
    let plain = |name, says: &str| Some(Outline { name, says: says.to_owned(), claims: None });
    match method {
        ClientAuthMethod::ClientSecretBasic => plain("Authorization", "Basic, with client_id and client_secret"),
        ClientAuthMethod::ClientSecretPost => plain("client_secret", "of the settings"),
        ClientAuthMethod::PrivateKeyJwt if sealing.caller.finished.is_some() => {
            plain("client_assertion", "as somebody else has signed it")
        }
        ClientAuthMethod::ClientSecretJwt | ClientAuthMethod::PrivateKeyJwt => {
            let claims = assertion::client_claims(&sealing.caller).ok()?;
            Some(Outline {
                name: "client_assertion",
                says: assertion::how_client_signs(sealing.caller.settings, method)?,
                claims: Some(sealing.edits.client_assertion.on(claims)),
            })
        }
        ClientAuthMethod::None | ClientAuthMethod::TlsClientAuth | ClientAuthMethod::SelfSignedTlsClientAuth => None,
    }
}

fn trusting(mut request: HttpRequest, settings: &Settings) -> HttpRequest {
    let authority = settings.server.certificate_authority.trim();
    if !authority.is_empty() {
        request.tls.authorities = Some(authority.into());
    }
    request
}

impl<'a> Sealing<'a> {
    /// The client as it speaks about a user, or in a request object.
    fn of_user(&self) -> Caller<'a> {
        Caller { jti: self.jti_of_user.clone(), ..self.caller.clone() }
    }
}

/// The request as it leaves with these settings, for tests of what a message looks like.
#[cfg(test)]
pub(crate) fn left(draft: &Draft, settings: &Settings) -> HttpRequest {
    let now = crate::base::time::Timestamp::default();
    let caller =
        Caller { settings, issuer: None, token_endpoint: None, called: None, now, jti: String::new(), finished: None };
    let proving = Proving { key: None, nonces: &Default::default(), jti: String::new() };
    let sealing = Sealing { caller, jti_of_user: String::new(), proving, edits: &SealEdits::default() };
    draft.leave(&sealing).expect("nothing is missing")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::base::time::Timestamp;
    use crate::client::dpop::Nonces;
    use crate::jose::jwt::decode;
    use crate::jose::key::SigningKey;

    fn settings(method: &str) -> Settings {
        let mut settings = Settings::default();
        "web".clone_into(&mut settings.client.client_id);
        method.clone_into(&mut settings.client.token_endpoint_auth_method);
        settings.client.client_secret = "a secret of thirty-two characters".into();
        settings.client.private_key = SigningKey::generate("ES256", "k1").expect("a key").private_jwk();
        settings
    }

    fn sealing<'a>(settings: &'a Settings, edits: &'a SealEdits, seconds: i64) -> Sealing<'a> {
        let caller = Caller {
            settings,
            issuer: Some("https://as.example"),
            token_endpoint: None,
            called: None,
            now: Timestamp::from_seconds(seconds),
            jti: "j1".to_owned(),
            finished: None,
        };
        static NONE: Nonces = Nonces::new();
        let proving = Proving { key: None, nonces: &NONE, jti: "j3".to_owned() };
        Sealing { caller, jti_of_user: "j2".to_owned(), proving, edits }
    }

    fn draft(settings: &Settings) -> Draft {
        let url = Url::parse("https://as.example/token").expect("a URL");
        authenticated(url, &identified(Params::new(), settings))
    }

    #[test]
    fn what_is_signed_is_made_when_it_leaves_with_the_claims_of_its_outline() {
        let settings = settings("private_key_jwt");
        let (draft, mut edits) = (draft(&settings), SealEdits::default());
        for (typed, claims) in [
            (None, json!({"iss":"web","sub":"web","aud":"https://as.example","jti":"j1","iat":60,"exp":360})),
            (Some("60"), json!({"iss":"web","sub":"web","aud":"https://as.example","iat":60,"exp":60})),
        ] {
            if let Some(exp) = typed {
                edits.client_assertion.set("exp", exp);
                edits.client_assertion.omit("jti");
            }
            let sealing = sealing(&settings, &edits, 60);
            let form = draft.leave(&sealing).expect("sealed").form().expect("a form");
            let made = decode(form.get("client_assertion").expect("an assertion"));
            let outline = draft.outline(&sealing).remove(0);
            assert_eq!(serde_json::from_str::<Value>(&made.claims.expect("claims").to_string()).ok(), Some(claims));
            let says: Value = outline.claims.map(Value::Object).expect("claims");
            assert_eq!(says["exp"], json!(if typed.is_some() { 60 } else { 360 }));
        }
    }

    #[test]
    fn each_seal_says_what_it_will_add() {
        for (method, name) in [
            ("client_secret_basic", "Authorization"),
            ("client_secret_post", "client_secret"),
            ("client_secret_jwt", "client_assertion"),
            ("private_key_jwt", "client_assertion"),
        ] {
            let settings = settings(method);
            let edits = SealEdits::default();
            let sealing = sealing(&settings, &edits, 0);
            let outlines = draft(&settings).outline(&sealing);
            assert_eq!(outlines.iter().map(|outline| outline.name).collect::<Vec<_>>(), [name], "{method}");
            let left = draft(&settings).leave(&sealing).expect("sealed");
            let is_there = match name {
                "Authorization" => left.headers.get(name).is_some(),
                name => left.form().is_some_and(|form| form.contains(name)),
            };
            assert!(is_there, "{method}");
        }
    }

    #[test]
    fn a_header_field_that_is_typed_takes_the_place_of_the_seal() {
        let settings = settings("client_secret_basic");
        let mut draft = draft(&settings);
        draft.message.headers.push("authorization", "Basic mine");
        let edits = SealEdits::default();
        let left = draft.leave(&sealing(&settings, &edits, 0)).expect("sealed");
        assert_eq!(left.headers.all("authorization").collect::<Vec<_>>(), ["Basic mine"]);
    }

    #[test]
    fn what_is_no_form_any_more_is_left_as_it_is() {
        let settings = settings("client_secret_post");
        let mut draft = draft(&settings);
        draft.message.headers.set("Content-Type", "application/json");
        draft.message.body = b"{}".to_vec();
        let edits = SealEdits::default();
        assert_eq!(draft.leave(&sealing(&settings, &edits, 0)).map(|left| left.body), Ok(b"{}".to_vec()));
    }
}
