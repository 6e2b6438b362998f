//! Standing between in memory: nobody listens, and what passes is what a test says.

use std::sync::Arc;

use grantscope::base::time::Timestamp;
use grantscope::capture::between::live::{Line, Live, Passed};
use grantscope::gui::backend::{Outcome, Report};
use grantscope::gui::between::{BetweenJob, BetweenReport, Sight, ToStand, Trouble};
use grantscope::io::between::gate::Gate;
use grantscope::io::between::{Place, Stood};
use grantscope::io::serve::ServeError;

/// Where it stands.
pub const HERE: &str = "http://127.0.0.1:9500";

/// Stands between in memory.
#[derive(Default)]
pub struct Stands {
    /// Whether the port is another program's.
    pub is_taken: bool,
    /// What was asked for last.
    pub asked: Option<ToStand>,
    /// Where messages are held.
    pub gate: Gate,
    generation: u64,
    passed: Option<(Live, Vec<Line>)>,
}

impl Stands {
    pub fn done(&mut self, generation: u64, job: BetweenJob, reports: &mut Vec<Report>) {
        let report = match job {
            BetweenJob::Stand(asked) => match asked.stand() {
                _ if self.is_taken => BetweenReport::Failed(Trouble::of(&ServeError::PortTaken(9500))),
                Err(trouble) => BetweenReport::Failed(trouble),
                Ok(_) => {
                    self.generation = generation;
                    self.passed = Some((Live::new([7; 32]), Vec::new()));
                    let upstream = asked.issuer.clone();
                    self.asked = Some(asked);
                    let metadata = format!("{HERE}/.well-known/openid-configuration");
                    BetweenReport::Stands(Place { issuer: HERE.to_owned(), metadata, upstream }, self.gate.clone())
                }
            },
            BetweenJob::End => BetweenReport::Ended(self.sight(true)),
        };
        reports.push(Report { generation, outcome: Outcome::Between(report) });
    }

    fn sight(&self, is_over: bool) -> Arc<Sight> {
        let (live, lines) = self.passed.as_ref().expect("it stands");
        let end = live.so_far().end(Timestamp::from_seconds(1_800_000_100));
        Arc::new(Sight::new(
            Stood { end, notes: Vec::new(), minted: None, is_untrusted: false },
            lines.clone(),
            is_over,
        ))
    }

    /// Something passes, and the window is told.
    pub fn pass(&mut self, passed: Passed) -> (u64, Outcome) {
        let (live, lines) = self.passed.as_mut().expect("it stands");
        lines.extend(live.take(passed).lines);
        (self.generation, Outcome::Between(BetweenReport::Passed(self.sight(false))))
    }
}
