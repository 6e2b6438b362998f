//! `settings`: everything that `--set` takes by its name.

use super::Exit;
use super::args::SettingsArgs;
use super::assign::PASSWORD;
use super::job::{blank, grant_of};
use super::json::{object, optional, text};
use super::output::Output;
use super::table::Table;
use crate::base::json::Json;
use crate::client::seal::SealEdits;
use crate::client::settings::{FIELDS, Field, Kind, Settings, Slot, TABLES, can_be_used, meaning};
use crate::flow::grant::{adapt, fit};
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;

/// One of them.
struct Setting {
    /// As it is typed before the `=`.
    name: String,
    kind: &'static str,
    /// What it can be; where anything else can be typed too, what is usual.
    values: Vec<String>,
    /// Before anything is typed, where only the server is named.
    default: Json,
    /// The metadata member that lists what the server supports.
    supported: Option<&'static str>,
    meaning: String,
}

/// Lists those that a grant makes use of, or all.
pub(super) fn list(args: &SettingsArgs, output: &Output) -> Exit {
    let settings = of(args.grant.as_deref().map(grant_of));
    let rows = settings.iter().map(|it| vec![it.name.clone(), it.kind.to_owned(), it.default_text(), it.explained()]);
    output.table(&Table {
        head: vec!["SETTING", "KIND", "DEFAULT", "MEANING"],
        rows: rows.collect(),
        json: Json::Array(settings.iter().map(Setting::to_json).collect()),
    });
    Exit::Success
}

fn of(grant: Option<Grant>) -> Vec<Setting> {
    let mut begun = blank();
    if let Some(grant) = grant {
        fit(grant, &mut begun);
        adapt(grant, &mut begun);
    }
    let is_wanted = |name: &str| grant.is_none_or(|grant| can_be_used(name, grant));
    let fields = FIELDS.iter().filter(|field| is_wanted(field.name)).flat_map(|field| {
        let opens = (field.name == "tls_client_certificate").then(password);
        [of_field(field, grant, &mut begun.clone())].into_iter().chain(opens)
    });
    let endpoints = Endpoint::ALL.into_iter().map(Endpoint::name).filter(|name| is_wanted(name));
    let endpoints = endpoints.map(|name| Setting::new(name, "url", meaning(name).unwrap_or_default()));
    let tables = TABLES.iter().filter(|table| is_wanted(table.name)).map(|table| {
        let kind = if table.is_header { "header" } else { "parameter" };
        Setting::new(format!("{}.NAME", table.name), kind, meaning(table.name).unwrap_or_default())
    });
    let signs = |name: &&str| match *name {
        "assertion" => grant.is_none_or(|grant| grant == Grant::JwtBearer),
        "dpop" => is_wanted("dpop_bound_access_tokens"),
        "request" => grant.is_none_or(|grant| grant.has_authorization_request() || grant == Grant::Ciba),
        _ => true,
    };
    let claims = SealEdits::NAMES.into_iter().filter(signs).map(claim);
    fields.chain(endpoints).chain(tables).chain(claims).collect()
}

fn password() -> Setting {
    Setting::new(PASSWORD, "secret", "Opens a PKCS#12 file that is given as tls_client_certificate.")
}

fn claim(signed: &str) -> Setting {
    let what = if signed == "dpop" { "DPoP proof" } else { signed };
    let meaning = format!("A claim of the first {what} that is signed here. {signed}.omit=NAME leaves one out.");
    Setting::new(format!("{signed}.NAME"), "claim", meaning)
}

fn of_field(field: &Field, grant: Option<Grant>, begun: &mut Settings) -> Setting {
    let (kind, values, supported): (_, &[&str], _) = match field.kind {
        Kind::Text => ("text", &[], None),
        Kind::Url => ("url", &[], None),
        Kind::Secret => ("secret", &[], None),
        Kind::Key => ("file", &[], None),
        Kind::Lines => ("lines", &[], None),
        Kind::Json(_) => ("json", &[], None),
        Kind::Choice(_, supported) if field.name == "response_type" && grant.is_some() => {
            ("choice", grant.map(Grant::response_types).unwrap_or_default(), supported)
        }
        Kind::Choice(values, supported) => ("choice", values, supported),
        Kind::Words(supported) => ("words", &[], supported),
        Kind::Switch => ("switch", &["true", "false"], None),
    };
    let default = match (field.slot)(begun) {
        Slot::Text(it) if !it.is_empty() => text(it.clone()),
        Slot::Switch(is_on) => Json::Bool(*is_on),
        Slot::Text(_) | Slot::Secret(_) => Json::Null,
    };
    // Empty is what is not filled in.
    let values = values.iter().filter(|value| !value.is_empty()).map(|value| (*value).to_owned()).collect();
    Setting { values, default, supported, ..Setting::new(field.name, kind, meaning(field.name).unwrap_or_default()) }
}

impl Setting {
    fn new(name: impl Into<String>, kind: &'static str, meaning: impl Into<String>) -> Self {
        let (name, meaning) = (name.into(), meaning.into());
        Self { name, kind, values: Vec::new(), default: Json::Null, supported: None, meaning }
    }

    fn default_text(&self) -> String {
        match &self.default {
            Json::Null => String::new(),
            default => default.as_str().map_or_else(|| default.to_string(), str::to_owned),
        }
    }

    /// The meaning, and what can be chosen.
    fn explained(&self) -> String {
        match self.kind {
            "choice" => format!("{} Values: {}", self.meaning, self.values.join(", ")),
            _ => self.meaning.clone(),
        }
    }

    fn to_json(&self) -> Json {
        object([
            ("setting", text(self.name.clone())),
            ("kind", text(self.kind)),
            ("values", Json::Array(self.values.iter().map(|value| text(value.clone())).collect())),
            ("default", self.default.clone()),
            ("supported", optional(self.supported)),
            ("meaning", text(self.meaning.clone())),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::assign::assign;

    #[test]
    fn every_name_that_is_listed_is_a_setting() {
        for setting in of(None).iter().filter(|setting| !matches!(setting.kind, "claim" | "file")) {
            let value = if setting.kind == "switch" { "true" } else { "" };
            let name = setting.name.replace("NAME", "name");
            let mut notes = Vec::new();
            let done = assign(Grant::Hybrid, &mut Settings::default(), |_| false, &[(&name, value)], &mut notes);
            assert!(done.is_ok() && notes.is_empty(), "{name}: {done:?} {notes:?}");
        }
    }

    #[test]
    fn a_grant_lists_no_more_than_all() {
        let all: Vec<String> = of(None).into_iter().map(|setting| setting.name).collect();
        for grant in Grant::ALL {
            let listed = of(Some(grant));
            assert!(listed.len() < all.len(), "{}", grant.slug());
            assert!(listed.iter().all(|setting| all.contains(&setting.name)), "{}", grant.slug());
        }
    }
}
