//! Opens the system browser, and decides which URLs may be opened at all.
//!
//! A URL that a server gave us may be anything: [`guard`] lets only web pages through
//! (RFC 8252 section 8.10 leaves the choice of user agent to the system).

use std::borrow::Cow;
use std::time::Duration;

use url::Url;

use crate::base::http::is_loopback;
use crate::base::text::visible;

/// Longest URL that is opened, in bytes.
pub const URL_LIMIT: usize = 8 * 1024;

/// How long a browser may take to fail. Text browsers never return, so silence counts as started.
const LAUNCH_LIMIT: Duration = Duration::from_secs(3);

/// Why a URL is not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// Over [`URL_LIMIT`].
    #[error("the URL is longer than {URL_LIMIT} bytes")]
    TooLong,
    /// Control, bidirectional or zero-width characters.
    #[error("the URL contains invisible characters")]
    Invisible,
    /// White space, which different parsers cut at different places.
    #[error("the URL contains spaces")]
    Space,
    /// Not an absolute URL with a host.
    #[error("this is not an absolute URL")]
    NotUrl,
    /// Neither `https` nor `http`.
    #[error("only web pages are opened, not {0}: URLs")]
    Scheme(String),
    /// `http` to a host that is not this machine.
    #[error("http without TLS is opened only on this machine, not on {0}")]
    PlainHttp(String),
    /// `user@` makes one host look like another.
    #[error("the URL contains a user name")]
    UserInfo,
}

/// The URL as it may be opened: parsed and written anew, so that the browser sees what was checked.
///
/// # Errors
/// When it is anything but `https`, or `http` on a loopback host, or could mislead the reader.
pub fn guard(text: &str) -> Result<Url, GuardError> {
    if text.len() > URL_LIMIT {
        return Err(GuardError::TooLong);
    }
    if text.contains(' ') {
        return Err(GuardError::Space);
    }
    if matches!(visible(text), Cow::Owned(_)) || text.contains(char::is_whitespace) {
        return Err(GuardError::Invisible);
    }
    let url = Url::parse(text).map_err(|_| GuardError::NotUrl)?;
    match url.scheme() {
        "https" => {}
        "http" if is_loopback(&url) => {}
        "http" => return Err(GuardError::PlainHttp(url.host_str().unwrap_or_default().to_owned())),
        scheme => return Err(GuardError::Scheme(scheme.to_owned())),
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(GuardError::UserInfo);
    }
    if url.as_str().len() > URL_LIMIT {
        return Err(GuardError::TooLong);
    }
    Ok(url)
}

/// Why no browser was started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The URL may not be opened.
    #[error(transparent)]
    Guarded(#[from] GuardError),
    /// The system has no browser, or it could not be started.
    #[error("no browser could be started: {0}")]
    NoBrowser(String),
}

/// Starts the system browser on a thread of its own, with an argument vector and never a shell.
///
/// `Ok` proves nothing: a browser may be started and die at once, so the URL stays on screen with a copy button.
///
/// # Errors
/// When [`guard`] refuses the URL, or the system says that it has no browser.
pub async fn open(url: &Url) -> Result<(), OpenError> {
    let url = guard(url.as_str())?;
    let (report, reported) = tokio::sync::oneshot::channel();
    let launch = move || drop(report.send(webbrowser::open(url.as_str())));
    let thread = std::thread::Builder::new().name("browser".to_owned()).spawn(launch);
    thread.map_err(|error| OpenError::NoBrowser(error.to_string()))?;
    match tokio::time::timeout(LAUNCH_LIMIT, reported).await {
        Ok(Ok(Err(error))) => Err(OpenError::NoBrowser(error.to_string())),
        _ => Ok(()),
    }
}
