//! The authorization request and its response (RFC 6749 sections 4.1.1 and 4.1.2, RFC 7636
//! section 4.3, RFC 9207, OIDC Core section 3.1.2).

mod belonging;
pub mod details;
pub mod jarm;
mod lint;

use url::Url;

use self::belonging::{iss, mode, state, unseen};
pub use self::lint::{lint, lint_address, lint_contents};
use crate::base::check::Check;
use crate::base::http::HttpRequest;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::client::answer::{Accepted, Outcome};
use crate::client::endpoint::token::{TokenResponse, type_understood};
use crate::client::request_object::Message;
use crate::client::rules::response;
use crate::client::seal::{Draft, Seal};
use crate::client::settings::Settings;
use crate::client::{dpop, pkce, request_object, strength};
use crate::jose::jwt::decode;
use crate::terms::error::OAuthError;
use crate::terms::response::{ResponseMode, has, is_jwt_mode};
use crate::terms::{glossary, scope};

/// What is drawn at random for one transaction and must never be used for another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// Ties the response to this request.
    pub state: String,
    /// Ties the ID token to this request.
    pub nonce: String,
    /// The secret of PKCE.
    pub code_verifier: Secret,
}

/// An authorization request as it left, whatever carried its parameters. Read from its carrier once; everybody else
/// asks this.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuthorizationRequest {
    /// As sent, duplicates kept.
    pub params: Params,
    /// What brought them to the server.
    pub carrier: Carrier,
    /// The request object that they stand in, with what stood beside it.
    pub object: Option<Object>,
    /// The thumbprint of the key that its carrier proved to have (RFC 9449 section 10.1).
    pub proven: Option<String>,
}

/// A request object as it left (RFC 9101).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// The signed text.
    pub text: String,
    /// The parameters beside it, which do not count.
    pub outside: Params,
}

/// What brings the parameters of an authorization request to the server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Carrier {
    /// The address that the browser opens (RFC 6749 section 4.1.1).
    #[default]
    Url,
    /// A request of the client itself, before (RFC 9126 section 2.1).
    Pushed,
}

impl AuthorizationRequest {
    /// The request whose parameters travel in a URL (RFC 6749 section 4.1.1).
    pub fn in_url(url: &Url) -> Self {
        Self::of(Params::parse(url.query().unwrap_or_default().as_bytes()), Carrier::Url)
    }

    /// The request that a browser opens: in the object that it refers to, where this program made that.
    pub fn opened(request: &HttpRequest) -> Self {
        Self::in_url(&request.url).looked_into(request.referred.as_deref().map(str::to_owned))
    }

    /// The request in these parameters: in the request object among them, where one can be looked into.
    pub fn of(params: Params, carrier: Carrier) -> Self {
        let text = params.get("request").map(str::to_owned);
        Self { params, carrier, ..Self::default() }.looked_into(text)
    }

    /// In the object of this text, where it can be looked into.
    fn looked_into(self, text: Option<String>) -> Self {
        match text.and_then(|text| Some((request_object::parameters(&decode(&text))?, text))) {
            Some((params, text)) => Self { params, object: Some(Object { text, outside: self.params }), ..self },
            None => self,
        }
    }

    /// Everything that the carrier brought, as it stood there.
    pub fn brought(&self) -> &Params {
        self.object.as_ref().map_or(&self.params, |object| &object.outside)
    }

    /// The first value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.params.get(name)
    }

    /// Whether it has this parameter.
    pub fn contains(&self, name: &str) -> bool {
        self.params.contains(name)
    }

    /// The thumbprint of the key that its code is bound to, by its name or by a proof (RFC 9449 section 10).
    pub fn key_of_code(&self) -> Option<&str> {
        self.get("dpop_jkt").or(self.proven.as_deref())
    }

    /// How the response was asked to travel, or does so by default.
    pub fn response_mode(&self) -> ResponseMode {
        let response_type = self.get("response_type").unwrap_or_default();
        let asked = self.get("response_mode").and_then(|mode| ResponseMode::travelling(mode, response_type));
        asked.unwrap_or_else(|| ResponseMode::default_for(response_type))
    }

    /// Whether the response is to come as one JWT (JARM section 2.3).
    pub fn asks_for_jwt(&self) -> bool {
        self.get("response_mode").is_some_and(is_jwt_mode)
    }

    /// Where the response was asked to arrive; `None` when it names no place, or none that is a URL.
    pub fn redirect_uri(&self) -> Option<Url> {
        self.get("redirect_uri").and_then(|uri| Url::parse(uri).ok())
    }
}

/// Builds the request that the browser will carry.
pub fn request(authorization_endpoint: Url, settings: &Settings, redirect_uri: &str, drawn: &Drawn) -> HttpRequest {
    in_browser(authorization_endpoint, &parameters(settings, redirect_uri, drawn))
}

/// The parameters of a request, whatever will carry them.
///
/// An unknown `code_challenge_method` is sent as typed with the verifier as challenge, so that one
/// can see what the server makes of it.
pub fn parameters(settings: &Settings, redirect_uri: &str, drawn: &Drawn) -> Params {
    let mut params = Params::new();
    let request = &settings.request;
    for (name, value) in [
        ("response_type", request.response_type.as_str()),
        ("response_mode", &request.response_mode),
        ("client_id", &settings.client.client_id),
        ("redirect_uri", redirect_uri),
        ("scope", &request.scope),
        ("state", if request.state { &drawn.state } else { "" }),
        ("nonce", if request.nonce { &drawn.nonce } else { "" }),
    ] {
        push_filled(&mut params, name, value);
    }
    // PKCE protects a code; without one there is nothing to prove (RFC 7636 section 4.3).
    if has(&request.response_type, "code") {
        push_pkce(&mut params, &request.code_challenge_method, drawn);
    }
    push_filled(&mut params, "dpop_jkt", &dpop_jkt(settings).unwrap_or_default());
    for (name, value) in [
        ("prompt", &request.prompt),
        ("max_age", &request.max_age),
        ("login_hint", &request.login_hint),
        ("acr_values", &request.acr_values),
        ("audience", &request.audience),
        ("authorization_details", &settings.protection.authorization_details),
        ("claims", &settings.protection.claims),
    ] {
        push_filled(&mut params, name, value);
    }
    for resource in scope::words(&request.resource) {
        params.push("resource", resource);
    }
    for name in scope::words(&request.omit) {
        params.remove(name);
    }
    params.0.extend(request.extra.0.iter().filter(|(name, _)| !name.is_empty()).cloned());
    params
}

/// The key of the proofs, which the code is to be bound to (RFC 9449 section 10).
fn dpop_jkt(settings: &Settings) -> Option<String> {
    let protection = &settings.protection;
    dpop::jkt_of(Some(&protection.dpop_private_key).filter(|_| protection.dpop_jkt && binds_code(settings))?)
}

/// Whether tokens are asked for that are bound to a key, and a code that can be as well.
pub(super) fn binds_code(settings: &Settings) -> bool {
    settings.protection.dpop_bound_access_tokens && has(&settings.request.response_type, "code")
}

/// Drafts what the browser opens: as it is, or as a request object, where one is wanted; that is sent, or fetched by the
/// server from `request_uri`.
pub fn opening(url: Url, params: &Params, request_uri: Option<String>, settings: &Settings) -> Draft {
    let own = request_object::own_query(&url);
    let draft = Draft::of(in_browser(url, params));
    if !request_object::is_wanted(settings) {
        return draft;
    }
    let outside = format!("{} {own}", settings.protection.request_object_outside);
    let signed = draft.sealed_with(Seal::RequestObject { of: Message::Authorization, outside });
    match request_uri {
        Some(request_uri) => signed.sealed_with(Seal::Reference(request_uri)),
        None => signed,
    }
}

fn push_filled(params: &mut Params, name: &str, value: &str) {
    if !value.is_empty() {
        params.push(name, value);
    }
}

fn push_pkce(params: &mut Params, method: &str, drawn: &Drawn) {
    if matches!(method, "off" | "") {
        return;
    }
    let verifier = drawn.code_verifier.expose();
    params.push("code_challenge", pkce::challenge(method, verifier).unwrap_or_else(|| verifier.to_owned()));
    params.push("code_challenge_method", method);
}

/// What the browser opens. The endpoint's own query is kept (RFC 6749 section 3.1).
pub fn in_browser(mut url: Url, params: &Params) -> HttpRequest {
    let query = match url.query().filter(|query| !query.is_empty()) {
        Some(own) => format!("{own}&{}", params.encode()),
        None => params.encode(),
    };
    url.set_query(Some(&query));
    HttpRequest::get(url)
}

/// What the response is held against.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The request as it was really sent.
    pub sent: &'a AuthorizationRequest,
    /// The issuer that was asked, when known.
    pub issuer: Option<&'a str>,
    /// Whether the server announced `iss` in its metadata; `None` where there are none.
    pub iss_announced: Option<bool>,
    /// Whether the server's metadata say that it takes the `response_mode` that was asked for.
    pub mode_listed: bool,
}

/// What arrived: how, where and with which parameters.
#[derive(Clone, Copy, Debug)]
pub struct Arrived<'a> {
    /// The parameters of the response.
    pub params: &'a Params,
    /// The parameters as they came: those that the JWT stands in, or the same.
    pub outer: &'a Params,
    /// How it travelled.
    pub response_mode: ResponseMode,
    /// Whether they stood in a JWT, which has rules of its own.
    pub is_jwt: bool,
    /// The redirect URI it arrived at, without the response.
    pub redirect_uri: &'a str,
    /// What stood where `?` or `&` belongs, when its parameters were joined wrongly.
    pub joint: Option<&'a str>,
    /// Whether it is only that a part of them stands where the rest does not.
    pub is_apart: bool,
    /// Whether the user was asked for something on the way; `None` where nobody saw it.
    pub asked_user: Option<bool>,
}

/// What a successful authorization response brings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Granted {
    /// The authorization code.
    pub code: Option<Secret>,
    /// Tokens of the front channel.
    pub tokens: Option<TokenResponse>,
}

/// Reads an authorization response.
pub fn accept(arrived: Arrived<'_>, expected: Expected<'_>) -> Accepted<Granted> {
    let params = arrived.params;
    let sent = &expected.sent.params;
    let mut checks = vec![
        state(params, sent),
        iss(arrived, expected),
        error_or_code(params, sent),
        duplicates(arrived),
        joined(arrived),
        token_in_query(arrived),
        mode(arrived, expected),
        redirect_uri(arrived.redirect_uri, sent),
        code_entropy(params),
        code_characters(params),
        parts(params, sent),
        token_type(params),
    ];
    checks.extend(unseen(arrived, sent));
    let asks_for_nothing = asks_for_nothing(sent);
    checks.extend(asks_for_nothing.then(|| nothing(params)));
    let code = params.get("code").filter(|code| !code.is_empty()).map(Secret::new);
    let granted = Granted { code, tokens: TokenResponse::from_params(params) };
    checks.extend(granted.tokens.as_ref().and_then(|tokens| type_understood(tokens, None)));
    let brings = granted.code.is_some() || granted.tokens.is_some();
    // An error has a code (RFC 6749 section 4.1.2.1): an empty one beside what was asked for refuses nothing.
    let outcome = match OAuthError::from_params(params).filter(|error| !(brings && error.error.is_empty())) {
        Some(error) => Outcome::Refused(error),
        None if brings || asks_for_nothing => Outcome::Success(granted),
        None => Outcome::Unreadable("a response with neither code, token nor error".to_owned()),
    };
    Accepted { outcome, checks }
}

/// Those of the response, and those that carried it where it is a JWT (RFC 6749 section 3.1).
fn duplicates(arrived: Arrived<'_>) -> Check {
    let mut repeated = arrived.params.repeated();
    repeated.extend(arrived.outer.repeated().into_iter().filter(|_| arrived.is_jwt));
    let saw = if repeated.is_empty() { "none".to_owned() } else { visible(&repeated.join(", ")).into_owned() };
    response::DUPLICATES.holds(repeated.is_empty(), "each parameter once", saw)
}

/// What cannot be looked into says nothing of what it brings.
pub fn closed(what: String) -> Accepted<Granted> {
    let rules = [&response::STATE, &response::ISS, &response::ERROR, &response::PARTS];
    let checks = rules.into_iter().map(|rule| rule.skipped("the response cannot be looked into")).collect();
    Accepted { outcome: Outcome::Unreadable(what), checks }
}

/// What the listener turned away for its `state`, when nothing else came that could have been the response.
pub fn turned_away(sent: Option<&AuthorizationRequest>, saw: Option<&str>) -> Vec<Check> {
    let state = sent.and_then(|sent| sent.get("state")).unwrap_or_default();
    saw.map(|saw| response::STATE.broken(state, saw)).into_iter().collect()
}

/// What stands apart is missed by the rules that need it, and by nobody else.
fn joined(arrived: Arrived<'_>) -> Check {
    match arrived.joint {
        None => response::JOINED.pass("just these"),
        Some(joint) if arrived.is_apart => response::JOINED.note(joint),
        Some(joint) => response::JOINED.broken("? before the parameters, & between them", joint),
    }
}

fn error_or_code(params: &Params, sent: &Params) -> Check {
    match (params.get("error"), params.contains("code")) {
        (Some(""), true) => response::ERROR.warn("code alone", "code, and an empty error"),
        (Some(_), true) => response::ERROR.broken("code or error", "both"),
        (Some(error), false) if glossary::error(error).is_some() => response::ERROR.pass(error),
        (Some(error), false) => response::ERROR.warn("a registered error code", visible(error)),
        (None, true) => response::ERROR.pass("code"),
        (None, false) if TokenResponse::from_params(params).is_some() => response::ERROR.pass("tokens"),
        // OAuth Response Types section 4.
        (None, false) if asks_for_nothing(sent) => response::ERROR.pass("neither, as was asked"),
        (None, false) => response::ERROR.broken("code, tokens or error", "neither"),
    }
}

/// Whether neither code nor token is asked for (OAuth Response Types section 4).
pub fn asks_for_nothing(sent: &Params) -> bool {
    sent.get("response_type") == Some("none")
}

fn nothing(params: &Params) -> Check {
    let parts = ["code", "access_token", "id_token"];
    let came: Vec<&str> = parts.into_iter().filter(|name| params.contains(name)).collect();
    let saw = if came.is_empty() { "neither".to_owned() } else { came.join(", ") };
    response::NOTHING.holds(came.is_empty(), "neither code nor token", saw)
}

fn token_in_query(arrived: Arrived<'_>) -> Check {
    let token = ["access_token", "id_token"].into_iter().find(|name| arrived.params.contains(name));
    match token {
        Some(_) if arrived.is_jwt => response::TOKEN_IN_QUERY.skipped("it stands in a JWT"),
        Some(name) if arrived.response_mode == ResponseMode::Query => {
            response::TOKEN_IN_QUERY.broken("no token", format!("{name} in the query"))
        }
        _ => response::TOKEN_IN_QUERY.pass("none"),
    }
}

fn redirect_uri(arrived_at: &str, sent: &Params) -> Check {
    match sent.get("redirect_uri") {
        None => response::REDIRECT_URI.skipped("the request named none"),
        Some(redirect_uri) => response::REDIRECT_URI.equal(redirect_uri, arrived_at),
    }
}

fn code_entropy(params: &Params) -> Check {
    match params.get("code") {
        None => response::ENTROPY.skipped("no code"),
        Some(code) => strength::judge(&response::ENTROPY, [("code", code)]),
    }
}

/// RFC 6749 appendix A.11.
fn code_characters(params: &Params) -> Check {
    let Some(code) = params.get("code").filter(|code| !code.is_empty()) else {
        return response::CODE.skipped("no code");
    };
    let odd = code.chars().position(|letter| !(' '..='~').contains(&letter));
    let actual = odd.map_or_else(|| "all of them".to_owned(), |at| format!("another one at {at}"));
    response::CODE.holds(odd.is_none(), "characters 0x20 to 0x7E", actual)
}

/// Each word of the response type is one parameter, named like it but for `token`.
fn parts(params: &Params, sent: &Params) -> Check {
    if params.contains("error") {
        return response::PARTS.skipped("an error came");
    }
    let asked = sent.get("response_type").unwrap_or_default();
    if asks_for_nothing(sent) {
        return response::PARTS.pass("nothing, as response_type none asks");
    }
    let parameter = |word| if word == "token" { "access_token" } else { word };
    let missing: Vec<&str> =
        scope::words(asked).map(parameter).filter(|name| params.get(name).is_none_or(str::is_empty)).collect();
    let actual = if missing.is_empty() { "all of it".to_owned() } else { format!("without {}", missing.join(", ")) };
    response::PARTS.holds(missing.is_empty(), asked, actual)
}

fn token_type(params: &Params) -> Check {
    match (params.contains("access_token"), params.get("token_type")) {
        (false, _) => response::TOKEN_TYPE.skipped("no access token came this way"),
        (true, Some(name)) if name.eq_ignore_ascii_case("bearer") => response::TOKEN_TYPE.pass(name),
        (true, name) => response::TOKEN_TYPE.broken("Bearer", visible(name.unwrap_or("absent"))),
    }
}
