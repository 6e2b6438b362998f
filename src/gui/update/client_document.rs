//! Client ID metadata documents: made from the settings, served here, fetched and judged; and the client of one put into
//! the settings.

use url::Url;

use super::{NO_RUN, edit, runs};
use crate::base::json::Json;
use crate::base::web_url::web_url;
use crate::client::client_document::{self, Judged, follow, make, speak_as, without_secret};
use crate::client::settings::Settings;
use crate::gui::backend::{Backend, Job, Saved, ToSave};
use crate::gui::client_document::{ANY_PORT, DocumentJob, DocumentReport, Looked, NotServed};
use crate::gui::language::{said, sentence, t};
use crate::gui::model::{
    CheckedDocument, Dialog, DocumentCommand, DocumentDialog, DocumentModel, DocumentSide, Model, Run, ServedHere,
    TO_THE_RUN, TypedDocument,
};
use crate::terms::grant::Grant;

/// Carries out what is done with documents.
pub fn carry_out(model: &mut Model, backend: &mut dyn Backend, command: DocumentCommand) {
    match command {
        DocumentCommand::Ask => model.dialog = Some(Dialog::ClientDocument(Box::new(opened(model)))),
        DocumentCommand::Show(side) => change(model, |dialog| dialog.side = side),
        DocumentCommand::ShowMembers(shows) => change(model, |dialog| dialog.shows_members = shows),
        DocumentCommand::Edit(typed) => edited(model, typed),
        DocumentCommand::Anew => {
            change(model, |dialog| dialog.typed.text.clear());
            made_anew(model);
        }
        DocumentCommand::Serve => serve(model, backend),
        DocumentCommand::Stop => stop(model, backend),
        DocumentCommand::Use => {
            let Some(Dialog::ClientDocument(dialog)) = model.dialog.take() else { return };
            let document = dialog.looked.judged.document.unwrap_or_else(nothing);
            run_as(model, backend, dialog.typed.address.trim(), &document);
        }
        DocumentCommand::Save => save(model, backend),
        DocumentCommand::Type(url) => change(model, |dialog| {
            dialog.check = CheckedDocument { url, ..CheckedDocument::default() };
        }),
        DocumentCommand::Check => check(model, backend),
        DocumentCommand::Leave => {
            if let Some(generation) = model.document_dialog().and_then(|dialog| dialog.check.asked.take()) {
                backend.stop(generation);
            }
        }
        DocumentCommand::UseChecked => {
            let Some(Dialog::ClientDocument(dialog)) = model.dialog.take() else { return };
            if let Some(Ok(Looked { judged, .. })) = dialog.check.came {
                run_as(model, backend, &judged.client_id, &judged.document.unwrap_or_else(nothing));
            }
        }
    }
}

fn nothing() -> Json {
    Json::Object(Vec::new())
}

fn change(model: &mut Model, change: impl FnOnce(&mut DocumentDialog)) {
    if let Some(dialog) = model.document_dialog() {
        change(dialog);
    }
}

/// The dialog as it opens: with what is served, or with what the settings make.
fn opened(model: &Model) -> DocumentDialog {
    let grant = model.run.flow.grant;
    let settings = client(model);
    let client_id = &settings.client.client_id;
    let address = if is_address(client_id) { client_id.as_str() } else { ANY_PORT };
    let method = settings.client.token_endpoint_auth_method.clone();
    let mut typed = TypedDocument { address: address.to_owned(), method, text: String::new() };
    let made = make(&typed.address, &equipped(model, &typed), grant);
    let (made, fault) = made.map_or_else(|fault| (None, Some(fault)), |made| (Some(made), None));
    let served = model.client_document.served.as_ref().filter(|served| served.url == typed.address);
    let document = served.map(|served| served.document.clone());
    typed.text = document.or_else(|| made.as_ref().map(Json::pretty)).unwrap_or_default();
    let looked = looked(model, &typed);
    let (side, check) = (DocumentSide::Make, CheckedDocument::default());
    DocumentDialog { side, typed, made, fault, looked, shows_members: false, trouble: None, check }
}

/// Whether a client_id is meant as an address.
fn is_address(client_id: &str) -> bool {
    web_url(client_id).is_ok()
}

/// The settings of a client that has no secret.
fn client(model: &Model) -> Settings {
    let mut settings = model.run.flow.settings.clone();
    without_secret(&mut settings);
    settings
}

/// The same as it is typed, with what that needs on the practice server.
fn equipped(model: &Model, typed: &TypedDocument) -> Settings {
    let mut settings = client(model);
    typed.address.trim().clone_into(&mut settings.client.client_id);
    settings.client.token_endpoint_auth_method.clone_from(&typed.method);
    model.equip_client(&mut settings, model.run.flow.grant);
    settings
}

/// What is written, judged as a server does that has published its metadata.
fn looked(model: &Model, typed: &TypedDocument) -> Looked {
    let mut judged = Judged::written(typed.address.trim(), typed.text.as_bytes());
    let flow = &model.run.flow;
    let metadata = flow.session.metadata.as_ref();
    let announced = |metadata| client_document::announced(&judged.client_id, metadata, flow.grant == Grant::Mcp);
    let announced = metadata.and_then(announced);
    judged.checks.extend(announced);
    Looked::new(judged)
}

fn edited(model: &mut Model, typed: TypedDocument) {
    let Some(dialog) = model.document_dialog() else { return };
    let before = std::mem::replace(&mut dialog.typed, typed);
    dialog.trouble = None;
    if before.address != dialog.typed.address || before.method != dialog.typed.method {
        return made_anew(model);
    }
    judge_anew(model);
}

/// The settings, or what is typed of them, have changed: what nobody has written follows.
pub fn made_anew(model: &mut Model) {
    let Some(typed) = model.document_dialog().map(|dialog| dialog.typed.clone()) else { return };
    let now = make(typed.address.trim(), &equipped(model, &typed), model.run.flow.grant);
    change(model, |dialog| match now {
        Err(fault) => dialog.fault = Some(fault),
        Ok(now) => {
            let text = &mut dialog.typed.text;
            *text = match &dialog.made {
                Some(before) if !text.is_empty() => follow(text, before, &now),
                _ => now.pretty(),
            };
            (dialog.made, dialog.fault) = (Some(now), None);
        }
    });
    judge_anew(model);
}

fn judge_anew(model: &mut Model) {
    let Some(typed) = model.document_dialog().map(|dialog| dialog.typed.clone()) else { return };
    let looked = looked(model, &typed);
    change(model, |dialog| dialog.looked = looked);
}

fn serve(model: &mut Model, backend: &mut dyn Backend) {
    let Some(typed) = model.document_dialog().map(|dialog| dialog.typed.clone()) else { return };
    let Ok(address) = Url::parse(typed.address.trim()) else { return };
    let generation = model.number();
    model.client_document =
        DocumentModel { generation, is_starting: true, ..std::mem::take(&mut model.client_document) };
    // As it stands in the document, which a parser may have mended.
    let document = client_document::moved(&typed.text, typed.address.trim(), address.as_str());
    backend.start(generation, Job::ClientDocument(DocumentJob::Serve { address, document }));
}

fn stop(model: &mut Model, backend: &mut dyn Backend) {
    let Some(served) = end(model, backend) else { return };
    if model.run.flow.settings.client.client_id == served.url {
        let Settings { client, registration, .. } = *served.before;
        let settings = Settings { client, registration, ..model.run.flow.settings.clone() };
        edit::edit_settings(model, backend, settings);
        // Nobody means the address at which nothing is any more.
        model.client_document.ended = None;
        change(model, |dialog| ANY_PORT.clone_into(&mut dialog.typed.address));
        made_anew(model);
        super::toast(model, t!("The client before is filled in again").to_owned());
    }
}

/// Serves it no more.
fn end(model: &mut Model, backend: &mut dyn Backend) -> Option<ServedHere> {
    let generation = model.client_document.generation;
    backend.start(generation, Job::ClientDocument(DocumentJob::End));
    let served = model.client_document.served.take();
    let ended = served.as_ref().map(|served| served.url.clone());
    model.client_document = DocumentModel { ended, ..DocumentModel::default() };
    served
}

/// Before each frame: what nobody uses is served no more. A run that is under way may need it to its end.
pub fn look(model: &mut Model, backend: &mut dyn Backend) {
    let is_open = matches!(model.dialog, Some(Dialog::ClientDocument(_) | Dialog::SavePath(_)));
    let is_left = model.client_document.is_starting && !is_open;
    let is_meant = |served: &ServedHere| {
        let names = |settings: &Settings| settings.client.client_id == served.url;
        let needs = |run: &&Run| run.running.is_some() && names(&run.flow.settings);
        names(&model.own().flow.settings) || model.runs().iter().any(needs)
    };
    let is_unused = model.client_document.served.as_ref().is_some_and(|served| !is_meant(served));
    if is_left || is_unused {
        end(model, backend);
    }
}

/// Has the run that is shown go on as the client of this document. What has left already was sent as another.
fn run_as(model: &mut Model, backend: &mut dyn Backend, client_id: &str, document: &Json) {
    let mut settings = model.run.flow.settings.clone();
    speak_as(&mut settings, client_id, document);
    model.equip_client(&mut settings, model.run.flow.grant);
    edit::edit_settings(model, backend, settings);
    if !model.run.is_fresh() {
        runs::start_over(model, backend);
    }
    super::toast(model, t!("The run is the client of this document").to_owned());
}

fn save(model: &mut Model, backend: &mut dyn Backend) {
    let Some(text) = model.document_dialog().map(|dialog| dialog.typed.text.clone()) else { return };
    if !std::mem::replace(&mut model.asking_for_file, true) {
        let file = ToSave { text, what: Saved::ClientDocument };
        backend.start(NO_RUN, Job::AskToSave { name: "client.json".to_owned(), file });
    }
}

fn check(model: &mut Model, backend: &mut dyn Backend) {
    let Some(client_id) = model.document_dialog().map(|dialog| dialog.check.url.trim().to_owned()) else { return };
    let Ok(url) = web_url(&client_id) else { return };
    let generation = model.number();
    change(model, |dialog| {
        dialog.check = CheckedDocument { asked: Some(generation), came: None, url: client_id.clone() };
    });
    backend.start(generation, Job::ClientDocument(DocumentJob::Fetch { client_id, url }));
}

/// Takes in what came of it.
pub fn came(model: &mut Model, backend: &mut dyn Backend, generation: u64, report: DocumentReport) {
    match report {
        DocumentReport::Served { url, document } => served(model, backend, generation, &url, document),
        DocumentReport::NotServed(why) if model.client_document.generation == generation => {
            // The one before it was ended first.
            end(model, backend);
            change(model, |dialog| dialog.trouble = Some(told(&why)));
        }
        DocumentReport::NotServed(_) => {}
        DocumentReport::Fetched(looked) => checked(model, generation, Ok(*looked)),
        DocumentReport::NotFetched(why) => {
            let words = format!("{}. {}", sentence(&why.to_string()), sentence(why.advice()));
            checked(model, generation, Err(words));
        }
    }
}

fn told(why: &NotServed) -> String {
    match why {
        NotServed::PortTaken(port) => t!(
            "Port {port} is taken by another program. Type another one into the address, or 0 for any that is free.",
            port
        ),
        NotServed::Failed(why) => {
            t!("{why}. Type another port into the address, or 0 for any that is free.", why = sentence(why))
        }
    }
}

fn served(model: &mut Model, backend: &mut dyn Backend, generation: u64, url: &str, document: String) {
    // Another one took its place, or nobody waits for it any more.
    if model.client_document.generation != generation || model.document_dialog().is_none() {
        return;
    }
    let settings = &model.run.flow.settings;
    let is_of_before = |served: &ServedHere| served.url == settings.client.client_id;
    let before = model.client_document.served.take().filter(is_of_before).map(|served| served.before);
    let before = before.unwrap_or_else(|| Box::new(settings.clone()));
    model.client_document = DocumentModel { generation, ..DocumentModel::default() };
    model.client_document.served = Some(ServedHere { url: url.to_owned(), document: document.clone(), before });
    let parsed = Json::parse_text(&document).ok().filter(Json::is_object).unwrap_or_else(nothing);
    run_as(model, backend, url, &parsed);
    change(model, |dialog| url.clone_into(&mut dialog.typed.address));
    made_anew(model);
    change(model, |dialog| dialog.typed.text = document);
    judge_anew(model);
    model.wants_keyboard = Some(said(TO_THE_RUN));
}

fn checked(model: &mut Model, generation: u64, came: Result<Looked, String>) {
    change(model, |dialog| {
        if dialog.check.asked == Some(generation) {
            dialog.check.asked = None;
            dialog.check.came = Some(came);
        }
    });
}
