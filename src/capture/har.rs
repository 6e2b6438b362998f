//! HAR 1.2 as programs write it: members of any type, in any order, cut off anywhere.
//!
//! One pass over the file finds the entries, one over each reads it, so time is linear and no entry can spoil another.

use std::fmt;
use std::time::Duration;

use serde::de::{DeserializeSeed, Deserializer as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

use super::exchange::{Came, Captured, Resource};
use super::hide::Hider;
use super::read::{self, BODY_LIMIT, DEPTH_LIMIT, ENTRY_LIMIT, Raw, ReadError, Recording};
use super::recorder::Recorder;
use crate::base::http::FORM;
use crate::base::params::Params;
use crate::base::text::counted;
use crate::base::time::Timestamp;

/// Members of a HAR that are looked at.
#[derive(Default)]
struct Log<'a> {
    creator: Option<&'a RawValue>,
    browser: Option<&'a RawValue>,
    entries: Vec<&'a RawValue>,
    /// How many stand behind the last that is read.
    beyond: usize,
    has_log: bool,
}

/// What a comment says of an answer that a client does not see; this program's own among them.
const UNSEEN: [&str; 4] = ["not seen", "not awaited", "a page of this program", "browsers keep to themselves"];

/// Reads a HAR file.
///
/// # Errors
/// Says why it is none. What is cut off is read as far as it goes.
pub fn read(text: &str, hider: &Hider) -> Result<Recording, ReadError> {
    let mut log = Log::default();
    let broken = serde_json::Deserializer::from_str(text).deserialize_map(Document(&mut log)).err();
    if !log.has_log {
        let why = broken.map_or_else(|| "there is no log in it".to_owned(), |error| error.to_string());
        return Err(ReadError::Unknown(why));
    }
    if let (true, Some(error)) = (log.entries.is_empty(), &broken) {
        return Err(ReadError::Nothing(error.to_string()));
    }
    let mut recording = Recording::default();
    let creator = log.creator.or(log.browser).and_then(|raw| serde_json::from_str::<Value>(raw.get()).ok());
    let of = |name: &str| creator.as_ref().and_then(|creator| creator.get(name)).and_then(Value::as_str);
    let recorder = Recorder::named(of("name").unwrap_or_default(), of("version").unwrap_or_default());
    if let Some(error) = broken {
        recording.note(format!(
            "The file breaks off or is damaged ({error}); {} read.",
            counted(log.entries.len(), "entry before that is", "entries before that are")
        ));
    }
    if log.beyond > 0 {
        recording.note(format!("The file has more than {ENTRY_LIMIT} entries; {} are not read.", log.beyond));
    }
    for (index, raw) in log.entries.iter().enumerate() {
        let entry = entry(index, raw.get(), &recorder, hider, &mut recording);
        recording.push(index, entry);
    }
    recording.recorder = recorder.looked_at(&recording.entries);
    Ok(recording)
}

fn entry(
    index: usize,
    raw: &str,
    recorder: &Recorder,
    hider: &Hider,
    recording: &mut Recording,
) -> Result<Captured, String> {
    if read::is_too_deep(raw) {
        return Err(format!("it is nested deeper than {DEPTH_LIMIT} levels"));
    }
    let entry: Value = serde_json::from_str(raw).map_err(|error| format!("it is no JSON: {error}"))?;
    if !entry.is_object() {
        return Err("it is no object".to_owned());
    }
    let part = |name: &str| entry.get(name).filter(|part| part.is_object());
    let (sent, got) = (part("request").ok_or("it has no request")?, part("response"));
    let mut request = read::request(sent.get("method"), sent.get("url"), read::pairs(sent.get("headers")))?;
    let of_answer = |name: &str| got.and_then(|got| got.get(name));
    let status = read::status(of_answer("status"))?;
    if let Some((kind, body)) = posted(sent.get("postData"))? {
        request.body = limited(body, index, "request", recording);
        if request.headers.get("content-type").is_none_or(str::is_empty) && !kind.is_empty() {
            request.headers.set("Content-Type", kind);
        }
    }
    let body = limited(content(of_answer("content"))?, index, "answer", recording);
    let failure = ["_failureText", "_error"].iter().find_map(|name| {
        of_answer(name).or_else(|| entry.get(*name)).and_then(Value::as_str).filter(|said| !said.is_empty())
    });
    let came = read::came(status, typed(read::pairs(of_answer("headers")), of_answer("content")), body, failure);
    let comment = entry.get("comment").and_then(Value::as_str).unwrap_or_default();
    let is_unseen = status.is_none() && failure.is_none() && UNSEEN.iter().any(|said| comment.contains(said));
    let millis = entry.get("time").and_then(Value::as_f64).filter(|millis| *millis > 0.0).unwrap_or(0.0);
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    Raw {
        index,
        started: text("startedDateTime").and_then(Timestamp::parse),
        took: Duration::try_from_secs_f64(millis / 1000.0).unwrap_or_default(),
        came: if is_unseen { Came::Unseen } else { came },
        resource: resource(&entry),
        page: text("pageref").map(str::to_owned),
        location: of_answer("redirectURL").and_then(Value::as_str).map(str::to_owned),
        request,
    }
    .captured(hider, recorder.is_browser)
}

fn resource(entry: &Value) -> Option<Resource> {
    let initiator = entry.get("_initiator").and_then(|initiator| initiator.get("type")).and_then(Value::as_str);
    let is_preflight = initiator == Some("preflight");
    let kind = entry.get("_resourceType").and_then(Value::as_str).and_then(read::by_destination);
    if is_preflight { Some(Resource::Preflight) } else { kind }
}

/// The type and the body of a request: its text, or its parameters where a recorder keeps those alone.
fn posted(data: Option<&Value>) -> Result<Option<(String, Vec<u8>)>, String> {
    let Some(data) = data else { return Ok(None) };
    if let Some(text) = data.as_str() {
        return Ok(Some((String::new(), text.as_bytes().to_vec())));
    }
    let member = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let (kind, text) = (member("mimeType"), member("text"));
    if !text.is_empty() {
        let body = if member("encoding") == "base64" { read::base64(text)? } else { text.as_bytes().to_vec() };
        return Ok(Some((kind.to_owned(), without_head(&body).to_vec())));
    }
    let params = read::pairs(data.get("params"));
    let kind = if kind.is_empty() { FORM } else { kind };
    Ok(Some((kind.to_owned(), encoded(params).into_bytes())))
}

/// Old versions of Firefox write the header fields of a form before its body.
fn without_head(body: &[u8]) -> &[u8] {
    let has_head = body.get(..13).is_some_and(|start| start.eq_ignore_ascii_case(b"content-type:"));
    let end = body.windows(4).take(2000).position(|four| four == b"\r\n\r\n").filter(|_| has_head);
    end.map_or(body, |end| &body[end + 4..])
}

/// Parameters as a form has them. Some recorders keep them as they were encoded, others decode them.
fn encoded(params: Vec<(String, String)>) -> String {
    let of_form = |byte: u8| byte.is_ascii_alphanumeric() || b"*-._+%".contains(&byte);
    let all = |test: &dyn Fn(&str) -> bool| params.iter().all(|(name, value)| test(name) && test(value));
    let is_encoded = all(&|text| text.bytes().all(of_form)) && params.iter().any(|(_, value)| value.contains('%'));
    match is_encoded {
        true => params.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"),
        false => Params(params).encode(),
    }
}

fn content(content: Option<&Value>) -> Result<Vec<u8>, String> {
    let member = |name: &str| content.and_then(|content| content.get(name)).and_then(Value::as_str);
    match (member("text"), member("encoding")) {
        (Some(text), Some("base64")) => read::base64(text),
        (Some(text), _) => Ok(text.as_bytes().to_vec()),
        (None, _) => Ok(Vec::new()),
    }
}

/// The header fields of an answer, with the type of its body where a recorder keeps that alone.
fn typed(mut fields: Vec<(String, String)>, content: Option<&Value>) -> Vec<(String, String)> {
    let kind = content.and_then(|content| content.get("mimeType")).and_then(Value::as_str).unwrap_or_default();
    // Chrome's word for a type that it does not know.
    if fields.is_empty() && !kind.is_empty() && kind != "x-unknown" {
        fields.push(("Content-Type".to_owned(), kind.to_owned()));
    }
    fields
}

fn limited(body: Vec<u8>, index: usize, what: &str, recording: &mut Recording) -> Vec<u8> {
    if body.len() <= BODY_LIMIT {
        return body;
    }
    let limit = BODY_LIMIT / (1024 * 1024);
    recording.note(format!("The body of the {what} of entry {index} is larger than {limit} MB and is not read."));
    Vec::new()
}

// The document, of which everything but the entries is passed over.

struct Document<'l, 'a>(&'l mut Log<'a>);
struct InLog<'l, 'a>(&'l mut Log<'a>);
struct Entries<'l, 'a>(&'l mut Log<'a>);

impl<'de> Visitor<'de> for Document<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with a log")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "log" => map.next_value_seed(InLog(&mut *self.0))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for InLog<'_, 'de> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for InLog<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a log with entries")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        self.0.has_log = true;
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "entries" => map.next_value_seed(Entries(&mut *self.0))?,
                "creator" => self.0.creator = Some(map.next_value()?),
                "browser" => self.0.browser = Some(map.next_value()?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

impl<'de> DeserializeSeed<'de> for Entries<'_, 'de> {
    type Value = ();

    fn deserialize<D: serde::Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of entries")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while self.0.entries.len() < ENTRY_LIMIT {
            match list.next_element::<&RawValue>()? {
                Some(raw) => self.0.entries.push(raw),
                None => return Ok(()),
            }
        }
        while list.next_element::<IgnoredAny>()?.is_some() {
            self.0.beyond += 1;
        }
        Ok(())
    }
}
