//! What a run on the practice server needs beside the preset: the demo user's name where a grant asks for one, and
//! the demo client that authenticates in the chosen way.

use crate::base::http::is_loopback;
use crate::base::secret::Secret;
use crate::client::authentication::proves_itself_by_certificate;
use crate::client::settings::{ClientSettings, ID_JAG, RequestSettings, Settings};
use crate::practice::{
    Client, Config, DEMO_PASSWORD, PRACTICE_ENCRYPTION_KEY, PRACTICE_JWT_KEY, RESOURCE_SERVER, ServedTls,
    WORKLOAD_AUDIENCE, Workload,
};
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;

use url::Url;

/// Fills in what the grant and the client's authentication ask for and nobody has filled in, as `username` of the
/// practice server. `tls` is its way for clients that show a certificate.
pub fn fill(settings: &mut Settings, grant: Grant, username: &str, tls: Option<&ServedTls>) {
    let issuer = settings.server.issuer.trim_end_matches('/').to_owned();
    name_user(settings, grant, username);
    let request = &mut settings.request;
    match grant {
        Grant::Ciba if request.login_hint_token.is_empty() && request.id_token_hint.is_empty() => {
            fill_text(&mut request.binding_message, "W4SCT");
        }
        Grant::JwtBearer if request.assertion.is_empty() => {
            fill_text(&mut request.assertion_subject, username);
            fill_key(&mut settings.client.private_key);
        }
        Grant::TokenExchange => use_resource_server(request, &issuer),
        Grant::Mcp if request.api_url == format!("{issuer}{OWN_API}") => request.api_url = format!("{issuer}{MCP_API}"),
        Grant::SamlBearer if request.assertion.is_empty() => {
            fill_text(&mut request.assertion_url, &format!("{issuer}/saml?user={username}"));
        }
        _ => {}
    }
    use_workload(&mut settings.client, &issuer);
    let signs = match grant {
        Grant::Ciba => wants_backchannel_signature(settings),
        _ => grant.has_authorization_request() && wants_signature(settings),
    };
    let proves = settings.auth_method() == Some(ClientAuthMethod::PrivateKeyJwt) && !settings.is_vouched_for();
    if signs || proves {
        fill_key(&mut settings.client.private_key);
    }
    fill_decryption_key(&mut settings.client);
    if let Some(tls) = tls {
        use_tls(settings, tls);
    }
}

/// Which API of the practice server is called, where nobody has chosen another one.
const OWN_API: &str = "/api/me";
/// The same in a run of the Model Context Protocol.
const MCP_API: &str = "/mcp";

/// An ID-JAG is for the second practice server, whose API is called with what it brings. What names that server is taken
/// back where none is asked for.
fn use_resource_server(request: &mut RequestSettings, issuer: &str) {
    let there = format!("{issuer}{RESOURCE_SERVER}");
    let is_wanted = wants_id_jag(request);
    if is_wanted {
        fill_text(&mut request.audience, &there);
    }
    if request.audience != there {
        return;
    }
    let (own, its) = (format!("{issuer}{OWN_API}"), format!("{there}{OWN_API}"));
    let (from, to) = if is_wanted { (own, its) } else { (its, own) };
    if request.api_url == from {
        request.api_url = to;
    }
    if !is_wanted {
        request.audience.clear();
    }
}

fn wants_id_jag(request: &RequestSettings) -> bool {
    request.requested_token_type == ID_JAG
}

/// The demo client that gets its answers encrypted.
const ENCRYPTED: &str = "practice-encrypted";

fn fill_decryption_key(client: &mut ClientSettings) {
    let key = &mut client.decryption_key;
    match client.client_id == ENCRYPTED {
        true if key.is_empty() => *key = Secret::new(PRACTICE_ENCRYPTION_KEY),
        false if key.expose() == PRACTICE_ENCRYPTION_KEY => *key = Secret::default(),
        _ => {}
    }
}

/// The demo client that has no secret, and for which a workload speaks.
const PIPELINE: &str = "practice-pipeline";

/// The practice server stands for the platform that vouches for that client as well.
fn use_workload(client: &mut ClientSettings, issuer: &str) {
    let there = format!("{issuer}/workload?like={}&audience={WORKLOAD_AUDIENCE}", Workload::GitHub.slug());
    match client.client_id == PIPELINE {
        true if client.client_assertion.is_empty() => fill_text(&mut client.client_assertion_url, &there),
        false if client.client_assertion_url == there => client.client_assertion_url.clear(),
        _ => {}
    }
}

/// What of the settings, beside how the client authenticates, decides what else is filled in.
pub fn wants(settings: &Settings) -> impl PartialEq {
    let signs = (wants_signature(settings), wants_backchannel_signature(settings));
    (wants_encryption(settings), wants_frames(settings), wants_id_jag(&settings.request), signs)
}

/// Whether requests are signed with a key of the client.
fn wants_signature(settings: &Settings) -> bool {
    is_of_key(&settings.protection.request_object_signing_alg)
}

/// The same of the requests of CIBA.
fn wants_backchannel_signature(settings: &Settings) -> bool {
    is_of_key(&settings.protection.backchannel_authentication_request_signing_alg)
}

fn is_of_key(alg: &str) -> bool {
    !matches!(alg, "" | "none") && !alg.starts_with("HS")
}

/// Whether a client is registered for encrypted answers, by what is filled in.
fn wants_encryption(settings: &Settings) -> bool {
    let (client, protection) = (&settings.client, &settings.protection);
    let algs = [
        &client.id_token_encrypted_response_alg,
        &client.userinfo_encrypted_response_alg,
        &protection.authorization_encrypted_response_alg,
    ];
    algs.iter().any(|alg| !alg.is_empty())
}

/// Whether a client is registered for frames at a logout, by what is filled in; the demo client for them has a secret.
fn wants_frames(settings: &Settings) -> bool {
    let has_secret = matches!(
        settings.auth_method(),
        Some(ClientAuthMethod::ClientSecretBasic | ClientAuthMethod::ClientSecretPost)
    );
    has_secret && !wants_encryption(settings) && !settings.client.frontchannel_logout_uri.is_empty()
}

/// Fills in who the user is where a grant asks the client for it and nobody has filled it in. On this machine the
/// password is taken to be that of the demo users.
pub fn name_user(settings: &mut Settings, grant: Grant, username: &str) {
    let is_local = Url::parse(&settings.server.issuer).is_ok_and(|url| is_loopback(&url));
    let request = &mut settings.request;
    match grant {
        Grant::Password if request.username.is_empty() => {
            username.clone_into(&mut request.username);
            if is_local && request.password.is_empty() {
                request.password = Secret::new(DEMO_PASSWORD);
            }
        }
        Grant::Ciba if request.login_hint_token.is_empty() && request.id_token_hint.is_empty() => {
            fill_text(&mut request.login_hint, username);
        }
        _ => {}
    }
}

/// Clients that show a certificate get theirs, trust the authority of this run, and call the API where it sees the
/// certificate; all others call it where they did.
fn use_tls(settings: &mut Settings, tls: &ServedTls) {
    let shows = proves_itself_by_certificate(settings);
    let (plain, secure) = (settings.server.issuer.trim_end_matches('/'), tls.origin.as_str().trim_end_matches('/'));
    let api_url = &mut settings.request.api_url;
    let (from, to) = if shows { (plain, secure) } else { (secure, plain) };
    if let Some(path) = api_url.strip_prefix(from) {
        *api_url = format!("{to}{path}");
    }
    let is_demo = |pem: &Secret| tls.certificates.clients.iter().any(|issued| issued.pem == *pem);
    if !shows && is_demo(&settings.client.tls_client_certificate) {
        settings.client.tls_client_certificate = Secret::default();
    }
    if !shows && settings.server.certificate_authority == tls.certificates.authority {
        settings.server.certificate_authority.clear();
    }
    let pem = tls.certificates.client(&settings.client.client_id);
    let shown = &settings.client.tls_client_certificate;
    let is_free = shown.is_empty() || is_demo(shown);
    if let (true, true, Some(pem)) = (shows, is_free, pem) {
        settings.client.tls_client_certificate = pem.clone();
        settings.server.certificate_authority.clone_from(&tls.certificates.authority);
    }
}

/// Takes the demo client that may use the grant and authenticates as the settings say, when the one they name is a
/// demo client that does not. Leaves everybody else's client alone.
pub fn choose_client(settings: &mut Settings, grant: Grant) {
    let clients = demo_clients();
    let fits = |client: &&Client| is_fit(client, settings, grant);
    let Some(present) = clients.iter().find(|client| client.client_id == settings.client.client_id) else { return };
    if fits(&present) {
        return;
    }
    let Some(chosen) = clients.iter().find(fits) else { return };
    settings.client.client_id.clone_from(&chosen.client_id);
    settings.client.client_secret = chosen.client_secret.clone().unwrap_or_default();
    if let Some(endpoint) = &chosen.backchannel_client_notification_endpoint {
        settings.client.backchannel_client_notification_endpoint.clone_from(endpoint);
    }
}

/// Makes the demo client that the settings name authenticate as it is registered, unless they say one of its ways.
pub fn introduce_client(settings: &mut Settings) {
    let named = demo_clients().into_iter().find(|client| client.client_id == settings.client.client_id);
    let Some(named) = named else { return };
    settings.client.client_secret = named.client_secret.clone().unwrap_or_default();
    let fits = |method: ClientAuthMethod| named.token_endpoint_auth_methods.contains(&method);
    if let (false, Some(first)) = (settings.auth_method().is_some_and(fits), named.token_endpoint_auth_methods.first())
    {
        first.name().clone_into(&mut settings.client.token_endpoint_auth_method);
    }
}

/// Gives a demo client its secret back, which no run file holds.
pub fn give_secret(settings: &mut Settings) {
    let present = demo_clients().into_iter().find(|client| client.client_id == settings.client.client_id);
    if let (true, Some(secret)) =
        (settings.client.client_secret.is_empty(), present.and_then(|client| client.client_secret))
    {
        settings.client.client_secret = secret;
    }
}

/// Whether the client is a demo client, and no demo client may use the grant in the way the settings say.
pub fn is_unsuited(settings: &Settings, grant: Grant) -> bool {
    let clients = demo_clients();
    let is_demo = clients.iter().any(|client| client.client_id == settings.client.client_id);
    is_demo && !clients.iter().any(|client| is_fit(client, settings, grant))
}

fn is_fit(client: &Client, settings: &Settings, grant: Grant) -> bool {
    let is_notified = grant == Grant::Ciba && settings.client.is_notified();
    let is_pushed = client.is_pushed() == settings.client.is_pushed();
    let grant_type = if grant == Grant::Implicit { "implicit" } else { grant.grant_type() };
    client.may_use(grant_type)
        && wants_encryption(settings) == (client.client_id == ENCRYPTED)
        && (client.client_id == PIPELINE || !settings.is_vouched_for())
        && wants_frames(settings) == client.frontchannel_logout_uri.is_some()
        && settings.auth_method().is_some_and(|method| client.token_endpoint_auth_methods.contains(&method))
        // The second server has no way with TLS.
        && !(grant == Grant::TokenExchange && wants_id_jag(&settings.request) && proves_itself_by_certificate(settings))
        && (grant != Grant::Ciba
            || is_pushed && client.backchannel_client_notification_endpoint.is_some() == is_notified)
}

/// Their registration does not depend on where the server is.
fn demo_clients() -> Vec<Client> {
    Config::practice(Url::parse("http://127.0.0.1/").expect("a URL")).clients
}

fn fill_text(slot: &mut String, value: &str) {
    if slot.is_empty() {
        value.clone_into(slot);
    }
}

fn fill_key(slot: &mut Secret) {
    if slot.is_empty() {
        *slot = Secret::new(PRACTICE_JWT_KEY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(client_id: &str, method: &str, grant: Grant) -> String {
        let mut settings = Settings::default();
        client_id.clone_into(&mut settings.client.client_id);
        method.clone_into(&mut settings.client.token_endpoint_auth_method);
        choose_client(&mut settings, grant);
        settings.client.client_id
    }

    #[test]
    fn each_method_has_its_demo_client() {
        for (method, grant, client_id) in [
            ("client_secret_basic", Grant::AuthorizationCode, "practice-web"),
            ("private_key_jwt", Grant::AuthorizationCode, "practice-jwt"),
            ("client_secret_jwt", Grant::ClientCredentials, "practice-secret-jwt"),
            ("none", Grant::AuthorizationCode, "practice-native"),
            ("none", Grant::DeviceCode, "practice-device"),
            ("none", Grant::Implicit, "practice-legacy"),
            ("tls_client_auth", Grant::AuthorizationCode, "practice-tls"),
            ("self_signed_tls_client_auth", Grant::Hybrid, "practice-self-signed"),
            ("my own", Grant::AuthorizationCode, "practice-web"),
        ] {
            assert_eq!(chosen("practice-web", method, grant), client_id, "{method} {grant:?}");
        }
        assert_eq!(chosen("my-client", "private_key_jwt", Grant::AuthorizationCode), "my-client");
    }

    #[test]
    fn where_no_demo_client_fits_the_old_one_stays_and_is_known_to_be_unsuited() {
        for (method, grant, unsuited) in [
            ("none", Grant::ClientCredentials, true),
            ("none", Grant::Ciba, true),
            ("my own", Grant::AuthorizationCode, true),
            ("client_secret_basic", Grant::Ciba, false),
        ] {
            let mut settings = Settings::default();
            "practice-web".clone_into(&mut settings.client.client_id);
            method.clone_into(&mut settings.client.token_endpoint_auth_method);
            choose_client(&mut settings, grant);
            assert_eq!((settings.client.client_id.as_str(), is_unsuited(&settings, grant)), ("practice-web", unsuited));
            "my-client".clone_into(&mut settings.client.client_id);
            assert!(!is_unsuited(&settings, grant), "nothing is known of it");
        }
    }

    #[test]
    fn an_id_jag_is_for_the_second_server_which_has_no_tls() {
        let mut settings = Settings::default();
        "http://127.0.0.1:9400".clone_into(&mut settings.server.issuer);
        "http://127.0.0.1:9400/api/me".clone_into(&mut settings.request.api_url);
        for (wanted, audience, api_url) in [
            (ID_JAG, "http://127.0.0.1:9400/resource", "http://127.0.0.1:9400/resource/api/me"),
            ("", "", "http://127.0.0.1:9400/api/me"),
        ] {
            wanted.clone_into(&mut settings.request.requested_token_type);
            fill(&mut settings, Grant::TokenExchange, "alice", None);
            assert_eq!((settings.request.audience.as_str(), settings.request.api_url.as_str()), (audience, api_url));
        }
        // Somebody's own server stays, and so does the API of the first.
        ID_JAG.clone_into(&mut settings.request.requested_token_type);
        "https://as.example".clone_into(&mut settings.request.audience);
        fill(&mut settings, Grant::TokenExchange, "alice", None);
        assert_eq!(settings.request.audience, "https://as.example");
        assert_eq!(settings.request.api_url, "http://127.0.0.1:9400/api/me");
        settings.request.audience.clear();
        "practice-tls".clone_into(&mut settings.client.client_id);
        "tls_client_auth".clone_into(&mut settings.client.token_endpoint_auth_method);
        assert!(is_unsuited(&settings, Grant::TokenExchange));
    }

    #[test]
    fn ping_mode_has_a_client_of_its_own_and_the_way_back() {
        let mut settings = Settings::default();
        "practice-web".clone_into(&mut settings.client.client_id);
        "client_secret_basic".clone_into(&mut settings.client.token_endpoint_auth_method);
        "ping".clone_into(&mut settings.client.backchannel_token_delivery_mode);
        choose_client(&mut settings, Grant::Ciba);
        assert_eq!(settings.client.client_id, "practice-ping");
        settings.client.backchannel_token_delivery_mode.clear();
        choose_client(&mut settings, Grant::Ciba);
        assert_eq!(settings.client.client_id, "practice-web");
    }

    #[test]
    fn what_is_filled_in_stays() {
        let mut settings = Settings::default();
        "bob".clone_into(&mut settings.request.login_hint);
        fill(&mut settings, Grant::Ciba, "alice", None);
        assert_eq!(settings.request.login_hint, "bob");
    }
}
