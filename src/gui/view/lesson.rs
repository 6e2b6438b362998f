//! The lesson beside each message: why this step, what to look at, what can go wrong.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::gui::language::{self, Language, t};

/// The texts beside the steps in one language, by their names.
struct Steps {
    texts: BTreeMap<&'static str, &'static str>,
    /// One sentence that each comes to.
    headlines: BTreeMap<String, String>,
}

/// Reads the texts of a folder below `assets/steps`.
macro_rules! steps {
    ($folder:literal) => {
        LazyLock::new(|| Steps {
            texts: steps!($folder:
                "authorization_request" "bearer" "backchannel_approval" "backchannel_authentication" "challenge" "claims"
                "client_assertion" "client_credentials" "code" "device_authorization" "device_code" "discovery" "end_session" "hybrid" "id_jag" "id_token" "implicit"
                "introspection" "jwks" "jwt_bearer" "mcp_discovery" "mcp_request" "other_key" "password" "pushed_authorization" "redirect"
                "refresh" "refresh_reuse" "replay" "registration" "registration_management" "request_uri_reuse" "resource" "resource_metadata" "resource_server_discovery"
                "revocation" "saml_bearer" "token" "token_exchange" "userinfo"),
            headlines: toml::from_str(include_str!(concat!("../../../assets/steps/", $folder, "headlines.toml")))
                .expect("the step texts are part of the program and tested"),
        })
    };
    ($folder:literal: $($name:literal)+) => {
        BTreeMap::from([$(($name, include_str!(concat!("../../../assets/steps/", $folder, $name, ".md")))),+])
    };
}

static ENGLISH: LazyLock<Steps> = steps!("");
static GERMAN: LazyLock<Steps> = steps!("de/");

/// The texts in the language that is spoken, then those in English.
fn steps() -> [&'static Steps; 2] {
    let spoken = match language::spoken() {
        Language::English => &ENGLISH,
        Language::German => &GERMAN,
    };
    [spoken, &ENGLISH]
}

/// The text of a lesson, empty when there is none of this name.
pub fn text(name: &str) -> &'static str {
    steps().iter().find_map(|steps| steps.texts.get(name).copied()).unwrap_or_default()
}

/// What the step of this text comes to.
pub fn headline(name: &str) -> &'static str {
    steps().iter().find_map(|steps| steps.headlines.get(name)).map(String::as_str).unwrap_or_default()
}

/// The first sentences of the paragraph with this heading, as many as an audience reads.
pub fn in_short(name: &str, heading: &str) -> &'static str {
    let paragraph = text(name)
        .split("\n\n")
        .find_map(|paragraph| paragraph.strip_prefix("**")?.strip_prefix(heading)?.strip_prefix("** "));
    sentences(paragraph.unwrap_or_default(), 2)
}

/// So many sentences of a text at most.
pub fn sentences(text: &str, count: usize) -> &str {
    let mut ends =
        text.match_indices(". ").filter(|(at, _)| text[at + 2..].starts_with(|c: char| c.is_uppercase() || c == '`'));
    ends.nth(count - 1).map_or(text, |(at, _)| &text[..=at])
}

/// Its first paragraph, without marks: why the step is there.
pub fn short(name: &str) -> String {
    let first = text(name).split("\n\n").next().unwrap_or_default();
    let mark = format!("**{}**", t!("Why this step?"));
    let words = first.strip_prefix(&mark).unwrap_or(first);
    words.replace('`', "").replace("**", "").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::grant;
    use crate::flow::stage::Stage;
    use crate::terms::grant::Grant;

    #[test]
    fn every_step_has_its_lesson_in_every_language() {
        for language in Language::ALL {
            language::speak(language);
            every_step_has_its_lesson();
        }
        language::speak(Language::English);
    }

    fn every_step_has_its_lesson() {
        let spoken = steps()[0];
        for (grant, stage) in Grant::ALL.into_iter().flat_map(|grant| Stage::ALL.map(|stage| (grant, stage))) {
            for step in grant::steps(grant, stage) {
                let text = spoken.texts.get(step.lesson).copied().unwrap_or_default();
                assert_eq!(text.split("\n\n").count(), 4, "{}", step.lesson);
                let last = |text: &'static str| text.rsplit("\n\n").next();
                assert_eq!(last(text), last(ENGLISH.texts[step.lesson]), "{} leads elsewhere", step.lesson);
                let headline = spoken.headlines.get(step.lesson).map(String::as_str).unwrap_or_default();
                assert!((20..=48).contains(&headline.len()) && headline.ends_with('.'), "{}: {headline}", step.lesson);
                for heading in [t!("Why this step?"), t!("What to look at.")] {
                    let words = in_short(step.lesson, heading);
                    assert!((40..=260).contains(&words.len()), "{}, {heading}: {} {words}", step.lesson, words.len());
                }
            }
        }
    }
}
