//! The languages of the window: every text that its code says is in each file, and nothing else is.
#![cfg(feature = "window")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use grantscope::base::check::Rule;
use grantscope::capture;
use grantscope::client::rules::catalogue;
use grantscope::gui::language::Language;
use grantscope::lesson::courses;
use grantscope::terms::{glossary, sight};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// What the code of the window says, and where.
#[derive(Default)]
struct Said {
    /// In `t!` and `words!`.
    texts: BTreeMap<String, PathBuf>,
    /// Sentences in neither, which stay English in every language.
    loose: Vec<(PathBuf, String)>,
}

/// Threads that were there before the language was known.
const OUTSIDE: [&str; 2] = ["worker/history.rs", "worker/mod.rs"];

/// Calls whose text nobody reads: ids, names for programs, reasons.
const UNSEEN: [&str; 26] = [
    "allow",
    "area",
    "cfg",
    "contains",
    "debug_struct",
    "deserialize_with",
    "ends_with",
    "env",
    "expect",
    "field",
    "from_hash_of",
    "from_id_salt",
    "id_salt",
    "include_bytes",
    "include_str",
    "left",
    "make_persistent_id",
    "name",
    "once",
    "push_id",
    "starts_with",
    "strip_prefix",
    "top",
    "bottom",
    "unique",
    "with",
];

/// The files of Rust in a folder and below it.
fn files(folder: &str) -> Vec<PathBuf> {
    let (mut folders, mut files) = (vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the sources are there") {
            let path = entry.expect("the sources can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

impl Said {
    /// Reads every file below `src/gui`.
    fn by_the_window() -> Self {
        let mut said = Self::default();
        let is_read = |path: &PathBuf| {
            !path.iter().any(|part| part == "theme") && !OUTSIDE.iter().any(|outside| path.ends_with(outside))
        };
        for path in files("src/gui").into_iter().filter(is_read) {
            let text = fs::read_to_string(&path).expect("the sources can be read");
            said.walk(text.parse().expect("the sources are Rust"), &path, "");
        }
        said
    }

    /// Goes through the arguments of a call, or a body.
    fn walk(&mut self, tokens: TokenStream, path: &Path, call: &str) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let (mut is_unseen, mut callee) = (false, String::new());
        for (at, token) in tokens.iter().enumerate() {
            match token {
                TokenTree::Ident(ident) => {
                    callee = ident.to_string();
                    // `impl Debug for ..`: for those who debug.
                    is_unseen |= callee == "Debug" && is_ident(tokens.get(at + 1), "for");
                    continue;
                }
                TokenTree::Punct(mark) if mark.as_char() == '!' => continue,
                TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket && is_attribute(&tokens, at) => {
                    is_unseen |= group.stream().to_string().replace(' ', "") == "cfg(test)";
                }
                TokenTree::Group(group) if is_unseen && group.delimiter() == Delimiter::Brace => is_unseen = false,
                TokenTree::Group(group) => self.group(group, path, if callee.is_empty() { call } else { &callee }),
                TokenTree::Literal(literal) => {
                    if let Some(text) =
                        text(&literal.to_string()).filter(|text| is_sentence(text) && !NAMES.contains(&text.as_str()))
                        && !UNSEEN.contains(&call)
                    {
                        self.loose.push((path.to_owned(), text));
                    }
                }
                TokenTree::Punct(_) => {}
            }
            callee.clear();
        }
    }

    fn group(&mut self, group: &Group, path: &Path, callee: &str) {
        let mut tokens = group.stream().into_iter();
        if matches!(callee, "t" | "words")
            && let Some(TokenTree::Literal(literal)) = tokens.next()
            && let Some(text) = text(&literal.to_string())
        {
            self.texts.insert(text, path.to_owned());
            return self.walk(tokens.collect(), path, "");
        }
        self.walk(group.stream(), path, callee);
    }
}

fn is_ident(token: Option<&TokenTree>, name: &str) -> bool {
    matches!(token, Some(TokenTree::Ident(ident)) if *ident == name)
}

/// Whether this is the group of an attribute or a doc comment.
fn is_attribute(tokens: &[TokenTree], at: usize) -> bool {
    let is = |at: Option<usize>, sign| {
        at.is_some_and(|at| matches!(&tokens[at], TokenTree::Punct(mark) if mark.as_char() == sign))
    };
    let before = at.checked_sub(1);
    is(before, '#') || is(before, '!') && is(at.checked_sub(2), '#')
}

/// The value of a literal that is a text.
fn text(literal: &str) -> Option<String> {
    syn::parse_str::<syn::LitStr>(literal).ok().map(|text| text.value())
}

/// Words that somebody reads: two of them at least, or one that begins in capitals.
fn is_sentence(text: &str) -> bool {
    let is_word = |word: &&str| {
        let word = word.trim_matches(|c: char| ".,:;()".contains(c));
        word.len() > 1 && word.chars().all(|c| c.is_ascii_lowercase())
    };
    let mut letters = text.chars();
    let is_capital = letters.next().is_some_and(char::is_uppercase) && letters.next().is_some_and(char::is_lowercase);
    text.split(' ').filter(is_word).count() > 1 || is_capital && text.chars().all(|c| c.is_alphabetic() || c == ' ')
}

/// The names of the values in a text.
fn values(text: &str) -> BTreeSet<String> {
    let text = text.replace("{{", "").replace("}}", "");
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
}

fn spoken() -> impl Iterator<Item = (Language, &'static grantscope::gui::language::Texts)> {
    Language::ALL.into_iter().filter_map(|language| Some((language, language.texts()?)))
}

#[test]
fn every_text_of_the_window_is_in_every_language_and_no_other() {
    let said = Said::by_the_window();
    assert!(said.texts.len() > 900, "{} texts were found", said.texts.len());
    for (language, texts) in spoken() {
        let missing: Vec<&String> = said.texts.keys().filter(|text| !texts.window.contains_key(*text)).collect();
        let dead: Vec<&String> = texts.window.keys().filter(|text| !said.texts.contains_key(*text)).collect();
        assert!(missing.is_empty() && dead.is_empty(), "{language:?} lacks {missing:#?} and nobody says {dead:#?}");
    }
}

#[test]
fn the_same_values_are_in_every_language() {
    for (language, texts) in spoken() {
        for (english, other) in texts.window.iter().chain(&texts.engine).chain(&texts.beside) {
            assert_eq!(values(english), values(other), "{language:?}: {english}");
            assert!(!other.trim().is_empty(), "{language:?}: {english}");
            let ends = |text: &str| text.chars().last().filter(|last| ".:! ".contains(*last));
            assert_eq!(ends(english), ends(other), "{language:?}: {english} ends otherwise");
        }
    }
}

/// Names that are the same in every language or kept in files, and a form that a value has.
const NAMES: [&str; 16] = [
    "500ms or 8 s",
    "Authorization",
    "Between an app and {}",
    "Client authentication",
    "Endpoints",
    "Grantscope",
    "SignatureValue",
    "Deutsch",
    "English",
    "Esc",
    "Signing and encryption",
    "Sprache: Deutsch",
    "a token response",
    "grantscope serve",
    "openid profile email",
    "success, refused, failed, incomplete",
];

#[test]
fn every_word_of_the_engine_is_one_that_the_code_has() {
    let mut code = BTreeSet::new();
    for path in files("src").into_iter().filter(|path| !path.iter().any(|part| part == "gui")) {
        let text = fs::read_to_string(&path).expect("the sources can be read");
        literals(text.parse().expect("the sources are Rust"), &mut code);
    }
    let courses = courses().iter().filter_map(|(_, source)| source.parse::<toml::Table>().ok());
    code.extend(
        courses.flat_map(|course| ["title", "about"].map(|key| course[key].as_str().unwrap_or_default().to_owned())),
    );
    let errors = include_str!("../assets/terms/errors.toml").parse::<toml::Table>().expect("it is TOML");
    texts_in(&toml::Value::Table(errors), &mut code);
    for (language, texts) in spoken() {
        let dead: Vec<&String> = texts.engine.keys().filter(|text| !code.contains(*text)).collect();
        assert!(dead.is_empty(), "{language:?}: nobody says {dead:#?}");
        let twice: Vec<&String> = texts.engine.keys().filter(|text| texts.window.contains_key(*text)).collect();
        assert!(twice.is_empty(), "{language:?}: the window says these, too: {twice:#?}");
    }
}

/// A window has buttons and fields in the place of options: what is typed stands behind the words that it leaves out.
#[test]
fn no_word_of_the_engine_that_the_window_says_names_an_option() {
    for (language, texts) in spoken() {
        let is_option = |word: &str| word.trim_start_matches(['(', '`']).starts_with("--");
        let named: Vec<&String> = texts.engine.keys().filter(|text| text.split(' ').any(is_option)).collect();
        assert!(named.is_empty(), "{language:?}: {named:#?}");
    }
}

/// Texts of the practice server that are no words of its log: the realm, and what is on a page.
const OF_ANSWERS: [&str; 2] =
    ["practice server", "This request is decided already, or took too long. Start again from the app."];

/// What is in its log can be read in every language: what it says that it has done, and what it has looked at.
#[test]
fn what_the_practice_server_says_it_has_done_is_in_every_language() {
    let mut said = BTreeSet::new();
    for path in files("src/practice") {
        let text = fs::read_to_string(&path).expect("the sources can be read");
        let text = text.split("#[cfg(test)]").next().unwrap_or_default();
        log_words(text.parse().expect("the sources are Rust"), &mut said);
    }
    let is_json = |text: &str| text.starts_with("{\"");
    said.retain(|text| is_sentence(text) && !is_json(text) && !OF_ANSWERS.contains(&text.as_str()));
    assert!(said.len() > 90, "{} were found", said.len());
    for (language, texts) in spoken() {
        let missing: Vec<&String> = said.iter().filter(|text| !texts.engine.contains_key(*text)).collect();
        assert!(missing.is_empty(), "{language:?} lacks {missing:#?}");
    }
}

/// The first text of each call of `say`, and the texts that have a name.
fn log_words(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) if is_ident(at.checked_sub(1).and_then(|at| tokens.get(at)), "say") => {
                found.extend(first_text(group.stream()));
            }
            TokenTree::Group(group) => log_words(group.stream(), found),
            TokenTree::Literal(literal) if is_named(&tokens[..at]) => found.extend(text(&literal.to_string())),
            _ => {}
        }
    }
}

fn first_text(tokens: TokenStream) -> Option<String> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Literal(literal) => text(&literal.to_string()),
        TokenTree::Group(group) => first_text(group.stream()),
        _ => None,
    })
}

/// Whether what comes next is the value of `const NAME: &str = `.
fn is_named(before: &[TokenTree]) -> bool {
    let [.., word, _, _, _, kind, _] = before else { return false };
    is_ident(Some(word), "const") && is_ident(Some(kind), "str")
}

/// All texts of a document: the advice on errors is in one.
fn texts_in(value: &toml::Value, found: &mut BTreeSet<String>) {
    match value {
        toml::Value::String(text) => drop(found.insert(text.clone())),
        toml::Value::Array(all) => all.iter().for_each(|one| texts_in(one, found)),
        toml::Value::Table(table) => table.iter().for_each(|(_, one)| texts_in(one, found)),
        _ => {}
    }
}

/// How many texts of the engine there are, and how many of them in a language: what is missing is said in English.
#[test]
fn the_texts_of_the_engine_are_counted() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/language");
    for (language, texts) in spoken() {
        let read = |name: &str| {
            let path = folder.join(language.tag()).join(name);
            let text = fs::read_to_string(&path).expect("each language has it");
            text.parse::<toml::Table>().expect("it is TOML")
        };
        let (rules, terms, kinds) = (read("rules.toml"), read("terms.toml"), read("sight.toml"));
        let all = || catalogue().chain(capture::rules::ALL.iter().copied());
        let ids: BTreeSet<&str> = all().map(|rule| rule.id).collect();
        let dead_rules = rules.keys().filter(|id| !ids.contains(id.as_str()));
        let finds = [
            ("parameters", glossary::parameter as fn(&str) -> _),
            ("claims", glossary::claim),
            ("header", glossary::header),
            ("jwk", glossary::jwk),
            ("fields", glossary::field),
            ("challenge", glossary::challenge),
            ("metadata", glossary::metadata),
            ("errors", glossary::error),
        ];
        let named = |section: &str| terms[section].as_table().expect("a table").keys().cloned().collect::<Vec<_>>();
        let dead_terms: Vec<String> = finds
            .iter()
            .flat_map(|(section, find)| named(section).into_iter().filter(|name| find(name).is_none()))
            .collect();
        let dead_kinds = kinds.keys().filter(|kind| sight::of(kind).is_none());
        let dead: Vec<&String> = dead_rules.chain(&dead_terms).chain(dead_kinds).collect();
        assert!(dead.is_empty(), "{language:?}: there are no {dead:?}");
        let is_there = |text: &&str| texts.beside.contains_key(*text);
        let whole = |rule: &&Rule| [rule.title, rule.why, rule.fix].iter().chain(&rule.rejects).all(is_there);
        let lacking: Vec<&str> = all().filter(|rule| !whole(rule)).map(|rule| rule.id).collect();
        assert!(lacking.is_empty(), "{language:?}: not in full: {lacking:?}");
        let counts = [
            ("names of the glossary", finds.iter().map(|(section, _)| named(section).len()).sum(), 444),
            ("kinds of messages", kinds.len(), 14),
            ("words of the engine", texts.engine.len(), 560),
        ];
        for (what, count, least) in counts {
            assert!(count >= least, "{language:?}: {count} {what}, fewer than {least}");
        }
    }
}

/// The texts of a program.
fn literals(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => literals(group.stream(), found),
            TokenTree::Literal(literal) => found.extend(text(&literal.to_string()).map(|text| text.trim().to_owned())),
            _ => {}
        }
    }
}

#[test]
fn nothing_that_people_read_is_outside_of_the_languages() {
    let said = Said::by_the_window();
    let loose: Vec<String> = said.loose.iter().map(|(path, text)| format!("{}: {text}", path.display())).collect();
    assert!(loose.is_empty(), "{loose:#?}");
}
