//! Everything that can be searched.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::super::{flow_tab, settings};
use crate::base::check::{Rule, Verdict};
use crate::base::text::visible;
use crate::capture;
use crate::client::rules;
use crate::client::settings::{FIELDS, is_used, meaning};
use crate::gui::acts::ACTS;
use crate::gui::command::{Command, PresentAct};
use crate::gui::language::{said, t};
use crate::gui::lessons::{Sheet, Shelf};
use crate::gui::model::{HistoryCommand, LessonsCommand, Model, ServerAct, Side, Tab, Zoom, preset_names};
use crate::gui::widgets::FinderRow;
use crate::lesson::Part;
use crate::practice::Fault;
use crate::terms::grant::Grant;

/// Something that can be found.
#[derive(Clone, Debug)]
pub struct Entry {
    /// `Setting`.
    pub kind: &'static str,
    /// `client_id`.
    pub title: String,
    /// What it is.
    pub note: String,
    /// The keys that do the same.
    keys: String,
    /// Why it cannot be taken now.
    pub hindrance: Option<&'static str>,
    /// What taking it does.
    pub commands: Vec<Command>,
}

impl Entry {
    fn new(kind: &'static str, title: impl Into<String>, note: impl Into<String>, commands: Vec<Command>) -> Self {
        let (title, note) = (title.into(), note.into());
        Self { kind, title, note, keys: String::new(), hindrance: None, commands }
    }

    /// As it is listed.
    pub fn row(&self) -> FinderRow<'_> {
        FinderRow {
            kind: self.kind,
            title: &self.title,
            note: self.hindrance.unwrap_or(&self.note),
            keys: &self.keys,
            is_possible: self.hindrance.is_none(),
        }
    }
}

/// All of it, in the order in which it is listed before anything is typed.
pub fn entries(model: &Model) -> Vec<Entry> {
    let mut all = acts(model);
    all.extend(stages(model));
    all.extend(settings_of(model));
    all.extend(grants());
    all.extend(providers());
    all.extend(lessons(model));
    all.extend(checks(model));
    all.extend(runs(model));
    all.extend(faults(model));
    all.extend(rules_of(model));
    all
}

fn acts(model: &Model) -> Vec<Entry> {
    let of_table = ACTS.iter().map(|act| Entry {
        keys: act.keys_text(),
        hindrance: (act.hindrance)(model),
        ..Entry::new(t!("Command"), said(act.name), "", vec![(act.command)(model)])
    });
    let appended =
        model.run.appendable().into_iter().map(|(stage, words)| {
            Entry::new(t!("Command"), said(words), said(stage.name()), vec![Command::Append(stage)])
        });
    let sides = [
        (Side::Requests, t!("Server: requests"), t!("What the practice server was asked")),
        (Side::Faults, t!("Server: faults"), t!("What the practice server does wrong on purpose")),
        (Side::Discovery, t!("Server: discovery"), t!("What the server says of itself")),
        (Side::Support, t!("Server: support"), t!("What the server supports")),
    ];
    let sides = sides.map(|(side, title, note)| {
        Entry::new(t!("Command"), title, note, vec![Command::Server(ServerAct::Show(side)), Command::Go(Tab::Server)])
    });
    of_table.chain(appended).chain(sides).chain(of_lessons(model)).chain(of_audience(model)).chain(zooms()).collect()
}

/// What is done in the Lessons tab.
fn of_lessons(model: &Model) -> impl Iterator<Item = Entry> {
    let has_runs = Part::ALL.iter().all(|part| model.lessons.stand(*part).ran().is_some());
    let without_runs = (!has_runs).then_some(t!("both sides of a lesson have to run first"));
    let [page, markdown] = Sheet::ALL.map(LessonsCommand::Handout);
    let acts = [
        (t!("Quiz"), t!("A fault is drawn, and you say what it is"), LessonsCommand::Quiz, None),
        (t!("Own lessons: open a file"), "", LessonsCommand::AskFile, None),
        (t!("Own lessons: open a folder"), "", LessonsCommand::AskFolder, None),
        (t!("Present this lesson"), t!("of the lesson that is taken"), LessonsCommand::Present, without_runs),
        (t!("Handout: page (HTML)"), t!("of the lesson that is taken"), page, without_runs),
        (t!("Handout: Markdown"), t!("of the lesson that is taken"), markdown, without_runs),
    ];
    acts.into_iter().map(|(title, note, command, hindrance)| {
        let commands = vec![Command::Go(Tab::Lessons), Command::Lessons(command)];
        Entry { hindrance, ..Entry::new(t!("Command"), title, note, commands) }
    })
}

/// What is done while the window is set for an audience.
fn of_audience(model: &Model) -> impl Iterator<Item = Entry> {
    let hindrance = (!model.present).then_some(t!("nothing is presented"));
    let acts = [
        (t!("Show nothing, and the window again"), "B", PresentAct::Blank),
        (t!("A second window with your notes"), "N", PresentAct::Notes),
        (t!("Read notes from a file"), "", PresentAct::OpenNotes),
    ];
    acts.into_iter().map(move |(title, keys, act)| {
        let entry = Entry::new(t!("Command"), title, "", vec![Command::Present(act)]);
        Entry { keys: keys.to_owned(), hindrance, ..entry }
    })
}

fn zooms() -> impl Iterator<Item = Entry> {
    let zooms = [
        (t!("Zoom in"), t!("Ctrl+Plus"), Zoom::In),
        (t!("Zoom out"), t!("Ctrl+Minus"), Zoom::Out),
        (t!("Zoom: 100 %"), t!("Ctrl+0"), Zoom::Reset),
    ];
    zooms.into_iter().map(|(title, keys, zoom)| Entry {
        keys: keys.to_owned(),
        ..Entry::new(t!("Command"), title, "", vec![Command::Zoom(zoom)])
    })
}

/// The stages of the run that is shown.
fn stages(model: &Model) -> Vec<Entry> {
    let tab = Tab::Grant(model.run.flow.grant);
    let steps = model.run.flow.steps();
    let entry = |(at, view): (usize, &crate::flow::step::StepView)| {
        let commands = vec![Command::Go(tab), Command::Select(flow_tab::target_of(model, view, at))];
        let note = t!("stage {at} of this run", at = at + 1);
        Entry::new(t!("Stage"), said(view.step.title), note, commands)
    };
    steps.iter().enumerate().map(entry).collect()
}

/// The settings of the panel, and those that it does not show now.
fn settings_of(model: &Model) -> Vec<Entry> {
    let (grant, settings) = (model.run.flow.grant, &model.run.flow.settings);
    let fields = FIELDS.iter().map(|field| (field.name, is_used(field.name, grant, settings)));
    let endpoints = settings::ENDPOINTS.into_iter().map(|endpoint| (endpoint.name(), true));
    fields
        .chain(endpoints)
        .map(|(name, is_used)| {
            let about = said(meaning(name).unwrap_or_default());
            let hindrance = (!is_used).then_some(t!("this run makes no use of it as it is set"));
            Entry { hindrance, ..Entry::new(t!("Setting"), name, about, vec![Command::GoToSetting(name)]) }
        })
        .collect()
}

fn grants() -> impl Iterator<Item = Entry> {
    Grant::ALL.into_iter().enumerate().map(|(at, grant)| {
        let keys = if at < 9 { format!("Ctrl+{}", at + 1) } else { String::new() };
        let note = said(grant.discouraged().unwrap_or_default());
        Entry { keys, ..Entry::new(t!("Grant"), said(grant.title()), note, vec![Command::Go(Tab::Grant(grant))]) }
    })
}

fn providers() -> impl Iterator<Item = Entry> {
    preset_names()
        .iter()
        .map(|(slug, name)| Entry::new(t!("Provider"), name, "", vec![Command::ChoosePreset((*slug).to_owned())]))
}

/// The lessons of the program, for as long as the list of all was not asked for.
static BUILT_IN: LazyLock<Shelf> = LazyLock::new(Shelf::built_in);

fn lessons(model: &Model) -> impl Iterator<Item = Entry> {
    let shelf = model.lessons.shelf.as_ref().unwrap_or_else(|| &*BUILT_IN);
    shelf.books.iter().map(|book| {
        let (title, about) = (visible(&book.told().title), visible(&book.told().intention));
        let select = Command::Lessons(LessonsCommand::Select(book.key.clone()));
        Entry::new(t!("Lesson"), title, about, vec![Command::Go(Tab::Lessons), select])
    })
}

fn checks(model: &Model) -> Vec<Entry> {
    let entry = |(at, check): (usize, &crate::base::check::Check)| {
        let note = format!("{}, {}", said(check.verdict.word()), check.rule.id);
        let commands = vec![
            Command::FilterChecks(None::<Verdict>),
            Command::SearchChecks(String::new()),
            Command::SelectCheck(at),
            Command::Go(Tab::Checks),
        ];
        Entry::new(t!("Check"), said(check.rule.title), note, commands)
    };
    model.run.flow.checks().enumerate().map(entry).collect()
}

/// What the practice server can do wrong, each switched on, or off where it is on.
fn faults(model: &Model) -> impl Iterator<Item = Entry> {
    let seen = model.server.practice.as_ref();
    let hindrance = seen.is_none().then_some(t!("the practice server does not run"));
    Fault::ALL.iter().map(move |fault| {
        let on = seen.and_then(|seen| seen.faults.get(*fault));
        let (note, commands) = match on {
            Some(on) => (t!("switch it off: {about}", about = said(fault.about())), (on, false)),
            None => (t!("switch it on: {about}", about = said(fault.about())), (*fault, true)),
        };
        let (fault, is_on) = commands;
        let entry =
            Entry::new(t!("Fault"), fault.name(), note, vec![Command::Server(ServerAct::SwitchByName(fault, is_on))]);
        Entry { hindrance, ..entry }
    })
}

/// The rules that this run has not been held to; those that it has lead to their verdicts.
fn rules_of(model: &Model) -> Vec<Entry> {
    let judged: HashSet<&str> = model.run.flow.checks().map(|check| check.rule.id).collect();
    let all = rules::catalogue().chain(capture::rules::ALL.iter().copied());
    let entry = |rule: &'static Rule| Entry::new(t!("Rule"), said(rule.title), rule.id, vec![Command::ShowRule(rule)]);
    all.filter(|rule| !judged.contains(rule.id)).map(entry).collect()
}

/// The other runs of this session, and those that are kept of earlier ones.
fn runs(model: &Model) -> Vec<Entry> {
    let others = model.runs().into_iter().filter(|run| run.id != model.run.id);
    let here = others
        .map(|run| Entry::new(t!("Run"), model.title_of(run), t!("of this session"), vec![Command::ShowRun(run.id)]));
    let kept = model.history.entries.iter().filter(|entry| model.named(&entry.id).is_none()).map(|entry| {
        let open = Command::History(HistoryCommand::Open(entry.id.clone()));
        let note = entry.finding.as_deref().map(visible).unwrap_or_default();
        Entry::new(t!("Run"), model.title_of_kept(entry), note, vec![open])
    });
    here.chain(kept).collect()
}
