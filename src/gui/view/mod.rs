//! What the window draws. Views read the model and push commands; they change nothing themselves.

mod action_bar;
mod capture;
mod check_list;
mod checks_tab;
mod client_document;
mod compare;
mod device;
mod dialogs;
mod dropping;
mod expect;
mod expected;
mod explained;
mod export;
mod finding;
mod first;
mod flow_tab;
mod granted;
mod help;
mod history;
mod identities;
mod import;
mod inspector;
mod jwt_claims;
mod jwt_tab;
mod jwt_trust;
mod key;
mod lesson;
mod lessons;
mod origin;
mod palette;
mod present;
mod profiles;
mod redirect;
mod rule;
mod run_picker;
mod server;
mod settings;
mod tokens;
mod top_bar;
mod verdicts;

use egui::{CentralPanel, Frame, Margin, Panel, ScrollArea, Ui, UiBuilder, vec2};

use super::command::Command;
use super::model::{Model, Tab};
use super::theme::{TokensExt as _, audience_scale, over_an_audience, size};
use super::widgets::{Banner, Tone, nested, region};
use crate::base::check::{Check, Verdict};
use crate::gui::language::{said, t};

/// Commands of this frame.
pub type Commands = Vec<Command>;

/// The title of a check that stands alone. A rule says what holds, so one that is broken needs a word more.
fn told(check: &Check) -> String {
    match check.verdict {
        Verdict::Fail | Verdict::Warn => t!("Not kept: {title}", title = said(check.rule.title)),
        Verdict::Note | Verdict::Pass | Verdict::Skipped => said(check.rule.title).to_owned(),
    }
}

/// Draws the whole window.
pub fn window(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let is_presented = model.has_audience_keys();
    let is_large = is_presented || model.presents_quiz();
    over_an_audience(ui.ctx(), is_large.then(|| audience_scale(ui.ctx())));
    match is_presented {
        true => present::show(ui, model, out),
        false if is_large => lessons::for_audience(ui, model, audience_scale(ui.ctx()), out),
        false => bars_and_tab(ui, model, out),
    }
    dialogs::show(ui, model, out);
    let dragged = ui.input(|input| input.raw.hovered_files.iter().map(|file| file.path.clone()).collect::<Vec<_>>());
    if !dragged.is_empty() {
        dropping::show(ui.ctx(), &dragged);
    }
}

fn bars_and_tab(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let tokens = ui.tokens();
    let bar = Frame::new().fill(tokens.panel).inner_margin(Margin::symmetric(14, 0));
    Panel::top("top bar")
        .frame(bar)
        .exact_size(size::TOP_BAR)
        .resizable(false)
        .show(ui, |ui| region(ui, t!("Provider and window"), |ui| top_bar::show(ui, model, out)));
    Panel::top("tabs")
        .frame(Frame::new().fill(tokens.panel).inner_margin(Margin::symmetric(8, 0)))
        .exact_size(size::TAB_ROW)
        .resizable(false)
        .show(ui, |ui| region(ui, t!("Tabs"), |ui| top_bar::tabs(ui, model, out)));
    match model.tab {
        Tab::Grant(_) => flow(ui, model, out),
        Tab::Jwt => beside(ui, model, out, |ui, out| jwt_tab::show(ui, model, out)),
        Tab::Server => beside(ui, model, out, |ui, out| region(ui, t!("Server"), |ui| server::show(ui, model, out))),
        Tab::Checks => {
            beside(ui, model, out, |ui, out| region(ui, t!("Checks"), |ui| checks_tab::show(ui, model, out)));
        }
        Tab::History => beside(ui, model, out, |ui, out| region(ui, t!("History"), |ui| history::show(ui, model, out))),
        Tab::Lessons => lessons::show(ui, model, out),
        Tab::Capture => beside(ui, model, out, |ui, out| region(ui, t!("Capture"), |ui| capture::show(ui, model, out))),
    }
}

fn flow(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let tokens = ui.tokens();
    let is_alone = ui.available_width() < ALONE;
    if model.shows_settings() && !is_alone {
        let width = if model.is_narrow { 260.0 } else { size::SETTINGS_PANEL };
        Panel::left("settings")
            .frame(Frame::new().fill(tokens.panel))
            .exact_size(width)
            .resizable(false)
            .show(ui, |ui| region(ui, t!("Settings"), |ui| settings::show(ui, model, out)));
    }
    // The actions stand below and are drawn last, since the Tab key follows the eye.
    let room = ui.available_rect_before_wrap();
    let above = room.with_max_y(room.bottom() - size::ACTION_BAR);
    let mut middle = ui.new_child(UiBuilder::new().id_salt("flow").max_rect(above));
    match model.shows_settings() && is_alone {
        true => {
            CentralPanel::no_frame()
                .frame(Frame::new().fill(tokens.panel))
                .show(&mut middle, |ui| region(ui, t!("Settings"), |ui| settings::show(ui, model, out)));
        }
        false => plain(&mut middle, |ui| flow_tab::show(ui, model, out)),
    }
    Panel::bottom("actions")
        .frame(Frame::new().fill(tokens.panel).inner_margin(Margin::symmetric(16, 0)))
        .exact_size(size::ACTION_BAR)
        .resizable(false)
        .show(ui, |ui| {
            region(ui, t!("Actions"), |ui| action_bar::show(ui, model, out));
        });
}

/// A tab that is not of a run, with what went wrong beside all runs.
fn beside(ui: &mut Ui, model: &Model, out: &mut Commands, content: impl FnOnce(&mut Ui, &mut Commands)) {
    plain(ui, |ui| {
        let least = match model.tab {
            // It has nothing that takes what is left.
            Tab::Jwt => 0.0,
            Tab::Checks | Tab::History if ui.available_width() < STACKED => LEAST_STACKED,
            _ => LEAST_TAB,
        };
        scrolling_where_low(ui, least, |ui| {
            let is_told_there = model.tab == Tab::Capture && model.capture.run() == Some(model.run.id);
            if let Some(notice) = model.notice.as_deref().filter(|_| !is_told_there) {
                noticed(ui, notice, out);
            }
            content(ui, out);
        });
    });
}

/// Where there is less room than this for a tab, it scrolls as a whole.
const LEAST_TAB: f32 = 400.0;
/// The same where what else is beside each other is below each other.
const LEAST_STACKED: f32 = 640.0;
/// Below this width what else is beside each other is below each other.
const STACKED: f32 = 640.0;
/// Below this width the settings take the place of the run.
const ALONE: f32 = 700.0;

/// Draws what divides its height among its parts, in no less than this.
fn scrolling_where_low(ui: &mut Ui, least: f32, content: impl FnOnce(&mut Ui)) {
    if ui.available_height() >= least {
        return content(ui);
    }
    let area = ScrollArea::vertical().id_salt("low window").auto_shrink(false);
    nested(ui, |ui| {
        area.show(ui, |ui| {
            // The scroll bar stands beside what it scrolls.
            let room = vec2(ui.available_width() - size::SPACE, least);
            ui.allocate_ui(room, content);
        })
    });
}

/// What went wrong beside a run, until it is put away.
fn noticed(ui: &mut Ui, notice: &str, out: &mut Commands) {
    if Banner::new(Tone::Warn, notice).action(t!("Close this notice")).show(ui) {
        out.push(Command::CloseNotice);
    }
    ui.add_space(size::SPACE);
}

fn plain(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    let frame = Frame::new().fill(ui.tokens().window).inner_margin(Margin { left: 16, right: 16, top: 12, bottom: 12 });
    CentralPanel::no_frame().frame(frame).show(ui, content);
}
