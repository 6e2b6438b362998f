//! The in-app user agent behind `Sign in for me`: walks through the login and consent pages of a server on this
//! machine, with cookies, redirects and forms but no JavaScript, until the browser would be sent back.
//!
//! For practice and development servers only: it never leaves loopback, so no real password can get into it.

mod jar;
mod page;

use std::time::Duration;

use url::Url;

use self::jar::Jar;
use self::page::{Page, Submission};
use crate::base::http::{HttpRequest, HttpResponse, is_loopback};
use crate::base::params::Params;
use crate::base::text::{elided, visible};
use crate::flow::callback::{Callback, Via};
use crate::flow::transport_error::TransportError;
use crate::io::clock;
use crate::io::transport::Transport;

/// Most pages and redirects of one sign-in.
pub const HOP_LIMIT: usize = 20;

/// A finished sign-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// The authorization response, as the browser would have delivered it.
    pub callback: Callback,
    /// Every request on the way, in order.
    pub hops: Vec<Hop>,
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

/// Why a sign-in did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The way leads to another machine.
    #[error("the sign-in leads to {0}, which is not this machine: sign in with the browser")]
    NotLoopback(String),
    /// A page could not be fetched.
    #[error(transparent)]
    Transport(#[from] TransportError),
    /// The server answered with an error page.
    #[error("the server answered {status}: {page}")]
    ErrorPage {
        /// 400 to 599.
        status: u16,
        /// What the page says in its heading and first paragraph.
        page: String,
    },
    /// A page that cannot be gone on from.
    #[error("there is no form to submit on the page: {page}")]
    NoForm {
        /// What the page says in its heading and first paragraph.
        page: String,
    },
    /// The login page has buttons for its users, and none for this one.
    #[error("the login page has no user {username}, only {offered}")]
    UnknownUser {
        /// As asked for.
        username: String,
        /// Those it has, comma-separated.
        offered: String,
    },
    /// The login form came back.
    #[error("the login was refused for this user: {page}")]
    LoginRefused {
        /// What the page says in its heading.
        page: String,
    },
    /// What was submitted leads to the same form again.
    #[error("the page asks for the same again: {page}")]
    NoProgress {
        /// What the page says in its heading and first paragraph.
        page: String,
    },
    /// A redirect without a usable `Location`.
    #[error("the server answered {0} without a usable Location")]
    BadRedirect(u16),
    /// [`HOP_LIMIT`] is reached.
    #[error("the sign-in did not end after {HOP_LIMIT} pages")]
    TooManyHops,
}

/// Signs `username` in at `authorization_url` and stops where a browser would be sent to `stop_at`
/// (the redirect URI), without fetching it.
///
/// # Errors
/// When a page cannot be fetched or understood, the server refuses, or the way leaves this machine.
pub async fn sign_in(
    transport: &Transport,
    authorization_url: &Url,
    username: &str,
    stop_at: &Url,
) -> Result<SignedIn, SignInError> {
    let mut agent = Agent { username, stop_at, jar: Jar::default(), logins: 0, submitted: Vec::new() };
    let mut hops = Vec::new();
    let callback = agent.walk(transport, authorization_url, &mut hops).await?;
    Ok(SignedIn { callback, hops })
}

/// Signs `username` in at a page that asks for approval, such as a device's `verification_uri_complete`, and
/// agrees to everything. Ends at the first page that asks for nothing more.
///
/// # Errors
/// When a page cannot be fetched or understood, the server refuses, or the way leaves this machine.
pub async fn approve(transport: &Transport, page: &Url, username: &str) -> Result<Vec<Hop>, SignInError> {
    let (hops, end) = wander(transport, page, username).await;
    match end {
        Err(SignInError::NoForm { .. }) if hops.len() > 1 => Ok(hops),
        Err(error) => Err(error),
        Ok(_) => Ok(hops),
    }
}

/// As [`approve`], for a page that may have nothing to ask, such as a logout without a way back.
///
/// # Errors
/// As for [`approve`].
pub async fn visit(transport: &Transport, page: &Url, username: &str) -> Result<Vec<Hop>, SignInError> {
    let (hops, end) = wander(transport, page, username).await;
    match end {
        Err(SignInError::NoForm { .. }) | Ok(_) => Ok(hops),
        Err(error) => Err(error),
    }
}

/// From page to page, agreeing to everything, until there is nothing more to submit.
async fn wander(transport: &Transport, page: &Url, username: &str) -> (Vec<Hop>, Result<Callback, SignInError>) {
    let mut nowhere = page.clone();
    nowhere.set_path("/nowhere/this/leads");
    let mut agent = Agent { username, stop_at: &nowhere, jar: Jar::default(), logins: 0, submitted: Vec::new() };
    let mut hops = Vec::new();
    let end = agent.walk(transport, page, &mut hops).await;
    (hops, end)
}

struct Agent<'a> {
    username: &'a str,
    stop_at: &'a Url,
    jar: Jar,
    /// Login forms submitted so far.
    logins: usize,
    /// Forms submitted so far.
    submitted: Vec<HttpRequest>,
}

enum Next {
    Ask(HttpRequest),
    Arrived(Callback),
}

impl Agent<'_> {
    /// Follows pages until one leads to where the way ends.
    async fn walk(&mut self, transport: &Transport, from: &Url, hops: &mut Vec<Hop>) -> Result<Callback, SignInError> {
        let mut request = HttpRequest::get(from.clone());
        while hops.len() < HOP_LIMIT {
            self.dress(&mut request)?;
            let answer = transport.send(&request).await?;
            self.jar.keep(&request.url, &answer.response.headers, clock::now());
            let next = self.next(&request, &answer.response);
            hops.push(Hop { request, status: answer.response.status, took: answer.took });
            match next? {
                Next::Ask(next) => request = next,
                Next::Arrived(callback) => return Ok(callback),
            }
        }
        Err(SignInError::TooManyHops)
    }

    /// Adds what a browser adds.
    fn dress(&self, request: &mut HttpRequest) -> Result<(), SignInError> {
        if !is_loopback(&request.url) {
            return Err(SignInError::NotLoopback(request.url.host_str().unwrap_or_default().to_owned()));
        }
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
            _ => self.submit(&Page::read(&response.text(), &request.url), response),
        }
    }

    fn follow(&self, request: &HttpRequest, response: &HttpResponse) -> Result<Next, SignInError> {
        let location = response.headers.get("location").and_then(|location| request.url.join(location).ok());
        let url = location.ok_or(SignInError::BadRedirect(response.status))?;
        if self.is_stop(&url) {
            return Ok(Next::Arrived(self.callback_from(&url)));
        }
        // 307 and 308 repeat the request, the others become a GET (RFC 9110 section 15.4).
        let repeated = matches!(response.status, 307 | 308);
        Ok(Next::Ask(if repeated { HttpRequest { url, ..request.clone() } } else { HttpRequest::get(url) }))
    }

    fn submit(&mut self, page: &Page, response: &HttpResponse) -> Result<Next, SignInError> {
        let text = response.text();
        let says = || shown(if page.heading.is_empty() { &text } else { &page.heading });
        let says_why = || shown(&[&[says()], page.reasons.as_slice()].concat().join(": "));
        if let Some(form) = page.forms.iter().find(|form| self.is_stop(&form.action)) {
            return Ok(Next::Arrived(self.callback(Via::FormPost, form.params(None))));
        }
        let offered = page.offered_users();
        if !offered.is_empty() && !offered.contains(&self.username) {
            return Err(SignInError::UnknownUser {
                username: shown(self.username),
                offered: shown(&offered.join(", ")),
            });
        }
        let submission = match (page.submission(self.username), response.status) {
            (Some(submission), ..400) => submission,
            (Some(submission), _) if submission.is_login => submission,
            (_, status @ 400..) => return Err(SignInError::ErrorPage { status, page: says_why() }),
            (None, _) => page.first_form().ok_or_else(|| SignInError::NoForm { page: says_why() })?,
        };
        self.logins += usize::from(submission.is_login);
        if submission.is_login && self.logins > 1 {
            return Err(SignInError::LoginRefused { page: says() });
        }
        let request = to_request(submission);
        if self.submitted.contains(&request) {
            return Err(SignInError::NoProgress { page: says_why() });
        }
        self.submitted.push(request.clone());
        Ok(Next::Ask(request))
    }

    fn is_stop(&self, url: &Url) -> bool {
        url.origin() == self.stop_at.origin() && url.path() == self.stop_at.path()
    }

    fn callback_from(&self, url: &Url) -> Callback {
        match url.fragment() {
            Some(fragment) if !fragment.is_empty() => self.callback(Via::Fragment, Params::parse(fragment.as_bytes())),
            _ => self.callback(Via::Query, self.added_to_query(url)),
        }
    }

    /// The query without what the redirect URI itself has in it.
    fn added_to_query(&self, url: &Url) -> Params {
        let own: Vec<_> = self.stop_at.query_pairs().collect();
        url.query_pairs().filter(|pair| !own.contains(pair)).collect()
    }

    fn callback(&self, via: Via, params: Params) -> Callback {
        Callback { redirect_uri: self.stop_at.to_string(), via, params }
    }
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
    visible(&elided(&line, 200)).into_owned()
}
