//! Judging is a fold: what a list of exchanges says, and the rules that each of them keeps or breaks. It needs no run,
//! so that a recording is judged exactly as the run was that made it.
//!
//! Every exchange is judged, whatever came of the one before; whether a run stops is the run's affair.

use std::sync::Arc;

use super::proofs;
use super::session::{KEYS_ANEW, Session};
use super::stage::{Progress, Reading, Stage, heed};
use super::trace::{Answer, Exchange};
use super::{Failure, ProblemKind};
use crate::base::check::{Check, Verdict};
use crate::base::http::HttpResponse;
use crate::client::dpop::{self, Challenged};
use crate::client::{answer, assertion};
use crate::terms::metadata::Endpoint;

/// What these exchanges say, and the checks of each.
pub fn judge(exchanges: &[Arc<Exchange>]) -> (Session, Vec<Vec<Check>>) {
    judge_from(Session::default(), exchanges)
}

/// The checks of each where no signature waits for keys that are fetched anew: as a run was judged that did not fetch them.
pub fn judge_at_once(exchanges: &[Arc<Exchange>]) -> Vec<Vec<Check>> {
    judge_from(Session { judges_at_once: true, ..Session::default() }, exchanges).1
}

/// Whether a verdict waits for keys that are fetched anew.
pub fn waits_for_keys(check: &Check) -> bool {
    check.verdict == Verdict::Skipped && check.actual.as_deref() == Some(KEYS_ANEW)
}

fn judge_from(mut session: Session, exchanges: &[Arc<Exchange>]) -> (Session, Vec<Vec<Check>>) {
    let judged = |exchange: &Arc<Exchange>| {
        let mut checks = left(exchange, &mut session);
        checks.extend(read(exchange, &mut session).1);
        checks
    };
    let checks = exchanges.iter().map(judged).collect();
    (session, checks)
}

/// Takes in a request that has left, and holds it to its rules.
pub(super) fn left(exchange: &Exchange, session: &mut Session) -> Vec<Check> {
    session.judges_at_once |= exchange.overheard.is_some();
    // Sources of claims are asked one after the other, and wait together.
    if exchange.stage != Stage::Jwks && (exchange.stage != Stage::Claims || exchange.attempt == 1) {
        session.forget_put_off();
    }
    let mut checks = (exchange.stage.descriptor().left)(exchange, session);
    checks.extend(lint_assertions(exchange, session));
    checks.extend(proofs::left(exchange, session));
    checks
}

/// Takes in what came, and says what it means for the run.
pub(super) fn read(exchange: &Exchange, session: &mut Session) -> Reading {
    let stage = exchange.stage.descriptor();
    let (progress, mut checks) = match &exchange.answer {
        Answer::Response(response) => {
            let (progress, mut checks) = match proofs::answered(exchange, response, session) {
                Challenged::Again(checks) => (Progress::Again, checks),
                Challenged::No => (stage.read)(exchange, response, session),
                Challenged::InVain(more) => {
                    let (progress, checks) = (stage.read)(exchange, response, session);
                    (progress, checks.into_iter().chain(more).collect())
                }
            };
            checks.extend(dpop::refused(&exchange.request, response));
            checks.extend(unusable(exchange, response, &progress, &checks));
            checks.push(answer::slow(exchange.took));
            (progress, checks)
        }
        Answer::Callback(callback) => (stage.called_back)(exchange, callback, session),
        Answer::Failed(Failure::Transport(_)) => (stage.unanswered)(exchange, session),
        Answer::Failed(Failure::Wait(wait)) => (Progress::Advance, (stage.waited)(wait, session)),
        Answer::Visited => (stage.visited)(exchange, session),
        Answer::Pending | Answer::Failed(_) => (Progress::Advance, Vec::new()),
    };
    if !matches!(exchange.answer, Answer::Pending) {
        checks.extend((stage.meanwhile)(exchange, session));
    }
    heed((progress, checks))
}

/// A success from which no run goes on, where no rule of its message says so already. Where no document is, another place
/// may have one, and an API may let everybody in.
fn unusable(exchange: &Exchange, response: &HttpResponse, progress: &Progress, checks: &[Check]) -> Option<Check> {
    let Progress::Stop(ProblemKind::Failed | ProblemKind::Refused(_), came) = progress else { return None };
    let is_told = checks.iter().any(|check| check.verdict <= Verdict::Warn);
    let may_be = exchange.stage.is_discovery() || exchange.stage == Stage::Challenge;
    (response.is_success() && !is_told && !may_be).then(|| answer::unusable(came))
}

/// An assertion may be in the request of any stage.
fn lint_assertions(exchange: &Exchange, session: &Session) -> Vec<Check> {
    let Exchange { request, settings, .. } = exchange;
    let token_endpoint = settings.endpoint(Endpoint::Token, session.metadata.as_ref());
    let alias = session.metadata.as_ref().and_then(|metadata| metadata.mtls_endpoint(Endpoint::Token));
    // A server takes the URL that the request goes to as well (CIBA section 7.1).
    let here = request.url.as_str();
    let endpoints: Vec<&str> = token_endpoint.into_iter().chain(alias).chain([here]).collect();
    let audiences = assertion::Audiences { issuer: session.issuer(settings), endpoints: &endpoints };
    let finished = [&settings.client.client_assertion].into_iter().chain(&session.client_assertion);
    assertion::lint(request, settings, &assertion::Made { audiences, finished: finished.collect() }, exchange.sent_at)
}
