//! A run as a document for others: for a ticket, a browser, a diagram in a text, another program. Every format is made
//! from one [`Report`], in which secrets are out already. The logins of a recording are one page.

mod code;
mod har;
mod html;
pub mod lesson;
mod markdown;
mod mermaid;
mod plantuml;
pub mod recording;
mod svg;

pub use self::code::Language;
use crate::base::check::Tally;
use crate::base::json::Json;
use crate::base::text::{visible, visible_lines};
use crate::base::time::Timestamp;
use crate::export::curl;
use crate::export::redact::Redactor;
use crate::flow::finding::Finding;
use crate::flow::ladder::{Rung, rungs};
use crate::flow::stage::Lane;
use crate::flow::trace::{Answer, Exchange, Trace};
use crate::record::Record;

/// Said where secrets were left in by choice.
const WITH_SECRETS: &str = "This file holds secrets: tokens, codes and what else was sent. Keep it like a password.";
/// Said where they are out.
const WITHOUT_SECRETS: &str =
    "Secrets are out; what stands in the place of one is the same wherever the same secret was.";

/// What a run is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// HTTP Archive 1.2, which browsers and proxies read.
    Har,
    /// A report for a ticket.
    Markdown,
    /// One page that needs nothing beside it.
    Html,
    /// A sequence diagram for Markdown.
    Mermaid,
    /// A sequence diagram for PlantUML.
    PlantUml,
    /// The sequence diagram as a picture.
    Svg,
    /// Every request as a `curl` command.
    Curl,
    /// The token request as a program.
    Code(Language),
}

impl Format {
    /// All of them, in the order in which they are offered.
    pub const ALL: [Self; 13] = [
        Self::Markdown,
        Self::Html,
        Self::Har,
        Self::Svg,
        Self::Mermaid,
        Self::PlantUml,
        Self::Curl,
        Self::Code(Language::Python),
        Self::Code(Language::JavaScript),
        Self::Code(Language::Rust),
        Self::Code(Language::Go),
        Self::Code(Language::CSharp),
        Self::Code(Language::Java),
    ];

    /// Its name on the command line: `markdown`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Har => "har",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Mermaid => "mermaid",
            Self::PlantUml => "plantuml",
            Self::Svg => "svg",
            Self::Curl => "curl",
            Self::Code(Language::Python) => "python",
            Self::Code(Language::JavaScript) => "javascript",
            Self::Code(Language::Rust) => "rust",
            Self::Code(Language::Go) => "go",
            Self::Code(Language::CSharp) => "csharp",
            Self::Code(Language::Java) => "java",
        }
    }

    /// What people call it.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Har => "HTTP archive (HAR)",
            Self::Markdown => "Report for a ticket (Markdown)",
            Self::Html => "Page of the run (HTML)",
            Self::Mermaid => "Diagram (Mermaid)",
            Self::PlantUml => "Diagram (PlantUML)",
            Self::Svg => "Diagram (SVG)",
            Self::Curl => "Requests as cURL",
            Self::Code(Language::Python) => "Token request in Python",
            Self::Code(Language::JavaScript) => "Token request in JavaScript",
            Self::Code(Language::Rust) => "Token request in Rust",
            Self::Code(Language::Go) => "Token request in Go",
            Self::Code(Language::CSharp) => "Token request in C#",
            Self::Code(Language::Java) => "Token request in Java",
        }
    }

    /// What names of such files end with.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Har => "har",
            Self::Markdown => "md",
            Self::Html => "html",
            Self::Mermaid => "mmd",
            Self::PlantUml => "puml",
            Self::Svg => "svg",
            Self::Curl => "sh",
            Self::Code(Language::Python) => "py",
            Self::Code(Language::JavaScript) => "mjs",
            Self::Code(Language::Rust) => "rs",
            Self::Code(Language::Go) => "go",
            Self::Code(Language::CSharp) => "cs",
            Self::Code(Language::Java) => "java",
        }
    }
}

/// A run as it is told to others.
#[derive(Clone, Debug)]
pub struct Report {
    /// What people call the grant.
    grant: &'static str,
    preset: Option<String>,
    issuer: String,
    started_at: Option<Timestamp>,
    outcome: &'static str,
    finding: Option<Finding>,
    /// Name and value of each that is filled in.
    settings: Vec<(String, String)>,
    trace: Trace,
    rungs: Vec<Rung>,
    /// What was not done or could not be judged, and why.
    left_open: Vec<(String, String)>,
    /// What was expected of it and is not so, each in a line.
    unmet: Vec<String>,
    is_redacted: bool,
}

impl Report {
    /// This run, with its secrets only where there is nothing to hide them with.
    pub fn of(record: &Record, hide: Option<&Redactor>) -> Self {
        let text = |text: &str| hide.map_or_else(|| text.to_owned(), |hide| hide.text(text));
        let mut flow = record.flow();
        if let Some(hide) = hide {
            flow.trace = hide.trace(&flow.trace);
        }
        let document = record.to_json(hide);
        let settings: Vec<_> =
            document.get("settings").map_or(&[][..], Json::members).iter().filter_map(typed).collect();
        let rungs = rungs(&flow, false).into_iter().map(|rung| Rung { label: text(&rung.label), ..rung });
        Self {
            grant: record.grant.title(),
            preset: record.preset.as_deref().map(|preset| visible(preset).into_owned()),
            issuer: text(&flow.settings.server.issuer),
            started_at: record.started_at,
            outcome: record.outcome.verdict(flow.has_failed_check()),
            finding: record.finding.as_ref().map(|finding| finding.map_texts(text)),
            settings,
            rungs: rungs.collect(),
            left_open: record.left_open.iter().map(|(what, why)| (text(what), text(why))).collect(),
            unmet: Vec::new(),
            trace: flow.trace,
            is_redacted: hide.is_some() || record.is_redacted,
        }
    }

    /// The same run, held to what was expected of it: each text says what is not so. Secrets are out of them already.
    pub fn expected(self, unmet: Vec<String>) -> Self {
        Self { unmet, ..self }
    }

    /// The document.
    pub fn write(&self, format: Format) -> String {
        match format {
            Format::Har => har::write(self),
            Format::Markdown => markdown::write(self),
            Format::Html => html::write(self),
            Format::Mermaid => mermaid::write(self),
            Format::PlantUml => plantuml::write(self),
            Format::Svg => svg::write(self),
            Format::Curl => self.curl(),
            Format::Code(language) => code::write(self, language),
        }
    }

    /// Every request that left, each after the name of its stage.
    fn curl(&self) -> String {
        let one = |exchange: &Exchange| format!("# {}\n{}\n", exchange.stage.name(), curl::command(&exchange.request));
        let commands: Vec<_> = self.trace.exchanges.iter().map(|exchange| one(exchange)).collect();
        let text = match self.is_redacted {
            true => commands.join("\n"),
            false => format!("# {WITH_SECRETS}\n\n{}", commands.join("\n")),
        };
        visible_lines(&text).into_owned()
    }

    /// Whether what is in it may be shown to others.
    const fn about_secrets(&self) -> &'static str {
        if self.is_redacted { WITHOUT_SECRETS } else { WITH_SECRETS }
    }

    /// Name and value of what stands at the head of a report.
    fn facts(&self) -> Vec<(&'static str, String)> {
        let tally = Tally::of(self.trace.checks().into_iter().map(|(_, check)| check));
        let started = self.started_at.map(|at| ("Started", at.to_utc()));
        let preset = self.preset.clone().map(|preset| ("Preset", preset));
        let facts = [("Grant", self.grant.to_owned()), ("Issuer", visible(&self.issuer).into_owned())];
        let ends = [
            ("Outcome", self.outcome.to_owned()),
            ("Checks", tally.summary()),
            ("Made by", format!("Grantscope {}", env!("CARGO_PKG_VERSION"))),
        ];
        facts.into_iter().chain(preset).chain(started).chain(ends).collect()
    }

    /// Those who take part, in the order of their lanes.
    fn lanes(&self) -> Vec<Lane> {
        let takes_part = |lane: &Lane| self.rungs.iter().any(|rung| rung.from == *lane || rung.to == *lane);
        Lane::ALL.into_iter().filter(takes_part).collect()
    }
}

/// A setting that is filled in.
fn typed((name, value): &(String, Json)) -> Option<(String, String)> {
    let value = match value {
        Json::String(value) => value.clone(),
        Json::Null => String::new(),
        other => other.to_string(),
    };
    (!value.is_empty()).then(|| (name.clone(), visible(&value).into_owned()))
}

/// What came back, in a few words.
fn came(exchange: &Exchange) -> String {
    match &exchange.answer {
        Answer::Response(response) => response.status.to_string(),
        Answer::Callback(callback) => format!("response by {}", callback.via.name()),
        Answer::Failed(_) => "no answer".to_owned(),
        Answer::Pending => "not awaited".to_owned(),
        Answer::Visited => "opened in a browser".to_owned(),
    }
}
