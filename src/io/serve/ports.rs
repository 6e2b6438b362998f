//! Where the practice server is served: addresses, ports, and what is shown there.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use super::PRACTICE_TLS_PORT;
use crate::base::http::ClientCertificate;
use crate::base::secret::Secret;

/// Which port to serve on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// This one or none. 0 is any free one.
    Exactly(u16),
    /// This one, or any free one when it is taken.
    Prefer(u16),
}

/// Where the practice server is served.
#[derive(Clone, Debug)]
pub struct Ports {
    /// The address it listens at; with that of a network, everybody there reaches it.
    pub address: IpAddr,
    /// `http`.
    pub plain: Port,
    /// `https`.
    pub tls: Port,
    /// By which a test controls it.
    pub control: Option<ControlPort>,
    /// What it shows with TLS, in the place of the certificate that it makes.
    pub certificate: Option<Arc<ClientCertificate>>,
}

impl Ports {
    /// On this machine alone.
    pub const fn local(plain: Port, tls: Port) -> Self {
        Self { address: IpAddr::V4(Ipv4Addr::LOCALHOST), plain, tls, control: None, certificate: None }
    }
}

/// The port by which a test controls the practice server.
#[derive(Clone, Debug)]
pub struct ControlPort {
    /// The address it listens at.
    pub address: IpAddr,
    /// Its port.
    pub port: Port,
    /// What every call has to show.
    pub token: Secret,
    /// Whether what is read there shows secrets.
    pub shows_secrets: bool,
}

impl From<Port> for Ports {
    /// On this machine alone, with TLS at its usual port.
    fn from(plain: Port) -> Self {
        Self::local(plain, Port::Prefer(PRACTICE_TLS_PORT))
    }
}
