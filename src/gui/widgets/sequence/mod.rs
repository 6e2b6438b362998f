//! A sequence diagram: lanes, arrows, one row each. Rows are real elements: click or arrow keys
//! select one. Only rows in sight are laid out, so a thousand of them cost no more than twenty.

mod audience;
mod layout;
mod motion;
mod row;

use std::ops::Range;

use egui::{EventFilter, Id, Rect, Role, ScrollArea, Sense, Stroke, StrokeKind, Ui, pos2, vec2};

use super::keyboard::nested;
use super::{Tone, paint, roving, rows_of};
use crate::gui::language::t;
use crate::gui::theme::{TokensExt as _, size, text};
pub use audience::{Bracket, LargeSequence};
use layout::Lanes;

/// Height of the lane titles.
const HEAD: f32 = 48.0;
/// Height of one arrow's row.
pub const ROW: f32 = 40.0;
/// Room for times on the left.
const TIMES: f32 = 84.0;
/// Narrower diagrams show no times.
const NARROW: f32 = 460.0;

/// Somebody who sends or receives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// `Client (this app)`.
    pub title: String,
}

/// How a message travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArrowStyle {
    /// Straight from one program to the other: solid.
    #[default]
    Direct,
    /// Through the browser, where others can see it: dashed.
    FrontChannel,
    /// No message: a remark between two lanes or on one.
    Note,
}

/// What came of a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ArrowState {
    /// Sent and received.
    #[default]
    Done,
    /// The next one.
    Ready,
    /// On its way.
    Running,
    /// Not delivered, or broken.
    Failed,
    /// The receiver said no.
    Refused,
    /// It came, and a check stopped what would follow.
    Rejected,
    /// Still to come.
    Future,
}

impl ArrowState {
    fn word(self) -> &'static str {
        match self {
            Self::Done => t!("done"),
            Self::Ready => t!("ready"),
            Self::Running => t!("running"),
            Self::Failed => t!("failed"),
            Self::Refused => t!("refused"),
            Self::Rejected => t!("stopped by a check"),
            Self::Future => t!("to come"),
        }
    }

    /// Whether it came to nothing good.
    const fn is_bad(self) -> bool {
        matches!(self, Self::Failed | Self::Refused | Self::Rejected)
    }
}

/// Several messages in one row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// They are counted in the label.
    Closed,
    /// They follow in rows of their own.
    Open,
}

/// One row of the diagram.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrow {
    /// Names the row in [`SequenceAction`] and across frames.
    pub id: usize,
    /// Index of the lane it starts from.
    pub from: usize,
    /// Index of the lane it goes to.
    pub to: usize,
    /// `4 POST /token`.
    pub label: String,
    /// `+41 ms`, or a word such as `ready`.
    pub time: String,
    /// How it travels.
    pub style: ArrowStyle,
    /// What came of it.
    pub state: ArrowState,
    /// The worst verdict about it, as an icon after the label.
    pub mark: Option<Tone>,
    /// The title of the rule that the verdict is about, where it is one that is broken.
    pub rule: String,
    /// Whether it stands for several.
    pub fold: Option<Fold>,
    /// Whether an attacker sends it or gets it.
    pub is_attack: bool,
}

/// What the user did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SequenceAction {
    /// Show this arrow's message.
    Select(usize),
    /// Show this fold, and open or close it.
    Toggle(usize),
}

/// The diagram.
pub struct Sequence<'a> {
    lanes: &'a [Lane],
    arrows: &'a [Arrow],
    selected: Option<usize>,
    attacker: Option<usize>,
    has_times: bool,
}

/// Frames in which a newly selected row is brought into sight.
const TRIES: u8 = 4;

/// Where to scroll, until the selected row is in sight.
fn offset_to_show(height: f32, seen: Seen, at: Option<usize>) -> Option<f32> {
    let index = at.filter(|_| seen.at != at || seen.tries > 0)?;
    Some(at_a_row(seen.offset, height, index as f32 * ROW))
}

/// Whether there is room enough that a part of a row can be given up, or there is none to give up.
fn can_align(height: f32) -> bool {
    height >= 3.0 * ROW || height >= 2.0 * ROW && height % ROW < 2.0
}

/// The scroll offset at which the row at `top` is in sight and no label is cut through below the lane titles. Where hardly
/// two rows have room, the part of another one says more than an empty place.
fn at_a_row(offset: f32, height: f32, top: f32) -> f32 {
    let nearest = roving::scrolled_to(offset, height, top, ROW);
    if !can_align(height) {
        return nearest;
    }
    if nearest > offset {
        return ((nearest / ROW).ceil() * ROW).min(top);
    }
    let before = (nearest / ROW).floor() * ROW;
    let cuts_it = before + height < top + ROW;
    if nearest < offset && cuts_it {
        top
    } else if nearest < offset {
        before
    } else {
        offset
    }
}

/// The rows of so many that are in this part of them, and one below.
fn in_sight(viewport: Rect, count: usize) -> Range<usize> {
    let last = ((viewport.bottom() / ROW).ceil().max(0.0) as usize + 1).min(count);
    ((viewport.top() / ROW).floor().max(0.0) as usize).min(last)..last
}

fn is_in_sight(index: usize, offset: f32, height: f32) -> bool {
    let top = index as f32 * ROW;
    top + 1.0 >= offset && top + ROW <= offset + height + 1.0
}

impl<'a> Sequence<'a> {
    /// A diagram; `selected` is the id of an arrow.
    pub const fn new(lanes: &'a [Lane], arrows: &'a [Arrow], selected: Option<usize>) -> Self {
        Self { lanes, arrows, selected, attacker: None, has_times: true }
    }

    /// Without a column for times, where others say when it was.
    #[must_use]
    pub const fn without_times(mut self) -> Self {
        self.has_times = false;
        self
    }

    /// The lane of somebody who wants what is not his, which is red.
    #[must_use]
    pub const fn attacker(mut self, lane: Option<usize>) -> Self {
        self.attacker = lane;
        self
    }

    /// The height at which nothing has to scroll.
    pub fn full_height(&self) -> f32 {
        Self::height_of(self.arrows.len())
    }

    /// The same of a diagram with so many arrows.
    pub const fn height_of(arrows: usize) -> f32 {
        arrows as f32 * ROW + HEAD + 10.0
    }

    /// The height, no more than this, that cuts no row.
    pub fn of_whole_rows(height: f32) -> f32 {
        HEAD + ((height - HEAD) / ROW).floor().max(0.0) * ROW
    }

    /// Draws into the room there is.
    pub fn show(self, ui: &mut Ui) -> Option<SequenceAction> {
        let base = ui.make_persistent_id("sequence");
        let titles: Vec<f32> = self.lanes.iter().map(|lane| title_width(ui, &lane.title)).collect();
        ui.spacing_mut().item_spacing.y = 0.0;
        let (_, head) = ui.allocate_space(vec2(ui.available_width(), HEAD));
        // Where there is no room for times, they are left to the description.
        let times = if head.width() < NARROW || !self.has_times { 0.0 } else { TIMES };
        let lanes = Lanes::place(&titles, head.x_range(), times);
        self.heads(ui, head, &lanes);
        let before = self.position();
        let steered = self.steer(ui, base);
        let at = steered.or(before);
        let mut scroll = ScrollArea::vertical().id_salt("rows").auto_shrink([false, true]);
        let seen: Seen = ui.data(|data| data.get_temp(base)).unwrap_or_default();
        let room = if seen.height > 0.0 { seen.height } else { ui.available_height() };
        if let Some(offset) = offset_to_show(room, seen, at) {
            scroll = scroll.vertical_scroll_offset(offset);
        }
        let total = self.arrows.len() as f32 * ROW;
        // At the end of the list, too, a row begins below the lane titles.
        let spare = if total > room && can_align(room) { room % ROW } else { 0.0 };
        let rows = |ui: &mut Ui, viewport: Rect| {
            ui.set_height(total + spare);
            let range = in_sight(viewport, self.arrows.len());
            let (mut action, first) = (None, range.start);
            let origin = ui.max_rect().left_top() + vec2(0.0, first as f32 * ROW);
            let rows = Rect::from_min_size(origin, vec2(ui.available_width(), range.len() as f32 * ROW));
            lifelines(ui, rows, &lanes, self.attacker);
            for index in roving::with_stop(range, at.unwrap_or(0), self.arrows.len()) {
                let top = rows.left_top() + vec2(0.0, roving::below(first, index, ROW));
                let rect = Rect::from_min_size(top, vec2(rows.width(), ROW));
                action = self.row(ui, base, rect, &lanes, index, at).or(action);
            }
            action
        };
        let shown = nested(ui, |ui| scroll.show_viewport(ui, rows));
        ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
            node.set_role(Role::ListBox);
            node.set_label(rows_of(t!("messages"), self.arrows.len()));
        });
        let (height, offset) = (shown.inner_rect.height(), shown.state.clamped_offset().y);
        let is_new = seen.at != at;
        // The room may change in the frame in which a row appears, so its place is looked at once more.
        let is_lower = height < seen.height - 0.5;
        let tries = if is_new || is_lower { TRIES } else { seen.tries };
        let tries = if at.is_none_or(|index| is_in_sight(index, offset, height)) { 0 } else { tries.saturating_sub(1) };
        if tries > 0 {
            ui.ctx().request_repaint();
        }
        ui.data_mut(|data| data.insert_temp(base, Seen { at, height, offset, tries }));
        shown.inner.or(steered.map(|index| SequenceAction::Select(self.arrows[index].id)))
    }

    fn position(&self) -> Option<usize> {
        self.arrows.iter().position(|arrow| Some(arrow.id) == self.selected)
    }

    fn heads(&self, ui: &Ui, head: Rect, lanes: &Lanes) {
        let tokens = ui.tokens();
        for (at, (lane, place)) in self.lanes.iter().zip(&lanes.places).enumerate() {
            let is_attacker = self.attacker == Some(at);
            let (line, ink) = if is_attacker { (tokens.error_bar, tokens.error) } else { (tokens.line, tokens.strong) };
            let rect = Rect::from_center_size(pos2(place.x, head.top() + 24.0), vec2(place.width, 27.0));
            ui.painter().rect(rect, size::RADIUS, tokens.field, Stroke::new(1.0, line), StrokeKind::Inside);
            let title = paint::styled_line(ui, &lane.title, &text::strong_style(), ink, place.width - 16.0);
            paint::text_center(ui.painter(), rect.center(), title);
            ui.painter().vline(place.x, rect.bottom()..=head.bottom(), Stroke::new(1.0, line));
        }
    }

    /// The row the keys lead to, from the one that has the keyboard.
    fn steer(&self, ui: &Ui, base: Id) -> Option<usize> {
        let at = self.position().unwrap_or(0);
        let row = base.with(self.arrows.get(at)?.id);
        // What is shown may be another row than the one that was reached, and only that one keeps the keyboard.
        let focused = ui.memory(|memory| memory.focused());
        if focused.is_some_and(|id| id != row && self.arrows.iter().any(|arrow| base.with(arrow.id) == id)) {
            ui.memory_mut(|memory| memory.request_focus(row));
        }
        let arrows = EventFilter { vertical_arrows: true, horizontal_arrows: true, ..EventFilter::default() };
        if !roving::holds_keys(ui, row, arrows) {
            return None;
        }
        let index = roving::step(ui, at, self.arrows.len())?;
        ui.memory_mut(|memory| memory.request_focus(base.with(self.arrows[index].id)));
        Some(index)
    }

    fn row(
        &self,
        ui: &Ui,
        base: Id,
        rect: Rect,
        lanes: &Lanes,
        index: usize,
        at: Option<usize>,
    ) -> Option<SequenceAction> {
        let arrow = &self.arrows[index];
        let selected = at == Some(index);
        // One stop for the Tab key; from there the arrow keys lead on.
        let stop = at.unwrap_or(0) == index;
        let sense = if stop { Sense::click() } else { Sense::CLICK };
        let response = ui.interact(rect, base.with(arrow.id), sense);
        row::describe(ui, &response, arrow, self.lanes, selected);
        row::paint(ui, &response, arrow, lanes, selected, self.has_times);
        if !response.clicked() {
            return None;
        }
        response.request_focus();
        Some(if arrow.fold.is_some() { SequenceAction::Toggle(arrow.id) } else { SequenceAction::Select(arrow.id) })
    }
}

#[derive(Clone, Copy, Default)]
struct Seen {
    /// Frames left to bring the selected row into sight.
    tries: u8,
    at: Option<usize>,
    height: f32,
    offset: f32,
}

fn title_width(ui: &Ui, title: &str) -> f32 {
    let galley = paint::styled_line(ui, title, &text::strong_style(), ui.tokens().strong, f32::INFINITY);
    (galley.size().x + 24.0).ceil()
}

fn lifelines(ui: &Ui, rows: Rect, lanes: &Lanes, attacker: Option<usize>) {
    let tokens = ui.tokens();
    for (at, place) in lanes.places.iter().enumerate() {
        let line = if attacker == Some(at) { tokens.error_bar } else { tokens.line };
        ui.painter().vline(place.x, rows.y_range(), Stroke::new(1.0, line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_brought_into_sight_whole_and_with_a_row_at_the_top() {
        for height in [64.0, 100.0, 138.0, 200.0] {
            for offset in [0.0, 3.0, 10.0] {
                for index in 0..20_u8 {
                    let (offset, top) = (offset * ROW, f32::from(index) * ROW);
                    let shown = at_a_row(offset, height, top);
                    assert!(!can_align(height) || shown % ROW == 0.0, "{height} {offset} {top}");
                    assert!(shown <= top && top + ROW <= shown + height, "{height} {offset} {top}: {shown}");
                }
            }
        }
    }
}
