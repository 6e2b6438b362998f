//! The field's vocabulary, shared by the client and the practice server: names and their meanings,
//! no behaviour. What a message must contain is said by each side for itself.

pub mod client_auth;
pub mod credential;
pub mod error;
pub mod glossary;
pub mod grant;
pub mod metadata;
pub mod misspelt;
pub mod profile;
pub mod response;
pub mod scope;
pub mod sight;
