//! A copied cURL command: one request, of which nothing is known that came of it.
//!
//! What it names is not followed: `@file`, `-K`, `--cert`, `--netrc`.

mod options;

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use url::Url;

use self::options::{IDLE, NOT_FOLLOWED, PROXIES, SECRET, UNREAD};
use super::exchange::Came;
use super::hide::Hider;
use super::read::{Raw, ReadError, Recording};
use super::recorder::Recorder;
use crate::base::http::{FORM, HttpRequest};
use crate::base::params::Params;
use crate::base::text::{elided, visible, without_users};
use crate::base::web_url::why_no_url;

/// So much is shown of what an option names, in characters.
const NAMED: usize = 80;

/// Between two commands in a file that this program wrote.
const NEXT: &str = "\n\n# ";

/// What is to be said of a command beside its request, a sentence each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Remark {
    /// It is less careful than this program.
    Unsafe(String),
    /// It names something outside of it.
    NotFollowed(String),
    /// Something of it is not read.
    Unread(String),
}

impl Remark {
    /// The sentence.
    pub fn text(self) -> String {
        match self {
            Self::Unsafe(text) | Self::NotFollowed(text) | Self::Unread(text) => text,
        }
    }
}

#[derive(Default)]
struct Command {
    method: Option<String>,
    url: Option<String>,
    headers: Vec<(String, String)>,
    data: Vec<String>,
    is_get: bool,
    remarks: Vec<Remark>,
}

/// Reads a command.
///
/// # Errors
/// Says why it is none.
pub fn read(text: &str, hider: &Hider) -> Result<Recording, ReadError> {
    let (request, remarks) = command(text)?;
    let mut recording = Recording::default();
    remarks.into_iter().for_each(|remark| recording.note(remark.text()));
    // It had one, which is not in the command.
    let came = Came::Unseen;
    let raw = Raw {
        index: 0,
        started: None,
        took: Duration::ZERO,
        request,
        came,
        resource: None,
        page: None,
        location: None,
    };
    recording.push(0, raw.captured(hider, false));
    recording.recorder = Recorder::of_command();
    Ok(recording)
}

/// Whether a text is a command for curl.
pub fn is_command(text: &str) -> bool {
    matches!(bare(text).split_whitespace().next(), Some("curl" | "curl.exe"))
}

/// The command without comments and a prompt before it, as documents and this program write them.
fn bare(text: &str) -> &str {
    let mut rest = text.trim_start();
    while let Some(comment) = rest.strip_prefix("# ") {
        rest = comment.split_once('\n').map_or("", |(_, behind)| behind.trim_start());
    }
    rest.strip_prefix("$ ").unwrap_or(rest)
}

/// The request that a command sends, with nothing hidden, and what is to be said of it.
///
/// # Errors
/// Says why it is none.
pub fn command(text: &str) -> Result<(HttpRequest, Vec<Remark>), ReadError> {
    let (text, more) = bare(text).split_once(NEXT).map_or((bare(text), None), |(first, more)| (first, Some(more)));
    let words = words(text).map_err(ReadError::Curl)?;
    let mut words = words.into_iter().peekable();
    let first = words.next().unwrap_or_default();
    if !matches!(first.as_str(), "curl" | "curl.exe") {
        return Err(ReadError::Unknown("it begins with neither { nor curl".to_owned()));
    }
    let mut command = Command::default();
    while let Some(word) = words.next() {
        command.option(&word, &mut words);
    }
    if more.is_some() {
        command.unread("There are more commands in it: the first is read.");
    }
    let remarks = std::mem::take(&mut command.remarks);
    Ok((command.request().map_err(ReadError::Curl)?, remarks))
}

impl Command {
    /// A word of the command, which may be several short options in one.
    fn option(&mut self, word: &str, words: &mut impl Iterator<Item = String>) {
        let Some(letters) = word.strip_prefix('-').filter(|letters| !letters.starts_with('-')) else {
            let (name, joined) = match word.split_once('=') {
                Some((name, value)) if name.starts_with("--") => (name, Some(value.to_owned())),
                _ => (word, None),
            };
            return self.one(name, &mut || joined.clone().or_else(|| words.next()).unwrap_or_default());
        };
        for (at, letter) in letters.char_indices() {
            let (name, rest) = (format!("-{letter}"), &letters[at + letter.len_utf8()..]);
            let mut is_taken = false;
            self.one(&name, &mut || {
                is_taken = true;
                if rest.is_empty() { words.next().unwrap_or_default() } else { rest.to_owned() }
            });
            if is_taken {
                return;
            }
        }
    }

    fn one(&mut self, name: &str, value: &mut dyn FnMut() -> String) {
        match name {
            "-X" | "--request" => self.method = Some(value()),
            "--url" => self.url = Some(value()),
            "-H" | "--header" => {
                let line = value();
                match line.strip_prefix('@') {
                    Some(file) => self.file(name, file),
                    None => self.header(&line),
                }
            }
            "-d" | "--data" | "--data-raw" | "--data-binary" | "--data-ascii" | "--json" => {
                if name == "--json" {
                    self.header("Content-Type: application/json");
                }
                self.data(name, value());
            }
            "--data-urlencode" => {
                let data = value();
                if let (None, Some((_, file))) = (data.split_once('='), data.split_once('@')) {
                    return self.file(name, file);
                }
                let (key, text) = data.split_once('=').unwrap_or(("", &data));
                let encoded = [(key, text)].into_iter().collect::<Params>().encode();
                self.data.push(if key.is_empty() { encoded[1..].to_owned() } else { encoded });
            }
            "-b" | "--cookie" => {
                let cookie = value();
                match cookie.contains('=') {
                    true => self.headers.push(("Cookie".to_owned(), cookie)),
                    false => self.file(name, &cookie),
                }
            }
            "-u" | "--user" => {
                let user = format!("Basic {}", STANDARD.encode(value()));
                self.headers.push(("Authorization".to_owned(), user));
            }
            "-A" | "--user-agent" => self.headers.push(("User-Agent".to_owned(), value())),
            "-e" | "--referer" => self.headers.push(("Referer".to_owned(), value())),
            "-G" | "--get" => self.is_get = true,
            "-I" | "--head" => self.method = Some("HEAD".to_owned()),
            "-k" | "--insecure" => {
                let words = "The command does not check the server's certificate (-k): this program does.";
                self.remarks.push(Remark::Unsafe(words.to_owned()));
            }
            "-F" | "--form" | "--form-string" => {
                drop(value());
                self.unread("A multipart form in the command is not read.");
            }
            "-n" | "--netrc" => self.not_followed("The command reads --netrc, which is not followed.".to_owned()),
            name if SECRET.contains(&name) => {
                drop(value());
                self.not_followed(format!("The command has a secret in {name}, which is not taken over."));
            }
            name if NOT_FOLLOWED.contains(&name) => {
                let named = named(name, &value());
                self.not_followed(format!("The command names {named} with {name}, which is not followed."));
            }
            name if UNREAD.contains(&name) => {
                drop(value());
                self.unread(&format!("What the command says with {name} is not read."));
            }
            name if IDLE.contains(&name) => drop(value()),
            name if name.starts_with('-') => {}
            url if self.url.is_none() => self.url = Some(url.to_owned()),
            _ => {}
        }
    }

    fn unread(&mut self, words: &str) {
        self.remarks.push(Remark::Unread(words.to_owned()));
    }

    fn file(&mut self, option: &str, file: &str) {
        let file = named(option, file);
        self.not_followed(format!("The command reads a file with {option}, {file}, which is not followed."));
    }

    fn not_followed(&mut self, words: String) {
        self.remarks.push(Remark::NotFollowed(words));
    }

    fn header(&mut self, line: &str) {
        if let Some((name, value)) = line.split_once(':').filter(|(name, _)| !name.is_empty()) {
            self.headers.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }

    fn data(&mut self, option: &str, data: String) {
        match data.strip_prefix('@').filter(|_| option != "--data-raw") {
            Some(file) => self.file(option, file),
            None => self.data.push(data),
        }
    }

    fn request(self) -> Result<HttpRequest, String> {
        let url = self.url.ok_or("it names no URL")?;
        let url = if url.contains("://") { url } else { format!("http://{url}") };
        let mut url = Url::parse(&url).map_err(|error| format!("its URL is none: {}", why_no_url(error)))?;
        let data = self.data.join("&");
        let has_data = !data.is_empty();
        if self.is_get && has_data {
            let query = [url.query(), Some(&data)].into_iter().flatten().collect::<Vec<_>>().join("&");
            url.set_query(Some(&query));
        }
        let mut request = HttpRequest::get(url);
        request.headers.0 = self.headers;
        let posts = has_data && !self.is_get;
        request.method =
            self.method.unwrap_or_else(|| if posts { "POST" } else { "GET" }.to_owned()).to_ascii_uppercase();
        if posts {
            request.body = data.into_bytes();
            if request.headers.get("content-type").is_none() {
                request.headers.push("Content-Type", FORM);
            }
        }
        Ok(request)
    }
}

/// What an option names. A certificate may have its password behind it, a proxy its user before it.
pub fn named(option: &str, value: &str) -> String {
    let shown = match option {
        "-E" | "--cert" | "--proxy-cert" => {
            let drive = usize::from(value.get(1..3).is_some_and(|it| matches!(it, ":\\" | ":/"))) * 2;
            value[drive..].split_once(':').map_or(value, |(file, _)| &value[..drive + file.len()])
        }
        option if PROXIES.contains(&option) => value.rsplit_once('@').map_or(value, |(_, host)| host),
        _ => &without_users(value),
    };
    visible(&elided(shown, NAMED)).into_owned()
}

/// The words of a command, as POSIX shells and, with carets, as that of Windows part them.
fn words(text: &str) -> Result<Vec<String>, String> {
    let is_windows = text.contains("^\"") || text.contains("^\n") || text.contains("^\r");
    let mut words = Vec::new();
    let (mut word, mut is_word) = (String::new(), false);
    let mut letters = text.chars().peekable();
    while let Some(c) = letters.next() {
        match c {
            '^' if is_windows => match letters.next() {
                Some('"') => double_quoted(&mut letters, &mut word, true)?,
                Some('\n') | None => continue,
                Some('\r') => {
                    letters.next_if_eq(&'\n');
                    continue;
                }
                Some(other) => word.push(other),
            },
            '\\' if !is_windows => match letters.next() {
                Some('\n') | None => continue,
                Some('\r') => {
                    letters.next_if_eq(&'\n');
                    continue;
                }
                Some(other) => word.push(other),
            },
            '\'' if !is_windows => quoted(&mut letters, &mut word)?,
            '$' if !is_windows && letters.peek() == Some(&'\'') => {
                letters.next();
                ansi_quoted(&mut letters, &mut word)?;
            }
            '"' => double_quoted(&mut letters, &mut word, false)?,
            c if c.is_whitespace() => {
                if is_word {
                    words.push(std::mem::take(&mut word));
                }
                is_word = false;
                continue;
            }
            c => word.push(c),
        }
        is_word = true;
    }
    if is_word {
        words.push(word);
    }
    Ok(words)
}

type Letters<'t> = std::iter::Peekable<std::str::Chars<'t>>;

fn open_quote() -> String {
    "a quotation mark is open to the end".to_owned()
}

fn quoted(letters: &mut Letters<'_>, word: &mut String) -> Result<(), String> {
    loop {
        match letters.next().ok_or_else(open_quote)? {
            '\'' => return Ok(()),
            c => word.push(c),
        }
    }
}

fn double_quoted(letters: &mut Letters<'_>, word: &mut String, has_carets: bool) -> Result<(), String> {
    loop {
        match letters.next().ok_or_else(open_quote)? {
            '"' => return Ok(()),
            '^' if has_carets => match letters.next().ok_or_else(open_quote)? {
                '"' => return Ok(()),
                '\\' if letters.peek() == Some(&'^') => {
                    letters.next();
                    word.extend(letters.next());
                }
                c => word.push(c),
            },
            '\\' if !has_carets => match letters.next().ok_or_else(open_quote)? {
                '\n' => {}
                c @ ('"' | '\\' | '$' | '`') => word.push(c),
                c => word.extend(['\\', c]),
            },
            c => word.push(c),
        }
    }
}

/// `$'...'`, as Chrome copies what has line breaks or letters beyond ASCII.
fn ansi_quoted(letters: &mut Letters<'_>, word: &mut String) -> Result<(), String> {
    loop {
        match letters.next().ok_or_else(open_quote)? {
            '\'' => return Ok(()),
            '\\' => match letters.next().ok_or_else(open_quote)? {
                'n' => word.push('\n'),
                'r' => word.push('\r'),
                't' => word.push('\t'),
                'u' => {
                    let digits: String = (0..4).filter_map(|_| letters.next_if(char::is_ascii_hexdigit)).collect();
                    word.extend(u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32));
                }
                c => word.push(c),
            },
            c => word.push(c),
        }
    }
}
