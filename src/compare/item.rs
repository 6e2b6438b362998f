//! Values with their names, as they are compared.

use super::Part;
use super::nature::{Nature, of_member};
use crate::base::json::Json;

/// The values of one part of a stage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fields {
    /// Which part.
    pub part: Part,
    /// What it is in a few words: `POST /token`.
    pub about: String,
    /// Its values.
    pub items: Vec<Item>,
}

/// A value with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is called there.
    pub name: String,
    /// Without secrets.
    pub value: String,
    /// What kind of value it is, where that can be told: `number`, `a signed JWT`, `Bearer`.
    pub form: Option<&'static str>,
    /// Why it may differ.
    pub nature: Nature,
    /// The elements of a set.
    pub words: Vec<String>,
    /// Whether nothing is said by that the other side lacks it.
    pub is_mild: bool,
}

impl Item {
    /// A text that has to be the same.
    pub fn text(name: &str, value: impl Into<String>) -> Self {
        Self {
            name: name.to_owned(),
            value: value.into(),
            form: None,
            nature: Nature::Fixed,
            words: Vec::new(),
            is_mild: false,
        }
    }

    /// A parameter, judged by its name.
    pub fn member(name: &str, value: impl Into<String>) -> Self {
        let item = Self { nature: of_member(name), ..Self::text(name, value) };
        Self { words: item.value.split_whitespace().map(str::to_owned).collect(), ..item }
    }

    /// A value in JSON. Arrays are sets of what is in them.
    pub fn json(name: &str, value: &Json) -> Self {
        let text = |value: &Json| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let words = match value {
            Json::Array(elements) => elements.iter().map(text).collect(),
            value => text(value).split_whitespace().map(str::to_owned).collect(),
        };
        Self { form: Some(value.kind()), words, ..Self::text(name, text(value)) }
    }
}
