//! The iframe by which a server has the browser tell a client that a session has ended (OIDC Front-Channel Logout sections
//! 2 and 3).

use url::Url;

use crate::base::check::{Check, Rule, Verdict};
use crate::base::http::{HttpRequest, HttpResponse, is_loopback};
use crate::base::params::Params;
use crate::base::text::visible;
use crate::client::rules::frontchannel_logout as rule;

/// What such a request is held against. `None` means "not known", and skips the rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// The issuer of the login.
    pub issuer: Option<String>,
    /// `sid` of the login.
    pub sid: Option<String>,
    /// `frontchannel_logout_uri` of this client's registration.
    pub registered: String,
    /// `frontchannel_logout_session_required` of it.
    pub is_session_required: bool,
    /// A redirect URI of it.
    pub redirect_uri: String,
}

/// The answer to what came to `frontchannel_logout_uri` (section 2): nothing to show, nothing to keep, and it may be framed.
pub fn answer(request: &HttpRequest, expected: &Expected) -> HttpResponse {
    let is_rejected = judge(request, expected).iter().any(|check| check.verdict == Verdict::Fail);
    let status = match request.method.as_str() {
        "GET" if !is_rejected => 200,
        "GET" => 400,
        _ => 405,
    };
    let answer = HttpResponse::new(status, "text/html; charset=utf-8", "");
    let answer = answer.with_header("Cache-Control", "no-cache, no-store").with_header("Pragma", "no-cache");
    if status == 405 { answer.with_header("Allow", "GET") } else { answer }
}

/// Holds what came against its rules.
pub fn judge(request: &HttpRequest, expected: &Expected) -> Vec<Check> {
    let sent = request.query();
    let (iss, sid) = (sent.get("iss"), sent.get("sid"));
    vec![
        rule::REQUEST.holds(request.method == "GET", "a GET", visible(&request.method)),
        query(&sent, &expected.registered),
        pair(&sent),
        required(iss, sid, expected.is_session_required),
        equal(&rule::ISS, "iss", iss, expected.issuer.as_deref()),
        equal(&rule::SID, "sid", sid, expected.sid.as_deref()),
    ]
}

/// Holds the client's own answer to its rules.
pub fn judge_answer(response: &HttpResponse) -> Vec<Check> {
    let directives: Vec<String> = response.headers.all("cache-control").map(str::to_ascii_lowercase).collect();
    let directives = directives.join(", ");
    let is_stored = !directives.split(',').any(|directive| directive.trim() == "no-store");
    let saw = if directives.is_empty() { "no Cache-Control".to_owned() } else { visible(&directives).into_owned() };
    let framed = match keeps_out(response) {
        None => rule::FRAMED.pass("nothing forbids it"),
        Some(what) => rule::FRAMED.broken("nothing that forbids it", what),
    };
    vec![rule::CACHE.holds(!is_stored, "no-store", saw), framed]
}

/// Whether the URI is one that a server registers, as far as the settings tell: other redirect URIs may be registered too.
pub fn origin(expected: &Expected) -> Check {
    let (Ok(uri), Ok(redirect)) = (Url::parse(&expected.registered), Url::parse(&expected.redirect_uri)) else {
        return rule::ORIGIN.skipped("there is no redirect URI to compare");
    };
    let is_any_port = is_loopback(&redirect) && matches!(redirect.port(), None | Some(0));
    let same_port = is_any_port || uri.port_or_known_default() == redirect.port_or_known_default();
    let origin = redirect.origin().ascii_serialization();
    let holds = uri.scheme() == redirect.scheme() && uri.host() == redirect.host() && same_port;
    let wanted = if is_any_port { format!("{origin} with any port") } else { origin };
    rule::ORIGIN.holds(holds, wanted, uri.origin().ascii_serialization())
}

fn query(sent: &Params, registered: &str) -> Check {
    let registered =
        Url::parse(registered).ok().and_then(|url| url.query().map(|query| Params::parse(query.as_bytes())));
    let Some(registered) = registered.filter(|params| !params.is_empty()) else {
        return rule::QUERY.skipped("the registered URI has no query");
    };
    let lost = registered.iter().find(|(name, value)| !sent.all(name).any(|came| came == *value));
    match lost {
        Some((name, _)) => rule::QUERY.broken(visible(name), "it is not there as it was registered"),
        None => rule::QUERY.pass("it is all there"),
    }
}

fn pair(sent: &Params) -> Check {
    match ["iss", "sid"].map(|name| sent.all(name).count()) {
        [1, 1] => rule::PAIR.pass("both"),
        [0, 0] => rule::PAIR.pass("neither"),
        [1, 0] => rule::PAIR.broken("both or neither", "iss alone"),
        [0, 1] => rule::PAIR.broken("both or neither", "sid alone"),
        [iss, sid] => rule::PAIR.broken("each once, or neither", format!("iss {iss} times, sid {sid} times")),
    }
}

fn required(iss: Option<&str>, sid: Option<&str>, is_required: bool) -> Check {
    if !is_required {
        return rule::REQUIRED.skipped("frontchannel_logout_session_required is not registered");
    }
    let there: Vec<&str> = [("iss", iss), ("sid", sid)].into_iter().filter_map(|(name, it)| it.map(|_| name)).collect();
    let saw = if there.is_empty() { "neither".to_owned() } else { there.join(" and ") };
    rule::REQUIRED.holds(there.len() == 2, "iss and sid", saw)
}

/// What is left out is told by the rules for both.
fn equal(rule: &'static Rule, name: &'static str, came: Option<&str>, expected: Option<&str>) -> Check {
    match (came, expected) {
        (None, _) => rule.skipped(format!("no {name} came")),
        (_, None) => rule.skipped(format!("the {name} of the login is not known")),
        (Some(came), Some(expected)) => rule.equal(expected, came),
    }
}

/// What of an answer keeps it out of the server's page, which is of another origin. A policy has the last word (CSP Level 3
/// section 6.4.2.2).
fn keeps_out(response: &HttpResponse) -> Option<String> {
    let policies = response.headers.all("content-security-policy").flat_map(|policy| policy.split(';'));
    let ancestors = policies.map(str::trim).find_map(|directive| {
        let (name, sources) = directive.split_once(' ')?;
        name.eq_ignore_ascii_case("frame-ancestors").then(|| sources.trim())
    });
    match (ancestors, response.headers.get("x-frame-options")) {
        (Some(sources @ ("'none'" | "'self'")), _) => Some(format!("frame-ancestors {sources}")),
        (None, Some(option)) if ["deny", "sameorigin"].iter().any(|it| option.trim().eq_ignore_ascii_case(it)) => {
            Some(format!("X-Frame-Options {}", visible(option.trim())))
        }
        _ => None,
    }
}
