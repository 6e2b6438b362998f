//! The client's side of every message, as pure functions.
//!
//! One file per message: `request(..)` builds it, `accept(..)` reads the answer. Reading never
//! stops at the first broken rule; what is wrong becomes a [`Check`](crate::base::check::Check).

pub mod answer;
pub mod assertion;
pub mod authentication;
pub mod certificate;
pub mod endpoint;
pub mod id_token;
pub mod pkce;
pub mod rules;
pub mod settings;
pub mod strength;
