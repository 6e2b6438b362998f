//! Where things are: in every tab, in each language, in the usual window and the smallest, as they are and at 150 and
//! 200 %, no two controls or labels lie over each other, each control is whole or can be scrolled to, and of what scrolls
//! there is more than a slit.

use std::collections::{HashMap, HashSet};

use egui::accesskit::NodeId;
use egui::{Key, LayerId, Modifiers, Rect, Role, Vec2, WidgetRect};
use egui_kittest::Node;
use egui_kittest::kittest::NodeT as _;
use grantscope::gui::language::Language;
use grantscope::gui::model::{Side, Tab};
use grantscope::terms::grant::Grant;

use crate::backend::FakeBackend;
use crate::capture::{recording, with_file};
use crate::compare::two_runs;
use crate::window::{SMALL, USUAL, Window};

/// Of the window, in points, which is all that a layout knows of a zoom: both sizes, and these at 150 and 200 %.
/// The usual window at 200 % has as many as the smallest at 150 %.
const SIZES: [[f32; 2]; 5] = [USUAL, SMALL, [853.0, 533.0], [640.0, 400.0], [480.0, 300.0]];

/// What rounding to pixels may add.
const TOLERANCE: f32 = 1.5;

/// With fewer points than these less than two lines are seen of what scrolls.
const SLIT: f32 = 48.0;

/// What can be seen and pressed, or read.
struct Part {
    name: String,
    role: Role,
    id: NodeId,
    layer: LayerId,
    /// Where it is as a whole.
    place: Rect,
    /// What is not cut off of it.
    seen: Rect,
    around: Vec<NodeId>,
    /// Whether a part around it scrolls up and down.
    scrolls: bool,
}

const fn is_control(role: Role) -> bool {
    matches!(
        role,
        Role::Button
            | Role::CheckBox
            | Role::ComboBox
            | Role::DisclosureTriangle
            | Role::Link
            | Role::MultilineTextInput
            | Role::PasswordInput
            | Role::RadioButton
            | Role::Slider
            | Role::SpinButton
            | Role::Switch
            | Role::Tab
            | Role::TextInput
    )
}

impl Part {
    fn of(node: &Node<'_>, all: &Tree) -> Option<Self> {
        let (said, id) = (node.accesskit_node(), id(node));
        let role = said.role();
        let name = said.label().or_else(|| said.value()).unwrap_or_default();
        let is_part = is_control(role) || matches!(role, Role::Label | Role::Heading) && !name.is_empty();
        let widget = all.widgets.get(&id).filter(|_| is_part)?;
        let (layer, place, seen) = (widget.layer_id, widget.rect, widget.interact_rect);
        Some(Self { name, role, id, layer, place, seen, around: around(node), scrolls: all.scrolls(node) })
    }

    fn told(&self) -> String {
        let name: String = self.name.chars().take(40).collect();
        format!("{:?} '{name}'", self.role)
    }

    fn is_seen(&self) -> bool {
        self.seen.width() > TOLERANCE && self.seen.height() > TOLERANCE
    }

    /// Whether it is a part of the other one: within it in the tree, as large as it, or within it and named after it, as
    /// what removes a chip and what shows a secret is.
    fn is_of(&self, other: &Self) -> bool {
        let is_within = other.place.expand(TOLERANCE).contains_rect(self.place);
        let is_same = is_within && self.place.expand(TOLERANCE).contains_rect(other.place);
        self.around.contains(&other.id) || is_same || is_within && self.name.contains(&other.name)
    }

    fn lies_over(&self, other: &Self) -> Option<String> {
        let both = self.seen.intersect(other.seen);
        let is_apart = both.width() <= TOLERANCE || both.height() <= TOLERANCE || self.layer != other.layer;
        if is_apart || self.is_of(other) || other.is_of(self) {
            return None;
        }
        Some(format!("{} lies over {} by {:.0} x {:.0}", self.told(), other.told(), both.width(), both.height()))
    }

    /// A control that is cut off at its sides, or above and below where nothing scrolls.
    fn is_cut(&self) -> Option<String> {
        // Of a row of tabs those without room are in a menu.
        if !is_control(self.role) || self.role == Role::Tab && !self.is_seen() {
            return None;
        }
        let cut = self.place.size() - self.seen.size().max(Vec2::ZERO);
        let is_scrolled_away = self.scrolls && !self.is_seen();
        let is_cut = cut.x > TOLERANCE && !is_scrolled_away || cut.y > TOLERANCE && !self.scrolls;
        is_cut.then(|| format!("{} at {} is cut by {:.0} x {:.0}", self.told(), self.place, cut.x, cut.y))
    }
}

/// What is known of all that is drawn.
struct Tree {
    /// Where each widget is.
    widgets: HashMap<NodeId, WidgetRect>,
    /// What has a bar by which it scrolls up and down.
    scrolling: HashSet<NodeId>,
}

impl Tree {
    fn of(window: &Window, nodes: &[Node<'_>]) -> Self {
        let widgets = window.harness.ctx.viewport(|viewport| {
            let layers = viewport.prev_pass.widgets.layers();
            layers.flat_map(|(_, widgets)| widgets).map(|widget| (widget.id.accesskit_id(), *widget)).collect()
        });
        let bars = nodes.iter().filter(|node| is_upright_bar(node));
        Self { widgets, scrolling: bars.filter_map(|bar| bar.parent()).map(|parent| id(&parent)).collect() }
    }

    fn scrolls(&self, node: &Node<'_>) -> bool {
        around(node).iter().any(|around| self.scrolling.contains(around))
    }

    /// A list of which no row is whole, and that is not scrolled away itself.
    fn is_without_row(&self, list: &Node<'_>) -> Option<String> {
        let is_whole = |row: &Node<'_>| {
            let row = self.widgets.get(&id(row));
            row.is_some_and(|row| row.interact_rect.height() > row.rect.height() - TOLERANCE)
        };
        let is_row = |node: &Node<'_>| node.accesskit_node().role() == Role::ListBoxOption;
        let rows: Vec<Node<'_>> = list.children_recursive().filter(is_row).collect();
        let is_wrong = !rows.is_empty() && !rows.iter().any(is_whole) && !self.scrolls(list);
        is_wrong.then(|| format!("{:?} shows no row", list.accesskit_node().label()))
    }
}

fn id(node: &Node<'_>) -> NodeId {
    node.accesskit_node().locate().0
}

fn around(node: &Node<'_>) -> Vec<NodeId> {
    std::iter::successors(node.parent(), |node| node.parent()).map(|node| id(&node)).collect()
}

fn is_upright_bar(node: &Node<'_>) -> bool {
    node.accesskit_node().role() == Role::ScrollBar && node.rect().height() > node.rect().width()
}

/// What is wrong with where things are.
fn wrong(window: &Window) -> Vec<String> {
    let nodes: Vec<Node<'_>> = window.harness.root().children_recursive().collect();
    let tree = Tree::of(window, &nodes);
    let parts: Vec<Part> = nodes.iter().filter_map(|node| Part::of(node, &tree)).collect();
    let mut wrong: Vec<String> = parts.iter().filter_map(Part::is_cut).collect();
    for (at, one) in parts.iter().enumerate() {
        wrong.extend(parts[..at].iter().filter_map(|other| one.lies_over(other)));
    }
    let lists = nodes.iter().filter(|node| node.accesskit_node().role() == Role::ListBox);
    wrong.extend(lists.filter_map(|list| tree.is_without_row(list)));
    let slits = nodes.iter().filter(|node| is_upright_bar(node) && node.rect().height() < SLIT);
    wrong.extend(slits.map(|bar| format!("{} is all that is seen of what scrolls", bar.rect())));
    wrong
}

/// What is wrong in any language and size with what is shown.
fn all_wrong(name: &str, window: &mut Window) -> Vec<String> {
    let mut all = Vec::new();
    for language in Language::ALL {
        window.app().model_mut().language = language;
        for size in SIZES {
            window.harness.set_size(size.into());
            window.run();
            let told = |wrong| format!("{name}, {language:?}, {} x {}: {wrong}", size[0], size[1]);
            all.extend(wrong(window).into_iter().map(told));
        }
    }
    window.harness.set_size(USUAL.into());
    window.app().model_mut().language = Language::English;
    window.run();
    all
}

fn finish(window: &mut Window) {
    window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
}

fn finished_on(tab: Tab) -> Window {
    let mut window = Window::finished();
    window.app().model_mut().tab = tab;
    window.run();
    window
}

fn finished_on_side(side: Side) -> Window {
    let mut window = finished_on(Tab::Server);
    window.app().model_mut().server.side = Some(side);
    window
}

fn opened_by(act: fn(&mut Window)) -> Window {
    let mut window = Window::open();
    act(&mut window);
    window
}

/// What leads to a screen.
type Scene = (&'static str, fn() -> Window);

const TABS: [Scene; 9] = [
    ("JWT", || finished_on(Tab::Jwt)),
    ("Checks", || finished_on(Tab::Checks)),
    ("History", || {
        let mut window = finished_on(Tab::History);
        window.row("Authorization code");
        window
    }),
    ("Lessons", || opened_by(|window| window.press_role(Role::Tab, "Lessons"))),
    ("a lesson that was run", || {
        opened_by(|window| {
            window.press_role(Role::Tab, "Lessons");
            (0..2).for_each(|_| window.next());
        })
    }),
    ("Capture", || opened_by(|window| window.app().model_mut().tab = Tab::Capture)),
    ("a recording", || {
        let mut window = with_file(USUAL, "shop.har", recording());
        window.press("Open...");
        window
    }),
    ("two runs", || {
        let mut window = two_runs(USUAL);
        window.press("Compare with...");
        window
    }),
    ("nothing to decode", || opened_by(|window| window.key(Modifiers::COMMAND, Key::J))),
];

const SERVER: [Scene; 4] = [
    ("requests", || finished_on_side(Side::Requests)),
    ("faults", || finished_on_side(Side::Faults)),
    ("discovery", || finished_on_side(Side::Discovery)),
    ("support", || finished_on_side(Side::Support)),
];

const OVER: [Scene; 6] = [
    ("settings", || opened_by(|window| window.app().model_mut().settings_open = Some(true))),
    ("a presentation", || {
        let mut window = Window::finished();
        window.key(Modifiers::COMMAND, Key::P);
        window
    }),
    ("help", || opened_by(|window| window.key(Modifiers::SHIFT, Key::Questionmark))),
    ("the palette", || opened_by(|window| window.key(Modifiers::COMMAND, Key::K))),
    ("export", || {
        let mut window = Window::finished();
        window.press("Export...");
        window
    }),
    ("import", || opened_by(|window| window.press("Import..."))),
];

#[track_caller]
fn judge(scenes: &[Scene]) {
    let all: Vec<String> = scenes.iter().flat_map(|(name, open)| all_wrong(name, &mut open())).collect();
    assert!(all.is_empty(), "{all:#?}");
}

#[track_caller]
fn judge_grants(grants: &[Grant]) {
    let mut all = Vec::new();
    for grant in grants {
        let mut window = Window::open_with(USUAL, FakeBackend::new());
        window.press_role(Role::Tab, grant.title());
        all.extend(all_wrong(grant.title(), &mut window));
        finish(&mut window);
        all.extend(all_wrong(&format!("{} at its end", grant.title()), &mut window));
    }
    assert!(all.is_empty(), "{all:#?}");
}

#[test]
fn in_the_tabs_of_grants_things_are_beside_each_other_and_in_sight() {
    judge_grants(&Grant::ALL[..6]);
}

#[test]
fn in_the_tabs_of_further_grants_things_are_beside_each_other_and_in_sight() {
    judge_grants(&Grant::ALL[6..]);
}

#[test]
fn in_the_tabs_beside_a_run_things_are_beside_each_other_and_in_sight() {
    judge(&TABS);
}

#[test]
fn on_the_sides_of_the_server_things_are_beside_each_other_and_in_sight() {
    judge(&SERVER);
}

#[test]
fn in_what_opens_over_a_tab_things_are_beside_each_other_and_in_sight() {
    judge(&OVER);
}
