//! The in-app user agent behind `Sign in for me`: walks through the login and consent pages of a server on this
//! machine, with cookies, redirects and forms but no JavaScript, until the browser would be sent back.
//!
//! For practice and development servers only: it never leaves loopback, so no password does.

mod error;
mod frames;
mod jar;
mod logins;
mod page;
mod refresh;
mod words;

use std::sync::Arc;
use std::time::Duration;

use tokio::time::timeout;
use url::{Position, Url};

pub use self::error::SignInError;
pub use self::jar::Jar;
use self::logins::Logins;
use self::page::{Fills, Page, Submission};
use crate::base::http::{HttpRequest, HttpResponse, is_loopback};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::{elided_between_words, visible};
use crate::flow::callback::{Callback, Via};
use crate::flow::joint;
use crate::flow::transport_error::TransportError;
use crate::io::clock;
use crate::io::transport::Transport;

/// How long one frame of a page may take.
const FRAME_LIMIT: Duration = Duration::from_secs(3);

/// Most pages and redirects of one sign-in.
pub const HOP_LIMIT: usize = 20;

/// A finished sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The authorization response, as the browser would have delivered it.
    pub callback: Callback,
    /// Every request on the way, in order.
    pub hops: Vec<Hop>,
    /// The cookies of the way, by which servers know the user again.
    pub cookies: Jar,
}

/// One request of the user agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// As it left, cookies included.
    pub request: HttpRequest,
    /// Status of its answer.
    pub status: u16,
    /// Until the answer was complete.
    pub took: Duration,
}

/// Who signs in, and whom the user agent trusts on the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct User {
    /// Typed where a page wants a name, or the name of a button.
    pub username: String,
    /// Typed where a page wants a password; without one, the user name is: what development servers expect.
    pub password: Option<Secret>,
    /// Certificates of further authorities to trust, as PEM.
    pub authorities: Option<Arc<str>>,
}

impl User {
    /// A user with the usual password, and no further trust.
    pub fn named(username: impl Into<String>) -> Self {
        Self { username: username.into(), ..Self::default() }
    }

    /// The same, trusting these certificates of authorities beside those of the system; blank text adds none.
    #[must_use]
    pub fn trusting(self, pem: &str) -> Self {
        let authorities = Some(pem.trim()).filter(|pem| !pem.is_empty()).map(Arc::from);
        Self { authorities, ..self }
    }

    fn password(&self) -> &str {
        self.password.as_ref().map_or(&self.username, Secret::expose)
    }
}

/// Whether this user was named to a server on the way. One that signs somebody in by itself asks for no name; what does not
/// begin with a request of a client or a device, such as the page of a backchannel request, is about a user who is known.
pub fn is_named(hops: &[Hop], user: &User) -> bool {
    let begins = |hop: &Hop| ["client_id", "user_code"].iter().any(|name| hop.request.query().contains(name));
    let is_in = |request: &HttpRequest| {
        let sent = [request.query(), request.form().unwrap_or_default()];
        sent.iter().flat_map(Params::iter).any(|(_, value)| value == user.username)
            || String::from_utf8_lossy(&request.body).contains(&user.username)
    };
    !hops.first().is_some_and(begins) || hops.iter().any(|hop| is_in(&hop.request))
}

/// What comes of it in this time.
///
/// # Errors
/// Its own, and that the time is over.
pub async fn within<T>(limit: Duration, way: impl Future<Output = Result<T, SignInError>>) -> Result<T, SignInError> {
    timeout(limit, way).await.unwrap_or(Err(SignInError::TimedOut(limit)))
}

/// Signs a user in at `authorization_url` and stops where a browser would be sent to `stop_at`
/// (the redirect URI), without fetching it.
///
/// # Errors
/// When a page cannot be fetched or understood, the server refuses, or the way leaves this machine.
pub async fn sign_in(
    transport: &Transport,
    authorization_url: &Url,
    user: &User,
    stop_at: &Url,
) -> Result<SignedIn, SignInError> {
    come_back(transport, authorization_url, user, stop_at, Jar::default()).await
}

/// Signs the user out in the browser that signed in: a server that knows its session shows the page that signs the user
/// out elsewhere too. Nothing is lost with a logout that ends elsewhere; its rule tells where.
///
/// # Errors
/// As for [`sign_in`].
pub async fn sign_out(
    transport: &Transport,
    end_session_url: &Url,
    user: &User,
    stop_at: &Url,
    cookies: Jar,
) -> Result<Callback, SignInError> {
    match come_back(transport, end_session_url, user, stop_at, cookies).await {
        Ok(signed_out) => Ok(signed_out.callback),
        Err(error) => match error.led_to().filter(|to| *to != end_session_url) {
            Some(to) => Ok(Callback::back_at(to.clone(), Via::Query)),
            None => Err(error.of_logout()),
        },
    }
}

async fn come_back(
    transport: &Transport,
    from: &Url,
    user: &User,
    stop_at: &Url,
    cookies: Jar,
) -> Result<SignedIn, SignInError> {
    let mut agent = Agent::new(user, from, Some(stop_at), cookies);
    let mut hops = Vec::new();
    let mut callback = agent.walk(transport, from, &mut hops).await?;
    callback.asked_user = Some(agent.has_asked);
    Ok(SignedIn { callback, hops, cookies: agent.jar })
}

/// Signs a user in at a page that asks for approval, such as a device's `verification_uri_complete`, and
/// agrees to everything. Ends at the first page that asks for nothing more. What was decided is told by the token endpoint
/// alone (RFC 8628 section 3.5), so a server need not have a page at the place that it sends the browser to afterwards.
///
/// # Errors
/// When a page cannot be fetched or understood, the server refuses, or the way leaves this machine.
pub async fn approve(transport: &Transport, page: &Url, user: &User) -> Result<Vec<Hop>, SignInError> {
    let (hops, end) = wander(transport, page, user, Jar::default()).await;
    match end {
        Err(SignInError::NoForm { .. }) if hops.len() > 1 => Ok(hops),
        Err(SignInError::ErrorPage { .. }) if is_led_away(&hops, page) => Ok(hops),
        Err(error) => Err(error),
        Ok(_) => Ok(hops),
    }
}

/// Whether a form was sent and the server has sent the browser on from it, to another place than it began at.
fn is_led_away(hops: &[Hop], from: &Url) -> bool {
    let [before @ .., redirect, last] = hops else { return false };
    let is_sent = before.iter().chain([redirect]).any(|hop| hop.request.method == "POST");
    is_sent && (300..400).contains(&redirect.status) && last.request.url.path() != from.path()
}

/// As [`approve`], for a page that may have nothing to ask, such as a logout without a way back, in the browser with
/// these cookies.
///
/// # Errors
/// As for [`approve`].
pub async fn visit(transport: &Transport, page: &Url, user: &User, cookies: Jar) -> Result<Vec<Hop>, SignInError> {
    let (hops, end) = wander(transport, page, user, cookies).await;
    match end {
        Err(SignInError::NoForm { .. }) | Ok(_) => Ok(hops),
        Err(error) => Err(error),
    }
}

/// From page to page, agreeing to everything, until there is nothing more to submit.
async fn wander(
    transport: &Transport,
    page: &Url,
    user: &User,
    cookies: Jar,
) -> (Vec<Hop>, Result<Callback, SignInError>) {
    let mut hops = Vec::new();
    let end = Agent::new(user, page, None, cookies).walk(transport, page, &mut hops).await;
    (hops, end)
}

struct Agent<'a> {
    user: &'a User,
    /// Where the way ends; `None` where it leads nowhere.
    stop_at: Option<&'a Url>,
    /// The port where it begins.
    from_port: Option<u16>,
    jar: Jar,
    logins: Logins,
    /// Forms submitted so far.
    submitted: Vec<HttpRequest>,
    /// Whether one of them asked who the user is. One without fields may be sent by a script, which nobody sees.
    has_asked: bool,
}

enum Next {
    Ask(HttpRequest),
    Arrived(Callback),
}

impl<'a> Agent<'a> {
    fn new(user: &'a User, from: &Url, stop_at: Option<&'a Url>, jar: Jar) -> Self {
        let from_port = from.port_or_known_default();
        Self { user, stop_at, from_port, jar, logins: Logins::default(), submitted: Vec::new(), has_asked: false }
    }

    /// Follows pages until one leads to where the way ends.
    async fn walk(&mut self, transport: &Transport, from: &Url, hops: &mut Vec<Hop>) -> Result<Callback, SignInError> {
        let mut request = HttpRequest::get(from.clone());
        while hops.len() < HOP_LIMIT {
            self.dress(&mut request)?;
            let answer = transport.send(&request).await.map_err(|error| unreached(&request.url, hops.last(), error))?;
            self.jar.keep(&request.url, &answer.response.headers, clock::now());
            self.load(transport, &frames::of(&answer.response, &request.url)).await;
            let next = self.next(&request, &answer.response);
            hops.push(Hop { request, status: answer.response.status, took: answer.took });
            match next? {
                Next::Ask(next) => request = next,
                Next::Arrived(callback) => return Ok(callback),
            }
        }
        Err(SignInError::TooManyHops)
    }

    /// Loads what a page frames. What comes of it is shown to nobody; the listener of the response answers nobody yet.
    async fn load(&self, transport: &Transport, frames: &[Url]) {
        for frame in frames {
            let is_awaited =
                self.stop_at.is_some_and(|stop_at| stop_at[..Position::AfterPath] == frame[..Position::AfterPath]);
            let mut request = HttpRequest::get(frame.clone());
            if !is_awaited && self.dress(&mut request).is_ok() {
                let _ = timeout(FRAME_LIMIT, transport.send(&request)).await;
            }
        }
    }

    /// Adds what a browser adds.
    fn dress(&self, request: &mut HttpRequest) -> Result<(), SignInError> {
        if !is_loopback(&request.url) {
            return Err(SignInError::NotLoopback(Box::new(request.url.clone())));
        }
        request.tls.authorities.clone_from(&self.user.authorities);
        // What a page says is read by people and by rules, which know English.
        request.headers.set("Accept-Language", "en");
        request.headers.set("Accept", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1");
        request.headers.0.retain(|(name, _)| name != "Cookie");
        if let Some(cookies) = self.jar.header(&request.url) {
            request.headers.push("Cookie", cookies);
        }
        Ok(())
    }

    fn next(&mut self, request: &HttpRequest, response: &HttpResponse) -> Result<Next, SignInError> {
        match response.status {
            301 | 302 | 303 | 307 | 308 => self.follow(request, response),
            _ => self
                .submit(&Page::read(&response.text(), &request.url), response.status)
                .map_err(|error| error.in_words_of(response).with_error_of(&request.url)),
        }
    }

    fn follow(&self, request: &HttpRequest, response: &HttpResponse) -> Result<Next, SignInError> {
        let location = response.headers.get("location").and_then(|location| request.url.join(location).ok());
        let url = location.ok_or(SignInError::BadRedirect(response.status))?;
        if let Some(arrived) = self.arrived(&url)? {
            return Ok(arrived);
        }
        // 307 and 308 repeat the request, the others become a GET (RFC 9110 section 15.4).
        let repeated = matches!(response.status, 307 | 308);
        Ok(Next::Ask(if repeated { HttpRequest { url, ..request.clone() } } else { HttpRequest::get(url) }))
    }

    /// The response, where this URL brings it; nothing where the way goes on there.
    fn arrived(&self, url: &Url) -> Result<Option<Next>, SignInError> {
        let callback = self.stop_at.and_then(|stop_at| Callback::in_url(stop_at, url));
        if callback.is_none() {
            self.leads_on(url)?;
        }
        Ok(callback.map(Next::Arrived))
    }

    fn submit(&mut self, page: &Page, status: u16) -> Result<Next, SignInError> {
        let says = || shown(if page.heading.is_empty() { "a page without words" } else { &page.heading });
        let is_more = |text: &&String| !page.heading.contains(text.as_str());
        let with = |more: Vec<&String>| {
            let parts = [says()].into_iter().chain(more.into_iter().filter(is_more).cloned());
            shown(&parts.collect::<Vec<_>>().join(": "))
        };
        let says_why = || with(page.reasons.iter().collect());
        if let Some(callback) = self.stop_at.and_then(|stop_at| posted_back(page, stop_at)) {
            return Ok(Next::Arrived(callback));
        }
        let username = self.user.username.as_str();
        let offered = page.offered_users();
        if !offered.is_empty() && !offered.contains(&username) {
            return Err(SignInError::UnknownUser { username: shown(username), offered: shown(&offered.join(", ")) });
        }
        if page.wants_code() && status < 400 {
            return Err(SignInError::WantsCode { page: says_why() });
        }
        if let (Some(url), true, ..400) = (&page.leads_to, page.forms.is_empty(), status) {
            return Ok(self.arrived(url)?.unwrap_or_else(|| Next::Ask(HttpRequest::get(url.clone()))));
        }
        if let Some(callback) = self.linked_back(page).filter(|_| status < 400) {
            return Ok(Next::Arrived(callback));
        }
        let submission = match (page.submission(username, self.user.password()), status) {
            (Some(submission), ..400) => submission,
            (Some(submission), _) if submission.fills == Fills::Login => submission,
            (_, status @ 400..) => return Err(SignInError::ErrorPage { status, page: says_why() }),
            (None, _) => page.agreed().ok_or_else(|| SignInError::NoForm { page: says_why() })?,
        };
        if submission.fills == Fills::Login && self.logins.have_begun() && page.wants_new_password() {
            return Err(SignInError::WantsFirst { page: with(vec![&page.notice]) });
        }
        if self.logins.are_refused(page, &submission, status) {
            let had_password = self.user.password.is_some();
            return Err(match with(vec![&page.notice]) {
                page_says if page.has_code() => SignInError::WantsCode { page: page_says },
                page => SignInError::LoginRefused { page, had_password },
            });
        }
        self.leads_on(&submission.action)?;
        let is_further = self.logins.is_further_step(&submission);
        self.logins.note(&submission);
        self.has_asked |= submission.fills != Fills::Nothing;
        let request = to_request(submission);
        if self.submitted.contains(&request) && !is_further {
            return Err(SignInError::NoProgress { page: says_why() });
        }
        self.submitted.push(request.clone());
        Ok(Next::Ask(request))
    }

    /// The response, where a page that asks for nothing has a link with it, which its script follows when all frames of a
    /// logout are loaded. A link without parameters leads to the app, and is none.
    fn linked_back(&self, page: &Page) -> Option<Callback> {
        let stop_at = self.stop_at.filter(|_| page.forms.is_empty())?;
        let mut linked = page.links.iter().filter_map(|link| Callback::in_url(stop_at, link));
        linked.find(|callback| callback.params.contains("state") || callback.params.contains("code"))
    }

    /// The listener of the response answers nobody but a browser at its own path, so nothing comes of going there.
    fn leads_on(&self, url: &Url) -> Result<(), SignInError> {
        let Some(stop_at) = self.stop_at else { return Ok(()) };
        let port = url.port_or_known_default();
        let is_listener = is_loopback(stop_at) && port == stop_at.port_or_known_default() && port != self.from_port;
        match is_loopback(url) && is_listener {
            true => {
                let (place, awaited) = (placed(url), stop_at.to_string());
                Err(SignInError::Elsewhere { url: Box::new(url.clone()), place, awaited })
            }
            false => Ok(()),
        }
    }
}

/// No answer from where the server sent the browser is told with the place.
fn unreached(url: &Url, before: Option<&Hop>, error: TransportError) -> SignInError {
    match before.is_some_and(|hop| hop.request.url.origin() != url.origin()) {
        true => SignInError::NotReached { place: placed(url), url: Box::new(url.clone()), error },
        false => SignInError::Transport(error),
    }
}

/// A URL without its parameters.
fn placed(url: &Url) -> String {
    shown(&format!("{}{}", url.origin().ascii_serialization(), joint::bare(url.path())))
}

/// The response in a form that a script would post to the redirect URI (OAuth Form Post Response Mode).
fn posted_back(page: &Page, redirect_uri: &Url) -> Option<Callback> {
    let is_there = |url: &Url| url[..Position::AfterPath] == redirect_uri[..Position::AfterPath];
    let form = page.forms.iter().find(|form| is_there(&form.action))?;
    let (redirect_uri, params) = (redirect_uri.to_string(), form.params(None));
    Some(Callback { redirect_uri, via: Via::FormPost, params, joint: None, posted: Vec::new(), asked_user: None })
}

fn to_request(submission: Submission) -> HttpRequest {
    let Submission { is_post, mut action, params, .. } = submission;
    if is_post {
        let origin = action.origin().ascii_serialization();
        return HttpRequest::post_form(action, &params).with_header("Origin", origin);
    }
    action.set_query(Some(&params.encode()));
    HttpRequest::get(action)
}

fn shown(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    visible(&elided_between_words(&line, 200)).into_owned()
}
