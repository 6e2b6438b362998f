//! One file per message of the client's side.

pub mod authorization;
pub mod device_authorization;
pub mod discovery;
pub mod introspection;
pub mod jwks;
pub mod resource;
pub mod revocation;
pub mod token;
pub mod userinfo;
