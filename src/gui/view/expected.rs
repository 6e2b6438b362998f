//! What the run is expected to be, met or not, with what came: a list, and one of them to change.

use egui::{Align, Label, Layout, Ui, vec2};

use super::{Commands, expect};
use crate::base::check::Verdict;
use crate::base::text::{elided, visible};
use crate::expect::{Expectation, Kind, Met, Standing, Subject};
use crate::gui::command::Command;
use crate::gui::language::{said, t};
use crate::gui::model::{ExpectCommand, Model, Retyped};
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::code::{CodeView, Language};
use crate::gui::widgets::{
    Button, Caption, Field, Picker, RowList, Tone, badge, card_frame, group_head, group_head_with, head_action, paint,
};

/// Of the room there is the list takes so much at most.
const SHARE: f32 = 0.38;
const ROW: f32 = 30.0;
/// The widest pill, and the widest where all were judged.
const OPEN_MARK: f32 = 106.0;
const MARK: f32 = 66.0;

/// How a standing is painted.
pub const fn tone(standing: Standing) -> Tone {
    match standing {
        Standing::Met => Tone::Ok,
        Standing::Missed => Tone::Error,
        Standing::Hidden | Standing::Open => Tone::Neutral,
    }
}

/// `2 met, 1 not met`
pub fn counted(met: &[Met]) -> String {
    let count = |standing: Standing| met.iter().filter(|met| met.standing == standing).count();
    let of =
        |standing: Standing| (count(standing) > 0).then(|| format!("{} {}", count(standing), said(standing.words())));
    [Standing::Missed, Standing::Met, Standing::Hidden, Standing::Open]
        .into_iter()
        .filter_map(of)
        .collect::<Vec<_>>()
        .join(", ")
}

/// How many are not met.
pub fn missed(met: &[Met]) -> usize {
    met.iter().filter(|met| met.is_missed()).count()
}

/// One in a sentence, as a screen reader says it.
pub fn spoken(met: &Met) -> String {
    match met.standing {
        Standing::Missed => t!(
            "{standing}: {expected}; came: {came}",
            standing = said(met.standing.words()),
            expected = met.expected,
            came = met.came
        ),
        standing => format!("{}: {}", said(standing.words()), met.expected),
    }
}

fn push(out: &mut Commands, command: ExpectCommand) {
    out.push(Command::Expect(command));
}

/// The list, above the checks.
pub fn section(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let met = &model.expect.met;
    let most = (ui.available_height() * SHARE).max(2.0 * ROW);
    card_frame(ui).inner_margin(0).show(ui, |ui| {
        ui.set_width(ui.available_width());
        ui.spacing_mut().item_spacing.y = 0.0;
        egui::Frame::new().inner_margin(egui::Margin::symmetric(12, 7)).show(ui, |ui| bar(ui, model, out));
        if met.is_empty() {
            return;
        }
        let height = (met.len() as f32 * ROW).min(most);
        ui.allocate_ui(vec2(ui.available_width(), height), |ui| {
            ui.set_height(height);
            let is_open = met.iter().any(|met| met.standing == Standing::Open);
            let width = if is_open { OPEN_MARK } else { MARK };
            // What is not met is looked at first.
            let mut order: Vec<usize> = (0..met.len()).collect();
            order.sort_by_key(|at| met[*at].standing != Standing::Missed);
            let selected = model.expect.selected.and_then(|selected| order.iter().position(|at| *at == selected));
            let list = RowList::new(t!("expectations"), met.len(), selected).row_height(ROW);
            let of = |row: usize| &met[order[row]];
            if let Some(chosen) = list.show(ui, |at| spoken(of(at)), |ui, at| row(ui, of(at), width)) {
                push(out, ExpectCommand::Select(order[chosen]));
            }
        });
    });
}

fn bar(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let met = &model.expect.met;
    let title =
        if met.is_empty() { t!("Expected: nothing yet").to_owned() } else { t!("Expected: {met}", met = counted(met)) };
    group_head_with(ui, &title, |ui| {
        ui.spacing_mut().item_spacing.x = 14.0;
        let add =
            head_action(ui, t!("Add")).on_hover_text(t!("Of the run as a whole; a value is pinned where it stands"));
        egui::Popup::menu(&add).show(|ui| {
            expect::menu(ui, model, &[Subject::Finding, Subject::Outcome, Subject::Refusal], None, out);
        });
        let key = model.run.expect_key();
        let pinned = model.expect.pinned(&key);
        let is_unsaved = pinned.is_some_and(|pinned| pinned.is_unsaved());
        let words = if pinned.is_some_and(|pinned| pinned.file.is_some()) { t!("Save") } else { t!("Save as TOML...") };
        if is_unsaved && head_action(ui, words).clicked() {
            push(out, ExpectCommand::Save(key));
        }
        if head_action(ui, t!("Open...")).on_hover_text(t!("A file of expectations (TOML)")).clicked() {
            push(out, ExpectCommand::Open);
        }
    });
}

fn row(ui: &mut Ui, met: &Met, width: f32) {
    mark(ui, met.standing, width);
    ui.add(Label::new(text::mono(met.expected.as_str())).truncate().selectable(false));
    let said = match met.standing {
        Standing::Missed => t!("came: {came}", came = elided(&met.came, 80)),
        Standing::Hidden => said(met.standing.words()).to_owned(),
        Standing::Met | Standing::Open => return,
    };
    if ui.available_width() > 60.0 {
        ui.add(Label::new(text::dim(said)).truncate().selectable(false));
    }
}

/// How it stands, in a pill; what follows stands below each other.
fn mark(ui: &mut Ui, standing: Standing, width: f32) {
    ui.allocate_ui_with_layout(vec2(width, ROW), Layout::left_to_right(Align::Center), |ui| {
        ui.set_width(width);
        pill(ui, standing);
    });
}

fn pill(ui: &mut Ui, standing: Standing) {
    let word = match standing {
        Standing::Met => t!("Met"),
        Standing::Missed => t!("Not met"),
        Standing::Hidden => t!("Hidden"),
        Standing::Open => t!("Not judged yet"),
    };
    badge(ui, tone(standing), word);
}

/// Those of a message, below its checks.
pub fn of_message(ui: &mut Ui, model: &Model) {
    let Some(stage) = model.run.shown_exchange().map(|exchange| exchange.stage) else { return };
    let of_stage: Vec<&Met> = model.expect.met.iter().filter(|met| met.stage == Some(stage)).collect();
    if of_stage.is_empty() {
        return;
    }
    ui.add_space(size::SPACE);
    group_head(ui, t!("Expected"));
    for met in of_stage {
        let builder = egui::UiBuilder::new().accessibility_role(egui::Role::ListItem).accessibility_label(spoken(met));
        ui.scope_builder(builder, |ui| {
            ui.horizontal_top(|ui| {
                let tone = tone(met.standing);
                let (_, rect) = ui.allocate_space(vec2(16.0, 18.0));
                paint::icon(ui, rect.center(), tone.icon(), 15.0, tone.ink(ui.tokens()));
                let words = match met.standing {
                    Standing::Met => met.expected.clone(),
                    Standing::Missed => t!("{expected}; came: {came}", expected = met.expected, came = met.came),
                    standing => format!("{}: {}", met.expected, said(standing.words())),
                };
                ui.add(Label::new(text::mono(words)).wrap());
            });
        });
    }
    ui.add_space(size::SPACE);
}

/// The one that is selected, in full and to be changed. `false` where none is.
pub fn detail(ui: &mut Ui, model: &Model, out: &mut Commands) -> bool {
    let key = model.run.expect_key();
    let Some(at) = model.expect.selected else { return false };
    let (Some(one), Some(met), Some(retyped)) =
        (model.expect.list(&key).get(at), model.expect.met.get(at), &model.expect.retyped)
    else {
        return false;
    };
    ui.horizontal_wrapped(|ui| {
        pill(ui, met.standing);
        ui.label(text::title(t!("Expectation")));
    });
    ui.add(Label::new(text::mono(met.expected.as_str())).wrap());
    if met.standing != Standing::Open {
        section_head(ui, t!("Came"));
        ui.add(Label::new(text::mono(met.came.as_str())).wrap());
    }
    section_head(ui, t!("Change"));
    change(ui, one, retyped, at, out);
    section_head(ui, t!("All of them as TOML"));
    let toml = model.expect.pinned(&key).map(|pinned| pinned.all.to_toml()).unwrap_or_default();
    CodeView::new(t!("expectations as TOML"), &toml, Language::Plain).show(ui);
    let file = model.expect.pinned(&key).and_then(|pinned| pinned.file.as_ref());
    let note = match file {
        Some(path) => t!("In {path}. ", path = visible(&path.display().to_string())),
        None => String::new(),
    };
    ui.add_space(4.0);
    ui.add(Label::new(text::note(t!("{note}For the command line: grantscope run ... --expect FILE", note))).wrap());
    true
}

fn section_head(ui: &mut Ui, title: &str) {
    ui.add_space(12.0);
    group_head(ui, title);
}

/// Kind and value of the condition.
fn change(ui: &mut Ui, one: &Expectation, retyped: &Retyped, at: usize, out: &mut Commands) {
    let (mut kind, mut typed) = (said(retyped.kind.words()).to_owned(), retyped.text.clone());
    // A verdict and an outcome are words of a list.
    let is_word = matches!(one.subject, Subject::Rule(_) | Subject::Outcome);
    let kinds = if is_word { &Kind::ALL[..1] } else { &Kind::ALL[..] };
    let words: Vec<&str> = kinds.iter().map(|kind| said(kind.words())).collect();
    Picker::new(Caption::new(t!("Condition")), &words).show(ui, &mut kind);
    let kind = kinds.iter().copied().find(|it| said(it.words()) == kind).unwrap_or(retyped.kind);
    let mut enter = false;
    if !kind.example().is_empty() {
        ui.add_space(4.0);
        let example = match one.subject {
            Subject::Rule(_) => Verdict::ALL.map(Verdict::word).join(", "),
            Subject::Outcome => "success, refused, failed, incomplete".to_owned(),
            _ => kind.example().to_owned(),
        };
        let caption = match &retyped.error {
            Some(why) => Caption::new(t!("Value")).note(Tone::Error, why),
            None => Caption::new(t!("Value")),
        };
        let field = Field::new(caption).placeholder(&example).show(ui, &mut typed);
        enter = field.lost_focus() && ui.input(|input| input.key_pressed(egui::Key::Enter));
    }
    if kind != retyped.kind {
        // A value of one kind is rarely one of another.
        let text = one.condition.typed();
        let text = if kind == one.condition.kind() { text } else { String::new() };
        push(out, ExpectCommand::Type(kind, text));
    } else if typed != retyped.text {
        push(out, ExpectCommand::Type(kind, typed.clone()));
    }
    ui.add_space(size::SPACE);
    ui.horizontal_wrapped(|ui| {
        let is_changed = kind != one.condition.kind() || typed != one.condition.typed();
        let clicked = ui.add_enabled_ui(is_changed, |ui| ui.add(Button::primary(t!("Apply"))).clicked()).inner;
        if is_changed && (clicked || enter) {
            push(out, ExpectCommand::Apply);
        }
        if ui.add(Button::secondary(t!("Remove")).icon(icons::TRASH)).clicked() {
            push(out, ExpectCommand::Remove(at));
        }
    });
}
