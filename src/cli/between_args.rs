//! What can be typed behind `between`.

use std::path::PathBuf;

use super::numbers::port;
use super::trust::Trust;

const BETWEEN: &str = "\
Examples:
  grantscope between --issuer https://login.example.com
  grantscope between --issuer https://login.example.com --iss mint --save login.json

The issuer's own origin is named anew: in metadata, redirects, links, forms and cookies. Not recorded is what goes
past: endpoints on other hosts, addresses that a page's script makes, a provider that insists on its own host name, the
pages of another provider behind it. What of a login did not pass is said at the end.
What an app signs for the address here is refused by the provider, which knows itself by another: DPoP always, an
assertion or request object unless its aud is the provider's issuer. That is told as the doing of this program; a proxy
that keeps the provider's name, such as mitmproxy, records these, for grantscope capture.

Standard output, unless that is a terminal: one JSON line that names the address to configure as the issuer, then one a
message, without parameters. Whatever passes is judged, and told at the end.
Only programs of this machine reach it, it leads to this issuer alone, and no secret is written.
Exit code: 0 no finding, 1 a finding stands, the provider brought no metadata or nothing could be served, 2 wrong usage.";

/// `between`
#[derive(Debug, clap::Args)]
#[command(after_help = BETWEEN)]
pub(super) struct BetweenArgs {
    /// The issuer identifier of the provider, exactly as it writes it
    #[arg(long, value_name = "URL")]
    pub issuer: String,
    /// This port or none; by default 9500, or any free one when that is taken
    #[arg(long, value_parser = port, allow_negative_numbers = true)]
    pub port: Option<u16>,
    /// What the app is told of the issuer
    #[arg(long, value_enum, default_value = "keep")]
    pub iss: Iss,
    /// Write the login as a run file without secrets when it ends; further logins get a number behind the name; - is
    /// standard output, in the place of its lines
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    #[command(flatten)]
    pub trust: Trust,
}

/// Whose issuer an app meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Iss {
    /// The provider's: issuer, tokens and keys stay untouched
    Keep,
    /// This address: ID tokens are signed anew with a key made at the start
    Mint,
}

impl Iss {
    /// As it is typed.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Keep => "keep",
            Self::Mint => "mint",
        }
    }
}
