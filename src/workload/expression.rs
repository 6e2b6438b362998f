//! The part of the clouds' expressions that is judged here: comparisons of one claim with texts, all of which have to hold.
//! Anything else is kept as a condition that is not judged.

use super::policy::{Condition, How};

/// The conditions between which `and` stands: `claims['sub'] matches 'repo:octo/*'` (Entra),
/// `assertion.repository == 'octo/app'` (Google).
pub(super) fn conditions(text: &str, and: &str) -> Vec<Condition> {
    // What is one of several, or may not be, is judged as a whole or not at all.
    let is_simple = !text.contains("||") && !text.contains(" or ") && !text.contains('!');
    let parts: Vec<&str> = if is_simple { text.split(and).collect() } else { vec![text] };
    parts.into_iter().map(|part| condition(part.trim()).unwrap_or_else(|| unknown(part.trim()))).collect()
}

fn unknown(text: &str) -> Condition {
    Condition::new("", How::Unknown, vec![text.to_owned()])
}

fn condition(text: &str) -> Option<Condition> {
    let (claim, rest) = claim(text)?;
    let rest = rest.trim_start();
    let called = |name: &str| rest.strip_prefix('.')?.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')');
    for (name, how) in [("startsWith", How::StartsWith), ("endsWith", How::EndsWith), ("contains", How::Contains)] {
        if let Some(value) = called(name) {
            return Some(Condition::new(claim, how, vec![quoted(value)?]));
        }
    }
    if let Some(list) = rest.strip_prefix("in ") {
        let list = list.trim().strip_prefix('[')?.strip_suffix(']')?;
        return Some(Condition::new(claim, How::Equals, list.split(',').map(quoted).collect::<Option<_>>()?));
    }
    let (how, value) = [("==", How::Equals), ("eq ", How::Equals), ("matches ", How::Like)]
        .into_iter()
        .find_map(|(word, how)| Some((how, rest.strip_prefix(word)?)))?;
    // CEL's `matches` takes a regular expression, which is not judged here.
    let is_regular = how == How::Like && text.starts_with("assertion");
    (!is_regular).then(|| Some(Condition::new(claim, how, vec![quoted(value)?])))?
}

/// The claim that an expression is, and nothing more: `assertion.sub`.
pub(super) fn whole_claim(text: &str) -> Option<&str> {
    claim(text.trim()).filter(|(_, rest)| rest.is_empty()).map(|(claim, _)| claim)
}

/// The claim at the beginning, and what follows: `assertion.sub`, `assertion['sub']`, `claims['sub']`.
fn claim(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix("assertion").or_else(|| text.strip_prefix("claims"))?;
    if let Some(rest) = rest.strip_prefix('.') {
        let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        return Some(rest.split_at(end)).filter(|(claim, _)| !claim.is_empty());
    }
    let rest = rest.strip_prefix('[')?;
    let (claim, rest) = rest.split_once(']')?;
    Some((claim.trim().trim_matches(['\'', '"']), rest))
}

/// A text between two equal quotes, with nothing escaped in it.
fn quoted(text: &str) -> Option<String> {
    let text = text.trim();
    let quote = text.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
    (!inner.contains(['\\', quote])).then(|| inner.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comparisons_are_read_and_everything_else_is_kept_as_it_is() {
        let read = |text: &str, and: &str| {
            let of = |condition: Condition| (condition.claim, condition.how, condition.values.join("|"));
            conditions(text, and).into_iter().map(of).collect::<Vec<_>>()
        };
        let one = |claim: &str, how, value: &str| (claim.to_owned(), how, value.to_owned());
        for (text, and, wanted) in [
            (
                "claims['sub'] matches 'repo:octo/*' and claims['job'] eq 'x'",
                " and ",
                vec![one("sub", How::Like, "repo:octo/*"), one("job", How::Equals, "x")],
            ),
            (
                "assertion.repository=='octo/app' && assertion.ref in ['a', \"b\"]",
                "&&",
                vec![one("repository", How::Equals, "octo/app"), one("ref", How::Equals, "a|b")],
            ),
            ("assertion.sub.startsWith('repo:octo/')", "&&", vec![one("sub", How::StartsWith, "repo:octo/")]),
            ("assertion.ref.endsWith('/main')", "&&", vec![one("ref", How::EndsWith, "/main")]),
            ("assertion.sub.contains('octo')", "&&", vec![one("sub", How::Contains, "octo")]),
            (
                "assertion.sub.contains(assertion.a)",
                "&&",
                vec![one("", How::Unknown, "assertion.sub.contains(assertion.a)")],
            ),
            (
                "assertion.a == 'x' || assertion.b == 'y'",
                "&&",
                vec![one("", How::Unknown, "assertion.a == 'x' || assertion.b == 'y'")],
            ),
            ("assertion.sub.matches('^x')", "&&", vec![one("", How::Unknown, "assertion.sub.matches('^x')")]),
        ] {
            assert_eq!(read(text, and), wanted, "{text}");
        }
    }
}
