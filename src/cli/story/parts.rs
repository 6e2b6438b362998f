//! How the parts of a run are named and marked when it is told.

use super::VALUE_LIMIT;
use crate::base::check::{Check, Tally, Verdict};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::text::{elided, visible};
use crate::base::time::spoken;
use crate::cli::terminal::{Paint, Terminal};
use crate::client::challenge::challenges;
use crate::client::rules;
use crate::client::rules::metadata::{DOCUMENT, ISSUER, REQUIRED};
use crate::flow::beside::Arrival;
use crate::flow::step::Step;
use crate::flow::trace::{Answer, Exchange};
use crate::flow::{Flow, grant};
use crate::terms::glossary::{self, Entry};

/// A broken rule: what was expected, what was seen, why it matters, what to do.
pub(in crate::cli) fn broken(terminal: &mut Terminal, check: &Check) {
    let (mark, paint) = match check.verdict {
        Verdict::Fail => ("✗", Paint::Bad),
        _ => ("!", Paint::Caution),
    };
    let rule = terminal.paint(paint, &format!("{mark} {}", check.rule.id));
    terminal.line(&format!("  {rule} {} ({})", check.rule.title, check.rule.spec));
    if let Some(expected) = &check.expected {
        terminal.pair("expected", &elided(expected, 2 * VALUE_LIMIT));
    }
    if let Some(actual) = &check.actual {
        terminal.pair("saw", &elided(actual, 2 * VALUE_LIMIT));
    }
    terminal.pair("why", check.rule.why);
    terminal.pair("fix", check.rule.fix);
}

/// Whether a note is told with its answer: why there is no document, what was typed beside the issuer, what a server is
/// for.
pub(in crate::cli) fn is_remark(check: &Check) -> bool {
    check.verdict == Verdict::Note && [DOCUMENT.id, ISSUER.id, REQUIRED.id].contains(&check.rule.id)
}

/// The poll before the one at this index, which was told to wait.
pub(super) fn poll_before(flow: &Flow, at: usize) -> Option<&Exchange> {
    let (before, exchange) = (flow.trace.exchanges.get(..at)?, flow.trace.exchanges.get(at)?);
    // What was sent between two polls belongs to another run of the stage.
    let newest = before.last().filter(|it| it.position == exchange.position && it.attempt + 1 == exchange.attempt)?;
    Some(&**newest).filter(|it| it.is_told_to_wait())
}

/// How polling goes on after polls that got no answer to act on.
pub(super) fn vain(flow: &Flow) -> Option<String> {
    let polling = flow.session.polling.filter(|polling| polling.in_vain > 0 && flow.is_polling())?;
    let wait = spoken(polling.next_at.since(flow.trace.exchanges.last()?.came_at()));
    let (row, of) = (polling.in_vain, polling.given_up_after);
    Some(format!("  ! no answer to act on, {row} in a row: the next poll is in {wait}, and {of} end the polling"))
}

/// Whether request and answer are two steps for people.
pub(super) fn is_split(flow: &Flow, exchange: &Exchange) -> bool {
    steps(flow, exchange.position).len() > 1 && !matches!(exchange.answer, Answer::Visited)
}

/// The steps of this stage of the run.
pub(super) fn steps(flow: &Flow, position: usize) -> &'static [Step] {
    flow.stages().get(position).map_or(&[], |stage| grant::steps(flow.grant, *stage))
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    First,
    Last,
}

/// The word of the rail for this stage of the run.
pub(super) fn title(flow: &Flow, position: usize, part: Part) -> &'static str {
    let own = steps(flow, position);
    let step = if part == Part::First { own.first() } else { own.last() };
    step.map_or("", |step| step.title)
}

pub(super) fn mark(exchange: &Exchange) -> &'static str {
    let came = match &exchange.answer {
        Answer::Response(_) => exchange.lacks_document().is_none() && !exchange.is_turned_down(),
        Answer::Callback(callback) => !callback.params.contains("error"),
        Answer::Failed(_) => false,
        Answer::Pending | Answer::Visited => return "→",
    };
    match Tally::of(&exchange.checks).worst() {
        _ if !came => "✗",
        Some(Verdict::Fail) => "✗",
        Some(Verdict::Warn) => "!",
        _ => "✓",
    }
}

/// Without the query, which is told line by line.
pub(super) fn address(request: &HttpRequest) -> String {
    format!("{}{}", request.url.origin().ascii_serialization(), request.url.path())
}

/// What servers did by themselves meanwhile.
pub(super) fn meanwhile(terminal: &mut Terminal, exchange: &Exchange) {
    for Arrival { at, request, response } in &exchange.meanwhile {
        let after = spoken(at.since(exchange.sent_at));
        let what = format!("{} {} after {after}, answered {}", request.method, address(request), response.status);
        let line = terminal.paint(Paint::Quiet, &format!("  · the server: {}", visible(&what)));
        terminal.line(&line);
    }
}

/// What should have been told of a logout and was not, and what to try.
pub(super) fn untold(terminal: &mut Terminal, exchange: &Exchange) {
    let rules = [
        (&rules::backchannel_logout::SENT, "backchannel_logout_uri"),
        (&rules::frontchannel_logout::SENT, "frontchannel_logout_uri"),
    ];
    for (rule, setting) in rules {
        let is_untold =
            |check: &&Check| check.rule == rule && matches!(check.verdict, Verdict::Note | Verdict::Skipped);
        if let Some(check) = exchange.checks.iter().find(is_untold) {
            let saw = visible(check.actual.as_deref().unwrap_or_default());
            let line = terminal.paint(Paint::Quiet, &format!("  · {setting}: {saw}"));
            terminal.line(&line);
            terminal.pair("try", rule.fix);
        }
    }
}

/// Most parameters of all challenges that are told.
const PARAMETERS: usize = 40;

/// Each challenge of `WWW-Authenticate` with its parameters, and what they mean (RFC 9110 section 11.6.1).
pub(super) fn challenged(terminal: &mut Terminal, response: &HttpResponse) {
    let mut left = PARAMETERS;
    for challenge in challenges(response).into_iter().take(PARAMETERS) {
        let scheme = visible(&elided(&challenge.scheme, VALUE_LIMIT)).into_owned();
        terminal.line(&terminal.paint(Paint::Quiet, &format!("  WWW-Authenticate asks for {scheme}")));
        for (name, value) in challenge.params.iter().take(left) {
            terminal.pair(&elided(name, VALUE_LIMIT), &elided(value, VALUE_LIMIT));
            if let Some(entry) = meaning(name, value) {
                terminal.line(&terminal.paint(Paint::Quiet, &format!("      {}", entry.meaning)));
            }
        }
        left = left.saturating_sub(challenge.params.len());
    }
}

fn meaning(name: &str, value: &str) -> Option<&'static Entry> {
    let of_code = glossary::error(value).filter(|_| name == "error");
    of_code.or_else(|| glossary::challenge(name)).or_else(|| glossary::parameter(name))
}

pub(super) fn claims_of(id_token: &str) -> Option<Json> {
    crate::jose::jwt::decode(id_token).claims
}

/// The claims of an encrypted ID token that came with this answer, where a key opened it.
pub(super) fn inside<'a>(flow: &'a Flow, exchange: &Exchange) -> Option<&'a Json> {
    let mut tokens = flow.session.tokens.iter().filter(|tokens| tokens.opened.is_some());
    let brought = tokens.find(|it| (it.position, it.attempt) == (exchange.position, exchange.attempt))?;
    brought.id_token.as_ref()?.claims.as_ref()
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read as _, Seek as _};

    use super::*;

    #[test]
    fn every_challenge_is_told_with_its_parameters_and_what_they_mean() {
        let mut file: File = tempfile::tempfile().expect("a file");
        let mut terminal = Terminal::to(file.try_clone().expect("a file"));
        let header = r#"Basic realm="a, b", Bearer error="invalid_token", own=x, DPoP algs="ES256""#;
        let response = HttpResponse::new(401, "text/plain", "").with_header("WWW-Authenticate", header);
        challenged(&mut terminal, &response);
        challenged(&mut terminal, &HttpResponse::new(200, "text/plain", ""));
        let mut told = String::new();
        file.rewind().and_then(|()| file.read_to_string(&mut told)).expect("readable");
        let meaning = |entry: Option<&'static Entry>| format!("      {}", entry.expect("known").meaning);
        let pair = |name: &str, value: &str| format!("    {name:<24} {value}");
        let expected = [
            "  WWW-Authenticate asks for Basic".to_owned(),
            pair("realm", "a, b"),
            meaning(glossary::challenge("realm")),
            "  WWW-Authenticate asks for Bearer".to_owned(),
            pair("error", "invalid_token"),
            meaning(glossary::error("invalid_token")),
            pair("own", "x"),
            "  WWW-Authenticate asks for DPoP".to_owned(),
            pair("algs", "ES256"),
            meaning(glossary::challenge("algs")),
        ];
        assert_eq!(told.lines().collect::<Vec<_>>(), expected);
    }
}
