//! Who calls the token endpoint, and whether that is true (RFC 6749 sections 2.3 and 3.2.1, RFC 7523
//! section 2.2, RFC 8705 section 2).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Practice;
use super::assertion;
use super::binding::Binding;
use super::config::{Client, Config};
use super::demands::Demand;
use super::fields::{Fields, invalid_request};
use super::mtls;
use super::why::Compared;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::jose::jwt::Decoded;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::error::OAuthError;

/// The methods this server takes; those with certificates only at a TLS origin.
pub const METHODS: [ClientAuthMethod; 7] = [
    ClientAuthMethod::ClientSecretBasic,
    ClientAuthMethod::ClientSecretPost,
    ClientAuthMethod::ClientSecretJwt,
    ClientAuthMethod::PrivateKeyJwt,
    ClientAuthMethod::TlsClientAuth,
    ClientAuthMethod::SelfSignedTlsClientAuth,
    ClientAuthMethod::None,
];

/// What is looked at to know who asks, in this order.
pub const PLAN: [&str; 3] = [KNOWN, METHOD, PROOF];
/// There is a client of this name.
pub const KNOWN: &str = "client is known";
const METHOD: &str = "client authenticates as it is registered";
const PROOF: &str = "client proves who it is";
/// The client is registered for a grant.
pub const MAY_USE: &str = "client may use the grant";

/// The only kind of assertion that is known here (RFC 7523 section 2.2).
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// `typ` of an assertion, when it has one (RFC 7523 bis section 4).
const ASSERTION_TYPS: [&str; 2] = ["JWT", "client-authentication+jwt"];

/// Those that can be used at this server.
pub fn methods(config: &Config) -> Vec<&'static str> {
    let has_tls = config.tls_origin.is_some();
    let is_offered = |method: &ClientAuthMethod| config.takes_method(*method) && (has_tls || !mtls::is_method(*method));
    METHODS.into_iter().filter(is_offered).map(ClientAuthMethod::name).collect()
}

/// Those of them that prove something.
pub fn confidential_methods(config: &Config) -> Vec<&'static str> {
    methods(config).into_iter().filter(|name| *name != ClientAuthMethod::None.name()).collect()
}

/// A client that has proven who it is, as far as it can.
pub struct Caller {
    /// As registered.
    pub client: Client,
    /// What its tokens are bound to.
    pub binding: Binding,
}

/// What a request says about its sender.
struct Credentials {
    method: ClientAuthMethod,
    client_id: String,
    proof: Proof,
    /// Name and secret as they stood in `Authorization`, before form decoding.
    basic: Option<Secret>,
}

enum Proof {
    Nothing,
    Secret(Secret),
    Assertion(Box<Decoded>),
    Certificate(Option<String>),
}

impl Credentials {
    fn of(method: ClientAuthMethod, client_id: &str, proof: Proof) -> Self {
        Self { method, client_id: client_id.to_owned(), proof, basic: None }
    }

    /// How the client wants to prove who it is, without the proof.
    fn way(&self) -> String {
        match &self.proof {
            Proof::Nothing => "a public client, which has nothing to prove it with".to_owned(),
            Proof::Secret(_) => "by its client_secret".to_owned(),
            Proof::Assertion(token) => format!("by an assertion, {}", token.alg().unwrap_or_default()),
            Proof::Certificate(Some(thumbprint)) => format!("by a certificate, x5t#S256 {thumbprint}"),
            Proof::Certificate(None) => "by a certificate, which did not come".to_owned(),
        }
    }
}

/// The client that sent this request.
///
/// # Errors
/// `invalid_client` when it is unknown, its secret is wrong or its method is not the registered one;
/// `invalid_request` when it tries two methods at once.
pub fn authenticate(
    practice: &mut Practice,
    request: &HttpRequest,
    form: &Fields,
    now: Timestamp,
) -> Result<Client, OAuthError> {
    caller(practice, request, form, now).map(|caller| caller.client)
}

/// As [`authenticate`], with the certificate that the client showed, if its tokens are bound to it.
///
/// # Errors
/// As there.
pub fn caller(
    practice: &mut Practice,
    request: &HttpRequest,
    form: &Fields,
    now: Timestamp,
) -> Result<Caller, OAuthError> {
    let mut credentials = read(request, form)?;
    let known = practice.config.client(&credentials.client_id).cloned();
    let unknown = || {
        let meant = not_encoded(&practice.config, &credentials).unwrap_or_default();
        invalid_client(practice.unknown_client(&credentials.client_id) + &meant)
    };
    let client = practice.why.check(KNOWN, &credentials.client_id, known.ok_or_else(unknown))?;
    practice.why.client(&client.client_id);
    // With a certificate, the request itself has nothing but the client_id (RFC 8705 section 2).
    let certified = client.token_endpoint_auth_methods.iter().find(|method| mtls::is_method(**method));
    if let (ClientAuthMethod::None, Some(method)) = (credentials.method, certified) {
        credentials.method = *method;
        credentials.proof = Proof::Certificate(mtls::shown_thumbprint(request));
    }
    registered_method(practice, &client, credentials.method)?;
    demanded_method(practice, credentials.method)?;
    let proven = prove(practice, &client, &credentials, request, now);
    practice.why.check(PROOF, credentials.way(), proven)?;
    let binds = mtls::is_method(credentials.method) || client.tls_client_certificate_bound_access_tokens;
    let certificate = mtls::shown_thumbprint(request).filter(|_| binds);
    Ok(Caller { client, binding: Binding { certificate, key: None } })
}

/// Whether the client is who it says.
fn prove(
    practice: &mut Practice,
    client: &Client,
    credentials: &Credentials,
    request: &HttpRequest,
    now: Timestamp,
) -> Result<(), OAuthError> {
    match &credentials.proof {
        Proof::Secret(secret) if !client.any_secret && client.client_secret.as_ref() != Some(secret) => {
            Err(invalid_client(wrong_secret(client, secret, credentials.basic.as_ref())))
        }
        Proof::Secret(_) | Proof::Nothing => Ok(()),
        Proof::Assertion(token) => check_assertion(practice, client, token, now).map_err(|why| not_accepted(&why)),
        Proof::Certificate(_) => {
            mtls::authenticate(practice, client, credentials.method, request, now).map_err(invalid_client)
        }
    }
}

/// Whom credentials are of that were not form-encoded before they were joined (RFC 6749 section 2.3.1).
fn not_encoded(config: &Config, credentials: &Credentials) -> Option<String> {
    let basic = credentials.basic.as_ref()?.expose();
    let is_meant = |client: &&Client| basic.strip_prefix(&client.client_id).is_some_and(|rest| rest.starts_with(':'));
    let client_id = &config.clients.iter().find(is_meant)?.client_id;
    Some(format!("; {client_id} has to be form-encoded before it is joined with the secret (RFC 6749 2.3.1)"))
}

/// That a secret is wrong, and how it came about where that can be seen.
fn wrong_secret(client: &Client, sent: &Secret, basic: Option<&Secret>) -> String {
    let wrong = format!("the client_secret of {} is wrong", client.client_id);
    let Some(registered) = &client.client_secret else { return wrong };
    let before_decoding = basic.and_then(|basic| basic.expose().split_once(':')).map(|(_, secret)| secret);
    let ends = |text: &str| text.trim_end_matches(['\r', '\n']) == registered.expose();
    match before_decoding {
        _ if ends(sent.expose()) => format!("{wrong}: it ends in a line break"),
        Some(secret) if ends(secret) => {
            format!("{wrong}: it equals the registered one before form decoding (RFC 6749 2.3.1)")
        }
        _ => wrong,
    }
}

/// Made by this client, for this server, now, and never used before (RFC 7523 section 3).
fn check_assertion(practice: &mut Practice, client: &Client, token: &Decoded, now: Timestamp) -> Result<(), String> {
    let iss = assertion::text(token, "iss")?;
    if iss != client.client_id && !client.federated_identity_credentials.is_empty() {
        return assertion::vouched_for(practice, client, token, now);
    }
    if iss != client.client_id {
        return Err(format!("iss is {iss} and sub is {}; both have to be the client_id", client.client_id));
    }
    if let Some(typ) = token.typ().filter(|typ| !ASSERTION_TYPS.iter().any(|known| known.eq_ignore_ascii_case(typ))) {
        return Err(format!("its typ is {typ}, which is no client assertion"));
    }
    practice.config.check_assertion(token)?;
    assertion::verify(token, client)?;
    assertion::check_audience_at(token, &practice.config, &practice.at)?;
    assertion::check_times(token, now)?;
    assertion::use_once(practice, &client.client_id, assertion::text(token, "jti")?, now)
}

fn not_accepted(why: &str) -> OAuthError {
    invalid_client(format!("client_assertion is not accepted: {why}"))
}

/// Refuses a grant that the client is not registered for.
///
/// # Errors
/// `unauthorized_client`
pub fn may_use(practice: &Practice, client: &Client, grant_type: &str) -> Result<(), OAuthError> {
    practice.why.check(MAY_USE, grant_type, is_registered_for(client, grant_type))
}

/// As [`may_use`], for those who note it in other words.
///
/// # Errors
/// As there.
pub fn is_registered_for(client: &Client, grant_type: &str) -> Result<(), OAuthError> {
    if client.may_use(grant_type) {
        return Ok(());
    }
    let why = format!("{} is not registered for the grant {grant_type}", client.client_id);
    Err(OAuthError::new("unauthorized_client", why))
}

/// As [`authenticate`], for endpoints that tell nothing to a client which cannot prove who it is.
///
/// # Errors
/// As there, and `invalid_client` for public clients.
pub fn authenticate_confidential(
    practice: &mut Practice,
    request: &HttpRequest,
    form: &Fields,
    now: Timestamp,
) -> Result<Client, OAuthError> {
    let client = authenticate(practice, request, form, now)?;
    // A client that nobody registered may leave its secret out elsewhere.
    let proves_nothing = client.any_secret && matches!(read(request, form)?.proof, Proof::Nothing);
    if client.is_public() || proves_nothing {
        let why = format!("{} is a public client; only clients that authenticate may ask here", client.client_id);
        return Err(invalid_client(why));
    }
    Ok(client)
}

fn read(request: &HttpRequest, form: &Fields) -> Result<Credentials, OAuthError> {
    if request.query().contains("client_secret") {
        return Err(invalid_request("client_secret was sent in the URL, where logs keep it; send it in the body"));
    }
    let mut headers = request.headers.all("authorization");
    match (headers.next(), headers.next()) {
        (_, Some(_)) => Err(invalid_request("two Authorization headers were sent")),
        (Some(header), None) => from_header(header, form),
        (None, None) => from_form(form),
    }
}

fn from_header(header: &str, form: &Fields) -> Result<Credentials, OAuthError> {
    if ["client_secret", "client_assertion"].into_iter().any(|name| form.get(name).is_some()) {
        return Err(invalid_request("two ways to authenticate were used, in the Authorization header and in the body"));
    }
    let credentials = from_basic(header)?;
    match form.get("client_id") {
        Some(client_id) if client_id != credentials.client_id => Err(invalid_request(format!(
            "the Authorization header is of client {}, the body of client {client_id}",
            credentials.client_id
        ))),
        _ => Ok(credentials),
    }
}

/// Both halves are form-encoded before they are joined and put in base64 (RFC 6749 section 2.3.1).
fn from_basic(header: &str) -> Result<Credentials, OAuthError> {
    let (scheme, encoded) = header.trim().split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("Basic") {
        return Err(invalid_client("the Authorization header has another scheme than Basic"));
    }
    let unreadable = || invalid_client("the Basic credentials are not base64 of client_id:client_secret");
    let decoded = STANDARD.decode(encoded.trim()).map_err(|_| unreadable())?;
    let text = String::from_utf8(decoded).map_err(|_| unreadable())?;
    let (client_id, client_secret) = text.split_once(':').ok_or_else(unreadable)?;
    let proof = Proof::Secret(Secret::new(form_decoded(client_secret)));
    let credentials = Credentials::of(ClientAuthMethod::ClientSecretBasic, &form_decoded(client_id), proof);
    Ok(Credentials { basic: Some(Secret::new(text)), ..credentials })
}

fn from_form(form: &Fields) -> Result<Credentials, OAuthError> {
    if let Some(assertion) = form.get("client_assertion") {
        return from_assertion(assertion, form);
    }
    if form.get("client_assertion_type").is_some() {
        return Err(invalid_request("client_assertion_type was sent without client_assertion"));
    }
    let Some(client_id) = form.get("client_id") else {
        return Err(invalid_client("no client_id and no Authorization header were sent"));
    };
    let (method, proof) = match form.get("client_secret") {
        Some(secret) => (ClientAuthMethod::ClientSecretPost, Proof::Secret(Secret::new(secret))),
        None => (ClientAuthMethod::None, Proof::Nothing),
    };
    Ok(Credentials::of(method, client_id, proof))
}

/// The assertion itself says whose it is; `client_id` may say it again (RFC 7521 section 4.2).
fn from_assertion(assertion: &str, form: &Fields) -> Result<Credentials, OAuthError> {
    if form.get("client_secret").is_some() {
        return Err(invalid_request("two ways to authenticate were used, client_secret and client_assertion"));
    }
    match form.require("client_assertion_type")? {
        ASSERTION_TYPE => {}
        other => return Err(invalid_client(format!("client_assertion_type {other} is not supported"))),
    }
    let token = assertion::read(assertion).map_err(|why| not_accepted(&why))?;
    let text = |name| assertion::text(&token, name).map_err(|why| not_accepted(&why));
    let sub = text("sub")?;
    let client_id = match form.get("client_id") {
        // A workload speaks in a name of its own, for the client that is named beside it.
        Some(named) if named != sub && text("iss")? != sub => named,
        Some(named) if named != sub => {
            return Err(invalid_request(format!("client_id is {named}, client_assertion is of {sub}")));
        }
        _ => sub,
    }
    .to_owned();
    let method = match assertion::is_symmetric(&token).map_err(|why| not_accepted(&why))? {
        true => ClientAuthMethod::ClientSecretJwt,
        false => ClientAuthMethod::PrivateKeyJwt,
    };
    Ok(Credentials::of(method, &client_id, Proof::Assertion(Box::new(token))))
}

fn form_decoded(text: &str) -> String {
    // As the name of a parameter, with the characters that would end it made harmless.
    let encoded = text.replace('&', "%26").replace('=', "%3D");
    Params::parse(encoded.as_bytes()).0.into_iter().next().map_or_else(String::new, |(name, _)| name)
}

fn registered_method(practice: &Practice, client: &Client, used: ClientAuthMethod) -> Result<(), OAuthError> {
    let names: Vec<&str> = client.token_endpoint_auth_methods.iter().map(|method| method.name()).collect();
    let (names, used_name) = (names.join(" or "), used.name());
    let wrong = || {
        let client_id = &client.client_id;
        invalid_client(format!("{client_id} has to authenticate with {names}, the request used {used_name}"))
    };
    let is_registered = client.token_endpoint_auth_methods.contains(&used);
    let differ = || Some(Compared::new(("method of the request", used_name), ("registered", &names)));
    let saw = format!("registered: {names}");
    practice.why.compare(METHOD, saw, differ, is_registered.then_some(()).ok_or_else(wrong))
}

/// What the profile of the server wants of every client.
fn demanded_method(practice: &Practice, used: ClientAuthMethod) -> Result<(), OAuthError> {
    let judged = (practice.config.takes_method(used), used.name());
    practice.demand(Demand::Key, judged, invalid_client)?;
    practice.demand(Demand::NoSecret, judged, invalid_client)
}

/// Asks for Basic only where it is taken, or was used: a client that tried another way is told with a 400 as well, and a
/// 401 needs a challenge (RFC 6749 section 5.2, RFC 9110 section 15.5.2).
pub fn challenged(config: &Config, request: &HttpRequest, mut response: HttpResponse) -> HttpResponse {
    let is_basic = |field: Option<&str>| {
        field.and_then(|field| field.get(..5)).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic"))
    };
    let is_asked_for = is_basic(response.headers.get("www-authenticate"));
    if !is_asked_for
        || config.takes_method(ClientAuthMethod::ClientSecretBasic)
        || is_basic(request.headers.get("authorization"))
    {
        return response;
    }
    response.headers.0.retain(|(name, _)| !name.eq_ignore_ascii_case("www-authenticate"));
    HttpResponse { status: 400, ..response }
}

fn invalid_client(description: impl Into<String>) -> OAuthError {
    OAuthError::new("invalid_client", description)
}
