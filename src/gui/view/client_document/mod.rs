//! The dialog for client ID metadata documents: one is made from the settings and served here, another one is fetched and
//! judged as a server would. And what of it stands under client_id.

mod check;
mod judged;
mod make;

use egui::{Context, Label, Rect, Response, Ui, pos2, vec2};

use super::{Commands, explained};
use crate::base::check::Verdict;
use crate::base::text::visible;
use crate::base::web_url::web_url;
use crate::client::client_document::judge_url;
use crate::gui::command::Command;
use crate::gui::language::{said, sentence, t};
use crate::gui::model::{CLIENT_DOCUMENT, DocumentCommand, DocumentDialog, DocumentSide, Model};
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::widgets::dialog::Dialog;
use crate::gui::widgets::{Button, Caption, Field, Tab, TabRow, Tone, in_room, paint};

/// Room for a document and its verdicts beside each other.
const WIDTH: f32 = 880.0;
/// What stands around the sides of the dialog.
const AROUND: f32 = 196.0;
/// The lowest and the highest that document and verdicts get.
const BODY: [f32; 2] = [150.0, 400.0];
/// Between them.
const GAP: f32 = 16.0;

fn push(out: &mut Commands, command: DocumentCommand) {
    out.push(Command::ClientDocument(command));
}

/// The dialog.
pub fn show(ctx: &Context, model: &Model, dialog: &DocumentDialog, out: &mut Commands) {
    let most = ctx.content_rect().height() - AROUND;
    let response = Dialog::new(said(CLIENT_DOCUMENT)).width(WIDTH).show(ctx, |ui| {
        let tabs = [Tab::new(DocumentSide::Make, t!("Make one")), Tab::new(DocumentSide::Check, t!("Check a URL"))];
        if let Some(side) = TabRow::new(t!("Make or check"), &tabs).compact().show(ui, dialog.side) {
            push(out, DocumentCommand::Show(side));
        }
        ui.add_space(size::SPACE);
        let room = Room { most, top: ui.next_widget_position().y };
        match dialog.side {
            DocumentSide::Make => make::show(ui, room, model, dialog, out),
            DocumentSide::Check => check::show(ui, room, &dialog.check, out),
        }
    });
    if response.closed {
        out.push(Command::CloseDialog);
    }
}

/// How high a side may be, and where it begins.
#[derive(Clone, Copy)]
struct Room {
    most: f32,
    top: f32,
}

/// Document and verdicts beside each other, in what room is left.
fn columns(ui: &mut Ui, room: Room, document: impl FnOnce(&mut Ui), verdicts: impl FnOnce(&mut Ui)) {
    let taken = ui.next_widget_position().y - room.top;
    let height = (room.most - taken).clamp(BODY[0], BODY[1]);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), height));
    let middle = (rect.center().x - GAP / 2.0).round();
    in_room(ui, "document", Rect::from_min_max(rect.min, pos2(middle, rect.bottom())), document);
    in_room(ui, "verdicts", Rect::from_min_max(pos2(middle + GAP, rect.top()), rect.max), verdicts);
}

/// The field for where a document is, which is the client_id; what is wrong with it, and what to do.
fn address(ui: &mut Ui, typed: &mut String) -> Response {
    let mut caption = Caption::new(t!("Address of the document"));
    caption.explained = explained::setting("client_id");
    if let Some((tone, note)) = wrong_with(typed.trim()) {
        caption = caption.note(tone, note);
    }
    Field::new(caption).placeholder("https://app.example.com/oauth/client.json").show(ui, typed)
}

fn wrong_with(typed: &str) -> Option<(Tone, String)> {
    if typed.is_empty() {
        return None;
    }
    if let Err(why) = web_url(typed) {
        return Some((Tone::Error, t!("Nothing can be there: {why}.", why = sentence(&visible(&why.to_string())))));
    }
    let check = judge_url(typed).into_iter().find(|check| check.verdict != Verdict::Pass)?;
    let saw = visible(check.actual.as_deref().unwrap_or_default()).into_owned();
    let (saw, fix) = (sentence(&saw), said(check.rule.fix));
    Some(match check.verdict {
        Verdict::Fail => (Tone::Error, t!("A server refuses it: {saw}. {fix}", saw, fix)),
        _ => (Tone::Warn, t!("It should not have a query: {saw}. {fix}", saw, fix)),
    })
}

/// Under client_id: the way to the dialog, and whether a document is served.
pub fn beside(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let documents = &model.client_document;
    let names = |url: &str| model.run.flow.settings.client.client_id == url;
    let served = documents.served.as_ref().filter(|served| names(&served.url));
    if served.is_some() {
        state(ui, Tone::Ok, t!("Its document is served here."));
    } else if documents.ended.as_deref().is_some_and(names) {
        state(ui, Tone::Warn, t!("Nobody serves its document any more."));
    }
    if model.run.flow.is_recorded() {
        return;
    }
    ui.horizontal_wrapped(|ui| {
        if ui.add(Button::secondary(t!("Client document...")).small()).on_hover_text(said(CLIENT_DOCUMENT)).clicked() {
            push(out, DocumentCommand::Ask);
        }
        if served.is_some() && ui.add(Button::secondary(t!("Stop serving")).small()).clicked() {
            push(out, DocumentCommand::Stop);
        }
    });
}

/// A line with its icon.
fn state(ui: &mut Ui, tone: Tone, words: &str) {
    let ink = tone.ink(ui.tokens());
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 5.0;
        let (_, rect) = ui.allocate_space(vec2(13.0, 15.0));
        paint::icon(ui, rect.center(), tone.icon(), 13.0, ink);
        ui.add(Label::new(text::small(words).color(ink)).wrap());
    });
}
