//! Messages as text for people and other programs. Values come in, text goes out.

pub mod curl;
pub mod raw;
pub mod redact;
