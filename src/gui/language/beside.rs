//! The texts of the engine that lie in files of their own: rules by their ids, the glossary by its names, and who sees
//! what by kind of message. Each may be missing, and is then said in English.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;

use crate::base::check::Rule;
use crate::capture;
use crate::client::rules::catalogue;
use crate::terms::glossary::{self, Entry};
use crate::terms::sight::{self, Sight};

/// A rule in other words.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    title: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    fix: String,
    #[serde(default)]
    rejects: String,
}

/// What names mean, by where they stand.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Terms {
    parameters: Names,
    claims: Names,
    header: Names,
    jwk: Names,
    fields: Names,
    challenge: Names,
    metadata: Names,
    errors: Names,
}

type Names = BTreeMap<String, String>;

/// Finds a name where it stands.
type Find = fn(&str) -> Option<&'static Entry>;

impl Terms {
    /// Each section with where its names are found.
    fn sections(self) -> [(Names, Find); 8] {
        [
            (self.parameters, glossary::parameter),
            (self.claims, glossary::claim),
            (self.header, glossary::header),
            (self.jwk, glossary::jwk),
            (self.fields, glossary::field),
            (self.challenge, glossary::challenge),
            (self.metadata, glossary::metadata),
            (self.errors, glossary::error),
        ]
    }
}

/// All of them by their English.
pub(super) fn texts(rules: &str, terms: &str, sight: &str) -> HashMap<String, String> {
    let mut texts = HashMap::new();
    let rules: BTreeMap<String, RuleText> = toml::from_str(rules).expect("it is part of the program and tested");
    let all = catalogue().chain(capture::rules::ALL.iter().copied());
    for (rule, text) in all.filter_map(|rule| Some((rule, rules.get(rule.id)?))) {
        texts.extend(of_rule(rule, text));
    }
    let terms: Terms = toml::from_str(terms).expect("it is part of the program and tested");
    for (names, find) in terms.sections() {
        texts.extend(names.into_iter().filter_map(|(name, text)| Some((find(&name)?.meaning.clone(), text))));
    }
    let kinds: BTreeMap<String, Sight> = toml::from_str(sight).expect("it is part of the program and tested");
    for (english, other) in kinds.iter().filter_map(|(kind, other)| Some((sight::of(kind)?, other))) {
        texts.insert(english.title.clone(), other.title.clone());
        let both = english.viewers().into_iter().zip(other.viewers());
        texts.extend(both.map(|((_, english), (_, other))| (english.to_owned(), other.to_owned())));
    }
    texts
}

fn of_rule<'t>(rule: &Rule, text: &'t RuleText) -> impl Iterator<Item = (String, String)> + use<'t> {
    let english = [rule.title, rule.why, rule.fix, rule.rejects.unwrap_or_default()];
    let other = [&text.title, &text.why, &text.fix, &text.rejects];
    let pairs = english.into_iter().zip(other).filter(|(_, other)| !other.is_empty());
    pairs.map(|(english, other)| (english.to_owned(), other.clone()))
}
