//! What `--set` means: where each value goes, where a secret is taken from, and what becomes of a name that is no setting.

use std::path::Path;

use super::Usage;
use super::typed::{self, TypedSecret};
use crate::base::secret::Secret;
use crate::base::text;
use crate::base::web_url::sent_as;
use crate::client::certificate::CertificateError;
use crate::client::seal::SealEdits;
use crate::client::settings::{FIELDS, Field, Kind, Settings, Slot, TABLES, can_be_used};
use crate::io::key_file::{self, KeyFileError};
use crate::terms::glossary;
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;
use crate::terms::misspelt::looks_secret;

/// What opens a PKCS#12 file of `tls_client_certificate`.
pub(super) const PASSWORD: &str = "tls_client_certificate_password";

/// Settings that are addresses to go to, beside the endpoints.
const ADDRESSES: [&str; 3] = ["api_url", "assertion_url", "client_assertion_url"];

/// Whether a request of this grant takes what `extra` holds.
fn carries_extra(grant: Grant) -> bool {
    can_be_used("extra", grant)
}

/// The setting that a name nearly is.
fn meant(name: &str) -> Option<String> {
    let field = || text::meant(field_names(), name).map(str::to_owned);
    field().or_else(|| in_table(name)).or_else(|| in_section(name))
}

/// What a dotted name nearly is, which is that of a parameter, a header field or a claim: `extras.ui`.
fn in_table(name: &str) -> Option<String> {
    let tables = || TABLES.iter().map(|table| table.name).chain(SealEdits::NAMES);
    if let Some(table) = TABLES.iter().find(|table| table.name == name) {
        return Some(format!("{}.NAME", table.name));
    }
    // No name of a table has more dots.
    let of_table = name.match_indices('.').take(2).find_map(|(dot, _)| {
        let (table, rest) = name.split_at(dot);
        text::meant(tables(), table).map(|known| format!("{known}{rest}"))
    });
    of_table.or_else(|| Some(format!("token_request.extra.{}", name.strip_prefix("token_request.")?)))
}

/// The setting behind the name of a section, as a preset file has it: `client.client_id`.
fn in_section(name: &str) -> Option<String> {
    let (_, key) = name.split_once('.')?;
    field_names().find(|known| *known == key).map(str::to_owned)
}

/// An address that is gone to and leaves otherwise than it is typed. One that a server is told leaves as it is.
fn rewritten(name: &str, value: &str) -> Option<String> {
    let is_gone_to = Endpoint::find(name).is_some() || ADDRESSES.contains(&name);
    let sent = sent_as(value).filter(|_| is_gone_to)?;
    Some(typed::without_secrets(&format!("{name} is sent as {sent}: what was typed cannot be sent as it stands")))
}

/// A parameter that is to be left out, which is none, but nearly one.
fn nearly_omitted(name: &str, value: &str) -> Option<String> {
    let words = || value.split_whitespace().filter(|word| glossary::parameter(word).is_none());
    let (word, meant) = words().find_map(|word| Some((word, text::meant(glossary::parameters(), word)?)))?;
    Some(format!("{name}: no parameter is called {word} here; did you mean {meant}?"))
}

/// Why a name is hardly what was meant: it is nearly a setting, or is sent nowhere.
fn doubt(name: &str, grant: Grant) -> Option<String> {
    (meant(name).is_some() || !carries_extra(grant)).then(|| about_extra(name, grant))
}

/// What becomes of a name that is no setting.
fn about_extra(name: &str, grant: Grant) -> String {
    let meant = meant(name).map(|known| format!("; did you mean {known}?")).unwrap_or_default();
    let slug = grant.slug();
    match grant {
        _ if grant.has_authorization_request() => {
            format!("{name} is no setting here and is sent as a parameter of the authorization request{meant}")
        }
        _ if carries_extra(grant) => {
            format!("{name} is no setting here and is sent as a parameter of the first request of {slug}{meant}")
        }
        _ => format!(
            "{name} is no setting, and {slug} has no authorization request to send it with: it is not sent{meant}; \
             token_request.extra.{name}=... sends it with the token request"
        ),
    }
}

fn field_names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().map(|field| field.name).chain(Endpoint::ALL.map(Endpoint::name))
}

/// A name of `--set`, and why it is hardly what was meant.
pub(super) type Doubt = (String, String);

/// Puts what `--set` says into the settings, and notes what becomes of it. What comes back is hardly meant so.
pub(super) fn assign(
    grant: Grant,
    settings: &mut Settings,
    is_asked: impl Fn(&str) -> bool,
    pairs: &[(&str, &str)],
    notes: &mut Vec<String>,
) -> Result<Vec<Doubt>, Usage> {
    let (mut extras, mut doubts) = (Vec::new(), Vec::new());
    let password = pairs.iter().find(|(name, _)| *name == PASSWORD);
    let password = password.map(|(name, value)| secret(name, value, notes)).transpose()?.unwrap_or_default();
    for (name, value) in pairs.iter().filter(|(name, _)| !is_asked(name)) {
        let field = FIELDS.iter().find(|field| field.name == *name);
        typed::not_hidden(value).map_err(|usage| Usage(format!("{name}: {usage}")))?;
        if let Some(meant) = field.and_then(|field| field.meant(value)) {
            notes.push(format!("{name}: {value} is not known here and is taken as it is; did you mean {meant}?"));
        }
        if matches!(*name, "omit" | "token_request.omit") {
            notes.extend(nearly_omitted(name, value));
        }
        notes.extend(rewritten(name, value));
        let is_of_file = field.is_some_and(|field| field.has_lines() || matches!(field.kind, Kind::Key | Kind::Secret));
        if is_of_file && typed::names_file(value) {
            notes.push(format!(
                "{name} is taken as it is typed; it is also the name of a file, which {name}=@FILE reads"
            ));
        }
        match (field.map(|field| field.kind), field.map(|field| (field.slot)(settings)), value.strip_prefix('@')) {
            (Some(Kind::Key), Some(Slot::Secret(slot)), Some(path)) if path != "-" => {
                *slot = key_file::read(Path::new(path), &password).map_err(|error| unreadable(name, &error))?;
                continue;
            }
            (_, Some(Slot::Secret(slot)), _) => {
                *slot = secret(name, value, notes)?;
                continue;
            }
            (Some(Kind::Lines | Kind::Json(_)), Some(Slot::Text(slot)), Some(path)) => {
                *slot = match path {
                    "-" => typed::stdin()?,
                    _ if *name == "certificate_authority" => typed::authorities(Path::new(path))?,
                    _ => typed::file(Path::new(path))?,
                };
                continue;
            }
            (None, ..) if *name == PASSWORD => continue,
            _ => {}
        }
        // What is typed replaces what the preset has; typed twice, it is sent twice.
        if is_extra(name) {
            let table = Settings::table_of(name);
            let is_first = !extras.contains(name);
            if table.is_none() {
                if looks_secret(name) || text::meant(secret_names(), name).is_some() {
                    return Err(Usage(misspelt(name)));
                }
                notes.extend(is_first.then(|| about_extra(name, grant)).filter(|_| !names_object(name, pairs)));
                doubts.extend(doubt(name, grant).map(|why| ((*name).to_owned(), why)));
                if !carries_extra(grant) {
                    continue;
                }
            }
            if is_first {
                extras.push(*name);
                let (table, key) = table.unwrap_or((&TABLES[0], *name));
                (table.slot)(settings).remove(key);
            }
        }
        settings.set(name, value).map_err(|error| Usage(format!("--set: {error}")))?;
    }
    notes.extend(extras.iter().filter(|name| names_object(name, pairs)).map(|name| displaced(name)));
    let is_typed = |field: &&Field| pairs.iter().any(|(name, _)| *name == field.name);
    notes.extend(FIELDS.iter().filter(is_typed).filter_map(|field| not_json(field, settings)));
    Ok(doubts)
}

/// What has to be JSON and is not, as it came from arguments, a file or standard input. It is taken all the same: what a
/// server makes of it can be what is looked for.
fn not_json(field: &Field, settings: &mut Settings) -> Option<String> {
    let Slot::Text(value) = (field.slot)(settings) else { return None };
    Some(format!("{}: {}; it is taken as it is", field.name, field.fault(value)?))
}

/// Whether a request object takes the place of this parameter, which would be another request in it (RFC 9101 section 4).
fn names_object(name: &str, pairs: &[(&str, &str)]) -> bool {
    let is_made = pairs.iter().any(|(name, value)| *name == "request_object_signing_alg" && !value.is_empty());
    matches!(name, "request" | "request_uri") && is_made
}

fn displaced(name: &str) -> String {
    format!(
        "{name} is not sent: request_object_signing_alg makes a request object, which takes its place. request_uris has it \
         fetched from an address"
    )
}

fn secret_names() -> impl Iterator<Item = &'static str> {
    FIELDS.iter().filter(|field| field.is_secret()).map(|field| field.name).chain([PASSWORD])
}

/// An unknown name would be sent in the URL of the authorization request, where a secret must not be.
fn misspelt(name: &str) -> String {
    let names: Vec<&str> = secret_names().collect();
    let meant = text::meant(names.iter().copied(), name);
    let meant = meant.map_or_else(
        || format!("What is secret here: {}", names.join(", ")),
        |known| format!("did you mean {known}? extra.{name} sends it all the same"),
    );
    format!(
        "--set: {name} sounds like a secret and is no setting here; it would be sent in a URL that the browser keeps. {meant}"
    )
}

fn unreadable(name: &str, error: &KeyFileError) -> Usage {
    Usage(match error {
        KeyFileError::Pkcs12(_, CertificateError::NoPassword) => {
            format!("{name}: {error}; give it with --set {PASSWORD}=env:NAME")
        }
        error => format!("{name}: {error}"),
    })
}

fn is_extra(name: &str) -> bool {
    Endpoint::find(name).is_none() && FIELDS.iter().all(|field| field.name != name)
}

/// A secret from where it was put.
pub(super) fn secret(name: &str, value: &str, notes: &mut Vec<String>) -> Result<Secret, Usage> {
    match typed::secret(value)? {
        TypedSecret::Elsewhere(secret) => Ok(secret),
        TypedSecret::Argument(secret) => {
            if !secret.is_empty() {
                notes.push(format!(
                    "{name} stands in the arguments, where other users of this machine can read it; \
                     use {name}=env:NAME, {name}=@FILE or {name}=@-"
                ));
            }
            Ok(secret)
        }
    }
}
