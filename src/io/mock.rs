//! The practice server for the tests of other programs: on a free port as long as its guard lives.
//!
//! ```
//! use std::io::{Read as _, Write as _};
//!
//! use grantscope::io::mock::MockServer;
//! use grantscope::practice::Login;
//! use serde_json::json;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let server = MockServer::with(|config| config.login = Login::Auto)?;
//!
//! // Whatever the test needs next: a user, something that goes wrong, a token, another time.
//! server.handle().next_user("bob");
//! server.handle().add_fault("status=503;times=1;endpoint=/token".parse()?);
//! server.handle().advance(std::time::Duration::from_secs(3600));
//! let token = server.handle().sign(&json!({ "sub": "alice", "aud": "my-api" }))?;
//! assert_eq!(token.split('.').count(), 3);
//!
//! // What is under test asks server.issuer(); here it is a socket.
//! let mut stream = std::net::TcpStream::connect(server.issuer().trim_start_matches("http://"))?;
//! write!(stream, "GET /jwks HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")?;
//! let mut answer = String::new();
//! stream.read_to_string(&mut answer)?;
//! assert!(answer.starts_with("HTTP/1.1 200"));
//!
//! // And what it was asked, with why it answered so.
//! assert_eq!(server.handle().log()[0].path, "/jwks");
//! # Ok(())
//! # }
//! ```

use std::convert::Infallible;

use tokio::runtime::{Builder, Runtime};

use super::random;
use super::serve::{Port, Ports, ServeError, Server};
use super::transport::{Transport, TransportOptions};
use crate::practice::{Config, PracticeHandle};

/// A server on a free port of this machine, for tests without a runtime of their own. It ends when it is dropped.
#[derive(Debug)]
pub struct MockServer {
    served: AsyncMockServer,
    /// `None` once it is dropped.
    runtime: Option<Runtime>,
}

impl MockServer {
    /// With the practice clients and users.
    ///
    /// # Errors
    /// When no port can be had, or the server cannot be made.
    pub fn start() -> Result<Self, ServeError> {
        Self::with(|_| {})
    }

    /// With a configuration that was changed.
    ///
    /// # Errors
    /// As for [`MockServer::start`].
    pub fn with(change: impl FnOnce(&mut Config)) -> Result<Self, ServeError> {
        let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
        let runtime = runtime.map_err(|error| ServeError::Handler(error.into()))?;
        let served = runtime.block_on(AsyncMockServer::with(change))?;
        Ok(Self { served, runtime: Some(runtime) })
    }

    /// As metadata and tokens name it: `http://127.0.0.1:41234`.
    pub fn issuer(&self) -> &str {
        self.served.issuer()
    }

    /// A handle on it: its log, its faults, who signs in next, its clock and keys.
    pub const fn handle(&self) -> &PracticeHandle {
        self.served.handle()
    }
}

impl Drop for MockServer {
    fn drop(&mut self) {
        // A test may end it from within a runtime, where nothing may wait.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// The same for tests that run in a runtime of tokio.
#[derive(Debug)]
pub struct AsyncMockServer {
    server: Server,
    handle: PracticeHandle,
    issuer: String,
}

impl AsyncMockServer {
    /// With the practice clients and users.
    ///
    /// # Errors
    /// When no port can be had, or the server cannot be made.
    pub async fn start() -> Result<Self, ServeError> {
        Self::with(|_| {}).await
    }

    /// With a configuration that was changed.
    ///
    /// # Errors
    /// As for [`AsyncMockServer::start`].
    pub async fn with(change: impl FnOnce(&mut Config)) -> Result<Self, ServeError> {
        let entropy = random::entropy().map_err(|error| ServeError::Handler(error.into()))?;
        let transport =
            Transport::new(TransportOptions::default()).map_err(|error| ServeError::Handler(error.into()))?;
        let configure = |issuer| {
            let mut config = Config::practice(issuer);
            change(&mut config);
            Ok::<_, Infallible>(config)
        };
        let ports = Ports::local(Port::Exactly(0), Port::Exactly(0));
        let server = Server::practice(ports, entropy, transport, configure, |_| {}).await?;
        let handle = server.handle().cloned().ok_or_else(|| ServeError::Handler("it has no handle".into()))?;
        let issuer = handle.issuer().as_str().trim_end_matches('/').to_owned();
        Ok(Self { server, handle, issuer })
    }

    /// As metadata and tokens name it: `http://127.0.0.1:41234`.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// A handle on it: its log, its faults, who signs in next, its clock and keys.
    pub const fn handle(&self) -> &PracticeHandle {
        &self.handle
    }

    /// Ends it and waits until the answers under way are out. Dropping it ends it too.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
