//! The one thing to say of a run when it has ended: what is wrong, what shows it, and what to do next.
//!
//! There is at most one. What must not be used comes before what a server refused afterwards, what stopped the run before
//! a rule that is broken beside it, and of several broken rules the earliest is told.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use crate::base::check::{Check, Verdict};
use crate::base::text::{capitalised, elided_between_words};
use crate::base::typed::typed;
use crate::client::settings::FIELDS;
use crate::terms::metadata::Endpoint;

use super::cure::{self, Cure};
use super::difference::{SENTENCE_LIMIT, VALUE_LIMIT, difference};
use super::stage::{Missing, Stage, rejecting};
use super::trace::{Carried, Exchange};
use super::{Flow, Next, Problem, ProblemKind};

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// The messages show it.
    Certain,
    /// One step is inferred.
    Likely,
    /// The messages show that something is wrong and not what.
    NotProvable,
}

impl Certainty {
    /// The word in the JSON result: `not_provable`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Certain => "certain",
            Self::Likely => "likely",
            Self::NotProvable => "not_provable",
        }
    }
}

impl Certainty {
    /// What stands before a sentence that is not certain.
    pub const fn before(self) -> &'static str {
        match self {
            Self::Certain => "",
            Self::Likely => "Likely: ",
            Self::NotProvable => "Not provable from this recording: ",
        }
    }

    /// By the word in the JSON result.
    pub fn find(word: &str) -> Option<Self> {
        [Self::Certain, Self::Likely, Self::NotProvable].into_iter().find(|certainty| certainty.word() == word)
    }
}

/// A place in a message that a finding is told from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Index of the exchange, where it is one of the run's.
    pub exchange: Option<usize>,
    /// `response.header.set-cookie`
    pub place: String,
    /// What stands there, where it is no credential.
    pub value: Option<String>,
}

impl Shown {
    /// All of them in a line: `response.status: 400; request.query.redirect_uri`.
    pub fn in_words(all: &[Self]) -> String {
        let value = |shown: &Self| shown.value.as_ref().map(|value| format!(": {value}")).unwrap_or_default();
        let each: Vec<String> = all.iter().map(|shown| format!("{}{}", shown.place, value(shown))).collect();
        each.join("; ")
    }
}

/// What is most wrong with a run. None of its texts is free of secrets before a redactor has seen it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is: Fail, or Warn where nothing is worse.
    pub verdict: Verdict,
    /// The broken rule, where it is one.
    pub rule: Option<Cow<'static, str>>,
    /// How sure it is.
    pub certainty: Certainty,
    /// The stage it is about.
    pub stage: Stage,
    /// Index of the exchange that shows it.
    pub exchange: Option<usize>,
    /// One sentence, without a full stop: `Tokens came. Do not use them: aud is someone-else, expected practice-web`.
    pub say: String,
    /// What shows it.
    pub evidence: String,
    /// The same place by place, where a login of others was taken apart.
    pub shown: Vec<Shown>,
    /// The step to take first.
    pub next: String,
    /// The settings that may mend it, the likeliest first.
    pub cures: Vec<Cure>,
}

impl Finding {
    /// As it is pasted into an issue, in Markdown. A redactor has to see it before.
    pub fn to_markdown(&self, flow: &Flow) -> String {
        let rule = self.rule.as_ref().map(|rule| format!(", rule `{rule}`")).unwrap_or_default();
        let option = self.option().map(|option| format!("\n- Option: `{option}`")).unwrap_or_default();
        format!(
            "**{}.**\n\n- Stage: {}{rule}\n- Evidence: {}\n- Next: {}{option}\n- Run: {} at {}, Grantscope {}\n",
            self.sentence().trim_end_matches('.'),
            self.stage.name(),
            self.evidence,
            self.next,
            flow.grant.title(),
            flow.settings.server.issuer,
            env!("CARGO_PKG_VERSION"),
        )
    }

    /// What is wrong, and that it is not certain where it is not.
    pub fn sentence(&self) -> String {
        format!("{}{}", self.certainty.before(), self.say)
    }

    /// The same with every text changed, as by a redactor.
    pub fn map_texts(&self, change: impl Fn(&str) -> String) -> Self {
        let Self { say, evidence, next, cures, shown, .. } = self;
        let value = |shown: &Shown| shown.value.as_deref().map(&change);
        let shown = shown.iter().map(|shown| Shown { value: value(shown), ..shown.clone() }).collect();
        let also = |cure: &Cure| cure.also.iter().map(|(setting, value)| (*setting, change(value))).collect();
        let cures =
            cures.iter().map(|cure| Cure { value: change(&cure.value), also: also(cure), ..cure.clone() }).collect();
        Self { say: change(say), evidence: change(evidence), next: change(next), cures, shown, ..self.clone() }
    }

    /// The first of the settings that may mend it, as it is typed on the command line.
    pub fn option(&self) -> Option<String> {
        self.cures.first().map(Cure::option)
    }
}

/// The finding of a run that wants this next. `left_open` is what it did not do or could not judge. What is wrong with a
/// login of others was said when it was taken apart: its pages and cookies are not in the run.
pub fn finding(flow: &Flow, next: &Next, left_open: &[(String, String)]) -> Option<Finding> {
    if flow.found.is_some() || flow.trace.is_overheard() {
        return flow.found.as_deref().cloned();
    }
    let of_problem = || if let Next::Stopped(problem) = next { Some(stopped(flow, problem)) } else { None };
    let of_missing = || if let Next::Missing(missing) = next { Some(lacks(flow, missing)) } else { None };
    went_on(flow)
        .or_else(of_problem)
        .or_else(of_missing)
        .or_else(|| broken(flow, Verdict::Fail))
        .or_else(|| left_open.first().map(|open| open_end(flow, open)))
        .or_else(|| broken(flow, Verdict::Warn))
        .or_else(|| mended(flow))
}

/// Exchanges that are history: the same was tried once more, with other settings or after it had stopped the run. Of polls
/// and of the addresses of a document each counts.
fn tried_anew(flow: &Flow) -> HashSet<usize> {
    let exchanges = &flow.trace.exchanges;
    let mut newest: HashMap<usize, &Exchange> = HashMap::new();
    let mut history = HashSet::new();
    for (at, exchange) in exchanges.iter().enumerate().rev() {
        let has_stopped = exchange.is_turned_down() || exchange.is_refused_on_the_way_back();
        let is_anew = |later: &&Exchange| has_stopped || later.settings != exchange.settings;
        if !exchange.stage.is_discovery() && newest.get(&exchange.position).filter(|later| is_anew(later)).is_some() {
            history.insert(at);
        }
        newest.entry(exchange.position).or_insert(exchange);
    }
    history
}

/// A rule that was broken by what was tried before the run came to its end: it may be read there, and stops nothing.
fn mended(flow: &Flow) -> Option<Finding> {
    let history = tried_anew(flow);
    let checks = flow.trace.checks_at().into_iter();
    let (at, check) =
        checks.filter(|(_, check)| check.verdict == Verdict::Fail).find(|(at, _)| history.contains(at))?;
    let (stage, difference) = (stage_of(flow, at, check).name(), difference(check));
    let say = format!("The run went through. A try of {stage} before that was not as it must be: {difference}");
    let found = of_check(flow, at, check, say);
    Some(Finding { verdict: Verdict::Warn, rule: None, next: MENDED.to_owned(), cures: Vec::new(), ..found })
}

const MENDED: &str = "Keep the settings of the last try; what was tried before stays in the messages of this run";

/// What must not be used and was used all the same.
fn went_on(flow: &Flow) -> Option<Finding> {
    let exchanges = flow.trace.exchanges.iter().enumerate();
    let passed = |at: usize| flow.trace.went_on.iter().any(|left| left.position == at && left.rule.is_some());
    let mut rejected = exchanges.filter(|(_, exchange)| passed(exchange.position));
    rejected.find_map(|(at, exchange)| rejecting(&exchange.checks).map(|check| refused(flow, at, check)))
}

fn stopped(flow: &Flow, problem: &Problem) -> Finding {
    let newest = flow.trace.exchanges.iter().enumerate().rev().find(|(_, exchange)| exchange.stage == problem.stage);
    let here = newest.filter(|_| !problem.is_unsent());
    if let (ProblemKind::Unsafe, Some((at, exchange))) = (&problem.kind, here)
        && let Some(check) = rejecting(&exchange.checks)
    {
        let next = problem.advice.first().cloned();
        let finding = refused(flow, at, check);
        let evidence = format!("{}. {}", finding.evidence, problem.title);
        let next = next.unwrap_or(finding.next);
        return Finding { evidence, next, cures: cure::of_problem(flow, problem), ..finding };
    }
    let evidence = match problem.sent.as_str() {
        "" => problem.came.clone(),
        sent => format!("sent: {sent}; came: {}", problem.came),
    };
    Finding {
        verdict: Verdict::Fail,
        rule: problem.rule.or_else(|| here.and_then(|(_, exchange)| of_request(exchange))).map(Cow::Borrowed),
        certainty: Certainty::Certain,
        stage: problem.stage,
        exchange: here.map(|(at, _)| at),
        say: said(problem),
        evidence,
        next: problem.advice.first().cloned().unwrap_or_default(),
        shown: Vec::new(),
        cures: cure::of_problem(flow, problem),
    }
}

/// The title of a stop, and what came where that is short: it is what people search for.
fn said(problem: &Problem) -> String {
    match &problem.kind {
        ProblemKind::Refused(error) => match error.error_description.as_deref().unwrap_or_default().trim() {
            "" => problem.title.clone(),
            words => format!("{}, \"{}\"", problem.title, elided_between_words(words, VALUE_LIMIT)),
        },
        _ => format!("{}: {}", problem.title, elided_between_words(&problem.came, SENTENCE_LIMIT)),
    }
}

/// A rule that the request itself broke: the answer is what comes of it.
fn of_request(exchange: &Exchange) -> Option<&'static str> {
    let is_of_request = |check: &&Check| check.verdict == Verdict::Fail && check.is_of_request();
    exchange.checks.iter().find(is_of_request).map(|check| check.rule.id)
}

fn lacks(flow: &Flow, missing: &Missing) -> Finding {
    let (stage, field) = (missing.stage.name(), missing.field);
    let is_typed = FIELDS.iter().any(|it| it.name == field) || Endpoint::find(field).is_some();
    Finding {
        verdict: Verdict::Fail,
        rule: None,
        certainty: Certainty::Certain,
        stage: missing.stage,
        exchange: None,
        say: match missing.is_filled_in {
            true => format!("{stage} cannot use {field}"),
            false => format!("{stage} needs {field}"),
        },
        evidence: missing.hint.clone(),
        next: match is_typed {
            _ if is_not_given(flow, missing) && !flow.grant.has_user() => NO_USER.to_owned(),
            _ if is_not_given(flow, missing) => NO_REFRESH_TOKEN.to_owned(),
            true if missing.is_filled_in => typed("Correct it.", &format!("--set {field}=...")),
            true => typed("Fill it in.", &format!("--set {field}=...")),
            false => format!("It is not typed: look why no answer of this run has brought {field}"),
        },
        shown: Vec::new(),
        cures: cure::of_missing(flow, missing).into_iter().collect(),
    }
}

const NO_REFRESH_TOKEN: &str = "The server gave no refresh token: ask for offline_access where it knows that scope, and look \
                                whether the registration of this client allows refreshing";

const NO_USER: &str = "Leave the refresh out: nobody signs in with this grant, so that a client asks for a new access token \
                       as it asked for the first (RFC 6749 section 4.4.3)";

/// Whether the login brought tokens, and not the one that is missing.
fn is_not_given(flow: &Flow, missing: &Missing) -> bool {
    missing.field == "refresh_token" && !missing.is_filled_in && !flow.session.tokens.is_empty()
}

/// What came must not be used.
fn refused(flow: &Flow, at: usize, check: &Check) -> Finding {
    let came = what_came(stage_of(flow, at, check), check);
    of_check(flow, at, check, format!("{came}: {}", difference(check)))
}

/// Rules of metadata of a server or an API, by the beginning of their names.
const OF_METADATA: [&str; 2] = ["metadata.", "prm."];

fn what_came(stage: Stage, check: &Check) -> &'static str {
    // Signed metadata are judged when the keys are there.
    let is_of_metadata = OF_METADATA.iter().any(|message| check.rule.id.starts_with(message));
    match stage {
        _ if stage.is_discovery() || is_of_metadata => "Metadata came. Do not use them",
        Stage::Authorization if !check.rule.id.starts_with("id_token.") => "A response came. Do not use it",
        Stage::Authorization => "An ID token came. Do not use it",
        Stage::UserInfo | Stage::Claims => "Claims came. Do not use them",
        Stage::Token | Stage::Refresh | Stage::Exchange | Stage::IdJag | Stage::Jwks => "Tokens came. Do not use them",
        _ => "An answer came. Do not use it",
    }
}

/// The earliest rule with this verdict; of the milder ones that which the documents ask for most strictly.
fn broken(flow: &Flow, verdict: Verdict) -> Option<Finding> {
    let history = tried_anew(flow);
    let of_last_try = |(at, check): &(usize, &Check)| check.verdict == verdict && !history.contains(at);
    let checks = flow.trace.checks_at().into_iter().filter(of_last_try);
    let (at, check) = checks.min_by_key(|(_, check)| check.rule.level as u8)?;
    let (stage, difference) = (stage_of(flow, at, check).name(), difference(check));
    let what = match (check.is_of_client(), verdict) {
        (true, Verdict::Fail) => format!("{stage} is not as it must be"),
        (true, _) => format!("{stage} is not as it should be"),
        (false, Verdict::Fail) => format!("What came of {stage} is not as it must be"),
        (false, _) => format!("What came of {stage} is not as it should be"),
    };
    Some(of_check(flow, at, check, format!("{}: {difference}", capitalised(&what))))
}

/// The stage that a check of an exchange is about: what had to wait for the keys came before them.
fn stage_of(flow: &Flow, at: usize, check: &Check) -> Stage {
    let carrier = Carried::of(&flow.trace).carrier(at, check);
    flow.trace.exchanges.get(carrier).map_or(Stage::Token, |exchange| exchange.stage)
}

fn of_check(flow: &Flow, at: usize, check: &Check, say: String) -> Finding {
    let of_form = flow.trace.exchanges.get(at).filter(|exchange| cure::is_form(exchange, check));
    let cure = of_form.and_then(|exchange| cure::of_form(exchange));
    Finding {
        verdict: check.verdict,
        rule: Some(Cow::Borrowed(check.rule.id)),
        certainty: Certainty::Certain,
        stage: stage_of(flow, at, check),
        exchange: Some(at),
        say,
        evidence: format!("{}: {} ({} {})", check.rule.id, check.seen(), check.rule.level.word(), check.rule.spec),
        next: match (of_form, &cure) {
            (Some(_), Some(_)) => ASK_FOR_JSON.to_owned(),
            (Some(_), None) => READ_AS_FORM.to_owned(),
            (None, _) => check.rule.fix.to_owned(),
        },
        shown: Vec::new(),
        cures: cure.into_iter().collect(),
    }
}

const ASK_FOR_JSON: &str = "The tokens came as a form, which some servers send unless they are asked for JSON: ask for it in \
                            the header field Accept";

const READ_AS_FORM: &str = "The tokens came as a form although Accept asks for JSON, and were read as one: have the client read \
                            forms, too, or the server send one JSON object (RFC 6749 section 5.1)";

/// What is pushed, the settings say.
const PUSH_FIRST: &str = "Have the request pushed: switch require_pushed_authorization_requests on, and run again";

/// What a run that ended well did not do.
fn open_end(flow: &Flow, (what, why): &(String, String)) -> Finding {
    let stages = flow.stages().iter().copied();
    let stage = stages.rev().find(|stage| what.starts_with(stage.name())).unwrap_or(Stage::Token);
    let lacking = stage.descriptor().after.filter(|after| !flow.stages().contains(after));
    let next = match lacking {
        Some(Stage::PushedAuthorization) if flow.grant.has_authorization_request() => PUSH_FIRST.to_owned(),
        Some(after) if after.descriptor().then.is_some() => {
            let (before, slugs) = (after.name(), [after.slug(), stage.slug()].join(","));
            typed(&format!("Let it come after {before}."), &format!("--then {slugs}"))
        }
        _ => "Do not take this run for a proof of it: mend the reason and run again.".to_owned(),
    };
    let lacks_refresh_token = stage == Stage::Refresh
        && flow.session.metadata.as_ref().is_some_and(|it| !it.leaves_out("scopes_supported", "offline_access"));
    Finding {
        verdict: Verdict::Warn,
        rule: None,
        certainty: Certainty::Certain,
        stage,
        exchange: None,
        say: what.clone(),
        evidence: why.clone(),
        next,
        shown: Vec::new(),
        cures: lacks_refresh_token.then(|| cure::more_scope(flow, "offline_access")).flatten().into_iter().collect(),
    }
}
