//! A run as one page: it opens without a network, runs no script, and nothing that came from outside is markup in it.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::markdown::worth_telling;
use super::svg::{self, Picture};
use super::{Report, came};
use crate::base::check::{Check, Tally, Verdict};
use crate::base::text::{visible, visible_lines};
use crate::base::time::spoken;
use crate::export::raw;
use crate::flow::trace::{Answer, Exchange};

/// The look of the page, in light and in dark.
const STYLE: &str = include_str!("../../assets/report/page.css");

/// The page.
pub(super) fn write(report: &Report) -> String {
    let title = format!("{} at {}", report.grant, visible(&report.issuer));
    let body = html! {
        h1 { (title) }
        (finding(report))
        dl.facts { @for (name, value) in report.facts() { dt { (name) } dd { (value) } } }
        p.remark { (report.about_secrets()) }
        h2 { "Messages" }
        div.diagram { (Picture::of(report).draw(None)) }
        @for (at, exchange) in report.trace.exchanges.iter().enumerate() { (told(at, exchange)) }
        h2 { "Settings" }
        (pairs(report.settings.iter().map(|(name, value)| (name.as_str(), value.as_str()))))
    };
    page(&title, &body)
}

/// A page that needs nothing beside it and runs nothing.
pub(super) fn page(title: &str, body: &Markup) -> String {
    let style = format!("{STYLE}{}", svg::STYLE);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (title) }
                style { (PreEscaped(style)) }
            }
            body { main { (body) } }
        }
    };
    page.into_string() + "\n"
}

fn finding(report: &Report) -> Markup {
    let Some(finding) = &report.finding else {
        if !report.unmet.is_empty() {
            return html! {
                section.finding.fail { p.say { "✗ The run is not as it was expected." } (unmet(report)) (left_open(report)) }
            };
        }
        return html! { section.finding.pass { p.say { "✓ Nothing is wrong with this run." } (left_open(report)) } };
    };
    html! {
        section class=(format!("finding {}", finding.verdict.word())) {
            p.say { (mark(finding.verdict)) " " (visible(&finding.sentence())) }
            dl {
                dt { "Stage" } dd { (finding.stage.name()) @if let Some(rule) = &finding.rule { ", rule " code { (rule) } } }
                dt { "Evidence" } dd { (visible(&finding.evidence)) }
                dt { "Next" } dd { (visible(&finding.next)) }
                @if let Some(option) = finding.option() { dt { "Option" } dd { code { (visible(&option)) } } }
            }
            (unmet(report))
            (left_open(report))
        }
    }
}

fn unmet(report: &Report) -> Markup {
    html! {
        @if !report.unmet.is_empty() {
            p { "Expected, and not so:" }
            ul { @for unmet in &report.unmet { li { (visible(unmet)) } } }
        }
    }
}

fn left_open(report: &Report) -> Markup {
    html! {
        @if !report.left_open.is_empty() {
            p { "Left open:" }
            ul { @for (what, why) in &report.left_open { li { (visible(what)) ": " (visible(why)) } } }
        }
    }
}

fn told(at: usize, exchange: &Exchange) -> Markup {
    let worst = Tally::of(&exchange.checks).worst().unwrap_or(Verdict::Skipped);
    let is_wrong = matches!(worst, Verdict::Fail | Verdict::Warn);
    html! {
        details open[is_wrong] class=(worst.word()) {
            summary {
                span.number { (at + 1) }
                (mark(worst)) " " (exchange.stage.name()) ": "
                code { (visible(&exchange.request.method)) " " (visible(exchange.request.url.path())) }
                " → " (came(exchange))
                @if !exchange.took.is_zero() { span.took { (spoken(exchange.took)) } }
            }
            (checks(exchange))
            h3 { "Request" }
            pre { (visible_lines(&raw::request(&exchange.request))) }
            (answer(exchange))
        }
    }
}

pub(super) fn answer(exchange: &Exchange) -> Markup {
    html! {
        @match &exchange.answer {
            Answer::Response(response) => { h3 { "Answer" } pre { (visible_lines(&raw::response(response))) } }
            Answer::Callback(callback) => {
                h3 { "Response by " (callback.via.name()) " at " code { (visible(&callback.redirect_uri)) } }
                (pairs(callback.params.iter()))
            }
            Answer::Failed(failure) => { h3 { "No answer" } p { (visible(&failure.to_string())) } }
            Answer::Pending | Answer::Visited => {}
        }
    }
}

/// What is not as it should be; the rest on demand.
fn checks(exchange: &Exchange) -> Markup {
    html! {
        (rules(worth_telling(exchange)))
        details.checks {
            summary { "Checks: " (Tally::of(&exchange.checks).summary()) }
            (rules(exchange.checks.iter()))
        }
    }
}

fn rules<'a>(checks: impl Iterator<Item = &'a Check>) -> Markup {
    html! { ul.rules { @for check in checks { (rule(check, "")) } } }
}

/// A rule and what came of it, `at` a place where that needs one.
pub(super) fn rule(check: &Check, at: &str) -> Markup {
    html! {
        li class=(check.verdict.word()) {
            (mark(check.verdict)) " " (check.rule.title) " "
            code { (check.rule.id) } (at) ": " (visible(&check.seen()))
            " " span.spec { (check.rule.level.word()) " " (check.rule.spec) }
        }
    }
}

fn pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Markup {
    html! {
        table { @for (name, value) in pairs { tr { th { (visible(name)) } td { code { (visible(value)) } } } } }
    }
}

/// A verdict is never told by colour alone.
pub(super) const fn mark(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Fail => "✗",
        Verdict::Warn => "⚠",
        Verdict::Note => "ℹ",
        Verdict::Pass => "✓",
        Verdict::Skipped => "–",
    }
}
