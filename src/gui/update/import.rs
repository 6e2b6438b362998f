//! What fills in settings: looked at first, then taken into the run that is shown, into a new one, or as the response
//! that a run waits for.

use url::Url;

use super::driver::Driver;
use super::{NO_RUN, edit, jwt, preset, runs};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::{counted, visible};
use crate::client::settings::{FIELDS, Settings, Slot};
use crate::gui::backend::{Backend, Job, OpenFor};
use crate::gui::language::{said, t, words};
use crate::gui::model::{
    Dialog, FILL_IN, IMPORT_TEXT, ImportCommand, ImportDialog, ImportRow, ImportText, Into, Model, RunId, Tab,
};
use crate::gui::opened::{Import, Opened};
use crate::import::{Filled, address_of};
use crate::terms::grant::Grant;
use crate::terms::metadata::Endpoint;
use crate::terms::{credential, misspelt};

/// What is shown for a secret, and for nothing.
const HIDDEN: &str = "(hidden)";
const NOT_SET: &str = words!("not set");

/// Carries out what is done with it.
pub fn carry_out(model: &mut Model, backend: &mut dyn Backend, command: ImportCommand) {
    match command {
        ImportCommand::Ask => {
            model.dialog = Some(Dialog::ImportText(ImportText::default()));
            model.wants_keyboard = Some(said(IMPORT_TEXT));
        }
        ImportCommand::Edit(text) => model.dialog = Some(Dialog::ImportText(ImportText { text, error: None })),
        ImportCommand::Read => {
            if let Some(Dialog::ImportText(asked)) = &model.dialog {
                backend.start(NO_RUN, Job::ReadText(asked.text.clone(), OpenFor::Pasted));
            }
        }
        ImportCommand::Into(into) => {
            if let Some(Dialog::Import(dialog)) = model.dialog.take() {
                look(model, dialog.name, *dialog.import, into);
            }
        }
        ImportCommand::FillIn => {
            if let Some(Dialog::Import(dialog)) = model.dialog.take() {
                fill_in(model, backend, *dialog);
            }
        }
        ImportCommand::TakeApart => {
            if let Some(Dialog::Import(dialog)) = model.dialog.take() {
                let text = dialog.import.text.expose().to_owned();
                backend.start(NO_RUN, Job::ReadText(text, OpenFor::Recording));
            }
        }
        ImportCommand::Decode(setting) => {
            if let Some(Dialog::Import(dialog)) = model.dialog.take() {
                jwt::decode(model, dialog.import.filled.get(setting).unwrap_or_default().to_owned());
            }
        }
    }
}

/// A text of the dialog was read. Where it is nothing that can be opened, the dialog stays, with the text and the reason.
/// Whether it does.
pub fn stays(model: &mut Model, opened: &Opened) -> bool {
    let Some(Dialog::ImportText(asked)) = &mut model.dialog else { return false };
    asked.error = opened.why_not();
    let stays = asked.error.is_some();
    if !stays {
        model.dialog = None;
    }
    stays
}

/// Shows what was read, before anything is taken in.
pub fn came(model: &mut Model, name: String, import: Import) {
    let into = match waiting(model, &import) {
        Some(run) => Into::Response(run),
        None if differs(model, &import.filled).is_some() || model.run.flow.is_recorded() => Into::New,
        // Whoever has this secret is not said, and hardly the server that is shown.
        None if brings_secret(&import.filled) && import.filled.server().is_none() => Into::New,
        None => Into::Present,
    };
    look(model, name, import, into);
    model.wants_keyboard = Some(said(FILL_IN));
}

fn brings_secret(filled: &Filled) -> bool {
    filled.get("client_secret").is_some()
}

fn look(model: &mut Model, name: String, import: Import, into: Into) {
    let filled = &import.filled;
    let grant = filled.grant.unwrap_or(model.run.flow.grant);
    let now = runs::settings_of(model, grant);
    let (rows, same) = match into {
        Into::Response(_) => (of_response(import.text.expose()), 0),
        Into::Present | Into::New => rows(&now, filled),
    };
    let differs = differs(model, filled);
    let keeps_secret = !now.client.client_secret.is_empty() && filled.get("client_secret").is_none();
    model.dialog = Some(Dialog::Import(Box::new(ImportDialog {
        name,
        grant,
        into,
        keeps_secret: differs.is_some() && keeps_secret,
        gives_secret: gives_secret(&now, filled),
        differs,
        rows,
        same,
        import: Box::new(import),
    })));
}

/// The server that would get a client secret of which nothing says whose it is.
fn gives_secret(now: &Settings, filled: &Filled) -> Option<String> {
    let is_homeless = brings_secret(filled) && filled.server().is_none();
    let host = || Url::parse(&now.server.issuer).ok()?.host_str().map(str::to_owned);
    is_homeless.then(host).flatten()
}

/// The run that waits for this response: the one with its `state`, or else the one that is shown.
fn waiting(model: &Model, import: &Import) -> Option<RunId> {
    if !import.filled.is_response() {
        return None;
    }
    let state = parameters(import.text.expose()).get("state").map(str::to_owned);
    let awaited = |run: &&crate::gui::model::Run| run.flow.awaiting().is_some() && !run.flow.is_recorded();
    let fits = |run: &&crate::gui::model::Run| {
        state.is_some() && run.flow.awaiting().is_some_and(|awaiting| awaiting.state == state)
    };
    let runs = model.runs();
    let found = runs.iter().copied().filter(awaited).find(fits).or_else(|| Some(&model.run).filter(awaited));
    found.map(|run| run.id)
}

/// Query and fragment of an address.
fn parameters(text: &str) -> Params {
    let url = address_of(text).and_then(|address| Url::parse(&address).ok());
    let parts = url.iter().flat_map(|url| [url.query(), url.fragment()]).flatten().collect::<Vec<_>>().join("&");
    Params::parse(parts.as_bytes())
}

fn of_response(text: &str) -> Vec<ImportRow> {
    let row = |(name, value): (&str, &str)| {
        let is_hidden = credential::canonical(name).is_some() || misspelt::looks_secret(name);
        ImportRow { name: visible(name).into_owned(), now: String::new(), then: shown(value, is_hidden) }
    };
    parameters(text).iter().map(row).collect()
}

/// The server of what is shown and the one of the import, where they are not the same.
fn differs(model: &Model, filled: &Filled) -> Option<[String; 2]> {
    let place = |url: &Url| {
        let host = url.host_str().unwrap_or_default().to_owned();
        url.port().map_or_else(|| host.clone(), |port| format!("{host}:{port}"))
    };
    let server = &model.own().flow.settings.server;
    let typed = std::iter::once(&server.issuer).chain(server.endpoints.values());
    let known: Vec<String> = typed.filter_map(|url| Url::parse(url).ok()).map(|url| place(&url)).collect();
    let asked = place(&filled.server()?);
    let first = known.first()?;
    (!known.contains(&asked)).then(|| [first.clone(), asked])
}

/// What changes, and how many settings do not.
fn rows(now: &Settings, filled: &Filled) -> (Vec<ImportRow>, usize) {
    let mut now = now.clone();
    let row = |(name, then): &(String, Secret)| {
        let present = value_of(&mut now, name);
        (present != then.expose()).then(|| ImportRow {
            name: visible(name).into_owned(),
            now: shown(&present, Filled::hides(name, &present)),
            then: shown(then.expose(), Filled::hides(name, then.expose())),
        })
    };
    let rows: Vec<ImportRow> = filled.values.iter().filter_map(row).collect();
    let same = filled.values.len() - rows.len();
    (rows, same)
}

fn shown(value: &str, is_hidden: bool) -> String {
    match value {
        "" => said(NOT_SET).to_owned(),
        _ if is_hidden => HIDDEN.to_owned(),
        value => visible(value).into_owned(),
    }
}

/// What is set by this name now.
fn value_of(settings: &mut Settings, name: &str) -> String {
    if let Some(endpoint) = Endpoint::find(name) {
        return settings.server.endpoints.get(&endpoint).cloned().unwrap_or_default();
    }
    if let Some((table, key)) = Settings::table_of(name) {
        return (table.slot)(settings).get(key).unwrap_or_default().to_owned();
    }
    match FIELDS.iter().find(|field| field.name == name).map(|field| (field.slot)(settings)) {
        Some(Slot::Text(text)) => text.clone(),
        Some(Slot::Secret(secret)) => secret.expose().to_owned(),
        Some(Slot::Switch(is_on)) => is_on.to_string(),
        None => String::new(),
    }
}

fn fill_in(model: &mut Model, backend: &mut dyn Backend, dialog: ImportDialog) {
    let ImportDialog { import, grant, into, name, .. } = dialog;
    let filled = &import.filled;
    match into {
        Into::Response(run) => {
            runs::choose(model, backend, run);
            model.tab = Tab::Grant(model.run.flow.grant);
            let address = address_of(import.text.expose()).unwrap_or_default();
            return Driver::of(model, backend).paste_redirect(&address);
        }
        Into::Present => {
            runs::switch(model, backend, grant);
            let settings = onto(&model.run.flow.settings, filled);
            edit::edit_settings(model, backend, settings);
        }
        Into::New => {
            let host = filled.server().and_then(|url| url.host_str().map(str::to_owned));
            preset::taken_in(model, backend, host.unwrap_or(name), grant, alone(filled, grant));
        }
    }
    model.tab = Tab::Grant(grant);
    if !filled.notes.is_empty() {
        model.run.notice = Some(visible(&filled.notes.join(" ")).into_owned());
    }
    let count = filled.values.len();
    super::toast(model, t!("Filled in {count}", count = counted(count, t!("setting"), t!("settings"))));
}

/// The settings with these in their place. A value that is no value for its setting stays out.
fn onto(settings: &Settings, filled: &Filled) -> Settings {
    let mut settings = settings.clone();
    for (name, _) in &filled.values {
        if let Some((table, key)) = Settings::table_of(name) {
            (table.slot)(&mut settings).remove(key);
        }
    }
    for (name, value) in &filled.values {
        // Metadata of the same server go on being fetched.
        if name == "discovery" && !settings.server.issuer.is_empty() {
            continue;
        }
        let _ = settings.set(name, value.expose());
    }
    settings
}

/// These settings alone, with what every run needs.
fn alone(filled: &Filled, grant: Grant) -> Settings {
    let mut settings = Settings::default();
    if grant.has_authorization_request() {
        "http://127.0.0.1:0/callback".clone_into(&mut settings.client.redirect_uri);
    }
    onto(&settings, filled)
}
