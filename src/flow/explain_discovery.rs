//! Why no metadata came, or none that a client may use: the answer that came nearest is the one that is explained.

use url::Url;

use crate::base::http::{HttpResponse, is_loopback};
use crate::base::text::visible;
use crate::client::endpoint::discovery::{Asked, Nearness, instead};
use crate::client::endpoint::webfinger::Account;
use crate::terms::metadata::{ServerMetadata, is_blank};

use super::causes;
use super::stage::Stage;
use super::stage::discovery::asked;
use super::trace::{Answer, Exchange};
use super::transport_error::{TlsFault, TransportError};
use super::{Failure, Flow, ProblemKind};

/// The try of a search that found nothing which says most about why, and what came of it. Of two alike it is the first.
pub(super) fn nearest<'a>(flow: &'a Flow, stage: Stage, kind: &ProblemKind) -> Option<(Option<&'a Exchange>, String)> {
    if !stage.is_discovery() || *kind != ProblemKind::Failed {
        return None;
    }
    let is_here = |exchange: &&Exchange| exchange.position == flow.at;
    let tries = flow.trace.exchanges.iter().rev().map(|exchange| &**exchange).take_while(is_here);
    let told = tries.take(flow.attempt as usize).filter_map(|exchange| Some((exchange, told(&exchange.answer)?)));
    // From the last to the first, so the first of two alike is the greatest that comes last.
    let (exchange, (_, came)) = told.max_by_key(|(_, (nearness, _))| *nearness)?;
    Some((Some(exchange), came))
}

fn told(answer: &Answer) -> Option<(Nearness, String)> {
    match answer {
        Answer::Response(response) => instead(response).map(|instead| (instead.nearness, instead.words)),
        // What cannot be set up here is no matter of the place.
        Answer::Failed(failure @ Failure::Transport(TransportError::Setup { .. })) => {
            Some((Nearness::Broken, failure.to_string()))
        }
        Answer::Failed(failure) => Some((Nearness::Unreached, failure.to_string())),
        _ => None,
    }
}

/// Whose metadata a run looks for, and where.
pub fn searched(flow: &Flow) -> Asked {
    asked(&flow.settings, &flow.session)
}

/// What to try, the likeliest cause first.
pub(super) fn advice(flow: &Flow, kind: &ProblemKind, tried: Option<&Exchange>) -> Vec<String> {
    if *kind == ProblemKind::Unsafe {
        return other_issuer(flow);
    }
    if let Some(host) = host_of_account(flow) {
        let refused = tried.and_then(|tried| match &tried.answer {
            Answer::Failed(Failure::Transport(error)) => Some(error.advice().to_owned()),
            _ => None,
        });
        let unknown = format!(
            "An account was typed, and its host names no issuer of it: few answer WebFinger (OIDC Discovery section 2). Type \
             the issuer of its provider; if that is the host itself: {}",
            visible(&host)
        );
        return std::iter::once(unknown).chain(refused).collect();
    }
    let mut lines = match tried.map(|tried| (&tried.answer, &tried.request.url)) {
        Some((Answer::Failed(Failure::Transport(error)), _)) => {
            let is_left = flow.attempt == 1 && searched(flow).candidates.len() > 1;
            let untried = "The other addresses of the metadata are at the same host and port, and were not tried.";
            let untried = (is_left && error.is_of_authority()).then_some(untried);
            [Some(error.advice()), untried].into_iter().flatten().map(str::to_owned).collect()
        }
        Some((Answer::Response(response), url)) => {
            let moved = realm_elsewhere(flow, response).map(|(issuer, why)| format!("{why}: {}", visible(&issuer)));
            moved.into_iter().chain(of_response(response, url)).collect()
        }
        _ => Vec::new(),
    };
    let next = next_server(flow);
    lines.extend(next.map(|next| format!("The API takes tokens of another server too: {}", visible(&next))));
    lines
}

/// The host of an account of which no issuer is known.
fn host_of_account(flow: &Flow) -> Option<String> {
    let account = Account::typed(&flow.settings.server.issuer)?;
    flow.session.issuer_of_account.is_none().then(|| account.host_issuer())
}

/// The server after this one in the list of an API (RFC 9728 section 2): a client chooses among them.
pub(super) fn next_server(flow: &Flow) -> Option<String> {
    let metadata = flow.session.way_in.as_ref().and(flow.session.resource_metadata.as_ref())?;
    let named = metadata.get("authorization_servers")?.strings();
    let tried = searched(flow);
    let at = named.iter().position(|issuer| tried.is(issuer))?;
    named.get(at + 1).map(|issuer| (*issuer).to_owned())
}

/// The issuer without the `/auth` that Keycloak had before its realms until version 16, or with it, and why.
pub(super) fn realm_elsewhere(flow: &Flow, response: &HttpResponse) -> Option<(String, &'static str)> {
    let mut issuer = Url::parse(&searched(flow).issuer).ok()?;
    // Where a realm is unknown, Keycloak says so: then the path before it is right.
    let knows_path = String::from_utf8_lossy(&response.body).to_lowercase().contains("realm");
    if response.status != 404 || knows_path {
        return None;
    }
    let path = issuer.path().trim_end_matches('/').to_owned();
    let (other, why) = match path.strip_prefix("/auth/realms/") {
        Some(realm) => (format!("/realms/{realm}"), "Keycloak has no /auth before /realms since version 17"),
        None => (
            format!("/auth/realms/{}", path.strip_prefix("/realms/")?),
            "Keycloak before version 17 has /auth before /realms",
        ),
    };
    issuer.set_path(&other);
    Some((issuer.into(), why))
}

/// The issuer that the document names, where it is of the host that was asked: what may have been meant.
pub fn issuer_to_use(flow: &Flow) -> Option<&str> {
    let published = flow.session.metadata.as_ref().and_then(ServerMetadata::issuer)?;
    let asked = searched(flow);
    let parsed = |text: &str| Url::parse(text).ok().filter(|url| url.origin().is_tuple());
    let is_here = parsed(published).zip(parsed(&asked.issuer)).is_some_and(|(published, asked)| {
        // localhost and 127.0.0.1 are one machine and two issuers.
        let is_local = is_loopback(&published) && is_loopback(&asked) && published.scheme() == asked.scheme();
        published.origin() == asked.origin() || (is_local && published.port() == asked.port())
    });
    // A template is the issuer of nobody, and no document is at it.
    let is_one = !published.split('/').any(is_blank);
    Some(published).filter(|published| is_here && is_one && !asked.is(published))
}

fn other_issuer(flow: &Flow) -> Vec<String> {
    let published = flow.session.metadata.as_ref().and_then(ServerMetadata::issuer).filter(|issuer| !issuer.is_empty());
    let is_slash = |issuer| searched(flow).is_but_for_a_slash(issuer);
    let is_asked = |issuer| searched(flow).is(issuer);
    let first = match (issuer_to_use(flow), published) {
        // It is rejected for something else.
        (None, Some(issuer)) if is_asked(issuer) => return Vec::new(),
        (None, Some(issuer)) if issuer.split('/').any(is_blank) => format!(
            "The document is that of all tenants, and its issuer a template: {}. Type the issuer of one: what stands before \
             /.well-known in the document's address, with the tenant in it (at Entra its ID, or common for any).",
            visible(issuer)
        ),
        (Some(issuer), _) if is_slash(issuer) => {
            format!("Only the last slash differs. Use the issuer of the document: {}", visible(issuer))
        }
        (Some(issuer), _) => {
            format!(
                "The document names another issuer of this host. If it is the one you mean, use it: {}",
                visible(issuer)
            )
        }
        (None, Some(issuer)) => format!(
            "The document belongs to {}, which is another server. A client must not use it (RFC 8414 section 3.3).",
            visible(issuer)
        ),
        (None, None) => {
            "The document names no issuer, so nobody can tell whose it is. The server has to publish it.".to_owned()
        }
    };
    vec![first]
}

fn of_response(response: &HttpResponse, url: &Url) -> Vec<String> {
    let Some(instead) = instead(response) else { return Vec::new() };
    let says = |words: &str| instead.words.to_ascii_lowercase().contains(words);
    let first = match instead.nearness {
        _ if wants_https(&instead.words, url) => {
            Some(match url.port() {
                Some(port) => format!(
                    "This server answers on https alone: use its https address, which has another port than {port}."
                ),
                None => format!("This server answers on https alone: {}", visible(&on_https(url))),
            })
        }
        Nearness::Redirect => Some(moved(response, url)),
        Nearness::Answered => Some(
            "The server answers with an error of its own where the document belongs; its words say why. Most often the path of the issuer is of something else."
                .to_owned(),
        ),
        Nearness::Broken => Some("The document is there, but it cannot be read; it has to be mended at the server.".to_owned()),
        Nearness::Page => Some(
            "The server answers with something of its own where a document belongs: often the issuer has a path behind the host, or another host."
                .to_owned(),
        ),
        Nearness::Refused if response.status < 200 => {
            Some("The server goes over to another protocol where a document belongs; check scheme, port and path.".to_owned())
        }
        Nearness::Refused if matches!(response.status, 502 | 504) => Some(causes::down(response)),
        Nearness::Refused if response.status == 429 || response.status >= 500 => {
            Some("The server cannot answer now; look at its log, then try again.".to_owned())
        }
        Nearness::Refused => Some(
            "The document is kept from this program; a client has to be able to read it without signing in.".to_owned(),
        ),
        Nearness::Nothing if says("realm") || says("tenant") => Some(
            "The server is there, and knows nothing of this name: compare the path of the issuer with the server, letter by letter, in upper and lower case."
                .to_owned(),
        ),
        Nearness::Nothing | Nearness::Unreached => None,
    };
    let last = [
        "Check the issuer: it is the part before /.well-known, exactly as the server writes it.",
        "If the server publishes no metadata, turn discovery off and fill in the endpoints.",
    ];
    let is_found = instead.nearness == Nearness::Broken;
    first.into_iter().chain(last.into_iter().filter(|_| !is_found).map(str::to_owned)).collect()
}

/// A redirect to a document names its issuer.
fn moved(response: &HttpResponse, url: &Url) -> String {
    let Some(to) = target(response, url) else {
        return "The server points elsewhere and does not say where.".to_owned();
    };
    match issuer_of_document(&to) {
        Some(issuer) => {
            format!("The document is elsewhere. If you know that server, use its issuer: {}", visible(&issuer))
        }
        None => format!(
            "The server sends whoever asks to {}: the issuer is another one, or the document is not public.",
            visible(to.as_str())
        ),
    }
}

/// The issuer that the answer which came nearest points to.
pub(super) fn issuer_pointed_to(flow: &Flow, kind: &ProblemKind) -> Option<String> {
    if let Some(host) = host_of_account(flow) {
        return Some(host);
    }
    let (exchange, _) = nearest(flow, Stage::Discovery, kind)?;
    let (exchange, url) = exchange.map(|exchange| (exchange, &exchange.request.url))?;
    let response = exchange.response()?;
    let instead = instead(response)?;
    match instead.nearness {
        _ if wants_https(&instead.words, url) => Some(on_https(url)).filter(|_| url.port().is_none()),
        Nearness::Redirect => issuer_of_document(&target(response, url)?),
        _ => None,
    }
}

fn target(response: &HttpResponse, url: &Url) -> Option<Url> {
    url.join(response.headers.get("location")?).ok()
}

/// The issuer of a document at this address.
fn issuer_of_document(url: &Url) -> Option<String> {
    let asked = Asked::new(url.as_str());
    (url.path().contains("/.well-known/") && asked.beside.is_some()).then_some(asked.issuer)
}

fn wants_https(words: &str, url: &Url) -> bool {
    url.scheme() == "http" && words.to_ascii_lowercase().contains("https required")
}

fn on_https(url: &Url) -> String {
    Asked::new(&url.as_str().replacen("http:", "https:", 1)).issuer
}

/// The issuer with the other scheme: with http where a server of this machine does not speak TLS, and with https where one
/// closes what comes without it, or answers in TLS.
pub(super) fn other_scheme(flow: &Flow, kind: &ProblemKind) -> Option<(&'static str, String)> {
    let (exchange, _) = nearest(flow, Stage::Discovery, kind)?;
    let exchange = exchange?;
    let Answer::Failed(Failure::Transport(error)) = &exchange.answer else { return None };
    let issuer = flow.settings.server.issuer.trim();
    match error {
        TransportError::Tls { reason: TlsFault::NotTls, .. } if is_loopback(&exchange.request.url) => {
            Some(("Use http", format!("http:{}", issuer.strip_prefix("https:")?)))
        }
        TransportError::NoAnswer { .. } | TransportError::NotHttp { .. } => {
            Some(("Use https", format!("https:{}", issuer.strip_prefix("http:")?)))
        }
        _ => None,
    }
}

/// A text as it is typed on the command line. It may come from a stranger, and a shell must see one word in it.
pub fn as_argument(text: &str) -> String {
    let shown = visible(text);
    let is_plain = shown.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/%[]@+,=".contains(&byte));
    if is_plain { shown.into_owned() } else { format!("'{}'", shown.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_a_stranger_names_is_one_word_to_a_shell() {
        for (text, typed) in [
            ("https://as.example:8443/a%20b", "https://as.example:8443/a%20b"),
            ("https://as.example/$(id)", "'https://as.example/$(id)'"),
            ("https://as.example/';id;'", r"'https://as.example/'\'';id;'\'''"),
            ("https://as.example/\n", "'https://as.example/\\n'"),
        ] {
            assert_eq!(super::as_argument(text), typed);
        }
    }
}
