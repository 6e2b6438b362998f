//! Who plays the user on the command line, and what a person has to be told meanwhile.

use url::Url;

use crate::flow::callback::{Errand, PasteError};
use crate::io::browser;
use crate::io::sign_in::User;

/// Who takes the authorization URL to the server and brings the response back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserAgent {
    /// The system browser, and the listener at the redirect URI.
    Browser,
    /// Somebody who is shown the URL, and the listener at the redirect URI.
    Reader,
    /// The agent in this program, as this user.
    SignIn(User),
    /// Nobody: this is the URL the browser ended at.
    Redirected(String),
    /// Somebody who is shown the URL, and pastes where the browser ended into standard input.
    Paster,
}

/// What a person has to be told while a flow runs.
#[derive(Debug)]
pub enum Notice<'a> {
    /// This URL is to be opened.
    Visit(&'a Url),
    /// The browser was started for this URL on this errand, which proves nothing.
    Opened(&'a Url, Errand),
    /// No browser was started for this URL.
    NoBrowser(&'a Url, browser::OpenError),
    /// The server let this user through, or somebody else, and asked nobody who it is.
    NotAsked(&'a str),
    /// Here it is listened at with a certificate that was made for it.
    OwnCertificate(&'a Url),
    /// What is told of a logout is awaited here, and nothing else; whether an empty line ends that.
    Hears {
        /// Where.
        at: Vec<&'a Url>,
        /// Whether a line of standard input ends it.
        can_be_ended: bool,
    },
    /// What was pasted is no authorization response; another line is awaited.
    BadPaste(PasteError),
}
