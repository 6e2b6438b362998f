//! What the server answers at which path, one file per endpoint.

mod authorize;
mod bc_authorize;
mod ciba;
pub mod claims;
mod consent;
mod decided;
mod device;
mod discovery;
mod end_session;
mod home;
mod introspect;
mod jwks;
mod login;
mod logout_frames;
mod logout_token;
pub mod mcp;
mod me;
mod par;
mod pay;
mod register;
pub mod resource_metadata;
mod revoke;
mod saml;
mod token;
mod userinfo;
mod verify;
mod webfinger;
mod workload;

use super::Practice;
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;

/// One line of the table below.
pub struct Endpoint {
    /// Compared exactly.
    pub path: &'static str,
    /// Every other method is answered with 405.
    pub methods: &'static [&'static str],
    /// What it is for, for the first page.
    pub about: &'static str,
    /// Answers a request to this path with one of these methods.
    pub answer: fn(&mut Practice, &HttpRequest, Timestamp) -> HttpResponse,
}

const GET: &[&str] = &["GET"];
const POST: &[&str] = &["POST"];
const GET_OR_POST: &[&str] = &["GET", "POST"];

/// Every endpoint, in the order people meet them.
pub static ENDPOINTS: [Endpoint; 28] = [
    Endpoint { path: "/", methods: GET, about: "This page", answer: home::answer },
    Endpoint {
        path: "/.well-known/openid-configuration",
        methods: GET,
        about: "Metadata, at the path of OpenID Connect Discovery",
        answer: discovery::answer,
    },
    Endpoint {
        path: "/.well-known/oauth-authorization-server",
        methods: GET,
        about: "The same metadata, at the path of RFC 8414",
        answer: discovery::answer,
    },
    Endpoint {
        path: "/.well-known/webfinger",
        methods: GET,
        about: "Which issuer an account is of, such as acct:alice@127.0.0.1",
        answer: webfinger::answer,
    },
    Endpoint { path: "/jwks", methods: GET, about: "The public keys", answer: jwks::answer },
    Endpoint {
        path: "/register",
        methods: &["GET", "POST", "PUT", "DELETE"],
        about: "Where clients register themselves, and change that",
        answer: register::answer,
    },
    Endpoint {
        path: "/par",
        methods: POST,
        about: "Where clients leave their request before the browser comes",
        answer: par::answer,
    },
    Endpoint {
        path: "/authorize",
        methods: GET_OR_POST,
        about: "Where the browser goes to sign in",
        answer: authorize::answer,
    },
    Endpoint { path: "/login", methods: POST, about: "The form of the login page", answer: login::answer },
    Endpoint {
        path: "/consent",
        methods: GET_OR_POST,
        about: "The consent page and its form",
        answer: consent::answer,
    },
    Endpoint { path: "/token", methods: POST, about: "Where codes become tokens", answer: token::answer },
    Endpoint {
        path: "/device",
        methods: POST,
        about: "Where a device asks for a code to show",
        answer: device::answer,
    },
    Endpoint {
        path: "/verify",
        methods: GET_OR_POST,
        about: "Where the user types the code of a device",
        answer: verify::answer,
    },
    Endpoint {
        path: "/bc-authorize",
        methods: POST,
        about: "Where a client asks for a user who is elsewhere",
        answer: bc_authorize::answer,
    },
    Endpoint { path: "/ciba", methods: GET_OR_POST, about: "The users' phones, for that", answer: ciba::answer },
    Endpoint {
        path: "/saml",
        methods: GET,
        about: "Stands for an identity provider that issues SAML assertions, for ?user=alice",
        answer: saml::answer,
    },
    Endpoint {
        path: "/workload",
        methods: GET,
        about: "Stands for who vouches for workloads, for ?like=github",
        answer: workload::answer,
    },
    Endpoint { path: "/userinfo", methods: GET_OR_POST, about: "Claims about the user", answer: userinfo::answer },
    Endpoint {
        path: claims::PATH,
        methods: GET,
        about: "Claims about a user that UserInfo sends clients here for",
        answer: claims::answer,
    },
    Endpoint {
        path: "/introspect",
        methods: POST,
        about: "What a token is, for those who cannot read it",
        answer: introspect::answer,
    },
    Endpoint { path: "/revoke", methods: POST, about: "Where clients give tokens up", answer: revoke::answer },
    Endpoint {
        path: "/end_session",
        methods: GET_OR_POST,
        about: "Where the browser goes to sign out",
        answer: end_session::answer,
    },
    Endpoint { path: "/logout", methods: POST, about: "The form of the sign-out page", answer: end_session::confirm },
    Endpoint { path: "/api/me", methods: GET_OR_POST, about: "An API that wants an access token", answer: me::answer },
    Endpoint {
        path: resource_metadata::PATH,
        methods: GET,
        about: "What that API says of itself",
        answer: resource_metadata::answer,
    },
    Endpoint { path: mcp::PATH, methods: GET_OR_POST, about: "One for clients of the MCP", answer: mcp::answer },
    Endpoint {
        path: resource_metadata::MCP_PATH,
        methods: GET,
        about: "What that one says of itself",
        answer: resource_metadata::answer_mcp,
    },
    Endpoint {
        path: "/api/pay",
        methods: GET_OR_POST,
        about: "One that wants a strong login too",
        answer: pay::answer,
    },
];
