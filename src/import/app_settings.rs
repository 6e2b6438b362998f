//! `appsettings.json` of ASP.NET: the section that names a client and its authority, wherever it stands.

use url::Url;

use super::{Filled, grant_of_response, plain};
use crate::base::json::Json;
use crate::terms::grant::Grant;

/// How deep sections are looked into.
const DEPTH: usize = 6;

/// Keys of a section, without case and marks, and the settings they are.
const KEYS: [(&str, &str); 6] = [
    ("clientid", "client_id"),
    ("clientsecret", "client_secret"),
    ("responsetype", "response_type"),
    ("responsemode", "response_mode"),
    ("resource", "resource"),
    ("prompt", "prompt"),
];

/// Reads the settings of an app; `None` when no section is one of a login.
pub(super) fn read(json: &Json) -> Option<Filled> {
    let mut sections = Vec::new();
    find(json, "", DEPTH, &mut sections);
    let (name, section) = sections.first()?;
    let mut filled = of(section);
    if sections.len() > 1 {
        filled.note(format!("There are more sections of a login in it: {name} is taken."));
    }
    Some(filled)
}

/// The same of a text with comments, which .NET takes for spaces.
pub(super) fn with_comments(text: &str) -> Option<Filled> {
    read(&Json::parse_text(&without_comments(text)).ok()?)
}

fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['"', '/']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let length = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else {
            let length = if rest.starts_with('"') { text_length(rest) } else { 1 };
            out.push_str(&rest[..length]);
            length
        };
        rest = &rest[length..];
    }
    out + rest
}

/// With its quotation marks; all of it when the last is not there.
fn text_length(text: &str) -> usize {
    let mut is_escaped = false;
    let end = text.bytes().skip(1).position(|byte| {
        let is_end = byte == b'"' && !is_escaped;
        is_escaped = byte == b'\\' && !is_escaped;
        is_end
    });
    end.map_or(text.len(), |end| end + 2)
}

/// Sections with a client and a place where its server is, in order.
fn find<'a>(json: &'a Json, name: &'a str, depth: usize, sections: &mut Vec<(&'a str, &'a Json)>) {
    let has = |key: &str| get(json, key).is_some();
    if has("clientid") && ["authority", "instance", "tenantid", "metadataaddress"].into_iter().any(has) {
        sections.push((name, json));
    } else if depth > 0 {
        json.members().iter().for_each(|(name, value)| find(value, name, depth - 1, sections));
    }
}

/// Keys have no case there.
fn get<'a>(section: &'a Json, key: &str) -> Option<&'a Json> {
    section.members().iter().find(|(name, _)| plain(name) == key).map(|(_, value)| value)
}

fn of(section: &Json) -> Filled {
    let mut filled = Filled::new("settings of an ASP.NET application");
    let text = |key: &str| get(section, key).and_then(Json::as_str).map(str::trim).filter(|text| !text.is_empty());
    filled.put("issuer", issuer(text("authority"), text("instance"), text("tenantid")).unwrap_or_default());
    if let (None, Some(metadata)) = (filled.get("issuer"), text("metadataaddress")) {
        let asked = crate::client::endpoint::discovery::Asked::new(metadata);
        filled.put("issuer", asked.issuer);
    }
    for (key, setting) in KEYS {
        filled.put(setting, text(key).unwrap_or_default());
    }
    let scope = get(section, "scope").or_else(|| get(section, "scopes"));
    filled.put(
        "scope",
        scope.map(|scope| scope.as_str().map_or_else(|| scope.strings().join(" "), str::to_owned)).unwrap_or_default(),
    );
    filled.grant = Some(text("responsetype").and_then(grant_of_response).unwrap_or(Grant::AuthorizationCode));
    if text("clientsecret").is_none() {
        filled.note("client_secret is not in it: apps have it in user secrets or the environment.");
    }
    for (key, setting) in [("callbackpath", "redirect_uri"), ("signedoutcallbackpath", "post_logout_redirect_uri")] {
        if let Some(path) = text(key) {
            filled.note(format!("The app takes its answer at {path} of its own address: fill in {setting}."));
        }
    }
    if get(section, "requirehttpsmetadata").and_then(Json::as_bool) == Some(false) {
        filled.warnings.push("The app takes metadata over http (RequireHttpsMetadata is false).".to_owned());
    }
    if get(section, "clientcertificates").is_some() {
        filled
            .not_followed
            .push("The app proves itself with a certificate of its own, which is not followed.".to_owned());
    }
    filled
}

/// The issuer of an authority; an instance of Microsoft Entra ID needs its tenant, and version 2.0 to be named.
fn issuer(authority: Option<&str>, instance: Option<&str>, tenant: Option<&str>) -> Option<String> {
    if let Some(authority) = authority {
        return Some(authority.trim_end_matches('/').to_owned());
    }
    let instance = instance.unwrap_or("https://login.microsoftonline.com").trim_end_matches('/');
    let is_entra = Url::parse(instance).is_ok_and(|url| url.host_str().is_some_and(|host| host.starts_with("login.")));
    Some(format!("{instance}/{}{}", tenant?, if is_entra { "/v2.0" } else { "" }))
}
