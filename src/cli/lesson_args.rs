//! What can be typed behind `lesson`.

use std::path::PathBuf;

use clap::{ArgGroup, Subcommand};

const LESSON: &str = "\
Examples:
  grantscope lesson list
  grantscope lesson run stolen_code
  grantscope lesson run --all
  grantscope lesson check my_lesson.md
  grantscope lesson export stolen_code --html stolen_code.html

A lesson is one Markdown file with a front part in TOML; grantscope lesson format prints its description with a complete
example. Own lessons lie in the folder that grantscope lesson list names, courses (lists of lessons) beside them. They
run on a practice server in memory: no socket, no browser, no other host.
Exit code: 0 every lesson breaks where it says and is mended where it says, 1 one does not, 2 a file cannot be read.";

const LIST: &str = "\
Examples:
  grantscope lesson list
  grantscope lesson list --json

What is wrong with a file of the own folder is told, and the others are named.";
const CHECK: &str = "\
Examples:
  grantscope lesson check my_lesson.md
  grantscope lesson check my_course.toml

Exit code: 0 complete, 1 something is missing, 2 it cannot be read.";
const RUN: &str = "\
Examples:
  grantscope lesson run stolen_code
  grantscope lesson run first_day
  grantscope lesson run my_lesson.md
  grantscope lesson run --all

Exit code: 0 every lesson breaks where it says and is mended where it says, 1 one does not, 2 a file cannot be read: the
others run all the same.";
const EXPORT: &str = "\
Examples:
  grantscope lesson export stolen_code --html stolen_code.html
  grantscope lesson export stolen_code --markdown -

Exit code: 0 written, 1 it cannot be written, 2 a file cannot be read.";
const FORMAT: &str = "\
Examples:
  grantscope lesson format";

/// `lesson`
#[derive(Debug, clap::Args)]
#[command(after_help = LESSON)]
pub(super) struct LessonArgs {
    #[command(subcommand)]
    pub command: LessonCommand,
}

/// What is done with lessons.
#[derive(Debug, Subcommand)]
pub(super) enum LessonCommand {
    /// Name the lessons and courses that there are
    #[command(after_help = LIST)]
    List,
    /// Read a lesson or a course and say what is wrong with it
    #[command(after_help = CHECK)]
    Check {
        /// The file
        file: PathBuf,
    },
    /// Run a lesson, broken and mended, and say whether both come as it says
    #[command(after_help = RUN)]
    #[command(group(ArgGroup::new("which").args(["name", "all"]).required(true)))]
    Run {
        /// Its name, the name of a course, or a file
        name: Option<String>,
        /// Every lesson that ships with the program, and those of the own folder
        #[arg(long)]
        all: bool,
    },
    /// Write a lesson as a handout, with the diagrams of its runs and their values masked
    #[command(after_help = EXPORT)]
    #[command(group(ArgGroup::new("form").args(["markdown", "html"]).required(true).multiple(true)))]
    Export {
        /// Its name, or a file
        name: String,
        /// As Markdown, with the diagrams as SVG in it
        #[arg(long, value_name = "FILE")]
        markdown: Option<PathBuf>,
        /// As a page that needs nothing beside it
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
    },
    /// Print the description of the format, with a complete example
    #[command(after_help = FORMAT)]
    Format,
}
