//! The rules of an authorization request as it leaves.

use url::Url;

use super::AuthorizationRequest;
use crate::base::check::{Check, Verdict};
use crate::base::http::is_loopback;
use crate::base::params::Params;
use crate::base::text::visible;
use crate::client::rules::{request as rule, settings as setting};
use crate::client::settings::Settings;
use crate::client::strength;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::response::has;
use crate::terms::scope;

/// Holds the request as it left in this URL, and the choices behind it, against their rules.
pub fn lint(request: &AuthorizationRequest, url: &Url, settings: &Settings) -> Vec<Check> {
    let mut checks = lint_contents(request, settings);
    checks.extend(lint_address(url));
    checks
}

/// What an address that the browser opens is held to, whatever it carries.
pub fn lint_address(url: &Url) -> [Check; 2] {
    let params = Params::parse(url.query().unwrap_or_default().as_bytes());
    let secret =
        rule::SECRET.holds(!params.contains("client_secret"), "no client_secret", presence(&params, "client_secret"));
    [secret, length(url.as_str())]
}

/// What a request is held to, whatever carries it.
pub fn lint_contents(request: &AuthorizationRequest, settings: &Settings) -> Vec<Check> {
    let params = &request.params;
    let mut checks = vec![
        required(params),
        protected(params),
        openid(params),
        nonce(params),
        nonce_required(params),
        token_in_browser(params),
        repeated(params),
        entropy(params),
        prompt(params),
        max_age(params),
        pkce_used(params, settings),
        pkce_method(params),
    ];
    checks.extend(redirect(params, settings));
    checks
}

fn presence(params: &Params, name: &str) -> String {
    format!("{name} {}", if params.contains(name) { "present" } else { "absent" })
}

fn required(params: &Params) -> Check {
    let missing: Vec<&str> =
        ["response_type", "client_id"].into_iter().filter(|name| params.get(name).is_none_or(str::is_empty)).collect();
    if missing.is_empty() {
        return rule::REQUIRED.pass("both");
    }
    rule::REQUIRED.broken("response_type and client_id", format!("without {}", missing.join(" and ")))
}

fn protected(params: &Params) -> Check {
    let by: Vec<&str> = ["state", "code_challenge", "nonce"].into_iter().filter(|name| params.contains(name)).collect();
    rule::STATE.holds(
        !by.is_empty(),
        "state, code_challenge or nonce",
        if by.is_empty() { "none of them".to_owned() } else { by.join(", ") },
    )
}

fn openid(params: &Params) -> Check {
    let asked = params.get("scope").unwrap_or_default();
    rule::OPENID.holds(scope::contains(asked, "openid"), "openid", visible(asked))
}

fn nonce(params: &Params) -> Check {
    if !scope::contains(params.get("scope").unwrap_or_default(), "openid") {
        return rule::NONCE.skipped("no OpenID request");
    }
    rule::NONCE.holds(params.contains("nonce"), "nonce", presence(params, "nonce"))
}

fn repeated(params: &Params) -> Check {
    let repeated: Vec<&str> = params.repeated().into_iter().filter(|name| *name != "resource").collect();
    rule::DUPLICATES.holds(
        repeated.is_empty(),
        "each parameter once",
        if repeated.is_empty() { "none".to_owned() } else { visible(&repeated.join(", ")).into_owned() },
    )
}

/// A short value fails where nothing else does what it is for: PKCE or a nonce protects against forged responses as well as
/// state (RFC 9700 section 2.1), and PKCE against a code of another login as well as nonce (section 4.5.3).
fn entropy(params: &Params) -> Check {
    let asked = params.get("response_type").unwrap_or_default();
    let has_pkce = has(asked, "code")
        && params.get("code_challenge_method") == Some("S256")
        && params.get("code_challenge").is_some_and(|challenge| !challenge.is_empty());
    let has_nonce =
        has_openid_nonce(params) && params.get("nonce").is_some_and(|it| strength::bits(it) >= strength::ENOUGH);
    let spared = [("state", has_pkce || has_nonce), ("nonce", has_pkce && !has(asked, "id_token"))];
    let judged = spared.into_iter().filter_map(|(name, is_spared)| {
        let value = params.get(name)?;
        let check = strength::judge(&rule::ENTROPY, [(name, value)]);
        let verdict = match check.verdict {
            Verdict::Fail if is_spared => Verdict::Warn,
            // It opens nothing by itself, and libraries that are well known draw 120 bits.
            Verdict::Warn => Verdict::Note,
            verdict => verdict,
        };
        Some((Check { verdict, ..check }, strength::bits(value)))
    });
    let weakest = judged.min_by(|(a, of_a), (b, of_b)| a.verdict.cmp(&b.verdict).then(of_a.total_cmp(of_b)));
    weakest.map_or_else(|| strength::judge(&rule::ENTROPY, []), |(check, _)| check)
}

/// Whether it is a request of OpenID Connect with a nonce.
fn has_openid_nonce(params: &Params) -> bool {
    let is_openid = scope::contains(params.get("scope").unwrap_or_default(), "openid");
    is_openid && params.get("nonce").is_some_and(|nonce| !nonce.is_empty())
}

fn prompt(params: &Params) -> Check {
    let Some(prompt) = params.get("prompt") else {
        return rule::PROMPT.skipped("no prompt");
    };
    let contradicts = scope::contains(prompt, "none") && scope::words(prompt).count() > 1;
    rule::PROMPT.holds(!contradicts, "none alone", visible(prompt))
}

fn max_age(params: &Params) -> Check {
    let Some(max_age) = params.get("max_age") else { return rule::MAX_AGE.skipped("no max_age") };
    rule::MAX_AGE.holds(max_age.parse::<u64>().is_ok(), "seconds", visible(max_age))
}

fn length(url: &str) -> Check {
    rule::LENGTH.holds(url.len() < 2000, "fewer than 2,000 characters", format!("{} characters", url.len()))
}

fn pkce_used(params: &Params, settings: &Settings) -> Check {
    if !params.get("response_type").is_some_and(|asked| has(asked, "code")) {
        return setting::PKCE_PUBLIC.skipped("no code is asked for");
    }
    let rule = match settings.auth_method() {
        Some(ClientAuthMethod::None) => &setting::PKCE_PUBLIC,
        // The client may compare the nonce in its place, and nobody sees whether it does.
        _ if has_openid_nonce(params) && !params.contains("code_challenge") => {
            let absent = "code_challenge absent; nonce takes its place where the client compares it";
            return Check { verdict: Verdict::Note, ..setting::PKCE_CONFIDENTIAL.broken("code_challenge", absent) };
        }
        _ => &setting::PKCE_CONFIDENTIAL,
    };
    rule.holds(params.contains("code_challenge"), "code_challenge", presence(params, "code_challenge"))
}

fn pkce_method(params: &Params) -> Check {
    match (params.get("code_challenge"), params.get("code_challenge_method")) {
        (None, _) => setting::PKCE_METHOD.skipped("PKCE is off"),
        (Some(_), None) => setting::PKCE_METHOD.broken("S256", "absent, which means plain"),
        (Some(_), Some(method)) => setting::PKCE_METHOD.equal("S256", method),
    }
}

fn redirect(params: &Params, settings: &Settings) -> Vec<Check> {
    let Some(url) = params.get("redirect_uri").and_then(|text| Url::parse(text).ok()) else {
        return vec![setting::REDIRECT_HTTPS.skipped("no redirect_uri in the request, or no URL")];
    };
    let mut checks = vec![setting::REDIRECT_FRAGMENT.holds(
        url.fragment().is_none(),
        "no fragment",
        if url.fragment().is_none() { "none" } else { "a fragment" },
    )];
    match url.scheme() {
        "https" => checks.push(setting::REDIRECT_HTTPS.pass("https")),
        "http" if is_loopback(&url) => {
            checks.push(setting::REDIRECT_HTTPS.pass("http on loopback"));
            let host = url.host_str().unwrap_or_default();
            checks.push(setting::REDIRECT_LITERAL.holds(!host.contains("localhost"), "127.0.0.1 or [::1]", host));
            checks.push(redirect_port(&settings.client.redirect_uri, &url));
        }
        "http" => checks.push(setting::REDIRECT_HTTPS.broken("https", url.origin().ascii_serialization())),
        scheme => checks.push(setting::REDIRECT_SCHEME.holds(scheme.contains('.'), "com.example.app", scheme)),
    }
    checks
}

/// The URI as typed tells whether the port was free to choose; the one that was sent has the port that was taken.
fn redirect_port(typed: &str, sent: &Url) -> Check {
    let is_free = Url::parse(typed).is_ok_and(|url| url.port() == Some(0));
    let port = sent.port_or_known_default().unwrap_or_default();
    setting::REDIRECT_PORT.holds(
        is_free,
        "port 0",
        if is_free { format!("any, this time {port}") } else { format!("always {port}") },
    )
}

fn nonce_required(params: &Params) -> Check {
    let asked = params.get("response_type").unwrap_or_default();
    if !has(asked, "id_token") {
        return rule::NONCE_REQUIRED.skipped("no ID token comes through the browser");
    }
    rule::NONCE_REQUIRED.holds(params.contains("nonce"), "nonce", presence(params, "nonce"))
}

fn token_in_browser(params: &Params) -> Check {
    let asked = params.get("response_type").unwrap_or_default();
    setting::IMPLICIT.holds(!has(asked, "token"), "a response type without token", visible(asked))
}
