//! Grantscope: OAuth 2.0 and OpenID Connect, one message at a time.

pub mod base;
pub mod flow;
pub mod jose;
pub mod practice;
pub mod terms;
