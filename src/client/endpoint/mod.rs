//! One file per message of the client's side.

pub mod authorization;
pub mod backchannel_authentication;
pub mod backchannel_logout;
pub mod backchannel_object;
pub mod backchannel_push;
pub mod claim_sources;
pub mod device_authorization;
pub mod discovery;
pub mod end_session;
pub mod frontchannel_logout;
pub mod id_jag;
pub mod introspection;
pub mod jwks;
pub mod pushed_authorization;
pub mod registration;
pub mod resource;
pub mod resource_metadata;
pub mod revocation;
pub mod signed_metadata;
pub mod token;
pub mod token_exchange;
pub mod userinfo;
pub mod webfinger;
