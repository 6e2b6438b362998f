//! Values compared as clouds do, and where they differ first.

use super::policy::{Condition, How};
use crate::base::json::Json;
use crate::jose::jwt::Decoded;

/// Longer values are not matched against patterns, which may cost their lengths multiplied.
const LONGEST: usize = 2048;

/// What two texts differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Upper and lower case alone.
    Case,
    /// A slash at the end alone.
    Slash,
    /// White space alone.
    Space,
    /// Numbers of owner and repository behind the names (`@1`).
    Ids,
    /// A `*` that is no pattern here.
    Wildcard,
    /// Anything else.
    Other,
}

/// Where a value of the policy and that of the token go apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Of the policy.
    pub wanted: String,
    /// Of the token.
    pub saw: String,
    /// The first character that differs, counted from 0.
    pub at: usize,
    /// What kind it is.
    pub kind: Kind,
}

impl Kind {
    /// In a sentence.
    pub const fn says(self) -> &'static str {
        match self {
            Self::Case => "They differ in upper and lower case alone, which counts here.",
            Self::Slash => "They differ in the slash at the end alone, which counts here.",
            Self::Space => "They differ in white space alone.",
            Self::Ids => "One has the numbers of owner and repository (@...), the other has not.",
            Self::Wildcard => "* stands for itself here: a pattern needs StringLike, or a flexible credential.",
            Self::Other => "From there on they differ.",
        }
    }
}

impl Difference {
    fn of(wanted: &str, saw: &str) -> Self {
        let at = wanted.chars().zip(saw.chars()).take_while(|(wanted, saw)| wanted == saw).count();
        Self { wanted: wanted.to_owned(), saw: saw.to_owned(), at, kind: kind(wanted, saw) }
    }
}

fn kind(wanted: &str, saw: &str) -> Kind {
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    match () {
        () if wanted.to_lowercase() == saw.to_lowercase() => Kind::Case,
        () if wanted.trim_end_matches('/') == saw.trim_end_matches('/') => Kind::Slash,
        () if bare(wanted) == bare(saw) => Kind::Space,
        () if without_ids(wanted) == without_ids(saw) => Kind::Ids,
        () if wanted.contains('*') && !saw.contains('*') => Kind::Wildcard,
        () => Kind::Other,
    }
}

/// The values of a claim as texts: each of an array, numbers and switches as they are written.
pub(super) fn values(token: &Decoded, claim: &str) -> Vec<String> {
    let text = |json: &Json| json.as_str().map_or_else(|| json.to_string(), str::to_owned);
    match token.claim(claim) {
        None => Vec::new(),
        Some(Json::Array(values)) => values.iter().map(text).collect(),
        Some(value) => vec![text(value)],
    }
}

/// A claim that is one of two: `azp` where the token has it.
pub(super) const AZP_OR_AUD: &str = "azp or aud";

/// A condition on the claim that it is about for this token.
pub(super) fn resolved(condition: &Condition, token: &Decoded) -> Condition {
    let claim = match condition.claim.as_str() {
        AZP_OR_AUD if token.claim("azp").is_some() => "azp",
        AZP_OR_AUD => "aud",
        claim => claim,
    };
    Condition { claim: claim.to_owned(), ..condition.clone() }
}

/// Whether any of the token's values is as the condition wants it, or each of them is where it is about all; `None` where
/// that is not judged.
pub(super) fn holds(condition: &Condition, saw: &[String]) -> Option<bool> {
    let of_values = |is: fn(&str, &str) -> bool| {
        let fits = |saw: &String| condition.values.iter().any(|wanted| is(wanted, saw));
        if condition.of_all { saw.iter().all(fits) } else { saw.iter().any(fits) }
    };
    Some(match condition.how {
        How::Unknown => return None,
        _ if condition.if_exists && saw.is_empty() => true,
        How::Equals => of_values(|wanted, saw| wanted == saw),
        How::EqualsIgnoringCase => of_values(|wanted, saw| wanted.to_lowercase() == saw.to_lowercase()),
        How::StartsWith => of_values(|wanted, saw| saw.starts_with(wanted)),
        How::EndsWith => of_values(|wanted, saw| saw.ends_with(wanted)),
        How::Contains => of_values(|wanted, saw| saw.contains(wanted)),
        How::Like if condition.values.iter().chain(saw).any(|value| value.len() > LONGEST) => return None,
        How::Like => of_values(like),
        How::Present => !saw.is_empty(),
        How::Never => false,
    })
}

/// The pair that agrees longest, among the values of the token that do not fit.
pub(super) fn nearest(condition: &Condition, saw: &[String]) -> Option<Difference> {
    let unfit = saw.iter().filter(|saw| holds(condition, std::slice::from_ref(saw)) == Some(false));
    let pairs = unfit.flat_map(|saw| condition.values.iter().map(move |wanted| Difference::of(wanted, saw)));
    pairs.max_by_key(|difference| (difference.kind != Kind::Other, difference.at))
}

/// `*` is any characters, `?` one. The last `*` alone takes more when something behind it does not fit.
pub(super) fn like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&wanted) if wanted == '?' || wanted == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                p = at + 1;
                t = taken + 1;
            }
        }
    }
    pattern[p..].iter().all(|rest| *rest == '*')
}

/// Whether owner and repository have their numbers: `repo:octo@1/app@2:ref:..`.
pub(super) fn has_ids(subject: &str) -> bool {
    without_ids(subject) != subject
}

/// `repo:octo@1/app@2:ref` as `repo:octo/app:ref`.
fn without_ids(subject: &str) -> String {
    let mut parts = subject.split('@');
    let mut bare = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        if digits == 0 {
            bare.push('@');
        }
        bare.push_str(&part[digits..]);
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_found_with_its_kind() {
        for (wanted, saw, at, kind) in [
            ("repo:octo/app:environment:Prod", "repo:octo/app:environment:prod", 26, Kind::Case),
            ("https://as.example/", "https://as.example", 18, Kind::Slash),
            ("repo:octo/app:pull_request ", "repo:octo/app:pull_request", 26, Kind::Space),
            ("repo:octo/app:ref:refs/heads/main", "repo:octo@12/app@34:ref:refs/heads/main", 9, Kind::Ids),
            ("repo:octo/app:*", "repo:octo/app:pull_request", 14, Kind::Wildcard),
            ("repo:octo/app:ref:refs/heads/main", "repo:octo/app:environment:prod", 14, Kind::Other),
        ] {
            let found = Difference::of(wanted, saw);
            assert_eq!((found.at, found.kind), (at, kind), "{wanted} against {saw}");
        }
    }

    #[test]
    fn patterns_match_as_aws_matches() {
        for (pattern, text, is_like) in [
            ("repo:octo/app:*", "repo:octo/app:ref:refs/heads/main", true),
            ("repo:octo/*:ref:refs/heads/main", "repo:octo/app:ref:refs/heads/main", true),
            ("repo:octo/ap?:*", "repo:octo/app:x", true),
            ("*", "", true),
            ("repo:Octo/*", "repo:octo/app:x", false),
            ("a*b*c", "axxbyy", false),
        ] {
            assert_eq!(like(pattern, text), is_like, "{pattern} against {text}");
        }
    }
}
