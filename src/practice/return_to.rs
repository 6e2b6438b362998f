//! The authorization response: how it travels back to the client (RFC 6749 sections 4.1.2 and
//! 4.1.2.1, RFC 9207, OAuth Form Post), or to the device that waits for it.

use super::Practice;
use super::answer;
use super::fault::{ANOTHER_ISSUER, Fault, OF_ANOTHER_LOGIN};
use super::fields::Fields;
use super::jarm;
use super::page;
use crate::base::http::HttpResponse;
use crate::base::params::Params;
use crate::terms::error::OAuthError;
use crate::terms::response::{ResponseMode, is_jwt_mode};

/// Who gets the answer to a request that a user has to decide.
#[derive(Clone, Debug)]
pub enum ReturnTo {
    /// The client, through the browser.
    Client(Redirect),
    /// A device, the next time it polls.
    Device {
        /// Name of the authorization it waits for.
        pending: String,
        /// The code it shows.
        user_code: String,
    },
}

/// Where the browser is sent with an answer, and how.
#[derive(Clone, Debug)]
pub struct Redirect {
    /// A redirect URI that belongs to the client.
    pub redirect_uri: String,
    response_mode: ResponseMode,
    /// Whether it is one JWT (JARM).
    is_jwt: bool,
    client_id: String,
    /// As the client sent it.
    pub state: Option<String>,
}

impl Redirect {
    /// Reads what decides about the way back, with the default where it is missing or wrong.
    pub fn read(fields: &Fields, redirect_uri: &str) -> Self {
        let response_type = fields.get("response_type").unwrap_or_default();
        let usual = ResponseMode::default_for(response_type);
        let named = fields.get("response_mode").unwrap_or_default();
        let asked = ResponseMode::travelling(named, response_type);
        // Where tokens are asked for, not even an error goes into the query (OAuth Response Types section 5).
        let fits = |mode: &ResponseMode| *mode != ResponseMode::Query || usual == ResponseMode::Query;
        Self {
            redirect_uri: redirect_uri.to_owned(),
            response_mode: asked.filter(fits).unwrap_or(usual),
            is_jwt: is_jwt_mode(named),
            client_id: fields.get("client_id").unwrap_or_default().to_owned(),
            // Of two states neither can be told to be the client's.
            state: fields.get("state").filter(|_| !fields.repeats("state")).map(str::to_owned),
        }
    }

    /// Says what went wrong.
    pub fn error(&self, error: &OAuthError, practice: &Practice) -> HttpResponse {
        practice.why.refused(error);
        let description = answer::wire_text(error.error_description.as_deref().unwrap_or_default());
        let params = [("error", error.error.as_str()), ("error_description", &description)];
        self.send(params.into_iter().collect(), practice)
    }

    /// Hands over parameters, with `state` and `iss` added.
    pub fn send(&self, mut params: Params, practice: &Practice) -> HttpResponse {
        if let Some(state) = self.state(practice) {
            params.push("state", state);
        }
        if self.is_jwt && !practice.is_faulty(Fault::JarmPlain) {
            // The server's own words stand in the JWT once more (JARM section 2.1).
            params = jarm::response(practice, &self.client_id, &params);
        } else if let Some(iss) = iss(practice) {
            params.push("iss", iss);
        }
        let uri = &self.redirect_uri;
        match self.response_mode {
            ResponseMode::Query => answer::redirect(format!("{uri}{}{}", joint(uri), params.encode())),
            ResponseMode::Fragment => answer::redirect(format!("{uri}#{}", params.encode())),
            ResponseMode::FormPost => page::form_post(&practice.config, uri, &params),
        }
    }

    fn state(&self, practice: &Practice) -> Option<&str> {
        let state = self.state.as_deref()?;
        match () {
            () if practice.is_faulty(Fault::MissingState) => None,
            () if practice.is_faulty(Fault::ForeignState) => Some(OF_ANOTHER_LOGIN),
            () => Some(state),
        }
    }
}

/// RFC 9207 section 2
fn iss(practice: &Practice) -> Option<&str> {
    match () {
        () if practice.is_faulty(Fault::MissingIss) => None,
        () if practice.is_faulty(Fault::ForeignIss) => Some(ANOTHER_ISSUER),
        () => Some(practice.config.issuer_text()),
    }
}

/// A query that the redirect URI has already is kept (RFC 6749 section 3.1.2).
fn joint(uri: &str) -> char {
    if uri.contains('?') { '&' } else { '?' }
}
