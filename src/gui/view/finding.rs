//! The one thing to say of a run that has ended, with its evidence and the next step.

use egui::text::{LayoutJob, TextFormat};
use egui::{Align, Frame, Label, Layout, Margin, Ui, vec2};

use super::{Commands, expect};
use crate::base::check::Verdict;
use crate::base::text::visible;
use crate::expect::Subject;
use crate::flow::cure::Cure;
use crate::flow::finding::{Certainty, Finding};
use crate::gui::command::Command;
use crate::gui::language::{said, sentence, t, words};
use crate::gui::model::{CaptureCommand, Model, Tab};
use crate::gui::theme::{TokensExt as _, icons, size, text};
use crate::gui::widgets::{Button, IconButton, Tone, banner, ends, paint};
use crate::practice::Fault;

/// Below this height the evidence has one line; whole it is in what is folded beside the message.
const LOW: f32 = 450.0;
/// Lines of the evidence on the screen.
const LINES: usize = 2;
/// Lines of the sentence, which is whole where a pointer rests on it and as it is read aloud.
const LINES_OF_SENTENCE: usize = 3;
/// So many faults are offered to be switched off, where none of them is known to be the cause.
const FAULTS_OFFERED: usize = 3;
/// From the edge to the text, past the icon.
const INDENT: i8 = 26;

/// The card, where there is something to say.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let Some(finding) = &model.run.finding else { return };
    let tone = if finding.verdict == Verdict::Fail { Tone::Error } else { Tone::Warn };
    let say =
        visible(&model.mask().words(&format!("{}{}", sure(finding.certainty), sentence(&finding.say)))).into_owned();
    let is_low = ui.available_height() < LOW;
    banner(ui, tone, &say, |ui| {
        ui.spacing_mut().item_spacing.y = 4.0;
        head(ui, model, (tone, &say, is_low), out);
        evidence(ui, &model.mask().words(&sentence(&finding.evidence)), is_low);
        next(ui, model, finding, out);
    });
    ui.add_space(size::SPACE);
}

/// What stands before a sentence that is not certain.
fn sure(certainty: Certainty) -> &'static str {
    match certainty {
        Certainty::Certain => "",
        Certainty::Likely => t!("Likely: "),
        Certainty::NotProvable => t!("Not provable from this recording: "),
    }
}

fn head(ui: &mut Ui, model: &Model, (tone, say, is_low): (Tone, &str, bool), out: &mut Commands) {
    const COPY: &str = words!("Copy for an issue");
    let row = vec2(ui.available_width(), size::ROW);
    // The sentence may have several lines, and all stands at the height of the first.
    let top = Layout::left_to_right(Align::Min);
    let sentence = |ui: &mut Ui| {
        let (_, rect) = ui.allocate_space(vec2(f32::from(INDENT) - ui.spacing().item_spacing.x, 20.0));
        let center = rect.left_center() + vec2(9.0, 0.0);
        paint::icon(ui, center, tone.icon(), 17.0, tone.ink(ui.tokens()));
        let lines = if is_low { LINES } else { LINES_OF_SENTENCE };
        ui.add(Label::new(in_lines(ui, say, lines)).wrap()).on_hover_text(say);
    };
    let acts = |ui: &mut Ui| {
        expect::button(ui, model, t!("the finding"), |ui| {
            expect::menu(ui, model, &[Subject::Finding, Subject::Refusal, Subject::Outcome], None, out);
        });
        let copy = match is_low {
            true => ui.add(IconButton::new(icons::COPY, said(COPY)).small()),
            false => ui.add(Button::secondary(said(COPY)).icon(icons::COPY).small()),
        };
        if copy.clicked() {
            out.push(Command::CopyFinding);
        }
    };
    ui.allocate_ui_with_layout(row, top, |ui| {
        ends(ui, |ui| ui.with_layout(top, sentence), |ui| ui.with_layout(top, acts));
    });
}

/// The sentence in so many lines at most.
fn in_lines(ui: &Ui, say: &str, lines: usize) -> LayoutJob {
    let font = text::strong_style().resolve(ui.style());
    let mut job = LayoutJob::single_section(say.to_owned(), TextFormat::simple(font, ui.tokens().strong));
    job.wrap.max_rows = lines;
    job
}

/// What shows it, in as many lines as there is height for.
fn evidence(ui: &mut Ui, evidence: &str, is_low: bool) {
    let words = visible(evidence).into_owned();
    let font = egui::TextStyle::Small.resolve(ui.style());
    let mut job = LayoutJob::single_section(words.clone(), TextFormat::simple(font, ui.tokens().dim));
    job.wrap.max_rows = if is_low { 1 } else { LINES };
    below_sentence(ui, |ui| ui.add(Label::new(job).wrap()).on_hover_text(&words));
}

/// Begins every line where the sentence does.
fn below_sentence<R>(ui: &mut Ui, content: impl FnOnce(&mut Ui) -> R) -> R {
    Frame::new().inner_margin(Margin { left: INDENT, ..Margin::ZERO }).show(ui, content).inner
}

/// The next step, with a button where a setting does it.
fn next(ui: &mut Ui, model: &Model, finding: &Finding, out: &mut Commands) {
    below_sentence(ui, |ui| {
        ui.horizontal_wrapped(|ui| next_in_row(ui, model, finding, out));
    });
}

fn next_in_row(ui: &mut Ui, model: &Model, finding: &Finding, out: &mut Commands) {
    ui.label(text::strong(t!("Next")));
    ui.label(visible(&model.mask().words(&sentence(&finding.next))).into_owned());
    if model.run.flow.is_recorded() {
        show_entries(ui, model, out);
        return show_check(ui, model, finding, out);
    }
    for fault in switched_on(model, finding) {
        let label = t!("Switch off {name}, run again", name = fault.name());
        if ui.add(Button::secondary(&label).small()).clicked() {
            out.push(Command::MendServer(fault));
        }
    }
    for cure in &finding.cures {
        let button = ui.add(Button::secondary(&sentence(&cure.label)).small());
        if button.on_hover_text(sets(cure)).clicked() {
            out.push(Command::Mend(cure.clone()));
        }
    }
    append(ui, model, finding, out);
    show_check(ui, model, finding, out);
}

/// What a cure changes, in words.
fn sets(cure: &Cure) -> String {
    let one = |(setting, value): (&'static str, &str)| match value {
        "" => t!("Empties {setting}", setting),
        value => t!("Sets {setting} to {value}", setting, value = visible(value)),
    };
    cure.all().map(one).collect::<Vec<_>>().join("\n")
}

/// The stage that the one which was left out comes after.
fn append(ui: &mut Ui, model: &Model, finding: &Finding, out: &mut Commands) {
    let after = finding.stage.descriptor().after.filter(|after| !model.run.flow.stages().contains(after));
    let lacking = model.run.appendable().into_iter().find(|(stage, _)| Some(*stage) == after);
    if let Some((stage, words)) = lacking
        && ui.add(Button::secondary(said(words)).small()).clicked()
    {
        out.push(Command::Append(stage));
    }
}

/// The way to the check that it is told from, where the Checks tab has it.
fn show_check(ui: &mut Ui, model: &Model, finding: &Finding, out: &mut Commands) {
    let has_check = finding.rule.is_some() && model.run.told.is_none();
    if has_check && ui.add(Button::secondary(t!("Show the check")).small()).clicked() {
        out.push(Command::ShowFinding);
    }
}

/// The entries of a recording that the finding is told from, where that is looked at.
fn show_entries(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let taken = model.capture.taken();
    let Some(recording) = taken.recording.as_ref().filter(|_| model.tab == Tab::Capture) else { return };
    let finding = taken.selected.and_then(|at| recording.capture.logins.get(at)?.finding.as_ref());
    let entries = finding.map(|found| recording.told_from(found)).unwrap_or_default();
    let label = match entries.len() {
        0 => return,
        1 => t!("Show the entry"),
        2 => t!("Show both entries"),
        _ => t!("Show the entries"),
    };
    if ui.add(Button::secondary(label).small()).clicked() {
        out.push(Command::Capture(CaptureCommand::Entries(entries)));
    }
}

/// The fault of the practice server that this finding has caught; else, where the run is no success, those that are on.
fn switched_on(model: &Model, finding: &Finding) -> Vec<Fault> {
    let Some(practice) = model.server.practice.as_ref().filter(|_| model.is_practice()) else { return Vec::new() };
    let caught = |fault: &Fault| fault.rule().is_some() && fault.rule() == finding.rule.as_deref();
    match practice.faults.iter().find(caught) {
        Some(fault) => vec![fault],
        None if finding.verdict == Verdict::Fail => practice.faults.iter().take(FAULTS_OFFERED).collect(),
        None => Vec::new(),
    }
}
