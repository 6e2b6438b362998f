//! The places beside the redirect URI on this machine: bound before the request that names them leaves, and served as long
//! as its answer is awaited. What is offered at the port of the redirect URI itself, its listener answers.

use std::collections::BTreeSet;
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

/// A port that is bound; who connects waits until it is served.
#[derive(Debug)]
struct Place {
    at: Url,
    listener: TcpListener,
}

/// The places of a run that are bound.
#[derive(Debug, Default)]
pub struct Places(Vec<Place>);

/// Places that are served; it ends when it is dropped.
#[derive(Debug)]
pub struct ServedPlaces {
    _servers: Vec<Server>,
    /// Which of those that may come late have come.
    have_come: watch::Receiver<BTreeSet<usize>>,
    may_come_late: usize,
}

/// How long what may come late is waited for, once all else is there.
pub const LATE: Duration = Duration::from_secs(1);

impl ServedPlaces {
    /// Ends them, where something may come late after that has come or the patience for it is over.
    pub async fn end(mut self, patience: Duration) {
        let wanted = self.may_come_late;
        let _ = timeout(patience, self.have_come.wait_for(|come| come.len() >= wanted)).await;
    }
}

impl Places {
    /// Binds the port of this URL, unless it is bound already: here, or by the listener of the redirect URI. Port 0 becomes
    /// any free one. Returns what a flow is told of it.
    pub async fn bind(&mut self, wanted: &Url, listening_at: Option<&Url>) -> Event {
        let known = self.0.iter().map(|place| &place.at).chain(listening_at);
        if known.into_iter().any(|known| is_same_port(known, wanted)) {
            return Event::Offered(wanted.clone());
        }
        match Place::bind(wanted).await {
            Ok(place) => {
                let at = place.at.clone();
                self.0.push(place);
                Event::Offered(at)
            }
            Err(why) => Event::Failed { error: Failure::Listen(why), took: Duration::ZERO },
        }
    }

    /// Serves what is offered: at the places that are held for it, or at those that are bound anew, for a wait that is taken
    /// up again. Nothing where they cannot be had, and nothing at the port of a listener, which answers there itself.
    pub async fn serve(
        self,
        mut beside: Vec<Beside>,
        listening_at: Option<&Url>,
        on_arrival: impl FnMut(Arrival) + Clone + Send + 'static,
    ) -> ServedPlaces {
        beside.retain(|beside| !listening_at.is_some_and(|at| is_same_port(at, &beside.at)));
        let may_come_late = beside.iter().filter(|beside| beside.may_come_late()).count();
        let (tell, have_come) = watch::channel(BTreeSet::new());
        let mut offered: Vec<(usize, Beside)> = beside.into_iter().enumerate().collect();
        let (mut held, mut servers) = (self.0, Vec::new());
        while let Some((_, first)) = offered.first() {
            let at = first.at.clone();
            let (here, elsewhere) = offered.into_iter().partition(|(_, beside)| is_same_port(&beside.at, &at));
            offered = elsewhere;
            let place = match held.iter().position(|place| is_same_port(&place.at, &at)) {
                Some(held_at) => Ok(held.swap_remove(held_at)),
                None => Place::bind(&at).await,
            };
            servers.extend(place.ok().map(|place| place.serve(here, tell.clone(), on_arrival.clone())));
        }
        ServedPlaces { _servers: servers, have_come, may_come_late }
    }
}

impl Place {
    /// Binds the port of this URL.
    ///
    /// # Errors
    /// When it cannot be had, in words.
    async fn bind(wanted: &Url) -> Result<Self, String> {
        let port = Port::Exactly(wanted.port_or_known_default().unwrap_or_default());
        let bound = bind(IpAddr::V4(Ipv4Addr::LOCALHOST), port).await;
        let (listener, port) = bound.map_err(|error| error.to_string())?;
        let mut at = wanted.clone();
        at.set_port(Some(port)).expect("a URL of the web takes a port");
        Ok(Self { at, listener })
    }

    /// Answers as is offered there, and tells of each message that is for it.
    fn serve(
        self,
        beside: Vec<(usize, Beside)>,
        tell: watch::Sender<BTreeSet<usize>>,
        mut on_arrival: impl FnMut(Arrival) + Send + 'static,
    ) -> Server {
        let answer = move |request: &HttpRequest, now: Timestamp| {
            let answered = beside.iter().find_map(|(at, beside)| Some((*at, beside.answer(request, now)?)));
            let Some((at, response)) = answered else { return HttpResponse::new(404, "text/plain", "") };
            tell.send_modify(|come| {
                come.insert(at);
            });
            on_arrival(Arrival { at: now, request: request.clone(), response: response.clone() });
            response
        };
        Server::on(self.listener, self.at, answer)
    }
}

fn is_same_port(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme() && one.port_or_known_default() == other.port_or_known_default()
}
