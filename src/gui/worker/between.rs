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
        let Some(sight) = sight(standing.so_far(), &lines).await else { break };
        is_awaited = !is_awaited && sight.missing.iter().any(Option::is_some);
        tell(BetweenReport::Passed(Arc::new(sight))).await;
    }
    let stood = standing.finish().await;
    if let Some(sight) = sight(move || stood, &lines).await {
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
async fn sight(stood: impl FnOnce() -> Stood + Send + 'static, lines: &Lines) -> Option<Sight> {
    let lines = Arc::clone(lines);
    let made = tokio::task::spawn_blocking(move || {
        let stood = stood();
        let lines = lines.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect();
        Sight::new(stood, lines)
    });
    made.await.ok()
}
