//! Standing between from the window: what is asked for, what is told of it, and a held message as text.

use std::fmt;
use std::sync::Arc;

use super::draft::{RequestDraft, fields};
use super::opened::Recording;
use crate::base::http::HttpResponse;
use crate::base::params::Params;
use crate::capture::between::live::{End, Line};
use crate::capture::finding::Certainty;
use crate::gui::language::t;
use crate::io::between::gate::{Gate, Message};
use crate::io::between::{BETWEEN_PORT, Place, Stand, Stood};
use crate::io::serve::{Port, ServeError};

/// For whom to stand where.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToStand {
    /// The issuer of the provider, as it writes it.
    pub issuer: String,
    /// The port as typed; empty for the usual one, or any where that is taken.
    pub port: String,
    /// Whether to be an issuer of its own, that signs ID tokens anew.
    pub is_minting: bool,
    /// Certificates to trust beside those of the system, as PEM.
    pub authorities: String,
}

impl ToStand {
    /// The same with the port read.
    ///
    /// # Errors
    /// Says what is wrong with the port.
    pub fn stand(&self) -> Result<Stand<'_>, Trouble> {
        let port = match self.port.trim() {
            "" => Port::Prefer(BETWEEN_PORT),
            typed => Port::Exactly(typed.parse().map_err(|_| Trouble::of_port(typed))?),
        };
        let (issuer, authorities) = (self.issuer.trim(), self.authorities.as_str());
        Ok(Stand { issuer, port, is_minting: self.is_minting, authorities })
    }
}

/// Why nobody stands between: what was tried, why it failed, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// `Listening failed`
    pub title: String,
    /// The cause and the next step.
    pub text: String,
}

impl Trouble {
    fn of_port(typed: &str) -> Self {
        let text = t!(
            "{typed} is no port. Type a number from 0 to 65535, or leave it empty for {port}.",
            typed,
            port = BETWEEN_PORT
        );
        Self { title: t!("Listening was not tried.").to_owned(), text }
    }

    /// What kept a server from standing there.
    pub fn of(error: &ServeError) -> Self {
        let (title, next) = match error {
            ServeError::PortTaken(port) => {
                let text = t!(
                    "Port {port} is taken by another program. Type another port, or leave it empty for any free one.",
                    port
                );
                return Self { title: t!("Listening failed.").to_owned(), text };
            }
            ServeError::PortReserved(_) | ServeError::Io(..) => {
                (t!("Listening failed."), t!("Type another port, or leave it empty for any free one."))
            }
            ServeError::Handler(_) => {
                (t!("The issuer cannot be used."), t!("Type it as the provider writes it in its metadata, with https."))
            }
        };
        let why = match error {
            ServeError::Handler(why) => why.to_string(),
            error => error.to_string(),
        };
        Self { title: title.to_owned(), text: format!("{why}. {next}") }
    }
}

/// What passed by some time.
pub struct Sight {
    /// As a recording, its logins the newest first.
    pub recording: Arc<Recording>,
    /// Each message in a line, in the order it passed.
    pub lines: Vec<Line>,
    /// Of each login what has not come.
    pub missing: Vec<Option<String>>,
    /// What went past, or passed as it was, and what is to be said of the recording; without credentials.
    pub notes: Vec<String>,
    /// How many ID tokens were signed anew; `None` where none are.
    pub minted: Option<usize>,
}

impl Sight {
    /// Of what passed. Takes time in proportion to the messages. While it goes on, what cannot be proven of a login may
    /// only not have come yet.
    pub fn new(stood: Stood, lines: Vec<Line>, is_over: bool) -> Self {
        let Stood { end: End { mut capture, missing }, notes, minted, .. } = stood;
        for login in &mut capture.logins {
            login.finding.take_if(|found| !is_over && found.certainty == Certainty::NotProvable);
        }
        let mut recording = Recording::new(capture);
        recording.order = (0..recording.capture.logins.len()).rev().collect();
        let notes = notes.iter().chain(&recording.capture.notes).map(|note| recording.clean(note)).collect();
        Self { recording: Arc::new(recording), lines, missing, notes, minted }
    }
}

/// What is asked of standing between.
#[derive(Clone, Debug)]
pub enum BetweenJob {
    /// Stand there.
    Stand(ToStand),
    /// End it.
    End,
}

/// What is told of standing between.
#[derive(Clone)]
pub enum BetweenReport {
    /// It stands.
    Stands(Place, Gate),
    /// It does not.
    Failed(Trouble),
    /// What passed by now.
    Passed(Arc<Sight>),
    /// It has ended, and this passed.
    Ended(Arc<Sight>),
}

impl fmt::Debug for BetweenReport {
    /// Its kind only: messages hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Stands(..) => "Stands",
            Self::Failed(_) => "Failed",
            Self::Passed(_) => "Passed",
            Self::Ended(_) => "Ended",
        })
    }
}

/// A held message as text.
#[derive(Clone, PartialEq, Eq)]
pub enum HeldDraft {
    /// A request.
    Request(RequestDraft),
    /// An answer.
    Answer {
        /// `200`
        status: String,
        /// Header fields.
        headers: Params,
        /// The body; bytes that are not UTF-8 stay as they are until it is edited.
        body: String,
    },
}

impl fmt::Debug for HeldDraft {
    /// Its kind only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Request(_) => "Request",
            Self::Answer { .. } => "Answer",
        })
    }
}

impl HeldDraft {
    /// The text of a message.
    pub fn of(message: &Message) -> Self {
        match message {
            Message::Request(request) => Self::Request(RequestDraft::of(request)),
            Message::Answer(_, response) => Self::Answer {
                status: response.status.to_string(),
                headers: Params(response.headers.0.clone()),
                body: response.text().into_owned(),
            },
        }
    }

    /// The message that this text stands for, based on the one it was made from.
    ///
    /// # Errors
    /// Says which part cannot be sent.
    pub fn to_message(&self, base: &Message) -> Result<Message, String> {
        match (self, base) {
            (Self::Request(draft), Message::Request(request)) => draft.to_request(request).map(Message::Request),
            (Self::Answer { status, headers, body }, Message::Answer(request, response)) => {
                let status = status.trim().parse().map_err(|_| t!("{status} is no status", status))?;
                let headers = fields(headers)?;
                let body = if *body == response.text() { response.body.clone() } else { body.clone().into_bytes() };
                Ok(Message::Answer(request.clone(), HttpResponse { status, headers, body }))
            }
            _ => Err(t!("it is of another message").to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::http::{Headers, HttpRequest};

    #[test]
    fn a_message_that_nobody_changes_stays_as_it_is() {
        let request = HttpRequest::get("https://op.example/auth?a=1&b=%20".parse().expect("a URL"));
        let headers = Headers(vec![("set-cookie".to_owned(), "a=1".to_owned()); 2]);
        let answer = HttpResponse { status: 200, headers, body: vec![0xff, 0, b'a'] };
        for message in [Message::Request(request.clone()), Message::Answer(request, answer)] {
            assert_eq!(HeldDraft::of(&message).to_message(&message), Ok(message));
        }
    }

    #[test]
    fn what_cannot_be_sent_is_said() {
        let request = HttpRequest::get("https://op.example/".parse().expect("a URL"));
        let base = Message::Answer(request, HttpResponse::new(200, "text/plain", "x"));
        for (status, name, value, says) in [
            ("teapot", "a", "b", Some("teapot is no status")),
            ("200", "a b", "c", Some("the header field a b cannot be sent")),
            ("200", "a", "b\r\nc: d", Some("the header field a cannot be sent")),
            ("200", "", "b", Some("a header field has a value and no name")),
            ("200", "", "", None),
        ] {
            let headers = Params(vec![(name.to_owned(), value.to_owned())]);
            let draft = HeldDraft::Answer { status: status.to_owned(), headers, body: "x".to_owned() };
            assert_eq!(draft.to_message(&base).err().as_deref(), says);
        }
    }
}
