//! The client secret that a preset wants to be asked for.

use std::io::{self, IsTerminal as _, Write as _};

use super::Usage;
use crate::base::secret::Secret;
use crate::client::settings::Settings;
use crate::io::storage::why;
use crate::preset::{Preset, SecretRef};
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;

/// What a terminal writes after this is not legible (ECMA-48 section 8.3.117, SGR 8), until the end of it.
const CONCEALED: &str = "\u{1b}[8m";
const PLAIN: &str = "\u{1b}[0m";

/// Asks for the secret where a request of the run needs it and it was not typed. Without a terminal nobody can be asked.
pub(super) fn client_secret(preset: Option<&Preset>, settings: &mut Settings, grant: Grant) -> Result<(), Usage> {
    let is_asked = preset.is_some_and(|preset| preset.client_secret == SecretRef::Ask);
    if !is_asked || !settings.client.client_secret.is_empty() || !needs_secret(settings, grant) {
        return Ok(());
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        return Err(Usage(
            "the preset wants the client secret to be asked for, and there is no terminal to ask at; give it with \
             --set client_secret=env:NAME or client_secret=@FILE"
                .to_owned(),
        ));
    }
    settings.client.client_secret =
        typed().map_err(|error| Usage(format!("client_secret cannot be read: {}", why(&error))))?;
    Ok(())
}

/// Whether the client proves itself with it. A client that is registered in the run gets one then.
fn needs_secret(settings: &Settings, grant: Grant) -> bool {
    use ClientAuthMethod::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost};
    let method = settings.auth_method();
    let is_by_secret = matches!(method, Some(ClientSecretBasic | ClientSecretPost | ClientSecretJwt));
    is_by_secret && grant != Grant::Implicit && !settings.registration.dynamic_client_registration
}

fn typed() -> io::Result<Secret> {
    let mut terminal = io::stderr();
    write!(terminal, "client_secret (what you type is not shown): {CONCEALED}")?;
    terminal.flush()?;
    let mut line = String::new();
    let read = io::stdin().read_line(&mut line);
    write!(terminal, "{PLAIN}")?;
    terminal.flush()?;
    read?;
    line.truncate(line.trim_end_matches(['\r', '\n']).len());
    Ok(Secret::new(line))
}
