//! The stages of a flow as numbered circles on a line: where we are, what is done, what was refused.

use egui::{
    Color32, CursorIcon, Id, Rect, Response, Role, Shape, Stroke, TextStyle, Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::{Explanation, Tone, explanation, paint, roving};
use crate::gui::language::t;
use crate::gui::theme::{Icon, Tokens, TokensExt as _, icons, size, text};

const HEIGHT: f32 = 34.0;
/// Of each where there are two, and in a low window.
const LOW_HEIGHT: f32 = 28.0;
const CIRCLE: f32 = 24.0;
const GAP: f32 = 8.0;
/// From a title to the next circle, a quarter of it free at either end.
const LINK: f32 = 60.0;
const SHORT_LINK: f32 = 16.0;
/// Where the selected title has no room beside longer ones.
const LEAST_LINK: f32 = 4.0;
/// So few stages look lost in a row of their own.
const FEW: usize = 2;
/// Between a title and its note.
const NOTE_GAP: f32 = 5.0;

/// What came of a stage so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageState {
    /// Something before it is missing.
    Locked,
    /// Can be sent now.
    Ready,
    /// Under way.
    Running,
    /// Succeeded.
    Done,
    /// The server said no.
    Refused,
    /// No usable answer came.
    Failed,
    /// A check stopped it.
    Rejected,
    /// Done, and a rule that must be kept is broken.
    Broken,
    /// Done, and a rule that should be kept is broken.
    Doubtful,
    /// Done with settings that have changed since.
    Stale,
    /// Nobody knows what came of it.
    Unjudged,
    /// Left out.
    Skipped,
}

impl StageState {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Locked => t!("locked"),
            Self::Ready => t!("ready"),
            Self::Running => t!("running"),
            Self::Done | Self::Broken | Self::Doubtful => t!("done"),
            Self::Refused => t!("refused"),
            Self::Failed => t!("failed"),
            Self::Rejected => t!("stopped by a check"),
            Self::Stale => t!("stale, settings have changed"),
            Self::Unjudged => t!("not judged"),
            Self::Skipped => t!("skipped"),
        }
    }

    const fn icon(self) -> Option<Icon> {
        match self {
            Self::Locked | Self::Ready => None,
            Self::Running => Some(icons::HOURGLASS),
            Self::Done => Some(icons::CHECK),
            Self::Refused | Self::Failed | Self::Rejected | Self::Broken => Some(icons::X),
            Self::Doubtful => Some(icons::WARNING),
            Self::Stale => Some(icons::ARROW_CLOCKWISE),
            Self::Unjudged | Self::Skipped => Some(icons::MINUS),
        }
    }

    /// What it means, as colour: nothing is meant before there is a verdict.
    pub const fn tone(self) -> Tone {
        match self {
            Self::Locked | Self::Ready | Self::Running | Self::Unjudged | Self::Skipped => Tone::Neutral,
            Self::Done => Tone::Ok,
            Self::Doubtful | Self::Stale => Tone::Warn,
            Self::Refused | Self::Failed | Self::Rejected | Self::Broken => Tone::Error,
        }
    }
}

/// One stage on the rail.
#[derive(Clone, Debug)]
pub struct RailStage<'a> {
    /// Its title: `Exchange`.
    pub title: &'a str,
    /// What came of it.
    pub state: StageState,
    /// What is wrong with it, in a word or two: `1 failed`.
    pub note: String,
    /// The title of the rule that stopped it, where one did.
    pub rule: &'a str,
}

impl RailStage<'_> {
    /// How it stands, for those who do not see it: `done, 1 failed`, `stopped by a check: aud lists this client, 1 failed`.
    pub fn words(&self) -> String {
        let state = match self.rule {
            "" => self.state.word().to_owned(),
            title => t!("stopped by a check: {title}", title),
        };
        if self.note.is_empty() { state } else { format!("{state}, {}", self.note) }
    }
}

/// The rail.
pub struct Rail<'a> {
    stages: &'a [RailStage<'a>],
    selected: usize,
    explain: Option<&'a dyn Fn(usize) -> Option<Explanation>>,
}

/// Where one stage goes, from the left end of the rail.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Slot {
    row: usize,
    x: f32,
    title: f32,
    link: f32,
}

/// In a lower window the height of a second row is worth more to what is below.
const LOW_WINDOW: f32 = 680.0;

/// Places circles, titles and lines in `room`: in one row, or in two where that has no room for every title and the window
/// has some.
fn layout(titles: &[f32], selected: usize, room: f32, is_low: bool) -> Vec<Slot> {
    let first = if is_low { titles.len() } else { without_few(titles, fitting(titles, room), room) };
    let (upper, lower) = titles.split_at(first);
    let mut slots = row(upper, 0, selected.min(first.saturating_sub(1)), room);
    slots.extend(row(lower, 1, selected.saturating_sub(first), room));
    slots
}

/// So many in the first row as leave no few to the second, where both have room then.
fn without_few(titles: &[f32], first: usize, room: f32) -> usize {
    let half = titles.len().div_ceil(2);
    let leaves_few = (1..=FEW).contains(&(titles.len() - first));
    let fits = half <= first && fitting(&titles[half..], room) >= titles.len() - half;
    if leaves_few && fits { half } else { first }
}

/// How many stages, one at least, have their whole titles in one row.
fn fitting(titles: &[f32], room: f32) -> usize {
    let mut end = -SHORT_LINK;
    let fits = |title: &&f32| {
        end += SHORT_LINK + CIRCLE + GAP + **title;
        end <= room
    };
    titles.iter().take_while(fits).count().max(1).min(titles.len())
}

/// Places those of one row. First the lines shrink, then the titles farthest from the selected stage give way to the bare
/// circle.
fn row(titles: &[f32], row: usize, selected: usize, room: f32) -> Vec<Slot> {
    let links = titles.len().saturating_sub(1) as f32;
    let circles = titles.len() as f32 * (CIRCLE + GAP);
    let spare = room - circles - titles.iter().sum::<f32>();
    let link = if links > 0.0 { (spare / links).clamp(SHORT_LINK, LINK) } else { 0.0 };
    // Which stage it is says more than the lines between them.
    let beside_selected = room - circles - titles.get(selected).copied().unwrap_or_default();
    let link = if links > 0.0 { link.min((beside_selected / links).max(LEAST_LINK)) } else { link };
    let for_titles = (room - circles - links * link).max(0.0);
    let kept = kept(titles, selected, for_titles);
    let mut x = 0.0;
    let slots = titles.iter().enumerate().map(|(index, &full)| {
        let title = if index == selected {
            full.min(for_titles)
        } else if kept[index] {
            full
        } else {
            0.0
        };
        let slot = Slot { row, x, title, link };
        x += CIRCLE + GAP + title + link;
        slot
    });
    slots.collect()
}

/// Which titles are shown whole: those nearest to the selected stage, as many as there is room for.
fn kept(titles: &[f32], selected: usize, room: f32) -> Vec<bool> {
    let mut order: Vec<usize> = (0..titles.len()).collect();
    order.sort_by_key(|index| index.abs_diff(selected));
    let mut kept = vec![false; titles.len()];
    let mut left = room;
    for index in order {
        left -= titles[index];
        if left < 0.0 && index != selected {
            break;
        }
        kept[index] = true;
    }
    kept
}

impl<'a> Rail<'a> {
    /// A rail with one stage selected.
    pub const fn new(stages: &'a [RailStage<'a>], selected: usize) -> Self {
        Self { stages, selected, explain: None }
    }

    /// What each stage is for.
    #[must_use]
    pub fn explained(mut self, explain: &'a dyn Fn(usize) -> Option<Explanation>) -> Self {
        self.explain = Some(explain);
        self
    }

    /// Draws the rail; the index of a stage that was clicked. It is one stop for the Tab key; from there the arrow keys
    /// lead on, and Enter or Space does what a click does.
    pub fn show(self, ui: &mut Ui) -> Option<usize> {
        let builder = UiBuilder::new().accessibility_role(Role::TabList).accessibility_label(t!("stages"));
        ui.scope_builder(builder, |ui| self.stages(ui)).inner
    }

    fn stages(&self, ui: &mut Ui) -> Option<usize> {
        let width = |stage: &RailStage<'_>| bold_width(ui, stage.title) + note_width(ui, &stage.note);
        let titles: Vec<f32> = self.stages.iter().map(width).collect();
        let is_low = ui.ctx().content_rect().height() < LOW_WINDOW;
        let slots = layout(&titles, self.selected, ui.available_width(), is_low);
        let rows = slots.last().map_or(0, |slot| slot.row) + 1;
        let height = if rows == 1 && !is_low { HEIGHT } else { LOW_HEIGHT };
        let (_, rail) = ui.allocate_space(vec2(ui.available_width(), rows as f32 * height));
        let ids: Vec<Id> = (0..self.stages.len()).map(|index| ui.make_persistent_id(("stage", index))).collect();
        let stop = roving::beside(ui, &ids, self.selected);
        let mut clicked = None;
        for (index, (stage, slot)) in self.stages.iter().zip(&slots).enumerate() {
            let at = pos2(rail.left() + slot.x, rail.top() + slot.row as f32 * height);
            let rect = Rect::from_min_size(at, vec2(CIRCLE + GAP + slot.title, height));
            if slots.get(index + 1).is_some_and(|next| next.row == slot.row) {
                let free = (slot.link / 4.0).min(GAP);
                let from = pos2(rect.right() + free, rect.center().y);
                let color = if stage.state == StageState::Done { ui.tokens().ok_bar } else { ui.tokens().line };
                ui.painter().line_segment([from, from + vec2(slot.link - 2.0 * free, 0.0)], Stroke::new(2.0, color));
            }
            let response = ui.interact(rect, ids[index], roving::sense(ids[index], stop));
            if self.stage(ui, index, response, slot.title).clicked() {
                clicked = Some(index);
            }
        }
        clicked
    }

    fn stage(&self, ui: &Ui, index: usize, response: Response, title_width: f32) -> Response {
        let (stage, rect) = (&self.stages[index], response.rect);
        let (title, state, words) = (stage.title, stage.state, stage.words());
        let selected = index == self.selected;
        response.widget_info(|| WidgetInfo::labeled(Role::Tab, ui.is_enabled(), title));
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_selected(selected);
            node.set_description(t!(
                "stage {index} of {stages}, {words}",
                index = index + 1,
                stages = self.stages.len(),
                words
            ));
        });
        let tokens = ui.tokens();
        let circle = Rect::from_center_size(rect.left_center() + vec2(CIRCLE / 2.0, 0.0), vec2(CIRCLE, CIRCLE));
        paint_circle(ui, circle, state, index + 1);
        let quiet = matches!(state, StageState::Locked | StageState::Unjudged | StageState::Skipped);
        let ink = if quiet && !response.hovered() && !selected { tokens.dim } else { tokens.text };
        let style = if selected { text::strong_style() } else { TextStyle::Body };
        let ink = if selected { tokens.strong } else { ink };
        if title_width > 0.0 {
            let galley = paint::styled_line(ui, title, &style, ink, title_width + 1.0);
            let at = pos2(circle.right() + GAP, rect.center().y);
            let behind = at + vec2(galley.size().x + NOTE_GAP, 0.0);
            paint::text_left(ui.painter(), at, galley);
            if !stage.note.is_empty() {
                let ink = if state == StageState::Doubtful { tokens.warn } else { tokens.error };
                let note = paint::styled_line(ui, &stage.note, &TextStyle::Small, ink, title_width);
                paint::text_left(ui.painter(), behind, note);
            }
        }
        paint::focus_ring(ui, &response, rect.expand2(vec2(2.0, -1.0)), size::RADIUS);
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        let explain = || self.explain.and_then(|explain| explain(index));
        super::explained::note(ui, rect, explain);
        response.on_hover_ui(|ui| {
            ui.label(format!("{title}: {words}"));
            if let Some(found) = explain() {
                explanation(ui, &Explanation { name: String::new(), ..found });
            }
        })
    }
}

fn bold_width(ui: &Ui, title: &str) -> f32 {
    paint::styled_line(ui, title, &text::strong_style(), Color32::PLACEHOLDER, f32::INFINITY).size().x.ceil()
}

/// What the note takes behind its title.
fn note_width(ui: &Ui, note: &str) -> f32 {
    if note.is_empty() {
        return 0.0;
    }
    let line = paint::styled_line(ui, note, &TextStyle::Small, Color32::PLACEHOLDER, f32::INFINITY);
    line.size().x.ceil() + NOTE_GAP
}

fn paint_circle(ui: &Ui, circle: Rect, state: StageState, number: usize) {
    let tokens = ui.tokens();
    let (fill, ring, ink) = circle_colors(state, tokens);
    let (center, radius) = (circle.center(), CIRCLE / 2.0 - 1.0);
    ui.painter().circle_filled(center, radius + 1.0, fill);
    if matches!(state, StageState::Unjudged | StageState::Skipped) {
        let turn = std::f32::consts::TAU / 48.0;
        let points: Vec<_> = (0..=48).map(|step| center + radius * egui::Vec2::angled(step as f32 * turn)).collect();
        ui.painter().extend(Shape::dashed_line(&points, Stroke::new(1.5, ring), 3.0, 3.0));
    } else if ring != Color32::TRANSPARENT {
        ui.painter().circle_stroke(center, radius, Stroke::new(2.0, ring));
    }
    match state.icon() {
        Some(icon) => paint::icon(ui, center, icon, 14.0, ink),
        None => {
            let number = paint::styled_line(ui, &number.to_string(), &text::strong_style(), ink, CIRCLE);
            paint::text_center(ui.painter(), center, number);
        }
    }
}

const fn circle_colors(state: StageState, tokens: &Tokens) -> (Color32, Color32, Color32) {
    let clear = Color32::TRANSPARENT;
    match state {
        StageState::Locked => (clear, tokens.line, tokens.dim),
        StageState::Ready => (clear, tokens.accent, tokens.link),
        StageState::Running => (tokens.accent, clear, tokens.on_accent),
        StageState::Done => (tokens.ok, clear, tokens.on_ok),
        StageState::Refused | StageState::Failed | StageState::Rejected | StageState::Broken => {
            (tokens.danger, clear, tokens.on_danger)
        }
        StageState::Doubtful => (clear, tokens.warn_bar, tokens.warn),
        StageState::Stale => (clear, tokens.warn_bar, tokens.warn),
        StageState::Unjudged | StageState::Skipped => (clear, tokens.line_strong, tokens.dim),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TITLES: [f32; 6] = [52.0, 52.0, 32.0, 64.0, 44.0, 52.0];

    fn width(slots: &[Slot]) -> f32 {
        slots.iter().map(|slot| slot.x + CIRCLE + GAP + slot.title).fold(0.0, f32::max)
    }

    #[test]
    fn with_room_all_titles_show_and_lines_are_long() {
        let slots = layout(&TITLES, 3, 1000.0, false);
        assert!(slots.iter().zip(TITLES).all(|(slot, title)| slot.title == title && slot.link == LINK));
    }

    #[test]
    fn lines_shrink_before_there_is_a_second_row() {
        let slots = layout(&TITLES, 3, 640.0, false);
        assert!(slots.iter().zip(TITLES).all(|(slot, title)| slot.title == title && slot.link < LINK));
        assert!(slots.iter().all(|slot| slot.row == 0));
    }

    #[test]
    fn there_is_a_second_row_before_a_title_gives_way() {
        let many = TITLES.repeat(2);
        let slots = layout(&many, 3, 640.0, false);
        assert!(slots.iter().zip(&many).all(|(slot, title)| slot.title == *title), "{slots:?}");
        assert!(slots.is_sorted_by_key(|slot| slot.row) && slots[0].row == 0 && slots[11].row == 1);
        assert!(layout(&many, 3, 640.0, true).iter().all(|slot| slot.row == 0), "a low window keeps its height");
    }

    #[test]
    fn no_stage_or_two_stand_alone_in_a_second_row() {
        for room in [330.0, 420.0, 500.0] {
            let slots = layout(&TITLES, 0, room, false);
            let below = slots.iter().filter(|slot| slot.row == 1).count();
            assert_eq!(below, 3, "{room}: {slots:?}");
        }
    }

    #[test]
    fn the_rail_never_leaves_its_room_and_the_selected_title_stays() {
        for room in [520.0, 460.0, 420.0, 380.0] {
            for selected in 0..TITLES.len() {
                let slots = layout(&TITLES, selected, room, false);
                assert!(width(&slots) <= room + 0.5, "{room} {selected}: {}", width(&slots));
                assert_eq!(slots[selected].title, TITLES[selected], "{room} {selected}");
            }
        }
    }

    #[test]
    fn at_600_points_six_stages_keep_their_titles() {
        let slots = layout(&TITLES, 3, 600.0, false);
        assert!(slots.iter().zip(TITLES).all(|(slot, title)| slot.title == title));
    }

    #[test]
    fn one_stage_and_none_are_fine() {
        assert_eq!(layout(&[40.0], 0, 300.0, false), [Slot { row: 0, x: 0.0, title: 40.0, link: 0.0 }]);
        assert!(layout(&[], 0, 300.0, false).is_empty());
    }
}
