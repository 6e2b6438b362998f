//! The practice server from outside: raw requests in, raw responses out, no socket and no clock.

// The lint lets only functions marked as tests unwrap; everything here is a test.
#![allow(clippy::unwrap_used)]

mod answers;
mod authorize;
mod client_credentials;
mod device;
mod front_channel;
mod introspection;
mod login;
mod logout;
mod password;
mod refresh;
mod resource;
mod revocation;
mod session;
mod token;
mod world;
