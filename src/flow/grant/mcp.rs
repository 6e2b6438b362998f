//! The authorization of the Model Context Protocol: the authorization code grant for a client that knows the address of
//! an API and nothing else. Older revisions leave steps out.
//!
//! ```text
//!  You            Browser           Client                  Authorization server      API
//!   │                │                │─── a call without a token ────────────────────►│
//!   │                │                │◄── 401, WWW-Authenticate ──────────────────────│
//!   │                │                │─── GET protected resource metadata ───────────►│
//!   │                │                │─── GET metadata ─────────────►│                │
//!   │                │◄── open ───────│                               │                │
//!   │                │─── authorization request (resource, scope) ───►│                │
//!   │─── sign in and consent ────────────────────────────────────────►│                │
//!   │                │◄── redirect with code, state, iss ─────────────│                │
//!   │                │─── code ──────►│─── code + code_verifier ─────►│                │
//!   │                │                │◄── access token ──────────────│                │
//!   │                │                │─── the call again, with the token ────────────►│
//! ```

use crate::base::check::Check;
use crate::base::params::Params;
use crate::client::mcp::{self, Revision};
use crate::client::settings::Settings;
use crate::flow::session::Session;
use crate::flow::stage::Stage;
use crate::flow::step::{Part, Step};
use crate::terms::metadata::ServerMetadata;

const WAY_IN: [Stage; 3] = [Stage::Challenge, Stage::ResourceMetadata, Stage::Discovery];
const LOGIN: [Stage; 3] = [Stage::Authorization, Stage::Token, Stage::Resource];

/// What is sent, in order. Keys are fetched where something signed is asked for.
pub fn stages(settings: &Settings) -> Vec<Stage> {
    let needs_keys = settings.request.response_mode.ends_with("jwt");
    WAY_IN.into_iter().chain(needs_keys.then_some(Stage::Jwks)).chain(LOGIN).collect()
}

/// What a person follows where this grant has words of its own.
pub const fn steps(stage: Stage) -> Option<&'static [Step]> {
    Some(match stage {
        Stage::Discovery => &[Step { title: "Discovery", lesson: "mcp_discovery", part: Part::Whole }],
        Stage::Authorization => &[
            Step { title: "Request", lesson: "mcp_request", part: Part::Request },
            Step { title: "Redirect", lesson: "redirect", part: Part::Wait },
            Step { title: "Code", lesson: "code", part: Part::Answer },
        ],
        _ => return None,
    })
}

/// The revision of the settings; one that does not exist is asked for before anything leaves.
pub fn revision(settings: &Settings) -> Revision {
    Revision::find(&settings.request.mcp_revision).unwrap_or_default()
}

/// The settings of the login, completed by what the API asks for.
pub fn login(settings: &Settings, session: &Session) -> Settings {
    let way_in = session.way_in.clone().unwrap_or_default();
    way_in.login(settings, session.resource_metadata.as_ref())
}

/// The rules for an authorization request of such a run; none in another one.
pub fn lint_authorization(sent: &Params, session: &Session) -> Vec<Check> {
    let judged = |way_in| mcp::asked(sent, way_in, session.resource_metadata.as_ref());
    session.way_in.as_ref().map(judged).unwrap_or_default()
}

/// The rule for a token request of such a run.
pub fn lint_token(sent: &Params, session: &Session) -> Option<Check> {
    mcp::token_request(sent, session.way_in.as_ref()?, session.resource_metadata.as_ref())
}

/// Which ways to a `client_id` this server leaves, where none is filled in (Client Registration).
pub fn ways_to_client(metadata: Option<&ServerMetadata>) -> &'static str {
    let has_documents = metadata.is_some_and(|metadata| metadata.flag("client_id_metadata_document_supported"));
    let registers = metadata.is_some_and(|metadata| metadata.json.get("registration_endpoint").is_some());
    match (has_documents, registers) {
        (true, _) => {
            "register a client at the server, or publish a client ID metadata document, which this server takes, and fill in \
             its address"
        }
        (false, true) => {
            "register a client at the server, which has a registration_endpoint, and fill in what it gives out"
        }
        (false, false) => {
            "register a client at the server and fill it in: it takes neither client ID metadata documents nor registrations"
        }
    }
}
