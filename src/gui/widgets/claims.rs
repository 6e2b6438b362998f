//! The claims of a token row by row: name, value, what came of the rules about it, what it means.

use egui::text::LayoutJob;
use egui::{
    Align, FontSelection, Label, Layout, Rect, Response, RichText, Role, Stroke, TextStyle, Ui, UiBuilder, vec2,
};

use super::params_table::ROW_BUTTON;
use super::row_menu::RowContents;
use super::rows::{rows, rows_of};
use super::{Explanation, Tone, copy, explained, paint, row_menu};
use crate::gui::language::t;
use crate::gui::theme::{Icon, TokensExt as _, size, text};

const GAP: f32 = 14.0;
/// Above and below the text of a row.
const PAD: f32 = 4.0;
/// Height of a line with an icon.
const LINE: f32 = 16.0;
/// Rows that are measured to find the widths of the columns.
const MEASURED: usize = 40;
/// Letters that are measured; longer texts wrap anyway.
const LETTERS: usize = 160;

/// What came of the rules about a claim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judged {
    /// How it is painted.
    pub tone: Tone,
    /// `passed`, `warned`, `failed` or `not judged`.
    pub word: &'static str,
    /// The rule by its id; empty where there is none.
    pub rule: &'static str,
    /// What holds, what was expected and seen, or why it was not judged.
    pub why: String,
}

impl Judged {
    /// `failed, id_token.aud: expected practice-web, saw someone-else`
    pub fn words(&self) -> String {
        let rule = if self.rule.is_empty() { String::new() } else { format!(", {}", self.rule) };
        format!("{}{rule}: {}", self.word, self.why)
    }
}

/// One row.
#[derive(Clone, Debug, Default)]
pub struct Claim {
    /// `aud`.
    pub name: String,
    /// As text in one piece.
    pub value: String,
    /// What came of the rules about it, where there is something to say of them.
    pub judged: Option<Judged>,
    /// What it means.
    pub meaning: String,
    /// What the name means.
    pub explained: Option<Explanation>,
    /// Whether something is expected of it.
    pub is_pinned: bool,
}

impl Claim {
    fn spoken(&self) -> String {
        let judged = self.judged.as_ref().map(|judged| format!(", {}", judged.words())).unwrap_or_default();
        format!("{}: {}{judged}", self.name, self.value)
    }
}

/// A menu for each row, and what it does: `Expect` comes before the name of the row.
pub type ClaimMenu<'a> = (Icon, &'a str, RowContents<'a>);

/// Draws `count` claims. `name` says whose they are: `claims`. Only rows in sight are asked for.
pub fn claims_table(
    ui: &mut Ui,
    name: &str,
    count: usize,
    claim: impl Fn(usize) -> Claim,
    mut menu: Option<ClaimMenu<'_>>,
) {
    let buttons = if menu.is_some() { 2.0 } else { 1.0 };
    let columns = Columns::of(ui, (0..count.min(MEASURED)).map(&claim), buttons * ROW_BUTTON);
    let builder = UiBuilder::new().accessibility_role(Role::List).accessibility_label(rows_of(name, count));
    ui.scope_builder(builder, |ui| {
        rows(ui, name, count, size::ROW, |ui, index| {
            let claim = claim(index);
            let shown = row(ui, &claim, &columns);
            if let Some((icon, verb, contents)) = &mut menu {
                let place = columns.button(shown.rect, usize::from(!claim.value.is_empty()));
                row_menu(
                    ui,
                    &shown,
                    place,
                    (*icon, &t!("{verb} {name}", verb, name = claim.name), claim.is_pinned),
                    |ui| {
                        contents(ui, index);
                    },
                );
            }
        });
    });
}

fn row(ui: &mut Ui, claim: &Claim, columns: &Columns) -> Response {
    let tokens = ui.tokens();
    let builder = UiBuilder::new().accessibility_role(Role::ListItem).accessibility_label(claim.spoken());
    let shown = ui.scope_builder(builder, |ui| {
        ui.add_space(PAD);
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = GAP;
            column(ui, columns.name, |ui| {
                let name = ui.add(Label::new(text::mono(&claim.name).color(tokens.syntax_name)).wrap());
                let place = name.rect;
                explained(ui, name, place, || claim.explained.clone());
            });
            let ink = match &claim.judged {
                Some(Judged { tone: tone @ (Tone::Error | Tone::Warn), .. }) => tone.ink(tokens),
                _ => tokens.text,
            };
            column(ui, columns.value - columns.buttons, |ui| {
                ui.add(Label::new(text::mono(&claim.value).color(ink)).wrap());
            });
            ui.add_space(columns.buttons);
            column(ui, columns.note, |ui| {
                if let Some(judged) = &claim.judged {
                    verdict(ui, judged);
                }
                if !claim.meaning.is_empty() {
                    ui.add(Label::new(text::note(&claim.meaning)).wrap());
                }
            });
        });
        ui.add_space(PAD);
    });
    let rect = shown.response.rect;
    explained::note(ui, rect, || claim.explained.clone());
    ui.painter().hline(rect.x_range(), rect.bottom(), Stroke::new(1.0, tokens.line.gamma_multiply(0.7)));
    if !claim.value.is_empty() {
        copy::copy_on_hover(ui, rect, columns.button(rect, 0), &claim.name, &claim.value);
    }
    shown.response
}

/// `✗ failed: expected practice-web, saw someone-else  id_token.aud`
fn verdict(ui: &mut Ui, judged: &Judged) {
    ui.spacing_mut().interact_size.y = LINE;
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let ink = judged.tone.ink(ui.tokens());
        let (_, rect) = ui.allocate_space(vec2(14.0, LINE));
        paint::icon(ui, rect.center(), judged.tone.icon(), 14.0, ink);
        // In one piece, so that a long value is broken within its column.
        let mut job = LayoutJob::default();
        let mut add = |words: RichText| words.append_to(&mut job, ui.style(), FontSelection::Default, Align::Min);
        add(text::small(format!("{}: ", judged.word)).color(ink));
        add(text::note(&judged.why).color(ui.tokens().dim));
        if !judged.rule.is_empty() {
            add(text::note(format!(" {}", judged.rule)).color(ui.tokens().dim).text_style(TextStyle::Monospace));
        }
        ui.add(Label::new(job).wrap());
    });
}

fn column(ui: &mut Ui, width: f32, content: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::Min), |ui| {
        ui.set_min_width(width);
        ui.set_max_width(width);
        content(ui);
    });
}

struct Columns {
    name: f32,
    value: f32,
    /// What stands at the right end of the value while the pointer is on its row.
    buttons: f32,
    note: f32,
}

impl Columns {
    /// The place of a button at the right end of the value, so many others from there.
    fn button(&self, row: Rect, others: usize) -> Rect {
        let at = row.left_top() + vec2(self.name + GAP + self.value - (0.5 + others as f32) * ROW_BUTTON, 9.0 + PAD);
        Rect::from_center_size(at, vec2(ROW_BUTTON, ROW_BUTTON))
    }

    /// Names as wide as they need, up to a third; values as wide as they need, up to half of what is left.
    fn of(ui: &Ui, claims: impl Iterator<Item = Claim>, buttons: f32) -> Self {
        let ink = ui.tokens().text;
        let width = |text: &str| {
            let end = text.char_indices().nth(LETTERS).map_or(text.len(), |(end, _)| end);
            paint::styled_line(ui, &text[..end], &TextStyle::Monospace, ink, f32::INFINITY).size().x.ceil()
        };
        let widest = claims
            .fold([40.0, 60.0], |[name, value], claim| [width(&claim.name).max(name), width(&claim.value).max(value)]);
        let room = ui.available_width();
        let name = widest[0].min(room / 3.0);
        let rest = (room - name - 2.0 * GAP).max(80.0);
        let value = (widest[1] + buttons + 4.0).min(rest / 2.0).max(buttons);
        Self { name, value, buttons, note: rest - value }
    }
}
