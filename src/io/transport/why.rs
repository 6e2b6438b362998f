//! Why no answer came: what the errors below say, as what a user can act on.

use std::error::Error;
use std::io;

use rustls::pki_types::UnixTime;

use super::{Exchange, FIELD_LIMIT};
use crate::base::http::HttpResponse;
use crate::base::text::{elided, visible};
use crate::base::time::{Timestamp, spoken};
use crate::flow::transport_error::{BodyFault, HeadFault, TlsFault, TransportError};
use crate::io::trust::ShortKey;

impl Exchange<'_> {
    /// Where the connection goes: to the server, or to the proxy before it.
    fn first_hop(&self) -> String {
        match &self.proxy {
            Some(proxy) => format!("{proxy} (the proxy for {})", self.at),
            None => self.at.clone(),
        }
    }

    pub(super) fn explain_body(&self, error: &reqwest::Error, came: HttpResponse) -> TransportError {
        let at = self.at.clone();
        if error.is_timeout() {
            return TransportError::Timeout { at, limit: self.options.total_limit };
        }
        let reason = match find::<hyper::Error>(error) {
            Some(error) if error.is_incomplete_message() => BodyFault::Short,
            Some(_) if innermost(error).contains("before message length") => BodyFault::Short,
            // The body broke before anything was unpacked: the length of a chunk is no number, or its end no line break.
            Some(_) if innermost(error).contains("chunk") => BodyFault::Chunks(innermost(error)),
            Some(_) => BodyFault::Other(innermost(error)),
            None => BodyFault::Encoding(innermost(error)),
        };
        TransportError::broken_body(at, reason, came)
    }

    pub(super) fn explain(&self, error: &reqwest::Error) -> TransportError {
        let at = self.at.clone();
        if error.is_builder() {
            return TransportError::BadUrl { reason: innermost(error) };
        }
        if error.is_timeout() {
            let (connect, total) = (self.options.connect_limit, self.options.total_limit);
            return if error.is_connect() {
                TransportError::ConnectTimeout { at: self.first_hop(), limit: connect }
            } else {
                TransportError::Timeout { at, limit: total }
            };
        }
        if error.is_dns() {
            return TransportError::Dns { at: self.first_hop() };
        }
        if let Some(fault) = find::<rustls::Error>(error) {
            return TransportError::Tls { at, reason: tls_fault(fault) };
        }
        let system = find::<io::Error>(error).map(io::Error::kind);
        let http = find::<hyper::Error>(error);
        match (system, http) {
            (Some(io::ErrorKind::ConnectionRefused), _) => TransportError::Refused { at: self.first_hop() },
            (_, Some(error)) if error.is_parse() => match head_fault(error) {
                Some(reason) => TransportError::BrokenHead { at, reason },
                None => TransportError::NotHttp { at },
            },
            (_, Some(error)) if error.is_incomplete_message() => TransportError::NoAnswer { at },
            (Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof), _) => TransportError::NoAnswer { at },
            _ => TransportError::Other { at, reason: innermost(error) },
        }
    }
}

/// What is wrong with a head that begins as one. `hyper` tells it in words alone.
fn head_fault(error: &hyper::Error) -> Option<HeadFault> {
    let words = error.to_string();
    match () {
        () if error.is_parse_too_large() => Some(HeadFault::TooLarge(FIELD_LIMIT)),
        () if words.contains("content-length") => Some(HeadFault::ContentLength),
        () if words.contains("transfer-encoding") => Some(HeadFault::TransferEncoding),
        () if words.contains("header") => Some(HeadFault::Field),
        () => None,
    }
}

fn tls_fault(error: &rustls::Error) -> TlsFault {
    use rustls::{AlertDescription as Alert, CertificateError as Bad, Error as Tls};

    match error {
        Tls::InvalidCertificate(Bad::UnknownIssuer) => TlsFault::UnknownIssuer,
        Tls::InvalidCertificate(Bad::BadSignature) => TlsFault::OtherKey,
        Tls::InvalidCertificate(Bad::ExpiredContext { time, not_after }) => {
            let (now, end) = (moment(*time), moment(*not_after));
            TlsFault::Expired(format!("{end}, {} ago", spoken(now.since(end))))
        }
        Tls::InvalidCertificate(Bad::NotValidYetContext { time, not_before }) => {
            let (now, start) = (moment(*time), moment(*not_before));
            TlsFault::NotYetValid(format!("{start}, in {}", spoken(start.since(now))))
        }
        Tls::InvalidCertificate(Bad::NotValidForNameContext { presented, .. }) if presented.is_empty() => {
            TlsFault::NoName
        }
        Tls::InvalidCertificate(Bad::NotValidForNameContext { expected, presented }) => {
            TlsFault::WrongName { made_for: names(presented), asked: visible(&expected.to_str()).into_owned() }
        }
        Tls::InvalidMessage(_) => TlsFault::NotTls,
        // A server judges no certificate but the client's.
        Tls::AlertReceived(
            Alert::CertificateRequired
            | Alert::UnknownCA
            | Alert::BadCertificate
            | Alert::UnsupportedCertificate
            | Alert::CertificateRevoked
            | Alert::CertificateExpired
            | Alert::CertificateUnknown,
        ) => TlsFault::ClientCertificate,
        Tls::InvalidCertificate(Bad::Other(other)) => match (other.0.downcast_ref(), other.0.downcast_ref()) {
            (Some(webpki::Error::CaUsedAsEndEntity), _) => TlsFault::IsAuthority,
            (_, Some(ShortKey(bits))) => TlsFault::ShortKey(*bits),
            _ => TlsFault::Other("the certificate breaks a rule of X.509".to_owned()),
        },
        Tls::InvalidCertificate(fault) => TlsFault::Other(format!("the certificate is refused: {}", bad(fault))),
        Tls::AlertReceived(alert) => {
            TlsFault::Other(format!("the server ended the handshake with the alert {}", spaced(&format!("{alert:?}"))))
        }
        Tls::PeerIncompatible(_) => {
            TlsFault::Other("the server and this program have no version, cipher or key exchange in common".to_owned())
        }
        Tls::PeerMisbehaved(_) => TlsFault::Other("the server breaks the rules of the handshake".to_owned()),
        Tls::NoCertificatesPresented => TlsFault::Other("the server showed no certificate".to_owned()),
        _ => TlsFault::Other("the handshake failed".to_owned()),
    }
}

fn moment(time: UnixTime) -> Timestamp {
    Timestamp::from_seconds(i64::try_from(time.as_secs()).unwrap_or(i64::MAX / 1000))
}

/// Names in a certificate that are shown.
const NAMES: usize = 5;

/// The names in a certificate, which come as `DnsName("as.example")` and `IpAddress(127.0.0.1)`.
fn names(presented: &[String]) -> String {
    let bare = |name: &String| {
        let inner = name.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
        shown(inner.unwrap_or(name).trim_matches('"'))
    };
    let first: Vec<String> = presented.iter().take(NAMES).map(bare).collect();
    match presented.len().saturating_sub(NAMES) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// What is wrong with a certificate, in words.
const fn bad(fault: &rustls::CertificateError) -> &'static str {
    use rustls::CertificateError as Bad;

    match fault {
        Bad::BadEncoding => "it cannot be read",
        Bad::Expired => "it has expired",
        Bad::NotValidYet => "it is not valid yet",
        Bad::NotValidForName => "it was made for another host name",
        Bad::Revoked => "it was revoked",
        Bad::InvalidPurpose | Bad::InvalidPurposeContext { .. } => "it is not made for servers",
        Bad::UnhandledCriticalExtension => "it has a critical extension that is not known here",
        Bad::UnsupportedSignatureAlgorithmContext { .. }
        | Bad::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "it is signed in a way that is not taken here"
        }
        _ => "it breaks a rule",
    }
}

/// `HandshakeFailure` as words.
fn spaced(name: &str) -> String {
    let letter = |c: char| if c.is_ascii_uppercase() { format!(" {}", c.to_ascii_lowercase()) } else { c.to_string() };
    name.chars().map(letter).collect::<String>().trim_start().to_owned()
}

/// The errors below `error`, outermost first. An `io::Error` hides the one it wraps from `source`.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    })
}

fn find<T: Error + 'static>(error: &reqwest::Error) -> Option<&T> {
    causes(error).filter_map(|error| error.downcast_ref()).last()
}

/// The cause at the bottom, which says most and never holds a URL.
pub(super) fn innermost(error: &reqwest::Error) -> String {
    let cause = causes(error).skip(1).last();
    cause.map_or_else(|| "unknown reason".to_owned(), |cause| shown(&cause.to_string()))
}

pub(super) fn shown(text: &str) -> String {
    visible(&elided(text, 200)).into_owned()
}
