//! A request as a PowerShell command: `Invoke-WebRequest` as browsers copy it, and `Invoke-RestMethod` as documents have
//! it, with the variables that are set before it. No expression is evaluated.

use std::collections::{HashMap, HashSet};

use url::Url;

use super::Copied;
use crate::base::http::{FORM, HttpRequest};
use crate::base::params::Params;
use crate::base::web_url::why_no_url;
use crate::capture::curl::{Remark, named as named_by_option};

const COMMANDS: [&str; 4] = ["invoke-webrequest", "invoke-restmethod", "iwr", "irm"];

/// Parameters that name something outside of the command.
const NOT_FOLLOWED: [&str; 5] = ["-certificate", "-certificatethumbprint", "-infile", "-proxy", "-credential"];
/// Parameters without a value.
const SWITCHES: [&str; 6] = [
    "-usebasicparsing",
    "-usedefaultcredentials",
    "-passthru",
    "-disablekeepalive",
    "-skiphttperrorcheck",
    "-skipheadervalidation",
];
/// Parameters that make the command less careful.
const UNSAFE: [&str; 2] = ["-skipcertificatecheck", "-allowunencryptedauthentication"];

/// How deep tables may stand in tables.
const DEPTH: usize = 8;

/// What stands for one value.
#[derive(Clone, Debug)]
enum Token {
    /// A word without marks around it: a command, a parameter, a variable, `=`.
    Word(String),
    Text(String),
    Table(Vec<(String, String)>),
    /// In parentheses: the text that is turned into bytes there, where it is nothing else.
    Group(Option<String>),
}

/// Whether a text is such a command, or sets the variables of one.
pub(super) fn is_command(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
    let is_begun = COMMANDS.contains(&first.as_str()) || first.starts_with('$') || first.starts_with('#');
    is_begun && text.to_ascii_lowercase().split_whitespace().any(|word| COMMANDS.contains(&word))
}

/// What a word stands for that is a variable which was set before.
fn resolved<'t>(token: &'t Token, variables: &'t HashMap<String, Token>) -> &'t Token {
    match token {
        Token::Word(word) if word.starts_with('$') => variables.get(&word.to_ascii_lowercase()).unwrap_or(token),
        token => token,
    }
}

/// Reads the first command.
///
/// # Errors
/// Says why it is none that can be read.
pub(super) fn read(text: &str) -> Result<Copied, String> {
    let tokens = Reader { letters: text.chars().peekable(), depth: 0 }.tokens()?;
    let mut variables: HashMap<String, Token> = HashMap::new();
    let mut at = 0;
    while at < tokens.len() {
        match &tokens[at..] {
            [Token::Word(name), Token::Word(sign), value, ..] if sign == "=" && name.starts_with('$') => {
                // What a command gives is no value; the command itself is looked at next.
                if !matches!(value, Token::Word(word) if is_name(word)) {
                    variables.insert(name.to_ascii_lowercase(), value.clone());
                }
                at += 2;
            }
            [Token::Word(word), ..] if is_name(word) => {
                return Command::default()
                    .read(&mut tokens[at + 1..].iter().map(|token| resolved(token, &variables)).peekable());
            }
            _ => at += 1,
        }
    }
    Err("it has no Invoke-WebRequest and no Invoke-RestMethod".to_owned())
}

fn is_name(word: &str) -> bool {
    COMMANDS.contains(&word.to_ascii_lowercase().as_str())
}

#[derive(Default)]
struct Command {
    url: Option<String>,
    method: Option<String>,
    headers: Vec<(String, String)>,
    content_type: Option<String>,
    body: Option<Body>,
    remarks: Vec<Remark>,
    /// Parameters with a value that were read: each counts once, as it does in PowerShell.
    given: HashSet<String>,
}

enum Body {
    Text(String),
    Form(Params),
}

impl Command {
    fn read<'t, T: Iterator<Item = &'t Token>>(
        mut self,
        tokens: &mut std::iter::Peekable<T>,
    ) -> Result<Copied, String> {
        while let Some(token) = tokens.next() {
            match token {
                // Another statement begins.
                Token::Word(word) if is_name(word) => {
                    self.unread("There are more commands in it: the first is read.");
                    break;
                }
                Token::Word(word) if word.starts_with('-') => self.parameter(word, tokens),
                Token::Word(word) if matches!(word.as_str(), "|" | ";" | "=") => break,
                token if self.url.is_none() => self.url = text(token),
                _ => {}
            }
        }
        self.request()
    }

    fn parameter<'t, T: Iterator<Item = &'t Token>>(&mut self, word: &str, tokens: &mut std::iter::Peekable<T>) {
        let name = word.to_ascii_lowercase();
        if UNSAFE.contains(&name.as_str()) {
            let words = format!("The command is less careful than this program ({word}).");
            return self.remarks.push(Remark::Unsafe(words));
        }
        let is_parameter = |token: &&Token| matches!(token, Token::Word(word) if word.starts_with('-'));
        if SWITCHES.contains(&name.as_str()) || tokens.peek().is_none_or(is_parameter) {
            return;
        }
        let Some(value) = tokens.next().filter(|_| self.given.insert(name.clone())) else { return };
        match (name.as_str(), value) {
            ("-uri", value) => self.url = text(value),
            ("-method" | "-custommethod", value) => self.method = text(value),
            ("-contenttype", value) => self.content_type = text(value),
            ("-useragent", value) => self.headers.extend(text(value).map(|agent| ("User-Agent".to_owned(), agent))),
            ("-headers", Token::Table(pairs)) => self.headers.extend(pairs.iter().cloned()),
            ("-body", Token::Table(pairs)) => self.body = Some(Body::Form(pairs.iter().cloned().collect())),
            ("-body", Token::Text(text) | Token::Group(Some(text))) => self.body = Some(Body::Text(text.clone())),
            ("-headers" | "-body", _) => {
                self.unread(&format!("What {word} says is worked out by the command, and is not read."));
            }
            (name, value) if NOT_FOLLOWED.contains(&name) => {
                let named = text(value).filter(|_| name != "-credential").map(|value| named_by_option(name, &value));
                let named = named.as_deref().unwrap_or("something outside of it");
                let words = format!("The command names {named} with {word}, which is not followed.");
                self.remarks.push(Remark::NotFollowed(words));
            }
            _ => {}
        }
    }

    fn unread(&mut self, words: &str) {
        self.remarks.push(Remark::Unread(words.to_owned()));
    }

    fn request(self) -> Result<Copied, String> {
        let url = self.url.ok_or("it names no address")?;
        let mut url = Url::parse(&url).map_err(|error| format!("its address is none: {}", why_no_url(error)))?;
        let method = self.method.unwrap_or_else(|| "GET".to_owned()).to_ascii_uppercase();
        let body = match self.body {
            // Of a table a GET makes a query, everything else a form.
            Some(Body::Form(form)) if method == "GET" => {
                url.query_pairs_mut().extend_pairs(form.iter());
                String::new()
            }
            Some(Body::Form(form)) => form.encode(),
            Some(Body::Text(text)) => text,
            None => String::new(),
        };
        let mut request = HttpRequest::get(url);
        request.method = method;
        request.headers.0 = self.headers;
        if let Some(content_type) = self.content_type {
            request.headers.set("Content-Type", content_type);
        } else if !body.is_empty() && request.headers.get("content-type").is_none() {
            request.headers.push("Content-Type", FORM);
        }
        request.body = body.into_bytes();
        Ok((request, self.remarks))
    }
}

/// A value as text. A variable that is not set here stays as it is written, to be filled in.
fn text(token: &Token) -> Option<String> {
    match token {
        Token::Word(text) | Token::Text(text) => Some(text.clone()),
        Token::Group(text) => text.clone(),
        Token::Table(_) => None,
    }
}

struct Reader<'t> {
    letters: std::iter::Peekable<std::str::Chars<'t>>,
    /// Tables that are open.
    depth: usize,
}

impl Reader<'_> {
    fn tokens(&mut self) -> Result<Vec<Token>, String> {
        let mut tokens = Vec::new();
        while let Some(token) = self.token()? {
            tokens.push(token);
        }
        Ok(tokens)
    }

    fn token(&mut self) -> Result<Option<Token>, String> {
        loop {
            let Some(c) = self.letters.next() else { return Ok(None) };
            return Ok(Some(match c {
                // Before the end of a line a backtick lets the command go on.
                '`' => continue,
                c if c.is_whitespace() => continue,
                '#' => {
                    self.letters.by_ref().find(|c| *c == '\n');
                    continue;
                }
                '"' | '\'' => Token::Text(self.text(c)?),
                '@' if self.letters.next_if_eq(&'{').is_some() => Token::Table(self.table()?),
                '@' if matches!(self.letters.peek(), Some('"' | '\'')) => Token::Text(self.here()?),
                '(' => self.group()?,
                '=' | '|' | ';' | ')' | '}' | '{' | ',' => Token::Word(c.to_string()),
                c => Token::Word(self.word(c)),
            }));
        }
    }

    fn word(&mut self, first: char) -> String {
        let mut word = first.to_string();
        let mut has_query = first == '?';
        let ends =
            |c: &char| c.is_whitespace() || matches!(c, '=' | '(' | ')' | '{' | '}' | '|' | ';' | ',' | '"' | '\'');
        // An address has an equals sign in its query.
        while let Some(c) = self.letters.next_if(|c| !ends(c) || (*c == '=' && has_query)) {
            has_query |= c == '?';
            word.push(c);
        }
        word
    }

    /// Up to the closing mark, which stands twice for itself.
    fn text(&mut self, mark: char) -> Result<String, String> {
        let mut text = String::new();
        loop {
            match self.letters.next().ok_or("a quotation mark is open to the end")? {
                c if c == mark => match self.letters.next_if_eq(&mark) {
                    Some(c) => text.push(c),
                    None => return Ok(text),
                },
                '`' if mark == '"' => text.extend(self.letters.next().map(|c| match c {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    c => c,
                })),
                c => text.push(c),
            }
        }
    }

    /// `@"`, lines, and `"@` at the beginning of one.
    fn here(&mut self) -> Result<String, String> {
        let mark = self.letters.next().unwrap_or('"');
        let mut text = String::new();
        self.letters.by_ref().find(|c| *c == '\n');
        loop {
            match self.letters.next().ok_or("a text over several lines is open to the end")? {
                c if c == mark && (text.is_empty() || text.ends_with('\n')) => match self.letters.next_if_eq(&'@') {
                    Some(_) => return Ok(text.trim_end_matches(['\r', '\n']).to_owned()),
                    None => text.push(c),
                },
                c => text.push(c),
            }
        }
    }

    /// Pairs up to the closing brace; those with a value that is worked out are left out.
    fn table(&mut self) -> Result<Vec<(String, String)>, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(format!("its tables are nested deeper than {DEPTH}"));
        }
        let mut pairs = Vec::new();
        let mut key: Option<String> = None;
        let mut is_value = false;
        loop {
            let token = self.token()?.ok_or("a table is open to the end")?;
            match token {
                Token::Word(word) if word == "}" => {
                    self.depth -= 1;
                    return Ok(pairs);
                }
                Token::Word(word) if word == ";" => (key, is_value) = (None, false),
                Token::Word(word) if word == "=" => is_value = true,
                token => match (is_value, key.take(), text(&token)) {
                    (true, Some(key), Some(value)) => {
                        pairs.push((key, value));
                        is_value = false;
                    }
                    (true, ..) => is_value = false,
                    (false, _, name) => key = name,
                },
            }
        }
    }

    /// Up to the parenthesis that closes it, with those inside.
    fn group(&mut self) -> Result<Token, String> {
        let (mut depth, mut found, mut is_bytes) = (1_usize, None, false);
        let mut before = String::new();
        while depth > 0 {
            match self.letters.next().ok_or("a parenthesis is open to the end")? {
                '(' => {
                    depth += 1;
                    is_bytes |= before.ends_with("GetBytes");
                    before.clear();
                }
                ')' => depth -= 1,
                mark @ ('"' | '\'') => {
                    let text = self.text(mark)?;
                    found = found.or(Some(text));
                }
                c => before.push(c),
            }
        }
        Ok(Token::Group(found.filter(|_| is_bytes)))
    }
}
