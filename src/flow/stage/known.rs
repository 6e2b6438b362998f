//! What a stage knows when it makes its request.

use url::Url;

use crate::base::http::{HttpRequest, can_be_listened_at};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::quoted;
use crate::base::time::Timestamp;
use crate::base::web_url::web_url;
use crate::client::assertion::AssertionError;
use crate::client::authentication::{AuthenticationError, shows_certificate};
use crate::client::dpop::DPOP;
use crate::client::endpoint::authorization::asks_for_nothing;
use crate::client::endpoint::resource::Presented;
use crate::client::endpoint::token;
use crate::client::request_object;
use crate::client::seal::Draft;
use crate::client::settings::Settings;
use crate::flow::beside::can_be_offered_at;
use crate::flow::grant::mcp::ways_to_client;
use crate::flow::own::Own;
use crate::flow::session::{Session, Tokens};
use crate::terms::grant::Grant;
use crate::terms::metadata::{Endpoint, ServerMetadata};

use super::{Missing, Prepared, Stage};

/// What the stages know when they prepare.
#[derive(Clone, Copy)]
pub(in crate::flow) struct Known<'a> {
    pub stage: Stage,
    pub grant: Grant,
    pub settings: &'a Settings,
    pub session: &'a Session,
    pub own: &'a Own,
    /// Those that the user added to the run.
    pub appended: &'a [Stage],
    /// Whether the authorization request is pushed before the browser goes.
    pub is_pushed: bool,
    /// Counts from 1 within the stage.
    pub attempt: u32,
    pub now: Timestamp,
}

/// Where an answer is awaited.
pub(in crate::flow) enum Place {
    /// There, as it goes into the request.
    Known(String),
    /// On this machine, where a listener has to be bound first.
    ToBind(Url),
}

impl Known<'_> {
    pub fn needs_client_id(&self) -> Result<(), Missing> {
        match self.settings.client.client_id.is_empty() {
            true if self.grant == Grant::Mcp => {
                Err(self.missing("client_id", ways_to_client(self.session.metadata.as_ref())))
            }
            true => Err(self.missing("client_id", "register a client at the server and fill it in")),
            false => Ok(()),
        }
    }

    /// What a seal lacks, as a value to fill in.
    pub fn unsealed(&self, error: &AuthenticationError) -> Missing {
        let wants_endpoint = self.settings.client.client_assertion_audience == "token_endpoint";
        match error {
            AuthenticationError::Assertion(AssertionError::NoAudience) if wants_endpoint => {
                self.missing(Endpoint::Token.name(), error.to_string())
            }
            error => self.missing(self.of_server(error.field()), error.to_string()),
        }
    }

    /// The setting for a credential: at the server that an ID-JAG is for, the client may have others.
    fn of_server(&self, field: &'static str) -> &'static str {
        match field {
            _ if self.session.id_jag.is_none() || self.settings.request.resource_client_id.is_empty() => field,
            "client_id" => "resource_client_id",
            "client_secret" => "resource_client_secret",
            _ => field,
        }
    }

    /// Where the answer to this URI is listened for. What is not on this machine is taken as typed.
    pub fn place(&self, typed: &str) -> Place {
        match (&self.own.listening_at, Url::parse(typed)) {
            (Some(bound), Ok(wanted)) if is_bound_for(bound, &wanted) => Place::Known(bound.to_string()),
            (_, Ok(wanted)) if can_be_listened_at(&wanted) => Place::ToBind(self.registered_for(wanted)),
            _ => Place::Known(typed.to_owned()),
        }
    }

    /// Not every server takes another port than was registered.
    fn registered_for(&self, wanted: Url) -> Url {
        self.own.registered_at.clone().filter(|registered| is_bound_for(registered, &wanted)).unwrap_or(wanted)
    }

    /// Where the server fetches the request object; nowhere where that is sent.
    pub fn offered_place(&self) -> Result<Option<Place>, Missing> {
        let typed = &self.settings.protection.request_uris;
        let is_sent = self.is_pushed || !request_object::is_referred(self.settings);
        if is_sent { Ok(None) } else { self.place_beside("request_uris", typed).map(Some) }
    }

    /// Where it is told of a logout and nothing is bound yet; nowhere where nobody hears it.
    pub fn logout_place(&self) -> Result<Option<Url>, Missing> {
        let client = &self.settings.client;
        for (field, typed) in [
            ("backchannel_logout_uri", &client.backchannel_logout_uri),
            ("frontchannel_logout_uri", &client.frontchannel_logout_uri),
        ] {
            if !typed.is_empty()
                && let Place::ToBind(wanted) = self.place_beside(field, typed)?
            {
                return Ok(Some(wanted));
            }
        }
        Ok(None)
    }

    /// Whether this program listens at a place where it is told of a logout.
    pub fn hears_logout(&self) -> bool {
        let client = &self.settings.client;
        let places = [&client.backchannel_logout_uri, &client.frontchannel_logout_uri];
        places.into_iter().filter_map(|typed| Url::parse(typed).ok()).any(|wanted| offered(self.own, &wanted).is_some())
    }

    /// A place beside the redirect URI. What is not on this machine is taken as typed.
    fn place_beside(&self, field: &'static str, typed: &str) -> Result<Place, Missing> {
        let wanted = self.url(field, typed)?;
        Ok(match offered(self.own, &wanted) {
            _ if !can_be_offered_at(&wanted) => Place::Known(typed.to_owned()),
            Some(bound) => Place::Known(bound.to_string()),
            None => Place::ToBind(wanted),
        })
    }

    /// Where pings arrive. Nothing but this program's own listener can hear them.
    pub fn notification_place(&self) -> Result<Place, Missing> {
        let field = "backchannel_client_notification_endpoint";
        let wanted = self.url(field, &self.settings.client.backchannel_client_notification_endpoint)?;
        Ok(match &self.own.listening_at {
            Some(bound) if is_bound_for(bound, &wanted) => Place::Known(bound.to_string()),
            _ => Place::ToBind(wanted),
        })
    }

    /// Why no tokens are to be had, where the login asked for none (OAuth Response Types section 4).
    pub fn asked_for_nothing(&self) -> Option<&'static str> {
        let sent = self.session.authorization.as_ref()?;
        let is_alone = self.session.tokens.is_empty() && asks_for_nothing(&sent.params);
        is_alone.then_some("response_type none asks for no code and no token")
    }

    pub fn missing(&self, field: &'static str, hint: impl Into<String>) -> Missing {
        Missing { stage: self.stage, field, is_filled_in: self.settings.is_filled_in(field), hint: hint.into() }
    }

    /// Whether the server has this endpoint, as far as it is known.
    pub fn has(&self, endpoint: Endpoint) -> bool {
        self.settings.endpoint(endpoint, self.session.metadata.as_ref()).is_some()
    }

    pub fn endpoint(&self, endpoint: Endpoint) -> Result<Url, Missing> {
        let Some(text) = self.settings.endpoint(endpoint, self.session.metadata.as_ref()) else {
            let hint = match &self.session.metadata {
                Some(_) => {
                    "the metadata of the server publish none; fill it in by hand if the server has one all the same"
                }
                None => "run discovery with an issuer, or fill it in by hand",
            };
            return Err(self.missing(endpoint.name(), hint));
        };
        self.url(endpoint.name(), text)
    }

    /// An endpoint that clients authenticate at: those that show a certificate have one of their own where the server
    /// publishes it (RFC 8705 section 5). What is typed by hand wins.
    pub fn client_endpoint(&self, endpoint: Endpoint) -> Result<Url, Missing> {
        let is_typed = self.settings.server.endpoints.get(&endpoint).is_some_and(|url| !url.is_empty());
        let alias =
            self.session.metadata.as_ref().and_then(|metadata: &ServerMetadata| metadata.mtls_endpoint(endpoint));
        match alias.filter(|_| shows_certificate(self.settings) && !is_typed) {
            Some(text) => self.url(endpoint.name(), text),
            None => self.endpoint(endpoint),
        }
    }

    pub fn url(&self, field: &'static str, text: &str) -> Result<Url, Missing> {
        web_url(text).map_err(|error| self.missing(field, format!("{}: {error}", quoted(text))))
    }

    pub fn access_token(&self) -> Result<&Secret, Missing> {
        let token = self.session.here().last().and_then(|tokens| tokens.response.access_token.as_ref());
        token.ok_or_else(|| self.missing("access_token", "no token response has brought one yet"))
    }

    /// The same, as it is presented: with a proof where it came as bound to a key (RFC 9449 section 5).
    pub fn presented_token(&self) -> Result<Presented<'_>, Missing> {
        self.access_token().map(|token| self.presented(token))
    }

    /// A token of this run as it is presented.
    pub fn presented<'a>(&self, token: &'a Secret) -> Presented<'a> {
        let is_it = |tokens: &&Tokens| tokens.response.access_token.as_ref() == Some(token);
        let brought = self.session.tokens.iter().rev().find(is_it);
        let is_bound = self.settings.protection.dpop_bound_access_tokens
            && brought.is_some_and(|tokens| tokens.response.is_of_type(DPOP));
        Presented { token, is_bound }
    }

    /// A form for the token endpoint.
    pub fn token_endpoint_draft(&self, form: Params) -> Result<Draft, Missing> {
        Ok(token::request(self.client_endpoint(Endpoint::Token)?, form, self.settings))
    }

    /// A request of the browser.
    pub fn get(&self, field: &'static str, url: &str) -> Result<HttpRequest, Missing> {
        self.url(field, url).map(HttpRequest::get)
    }
}

/// The place beside the redirect URI that is bound for this one.
pub(in crate::flow) fn offered<'a>(own: &'a Own, wanted: &Url) -> Option<&'a Url> {
    own.offered_at.iter().find(|bound| is_bound_for(bound, wanted))
}

/// Whether a bound listener serves the redirect URI as typed; port 0 takes any.
fn is_bound_for(bound: &Url, wanted: &Url) -> bool {
    let same_port = wanted.port() == Some(0) || wanted.port_or_known_default() == bound.port_or_known_default();
    same_port && wanted.host() == bound.host() && wanted.path() == bound.path() && wanted.query() == bound.query()
}

impl From<Draft> for Prepared {
    fn from(draft: Draft) -> Self {
        Self::Send(draft)
    }
}
