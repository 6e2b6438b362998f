//! What is typed and does nothing: a setting of another grant, one that another setting has to make use of, a claim of what
//! is not signed.

use super::assign::Doubt;
use crate::client::request_object::Message;
use crate::client::seal::SealEdits;
use crate::client::settings::{FIELDS, Settings, TABLES, can_be_used, is_used, needed};
use crate::flow::stage::Stage;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;

/// As many grants are named as those that a setting is of.
const NAMED: usize = 3;

/// The settings that were typed and that this run makes no use of, each once, and why.
pub(super) fn unused(
    pairs: &[(&str, &str)],
    is_asked: impl Fn(&str) -> bool,
    grant: Grant,
    settings: &Settings,
    then: &[Stage],
) -> Vec<Doubt> {
    let mut unused: Vec<Doubt> = Vec::new();
    for (typed, _) in pairs.iter().filter(|(typed, value)| !matches!(*value, "" | "false") && !is_asked(typed)) {
        let Some(name) = setting(typed).filter(|name| !is_used_by(then, name)) else { continue };
        if unused.iter().all(|(known, _)| known != name) {
            unused.extend(why_unused(name, grant, settings).map(|why| (name.to_owned(), why)));
        }
    }
    unused
}

/// The field, the endpoint or the table of a name that was typed.
fn setting(typed: &str) -> Option<&'static str> {
    let mut tables = TABLES.iter().map(|table| table.name);
    let of_table = || tables.find(|table| typed.strip_prefix(table).is_some_and(|rest| rest.starts_with('.')));
    let field = FIELDS.iter().map(|field| field.name).find(|name| *name == typed);
    field.or_else(|| Endpoint::find(typed).map(Endpoint::name)).or_else(of_table)
}

/// Whether stages beside those of a grant take a setting that the grant does not.
fn is_used_by(then: &[Stage], name: &str) -> bool {
    then.iter().any(|stage| match stage {
        Stage::Refresh | Stage::RefreshReuse => matches!(name, "refresh_token" | "refresh_scope"),
        Stage::UserInfo | Stage::Claims => name.starts_with("userinfo_") || name == "decryption_key",
        Stage::Logout => {
            let told = ["backchannel_logout_uri", "frontchannel_logout_uri", "frontchannel_logout_session_required"];
            told.contains(&name)
                || matches!(name, "id_token_hint" | "post_logout_redirect_uri" | "end_session_endpoint")
        }
        _ => false,
    })
}

fn why_unused(name: &str, grant: Grant, settings: &Settings) -> Option<String> {
    match name {
        // What it means for a grant that has one is said where it is read; the others are said whoever set them.
        "response_type" if !grant.response_types().is_empty() => None,
        "dpop_jkt" | "dpop_pushed_proof" => None,
        "request_object_signing_alg" if grant == Grant::Ciba => None,
        _ if is_used(name, grant, settings) => None,
        _ if !can_be_used(name, grant) => Some(format!("{name} is not used: {}", of_others(name, grant))),
        _ => needed(name).map(|needed| format!("{name} is not used without {needed}")),
    }
}

/// Whose setting it is.
fn of_others(name: &str, grant: Grant) -> String {
    let owners = Grant::ALL.into_iter().filter(|grant| can_be_used(name, *grant)).map(Grant::slug);
    match owners.collect::<Vec<_>>() {
        owners if (1..=NAMED).contains(&owners.len()) => {
            format!("it is a setting of {}, and not of {}", owners.join(", "), grant.slug())
        }
        _ => {
            let instead =
                if name == "extra" { "; token_request.extra.NAME=... sends one with the token request" } else { "" };
            format!("it is no setting of {}{instead}", grant.slug())
        }
    }
}

/// Says when a change of what is signed will meet nothing.
pub(super) fn note_unused(edits: &SealEdits, settings: &Settings, grant: Grant, notes: &mut Vec<String>) {
    use ClientAuthMethod::{ClientSecretJwt, PrivateKeyJwt};

    if !edits.client_assertion.is_empty() && !matches!(settings.auth_method(), Some(ClientSecretJwt | PrivateKeyJwt)) {
        let method = settings.auth_method().map_or("this token_endpoint_auth_method", ClientAuthMethod::name);
        notes.push(format!("client_assertion is changed, and {method} signs none"));
    } else if !edits.client_assertion.is_empty() && settings.is_vouched_for() {
        notes.push("client_assertion is changed, and none is made here".to_owned());
    }
    if !edits.assertion.is_empty() && (grant != Grant::JwtBearer || !settings.request.assertion.is_empty()) {
        notes.push("assertion is changed, and none is made here".to_owned());
    }
    if !edits.dpop.is_empty() && !settings.protection.dpop_bound_access_tokens {
        notes.push("dpop is changed, and dpop_bound_access_tokens is off, so that no proof is made".to_owned());
    }
    let of = if grant == Grant::Ciba { Message::Backchannel } else { Message::Authorization };
    let (signs, name) = (is_used(of.setting(), grant, settings) && of.is_signed(settings), of.setting());
    if !edits.request.is_empty() && !signs {
        notes.push(format!("request is changed, and no request object is made: set {name}"));
    }
    let protection = &settings.protection;
    if grant == Grant::Ciba && Message::Authorization.is_signed(settings) && !signs {
        notes
            .push(format!("request_object_signing_alg is for authorization requests, and ciba makes none: set {name}"));
    }
    for (name, is_on) in [("dpop_jkt", protection.dpop_jkt), ("dpop_pushed_proof", protection.dpop_pushed_proof)] {
        let why = match () {
            () if !is_on || is_used(name, grant, settings) => continue,
            () if !can_be_used(name, grant) => format!("{} binds no code", grant.slug()),
            () if !protection.dpop_bound_access_tokens => "dpop_bound_access_tokens is off".to_owned(),
            () => "require_pushed_authorization_requests is off".to_owned(),
        };
        notes.push(format!("{name} is on, and {why}, so that it does nothing"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_grant_can_use_and_a_run_does_not_says_what_it_needs() {
        let settings = Settings::default();
        for grant in Grant::ALL {
            let names = FIELDS.iter().map(|field| field.name).chain(Endpoint::ALL.map(Endpoint::name));
            for name in names.filter(|name| can_be_used(name, grant) && !is_used(name, grant, &settings)) {
                assert!(needed(name).is_some(), "{}: {name}", grant.slug());
            }
        }
    }
}
