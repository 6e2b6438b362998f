//! Who recorded, and what that leaves out.

use std::collections::HashSet;

use super::exchange::{Captured, Resource, Seen, place};
use super::names::Names;

/// What a file says of the program that wrote it, and what is not in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorder {
    /// The program and its version, as people know it: `Chrome or Edge DevTools 537.36`.
    pub name: String,
    /// What it leaves out, each in a few words.
    pub left_out: Vec<String>,
    /// Whether it is a program that is known here.
    is_known: bool,
    /// Whether it is one command, of which nothing came.
    pub is_command: bool,
    /// Whether everything in it was sent by a browser.
    pub is_browser: bool,
    /// Whether a page in it is a tab. With others it is every page anew, or one for all.
    pub has_tabs: bool,
    /// Whether cookies are in it.
    pub keeps_cookies: bool,
    /// Whether what presents a token or a client's secret is in it.
    pub keeps_authorization: bool,
    /// Whether answers have bodies.
    pub keeps_bodies: bool,
    /// Whether entries have times.
    pub keeps_times: bool,
    /// The names of the provider, where the recorder stood in its place under one of its own.
    pub names: Option<Names>,
}

/// Programs that can leave cookies and credentials out on demand. Of others what is missing was not sent.
const SANITISERS: [&str; 3] = ["Chrome or Edge DevTools", "Firefox", "SAML-tracer"];

/// Programs by a part of the name they give: what they are called, whether they are a browser's, whether a page is a tab.
const KNOWN: [(&str, &str, bool, bool); 15] = [
    ("webinspector", "Chrome or Edge DevTools", true, false),
    ("webkit", "Safari Web Inspector", true, false),
    ("firefox", "Firefox", true, false),
    ("saml-tracer", "SAML-tracer", true, false),
    ("playwright", "Playwright", true, true),
    ("puppeteer", "Puppeteer", true, true),
    ("mitmproxy", "mitmproxy", false, false),
    ("charles", "Charles", false, false),
    ("proxyman", "Proxyman", false, false),
    ("fiddler", "Fiddler", false, false),
    ("http toolkit", "HTTP Toolkit", false, false),
    ("browsermob", "BrowserMob Proxy", false, false),
    ("reqable", "Reqable", false, false),
    ("postman", "Postman", false, false),
    ("burp", "Burp", false, false),
];

/// Longest name of a program that is told.
const NAME_LIMIT: usize = 60;

impl Recorder {
    /// By the name and version that the file gives.
    pub fn named(name: &str, version: &str) -> Self {
        let plain = name.to_ascii_lowercase();
        let known = KNOWN.iter().find(|(part, ..)| plain.contains(part));
        let (name, is_browser, has_tabs) =
            known.map_or((name, false, false), |(_, name, is_browser, has_tabs)| (*name, *is_browser, *has_tabs));
        let name = if name.trim().is_empty() { "a program that does not say its name" } else { name };
        let name: String = format!("{name} {version}").trim().chars().take(NAME_LIMIT).collect();
        Self { name, is_known: known.is_some(), is_browser, has_tabs, ..Self::default() }
    }

    /// For a command that was copied.
    pub fn of_command() -> Self {
        let left_out = vec!["the answer".to_owned(), "every other request".to_owned()];
        let (keeps_cookies, keeps_authorization) = (true, true);
        Self {
            name: "a cURL command".to_owned(),
            is_command: true,
            left_out,
            keeps_cookies,
            keeps_authorization,
            ..Self::default()
        }
    }

    /// Looks at what is in the file and what is not.
    pub fn looked_at(mut self, entries: &[Captured]) -> Self {
        let has = |name: &str| entries.iter().any(|entry| entry.sent(name).is_some() || entry.got(name).is_some());
        let can_take_out = !self.is_known || SANITISERS.iter().any(|name| self.name.starts_with(name));
        let is_taken_out = has_lost_authorization(entries);
        self.keeps_cookies = !can_take_out && !is_taken_out || has("cookie") || has("set-cookie");
        // Who keeps cookies takes nothing out, so that what is missing was not sent, unless another message tells of it.
        self.keeps_authorization = self.keeps_cookies && !is_taken_out || has("authorization");
        self.keeps_times = entries.iter().any(|entry| entry.started.is_some());
        self.keeps_bodies = entries.iter().any(|entry| entry.response().is_some_and(|it| !it.body.is_empty()));
        if entries.is_empty() {
            return self;
        }
        let lacks = [
            (!self.keeps_cookies, "cookies"),
            (!self.keeps_authorization, "Authorization"),
            (!self.keeps_bodies, "bodies of answers"),
            (!self.keeps_times, "times"),
            (self.is_browser, "what the app itself sends without the browser"),
        ];
        self.left_out = lacks.into_iter().filter(|(lacks, _)| *lacks).map(|(_, what)| what.to_owned()).collect();
        self
    }

    /// The line that is told first: `Recorded by mitmproxy 11.0.2`.
    pub fn line(&self) -> String {
        let sanitised = if self.is_browser && !self.keeps_authorization { ", sanitised" } else { "" };
        match self.left_out.is_empty() {
            true => format!("Recorded by {}", self.name),
            false => format!("Recorded by {}{sanitised}. Not in this file: {}", self.name, self.left_out.join(", ")),
        }
    }
}

/// Whether a credential was sent that is not in the file, whoever took it out: CORS asked whether it may be sent, or an
/// answer says what is wrong with it (RFC 6750 section 3.1), where a request without one is told nothing of the kind.
fn has_lost_authorization(entries: &[Captured]) -> bool {
    let names_it = |entry: &&Captured| {
        let asked = entry.sent("access-control-request-headers").unwrap_or_default();
        asked.split(',').any(|name| name.trim().eq_ignore_ascii_case("authorization"))
    };
    let announced: HashSet<String> = entries.iter().filter(names_it).map(|entry| place(&entry.request.url)).collect();
    let is_bare = |entry: &&Captured| entry.sent("authorization").is_none() && entry.resource != Resource::Preflight;
    entries.iter().filter(is_bare).filter(|entry| entry.response().is_some()).any(|entry| {
        let challenge = entry.got("www-authenticate").unwrap_or_default();
        let is_told = challenge.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("bearer"))
            && challenge.contains("error=\"invalid_token\"");
        is_told && !has_token(entry) || announced.contains(&place(&entry.request.url))
    })
}

/// Whether a token was sent elsewhere than in its header field (RFC 6750 sections 2.2 and 2.3).
fn has_token(entry: &Captured) -> bool {
    let seen = Seen::new(entry);
    seen.param("access_token").is_some()
}
