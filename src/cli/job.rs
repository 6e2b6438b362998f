//! What the arguments of `run` mean: settings, who plays the user, and what is told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::RunArgs;
use super::assign::{Doubt, assign, secret};
use super::places::is_dash;
use super::unused::{note_unused, unused};
use super::{Usage, asked, display, typed};
use crate::base::http::{ClientCertificate, is_loopback};
use crate::base::secret::Secret;
use crate::base::text;
use crate::client::certificate::from_pem;
use crate::client::seal::SealEdits;
use crate::client::settings::{FIELDS, Field, Kind, Settings, Slot};
use crate::demo;
use crate::export::redact::holds_placeholder;
use crate::flow::callback::{Awaited, Callback, PasteError};
use crate::flow::grant::{adapt, owner_of_foreign, stages};
use crate::flow::stage::Stage;
use crate::io::machine::UserAgent;
use crate::io::serve::Served;
use crate::io::sign_in::User;
use crate::io::{key_file, storage};
use crate::preset::{self, Preset, SecretRef};
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;

use url::Url;

/// Who the user of the practice server is when nobody is named.
const FIRST_USER: &str = "alice";

/// Settings that are at the practice server unless they were typed.
const MOVED: [&str; 2] = ["api_url", "audience"];

/// A run, decided.
pub(super) struct Job {
    pub grant: Grant,
    pub settings: Settings,
    /// The practice server's origin as the settings name it, when it is to run inside this program.
    pub practice: Option<String>,
    /// Which of [`MOVED`] were typed, which stay as they are then.
    pub typed: Vec<&'static str>,
    pub agent: UserAgent,
    pub limit: Duration,
    /// What listeners with `https` show.
    pub listen_certificate: Option<ClientCertificate>,
    /// Whether the client is known by a document that is served here.
    pub has_document: bool,
    pub then: Vec<Stage>,
    pub with_secrets: bool,
    /// Where the run is saved as it goes.
    pub save: Option<PathBuf>,
    /// How often a stopped run is tried again.
    pub retry: u32,
    /// Whether what a client must not use is used all the same.
    pub go_on: bool,
    /// The name of the preset it begins with.
    pub preset: Option<String>,
    /// Changes to what is signed.
    pub seals: SealEdits,
    /// What the user should know first.
    pub notes: Vec<String>,
    /// Names of settings that are none.
    pub doubts: Vec<Doubt>,
    /// Settings that were typed and of which the run makes no use.
    pub unused: Vec<Doubt>,
}

impl Job {
    /// Decides what was typed.
    pub fn new(args: RunArgs) -> Result<Self, Usage> {
        let mut notes = Vec::new();
        let mut pairs = args.set.iter().map(|pair| name_and_value(pair)).collect::<Result<Vec<_>, _>>()?;
        let seals = seal_edits(&mut pairs)?;
        let save = args.save.clone().filter(|path| !is_dash(path));
        if let Some(path) = &save {
            storage::sweep_beside(path);
        }
        let password = args.sign_in_password.as_deref();
        let password = password.map(|text| secret("--sign-in-password", text, &mut notes)).transpose()?;
        let grant = grant_of(&args.grant);
        let source = Source::of(args.preset.as_deref(), &pairs, grant)?;
        let is_practice = matches!(source, Source::Practice(_)) && !names_server(&pairs, grant);
        let mut settings = source.settings(&pairs, &mut notes)?;
        let practice = is_practice.then(|| settings.server.issuer.clone());
        args.redirected_to.as_deref().map_or(Ok(()), |url| check_response(url, grant, &pairs))?;
        let doubts = assign(grant, &mut settings, |name| source.asks(name), &pairs, &mut notes)?;
        let typed = MOVED.into_iter().filter(|moved| pairs.iter().any(|(name, _)| name == moved)).collect();
        if !pairs.iter().any(|(name, _)| *name == "scope") {
            adapt(grant, &mut settings);
        }
        check_response_type(grant, &pairs)?;
        asked::client_secret(source.preset(), &mut settings, grant)?;
        if let (false, Some(username)) = (is_practice, &args.sign_in) {
            if let (Grant::Password, Some(password), true) = (grant, &password, settings.request.password.is_empty()) {
                settings.request.password = password.clone();
            }
            let had_password = !settings.request.password.is_empty();
            demo::name_user(&mut settings, grant, username);
            if !had_password && !settings.request.password.is_empty() {
                notes.push(format!(
                    "the password of {username} is taken to be that of the practice server's users; \
                     give another with password=env:NAME or password=@FILE"
                ));
            }
        }
        let is_beside = matches!(source, Source::Practice(_)) && is_served_beside(&pairs);
        if is_beside {
            move_api(&mut settings, &pairs);
        }
        if is_practice || is_beside {
            if !pairs.iter().any(|(name, _)| *name == "client_id") {
                notes.extend(choose_client(&mut settings, grant));
            }
            demo::fill(&mut settings, grant, args.sign_in.as_deref().unwrap_or(FIRST_USER), None);
        }
        note_unused(&seals, &settings, grant, &mut notes);
        let then: Vec<Stage> = args.then.iter().filter_map(|slug| Stage::find(slug)).collect();
        let unused = unused(&pairs, |name| source.asks(name), grant, &settings, &then);
        check_order(grant, &stages(grant, &settings), &then)?;
        Ok(Self {
            grant,
            preset: source.preset().map(|preset| preset.name.clone()),
            save,
            retry: args.retry,
            go_on: args.go_on,
            seals,
            settings,
            practice,
            typed,
            limit: Duration::from_secs(args.timeout),
            listen_certificate: args.listen_certificate.as_deref().map(listen_certificate).transpose()?,
            has_document: args.client_document,
            then,
            with_secrets: args.with_secrets,
            agent: agent(args, password),
            notes,
            doubts,
            unused,
        })
    }

    /// The practice server as it is shown where there is no display: alice signs in.
    pub fn demonstration() -> Result<Self, Usage> {
        let source = Source::Practice(shipped(preset::PRACTICE)?);
        let settings = source.settings(&[], &mut Vec::new())?;
        Ok(Self {
            grant: Grant::AuthorizationCode,
            practice: Some(settings.server.issuer.clone()),
            settings,
            typed: Vec::new(),
            agent: UserAgent::SignIn(User::named(FIRST_USER)),
            limit: Duration::from_secs(60),
            listen_certificate: None,
            has_document: false,
            then: vec![Stage::Refresh],
            with_secrets: false,
            save: None,
            retry: 0,
            go_on: false,
            preset: None,
            seals: SealEdits::default(),
            notes: Vec::new(),
            doubts: Vec::new(),
            unused: Vec::new(),
        })
    }

    /// Puts the origin the practice server really has into every URL that is on it.
    pub fn move_practice(&mut self, served: &Served) {
        let Some(planned) = &self.practice else { return };
        let real = served.issuer.as_str().trim_end_matches('/');
        let is_moved = |field: &&Field| matches!(field.kind, Kind::Url) || MOVED.contains(&field.name);
        for field in FIELDS.iter().filter(is_moved) {
            let Slot::Text(url) = (field.slot)(&mut self.settings) else { continue };
            let Some(rest) = url.strip_prefix(planned.as_str()) else { continue };
            if self.typed.contains(&field.name) && real != planned {
                self.notes.push(format!(
                    "the practice server of this run is at {real}; {} stays {url} as it was typed",
                    field.name
                ));
            } else {
                *url = format!("{real}{rest}");
            }
        }
        for url in self.settings.server.endpoints.values_mut() {
            if let Some(rest) = url.strip_prefix(planned.as_str()) {
                *url = format!("{real}{rest}");
            }
        }
        demo::fill(&mut self.settings, self.grant, FIRST_USER, served.tls.as_ref());
    }
}

/// Takes the client of the practice server that fits, and says where none does.
fn choose_client(settings: &mut Settings, grant: Grant) -> Option<String> {
    demo::choose_client(settings, grant);
    demo::is_unsuited(settings, grant).then(|| {
        format!(
            "no client of the practice server may use {} with {}; {} is tried",
            grant.slug(),
            settings.auth_method().map_or("this token_endpoint_auth_method", |method| method.name()),
            settings.client.client_id
        )
    })
}

/// A stage that only another one can prepare would do nothing before it.
fn check_order(grant: Grant, of_grant: &[Stage], then: &[Stage]) -> Result<(), Usage> {
    for (at, stage) in then.iter().enumerate() {
        let lacking =
            stage.descriptor().after.filter(|after| !of_grant.iter().chain(&then[..at]).any(|it| it == after));
        if *stage == Stage::RequestUriReuse && lacking.is_some() {
            let why = match grant.has_authorization_request() {
                true => "add --set require_pushed_authorization_requests=true",
                false => "this grant has none",
            };
            return Err(Usage(format!("--then {}: it needs a pushed authorization request: {why}", stage.slug())));
        }
        if let Some(after) = lacking {
            let (slug, first) = (stage.slug(), after.slug());
            return Err(Usage(format!("--then {slug}: it needs {} before it: --then {first},{slug}", after.name())));
        }
    }
    Ok(())
}

/// The grant of a slug, which the arguments have made sure of.
pub(super) fn grant_of(slug: &str) -> Grant {
    Grant::ALL.into_iter().find(|grant| grant.slug() == slug).unwrap_or(Grant::ALL[0])
}

/// What belongs to another grant would be replaced without a word.
fn check_response_type(grant: Grant, pairs: &[(&str, &str)]) -> Result<(), Usage> {
    let typed = pairs.iter().rev().find(|(name, _)| *name == "response_type").map(|(_, value)| *value);
    let foreign = typed.and_then(|typed| Some((typed, owner_of_foreign(typed, grant)?)));
    match foreign.filter(|_| !grant.response_types().is_empty()) {
        None => Ok(()),
        Some((typed, owner)) => Err(Usage(format!(
            "response_type {typed} is that of `run {}`; {} takes {}",
            owner.slug(),
            grant.slug(),
            grant.response_types().join(", ")
        ))),
    }
}

fn agent(args: RunArgs, password: Option<Secret>) -> UserAgent {
    match (args.sign_in, args.redirected_to) {
        (Some(username), _) => UserAgent::SignIn(User { username, password, authorities: None }),
        (None, Some(dash)) if dash == "-" => UserAgent::Paster,
        (None, Some(url)) => UserAgent::Redirected(url),
        (None, None) if args.browser || (!args.print_url && display::is_there()) => UserAgent::Browser,
        (None, None) => UserAgent::Reader,
    }
}

/// What can be known of a response before anything leaves: one that was copied from a story has no code in it, and what
/// is no response now is none later.
fn check_response(url: &str, grant: Grant, pairs: &[(&str, &str)]) -> Result<(), Usage> {
    let refused = |error: &dyn std::fmt::Display| Err(Usage(format!("--redirected-to: {error}")));
    // Without an authorization request it is the way back from a logout, which carries nothing.
    let awaited = match grant.has_authorization_request() {
        true if pairs.contains(&("response_type", "none")) => Awaited::Nothing,
        true => Awaited::Authorization,
        false => Awaited::Logout,
    };
    match Callback::from_pasted_as(&awaited, url) {
        _ if url == "-" && typed::is_stdin_empty() => {
            refused(&"standard input is empty or closed, and the address that the browser ends at is read from it")
        }
        _ if url == "-" => Ok(()),
        _ if holds_placeholder(url) => refused(&PasteError::Hidden),
        Err(error) => refused(&error),
        Ok(_) => Ok(()),
    }
}

fn listen_certificate(path: &Path) -> Result<ClientCertificate, Usage> {
    let refused = |reason: String| Usage(format!("--listen-certificate: {reason}"));
    let text = key_file::read(path, &Secret::default()).map_err(|error| refused(error.to_string()))?;
    from_pem(text.expose()).map_err(|error| refused(format!("{}: {error}", path.display())))
}

pub(super) fn name_and_value(pair: &str) -> Result<(&str, &str), Usage> {
    match pair.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name, value)),
        _ => Err(Usage("--set takes NAME=VALUE, such as --set scope=openid".to_owned())),
    }
}

/// Takes out what changes a claim of a JWT that is made here: `client_assertion.aud=..`, `request.exp=..`, `dpop.omit=ath`.
fn seal_edits(pairs: &mut Vec<(&str, &str)>) -> Result<SealEdits, Usage> {
    let mut edits = SealEdits::default();
    let mut error = None;
    pairs.retain(|(name, value)| match name.split_once('.') {
        Some((seal, claim)) if seal.ends_with("assertion") || SealEdits::NAMES.contains(&seal) => {
            error = error.take().or(edit_claim(&mut edits, seal, claim, value).err());
            false
        }
        _ => true,
    });
    error.map_or(Ok(edits), Err)
}

fn edit_claim(edits: &mut SealEdits, seal: &str, claim: &str, value: &str) -> Result<(), Usage> {
    let Some(claims) = edits.of_mut(seal) else {
        let names = SealEdits::NAMES.join(", ");
        return Err(Usage(format!("--set: nothing is signed as {seal}; what is signed is {names}")));
    };
    match claim {
        "" => return Err(Usage(format!("--set: {seal}. needs the name of a claim, such as {seal}.aud=..."))),
        "omit" if value.trim().is_empty() => {
            return Err(Usage(format!("--set: {seal}.omit needs the name of a claim, such as {seal}.omit=exp")));
        }
        "omit" => value.split_whitespace().for_each(|name| claims.omit(name)),
        name => claims.set(name, value),
    }
    Ok(())
}

/// Whether the practice server that is meant runs on this machine in a process of its own (`serve`), with the same clients.
fn is_served_beside(pairs: &[(&str, &str)]) -> bool {
    let typed = pairs.iter().rev().find(|(name, _)| *name == "issuer");
    typed.is_some_and(|(_, issuer)| Url::parse(issuer).is_ok_and(|url| is_loopback(&url)))
}

/// Has its own API called, unless another one was typed.
fn move_api(settings: &mut Settings, pairs: &[(&str, &str)]) {
    let issuer = settings.server.issuer.trim_end_matches('/');
    if let (true, Ok(url)) = (pairs.iter().all(|(name, _)| *name != "api_url"), Url::parse(&settings.request.api_url)) {
        settings.request.api_url = format!("{issuer}{}", url.path());
    }
}

/// Whether the user says where the server is. An API leads to it in a run that begins there.
fn names_server(pairs: &[(&str, &str)], grant: Grant) -> bool {
    let names_it = |name: &str| name == "issuer" || Endpoint::find(name).is_some();
    pairs.iter().any(|(name, _)| names_it(name) || grant == Grant::Mcp && *name == "api_url")
}

/// Where the settings begin.
enum Source {
    /// The practice server.
    Practice(Preset),
    /// Another preset.
    Preset(Preset),
    /// Nothing but what is typed: a server is named and no preset is.
    Typed,
}

impl Source {
    fn of(preset: Option<&str>, pairs: &[(&str, &str)], grant: Grant) -> Result<Self, Usage> {
        match preset {
            None if names_server(pairs, grant) => Ok(Self::Typed),
            None => Ok(Self::Practice(shipped(preset::PRACTICE)?)),
            Some(name) => match slug_of(name) {
                Some(preset::PRACTICE) => Ok(Self::Practice(shipped(preset::PRACTICE)?)),
                Some(slug) => Ok(Self::Preset(shipped(slug)?)),
                None => Ok(Self::Preset(from_file(name)?)),
            },
        }
    }

    fn preset(&self) -> Option<&Preset> {
        match self {
            Self::Practice(preset) | Self::Preset(preset) => Some(preset),
            Self::Typed => None,
        }
    }

    /// Whether `--set` with this name answers a placeholder.
    fn asks(&self, name: &str) -> bool {
        self.preset().is_some_and(|preset| preset.placeholders.iter().any(|placeholder| placeholder.id == name))
    }

    fn settings(&self, pairs: &[(&str, &str)], notes: &mut Vec<String>) -> Result<Settings, Usage> {
        let Some(preset) = self.preset() else { return Ok(blank()) };
        let answers: BTreeMap<String, String> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let is_typed = pairs.iter().any(|(name, _)| *name == "client_secret");
        let secret = |reference: &SecretRef| if is_typed { Secret::default() } else { resolved(reference, notes) };
        preset.settings(&answers, secret).map_err(|unanswered| {
            let hint = unanswered.0.iter().map(|id| format!("--set {id}=...")).collect::<Vec<_>>().join(" ");
            Usage(format!("{}: {unanswered}; add {hint}", preset.name))
        })
    }
}

/// A first guess for a server that is only named.
pub(super) fn blank() -> Settings {
    let mut settings = Settings::default();
    settings.client.redirect_uri = "http://127.0.0.1:0/callback".to_owned();
    settings.request.scope = "openid".to_owned();
    settings
}

/// A shipped preset by its slug or its name.
pub(super) fn slug_of(name: &str) -> Option<&'static str> {
    let wanted = name.to_lowercase();
    let is_wanted = |slug: &str, text: &str| {
        slug == wanted || Preset::parse(text).is_ok_and(|(preset, _)| preset.name.to_lowercase() == wanted)
    };
    preset::built_in().iter().find(|(slug, text)| is_wanted(slug, text)).map(|(slug, _)| *slug)
}

fn shipped(slug: &str) -> Result<Preset, Usage> {
    let text = preset::find(slug).unwrap_or_default();
    Preset::parse(text).map(|(preset, _)| preset).map_err(|error| Usage(format!("{slug}: {error}")))
}

pub(super) fn no_preset(name: &str) -> Usage {
    let slugs: Vec<&str> = preset::built_in().iter().map(|(slug, _)| *slug).collect();
    let instead = match text::meant(slugs.iter().copied(), name) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("shipped are {}", slugs.join(", ")),
    };
    Usage(format!("there is no file and no shipped preset {name}; {instead}"))
}

/// Refuses a preset that cannot be begun with.
pub(super) fn check_preset(name: &str) -> Result<(), Usage> {
    if slug_of(name).is_some() { Ok(()) } else { from_file(name).map(drop) }
}

fn from_file(name: &str) -> Result<Preset, Usage> {
    let path = Path::new(name);
    if !path.exists() {
        return Err(no_preset(name));
    }
    let text = typed::preset(path)?;
    Preset::parse(&text).map(|(preset, _)| preset).map_err(|error| Usage(format!("{name}: {error}")))
}

fn resolved(reference: &SecretRef, notes: &mut Vec<String>) -> Secret {
    let SecretRef::Env(name) = reference else { return Secret::default() };
    typed::environment(name).unwrap_or_else(|reason| {
        notes.push(format!("{reason}; give it with --set client_secret=env:NAME or client_secret=@FILE"));
        Secret::default()
    })
}
