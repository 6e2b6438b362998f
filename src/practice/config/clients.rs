//! The clients of a configuration: tables, or a word.

use std::fmt;

use serde::de::{self, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::file::ClientTable;

/// Clients as tables, or a word for all there may be.
pub(super) enum Clients {
    Named(String),
    These(Vec<Spanned<ClientTable>>),
}

impl<'de> Deserialize<'de> for Clients {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Clients;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("clients, or \"any\"")
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Clients, E> {
                Ok(Clients::Named(word.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut tables: A) -> Result<Clients, A::Error> {
                let mut all = Vec::new();
                while let Some(table) = tables.next_element()? {
                    all.push(table);
                }
                Ok(Clients::These(all))
            }
        }

        deserializer.deserialize_any(Either)
    }
}
