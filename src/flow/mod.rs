//! The engine.

pub mod callback;
pub mod transport_error;
