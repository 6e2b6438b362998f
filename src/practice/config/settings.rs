//! The settings of a server as TOML: strict, so that a misspelt key is no setting that silently does nothing.
//!
//! A file, the environment and options are all such texts, and each is laid over the one before.

use core::net::IpAddr;
use std::ops::Range;
use std::time::Duration;

use serde::Deserialize;
use toml::Spanned;
use url::Url;

use super::super::faults::FaultEntry;
use super::super::pattern::Pattern;
use super::super::place::{base, is_plain};
use super::clients::Clients;
use super::file::{ClientTable, SIGNING_ALGS, client, scope_word, seconds};
use super::rules_file::{RuleTable, rule};
use super::site;
use super::user::{UserTable, user};
use super::{Client, Config, Cors, Login, User};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::terms::profile::Profile;

/// What is wrong with a configuration file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {what}")]
pub struct ConfigError {
    /// Where, counted from 1.
    pub line: usize,
    /// What, in lower case. Never a secret.
    pub what: String,
}

/// What a key of the top holds, for those who have only text: the environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Switch,
    /// Texts, separated by commas.
    List,
}

/// Every key of the top that is no table, in the order of the documented example.
pub const KEYS: &[(&str, Kind)] = &[
    ("bind", Kind::Text),
    ("port", Kind::Number),
    ("tls_port", Kind::Number),
    ("issuer", Kind::Text),
    ("path", Kind::Text),
    ("allow_hosts", Kind::List),
    ("outgoing_hosts", Kind::List),
    ("control_port", Kind::Number),
    ("control_bind", Kind::Text),
    ("control_secrets", Kind::Switch),
    ("certificate", Kind::Text),
    ("ready_file", Kind::Text),
    ("write_certificates", Kind::Text),
    ("login", Kind::Text),
    ("login_user", Kind::Text),
    ("stylesheet", Kind::Text),
    ("clients", Kind::Text),
    ("redirect_patterns", Kind::List),
    ("cors", Kind::List),
    ("clock", Kind::Text),
    ("keys", Kind::List),
    ("signing_alg", Kind::Text),
    ("signing_algs", Kind::List),
    ("code_lifetime", Kind::Number),
    ("access_token_lifetime", Kind::Number),
    ("refresh_token_lifetime", Kind::Number),
    ("id_token_lifetime", Kind::Number),
    ("profile", Kind::Text),
    ("require_pushed_authorization_requests", Kind::Switch),
    ("require_signed_request_object", Kind::Switch),
    ("dpop_nonce_required", Kind::Switch),
    ("signed_metadata", Kind::Switch),
    ("initial_access_token", Kind::Text),
    ("scopes", Kind::List),
    ("faults", Kind::List),
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    bind: Option<Spanned<String>>,
    port: Option<u16>,
    tls_port: Option<u16>,
    issuer: Option<Spanned<String>>,
    path: Option<Spanned<String>>,
    allow_hosts: Option<Vec<Spanned<String>>>,
    outgoing_hosts: Option<Vec<Spanned<String>>>,
    control_port: Option<u16>,
    control_bind: Option<Spanned<String>>,
    control_secrets: Option<bool>,
    certificate: Option<String>,
    ready_file: Option<String>,
    write_certificates: Option<String>,
    stylesheet: Option<String>,
    login: Option<Spanned<String>>,
    login_user: Option<String>,
    redirect_patterns: Option<Vec<Spanned<String>>>,
    #[serde(default)]
    issuers: Vec<Spanned<File>>,
    #[serde(default)]
    faults: Vec<Spanned<String>>,
    cors: Option<Vec<Spanned<String>>>,
    clock: Option<Spanned<String>>,
    keys: Option<Vec<String>>,
    signing_alg: Option<Spanned<String>>,
    signing_algs: Option<Vec<Spanned<String>>>,
    rules: Option<Vec<Spanned<RuleTable>>>,
    code_lifetime: Option<Spanned<u64>>,
    access_token_lifetime: Option<Spanned<u64>>,
    refresh_token_lifetime: Option<Spanned<u64>>,
    id_token_lifetime: Option<Spanned<u64>>,
    profile: Option<Spanned<String>>,
    require_pushed_authorization_requests: Option<bool>,
    require_signed_request_object: Option<bool>,
    dpop_nonce_required: Option<bool>,
    signed_metadata: Option<bool>,
    initial_access_token: Option<String>,
    scopes: Option<Vec<Spanned<String>>>,
    clients: Option<Spanned<Clients>>,
    users: Option<Spanned<Vec<Spanned<UserTable>>>>,
}

/// What is wrong, and where in the text.
type Wrong = (Range<usize>, String);

impl Config {
    /// Reads a configuration file. What it leaves out is as in [`Config::practice`]; clients and users
    /// that it names take the place of all others.
    ///
    /// ```toml
    #[doc = include_str!("example.toml")]
    /// ```
    ///
    /// # Errors
    /// For text that is no TOML, unknown keys and values that cannot work, with the line.
    pub fn from_toml(text: &str, issuer: Url) -> Result<Self, ConfigError> {
        let mut config = Self::practice(issuer);
        config.lay(text)?;
        Ok(config)
    }

    /// Lays such a text over what is set: what it leaves out stays as it is, lists are replaced, faults added.
    ///
    /// # Errors
    /// As for [`Config::from_toml`].
    pub fn lay(&mut self, text: &str) -> Result<(), ConfigError> {
        let at_line = |(span, what): Wrong| ConfigError { line: line_of(text, span.start), what };
        let mut file: File = toml::from_str(text).map_err(|problem| at_line(unreadable(text, &problem)))?;
        let further = std::mem::take(&mut file.issuers);
        self.lay_file(file).map_err(at_line)?;
        for one in further {
            let one = beside(self, one).map_err(at_line)?;
            self.further.push(one);
        }
        for one in &mut self.further {
            one.site.clone_from(&self.site);
        }
        Ok(())
    }

    fn lay_file(&mut self, file: File) -> Result<(), Wrong> {
        self.lay_site(&file)?;
        self.lay_login(&file)?;
        self.lay_tokens(&file)?;
        if let Some(rules) = file.rules {
            let read = |table: Spanned<RuleTable>| {
                let span = table.span();
                rule(table.into_inner()).map_err(|what| (span, what))
            };
            self.rules = rules.into_iter().map(read).collect::<Result<_, _>>()?;
        }
        for (lifetime, setting) in [
            (file.code_lifetime, &mut self.code_lifetime),
            (file.access_token_lifetime, &mut self.access_token_lifetime),
            (file.refresh_token_lifetime, &mut self.refresh_token_lifetime),
            (file.id_token_lifetime, &mut self.id_token_lifetime),
        ] {
            lay_lifetime(setting, lifetime)?;
        }
        if let Some(named) = file.profile {
            self.profile = Some(profile(named.as_ref()).map_err(|what| (named.span(), what))?);
        }
        for (switch, setting) in [
            (file.require_pushed_authorization_requests, &mut self.require_pushed_authorization_requests),
            (file.require_signed_request_object, &mut self.require_signed_request_object),
            (file.dpop_nonce_required, &mut self.dpop_nonce_required),
            (file.signed_metadata, &mut self.signed_metadata),
        ] {
            *setting = switch.unwrap_or(*setting);
        }
        if let Some(token) = file.initial_access_token.filter(|token| !token.is_empty()) {
            self.initial_access_token = Some(Secret::new(token));
        }
        if let Some(words) = file.scopes {
            self.scopes = all(&words, scope_word)?;
        }
        if let Some(clients) = file.clients {
            self.lay_clients(clients)?;
        }
        if let Some(users) = file.users {
            self.users = each((users.span(), users.into_inner()), user, |user: &User| &user.sub)?;
        }
        let faults = all(&file.faults, |name| name.parse::<FaultEntry>().map_err(|wrong| wrong.to_string()))?;
        self.faults.extend(faults);
        Ok(())
    }

    fn lay_clients(&mut self, clients: Spanned<Clients>) -> Result<(), Wrong> {
        let span = clients.span();
        let tables = match clients.into_inner() {
            Clients::These(tables) => tables,
            Clients::Named(word) if word == "any" => {
                (self.any_client, self.clients) = (true, Vec::new());
                return Ok(());
            }
            Clients::Named(word) => return Err((span, format!("clients is {word}, not any, nor a list of clients"))),
        };
        let read = |table: ClientTable| {
            let about = format!("{}: ", table.client_id);
            client(table).and_then(|client| reached(client, self)).map_err(|what| about + &what)
        };
        self.clients = each((span, tables), read, |client: &Client| &client.client_id)?;
        self.any_client = false;
        Ok(())
    }

    fn lay_tokens(&mut self, file: &File) -> Result<(), Wrong> {
        let known = |key: &str, alg: &str| match SIGNING_ALGS.contains(&alg) {
            true => Ok(alg.to_owned()),
            false => Err(format!("{key} is {alg}, not one of {}", SIGNING_ALGS.join(", "))),
        };
        if let Some(alg) = &file.signing_alg {
            self.signing_alg = known("signing_alg", alg.as_ref()).map_err(|what| (alg.span(), what))?;
        }
        if let Some(algs) = &file.signing_algs {
            self.signing_algs = all(algs, |alg| known("signing_algs", alg))?;
            self.signing_alg = self.signing_algs.first().unwrap_or(&self.signing_alg).clone();
        }
        if let Some(files) = &file.keys {
            self.site.keys.clone_from(files);
        }
        if let Some(clock) = &file.clock {
            let what = || format!("clock is {}, not like 2030-01-01T00:00:00Z", clock.as_ref());
            self.clock = Some(Timestamp::parse(clock.as_ref()).ok_or_else(|| (clock.span(), what()))?);
        }
        if let Some(origins) = &file.cors {
            let origins = all(origins, origin)?;
            self.cors = match origins.iter().any(|origin| origin == "*") {
                true => Cors::Anybody,
                false if origins.is_empty() => Cors::Nobody,
                false => Cors::Origins(origins),
            };
        }
        Ok(())
    }

    fn lay_login(&mut self, file: &File) -> Result<(), Wrong> {
        if let Some(login) = &file.login {
            self.login = match login.as_ref().as_str() {
                "page" => Login::Page,
                "auto" => Login::Auto,
                other => return Err((login.span(), format!("login is {other}, not page or auto"))),
            };
        }
        if file.login_user.is_some() {
            self.login_user.clone_from(&file.login_user);
        }
        if let Some(patterns) = &file.redirect_patterns {
            self.redirect_patterns = all(patterns, |text| Ok(Pattern::new(text)))?;
        }
        Ok(())
    }

    fn lay_site(&mut self, file: &File) -> Result<(), Wrong> {
        if let Some(issuer) = &file.issuer {
            let url = issuer_url(issuer.as_ref()).map_err(|what| (issuer.span(), what))?;
            self.move_to(&url);
            self.issuer = url;
        }
        if let Some(path) = &file.path {
            self.issuer = place(path, self.issuer.clone())?;
        }
        let site = &mut self.site;
        for (key, named, setting) in
            [("bind", &file.bind, &mut site.bind), ("control_bind", &file.control_bind, &mut site.control_bind)]
        {
            if let Some(named) = named {
                *setting = Some(address(key, named.as_ref()).map_err(|what| (named.span(), what))?);
            }
        }
        site.control_port = file.control_port.or(site.control_port);
        site.control_secrets = file.control_secrets.unwrap_or(site.control_secrets);
        for (hosts, setting) in
            [(&file.allow_hosts, &mut site.allow_hosts), (&file.outgoing_hosts, &mut site.outgoing_hosts)]
        {
            if let Some(hosts) = hosts {
                *setting = all(hosts, site::host)?;
            }
        }
        site.port = file.port.or(site.port);
        site.tls_port = file.tls_port.or(site.tls_port);
        for (named, setting) in [
            (&file.certificate, &mut site.certificate),
            (&file.ready_file, &mut site.ready_file),
            (&file.write_certificates, &mut site.write_certificates),
            (&file.stylesheet, &mut site.stylesheet),
        ] {
            if named.is_some() {
                setting.clone_from(named);
            }
        }
        Ok(())
    }
}

/// A server of `[[issuers]]`, beside those that are there.
fn beside(first: &Config, table: Spanned<File>) -> Result<Config, Wrong> {
    let (span, file) = (table.span(), table.into_inner());
    let wrong = |what: String| (span.clone(), what);
    if file.path.is_none() {
        return Err(wrong("an issuer of [[issuers]] needs its path".to_owned()));
    }
    if !file.issuers.is_empty() {
        return Err(wrong("an issuer has no issuers of its own".to_owned()));
    }
    let mut origin = first.issuer.clone();
    origin.set_path("/");
    let mut config = Config::practice(origin);
    config.site = first.site.clone();
    config.lay_file(file)?;
    if config.site != first.site {
        return Err(wrong("where the servers listen stands at the top, not in [[issuers]]".to_owned()));
    }
    if first.each().any(|known| known.issuer == config.issuer) {
        return Err(wrong(format!("there are two issuers at {}", config.issuer_text())));
    }
    Ok(config)
}

/// A client that the server may send to where it wants to be pinged and told of logouts, and has its keys.
///
/// # Errors
/// When it may not, in words.
pub fn reached(client: Client, config: &Config) -> Result<Client, String> {
    let addresses = [
        ("backchannel_client_notification_endpoint", &client.backchannel_client_notification_endpoint),
        ("backchannel_logout_uri", &client.backchannel_logout_uri),
        ("jwks_uri", &client.jwks_uri),
    ];
    let may_send_to = |text: &str| Url::parse(text).is_ok_and(|url| config.may_send_to(&url));
    let unreached = addresses.into_iter().find(|(_, at)| at.as_deref().is_some_and(|text| !may_send_to(text)));
    match unreached.map(|(name, _)| name) {
        Some(name) => Err(format!("{name} is not on this machine, and outgoing_hosts does not list its host")),
        None => Ok(client),
    }
}

fn issuer_url(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && is_plain(url));
    url.ok_or_else(|| format!("issuer is {text}, not like https://idp.test:9400 or https://idp.test/blue"))
}

fn profile(word: &str) -> Result<Profile, String> {
    let known = || Profile::ALL.map(Profile::slug).join(", ");
    Profile::find(word).ok_or_else(|| format!("profile is {word}, not one of {}", known()))
}

/// An origin as browsers write it: scheme, host, and a port that is not the usual one.
fn origin(text: &str) -> Result<String, String> {
    let written = Url::parse(text).map(|url| url.origin().ascii_serialization());
    match text == "*" || written.is_ok_and(|written| written == text) {
        true => Ok(text.to_owned()),
        false => Err(format!("cors has {text}, which is no origin such as http://localhost:5173, nor * for all")),
    }
}

fn address(key: &str, text: &str) -> Result<IpAddr, String> {
    let named = if text == "localhost" { "127.0.0.1" } else { text };
    named.parse().map_err(|_| format!("{key} is {text}, not an address such as 127.0.0.1, 0.0.0.0 or ::"))
}

/// The issuer of this path.
fn place(path: &Spanned<String>, origin: Url) -> Result<Url, Wrong> {
    let mut issuer = origin;
    issuer.set_path(path.as_ref());
    let is_as_written = base(&issuer) == path.as_ref() && is_plain(&issuer);
    let what = || format!("path is {}, not like /blue: letters, digits, - and _ after each slash", path.as_ref());
    is_as_written.then_some(issuer).ok_or_else(|| (path.span(), what()))
}

fn lay_lifetime(setting: &mut Duration, lifetime: Option<Spanned<u64>>) -> Result<(), Wrong> {
    if let Some(lifetime) = lifetime {
        *setting = seconds(*lifetime.as_ref()).map_err(|what| (lifetime.span(), what))?;
    }
    Ok(())
}

/// Each text of a list as what it stands for.
fn all<T>(texts: &[Spanned<String>], read: impl Fn(&str) -> Result<T, String>) -> Result<Vec<T>, Wrong> {
    texts.iter().map(|text| read(text.as_ref()).map_err(|what| (text.span(), what))).collect()
}

/// Reads every table of a list, which must not be empty nor have a name twice.
fn each<T, U>(
    (span, tables): (Range<usize>, Vec<Spanned<T>>),
    read: impl Fn(T) -> Result<U, String>,
    name: impl Fn(&U) -> &String,
) -> Result<Vec<U>, Wrong> {
    let mut items: Vec<U> = Vec::new();
    for table in tables {
        let span = table.span();
        let item = read(table.into_inner()).map_err(|what| (span.clone(), what))?;
        if name(&item).is_empty() || items.iter().any(|other| name(other) == name(&item)) {
            return Err((span, format!("the name is empty or occurs twice: {}", name(&item))));
        }
        items.push(item);
    }
    if items.is_empty() {
        return Err((span, "the list is empty; leave it out for the usual ones".to_owned()));
    }
    Ok(items)
}

/// What the TOML library says, with the key that it says it of.
fn unreadable(text: &str, problem: &toml::de::Error) -> Wrong {
    let span = problem.span().unwrap_or_default();
    let message = super::unknown::worded(problem.message().lines().next().unwrap_or_default());
    let before = text.get(..span.start).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let key = line.rsplit(['{', ',']).next().unwrap_or_default().split_once('=').map(|(key, _)| key.trim());
    match key.filter(|key| !key.is_empty() && !message.contains(*key)) {
        Some(key) => (span, format!("{key}: {message}")),
        None => (span, message),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1
}
