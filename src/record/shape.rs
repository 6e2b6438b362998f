//! What a JSON text is, by the members at its top. Nothing of it is kept, so that a long one costs little.

use serde::Deserialize;
use serde::de::IgnoredAny;

/// So much of a text that breaks off is looked at to say what it was to be, in characters.
const BEGINNING: usize = 2_000;

/// What JSON texts are told apart as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// A run file, or the JSON result of a run.
    Run,
    /// What a browser or proxy recorded: HAR, or an export of SAML-tracer.
    Recording,
    /// Anything else.
    Other,
}

#[derive(Deserialize)]
struct Members {
    exchanges: Option<IgnoredAny>,
    grant: Option<IgnoredAny>,
    outcome: Option<IgnoredAny>,
    /// Of HAR.
    log: Option<IgnoredAny>,
    /// Of SAML-tracer.
    requests: Option<IgnoredAny>,
}

impl Shape {
    /// The shape of this text. A recording may break off in the middle, and is one all the same.
    ///
    /// # Errors
    /// When it is no JSON.
    pub fn of(text: &str) -> Result<Self, serde_json::Error> {
        if !text.starts_with('{') {
            return Ok(Self::Other);
        }
        match serde_json::from_str::<Members>(text) {
            Ok(Members { exchanges: Some(_), .. } | Members { grant: Some(_), outcome: Some(_), .. }) => Ok(Self::Run),
            Ok(Members { log: None, requests: None, .. }) => Ok(Self::Other),
            Ok(_) => Ok(Self::Recording),
            Err(error) => {
                let beginning: String = text.chars().take(BEGINNING).collect();
                let is_recording = ["\"log\"", "\"requests\""].iter().any(|name| beginning.contains(name));
                if is_recording { Ok(Self::Recording) } else { Err(error) }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_told_by_its_members_also_where_it_breaks_off() {
        for (text, shape) in [
            (r#"{"version":1,"grant":"device_code","exchanges":[]}"#, Shape::Run),
            (r#"{"grant":"device_code","outcome":"success"}"#, Shape::Run),
            (r#"{"log":{"version":"1.2","entries":[]}}"#, Shape::Recording),
            (r#"{"requests":[],"timestamp":1}"#, Shape::Recording),
            (r#"{"log":{"version":"1.2","entries":[{"request""#, Shape::Recording),
            (r#"{"grant":"device_code"}"#, Shape::Other),
            (r#"["exchanges"]"#, Shape::Other),
        ] {
            assert_eq!(Shape::of(text).ok(), Some(shape), "{text}");
        }
        assert!(Shape::of(r#"{"exchanges":["#).is_err());
    }
}
