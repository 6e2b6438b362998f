//! Tokens inside a token: what its payload is, and the further signatures of a JSON serialization.

use super::{Decoded, Form, Part, decode_at};
use crate::base::check::{Check, Level, Rule, Verdict};
use crate::base::json::Json;
use crate::base::spec::Spec;

pub(super) static NESTING: Rule = Rule {
    id: "jwt.nesting",
    title: "tokens stand in each other a few deep at most",
    why: "Every token inside has to be judged too; one that nobody looks into is accepted unseen.",
    fix: "Put the claims into one token, signed once or signed and then encrypted.",
    level: Level::Must,
    spec: Spec::new("RFC 8725", "3.3"),
    rejects: None,
};

/// How deep tokens are looked for in tokens.
const DEPTH_LIMIT: usize = 8;

/// A token that another one holds, and how it is called: `inside`, `signature 2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Within {
    /// How it is called.
    pub name: String,
    /// Taken apart.
    pub token: Decoded,
}

/// The token that a payload is, as `cty` says (RFC 7519 section 5.2) or its looks. `None` when it is none.
pub(super) fn nested(payload: &Part, header: Option<&Json>, depth: usize) -> Option<Within> {
    let text = std::str::from_utf8(payload.bytes.as_deref()?).ok().filter(|_| payload.object().is_none())?;
    let declared = header.and_then(|header| header.text("cty")).is_some_and(|cty| cty.eq_ignore_ascii_case("JWT"));
    let looks = text.starts_with("ey") && matches!(text.bytes().filter(|byte| *byte == b'.').count(), 2 | 4);
    if !declared && !looks {
        return None;
    }
    let name = "inside".to_owned();
    if depth == DEPTH_LIMIT {
        let expected = format!("at most {DEPTH_LIMIT} tokens in each other");
        let token = Decoded::opaque(NESTING.broken(expected, "more, and the innermost is not looked into"));
        return Some(Within { name, token });
    }
    let token = decode_at(text, depth + 1);
    (declared || token.form != Form::Opaque).then_some(Within { name, token })
}

/// What is wrong with tokens inside, called by their names.
pub(super) fn findings(within: &[Within]) -> Vec<Check> {
    let of = |inner: &Within| {
        let worth_telling = inner.token.findings.iter().filter(|check| check.verdict <= Verdict::Note).cloned();
        worth_telling.map(|check| called(&inner.name, check)).collect::<Vec<_>>()
    };
    within.iter().flat_map(of).collect()
}

/// The check with the name of what it is about before what was seen.
pub(in crate::jose) fn called(name: &str, check: Check) -> Check {
    let actual = check.actual.map(|actual| format!("{name}: {actual}"));
    Check { actual, ..check }
}
