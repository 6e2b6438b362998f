//! Values without protocol knowledge: what a request, a time, a secret and a verdict are.
//!
//! Nothing here knows OAuth, and nothing here reads a clock, a socket or a random source.

pub mod check;
pub mod entropy;
pub mod http;
pub mod json;
pub mod params;
pub mod secret;
pub mod spec;
pub mod text;
pub mod time;
pub mod typed;
pub mod web_url;
pub mod yaml;
