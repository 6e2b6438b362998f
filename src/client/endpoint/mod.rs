//! One file per message of the client's side.

pub mod authorization;
pub mod discovery;
pub mod jwks;
pub mod resource;
pub mod token;
pub mod userinfo;
