//! What becomes of a response at the app: cookies that are not sent, a fragment, a response that comes again.

use std::collections::HashMap;

use url::Url;

use super::words::STATE;
use super::{Case, said};
use crate::base::time::Timestamp;
use crate::capture::exchange::{origin, place};
use crate::capture::finding::{Certainty, Evidence, Found};
use crate::capture::hide::{cookies_of, length};
use crate::capture::login::StageName;
use crate::capture::rules;
use crate::terms::response::ResponseMode;

/// So many entries between request and response are looked at.
const BETWEEN: usize = 2000;

/// A cookie that an answer sets.
pub(super) struct Set<'c> {
    pub at: usize,
    pub name: &'c str,
    pub value: &'c str,
    pub attributes: &'c str,
}

impl Set<'_> {
    fn attribute(&self, name: &str) -> Option<&str> {
        let each = self.attributes.split(';').map(|pair| pair.trim().split_once('=').unwrap_or((pair.trim(), "")));
        each.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// Name and value, in bytes.
    pub fn size(&self) -> usize {
        self.name.len() + length(self.value)
    }

    /// Whether it is for requests like this one, by host and path (RFC 6265 section 5.4).
    pub fn goes_to(&self, case: &Case<'_>, at: usize) -> bool {
        let (from, to) = (&case.entry(self.at).request.url, &case.entry(at).request.url);
        let path = self
            .attribute("path")
            .filter(|path| path.starts_with('/'))
            .unwrap_or_else(|| from.path().rfind('/').filter(|at| *at > 0).map_or("/", |at| &from.path()[..at]));
        let is_below = to
            .path()
            .strip_prefix(path)
            .is_some_and(|rest| rest.is_empty() || path.ends_with('/') || rest.starts_with('/'));
        is_below && from.host_str() == to.host_str()
    }

    /// Why a browser that was sent here by the provider does not send it with this request, where its attributes tell.
    pub fn why_not_to(&self, case: &Case<'_>, at: usize) -> Option<String> {
        let url = &case.entry(at).request.url;
        let is = |word: &str| self.attribute("samesite").is_some_and(|site| site.eq_ignore_ascii_case(word));
        let is_secure = self.attribute("secure").is_some();
        match () {
            () if is("strict") => {
                Some("it is SameSite=Strict and the redirects began at the provider's site".to_owned())
            }
            () if is("none") && !is_secure => {
                Some("it is SameSite=None without Secure, which browsers do not keep".to_owned())
            }
            () if is_secure && url.scheme() == "http" => Some("it is Secure, and the app is on http".to_owned()),
            () if !self.goes_to(case, at) => {
                let path = self.attribute("path").map(|path| format!(" {path}")).unwrap_or_default();
                Some(format!("its path{path} does not hold that page"))
            }
            () => None,
        }
    }

    /// Seconds that it lives from then on, by Max-Age, else by Expires (RFC 6265 section 5.3); none for a session.
    fn life(&self, from: Option<Timestamp>) -> Option<i64> {
        if let Some(age) = self.attribute("max-age").and_then(|age| age.trim().parse().ok()) {
            return Some(age);
        }
        let until = jiff::fmt::rfc2822::parse(&self.attribute("expires")?.replace('-', " ")).ok()?;
        Some(until.timestamp().as_second() - from?.seconds())
    }

    /// Why a browser does not send it with this request, as far as its attributes tell.
    fn reason(&self, url: &Url, is_post: bool) -> String {
        let (site, path) = (self.attribute("samesite"), self.attribute("path"));
        let is = |word: &str| site.is_some_and(|site| site.eq_ignore_ascii_case(word));
        match () {
            () if is("strict") => "it is SameSite=Strict, and the browser comes from the provider's site".to_owned(),
            () if is("none") && self.attribute("secure").is_none() => {
                "it is SameSite=None without Secure, which browsers do not keep".to_owned()
            }
            () if is_post && !is("none") => {
                "the response is posted from the provider's site, and only SameSite=None is sent with that".to_owned()
            }
            () if self.attribute("secure").is_some() && url.scheme() == "http" => {
                "it is Secure, and the callback is on http".to_owned()
            }
            () if path.is_some_and(|path| !url.path().starts_with(path)) => {
                format!("its path {} does not hold the callback", path.unwrap_or_default())
            }
            () => "the browser did not keep it or sends it nowhere".to_owned(),
        }
    }
}

/// The cookies that an entry's answer sets, those that it deletes left out.
pub(super) fn set_by<'c>(case: &Case<'c>, at: usize) -> Vec<Set<'c>> {
    each_set(case, at).into_iter().filter(|set| !set.value.is_empty()).collect()
}

/// The same with those that it deletes.
fn each_set<'c>(case: &Case<'c>, at: usize) -> Vec<Set<'c>> {
    let Some(response) = case.seen[at].it.response() else { return Vec::new() };
    let fields = response.headers.all("set-cookie").map(|field| {
        let (pair, attributes) = field.split_at(field.find(';').unwrap_or(field.len()));
        let (name, value) = pair.trim().split_once('=').unwrap_or((pair.trim(), ""));
        Set { at, name, value, attributes }
    });
    fields.collect()
}

/// The cookies that an entry sends.
pub(super) fn sent_with<'c>(case: &Case<'c>, at: usize) -> HashMap<&'c str, &'c str> {
    cookies_of(case.seen[at].it.sent("cookie").unwrap_or_default()).collect()
}

/// Cookies the app set until it sent the browser to the provider, the newest of each name: in that answer, else before.
pub(super) fn kept_for<'c>(case: &Case<'c>, host: Option<&str>) -> Vec<Set<'c>> {
    const BEFORE: usize = 40;
    let Some(began) = case.began() else { return Vec::new() };
    let at_once = set_by(case, began);
    if !at_once.is_empty() {
        return at_once;
    }
    let before = (0..began).rev().take(BEFORE).filter(|at| case.seen[*at].it.request.url.host_str() == host);
    before.map(|at| set_by(case, at)).find(|sets| !sets.is_empty()).unwrap_or_default()
}

fn is_refused_for_another_reason(case: &Case<'_>, failed: usize) -> bool {
    said::cause(case, failed).is_some_and(|said| said.is_sure)
}

/// The login began at one host and came back to another, where the app does not know it.
pub(super) fn other_host(case: &Case<'_>) -> Option<Found> {
    let login = case.login;
    let back = login.returned_at.filter(|_| login.answered("error").is_none())?;
    let (began, url) = (case.began_at()?, &case.entry(back).request.url);
    if began.host_str() == url.host_str() {
        return None;
    }
    let failed = case.ended_at(back);
    let is_script_alone = failed.is_none() && is_script_stranded(case, back, &began);
    if failed.is_none() && !is_script_alone || failed.is_some_and(|failed| is_refused_for_another_reason(case, failed))
    {
        return None;
    }
    let sent = sent_with(case, back);
    let kept = kept_for(case, began.host_str());
    let lost = kept.iter().find(|set| !sent.contains_key(set.name));
    if !kept.is_empty() && lost.is_none() {
        return None;
    }
    let is_shown = lost.is_some() && case.recorder.keeps_cookies && failed.is_some();
    let mut evidence: Vec<Evidence> =
        lost.iter().map(|set| Evidence::saying(set.at, "response.header.set-cookie", set.name)).collect();
    evidence.push(Evidence::saying(back, "request.url", &place(url)));
    evidence.push(Evidence::at(back, "request.header.cookie"));
    evidence.push(case.status(failed.unwrap_or(back)));
    let (from, to) = (origin(&began), origin(url));
    let what = match lost {
        Some(set) => format!("without the cookie {} that was set at the first", set.name),
        None if is_script_alone => "where what the script kept at the first is not to be found".to_owned(),
        None => "and was refused; cookies are not in this recording".to_owned(),
    };
    let say = format!("The login began at {from} and came back to {to}, {what}");
    let certainty = if is_shown { Certainty::Certain } else { Certainty::Likely };
    Some(case.found(&rules::STATE_LOST_OTHER_HOST, StageName::AuthorizationResponse, certainty, say, evidence))
}

/// A single-page app that came back to another name of this machine and asked for no token.
fn is_script_stranded(case: &Case<'_>, back: usize, began: &Url) -> bool {
    let url = &case.entry(back).request.url;
    let is_page = case.entry(back).status() == Some(200);
    let is_twin =
        crate::base::http::is_loopback(began) && crate::base::http::is_loopback(url) && began.port() == url.port();
    is_page && is_twin && case.began().is_none() && case.login.entries(StageName::Token).next().is_none()
}

/// The cookie that the app kept for the login was not sent with the response, or another login has overwritten it.
pub(super) fn not_sent(case: &Case<'_>) -> Option<Found> {
    let login = case.login;
    let back = login.returned_at.filter(|_| login.answered("error").is_none())?;
    let failed = case.ended_at(back)?;
    let entry = case.entry(back);
    // A request that got no answer is recorded without the cookies that it would have had.
    if entry.is_unanswered() {
        return None;
    }
    let (url, is_post) = (&entry.request.url, case.seen[back].is_post());
    let speaks_of_state = said::find(&said::words(&case.seen[failed]), &STATE);
    let mut evidence = vec![Evidence::at(back, "request.header.cookie"), case.status(failed)];
    evidence.extend(speaks_of_state.map(|word| Evidence::saying(failed, "response.body", word)));
    let rule = &rules::STATE_LOST_SAMESITE;
    let stage = StageName::AuthorizationResponse;
    let kept = kept_for(case, url.host_str());
    let sent = sent_with(case, back);
    if let Some(lost) = kept.iter().find(|set| !sent.contains_key(set.name)) {
        evidence.insert(0, Evidence::saying(lost.at, "response.header.set-cookie", lost.name));
        let ended = ended(case, lost, back);
        let why = ended.as_ref().map_or_else(|| lost.reason(url, is_post), |(_, why)| why.clone());
        let say =
            format!("The app kept the login in the cookie {}, and it was not sent with the response: {why}", lost.name);
        if let Some((at, _)) = &ended {
            evidence.insert(0, Evidence::saying(*at, "response.header.set-cookie", lost.name));
        }
        let mut found = case.found(rule, stage, Certainty::Certain, say, evidence);
        if ended.is_some() {
            found.next = KEEP.to_owned();
        }
        return Some(found);
    }
    if let Some(set) = kept.iter().find(|set| sent.get(set.name).is_some_and(|value| *value != set.value)) {
        let of_app = |at: &usize| case.seen[*at].origin == case.seen[back].origin;
        let between = (set.at + 1..back).rev().take(BETWEEN).filter(of_app);
        let replaced = between.flat_map(|at| set_by(case, at)).find(|other| other.name == set.name);
        if let Some(other) = replaced.filter(|_| speaks_of_state.is_some()) {
            evidence.insert(0, Evidence::saying(set.at, "response.header.set-cookie", set.name));
            evidence.insert(1, Evidence::saying(other.at, "response.header.set-cookie", other.name));
            let say = format!(
                "The cookie {} that the app kept for this login was set anew before the response came",
                set.name
            );
            let found = case.found(rule, stage, Certainty::Likely, say, evidence);
            return Some(Found { next: OWN.to_owned(), ..found });
        }
    }
    let are_hidden = !case.recorder.keeps_cookies;
    let is_likely = are_hidden && is_post && said::cause(case, failed).is_none_or(|said| !said.is_sure);
    let is_said = speaks_of_state.is_some() && (are_hidden || kept.is_empty() && sent.is_empty());
    if !is_said && !is_likely {
        return None;
    }
    let told = speaks_of_state.map(|word| format!("the app's page says \"{word}\""));
    let told = told.unwrap_or_else(|| "the app refused it".to_owned());
    let posted = if is_post { "posted from the provider's site" } else { "sent" };
    let say = format!("The response was {posted} and {told}; no cookie of the app is in the recording");
    Some(case.found(rule, stage, Certainty::Likely, say, evidence))
}

/// What to do where one login overwrites the cookie of another.
const OWN: &str =
    "Keep each login under a name of its own, as by its state, so that one in another tab does not overwrite it";

/// What to do where the app or time ended the cookie.
const KEEP: &str = "Keep the cookie of a login until its response is there: delete it then, not before, and let it live \
                    as long as a user may take to sign in";

/// The entry that ended a cookie before the response came, and how: the app deleted it, or it ran out.
fn ended(case: &Case<'_>, set: &Set<'_>, back: usize) -> Option<(usize, String)> {
    let host = case.entry(back).request.url.host_str();
    let of_host = |at: &usize| case.entry(*at).request.url.host_str() == host;
    let mut between = (set.at + 1..back).rev().take(BETWEEN).filter(of_host);
    let is_deleted = |other: &Set<'_>, at: usize| {
        other.name == set.name && other.life(case.entry(at).started).map_or(other.value.is_empty(), |life| life <= 0)
    };
    if let Some(at) = between.find(|at| each_set(case, *at).iter().any(|other| is_deleted(other, *at))) {
        return Some((at, format!("entry {} deleted it before the response came", case.entry(at).index)));
    }
    let (from, to) = (case.entry(set.at).started?, case.entry(back).started?);
    let life = set.life(Some(from))?;
    let waited = to.seconds() - from.seconds();
    (waited > life).then(|| (set.at, format!("it was to live {life} s, and the response came after {waited} s")))
}

/// The response came behind #, and a server waits for it.
pub(super) fn fragment(case: &Case<'_>) -> Option<Found> {
    let login = case.login;
    let back = login.returned_at?;
    let is_fragment =
        login.stages.iter().any(|it| it.entries.contains(&back) && it.mode == Some(ResponseMode::Fragment));
    if !is_fragment || login.answered("error").is_some() {
        return None;
    }
    // An address that the app does not have is no matter of the fragment.
    let failed = case.failed_at(back).or_else(|| case.restarts(back))?;
    if case.entry(failed).status() == Some(404) {
        return None;
    }
    let mut evidence: Vec<Evidence> =
        case.found.led[back].map(|led| Evidence::at(led, "response.header.location")).into_iter().collect();
    evidence.extend([
        Evidence::saying(back, "request.url", &place(&case.entry(back).request.url)),
        case.status(failed),
        Evidence::at(failed, "response.body"),
    ]);
    let say =
        "The response came in the fragment, which the browser keeps to itself, and the app's server was left with \
        an empty callback"
            .to_owned();
    let certainty = if case.found.led[back].is_some() { Certainty::Certain } else { Certainty::Likely };
    Some(case.found(&rules::FRAGMENT_TO_SERVER, StageName::AuthorizationResponse, certainty, say, evidence))
}

/// The same response came once more, and the app failed with it.
pub(super) fn replayed(case: &Case<'_>) -> Option<Found> {
    let first = case.login.returned_at.filter(|_| case.login.answered("code").is_some())?;
    let again = case.login.stages.iter().find(|stage| stage.repeated)?.entries.first().copied()?;
    // A single-page app shows nothing itself; its token request does.
    let refused = |at: &usize| *at > again && case.entry(*at).status().is_some_and(|status| status >= 400);
    let failed = case.failed_at(again).or_else(|| case.login.entries(StageName::Token).find(refused))?;
    let evidence = vec![
        case.of_response(first, "code"),
        case.of_response(again, "code"),
        case.status(failed),
        Evidence::at(failed, "response.body"),
    ];
    let is_prefetch = case.entry(again).sent("sec-purpose").or(case.entry(again).sent("purpose")).is_some();
    let by = if is_prefetch { ", by a prefetch" } else { "" };
    let say = format!("The same response came to the callback twice{by}; the second time it ended with an error");
    Some(case.found(&rules::CALLBACK_REPLAYED, StageName::AuthorizationResponse, Certainty::Certain, say, evidence))
}
