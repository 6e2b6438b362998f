//! One of two that are compared, as values with names: of a run, of a token, of a document.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::issued::Issued;
use super::item::{Fields, Item};
use super::message::parts;
use super::nature::Nature;
use super::{Comparison, Kind, Part, compare};
use crate::base::check::{Check, Verdict};
use crate::base::http::is_loopback;
use crate::base::secret::Secret;
use crate::base::time::spoken;
use crate::export::redact::Redactor;
use crate::flow::finding::finding;
use crate::flow::trace::{Answer, Exchange};
use crate::flow::{Flow, Next};
use crate::record::{NOT_RECORDED, redactor_of_both};
use crate::terms::grant::Grant;

/// One of two that are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Side {
    /// What it is, in a line.
    pub title: String,
    /// What happened, in order.
    pub talks: Vec<Talk>,
    /// Why a stage had nothing to do, by its slug.
    pub unsent: HashMap<String, String>,
    /// Whether something stands in the place of secrets in what it was read from.
    pub is_redacted: bool,
    /// Ports of this machine that are other ones in the next run.
    pub ports: Ports,
    /// What the addresses of its server begin with: its issuer, and the host of that. Empty where it is not known.
    pub servers: Vec<String>,
    /// Who signed in. Empty where nobody did, or where nothing says so.
    pub user: String,
    /// What was issued to its client, if that was registered in it.
    pub(super) issued: Issued,
}

/// Ports of this machine that say nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ports {
    /// All: the run was on a practice server of its own.
    All,
    /// Those that were taken because any would do.
    These(Vec<String>),
}

/// A request and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Talk {
    /// The name of its stage for programs.
    pub slug: String,
    /// Its name for people.
    pub name: String,
    /// Index of its exchange in the run.
    pub at: usize,
    /// How it ended, roughly: its status, or that nothing came.
    pub ended: u16,
    /// What is in it.
    pub parts: Vec<Fields>,
}

/// A run, the name of the preset it ran with where that is known, and whether its secrets were out when it was read.
pub type Ran<'a> = (&'a Flow, Option<&'a str>, bool);

/// Two runs side by side.
pub fn runs(a: Ran<'_>, b: Ran<'_>) -> Comparison {
    runs_hiding(a, b, Vec::new())
}

/// The same with secrets of which the runs do not know.
pub(super) fn runs_hiding(a: Ran<'_>, b: Ran<'_>, secrets: Vec<Secret>) -> Comparison {
    let hide = redactor_of_both(a.0, b.0, secrets);
    let side = |(flow, preset, is_redacted): Ran<'_>| Side::of(flow, preset, is_redacted, &hide);
    compare(Kind::Runs, &side(a), &side(b))
}

impl Side {
    /// A run, without the secrets that the redactor knows, which has to be the same for both sides.
    pub fn of(flow: &Flow, preset: Option<&str>, is_redacted: bool, hide: &Redactor) -> Self {
        let (mut talks, mut seen, mut waits) = (Vec::new(), HashSet::new(), 0);
        for (at, exchange) in flow.trace.exchanges.iter().enumerate() {
            // How often one is told to wait depends on the user.
            match exchange.is_told_to_wait() {
                true => waits += 1,
                false => talks.push(Talk::of(at, exchange, std::mem::take(&mut waits), hide, &mut seen)),
            }
        }
        let user = user(flow, &talks);
        talks.insert(0, whole(flow, &user));
        let slug = |at: usize| flow.stages().get(at).map(|stage| stage.slug().to_owned());
        let skipped = flow.trace.skipped.iter().filter_map(|(at, why)| Some((slug(*at)?, hide.text(why))));
        Self {
            title: hide.text(&title(flow)),
            talks,
            unsent: skipped.collect(),
            is_redacted,
            ports: ports(flow, preset),
            servers: servers(flow),
            user,
            issued: Issued::of(flow, hide),
        }
    }

    /// Something that is one message.
    pub(super) fn alone(title: String, slug: &str, name: &str, parts: Vec<Fields>) -> Self {
        let talk = Talk { slug: slug.to_owned(), name: name.to_owned(), at: 0, ended: 0, parts };
        let ports = Ports::These(Vec::new());
        Self {
            title,
            talks: vec![talk],
            unsent: HashMap::new(),
            is_redacted: false,
            ports,
            servers: Vec::new(),
            user: String::new(),
            issued: Issued::default(),
        }
    }
}

impl Talk {
    fn of(at: usize, exchange: &Exchange, waits: usize, hide: &Redactor, seen: &mut HashSet<String>) -> Self {
        let mut parts = parts(exchange, hide, seen);
        parts.push(checks(exchange, hide));
        parts.push(times(exchange, waits));
        let ended = match &exchange.answer {
            Answer::Response(response) => response.status,
            Answer::Callback(callback) => 1 + u16::from(callback.params.contains("error")),
            _ => 0,
        };
        Self { slug: exchange.stage.slug().to_owned(), name: exchange.stage.name().to_owned(), at, ended, parts }
    }

    #[cfg(test)]
    pub(super) fn named(slug: &str, is_failed: bool) -> Self {
        Self { slug: slug.to_owned(), name: slug.to_owned(), at: 0, ended: is_failed.into(), parts: Vec::new() }
    }
}

/// `Authorization code, practice-web: success`, and what is most wrong with it.
fn title(flow: &Flow) -> String {
    let client = flow.settings.client.client_id.as_str();
    let client = if client.is_empty() { String::new() } else { format!(", {client}") };
    let next = flow.problem().map_or(Next::Finished, |problem| Next::Stopped(problem.clone()));
    let found = finding(flow, &next, &flow.left_open()).map(|found| format!(". {}", found.say)).unwrap_or_default();
    format!("{}{client}: {}{found}", flow.grant.title(), flow.outcome().verdict(flow.has_failed_check()))
}

/// The name of what is said of the run and of no message.
pub(super) const WHOLE: &str = "run";

/// `sub` of the ID token, or else as UserInfo or introspection has it. A client that asks for itself is no user.
fn user(flow: &Flow, talks: &[Talk]) -> String {
    let says = |fields: &&Fields| match &fields.part {
        Part::Claims(token) => token == "id_token",
        part => *part == Part::Answer,
    };
    let of_user = talks.iter().filter(|_| flow.grant != Grant::ClientCredentials);
    let items = of_user.flat_map(|talk| &talk.parts).filter(says).flat_map(|fields| &fields.items);
    items.into_iter().find(|item| item.name == "sub").map(|item| item.value.clone()).unwrap_or_default()
}

fn whole(flow: &Flow, user: &str) -> Talk {
    let mut items = vec![Item::text("grant", flow.grant.key()), Item::text("outcome", flow.outcome().word())];
    items.extend(servers(flow).first().map(|server| {
        let server = Item::text("server", server.clone());
        Item { nature: Nature::Server, is_mild: true, ..server }
    }));
    if !user.is_empty() {
        items.push(Item { nature: Nature::User, is_mild: true, ..Item::text("user", user) });
    }
    items.extend(flow.left_open().iter().map(|(what, why)| {
        // What a recording cannot know says nothing of the run.
        Item { is_mild: why == NOT_RECORDED, ..Item::text("left open", format!("{what}: {why}")) }
    }));
    let parts = vec![Fields { part: Part::Run, about: String::new(), items }];
    Talk { slug: WHOLE.to_owned(), name: "the run".to_owned(), at: 0, ended: 0, parts }
}

/// Verdicts. What was seen is compared where it stands.
fn checks(exchange: &Exchange, hide: &Redactor) -> Fields {
    let one = |check: &Check| {
        let is_broken = check.verdict <= Verdict::Warn;
        let value = match is_broken {
            true => format!("{}: {}", check.verdict.word(), hide.text(&check.seen())),
            false => check.verdict.word().to_owned(),
        };
        let item = Item { form: Some(check.verdict.word()), is_mild: !is_broken, ..Item::text(check.rule.id, value) };
        Item { nature: Nature::Verdict, ..item }
    };
    Fields { part: Part::Checks, about: String::new(), items: exchange.checks.iter().map(one).collect() }
}

fn times(exchange: &Exchange, waits: usize) -> Fields {
    let time = |name, value: String| Item { nature: Nature::Time, ..Item::text(name, value) };
    let items = vec![
        time("sent_at", exchange.sent_at.to_utc_millis()),
        time("took", spoken(exchange.took)),
        time("told to wait", waits.to_string()),
    ];
    Fields { part: Part::Times, about: String::new(), items }
}

fn servers(flow: &Flow) -> Vec<String> {
    let issuer = flow.session.issuer(&flow.settings).unwrap_or_default();
    let Ok(url) = Url::parse(issuer) else { return Vec::new() };
    vec![issuer.trim_end_matches('/').to_owned(), url.origin().ascii_serialization()]
}

/// The name of the preset whose server is inside of this program.
const PRACTICE: &str = "Practice server";

fn ports(flow: &Flow, preset: Option<&str>) -> Ports {
    let is_local = Url::parse(&flow.settings.server.issuer).is_ok_and(|issuer| is_loopback(&issuer));
    if preset == Some(PRACTICE) && is_local {
        return Ports::All;
    }
    let mut ports = HashSet::new();
    for exchange in &flow.trace.exchanges {
        let settings = &exchange.settings.client;
        for (planned, sent) in [
            (&settings.redirect_uri, sent_uri(exchange, "redirect_uri")),
            (&settings.post_logout_redirect_uri, sent_uri(exchange, "post_logout_redirect_uri")),
        ] {
            let is_any = Url::parse(planned).is_ok_and(|planned| is_loopback(&planned) && planned.port() == Some(0));
            ports.extend(sent.filter(|_| is_any).and_then(|sent| sent.port()).map(|port| port.to_string()));
        }
    }
    Ports::These(ports.into_iter().collect())
}

fn sent_uri(exchange: &Exchange, name: &str) -> Option<Url> {
    let query = exchange.request.query();
    let sent = query.get(name).map(str::to_owned).or_else(|| exchange.request.form()?.get(name).map(str::to_owned));
    Url::parse(&sent?).ok()
}
