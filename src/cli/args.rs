//! What can be typed.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Parser, Subcommand};

use super::between_args::BetweenArgs;
use super::client_document_args::DocumentCommand;
use super::exports::ExportArgs;
use super::help::{
    CAPTURE, CLIENT_DOCUMENT, COMPLETIONS, DECODE, DIFF, DISCOVER, IMPORT, JWT, MAN, PRESETS, PRESETS_CHECK,
    PRESETS_LIST, PRESETS_SHOW, PROGRAM, RUN, SETTINGS, SHOW, SUITE, VERIFY,
};
use super::lesson_args::LessonArgs;
use super::numbers::{at_least_one, seconds, times};
use super::serve_args::ServeArgs;
use super::trust::Trust;
use super::trust_policy::TrustArgs;
use crate::base::check::Verdict;
use crate::expect::LEVELS;
use crate::flow::stage::Stage;
use crate::profile::Profile;
use crate::terms::grant::Grant;

/// A debugger for OAuth 2.0 and OpenID Connect.
///
/// Without arguments it opens its window.
#[derive(Debug, Parser)]
#[command(name = "grantscope", version, after_help = PROGRAM)]
pub(super) struct Args {
    /// Open the window, or say why it cannot be opened
    #[arg(long, conflicts_with_all = ["json", "quiet"])]
    pub window: bool,
    /// Print the JSON result also when standard output is a terminal
    #[arg(long, global = true)]
    pub json: bool,
    /// Tell no story on standard error: only the result, and what went wrong with the arguments
    #[arg(long, short, global = true)]
    pub quiet: bool,
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Run a grant, by default on the practice server inside this program
    Run(Box<RunArgs>),
    /// Run what a file names, and say of each run whether it is as it was expected
    Suite(SuiteArgs),
    /// Tell a run again that was saved with --save, or whose JSON result was kept
    Show(Box<ShowArgs>),
    /// Take apart the logins of a recording: a HAR file, a SAML-tracer export, a copied cURL command
    Capture(CaptureArgs),
    /// Take in what another program wrote or showed: a cURL command, an address, a registered client, a Postman export
    Import(ImportArgs),
    /// Stand between an app and its provider, and judge the logins that pass
    Between(BetweenArgs),
    /// Compare two runs, recorded logins, tokens, metadata documents or key sets
    Diff(DiffArgs),
    /// Look into a JSON Web Token
    #[command(subcommand, after_help = JWT)]
    Jwt(JwtCommand),
    /// Fetch and judge the metadata of an authorization server
    Discover(DiscoverArgs),
    /// Documents by which clients are known that nobody registered: their address is the client_id
    #[command(subcommand, after_help = CLIENT_DOCUMENT)]
    ClientDocument(DocumentCommand),
    /// Lessons: run them without a window, check own ones, write handouts
    Lesson(LessonArgs),
    /// Serve the practice server until the program is stopped
    Serve(Box<ServeArgs>),
    /// List what --set takes: names, kinds, values, defaults and meanings
    Settings(SettingsArgs),
    /// Presets of providers
    #[command(subcommand, after_help = PRESETS)]
    Presets(PresetsCommand),
    /// Print what a shell reads to complete commands and options
    #[command(after_help = COMPLETIONS)]
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print the manual page, for man -l -
    #[command(after_help = MAN)]
    Man {
        /// The command whose page it is, such as run or jwt decode [default: the program]
        command: Vec<String>,
    },
}

/// Shells that are completed.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
}

impl From<Shell> for clap_complete::Shell {
    fn from(shell: Shell) -> Self {
        match shell {
            Shell::Bash => Self::Bash,
            Shell::Zsh => Self::Zsh,
            Shell::Fish => Self::Fish,
        }
    }
}

/// `run`
#[derive(Debug, clap::Args)]
#[command(after_help = RUN)]
#[command(group(ArgGroup::new("agent").args(["sign_in", "browser"])))]
pub(super) struct RunArgs {
    /// The grant
    #[arg(value_parser = PossibleValuesParser::new(Grant::ALL.map(Grant::slug)))]
    pub grant: String,
    /// A shipped preset by name, or a preset file [default: the practice server in this program]
    #[arg(long, value_name = "NAME|FILE")]
    pub preset: Option<String>,
    /// Set a value by its specification name, such as issuer, client_id, scope or redirect_uri
    ///
    /// `grantscope settings` lists them all. A name that is no setting is sent as an extra parameter of the authorization request. A placeholder of the
    /// preset is filled in the same way. A secret, a key or a text of several lines may be env:NAME, @FILE, or @- for
    /// standard input. A PKCS#12 file as tls_client_certificate is opened with tls_client_certificate_password.
    /// client_assertion.NAME=VALUE changes a claim of the first client assertion that is signed,
    /// client_assertion.omit=NAME leaves one out; assertion.NAME does the same for the statement about a user, request.NAME
    /// for the request object, dpop.NAME for the first DPoP proof.
    #[arg(long = "set", value_name = "NAME=VALUE")]
    pub set: Vec<String>,
    /// Sign in as this user without a browser, on servers of this machine
    #[arg(long, value_name = "USER")]
    pub sign_in: Option<String>,
    /// The password of the user who is signed in: env:NAME, @FILE, or @- for standard input [default: the user name]
    #[arg(long, value_name = "PASSWORD", requires = "sign_in")]
    pub sign_in_password: Option<String>,
    /// Open the system browser [default where there is a display]
    #[arg(long)]
    pub browser: bool,
    /// Print the authorization URL as a line of its own and wait for the response [default elsewhere]
    #[arg(long, conflicts_with = "agent")]
    pub print_url: bool,
    /// The URL the browser ended at; - reads it from standard input
    #[arg(long, value_name = "URL", conflicts_with = "agent")]
    pub redirected_to: Option<String>,
    /// How long to wait for the response
    #[arg(long, value_name = "SECONDS", default_value_t = 300, value_parser = seconds, allow_negative_numbers = true)]
    pub timeout: u64,
    /// Certificate and private key for https addresses of this machine that are listened at, as PEM or PKCS#12 without
    /// a password [default: one made for the run]
    #[arg(long, value_name = "FILE")]
    pub listen_certificate: Option<PathBuf>,
    /// Serve a client ID metadata document made of the settings on this machine, and run as the client that it describes
    #[arg(long)]
    pub client_document: bool,
    /// Further stages after the grant's own, separated by commas
    #[arg(long, value_name = "STAGE", value_delimiter = ',', value_parser = PossibleValuesParser::new(Stage::appendable()))]
    pub then: Vec<String>,
    /// After a stop, try again up to this often, from where a new try can succeed
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = times, allow_negative_numbers = true)]
    pub retry: u32,
    /// Go on with what a client must not use, to see what an attacked client would do; the run still fails
    #[arg(long)]
    pub go_on: bool,
    /// Write the run into this file, as it goes; - is standard output, at its end
    #[arg(long, value_name = "FILE")]
    pub save: Option<PathBuf>,
    /// Show tokens, codes and other secrets, and save them
    #[arg(long)]
    pub with_secrets: bool,
    /// Hold the run against the expectations in this file; an expected refusal or outcome is no failure then
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
    /// Write what became of the run, of each expectation and of each rule as JUnit XML into this file; - is standard output
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    #[command(flatten)]
    pub bar: BarArgs,
    #[command(flatten)]
    pub exports: ExportArgs,
}

/// What a run is held to, as it is typed.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct BarArgs {
    /// The mildest verdict of a rule that fails the run; a rule that an expectation names is left to it
    #[arg(long, value_name = "VERDICT", default_value = "fail", value_parser = PossibleValuesParser::new(LEVELS.map(Verdict::word)))]
    pub fail_on: String,
    /// Judge the run by these profiles, separated by commas; it fails when it passes not all of them
    #[arg(long, value_name = "PROFILE", value_delimiter = ',', value_parser = PossibleValuesParser::new(Profile::ALL.map(Profile::slug)))]
    pub profile: Vec<String>,
}

impl BarArgs {
    /// Each of them once.
    pub fn profiles(&self) -> Vec<Profile> {
        Profile::ALL.into_iter().filter(|profile| self.profile.iter().any(|slug| slug == profile.slug())).collect()
    }
}

/// `suite`
#[derive(Debug, clap::Args)]
#[command(after_help = SUITE)]
pub(super) struct SuiteArgs {
    /// The suite, as presets/expectations.md describes it
    pub file: PathBuf,
    /// Only the run of this name, with all that a matrix makes of it; may be given more than once
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// How many runs go on at once [default: 16]
    #[arg(long, value_name = "N", value_parser = at_least_one, allow_negative_numbers = true)]
    pub jobs: Option<NonZeroUsize>,
    /// Where junit.xml, report.json and, of each failed run, its run file and its page are written [default: the suite's name with
    /// .report]
    #[arg(long, value_name = "FOLDER")]
    pub report: Option<PathBuf>,
    /// Write the JUnit XML into this file instead; - is standard output
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
    /// The mildest verdict of a rule that fails a run that says nothing of it
    #[arg(long, value_name = "VERDICT", default_value = "fail", value_parser = PossibleValuesParser::new(LEVELS.map(Verdict::word)))]
    pub fail_on: String,
}

/// `show`
#[derive(Debug, clap::Args)]
#[command(after_help = SHOW)]
pub(super) struct ShowArgs {
    /// The file; - reads it from standard input
    pub file: PathBuf,
    /// Show the secrets that are in it
    #[arg(long)]
    pub with_secrets: bool,
    /// Hold the run against the expectations in this file, as run does
    #[arg(long, value_name = "FILE")]
    pub expect: Option<PathBuf>,
    #[command(flatten)]
    pub bar: BarArgs,
    #[command(flatten)]
    pub exports: ExportArgs,
}

/// `capture`
#[derive(Debug, clap::Args)]
#[command(after_help = CAPTURE)]
pub(super) struct CaptureArgs {
    /// The file, which may be packed with gzip; - reads it from standard input
    pub file: PathBuf,
    /// Write the logins as one page that opens in any browser, without a network; - is standard output
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// Write them as JUnit XML, a test case a login; - is standard output
    #[arg(long, value_name = "FILE")]
    pub junit: Option<PathBuf>,
}

/// `import`
#[derive(Debug, clap::Args)]
#[command(after_help = IMPORT)]
pub(super) struct ImportArgs {
    /// The file; - reads it from standard input
    pub file: PathBuf,
    /// Write what it says as a preset into this file; - is standard output
    #[arg(long, value_name = "FILE")]
    pub preset: Option<PathBuf>,
    /// Write over a file that is there
    #[arg(long, requires = "preset")]
    pub force: bool,
}

/// `diff`
#[derive(Debug, clap::Args)]
#[command(after_help = DIFF)]
pub(super) struct DiffArgs {
    /// The first; - reads it from standard input
    pub a: PathBuf,
    /// The second
    pub b: PathBuf,
}

/// `discover`
#[derive(Debug, clap::Args)]
#[command(after_help = DISCOVER)]
pub(super) struct DiscoverArgs {
    /// The issuer identifier, exactly as the server writes it
    pub issuer: String,
    #[command(flatten)]
    pub trust: Trust,
}

/// `settings`
#[derive(Debug, clap::Args)]
#[command(after_help = SETTINGS)]
pub(super) struct SettingsArgs {
    /// Only what a run of this grant can make use of
    #[arg(value_parser = PossibleValuesParser::new(Grant::ALL.map(Grant::slug)))]
    pub grant: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(super) enum JwtCommand {
    /// Show header, claims and times, without judging the signature; fails only for what is no token
    #[command(after_help = DECODE)]
    Decode {
        /// The token, or @FILE; - reads it from standard input
        token: String,
        /// The private key of whom the token is encrypted to, as PEM, JWK or JWK Set
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Judge format, signature and times
    Verify(VerifyArgs),
    /// Hold a token of a workload (GitHub Actions, Kubernetes, SPIFFE) against the policy by which a cloud trusts it
    Trust(TrustArgs),
}

/// `jwt verify`
#[derive(Debug, clap::Args)]
#[command(after_help = VERIFY)]
#[command(group(ArgGroup::new("keys").args(["jwks", "key", "secret_stdin", "secret_file"]).required(true).multiple(true)))]
pub(super) struct VerifyArgs {
    /// The token, or @FILE; - reads it from standard input
    pub token: String,
    /// A JWK Set, from a file or an http(s) URL; a map of names to certificates in PEM is read too
    #[arg(long, value_name = "FILE|URL")]
    pub jwks: Option<String>,
    /// One key, as PEM or JWK; a private one opens an encrypted token, whose content is verified with --jwks
    #[arg(long, value_name = "FILE")]
    pub key: Option<PathBuf>,
    /// Read a shared secret from standard input: as text, or if that does not fit as base64, base64url or hexadecimal
    #[arg(long)]
    pub secret_stdin: bool,
    /// The same from a file, which may hold any bytes
    #[arg(long, value_name = "FILE", conflicts_with = "secret_stdin")]
    pub secret_file: Option<PathBuf>,
    #[command(flatten)]
    pub trust: Trust,
}

#[derive(Debug, Subcommand)]
pub(super) enum PresetsCommand {
    /// List the shipped presets
    #[command(after_help = PRESETS_LIST)]
    List,
    /// Print the file of a shipped preset, to begin your own with
    #[command(after_help = PRESETS_SHOW)]
    Show {
        /// Its name
        name: String,
    },
    /// Judge a preset file
    #[command(after_help = PRESETS_CHECK)]
    Check {
        /// The file
        file: PathBuf,
    },
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory as _, Parser as _};

    use super::Args;

    #[test]
    fn the_arguments_are_consistent() {
        Args::command().debug_assert();
    }

    /// Every command, and those that they have.
    fn commands(of: &Command, found: &mut Vec<Command>) {
        found.push(of.clone());
        of.get_subcommands().filter(|it| it.get_name() != "help").for_each(|it| commands(it, found));
    }

    #[test]
    fn every_help_has_examples_and_every_example_can_be_typed() {
        let program = Args::command();
        let mut found = Vec::new();
        commands(&program, &mut found);
        for command in found {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            let lines: Vec<&str> = help.lines().filter_map(|line| line.strip_prefix("  ")).collect();
            assert!(!lines.is_empty(), "{} has no example", command.get_name());
            for line in lines {
                let typed = Args::try_parse_from(line.split(' '));
                assert!(typed.is_ok(), "{line}: {}", typed.unwrap_err());
            }
        }
    }
}
