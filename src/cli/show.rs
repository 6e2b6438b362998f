//! `show`: a run that was saved, told as it was told when it ran.

use super::args::ShowArgs;
use super::output::Output;
use super::story::Storyteller;
use super::{Exit, Usage, typed};
use crate::record::{Record, VERSION};

/// Reads a run file and tells it.
pub(super) fn show(args: &ShowArgs, output: &Output) -> Result<Exit, Usage> {
    args.exports.check()?;
    let document = typed::run(&args.file)?;
    let unreadable = |error| Usage(format!("{} is no run that can be read: {error}", args.file.display()));
    let record = Record::read(&document).map_err(unreadable)?;
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
    let written = args.exports.write(&record, story.hide(), Vec::new(), output);
    if !written.takes_output {
        output.result(&record.to_json(story.hide()));
    }
    Ok(if written.has_failed { Exit::Failure } else { Exit::Success })
}
