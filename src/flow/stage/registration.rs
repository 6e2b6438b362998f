//! The client makes itself known to the server before it asks for anything (RFC 7591). The rest of the run speaks as the
//! client that came of it.

use url::Url;

use crate::base::check::{Check, Verdict};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::secret::Secret;
use crate::base::spec::Spec;
use crate::base::time::Timestamp;
use crate::client::endpoint::registration::{self, Registered};
use crate::client::mcp;
use crate::client::seal::Draft;
use crate::client::settings::Settings;
use crate::flow::Action;
use crate::flow::session::Session;
use crate::flow::trace::Exchange;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::metadata::{Endpoint, ServerMetadata};

use super::descriptor::{Descriptor, Label, Lane, Reading, Row, is_for_tokens, whole};
use super::known::{Known, Place};
use super::reading::learn;
use super::{Missing, Prepared};

pub(super) static STAGE: Descriptor = Descriptor {
    slug: "registration",
    name: "the registration request",
    act: "Register the client",
    depends_on: |setting| !is_for_tokens(setting) && !setting.starts_with("token_request."),
    spec: Spec::new("RFC 7591", "3.1"),
    steps: &[whole("Registration", "registration")],
    rows: |_| vec![Row::direct(Lane::Client, Lane::Server, "POST client metadata")],
    label: Label::Fixed("client_id"),
    is_worth_reading: true,
    prepare,
    left: |exchange, session| {
        let mut checks = registration::lint(&exchange.request);
        let known = session.way_in.as_ref().zip(session.metadata.as_ref());
        checks.extend(known.and_then(|(way_in, metadata)| mcp::registered(metadata, way_in.revision)));
        checks
    },
    read,
    settle,
    ..Descriptor::DIRECT
};

/// What is registered is the very address at which this run listens: not every server takes any port (RFC 8252 section
/// 7.3).
fn prepare(known: &Known<'_>) -> Result<Prepared, Missing> {
    let settings = known.settings;
    let endpoint = known.endpoint(Endpoint::Registration)?;
    let redirect_uri = match known.place(&settings.client.redirect_uri) {
        _ if !known.grant.has_authorization_request() => None,
        Place::ToBind(wanted) => return Ok(Prepared::Action(Action::Listen(wanted))),
        Place::Known(uri) => Some(uri),
    };
    let settings = &by_offered_method(known);
    let metadata = registration::of_settings(settings, known.grant, redirect_uri.as_deref())
        .map_err(|error| known.missing(error.field(), error.to_string()))?;
    Ok(registration::request(endpoint, &metadata, &settings.registration.initial_access_token).into())
}

/// The settings with a method that the server offers, where none is typed and it does not offer the usual one (RFC 7591
/// section 2, RFC 8414 section 2).
fn by_offered_method(known: &Known<'_>) -> Settings {
    use ClientAuthMethod::{ClientSecretBasic, ClientSecretPost, None};

    let mut settings = known.settings.clone();
    let listed = known.session.metadata.as_ref().and_then(|it| it.supported("token_endpoint_auth_methods_supported"));
    let may_be_public = known.grant.has_authorization_request();
    let usual = [ClientSecretBasic, ClientSecretPost, None].into_iter().filter(|it| *it != None || may_be_public);
    let offered = listed.and_then(|listed| usual.into_iter().find(|method| listed.contains(&method.name())));
    if let Some(method) = offered.filter(|method| *method != ClientSecretBasic)
        && settings.client.token_endpoint_auth_method.is_empty()
    {
        method.name().clone_into(&mut settings.client.token_endpoint_auth_method);
    }
    settings
}

fn read(exchange: &Exchange, response: &HttpResponse, session: &mut Session) -> Reading {
    let asked = registration::asked(&exchange.request);
    let is_openid = session.metadata.as_ref().is_some_and(ServerMetadata::is_openid);
    let accepted = registration::accept(response, asked.as_ref(), exchange.came_at(), is_openid);
    let mut guarded = Vec::new();
    let (progress, mut checks) = learn(accepted, |registered| {
        let registered = registered.at(exchange.request.url.clone());
        guarded = registered.guarded();
        session.registered = Some(registered);
    });
    checks.extend(guarded);
    (progress, checks)
}

/// From now on the run speaks as what is registered.
pub(super) fn settle(session: &Session, settings: &mut Settings) {
    if let Some(registered) = &session.registered {
        registered.settle(settings);
    }
}

/// Why the registration of a run cannot be managed.
const NOT_REGISTERED: &str = "no client was registered in this run";
const NOT_MANAGED: &str = "the server gave no registration_client_uri with a registration_access_token";

/// The same, for who would add a stage that does.
pub(super) fn unmanaged(session: &Session) -> Option<&'static str> {
    match &session.registered {
        None => Some(NOT_REGISTERED),
        Some(registered) if registered.management().is_none() => Some(NOT_MANAGED),
        Some(_) => None,
    }
}

/// Why the token of a registration should not leave for where this request goes.
pub(super) fn unguarded(request: &HttpRequest, session: &Session, _: Timestamp) -> Option<Check> {
    let registered = session.registered.as_ref()?;
    let checks = registration::guard(&request.url, registered.registered_at.as_ref());
    checks.into_iter().find(|check| check.verdict != Verdict::Pass)
}

/// Makes the request that manages the registration of this run; nothing where that cannot be.
pub(super) fn managed(
    known: &Known<'_>,
    make: impl FnOnce(&Registered, Url, &Secret) -> Result<Draft, Missing>,
) -> Result<Prepared, Missing> {
    let Some(registered) = &known.session.registered else { return Ok(Prepared::Skip(NOT_REGISTERED)) };
    let Some((uri, token)) = registered.management() else { return Ok(Prepared::Skip(NOT_MANAGED)) };
    make(registered, known.url("registration_client_uri", uri)?, token).map(Prepared::from)
}
