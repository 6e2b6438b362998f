//! The bar at the bottom: what happens next, in one button that says it.

use egui::Ui;

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
use crate::gui::theme::{Icon, icons, size, text};
use crate::gui::widgets::{Button, IconButton, Tone, ends, most_that_fits, named, width_in_row, width_of_named};
use crate::terms::grant::Grant;

/// With less than this what is waited for says nothing.
const WAITING: f32 = 120.0;

/// How much the bar says, from all of it to the least that it can be worked with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Brief {
    /// All verdicts are counted, the likeliest that can follow has a button, and all have their names.
    Full,
    /// Only the worst verdicts are counted.
    Worst,
    /// What can follow is in a menu.
    Menu,
    /// What begins anew and goes back is an icon, and the keys are not named.
    Icons,
    /// What runs on and what goes past a stop are icons, too.
    Cramped,
    /// So are the verdicts.
    Bare,
}

impl Brief {
    const ALL: [Self; 6] = [Self::Full, Self::Worst, Self::Menu, Self::Icons, Self::Cramped, Self::Bare];
}

/// What the bar takes.
fn needed(ui: &Ui, model: &Model, brief: Brief) -> f32 {
    let named = |is_icon: bool, name: &str, icon: Icon| width_of_named(ui, is_icon, name, icon);
    let (is_tight, is_cramped) = (brief >= Brief::Icons, brief >= Brief::Cramped);
    let checks = if brief == Brief::Bare { size::BUTTON } else { Button::quiet(&checks(model, brief)).width(ui) };
    let mut widths = vec![
        size::BUTTON,
        named(is_tight, t!("Start over"), icons::ARROW_COUNTER_CLOCKWISE),
        named(is_tight, t!("Back"), icons::CARET_LEFT),
        checks,
    ];
    if model.run.running.is_some() {
        widths.extend([Button::danger(t!("Stop")).icon(icons::STOP).width(ui), WAITING]);
    } else {
        let (label, keys) = (label(model), acts::NEXT.keys_text());
        let button = Button::primary(&label).trailing(icons::PLAY);
        widths.push(if is_tight { button } else { button.shortcut(&keys) }.width(ui));
        widths.extend(way_past(model).map(|words| named(is_cramped, words, icons::SKIP_FORWARD)));
        if matches!(model.run.next, Next::Do(_)) {
            widths.push(named(is_cramped, t!("Run to end"), icons::SKIP_FORWARD));
        }
        let stages = model.run.appendable();
        let first = stages.first().filter(|_| brief < Brief::Menu);
        widths.extend(first.map(|(_, words)| named(false, said(words), icons::ARROWS_CLOCKWISE)));
        if stages.len() > usize::from(first.is_some()) {
            widths.push(Button::secondary(t!("More")).trailing(icons::CARET_DOWN).width(ui));
        }
    }
    width_in_row(ui, &widths)
}

/// The action bar.
pub fn show(ui: &mut Ui, model: &Model, out: &mut Commands) {
    let mut from_right = Commands::new();
    let brief = most_that_fits(ui, Brief::ALL, |brief| needed(ui, model, brief));
    ends(ui, |ui| left(ui, model, brief, out), |ui| right(ui, model, brief, &mut from_right));
    out.append(&mut from_right);
}

fn left(ui: &mut Ui, model: &Model, brief: Brief, out: &mut Commands) {
    let is_tight = brief >= Brief::Icons;
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
        None => primary(ui, model, brief, out),
    }
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

fn primary(ui: &mut Ui, model: &Model, brief: Brief, out: &mut Commands) {
    let label = label(model);
    let is_in_vain = model.run.is_retried_in_vain();
    let can_run = model.run.draft_error.is_none() && !is_in_vain;
    ui.add_enabled_ui(can_run, |ui| {
        let button = Button::primary(&label).trailing(icons::PLAY);
        let keys = acts::NEXT.keys_text();
        let button = if brief >= Brief::Icons { button } else { button.shortcut(&keys) };
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
    let is_cramped = brief >= Brief::Cramped;
    if let Some(words) = way_past(model)
        && named(ui, is_cramped, words, icons::SKIP_FORWARD).clicked()
    {
        out.push(Command::GoOnAnyway);
    }
    if matches!(model.run.next, Next::Do(_)) {
        ui.add_enabled_ui(can_run, |ui| {
            let button = named(ui, is_cramped, t!("Run to end"), icons::SKIP_FORWARD);
            if button.on_hover_text(acts::RUN_TO_END.keys_text()).clicked() {
                out.push(Command::RunToEnd);
            }
        });
    }
    append(ui, model, brief, out);
}

/// What the way past the stop of this run is called, where there is one.
fn way_past(model: &Model) -> Option<&'static str> {
    match (&model.run.next, model.run.is_over()) {
        (Next::Stopped(problem), false) => Some(past(problem)),
        _ => None,
    }
}

/// What the way past a stop is called.
pub fn past(problem: &Problem) -> &'static str {
    if matches!(problem.kind, ProblemKind::Unsafe) { t!("Go on anyway") } else { t!("Skip this stage") }
}

/// Stages that can follow a finished run: the likeliest as a button, all in a menu.
fn append(ui: &mut Ui, model: &Model, brief: Brief, out: &mut Commands) {
    let stages = model.run.appendable();
    let Some((first, words)) = stages.first() else { return };
    let has_room = brief < Brief::Menu;
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

/// The verdicts of the run in words: where there is little room those that have to be looked at first.
fn checks(model: &Model, brief: Brief) -> String {
    let tally = Tally::of(model.run.flow.checks());
    let missed = expected::missed(&model.expect.met);
    let words = match tally.worst() {
        None => return t!("No checks yet").to_owned(),
        Some(_) if brief == Brief::Full => t!("Checks: {summary}", summary = language::tallied(&tally.summary())),
        Some(worst) => t!("Checks: {worst}", worst = language::tallied(&tally.counted(worst))),
    };
    if missed > 0 { t!("{words}, {missed} not met", words, missed) } else { words }
}

fn right(ui: &mut Ui, model: &Model, brief: Brief, out: &mut Commands) {
    let tone = match Tally::of(model.run.flow.checks()).worst() {
        _ if expected::missed(&model.expect.met) > 0 => Tone::Error,
        Some(Verdict::Fail) => Tone::Error,
        Some(Verdict::Warn) => Tone::Warn,
        _ => Tone::Neutral,
    };
    let hint = acts::CHECKS.hint(t!("All verdicts of this run"));
    ui.scope(|ui| {
        ui.visuals_mut().override_text_color = Some(tone.ink(crate::gui::theme::TokensExt::tokens(ui)));
        let shown = match brief {
            Brief::Bare => ui.add(IconButton::new(icons::SHIELD_CHECK, &checks(model, brief)).framed()),
            _ => ui.add(Button::quiet(&checks(model, brief))),
        };
        // What there is no room to count is counted under the pointer.
        let hint = if brief == Brief::Full { hint } else { format!("{}\n{hint}", checks(model, Brief::Full)) };
        if shown.on_hover_text(hint).clicked() {
            out.push(Command::Go(Tab::Checks));
        }
    });
}
