//! Expectations from TOML. Everything that is not understood is an error with its line and key: an expectation that is
//! not held against anything would be met for ever.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::{Condition, Expectation, Expectations, FILE_LIMIT, ID_TOKEN, Pattern, Place, Subject, VERSION};
use crate::base::check::{Rule, Verdict};
use crate::base::json::{Json, number};
use crate::base::text::{is_nearly, is_one_letter_off, visible};
use crate::client::rules::catalogue;
use crate::flow::stage::Stage;

/// Why a text holds no expectations.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {}{what}", key_of(.key))]
pub struct ExpectError {
    /// Counts from 1.
    pub line: usize,
    /// The whole key: `stage.token.status`. Empty where there is none.
    pub key: String,
    /// What is wrong with it.
    pub what: String,
}

fn key_of(key: &str) -> String {
    if key.is_empty() { String::new() } else { format!("{}: ", visible(key)) }
}

/// Reads a file that says its version, as `what` is to.
pub(super) fn document<T>(source: &str, what: &str, read: impl FnOnce(&DeTable<'_>) -> Read<T>) -> Read<T> {
    let document = toml(source)?;
    let table = document.get_ref();
    match table.iter().find(|(key, _)| key.get_ref() == "version") {
        Some((_, value)) if integer(value.get_ref()) == Some(VERSION) => read(table),
        Some((key, _)) => {
            Err(At::new(source, String::new()).wrong(key, format!("this program reads version {VERSION}")))
        }
        None => Err(nowhere(1, format!("version is missing: {what} begins with version = {VERSION}"))),
    }
}

/// Reads a file as TOML, of which every part knows its place.
pub(crate) fn toml(source: &str) -> Read<Spanned<DeTable<'_>>> {
    if source.len() as u64 > FILE_LIMIT {
        return Err(nowhere(1, "the file is larger than 1 MiB"));
    }
    DeTable::parse(source).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        nowhere(line(source, at), format!("not TOML: {}", visible(error.message())))
    })
}

/// What is wrong with no key.
pub(crate) fn nowhere(line: usize, what: impl Into<String>) -> ExpectError {
    ExpectError { line, key: String::new(), what: what.into() }
}

/// A table with the way to it.
pub(crate) struct At<'a> {
    source: &'a str,
    path: String,
}

type Key<'a> = &'a Spanned<DeString<'a>>;
type Value<'a> = &'a Spanned<DeValue<'a>>;
type Read<T> = Result<T, ExpectError>;

/// Whether a text means to be a file of expectations, and not a preset or a suite, also where something in it is wrong:
/// the first key that only one of them has decides.
pub fn is_like(text: &str) -> bool {
    let first_word = |line: &str| {
        let line = line.trim_start().trim_start_matches('[').trim_start();
        line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default().to_owned()
    };
    let mut words = text.lines().filter(|line| !line.trim_start().starts_with('#')).map(first_word);
    let decisive = words.find(|word| !word.is_empty() && word != "version");
    decisive.is_some_and(|word| OF_RUN.iter().any(|key| *key == word || is_one_letter_off(key, &word)))
}

const CONDITIONS: [&str; 11] =
    ["equals", "one_of", "matches", "present", "type", "has", "lacks", "set", "min", "max", "from_now"];
const OF_RUN: [&str; 6] = ["version", "outcome", "finding", "refusal", "rules", "stage"];
const OF_STAGE: [&str; 10] =
    ["status", "took_ms", "scope", "error", "request", "answer", "fields", "header", "claims", "token"];
const TYPES: [&str; 6] = ["string", "number", "boolean", "array", "object", "null"];
const OUTCOMES: [&str; 4] = ["success", "refused", "failed", "incomplete"];

impl Expectations {
    /// Reads a file of expectations.
    ///
    /// # Errors
    /// Names the line and the key of the first thing that is not understood.
    pub fn parse(source: &str) -> Read<Self> {
        document(source, "a file of expectations", |table| Self::of_table(&At::new(source, String::new()), table))
    }

    /// As [`Expectations::parse`], from a table of a larger file.
    pub(crate) fn of_table<'a>(at: &At<'a>, table: &'a DeTable<'a>) -> Read<Self> {
        let mut list = Vec::new();
        for (key, value) in in_order(table) {
            let of_run = |subject| at.conditions(key, value, subject);
            match &**key.get_ref() {
                "version" => {}
                "outcome" => list.extend(at.word_of(key, value, Subject::Outcome, &OUTCOMES)?),
                "finding" => list.extend(at.finding(key, value)?),
                "refusal" => list.extend(of_run(Subject::Refusal)?),
                "rules" => list.extend(at.rules(key, value)?),
                "stage" => list.extend(at.stages(key, value)?),
                _ => return Err(at.unknown(key, &OF_RUN)),
            }
        }
        Ok(Self { list })
    }
}

impl<'a> At<'a> {
    pub(crate) const fn new(source: &'a str, path: String) -> Self {
        Self { source, path }
    }

    /// How many lines end between two places.
    pub(crate) fn lines(&self, from: usize, to: usize) -> usize {
        let between = self.source.as_bytes().get(from..to).unwrap_or_default();
        between.iter().filter(|byte| **byte == b'\n').count()
    }

    pub(crate) fn text(&self, key: Key<'_>, value: Value<'_>) -> Read<String> {
        value.get_ref().as_str().map(str::to_owned).ok_or_else(|| self.wrong_type(key, value, "a string"))
    }

    pub(crate) fn texts(&self, key: Key<'_>, value: Value<'_>) -> Read<Vec<String>> {
        let array = value.get_ref().as_array();
        let strings = array.and_then(|array| array.iter().map(|it| it.get_ref().as_str().map(str::to_owned)).collect());
        strings.ok_or_else(|| self.wrong_type(key, value, "an array of strings"))
    }

    pub(crate) fn count(&self, key: Key<'_>, value: Value<'_>) -> Read<u32> {
        let count = integer(value.get_ref()).and_then(|count| count.try_into().ok());
        count.ok_or_else(|| self.wrong_type(key, value, "a whole number from 0 on"))
    }

    fn key(&self, key: Key<'_>) -> String {
        if self.path.is_empty() { key.get_ref().to_string() } else { format!("{}.{}", self.path, key.get_ref()) }
    }

    /// Where a key stands, counted from 1.
    pub(crate) fn line(&self, key: Key<'_>) -> usize {
        line(self.source, key.span().start)
    }

    pub(crate) fn wrong(&self, key: Key<'_>, what: impl Into<String>) -> ExpectError {
        ExpectError { line: self.line(key), key: self.key(key), what: what.into() }
    }

    pub(crate) fn unknown(&self, key: Key<'_>, known: &[&str]) -> ExpectError {
        let meant = known.iter().find(|name| is_nearly(name, key.get_ref()));
        let what = match meant {
            Some(name) => format!("this key is not known; did you mean {name}?"),
            None => format!("this key is not known; known are {}", known.join(", ")),
        };
        self.wrong(key, what)
    }

    pub(crate) fn inside(&self, key: Key<'_>) -> Self {
        Self { source: self.source, path: self.key(key) }
    }

    pub(crate) fn table(&self, key: Key<'_>, value: Value<'a>) -> Read<&'a DeTable<'a>> {
        value.get_ref().as_table().ok_or_else(|| self.wrong_type(key, value, "a table"))
    }

    pub(crate) fn wrong_type(&self, key: Key<'_>, value: Value<'_>, expected: &str) -> ExpectError {
        self.wrong(key, format!("this has to be {expected}, not {}", article(value.get_ref())))
    }

    /// A word out of a list.
    fn word_of(&self, key: Key<'_>, value: Value<'_>, subject: Subject, known: &[&str]) -> Read<Option<Expectation>> {
        let word = value.get_ref().as_str().ok_or_else(|| self.wrong_type(key, value, "a string"))?;
        if !known.contains(&word) {
            return Err(self.wrong(key, format!("{} is none of {}", visible(word), known.join(", "))));
        }
        let condition = Condition::Equals(Json::String(word.to_owned()));
        Ok(Some(Expectation { subject, condition }))
    }

    /// `none`, or the rule that is told.
    fn finding(&self, key: Key<'_>, value: Value<'a>) -> Read<Vec<Expectation>> {
        if let Some(word) = value.get_ref().as_str()
            && word != "none"
            && Stage::find(word).is_none()
        {
            self.rule(key, word)?;
        }
        self.conditions(key, value, Subject::Finding)
    }

    fn rule(&self, key: Key<'_>, id: &str) -> Read<&'static Rule> {
        catalogue().find(|rule| rule.id == id).ok_or_else(|| {
            let meant = catalogue().find(|rule| is_nearly(rule.id, id));
            let meant = meant.map(|rule| format!("; did you mean {}?", rule.id)).unwrap_or_default();
            self.wrong(key, format!("there is no rule {}{meant}", visible(id)))
        })
    }

    fn rules(&self, key: Key<'_>, value: Value<'a>) -> Read<Vec<Expectation>> {
        let at = self.inside(key);
        let mut list = Vec::new();
        for (key, value) in in_order(self.table(key, value)?) {
            let rule = at.rule(key, key.get_ref())?;
            list.extend(at.word_of(key, value, Subject::Rule(rule), &Verdict::ALL.map(Verdict::word))?);
        }
        Ok(list)
    }

    fn stages(&self, key: Key<'_>, value: Value<'a>) -> Read<Vec<Expectation>> {
        let at = self.inside(key);
        let mut list = Vec::new();
        for (key, value) in in_order(self.table(key, value)?) {
            let stage = Stage::find(key.get_ref()).ok_or_else(|| {
                at.wrong(
                    key,
                    format!("there is no stage of this name; there are {}", Stage::ALL.map(Stage::slug).join(", ")),
                )
            })?;
            list.extend(at.stage(key, value, stage)?);
        }
        Ok(list)
    }

    fn stage(&self, key: Key<'_>, value: Value<'a>, stage: Stage) -> Read<Vec<Expectation>> {
        let at = self.inside(key);
        let mut list = Vec::new();
        for (key, value) in in_order(self.table(key, value)?) {
            let of = |place| Subject::Of(stage, place);
            let named = |place: &dyn Fn(String) -> Place| at.named(key, value, &|name| of(place(name)));
            list.extend(match &**key.get_ref() {
                "status" => at.conditions(key, value, of(Place::Status))?,
                "took_ms" => at.conditions(key, value, of(Place::Took))?,
                "error" => at.conditions(key, value, of(Place::Error))?,
                "scope" => at.scope(key, value, of(Place::Scope))?,
                "request" => named(&Place::Request)?,
                "answer" => named(&Place::Answer)?,
                "fields" => named(&Place::Field)?,
                "header" => named(&|name| Place::Header(ID_TOKEN.to_owned(), name))?,
                "claims" => named(&|name| Place::Claim(ID_TOKEN.to_owned(), name))?,
                "token" => at.tokens(key, value, stage)?,
                _ => return Err(at.unknown(key, &OF_STAGE)),
            });
        }
        Ok(list)
    }

    /// Header and claims of tokens by their names.
    fn tokens(&self, key: Key<'_>, value: Value<'a>, stage: Stage) -> Read<Vec<Expectation>> {
        let at = self.inside(key);
        let mut list = Vec::new();
        for (token, value) in in_order(self.table(key, value)?) {
            let name = token.get_ref().to_string();
            let inside = at.inside(token);
            for (key, value) in in_order(at.table(token, value)?) {
                let of = |place| Subject::Of(stage, place);
                list.extend(match &**key.get_ref() {
                    "header" => inside.named(key, value, &|it| of(Place::Header(name.clone(), it)))?,
                    "claims" => inside.named(key, value, &|it| of(Place::Claim(name.clone(), it)))?,
                    _ => return Err(inside.unknown(key, &["header", "claims"])),
                });
            }
        }
        Ok(list)
    }

    /// A table of names, each with what is expected of it.
    fn named(&self, key: Key<'_>, value: Value<'a>, subject: &dyn Fn(String) -> Subject) -> Read<Vec<Expectation>> {
        let at = self.inside(key);
        let mut list = Vec::new();
        for (key, value) in in_order(self.table(key, value)?) {
            list.extend(at.conditions(key, value, subject(key.get_ref().to_string()))?);
        }
        Ok(list)
    }

    /// A scope is a set also where only its words are written.
    fn scope(&self, key: Key<'_>, value: Value<'a>, subject: Subject) -> Read<Vec<Expectation>> {
        match words(value.get_ref()) {
            Some(words) => Ok(vec![Expectation { subject, condition: Condition::Set(words) }]),
            None => self.conditions(key, value, subject),
        }
    }

    /// A table is a list of conditions, anything else the value that is expected.
    fn conditions(&self, key: Key<'_>, value: Value<'a>, subject: Subject) -> Read<Vec<Expectation>> {
        let Some(table) = value.get_ref().as_table() else {
            let condition = Condition::Equals(to_json(value.get_ref()));
            if let Some(why) = impossible(&subject, &condition) {
                return Err(self.wrong(key, why));
            }
            return Ok(vec![Expectation { subject, condition }]);
        };
        let (at, mut list, mut range) = (self.inside(key), Vec::new(), (None, None));
        if table.is_empty() {
            return Err(self.wrong(key, format!("nothing is expected here; known are {}", CONDITIONS.join(", "))));
        }
        for (key, value) in in_order(table) {
            match &**key.get_ref() {
                "min" => range.0 = Some(at.whole(key, value)?),
                "max" => range.1 = Some(at.whole(key, value)?),
                _ => list.push(at.condition(key, value)?),
            }
        }
        if range != (None, None) {
            list.push(Condition::Range(range.0, range.1));
        }
        if let Some(why) = list.iter().find_map(|condition| impossible(&subject, condition)) {
            return Err(self.wrong(key, why));
        }
        Ok(list.into_iter().map(|condition| Expectation { subject: subject.clone(), condition }).collect())
    }

    fn condition(&self, key: Key<'_>, value: Value<'a>) -> Read<Condition> {
        let given = value.get_ref();
        let words =
            || words(given).ok_or_else(|| self.wrong_type(key, value, "words in a string, or an array of strings"));
        let text = || given.as_str().ok_or_else(|| self.wrong_type(key, value, "a string"));
        Ok(match &**key.get_ref() {
            "equals" => Condition::Equals(to_json(given)),
            "one_of" => {
                let array = given.as_array().ok_or_else(|| self.wrong_type(key, value, "an array"))?;
                Condition::OneOf(array.iter().map(|element| to_json(element.get_ref())).collect())
            }
            "matches" => Condition::Matches(Pattern::new(text()?).map_err(|why| self.wrong(key, why))?),
            "present" => {
                Condition::Present(given.as_bool().ok_or_else(|| self.wrong_type(key, value, "true or false"))?)
            }
            "type" => match text()? {
                kind if TYPES.contains(&kind) => Condition::Type(kind.to_owned()),
                kind => return Err(self.wrong(key, format!("{} is none of {}", visible(kind), TYPES.join(", ")))),
            },
            "has" => Condition::Has(words()?),
            "lacks" => Condition::Lacks(words()?),
            "set" => Condition::Set(words()?),
            "from_now" => self.away(key, value)?,
            _ => return Err(self.unknown(key, &CONDITIONS)),
        })
    }

    /// From when it came.
    fn away(&self, key: Key<'_>, value: Value<'a>) -> Read<Condition> {
        let (at, mut range) = (self.inside(key), (None, None));
        for (key, value) in in_order(self.table(key, value)?) {
            let slot = match &**key.get_ref() {
                "min" => &mut range.0,
                "max" => &mut range.1,
                _ => return Err(at.unknown(key, &["min", "max"])),
            };
            *slot = Some(at.whole(key, value)?);
        }
        match reversed(range.0, range.1) {
            Some(why) => Err(self.wrong(key, why)),
            None => Ok(Condition::FromNow(range.0, range.1)),
        }
    }

    fn whole(&self, key: Key<'_>, value: Value<'_>) -> Read<i64> {
        integer(value.get_ref()).ok_or_else(|| self.wrong_type(key, value, "a whole number"))
    }
}

/// Why nothing could ever be like this.
fn impossible(subject: &Subject, condition: &Condition) -> Option<String> {
    let numbers: Vec<i64> = match condition {
        Condition::Range(from, to) => match reversed(*from, *to) {
            Some(why) => return Some(why),
            None => [*from, *to].into_iter().flatten().collect(),
        },
        Condition::Equals(value) => value.as_i64().into_iter().collect(),
        Condition::OneOf(values) => values.iter().filter_map(Json::as_i64).collect(),
        _ => Vec::new(),
    };
    let is_status = matches!(subject, Subject::Of(_, Place::Status));
    let strange = numbers.into_iter().find(|number| is_status && !(100..=599).contains(number))?;
    Some(format!("no answer has the status {strange}: they go from 100 to 599"))
}

fn reversed(min: Option<i64>, max: Option<i64>) -> Option<String> {
    let (min, max) = min.zip(max).filter(|(min, max)| min > max)?;
    Some(format!("min {min} is greater than max {max}"))
}

/// Keys and values in the order of the file.
pub(crate) fn in_order<'a>(table: &'a DeTable<'a>) -> Vec<(Key<'a>, Value<'a>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    entries
}

pub(super) fn line(source: &str, at: usize) -> usize {
    source.as_bytes()[..at.min(source.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

fn article(value: &DeValue<'_>) -> String {
    let kind = value.type_str();
    let article = if kind.starts_with(['a', 'i', 'o']) { "an" } else { "a" };
    format!("{article} {kind}")
}

/// A value as a setting takes it.
pub(crate) fn scalar(at: &At<'_>, key: Key<'_>, value: Value<'_>) -> Read<String> {
    Ok(match value.get_ref() {
        DeValue::String(text) => text.to_string(),
        DeValue::Boolean(is) => is.to_string(),
        other => {
            integer(other).ok_or_else(|| at.wrong_type(key, value, "a string, a number, true or false"))?.to_string()
        }
    })
}

pub(crate) fn integer(value: &DeValue<'_>) -> Option<i64> {
    match value {
        DeValue::Integer(digits) => i64::from_str_radix(digits.as_str(), digits.radix()).ok(),
        _ => None,
    }
}

/// Words in one string, or strings.
fn words(value: &DeValue<'_>) -> Option<Vec<String>> {
    match value {
        DeValue::String(text) => Some(text.split_whitespace().map(str::to_owned).collect()),
        DeValue::Array(array) => array.iter().map(|element| element.get_ref().as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// What a value of TOML is in JSON; a date is a text.
pub(crate) fn to_json(value: &DeValue<'_>) -> Json {
    match value {
        DeValue::String(text) => Json::String(text.to_string()),
        DeValue::Integer(digits) => integer(value).map_or_else(|| Json::Number(digits.to_string()), |it| number(&it)),
        DeValue::Float(digits) => Json::Number(digits.as_str().to_owned()),
        DeValue::Boolean(is) => Json::Bool(*is),
        DeValue::Datetime(time) => Json::String(time.to_string()),
        DeValue::Array(elements) => Json::Array(elements.iter().map(|element| to_json(element.get_ref())).collect()),
        DeValue::Table(table) => Json::Object(
            table.iter().map(|(key, value)| (key.get_ref().to_string(), to_json(value.get_ref()))).collect(),
        ),
    }
}
