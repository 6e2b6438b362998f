//! What a browser at the redirect URI gets to see: fixed pages that hold nothing of the request.

use std::fmt::Write as _;

use crate::base::http::{HttpResponse, reason};
use crate::flow::callback::Refusal;

const PAGE: &str = include_str!("../../../assets/pages/callback.html");
const TICK: &str = r#"<svg class="tick" viewBox="0 0 40 40" aria-hidden="true"><circle cx="20" cy="20" r="18"/><path d="M12.5 20.5l5 5 10-10.5"/></svg>"#;
const RELAY: &str = include_str!("../../../assets/pages/callback_relay.html");

/// After a delivery: the same page under a clean address, without a code in it.
pub fn see_other(path: &str) -> HttpResponse {
    secured(HttpResponse { status: 303, headers: Default::default(), body: Vec::new() }, "default-src 'none'")
        .with_header("Location", path)
}

/// To a ping that was taken (CIBA section 10.2).
pub fn taken() -> HttpResponse {
    secured(HttpResponse { status: 204, headers: Default::default(), body: Vec::new() }, "default-src 'none'")
}

/// After a delivery by the relay page, which then goes to the clean address by itself.
pub fn relayed() -> HttpResponse {
    taken()
}

/// The last page.
pub fn done(nonce: &str) -> HttpResponse {
    let title = "You can close this window";
    let text = "The response has reached Grantscope. Everything else happens there.";
    page(200, nonce, title, &format!("{TICK}\n{}", message(title, text)))
}

/// The page that reads the fragment, which browsers keep to themselves, and posts it back. Where the visit itself was no
/// stray (200), it tells of an empty one too.
pub fn relay(status: u16, nonce: &str, relay: &str, done_path: &str) -> HttpResponse {
    let tells = if status == 200 { "yes" } else { "no" };
    let content = fill(RELAY, &[("nonce", nonce), ("relay", relay), ("done", done_path), ("tells", tells)]);
    let html = PAGE.replace("{{nonce}}", nonce).replace("{{title}}", "Grantscope").replace("{{content}}", &content);
    let policy = format!("{}; script-src 'nonce-{nonce}'; connect-src 'self'", policy(nonce));
    secured(HttpResponse::new(status, "text/html; charset=utf-8", html), &policy)
}

/// Answers everything that is not the awaited response.
pub fn refused(refusal: &Refusal, nonce: &str) -> HttpResponse {
    let (status, title, text) = match refusal {
        Refusal::ForeignHost(_) => (421, "Wrong host", "This address does not belong to the host it was asked for."),
        Refusal::OtherPath(_) => (404, "Nothing here", "Grantscope waits for a sign-in response at another address."),
        Refusal::OtherMethod(_) => (405, "Not a response", "Only GET and POST can carry a sign-in response."),
        Refusal::AlreadyUsed => (
            400,
            "Already used",
            "A response has been delivered here before, and only the first one counts. You can close this window.",
        ),
        Refusal::WrongNotificationToken => {
            (401, "Not authorized", "The bearer token of a ping is the client_notification_token of the request.")
        }
        Refusal::WrongState
        | Refusal::NoState
        | Refusal::NoStateInError(_)
        | Refusal::OtherCase(_)
        | Refusal::NoResponse
        | Refusal::BadRequest(_)
        | Refusal::SpokeTls
        | Refusal::SpokeHttp
        | Refusal::Distrusted
        | Refusal::Told(_) => (
            400,
            "Not the response this program waits for",
            "It may belong to an earlier sign-in. Grantscope shows what was wrong with it and is still waiting.",
        ),
    };
    let response = page(status, nonce, title, &message(title, text));
    if status == 405 { response.with_header("Allow", "GET, POST") } else { response }
}

/// The answer to bytes that are no request, as it goes over the wire.
pub fn unreadable(status: u16) -> Vec<u8> {
    let response = HttpResponse::new(status, "text/plain; charset=utf-8", "not an acceptable HTTP request\n");
    to_bytes(&secured(response, "default-src 'none'"))
}

/// An answer as it goes over the wire (RFC 9112 section 4); the connection ends with it.
pub fn to_bytes(response: &HttpResponse) -> Vec<u8> {
    let mut head = format!("HTTP/1.1 {} {}\r\n", response.status, reason(response.status));
    for (name, value) in response.headers.iter() {
        let _ = write!(head, "{name}: {value}\r\n");
    }
    if response.status != 204 {
        let _ = write!(head, "Content-Length: {}\r\n", response.body.len());
    }
    head.push_str("Connection: close\r\n\r\n");
    [head.as_bytes(), &response.body].concat()
}

fn message(title: &str, text: &str) -> String {
    format!("<h1>{}</h1>\n<p>{}</p>", escaped(title), escaped(text))
}

fn page(status: u16, nonce: &str, title: &str, content: &str) -> HttpResponse {
    let html = PAGE.replace("{{nonce}}", nonce).replace("{{title}}", &escaped(title)).replace("{{content}}", content);
    secured(HttpResponse::new(status, "text/html; charset=utf-8", html), &policy(nonce))
}

fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

fn secured(response: HttpResponse, policy: &str) -> HttpResponse {
    response
        .with_header("Content-Security-Policy", policy)
        .with_header("X-Content-Type-Options", "nosniff")
        .with_header("Referrer-Policy", "no-referrer")
        .with_header("Cache-Control", "no-store")
}

/// Puts escaped values in the place of `{{name}}`.
fn fill(template: &str, values: &[(&str, &str)]) -> String {
    values
        .iter()
        .fold(template.to_owned(), |text, (name, value)| text.replace(&format!("{{{{{name}}}}}"), &escaped(value)))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
