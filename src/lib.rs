//! Grantscope: OAuth 2.0 and OpenID Connect, one message at a time.
//!
//! The modules in reading order; each may use only those before it (ARCHITECTURE.md has the table,
//! `tests/architecture.rs` enforces it).

pub mod base;
pub mod terms;

pub mod jose;

pub mod client;

pub mod flow;

pub mod profile;
pub mod workload;

pub mod practice;

pub mod demo;

pub mod export;

pub mod record;

pub mod capture;
pub mod compare;
pub mod expect;
pub mod import;
pub mod report;

pub mod preset;

pub mod lesson;

pub mod io;

pub mod cli;
#[cfg(feature = "window")]
pub mod gui;
