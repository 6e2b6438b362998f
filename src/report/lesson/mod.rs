//! A lesson as a handout: its text, both runs as diagrams, what differs, and the questions with their answers at the end.
//! The values of the runs are masked, and nothing that the lesson says is markup but its Markdown.

mod messages;
mod prose;

use std::fmt::Write as _;

use maud::{Markup, PreEscaped, html};

use self::prose::{inline, plain, to_html, without_html};
use super::html::page;
use super::svg::{Arrow, Picture, alone};
use crate::base::text::{capitalised, visible};
use crate::lesson::ladder::{arrows, parties};
use crate::lesson::{Difference, Lesson, Met, Part, Played, Side, differences};

/// A lesson and both of its runs.
#[derive(Clone, Copy, Debug)]
pub struct Handout<'a> {
    /// The lesson.
    pub lesson: &'a Lesson,
    /// How it went wrong.
    pub broken: &'a Played,
    /// How it went when it was mended.
    pub mended: &'a Played,
}

impl Handout<'_> {
    /// One page that needs nothing beside it.
    pub fn html(&self) -> String {
        let lesson = self.lesson;
        let body = html! {
            h1 { (visible(&lesson.title)) }
            p.remark { (visible(&lesson.intention)) " " (minutes(lesson.minutes)) "." }
            @if !lesson.before.is_empty() {
                h2 { "Before" }
                ul { @for text in &lesson.before { li { (inline(text)) } } }
            }
            (PreEscaped(to_html(&lesson.text)))
            @for (part, played) in self.parts() { (side_html(lesson, part, played)) }
            h2 { "What is different" }
            table {
                tr { th { "" } th { "Broken" } th { "Mended" } }
                @for row in self.differences() {
                    tr { th { (visible(&row.what)) } td { (visible(&row.broken)) } td { (visible(&row.mended)) } }
                }
            }
            @if !lesson.questions.is_empty() {
                h2.sheet { "Questions" }
                ol { @for question in &lesson.questions {
                    li { (inline(&question.ask)) ol type="a" { @for choice in &question.choices { li { (inline(choice)) } } } }
                } }
                h2.sheet { "Answers" }
                ol { @for question in &lesson.questions {
                    li { strong { (letter(question.answer)) ") " } (inline(&question.why)) }
                } }
            }
            @if !lesson.read_on.is_empty() {
                h2 { "Read on" }
                ul { @for place in &lesson.read_on {
                    li { @match &place.url { Some(url) => a href=(url) { (visible(&place.text)) }, None => (visible(&place.text)) } }
                } }
            }
        };
        page(&visible(&lesson.title), &body)
    }

    /// The same in Markdown, with the diagrams as SVG in it.
    pub fn markdown(&self) -> String {
        let lesson = self.lesson;
        let mut text =
            format!("# {}\n\n{} {}.\n\n", plain(&lesson.title), plain(&lesson.intention), minutes(lesson.minutes));
        if !lesson.before.is_empty() {
            text.push_str("## Before\n\n");
            for before in &lesson.before {
                let _ = writeln!(text, "- {}", plain(before));
            }
            text.push('\n');
        }
        let _ = writeln!(text, "{}\n", without_html(&lesson.text));
        for (part, played) in self.parts() {
            side_markdown(&mut text, lesson, part, played);
        }
        text.push_str("## What is different\n\n| | Broken | Mended |\n|---|---|---|\n");
        for row in self.differences() {
            let [what, broken, mended] =
                [&row.what, &row.broken, &row.mended].map(|cell| plain(cell).replace('|', "\\|"));
            let _ = writeln!(text, "| {what} | {broken} | {mended} |");
        }
        if !lesson.questions.is_empty() {
            text.push_str("\n## Questions\n\n");
            for (number, question) in (1..).zip(&lesson.questions) {
                let _ = writeln!(text, "{number}. {}", plain(&question.ask));
                for (at, choice) in question.choices.iter().enumerate() {
                    let _ = writeln!(text, "   - {}) {}", letter(at), plain(choice));
                }
            }
            text.push_str("\n## Answers\n\n");
            for (number, question) in (1..).zip(&lesson.questions) {
                let _ = writeln!(text, "{number}. **{})** {}", letter(question.answer), plain(&question.why));
            }
        }
        if !lesson.read_on.is_empty() {
            text.push_str("\n## Read on\n\n");
            for place in &lesson.read_on {
                let _ = match &place.url {
                    Some(url) => writeln!(text, "- [{}]({url})", plain(&place.text)),
                    None => writeln!(text, "- {}", plain(&place.text)),
                };
            }
        }
        text
    }

    const fn parts(&self) -> [(Part, &Played); 2] {
        [(Part::Broken, self.broken), (Part::Mended, self.mended)]
    }

    fn differences(&self) -> Vec<Difference> {
        differences(self.lesson, self.broken, self.mended)
    }
}

const fn heading(part: Part) -> &'static str {
    match part {
        Part::Broken => "Broken",
        Part::Mended => "Mended",
    }
}

/// `a` for the first.
fn letter(at: usize) -> char {
    u8::try_from(at).ok().and_then(|at| b'a'.checked_add(at)).map_or('?', char::from)
}

fn side_html(lesson: &Lesson, part: Part, played: &Played) -> Markup {
    let side = lesson.side(part);
    html! {
        h2.sheet { (heading(part)) @if !side.title.is_empty() { ": " (visible(&side.title)) } }
        div.diagram { (picture(part, played).draw(None)) }
        @if side.steps.iter().any(|step| !step.look.is_empty()) {
            ol { @for step in &side.steps {
                li { strong { (capitalised(&visible(step.what.title()))) } @if !step.look.is_empty() { ". " (inline(&step.look)) } }
            } }
        }
        @if !side.moment.is_empty() { p { strong { "The moment: " } (inline(&side.moment)) } }
        @if !side.rules().is_empty() {
            p { "The checks that name it:" }
            ul { @for rule in side.rules() {
                li { code { (rule.id) } ", " (rule.title) " (" @match rule.spec.url() {
                    Some(url) => a href=(url) { (rule.spec) },
                    None => (rule.spec),
                } ")" }
            } }
        }
        (messages::html(side, played))
        ul style="list-style: none; padding-left: 0" { @for (mark, met) in expectations(played) { li { (mark) " " code { (met.expected) } @if !met.is_met() { ", came: " code { (met.came) } } } } }
    }
}

fn side_markdown(text: &mut String, lesson: &Lesson, part: Part, played: &Played) {
    let side: &Side = lesson.side(part);
    let title = if side.title.is_empty() { String::new() } else { format!(": {}", plain(&side.title)) };
    let _ = writeln!(text, "## {}{title}\n", heading(part));
    // A blank line would end the drawing in Markdown.
    let style = alone().replace('\n', " ");
    let _ = writeln!(text, "{}\n", picture(part, played).draw(Some(&style)).into_string());
    for (number, step) in (1..).zip(&side.steps) {
        let look = if step.look.is_empty() { String::new() } else { format!(". {}", plain(&step.look)) };
        let _ = writeln!(text, "{number}. **{}**{look}", capitalised(step.what.title()));
    }
    if !side.moment.is_empty() {
        let _ = writeln!(text, "\n**The moment:** {}", plain(&side.moment));
    }
    if !side.rules().is_empty() {
        text.push_str("\nThe checks that name it:\n\n");
    }
    for rule in side.rules() {
        let spec = rule.spec.url().map_or_else(|| rule.spec.to_string(), |url| format!("[{}]({url})", rule.spec));
        let _ = writeln!(text, "- `{}`, {} ({spec})", rule.id, plain(rule.title));
    }
    text.push('\n');
    messages::markdown(text, side, played);
    for (mark, met) in expectations(played) {
        let came = if met.is_met() { String::new() } else { format!(", came: {}", plain(&met.came)) };
        let _ = writeln!(text, "- {mark} {}{came}", plain(&met.expected));
    }
    text.push('\n');
}

fn expectations(played: &Played) -> impl Iterator<Item = (&'static str, &Met)> {
    played.expectations().map(|met| (if met.is_met() { "✓" } else { "✗" }, met))
}

fn picture(part: Part, played: &Played) -> Picture {
    let drawn = arrows(played);
    let lanes = parties(&drawn);
    let place = |party| lanes.iter().position(|lane| *lane == party).unwrap_or_default();
    let arrow = |arrow: &crate::lesson::ladder::Arrow| Arrow {
        beside: (arrow.step + 1).to_string(),
        from: place(arrow.from),
        to: place(arrow.to),
        label: arrow.label.clone(),
        is_front: arrow.is_front,
        is_failed: arrow.is_bad,
    };
    let arrows = drawn.iter().map(arrow).collect();
    let name = match part {
        Part::Broken => "Sequence diagram of the broken run",
        Part::Mended => "Sequence diagram of the mended run",
    };
    Picture { name, beside: "Step", lanes: lanes.iter().map(|lane| lane.title()).collect(), arrows }
}

/// `1 minute`, `20 minutes`
fn minutes(count: u32) -> String {
    format!("{count} {}", if count == 1 { "minute" } else { "minutes" })
}
