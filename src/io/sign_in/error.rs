//! Why a sign-in did not come to its end, and what to try.

use std::time::Duration;

use url::Url;

use super::HOP_LIMIT;
use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::{elided_between_words, visible};
use crate::base::time::spoken;
use crate::client::body::said;
use crate::flow::Failure;
use crate::flow::transport_error::TransportError;
use crate::terms::error::OAuthError;

/// Why a sign-in did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignInError {
    /// The way leads to another machine.
    #[error("the sign-in leads to {}, which is not this machine: sign in with the browser", .0.host_str().unwrap_or_default())]
    NotLoopback(Box<Url>),
    /// Where the server sends the browser, no answer came.
    #[error("the server sends the browser to {place}, and no answer came from there: {error}")]
    NotReached {
        /// Where to.
        url: Box<Url>,
        /// The same, without parameters.
        place: String,
        /// Why not.
        error: TransportError,
    },
    /// After a logout: no way back.
    #[error("the browser stays at a page of the server: {page}")]
    StaysThere {
        /// What the page says in its heading and first paragraph.
        page: String,
    },
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
    /// The server asks by HTTP, and shows no page (RFC 9110 section 11).
    #[error("the server asks for HTTP authentication ({scheme}) and shows no page to sign in at")]
    WantsHttp {
        /// `Basic`, `Negotiate`.
        scheme: String,
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
        /// What the page says in its heading, and what it reports.
        page: String,
        /// Whether a password was given; otherwise the user name was typed.
        had_password: bool,
    },
    /// The login was taken, and a page comes between: a new password, say.
    #[error("the password was taken, and the server asks this user for something first: {page}")]
    WantsFirst {
        /// What the page says in its heading, and what it reports.
        page: String,
    },
    /// A code is asked for that a device or a message brings.
    #[error("the page asks for a code that is not known here: {page}")]
    WantsCode {
        /// What the page says in its heading and first paragraph.
        page: String,
    },
    /// A browser would end at the port of the redirect URI, and not at the redirect URI.
    #[error("the server sends the browser to {place}, and the response is awaited at {awaited}")]
    Elsewhere {
        /// Where to.
        url: Box<Url>,
        /// The same, without parameters.
        place: String,
        /// The redirect URI.
        awaited: String,
    },
    /// The time given is over.
    #[error("the sign-in was not at its end after {}", spoken(*.0))]
    TimedOut(Duration),
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

const WITH_A_BROWSER: &str = "Sign in with a browser: leave --sign-in out, or open the address that is shown.";

const PAGE_SAYS: &str = "What the page says is the server's reason; its log may say more.";

/// What a server does not send back (RFC 6749 section 4.1.2.1), whatever the status of its page.
const UNKNOWN: &str = "An unknown client_id, redirect_uri or post_logout_redirect_uri is told on such a page and never sent \
                       back: compare what was sent with the registration.";

/// Most of an error that is told from an address.
const MOST_SAID: usize = 500;

/// What to try where the server answered a browser with such a status.
fn of_page(status: u16) -> Vec<String> {
    let first = match status {
        // Some servers say of a client that they do not know that it is not found (Canaille).
        404 => {
            "There is nothing at this address, or the server tells an unknown client_id in this way: compare the endpoint with \
             the server's metadata, and client_id with the registration."
        }
        405 | 410 => {
            "There is nothing at this address, or not for a browser: compare the endpoint with the server's metadata, and the \
             end of its path with what the server documents."
        }
        ..500 => UNKNOWN,
        _ => return vec![PAGE_SAYS.to_owned(), UNKNOWN.to_owned()],
    };
    vec![first.to_owned(), PAGE_SAYS.to_owned()]
}

impl SignInError {
    /// Whether the server refused what it was asked, so that another user agent would meet the same.
    pub const fn is_refusal(&self) -> bool {
        matches!(self, Self::ErrorPage { .. })
    }

    /// What to try, most promising first.
    pub fn advice(&self) -> Vec<String> {
        let first = match self {
            Self::NotLoopback(_) => "Only servers of this machine are signed in at by themselves.",
            Self::Transport(error) | Self::NotReached { error, .. } => return vec![error.advice().to_owned()],
            Self::StaysThere { .. } => {
                return vec![
                    "A server shows a page of its own where post_logout_redirect_uri is not registered for this client, or \
                     where no id_token_hint says whose logout it is: compare both with the registration."
                        .to_owned(),
                    PAGE_SAYS.to_owned(),
                ];
            }
            Self::ErrorPage { status, .. } => return of_page(*status),
            Self::WantsHttp { .. } => {
                "A browser asks for name and password then, or has a ticket of the system (Kerberos)."
            }
            Self::NoForm { .. } => {
                let script = "The page may need JavaScript, which is not run here.";
                return [script, UNKNOWN, WITH_A_BROWSER].map(str::to_owned).to_vec();
            }
            Self::UnknownUser { offered, .. } => {
                return vec![format!("Name one that it has with --sign-in: {offered}.")];
            }
            Self::LoginRefused { had_password: false, .. } => {
                return vec![
                    "The user name was typed as the password too; give another with --sign-in-password env:NAME."
                        .to_owned(),
                    "Look whether the server knows this user.".to_owned(),
                ];
            }
            Self::LoginRefused { had_password: true, .. } => {
                "Compare user name and password with what the server knows."
            }
            Self::WantsFirst { .. } => {
                return vec![
                    "Sign in with a browser once and do what the page asks for; then --sign-in comes through."
                        .to_owned(),
                ];
            }
            Self::WantsCode { .. } => {
                "Such a code comes from a device, a message or another page: sign in as a user who is not asked for one."
            }
            Self::NoProgress { .. } => "The page wants something that is not filled in here, or needs JavaScript.",
            Self::BadRedirect(_) => "A redirect needs a Location that is a URL; look at the server's log.",
            Self::Elsewhere { url, awaited, .. }
                if Url::parse(awaited).is_ok_and(|due| due.path() == url.path() && due.host() == url.host()) =>
            {
                return vec![
                    format!(
                        "Host and path are right, and the scheme is another one, {}: have the server send to {awaited}.",
                        url.scheme()
                    ),
                    "Or set redirect_uri to the one that the server uses.".to_owned(),
                ];
            }
            Self::Elsewhere { url, awaited, .. } if Url::parse(awaited).is_ok_and(|due| due.path() == url.path()) => {
                return vec![
                    format!(
                        "The path is right, and the host is another one: localhost and 127.0.0.1 are two. Use the same here \
                         and at the server; {awaited} is awaited."
                    ),
                    "Or set redirect_uri to the one that the server uses.".to_owned(),
                ];
            }
            Self::Elsewhere { awaited, .. } => {
                return vec![
                    format!("The path has to be registered at the server as it is awaited: {awaited}"),
                    "Or set redirect_uri to the one that the server uses.".to_owned(),
                ];
            }
            Self::TimedOut(_) => {
                "The server answers slowly, or not at all: look at it, or give more time with --timeout."
            }
            Self::TooManyHops => "The pages lead in a circle; a cookie may be lost between them.",
        };
        vec![first.to_owned(), WITH_A_BROWSER.to_owned()]
    }
}

impl SignInError {
    /// The same of a logout, which no form has to end.
    #[must_use]
    pub fn of_logout(self) -> Self {
        match self {
            Self::NoForm { page } => Self::StaysThere { page },
            other => other,
        }
    }

    /// The same in the words that count: the error of Entra on its page, that of an answer in JSON, and what is asked for by
    /// HTTP.
    #[must_use]
    pub(super) fn in_words_of(self, response: &HttpResponse) -> Self {
        let stays = matches!(self, Self::ErrorPage { .. } | Self::NoForm { .. } | Self::NoProgress { .. });
        // Entra shows an error under any status, and its number may stand in a script alone.
        if let Some(page) = said::of_entra(&response.text()).filter(|_| stays) {
            return Self::ErrorPage { status: response.status, page };
        }
        let Self::ErrorPage { status, page } = self else { return self };
        let scheme = response.headers.get("www-authenticate").and_then(|it| it.split([' ', ',']).next());
        let said = said::words(response).filter(|_| Json::parse(&response.body).is_ok());
        match scheme.filter(|_| status == 401) {
            Some(scheme) => Self::WantsHttp { scheme: visible(scheme).into_owned() },
            None => Self::ErrorPage { status, page: said.unwrap_or(page) },
        }
    }

    /// The same with the error that stands in the address of the page, where a page leaves it to that.
    #[must_use]
    pub(super) fn with_error_of(self, url: &Url) -> Self {
        let Some(error) = OAuthError::from_params(&Params::parse(url.query().unwrap_or_default().as_bytes())) else {
            return self;
        };
        let said = || elided_between_words(&error.to_string(), MOST_SAID).into_owned();
        let with = |page: String| if page.contains(&error.error) { page } else { format!("{}: {page}", said()) };
        match self {
            Self::ErrorPage { status, page } => Self::ErrorPage { status, page: with(page) },
            Self::NoForm { page } => Self::ErrorPage { status: 200, page: with(page) },
            other => other,
        }
    }

    /// Where the browser was sent, other than to where it is awaited.
    pub fn led_to(&self) -> Option<&Url> {
        match self {
            Self::Elsewhere { url, .. } | Self::NotReached { url, .. } | Self::NotLoopback(url) => Some(url),
            _ => None,
        }
    }
}

impl From<SignInError> for Failure {
    fn from(error: SignInError) -> Self {
        Self::SignIn { why: error.to_string(), advice: error.advice(), is_refusal: error.is_refusal() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_logout_that_leads_elsewhere_knows_where_and_needs_no_form() {
        let stays = SignInError::NoForm { page: "Bye".to_owned() }.of_logout();
        assert_eq!(stays, SignInError::StaysThere { page: "Bye".to_owned() });
        assert_eq!((stays.led_to(), SignInError::TooManyHops.led_to()), (None, None));
        let away = elsewhere("http://127.0.0.1:8765/other");
        assert_eq!(away.led_to().map(Url::path), Some("/other"));
    }

    fn elsewhere(url: &str) -> SignInError {
        let url = Url::parse(url).expect("a URL");
        SignInError::Elsewhere {
            place: url.to_string(),
            url: Box::new(url),
            awaited: "http://127.0.0.1:8765/cb".to_owned(),
        }
    }

    #[test]
    fn every_end_has_its_own_advice_and_none_blames_the_registration_for_a_login() {
        let page = || "Log in".to_owned();
        let errors = [
            (SignInError::NotLoopback(Box::new(Url::parse("https://as.example/").expect("a URL"))), "this machine"),
            (SignInError::StaysThere { page: page() }, "page of its own"),
            (SignInError::ErrorPage { status: 400, page: page() }, "with the registration"),
            (
                SignInError::ErrorPage { status: 404, page: page() },
                "nothing at this address, or the server tells an unknown",
            ),
            (SignInError::ErrorPage { status: 405, page: page() }, "not for a browser"),
            (SignInError::ErrorPage { status: 500, page: page() }, "server's reason"),
            (SignInError::WantsHttp { scheme: "Negotiate".to_owned() }, "Kerberos"),
            (SignInError::NoForm { page: page() }, "JavaScript"),
            (SignInError::UnknownUser { username: "eve".to_owned(), offered: "alice, bob".to_owned() }, "alice, bob"),
            (SignInError::LoginRefused { page: page(), had_password: false }, "--sign-in-password env:NAME"),
            (SignInError::LoginRefused { page: page(), had_password: true }, "user name and password"),
            (SignInError::WantsFirst { page: page() }, "with a browser once"),
            (SignInError::WantsCode { page: page() }, "a user who is not asked"),
            (SignInError::NoProgress { page: page() }, "not filled in"),
            (SignInError::BadRedirect(302), "Location"),
            (elsewhere("http://localhost:8765/cb"), "localhost and 127.0.0.1 are two"),
            (elsewhere("https://127.0.0.1:8765/cb"), "the scheme is another one, https"),
            (elsewhere("http://127.0.0.1:8765/other"), "The path has to be registered"),
            (SignInError::TimedOut(Duration::from_secs(4)), "--timeout"),
            (SignInError::TooManyHops, "circle"),
        ];
        for (error, words) in errors {
            let advice = error.advice();
            assert!(advice[0].contains(words), "{error}: {advice:?}");
            assert!(!advice.iter().any(|advice| advice.starts_with("Register")), "{error}: {advice:?}");
        }
    }
}
