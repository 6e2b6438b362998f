//! Underlined tabs: the main group, a quieter one after a line, one on the right. When there is no room for all, as many
//! of the left ones as are whole show, the selected tab among them, and a menu lists them. Where the right ones would leave
//! no room for any, they are among them.

use std::sync::Arc;

use egui::{
    Align, Color32, CursorIcon, Galley, Id, Layout, Popup, Rangef, Rect, Role, Stroke, TextStyle, Ui, UiBuilder, Vec2,
    WidgetInfo, accesskit, pos2, vec2,
};

use super::{IconButton, Tone, paint, roving, strip};
use crate::gui::language::t;
use crate::gui::theme::{TokensExt as _, icons, size, text};

const PADDING: f32 = 13.0;
const GROUP_GAP: f32 = 17.0;
/// Width of the menu of all tabs.
const MENU: f32 = 30.0;
/// So far the wheel is turned from one tab to the next.
const NOTCH: f32 = 40.0;

/// One tab.
#[derive(Clone, Debug)]
pub struct Tab<'a, K> {
    /// What the row returns when it is clicked.
    pub key: K,
    /// Its label and accessible name.
    pub title: &'a str,
    /// A word or number after the title.
    pub badge: Option<(Tone, String)>,
    /// Shown while the pointer is on it.
    pub tooltip: &'a str,
}

impl<'a, K> Tab<'a, K> {
    /// A tab with a title.
    pub const fn new(key: K, title: &'a str) -> Self {
        Self { key, title, badge: None, tooltip: "" }
    }

    /// A word or number after the title.
    #[must_use]
    pub fn badge(mut self, tone: Tone, word: impl Into<String>) -> Self {
        self.badge = Some((tone, word.into()));
        self
    }

    /// Shown while the pointer is on it, such as the keys that select it.
    #[must_use]
    pub fn tooltip(mut self, tooltip: &'a str) -> Self {
        self.tooltip = tooltip;
        self
    }
}

/// A row of tabs.
pub struct TabRow<'a, K> {
    name: &'a str,
    tabs: &'a [Tab<'a, K>],
    quiet: &'a [Tab<'a, K>],
    right: &'a [Tab<'a, K>],
    height: f32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Main,
    Quiet,
    Right,
}

/// Which tab is selected, and which one the Tab key comes to.
struct Keys<K> {
    base: Id,
    stop: Option<Id>,
    selected: K,
}

struct Placed<'t, 'a, K> {
    tab: &'t Tab<'a, K>,
    group: Group,
    label: Arc<Galley>,
    badge: Option<Arc<Galley>>,
    width: f32,
}

/// Where each tab is, from the left end of the first.
fn spans<K>(tabs: &[Placed<'_, '_, K>]) -> Vec<Rangef> {
    let (mut end, mut group) = (0.0, tabs.first().map(|tab| tab.group));
    let span = |tab: &Placed<'_, '_, K>| {
        let begin = if Some(tab.group) == group { end } else { end + GROUP_GAP };
        (end, group) = (begin + tab.width, Some(tab.group));
        Rangef::new(begin, end)
    };
    tabs.iter().map(span).collect()
}

/// Which tabs were in sight.
#[derive(Clone, Copy, Default)]
struct Sight {
    first: usize,
    /// The selected tab, the one the Tab key comes to, and the room, which bring a tab into sight when they change.
    seen: Option<(usize, usize, i32)>,
    turned: f32,
}

/// What of a tab is in sight: of one that is scrolled away its edge, or it would lie over its neighbours for those who
/// are told where it is.
fn in_sight(tab: Rect, row: Rect) -> Rect {
    let x = |at: f32| at.clamp(row.left(), row.right().max(row.left()));
    Rect::from_min_max(pos2(x(tab.left()), tab.top()), pos2(x(tab.right()), tab.bottom()))
}

impl<'a, K: Copy + PartialEq> TabRow<'a, K> {
    /// A row; `name` tells rows apart and names the row to screen readers.
    pub const fn new(name: &'a str, tabs: &'a [Tab<'a, K>]) -> Self {
        Self { name, tabs, quiet: &[], right: &[], height: size::TAB_ROW }
    }

    /// A quieter group after the main one.
    #[must_use]
    pub const fn quiet(mut self, tabs: &'a [Tab<'a, K>]) -> Self {
        self.quiet = tabs;
        self
    }

    /// A group at the right end.
    #[must_use]
    pub const fn right(mut self, tabs: &'a [Tab<'a, K>]) -> Self {
        self.right = tabs;
        self
    }

    /// Lower, for the head of a card.
    #[must_use]
    pub const fn compact(mut self) -> Self {
        self.height = 33.0;
        self
    }

    /// Draws the row; the key of a tab that was clicked. It is one stop for the Tab key; from there the arrow keys lead
    /// on, and Enter or Space selects.
    ///
    /// Where there is no room for all, the wheel moves those on the left, and a menu at their end lists them.
    pub fn show(self, ui: &mut Ui, selected: K) -> Option<K> {
        let placed = self.measure(ui, selected);
        let keys = self.keys(ui, selected);
        let (left, right, room) = sides(placed, ui.available_width());
        let total = spans(&left).last().map_or(0.0, |span| span.max);
        let has_menu = total > room;
        let menu = if has_menu { MENU } else { 0.0 };
        ui.scope_builder(UiBuilder::new().id_salt(("tab row", self.name)), |ui| {
            ui.ctx().accesskit_node_builder(ui.unique_id(), |node| {
                node.set_role(Role::TabList);
                node.set_label(self.name);
            });
            ui.spacing_mut().item_spacing.x = 0.0;
            let row = vec2(ui.available_width(), self.height);
            ui.allocate_ui_with_layout(row, Layout::left_to_right(Align::Min), |ui| {
                let mut clicked = self.strip(ui, &left, &keys, (room - menu).max(0.0));
                let (_, place) = ui.allocate_space(vec2(menu, self.height));
                if !right.is_empty() {
                    let (_, rect) = ui.allocate_space(vec2(ui.available_width(), self.height));
                    let width: f32 = right.iter().map(|tab| tab.width).sum();
                    let at = rect.with_min_x(rect.right() - width);
                    group_line(ui, at.left_center());
                    clicked = self.tabs(ui, at, &right, &keys).or(clicked);
                }
                // Last, so that the keyboard comes to the tabs first.
                if has_menu {
                    clicked = self.menu(ui, place, &left, selected).or(clicked);
                }
                clicked
            })
            .inner
        })
        .inner
    }

    /// Where the keyboard is: tabs of all groups are one row of stops.
    fn keys(&self, ui: &Ui, selected: K) -> Keys<K> {
        let base = ui.make_persistent_id(self.name);
        let tabs: Vec<&Tab<'_, K>> = [self.tabs, self.quiet, self.right].into_iter().flatten().collect();
        let ids: Vec<Id> = tabs.iter().map(|tab| base.with(tab.title)).collect();
        let at = tabs.iter().position(|tab| tab.key == selected).unwrap_or(0);
        Keys { base, stop: roving::beside(ui, &ids, at), selected }
    }

    /// The tabs on the left, as many as are whole in this room.
    fn strip(&self, ui: &mut Ui, tabs: &[Placed<'_, '_, K>], keys: &Keys<K>, room: f32) -> Option<K> {
        let spans = spans(tabs);
        let known = keys.base.with("sight");
        let mut sight: Sight = ui.data(|data| data.get_temp(known)).unwrap_or_default();
        let at = |is_it: &dyn Fn(&Placed<'_, '_, K>) -> bool| tabs.iter().position(is_it).unwrap_or(tabs.len());
        let selected = at(&|tab| tab.tab.key == keys.selected);
        let stop = at(&|tab| Some(keys.base.with(tab.tab.title)) == keys.stop);
        let seen = Some((selected, stop, room.round() as i32));
        sight.first = match [stop, selected].into_iter().find(|at| *at < tabs.len()) {
            Some(wanted) if sight.seen != seen => strip::first(&spans, sight.first, wanted, room),
            _ => strip::filled(&spans, sight.first, room),
        };
        sight.seen = seen;
        let end = strip::end(&spans, sight.first, room);
        let begin = spans.get(sight.first).map_or(0.0, |span| span.min);
        let width = end.checked_sub(1).and_then(|last| spans.get(last)).map_or(0.0, |span| span.max - begin);
        let (_, rect) = ui.allocate_space(vec2(width, self.height));
        if width < spans.last().map_or(0.0, |span| span.max) && ui.rect_contains_pointer(rect) {
            turn(ui, &mut sight);
        }
        ui.data_mut(|data| data.insert_temp(known, sight));
        ui.scope(|ui| {
            ui.set_clip_rect(rect.intersect(ui.clip_rect()));
            self.tabs(ui, rect.translate(vec2(-begin, 0.0)), tabs, keys)
        })
        .inner
    }

    /// All tabs that may be out of sight.
    fn menu(&self, ui: &mut Ui, place: Rect, tabs: &[Placed<'_, '_, K>], selected: K) -> Option<K> {
        let mut clicked = None;
        let builder = UiBuilder::new().max_rect(place).layout(Layout::left_to_right(Align::Center));
        ui.scope_builder(builder, |ui| {
            let response = ui.add(IconButton::new(icons::CARET_DOWN, t!("All tabs")).small());
            Popup::menu(&response).show(|ui| {
                for tab in tabs {
                    if ui.selectable_label(tab.tab.key == selected, tab.tab.title).clicked() {
                        clicked = Some(tab.tab.key);
                        ui.close();
                    }
                }
            });
        });
        clicked
    }

    fn measure(&self, ui: &Ui, selected: K) -> Vec<Placed<'a, 'a, K>> {
        let groups = [(Group::Main, self.tabs), (Group::Quiet, self.quiet), (Group::Right, self.right)];
        let each = groups.into_iter().flat_map(|(group, tabs)| tabs.iter().map(move |tab| (group, tab)));
        each.map(|(group, tab)| {
            let style = if tab.key == selected { text::strong_style() } else { TextStyle::Body };
            let label = paint::styled_line(ui, tab.title, &style, Color32::PLACEHOLDER, f32::INFINITY);
            // The row must not move when another tab is selected: all are as wide as in bold.
            let bold = paint::styled_line(ui, tab.title, &text::strong_style(), Color32::PLACEHOLDER, f32::INFINITY);
            let badge = tab.badge.as_ref().map(|(tone, word)| {
                paint::styled_line(ui, word, &text::strong_style(), tone.ink(ui.tokens()), f32::INFINITY)
            });
            let beside = badge.as_ref().map_or(0.0, |galley| galley.size().x + 5.0);
            let width = (bold.size().x + beside + 2.0 * PADDING).ceil();
            Placed { tab, group, label, badge, width }
        })
        .collect()
    }

    fn tabs(&self, ui: &Ui, row: Rect, placed: &[Placed<'_, '_, K>], keys: &Keys<K>) -> Option<K> {
        let mut clicked = None;
        let mut group = placed.first().map(|tab| tab.group);
        for (tab, span) in placed.iter().zip(spans(placed)) {
            let rect = Rect::from_min_size(pos2(row.left() + span.min, row.top()), vec2(tab.width, row.height()));
            if group != Some(tab.group) {
                group = Some(tab.group);
                group_line(ui, rect.left_center());
            }
            clicked = self.tab(ui, rect, tab, keys).or(clicked);
        }
        clicked
    }

    fn tab(&self, ui: &Ui, rect: Rect, placed: &Placed<'_, '_, K>, keys: &Keys<K>) -> Option<K> {
        let Placed { tab, group, label, badge, .. } = placed;
        let (id, selected) = (keys.base.with(tab.title), tab.key == keys.selected);
        let response = ui.interact(rect, id, roving::sense(id, keys.stop));
        response.widget_info(|| WidgetInfo::labeled(Role::Tab, ui.is_enabled(), tab.title));
        let seen = in_sight(rect, ui.clip_rect());
        ui.ctx().accesskit_node_builder(id, |node| {
            node.set_bounds(accesskit::Rect {
                x0: seen.left().into(),
                y0: seen.top().into(),
                x1: seen.right().into(),
                y1: seen.bottom().into(),
            });
            node.set_selected(selected);
            if let Some((tone, word)) = &tab.badge {
                node.set_description(format!("{word} {}", tone.word()));
            }
        });
        let tokens = ui.tokens();
        let resting = if *group == Group::Quiet { tokens.dim } else { tokens.text.lerp_to_gamma(tokens.dim, 0.55) };
        let ink = if selected || response.hovered() || response.has_focus() { tokens.strong } else { resting };
        let at = pos2(rect.left() + PADDING, rect.center().y);
        let after = at.x + label.size().x + 5.0;
        ui.painter().galley(at - vec2(0.0, label.size().y / 2.0), Arc::clone(label), ink);
        if let Some(badge) = badge {
            paint::text_left(ui.painter(), pos2(after, at.y), Arc::clone(badge));
        }
        if selected {
            ui.painter().rect_filled(rect.with_min_y(rect.bottom() - 2.0), 1, tokens.accent);
        }
        paint::focus_ring(ui, &response, rect.shrink2(vec2(4.0, 6.0)), size::RADIUS);
        let clicked = response.clicked().then_some(tab.key);
        let response = response.on_hover_cursor(CursorIcon::PointingHand);
        if !tab.tooltip.is_empty() {
            response.on_hover_text(tab.tooltip);
        }
        clicked
    }
}

/// The tabs on the left, those on the right, and the room for the left ones. There are none on the right where they would
/// leave no room for the widest of the others.
fn sides<'t, 'a, K>(
    placed: Vec<Placed<'t, 'a, K>>,
    width: f32,
) -> (Vec<Placed<'t, 'a, K>>, Vec<Placed<'t, 'a, K>>, f32) {
    let (right, mut left): (Vec<_>, Vec<_>) = placed.into_iter().partition(|tab| tab.group == Group::Right);
    if right.is_empty() {
        return (left, right, width);
    }
    let room = width - right.iter().map(|tab| tab.width).sum::<f32>() - GROUP_GAP;
    if left.iter().all(|tab| tab.width + MENU <= room) {
        return (left, right, room);
    }
    left.extend(right);
    (left, Vec::new(), width)
}

/// The line before a group.
fn group_line(ui: &Ui, at: egui::Pos2) {
    let line = Rangef::point(at.y).expand(9.0);
    ui.painter().vline(at.x - GROUP_GAP / 2.0, line, Stroke::new(1.0, ui.tokens().line));
}

/// Moves on by what the wheel was turned, in either direction.
fn turn(ui: &Ui, sight: &mut Sight) {
    let turned = ui.input_mut(|input| std::mem::take::<Vec2>(&mut input.smooth_scroll_delta));
    sight.turned -= turned.x + turned.y;
    let notches = (sight.turned / NOTCH).trunc();
    sight.turned -= notches * NOTCH;
    sight.first = sight.first.saturating_add_signed(notches as isize);
    if notches != 0.0 {
        ui.ctx().request_repaint();
    }
}
