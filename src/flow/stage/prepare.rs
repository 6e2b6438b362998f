//! How each stage makes its request from the settings and what is known so far.

use url::Url;

use crate::base::entropy::Entropy;
use crate::base::http::{HttpRequest, is_loopback};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::client::endpoint::{
    authorization, device_authorization, discovery, introspection, jwks, resource, revocation, token, userinfo,
};
use crate::client::settings::Settings;
use crate::flow::Action;
use crate::flow::grant;
use crate::flow::session::Session;
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;
use crate::terms::scope;

use super::{Missing, Prepared, Run, Stage};

/// What the stages know when they prepare.
struct Known<'a> {
    stage: Stage,
    grant: Grant,
    settings: &'a Settings,
    session: &'a Session,
}

impl Known<'_> {
    fn missing(&self, field: &'static str, hint: impl Into<String>) -> Missing {
        Missing { stage: self.stage, field, hint: hint.into() }
    }

    fn endpoint(&self, endpoint: Endpoint) -> Result<Url, Missing> {
        let Some(text) = self.settings.endpoint(endpoint, self.session.metadata.as_ref()) else {
            return Err(self.missing(endpoint.name(), "run discovery with an issuer, or fill it in by hand"));
        };
        self.url(endpoint.name(), text)
    }

    fn url(&self, field: &'static str, text: &str) -> Result<Url, Missing> {
        match Url::parse(text) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.host_str().is_some() => Ok(url),
            Ok(_) => Err(self.missing(field, "it has to be an http or https URL")),
            Err(error) => Err(self.missing(field, format!("{text} is not a URL ({error})"))),
        }
    }

    fn access_token(&self) -> Result<&Secret, Missing> {
        let token = self.session.tokens.last().and_then(|tokens| tokens.response.access_token.as_ref());
        token.ok_or_else(|| self.missing("access_token", "no token response has brought one yet"))
    }
}

/// Makes the next action of a stage.
pub(in crate::flow) fn prepare(
    stage: Stage,
    run: Run<'_>,
    session: &mut Session,
    entropy: &mut Entropy,
) -> Result<Prepared, Missing> {
    if stage == Stage::Authorization {
        session.draw(entropy);
    }
    let known = Known { stage, grant: run.grant, settings: run.settings, session };
    match stage {
        Stage::Discovery => prepare_discovery(&known, run.attempt),
        Stage::Jwks => prepare_jwks(&known),
        Stage::Authorization => prepare_authorization(&known),
        Stage::DeviceAuthorization => prepare_device(&known),
        Stage::Verification => prepare_verification(&known),
        Stage::Token => prepare_grant(&known, run.now),
        Stage::UserInfo => prepare_userinfo(&known),
        Stage::Resource => prepare_resource(&known),
        Stage::Refresh => prepare_refresh(&known),
        Stage::Introspection => prepare_introspection(&known),
        Stage::Revocation => prepare_revocation(&known),
    }
}

/// The grant's own token request, not before its time when the client polls.
fn prepare_grant(known: &Known<'_>, now: Timestamp) -> Result<Prepared, Missing> {
    if let Some(polling) = known.session.polling.filter(|polling| polling.next_at > now) {
        return Ok(Prepared::Action(Action::Sleep(polling.next_at)));
    }
    let form = grant::token_form(known.grant, known.settings, known.session)
        .map_err(|field| known.missing(field, "nothing has brought one yet, and none is filled in"))?;
    prepare_token(known, form)
}

fn prepare_refresh(known: &Known<'_>) -> Result<Prepared, Missing> {
    let pasted = Some(&known.settings.request.refresh_token).filter(|token| !token.is_empty());
    let Some(refresh_token) = known.session.refresh_token().or(pasted) else {
        let hint = "no token response has brought one; ask for offline_access, or paste one";
        return Err(known.missing("refresh_token", hint));
    };
    prepare_token(known, grant::refresh_token::form(refresh_token, &known.settings.request.refresh_scope))
}

fn prepare_device(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.endpoint(Endpoint::DeviceAuthorization)?;
    let request = device_authorization::request(endpoint, known.settings)
        .map_err(|error| known.missing("token_endpoint_auth_method", error.to_string()))?;
    Ok(Prepared::Action(Action::Send(request)))
}

fn prepare_verification(known: &Known<'_>) -> Result<Prepared, Missing> {
    let Some(device) = &known.session.device else {
        return Err(known.missing("verification_uri", "no device authorization response has brought one"));
    };
    let uri = device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri);
    let url = known.url("verification_uri", uri)?;
    Ok(Prepared::Action(Action::Browse(HttpRequest::get(url))))
}

fn prepare_introspection(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.endpoint(Endpoint::Introspection)?;
    let request = introspection::request(endpoint, known.access_token()?, known.settings)
        .map_err(|error| known.missing("token_endpoint_auth_method", error.to_string()))?;
    Ok(Prepared::Action(Action::Send(request)))
}

/// Gives up the refresh token where there is one, since that ends the access tokens too (RFC 7009 section 2.1).
fn prepare_revocation(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.endpoint(Endpoint::Revocation)?;
    let (token, hint) = match known.session.refresh_token() {
        Some(token) => (token, "refresh_token"),
        None => (known.access_token()?, "access_token"),
    };
    let request = revocation::request(endpoint, token, hint, known.settings)
        .map_err(|error| known.missing("token_endpoint_auth_method", error.to_string()))?;
    Ok(Prepared::Action(Action::Send(request)))
}

fn prepare_discovery(known: &Known<'_>, attempt: u32) -> Result<Prepared, Missing> {
    let server = &known.settings.server;
    if !server.discovery {
        return Ok(Prepared::Skip("discovery is off"));
    }
    if server.issuer.is_empty() {
        return Err(known.missing("issuer", "fill it in, or turn discovery off and fill in the endpoints"));
    }
    let candidates = discovery::candidates(&server.issuer)
        .map_err(|_| known.missing("issuer", format!("{} is not an http or https URL", server.issuer)))?;
    let at = (attempt as usize - 1).min(candidates.len() - 1);
    Ok(Prepared::Action(Action::Send(discovery::request(candidates[at].url.clone()))))
}

fn prepare_jwks(known: &Known<'_>) -> Result<Prepared, Missing> {
    let is_published = known.settings.endpoint(Endpoint::Jwks, known.session.metadata.as_ref()).is_some();
    if !is_published {
        return Ok(Prepared::Skip("the server publishes no jwks_uri"));
    }
    Ok(Prepared::Action(Action::Send(jwks::request(known.endpoint(Endpoint::Jwks)?))))
}

fn prepare_authorization(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.endpoint(Endpoint::Authorization)?;
    if known.settings.client.client_id.is_empty() {
        return Err(known.missing("client_id", "register a client at the server and fill it in"));
    }
    let typed = known.settings.client.redirect_uri.as_str();
    let redirect_uri = match (&known.session.redirect_uri, Url::parse(typed)) {
        (Some(bound), Ok(wanted)) if is_bound_for(bound, &wanted) => bound.as_str(),
        (_, Ok(wanted)) if is_loopback(&wanted) && wanted.scheme() == "http" => {
            return Ok(Prepared::Action(Action::Listen(wanted)));
        }
        _ => typed,
    };
    let Some(drawn) = &known.session.drawn else {
        return Err(known.missing("state", "the transaction has not begun"));
    };
    Ok(Prepared::Action(Action::Browse(authorization::request(endpoint, known.settings, redirect_uri, drawn))))
}

/// Whether a bound listener serves the redirect URI as typed; port 0 takes any.
fn is_bound_for(bound: &Url, wanted: &Url) -> bool {
    let same_port = wanted.port() == Some(0) || wanted.port_or_known_default() == bound.port_or_known_default();
    same_port && wanted.host() == bound.host() && wanted.path() == bound.path() && wanted.query() == bound.query()
}

fn prepare_token(known: &Known<'_>, form: Params) -> Result<Prepared, Missing> {
    let endpoint = known.endpoint(Endpoint::Token)?;
    let request = token::request(endpoint, form, known.settings)
        .map_err(|error| known.missing("token_endpoint_auth_method", error.to_string()))?;
    Ok(Prepared::Action(Action::Send(request)))
}

fn prepare_userinfo(known: &Known<'_>) -> Result<Prepared, Missing> {
    let is_published = known.settings.endpoint(Endpoint::UserInfo, known.session.metadata.as_ref()).is_some();
    if !is_published {
        return Ok(Prepared::Skip("the server publishes no userinfo_endpoint"));
    }
    match known.session.tokens.last() {
        Some(tokens) if tokens.response.access_token.is_none() => return Ok(Prepared::Skip("no access token came")),
        Some(tokens) if !scope::contains(&tokens.scope, "openid") => return Ok(Prepared::Skip("openid was not asked")),
        _ => {}
    }
    let request = userinfo::request(known.endpoint(Endpoint::UserInfo)?, known.access_token()?);
    Ok(Prepared::Action(Action::Send(request)))
}

fn prepare_resource(known: &Known<'_>) -> Result<Prepared, Missing> {
    let api_url = known.settings.request.api_url.as_str();
    if api_url.is_empty() {
        return Ok(Prepared::Skip("no api_url is filled in"));
    }
    if known.session.tokens.last().is_some_and(|tokens| tokens.response.access_token.is_none()) {
        return Ok(Prepared::Skip("no access token came"));
    }
    let request = resource::request("GET", known.url("api_url", api_url)?, known.access_token()?);
    Ok(Prepared::Action(Action::Send(request)))
}
