//! The place beside the redirect URI on this machine: bound before the request that names it leaves, and served as long
//! as its answer is awaited.

use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;
use url::Url;

use super::serve::{Port, Server, bind};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::flow::beside::{Arrival, Beside};
use crate::flow::{Event, Failure};

/// A place that is bound; who connects waits until it is served.
#[derive(Debug)]
pub struct Place {
    at: Url,
    listener: TcpListener,
}

/// A place that is served; it ends when it is dropped.
#[derive(Debug)]
pub struct ServedPlace {
    _server: Server,
    /// Whether something has come.
    has_come: watch::Receiver<bool>,
    may_come_late: bool,
}

/// How long what may come late is waited for, once all else is there.
const PATIENCE: Duration = Duration::from_secs(1);

impl ServedPlace {
    /// Ends it, where something may come late after that has come or the patience for it is over.
    pub async fn end(mut self) {
        if self.may_come_late {
            let _ = timeout(PATIENCE, self.has_come.wait_for(|has| *has)).await;
        }
    }
}

impl Place {
    /// Binds the port of this URL; port 0 becomes any free one.
    ///
    /// # Errors
    /// When the port cannot be had, in words.
    pub async fn bind(wanted: &Url) -> Result<Self, String> {
        let port = Port::Exactly(wanted.port_or_known_default().unwrap_or_default());
        let bound = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), port).await;
        let (listener, port) = bound.map_err(|error| error.to_string())?;
        let mut at = wanted.clone();
        at.set_port(Some(port)).expect("a URL of the web takes a port");
        Ok(Self { at, listener })
    }

    /// What a flow is told of it.
    pub fn told(bound: &Result<Self, String>) -> Event {
        match bound {
            Ok(place) => Event::Offered(place.at.clone()),
            Err(why) => Event::Failed { error: Failure::Listen(why.clone()), took: Duration::ZERO },
        }
    }

    /// Serves what is offered, where there is something: at the place that is held for it, or at one that is bound anew, for
    /// a wait that is taken up again. Nothing where that cannot be had.
    pub async fn served(
        held: Option<Self>,
        beside: Option<Beside>,
        on_arrival: impl FnMut(Arrival) + Send + 'static,
    ) -> Option<ServedPlace> {
        let beside = beside?;
        let place = match held.filter(|place| place.at == beside.at) {
            Some(place) => place,
            None => Self::bind(&beside.at).await.ok()?,
        };
        Some(place.serve(beside, on_arrival))
    }

    /// Answers as is offered there, and tells of each message that is for it.
    fn serve(self, beside: Beside, mut on_arrival: impl FnMut(Arrival) + Send + 'static) -> ServedPlace {
        let may_come_late = beside.may_come_late();
        let (tell, has_come) = watch::channel(false);
        let answer = move |request: &HttpRequest, now: Timestamp| {
            let Some(response) = beside.answer(request, now) else { return HttpResponse::new(404, "text/plain", "") };
            tell.send_replace(true);
            on_arrival(Arrival { at: now, request: request.clone(), response: response.clone() });
            response
        };
        ServedPlace { _server: Server::on(self.listener, self.at, answer), has_come, may_come_late }
    }
}
