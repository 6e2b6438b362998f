//! The client's side of every message, as pure functions.
//!
//! One file per message: `request(..)` drafts it, `accept(..)` reads the answer. What is made from keys, secrets and
//! the clock is a [`Seal`](seal::Seal), put on when the message leaves. Reading never
//! stops at the first broken rule; what is wrong becomes a [`Check`](crate::base::check::Check).

pub mod answer;
pub mod asked;
pub mod assertion;
pub mod authentication;
pub mod binding;
pub mod body;
pub mod by_type;
pub mod certificate;
pub mod challenge;
mod claim_edits;
pub mod client_document;
pub mod dpop;
pub mod encryption;
pub mod endpoint;
pub mod id_token;
pub mod mcp;
pub mod pkce;
pub mod renewal;
pub mod request_object;
pub mod rules;
pub mod seal;
mod server_signature;
pub mod settings;
pub mod standard_claims;
pub mod step_up;
pub mod strength;
pub mod support;
