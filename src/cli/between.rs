//! `between`: stands between an app and its provider, tells what passes, and at the end what is wrong with it.

use std::path::{Path, PathBuf};

use super::between_args::{BetweenArgs, Iss};
use super::capture::Teller;
use super::exports;
use super::json::{object, text};
use super::output::Output;
use super::places::{Places, is_dash};
use super::terminal::{Paint, Terminal, shown_path};
use super::{Exit, Usage, typed};
use crate::base::text::{counted, visible};
use crate::capture::Capture;
use crate::capture::between::changed;
use crate::capture::between::live::{End, Line, News};
use crate::capture::between::silence::Silence;
use crate::capture::exchange::origin_of;
use crate::capture::login::Login;
use crate::flow::Next;
use crate::io::between::{BETWEEN_PORT, Place, Stand, Stood, stand_alone};
use crate::io::serve::{Port, ServeError};
use crate::io::storage::Access;
use crate::record::{Record, redactor};

/// Stands between until the user ends it.
pub(super) fn between(args: &BetweenArgs, output: &Output) -> Result<Exit, Usage> {
    let places = Places::default().reads("the certificate authority", args.trust.path());
    places.writes("save", args.save.as_deref()).check()?;
    let authorities = args.trust.certificate_authority()?;
    let port = args.port.map_or(Port::Prefer(BETWEEN_PORT), Port::Exactly);
    let is_minting = args.iss == Iss::Mint;
    let stand = Stand { issuer: &args.issuer, port, is_minting, authorities: &authorities };
    let (lines, mut live) = (output.clone(), output.story());
    let is_printed = args.save.as_deref().is_some_and(is_dash);
    let observe = move |news: &News| {
        for line in &news.lines {
            if !is_printed {
                lines.line(&line.to_json());
            }
            tell(&mut live, line);
        }
        for finding in &news.findings {
            let mark = live.paint(Paint::Bad, "✗");
            live.line(&format!("  {mark} {}", visible(finding)));
        }
    };
    let mut told = None;
    let ready = |place: &Place| {
        introduce(&mut output.story(), place, args.iss);
        if !is_printed {
            output.line(&object([
                ("issuer", text(place.issuer.clone())),
                ("metadata", text(place.metadata.clone())),
                ("upstream", text(place.upstream.clone())),
                ("iss", text(args.iss.word())),
            ]));
        }
        told = Some(place.clone());
    };
    let stood = stand_alone(&stand, Box::new(observe), ready);
    match (stood, told) {
        (Ok(stood), Some(place)) => Ok(ended(stood, args, &place, output)),
        (Err(ServeError::Handler(error)), _) => Err(Usage(error.to_string())),
        (Err(error), _) => {
            Terminal::stderr().line(&typed::without_secrets(&visible(&error.to_string())));
            Ok(Exit::Failure)
        }
        (Ok(_), None) => Ok(Exit::Success),
    }
}

fn introduce(terminal: &mut Terminal, place: &Place, iss: Iss) {
    let title = terminal.paint(Paint::Strong, &format!("Between an app and {}", visible(&place.upstream)));
    terminal.line(&title);
    terminal.pair("issuer", &place.issuer);
    terminal.pair("metadata", &place.metadata);
    for (at, line) in changed(iss == Iss::Mint).iter().enumerate() {
        let line = if at == 0 { terminal.paint(Paint::Caution, line) } else { (*line).to_owned() };
        terminal.line(&format!("  {line}"));
    }
    terminal.line("Give the app this issuer and log in with it. Press Ctrl+C to end it and hear what is wrong.");
}

fn tell(terminal: &mut Terminal, line: &Line) {
    let status = match (line.seen_in, line.status) {
        (Some(seen), _) => format!("seen in a {}", seen.word()),
        (None, Some(status)) => status.to_string(),
        (None, None) => "no answer".to_owned(),
    };
    let what = format!("{:<13} {} {} {status}", line.leg.word(), visible(&line.method), visible(&line.path));
    let stage = line.stage.map(|stage| format!("  {stage}")).unwrap_or_default();
    terminal.line(&format!("  {what}{}", terminal.paint(Paint::Strong, &stage)));
}

fn ended(stood: Stood, args: &BetweenArgs, place: &Place, output: &Output) -> Exit {
    let Stood { end: End { capture, missing }, notes, minted, is_untrusted } = stood;
    let mut terminal = output.story();
    terminal.line("");
    for note in notes.iter().chain(&capture.notes) {
        terminal.line(&visible(note));
    }
    if let Some(count) = minted {
        terminal.line(&format!("ID tokens that were signed anew: {count}."));
    }
    let silence = capture.logins.is_empty().then(|| Silence::of(&capture));
    if let Some(silence) = &silence {
        for line in nothing(silence, &capture, args, place) {
            terminal.line(&visible(&line));
        }
    }
    if is_untrusted {
        terminal.pair("option", "--certificate-authority FILE");
    }
    Teller::new(terminal, &capture).logins(&missing);
    let is_written = save(args.save.as_deref(), &capture, output);
    let has_finding = capture.logins.iter().any(|login| login.finding.is_some());
    let is_unreached = silence.is_some_and(|silence| silence.is_of_provider());
    if has_finding || is_unreached || !is_written { Exit::Failure } else { Exit::Success }
}

/// What is said where no login passed.
fn nothing(silence: &Silence, capture: &Capture, args: &BetweenArgs, place: &Place) -> Vec<String> {
    let count = counted(capture.entries.len(), "message", "messages");
    match silence {
        Silence::NotAsked => vec![format!(
            "No login passed ({count} in all). If the app went to the provider itself, its issuer or endpoints are still \
             the provider's."
        )],
        Silence::Unanswered(why) => vec![
            format!("The provider did not answer: {why}. No login could pass ({count} in all)."),
            format!("Look whether {} is right and can be reached from this machine.", args.issuer),
        ],
        Silence::NoDocument(status, url) => vec![
            format!("The provider answered {status} and no metadata at {url}. No login could pass ({count} in all)."),
            format!(
                "Look whether {} is its issuer as it writes it, or give the app its endpoints by hand, at {}.",
                args.issuer, place.issuer
            ),
        ],
        Silence::Read(issuer) => {
            let read = format!(
                "The metadata were read, and no login followed ({count} in all): the app may have refused them."
            );
            let is_elsewhere = origin_of(issuer).is_some_and(|origin| origin != place.upstream);
            let other = is_elsewhere.then(|| {
                format!(
                    "The provider is {issuer} by its own words, and its endpoints lead there: start this with --issuer {issuer}."
                )
            });
            let kept = (args.iss == Iss::Keep && !is_elsewhere).then(|| {
                format!(
                    "Their issuer is {}, and the app asked {}. Give the app the real issuer and the endpoints of {} by \
                     hand, or start this with --iss mint.",
                    issuer, place.issuer, place.metadata
                )
            });
            std::iter::once(read).chain(other).chain(kept).collect()
        }
    }
}

/// Writes each login as a run file without secrets: the first as it is called, the others with their number; one behind
/// the other on standard output.
fn save(path: Option<&Path>, capture: &Capture, output: &Output) -> bool {
    let Some(path) = path else { return true };
    if is_dash(path) {
        capture.logins.iter().for_each(|login| output.write(&run_file(capture, login)));
        return true;
    }
    let terminal = &mut output.story();
    if capture.logins.is_empty() {
        terminal.line(&format!("No login passed, so {} was not written.", shown_path(path)));
        return true;
    }
    let mut is_whole = true;
    for (at, login) in capture.logins.iter().enumerate() {
        let path = numbered(path, at);
        match exports::written(&path, &run_file(capture, login), Access::Private) {
            true => terminal.line(&format!("Login {} is written to {}, without secrets.", at + 1, shown_path(&path))),
            false => is_whole = false,
        }
    }
    is_whole
}

fn run_file(capture: &Capture, login: &Login) -> String {
    let flow = capture.flow(login);
    Record::of(&flow, &Next::Finished).to_text(Some(&redactor(&flow)))
}

/// `run.json`, `run-2.json`
fn numbered(path: &Path, at: usize) -> PathBuf {
    if at == 0 {
        return path.to_owned();
    }
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let end = path.extension().map(|end| format!(".{}", end.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}-{}{end}", at + 1))
}
