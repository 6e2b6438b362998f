//! The bar at the bottom: what happens next, in one button that says it.

use egui::{Response, TextStyle, Ui, UiBuilder};

use super::{Commands, expected};
use crate::base::check::{Tally, Verdict};
use crate::base::text::visible;
use crate::flow::callback::{Awaited, Awaiting};
use crate::flow::stage::Stage;
use crate::flow::{Action, Next, Problem, ProblemKind};
use crate::gui::acts;
use crate::gui::command::Command;
use crate::gui::language::{self, lasting, said, t};
use crate::gui::model::{Model, Running, Tab};
use crate::gui::theme::{Icon, icons, text};
use crate::gui::widgets::{Button, IconButton, Tone, ends};
use crate::terms::grant::Grant;

/// Below this width what begins anew and goes back is an icon, and only the worst checks are counted.
const TIGHT: f32 = 760.0;

/// With less than this beside the primary button, for running to the end and for the worst checks, the one is an icon, too.
const CRAMPED: f32 = 240.0;

/// The action bar.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let mut from_right = Commands::new();
    let width = ui.available_width();
    let is_tight = width < TIGHT;
    let right_end = ui.available_rect_before_wrap().right();
    // What leads on from a stop has long names: by the last frame, is there room for all counts beside them?
    let known = ui.unique_id().with("left");
    let taken: f32 = ui.data(|data| data.get_temp(known)).unwrap_or_default();
    let room = if is_tight { 0.0 } else { width - taken };
    let (needed, ()) = ends(
        ui,
        |ui| {
            // What it needs does not depend on what the right end takes, or the two would never come to rest.
            let row = if model.run.running.is_none() { ui.max_rect().with_max_x(right_end) } else { ui.max_rect() };
            let layout = UiBuilder::new().max_rect(row).layout(*ui.layout());
            ui.scope_builder(layout, |ui| left(ui, model, is_tight, out)).response.rect.width()
        },
        |ui| right(ui, model, room, &mut from_right),
    );
    // What says how long is waited takes what is left.
    if model.run.running.is_none() && (needed - taken).abs() > 0.5 {
        ui.data_mut(|data| data.insert_temp(known, needed));
        ui.ctx().request_discard("action_bar");
        ui.ctx().request_repaint();
    }
    out.append(&mut from_right);
}

fn left(ui: &mut Ui, model: &Model, is_tight: bool, out: &mut Commands) {
    let name = if model.shows_settings() { t!("Hide the settings") } else { t!("Show the settings") };
    if ui.add(IconButton::new(icons::SIDEBAR_SIMPLE, name).framed()).clicked() {
        out.push(Command::ToggleSettings);
    }
    let has_begun = !model.run.flow.trace.exchanges.is_empty();
    ui.add_enabled_ui(has_begun || model.run.running.is_some(), |ui| {
        if named(ui, is_tight, t!("Start over"), icons::ARROW_COUNTER_CLOCKWISE)
            .on_hover_text(acts::START_OVER.keys_text())
            .clicked()
        {
            out.push(Command::StartOver);
        }
    });
    ui.add_enabled_ui(model.can_go_back(), |ui| {
        let back = named(ui, is_tight, t!("Back"), icons::CARET_LEFT);
        if back.on_hover_text(acts::BACK.hint(said(acts::BACK.name))).clicked() {
            out.push(Command::Back);
        }
    });
    match &model.run.running {
        Some(running) => stop(ui, model, out, running),
        None => primary(ui, model, is_tight, out),
    }
}

/// A button with its name, or as an icon where there is little room.
pub fn named(ui: &mut Ui, is_tight: bool, name: &str, icon: Icon) -> Response {
    if is_tight { ui.add(IconButton::new(icon, name).framed()) } else { ui.add(Button::secondary(name).icon(icon)) }
}

/// The button that ends what is under way, and what that is.
pub fn stop(ui: &mut Ui, model: &Model, out: &mut Commands, running: &Running) {
    let is_told = |awaiting: &Awaiting| matches!(awaiting.awaited, Awaited::Told(_));
    let ends = if model.run.flow.awaiting().is_some_and(is_told) { t!("End the wait") } else { t!("Stop") };
    if ui.add(Button::danger(ends).icon(icons::STOP)).on_hover_text(acts::STOP.keys_text()).clicked() {
        out.push(Command::Stop);
    }
    let since = model.now.since(running.since);
    let words = if since.as_secs() == 0 {
        t!("Waiting for {what}", what = running.what)
    } else {
        t!("Waiting for {what}, {since}", what = running.what, since = lasting(since))
    };
    ui.add(egui::Label::new(text::dim(words)).truncate());
}

fn primary(ui: &mut Ui, model: &Model, is_tight: bool, out: &mut Commands) {
    let label = label(model);
    let is_in_vain = model.run.is_retried_in_vain();
    let can_run = model.run.draft_error.is_none() && !is_in_vain;
    ui.add_enabled_ui(can_run, |ui| {
        let button = Button::primary(&label).trailing(icons::PLAY);
        let keys = acts::NEXT.keys_text();
        let button = if is_tight { button } else { button.shortcut(&keys) };
        let button = ui.add(button).on_hover_text(&keys);
        let button = match is_in_vain {
            true => button
                .on_disabled_hover_text(t!("The API wants what it has been given: another try would be refused alike")),
            false => button,
        };
        if button.clicked() {
            out.push(Command::Next);
        }
    });
    if let (Next::Stopped(problem), false) = (&model.run.next, model.run.is_over())
        && ui.add(Button::secondary(past(problem)).icon(icons::SKIP_FORWARD)).clicked()
    {
        out.push(Command::GoOnAnyway);
    }
    if matches!(model.run.next, Next::Do(_)) {
        let is_cramped = ui.available_width() < CRAMPED;
        ui.add_enabled_ui(can_run, |ui| {
            let button = named(ui, is_cramped, t!("Run to end"), icons::SKIP_FORWARD);
            if button.on_hover_text(acts::RUN_TO_END.keys_text()).clicked() {
                out.push(Command::RunToEnd);
            }
        });
    }
    append(ui, model, out);
}

/// What the way past a stop is called.
pub fn past(problem: &Problem) -> &'static str {
    if matches!(problem.kind, ProblemKind::Unsafe) { t!("Go on anyway") } else { t!("Skip this stage") }
}

/// Stages that can follow a finished run: the likeliest as a button, all in a menu.
fn append(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let stages = model.run.appendable();
    let Some((first, words)) = stages.first() else { return };
    // The summary of the checks stands on the right.
    let has_room = ui.available_width() > 420.0;
    if has_room && ui.add(Button::secondary(said(words)).icon(icons::ARROWS_CLOCKWISE)).clicked() {
        out.push(Command::Append(*first));
    }
    let in_menu = &stages[usize::from(has_room)..];
    if in_menu.is_empty() {
        return;
    }
    Button::secondary(t!("More")).menu(ui, |ui| {
        for (stage, words) in in_menu {
            if ui.button(said(words)).clicked() {
                out.push(Command::Append(*stage));
                ui.close();
            }
        }
    });
}

/// What the primary button will do, in words.
pub fn label(model: &Model) -> String {
    let has_begun = !model.run.flow.trace.exchanges.is_empty();
    match &model.run.next {
        _ if model.run.flow.is_recorded() => t!("Run again").to_owned(),
        Next::Do(Action::Send(_)) if !has_begun => t!("Start").to_owned(),
        Next::Do(Action::Send(_)) => {
            model.run.flow.stage().map_or(t!("Send the request"), |stage| said(stage.act())).to_owned()
        }
        Next::Do(Action::Browse(..)) if model.is_practice() => match model.run.flow.stage() {
            Some(Stage::Verification) => t!("Approve for me as {who}", who = visible(model.run.who())),
            Some(Stage::Logout) => t!("Sign out for me").to_owned(),
            _ => t!("Sign in for me as {who}", who = visible(model.run.who())),
        },
        Next::Do(Action::Browse(..)) => {
            model.run.flow.stage().map_or(t!("Open the browser"), |stage| said(stage.act())).to_owned()
        }
        Next::Do(Action::Await(Awaiting { awaited: Awaited::Told(_), .. })) => t!("Listen for the logout").to_owned(),
        Next::Do(Action::Await(_)) => {
            let told = model.run.flow.stage().filter(|stage| stage.is_told());
            told.map_or(t!("Wait for the callback"), |stage| said(stage.act())).to_owned()
        }
        Next::Do(Action::Sleep(_)) => t!("Wait for the next poll").to_owned(),
        Next::Do(Action::Listen(_) | Action::Offer(_)) => t!("Listen on this machine").to_owned(),
        Next::Stopped(_) if model.run.begins_anew_at().is_some() && model.run.flow.grant == Grant::Ciba => {
            t!("Ask the user again").to_owned()
        }
        Next::Stopped(problem) if model.run.begins_anew_at().is_some() && problem.stage == Stage::Resource => {
            t!("Sign in for more").to_owned()
        }
        Next::Stopped(_) if model.run.begins_anew_at().is_some() => t!("Get a new code").to_owned(),
        Next::Stopped(_) => t!("Try again").to_owned(),
        Next::Missing(missing) if missing.is_filled_in => t!("Correct {field}", field = missing.field),
        Next::Missing(missing) => t!("Fill in {field}", field = missing.field),
        Next::Finished => t!("Run again").to_owned(),
    }
}

fn right(ui: &mut Ui, model: &Model, room: f32, out: &mut Commands) {
    let tally = Tally::of(model.run.flow.checks());
    let missed = expected::missed(&model.expect.met);
    let tone = match tally.worst() {
        _ if missed > 0 => Tone::Error,
        Some(Verdict::Fail) => Tone::Error,
        Some(Verdict::Warn) => Tone::Warn,
        _ => Tone::Neutral,
    };
    // Where there is little room, what has to be looked at first.
    let with_missed = |words: String| if missed > 0 { t!("{words}, {missed} not met", words, missed) } else { words };
    let fits = |words: &str| {
        let font = TextStyle::Button.resolve(ui.style());
        let width = ui.painter().layout_no_wrap(words.to_owned(), font, egui::Color32::PLACEHOLDER).size().x;
        width + 2.0 * ui.spacing().button_padding.x + ui.spacing().item_spacing.x <= room
    };
    let words = match tally.worst() {
        None => t!("No checks yet").to_owned(),
        Some(worst) => {
            let all = with_missed(t!("Checks: {summary}", summary = language::tallied(&tally.summary())));
            let short = || t!("Checks: {worst}", worst = language::tallied(&tally.counted(worst)));
            if fits(&all) { all } else { with_missed(short()) }
        }
    };
    ui.scope(|ui| {
        ui.visuals_mut().override_text_color = Some(tone.ink(crate::gui::theme::TokensExt::tokens(ui)));
        if ui.add(Button::quiet(&words)).on_hover_text(acts::CHECKS.hint(t!("All verdicts of this run"))).clicked() {
            out.push(Command::Go(Tab::Checks));
        }
    });
}
