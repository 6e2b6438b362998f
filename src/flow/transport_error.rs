//! Why no answer came back: what a transport reports in place of a response.
//!
//! Names host and port, never a query, a header value or a body.

use std::time::Duration;

use crate::base::http::{HttpResponse, JSON};
use crate::base::time::spoken;

/// A request that got no usable answer. `at` is `host:port` of the server asked, or of the proxy that failed before it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No address for the host name.
    #[error("there is no address for the host name of {at}")]
    Dns {
        /// `host:port`.
        at: String,
    },
    /// Nothing listens there.
    #[error("{at} refused the connection")]
    Refused {
        /// `host:port`.
        at: String,
    },
    /// No connection within the limit.
    #[error("no connection to {at} within {}", spoken(*.limit))]
    ConnectTimeout {
        /// `host:port`.
        at: String,
        /// How long was waited.
        limit: Duration,
    },
    /// Connected, but no complete answer within the limit.
    #[error("no complete answer from {at} within {}", spoken(*.limit))]
    Timeout {
        /// `host:port`.
        at: String,
        /// How long was waited.
        limit: Duration,
    },
    /// No TLS connection.
    #[error("no secure connection to {at}: {reason}")]
    Tls {
        /// `host:port`.
        at: String,
        /// What the handshake failed at.
        reason: TlsFault,
    },
    /// The body is over the cap, counted after decompression.
    #[error("the answer from {at} is larger than {}, counted as it is unpacked", size(*.limit))]
    TooLarge {
        /// `host:port`.
        at: String,
        /// The cap in bytes.
        limit: usize,
        /// Status, header fields and the first bytes of the body.
        beginning: Box<HttpResponse>,
    },
    /// Bytes came, but not a response of RFC 9112.
    #[error("what {at} answered is not HTTP")]
    NotHttp {
        /// `host:port`.
        at: String,
    },
    /// It begins as a response does and breaks a rule of RFC 9112, so no client may take it.
    #[error("the answer from {at} is refused: {reason}")]
    BrokenHead {
        /// `host:port`.
        at: String,
        /// What is wrong with status line or header fields.
        reason: HeadFault,
    },
    /// The connection ended before any answer.
    #[error("{at} closed the connection without an answer")]
    NoAnswer {
        /// `host:port`.
        at: String,
    },
    /// Status and headers came, the body broke off or cannot be decompressed.
    #[error("the body from {at} cannot be read: {reason}")]
    BrokenBody {
        /// `host:port`.
        at: String,
        /// What is wrong with it.
        reason: BodyFault,
        /// Status, header fields and as much of the body as came.
        beginning: Box<HttpResponse>,
    },
    /// The URL cannot be asked.
    #[error("this URL cannot be requested: {reason}")]
    BadUrl {
        /// What is wrong with it.
        reason: String,
    },
    /// Method or a header field is not HTTP; nothing was sent.
    #[error("this request cannot be sent: {reason}")]
    BadRequest {
        /// What is wrong with it.
        reason: String,
    },
    /// The transport itself could not be set up.
    #[error("the transport could not be set up: {reason}")]
    Setup {
        /// What is wrong.
        reason: String,
    },
    /// Anything else.
    #[error("the exchange with {at} failed: {reason}")]
    Other {
        /// `host:port`.
        at: String,
        /// As the system says it.
        reason: String,
    },
    /// As a run says it that was read from a file.
    #[error("{0}")]
    Told(String),
}

/// What is wrong with the head of a response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadFault {
    /// More than is read; which fields there are nobody knows then.
    #[error("it has more than {0} header fields, or more than 400 KiB of them")]
    TooLarge(usize),
    /// RFC 9112 section 6.3.
    #[error("its Content-Length is no number, or stands there twice with two lengths (RFC 9112 section 6.3)")]
    ContentLength,
    /// RFC 9112 section 6.1.
    #[error("its Transfer-Encoding is not one that ends (RFC 9112 section 6.1)")]
    TransferEncoding,
    /// RFC 9110 section 5.5.
    #[error(
        "a header field has a name that is none, or a control character such as NUL in its value (RFC 9110 section 5.5)"
    )]
    Field,
}

/// What is wrong with the body of a response.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyFault {
    /// RFC 9112 section 8.
    #[error("it ended before its announced length")]
    Short,
    /// RFC 9112 section 7.1.
    #[error("it is not chunked as Transfer-Encoding says ({0})")]
    Chunks(String),
    /// RFC 9110 section 8.4.
    #[error("it is not what Content-Encoding says ({0})")]
    Encoding(String),
    /// Anything else, as the system says it.
    #[error("{0}")]
    Other(String),
}

impl BodyFault {
    const fn advice(&self) -> &'static str {
        match self {
            Self::Short | Self::Other(_) => {
                "Send it again; if it stays, a proxy or the server's Content-Length is wrong."
            }
            Self::Chunks(_) => {
                "Mend what writes the chunks, at the server or a proxy: each is its length in hexadecimal, a line break, so many bytes and a line break (RFC 9112 section 7.1)."
            }
            Self::Encoding(_) => {
                "Send no Content-Encoding that the body does not have, or compress it whole: often a proxy drops one and keeps the other."
            }
        }
    }
}

/// Why a TLS handshake failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TlsFault {
    /// The chain ends at an authority that is not trusted here, or is self-signed.
    #[error("the certificate comes from an authority that is not trusted here")]
    UnknownIssuer,
    /// Past its end: when that was.
    #[error("the certificate has expired: {0}")]
    Expired(String),
    /// Before its start: when that is.
    #[error("the certificate is not valid before {0}")]
    NotYetValid(String),
    /// Made for other names.
    #[error("the certificate was made for {made_for}, not for {asked}")]
    WrongName {
        /// The names in it.
        made_for: String,
        /// The name that was asked for.
        asked: String,
    },
    /// It has no subjectAltName, so it is made for no name (RFC 9525 section 2).
    #[error("the certificate has no subjectAltName; the common name is not read any more")]
    NoName,
    /// An authority of this name is trusted here, and its key is another.
    #[error("the signature of the certificate does not fit the authority of that name which is trusted here")]
    OtherKey,
    /// An RSA key that is too short to be taken (NIST SP 800-131A): so many bits.
    #[error("the RSA key of the certificate has {0} bits, and 2048 are the least that is taken")]
    ShortKey(usize),
    /// It may sign others (CA:TRUE), and stands for a server.
    #[error("the server shows the certificate of an authority (CA:TRUE) as its own")]
    IsAuthority,
    /// The server does not speak TLS on this port.
    #[error("the server does not speak TLS on this port")]
    NotTls,
    /// The server asks for a certificate of the client, or refused the one it got.
    #[error("the server wants a client certificate")]
    ClientCertificate,
    /// Any other failure, in the words of the TLS library.
    #[error("{0}")]
    Other(String),
}

/// `20 MB`, as people say it; in bytes where it is less than one.
fn size(bytes: usize) -> String {
    match bytes / (1024 * 1024) {
        0 => format!("{bytes} bytes"),
        megabytes => format!("{megabytes} MB"),
    }
}

/// So much of a body that did not come whole is kept, to be shown.
const BEGINNING: usize = 64 * 1024;

fn beginning(mut came: HttpResponse) -> Box<HttpResponse> {
    came.body.truncate(BEGINNING);
    came.body.shrink_to_fit();
    Box::new(came)
}

impl TransportError {
    /// A body that is over the limit with this chunk behind what came before.
    pub fn too_large(at: &str, limit: usize, mut came: HttpResponse, chunk: &[u8]) -> Self {
        let missing = BEGINNING.min(limit).saturating_sub(came.body.len());
        came.body.extend_from_slice(&chunk[..chunk.len().min(missing)]);
        Self::TooLarge { at: at.to_owned(), limit, beginning: beginning(came) }
    }

    /// A body that broke off behind what came.
    pub fn broken_body(at: String, reason: BodyFault, came: HttpResponse) -> Self {
        Self::BrokenBody { at, reason, beginning: beginning(came) }
    }

    /// The same with what came before it went wrong changed, as by a redactor.
    #[must_use]
    pub fn with_beginning(mut self, change: impl FnOnce(&HttpResponse) -> HttpResponse) -> Self {
        if let Self::TooLarge { beginning, .. } | Self::BrokenBody { beginning, .. } = &mut self {
            **beginning = change(beginning);
        }
        self
    }

    /// What came before it went wrong: an answer of which only the beginning is there.
    pub fn beginning(&self) -> Option<&HttpResponse> {
        match self {
            Self::TooLarge { beginning, .. } | Self::BrokenBody { beginning, .. } => Some(beginning),
            _ => None,
        }
    }

    /// Whether the server may not have taken the client's certificate: it ends the connection, at once or when it has read
    /// the request.
    pub(super) const fn may_be_refused_certificate(&self) -> bool {
        use TransportError::{NoAnswer, Other, Tls};

        matches!(
            self,
            NoAnswer { .. } | Other { .. } | Tls { reason: TlsFault::ClientCertificate | TlsFault::Other(_), .. }
        )
    }

    /// Whether the other side ended the connection over the certificate of this one: an alert about certificates comes
    /// from who looked at one (RFC 8446 section 6.2).
    pub(super) fn is_about_certificate(&self) -> bool {
        match self {
            Self::Tls { reason: TlsFault::ClientCertificate, .. } => true,
            Self::Other { reason, .. } | Self::Tls { reason: TlsFault::Other(reason), .. } => {
                reason.contains("fatal alert") && (reason.contains("Certificate") || reason.contains("UnknownCA"))
            }
            _ => false,
        }
    }

    /// Whether a certificate that is trusted beside those of the system would let it through.
    pub fn is_about_trust(&self) -> bool {
        matches!(self, Self::Tls { reason: TlsFault::UnknownIssuer | TlsFault::OtherKey | TlsFault::IsAuthority, .. })
    }

    /// Whether nothing at this host and port can be asked, whatever the path is.
    pub(super) const fn is_of_authority(&self) -> bool {
        matches!(self, Self::Dns { .. } | Self::Refused { .. } | Self::ConnectTimeout { .. } | Self::Tls { .. })
    }

    /// What to try next, as one sentence for people.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Dns { .. } => {
                "Check the host name for typing errors, and whether this machine needs a VPN to see it."
            }
            Self::Refused { .. } => "Check host and port, and that the server is running.",
            Self::ConnectTimeout { .. } => {
                "Check host and port, a firewall or VPN between, and the proxy in HTTPS_PROXY."
            }
            Self::Timeout { .. } => "Send it again, look at the server's log, or allow more time.",
            Self::Tls { reason, .. } => reason.advice(),
            Self::TooLarge { beginning, .. } if beginning.headers.content_type().as_deref() == Some(JSON) => {
                "Look at the beginning for what the server repeats: no client reads so much."
            }
            Self::TooLarge { .. } => "Check that the URL is the endpoint and not a download.",
            Self::NotHttp { .. } => "Check scheme and port: this port may speak TLS or another protocol.",
            Self::BrokenHead { .. } => {
                "Correct the header fields at the server, or at the proxy before it; curl --include shows them."
            }
            Self::NoAnswer { .. } => {
                "Check scheme and port: a port that speaks TLS may close what comes by http. Then look at the server's log: it may have crashed on this request."
            }
            Self::BrokenBody { reason, .. } => reason.advice(),
            Self::BadUrl { .. } => "Write an absolute http or https URL with a host name.",
            Self::BadRequest { .. } => "Correct the method or the header field and send it again.",
            Self::Setup { .. } => "Check certificate_authority and tls_client_certificate: both have to be PEM.",
            Self::Other { .. } | Self::Told(_) => "Send it again; if it stays, look at network, VPN and proxy.",
        }
    }
}

impl TlsFault {
    const fn advice(&self) -> &'static str {
        match self {
            Self::UnknownIssuer => {
                "The certificate is not trusted: put the authority's certificate, or the server's own, into certificate_authority, or have the server send its whole chain."
            }
            Self::Expired(_) => "Renew the server's certificate, and check this machine's clock.",
            Self::NotYetValid(_) => "Check this machine's clock and the certificate's start.",
            Self::WrongName { .. } => "Use the host name the certificate was made for, or have one made for this name.",
            Self::NoName => {
                "Make the certificate with a subjectAltName: openssl req -addext subjectAltName=DNS:localhost."
            }
            Self::OtherKey => {
                "The authority in certificate_authority has the name of the one that signed, and not its key: put the certificate there that signed, or the server's own; it may have been made anew."
            }
            Self::ShortKey(_) => {
                "Make the certificate anew with a longer key, and put the new one into certificate_authority: openssl req -newkey rsa:2048."
            }
            Self::IsAuthority => {
                "Put this very certificate into certificate_authority, where it is yours; or make it without CA:TRUE: openssl req -addext basicConstraints=CA:FALSE."
            }
            Self::NotTls => "Check the port, or write http instead of https if this is a local test server.",
            Self::ClientCertificate => "This server uses mutual TLS: it needs a client certificate that it knows.",
            Self::Other(_) => "Check which TLS versions and certificates the server offers.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_names_the_server_and_has_advice() {
        let at = || "as.example:443".to_owned();
        for (error, sentence) in [
            (TransportError::Refused { at: at() }, "as.example:443 refused the connection"),
            (
                TransportError::ConnectTimeout { at: at(), limit: Duration::from_secs(10) },
                "no connection to as.example:443 within 10 s",
            ),
            (
                TransportError::Tls { at: at(), reason: TlsFault::Expired("1 day ago".to_owned()) },
                "no secure connection to as.example:443: the certificate has expired: 1 day ago",
            ),
            (
                TransportError::TooLarge {
                    at: at(),
                    limit: 1_048_576,
                    beginning: Box::new(HttpResponse::new(200, "text/plain", "a")),
                },
                "the answer from as.example:443 is larger than 1 MB, counted as it is unpacked",
            ),
        ] {
            assert_eq!(error.to_string(), sentence);
            assert!(error.advice().ends_with('.'));
        }
    }
}
