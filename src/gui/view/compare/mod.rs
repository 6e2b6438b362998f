//! Two runs side by side: a sentence, the stages, and what of each differs.

mod expected;
mod sides;

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Label, Layout, Rect, Response, Role, ScrollArea, Stroke, Ui, UiBuilder, pos2, vec2};

use super::Commands;
use crate::base::text::visible;
use crate::compare::words::value_words;
use crate::compare::{Change, Comparison, Fold, Part, Row, Section, StageRow};
use crate::gui::command::Command;
use crate::gui::compared::Half;
use crate::gui::language::{said, t};
use crate::gui::model::{CompareCommand, CompareModel, Model};
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::{
    Banner, Button, EmptyState, RowList, Toggle, Tone, badge, card_in, ends, group_head, paint, rows,
};

/// The list of stages.
const STAGES: f32 = 216.0;
/// The same where there is little room.
const FEW_STAGES: f32 = 192.0;
/// Below this width there is.
const TIGHT: f32 = 1000.0;
/// The widths of what differs how, and of its name.
const MARK: f32 = 84.0;
const NAME: f32 = 150.0;
/// The menu of a row stands at its right end.
const MENU: f32 = 22.0;
/// With less room than this the sentence has a line of its own.
const SENTENCE: f32 = 320.0;
const COLUMN_GAP: f32 = 10.0;

/// The comparison.
pub fn show(ui: &mut Ui, model: &Model, compare: &CompareModel, out: &mut Commands) {
    sides::show(ui, model, compare, out);
    ui.add_space(size::SPACE);
    again(ui, model, compare, out);
    for half in Half::ALL {
        if let Some(Err(why)) = &compare.half(half).read {
            let title = t!("{letter} cannot be compared", letter = half.letter());
            Banner::new(Tone::Error, &title).text(&visible(why)).show(ui);
            ui.add_space(size::SPACE);
        }
    }
    let comparison = match &compare.comparison {
        Some(Ok(comparison)) => comparison,
        Some(Err(why)) => {
            Banner::new(Tone::Error, t!("These two cannot be compared")).text(&visible(why)).show(ui);
            return;
        }
        None => return waiting(ui, compare),
    };
    let room = ui.available_rect_before_wrap();
    let strip = expected::height(compare, room.width());
    let gap = if strip > 0.0 { 10.0 } else { 0.0 };
    let (room, below) = room.split_top_bottom_at_y(room.bottom() - strip - gap);
    let left = if room.width() < TIGHT { FEW_STAGES } else { STAGES };
    let middle = room.left() + left;
    card_in(ui, "stages", Rect::from_min_max(room.min, pos2(middle, room.bottom())), |ui| {
        stages(ui, compare, comparison, out);
    });
    card_in(ui, "stage", Rect::from_min_max(pos2(middle + 10.0, room.top()), room.max), |ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        sentence(ui, comparison, out);
        titles(ui, compare);
        values(ui, model, compare, comparison, out);
    });
    if strip > 0.0 {
        expected::strip(ui, model, compare, below.with_min_y(below.top() + gap), out);
    }
}

/// The run that will stand in the place of B.
fn again(ui: &mut Ui, model: &Model, compare: &CompareModel, out: &mut Commands) {
    let Some(run) = compare.again.and_then(|id| model.numbered(id)) else { return };
    let words = match &run.running {
        Some(running) => t!("Waiting for {what}.", what = running.what),
        None => t!("It waits for you.").to_owned(),
    };
    if Banner::new(Tone::Note, t!("B is run again.")).text(&visible(&words)).action(t!("Show the run")).show(ui) {
        push(out, CompareCommand::ShowAgain);
    }
    ui.add_space(size::SPACE);
}

fn waiting(ui: &mut Ui, compare: &CompareModel) {
    let lacks = Half::ALL.into_iter().find(|half| compare.half(*half).chosen.is_none());
    let Some(half) = lacks else {
        // Of one that cannot be compared it was said why.
        if Half::ALL.into_iter().any(|half| matches!(compare.half(half).read, Some(Err(_)))) {
            return;
        }
        ui.label(text::dim(t!("They are being read.")));
        return;
    };
    let words = t!(
        "{letter} is empty. Choose a run of this session, of the history, or a file; two tokens, metadata documents or key sets are compared, too.",
        letter = half.letter()
    );
    EmptyState::new(icons::ARROWS_CLOCKWISE, t!("Choose the other run")).text(&words).show(ui);
}

fn push(out: &mut Commands, command: CompareCommand) {
    out.push(Command::Compare(command));
}

fn stages(ui: &mut Ui, compare: &CompareModel, comparison: &Comparison, out: &mut Commands) {
    let list = ui.available_rect_before_wrap();
    let below = list.with_min_y(list.bottom() - 66.0);
    let mut upper = ui.new_child(UiBuilder::new().max_rect(list.with_max_y(below.top())));
    let count = comparison.stages.len() + 1;
    let of = |row: usize| row.checked_sub(1).and_then(|at| comparison.stages.get(at));
    let said = |row: usize| of(row).map_or_else(|| t!("All stages").to_owned(), spoken);
    let selected = Some(compare.stage.map_or(0, |stage| stage + 1));
    let chosen = RowList::new(t!("stages"), count, selected).row_height(32.0).show(&mut upper, said, |ui, row| {
        let Some(stage) = of(row) else { return drop(ui.label(text::strong(t!("All stages")))) };
        let badge_width = if stage.only().is_some() { 58.0 } else { 42.0 };
        let room = (ui.available_width() - badge_width).max(40.0);
        ui.allocate_ui_with_layout(vec2(room, 32.0), Layout::left_to_right(Align::Center), |ui| {
            ui.set_width(room);
            let words = heading(stage);
            let words = if stage.differences() > 0 { text::strong(words) } else { text::dim(words) };
            ui.add(Label::new(words).truncate().selectable(false));
        });
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| match (stage.only(), stage.differences()) {
            (Some(side), _) => drop(badge(ui, Tone::Note, &t!("only {side}", side = side.to_uppercase()))),
            (None, 0) => drop(ui.label(text::note(t!("same")))),
            (None, count) => drop(badge(ui, Tone::Warn, &count.to_string())),
        });
    });
    if let Some(row) = chosen {
        push(out, CompareCommand::Stage(row.checked_sub(1)));
    }
    ui.scope_builder(UiBuilder::new().max_rect(below.shrink2(vec2(12.0, 8.0))), |ui| {
        group_head(ui, t!("Show"));
        let mut all = compare.shows_all;
        if Toggle::new(t!("Show all"))
            .help(t!("What is the same, and what is folded away, too."), "")
            .show(ui, &mut all)
            .changed()
        {
            push(out, CompareCommand::ShowAll(all));
        }
    });
}

/// What stands above a stage: `Token request`.
fn heading(stage: &StageRow) -> String {
    let title = visible(said(&stage.title())).into_owned();
    let words = title.strip_prefix("the ").unwrap_or(&title);
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// A stage in words, as a screen reader says it.
fn spoken(stage: &StageRow) -> String {
    let differs = match (stage.only(), stage.differences()) {
        (Some(side), _) => t!("only in {side}", side = side.to_uppercase()),
        (None, 0) => t!("same").to_owned(),
        (None, 1) => t!("1 difference").to_owned(),
        (None, count) => t!("{count} differences", count),
    };
    format!("{}: {differs}", visible(said(&stage.title())))
}

/// What the comparison comes to, and what copies it: beside it, or below it where there is little room.
fn sentence(ui: &mut Ui, comparison: &Comparison, out: &mut Commands) {
    egui::Frame::new().inner_margin(egui::Margin::symmetric(14, 9)).show(ui, |ui| {
        let top = Layout::left_to_right(Align::Min);
        if ui.available_width() < SENTENCE {
            ui.with_layout(top, |ui| comes_to(ui, comparison));
            return copy_button(ui, out);
        }
        ui.allocate_ui_with_layout(vec2(ui.available_width(), size::ROW), top, |ui| {
            ends(
                ui,
                |ui| ui.with_layout(top, |ui| comes_to(ui, comparison)),
                |ui| ui.with_layout(top, |ui| copy_button(ui, out)),
            );
        });
    });
}

fn copy_button(ui: &mut Ui, out: &mut Commands) {
    if ui.add(Button::secondary(t!("Copy for an issue")).icon(icons::COPY).small()).clicked() {
        push(out, CompareCommand::Copy);
    }
}

fn comes_to(ui: &mut Ui, comparison: &Comparison) {
    let (said, folded) = (comparison.sentence(), comparison.folded_words());
    let tone = if comparison.is_same() { Tone::Ok } else { Tone::Warn };
    let (_, rect) = ui.allocate_space(vec2(18.0, 20.0));
    paint::icon(ui, rect.center(), tone.icon(), 16.0, tone.ink(ui.tokens()));
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 3.0;
        let builder = UiBuilder::new().accessibility_role(Role::Status).accessibility_label(&said);
        ui.scope_builder(builder, |ui| ui.add(Label::new(text::strong(&said)).wrap()));
        if !folded.is_empty() {
            ui.add(Label::new(text::note(&folded)).wrap());
        }
    });
}

/// The widths of the four columns.
fn columns(width: f32) -> [f32; 4] {
    let rest = ((width - MARK - NAME - MENU) / 2.0).max(80.0);
    [MARK, NAME, rest, rest]
}

fn titles(ui: &mut Ui, compare: &CompareModel) {
    let line = Stroke::new(1.0, ui.tokens().line);
    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), 26.0));
    ui.painter().hline(rect.x_range(), rect.top() + 0.5, line);
    ui.painter().hline(rect.x_range(), rect.bottom() - 0.5, line);
    let mut child = ui.new_child(
        UiBuilder::new().max_rect(rect.shrink2(vec2(14.0, 0.0))).layout(Layout::left_to_right(Align::Center)),
    );
    child.spacing_mut().item_spacing.x = 0.0;
    let [mark, name, a, b] = columns(child.available_width());
    child.add_space(mark + name);
    for (half, width) in [(Half::A, a), (Half::B, b)] {
        child.allocate_ui_with_layout(vec2(width, 26.0), Layout::left_to_right(Align::Center), |ui| {
            ui.set_width(width - COLUMN_GAP);
            let words = format!("{}  {}", half.letter(), visible(&compare.half(half).title));
            ui.add(Label::new(text::note(words)).truncate().selectable(false));
        });
        child.add_space(COLUMN_GAP);
    }
}

/// A line of what is shown.
enum Line<'c> {
    Stage(&'c StageRow),
    Only(String),
    Part(&'c Section),
    Row(&'c StageRow, &'c Section, &'c Row),
    Folded(String),
}

fn lines<'c>(compare: &CompareModel, comparison: &'c Comparison) -> Vec<Line<'c>> {
    let mut lines = Vec::new();
    for stage in compare.stages(comparison) {
        lines.push(Line::Stage(stage));
        if let Some(only) = stage.only_words() {
            lines.push(Line::Only(only));
        }
        for section in &stage.sections {
            let is_shown = compare.shows_part(section);
            if is_shown {
                lines.push(Line::Part(section));
                let shown = section.rows.iter().filter(|row| compare.shows(row.change));
                lines.extend(shown.map(|row| Line::Row(stage, section, row)));
            }
            if let Some(folded) = section.folded_names().filter(|_| is_shown && !compare.shows_all) {
                lines.push(Line::Folded(folded));
            }
        }
    }
    lines
}

fn values(ui: &mut Ui, model: &Model, compare: &CompareModel, comparison: &Comparison, out: &mut Commands) {
    let lines = lines(compare, comparison);
    let id = ("differences", &compare.a.title, &compare.b.title, compare.stage);
    ScrollArea::vertical().id_salt(id).auto_shrink(false).show(ui, |ui| {
        egui::Frame::new().inner_margin(egui::Margin::symmetric(14, 6)).show(ui, |ui| {
            ui.set_width(ui.available_width());
            if lines.is_empty() {
                ui.label(text::dim(t!("Nothing that matters differs here. Show all shows what was compared.")));
            }
            rows(ui, "differences", lines.len(), 26.0, |ui, at| {
                if let Line::Row(stage, section, row) = &lines[at] {
                    let shown = value(ui, section, row);
                    return expected::menu(ui, model, compare, (stage, section, row), (&shown, out));
                }
                line(ui, &lines[at]);
            });
        });
    });
}

fn line(ui: &mut Ui, line: &Line<'_>) {
    match line {
        Line::Stage(stage) => {
            ui.add_space(8.0);
            let response = ui.label(text::strong(heading(stage)));
            ui.ctx().accesskit_node_builder(response.id, |node| node.set_role(Role::Heading));
            ui.add_space(3.0);
        }
        Line::Only(words) => drop(ui.add(Label::new(words).wrap())),
        Line::Part(section) => {
            ui.horizontal(|ui| {
                ui.label(text::small(visible(said(&section.part.word()))));
                if !section.about.is_empty() {
                    ui.add(Label::new(text::note(visible(&section.about))).truncate());
                }
            });
            ui.add_space(2.0);
        }
        Line::Row(..) => {}
        Line::Folded(words) => drop(ui.add(Label::new(text::note(words)).wrap())),
    }
}

fn tone(change: Change) -> Tone {
    match change {
        Change::Added => Tone::Ok,
        Change::Removed => Tone::Error,
        Change::Changed => Tone::Warn,
        Change::Same | Change::Folded(_) => Tone::Neutral,
    }
}

/// How it differs, as people say it.
fn word(change: Change) -> &'static str {
    match change {
        Change::Folded(Fold::Random) => t!("random"),
        Change::Folded(Fold::Time) => t!("a time"),
        Change::Folded(Fold::Key) => t!("another key"),
        Change::Folded(Fold::Port) => t!("another port"),
        Change::Folded(Fold::Server) => t!("another server"),
        Change::Folded(Fold::User) => t!("another user"),
        Change::Folded(Fold::Hidden) => t!("hidden"),
        Change::Folded(Fold::Applied) => t!("applies"),
        change => said(change.word()),
    }
}

fn value(ui: &mut Ui, section: &Section, row: &Row) -> Response {
    let [a, b] = [&row.a, &row.b].map(|value| value_words(value.as_deref()));
    let name = visible(&row.name).into_owned();
    let said = t!(
        "{change} {name} in the {part}: A {a}, B {b}",
        change = word(row.change),
        name,
        part = said(&section.part.word()),
        a,
        b
    );
    let builder = UiBuilder::new().accessibility_role(Role::ListItem).accessibility_label(said);
    let shown = ui.scope_builder(builder, |ui| {
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            let widths = columns(ui.available_width());
            let tone = tone(row.change);
            let ink = tone.ink(ui.tokens());
            cell(ui, widths[0], |ui| drop(ui.label(text::small(word(row.change)).color(ink))));
            let is_rule = section.part == Part::Checks;
            cell(ui, widths[1], |ui| {
                let words = text::mono(&name);
                let words = if is_rule { words } else { words.color(ui.tokens().link) };
                ui.add(Label::new(words).wrap());
            });
            let sides = [(&row.a, &a, &row.words.0), (&row.b, &b, &row.words.1)];
            let is_set = row.change == Change::Changed && !(row.words.0.is_empty() && row.words.1.is_empty());
            for ((value, shown, apart), width) in sides.into_iter().zip([widths[2], widths[3]]) {
                cell(ui, width, |ui| side_of(ui, (value.is_some(), shown), is_set.then_some(apart), row.change));
            }
        });
    });
    ui.add_space(5.0);
    shown.response
}

fn cell(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(vec2(width, 18.0), Layout::top_down(Align::Min), |ui| {
        ui.set_width(width - COLUMN_GAP);
        content(ui);
    });
    ui.add_space(COLUMN_GAP);
}

/// One side of a value; of a set, the words that only this side has stand out.
fn side_of(ui: &mut Ui, (is_there, shown): (bool, &str), apart: Option<&Vec<String>>, change: Change) {
    if !is_there {
        ui.label(text::dim(shown));
        return;
    }
    let tokens = ui.tokens();
    let font = egui::TextStyle::Monospace.resolve(ui.style());
    let tone = tone(change);
    let plain = TextFormat::simple(font.clone(), tokens.text);
    let marked = TextFormat {
        background: tone.ground(tokens),
        color: tone.ink(tokens),
        ..TextFormat::simple(font, tokens.text)
    };
    let mut job = LayoutJob::default();
    for (at, word) in shown.split(' ').enumerate() {
        if at > 0 {
            job.append(" ", 0.0, plain.clone());
        }
        let is_apart = apart.map_or(change.is_difference(), |apart| apart.iter().any(|it| it == word));
        job.append(word, 0.0, if is_apart { marked.clone() } else { plain.clone() });
    }
    ui.add(Label::new(job).wrap());
}
