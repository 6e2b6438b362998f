//! The command line: what was typed (`args`) becomes what it means (`job`), is run through the same flow as
//! the window's, and is told twice: the story for people on standard error, the result as JSON on standard output.

mod args;
mod discover;
mod display;
mod job;
mod json;
mod jwt;
mod presets;
mod run;
mod save;
mod serve;
mod show;
mod story;
mod terminal;
mod typed;

use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command, JwtCommand, PresetsCommand};
use terminal::{Paint, Terminal};

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
            Exit::Interrupted => Self::from(130),
        }
    }
}

/// Opens the window and returns when it is closed; the error says what stopped it.
pub type OpenWindow = fn() -> Result<(), String>;

/// Does what the arguments of this process say. `open_window` is called when they say nothing; a program that was
/// built without its window has none.
pub fn main(open_window: Option<OpenWindow>) -> ExitCode {
    let args = Args::parse();
    let done = match args.command {
        None => start(args.window, open_window),
        Some(Command::Run(run)) => run::run(run, args.json),
        Some(Command::Show(show)) => show::show(&show, args.json),
        Some(Command::Jwt(JwtCommand::Decode { token })) => jwt::decode(&token, args.json),
        Some(Command::Jwt(JwtCommand::Verify(verify))) => jwt::verify(&verify, args.json),
        Some(Command::Discover { issuer }) => discover::discover(&issuer, args.json),
        Some(Command::Serve(serve)) => Ok(serve::serve(&serve, args.json)),
        Some(Command::Presets(PresetsCommand::List)) => Ok(presets::list(args.json)),
        Some(Command::Presets(PresetsCommand::Check { file })) => Ok(presets::check(&file, args.json)),
    };
    done.map_or_else(|usage| misused(&usage), ExitCode::from)
}

fn misused(usage: &Usage) -> ExitCode {
    let mut terminal = Terminal::stderr();
    let error = terminal.paint(Paint::Bad, "error:");
    terminal.line(&format!("{error} {usage}"));
    terminal.line("For more information, try '--help'.");
    ExitCode::from(2)
}

/// The window; without a display, the same in the terminal.
fn start(insists: bool, open_window: Option<OpenWindow>) -> Result<Exit, Usage> {
    let reason = match open_window {
        Some(open_window) if insists || display::is_there() => return Ok(display::open(open_window)),
        Some(_) => "There is no display for a window",
        None if insists => return Err(Usage(format!("{WINDOWLESS}; without a window: {}", display::HEADLESS))),
        None => "This program was built without its window",
    };
    Terminal::stderr().line(&format!("{reason}, so here is the same flow in the terminal."));
    Ok(run::demonstrate())
}
