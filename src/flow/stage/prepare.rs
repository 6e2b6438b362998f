//! How each stage makes its request from the settings and what is known so far.

use url::Url;

use crate::base::entropy::Entropy;
use crate::base::http::{HttpRequest, can_be_listened_at};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::client::assertion::AssertionError;
use crate::client::authentication::{AuthenticationError, Caller, certificate, shows_certificate, with_certificate};
use crate::client::endpoint::{
    authorization, backchannel_authentication, device_authorization, discovery, end_session, introspection, jwks,
    resource, revocation, token, userinfo,
};
use crate::client::settings::Settings;
use crate::flow::Action;
use crate::flow::callback::{Awaited, Awaiting, Errand};
use crate::flow::grant::{self, Lacking};
use crate::flow::session::Session;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;
use crate::terms::metadata::{Endpoint, ServerMetadata};
use crate::terms::response::ResponseMode;
use crate::terms::scope;

use super::{Missing, Prepared, Run, Stage};

/// What the stages know when they prepare.
struct Known<'a> {
    stage: Stage,
    grant: Grant,
    settings: &'a Settings,
    session: &'a Session,
    now: Timestamp,
    /// Random names for assertions: one of the client, one about a user.
    jti: [String; 2],
}

/// Where an answer is awaited.
enum Place {
    /// There, as it goes into the request.
    Known(String),
    /// On this machine, where a listener has to be bound first.
    ToBind(Url),
}

impl Known<'_> {
    /// The client as it authenticates in this request.
    fn caller(&self) -> Caller<'_> {
        Caller {
            settings: self.settings,
            issuer: self.session.issuer(self.settings),
            token_endpoint: self.settings.endpoint(Endpoint::Token, self.session.metadata.as_ref()),
            now: self.now,
            jti: self.jti[0].clone(),
        }
    }

    /// The client as it speaks about a user.
    fn author(&self) -> Caller<'_> {
        Caller { jti: self.jti[1].clone(), ..self.caller() }
    }

    fn needs_client_id(&self) -> Result<(), Missing> {
        match self.settings.client.client_id.is_empty() {
            true => Err(self.missing("client_id", "register a client at the server and fill it in")),
            false => Ok(()),
        }
    }

    fn unauthenticated(&self, error: &AuthenticationError) -> Missing {
        let wants_endpoint = self.settings.client.client_assertion_audience == "token_endpoint";
        match error {
            AuthenticationError::Assertion(AssertionError::NoAudience) if wants_endpoint => {
                self.missing(Endpoint::Token.name(), error.to_string())
            }
            error => self.missing(error.field(), error.to_string()),
        }
    }

    /// A request with an access token: it may be bound to the client's certificate (RFC 8705 section 3).
    fn bound(&self, request: HttpRequest) -> Result<HttpRequest, Missing> {
        let certificate = certificate(self.settings).map_err(|error| self.unauthenticated(&error.into()))?;
        Ok(match certificate {
            Some(certificate) => with_certificate(request, certificate),
            None => request,
        })
    }

    /// Where the answer to this URI is listened for. What is not on this machine is taken as typed.
    fn place(&self, typed: &str) -> Place {
        match (&self.session.listening_at, Url::parse(typed)) {
            (Some(bound), Ok(wanted)) if is_bound_for(bound, &wanted) => Place::Known(bound.to_string()),
            (_, Ok(wanted)) if can_be_listened_at(&wanted) => Place::ToBind(wanted),
            _ => Place::Known(typed.to_owned()),
        }
    }

    /// Where pings arrive. Nothing but this program's own listener can hear them.
    fn notification_place(&self) -> Result<Place, Missing> {
        let field = "backchannel_client_notification_endpoint";
        let wanted = self.url(field, &self.settings.client.backchannel_client_notification_endpoint)?;
        Ok(match &self.session.listening_at {
            Some(bound) if is_bound_for(bound, &wanted) => Place::Known(bound.to_string()),
            _ => Place::ToBind(wanted),
        })
    }

    fn missing(&self, field: &'static str, hint: impl Into<String>) -> Missing {
        Missing { stage: self.stage, field, is_filled_in: self.settings.is_filled_in(field), hint: hint.into() }
    }

    fn endpoint(&self, endpoint: Endpoint) -> Result<Url, Missing> {
        let Some(text) = self.settings.endpoint(endpoint, self.session.metadata.as_ref()) else {
            return Err(self.missing(endpoint.name(), "run discovery with an issuer, or fill it in by hand"));
        };
        self.url(endpoint.name(), text)
    }

    /// An endpoint that clients authenticate at: those that show a certificate have one of their own where the server
    /// publishes it (RFC 8705 section 5). What is typed by hand wins.
    fn client_endpoint(&self, endpoint: Endpoint) -> Result<Url, Missing> {
        let is_typed = self.settings.server.endpoints.get(&endpoint).is_some_and(|url| !url.is_empty());
        let alias =
            self.session.metadata.as_ref().and_then(|metadata: &ServerMetadata| metadata.mtls_endpoint(endpoint));
        match alias.filter(|_| shows_certificate(self.settings) && !is_typed) {
            Some(text) => self.url(endpoint.name(), text),
            None => self.endpoint(endpoint),
        }
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
    match stage {
        Stage::Authorization => session.draw(entropy),
        Stage::BackchannelAuthentication if grant::ciba::is_ping(run.settings) => session.draw_notification(entropy),
        Stage::Logout => session.draw_logout(entropy),
        _ => {}
    }
    let jti = match makes_assertion(run.grant, run.settings) {
        true => [entropy.token(), entropy.token()],
        false => Default::default(),
    };
    let known = Known { stage, grant: run.grant, settings: run.settings, session, now: run.now, jti };
    match stage {
        Stage::Discovery => prepare_discovery(&known, run.attempt),
        Stage::Jwks => prepare_jwks(&known),
        Stage::Authorization => prepare_authorization(&known),
        Stage::DeviceAuthorization => prepare_device(&known),
        Stage::BackchannelAuthentication => prepare_backchannel(&known),
        Stage::Verification => prepare_verification(&known),
        Stage::Notification => prepare_notification(&known),
        Stage::Assertion => prepare_assertion(&known),
        Stage::ActorToken => prepare_token(&known, grant::client_credentials::actor_form()),
        Stage::Token => prepare_grant(&known),
        Stage::Exchange => prepare_exchange(&known),
        Stage::UserInfo => prepare_userinfo(&known),
        Stage::Resource => prepare_resource(&known),
        Stage::Refresh => prepare_refresh(&known),
        Stage::RefreshReuse => prepare_reuse(&known),
        Stage::Introspection => prepare_introspection(&known),
        Stage::Revocation => prepare_revocation(&known),
        Stage::RevocationProof => prepare_proof(&known),
        Stage::Logout => prepare_logout(&known),
    }
}

fn makes_assertion(grant: Grant, settings: &Settings) -> bool {
    let method = settings.auth_method();
    matches!(method, Some(ClientAuthMethod::ClientSecretJwt | ClientAuthMethod::PrivateKeyJwt))
        || grant == Grant::JwtBearer
}

/// The grant's own token request, not before its time when the client polls.
fn prepare_grant(known: &Known<'_>) -> Result<Prepared, Missing> {
    if let Some(polling) = known.session.polling.filter(|polling| polling.next_at > known.now) {
        return Ok(Prepared::Action(Action::Sleep(polling.next_at)));
    }
    let form = grant::token_form(known.grant, &known.author(), known.session).map_err(|lacking| match lacking {
        Lacking::Value(field) => known.missing(field, "nothing has brought one yet, and none is filled in"),
        Lacking::Assertion(error) => known.unauthenticated(&error),
    })?;
    prepare_token(known, form)
}

fn prepare_exchange(known: &Known<'_>) -> Result<Prepared, Missing> {
    let form = grant::token_exchange::form(known.settings, known.session).map_err(|field| {
        known
            .missing(field, format!("nothing in this run brings one of this type; fill one in, or change {field}_type"))
    })?;
    prepare_token(known, form)
}

/// Binds where pings arrive first, so that none is lost.
fn prepare_backchannel(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.client_endpoint(Endpoint::BackchannelAuthentication)?;
    let is_ping = grant::ciba::is_ping(known.settings);
    if is_ping && let Place::ToBind(wanted) = known.notification_place()? {
        return Ok(Prepared::Action(Action::Listen(wanted)));
    }
    let request = &known.settings.request;
    let has_extra_hint = backchannel_authentication::HINTS.iter().any(|name| request.extra.contains(name));
    let hints = [request.login_hint.as_str(), request.login_hint_token.expose(), request.id_token_hint.expose()];
    if !has_extra_hint && hints.iter().all(|hint| hint.is_empty()) {
        let hint = "it says whom the server has to ask; login_hint_token or id_token_hint do as well";
        return Err(known.missing("login_hint", hint));
    }
    let token = known.session.notification_token.as_ref().filter(|_| is_ping);
    let request = backchannel_authentication::request(endpoint, token, &known.caller())
        .map_err(|error| known.unauthenticated(&error))?;
    Ok(Prepared::Action(Action::Send(request)))
}

/// The listener is bound anew where it was given up meanwhile.
fn prepare_notification(known: &Known<'_>) -> Result<Prepared, Missing> {
    let Some(token) = known.session.notification_token.clone() else {
        return Ok(Prepared::Skip("the request asked for no ping"));
    };
    let redirect_uri = match known.notification_place()? {
        Place::Known(bound) => known.url("backchannel_client_notification_endpoint", &bound)?,
        Place::ToBind(wanted) => return Ok(Prepared::Action(Action::Listen(wanted))),
    };
    let (state, response_mode) = (None, ResponseMode::Query);
    Ok(Prepared::Action(Action::Await(Awaiting { redirect_uri, state, response_mode, awaited: Awaited::Ping(token) })))
}

fn prepare_assertion(known: &Known<'_>) -> Result<Prepared, Missing> {
    let url = known.settings.request.assertion_url.as_str();
    if url.is_empty() {
        let hint = "paste one of your identity provider, or fill in assertion_url where it can be fetched";
        return Err(known.missing("assertion", hint));
    }
    Ok(Prepared::Action(Action::Send(HttpRequest::get(known.url("assertion_url", url)?))))
}

fn prepare_refresh(known: &Known<'_>) -> Result<Prepared, Missing> {
    let pasted = Some(&known.settings.request.refresh_token).filter(|token| !token.is_empty());
    let Some(refresh_token) = known.session.refresh_token().or(pasted) else {
        let hint = "no token response has brought one; ask for offline_access, or paste one";
        return Err(known.missing("refresh_token", hint));
    };
    let request = &known.settings.request;
    prepare_token(known, grant::refresh_token::form(refresh_token, &request.refresh_scope, &request.resource))
}

/// The refresh token that was used last, once more.
fn prepare_reuse(known: &Known<'_>) -> Result<Prepared, Missing> {
    let Some(used) = &known.session.used_refresh_token else {
        let hint = "no refresh token of this run has been used yet; refresh first";
        return Err(Missing { is_filled_in: false, ..known.missing("refresh_token", hint) });
    };
    prepare_token(known, grant::refresh_token::form(used, "", ""))
}

fn prepare_device(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.client_endpoint(Endpoint::DeviceAuthorization)?;
    known.needs_client_id()?;
    let request =
        device_authorization::request(endpoint, &known.caller()).map_err(|error| known.unauthenticated(&error))?;
    Ok(Prepared::Action(Action::Send(request)))
}

fn prepare_verification(known: &Known<'_>) -> Result<Prepared, Missing> {
    if let Some(acknowledged) = &known.session.backchannel {
        return Ok(match &acknowledged.approval_uri {
            Some(uri) => {
                let url = known.url("practice_approval_uri", uri)?;
                Prepared::Action(Action::Browse(HttpRequest::get(url), Errand::Approval))
            }
            None => Prepared::Skip("the server asks the user on a device of their own"),
        });
    }
    let Some(device) = &known.session.device else {
        return Err(known.missing("verification_uri", "no device authorization response has brought one"));
    };
    let uri = device.verification_uri_complete.as_ref().unwrap_or(&device.verification_uri);
    let url = known.url("verification_uri", uri)?;
    Ok(Prepared::Action(Action::Browse(HttpRequest::get(url), Errand::Approval)))
}

fn prepare_introspection(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.client_endpoint(Endpoint::Introspection)?;
    let request = introspection::request(endpoint, known.access_token()?, "access_token", &known.caller())
        .map_err(|error| known.unauthenticated(&error))?;
    Ok(Prepared::Action(Action::Send(request)))
}

/// Gives up the refresh token where there is one, since that ends the access tokens too (RFC 7009 section 2.1).
fn prepare_revocation(known: &Known<'_>) -> Result<Prepared, Missing> {
    let endpoint = known.client_endpoint(Endpoint::Revocation)?;
    let (token, hint) = match known.session.refresh_token() {
        Some(token) => (token, "refresh_token"),
        None => (known.access_token()?, "access_token"),
    };
    let request =
        revocation::request(endpoint, token, hint, &known.caller()).map_err(|error| known.unauthenticated(&error))?;
    Ok(Prepared::Action(Action::Send(request)))
}

/// Asks about the revoked token; a server without introspection is asked to accept it.
fn prepare_proof(known: &Known<'_>) -> Result<Prepared, Missing> {
    let Some((token, hint)) = &known.session.revoked else {
        return Err(known.missing("token", "nothing has been revoked in this run yet; revoke the tokens first"));
    };
    let has = |endpoint| known.settings.endpoint(endpoint, known.session.metadata.as_ref()).is_some();
    // A public client may not ask about tokens (RFC 7662 section 2.1).
    let may_ask = known.settings.auth_method() != Some(ClientAuthMethod::None);
    if has(Endpoint::Introspection) && may_ask {
        let endpoint = known.client_endpoint(Endpoint::Introspection)?;
        let request = introspection::request(endpoint, token, hint, &known.caller())
            .map_err(|error| known.unauthenticated(&error))?;
        return Ok(Prepared::Action(Action::Send(request)));
    }
    if *hint == "refresh_token" {
        return prepare_token(known, grant::refresh_token::form(token, "", ""));
    }
    let url = match known.settings.request.api_url.as_str() {
        "" => known.endpoint(Endpoint::UserInfo)?,
        api_url => known.url("api_url", api_url)?,
    };
    Ok(Prepared::Action(Action::Send(known.bound(resource::request("GET", url, token))?)))
}

/// Binds the post-logout redirect URI first where it is on this machine.
fn prepare_logout(known: &Known<'_>) -> Result<Prepared, Missing> {
    let pasted = &known.settings.request.id_token_hint;
    if !known.grant.has_user() && pasted.is_empty() && known.session.id_token().is_none() {
        return Ok(Prepared::Skip("nobody has signed in"));
    }
    let endpoint = known.endpoint(Endpoint::EndSession)?;
    let client = &known.settings.client;
    let typed = client.post_logout_redirect_uri.as_str();
    let redirect_uri = match known.place(typed) {
        Place::Known(redirect_uri) => redirect_uri,
        Place::ToBind(wanted) => return Ok(Prepared::Action(Action::Listen(wanted))),
    };
    let none = Secret::default();
    let hint = if pasted.is_empty() { known.session.id_token().unwrap_or(&none) } else { pasted };
    let state = known.session.logout_state.as_deref().unwrap_or_default();
    let request = end_session::request(endpoint, hint, &client.client_id, &redirect_uri, state);
    Ok(Prepared::Action(Action::Browse(request, Errand::Logout)))
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
    known.needs_client_id()?;
    let typed = known.settings.client.redirect_uri.as_str();
    if Url::parse(typed).is_err() {
        let hint = "it says where the browser brings the answer, such as http://127.0.0.1:0/callback; to leave it out \
                    of the request, name it in omit";
        return Err(known.missing("redirect_uri", hint));
    }
    let redirect_uri = match known.place(typed) {
        Place::Known(redirect_uri) => redirect_uri,
        Place::ToBind(wanted) => return Ok(Prepared::Action(Action::Listen(wanted))),
    };
    let Some(drawn) = &known.session.drawn else {
        return Err(known.missing("state", "the transaction has not begun"));
    };
    let settings = grant::for_login(known.grant, known.settings);
    let request = authorization::request(endpoint, &settings, &redirect_uri, drawn);
    Ok(Prepared::Action(Action::Browse(request, Errand::Authorization)))
}

/// Whether a bound listener serves the redirect URI as typed; port 0 takes any.
fn is_bound_for(bound: &Url, wanted: &Url) -> bool {
    let same_port = wanted.port() == Some(0) || wanted.port_or_known_default() == bound.port_or_known_default();
    same_port && wanted.host() == bound.host() && wanted.path() == bound.path() && wanted.query() == bound.query()
}

fn prepare_token(known: &Known<'_>, form: Params) -> Result<Prepared, Missing> {
    let endpoint = known.client_endpoint(Endpoint::Token)?;
    let request = token::request(endpoint, form, &known.caller()).map_err(|error| known.unauthenticated(&error))?;
    Ok(Prepared::Action(Action::Send(request)))
}

fn prepare_userinfo(known: &Known<'_>) -> Result<Prepared, Missing> {
    let is_published = known.settings.endpoint(Endpoint::UserInfo, known.session.metadata.as_ref()).is_some();
    if !is_published {
        return Ok(Prepared::Skip("the server publishes no userinfo_endpoint"));
    }
    match known.session.tokens.last() {
        Some(tokens) if tokens.response.access_token.is_none() => return Ok(Prepared::Skip("no access token came")),
        Some(tokens) if !scope::contains(&tokens.scope, "openid") => {
            return Ok(Prepared::Skip("the access token's scope has no openid"));
        }
        _ => {}
    }
    let method = known.settings.request.userinfo_method.as_str();
    let request = userinfo::request(known.client_endpoint(Endpoint::UserInfo)?, known.access_token()?, method);
    Ok(Prepared::Action(Action::Send(known.bound(request)?)))
}

fn prepare_resource(known: &Known<'_>) -> Result<Prepared, Missing> {
    let api_url = known.settings.request.api_url.as_str();
    if api_url.is_empty() {
        return Ok(Prepared::Skip("no api_url is filled in"));
    }
    if known.session.tokens.last().is_some_and(|tokens| tokens.response.access_token.is_none()) {
        return Ok(Prepared::Skip("no access token came"));
    }
    let is_unusable = |kind: &String| kind.eq_ignore_ascii_case("n_a");
    if known.session.tokens.last().is_some_and(|tokens| tokens.response.token_type.as_ref().is_some_and(is_unusable)) {
        return Ok(Prepared::Skip("the token that came is none for APIs"));
    }
    let request = resource::api_request(known.url("api_url", api_url)?, known.access_token()?, &known.settings.request);
    Ok(Prepared::Action(Action::Send(known.bound(request)?)))
}
