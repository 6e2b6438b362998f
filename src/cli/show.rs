//! `show`: a run that was saved, told as it was told when it ran.

use std::time::Duration;

use super::args::ShowArgs;
use super::expected::{self, Bar};
use super::output::Output;
use super::places::Places;
use super::report::Report;
use super::story::Storyteller;
use super::{Exit, Usage, typed};
use crate::record::{Record, VERSION, redactor};

/// Reads a run file and tells it.
pub(super) fn show(args: &ShowArgs, output: &Output) -> Result<Exit, Usage> {
    let places = Places::default().reads("the run", Some(&args.file));
    args.exports.places(places.reads("the expectations", args.expect.as_deref())).check()?;
    let document = typed::run(&args.file)?;
    let unreadable = |error| Usage(format!("{} is no run that can be read: {error}", args.file.display()));
    let record = Record::read(&document).map_err(unreadable)?;
    let is_held = args.expect.is_some() || !args.bar.profile.is_empty();
    let bar = is_held.then(|| Bar::new(args.expect.as_deref(), &args.bar)).transpose()?;
    let flow = record.flow();
    let mut story = Storyteller::of_record(output.story(), args.with_secrets);
    story.begin(&flow);
    if record.version > VERSION {
        story.remark("A newer version has written this; what this one does not know is kept and not told.");
    }
    if record.tells_of_old() {
        story.remark(
            "Secrets are out of this recording; what they are needed for is told as it was judged when it ran.",
        );
    }
    story.end(&flow, &record.next());
    // What a run is held to is told without secrets, as when it ran.
    let judged =
        |bar: &Bar| Report::of(flow.grant.slug(), &flow, &record.next(), bar, Duration::ZERO, &redactor(&flow));
    let report = bar.as_ref().map(judged);
    let met = report.as_ref().map(|report| report.met.as_slice()).unwrap_or_default();
    expected::tell(&mut output.story(), met);
    if let Some(bar) = &bar {
        bar.tell_profiles(&mut output.story(), &flow, &redactor(&flow));
    }
    let unmet = report.as_ref().map(Report::unmet).unwrap_or_default();
    let written = args.exports.write(&record, story.hide(), unmet, output);
    if !written.takes_output {
        let mut result = record.to_json(story.hide());
        expected::add(&mut result, met);
        if let Some(bar) = &bar {
            bar.add_profiles(&mut result, &flow, &redactor(&flow));
        }
        output.result(&result);
    }
    let is_passed = report.is_none_or(|report| report.is_passed);
    Ok(if is_passed && !written.has_failed { Exit::Success } else { Exit::Failure })
}
