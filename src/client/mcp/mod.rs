//! The authorization of the Model Context Protocol: how a client that knows nothing but the address of an API finds the
//! way to a token for it, revision by revision.

mod call;
mod judge;
mod revision;
mod way_in;

pub use call::completed;
pub use judge::{
    accept, asked, at_root, authorization_servers, defaults, found, granted, is_in_vain, no_offline_access, not_found,
    pkce, registered, same_server, token_request,
};
pub use revision::Revision;
pub use way_in::{StepUp, WayIn};
