//! A client that becomes known while the server runs: by a call of a test, its registration, or its document.

use serde_json::{Map, Value};

use super::super::Practice;
use super::settings::reached;
use super::{Client, client_from_json};

/// The client with these members, by the keys of a file; what is signed for it is there from now on.
///
/// # Errors
/// What cannot work, in words.
pub fn newcomer(practice: &mut Practice, client_id: &str, members: Map<String, Value>) -> Result<Client, String> {
    let client = reached(client_from_json(client_id, members)?, &practice.config)?;
    if let Some(what) = practice.config.weak_alg_of(&client) {
        return Err(what);
    }
    for alg in client.signing_algs() {
        practice.has_key_for(alg).map_err(|error| error.to_string())?;
    }
    Ok(client)
}
