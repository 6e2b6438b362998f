//! What both sides are expected to be: the menu of a value, and a strip with what became of each expectation.

use egui::{Align, Label, Layout, Rect, Response, Role, ScrollArea, Stroke, StrokeKind, Ui, UiBuilder, pos2, vec2};

use super::super::{Commands, expect, expected as verdicts};
use crate::base::text::{elided, visible};
use crate::client::rules::catalogue;
use crate::compare::{Part, Row, Section, StageRow};
use crate::expect::{Met, Place, Standing, Subject};
use crate::flow::stage::Stage;
use crate::flow::trace::Exchange;
use crate::gui::command::Command;
use crate::gui::compared::{ComparedRun, Half};
use crate::gui::language::{said, t};
use crate::gui::model::{CompareModel, ExpectCommand, Model};
use crate::gui::theme::{TokensExt as _, size, text};
use crate::gui::widgets::{Button, Tone, ends, marked, paint, row_menu};

/// Letters of an expectation in the strip.
const LETTERS: usize = 60;
/// Of a strip with many.
const MOST: f32 = 72.0;

/// The height of the strip; nothing where nothing is expected.
pub fn height(compare: &CompareModel, width: f32) -> f32 {
    let met = compare.met.iter().map(Vec::as_slice).find(|met| !met.is_empty()).unwrap_or_default();
    let letters: usize = met.iter().map(|met| met.expected.chars().count().min(LETTERS) + 14).sum();
    match met.len() {
        0 => 0.0,
        _ if letters as f32 * 8.0 < width - 340.0 => 38.0,
        _ => MOST,
    }
}

/// The strip below the values.
pub fn strip(ui: &mut Ui, model: &Model, compare: &CompareModel, room: Rect, out: &mut Commands) {
    let tokens = ui.tokens();
    ui.painter().rect(room, size::CARD_RADIUS, tokens.card, Stroke::new(1.0, tokens.line), StrokeKind::Inside);
    let top = Layout::left_to_right(Align::Min);
    let builder = UiBuilder::new().max_rect(room.shrink2(vec2(12.0, 7.0))).layout(top);
    ui.scope_builder(builder, |ui| {
        ends(
            ui,
            |ui| ui.with_layout(top, |ui| chips(ui, compare)),
            |ui| ui.with_layout(top, |ui| summary_and_save(ui, model, compare, out)),
        );
    });
}

fn chips(ui: &mut Ui, compare: &CompareModel) {
    let (_, rect) = ui.allocate_space(vec2(18.0, 22.0));
    paint::icon(ui, rect.center(), expect::ICON, 16.0, ui.tokens().dim);
    ui.label(text::strong(t!("Expected")));
    ScrollArea::vertical().id_salt("expected of both").auto_shrink(false).show(ui, |ui| {
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(6.0, 5.0);
            let most = compare.met[0].len().max(compare.met[1].len());
            (0..most).for_each(|at| chip(ui, [compare.met[0].get(at), compare.met[1].get(at)]));
        });
    });
}

fn summary_and_save(ui: &mut Ui, model: &Model, compare: &CompareModel, out: &mut Commands) {
    let (words, standing) = summary(compare);
    let ink = verdicts::tone(standing).ink(ui.tokens());
    let builder = UiBuilder::new().accessibility_role(Role::Status).accessibility_label(&words);
    ui.scope_builder(builder, |ui| ui.add(Label::new(text::strong(&words).color(ink))));
    let Some(key) = compare.expect_key() else { return };
    let pinned = model.expect.pinned(&key);
    if pinned.is_some_and(|pinned| pinned.is_unsaved()) {
        let label = if pinned.is_some_and(|pinned| pinned.file.is_some()) { t!("Save") } else { t!("Save as TOML...") };
        if ui.add(Button::secondary(label).small()).clicked() {
            out.push(Command::Expect(ExpectCommand::Save(key)));
        }
    }
}

/// `1 of 3 not met in B`
fn summary(compare: &CompareModel) -> (String, Standing) {
    let [a, b] = &compare.met;
    let counts: Vec<String> = [(Half::A, a), (Half::B, b)]
        .into_iter()
        .filter(|(_, met)| verdicts::missed(met) > 0)
        .map(|(half, met)| {
            t!(
                "{missed} of {all} not met in {letter}",
                missed = verdicts::missed(met),
                all = met.len(),
                letter = half.letter()
            )
        })
        .collect();
    let is_hidden = a.iter().chain(b).any(|met| met.standing == Standing::Hidden);
    match counts.is_empty() {
        true if is_hidden => (said(Standing::Hidden.words()).to_owned(), Standing::Hidden),
        true if a.is_empty() || b.is_empty() => (t!("all met").to_owned(), Standing::Met),
        true => (t!("all met in both").to_owned(), Standing::Met),
        false => (counts.join(", "), Standing::Missed),
    }
}

/// `token status is 200  A ✓ B ✗`
fn chip(ui: &mut Ui, met: [Option<&Met>; 2]) {
    let Some(one) = met.into_iter().flatten().next() else { return };
    let sides = || Half::ALL.into_iter().zip(met).filter_map(|(half, met)| Some((half, met?)));
    let told = sides().map(|(half, met)| match met.standing {
        Standing::Missed => t!("not met in {letter}, came: {came}", letter = half.letter(), came = met.came),
        standing => t!("{standing} in {letter}", standing = said(standing.words()), letter = half.letter()),
    });
    let said = format!("{}: {}", one.expected, told.collect::<Vec<_>>().join("; "));
    let marks: Vec<(&str, Tone)> = sides().map(|(half, met)| (half.letter(), verdicts::tone(met.standing))).collect();
    marked(ui, &elided(&one.expected, LETTERS), &marks, &said).on_hover_text(&said);
}

/// The menu of a value: what may be expected of it as it came on either side.
pub fn menu(
    ui: &mut Ui,
    model: &Model,
    compare: &CompareModel,
    (stage, section, row): (&StageRow, &Section, &Row),
    (shown, out): (&Response, &mut Commands),
) {
    let sides = [(Half::A, stage.at.0), (Half::B, stage.at.1)].map(|(half, at)| {
        let run = compare.run(half)?;
        Some((half, run, Stage::find(&stage.slug)?, run.exchange(Stage::find(&stage.slug)?, at?)?))
    });
    let exchanges = sides.map(|side| side.map(|(_, _, _, exchange)| exchange));
    let (Some(key), Some(found)) = (compare.expect_key(), Stage::find(&stage.slug)) else { return };
    let Some(subject) = subject(found, &section.part, &row.name, exchanges) else { return };
    let place =
        Rect::from_min_max(pos2(shown.rect.right() - 22.0, shown.rect.top()), shown.rect.right_top() + vec2(0.0, 22.0));
    let name = t!("{verb} {name}", verb = expect::verb(), name = visible(&row.name));
    row_menu(ui, shown, place, (expect::ICON, &name, false), |ui| {
        expect::head(ui);
        for (half, run, _, exchange) in sides.iter().flatten() {
            ui.push_id(half, |ui| {
                ui.label(text::note(t!("As it came in {letter}", letter = half.letter())));
                let of = expect::Of::new(&run.flow, &run.next, ComparedRun::known(run));
                let subjects = std::slice::from_ref(&subject);
                expect::offers(ui, model, &key, (of, subjects, Some(*exchange)), out);
            });
        }
    });
}

/// What stands in a row, where expectations have a name for it.
fn subject(stage: Stage, part: &Part, name: &str, exchanges: [Option<&Exchange>; 2]) -> Option<Subject> {
    let any = |is: &dyn Fn(&Exchange) -> bool| exchanges.iter().flatten().any(|exchange| is(exchange));
    let is_sent = |exchange: &Exchange| {
        let params = [exchange.request.query(), exchange.request.form().unwrap_or_default()];
        params.iter().any(|params| params.contains(name))
    };
    let is_field = |exchange: &Exchange| exchange.response().is_some_and(|it| it.headers.get(name).is_some());
    let is_alone = !name.contains('[');
    let place = match part {
        Part::Request if any(&is_sent) => Place::Request(name.to_owned()),
        Part::Answer if name == "status" => Place::Status,
        Part::Answer if any(&is_field) => Place::Field(name.to_owned()),
        Part::Answer if is_alone && name != "body" => {
            let exchange = exchanges.into_iter().flatten().next()?;
            return expect::answer(exchange, &[name.to_owned()]).into_iter().next();
        }
        Part::Header(token) if is_alone => Place::Header(token.clone(), name.to_owned()),
        Part::Claims(token) if is_alone => Place::Claim(token.clone(), name.to_owned()),
        Part::Times if name == "took" => Place::Took,
        Part::Checks => return catalogue().find(|rule| rule.id == name).map(Subject::Rule),
        _ => return None,
    };
    Some(Subject::Of(stage, place))
}
