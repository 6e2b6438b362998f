//! Keycloak: a client as its console exports it, and `keycloak.json` of an adapter.

use super::Filled;
use crate::base::json::Json;
use crate::terms::grant::Grant;

/// Flows of a client, the likeliest first.
const FLOWS: [(&str, Grant); 4] = [
    ("standardFlowEnabled", Grant::AuthorizationCode),
    ("implicitFlowEnabled", Grant::Implicit),
    ("serviceAccountsEnabled", Grant::ClientCredentials),
    ("directAccessGrantsEnabled", Grant::Password),
];

/// Reads a client; `None` when it is none of Keycloak's.
pub(super) fn read(json: &Json) -> Option<Filled> {
    let has = |name: &str| json.get(name).is_some();
    if has("realm") && has("auth-server-url") {
        Some(adapter(json))
    } else if has("clientId") && ["publicClient", "standardFlowEnabled", "clientAuthenticatorType"].into_iter().any(has)
    {
        Some(exported(json))
    } else {
        None
    }
}

fn exported(json: &Json) -> Filled {
    let mut filled = Filled::new("a client of Keycloak");
    let is_on = |name: &str| json.get(name).and_then(Json::as_bool) == Some(true);
    filled.put("client_id", json.text("clientId").unwrap_or_default());
    let secret = json.text("secret").unwrap_or_default();
    let is_masked = !secret.is_empty() && secret.chars().all(|c| c == '*');
    if is_masked {
        filled.note("The secret is masked in the export: fill in client_secret.");
    } else {
        filled.put("client_secret", secret);
    }
    let method = match json.text("clientAuthenticatorType") {
        _ if is_on("publicClient") => "none",
        Some("client-jwt") => "private_key_jwt",
        Some("client-secret-jwt") => "client_secret_jwt",
        Some("client-x509") => "tls_client_auth",
        _ => "client_secret_basic",
    };
    filled.put("token_endpoint_auth_method", method);
    let attribute = |name: &str| json.get("attributes").and_then(|attributes| attributes.text(name));
    let uris = json.get("redirectUris").map(Json::strings).unwrap_or_default();
    redirect_uri(&mut filled, "redirect_uri", &uris);
    let after: Vec<&str> =
        attribute("post.logout.redirect.uris").map(|uris| uris.split("##").collect()).unwrap_or_default();
    redirect_uri(&mut filled, "post_logout_redirect_uri", &after);
    filled.put("code_challenge_method", attribute("pkce.code.challenge.method").unwrap_or_default());
    filled.grant = FLOWS.into_iter().find(|(flow, _)| is_on(flow)).map(|(_, grant)| grant);
    if filled.grant.is_none() && attribute("oauth2.device.authorization.grant.enabled") == Some("true") {
        filled.grant = Some(Grant::DeviceCode);
    }
    filled.note("The issuer is not in the export: fill in the address of the realm.");
    filled
}

/// A pattern is no address: what begins like one is finished by hand.
fn redirect_uri(filled: &mut Filled, setting: &str, uris: &[&str]) {
    let is_address = |uri: &&&str| uri.contains("://");
    let plain = uris.iter().filter(is_address).find(|uri| !uri.contains('*'));
    if let Some(uri) = plain {
        filled.put(setting, *uri);
        if uris.len() > 1 {
            filled.note(format!("{setting} has {} addresses: one of them is taken.", uris.len()));
        }
    } else if let Some(pattern) = uris.iter().find(is_address) {
        filled.put(setting, pattern.trim_end_matches('*'));
        filled.note(format!("{setting} is the pattern {pattern}: complete the address."));
    }
}

fn adapter(json: &Json) -> Filled {
    let mut filled = Filled::new("a Keycloak adapter's settings");
    let server = json.text("auth-server-url").unwrap_or_default().trim_end_matches('/');
    let realm = json.text("realm").unwrap_or_default();
    if !server.is_empty() && !realm.is_empty() {
        filled.put("issuer", format!("{server}/realms/{realm}"));
    }
    filled.put("client_id", json.text("resource").unwrap_or_default());
    let is_on = |name: &str| json.get(name).and_then(Json::as_bool) == Some(true);
    let secret = json.get("credentials").and_then(|credentials| credentials.text("secret"));
    match secret {
        _ if is_on("public-client") => filled.put("token_endpoint_auth_method", "none"),
        Some(secret) => {
            filled.put("client_secret", secret);
            filled.put("token_endpoint_auth_method", "client_secret_basic");
        }
        None => {}
    }
    filled.grant = Some(Grant::AuthorizationCode);
    if is_on("disable-trust-manager") {
        filled.warnings.push("The adapter does not check the server's certificate: this program does.".to_owned());
    }
    if let Some(file) = json.text("truststore") {
        filled.not_followed.push(format!("The adapter trusts what is in {file}, which is not followed."));
    }
    if json.get("credentials").is_some_and(|credentials| credentials.get("jwt").is_some()) {
        filled.put("token_endpoint_auth_method", "private_key_jwt");
        filled
            .not_followed
            .push("The adapter signs with a key in a file of its own, which is not followed.".to_owned());
    }
    filled
}
