//! The practice server from outside: raw requests in, raw responses out, no socket and no clock.

// The lint lets only functions marked as tests unwrap; everything here is a test.
#![allow(clippy::unwrap_used)]

mod answers;
mod authorize;
mod automatic;
mod ciba;
mod claims;
mod client_assertion;
mod client_credentials;
mod client_document;
mod config;
mod control;
mod converted;
mod cors;
mod device;
mod dpop;
mod front_channel;
mod id_jag;
mod introspection;
mod issuers;
mod jwks_uri;
mod jwt_bearer;
mod login;
mod logout;
mod mtls;
mod par;
mod password;
mod refresh;
mod registration;
mod request_object;
mod resource;
mod revocation;
mod saml_bearer;
mod session;
mod token;
mod token_exchange;
mod userinfo;
mod world;
