//! What is wrong with a message by a broken rule, in words that go on behind a colon.

use crate::base::check::Check;
use crate::base::text::elided_between_words;
use crate::client::rules::id_token::AUD;
use crate::terms::glossary;

/// Longest value in a sentence, in characters.
pub(super) const VALUE_LIMIT: usize = 80;
/// Letters of a sentence, which may say only at its end what it is about.
pub(super) const SENTENCE_LIMIT: usize = 240;

/// `aud is someone-else, this client is practice-web`; where the rule is not about a name in the message, the rule itself.
pub fn difference(check: &Check) -> String {
    if let Some(own) = of_rule(check) {
        return own;
    }
    let (member, title) = (check.member(), check.rule.title);
    let actual = check.actual.as_deref().unwrap_or("absent");
    let saw = elided_between_words(actual, VALUE_LIMIT);
    let expected = check.expected.as_deref().map(|expected| elided_between_words(expected, VALUE_LIMIT));
    if !is_about_name(check) || actual.contains("; ") {
        let saw = whole_parts(actual, SENTENCE_LIMIT.saturating_sub(title.len()));
        return match expected {
            Some(expected) => format!("the rule '{title}' is broken: {saw}, expected {expected}"),
            None => format!("the rule '{title}' is broken: {saw}"),
        };
    }
    if saw != actual && actual.contains(' ') {
        return format!("{member}: {}", whole_parts(actual, SENTENCE_LIMIT));
    }
    match (expected, saw.contains(' ')) {
        (Some(client), false) if check.rule == &AUD => format!("{member} is {saw}, this client is {client}"),
        (Some(client), true) if check.rule == &AUD => format!("{member}: {saw}, this client is {client}"),
        (Some(expected), false) => format!("{member} is {saw}, expected {expected}"),
        (Some(expected), true) => format!("{member}: {saw}, expected {expected}"),
        (None, false) => format!("{member} is {saw}"),
        (None, true) => format!("{member}: {saw}"),
    }
}

/// Whether a rule is about something in messages by its name, so that people know what is meant. A setting may be called
/// like a parameter.
fn is_about_name(check: &Check) -> bool {
    let (name, is_setting) = (check.member(), check.rule.id.starts_with("settings."));
    let finds = [glossary::parameter, glossary::claim, glossary::header, glossary::metadata, glossary::field];
    !is_setting && finds.into_iter().any(|find| find(name).is_some())
}

/// Of what takes more words than a value the parts that fit, none of them cut, and how many more there are.
fn whole_parts(said: &str, limit: usize) -> String {
    let parts: Vec<&str> = said.split("; ").collect();
    let mut length = 0;
    let fits = |part: &&&str| {
        length += part.chars().count() + 2;
        length <= limit
    };
    let fitting = parts.iter().take_while(fits).count().max(1);
    let shown = parts[..fitting].join("; ");
    let shown = elided_between_words(&shown, limit);
    match parts.len() - fitting {
        0 => shown.into_owned(),
        more => format!("{shown}; and {more} more"),
    }
}

/// The rules that are broken most often have a sentence of their own.
fn of_rule(check: &Check) -> Option<String> {
    let actual = check.actual.as_deref()?;
    let relative = || actual.rsplit_once(", ").map_or(actual, |(_, relative)| relative);
    Some(match check.rule.id {
        // A rule about what is not there says so in few words.
        "userinfo.sub" if actual.starts_with("no sub") || actual.starts_with("sub is ") => actual.to_owned(),
        "id_token.signature" => of_signature(actual),
        "id_token.format" => of_form(actual)?,
        "id_token.exp" => format!("the ID token expired {} ago", relative().strip_suffix(" ago")?),
        "id_token.iat" => format!("iat of the ID token is {} ahead", relative().strip_prefix("in ")?),
        "id_token.nbf" => format!("nbf of the ID token is {} ahead", relative().strip_prefix("in ")?),
        "token.type_understood" if check.expected.as_deref() == Some("Bearer or DPoP") => {
            format!("token_type is {}, not Bearer or DPoP", elided_between_words(actual, VALUE_LIMIT))
        }
        "token.id_token" if actual != "absent" => format!("id_token is {actual}, expected a string"),
        "metadata.document" if actual.starts_with("a byte order mark") => {
            "the document begins with a byte order mark, which many readers refuse".to_owned()
        }
        "answer.encoding" if actual.starts_with("a byte order mark") => {
            "the answer begins with a byte order mark, which many readers refuse".to_owned()
        }
        "answer.encoding" if actual.starts_with("bytes that") => format!("the answer has {actual}"),
        _ => return None,
    })
}

/// `the signature is not by kid k1, EC P-256, or header or payload were changed`, where one key was tried.
fn of_signature(actual: &str) -> String {
    match actual.split_once(": the signature is not by this key") {
        Some((key, _)) if !actual.contains("; ") => {
            format!("the signature is not by {key}, or header or payload were changed")
        }
        _ if actual.starts_with("alg none") => "the ID token is not signed: its alg is none".to_owned(),
        _ => format!("the signature does not verify: {}", whole_parts(actual, SENTENCE_LIMIT)),
    }
}

/// The faults of a token without the names of the rules of the bench, a lacking signature before all.
fn of_form(actual: &str) -> Option<String> {
    let mut faults: Vec<&str> = actual.split("; ").collect();
    faults.sort_by_key(|fault| !fault.starts_with("jwt.alg_none"));
    let bare = |fault: &&str| fault.strip_prefix("jwt.").and_then(|fault| Some(fault.split_once(": ")?.1.to_owned()));
    let told: Vec<String> = faults.iter().filter_map(bare).collect();
    (told.len() == faults.len())
        .then(|| format!("the ID token is not well formed: {}", whole_parts(&told.join("; "), SENTENCE_LIMIT)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::rules::{answer, id_token, token};

    #[test]
    fn what_is_broken_most_often_has_a_sentence_of_its_own() {
        for (check, says) in [
            (
                id_token::SIGNATURE.broken(
                    "a valid signature",
                    "kid k1, EC P-256: the signature is not by this key, or header or payload were changed",
                ),
                "the signature is not by kid k1, EC P-256, or header or payload were changed",
            ),
            (
                id_token::SIGNATURE.broken("a valid signature", "alg none: not signed at all"),
                "the ID token is not signed: its alg is none",
            ),
            (
                id_token::SIGNATURE.broken("a valid signature", "the key set has no key to try"),
                "the signature does not verify: the key set has no key to try",
            ),
            (
                id_token::EXP.broken("later than now", "2026-11-23T10:40:00Z, 1 h 6 min ago"),
                "the ID token expired 1 h 6 min ago",
            ),
            (id_token::EXP.broken("exp", "absent"), "exp is absent, expected exp"),
            (
                id_token::IAT.broken("now, or earlier", "2026-11-23T10:40:00Z, in 10 min"),
                "iat of the ID token is 10 min ahead",
            ),
            (token::TYPE_UNDERSTOOD.broken("Bearer or DPoP", "mac"), "token_type is mac, not Bearer or DPoP"),
            (token::ID_TOKEN.broken("id_token", "an object"), "id_token is an object, expected a string"),
            (
                answer::ENCODING.broken("an object", "a byte order mark before it"),
                "the answer begins with a byte order mark, which many readers refuse",
            ),
            (
                id_token::FORMAT.broken(
                    "a JWT without a fault",
                    "jwt.unsigned: a signature is there; jwt.alg_none: alg is none: anyone can write this token",
                ),
                "the ID token is not well formed: alg is none: anyone can write this token; a signature is there",
            ),
        ] {
            assert_eq!(difference(&check), says);
        }
    }
}
