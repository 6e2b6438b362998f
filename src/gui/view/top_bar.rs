//! Name, provider, files, look; and the row of tabs below.

use egui::{Align, ComboBox, Layout, Popup, TextStyle, Ui, vec2};

use super::Commands;
use crate::base::check::{Tally, Verdict};
use crate::gui::acts;
use crate::gui::command::Command;
use crate::gui::language::{Language, said, t};
use crate::gui::model::{ImportCommand, Model, PresetSource, Tab, ThemeChoice, preset_names};
use crate::gui::theme::{Icon, TokensExt as _, icons, text};
use crate::gui::widgets::{Button, IconButton, Tab as TabItem, TabRow, Tone, ends, paint};
use crate::terms::grant::Grant;

/// Below this width what is done with presets is a menu.
const TIGHT: f32 = 1000.0;
/// Below this width so is what is done with the window.
const NARROW: f32 = 680.0;
/// Below this width the program's name is left out.
const CRAMPED: f32 = 500.0;
/// The name of the provider has so much room at least.
const LEAST: f32 = 100.0;
/// So much where there is room.
const USUAL: f32 = 160.0;
/// Room for what says that faults are on.
const FAULT_CHIP: f32 = 130.0;

/// The top bar.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let mut from_right = Commands::new();
    let width = ui.available_width();
    // The name of the provider has what all else leaves, by the last frame.
    let known = ui.unique_id().with("all but the provider");
    let rest: f32 = ui.data(|data| data.get_temp(known)).unwrap_or_default();
    let room = (width - rest).max(LEAST);
    let (left, right) = ends(
        ui,
        |ui| {
            let provider = left(ui, model, (width, room), out);
            ui.min_rect().width() - provider
        },
        |ui| {
            match width < NARROW {
                true => folded(ui, model, &mut from_right),
                false => right(ui, model, &mut from_right),
            }
            ui.min_rect().width()
        },
    );
    let needed = left + right + ui.spacing().item_spacing.x;
    if (needed - rest).abs() > 0.5 {
        ui.data_mut(|data| data.insert_temp(known, needed));
        ui.ctx().request_repaint();
    }
    out.append(&mut from_right);
}

/// Draws the left side, and says how wide what chooses the provider in it is.
fn left(ui: &mut Ui, model: &Model, (width, room): (f32, f32), out: &mut Commands) -> f32 {
    let accent = ui.tokens().accent;
    let (mark, _) = ui.allocate_exact_size(vec2(16.0, 16.0), egui::Sense::hover());
    paint::icon(ui, mark.center(), icons::DIAMOND, 16.0, accent);
    if width >= CRAMPED {
        ui.label(text::strong("Grantscope"));
        ui.add_space(4.0);
    }
    if width > 1000.0 {
        ui.label(text::dim(t!("Provider")));
    }
    let provider = provider(ui, model, room, out);
    super::server::fault_chip(ui, model, out);
    let tight = if model.faults_on() > 0 { TIGHT + FAULT_CHIP } else { TIGHT };
    match (model.present, width < tight) {
        (true, _) => {}
        (false, true) => drop(Button::secondary(t!("Preset")).menu(ui, |ui| files(ui, out))),
        (false, false) => files(ui, out),
    }
    if !model.present && model.is_unsaved() {
        unsaved(ui, width < tight);
    }
    provider
}

/// That settings differ from the preset's file: in words, or as a dot.
fn unsaved(ui: &mut Ui, is_tight: bool) {
    let words = t!("unsaved");
    if !is_tight {
        ui.label(text::note(words));
        return;
    }
    let (dot, response) = ui.allocate_exact_size(vec2(8.0, 8.0), egui::Sense::hover());
    ui.painter().circle_filled(dot.center(), 3.0, ui.tokens().dim);
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, words));
    response.on_hover_text(words);
}

fn files(ui: &mut Ui, out: &mut Commands) {
    if ui.add(Button::secondary(t!("Discover..."))).on_hover_text(t!("Begin with the server of an issuer")).clicked() {
        out.push(Command::AskIssuer);
    }
    if ui
        .add(Button::secondary(t!("Open...")).icon(icons::FOLDER_OPEN))
        .on_hover_text(acts::OPEN.hint(t!("Open a preset, a saved run or a recording")))
        .clicked()
    {
        out.push(Command::OpenPreset);
    }
    if ui
        .add(Button::secondary(t!("Import...")))
        .on_hover_text(t!("Take in a copied request, an address, an export"))
        .clicked()
    {
        out.push(Command::Import(ImportCommand::Ask));
    }
    if ui
        .add(Button::secondary(t!("Save")).icon(icons::FLOPPY_DISK))
        .on_hover_text(acts::SAVE.hint(t!("Save the preset")))
        .clicked()
    {
        out.push(Command::SavePreset);
    }
    if ui
        .add(Button::secondary(t!("Save as...")))
        .on_hover_text(acts::SAVE_AS.hint(t!("Save the preset as another file")))
        .clicked()
    {
        out.push(Command::SavePresetAs);
    }
}

fn provider(ui: &mut Ui, model: &Model, room: f32, out: &mut Commands) -> f32 {
    let chosen = &model.preset;
    let selected = match &chosen.source {
        PresetSource::BuiltIn(_) => chosen.preset.name.clone(),
        PresetSource::File(path) => {
            format!("{} ({})", chosen.preset.name, path.file_name().unwrap_or_default().to_string_lossy())
        }
    };
    if model.is_practice() {
        let (tone, words) = match model.practice {
            Ok(_) => (Tone::Ok, t!("The practice server runs in this program")),
            Err(_) => (Tone::Error, t!("The practice server does not run")),
        };
        let (dot, response) = ui.allocate_exact_size(vec2(8.0, 8.0), egui::Sense::hover());
        ui.painter().circle_filled(dot.center(), 4.0, tone.ink(ui.tokens()));
        response.on_hover_text(words);
    }
    let font = TextStyle::Button.resolve(ui.style());
    let name = ui.painter().layout_no_wrap(selected.clone(), font, ui.tokens().text);
    let wide = name.size().x + 2.0 * ui.spacing().button_padding.x + 2.0 * ui.spacing().icon_width;
    let wide = wide.max(USUAL).min(room);
    let combo = ComboBox::from_id_salt("provider")
        .selected_text(selected.clone())
        .width(wide)
        .truncate()
        .height(460.0)
        .icon(|ui, rect, _, _| paint::icon(ui, rect.center(), icons::CARET_DOWN, 12.0, ui.tokens().dim));
    // The width of a combo box is the least that it has.
    let response = ui.scope(|ui| {
        ui.set_max_width(wide);
        combo.show_ui(ui, |ui| {
            for (slug, name) in preset_names() {
                let is_selected = chosen.source == PresetSource::BuiltIn((*slug).to_owned());
                if ui.selectable_label(is_selected, name).clicked() {
                    out.push(Command::ChoosePreset((*slug).to_owned()));
                    ui.close();
                }
            }
        })
    });
    let response = response.inner;
    let width = response.response.rect.width();
    let response = response.response.on_hover_text(t!("The provider whose settings are loaded"));
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, t!("Provider")));
    ui.ctx().accesskit_node_builder(response.id, |node| node.set_description(selected));
    width
}

fn right(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let label = if model.present { t!("End presentation") } else { t!("Present") };
    if ui
        .add(Button::secondary(label))
        .on_hover_text(acts::PRESENT.hint(t!("Larger type and only what an audience needs")))
        .clicked()
    {
        out.push(Command::TogglePresent);
    }
    language(ui, model, out);
    let (icon, name) = theme(model);
    if ui.add(IconButton::new(icon, name).framed()).clicked() {
        out.push(Command::Theme(model.theme.next()));
    }
    let percent = (ui.ctx().zoom_factor() * 100.0).round();
    zoom(ui, percent);
    if ui.add(IconButton::new(icons::QUESTION, t!("Help")).framed()).clicked() {
        out.push(Command::ShowHelp);
    }
}

/// The same in a menu.
fn folded(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let button = ui.add(IconButton::new(icons::DOTS_THREE, t!("Window")).framed());
    Popup::menu(&button).show(|ui| {
        if ui.button(t!("Present")).clicked() {
            out.push(Command::TogglePresent);
        }
        languages(ui, model, out);
        if ui.button(theme(model).1).clicked() {
            out.push(Command::Theme(model.theme.next()));
        }
        ui.separator();
        egui::gui_zoom::zoom_menu_buttons(ui);
        ui.separator();
        if ui.button(t!("Help")).clicked() {
            out.push(Command::ShowHelp);
        }
    });
}

fn theme(model: &Model) -> (Icon, &'static str) {
    match model.theme {
        ThemeChoice::System => (icons::CIRCLE_HALF, t!("Theme: system")),
        ThemeChoice::Dark => (icons::MOON, t!("Theme: dark")),
        ThemeChoice::Light => (icons::SUN, t!("Theme: light")),
    }
}

fn language(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let name = t!("Language: {name}", name = model.language.name());
    let button = ui.add(IconButton::new(icons::TRANSLATE, &name).framed());
    Popup::menu(&button).show(|ui| languages(ui, model, out));
}

/// Each language by what it calls itself.
fn languages(ui: &mut Ui, model: &Model, out: &mut Commands) {
    for language in Language::ALL {
        if ui.selectable_label(language == model.language, language.name()).clicked() {
            out.push(Command::Speak(language));
            ui.close();
        }
    }
}

fn zoom(ui: &mut Ui, percent: f32) {
    ui.menu_button(format!("{percent} %"), egui::gui_zoom::zoom_menu_buttons)
        .response
        .on_hover_text(t!("Zoom (Ctrl+Plus, Ctrl+Minus, Ctrl+0)"));
}

/// The row of tabs.
pub fn tabs(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let tab = |grant: &Grant| {
        let item = TabItem::new(Tab::Grant(*grant), said(grant.title()));
        match grant.discouraged() {
            Some(why) => item.tooltip(said(why)),
            None => item,
        }
    };
    let (quiet, grants): (Vec<&Grant>, Vec<&Grant>) =
        Grant::ALL.iter().partition(|grant| grant.discouraged().is_some());
    let quiet: Vec<TabItem<'_, Tab>> = quiet.into_iter().map(tab).collect();
    let grants: Vec<TabItem<'_, Tab>> = grants.into_iter().map(tab).collect();
    let tally = Tally::of(model.run.flow.checks());
    let checks_hint = acts::CHECKS.hint(t!("All verdicts of this run"));
    let jwt_hint = acts::JWT.hint(t!("Decode and verify tokens"));
    let history_hint = acts::HISTORY.hint(t!("The runs of this session and of earlier ones"));
    let mut checks = TabItem::new(Tab::Checks, t!("Checks")).tooltip(&checks_hint);
    let bad = tally.count(Verdict::Fail) + super::expected::missed(&model.expect.met);
    if bad > 0 {
        checks = checks.badge(Tone::Error, bad.to_string());
    } else if tally.count(Verdict::Warn) > 0 {
        checks = checks.badge(Tone::Warn, tally.count(Verdict::Warn).to_string());
    }
    let mut capture = TabItem::new(Tab::Capture, t!("Capture"))
        .tooltip(t!("Logins that others recorded or that pass here, and what is wrong with them"));
    let held = model.capture.between.held.len();
    if held > 0 {
        capture = capture.badge(Tone::Warn, t!("{held} held", held));
    }
    let right = [
        TabItem::new(Tab::Jwt, "JWT").tooltip(&jwt_hint),
        TabItem::new(Tab::Server, t!("Server")).tooltip(t!("What the server was asked, and what it says of itself")),
        checks,
        TabItem::new(Tab::History, t!("History")).tooltip(&history_hint),
        capture,
        TabItem::new(Tab::Lessons, t!("Lessons")).tooltip(t!("Something goes wrong, is mended, and is asked about")),
    ];
    ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
        if let Some(tab) = TabRow::new(t!("Tabs"), &grants).quiet(&quiet).right(&right).show(ui, model.tab) {
            out.push(Command::Go(tab));
        }
    });
}
