//! Presets: choose, open, save. Files are read and written by the backend.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use url::Url;

use super::driver::Driver;
use super::{NO_RUN, runs};
use crate::base::secret::Secret;
use crate::base::time::Timestamp;
use crate::client::endpoint::discovery::typed_issuer;
use crate::client::settings::Settings;
use crate::flow::Flow;
use crate::gui::backend::{Backend, HistoryJob, Job, NotSaved, PASTED, Saved, ToSave};
use crate::gui::language::{Language, said, t};
use crate::gui::model::{
    Audience, CaptureModel, Dialog, DocumentModel, ExpectModel, HistoryModel, JwtModel, LessonsModel, Model,
    OTHER_PATH, PresetAnswers, PresetSource, PresetState, ProfilesModel, Run, RunId, SavePath, ServerModel, TRY_AGAIN,
    Tab, ThemeChoice,
};
use crate::preset::{self, Preset, PresetError, PresetWarning, SecretRef};
use crate::terms::grant::Grant;

/// The model of a window that has just opened: the practice server, ready.
pub fn first_model(backend: &mut dyn Backend) -> Model {
    let practice = backend.practice();
    let now = backend.now();
    let state = built_in_state(preset::PRACTICE);
    let flow = Flow::new(Grant::AuthorizationCode, Settings::default(), backend.entropy());
    let mut model = empty_model(practice, now, state, flow);
    model.practice_tls = backend.practice_tls();
    backend.start(NO_RUN, Job::History(HistoryJob::List));
    let (state, settings) = loaded(&model, backend, &model.preset.clone(), &PresetAnswers::new());
    take(&mut model, backend, state, settings);
    model.notice = model.practice.as_ref().err().map(|why| t!("The practice server does not run: {why}", why));
    model
}

fn empty_model(practice: Result<Url, String>, now: Timestamp, preset: PresetState, flow: Flow) -> Model {
    Model {
        practice_tls: None,
        now,
        notice: None,
        practice,
        tab: Tab::Grant(flow.grant),
        run: Run::new(RunId::default(), String::new(), flow, String::new(), 0, now),
        others: Vec::new(),
        numbers: 0,
        choice: 0,
        presets: BTreeMap::new(),
        history: HistoryModel::default(),
        compare: None,
        expect: ExpectModel::default(),
        profiles: ProfilesModel::default(),
        pair: None,
        capture: CaptureModel::default(),
        client_document: DocumentModel::default(),
        lessons: LessonsModel::default(),
        reveal: false,
        preset,
        dialog: None,
        asking_for_file: false,
        toasts: Vec::new(),
        alarm: None,
        theme: ThemeChoice::System,
        language: Language::English,
        settings_open: None,
        split: None,
        is_narrow: false,
        present: false,
        audience: Audience::default(),
        shown: None,
        jwt: JwtModel::default(),
        server: ServerModel::default(),
        jwt_result: None,
        check_filter: None,
        check_search: String::new(),
        wants_keyboard: None,
        to_zoom: None,
        closes: false,
        to_copy: None,
    }
}

/// A shipped preset as state; its settings are made when it is taken.
fn built_in_state(slug: &str) -> PresetState {
    let text = preset::find(slug).unwrap_or_default();
    let (preset, _) = Preset::parse(text).unwrap_or_default();
    PresetState {
        source: PresetSource::BuiltIn(slug.to_owned()),
        preset,
        saved: Settings::default(),
        warnings: Vec::new(),
        keep_secret: false,
    }
}

/// The settings of a preset. Unanswered placeholders stay as they are written.
fn loaded(
    model: &Model,
    backend: &mut dyn Backend,
    state: &PresetState,
    answers: &PresetAnswers,
) -> (PresetState, Settings) {
    let secret = |reference: &SecretRef| match reference {
        SecretRef::Env(name) => backend.environment(name).unwrap_or_default(),
        _ => Secret::default(),
    };
    let mut settings = state.preset.settings(answers, secret).unwrap_or_else(|_| state.preset.template.clone());
    if state.source == PresetSource::BuiltIn(preset::PRACTICE.to_owned()) {
        point_at_practice(&mut settings, &model.practice);
    }
    let keep_secret = matches!(state.preset.client_secret, SecretRef::Plain(_));
    (PresetState { saved: settings.clone(), keep_secret, ..state.clone() }, settings)
}

/// The practice server may have had to take another port than the preset's.
fn point_at_practice(settings: &mut Settings, practice: &Result<Url, String>) {
    let Ok(issuer) = practice else { return };
    let origin = issuer.origin().ascii_serialization();
    let path = Url::parse(&settings.request.api_url).map(|url| url.path().to_owned()).unwrap_or_default();
    settings.request.api_url = format!("{origin}{path}");
    settings.server.issuer = origin;
}

/// Begins with a preset. The grant that a file of the user names chooses the tab; that of a shipped one is but an example.
fn take(model: &mut Model, backend: &mut dyn Backend, state: PresetState, settings: Settings) {
    let named = match state.source {
        PresetSource::File(_) if !state.preset.grant.is_empty() => state.preset.known_grant(),
        _ => None,
    };
    let grant = named.unwrap_or(model.run.flow.grant);
    take_as(model, backend, state, settings, grant);
}

fn take_as(model: &mut Model, backend: &mut dyn Backend, state: PresetState, mut settings: Settings, grant: Grant) {
    let was_typed = model.is_unsaved();
    let provider = state.preset.name.clone();
    let choice = runs::choice_of(model, state);
    model.equip(&mut settings, grant);
    let run = Run { choice, provider, ..runs::make(model, backend, grant, settings) };
    model.tab = Tab::Grant(grant);
    runs::show_first(model, backend, run, was_typed);
    if model.preset.lacks_secret(&model.run.flow.settings).is_some() {
        (model.wants_keyboard, model.settings_open) = (Some("client_secret"), Some(true));
    }
    Driver::of(model, backend).refresh();
}

/// A shipped secret protects nothing and may be saved in clear; another one in its place only when the user says so.
pub fn guard_secret(model: &mut Model, secret: &Secret) {
    let shipped = match (&model.preset.source, &model.preset.preset.client_secret) {
        (PresetSource::BuiltIn(_), SecretRef::Plain(shipped)) => shipped,
        _ => return,
    };
    let present = &model.run.flow.settings.client.client_secret;
    if present == shipped && secret != shipped {
        model.preset.keep_secret = false;
    }
}

/// Begins with a shipped preset, asking for its placeholders first.
pub fn choose(model: &mut Model, backend: &mut dyn Backend, slug: &str) {
    let state = built_in_state(slug);
    if state.preset.placeholders.is_empty() {
        let (state, settings) = loaded(model, backend, &state, &PresetAnswers::new());
        return take(model, backend, state, settings);
    }
    let defaults = state.preset.placeholders.iter();
    let answers = defaults.map(|p| (p.id.clone(), p.default.clone().unwrap_or_default())).collect();
    model.dialog = Some(Dialog::Placeholders { preset: Box::new(state), answers });
}

/// The answers are complete when no placeholder is left over.
pub fn answer(model: &mut Model, backend: &mut dyn Backend, answers: PresetAnswers) {
    let Some(Dialog::Placeholders { preset, .. }) = model.dialog.clone() else { return };
    if preset.preset.settings(&answers, |_| Secret::default()).is_err() {
        model.dialog = Some(Dialog::Placeholders { preset, answers });
        return;
    }
    model.dialog = None;
    let (state, settings) = loaded(model, backend, &preset, &answers);
    take(model, backend, state, settings);
}

/// Another server: its metadata says where everything is. Client and secret stay behind, since a secret is
/// meant for the server it was issued by.
pub fn discover(model: &mut Model, backend: &mut dyn Backend, issuer: &str) {
    let Some(issuer) = typed_issuer(issuer) else { return };
    let mut settings = Settings::default();
    settings.client.redirect_uri = "http://127.0.0.1:0/callback".to_owned();
    settings.request.scope = "openid profile email".to_owned();
    settings.server.issuer.clone_from(&issuer);
    let name = Url::parse(&issuer).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or(issuer);
    model.dialog = None;
    take(model, backend, PresetState::unsaved(name), settings);
    model.run.searches = true;
    runs::next(model, backend);
}

/// Begins with settings that come from elsewhere, in a run of this grant.
pub fn taken_in(model: &mut Model, backend: &mut dyn Backend, name: String, grant: Grant, settings: Settings) {
    take_as(model, backend, PresetState::unsaved(name), settings, grant);
}

/// A preset and its unknown keys, or why it is none.
type ReadPreset = Result<Box<(Preset, Vec<PresetWarning>)>, PresetError>;

/// Takes in a file. What is wrong with it is said; the settings in use stay.
pub fn opened(model: &mut Model, backend: &mut dyn Backend, path: PathBuf, read: ReadPreset) {
    let (preset, warnings) = match read {
        Ok(read) => *read,
        Err(error) => {
            model.notice = Some(t!(
                "{path} is no preset that can be read: {error}. The settings are unchanged.",
                path = path.display(),
                error
            ));
            return;
        }
    };
    let source =
        if path == Path::new(PASTED) { PresetSource::BuiltIn(String::new()) } else { PresetSource::File(path) };
    let state =
        PresetState { source, preset, saved: Settings::default(), warnings: told(&warnings), keep_secret: false };
    if !state.preset.placeholders.is_empty() {
        let answers =
            state.preset.placeholders.iter().map(|p| (p.id.clone(), p.default.clone().unwrap_or_default())).collect();
        model.dialog = Some(Dialog::Placeholders { preset: Box::new(state), answers });
        return;
    }
    let (state, settings) = loaded(model, backend, &state, &PresetAnswers::new());
    let name = state.preset.name.clone();
    take(model, backend, state, settings);
    super::toast(model, t!("Opened {name}", name));
}

/// What is said of unknown keys: of the first of them, and how many more there are.
fn told(warnings: &[PresetWarning]) -> Vec<String> {
    const TOLD: usize = 5;
    let more = warnings.len().saturating_sub(TOLD);
    let more = (more > 0).then(|| match more {
        1 => t!("One more key is not known and was ignored").to_owned(),
        more => t!("{more} more keys are not known and were ignored", more),
    });
    warnings.iter().take(TOLD).map(ToString::to_string).chain(more).collect()
}

/// Saves where the preset came from; a shipped one asks for a place.
pub fn save(model: &mut Model, backend: &mut dyn Backend) {
    match model.preset.source.clone() {
        PresetSource::File(path) => {
            let file = to_save(model);
            backend.start(NO_RUN, Job::Write { path, file, replaces: true });
        }
        PresetSource::BuiltIn(_) => save_as(model, backend),
    }
}

/// Asks for a place.
pub fn save_as(model: &mut Model, backend: &mut dyn Backend) {
    if model.asking_for_file {
        return;
    }
    model.asking_for_file = true;
    let file = to_save(model);
    backend.start(NO_RUN, Job::AskToSave { name: suggested_name(model), file });
}

fn suggested_name(model: &Model) -> String {
    match &model.preset.source {
        PresetSource::BuiltIn(slug) if slug.is_empty() => format!("{}.toml", name_of(model)),
        PresetSource::BuiltIn(slug) => format!("my-{slug}.toml"),
        PresetSource::File(path) => path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
    }
}

/// A typed path. A file that is there is replaced when the user was told of it.
pub fn save_path(model: &mut Model, backend: &mut dyn Backend, path: &str) {
    let Some(Dialog::SavePath(SavePath { file, problem, over, .. })) = model.dialog.take() else { return };
    model.dialog = over.map(|over| *over);
    let path = PathBuf::from(path.trim());
    backend.start(NO_RUN, Job::Write { path, file, replaces: problem == Some(NotSaved::Taken) });
}

fn to_save(model: &Model) -> ToSave {
    let settings = Box::new(model.run.flow.settings.clone());
    ToSave { text: text_of(model), what: Saved::Preset(model.choice, settings) }
}

/// The file's text. The secret is in it only when the user chose so by name.
fn text_of(model: &Model) -> String {
    let settings = &model.run.flow.settings;
    let secret = match (&model.preset.preset.client_secret, model.preset.keep_secret) {
        _ if settings.client.client_secret.is_empty()
            && !matches!(model.preset.preset.client_secret, SecretRef::Env(_) | SecretRef::Ask) =>
        {
            SecretRef::Absent
        }
        (_, true) => SecretRef::Plain(settings.client.client_secret.clone()),
        (SecretRef::Env(name), false) => SecretRef::Env(name.clone()),
        (_, false) => SecretRef::Ask,
    };
    let preset = Preset::from_settings(&name_of(model), settings, secret, Some(&model.preset.preset));
    Preset { grant: model.run.flow.grant.key().to_owned(), ..preset }.to_toml()
}

fn name_of(model: &Model) -> String {
    model.preset.preset.name.clone()
}

/// The file is written. That of a preset is from now on where the settings came from, unless another provider was chosen
/// meanwhile.
pub fn saved(model: &mut Model, path: PathBuf, what: Saved) {
    model.asking_for_file = false;
    match what {
        // It goes to somebody else, so its place is looked for next.
        Saved::Document(_) | Saved::Handout | Saved::ClientDocument => {
            super::toast(model, t!("Saved {path}", path = path.display()));
        }
        _ => super::toast(model, t!("Saved {path}", path = shown(&path))),
    }
    if let Saved::Preset(choice, settings) = what
        && choice == model.choice
    {
        model.preset.source = PresetSource::File(path);
        model.preset.saved = *settings;
    }
}

/// The file is not written. Its path is kept, to be changed or tried again.
pub fn not_saved(model: &mut Model, path: &Path, file: ToSave, why: NotSaved) {
    model.asking_for_file = false;
    let path = path.display().to_string();
    // Nothing is replaced by a key that was pressed once too often.
    model.wants_keyboard = Some(said(if why == NotSaved::Taken { OTHER_PATH } else { TRY_AGAIN }));
    ask_for_path(model, path, file, Some(why));
}

fn shown(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// Without a file dialog on this system a path to save at can be typed.
pub fn no_dialog_to_save(model: &mut Model, name: String, file: ToSave) {
    model.asking_for_file = false;
    ask_for_path(model, name, file, None);
}

/// What is written on in a dialog is there again afterwards.
fn ask_for_path(model: &mut Model, path: String, file: ToSave, problem: Option<NotSaved>) {
    let over = model.dialog.take().filter(|dialog| matches!(dialog, Dialog::ClientDocument(_))).map(Box::new);
    model.dialog = Some(Dialog::SavePath(SavePath { path, file, problem, over }));
}
