//! Whom to trust, where a command has no settings.

use std::path::{Path, PathBuf};

use super::{Usage, typed};

/// Whom to trust where there are no settings.
#[derive(Debug, clap::Args)]
pub(super) struct Trust {
    /// Certificates to trust beside those of the system, as PEM: of an authority, or of the server itself
    #[arg(long, value_name = "FILE")]
    certificate_authority: Option<PathBuf>,
}

impl Trust {
    /// The file.
    pub fn path(&self) -> Option<&Path> {
        self.certificate_authority.as_deref()
    }

    /// The text of the file, as the setting certificate_authority has it.
    pub fn certificate_authority(&self) -> Result<String, Usage> {
        self.certificate_authority.as_deref().map_or_else(|| Ok(String::new()), typed::authorities)
    }
}
