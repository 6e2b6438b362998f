//! Standing between on the worker's runtime: what passes is taken apart off its threads, and told as often as the window
//! takes it in.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{Notify, watch};
use tokio::time::timeout;

use super::run::Shared;
use crate::capture::between::live::{KEPT, Line, News, PATIENCE};
use crate::gui::backend::Outcome;
use crate::gui::between::{BetweenReport, Sight, ToStand, Trouble};
use crate::io::between::gate::Gate;
use crate::io::between::{Observe, Standing, Stood};

/// Lines of what passed, the newest at the end.
type Lines = Arc<Mutex<VecDeque<Line>>>;

/// Stands between until `end` is dropped.
pub(super) async fn stand(shared: Shared, generation: u64, asked: ToStand, mut end: watch::Receiver<()>) {
    let tell = async |report| shared.report(generation, Outcome::Between(report)).await;
    let (lines, news) = (Lines::default(), Arc::new(Notify::new()));
    let gate = Gate::new(shared.waker());
    let started = match asked.stand() {
        Ok(stand) => {
            let started = Standing::start(&stand, gate.clone(), observe(&lines, &news)).await;
            started.map_err(|error| Trouble::of(&error))
        }
        Err(trouble) => Err(trouble),
    };
    let (standing, place) = match started {
        Ok(started) => started,
        Err(trouble) => return tell(BetweenReport::Failed(trouble)).await,
    };
    tell(BetweenReport::Stands(place, gate)).await;
    // What should have come is missed after a while, though nothing new comes.
    let mut is_awaited = false;
    loop {
        let next = async {
            match is_awaited {
                true => _ = timeout(PATIENCE, news.notified()).await,
                false => news.notified().await,
            }
        };
        tokio::select! {
            () = next => {}
            _ = end.changed() => break,
        }
        let Some(sight) = sight(standing.so_far(), &lines, false).await else { break };
        is_awaited = !is_awaited && sight.missing.iter().any(Option::is_some);
        tell(BetweenReport::Passed(Arc::new(sight))).await;
    }
    let stood = standing.finish().await;
    if let Some(sight) = sight(move || stood, &lines, true).await {
        tell(BetweenReport::Ended(Arc::new(sight))).await;
    }
}

fn observe(lines: &Lines, news: &Arc<Notify>) -> Observe {
    let (lines, news) = (Arc::clone(lines), Arc::clone(news));
    Box::new(move |new: &News| {
        let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.extend(new.lines.iter().cloned());
        while lines.len() > KEPT {
            lines.pop_front();
        }
        drop(lines);
        news.notify_one();
    })
}

/// Takes apart what passed; `None` when the runtime ends.
async fn sight(stood: impl FnOnce() -> Stood + Send + 'static, lines: &Lines, is_over: bool) -> Option<Sight> {
    let lines = Arc::clone(lines);
    let made = tokio::task::spawn_blocking(move || {
        let stood = stood();
        let lines = lines.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        Sight::new(stood, lines, is_over)
    });
    made.await.ok()
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;
    use crate::gui::backend::{Backend as _, Job, Report};
    use crate::gui::between::BetweenJob;
    use crate::gui::worker::Worker;
    use crate::io::between::gate::Decision;

    fn next(worker: &mut Worker) -> BetweenReport {
        match worker.came.blocking_recv() {
            Some(Report { generation: 1, outcome: Outcome::Between(report) }) => report,
            other => panic!("another report: {other:?}"),
        }
    }

    /// Sends a request; the answer is for who reads.
    fn send(issuer: &str, path: &str) -> TcpStream {
        let host = issuer.trim_start_matches("http://").trim_end_matches('/');
        let mut socket = TcpStream::connect(host).expect("it listens");
        write!(socket, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").expect("sent");
        socket
    }

    fn heard(mut socket: TcpStream) -> String {
        let mut said = String::new();
        socket.read_to_string(&mut said).expect("an answer");
        said
    }

    #[test]
    fn what_passes_is_told_until_the_end_and_a_port_that_is_taken_too() {
        let mut worker = Worker::start().expect("a runtime");
        let issuer = worker.practice().expect("a practice server").to_string();
        let asked = ToStand { issuer, port: "0".to_owned(), ..ToStand::default() };
        worker.start(1, Job::Between(BetweenJob::Stand(asked.clone())));
        let BetweenReport::Stands(place, gate) = next(&mut worker) else { panic!("it does not stand") };
        assert!(heard(send(&place.issuer, "/.well-known/openid-configuration")).starts_with("HTTP/1.1 200"));
        let BetweenReport::Passed(sight) = next(&mut worker) else { panic!("nothing passed") };
        assert_eq!(sight.lines.iter().map(|line| line.stage).collect::<Vec<_>>(), [Some("metadata")]);
        gate.hold(true);
        let waiting = send(&place.issuer, "/jwks");
        while gate.held().is_empty() {
            std::thread::yield_now();
        }
        gate.decide(gate.held()[0].number, Decision::Drop).expect("it is dropped");
        assert!(heard(waiting).starts_with("HTTP/1.1 503"));
        let port = url::Url::parse(&place.issuer).ok().and_then(|url| url.port()).expect("a port").to_string();
        worker.start(1, Job::Between(BetweenJob::End));
        let BetweenReport::Ended(sight) = next(&mut worker) else { panic!("it goes on") };
        assert_eq!(sight.recording.capture.entries.len(), 1);
        let taken = std::net::TcpListener::bind(format!("127.0.0.1:{port}")).expect("it is free again");
        worker.start(1, Job::Between(BetweenJob::Stand(ToStand { port: port.clone(), ..asked })));
        let BetweenReport::Failed(trouble) = next(&mut worker) else { panic!("it stands at another's port") };
        assert!(trouble.text.starts_with(&format!("Port {port} is taken")), "{trouble:?}");
        drop(taken);
    }
}
