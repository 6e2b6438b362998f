//! From text to tree.

use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::{DEPTH_LIMIT, Json, JsonError};

/// Reads a text in one pass, however deep it is nested, and no further than to what is wrong.
pub(super) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    /// Reads all of this text.
    pub fn read(text: &'a str) -> Result<Json, JsonError> {
        let mut reader = Self { text, at: 0 };
        let json = reader.value(0)?;
        if reader.next().is_some() { Err(reader.wrong()) } else { Ok(json) }
    }

    /// The next byte that is no white space.
    fn next(&mut self) -> Option<u8> {
        let rest = &self.text.as_bytes()[self.at..];
        self.at += rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r')).count();
        self.text.as_bytes().get(self.at).copied()
    }

    /// Goes on behind this byte, if it comes next.
    fn takes(&mut self, byte: u8) -> bool {
        let is_next = self.next() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self, depth: usize) -> Result<Json, JsonError> {
        if depth > DEPTH_LIMIT {
            return Err(JsonError::TooDeep);
        }
        match self.next() {
            Some(b'{') => self.items(b'}', |reader| reader.member(depth + 1)).map(Json::Object),
            Some(b'[') => self.items(b']', |reader| reader.value(depth + 1)).map(Json::Array),
            Some(b'"') => self.string().map(Json::String),
            _ => self.scalar(),
        }
    }

    /// What stands between this bracket and the one that closes it.
    fn items<T>(
        &mut self,
        close: u8,
        mut item: impl FnMut(&mut Self) -> Result<T, JsonError>,
    ) -> Result<Vec<T>, JsonError> {
        self.at += 1;
        let mut items = Vec::new();
        if self.takes(close) {
            return Ok(items);
        }
        loop {
            items.push(item(self)?);
            if self.takes(close) {
                // A list that grew has room for four at least; most objects of a long document are smaller.
                items.shrink_to_fit();
                return Ok(items);
            }
            if !self.takes(b',') {
                return Err(self.wrong());
            }
        }
    }

    fn member(&mut self, depth: usize) -> Result<(String, Json), JsonError> {
        let name = if self.next() == Some(b'"') { self.string()? } else { return Err(self.wrong()) };
        if self.takes(b':') { Ok((name, self.value(depth)?)) } else { Err(self.wrong()) }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        let (bytes, from) = (self.text.as_bytes(), self.at);
        let (mut at, mut is_plain) = (from + 1, true);
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            match rest
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\\' | ..b' '))
                .map(|length| (length, rest[length]))
            {
                Some((length, b'"')) => {
                    self.at = at + length + 1;
                    break;
                }
                Some((length, b'\\')) => (at, is_plain) = (at + length + 2, false),
                _ => return Err(self.wrong()),
            }
        }
        let written = &self.text[from..self.at];
        if is_plain {
            return Ok(written[1..written.len() - 1].to_owned());
        }
        serde_json::from_str(written).map_err(|error| syntax(&error))
    }

    /// A number or a literal.
    fn scalar(&mut self) -> Result<Json, JsonError> {
        let is_of_it = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        let length = self.text.as_bytes()[self.at..].iter().take_while(is_of_it).count();
        let written = &self.text[self.at..self.at + length];
        let json = match written {
            "null" => Json::Null,
            "true" => Json::Bool(true),
            "false" => Json::Bool(false),
            digits if serde_json::from_str::<&RawValue>(digits).is_ok() => Json::Number(digits.to_owned()),
            _ => return Err(self.wrong()),
        };
        self.at += length;
        Ok(json)
    }

    /// What is wrong with the text, in the words of `serde_json`.
    fn wrong(&self) -> JsonError {
        match serde_json::from_str::<IgnoredAny>(self.text) {
            Err(error) => syntax(&error),
            Ok(_) => JsonError::Syntax(format!("not JSON from byte {} on", self.at)),
        }
    }
}

fn syntax(error: &serde_json::Error) -> JsonError {
    JsonError::Syntax(error.to_string())
}
