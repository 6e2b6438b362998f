//! The pages people see. They work without scripts, load nothing but the frames of a logout, and cannot be framed. The one
//! script there is posts a form that nobody has to decide about.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::{Host, Url};

use super::Practice;
use super::authorization::AuthorizationRequest;
use super::config::{AccessTokenFormat, Client, Config, PRACTICE_JWT_KEY, User, is_demo_key};
use super::endpoint::ENDPOINTS;
use super::grant::SAML_ISSUER;
use super::place::base;
use super::return_to::ReturnTo;
use super::scope;
use super::store::{Backchannel, Logout, Pending};
use super::template::{self, Html, Slot, Slots, fill, text, value};
use crate::base::http::{HttpResponse, reason};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::jose::hash::sha256;
use crate::jose::x509::thumbprint;
use crate::terms::error::OAuthError;
use crate::terms::profile::Profile;

const LAYOUT: &str = include_str!("../../assets/pages/practice_layout.html");
const HOME: &str = include_str!("../../assets/pages/practice_home.html");
const LOGIN: &str = include_str!("../../assets/pages/practice_login.html");
const CONSENT: &str = include_str!("../../assets/pages/practice_consent.html");
const FORM_POST: &str = include_str!("../../assets/pages/practice_form_post.html");
const POST_AGAIN: &str = include_str!("../../assets/pages/practice_post_again.html");
const POSTED: &str = include_str!("../../assets/pages/practice_posted.html");
const REFUSED: &str = include_str!("../../assets/pages/practice_refused.html");
const END_SESSION: &str = include_str!("../../assets/pages/practice_end_session.html");
const SIGNED_OUT: &str = include_str!("../../assets/pages/practice_signed_out.html");
const DONE: &str = include_str!("../../assets/pages/practice_done.html");
const CIBA: &str = include_str!("../../assets/pages/practice_ciba.html");
const VERIFY: &str = include_str!("../../assets/pages/practice_verify.html");
const PROBLEM: &str = include_str!("../../assets/pages/practice_problem.html");

/// The only style that pages may use, by its hash (CSP Level 3 section 2.3.1).
static STYLE_SOURCE: LazyLock<String> = LazyLock::new(|| source_of(LAYOUT, "<style>", "</style>"));
/// The only script, in the same way.
static SCRIPT_SOURCE: LazyLock<String> = LazyLock::new(|| source_of(POSTED, "<script>", "</script>"));

fn source_of(template: &str, start: &str, end: &str) -> String {
    let element = template.split_once(start).and_then(|(_, rest)| rest.split_once(end));
    let (content, _) = element.expect("the template has one such element");
    format!("'sha256-{}'", STANDARD.encode(sha256(content.as_bytes())))
}

/// What this server is, and whom it knows.
pub fn home(practice: &Practice) -> HttpResponse {
    let config = &practice.config;
    let slots = vec![
        text("issuer", config.issuer_text()),
        ("profile", Slot::Each(profile_slots(config))),
        ("password_grant", Slot::Each(if config.takes_grant("password") { vec![Vec::new()] } else { Vec::new() })),
        ("keys", Slot::Each(demo_key_slots(config))),
        text("saml_issuer", SAML_ISSUER),
        ("tls", Slot::Each(tls_slots(practice))),
        ("users", Slot::Each(config.users.iter().map(|user| user_slots(user, "")).collect())),
        ("clients", Slot::Each(config.clients.iter().map(|client| client_slots(config, client)).collect())),
        ("endpoints", Slot::Each(endpoint_slots(config))),
    ];
    document(config, "Practice server", 200, "'none'", fill(HOME, &slots))
}

/// Asks who the user wants to be.
pub fn login(config: &Config, client: &Client, request: &AuthorizationRequest, transaction: &str) -> HttpResponse {
    let hinted = request.login_hint.is_some() || request.named().is_some();
    let mark = |user: &User| if hinted && request.expects(&user.sub, config) { "suggested" } else { "" };
    let slots = vec![
        text("client_name", &client.client_name),
        text("client_id", &client.client_id),
        ("return_to", Slot::Each(return_slots(&request.return_to))),
        value("transaction", transaction),
        ("users", Slot::Each(config.users.iter().map(|user| user_slots(user, mark(user))).collect())),
    ];
    let targets = form_targets(&request.return_to);
    document(config, "Sign in", 200, &targets, filled(config, LOGIN, &slots))
}

/// Asks whether the client may have what it wants.
pub fn consent(
    config: &Config,
    client: &Client,
    request: &AuthorizationRequest,
    user: &User,
    transaction: &str,
) -> HttpResponse {
    let scope = scope::explained(&request.scope);
    let scope = scope.map(|(word, allows)| vec![text("word", word), text("allows", allows)]);
    let resource = request.resource.iter().map(|uri| vec![text("uri", uri)]);
    let slots = vec![
        text("client_name", &client.client_name),
        text("client_id", &client.client_id),
        ("return_to", Slot::Each(return_slots(&request.return_to))),
        text("name", user.name()),
        text("initial", initial(user)),
        text("email", user.text("email").unwrap_or_default()),
        value("transaction", transaction),
        ("scope", Slot::Each(scope.collect())),
        ("resource", Slot::Each(resource.collect())),
    ];
    let targets = form_targets(&request.return_to);
    document(config, "Allow access", 200, &targets, filled(config, CONSENT, &slots))
}

/// The authorization response as a form that the browser posts by itself (OAuth Form Post section 2).
pub fn form_post(config: &Config, redirect_uri: &str, params: &Params) -> HttpResponse {
    let slots = vec![text("redirect_uri", redirect_uri), ("form", Slot::Html(posted(redirect_uri, params)))];
    let page = document(config, "Back to the app", 200, &form_source(redirect_uri), fill(FORM_POST, &slots));
    allowing(page, &format!("script-src {}", *SCRIPT_SOURCE))
}

/// What came from another site to this address, as a form that the browser posts once more; the answer may lead on to
/// `location`.
pub fn post_again(config: &Config, address: &str, params: &Params, location: Option<&str>) -> HttpResponse {
    let content = fill(POST_AGAIN, &vec![("form", Slot::Html(posted(address, params)))]);
    let page = document(config, "Sign out", 200, &onward_targets(location), content);
    allowing(page, &format!("script-src {}", *SCRIPT_SOURCE))
}

/// A form that is posted as soon as it is there, with a button for browsers without scripts.
fn posted(action: &str, params: &Params) -> Html {
    let fields = params.iter().map(|(name, content)| vec![value("name", name), value("content", content)]);
    fill(POSTED, &vec![value("action", action), ("fields", Slot::Each(fields.collect()))])
}

/// Asks for the code of a device; one that came with the link only has to be confirmed.
pub fn verify(config: &Config, user_code: &str) -> HttpResponse {
    let block = if user_code.is_empty() { "type" } else { "confirm" };
    let slots = vec![(block, Slot::Each(vec![vec![text("user_code", user_code)]]))];
    document(config, "Connect a device", 200, "'self'", filled(config, VERIFY, &slots))
}

/// Asks again for the code of a device.
pub fn wrong_code(practice: &Practice, status: u16, problem: &str) -> HttpResponse {
    practice.why.refuse(None, problem);
    let slots =
        vec![("problem", Slot::Each(vec![vec![text("what", problem)]])), ("type", Slot::Each(vec![Vec::new()]))];
    document(&practice.config, "Connect a device", status, "'self'", filled(&practice.config, VERIFY, &slots))
}

/// The requests that wait for users, each with a form to decide it.
pub fn ciba(config: &Config, requests: &[(&Pending, &Backchannel)]) -> HttpResponse {
    let none = if requests.is_empty() { vec![vec![text("endpoint", config.url("/bc-authorize"))]] } else { Vec::new() };
    let slots = requests.iter().filter_map(|(pending, backchannel)| {
        let (client, user) = (config.client(&pending.client_id)?, config.user(&backchannel.sub)?);
        let message = backchannel.binding_message.iter().map(|message| vec![text("binding_message", message)]);
        Some(vec![
            value("id", &backchannel.id),
            text("initial", initial(user)),
            text("name", user.name()),
            text("client_name", &client.client_name),
            text("scope", &pending.scope),
            ("message", Slot::Each(message.collect())),
        ])
    });
    let slots = vec![("requests", Slot::Each(slots.collect())), ("none", Slot::Each(none))];
    document(config, "Requests on your phone", 200, "'self'", filled(config, CIBA, &slots))
}

/// Asks whether the session of `name` shall end, which `client` wants.
pub fn ask_logout(config: &Config, client: Option<&Client>, name: &str, logout: &Logout, id: &str) -> HttpResponse {
    let who_asks = client.map_or("Somebody", |client| &client.client_name);
    let slots = vec![text("who_asks", who_asks), text("name", name), value("logout", id)];
    let targets = onward_targets(logout.location.as_deref());
    document(config, "Sign out", 200, &targets, filled(config, END_SESSION, &slots))
}

/// Loads what tells clients of the logout, and goes on to the client that asked for it when a moment has passed (OIDC
/// Front-Channel Logout section 3).
pub fn signed_out(practice: &Practice, frames: &[String], location: Option<&str>) -> HttpResponse {
    practice.why.say("Signed out");
    let onward = || Slot::Each(location.map(|location| vec![value("location", location)]).into_iter().collect());
    let sources: Vec<String> = frames.iter().map(|frame| form_source(frame)).collect();
    let frames = frames.iter().map(|frame| vec![value("src", frame)]).collect();
    let content = fill(SIGNED_OUT, &vec![("frames", Slot::Each(frames)), ("onward", onward())]);
    let page = document_with(&practice.config, "Signed out", 200, "'none'", content, onward());
    allowing(page, &format!("frame-src {}", sources.join(" ")))
}

/// The same page with one more directive in its policy.
fn allowing(mut page: HttpResponse, directive: &str) -> HttpResponse {
    let policy = page.headers.get("content-security-policy").unwrap_or_default();
    let policy = format!("{policy}; {directive}");
    page.headers.set("Content-Security-Policy", policy);
    page
}

/// Nothing is left to do in this browser.
pub fn done(practice: &Practice, title: &str, what: &str) -> HttpResponse {
    practice.why.say(title);
    html(&practice.config, title, what)
}

/// A page with a few words.
pub fn html(config: &Config, title: &str, what: &str) -> HttpResponse {
    document(config, title, 200, "'none'", fill(DONE, &vec![text("title", title), text("what", what)]))
}

/// An authorization request that cannot be answered to the client, explained to the person in front of it.
pub fn refused(practice: &Practice, error: &OAuthError) -> HttpResponse {
    practice.why.refused(error);
    let slots = vec![
        text("error", &error.error),
        text("error_description", error.error_description.as_deref().unwrap_or_default()),
    ];
    document(&practice.config, "Request refused", 400, "'none'", fill(REFUSED, &slots))
}

/// Any other refusal: the status in words and what to do.
pub fn problem(practice: &Practice, status: u16, what: &str) -> HttpResponse {
    practice.why.refuse(None, what);
    let slots = vec![text("status", status.to_string()), text("reason", reason(status)), text("what", what)];
    document(&practice.config, reason(status), status, "'none'", filled(&practice.config, PROBLEM, &slots))
}

/// A template with addresses of this server: what `{{base}}` stands for is the same in each of its parts.
fn filled(config: &Config, template: &str, slots: &Slots) -> Html {
    fill(&template.replace("{{base}}", base(&config.issuer)), slots)
}

fn document(config: &Config, title: &str, status: u16, form_action: &str, content: Html) -> HttpResponse {
    document_with(config, title, status, form_action, content, Slot::Each(Vec::new()))
}

/// The same, of a page that leads on by itself.
fn document_with(
    config: &Config,
    title: &str,
    status: u16,
    form_action: &str,
    content: Html,
    onward: Slot,
) -> HttpResponse {
    let (style, source) = match &config.style {
        Some(css) => own_style(css),
        None => (template::style(""), String::new()),
    };
    let slots = vec![
        text("title", title),
        text("issuer", config.issuer_text()),
        ("onward", onward),
        ("style", Slot::Html(style)),
        ("content", Slot::Html(content)),
    ];
    let policy = format!(
        "default-src 'none'; style-src {}{source}; form-action {form_action}; frame-ancestors 'none'; base-uri 'none'",
        *STYLE_SOURCE
    );
    HttpResponse::new(status, "text/html; charset=utf-8", fill(LAYOUT, &slots).into_text())
        .with_header("Content-Security-Policy", policy)
        .with_header("X-Frame-Options", "DENY")
}

/// The style that the configuration adds, and its source for the policy.
fn own_style(css: &str) -> (Html, String) {
    // Nothing may end the element that it stands in; in CSS the backslash changes nothing.
    let css = css.replace("</", "<\\/");
    let source = format!(" 'sha256-{}'", STANDARD.encode(sha256(css.as_bytes())));
    (template::style(&css), source)
}

/// Where the answer goes, for the person who decides about it.
fn return_slots(return_to: &ReturnTo) -> Vec<Slots> {
    vec![match return_to {
        ReturnTo::Client(redirect) => vec![text("label", "Back to"), text("value", &redirect.redirect_uri)],
        ReturnTo::Device { user_code, .. } => vec![text("label", "Code"), text("value", user_code)],
    }]
}

fn form_targets(return_to: &ReturnTo) -> String {
    match return_to {
        ReturnTo::Client(redirect) => self_and(&redirect.redirect_uri),
        ReturnTo::Device { .. } => "'self'".to_owned(),
    }
}

/// Where a form of this server may lead whose answer may send the browser on.
fn onward_targets(location: Option<&str>) -> String {
    location.map_or_else(|| "'self'".to_owned(), self_and)
}

/// Chromium applies `form-action` also to the redirect that answers a form, so the client's address is in it.
fn self_and(redirect_uri: &str) -> String {
    format!("'self' {}", form_source(redirect_uri))
}

/// A source of CSP for this address. CSP knows no IPv6 literals and no origins of custom schemes;
/// the scheme stands for those.
fn form_source(redirect_uri: &str) -> String {
    let Ok(url) = Url::parse(redirect_uri) else { return "'none'".to_owned() };
    match (url.origin().is_tuple(), url.host()) {
        (true, Some(Host::Domain(_) | Host::Ipv4(_))) => url.origin().ascii_serialization(),
        _ => format!("{}:", url.scheme()),
    }
}

fn user_slots(user: &User, mark: &str) -> Slots {
    vec![
        value("sub", &user.sub),
        text("name", user.name()),
        text("initial", initial(user)),
        text("email", user.text("email").unwrap_or_default()),
        text("password", user.password.expose()),
        text("mark", mark),
    ]
}

fn initial(user: &User) -> String {
    user.name().chars().take(1).collect()
}

/// The secret is shown: these clients are for practice, and whoever reads the page runs the server.
fn client_slots(config: &Config, client: &Client) -> Slots {
    // URNs by their last part, which says it all.
    let grants = client.grant_types.iter().filter(|name| config.takes_grant(name));
    let grants: Vec<&str> = grants.filter_map(|name| name.rsplit(':').next()).collect();
    let mut further = Vec::new();
    if client.may_use("authorization_code") || client.may_use("implicit") {
        let types = client.response_types.iter().map(String::as_str);
        let types: Vec<&str> = types.filter(|name| config.takes_response_type(name)).collect();
        further.push(format!("Response types: {}", types.join(", ")));
        further.push(format!("Redirect URIs: {}", config.redirects_of(client)));
    }
    if let Some(endpoint) = &client.backchannel_client_notification_endpoint {
        let what = if client.is_pushed() { "Tokens are pushed to" } else { "Pinged at" };
        further.push(format!("{what}: {endpoint}"));
    }
    if let Some(dn) = &client.tls_client_auth_subject_dn {
        further.push(format!("Subject of its certificate: {dn}"));
    }
    if let Some(name) = &client.tls_client_auth_san_dns {
        further.push(format!("DNS name in its certificate: {name}"));
    }
    if let Some(certificate) = &client.tls_client_certificate {
        further.push(format!("x5t#S256 of its certificate: {}", thumbprint(certificate)));
    }
    if client.access_token_format == AccessTokenFormat::Opaque {
        further.push("Its access tokens are opaque".to_owned());
    }
    let methods = client.token_endpoint_auth_methods.iter().filter(|method| config.takes_method(**method));
    let methods: Vec<&str> = methods.map(|method| method.name()).collect();
    // A client that the profile does not take at all has nothing to show a secret for.
    let secret = client.client_secret.as_ref().filter(|_| !methods.is_empty());
    let methods = if methods.is_empty() { "none that the profile takes".to_owned() } else { methods.join(", ") };
    vec![
        text("client_id", &client.client_id),
        text("client_name", &client.client_name),
        text("client_secret", secret.map_or("", Secret::expose)),
        text("methods", methods),
        text("grants", grants.join(", ")),
        ("further", Slot::Each(further.into_iter().map(|what| vec![text("what", what)]).collect())),
    ]
}

/// The profile that is enforced.
fn profile_slots(config: &Config) -> Vec<Slots> {
    let slots = |profile: Profile| vec![text("name", profile.name()), text("slug", profile.slug())];
    config.profile.map(slots).into_iter().collect()
}

/// The private key to sign with, as long as some client is registered with its public half.
fn demo_key_slots(config: &Config) -> Vec<Slots> {
    let is_registered = config.clients.iter().flat_map(|client| &client.jwks).any(is_demo_key);
    if is_registered { vec![vec![text("key", PRACTICE_JWT_KEY)]] } else { Vec::new() }
}

/// The TLS origin, the authority to trust there, and what clients show. Private keys of one run, which protect nothing.
fn tls_slots(practice: &Practice) -> Vec<Slots> {
    let (Some(origin), Some(certificates)) = (practice.config.tls_url(""), practice.certificates()) else {
        return Vec::new();
    };
    let issued = certificates
        .clients
        .iter()
        .map(|issued| vec![text("client_id", &issued.client_id), value("pem", issued.pem.expose())]);
    vec![vec![
        text("origin", origin),
        value("authority", &certificates.authority),
        ("issued", Slot::Each(issued.collect())),
    ]]
}

fn endpoint_slots(config: &Config) -> Vec<Slots> {
    let slots = ENDPOINTS.iter().map(|endpoint| {
        vec![
            text("methods", endpoint.methods.join(", ")),
            text("url", config.url(endpoint.path)),
            text("about", endpoint.about),
        ]
    });
    slots.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_source_never_holds_what_csp_cannot_say() {
        for (uri, expected) in [
            ("http://127.0.0.1:8912/callback?x=;", "http://127.0.0.1:8912"),
            ("http://[::1]:8912/callback", "http:"),
            ("https://app.example/cb", "https://app.example"),
            ("com.example.app:/cb", "com.example.app:"),
        ] {
            assert_eq!(form_source(uri), expected);
        }
    }
}
