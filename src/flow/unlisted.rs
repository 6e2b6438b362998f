//! What this server's lists leave out of what was used: said before anything is guessed.

use crate::base::text::visible;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::metadata::ServerMetadata;
use crate::terms::scope;

use super::stage::Stage;
use super::trace::Exchange;

/// Parameters of a request and the list of the metadata in which their value should be (RFC 8414 section 2, OIDC Discovery
/// section 3).
const LISTED: [(Stage, &str, &str); 6] = [
    (Stage::Authorization, "response_type", "response_types_supported"),
    (Stage::Authorization, "response_mode", "response_modes_supported"),
    (Stage::Authorization, "code_challenge_method", "code_challenge_methods_supported"),
    (Stage::Authorization, "prompt", "prompt_values_supported"),
    (Stage::Token, "grant_type", "grant_types_supported"),
    (Stage::Exchange, "grant_type", "grant_types_supported"),
];

/// What this server's lists leave out of what was used, a line each. How the client authenticated counts where it was not
/// recognised; `none` is in few lists of servers that take it.
pub(super) fn unlisted(metadata: Option<&ServerMetadata>, exchange: &Exchange, meant: &str) -> Vec<String> {
    let Some(metadata) = metadata else { return Vec::new() };
    let params = exchange.request.form().unwrap_or_else(|| exchange.request.query());
    let of_stage = LISTED.iter().filter(|(stage, ..)| *stage == exchange.stage);
    let mut lines: Vec<String> = of_stage
        .filter_map(|(_, name, list)| {
            let value = params.get(name)?;
            line(metadata, list, name, value)
        })
        .collect();
    if meant == "invalid_scope" {
        lines.extend(unlisted_scope(metadata, params.get("scope").unwrap_or_default()));
    }
    if meant == "invalid_client" {
        let method = exchange.settings.auth_method().map(ClientAuthMethod::name).filter(|method| *method != "none");
        let list = "token_endpoint_auth_methods_supported";
        lines.extend(method.and_then(|method| line(metadata, list, "token_endpoint_auth_method", method)));
    }
    lines
}

/// The scopes that this server does not name. It may know more than it names (RFC 8414 section 2).
fn unlisted_scope(metadata: &ServerMetadata, asked: &str) -> Option<String> {
    let listed = metadata.supported("scopes_supported")?;
    let strange: Vec<&str> = scope::words(asked).filter(|word| !listed.contains(word)).collect();
    (!strange.is_empty()).then(|| {
        let (strange, listed) = (strange.join(", "), listed.join(", "));
        let (strange, listed) = (visible(&strange), visible(&listed));
        format!("scope {strange} is not in scopes_supported of this server, which names {listed}.")
    })
}

fn line(metadata: &ServerMetadata, list: &str, name: &str, value: &str) -> Option<String> {
    let listed = metadata.supported(list)?;
    // The words of a response type come in any order (OAuth Response Types section 3).
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<std::collections::BTreeSet<_>>();
    // Several prompts are asked for at once, each of which is listed by itself.
    let is_listed = match name {
        "prompt" => words(value).iter().all(|word| listed.contains(&word.as_str())),
        _ => listed.iter().any(|one| words(one) == words(value)),
    };
    (!is_listed).then(|| {
        let (value, listed) = (visible(value), visible(&listed.join(", ")).into_owned());
        format!("{name} {value} is not in {list} of this server, which names {listed}.")
    })
}
