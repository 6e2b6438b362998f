//! How strictly each profile asks for each rule. A rule that no row names is as strict as its own document says.

use crate::base::check::{Check, Level, Rule, Verdict};
use crate::base::spec::Spec;
use crate::client::rules::{mcp, metadata, profile as added, settings, target, token};

use super::Profile::{self, Browser, Fapi2, Fapi2MessageSigning, Mcp, Native, OAuth2, OAuth21};
use super::demands::Facts;

/// What a profile says of a rule.
#[derive(Clone, Copy)]
enum Asks {
    /// MUST, and in which section.
    Must(&'static str),
    /// SHOULD, and in which section.
    Should(&'static str),
    /// Nothing: what its document demands is not demanded here, or forbidden.
    Nothing,
}

use Asks::{Must, Nothing, Should};

/// A rule, and what the profiles say of it that say something else than its own document. Rules that profiles add are
/// demanded by those in their row alone.
struct Row {
    rule: &'static Rule,
    said: &'static [(Profile, Asks)],
    /// Whether a confidential client may use a nonce in its place (RFC 9700 section 2.1.1, OAuth 2.1 section 7.5.1).
    is_spared_by_nonce: bool,
}

const fn row(rule: &'static Rule, said: &'static [(Profile, Asks)]) -> Row {
    Row { rule, said, is_spared_by_nonce: false }
}

/// The matrix. All of FAPI 2.0 applies to its message signing as well (section 5 of that).
static ROWS: &[Row] = &[
    Row {
        rule: &settings::PKCE_CONFIDENTIAL,
        said: &[
            (OAuth2, Should("2.1.1")),
            (OAuth21, Must("4.1.1")),
            (Fapi2, Must("5.3.3.2")),
            (Fapi2MessageSigning, Must("5")),
            (Native, Must("6")),
            (Mcp, Must("")),
        ],
        is_spared_by_nonce: true,
    },
    row(
        &settings::PKCE_METHOD,
        &[
            (OAuth21, Must("4.1.1")),
            (Fapi2, Must("5.3.3.2")),
            (Fapi2MessageSigning, Must("5")),
            (Browser, Should("6.3.2.1")),
            (Mcp, Must("")),
        ],
    ),
    row(
        &settings::IMPLICIT,
        &[
            (OAuth21, Must("10.1")),
            (Fapi2, Must("5.3.2.2")),
            (Fapi2MessageSigning, Must("5")),
            (Browser, Must("7.2")),
            (Native, Should("8.2")),
            (Mcp, Must("")),
        ],
    ),
    row(
        &settings::PASSWORD,
        &[
            (OAuth2, Must("2.4")),
            (OAuth21, Must("10.1")),
            (Fapi2, Must("5.3.2.1")),
            (Fapi2MessageSigning, Must("5")),
            (Browser, Must("7.3")),
            // Users are authorized by an authorization request in an external user agent, never by the app itself.
            (Native, Must("5")),
            (Mcp, Must("")),
        ],
    ),
    row(
        &settings::SYMMETRIC_AUTH,
        &[
            (OAuth2, Should("2.5")),
            (OAuth21, Should("2.4")),
            (Fapi2, Must("5.3.3.1")),
            (Fapi2MessageSigning, Must("5")),
            (Mcp, Should("")),
        ],
    ),
    row(&metadata::PKCE, &[(Mcp, Must("")), (Fapi2, Should("5.3.2.2"))]),
    row(&metadata::ISS_PARAMETER, &[(Fapi2, Must("5.3.2.2")), (Fapi2MessageSigning, Must("5"))]),
    // Bound refresh tokens need no rotation, and here it is forbidden.
    row(&token::ROTATION, &[(Fapi2, Nothing), (Fapi2MessageSigning, Nothing), (OAuth21, Must("4.3.1"))]),
    row(&added::PUSHED, &[(Fapi2, Must("5.3.2.2")), (Fapi2MessageSigning, Must("5"))]),
    row(&added::PUSHED_LIFETIME, &[(Fapi2, Must("5.3.2.2")), (Fapi2MessageSigning, Must("5"))]),
    row(&added::FRONT_CHANNEL, &[(Fapi2, Must("5.3.3.2")), (Fapi2MessageSigning, Must("5"))]),
    row(
        &added::RESPONSE_TYPE,
        &[(Fapi2, Must("5.3.2.2")), (Fapi2MessageSigning, Must("5")), (Browser, Must("6.3.2.1"))],
    ),
    row(&added::CLIENT_AUTH, &[(Fapi2, Must("5.3.3.1")), (Fapi2MessageSigning, Must("5"))]),
    row(&added::CLIENT_SECRET, &[(Browser, Must("6.3.3.1")), (Native, Should("8.5"))]),
    row(
        &added::ASSERTION_AUDIENCE,
        &[(OAuth21, Must("2.4")), (Fapi2, Must("5.3.3.1")), (Fapi2MessageSigning, Must("5"))],
    ),
    row(
        &added::BOUND_TOKENS,
        &[
            (OAuth2, Should("2.2.1")),
            (OAuth21, Should("1.4.3")),
            (Fapi2, Must("5.3.2.1")),
            (Fapi2MessageSigning, Must("5")),
        ],
    ),
    row(&added::TOKEN_IN_HEADER, &[(Fapi2, Must("5.3.4")), (Fapi2MessageSigning, Must("5")), (Mcp, Must(""))]),
    row(&added::ISS, &[(Fapi2, Must("5.3.2.2")), (Fapi2MessageSigning, Must("5")), (OAuth21, Should("2.3.4"))]),
    row(&added::ALGORITHMS, &[(Fapi2, Must("5.4.1")), (Fapi2MessageSigning, Must("5"))]),
    row(&added::NO_ROTATION, &[(Fapi2, Must("5.3.2.1")), (Fapi2MessageSigning, Must("5"))]),
    row(&added::RESOURCE, &[(Mcp, Must("8")), (OAuth2, Should("2.3"))]),
    row(&target::RESTRICTED, &[(OAuth2, Should("2.3"))]),
    row(&added::SIGNED_REQUEST, &[(Fapi2MessageSigning, Must("5.3.2"))]),
    row(&added::OBJECT_AUDIENCE, &[(Fapi2MessageSigning, Must("5.3.2"))]),
    row(&added::OBJECT_TIMES, &[(Fapi2MessageSigning, Must("5.3.2"))]),
    row(&added::SIGNED_RESPONSE, &[(Fapi2MessageSigning, Must("5.4.2"))]),
];

/// How strictly the profile asks for the rule of a check, and where; `None` where it does not.
pub(super) fn asks(profile: Profile, check: &Check, facts: &Facts<'_>) -> Option<(Level, Spec)> {
    let row = ROWS.iter().find(|row| row.rule.id == check.rule.id);
    let said = row.and_then(|row| row.said.iter().find(|(named, _)| *named == profile));
    let own = (level(check), check.rule.spec);
    let at = |section| Spec::new(profile.document(), section);
    Some(match (row, said) {
        (Some(Row { is_spared_by_nonce: true, .. }), Some((OAuth2 | OAuth21, _))) if facts.has_nonce_instead() => own,
        (_, Some((_, Must(section)))) => (Level::Must, at(section)),
        (_, Some((_, Should(section)))) => (Level::Should, at(section)),
        (_, Some((_, Nothing))) => return None,
        (_, None) if is_of_others(profile, check.rule) => return None,
        (_, None) => own,
    })
}

/// Whether only other profiles know the rule: those that one adds, and those of the Model Context Protocol, whose
/// documents are its profile.
fn is_of_others(profile: Profile, rule: &Rule) -> bool {
    let is_in = |list: &[&Rule]| list.iter().any(|known| known.id == rule.id);
    is_in(added::ALL) || profile != Mcp && is_in(mcp::ALL)
}

/// As strict as it was judged: a broken MUST may be told as a warning where little comes of it.
const fn level(check: &Check) -> Level {
    match check.verdict {
        Verdict::Fail => Level::Must,
        Verdict::Warn => Level::Should,
        _ => Level::Advice,
    }
}
