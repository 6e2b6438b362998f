//! What happened on a side of a lesson as arrows between those who take part, the attacker and the second server among
//! them.

use std::borrow::Cow;

use super::play::Played;
use super::{Deed, SECOND_ISSUER, What};
use crate::base::text::visible;
use crate::flow::ladder::{Fate, Message, Rung, opened, request_label, rungs};
use crate::flow::stage::{Lane, Stage, json_of};
use crate::flow::trace::{Answer, Exchange};

/// Who takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Party {
    /// The user.
    User,
    /// The user's browser.
    Browser,
    /// The app.
    App,
    /// Somebody who wants what is not his.
    Attacker,
    /// The authorization server.
    Server,
    /// The second one.
    Second,
    /// The API.
    Api,
}

impl Party {
    /// All of them, from left to right.
    pub const ALL: [Self; 7] =
        [Self::User, Self::Browser, Self::App, Self::Attacker, Self::Server, Self::Second, Self::Api];

    /// What stands above it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Browser => "Browser",
            Self::App => "App",
            Self::Attacker => "Attacker",
            Self::Server => "Authorization server",
            Self::Second => "Second server",
            Self::Api => "API",
        }
    }

    const fn of(lane: Lane, is_second: bool) -> Self {
        match lane {
            Lane::You => Self::User,
            Lane::Browser => Self::Browser,
            Lane::Client | Lane::App | Lane::BackEnd => Self::App,
            Lane::Server if is_second => Self::Second,
            Lane::ResourceServer => Self::Second,
            Lane::Server => Self::Server,
            Lane::Api => Self::Api,
        }
    }
}

/// Which message an arrow is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Of {
    /// An exchange of the app, by its index.
    App(usize),
    /// A message of the attacker, by its index.
    Attacker(usize),
    /// Something between: nothing of it is in a trace.
    Deed,
}

/// An arrow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrow {
    /// In which step it came, counted from 0.
    pub step: usize,
    /// Which message it is.
    pub of: Of,
    /// From whom.
    pub from: Party,
    /// To whom.
    pub to: Party,
    /// What it carries, without credentials.
    pub label: String,
    /// Whether it travels through a browser.
    pub is_front: bool,
    /// Whether the attacker sends it or gets it.
    pub is_attack: bool,
    /// Whether it went wrong: for the app a refusal or a broken rule, of the attacker what he got.
    pub is_bad: bool,
}

/// All arrows of a side, in order.
pub fn arrows(played: &Played) -> Vec<Arrow> {
    arrows_with(played, |label| label.into())
}

/// The same with what `shown` puts in the place of a credential in a label.
pub fn arrows_with(played: &Played, shown: impl Fn(&str) -> Cow<'_, str>) -> Vec<Arrow> {
    // What it leaves is hidden all the same.
    let hide = |label: String| visible(&played.hide.text(&shown(&label))).into_owned();
    let all = rungs(&played.flow, false);
    let (mut drawn, mut ahead): (Vec<Arrow>, Vec<Deed>) = (Vec::new(), Vec::new());
    let mut refuses = false;
    for (at, happened) in played.happened.iter().enumerate() {
        let next = played.happened.get(at + 1);
        let deed = match &happened.what {
            Some(What::Deed(deed)) => Some(deed),
            _ => None,
        };
        refuses |= deed == Some(&Deed::UserRefuses);
        ahead.extend(deed.filter(|deed| deed.is_ahead()).cloned());
        let app_end = next.map_or(played.flow.trace.exchanges.len(), |next| next.app);
        for index in happened.app..app_end {
            let of_exchange = all.iter().filter(|rung| rung.exchange == index);
            let changes = match played.flow.trace.exchanges[index].stage {
                Stage::Authorization => std::mem::take(&mut ahead),
                _ => Vec::new(),
            };
            for rung in of_exchange {
                let label = if refuses { refusing(&rung.label) } else { rung.label.clone() };
                let rung = Rung { label, ..rung.clone() };
                let arrows = of_app(played, &rung, &changes);
                drawn.extend(arrows.into_iter().map(|arrow| Arrow { step: happened.step, ..arrow }));
            }
        }
        let attacker_end = next.map_or(played.attacker.trace.exchanges.len(), |next| next.attacker);
        for index in happened.attacker..attacker_end {
            let exchange = &played.attacker.trace.exchanges[index];
            let begins = if deed == Some(&Deed::AttackerSignsIn) { Party::Attacker } else { Party::Browser };
            let arrows = of_attacker(exchange, index, begins);
            drawn.extend(arrows.into_iter().map(|arrow| Arrow { step: happened.step, ..arrow }));
        }
        let is_second = played.flow.settings.server.issuer == SECOND_ISSUER;
        drawn.extend(deed.and_then(|deed| silent(deed, is_second)).map(|arrow| Arrow { step: happened.step, ..arrow }));
    }
    drawn.into_iter().map(|arrow| Arrow { label: hide(arrow.label), ..arrow }).collect()
}

/// What a user does who says no where a page asks.
fn refusing(label: &str) -> String {
    match label.starts_with("you ") {
        true => label.replace("approve", "refuse").replace("consent", "refuse"),
        false => label.to_owned(),
    }
}

/// Those who take part, from left to right.
pub fn parties(arrows: &[Arrow]) -> Vec<Party> {
    let takes_part = |party: &Party| arrows.iter().any(|arrow| arrow.from == *party || arrow.to == *party);
    Party::ALL.into_iter().filter(takes_part).collect()
}

/// An arrow of the app's run, with what others do to it.
fn of_app(played: &Played, rung: &Rung, changes: &[Deed]) -> Vec<Arrow> {
    let exchange = &played.flow.trace.exchanges[rung.exchange];
    let is_second = exchange.request.url.as_str().starts_with(SECOND_ISSUER);
    let arrow = Arrow {
        step: 0,
        of: Of::App(rung.exchange),
        from: Party::of(rung.from, is_second),
        to: Party::of(rung.to, is_second),
        label: rung.label.strip_prefix("you ").unwrap_or(&rung.label).to_owned(),
        is_front: rung.is_front,
        is_attack: false,
        is_bad: rung.fate == Fate::Failed,
    };
    let deed = |from: Party, to: Party, label: &str| between(from, to, label, true);
    let does = |wanted: &Deed| changes.contains(wanted);
    let is_request = rung.message == Message::Request && rung.to == Lane::Server;
    if does(&Deed::SecondSendsOn) {
        return match rung.message {
            Message::Request if is_request => vec![
                arrow,
                deed(Party::Second, Party::Browser, "303 to the first server"),
                deed(Party::Browser, Party::Server, "GET /authorize"),
            ],
            Message::Answer | Message::Between => {
                let swap = |party: Party| if party == Party::Second { Party::Server } else { party };
                vec![Arrow { from: swap(arrow.from), to: swap(arrow.to), ..arrow }]
            }
            _ => vec![arrow],
        };
    }
    if is_request && exchange.checks.iter().any(|check| check.rule.id.starts_with("cimd.")) {
        let fetches = between(arrow.to, Party::App, "GET the app's document", false);
        return vec![arrow, fetches];
    }
    if rung.message != Message::Answer {
        // Whoever opens a response does not sign in.
        let is_skipped = does(&Deed::UserOpensLink) && (is_request || rung.message == Message::Between);
        // What went wrong came after it.
        let is_bad = arrow.is_bad && !does(&Deed::AttackerCatches);
        return if is_skipped { Vec::new() } else { vec![Arrow { is_bad, ..arrow }] };
    }
    match changes.last() {
        Some(Deed::UserOpensLink) => vec![
            deed(Party::Attacker, Party::Browser, "a link: the kept response"),
            Arrow { from: Party::Browser, ..arrow },
        ],
        Some(Deed::AttackerCatches) => {
            let label = caught(played).unwrap_or_else(|| "redirect  code=…".to_owned());
            vec![Arrow { to: Party::Attacker, label, is_attack: true, is_bad: true, ..arrow }]
        }
        Some(Deed::AttackerReads) => {
            vec![arrow, Arrow { is_bad: true, ..deed(Party::Browser, Party::Attacker, "reads the response") }]
        }
        Some(Deed::AttackerSwapsCode) => {
            vec![Arrow { is_bad: true, ..deed(Party::Attacker, Party::Browser, "the stolen code") }, arrow]
        }
        _ => vec![arrow],
    }
}

/// An arrow of which nothing is in a trace.
fn between(from: Party, to: Party, label: &str, is_front: bool) -> Arrow {
    let is_attack = from == Party::Attacker || to == Party::Attacker;
    Arrow { step: 0, of: Of::Deed, from, to, label: label.to_owned(), is_front, is_attack, is_bad: false }
}

/// What comes to the attacker without a message of his own.
fn silent(deed: &Deed, is_second: bool) -> Option<Arrow> {
    let to_attacker =
        |from: Party, label: &str| Some(Arrow { is_bad: true, ..between(from, Party::Attacker, label, false) });
    match deed {
        Deed::AttackerReadsTokens => to_attacker(Party::App, "reads the tokens"),
        Deed::AttackerReadsRequest if is_second => to_attacker(Party::Second, "reads the token request"),
        Deed::AttackerReadsRequest => to_attacker(Party::Server, "reads the token request"),
        _ => None,
    }
}

/// What was in the response that did not arrive: the attacker uses it.
fn caught(played: &Played) -> Option<String> {
    let used = played.attacker.trace.exchanges.iter().find(|exchange| exchange.stage == Stage::Token)?;
    let code = used.request.form()?.get("code")?.to_owned();
    Some(format!("redirect  code={code}"))
}

fn of_attacker(exchange: &Exchange, index: usize, begins: Party) -> Vec<Arrow> {
    let arrow = |from: Party, to: Party, label: String, is_front: bool| Arrow {
        step: 0,
        of: Of::Attacker(index),
        from,
        to,
        label,
        is_front,
        is_attack: true,
        is_bad: false,
    };
    if exchange.stage == Stage::Authorization {
        let got = match &exchange.answer {
            Answer::Callback(callback) => {
                let names: Vec<String> =
                    callback.params.iter().map(|(name, _)| format!("{}=…", visible(name))).collect();
                arrow(Party::Server, Party::Attacker, format!("redirect  {}", names.join("&")), true)
            }
            Answer::Response(response) => {
                arrow(Party::Server, Party::Browser, format!("{} a page that says no", response.status), true)
            }
            _ => arrow(Party::Server, Party::Attacker, "no answer".to_owned(), true),
        };
        let is_bad = matches!(exchange.answer, Answer::Callback(_));
        return vec![arrow(begins, Party::Server, opened(&exchange.request), true), Arrow { is_bad, ..got }];
    }
    let to = if exchange.stage == Stage::Resource { Party::Api } else { Party::Server };
    let got = exchange.response().map_or_else(|| "no answer".to_owned(), |_| answered(exchange));
    let is_bad = exchange.response().is_some_and(|response| response.is_success());
    vec![
        arrow(Party::Attacker, to, request_label(exchange.stage, &exchange.request), false),
        Arrow { is_bad, ..arrow(to, Party::Attacker, got, false) },
    ]
}

/// An answer in a few words: `400 invalid_grant`, `200 tokens`, `200 data of alice`.
pub fn answered(exchange: &Exchange) -> String {
    let Some(response) = exchange.response() else { return "no answer".to_owned() };
    let json = json_of(response);
    let text = |name: &str| json.as_ref().and_then(|json| json.text(name)).map(|text| visible(text).into_owned());
    let words = match (text("error"), text("access_token"), text("sub")) {
        (Some(error), ..) => error,
        (None, Some(_), _) => "tokens".to_owned(),
        (None, None, Some(sub)) => format!("data of {sub}"),
        _ => response.headers.content_type().unwrap_or_default(),
    };
    format!("{} {words}", response.status)
}
