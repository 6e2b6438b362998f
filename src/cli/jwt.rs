//! `jwt`: a token taken apart, with three verdicts that stay apart: format, signature, claims.

use std::time::Duration;

use url::Url;

use super::args::VerifyArgs;
use super::json::{self, checks, object, optional, text};
use super::story::broken;
use super::terminal::{Paint, Terminal};
use super::{Exit, Usage, typed};
use crate::base::check::{Check, Tally, Verdict};
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::time::{Timestamp, spoken};
use crate::client::endpoint::jwks;
use crate::flow::world::World as _;
use crate::flow::{Action, Event};
use crate::io::clock;
use crate::io::machine::{Machine, UserAgent};
use crate::jose::claims::{numeric_date, time_claims};
use crate::jose::jwk::{Jwk, JwkSet};
use crate::jose::jwt::{Decoded, Form};
use crate::jose::verify::{SignatureReport, verify as try_keys};
use crate::terms::glossary::{self, Entry};

/// Claims that hold a time.
const TIMES: [&str; 5] = ["iat", "nbf", "exp", "auth_time", "updated_at"];

/// Shows a token. Exit code 1 only when it is none.
pub(super) fn decode(token: &str, as_json: bool) -> Result<Exit, Usage> {
    let verdicts = Verdicts::of(&typed::text(token)?, None);
    verdicts.tell();
    json::print(&verdicts.to_json(), as_json);
    let has_failed = Tally::of(&verdicts.token.findings).count(Verdict::Fail) > 0;
    let is_sound = verdicts.token.form != Form::Opaque && !has_failed;
    Ok(if is_sound { Exit::Success } else { Exit::Failure })
}

/// Shows and judges a token.
pub(super) fn verify(args: &VerifyArgs, as_json: bool) -> Result<Exit, Usage> {
    if args.token == "-" && args.secret_stdin {
        return Err(Usage("standard input can hold the token or the secret, not both".to_owned()));
    }
    let token = typed::text(&args.token)?;
    let keys = keys(args)?;
    let verdicts = Verdicts::of(&token, Some(&keys));
    verdicts.tell();
    json::print(&verdicts.to_json(), as_json);
    Ok(if verdicts.all_hold() { Exit::Success } else { Exit::Failure })
}

fn keys(args: &VerifyArgs) -> Result<Vec<Jwk>, Usage> {
    let mut keys = Vec::new();
    if let Some(from) = &args.jwks {
        let source = match Url::parse(from) {
            Ok(url) if matches!(url.scheme(), "http" | "https") => fetched(&url)?,
            _ => typed::file(from.as_ref())?,
        };
        keys.extend(key_set(from, &source)?);
    }
    if let Some(path) = &args.key {
        let source = typed::file(path)?;
        let name = path.display().to_string();
        if source.trim_start().starts_with('{') {
            keys.extend(key_set(&name, &source)?);
        } else {
            keys.push(Jwk::from_pem(&source).map_err(|error| Usage(format!("{name}: {error}")))?);
        }
    }
    if args.secret_stdin {
        keys.push(Jwk::from_secret(&Secret::new(typed::stdin()?)));
    }
    Ok(keys)
}

fn key_set(name: &str, source: &str) -> Result<Vec<Jwk>, Usage> {
    JwkSet::from_text(source).map(|set| set.keys).map_err(|error| Usage(format!("{name}: {error}")))
}

fn fetched(url: &Url) -> Result<String, Usage> {
    let mut machine =
        Machine::new(UserAgent::Reader, Duration::ZERO, |_| {}).map_err(|error| Usage(error.to_string()))?;
    match machine.perform(&Action::Send(jwks::request(url.clone())), &mut |_| {}) {
        Event::Answered { response, .. } if response.is_success() => Ok(response.text().into_owned()),
        Event::Answered { response, .. } => Err(Usage(format!("{url} answered {}", response.status))),
        Event::Failed { error, .. } => Err(Usage(error.to_string())),
        _ => Err(Usage(format!("{url} was not answered"))),
    }
}

/// What came of a token.
struct Verdicts {
    token: Decoded,
    /// `None` when no key was tried.
    signature: Option<SignatureReport>,
    claims: Vec<Check>,
    now: Timestamp,
}

impl Verdicts {
    fn of(token: &str, keys: Option<&[Jwk]>) -> Self {
        let now = clock::now();
        let token = crate::jose::jwt::decode(token);
        let claims = time_claims(&token, now);
        let signature = keys.map(|keys| try_keys(&token, keys));
        Self { token, signature, claims, now }
    }

    fn all_hold(&self) -> bool {
        let signature = self.signature.iter().flat_map(|report| &report.findings);
        let tally = Tally::of(self.token.findings.iter().chain(signature).chain(&self.claims));
        let is_verified = self.signature.as_ref().is_some_and(|report| report.verified().is_some());
        is_verified && tally.count(Verdict::Fail) == 0
    }

    fn to_json(&self) -> Json {
        object([
            ("form", text(form(self.token.form))),
            ("format", verdict(&self.token.findings)),
            ("signature", self.signature_json()),
            ("claims", verdict(&self.claims)),
            ("header", self.token.header.clone().unwrap_or(Json::Null)),
            ("payload", self.token.claims.clone().unwrap_or(Json::Null)),
            ("times", Json::Object(self.times().map(|(name, at)| (name.to_owned(), of_time(at))).collect())),
        ])
    }

    fn signature_json(&self) -> Json {
        let Some(report) = &self.signature else {
            return object([("verdict", text("not verified")), ("checks", Json::Array(Vec::new()))]);
        };
        let attempt = |attempt: &crate::jose::verify::Attempt| {
            object([
                ("key", text(attempt.key.clone())),
                ("thumbprint", optional(attempt.thumbprint.clone())),
                ("error", optional(attempt.outcome.as_ref().err().map(ToString::to_string))),
            ])
        };
        object([
            ("verdict", text(if report.verified().is_some() { "pass" } else { "fail" })),
            ("key", optional(report.verified().map(|attempt| attempt.key.clone()))),
            ("tried", Json::Array(report.attempts.iter().map(attempt).collect())),
            ("checks", checks(&report.findings)),
        ])
    }

    fn times(&self) -> impl Iterator<Item = (&'static str, Timestamp)> {
        TIMES.into_iter().filter_map(|name| Some((name, numeric_date(self.token.claim(name)?).ok()?)))
    }

    fn tell(&self) {
        let mut terminal = Terminal::stderr();
        let title = terminal.paint(Paint::Strong, form(self.token.form));
        terminal.line(&title);
        self.tell_members(&mut terminal, "Header", self.token.header.as_ref(), glossary::header);
        self.tell_members(&mut terminal, "Claims", self.token.claims.as_ref(), glossary::claim);
        terminal.line("");
        tell_verdict(&mut terminal, "Format", &self.token.findings);
        match &self.signature {
            None => {
                let words = terminal.paint(Paint::Caution, "not verified");
                terminal.line(&format!("Signature  {words}: anyone can write such a token; judge it with jwt verify"));
            }
            Some(report) => tell_verdict(&mut terminal, "Signature", &report.findings),
        }
        tell_verdict(&mut terminal, "Claims", &self.claims);
    }

    fn tell_members(
        &self,
        terminal: &mut Terminal,
        title: &str,
        json: Option<&Json>,
        meaning: fn(&str) -> Option<&'static Entry>,
    ) {
        let Some(json) = json else { return };
        terminal.line("");
        let title = terminal.paint(Paint::Strong, title);
        terminal.line(&title);
        for (name, value) in json.members() {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            terminal.pair(name, &shown);
            if let Some((_, at)) = self.times().find(|(time, _)| time == name) {
                terminal.pair("", &self.spoken_time(at));
            }
            if let Some(entry) = meaning(name) {
                let line = format!("      {} ({})", entry.meaning, entry.citation());
                let line = terminal.paint(Paint::Quiet, &line);
                terminal.line(&line);
            }
        }
    }

    /// In UTC, here, and from now.
    fn spoken_time(&self, at: Timestamp) -> String {
        let away = if at > self.now {
            format!("in {}", spoken(at.since(self.now)))
        } else {
            format!("{} ago", spoken(self.now.since(at)))
        };
        format!("{}, {} here, {away}", at.to_utc(), local(at))
    }
}

const fn form(form: Form) -> &'static str {
    match form {
        Form::Jws => "JWS",
        Form::UnsecuredJws => "unsecured JWS",
        Form::Jwe => "JWE",
        Form::JsonSerialization => "JSON serialization",
        Form::Opaque => "not a token",
    }
}

fn verdict(findings: &[Check]) -> Json {
    let worst = Tally::of(findings).worst().unwrap_or(Verdict::Skipped);
    object([("verdict", text(worst.word())), ("checks", checks(findings))])
}

fn tell_verdict(terminal: &mut Terminal, title: &str, findings: &[Check]) {
    let tally = Tally::of(findings);
    let paint = match tally.worst() {
        Some(Verdict::Fail) => Paint::Bad,
        Some(Verdict::Warn) => Paint::Caution,
        Some(Verdict::Note | Verdict::Pass) => Paint::Good,
        Some(Verdict::Skipped) | None => Paint::Quiet,
    };
    let word = terminal.paint(paint, tally.worst().unwrap_or(Verdict::Skipped).word());
    terminal.line(&format!("{title:<10} {word}: {}", tally.summary()));
    for check in findings.iter().filter(|check| matches!(check.verdict, Verdict::Fail | Verdict::Warn)) {
        broken(terminal, check);
    }
}

fn of_time(at: Timestamp) -> Json {
    object([("utc", text(at.to_utc())), ("local", text(local(at)))])
}

/// The wall clock of this machine.
fn local(at: Timestamp) -> String {
    let Ok(time) = jiff::Timestamp::from_second(at.seconds()) else { return at.to_utc() };
    time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
