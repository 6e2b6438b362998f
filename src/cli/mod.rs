//! The command line: what was typed (`args`) becomes what it means (`job`), is run through the same flow as
//! the window's, and is told twice: the story for people on standard error, the result as JSON on standard output.

mod args;
mod asked;
mod assign;
mod between;
mod between_args;
mod capture;
mod client_document;
mod client_document_args;
mod diff;
mod discover;
mod display;
mod expected;
mod exports;
mod help;
mod import;
mod job;
mod json;
mod junit;
mod jwt;
mod lesson;
mod lesson_args;
mod misuse;
mod numbers;
mod output;
mod places;
mod presets;
mod profiles;
mod report;
mod run;
mod save;
mod serve;
mod serve_args;
mod serve_settings;
mod serve_sign;
mod settings;
mod show;
mod story;
mod suite;
mod table;
mod terminal;
mod trust;
mod trust_policy;
mod typed;
mod unused;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use args::{Args, Command, JwtCommand, PresetsCommand};
use output::Output;
use terminal::{Paint, Terminal};

use crate::base::text::{meant_or_all, visible};
use crate::io::storage::why;

/// How the program ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// Everything went well.
    Success,
    /// A server said no, something failed, or a rule is broken.
    Failure,
    /// The user ended it.
    Interrupted,
}

const WINDOWLESS: &str = "this program was built without its window (the feature window)";

/// What was typed cannot be done; exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Success => Self::SUCCESS,
            Exit::Failure => Self::FAILURE,
            // As a shell says it of a program that SIGINT has ended.
            Exit::Interrupted => Self::from(INTERRUPTED),
        }
    }
}

/// The exit code of a program that its user ended.
const INTERRUPTED: u8 = 130;

/// Ends the program at once, whatever it is busy with.
fn end_interrupted() {
    std::process::exit(INTERRUPTED.into());
}

/// Opens the window and returns when it is closed; the error says what stopped it.
pub type OpenWindow = fn() -> Result<(), String>;

/// Does what the arguments of this process say. `open_window` is called when they say nothing; a program that was
/// built without its window has none.
pub fn main(open_window: Option<OpenWindow>) -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(told) => return shown_by_clap(&misuse::told(told)),
    };
    let output = Output::new(args.json, args.quiet);
    let done = done(args, &output, open_window);
    match (done, output.failure()) {
        (Err(usage), _) => misused(&usage),
        (Ok(_), Some(error)) => unwritten(error),
        (Ok(exit), None) => exit.into(),
    }
}

fn done(args: Args, output: &Output, open_window: Option<OpenWindow>) -> Result<Exit, Usage> {
    if args.window && args.command.is_some() {
        return Err(Usage("--window cannot be used with a command: it opens the window".to_owned()));
    }
    match args.command {
        None => start(args.window, output, open_window),
        Some(Command::Run(run)) => run::run(*run, output),
        Some(Command::Suite(args)) => suite::suite(&args, output),
        Some(Command::Show(show)) => show::show(&show, output),
        Some(Command::Capture(args)) => capture::capture(&args, output),
        Some(Command::Import(args)) => import::import_file(&args, output),
        Some(Command::Between(args)) => between::between(&args, output),
        Some(Command::Diff(args)) => diff::diff(&args, output),
        Some(Command::Jwt(JwtCommand::Decode { token, key })) => jwt::decode(&token, key.as_deref(), output),
        Some(Command::Jwt(JwtCommand::Trust(trust))) => trust_policy::trust(&trust, output),
        Some(Command::Jwt(JwtCommand::Verify(verify))) => jwt::verify(&verify, output),
        Some(Command::ClientDocument(command)) => client_document::client_document(&command, output),
        Some(Command::Discover(args)) => discover::discover(&args, output),
        Some(Command::Lesson(args)) => lesson::lesson(&args, output),
        Some(Command::Serve(serve)) => serve::serve(&serve, output),
        Some(Command::Settings(args)) => Ok(settings::list(&args, output)),
        Some(Command::Presets(PresetsCommand::List)) => Ok(presets::list(output)),
        Some(Command::Presets(PresetsCommand::Show { name })) => presets::show(&name, output),
        Some(Command::Presets(PresetsCommand::Check { file })) => Ok(presets::check(&file, output)),
        Some(Command::Completions { shell }) => Ok(completions(shell, output)),
        Some(Command::Man { command }) => man(&command, output),
    }
}

/// Help, version, and what is wrong with the arguments.
fn shown_by_clap(told: &clap::Error) -> ExitCode {
    match told.print() {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe && !told.use_stderr() => unwritten(&error),
        _ => ExitCode::from(u8::try_from(told.exit_code()).unwrap_or(2)),
    }
}

fn unwritten(error: &std::io::Error) -> ExitCode {
    Terminal::stderr().line(&format!("error: standard output cannot be written: {}", why(error)));
    ExitCode::FAILURE
}

/// What a shell reads to complete what is typed.
fn completions(shell: args::Shell, output: &Output) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(clap_complete::Shell::from(shell), &mut Args::command(), "grantscope", &mut script);
    output.write(&String::from_utf8_lossy(&script));
    Exit::Success
}

/// The manual page of the program, or of one of its commands, whose words may be one argument or several.
fn man(command: &[String], output: &Output) -> Result<Exit, Usage> {
    let mut program = Args::command();
    program.build();
    let mut page = &program;
    for word in command.iter().flat_map(|typed| typed.split_whitespace()) {
        page = page.find_subcommand(word).ok_or_else(|| {
            let known = page.get_subcommands().map(clap::Command::get_name).filter(|name| *name != "help");
            let of = page.get_bin_name().unwrap_or_else(|| page.get_name());
            match page.has_subcommands() {
                true => Usage(format!("{of} has no command {word}; {}", meant_or_all(known, word))),
                false => Usage(format!("{of} has no commands, and none is called {word}")),
            }
        })?;
    }
    let mut roff = Vec::new();
    clap_mangen::Man::new(page.clone()).render(&mut roff).map_err(|error| Usage(error.to_string()))?;
    output.write(&String::from_utf8_lossy(&roff));
    Ok(Exit::Success)
}

fn misused(usage: &Usage) -> ExitCode {
    let mut terminal = Terminal::stderr();
    let error = terminal.paint(Paint::Bad, "error:");
    // What was typed, the name of a file say, makes no line of its own.
    terminal.line(&format!("{error} {}", typed::without_secrets(&visible(&usage.to_string()))));
    terminal.line("For more information, try '--help'.");
    ExitCode::from(2)
}

/// The window; without a display, the same in the terminal.
fn start(insists: bool, output: &Output, open_window: Option<OpenWindow>) -> Result<Exit, Usage> {
    // A result is wanted, and a window has none.
    if output.json {
        return Ok(run::demonstrate(output));
    }
    let reason = match open_window {
        Some(open_window) if insists || display::is_there() => return Ok(display::open(open_window)),
        Some(_) => "There is no display for a window",
        None if insists => return Err(Usage(format!("{WINDOWLESS}; without a window: {}", display::HEADLESS))),
        None => "This program was built without its window",
    };
    if output.quiet {
        return Err(Usage(format!(
            "{reason}, and --quiet leaves nothing to show; without a window: {}",
            display::HEADLESS
        )));
    }
    Terminal::stderr().line(&format!("{reason}, so here is the same flow in the terminal."));
    Ok(run::demonstrate(output))
}
