//! The program in its window: drains reports, draws, carries out what the user did.

use std::time::Duration;

use egui::{Context, FocusDirection, Key, Modifiers, Popup, ThemePreference, Ui, ViewportCommand, gui_zoom};

use super::acts;
use super::backend::{Backend, Job};
use super::command::{Command, PRESENT_KEYS};
use super::model::{Dialog, Model, Tab, ThemeChoice, Zoom};
use super::remember::Remembered;
use super::theme;
use super::update::{NO_RUN, first_model, follow, keep, look, look_at_expected, take_reports, update};
use super::view;
use super::widgets::{Tone, explained, keyboard, toasts};
use crate::base::text::visible;
use crate::gui::language::{self, t};
use crate::terms::grant::Grant;

/// Below this width the settings panel shows on demand only.
const NARROW: f32 = 1100.0;

/// With Ctrl: the grants in the order of the tabs.
const TAB_KEYS: [Key; 9] =
    [Key::Num1, Key::Num2, Key::Num3, Key::Num4, Key::Num5, Key::Num6, Key::Num7, Key::Num8, Key::Num9];

/// The window's state and what it is connected to.
pub struct App<B> {
    model: Model,
    backend: B,
    commands: Vec<Command>,
    shown: Shown,
    /// Last written; `None` remembers nothing, as in tests.
    remembered: Option<Remembered>,
}

/// What the context was last told, so that it is told changes only.
#[derive(Default)]
struct Shown {
    theme: Option<ThemeChoice>,
    present: bool,
    title: String,
    closes: bool,
}

impl<B: Backend> App<B> {
    /// A window that opens on the practice server.
    pub fn new(ctx: &Context, mut backend: B) -> Self {
        theme::install(ctx);
        keyboard::install(ctx);
        ctx.options_mut(|options| options.quit_shortcuts.clear());
        let model = first_model(&mut backend);
        Self { model, backend, commands: Vec::new(), shown: Shown::default(), remembered: None }
    }

    /// The state, for tests and for what is remembered.
    pub const fn model(&self) -> &Model {
        &self.model
    }

    /// The state, for what was remembered.
    pub const fn model_mut(&mut self) -> &mut Model {
        &mut self.model
    }

    /// What the window is connected to.
    pub const fn backend_mut(&mut self) -> &mut B {
        &mut self.backend
    }

    /// Before each frame, also while hidden: time passes, reports are taken in, commands carried out.
    pub fn logic(&mut self, ctx: &Context) {
        language::speak(self.model.language);
        self.model.now = self.backend.now();
        self.model.is_narrow = ctx.content_rect().width() < NARROW;
        self.take_files(ctx);
        let has_news = take_reports(&mut self.model, &mut self.backend);
        self.shortcuts(ctx);
        let is_touched = has_news || !self.commands.is_empty();
        for command in std::mem::take(&mut self.commands) {
            update(&mut self.model, &mut self.backend, command);
        }
        language::speak(self.model.language);
        let (run, now) = (&mut self.model.run, self.model.now);
        if is_touched || now.seconds() != run.preview.at.seconds() {
            run.look_ahead(now, self.model.present);
        }
        let closing = self.closes(ctx);
        keep(&mut self.model, &mut self.backend, closing);
        look(&mut self.model, &mut self.backend);
        look_at_expected(&mut self.model, &mut self.backend);
        follow(&mut self.model, &mut self.backend);
        self.tell(ctx);
        self.remember(ctx, closing);
    }

    /// Whether the window closes in this frame. What would be lost is asked about once.
    fn closes(&mut self, ctx: &Context) -> bool {
        if !ctx.input(|input| input.viewport().close_requested()) {
            return false;
        }
        let is_asked = matches!(self.model.dialog, Some(Dialog::Unsaved(_)));
        let may_close = self.model.closes || is_asked || !self.model.would_be_missed();
        if !may_close {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            self.model.dialog = Some(Dialog::Unsaved(Box::new(Command::CloseWindow)));
        }
        may_close
    }

    /// One frame.
    pub fn ui(&mut self, ui: &mut Ui) {
        view::window(ui, &self.model, &mut self.commands);
        toasts::finish_frame(ui.ctx());
        if explained::finish_frame(ui.ctx()) && self.model.dialog.is_none() {
            self.commands.push(Command::ShowHelp);
        }
        if !self.commands.is_empty() {
            ui.ctx().request_repaint();
        } else if self.counts_time() {
            ui.ctx().request_repaint_after(Duration::from_secs(1));
        }
    }

    /// Whether something on the screen changes by itself each second.
    fn counts_time(&self) -> bool {
        let (run, audience) = (&self.model.run, &self.model.audience);
        if self.model.has_audience_keys() && !audience.has_tools {
            let is_waiting = run.running.is_some() && self.model.slide().is_none();
            return is_waiting || audience.has_second_window;
        }
        let is_pushed = run.flow.session.pushed.as_ref().is_some_and(|pushed| pushed.opened == 0);
        run.running.is_some() || is_pushed || !run.flow.session.tokens.is_empty() || self.model.counts_tokens()
    }

    /// A file that was dropped onto the window, or a text that was pasted into no field.
    fn take_files(&mut self, ctx: &Context) {
        if !matches!(self.model.dialog, None | Some(Dialog::ImportText(_))) {
            return;
        }
        let dropped = ctx.input_mut(|input| std::mem::take(&mut input.raw.dropped_files));
        let path = dropped.first().map(|file| file.path().to_owned());
        self.commands.extend(path.map(Command::OpenDropped));
        if !ctx.text_edit_focused() && self.model.dialog.is_none() {
            let pasted = ctx.input(|input| input.events.iter().find_map(pasted));
            self.commands.extend(pasted.map(Command::Paste));
        }
    }

    fn shortcuts(&mut self, ctx: &Context) {
        if self.model.dialog.is_some() {
            return;
        }
        if self.model.present {
            self.present_keys(ctx);
        }
        for (key, grant) in TAB_KEYS.iter().zip(Grant::ALL) {
            if ctx.input_mut(|input| input.consume_key(Modifiers::COMMAND, *key)) {
                self.commands.push(Command::Go(Tab::Grant(grant)));
            }
        }
        let is_typing = ctx.text_edit_focused();
        for (act, keys) in acts::by_keys().filter(|(act, _)| !(is_typing && act.edits_text())) {
            if ctx.input_mut(|input| input.consume_shortcut(&keys)) {
                self.commands.push((act.command)(&self.model));
            }
        }
    }

    /// The keys of a presentation, unless a field or a menu has them. Space is left to what has the keyboard. Where an
    /// audience is shown neither the run nor a lesson, only the key that ends it all is one.
    fn present_keys(&mut self, ctx: &Context) {
        if ctx.text_edit_focused() || Popup::is_any_open(ctx) {
            return;
        }
        if !self.model.has_audience_keys() {
            if ctx.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Escape)) {
                self.commands.push(Command::TogglePresent);
            }
            return;
        }
        let focused = ctx.memory(|memory| memory.focused());
        for (_, keys, act, _) in PRESENT_KEYS {
            let mut keys = keys.iter().filter(|key| **key != Key::Space || focused.is_none());
            if keys.any(|key| ctx.input_mut(|input| input.consume_key(Modifiers::NONE, *key))) {
                self.commands.push(Command::Present(*act));
                give_up(ctx);
            }
        }
    }

    /// What the context has to know: theme, zoom, title, clipboard, toasts.
    fn tell(&mut self, ctx: &Context) {
        if self.shown.theme != Some(self.model.theme) {
            self.shown.theme = Some(self.model.theme);
            ctx.set_theme(match self.model.theme {
                ThemeChoice::System => ThemePreference::System,
                ThemeChoice::Light => ThemePreference::Light,
                ThemeChoice::Dark => ThemePreference::Dark,
            });
        }
        if self.shown.present != self.model.present {
            self.shown.present = self.model.present;
            give_up(ctx);
        }
        let mark = if self.model.is_unsaved() { t!(" (unsaved)") } else { "" };
        let title = format!("{}{mark} - Grantscope", visible(&self.model.preset.preset.name));
        if self.shown.title != title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.shown.title = title;
        }
        if self.model.closes && !std::mem::replace(&mut self.shown.closes, true) {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
        if let Some(field) = self.model.wants_keyboard.take() {
            keyboard::want(ctx, field);
        }
        if let Some(text) = self.model.to_copy.take() {
            ctx.copy_text(text);
        }
        match self.model.to_zoom.take() {
            Some(Zoom::In) => gui_zoom::zoom_in(ctx),
            Some(Zoom::Out) => gui_zoom::zoom_out(ctx),
            Some(Zoom::Reset) => ctx.set_zoom_factor(1.0),
            None => {}
        }
        for text in self.model.toasts.drain(..) {
            toasts::toast(ctx, Tone::Ok, text);
        }
        if let Some(text) = self.model.alarm.take() {
            toasts::toast(ctx, Tone::Warn, text);
        }
    }

    /// Brings the window to what was remembered.
    pub fn recall(&mut self, ctx: &Context, remembered: &Remembered) {
        remembered.apply(ctx, &mut self.model, &mut self.backend);
        self.remembered = Some(remembered.clone());
    }

    /// Has changes of the window's state remembered: at once, but sizes only when the window closes.
    fn remember(&mut self, ctx: &Context, closing: bool) {
        let Some(last) = &mut self.remembered else { return };
        let state = Remembered::of(ctx, &self.model, ctx.zoom_factor());
        let is_changed = !state.is_same_but_for_size(last);
        if is_changed || (closing && state != *last) {
            self.backend.start(NO_RUN, Job::Remember(state.to_json()));
            *last = state;
        }
    }
}

/// The text that an event pastes.
fn pasted(event: &egui::Event) -> Option<String> {
    match event {
        egui::Event::Paste(text) if !text.trim().is_empty() => Some(text.clone()),
        _ => None,
    }
}

/// Takes the keyboard from what has it, and the arrow keys, which lead elsewhere from what gets it.
fn give_up(ctx: &Context) {
    ctx.memory_mut(|memory| {
        memory.move_focus(FocusDirection::None);
        if let Some(id) = memory.focused() {
            memory.surrender_focus(id);
        }
    });
}

impl<B: Backend> eframe::App for App<B> {
    fn logic(&mut self, ctx: &Context, _frame: &mut eframe::Frame) {
        Self::logic(self, ctx);
    }

    fn ui(&mut self, ui: &mut Ui, _frame: &mut eframe::Frame) {
        Self::ui(self, ui);
    }
}
