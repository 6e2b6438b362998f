//! The engine.

pub mod callback;
