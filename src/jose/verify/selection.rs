//! Whether `kid` leads to the key.

use super::super::jwk::{Jwk, Unread};
use super::super::jwt::{Decoded, Form};
use super::Attempt;
use crate::base::check::{Check, Level, Rule};
use crate::base::spec::Spec;
use crate::base::text::visible;

pub(super) static KEY_SELECTION: Rule = Rule {
    id: "jwt.key_selection",
    title: "kid says which key signed",
    why: "kid lets a verifier pick the key at once, and shows when keys were rotated.",
    fix: "If kid is unknown, fetch the JWKS again: the issuer may have changed its keys.",
    level: Level::Should,
    spec: Spec::new("RFC 7515", "4.1.4"),
    rejects: None,
};

pub(super) fn key_selection(token: &Decoded, keys: &[Jwk], unread: &[Unread], attempts: &[Attempt]) -> Option<Check> {
    let is_signed = matches!(token.form, Form::Jws | Form::JsonSerialization);
    let applies = is_signed && !(keys.is_empty() && unread.is_empty());
    if !applies {
        return None;
    }
    let Some(kid) = token.kid() else {
        let tried = attempts.len();
        return Some(match keys.len() + unread.len() {
            1 => KEY_SELECTION.pass("no kid, and one key"),
            several => KEY_SELECTION.note(format!("no kid; {tried} of {several} keys tried")),
        });
    };
    let shown = visible(kid);
    let same = keys.iter().filter(|key| key.kid.as_deref() == Some(kid)).count();
    let nameless = keys.iter().all(|key| key.kid.is_none()) && unread.iter().all(|key| key.kid.is_none());
    let is_unread = unread.iter().any(|key| key.kid.as_deref() == Some(kid));
    Some(match same {
        0 if is_unread => KEY_SELECTION.broken("a key with this kid", format!("the key {shown} cannot be read")),
        0 if nameless && keys.len() + unread.len() == 1 => {
            KEY_SELECTION.pass("one key, which has no kid to compare with")
        }
        0 if nameless => KEY_SELECTION.note(format!("the keys have no kid to compare with {shown}")),
        0 => {
            KEY_SELECTION.broken("a key with this kid", format!("no key has the kid {shown}; all that fit were tried"))
        }
        1 => KEY_SELECTION.pass(shown),
        count => KEY_SELECTION.broken("one key with this kid", format!("{count} keys have the kid {shown}")),
    })
}
