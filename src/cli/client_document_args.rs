//! What can be typed after `client-document`.

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};

use super::help::{DOCUMENT_CHECK, DOCUMENT_MAKE, DOCUMENT_SERVE};
use super::numbers::port;
use super::trust::Trust;
use crate::terms::grant::Grant;

#[derive(Debug, Subcommand)]
pub(super) enum DocumentCommand {
    /// Fetch or read a document and judge it as a server would
    #[command(after_help = DOCUMENT_CHECK)]
    Check(CheckArgs),
    /// Print the document that settings make
    #[command(after_help = DOCUMENT_MAKE)]
    Make(MakeArgs),
    /// Serve that document on this machine until the program is stopped, for development
    #[command(after_help = DOCUMENT_SERVE)]
    Serve(ServeArgs),
}

/// `client-document check`
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    /// The address of the document, which is its client_id, or a file; - reads it from standard input
    pub document: String,
    /// The address at which a file will be published [default: client_id in it]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    #[command(flatten)]
    pub trust: Trust,
}

/// `client-document make`
#[derive(Debug, Args)]
pub(super) struct MakeArgs {
    /// The address at which it will be published
    #[arg(long, value_name = "URL")]
    pub url: String,
    #[command(flatten)]
    pub of: Of,
}

/// `client-document serve`
#[derive(Debug, Args)]
pub(super) struct ServeArgs {
    /// The port; 0 is any that is free
    #[arg(long, default_value_t = 0, value_parser = port, allow_negative_numbers = true)]
    pub port: u16,
    #[command(flatten)]
    pub of: Of,
}

/// What a document is made of.
#[derive(Debug, Args)]
pub(super) struct Of {
    /// The grant that the client runs
    #[arg(default_value = "authorization-code", value_parser = PossibleValuesParser::new(Grant::ALL.map(Grant::slug)))]
    pub grant: String,
    /// Set a value by its specification name, as run does: redirect_uri, scope, private_key, client_metadata
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub set: Vec<String>,
}
