//! The settings of a run, as the messages of a recorded login let one tell them.

use crate::base::secret::Secret;
use crate::capture::Capture;
use crate::capture::exchange::{origin, place};
use crate::capture::login::{Login, StageName};
use crate::capture::recognise::Metadata;
use crate::client::settings::Settings;
use crate::flow::stage::{Stage, json_of};
use crate::jose::jwt::decode;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::metadata::Endpoint;

/// What metadata are found at, behind the issuer (OIDC Discovery section 4).
const WELL_KNOWN: &str = "/.well-known/openid-configuration";

/// The settings that make such messages.
pub(super) fn settings(capture: &Capture, login: &Login) -> Settings {
    let mut settings = Settings::default();
    let text = |name: &str| login.asked(name).unwrap_or_default().to_owned();
    settings.server.discovery = documents(capture, login).iter().any(|(_, stage)| *stage == Stage::Discovery);
    settings.server.issuer = issuer(capture, login);
    for (endpoint, name) in USED {
        if let Some(at) = login.entries(name).next() {
            settings.server.endpoints.insert(endpoint, place(&capture.entries[at].request.url));
        }
    }
    let client = &mut settings.client;
    client.client_id = login.client_id.clone().unwrap_or_default();
    client.redirect_uri = text("redirect_uri");
    client.token_endpoint_auth_method =
        method(capture, login).map(ClientAuthMethod::name).unwrap_or_default().to_owned();
    let asked = &mut settings.request;
    asked.scope = text("scope");
    if let Some(response_type) = login.asked("response_type") {
        response_type.clone_into(&mut asked.response_type);
    }
    asked.response_mode = text("response_mode");
    asked.code_challenge_method = match (login.asked("code_challenge"), login.asked("code_challenge_method")) {
        (None, _) => "off".to_owned(),
        (Some(_), method) => method.unwrap_or("plain").to_owned(),
    };
    (asked.state, asked.nonce) = (login.asked("state").is_some(), login.asked("nonce").is_some());
    (asked.prompt, asked.max_age) = (text("prompt"), text("max_age"));
    (asked.login_hint, asked.acr_values) = (text("login_hint"), text("acr_values"));
    let resources = login.request.iter().filter(|(name, _)| *name == "resource").map(|(_, value)| value);
    asked.resource = resources.collect::<Vec<_>>().join(" ");
    asked.audience = text("audience");
    if let Some(at) = login.entries(StageName::ApiRequest).next() {
        asked.api_url = place(&capture.entries[at].request.url);
    }
    if let Some(at) = login.entries(StageName::EndSessionRequest).next() {
        let query = capture.entries[at].request.query();
        query
            .get("post_logout_redirect_uri")
            .unwrap_or_default()
            .clone_into(&mut settings.client.post_logout_redirect_uri);
        settings.request.id_token_hint = Secret::new(query.get("id_token_hint").unwrap_or_default());
    }
    settings
}

/// Where the endpoints are seen.
const USED: [(Endpoint, StageName); 9] = [
    (Endpoint::Registration, StageName::Registration),
    (Endpoint::Authorization, StageName::AuthorizationRequest),
    (Endpoint::Token, StageName::Token),
    (Endpoint::UserInfo, StageName::UserInfo),
    (Endpoint::Introspection, StageName::Introspection),
    (Endpoint::Revocation, StageName::Revocation),
    (Endpoint::DeviceAuthorization, StageName::DeviceAuthorization),
    (Endpoint::BackchannelAuthentication, StageName::BackchannelAuthentication),
    (Endpoint::EndSession, StageName::EndSessionRequest),
];

/// The issuer that metadata were asked of; without metadata as the messages say it.
fn issuer(capture: &Capture, login: &Login) -> String {
    let document = documents(capture, login).into_iter().find(|(_, stage)| *stage == Stage::Discovery);
    let asked = document.and_then(|(at, _)| {
        let place = place(&capture.entries[at].request.url);
        let before = place.strip_suffix(WELL_KNOWN)?.to_owned();
        // An issuer that ends with a slash is asked without it.
        let said = json_of(capture.entries[at].response()?)?.text("issuer").map(str::to_owned);
        said.filter(|said| said.trim_end_matches('/') == before).or(Some(before))
    });
    let said = || login.issuer.clone().filter(|_| login.is_issuer_said);
    asked.or_else(said).unwrap_or_default()
}

/// How the client authenticates, by what its token request has in it.
fn method(capture: &Capture, login: &Login) -> Option<ClientAuthMethod> {
    let stages = [StageName::Token, StageName::Refresh, StageName::DeviceAuthorization];
    let at = stages.iter().find_map(|stage| login.entries(*stage).next())?;
    let request = &capture.entries[at].request;
    let form = request.form().unwrap_or_default();
    let is_basic = request.headers.get("authorization").is_some_and(|it| it.to_ascii_lowercase().starts_with("basic "));
    Some(match () {
        () if is_basic => ClientAuthMethod::ClientSecretBasic,
        () if form.get("client_assertion").is_some_and(is_mac) => ClientAuthMethod::ClientSecretJwt,
        () if form.contains("client_assertion") => ClientAuthMethod::PrivateKeyJwt,
        () if form.contains("client_secret") => ClientAuthMethod::ClientSecretPost,
        () if capture.recorder.keeps_authorization => ClientAuthMethod::None,
        () => return None,
    })
}

/// Whether an assertion is signed with the client's secret (RFC 7518 section 3.2).
fn is_mac(assertion: &str) -> bool {
    decode(assertion).alg().is_some_and(|alg| alg.starts_with("HS"))
}

/// The metadata and keys of the provider of a login: what was there when it began, or else the first that came; further
/// key sets may be those that keys were changed in.
pub(super) fn documents(capture: &Capture, login: &Login) -> Vec<(usize, Stage)> {
    let used: Vec<String> = [StageName::AuthorizationRequest, StageName::Token, StageName::Registration]
        .iter()
        .flat_map(|stage| login.entries(*stage).take(1))
        .map(|at| place(&capture.entries[at].request.url))
        .collect();
    let is_used = |document: &&Metadata| document.endpoints.iter().any(|endpoint| used.contains(endpoint));
    let begins = login.stages.iter().flat_map(|stage| &stage.entries).min().copied().unwrap_or_default();
    let mut metadata = capture.documents.metadata.iter().filter(is_used);
    let first = metadata.clone().next();
    let metadata = metadata.rfind(|document| document.at < begins).or(first);
    let here = used.first().and_then(|url| url::Url::parse(url).ok()).map(|url| origin(&url));
    let is_of_provider = |at: &usize| {
        let url = &capture.entries[*at].request.url;
        match metadata.and_then(|metadata| metadata.jwks_uri.as_deref()) {
            Some(uri) => url.as_str() == uri,
            None => Some(origin(url)) == here,
        }
    };
    let (before, after): (Vec<usize>, Vec<usize>) =
        capture.documents.jwks.iter().copied().filter(is_of_provider).partition(|at| *at < begins);
    let keys = before.last().copied().into_iter().chain(after.into_iter().take(2));
    let metadata = metadata.into_iter().map(|document| (document.at, Stage::Discovery));
    metadata.chain(keys.map(|at| (at, Stage::Jwks))).collect()
}
