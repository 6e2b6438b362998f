//! What pages say: the words of an app or provider that tell a cause where no message shows it.

use std::borrow::Cow;
use std::time::Duration;

use super::Case;
use super::words::{
    CLIENT, FAILURE, FETCHED, FUTURE, GRANT, ISSUER, KEYS, NETWORK, NONCE, OF_FAILURE, STATE, TIMES, UNREACHABLE,
    VERIFIER,
};
use crate::base::check::Rule;
use crate::base::params::Params;
use crate::base::text::elided;
use crate::base::time::spoken;
use crate::capture::exchange::{Came, Seen};
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::login::StageName;
use crate::capture::rules;

/// So much of a page is looked through, in bytes.
const PAGE_LIMIT: usize = 64 * 1024;

/// What a person reads on a page, in lower case.
pub(super) fn words(entry: &Seen<'_>) -> String {
    let text = entry.it.text();
    let cut = text.char_indices().take_while(|(at, _)| *at < PAGE_LIMIT).last().map_or(0, |(at, c)| at + c.len_utf8());
    let text = &text[..cut];
    let is_html = text.trim_start().starts_with('<');
    if is_html { without_tags(text).to_lowercase() } else { text.to_lowercase() }
}

/// The text without tags, scripts and styles, and with the usual entities as what they stand for.
fn without_tags(html: &str) -> String {
    let mut shown = String::with_capacity(html.len() / 2);
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        shown.push_str(&rest[..at]);
        shown.push(' ');
        rest = &rest[at..];
        let name: String =
            rest[1..].chars().take_while(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
        let end = match name.as_str() {
            "script" | "style" => rest.find(&format!("</{name}")).map_or(rest.len(), |at| at + 2),
            _ => rest.find('>').map_or(rest.len(), |at| at + 1),
        };
        rest = &rest[end..];
    }
    shown.push_str(rest);
    let entities = [
        ("&quot;", "\""),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    entities
        .iter()
        .fold(Cow::Borrowed(shown.as_str()), |text, (entity, is)| Cow::Owned(text.replace(entity, is)))
        .into_owned()
}

/// The first of these that is in a text. What begins and ends with letters has to stand alone.
pub(super) fn find<'w>(text: &str, known: &[&'w str]) -> Option<&'w str> {
    known.iter().copied().find(|word| {
        text.match_indices(word).any(|(at, found)| {
            let is_letter = |c: char| c.is_alphanumeric() || c == '_';
            let before = text[..at].chars().next_back().is_some_and(is_letter);
            let after = text[at + found.len()..].chars().next().is_some_and(is_letter);
            !before && !after
        })
    })
}

/// Whether a page says in its heading or its address that something went wrong. One that the browser was sent on to may be
/// any page of the app, and has to speak of nothing else.
pub(super) fn tells_of_failure(entry: &Seen<'_>, is_sent_on: bool) -> bool {
    let query = entry
        .query
        .iter()
        .any(|(name, value)| matches!(name, "error" | "error_description") && !value.is_empty() || name == "error");
    let headings = || {
        let text = entry.it.text();
        let lower = text.get(..text.len().min(4096)).unwrap_or_default().to_lowercase();
        ["title", "h1", "h2"].iter().any(|tag| {
            let inner = lower.split(&format!("<{tag}")).nth(1).and_then(|rest| rest.split(&format!("</{tag}")).next());
            inner.is_some_and(|inner| if is_sent_on { is_all_failure(inner) } else { find(inner, &FAILURE).is_some() })
        })
    };
    let is_response = entry.query.get("state").is_some();
    query && !is_response || headings()
}

/// Whether a heading, or a part of it, says that something failed and names nothing but a login.
fn is_all_failure(heading: &str) -> bool {
    let parts = heading.split(['|', ':', '-', '–', '—', '·', '<', '>']);
    parts.into_iter().any(|part| {
        let mut words = part.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        find(part, &FAILURE).is_some() && words.all(|word| OF_FAILURE.contains(&word) || word.parse::<u32>().is_ok())
    })
}

/// What a page says of the cause.
pub(super) struct Said {
    pub rule: &'static Rule,
    pub word: &'static str,
    /// Whether no lost cookie is the cause of such words.
    pub is_sure: bool,
}

/// What words can point to. Of those that come first no lost cookie is the cause.
const CAUSES: [(&Rule, &[&str]); 11] = [
    (&rules::INVALID_CLIENT, &CLIENT),
    (&rules::BACK_CHANNEL_FAILED, &UNREACHABLE),
    (&rules::UNKNOWN_KID, &KEYS),
    (&rules::ISSUER_MISMATCH, &ISSUER),
    (&rules::TOKEN_REFUSED, &GRANT),
    (&rules::BACK_CHANNEL_FAILED, &FETCHED),
    (&rules::STATE_LOST_SAMESITE, &STATE),
    (&rules::NONCE_MISSING, &NONCE),
    (&rules::PKCE_VERIFIER_MISSING, &VERIFIER),
    (&rules::CLOCK_SKEW, &TIMES),
    (&rules::BACK_CHANNEL_FAILED, &NETWORK),
];

/// How many of them.
const SURE: usize = 6;

/// The rule that the words of an entry's page point to.
pub(super) fn cause(case: &Case<'_>, at: usize) -> Option<Said> {
    let text = words(&case.seen[at]);
    // "Expired" is said of many things; with clocks that differ it is said of the token.
    if let Some(word) = find(&text, &TIMES).filter(|_| skew(case).is_some()) {
        return Some(Said { rule: &rules::CLOCK_SKEW, word, is_sure: true });
    }
    let found = CAUSES.iter().enumerate().find_map(|(at, (rule, words))| Some((at, *rule, find(&text, words)?)));
    found.map(|(at, rule, word)| Said { rule, word, is_sure: at < SURE })
}

/// What the app says after a good response: a cause that lies behind the browser's back.
pub(super) fn app(case: &Case<'_>) -> Option<Found> {
    told(case, true)
}

/// The same by words that an app says of a lost cookie too.
pub(super) fn hinted(case: &Case<'_>) -> Option<Found> {
    told(case, false)
}

fn told(case: &Case<'_>, is_sure: bool) -> Option<Found> {
    let at = case.login.returned_at.filter(|_| case.login.answered("error").is_none())?;
    let failed = case.failed_at(at)?;
    let said =
        cause(case, failed).filter(|said| said.is_sure == is_sure && said.rule != &rules::STATE_LOST_SAMESITE)?;
    if said.rule == &rules::CLOCK_SKEW {
        let skew = skew(case);
        let is_future = find(&words(&case.seen[failed]), &FUTURE).is_some();
        return (skew.is_some() || is_future).then(|| clock(case, failed, said.word, skew));
    }
    let has_tokens = case.login.entries(StageName::Token).next().is_some();
    let unseen = if has_tokens { "" } else { "; the token request is not in the recording" };
    let say = format!(
        "The response through the browser was good; the app then answered {} with a page that says \"{}\"{unseen}",
        status_of(case, failed),
        said.word
    );
    let evidence = vec![
        case.of_response(at, response_of(case)),
        case.status(failed),
        Evidence::saying(failed, "response.body", said.word),
    ];
    Some(case.found(said.rule, StageName::Token, Certainty::Likely, say, evidence))
}

/// The app failed with a good response and says nothing that points to a cause.
pub(super) fn silent(case: &Case<'_>) -> Option<Found> {
    let at = case.login.returned_at.filter(|_| case.login.answered("error").is_none())?;
    let failed = case.ended_at(at)?;
    let evidence = vec![case.of_response(at, response_of(case)), case.status(failed)];
    let refused = &rules::APP_REFUSED;
    let here = StageName::AuthorizationResponse;
    if let Came::Nothing(why) = &case.entry(failed).came {
        if failed + 1 == case.seen.len() && why == crate::capture::read::NO_ANSWER {
            let say = format!("The recording ends while the browser waits for {}", case.seen[failed].origin);
            return Some(case.found(refused, here, Certainty::NotProvable, say, evidence));
        }
        let say = format!("The browser was sent back to {} and got no answer there: {why}", case.seen[failed].origin);
        return Some(case.found(refused, here, Certainty::Certain, say, evidence));
    }
    if case.failed_at(at).is_none() {
        let say =
            "The response through the browser was good; the app then sent the browser to the provider anew".to_owned();
        let found = case.found(refused, here, Certainty::NotProvable, say, evidence);
        return Some(Found { next: NEXT.to_owned(), ..found });
    }
    let status = status_of(case, failed);
    let good = "The response through the browser was good; the app then answered";
    if let Some(said) = cause(case, failed).filter(|said| said.rule == &rules::STATE_LOST_SAMESITE) {
        let mut evidence = evidence;
        evidence.push(Evidence::saying(failed, "response.body", said.word));
        let say = format!("{good} {status} with a page that says \"{}\", though its cookie was sent", said.word);
        return Some(case.found(refused, here, Certainty::Likely, say, evidence));
    }
    if failed == at && case.entry(at).status() == Some(404) {
        let say = format!("The response came to {}, and the app answered 404: nothing is there", case.seen[at].place);
        let found = case.found(refused, here, Certainty::Likely, say, evidence);
        return Some(Found { next: NOWHERE.to_owned(), ..found });
    }
    let is_server = case.entry(failed).status().is_some_and(|status| status >= 500);
    let (rule, stage) = if is_server { (&rules::BACK_CHANNEL_FAILED, StageName::Token) } else { (refused, here) };
    let why = because(case, at, failed);
    let why = if why.is_empty() { " and does not say why" } else { &why };
    let say = format!("{good} {status}{why}");
    let mut found = case.found(rule, stage, Certainty::NotProvable, say, evidence);
    found.next = NEXT.to_owned();
    Some(found)
}

/// What the app itself says where it ends a login: the error in the address that it leads to, else the heading of its page.
/// Empty where it says nothing.
pub(super) fn because(case: &Case<'_>, back: usize, failed: usize) -> String {
    let error_of = |params: &Params| {
        let value = |name: &str| params.get(name).map(str::trim).filter(|value| !value.is_empty());
        Some(match (value("error"), value("error_description")) {
            (Some(error), Some(more)) => format!("{error}: {more}"),
            (error, more) => error.or(more)?.to_owned(),
        })
    };
    let in_address = || error_of(&case.seen[failed].query).filter(|_| failed != back);
    let led = || {
        let location = case.entry(back).location.as_ref()?;
        error_of(&Params::parse(location.query().unwrap_or_default().as_bytes()))
    };
    let said = in_address().or_else(led).or_else(|| heading(&case.seen[failed]));
    let quoted = said.map(|said| super::tokens::without_secrets(case, &said));
    quoted.map(|said| format!(" and says \"{}\"", elided(&said, QUOTED))).unwrap_or_default()
}

/// So much of what an app says is quoted, in characters.
const QUOTED: usize = 100;

/// The first heading of a page, as a person reads it.
fn heading(entry: &Seen<'_>) -> Option<String> {
    let text = entry.it.text();
    let start: String = text.chars().take(4096).collect();
    // ASCII alone, so that places stay what they are.
    let lower = start.to_ascii_lowercase();
    ["h1", "title", "h2"].iter().find_map(|tag| {
        let open = lower.find(&format!("<{tag}"))?;
        let from = open + lower[open..].find('>')? + 1;
        let to = from + lower[from..].find(&format!("</{tag}"))?;
        let words = without_tags(&start[from..to]);
        let words = words.split_whitespace().collect::<Vec<_>>().join(" ");
        (!words.is_empty()).then_some(words)
    })
}

/// What to do where nothing shows the cause.
const NEXT: &str = "Record between the app and the provider, or look into the app's log. Candidates: the client secret, \
                    the way to the token endpoint, the issuer, the clock, the session";

/// What to do where the app does not have the address that it asked to be called back at.
const NOWHERE: &str = "Compare the path of redirect_uri with the one that the app serves. Where a script handles it, let the \
                       server answer each path with the page of the app";

fn status_of(case: &Case<'_>, at: usize) -> String {
    case.entry(at).status().map_or_else(|| "nothing".to_owned(), |status| status.to_string())
}

/// What a good response brings.
pub(super) fn response_of(case: &Case<'_>) -> &'static str {
    if case.login.answered("code").is_some() { "code" } else { "id_token" }
}

/// Seconds that the app's clock is ahead of the provider's, by the Date of their answers, where it is more than passing.
pub(super) fn skew(case: &Case<'_>) -> Option<(usize, usize, i64)> {
    const PASSING: i64 = 8;
    let back = case.login.returned_at?;
    let ahead = |at: usize| {
        let entry = case.entry(at);
        let date = jiff::fmt::rfc2822::parse(entry.got("date")?).ok()?.timestamp().as_second();
        Some(date - (entry.started? + entry.took).seconds())
    };
    let asked = case.login.requested_at?;
    let difference = ahead(back)? - ahead(asked)?;
    let is_other = case.seen[back].origin != case.seen[asked].origin;
    (is_other && difference.abs() >= PASSING).then_some((back, asked, difference))
}

fn clock(case: &Case<'_>, failed: usize, word: &str, skew: Option<(usize, usize, i64)>) -> Found {
    let mut evidence = Vec::new();
    let mut by = "differs from the provider's".to_owned();
    if let Some((back, asked, seconds)) = skew {
        for at in [back, asked] {
            evidence.push(Evidence::saying(at, "response.header.date", case.entry(at).got("date").unwrap_or_default()));
        }
        let span = spoken(Duration::from_secs(seconds.unsigned_abs()));
        by = format!("is {span} {} the provider's", if seconds > 0 { "ahead of" } else { "behind" });
    }
    evidence.push(Evidence::saying(failed, "response.body", word));
    let token = case.login.entries(StageName::Token).find(|at| case.seen[*at].member("id_token").is_some());
    evidence.extend(token.map(|at| Evidence::at(at, "response.body")));
    let certainty = if token.is_some() { Certainty::Certain } else { Certainty::Likely };
    let say = format!("The app's clock {by}: its page says \"{word}\" of a token that was just made");
    case.found(&rules::CLOCK_SKEW, StageName::Token, certainty, say, evidence)
}
