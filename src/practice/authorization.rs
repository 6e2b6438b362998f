//! The authorization request, judged parameter by parameter (RFC 6749 section 4.1.1, OIDC Core section 3.1.2).

use std::time::Duration;

use serde_json::Value;
use url::Url;

use super::Practice;
use super::asked_claims::AskedClaims;
use super::client;
use super::config::{Client, Config};
use super::demands::Demand;
use super::details;
use super::facts;
use super::fault::Fault;
use super::fields::{Fields, invalid_request};
use super::pkce::CodeChallenge;
use super::pushed;
use super::redirect_uri;
use super::request_object::{self, Asked};
use super::response_type::ResponseType;
use super::return_to::{Redirect, ReturnTo};
use super::scope;
use super::store::Login;
use super::token::ID_TOKEN_TYP;
use super::why::Compared;
use crate::base::params::Params;
use crate::base::time::Timestamp;
use crate::terms::error::OAuthError;
use crate::terms::response::is_jwt_mode;
use crate::terms::scope::contains;

/// The authentication context classes a sign-in can claim here, the usual one first. Nothing backs them.
pub const ACR_VALUES: [&str; 2] = ["urn:practice:basic", "urn:practice:strong"];

/// What is looked at, in this order.
const PLAN: [&str; 5] = [client::KNOWN, REDIRECT_URI, RESPONSE_TYPE, SCOPE, CHALLENGE];
const REDIRECT_URI: &str = "redirect_uri is registered";
const RESPONSE_TYPE: &str = "response_type may be used";
const CHALLENGE: &str = "PKCE is used where it has to be";
/// Something of the scope is known.
pub const SCOPE: &str = "scope is known here";

/// A request that may be answered.
#[derive(Clone, Debug)]
pub struct AuthorizationRequest {
    /// Who asks.
    pub client_id: String,
    /// What the answer holds.
    pub response_type: ResponseType,
    /// Where the answer goes.
    pub return_to: ReturnTo,
    /// What is granted of the scope that was asked.
    pub scope: String,
    /// For the ID token.
    pub nonce: Option<String>,
    /// What the verifier must fit.
    pub code_challenge: Option<CodeChallenge>,
    /// The key that the code is bound to (RFC 9449 section 10).
    pub dpop_jkt: Option<String>,
    /// What to ask the user.
    pub prompt: Vec<Prompt>,
    /// How old the sign-in may be.
    pub max_age: Option<Duration>,
    /// Whom the client expects, as `sub` or email address.
    pub login_hint: Option<String>,
    /// The user of the ID token that came as `id_token_hint`.
    pub hinted_sub: Option<String>,
    /// The classes asked for that exist here, best first.
    pub acr_values: Vec<&'static str>,
    /// Single claims, and what is asked of user and login by them.
    pub claims: AskedClaims,
    /// Where the access token is to be used (RFC 8707).
    pub resource: Vec<String>,
    /// Parameters that rules ask about.
    pub asked: Params,
    /// What is asked for in detail (RFC 9396).
    pub authorization_details: Option<Value>,
    /// What brought it here.
    pub carrier: Carrier,
}

/// What brings a request to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Carrier {
    /// The browser, in its address or a form.
    Browser,
    /// The client itself, before the browser comes (RFC 9126).
    Client,
    /// The same, under this name among what was pushed.
    Pushed(String),
}

/// A value of `prompt` (OIDC Core section 3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// Show no page.
    None,
    /// Sign in again.
    Login,
    /// Ask for consent again.
    Consent,
    /// Choose the user again.
    SelectAccount,
}

impl Prompt {
    /// All values.
    pub const ALL: [Self; 4] = [Self::None, Self::Login, Self::Consent, Self::SelectAccount];

    /// As it stands in `prompt`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::SelectAccount => "select_account",
        }
    }
}

/// Why a request is not answered, and where that is said.
pub enum Refusal {
    /// On a page, because it is not certain whose redirect URI this is (RFC 6749 section 4.1.2.1).
    Page(OAuthError),
    /// To the client.
    Redirect(Box<Redirect>, OAuthError),
}

impl AuthorizationRequest {
    /// Reads a request.
    ///
    /// # Errors
    /// The first rule it breaks; doubts about client and redirect URI come before all others.
    pub fn read(asked: &Asked, practice: &Practice) -> Result<Self, Refusal> {
        let fields = &asked.fields;
        practice.why.plan(&PLAN);
        let client_id = fields.get("client_id").unwrap_or_default();
        let client = practice.why.check(client::KNOWN, client_id, known_client(fields, practice));
        let client = client.map_err(Refusal::Page)?;
        practice.why.client(&client.client_id);
        let redirect_uri = known_redirect_uri(fields, practice, client).map_err(Refusal::Page)?;
        let redirect = Redirect::read(fields, redirect_uri);
        Self::read_rest(asked, practice, client, &redirect)
            .map_err(|error| Refusal::Redirect(Box::new(redirect), error))
    }

    fn read_rest(asked: &Asked, practice: &Practice, client: &Client, redirect: &Redirect) -> Result<Self, OAuthError> {
        let fields = &asked.fields;
        fields.once()?;
        pushed::demand(practice, client, &asked.carrier)?;
        request_object::demand(practice, client, asked)?;
        refuse_registration(fields)?;
        let wanted = fields.get("response_type").unwrap_or_default();
        let response_type = practice.why.check(RESPONSE_TYPE, wanted, ResponseType::read(fields, client))?;
        check_profile(practice, fields, response_type)?;
        response_type.check_mode(fields)?;
        response_type.check_id_token(fields)?;
        let scope = granted_scope(fields, practice).and_then(|granted| scope_for(response_type, granted));
        let scope = practice.why.found(SCOPE, String::clone, scope)?;
        let challenge = required_challenge(fields, practice, client, response_type);
        let claims = AskedClaims::read(fields)?;
        let method =
            |challenge: &Option<CodeChallenge>| challenge.as_ref().map_or("none", CodeChallenge::rule).to_owned();
        Ok(Self {
            client_id: client.client_id.clone(),
            return_to: ReturnTo::Client(redirect.clone()),
            response_type,
            scope,
            nonce: fields.get("nonce").map(str::to_owned),
            code_challenge: practice.why.found(CHALLENGE, method, challenge)?,
            dpop_jkt: fields.get("dpop_jkt").map(str::to_owned),
            prompt: prompts(fields)?,
            max_age: max_age(fields)?,
            login_hint: fields.get("login_hint").map(str::to_owned),
            hinted_sub: hinted_sub(fields, practice)?,
            acr_values: claimed_acr(&claims)?.into_iter().chain(acr_values(fields)).collect(),
            claims,
            resource: resources(fields)?,
            authorization_details: details::read(fields)?,
            carrier: asked.carrier.clone(),
            asked: facts::asked(&practice.config.rules, fields),
        })
    }

    /// Whether a prompt was asked for.
    pub fn asks(&self, prompt: Prompt) -> bool {
        self.prompt.contains(&prompt)
    }

    /// Whether a sign-in that exists already will do for this request.
    pub fn accepts(&self, login: &Login, config: &Config, now: Timestamp) -> bool {
        !self.asks(Prompt::Login)
            && !self.asks(Prompt::SelectAccount)
            && self.max_age.is_none_or(|max_age| now.since(login.auth_time) < max_age)
            && self.expects(&login.sub, config)
            && self.reached_by(login)
    }

    /// Whether this is the user the client hinted at, if it did.
    pub fn expects(&self, sub: &str, config: &Config) -> bool {
        let email = config.user(sub).and_then(|user| user.text("email"));
        self.is_for(sub) && self.login_hint.as_deref().is_none_or(|hint| hint == sub || Some(hint) == email)
    }

    /// Who has to sign in, and what says so: the request is for one of them alone (OIDC Core section 3.1.2.2).
    pub fn named(&self) -> Option<(Vec<&str>, &'static str)> {
        let hinted = self.hinted_sub.as_deref().map(|sub| (vec![sub], "id_token_hint"));
        hinted.or_else(|| Some((self.claims.values("sub"), "claims"))).filter(|(subs, _)| !subs.is_empty())
    }

    /// Whether this user may sign in for it.
    pub fn is_for(&self, sub: &str) -> bool {
        self.named().is_none_or(|(subs, _)| subs.contains(&sub))
    }

    /// `acr_values` is a wish: worth another sign-in, but no reason to refuse (OIDC Core section 5.5.1.1).
    fn reached_by(&self, login: &Login) -> bool {
        self.asks(Prompt::None) || self.acr_values.is_empty() || self.acr_values.contains(&login.acr.as_str())
    }
}

fn known_client<'a>(fields: &Fields, practice: &'a Practice) -> Result<&'a Client, OAuthError> {
    if fields.repeats("client_id") || fields.repeats("redirect_uri") {
        return Err(invalid_request("client_id or redirect_uri was sent more than once"));
    }
    let client_id = fields.require("client_id")?;
    practice.config.client(client_id).ok_or_else(|| invalid_request(practice.unknown_client(client_id)))
}

fn known_redirect_uri<'a>(fields: &'a Fields, practice: &Practice, client: &Client) -> Result<&'a str, OAuthError> {
    let uri = fields.require("redirect_uri")?;
    let (client_id, registered) = (&client.client_id, practice.config.redirects_of(client));
    let foreign = || {
        let more = if practice.config.any_client { "; redirect_patterns let others in" } else { "" };
        let what =
            format!("redirect_uri is not registered for {client_id}; registered: {registered}{more}; sent: {uri}");
        let fault = redirect_uri::fault(uri).map(|why| format!("; {why}")).unwrap_or_default();
        invalid_request(what + &fault)
    };
    let differ = || Some(Compared::new(("redirect_uri of the request", uri), ("registered", &registered)));
    let begins = || redirect_uri::begins_as_one_of(client, uri) && practice.is_faulty(Fault::PrefixRedirect);
    let verdict = (redirect_uri::belongs_to(client, uri) || begins()).then_some(uri).ok_or_else(foreign);
    practice.why.compare(REDIRECT_URI, uri, differ, verdict)?;
    let saw = format!("{uri}; registered: {registered}");
    practice.demand(Demand::ExactRedirect, (redirect_uri::is_registered(client, uri), &saw), invalid_request)?;
    Ok(uri)
}

/// A parameter that would change the meaning of the others must not be ignored (OIDC Core section 3.1.2.6).
fn refuse_registration(fields: &Fields) -> Result<(), OAuthError> {
    match fields.get("registration") {
        None => Ok(()),
        Some(_) => {
            Err(OAuthError::new("registration_not_supported", "the parameter registration is not supported here"))
        }
    }
}

/// What is granted of the scope that was asked.
///
/// # Errors
/// `invalid_scope` when that is nothing.
pub fn granted_scope(fields: &Fields, practice: &Practice) -> Result<String, OAuthError> {
    let asked = fields.get("scope").unwrap_or(scope::DEFAULT);
    let granted = scope::granted(asked, &practice.config);
    if let Some(dropped) = scope::dropped(asked, &granted) {
        practice.why.say(dropped);
    }
    if granted.is_empty() {
        return Err(OAuthError::new("invalid_scope", format!("nothing in the scope is known here: {asked}")));
    }
    Ok(granted)
}

/// `offline_access` is ignored when no code leads to the token endpoint (OIDC Core section 11).
fn scope_for(response_type: ResponseType, granted: String) -> Result<String, OAuthError> {
    if response_type.has("code") {
        return Ok(granted);
    }
    let granted = scope::without(&granted, &["offline_access"]);
    if granted.is_empty() {
        return Err(OAuthError::new("invalid_scope", "offline_access needs a code, and nothing else was asked for"));
    }
    Ok(granted)
}

/// Public clients must use PKCE (RFC 9700 section 2.1.1), and others where a profile has it.
fn required_challenge(
    fields: &Fields,
    practice: &Practice,
    client: &Client,
    response_type: ResponseType,
) -> Result<Option<CodeChallenge>, OAuthError> {
    let challenge = CodeChallenge::read(fields)?;
    if !response_type.has("code") || practice.is_faulty(Fault::PkceOptional) {
        return Ok(challenge);
    }
    if challenge.is_none() && client.is_public() {
        // The wording of RFC 7636 section 4.4.1.
        return Err(invalid_request(format!("code challenge required: {} is a public client", client.client_id)));
    }
    let method = challenge.as_ref().map_or("no code_challenge", CodeChallenge::method);
    practice.demand(Demand::Pkce, (challenge.is_some(), method), invalid_request)?;
    practice.demand(Demand::PkceOrNonce, (challenge.is_some() || has_nonce(fields), method), invalid_request)?;
    practice.demand(Demand::S256, (challenge.is_none() || method == "S256", method), invalid_request)?;
    Ok(challenge)
}

/// What protects the code of a confidential client in the place of PKCE (OAuth 2.1 section 7.5.1).
fn has_nonce(fields: &Fields) -> bool {
    fields.get("nonce").is_some() && contains(fields.get("scope").unwrap_or_default(), "openid")
}

/// What the authorization request has to be, beyond what is asked of every one.
///
/// # Errors
/// The first demand that it does not meet.
fn check_profile(practice: &Practice, fields: &Fields, response_type: ResponseType) -> Result<(), OAuthError> {
    let asked = response_type.name();
    let is_taken = practice.config.takes_response_type(asked);
    let unsupported = |what| OAuthError::new("unsupported_response_type", what);
    practice.demand(Demand::CodeAlone, (is_taken, asked), unsupported)?;
    practice.demand(Demand::NoTokenInBrowser, (is_taken, asked), unsupported)?;
    let mode = fields.get("response_mode").unwrap_or("absent");
    practice.demand(Demand::SignedResponse, (is_jwt_mode(mode), mode), invalid_request)?;
    check_resource(practice, fields)
}

/// Where the token is to be used has to be said in both requests (RFC 8707).
///
/// # Errors
/// `invalid_target`
pub fn check_resource(practice: &Practice, fields: &Fields) -> Result<(), OAuthError> {
    let resource = fields.get("resource");
    let invalid_target = |what| OAuthError::new("invalid_target", what);
    practice.demand(Demand::Resource, (resource.is_some(), resource.unwrap_or("absent")), invalid_target)
}

fn prompts(fields: &Fields) -> Result<Vec<Prompt>, OAuthError> {
    let words = fields.get("prompt").unwrap_or_default().split(' ').filter(|word| !word.is_empty());
    let prompts: Vec<Prompt> = words.map(prompt).collect::<Result<_, _>>()?;
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(invalid_request("prompt has none beside other values"));
    }
    Ok(prompts)
}

fn prompt(word: &str) -> Result<Prompt, OAuthError> {
    let known = Prompt::ALL.into_iter().find(|prompt| prompt.name() == word);
    known.ok_or_else(|| invalid_request(format!("prompt {word} is not supported")))
}

fn max_age(fields: &Fields) -> Result<Option<Duration>, OAuthError> {
    let Some(text) = fields.get("max_age") else { return Ok(None) };
    let seconds = text.parse().map_err(|_| invalid_request("max_age is not a number of seconds"))?;
    Ok(Some(Duration::from_secs(seconds)))
}

/// The hint may have expired, but this server must have signed it (OIDC Core section 3.1.2.1).
fn hinted_sub(fields: &Fields, practice: &Practice) -> Result<Option<String>, OAuthError> {
    let Some(hint) = fields.get("id_token_hint") else { return Ok(None) };
    let token = practice.keys.verified(hint).filter(|token| token.typ() == Some(ID_TOKEN_TYP));
    let sub = token.as_ref().and_then(|token| token.claim("sub")?.as_str());
    match sub {
        Some(sub) => Ok(Some(sub.to_owned())),
        None => Err(invalid_request("id_token_hint is not an ID token of this server")),
    }
}

/// The authentication context classes asked for that exist here, best first.
pub fn acr_values(fields: &Fields) -> Vec<&'static str> {
    known_acr(fields.get("acr_values").unwrap_or_default().split(' '))
}

/// Those that `claims` asks for and exist here, best first.
///
/// # Errors
/// `unmet_authentication_requirements` where one is essential and none is known (OIDC Core section 5.5.1.1).
fn claimed_acr(claims: &AskedClaims) -> Result<Vec<&'static str>, OAuthError> {
    let wanted = claims.values("acr");
    let known = known_acr(wanted.iter().copied());
    if claims.is_essential("acr") && known.is_empty() && !wanted.is_empty() {
        let (wanted, here) = (wanted.join(", "), ACR_VALUES.join(", "));
        let what = format!("claims asks for acr {wanted} as essential; known here: {here}");
        return Err(OAuthError::new("unmet_authentication_requirements", what));
    }
    Ok(known)
}

fn known_acr<'a>(asked: impl Iterator<Item = &'a str>) -> Vec<&'static str> {
    asked.filter_map(|word| ACR_VALUES.into_iter().find(|known| *known == word)).collect()
}

/// Where the tokens of a request are to be used: each `resource` (RFC 8707 section 2), and each `audience`, which
/// names a service in its own words (RFC 8693 section 2.1; many servers take it everywhere).
///
/// # Errors
/// `invalid_target` for anything but an absolute URI without a fragment.
pub fn resources(fields: &Fields) -> Result<Vec<String>, OAuthError> {
    let absolute = |uri: &str| redirect_uri::is_plain(uri) && Url::parse(uri).is_ok();
    let check = |uri: &str| match absolute(uri) {
        true => Ok(uri.to_owned()),
        false => Err(OAuthError::new("invalid_target", format!("not an absolute URI without fragment: {uri}"))),
    };
    fields.all("resource").map(check).chain(fields.all("audience").map(|name| Ok(name.to_owned()))).collect()
}
