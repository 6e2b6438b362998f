//! Messages that are held: which there are, and the one that is looked at, to change before it goes on.

use std::fmt::Debug;
use std::hash::Hash;

use egui::util::hash;
use egui::{CollapsingHeader, ScrollArea, Ui, vec2};

use super::super::Commands;
use super::super::inspector::once;
use super::act;
use crate::base::http::{Headers, HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::{visible, visible_lines};
use crate::gui::backend::LARGE;
use crate::gui::between::HeldDraft;
use crate::gui::clock_time;
use crate::gui::command::Command;
use crate::gui::draft::RequestDraft;
use crate::gui::language::t;
use crate::gui::mask::Mask;
use crate::gui::masking;
use crate::gui::model::{BetweenCommand, Looked, Model, Moment};
use crate::gui::theme::{icons, size, text};
use crate::gui::widgets::{
    Banner, Button, Caption, Field, Pairs, RowList, Toggle, Tone, badge, card_frame, ends_in_row, nested, region,
    request_line, separator,
};

const ROW: f32 = 28.0;
/// So many rows are in sight.
const ROWS: usize = 4;

/// The list and the message.
pub(super) fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    region(ui, t!("Held messages"), |ui| {
        card_frame(ui).inner_margin(0).show(ui, |ui| {
            ui.set_min_size(ui.available_size());
            ui.spacing_mut().item_spacing.y = 0.0;
            list(ui, model, out);
            separator(ui);
            if let Some(looked) = &model.capture.between.looked {
                message(ui, model, looked, out);
            }
        });
    });
}

fn list(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let held = &model.capture.between.held;
    let looked = model.capture.between.looked.as_ref().map(|looked| looked.held.number);
    let selected = held.iter().position(|held| Some(held.number) == looked);
    let height = ROW * held.len().min(ROWS) as f32;
    let spoken = |row: usize| t!("Held: {title}", title = visible(&held[row].message.title()));
    let chosen = ui.allocate_ui(vec2(ui.available_width(), height), |ui| {
        ui.set_height(height);
        RowList::new(t!("held messages"), held.len(), selected).row_height(ROW).show(ui, spoken, |ui, row| {
            ui.horizontal(|ui| {
                badge(ui, Tone::Warn, t!("held"));
                ui.label(text::mono(visible(&held[row].message.title())));
                ui.label(text::note(t!("since {since}", since = clock_time(held[row].since))));
            });
        })
    });
    if let Some(row) = chosen.inner {
        act(out, BetweenCommand::Choose(held[row].number));
    }
}

fn message(ui: &mut Ui, model: &Model, looked: &Looked, out: &mut Commands) {
    let is_changed = looked.is_changed();
    egui::Frame::new().inner_margin(egui::Margin::symmetric(14, 6)).show(ui, |ui| {
        let mut reveal = model.mask().is_off();
        let acts = |ui: &mut Ui| {
            // What was changed is most likely meant to go on so.
            let (plain, changed): (fn(_) -> _, fn(_) -> _) = match is_changed {
                true => (Button::secondary, Button::primary),
                false => (Button::primary, Button::secondary),
            };
            if ui.add(plain(t!("Release")).icon(icons::PLAY)).clicked() {
                act(out, BetweenCommand::Release);
            }
            ui.add_enabled_ui(is_changed && looked.error.is_none(), |ui| {
                if ui.add(changed(t!("Release changed")).icon(icons::PENCIL_SIMPLE)).clicked() {
                    act(out, BetweenCommand::ReleaseChanged);
                }
            });
            if ui.add(Button::danger(t!("Drop")).icon(icons::PROHIBIT)).clicked() {
                act(out, BetweenCommand::Drop);
            }
        };
        let toggle = |ui: &mut Ui| Toggle::new(t!("Show secrets")).show(ui, &mut reveal).changed();
        let (_, is_switched) = ends_in_row(ui, size::BUTTON, acts, toggle);
        if is_switched {
            out.push(Command::RevealSecrets(reveal));
        }
    });
    separator(ui);
    let id = ("held", looked.held.number);
    let mut draft = looked.draft.clone();
    nested(ui, |ui| {
        ScrollArea::vertical().id_salt(id).auto_shrink(false).show(ui, |ui| {
            ui.push_id(id, |ui| {
                egui::Frame::new().inner_margin(egui::Margin::symmetric(14, 8)).show(ui, |ui| {
                    ui.set_width(ui.available_width());
                    ui.spacing_mut().item_spacing.y = 4.0;
                    edit(ui, model, looked, &mut draft);
                });
            });
        })
    });
    if draft != looked.draft {
        act(out, BetweenCommand::EditHeld(draft));
    }
}

fn edit(ui: &mut Ui, model: &Model, looked: &Looked, draft: &mut HeldDraft) {
    let masked = if model.mask().is_off() { "" } else { t!(", credentials once they are shown") };
    ui.label(text::note(t!("Its client waits. Change anything before it goes on{masked}.", masked)));
    if let (Some(error), HeldDraft::Answer { .. }) = (&looked.error, &*draft) {
        Banner::new(Tone::Error, t!("It cannot go on as it is.")).text(&visible(error)).show(ui);
    }
    match draft {
        HeldDraft::Request(draft) => request(ui, model, looked, draft),
        HeldDraft::Answer { status, headers, body } => {
            ui.allocate_ui(vec2(120.0, 50.0), |ui| Field::new(Caption::new(t!("Status"))).show(ui, status));
            self::body(ui, model, looked, body);
            folded(ui, model, headers, false);
        }
    }
}

fn request(ui: &mut Ui, model: &Model, looked: &Looked, draft: &mut RequestDraft) {
    request_line(ui, &mut draft.method, &mut draft.url, looked.error.as_deref());
    let may_have_body = !draft.body.is_empty() || !matches!(draft.method.as_str(), "GET" | "HEAD");
    if draft.has_form {
        ui.label(text::note(t!("Form")));
        pairs(ui, model, t!("form parameter"), masking::form_param, &mut draft.form.0);
    }
    if !draft.query.is_empty() || !draft.has_form {
        ui.label(text::note(t!("Query")));
        pairs(ui, model, t!("query parameter"), masking::param, &mut draft.query.0);
    }
    if !draft.has_form && may_have_body {
        body(ui, model, looked, &mut draft.body);
    }
    folded(ui, model, &mut draft.headers, draft.form.is_empty() && draft.query.is_empty());
}

/// The body as it is shown while credentials in it are masked; nothing where it is shown as it is.
fn masked_body(mask: Mask<'_>, looked: &Looked) -> Option<String> {
    let (body, shown) = match &looked.draft {
        HeldDraft::Request(RequestDraft { headers, body, .. }) => {
            let sent = HttpRequest {
                headers: Headers(headers.0.clone()),
                body: body.clone().into_bytes(),
                ..looked.held.message.request().clone()
            };
            (body, mask.request(&sent).body)
        }
        HeldDraft::Answer { headers, body, .. } => {
            let headers = Headers(headers.0.clone());
            let came = HttpResponse { status: 200, headers, body: body.clone().into_bytes() };
            (body, mask.response(&came).body)
        }
    };
    Some(String::from_utf8_lossy(&shown).into_owned()).filter(|shown| !hides_nothing(shown, body))
}

/// What a masked body depends on.
fn key(model: &Model, looked: &Looked) -> impl Hash + Debug + use<> {
    let text = match &looked.draft {
        HeldDraft::Request(draft) => hash((&draft.headers.0, &draft.body)),
        HeldDraft::Answer { headers, body, .. } => hash((&headers.0, body)),
    };
    (looked.held.number, text, model.mask().is_off(), Moment::of(&model.run))
}

fn folded(ui: &mut Ui, model: &Model, headers: &mut Params, is_alone: bool) {
    let title = t!("Header fields ({headers})", headers = headers.iter().count());
    CollapsingHeader::new(text::small(title))
        .id_salt("held header fields")
        .default_open(is_alone)
        .show_unindented(ui, |ui| pairs(ui, model, t!("header field"), masking::header, &mut headers.0));
}

fn pairs(
    ui: &mut Ui,
    model: &Model,
    one: &'static str,
    by_name: fn(&str, &str) -> String,
    pairs: &mut Vec<(String, String)>,
) {
    let mask = model.mask();
    let masked = |name: &str, value: &str| Some(mask.value(by_name, name, value)).filter(|shown| shown != value);
    ui.push_id(one, |ui| Pairs::new(one).message(&|_| String::new(), &masked).show(ui, pairs));
}

/// A body as text; to read only while credentials in it are masked, and where it is too large for a field.
fn body(ui: &mut Ui, model: &Model, looked: &Looked, body: &mut String) {
    if body.len() > LARGE {
        ui.label(text::note(t!("Body: {body} bytes, too many to be changed here.", body = body.len())));
        return;
    }
    let masked = once(ui, "held body", key(model, looked), || masked_body(model.mask(), looked));
    match &*masked {
        None => drop(Field::new(Caption::new(t!("Body"))).lines().show(ui, body)),
        Some(shown) => {
            ui.label(text::note(t!("Body: credentials are in it. Show secrets to change it.")));
            ui.label(text::mono(visible_lines(shown)));
        }
    }
}

/// Whether a body is shown as it is. JSON without credentials is, though its space and its escapes may be others.
fn hides_nothing(shown: &str, body: &str) -> bool {
    let json = |text: &str| Json::parse(text.as_bytes()).ok();
    shown == body || json(body).is_some_and(|body| json(shown) == Some(body))
}
