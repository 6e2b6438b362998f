//! The messages that decide a side of a lesson: those of which something is expected, and everything of the attacker.
//! Their credentials are masked.

use std::fmt::Write as _;

use maud::{Markup, html};

use crate::base::check::{Check, Verdict};
use crate::base::text::{visible, visible_lines};
use crate::export::raw;
use crate::flow::trace::Exchange;
use crate::lesson::{Played, Side};
use crate::report::came;
use crate::report::html::answer;
use crate::report::markdown::{answer as written_answer, fenced};

/// Who has sent a message, and what.
struct Message {
    by: &'static str,
    exchange: Exchange,
}

fn deciding(side: &Side, played: &Played) -> Vec<Message> {
    let rules = side.rules();
    let is_broken = |check: &Check| {
        matches!(check.verdict, Verdict::Fail | Verdict::Warn) && rules.iter().any(|rule| rule.id == check.rule.id)
    };
    let is_expected = |exchange: &Exchange| {
        let stages = side.expect.list.iter().filter_map(|one| one.subject.stage());
        stages.into_iter().any(|stage| stage == exchange.stage) || exchange.checks.iter().any(is_broken)
    };
    let app = played.flow.trace.exchanges.iter().filter(|exchange| is_expected(exchange)).map(|it| ("app", it));
    let all = app.chain(played.attacker.trace.exchanges.iter().map(|it| ("attacker", it)));
    all.map(|(by, exchange)| Message { by, exchange: played.hide.exchange(exchange) }).collect()
}

impl Message {
    /// `the token request of the attacker: 400`
    fn title(&self) -> String {
        format!("{} of the {}: {}", self.exchange.stage.name(), self.by, came(&self.exchange))
    }
}

pub(super) fn html(side: &Side, played: &Played) -> Markup {
    html! {
        @for message in deciding(side, played) {
            details {
                summary { (visible(&message.title())) }
                pre { (visible_lines(&raw::request(&message.exchange.request))) }
                (answer(&message.exchange))
            }
        }
    }
}

pub(super) fn markdown(text: &mut String, side: &Side, played: &Played) {
    for message in deciding(side, played) {
        let _ = writeln!(text, "#### {}\n", visible(&message.title()));
        fenced(text, &raw::request(&message.exchange.request));
        written_answer(text, &message.exchange);
    }
}
