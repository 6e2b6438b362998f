//! `jwt trust`: a token of a workload held against the policy of a cloud.

use std::path::PathBuf;

use clap::ArgGroup;

use super::json::{checks, object, optional, text};
use super::output::Output;
use super::terminal::{Paint, Terminal};
use super::{Exit, Usage, typed};
use crate::base::check::Verdict;
use crate::base::json::Json;
use crate::base::text::visible;
use crate::export::redact::holds_placeholder;
use crate::jose::jwt::decode_pasted;
use crate::workload::{Compared, Difference, Judged, Policy, judge};

/// So many characters are shown before the first difference.
const BEFORE: usize = 60;

/// `jwt trust`
#[derive(Debug, clap::Args)]
#[command(after_help = super::help::TRUST)]
#[command(group(ArgGroup::new("trusted").args(["policy", "iss", "sub", "aud"]).required(true).multiple(true)))]
pub(super) struct TrustArgs {
    /// The token, or @FILE; - reads it from standard input
    pub token: String,
    /// The policy as the cloud's own tools print it: a federated identity credential of Entra, the trust policy of an AWS
    /// role, a workload identity provider of Google
    #[arg(long, value_name = "FILE", conflicts_with_all = ["iss", "sub", "aud"])]
    pub policy: Option<PathBuf>,
    /// The issuer that is trusted
    #[arg(long, value_name = "ISSUER")]
    pub iss: Option<String>,
    /// The subject that is trusted
    #[arg(long, value_name = "SUBJECT")]
    pub sub: Option<String>,
    /// The audience that is wanted
    #[arg(long, value_name = "AUDIENCE")]
    pub aud: Option<String>,
}

/// Judges a token by a policy. Exit code 1 where the cloud would refuse it, or that cannot be said.
pub(super) fn trust(args: &TrustArgs, output: &Output) -> Result<Exit, Usage> {
    let token = typed::token(&args.token)?;
    let token = decode_pasted(token.trim());
    if token.claims.is_none() || holds_placeholder(&token.text) {
        return Err(Usage("the token is no JWT with claims to compare".to_owned()));
    }
    let policy = match &args.policy {
        Some(path) => {
            Policy::parse(&typed::large_file(path)?).map_err(|error| Usage(format!("{}: {error}", path.display())))?
        }
        None => Policy::exact(args.iss.as_deref(), args.sub.as_deref(), args.aud.as_deref()),
    };
    let judged = judge(&token, &policy);
    tell(&mut output.story(), &judged);
    output.result(&to_json(&judged));
    Ok(if judged.is_taken() == Some(true) { Exit::Success } else { Exit::Failure })
}

fn tell(terminal: &mut Terminal, judged: &Judged) {
    terminal.line(&terminal.paint(Paint::Strong, &format!("Compared as {} compares", judged.cloud.name())));
    for compared in &judged.compared {
        match compared.check.verdict {
            Verdict::Pass => {
                let mark = terminal.paint(Paint::Good, "✓");
                terminal.line(&format!("{mark} {}  {}", claim(compared), seen(compared)));
            }
            Verdict::Skipped => terminal.line(&format!("- {}  {}", claim(compared), seen(compared))),
            _ => tell_broken(terminal, compared),
        }
    }
    for note in judged.notes.iter().filter(|note| !matches!(note.verdict, Verdict::Pass | Verdict::Skipped)) {
        // Of what is only worth knowing there is nothing to mend.
        let fix = if note.expected.is_some() { note.rule.fix } else { "" };
        terminal.line(format!("! {} {}", note.actual.as_deref().unwrap_or_default(), fix).trim_end());
    }
    let (paint, end) = match (judged.is_taken(), judged.error()) {
        (Some(true), _) => {
            (Paint::Good, "The token fits. Its signature and times are not judged here: jwt verify.".to_owned())
        }
        (Some(false), Some(error)) => {
            (Paint::Bad, format!("The token does not fit. {} answers: {error}", judged.cloud.name()))
        }
        (Some(false), None) => (Paint::Bad, "The token does not fit.".to_owned()),
        (None, _) => (Paint::Strong, "What could be judged fits; what could not is for you to compare.".to_owned()),
    };
    terminal.line("");
    terminal.line(&terminal.paint(paint, &end));
}

/// Both values, one under the other, and where they go apart.
fn tell_broken(terminal: &mut Terminal, compared: &Compared) {
    let mark = terminal.paint(Paint::Bad, "✗");
    terminal.line(&format!("{mark} {}  {}", claim(compared), compared.check.rule.title));
    match &compared.difference {
        Some(difference) => {
            let (wanted, saw, at) = shown(difference);
            terminal.line(&format!("    policy  {wanted}"));
            terminal.line(&format!("    token   {saw}"));
            terminal.line(&format!("            {}^ {}", " ".repeat(at), difference.kind.says()));
        }
        None => {
            terminal.line(&format!("    policy  {}", visible(&compared.condition.says())));
            terminal.line(&format!("    token   {}", seen(compared)));
        }
    }
    terminal.line(&format!("    try     {}", compared.check.rule.fix));
}

/// From a little before the first difference, so that it is in sight; each character takes one place.
fn shown(difference: &Difference) -> (String, String, usize) {
    let from = difference.at.saturating_sub(BEFORE);
    let cut = |text: &str| {
        let rest: String = text.chars().skip(from).take(2 * BEFORE).collect();
        let rest: String = rest.chars().map(|c| if c.is_control() { '\u{b7}' } else { c }).collect();
        if from > 0 { format!("…{rest}") } else { rest }
    };
    (cut(&difference.wanted), cut(&difference.saw), difference.at - from + usize::from(from > 0))
}

fn claim(compared: &Compared) -> String {
    visible(&compared.condition.claim).into_owned()
}

fn seen(compared: &Compared) -> &str {
    compared.check.actual.as_deref().unwrap_or_default()
}

/// `{ cloud, taken, error, conditions: [{ claim, wanted, saw, verdict, differs_at, difference }], checks }`
fn to_json(judged: &Judged) -> Json {
    let condition = |compared: &Compared| {
        let differs = compared.difference.as_ref();
        object([
            ("claim", text(claim(compared))),
            ("wanted", text(compared.condition.says())),
            ("saw", Json::Array(compared.saw.iter().map(|saw| text(saw.clone())).collect())),
            ("verdict", text(compared.check.verdict.word())),
            ("differs_at", differs.map_or(Json::Null, |differs| super::json::number(&differs.at))),
            ("difference", optional(differs.map(|differs| differs.kind.says()))),
            ("error", optional(compared.error)),
        ])
    };
    object([
        ("cloud", text(judged.cloud.name())),
        ("taken", judged.is_taken().map_or(Json::Null, Json::Bool)),
        ("error", optional(judged.error())),
        ("conditions", Json::Array(judged.compared.iter().map(condition).collect())),
        ("checks", checks(judged.checks())),
    ])
}
