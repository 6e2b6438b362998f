//! `jwt`: a token taken apart, with three verdicts that stay apart: format, signature, claims.

use std::path::Path;
use std::sync::LazyLock;
use std::time::Duration;

use jiff::tz::TimeZone;
use url::Url;
use zeroize::Zeroizing;

use super::args::VerifyArgs;
use super::json::{checks, object, optional, text};
use super::output::Output;
use super::story::broken;
use super::terminal::{Paint, Terminal};
use super::{Exit, Usage, typed};
use crate::base::check::{Check, Tally, Verdict};
use crate::base::http::{HttpRequest, Tls};
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::text::{elided, visible};
use crate::base::time::{Timestamp, spoken};
use crate::base::web_url::web_url;
use crate::client::by_type;
use crate::client::endpoint::jwks;
use crate::export::redact::holds_placeholder;
use crate::flow::world::World as _;
use crate::flow::{Action, Event};
use crate::io::clock;
use crate::io::machine::{Machine, UserAgent};
use crate::jose::claims::numeric_date;
use crate::jose::jwe::{self, DecryptionKey};
use crate::jose::jwk::{Jwk, JwkSet, KeyError, Unread};
use crate::jose::jwt::{self, Decoded, Form, Within};
use crate::jose::verify::{SignatureReport, verify_secret, verify_with};
use crate::terms::glossary::{self, Entry};

/// The word for a signature that no key was found to have made, without one that speaks against it.
const NOT_VERIFIED: &str = "not verified";

/// Longest text that is shown of a payload that is no JSON, in characters.
const PAYLOAD_LIMIT: usize = 10_000;

/// Claims that hold a time.
const TIMES: [&str; 5] = ["iat", "nbf", "exp", "auth_time", "updated_at"];

/// Shows a token. Exit code 1 only when it is none.
pub(super) fn decode(token: &str, key: Option<&Path>, output: &Output) -> Result<Exit, Usage> {
    let opening = key.map(private_keys).transpose()?.unwrap_or_default();
    let verdicts = Verdicts::of(jwe::open(jwt::decode_pasted(&typed::token(token)?), &opening), None);
    verdicts.tell(output.story().in_one_piece());
    output.result(&verdicts.to_json());
    let has_failed = Tally::of(&verdicts.token.findings).count(Verdict::Fail) > 0;
    let is_sound = verdicts.token.form != Form::Opaque && !has_failed;
    Ok(if is_sound { Exit::Success } else { Exit::Failure })
}

/// Shows and judges a token.
pub(super) fn verify(args: &VerifyArgs, output: &Output) -> Result<Exit, Usage> {
    if args.token == "-" && args.secret_stdin {
        return Err(Usage("standard input can hold the token or the secret, not both".to_owned()));
    }
    let token = jwt::decode_pasted(&typed::token(&args.token)?);
    if holds_placeholder(&token.text) {
        return Err(Usage(
            "the signature of this token is hidden (REDACTED), so it cannot be verified; --with-secrets shows and saves it"
                .to_owned(),
        ));
    }
    let keys = match Keys::given(args, token.form == Form::Jwe) {
        Ok(keys) => keys,
        Err(NoKeys::Misused(usage)) => return Err(usage),
        Err(NoKeys::Interrupted) => {
            let verdicts = Verdicts::of(token, None);
            verdicts.tell(output.story().in_one_piece());
            output.result(&verdicts.to_json());
            return Ok(Exit::Interrupted);
        }
        Err(NoKeys::NotFetched(why)) => {
            Terminal::stderr().line(&format!("error: {}", typed::without_secrets(&why)));
            return Ok(Exit::Failure);
        }
    };
    let verdicts = Verdicts::of(jwe::open(token, &keys.opening), Some(&keys));
    verdicts.tell(output.story().in_one_piece());
    output.result(&verdicts.to_json());
    Ok(if verdicts.all_hold() { Exit::Success } else { Exit::Failure })
}

/// What a token is tried with.
#[derive(Default)]
struct Keys {
    keys: Vec<Jwk>,
    unread: Vec<Unread>,
    /// The shared secret as it came.
    secret: Option<Zeroizing<Vec<u8>>>,
    /// Those that open an encrypted token.
    opening: Vec<DecryptionKey>,
    /// What is to be said of the keys, whatever the token.
    findings: Vec<Check>,
}

impl Keys {
    fn given(args: &VerifyArgs, is_encrypted: bool) -> Result<Self, NoKeys> {
        let mut keys = Self::default();
        if let Some(from) = &args.jwks {
            match web_url(from) {
                Ok(url) => {
                    let source = fetched(&url, &args.trust.certificate_authority()?)?;
                    // A page may have keys in it, which are an example or of another party.
                    let is_page = source.trim_start().starts_with('<');
                    let page = || Err(Usage(format!("{url} answered with a page")));
                    let taken = if is_page { page() } else { keys.take(from, source.as_bytes(), JwkSet::checks) };
                    taken.map_err(|why| NoKeys::NotFetched(no_set(&url, &source, &why)))?;
                }
                Err(error) => {
                    let read = typed::large_bytes(from.as_ref());
                    let bytes = read.map_err(|usage| typed::neither(from, usage, &error))?;
                    keys.take(from, &bytes, JwkSet::checks)?;
                }
            }
        }
        if let (Some(path), true) = (&args.key, is_encrypted) {
            keys.opening = private_keys(path)?;
        } else if let Some(path) = &args.key {
            keys.take(&path.display().to_string(), &typed::large_bytes(path)?, JwkSet::key_checks)?;
        }
        if args.secret_stdin {
            keys.secret = Some(typed::stdin_secret()?.into());
        }
        if let Some(path) = &args.secret_file {
            keys.secret = Some(typed::file_bytes(path)?.into());
        }
        let secret = keys.secret.as_ref().filter(|_| is_encrypted).and_then(|bytes| std::str::from_utf8(bytes).ok());
        keys.opening.extend(secret.map(|text| DecryptionKey::from_client_secret(&Secret::new(text.trim_end()))));
        Ok(keys)
    }

    fn take(&mut self, name: &str, source: &[u8], judge: fn(&JwkSet) -> Vec<Check>) -> Result<(), Usage> {
        let set = JwkSet::from_bytes(source).map_err(|error| Usage(format!("{name}: {error}")))?;
        self.findings.extend(judge(&set));
        self.unread.extend(set.unread());
        self.keys.extend(set.keys);
        Ok(())
    }

    fn try_on(&self, token: &Decoded) -> SignatureReport {
        match self.secret.as_ref().filter(|_| token.form != Form::Jwe || token.signed().is_mac()) {
            Some(secret) => verify_secret(token, &self.keys, &self.unread, secret),
            None => verify_with(token, &self.keys, &self.unread),
        }
    }
}

fn private_keys(path: &Path) -> Result<Vec<DecryptionKey>, Usage> {
    let unusable = |error: KeyError| Usage(format!("{}: {error}", path.display()));
    DecryptionKey::read(&typed::large_file(path)?).map_err(unusable)
}

/// Why there are no keys to try.
enum NoKeys {
    /// What was typed cannot be read.
    Misused(Usage),
    /// The network brought none.
    NotFetched(String),
    /// The user did not wait for them. What the token says is known without them.
    Interrupted,
}

impl From<Usage> for NoKeys {
    fn from(usage: Usage) -> Self {
        Self::Misused(usage)
    }
}

/// What else came from an address that was given as that of keys.
fn no_set(url: &Url, source: &str, why: &Usage) -> String {
    let metadata = Json::parse_text(source).ok();
    match metadata.as_ref().and_then(|metadata| metadata.text("jwks_uri")) {
        Some(jwks_uri) => format!("{url} holds metadata and no keys; they are at --jwks {}", visible(jwks_uri)),
        None => with_issuer_in_mind(url, &why.to_string()),
    }
}

fn with_issuer_in_mind(url: &Url, why: &str) -> String {
    format!("{why}; if this is an issuer, its keys are at the jwks_uri that `grantscope discover {url}` shows")
}

fn fetched(url: &Url, authorities: &str) -> Result<String, NoKeys> {
    let failed = |why: String| NoKeys::NotFetched(with_issuer_in_mind(url, &why));
    let authorities = Some(authorities).filter(|text| !text.is_empty()).map(Into::into);
    let tls = Tls { certificate: None, authorities };
    let request = HttpRequest { tls, ..jwks::request(url.clone()) };
    let machine = Machine::new(UserAgent::Reader, Duration::ZERO, |_| {});
    let mut machine = machine.map_err(|error| NoKeys::NotFetched(error.to_string()))?;
    machine.heed_interruptions(super::end_interrupted);
    match machine.perform(&Action::Send(request), &mut |_| {}) {
        Event::Answered { response, .. } if response.is_success() => Ok(response.text().into_owned()),
        Event::Answered { response, .. } => Err(failed(format!("{url} answered {}", response.status))),
        Event::Failed { error, .. } => Err(failed(error.to_string())),
        _ => Err(NoKeys::Interrupted),
    }
}

/// What came of a token.
struct Verdicts {
    token: Decoded,
    /// `None` when no key was tried.
    signature: Option<SignatureReport>,
    /// Of the keys as they were published or given.
    keys: Vec<Check>,
    claims: Vec<Check>,
    now: Timestamp,
}

impl Verdicts {
    fn of(token: Decoded, keys: Option<&Keys>) -> Self {
        let now = clock::now();
        let claims = by_type::judge_claims(token.signed(), now);
        let signature = keys.map(|keys| keys.try_on(&token));
        let keys = keys.map(|keys| keys.findings.clone()).unwrap_or_default();
        Self { token, signature, keys, claims, now }
    }

    /// Of what is said of the signature, the worst; nothing is verified that is not said to be.
    fn of_signature(&self) -> &'static str {
        let Some(report) = &self.signature else { return NOT_VERIFIED };
        match (Tally::of(&report.findings).worst(), report.verified()) {
            (Some(Verdict::Fail), _) => Verdict::Fail.word(),
            (_, None) => NOT_VERIFIED,
            (worst, Some(_)) => worst.unwrap_or(Verdict::Pass).word(),
        }
    }

    fn all_hold(&self) -> bool {
        let signature = self.signature.iter().flat_map(|report| &report.findings);
        let tally = Tally::of(self.token.findings.iter().chain(signature).chain(&self.keys).chain(&self.claims));
        let is_verified = self.signature.as_ref().is_some_and(|report| report.verified().is_some());
        is_verified && tally.count(Verdict::Fail) == 0
    }

    fn to_json(&self) -> Json {
        object([
            ("form", text(form(self.token.form))),
            ("format", verdict(&self.token.findings)),
            ("signature", self.signature_json()),
            ("keys", verdict(&self.keys)),
            ("claims", verdict(&self.claims)),
            ("header", self.token.header.clone().unwrap_or(Json::Null)),
            ("payload", payload(&self.token)),
            ("within", Json::Array(self.token.within.iter().map(within_json).collect())),
            ("times", Json::Object(self.times().map(|(name, at)| (name.to_owned(), of_time(at))).collect())),
            ("cleaned", optional(self.token.cleaned.clone())),
        ])
    }

    fn signature_json(&self) -> Json {
        let Some(report) = &self.signature else {
            return object([("verdict", text(NOT_VERIFIED)), ("checks", Json::Array(Vec::new()))]);
        };
        let attempt = |attempt: &crate::jose::verify::Attempt| {
            object([
                ("key", text(attempt.key.clone())),
                ("thumbprint", optional(attempt.thumbprint.clone())),
                ("error", optional(attempt.outcome.as_ref().err().map(ToString::to_string))),
            ])
        };
        object([
            ("verdict", text(self.of_signature())),
            ("key", optional(report.verified().map(|attempt| attempt.key.clone()))),
            ("tried", Json::Array(report.attempts.iter().map(attempt).collect())),
            ("checks", checks(&report.findings)),
        ])
    }

    fn times(&self) -> impl Iterator<Item = (&'static str, Timestamp)> {
        self.token.signed().claims.iter().flat_map(times)
    }

    fn tell(&self, mut terminal: Terminal) {
        let title = terminal.paint(Paint::Strong, form(self.token.form));
        terminal.line(&title);
        self.tell_token(&mut terminal, "", &self.token);
        if let Some(cleaned) = &self.token.cleaned {
            terminal.line("");
            terminal.line(&terminal.paint(Paint::Strong, "The token alone"));
            terminal.line(&format!("    {}", visible(cleaned)));
        }
        terminal.line("");
        tell_verdict(&mut terminal, "Format", worst(&self.token.findings), &self.token.findings);
        match &self.signature {
            None => {
                let words = terminal.paint(Paint::Caution, NOT_VERIFIED);
                terminal.line(&format!("Signature  {words}: anyone can write such a token; judge it with jwt verify"));
            }
            Some(report) => tell_verdict(&mut terminal, "Signature", self.of_signature(), &report.findings),
        }
        if !self.keys.is_empty() {
            tell_verdict(&mut terminal, "Keys", worst(&self.keys), &self.keys);
        }
        tell_verdict(&mut terminal, "Claims", worst(&self.claims), &self.claims);
    }

    /// Header and payload of a token, then of those within it.
    fn tell_token(&self, terminal: &mut Terminal, name: &str, token: &Decoded) {
        self.tell_members(terminal, &format!("Header{name}"), token.header.as_ref(), glossary::header);
        self.tell_members(terminal, &format!("Claims{name}"), token.claims.as_ref(), glossary::claim);
        if let Some(said) = token.text_payload().filter(|_| token.within.is_empty()) {
            terminal.line("");
            terminal.line(&terminal.paint(Paint::Strong, &format!("Payload{name}")));
            terminal.line(&format!("    {}", elided(&visible(said), PAYLOAD_LIMIT)));
        }
        for inner in &token.within {
            self.tell_token(terminal, &format!(", {}{name}", inner.name), &inner.token);
        }
    }

    fn tell_members(
        &self,
        terminal: &mut Terminal,
        title: &str,
        json: Option<&Json>,
        meaning: fn(&str) -> Option<&'static Entry>,
    ) {
        let Some(json) = json else { return };
        // Read once: a token may have a hundred thousand claims.
        let times: Vec<(&str, Timestamp)> = times(json).collect();
        terminal.line("");
        let title = terminal.paint(Paint::Strong, title);
        terminal.line(&title);
        for (name, value) in json.members() {
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            terminal.pair(name, &shown);
            if let Some((_, at)) = times.iter().find(|(time, _)| time == name) {
                terminal.pair("", &self.spoken_time(*at));
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

fn times(claims: &Json) -> impl Iterator<Item = (&'static str, Timestamp)> {
    TIMES.into_iter().filter_map(|name| Some((name, numeric_date(claims.get(name)?).ok()?)))
}

/// The claims, or other JSON or text that the payload is; `null` where it is none of these.
fn payload(token: &Decoded) -> Json {
    let json = token.parts.get(1).and_then(|part| part.json.clone());
    json.or_else(|| token.claims.clone()).or_else(|| token.text_payload().map(text)).unwrap_or(Json::Null)
}

fn within_json(inner: &Within) -> Json {
    object([
        ("name", text(inner.name.clone())),
        ("form", text(form(inner.token.form))),
        ("header", inner.token.header.clone().unwrap_or(Json::Null)),
        ("payload", payload(&inner.token)),
        ("within", Json::Array(inner.token.within.iter().map(within_json).collect())),
    ])
}

fn worst(findings: &[Check]) -> &'static str {
    Tally::of(findings).worst().unwrap_or(Verdict::Skipped).word()
}

fn verdict(findings: &[Check]) -> Json {
    object([("verdict", text(worst(findings))), ("checks", checks(findings))])
}

fn tell_verdict(terminal: &mut Terminal, title: &str, word: &str, findings: &[Check]) {
    let paint = match word {
        "fail" => Paint::Bad,
        "warn" | NOT_VERIFIED => Paint::Caution,
        "note" | "pass" => Paint::Good,
        _ => Paint::Quiet,
    };
    let word = terminal.paint(paint, word);
    terminal.line(&format!("{title:<10} {word}: {}", Tally::of(findings).summary()));
    for check in findings.iter().filter(|check| check.verdict != Verdict::Pass) {
        match check.verdict {
            Verdict::Fail | Verdict::Warn => broken(terminal, check),
            _ => noted(terminal, check),
        }
    }
}

/// What is worth knowing or could not be judged, in two lines.
fn noted(terminal: &mut Terminal, check: &Check) {
    let rule = terminal.paint(Paint::Quiet, &format!("· {}", check.rule.id));
    terminal.line(&format!("  {rule} {} ({})", check.rule.title, check.rule.spec));
    terminal.pair(check.verdict.word(), check.actual.as_deref().unwrap_or_default());
}

fn of_time(at: Timestamp) -> Json {
    object([("utc", text(at.to_utc())), ("local", text(local(at)))])
}

/// The wall clock of this machine.
fn local(at: Timestamp) -> String {
    let Ok(time) = jiff::Timestamp::from_second(at.seconds()) else { return at.to_utc() };
    time.to_zoned(HERE.clone()).strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// What clocks on the wall show here. Its name is not wanted, which a search through every zone of the system would find.
static HERE: LazyLock<TimeZone> = LazyLock::new(|| {
    let is_set = std::env::var_os("TZ").is_some_and(|zone| !zone.is_empty());
    let unnamed = || TimeZone::tzif("local", &std::fs::read("/etc/localtime").ok()?).ok();
    let unnamed = if is_set { None } else { unnamed() };
    unnamed.unwrap_or_else(TimeZone::system)
});
