//! The sockets of a redirect URI: loopback only, on exactly the port it names (RFC 8252 section 7.3).

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::time::sleep;

use super::ListenError;

/// One socket, or one of each family for `localhost`.
#[derive(Debug)]
pub struct Sockets {
    first: TcpListener,
    second: Option<TcpListener>,
}

impl Sockets {
    /// Exactly this address.
    pub async fn one(ip: IpAddr, port: u16) -> Result<Self, ListenError> {
        let first = TcpListener::bind((ip, port)).await.map_err(|error| explain(port, error))?;
        Ok(Self { first, second: None })
    }

    /// Both families on the same port: a browser may try either, and what answers must never be someone else.
    pub async fn both(port: u16) -> Result<Self, ListenError> {
        const ATTEMPTS: usize = 8;
        let attempts = if port == 0 { ATTEMPTS } else { 1 };
        let mut outcome = Err(ListenError::PortTaken(port));
        for _ in 0..attempts {
            let mut sockets = Self::one(Ipv4Addr::LOCALHOST.into(), port).await?;
            let port = sockets.port()?;
            match TcpListener::bind((Ipv6Addr::LOCALHOST, port)).await {
                Ok(second) => sockets.second = Some(second),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                    outcome = Err(ListenError::PortTaken(port));
                    continue;
                }
                // A machine without IPv6.
                Err(_) => {}
            }
            return Ok(sockets);
        }
        outcome
    }

    /// The real port.
    pub fn port(&self) -> Result<u16, ListenError> {
        self.first.local_addr().as_ref().map(SocketAddr::port).map_err(|error| ListenError::Io(error.kind().into()))
    }

    /// The next connection. May be dropped and called again without losing one.
    pub async fn accept(&self) -> TcpStream {
        loop {
            let accepted = match &self.second {
                None => self.first.accept().await,
                Some(second) => tokio::select! {
                    accepted = self.first.accept() => accepted,
                    accepted = second.accept() => accepted,
                },
            };
            match accepted {
                Ok((stream, _)) => return stream,
                // Out of file descriptors, or the peer is gone already.
                Err(_) => sleep(Duration::from_millis(50)).await,
            }
        }
    }
}

fn explain(port: u16, error: io::Error) -> ListenError {
    match error.kind() {
        io::ErrorKind::AddrInUse => ListenError::PortTaken(port),
        io::ErrorKind::PermissionDenied => ListenError::PortReserved(port),
        _ => ListenError::Io(error),
    }
}
