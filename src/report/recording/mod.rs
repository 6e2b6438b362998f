//! The logins of a recording as one page: of each what is wrong first, then what shows it, its messages, and what nobody
//! can know. Credentials are out, and nothing from the file is markup.

mod picture;

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::html::{mark, page, rule};
use crate::base::check::{Check, Tally, Verdict};
use crate::base::text::{elided, visible};
use crate::capture::Capture;
use crate::capture::exchange::{Captured, place};
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::{Judged, Login, Outcome, Staged};
use crate::export::redact::Redactor;

/// So many logins are on a page; more of them nobody reads.
const LOGINS: usize = 200;
/// So many are told of a list.
const TOLD: usize = 24;
/// Longest address that is told, in characters.
const ADDRESS: usize = 120;

/// What a login is called: `Authorization code, client web at https://op.example`. Its texts may hold anything.
pub fn title(login: &Login) -> String {
    let grant = login.grant.map_or("login", |grant| grant.title());
    let client = login.client_id.as_deref().map(|client| format!(", client {client}")).unwrap_or_default();
    let at = login.issuer.as_deref().map(|issuer| format!(" at {issuer}")).unwrap_or_default();
    format!("{grant}{client}{at}")
}

/// How sure a finding is, for people.
pub const fn certainty(found: &Found) -> &'static str {
    match found.certainty {
        Certainty::Certain => "certain",
        Certainty::Likely => "likely",
        Certainty::NotProvable => "not provable from this recording",
    }
}

/// The page. Codes, tokens and verifiers are hidden in it as in the JSON result.
pub fn write(capture: &Capture) -> String {
    Page { capture, hide: capture.redactor() }.write()
}

/// A recording with what hides its credentials.
struct Page<'c> {
    capture: &'c Capture,
    hide: Redactor,
}

impl Page<'_> {
    fn write(&self) -> String {
        let all = &self.capture.logins;
        let logins = &all[..all.len().min(LOGINS)];
        let title = match all.len() {
            0 => "No login in this recording".to_owned(),
            1 => self.head(&logins[0]),
            count => format!("{count} logins of a recording"),
        };
        let body = html! {
            h1 { (title) }
            @if logins.len() > 1 {
                ol.logins { @for (at, login) in logins.iter().enumerate() { (self.listed(at, login)) } }
            }
            @for (at, login) in logins.iter().enumerate() { (self.login(at, login, logins.len() > 1)) }
            @if all.len() > LOGINS { p.remark { (all.len() - LOGINS) " more logins are in the JSON result." } }
            h2 { "The recording" }
            (self.recording())
            p.remark {
                "Cookies, passwords and client secrets are not kept, codes and tokens are not shown. "
                "Entries are counted from 0, as they stand in the file."
            }
        };
        page(&title, &body)
    }

    /// Without credentials, and without what is not seen.
    fn clean(&self, text: &str) -> String {
        visible(&self.hide.text(text)).into_owned()
    }

    fn head(&self, login: &Login) -> String {
        self.clean(&title(login))
    }

    fn listed(&self, at: usize, login: &Login) -> Markup {
        html! {
            li {
                a href=(format!("#login-{}", at + 1)) { (self.head(login)) } ": " (login.said())
                @if let Some(found) = &login.finding { div.fail { (mark(Verdict::Fail)) " " (self.clean(&found.say)) } }
            }
        }
    }

    fn login(&self, at: usize, login: &Login, is_one_of_many: bool) -> Markup {
        let (picture, left_out) = picture::picture(self.capture, login, |text| self.clean(text));
        html! {
            section id=(format!("login-{}", at + 1)) {
                @if is_one_of_many { h2 { "Login " (at + 1) ": " (self.head(login)) } }
                (self.finding(login))
                (self.facts(login))
                h3 { "Messages" }
                div.diagram { (picture.draw(None)) }
                @if left_out > 0 { p.remark { (left_out) " more entries are not drawn." } }
                (self.stages(login))
                (self.checks(login))
                @if !login.not_in_the_recording.is_empty() {
                    h3 { "Not in the recording" }
                    ul { @for lacks in &login.not_in_the_recording { li { (self.clean(lacks)) } } }
                }
            }
        }
    }

    fn finding(&self, login: &Login) -> Markup {
        let Some(found) = &login.finding else {
            let said = match login.outcome {
                Outcome::SignedIn => "Nothing is wrong with this login.",
                _ => "No fault is found in this login.",
            };
            return html! { section.finding.pass { p.say { (mark(Verdict::Pass)) " " (said) } } };
        };
        html! {
            section.finding.fail {
                p.say { (mark(Verdict::Fail)) " " (self.clean(&found.say)) }
                dl {
                    dt { "Stage" } dd { (found.stage.slug()) ", rule " code { (found.rule.id) } }
                    dt { "Certainty" } dd { (certainty(found)) }
                    dt { "Evidence" } dd { ul.rules { @for evidence in &found.evidence { (self.evidence(evidence)) } } }
                    dt { "Next" } dd { (self.clean(&found.next)) }
                }
            }
        }
    }

    fn evidence(&self, evidence: &Evidence) -> Markup {
        let entry = &self.capture.entries[evidence.entry];
        html! {
            li {
                "Entry " (entry.index) ", " code { (self.clean(&evidence.place)) }
                @if let Some(value) = &evidence.value { ": " code { (self.clean(value)) } }
                div.spec { (self.clean(&line(entry))) }
            }
        }
    }

    fn facts(&self, login: &Login) -> Markup {
        let issuer = login.issuer.as_deref().map(|issuer| match login.is_issuer_said {
            true => issuer.to_owned(),
            false => format!("{issuer} (told from an address, named by no message)"),
        });
        let facts = [
            ("Outcome", Some(login.said().to_owned())),
            ("Grant", login.grant.map(|grant| grant.title().to_owned())),
            ("Client", login.client_id.clone()),
            ("Issuer", issuer),
            ("State", login.state.clone()),
        ];
        html! {
            dl.facts {
                @for (name, value) in facts { @if let Some(value) = value { dt { (name) } dd { (self.clean(&value)) } } }
            }
        }
    }

    fn stages(&self, login: &Login) -> Markup {
        html! {
            h3 { "Stages" }
            table.stages {
                tr { th { "Stage" } th { "Entries" } th { "Sent by" } th { "Status" } }
                @for stage in &login.stages {
                    tr {
                        td { code { (stage.name.slug()) } @if stage.repeated { ", once more" } }
                        td { (self.numbers(&stage.entries)) }
                        td { (stage.leg.word()) @if let Some(mode) = stage.mode { ", " (mode.name()) } }
                        td { (self.statuses(stage)) }
                    }
                }
            }
        }
    }

    fn statuses(&self, stage: &Staged) -> String {
        let status = |at: &usize| self.capture.entries[*at].status().map_or("none".to_owned(), |it| it.to_string());
        some(stage.entries.iter().map(status))
    }

    fn numbers(&self, entries: &[usize]) -> String {
        some(entries.iter().map(|at| self.capture.entries[*at].index.to_string()))
    }

    /// The rules that are broken; the others on demand.
    fn checks(&self, login: &Login) -> Markup {
        let judged: Vec<(Check, String)> = login.checks.iter().map(|judged| self.judged(judged)).collect();
        let broken: Vec<_> = judged.iter().filter(|(check, _)| check.verdict <= Verdict::Warn).collect();
        html! {
            @if !broken.is_empty() {
                h3 { "Broken rules" }
                ul.rules { @for (check, at) in broken { (rule(check, at)) } }
            }
            @if !judged.is_empty() {
                details.checks {
                    summary { "Rules: " (Tally::of(judged.iter().map(|(check, _)| check)).summary()) }
                    ul.rules { @for (check, at) in &judged { (rule(check, at)) } }
                }
            }
        }
    }

    /// A check without credentials, and where it was made.
    fn judged(&self, judged: &Judged) -> (Check, String) {
        let clean = |text: &Option<String>| text.as_deref().map(|text| self.clean(text));
        let check = &judged.check;
        let check = Check { expected: clean(&check.expected), actual: clean(&check.actual), ..check.clone() };
        (check, format!(" entry {}", self.capture.entries[judged.entry].index))
    }

    /// Who wrote the file, what it leaves out, and what of it is no login.
    fn recording(&self) -> Markup {
        let capture = self.capture;
        let mut beside: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (at, kind) in capture.beside.iter().enumerate() {
            if let Some(kind) = kind {
                beside.entry(kind.slug()).or_default().push(at);
            }
        }
        let unreadable = capture.unreadable.iter().map(|(entry, reason)| format!("entry {entry}: {reason}"));
        html! {
            dl.facts {
                dt { "Recorded by" } dd { (self.clean(&capture.recorder.name)) }
                dt { "Entries" } dd { (capture.entries.len()) }
                @if !capture.recorder.left_out.is_empty() {
                    dt { "Not in this file" } dd { (self.clean(&capture.recorder.left_out.join(", "))) }
                }
                @if !capture.unreadable.is_empty() { dt { "Unreadable" } dd { (self.clean(&some(unreadable))) } }
                @for note in &capture.notes { dt { "Note" } dd { (self.clean(note)) } }
                dt { "Made by" } dd { "Grantscope " (env!("CARGO_PKG_VERSION")) }
            }
            @if !beside.is_empty() {
                h3 { "Entries of no login" }
                table.stages {
                    tr { th { "Kind" } th { "Entries" } }
                    @for (kind, entries) in &beside { tr { td { code { (kind) } } td { (self.numbers(entries)) } } }
                }
            }
        }
    }
}

/// What a message was, in a line: `GET https://app.example/callback: 500`. Its parameters are left out.
fn line(entry: &Captured) -> String {
    let address = place(&entry.request.url);
    let came = entry.status().map_or_else(|| "no answer".to_owned(), |status| status.to_string());
    format!("{} {}: {came}", entry.request.method, elided(&address, ADDRESS))
}

/// The first of many.
fn some(mut all: impl Iterator<Item = String>) -> String {
    let told: Vec<String> = all.by_ref().take(TOLD).collect();
    let more = all.count();
    if more == 0 { told.join(", ") } else { format!("{} and {more} more", told.join(", ")) }
}
