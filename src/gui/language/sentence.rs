//! Sentences of the engine with values in them: the form they were made with is a line of `[engine]`, as it stands in the
//! code, with the names of its values in braces.

use std::borrow::Cow;
use std::fmt::Display;
use std::sync::LazyLock;

use super::{Language, fill, spoken, translated};
use crate::base::text::capitalised;
use crate::base::typed::untyped;

/// How deep a value may itself be a sentence with values.
const DEPTH: usize = 3;

/// Letters from which on a form says by itself that a sentence is one of it.
const LONG: usize = 24;

/// Words that only sentences have: what holds one of them is no value of a form that says little itself.
const OF_SENTENCES: [&str; 14] =
    ["a", "an", "are", "as", "has", "have", "is", "it", "not", "that", "the", "this", "was", "which"];

/// A sentence with places for values.
#[derive(Debug)]
struct Form {
    /// What stands before, between and behind the values.
    fixed: Vec<&'static str>,
    /// Their names, one fewer.
    names: Vec<&'static str>,
    /// The same in another language.
    other: &'static str,
}

/// The long ones and the short ones.
type Forms = (Vec<Form>, Vec<Form>);

static GERMAN: LazyLock<Forms> = LazyLock::new(|| forms(Language::German));

impl Language {
    fn forms(self) -> (&'static [Form], &'static [Form]) {
        match self {
            Self::English => (&[], &[]),
            Self::German => (&GERMAN.0, &GERMAN.1),
        }
    }
}

/// The forms among the texts of a language; the one that says most of a sentence itself comes first.
fn forms(language: Language) -> Forms {
    let texts = language.texts().into_iter().flat_map(|texts| &texts.engine);
    let with_values = texts.filter(|(english, _)| english.contains('{') && !english.contains("{{"));
    let mut forms: Vec<Form> = with_values.map(|(english, other)| Form::of(english, other)).collect();
    forms.sort_by(|one, other| other.length().cmp(&one.length()).then_with(|| one.fixed.cmp(&other.fixed)));
    forms.into_iter().partition(|form| form.length() >= LONG)
}

impl Form {
    fn of(english: &'static str, other: &'static str) -> Self {
        let (mut fixed, mut names) = (Vec::new(), Vec::new());
        let mut rest = english;
        while let Some((before, (name, after))) =
            rest.split_once('{').and_then(|(before, after)| Some((before, after.split_once('}')?)))
        {
            fixed.push(before);
            names.push(name);
            rest = after;
        }
        fixed.push(rest);
        Self { fixed, names, other }
    }

    /// Letters that are in each sentence of it.
    fn length(&self) -> usize {
        self.fixed.iter().map(|part| part.len()).sum()
    }

    /// The values of a sentence that has this form, in order.
    fn values<'t>(&self, sentence: &'t str) -> Option<Vec<&'t str>> {
        let (first, others) = self.fixed.split_first()?;
        let (last, between) = others.split_last()?;
        let mut rest = sentence.strip_prefix(first)?;
        let mut values = Vec::with_capacity(self.names.len());
        for part in between {
            let (value, after) = rest.split_once(part)?;
            values.push(value);
            rest = after;
        }
        values.push(rest.strip_suffix(last)?);
        // What a rule is about is one word, or each sentence with `is` in it would be one of these.
        let fits =
            |(name, value): (&&str, &&str)| !value.is_empty() && (*name != "member" || !value.contains([' ', ':']));
        self.names.iter().zip(&values).all(fits).then_some(values)
    }
}

/// A sentence of the engine in the language that is spoken, or in English. What is typed on the command line for it is
/// left out.
pub fn sentence(english: &str) -> Cow<'_, str> {
    let english = untyped(english);
    known(english, DEPTH).map_or(Cow::Borrowed(english), Cow::Owned)
}

/// The same, or nothing where the language has no words for it.
pub fn known_sentence(english: &str) -> Option<String> {
    known(english, DEPTH)
}

fn known(english: &str, depth: usize) -> Option<String> {
    if let Some(known) = translated(english) {
        return Some(known.to_owned());
    }
    let depth = depth.checked_sub(1)?;
    let (long, short) = spoken().forms();
    begun_small(english)
        .or_else(|| counted(english))
        .or_else(|| formed(english, long, depth, |_| true))
        .or_else(|| in_two(english, depth, |first, _| first))
        .or_else(|| formed(english, short, depth, |value| is_value(value) || known(value, depth).is_some()))
        .or_else(|| in_two(english, depth, |first, second| first || second))
        .or_else(|| in_parts(english, depth))
}

/// What stands in the middle of other sentences, and begins this one.
fn begun_small(english: &str) -> Option<String> {
    let first = english.chars().next().filter(char::is_ascii_uppercase)?;
    let small = format!("{}{}", first.to_ascii_lowercase(), &english[1..]);
    translated(&small).map(capitalised)
}

/// A number and what it counts: `62 members`.
fn counted(english: &str) -> Option<String> {
    let (number, word) = english.split_once(' ')?;
    number.parse::<u64>().ok()?;
    Some(format!("{number} {}", translated(word)?))
}

/// The first form that a sentence has, with values that fit.
fn formed(english: &str, forms: &[Form], depth: usize, fits: impl Fn(&str) -> bool) -> Option<String> {
    let fitting = |form: &Form| form.values(english).filter(|values| values.iter().all(|value| fits(value)));
    let (form, values) = forms.iter().find_map(|form| Some((form, fitting(form)?)))?;
    let value = |value: &str| known(value, depth).unwrap_or_else(|| value.to_owned());
    let values: Vec<String> = values.into_iter().map(value).collect();
    let named = form.names.iter().zip(&values).map(|(name, value)| (*name, value as &dyn Display));
    let said = fill(form.other, &named.collect::<Vec<_>>());
    Some(if english.starts_with(char::is_uppercase) { capitalised(&said) } else { said })
}

/// Names, numbers, addresses and what is quoted, and no sentence.
fn is_value(text: &str) -> bool {
    !text.split('"').step_by(2).flat_map(|own| own.split(' ')).any(|word| OF_SENTENCES.contains(&word))
}

/// `Tokens came. Do not use them: iss is another`: two parts, where so much of them `is_enough` to be known.
fn in_two(english: &str, depth: usize, is_enough: fn(bool, bool) -> bool) -> Option<String> {
    let (first, second) = english.split_once(": ")?;
    let [one, other] = [first, second].map(|part| known(part, depth));
    let part = |known: Option<String>, english: &str| known.unwrap_or_else(|| english.to_owned());
    is_enough(one.is_some(), other.is_some()).then(|| format!("{}: {}", part(one, first), part(other, second)))
}

/// One thing after the other, where any of it is known.
fn in_parts(english: &str, depth: usize) -> Option<String> {
    let parts: Vec<&str> = english.split("; ").collect();
    let known: Vec<Option<String>> = parts.iter().map(|part| known(part, depth)).collect();
    let is_known = parts.len() > 1 && known.iter().any(Option::is_some);
    let said = || known.into_iter().zip(parts).map(|(known, part)| known.unwrap_or_else(|| part.to_owned()));
    is_known.then(|| said().collect::<Vec<_>>().join("; "))
}

#[cfg(test)]
mod tests {
    use super::super::{Language, speak};
    use super::*;

    #[test]
    fn a_sentence_is_taken_apart_where_its_form_has_values() {
        let form = Form::of("{member} is {saw}, expected {wanted}", "");
        assert_eq!(form.values("aud is a, expected b"), Some(vec!["aud", "a", "b"]));
        assert_eq!(form.values("aud is a, expected "), None, "a value has letters");
        assert_eq!(form.values("aud was a, expected b"), None);
        assert_eq!(form.values("kid: 1; it is a, expected b"), None, "it is about one word");
        assert_eq!(Form::of("to {name}.", "").values("to be."), Some(vec!["be"]));
    }

    #[test]
    fn a_form_that_says_little_takes_no_sentence_for_a_value() {
        speak(Language::German);
        assert_eq!(sentence("alice allows openid email"), "alice erlaubt openid email");
        let prose = "the server is one that allows what it has not read";
        assert_eq!(sentence(prose), prose);
        speak(Language::English);
    }

    #[test]
    fn values_without_names_keep_their_order() {
        speak(Language::German);
        let said = sentence("encrypted to web with ECDH-ES and A128GCM");
        assert_eq!(said, "verschlüsselt für web mit ECDH-ES und A128GCM");
        speak(Language::English);
    }

    #[test]
    fn values_of_a_sentence_stay_and_the_rest_is_german() {
        speak(Language::German);
        let said = sentence("Tokens came. Do not use them: iss is https://a.example, expected https://b.example");
        assert_eq!(
            said,
            "Tokens sind gekommen. Benutzen Sie sie nicht: iss: https://a.example, erwartet https://b.example"
        );
        assert_eq!(sentence("nobody has said this"), "nobody has said this");
        speak(Language::English);
        assert_eq!(sentence("Tokens came. Do not use them"), "Tokens came. Do not use them");
    }
}
