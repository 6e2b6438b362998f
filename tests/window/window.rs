//! A window that tests drive by role and label, as a person with a keyboard and a screen reader does.

use std::cell::Cell;
use std::rc::Rc;

use egui::{Key, Modifiers, Role, Shape};
use egui_kittest::kittest::{AccessKitNode, By, NodeT as _, Queryable as _};
use egui_kittest::{Harness, Node};
use grantscope::gui::app::App;
use grantscope::gui::model::Model;

use crate::backend::FakeBackend;

/// The usual window.
pub const USUAL: [f32; 2] = [1280.0, 800.0];
/// The smallest window.
pub const SMALL: [f32; 2] = [960.0, 600.0];

/// The rows of tabs.
#[derive(Clone, Copy, Debug)]
pub enum Row {
    /// At the top.
    Top,
    /// The sides of a message.
    Inspector,
    /// Where the keys of the JWT tab come from.
    Keys,
}

impl Row {
    const fn tabs(self) -> &'static [&'static str] {
        match self {
            Self::Top => &[
                "Authorization code",
                "Device",
                "Client credentials",
                "Refresh",
                "Token exchange",
                "JWT bearer",
                "SAML bearer",
                "CIBA",
                "MCP",
                "Implicit",
                "Hybrid",
                "Password",
                "JWT",
                "Server",
                "Checks",
                "History",
                "Capture",
                "Lessons",
            ],
            Self::Inspector => &["Request", "Response", "Tokens", "Checks", "cURL", "Raw"],
            Self::Keys => &["This server", "JWKS URL", "JWK", "PEM", "Secret"],
        }
    }
}

/// The app. It is made together with the context, since its fonts have to be there before the first frame.
pub struct Screen {
    made: Rc<Cell<Option<App<FakeBackend>>>>,
    app: Option<App<FakeBackend>>,
}

impl Screen {
    fn frame(&mut self, ui: &mut egui::Ui) {
        let app = self.app.get_or_insert_with(|| self.made.take().expect("the set-up came first"));
        app.logic(ui.ctx());
        app.ui(ui);
        if app.backend_mut().has_news() {
            ui.ctx().request_repaint();
        }
    }
}

pub struct Window {
    pub harness: Harness<'static, Screen>,
}

impl Window {
    pub fn open() -> Self {
        Self::open_with(USUAL, FakeBackend::new())
    }

    pub fn open_with(size: [f32; 2], backend: FakeBackend) -> Self {
        let made = Rc::new(Cell::new(None));
        let screen = Screen { made: Rc::clone(&made), app: None };
        let harness = Harness::builder()
            .with_size(size)
            .with_max_steps(200)
            .with_context_setup(move |ctx| made.set(Some(App::new(ctx, backend))))
            .build_ui_state(|ui, screen: &mut Screen| screen.frame(ui), screen);
        let mut window = Self { harness };
        window.run();
        window
    }

    /// A window whose run has come to its end.
    pub fn finished() -> Self {
        let mut window = Self::open();
        window.key(Modifiers::COMMAND | Modifiers::SHIFT, Key::Enter);
        window
    }

    /// A window whose next request is that of this stage, as named on the primary button.
    pub fn at(primary: &str) -> Self {
        let mut window = Self::open();
        window.walk_to(primary);
        window
    }

    /// Goes on step by step until the primary button says this.
    pub fn walk_to(&mut self, primary: &str) {
        for _ in 0..20 {
            if self.has(Role::Button, primary) {
                return;
            }
            self.next();
        }
        panic!("no step leads to {primary}");
    }

    /// Frames until nothing is left to do.
    pub fn run(&mut self) {
        self.harness.run();
    }

    /// Ctrl+Enter.
    pub fn next(&mut self) {
        self.key(Modifiers::COMMAND, Key::Enter);
    }

    pub fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        self.run();
    }

    /// Presses what has this role and name.
    #[track_caller]
    pub fn press_role(&mut self, role: Role, label: &str) {
        self.get(role, label).click_accesskit();
        self.run();
    }

    /// Presses the first control of this role whose name begins with these words.
    #[track_caller]
    pub fn press_like(&mut self, role: Role, words: &str) {
        let is_like = |node: &AccessKitNode<'_>| {
            node.role() == role && node.label().is_some_and(|label| label.starts_with(words))
        };
        let found = self.harness.query_all(By::new().predicate(is_like)).next();
        found.unwrap_or_else(|| panic!("no {role:?} begins with {words}")).click_accesskit();
        self.run();
    }

    /// Opens or closes what is folded under this title.
    #[track_caller]
    pub fn open_fold(&mut self, title: &str) {
        self.press_role(Role::DisclosureTriangle, title);
    }

    /// Chooses in the picker of this name.
    #[track_caller]
    pub fn choose(&mut self, picker: &str, option: &str) {
        self.press_role(Role::ComboBox, picker);
        self.press(option);
    }

    /// Whether a button is there but cannot be pressed.
    #[track_caller]
    pub fn is_disabled(&self, label: &str) -> bool {
        self.get(Role::Button, label).accesskit_node().is_disabled()
    }

    /// Presses a button.
    #[track_caller]
    pub fn press(&mut self, label: &str) {
        self.press_role(Role::Button, label);
    }

    /// Goes to a tab of this row.
    #[track_caller]
    pub fn tab(&mut self, row: Row, label: &str) {
        let at = row.tabs().iter().position(|tab| *tab == label).unwrap_or_else(|| panic!("{row:?} has no {label}"));
        self.tabs(row)[at].click_accesskit();
        self.run();
    }

    /// The tab of this row that is selected.
    #[track_caller]
    pub fn selected_tab(&self, row: Row) -> String {
        let selected: Vec<_> = self
            .tabs(row)
            .iter()
            .filter(|tab| tab.accesskit_node().is_selected() == Some(true))
            .filter_map(|tab| tab.accesskit_node().label())
            .collect();
        assert_eq!(selected.len(), 1, "one tab of {row:?} is selected");
        selected.concat()
    }

    /// The tabs of a row, which are found by their order: rows and the rail share names.
    #[track_caller]
    fn tabs(&self, row: Row) -> Vec<Node<'_>> {
        let all: Vec<Node<'_>> =
            self.harness.query_all_by_role(Role::Tab).filter(|tab| !is_stage(&tab.accesskit_node())).collect();
        let labels: Vec<String> = all.iter().filter_map(|tab| tab.accesskit_node().label()).collect();
        let names = row.tabs();
        let at = labels.windows(names.len()).position(|window| window == names);
        let at = at.unwrap_or_else(|| panic!("no {row:?} in {labels:?}"));
        all[at..at + names.len()].to_vec()
    }

    /// A stage of the rail.
    #[track_caller]
    pub fn stage<'w>(&'w self, title: &'w str) -> Node<'w> {
        self.harness.get(By::new().role(Role::Tab).label(title).predicate(is_stage))
    }

    /// Goes to a stage of the rail.
    #[track_caller]
    pub fn go_to(&mut self, stage: &str) {
        self.stage(stage).click_accesskit();
        self.run();
    }

    /// How a stage stands, as a screen reader says it.
    pub fn state_of(&self, title: &str) -> String {
        let said = self.stage(title).accesskit_node().description().unwrap_or_default();
        said.split_once(", ").map(|(_, state)| state.to_owned()).unwrap_or_default()
    }

    /// Presses a row of the diagram whose name contains these words.
    #[track_caller]
    pub fn row(&mut self, words: &str) {
        let is_row = |node: &AccessKitNode<'_>| {
            node.role() == Role::ListBoxOption && node.label().is_some_and(|label| label.contains(words))
        };
        let row = self.harness.query_all(By::new().predicate(is_row)).next();
        row.unwrap_or_else(|| panic!("no row says {words}")).click_accesskit();
        self.run();
    }

    /// The row of the diagram that is selected.
    #[track_caller]
    pub fn selected_row(&self) -> Node<'_> {
        let is_selected =
            |node: &AccessKitNode<'_>| node.role() == Role::ListBoxOption && node.is_selected() == Some(true);
        self.harness.get(By::new().predicate(is_selected))
    }

    /// Replaces what the text field of this name holds.
    #[track_caller]
    pub fn fill(&mut self, label: &str, value: &str) {
        self.field(label).set_text_value_accesskit(value);
        self.run();
    }

    #[track_caller]
    pub fn get<'w>(&'w self, role: Role, label: &'w str) -> Node<'w> {
        self.harness.get_by_role_and_label(role, label)
    }

    /// Where this control is, in points.
    #[track_caller]
    pub fn place_of(&self, role: Role, label: &str) -> egui::Rect {
        self.get(role, label).rect()
    }

    /// Where the one of these that is farthest to the right stands.
    pub fn rightmost(&self, role: Role, label: &str) -> egui::Rect {
        let places = self.harness.query_all_by_role_and_label(role, label).map(|node| node.rect());
        places.max_by(|one, other| one.left().total_cmp(&other.left())).expect("there is one")
    }

    pub fn has(&self, role: Role, label: &str) -> bool {
        self.harness.query_all_by_role_and_label(role, label).next().is_some()
    }

    /// How many rows of a diagram are on the screen.
    pub fn count_of_rows(&self) -> usize {
        self.harness.query_all(By::new().role(Role::ListBoxOption)).count()
    }

    pub fn count(&self, role: Role, label: &str) -> usize {
        self.harness.query_all_by_role_and_label(role, label).count()
    }

    /// Whether a text on the screen, or a name or a description, contains these words.
    pub fn says(&self, words: &str) -> bool {
        self.texts().iter().any(|text| text.contains(words))
    }

    #[track_caller]
    pub fn assert_says(&self, words: &str) {
        assert!(self.says(words), "nothing says '{words}':\n{}", self.texts().join("\n"));
    }

    #[track_caller]
    pub fn assert_silent(&self, words: &str) {
        let found: Vec<String> = self.texts().into_iter().filter(|text| text.contains(words)).collect();
        assert!(found.is_empty(), "'{words}' is said: {found:?}");
    }

    /// Every name, value and description of the accessibility tree, and every painted text.
    pub fn texts(&self) -> Vec<String> {
        let mut texts = Vec::new();
        for node in std::iter::once(self.harness.root()).chain(self.harness.root().children_recursive()) {
            let node = node.accesskit_node();
            texts.extend(node.label());
            texts.extend(node.value());
            texts.extend(node.description());
        }
        for clipped in &self.harness.output().shapes {
            painted(&clipped.shape, &mut texts);
        }
        texts
    }

    /// The name of what has the keyboard; empty where nothing has it.
    pub fn focused(&self) -> String {
        self.focus().and_then(|node| node.accesskit_node().label()).unwrap_or_default()
    }

    /// What has the keyboard.
    pub fn focus(&self) -> Option<Node<'_>> {
        self.harness.root().children_recursive().find(|node| node.accesskit_node().is_focused())
    }

    /// The part of the window that has the keyboard.
    pub fn region(&self) -> String {
        let mut node = self.focus().map(|node| node.accesskit_node());
        while let Some(at) = node {
            if at.role() == Role::Region {
                return at.label().unwrap_or_default();
            }
            node = at.parent();
        }
        String::new()
    }

    /// How many nodes the accessibility tree has.
    pub fn nodes(&self) -> usize {
        self.harness.root().children_recursive().count()
    }

    /// The greatest height in which a text is painted; 0 where it is not.
    pub fn size_of(&self, words: &str) -> f32 {
        let shapes = self.harness.output().shapes.iter();
        shapes.filter_map(|clipped| size_of(&clipped.shape, words)).fold(0.0, f32::max)
    }

    /// What a text field of this name holds.
    #[track_caller]
    pub fn value(&self, label: &str) -> String {
        self.field(label).value().unwrap_or_default()
    }

    /// Whether there is a text field of this name.
    pub fn has_field(&self, label: &str) -> bool {
        self.harness.query_all(By::new().label(label).predicate(is_field)).next().is_some()
    }

    #[track_caller]
    fn field<'w>(&'w self, label: &'w str) -> Node<'w> {
        self.harness.get(By::new().label(label).predicate(is_field))
    }

    pub fn model(&self) -> &Model {
        self.harness.state().app.as_ref().expect("after the first frame").model()
    }

    pub fn app(&mut self) -> &mut App<FakeBackend> {
        self.harness.state_mut().app.as_mut().expect("after the first frame")
    }

    pub fn backend(&mut self) -> &mut FakeBackend {
        self.app().backend_mut()
    }
}

fn is_field(node: &AccessKitNode<'_>) -> bool {
    matches!(node.role(), Role::TextInput | Role::MultilineTextInput | Role::PasswordInput)
}

fn is_stage(node: &AccessKitNode<'_>) -> bool {
    node.description().is_some_and(|text| text.starts_with("stage "))
}

fn painted(shape: &Shape, texts: &mut Vec<String>) {
    match shape {
        Shape::Text(text) => texts.push(text.galley.text().to_owned()),
        Shape::Vec(shapes) => shapes.iter().for_each(|shape| painted(shape, texts)),
        _ => {}
    }
}

fn size_of(shape: &Shape, words: &str) -> Option<f32> {
    match shape {
        Shape::Text(text) if text.galley.text() == words => Some(text.galley.size().y),
        Shape::Vec(shapes) => shapes.iter().find_map(|shape| size_of(shape, words)),
        _ => None,
    }
}
