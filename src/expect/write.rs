//! Expectations as TOML, as they are read again.

use toml::{Table, Value};

use super::{Condition, Expectations, ID_TOKEN, Place, Subject, VERSION};
use crate::base::json::Json;

impl Expectations {
    /// The file.
    pub fn to_toml(&self) -> String {
        let mut file = Table::new();
        for one in &self.list {
            let way = way(&one.subject);
            let (last, tables) = way.split_last().map_or((String::new(), &[][..]), |(last, rest)| (last.clone(), rest));
            let table = tables.iter().fold(&mut file, |table, name| table_of(table, name));
            // Equality alone needs no table.
            match (&one.condition, table.get_mut(&last)) {
                (Condition::Equals(value), None) if !value.is_object() => drop(table.insert(last, value_of(value))),
                _ => condition(table_of(table, &last), &one.condition),
            }
        }
        let rest = toml::to_string(&file).unwrap_or_default();
        let gap = if rest.starts_with('[') { "\n" } else { "" };
        format!("version = {VERSION}\n{gap}{rest}")
    }
}

/// The table of this name; a value that stands there becomes what is expected in it.
fn table_of<'t>(table: &'t mut Table, name: &str) -> &'t mut Table {
    let slot = table.entry(name.to_owned()).or_insert_with(|| Value::Table(Table::new()));
    if !slot.is_table() {
        let value = std::mem::replace(slot, Value::Table(Table::new()));
        if let Value::Table(table) = slot {
            table.insert("equals".to_owned(), value);
        }
    }
    match slot {
        Value::Table(table) => table,
        _ => unreachable!("it was made a table"),
    }
}

fn way(subject: &Subject) -> Vec<String> {
    let way: Vec<&str> = match subject {
        Subject::Outcome => vec!["outcome"],
        Subject::Finding => vec!["finding"],
        Subject::Refusal => vec!["refusal"],
        Subject::Rule(rule) => vec!["rules", rule.id],
        Subject::Of(stage, place) => {
            let mut way = vec!["stage", stage.slug()];
            way.extend(match place {
                Place::Status => vec!["status"],
                Place::Took => vec!["took_ms"],
                Place::Scope => vec!["scope"],
                Place::Error => vec!["error"],
                Place::Request(name) => vec!["request", name],
                Place::Answer(name) => vec!["answer", name],
                Place::Field(name) => vec!["fields", name],
                Place::Header(token, name) if token == ID_TOKEN => vec!["header", name],
                Place::Claim(token, name) if token == ID_TOKEN => vec!["claims", name],
                Place::Header(token, name) => vec!["token", token, "header", name],
                Place::Claim(token, name) => vec!["token", token, "claims", name],
            });
            way
        }
    };
    way.into_iter().map(str::to_owned).collect()
}

fn condition(table: &mut Table, condition: &Condition) {
    let mut put = |name: &str, value: Value| drop(table.insert(name.to_owned(), value));
    match condition {
        Condition::Equals(value) => put("equals", value_of(value)),
        Condition::OneOf(values) => put("one_of", Value::Array(values.iter().map(value_of).collect())),
        Condition::Matches(pattern) => put("matches", Value::String(pattern.as_str().to_owned())),
        Condition::Present(is) => put("present", Value::Boolean(*is)),
        Condition::Type(kind) => put("type", Value::String(kind.clone())),
        Condition::Has(words) => put("has", words_of(words)),
        Condition::Lacks(words) => put("lacks", words_of(words)),
        Condition::Set(words) => put("set", words_of(words)),
        Condition::Range(from, to) => range(table, *from, *to),
        Condition::FromNow(from, to) => range(table_of(table, "from_now"), *from, *to),
    }
}

fn range(table: &mut Table, from: Option<i64>, to: Option<i64>) {
    let ends = [("min", from), ("max", to)];
    table.extend(ends.into_iter().filter_map(|(name, end)| Some((name.to_owned(), Value::Integer(end?)))));
}

fn words_of(words: &[String]) -> Value {
    Value::Array(words.iter().cloned().map(Value::String).collect())
}

/// TOML has no null: what stands for it is a text.
fn value_of(value: &Json) -> Value {
    match value {
        Json::Null => Value::String("null".to_owned()),
        Json::Bool(is) => Value::Boolean(*is),
        Json::Number(digits) => match (digits.parse(), digits.parse()) {
            (Ok(whole), _) => Value::Integer(whole),
            (_, Ok(number)) => Value::Float(number),
            _ => Value::String(digits.clone()),
        },
        Json::String(text) => Value::String(text.clone()),
        Json::Array(elements) => Value::Array(elements.iter().map(value_of).collect()),
        Json::Object(members) => {
            Value::Table(members.iter().map(|(name, value)| (name.clone(), value_of(value))).collect())
        }
    }
}
