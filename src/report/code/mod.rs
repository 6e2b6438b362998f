//! The token request of a run as a program, in languages that clients are written in: what a person wrote the client
//! with can be held against what works here.
//!
//! What was redacted is read from the environment, under the name of what it is: `REDACTED-client_secret-1` becomes
//! `CLIENT_SECRET`.

mod csharp;
mod go;
mod java;
mod javascript;
mod python;
mod rust;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::form_urlencoded;

use super::Report;
use crate::base::http::HttpRequest;
use crate::export::redact::kinds;
use crate::flow::trace::Exchange;

/// A language, with the library that the program uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// Python with requests.
    Python,
    /// JavaScript with fetch.
    JavaScript,
    /// Rust with reqwest.
    Rust,
    /// Go with net/http.
    Go,
    /// C# with HttpClient.
    CSharp,
    /// Java with java.net.http.
    Java,
}

/// A request, taken apart for a program.
struct Call {
    /// What a reader should know, a line each.
    notes: Vec<String>,
    url: Value,
    /// Without those that follow from the rest.
    headers: Vec<(String, Value)>,
    /// Name and secret of HTTP Basic, not form-encoded yet (RFC 6749 section 2.3.1).
    basic: Option<(Value, Value)>,
    form: Vec<(String, Value)>,
}

/// Text that may have secrets in it.
struct Value(Vec<Piece>);

enum Piece {
    Text(String),
    /// The name of an environment variable.
    Environment(String),
}

/// How a language writes what a value is made of.
struct Words {
    /// In quotes, everything escaped that has to be.
    quoted: fn(&str) -> String,
    /// What reads an environment variable of this name.
    environment: fn(&str) -> String,
    /// What several pieces are joined with; around them, the two texts before and after.
    join: [&'static str; 3],
}

impl Value {
    fn new(text: &str) -> Self {
        let (mut pieces, mut rest) = (Vec::new(), 0);
        for (range, kind) in kinds(text) {
            if range.start > rest {
                pieces.push(Piece::Text(text[rest..range.start].to_owned()));
            }
            pieces.push(Piece::Environment(kind.to_ascii_uppercase()));
            rest = range.end;
        }
        if rest < text.len() || pieces.is_empty() {
            pieces.push(Piece::Text(text[rest..].to_owned()));
        }
        Self(pieces)
    }

    fn written(&self, words: &Words) -> String {
        let one = |piece: &Piece| match piece {
            Piece::Text(text) => (words.quoted)(text),
            Piece::Environment(name) => (words.environment)(name),
        };
        let pieces: Vec<String> = self.0.iter().map(one).collect();
        let [before, between, after] = words.join;
        match &pieces[..] {
            [only] => only.clone(),
            _ => format!("{before}{}{after}", pieces.join(between)),
        }
    }

    fn is_secret(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Environment(_)))
    }
}

impl Call {
    fn of(report: &Report, exchange: &Exchange) -> Self {
        let request = &exchange.request;
        let stage = exchange.stage.name();
        let mut notes = vec![format!("{}: {stage}, at {}", report.grant, report.issuer)];
        let basic = basic(request, report);
        let is_own = |name: &str| {
            let derived = ["content-type", "content-length", "host", "accept-encoding"];
            derived.iter().any(|known| name.eq_ignore_ascii_case(known))
                || (basic.is_some() && name.eq_ignore_ascii_case("authorization"))
        };
        let headers = request.headers.iter().filter(|(name, _)| !is_own(name));
        let headers = headers.map(|(name, value)| (name.to_owned(), Value::new(value))).collect();
        let form = request.form().unwrap_or_default();
        let form: Vec<_> = form.iter().map(|(name, value)| (name.to_owned(), Value::new(value))).collect();
        let secret = basic.iter().any(|(name, secret)| name.is_secret() || secret.is_secret());
        if secret || form.iter().any(|(_, value)| value.is_secret()) {
            notes.push("Secrets are read from the environment.".to_owned());
        }
        if !report.is_redacted {
            notes.push(super::WITH_SECRETS.to_owned());
        }
        if request.tls.certificate.is_some() {
            notes.push("The request showed a client certificate: give the HTTP client yours.".to_owned());
        }
        let notes = notes.iter().map(|note| plain(note)).collect();
        Self { notes, url: Value::new(request.url.as_str()), headers, basic, form }
    }

    /// The notes as comments.
    fn comments(&self, mark: &str) -> String {
        self.notes.iter().map(|note| format!("{mark} {note}\n")).collect()
    }
}

/// Text for a comment, which nothing in it can end: Java reads `\u000a` as a line end, JavaScript U+2028.
fn plain(text: &str) -> String {
    text.chars().map(|c| if is_ascii(c) && c != '\\' { c } else { '?' }).collect()
}

/// The two parts of HTTP Basic, as they are before they are form-encoded.
fn basic(request: &HttpRequest, report: &Report) -> Option<(Value, Value)> {
    let sent = request.headers.get("Authorization")?.strip_prefix("Basic ")?.trim();
    if !kinds(sent).is_empty() {
        let client_id = report.settings.iter().find(|(name, _)| name == "client_id")?;
        return Some((Value::new(&client_id.1), Value::new(sent)));
    }
    let plain = String::from_utf8(STANDARD.decode(sent).ok()?).ok()?;
    let (name, secret) = plain.split_once(':')?;
    let decoded = |part: &str| {
        let joined = format!("a={part}");
        let pair = form_urlencoded::parse(joined.as_bytes()).next();
        Value::new(&pair.map(|(_, value)| value.into_owned()).unwrap_or_default())
    };
    Some((decoded(name), decoded(secret)))
}

/// The program, or why there is none.
pub(super) fn write(report: &Report, language: Language) -> String {
    let is_token =
        |exchange: &&std::sync::Arc<Exchange>| exchange.request.form().is_some_and(|form| form.contains("grant_type"));
    // A poll that was told to wait would only be told so again.
    let Some(exchange) = report.trace.exchanges.iter().rfind(is_token) else {
        return language.comment("This run has sent no token request.");
    };
    let call = Call::of(report, exchange);
    match language {
        Language::Python => python::write(&call),
        Language::JavaScript => javascript::write(&call),
        Language::Rust => rust::write(&call),
        Language::Go => go::write(&call),
        Language::CSharp => csharp::write(&call),
        Language::Java => java::write(&call),
    }
}

impl Language {
    fn comment(self, text: &str) -> String {
        let mark = if self == Self::Python { "#" } else { "//" };
        format!("{mark} {text}\n")
    }
}

/// In double quotes; what is not printed is written by `number`, which is given UTF-16 units or code points.
fn quoted(text: &str, number: impl Fn(char) -> String, is_plain: impl Fn(char) -> bool) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if is_plain(c) => out.push(c),
            c => out.push_str(&number(c)),
        }
    }
    out.push('"');
    out
}

/// `\u00e4`, twice where a character has two units: what all of these languages but Rust and Python read.
fn utf16(c: char) -> String {
    let mut units = [0; 2];
    c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")).collect()
}

/// Whether a character is in every source file as it stands.
const fn is_ascii(c: char) -> bool {
    matches!(c, ' '..='~')
}
