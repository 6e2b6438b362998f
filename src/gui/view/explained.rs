//! The short text of each name that the window shows, from the one place where it stands.

use crate::base::check::Rule;
use crate::base::json::Json;
use crate::client::settings::meaning;
use crate::flow::stage::Stage;
use crate::flow::step::Step;
use crate::gui::language::said;
use crate::gui::widgets::Explanation;
use crate::terms::glossary::{self, Entry};

use super::lesson;

/// The text of an entry of the glossary.
pub fn entry(name: &str, entry: &Entry) -> Explanation {
    Explanation {
        name: name.to_owned(),
        meaning: said(&entry.meaning).to_owned(),
        formula: entry.formula.clone(),
        section: entry.citation(),
    }
}

fn of(name: &str, found: Option<&'static Entry>) -> Option<Explanation> {
    found.map(|found| entry(name, found))
}

/// A parameter of a request or of what the browser brings back.
pub fn parameter(name: &str) -> Option<Explanation> {
    of(name, glossary::parameter(name).or_else(|| glossary::metadata(name)))
}

/// A setting of the panel.
pub fn setting(name: &str) -> Option<Explanation> {
    let found = glossary::parameter(name).or_else(|| glossary::metadata(name));
    let words = said(meaning(name)?).to_owned();
    let known = found.map(|found| entry(name, found)).unwrap_or_default();
    Some(Explanation { name: name.to_owned(), meaning: words, ..known })
}

/// A header field.
pub fn field(name: &str) -> Option<Explanation> {
    of(name, glossary::field(name))
}

/// A member of server metadata.
pub fn metadata(name: &str) -> Option<Explanation> {
    of(name, glossary::metadata(name))
}

/// A claim.
pub fn claim(name: &str) -> Option<Explanation> {
    of(name, glossary::claim(name))
}

/// A member of a JOSE header.
pub fn jose(name: &str) -> Option<Explanation> {
    of(name, glossary::header(name))
}

/// An error code.
pub fn error(code: &str) -> Option<Explanation> {
    of(code, glossary::error(code))
}

/// A member of an answer's JSON: an error by its code, all others as the stage has them.
pub fn member(stage: Stage, name: &str, value: Option<&Json>) -> Option<Explanation> {
    let code = value.and_then(Json::as_str).filter(|_| name == "error");
    let of_code = code.and_then(error);
    let found = match stage {
        Stage::Discovery | Stage::ResourceServerDiscovery | Stage::ResourceMetadata => glossary::metadata(name),
        Stage::Jwks => glossary::jwk(name),
        Stage::UserInfo | Stage::Claims | Stage::Introspection => {
            glossary::claim(name).or_else(|| glossary::parameter(name))
        }
        _ => glossary::parameter(name).or_else(|| glossary::claim(name)),
    };
    of_code.or_else(|| of(name, found))
}

/// A parameter of a challenge in WWW-Authenticate.
pub fn challenge(name: &str, value: &str) -> Option<Explanation> {
    let of_code = if name == "error" { error(value) } else { None };
    of_code.or_else(|| of(name, glossary::challenge(name))).or_else(|| parameter(name))
}

/// A stage of the rail: why it is there.
pub fn step(step: &Step, stage: Stage) -> Explanation {
    Explanation::new(said(step.title), &lesson::short(step.lesson), stage.descriptor().spec.to_string())
}

/// A check.
pub fn rule(rule: &Rule) -> Explanation {
    Explanation::new(rule.id, &format!("{}. {}", said(rule.title), said(rule.why)), rule.spec.to_string())
}
