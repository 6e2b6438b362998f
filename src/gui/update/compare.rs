//! Two runs side by side: chosen, read, and put next to each other by the backend.

use std::path::Path;
use std::sync::Arc;

use super::driver::Driver;
use super::{NO_RUN, runs};
use crate::compare::{Comparison, StageRow};
use crate::expect::Expectations;
use crate::gui::backend::{Backend, HistoryJob, Job, OpenFor, Wanted};
use crate::gui::compared::{Comparable, Compared, Half};
use crate::gui::language::t;
use crate::gui::model::{Chosen, CompareCommand, CompareModel, HalfModel, Model, Run, RunId, Tab};
use crate::gui::opened::{Opened, ReadRun, Recording};

/// So many runs of the history are chosen at once.
const TWO: usize = 2;

/// Carries out what is done with a comparison.
pub fn carry_out(model: &mut Model, backend: &mut dyn Backend, command: CompareCommand) {
    match command {
        CompareCommand::Pick(id) => pick(model, id),
        CompareCommand::Begin => {
            let [a, b] = &model.history.picked[..] else { return };
            let (a, b) = (Chosen::Kept(a.clone()), Chosen::Kept(b.clone()));
            model.compare = Some(CompareModel::default());
            choose(model, backend, Half::A, a);
            choose(model, backend, Half::B, b);
        }
        CompareCommand::With(id) => with(model, backend, id),
        CompareCommand::Choose(half, chosen) => choose(model, backend, half, chosen),
        CompareCommand::ChooseFile(half) => {
            if !model.asking_for_file {
                model.asking_for_file = true;
                backend.start(NO_RUN, Job::AskToOpen(OpenFor::Compare(half)));
            }
        }
        CompareCommand::Swap => {
            if let Some(compare) = &mut model.compare {
                std::mem::swap(&mut compare.a, &mut compare.b);
            }
            begin(model, backend);
        }
        CompareCommand::RunAgain => run_again(model, backend),
        CompareCommand::ShowAgain => {
            if let Some(again) = model.compare.as_ref().and_then(|compare| compare.again) {
                look_at(model, backend, again);
            }
        }
        CompareCommand::ShowAll(all) => {
            if let Some(compare) = &mut model.compare {
                compare.shows_all = all;
            }
        }
        CompareCommand::Stage(stage) => {
            if let Some(compare) = &mut model.compare {
                compare.stage = stage;
            }
        }
        CompareCommand::Copy => copy(model),
        CompareCommand::Close => model.compare = None,
    }
}

/// A third one takes the place of the first.
fn pick(model: &mut Model, id: String) {
    let picked = &mut model.history.picked;
    match picked.iter().position(|other| *other == id) {
        Some(at) => drop(picked.remove(at)),
        None => picked.push(id),
    }
    if picked.len() > TWO {
        picked.remove(0);
    }
}

/// The run that was shown before, where there is one of the same grant, is the likeliest to be held against it.
fn with(model: &mut Model, backend: &mut dyn Backend, id: RunId) {
    let Some(run) = model.numbered(id) else { return };
    let grant = run.flow.grant;
    let is_fit = |other: &&Run| other.id != id && other.flow.grant == grant && !other.is_fresh();
    let likeliest = model.runs().into_iter().find(is_fit).map(|run| run.id);
    if let Some(other) = likeliest {
        return both(model, backend, other, id);
    }
    model.compare = Some(CompareModel::default());
    model.tab = Tab::History;
    choose(model, backend, Half::A, Chosen::Run(id));
}

/// Two runs of this session.
pub fn both(model: &mut Model, backend: &mut dyn Backend, a: RunId, b: RunId) {
    model.compare = Some(CompareModel::default());
    model.tab = Tab::History;
    choose(model, backend, Half::A, Chosen::Run(a));
    choose(model, backend, Half::B, Chosen::Run(b));
}

/// Puts something on a side. A run of the list that is open in this session is taken as it is here.
fn choose(model: &mut Model, backend: &mut dyn Backend, half: Half, chosen: Chosen) {
    let chosen = match chosen {
        Chosen::Kept(id) => model.named(&id).map_or(Chosen::Kept(id), |run| Chosen::Run(run.id)),
        chosen => chosen,
    };
    let title = title(model, &chosen);
    let read = match &chosen {
        Chosen::Run(id) => model.numbered(*id).map(|run| Ok(Arc::new(of_session(run)))),
        Chosen::Kept(id) => {
            let wanted = Wanted::ToCompare(half);
            backend.start(NO_RUN, Job::History(HistoryJob::Read { id: id.clone(), wanted }));
            None
        }
        Chosen::File(path) => {
            backend.start(NO_RUN, Job::Read(path.clone(), OpenFor::Compare(half)));
            None
        }
        Chosen::Login(of, at) => {
            model.recordings().get(*of).map(|(_, recording)| Ok(Arc::new(Comparable::of_login(recording, *at))))
        }
    };
    let Some(compare) = &mut model.compare else { return };
    *compare.half_mut(half) = HalfModel { chosen: Some(chosen), title, read };
    begin(model, backend);
}

fn of_session(run: &Run) -> Comparable {
    Comparable::of_flow(&run.flow, &run.next, &run.provider, run.told.is_some())
}

fn title(model: &Model, chosen: &Chosen) -> String {
    match chosen {
        Chosen::Run(id) => model.numbered(*id).map(|run| model.title_of(run)).unwrap_or_default(),
        Chosen::Kept(id) => model.history.entry(id).map(|entry| model.title_of_kept(entry)).unwrap_or_default(),
        Chosen::File(path) => file_name(path),
        Chosen::Login(of, at) => model.recordings().get(*of).map(|named| login_title(named, *at)).unwrap_or_default(),
    }
}

/// A login among those of its recording.
fn login_title((name, recording): &(&str, &Arc<Recording>), at: usize) -> String {
    format!("{name}: {}", recording.login_title(at))
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// A run of the history was read.
pub fn kept_came(model: &mut Model, backend: &mut dyn Backend, half: Half, id: &str, record: ReadRun) {
    let provider = model.history.entry(id).map(|entry| entry.provider.clone());
    let read = record.map(|record| Arc::new(Comparable::of_record(&record, provider)));
    let Some(compare) = &mut model.compare else { return };
    if compare.half(half).chosen == Some(Chosen::Kept(id.to_owned())) {
        compare.half_mut(half).read = Some(read);
        begin(model, backend);
    }
}

/// A file was read.
pub fn file_came(model: &mut Model, backend: &mut dyn Backend, half: Half, path: &Path, opened: Opened) {
    let Some(compare) = &mut model.compare else { return };
    let mut title = file_name(path);
    // Its other logins are offered from now on.
    if let Opened::Recording(Ok(recording)) = &opened
        && let [first, _, ..] = recording.order[..]
    {
        compare.files.retain(|(name, _)| *name != title);
        compare.files.push((title.clone(), Arc::clone(recording)));
        title = login_title(&(&title, recording), first);
    }
    let read = Comparable::of_opened(opened).map(Arc::new);
    *compare.half_mut(half) = HalfModel { chosen: Some(Chosen::File(path.to_owned())), title, read: Some(read) };
    begin(model, backend);
}

/// Has both sides compared once both are there.
fn begin(model: &mut Model, backend: &mut dyn Backend) {
    let asked = model.number();
    let Some(compare) = &mut model.compare else { return };
    (compare.asked, compare.comparison, compare.stage) = (asked, None, None);
    compare.met = Default::default();
    start(model, backend);
}

/// What is expected has changed: both are held to it anew.
pub fn judge_again(model: &mut Model, backend: &mut dyn Backend) {
    let asked = model.number();
    if let Some(compare) = &mut model.compare {
        compare.asked = asked;
        start(model, backend);
    }
}

fn start(model: &Model, backend: &mut dyn Backend) {
    let Some(compare) = &model.compare else { return };
    let (Some(Ok(a)), Some(Ok(b))) = (&compare.a.read, &compare.b.read) else { return };
    let list = compare.expect_key().map(|key| model.expect.list(&key).to_vec()).unwrap_or_default();
    let (a, b) = (Arc::clone(a), Arc::clone(b));
    backend.start(NO_RUN, Job::Compare { asked: compare.asked, a, b, expected: Expectations { list } });
}

/// A new run with the settings of B, which goes on to its end while the comparison is shown.
fn run_again(model: &mut Model, backend: &mut dyn Backend) {
    let Some(compare) = model.compare.as_ref().filter(|compare| compare.can_run_again()) else { return };
    let Some(b) = compare.run(Half::B) else { return };
    let (grant, mut settings) = (b.flow.grant, b.flow.settings.clone());
    let provider = b.provider.clone().unwrap_or_else(|| model.provider().to_owned());
    let choice = match compare.b.chosen {
        Some(Chosen::Run(id)) => model.numbered(id).map(|run| run.choice),
        _ => None,
    };
    if b.flow.is_recorded() {
        runs::equip_anew(model, &provider, &mut settings, grant);
    }
    let made = runs::make(model, backend, grant, settings);
    let choice = choice.unwrap_or(made.choice);
    let run = Run { provider, choice, ..made };
    let id = run.id;
    runs::show(model, backend, run);
    Driver::of(model, backend).refresh();
    Driver::of(model, backend).run_to_end();
    if let Some(compare) = &mut model.compare {
        compare.again = Some(id);
    }
}

/// Once the new run is at its end it stands in the place of B. One that was given up is waited for no more.
pub fn follow(model: &mut Model, backend: &mut dyn Backend) {
    let Some(id) = model.compare.as_ref().and_then(|compare| compare.again) else { return };
    let is_at_end = match model.numbered(id) {
        Some(run) if run.running.is_some() => return,
        Some(run) => run.is_at_end().then_some(true),
        None => Some(false),
    };
    let (Some(is_at_end), Some(compare)) = (is_at_end, &mut model.compare) else { return };
    compare.again = None;
    if is_at_end {
        choose(model, backend, Half::B, Chosen::Run(id));
    }
}

fn look_at(model: &mut Model, backend: &mut dyn Backend, id: RunId) {
    match model.run.id == id {
        true => model.tab = Tab::Grant(model.run.flow.grant),
        false => runs::choose(model, backend, id),
    }
}

/// Takes in what came of it, unless something else was asked for since.
pub fn came(model: &mut Model, asked: u64, compared: Compared) {
    if let Some(compare) = model.compare.as_mut().filter(|compare| compare.asked == asked) {
        (compare.comparison, compare.met) = (Some(compared.comparison), compared.met);
    }
}

fn copy(model: &mut Model) {
    let Some(compare) = &model.compare else { return };
    let Some(Ok(comparison)) = &compare.comparison else { return };
    let text = markdown(comparison, [&compare.a.title, &compare.b.title]);
    super::copy(model, text, t!("the comparison"));
}

/// What differs, for an issue. Its values are without secrets.
fn markdown(comparison: &Comparison, [a, b]: [&str; 2]) -> String {
    use crate::compare::words::value_words;

    let mut text = format!("**{}**\n\n- A: {a}\n- B: {b}\n", comparison.sentence());
    for stage in comparison.stages.iter().filter(|stage| stage.differences() > 0) {
        match stage.only_words() {
            Some(only) => text += &format!("\n{}: {only}\n", stage.title()),
            None => text += &format!("\n{}\n\n{}", stage.title(), table(stage)),
        }
    }
    let folded = comparison.folded_words();
    if !folded.is_empty() {
        text += &format!("\n{folded}\n");
    }
    return text;

    fn table(stage: &StageRow) -> String {
        let mut text = "| | name | A | B |\n|---|---|---|---|\n".to_owned();
        for section in &stage.sections {
            for row in section.rows.iter().filter(|row| row.change.is_difference()) {
                let cell = |text: &str| text.replace('|', "\\|").replace(['\n', '\r'], " ");
                let [a, b] = [&row.a, &row.b].map(|value| cell(&value_words(value.as_deref())));
                let name = cell(&crate::base::text::visible(&row.name));
                text += &format!("| {} | {}: {name} | {a} | {b} |\n", row.change.word(), section.part.word());
            }
        }
        text
    }
}
