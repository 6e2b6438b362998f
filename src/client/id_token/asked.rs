//! What a request asked of the user and of the login, by `claims`, `id_token_hint` and `acr_values` (OIDC Core sections
//! 3.1.2.2 and 5.5.1).

use super::{Expected, shown};
use crate::base::check::{Check, Rule};
use crate::base::json::Json;
use crate::base::time::spoken;
use crate::client::rules::id_token as rule;
use crate::jose::claims::{CLOCK_SKEW, numeric_date};
use crate::jose::jwt::{Decoded, decode};
use crate::terms::metadata::ServerMetadata;
use crate::terms::scope;

/// What was asked of user and login beside the parameters of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The classes of login that `claims` asks for, as in `acr_values`.
    pub acr: Option<String>,
    /// Whether the client cannot do without one of them.
    is_acr_essential: bool,
    /// Whether the client cannot do without the time of the sign-in, which then has to be there (OIDC Core section 2).
    pub(super) is_auth_time_essential: bool,
    /// The users of whom one was asked for.
    subs: Vec<String>,
    /// Whether the server has to mind it: one that does not take `claims` may not have read it.
    is_binding: bool,
}

impl Asked {
    /// Reads the parameters of a request.
    pub fn by<'a>(sent: impl Fn(&'static str) -> Option<&'a str>, metadata: Option<&ServerMetadata>) -> Self {
        let takes_claims = metadata.is_some_and(|metadata| metadata.flag("claims_parameter_supported"));
        let hinted = sent("id_token_hint").and_then(|hint| decode(hint).claim("sub")?.as_str().map(str::to_owned));
        let claims = sent("claims").and_then(|claims| Json::parse_text(claims).ok());
        let asked = |name: &str| claims.as_ref()?.get("id_token")?.get(name);
        let acr = values(asked("acr"));
        let is_essential = |name: &str| asked(name).and_then(|claim| claim.get("essential")?.as_bool()) == Some(true);
        Self {
            is_acr_essential: is_essential("acr") && takes_claims,
            is_auth_time_essential: is_essential("auth_time") && takes_claims,
            acr: (!acr.is_empty()).then(|| acr.join(" ")),
            is_binding: hinted.is_some() || takes_claims,
            subs: hinted.map_or_else(|| values(asked("sub")), |sub| vec![sub]),
        }
    }
}

/// The values that will do for a claim; none where any will (OIDC Core section 5.5.1).
fn values(asked: Option<&Json>) -> Vec<String> {
    let values = asked.and_then(|asked| asked.get("values").or_else(|| asked.get("value")));
    values.map(Json::strings).unwrap_or_default().into_iter().map(str::to_owned).collect()
}

pub(super) fn sub(token: &Decoded, asked: Option<&Asked>) -> Check {
    let Some(asked) = asked.filter(|asked| !asked.subs.is_empty()) else {
        return rule::ASKED_SUB.skipped("no user was asked for");
    };
    let came = token.claim("sub").map_or_else(|| "absent".to_owned(), shown);
    let wanted = asked.subs.join(", ");
    match asked.subs.contains(&came) {
        true => rule::ASKED_SUB.pass(came),
        false if asked.is_binding => rule::ASKED_SUB.broken(wanted, came),
        false => rule::ASKED_SUB.warn(wanted, format!("{came}; the server does not say that it takes claims")),
    }
}

pub(super) fn acr(token: &Decoded, expected: Expected<'_>) -> Check {
    match expected.acr_values {
        _ if essential(expected.asked).is_some() => rule::ACR.skipped("claims asks for it as essential"),
        None => rule::ACR.skipped("no acr_values were sent"),
        Some(asked) => acr_among(&rule::ACR, asked, token),
    }
}

pub(super) fn essential_acr(token: &Decoded, asked: Option<&Asked>) -> Check {
    match essential(asked) {
        None => rule::ACR_ESSENTIAL.skipped("none was asked for as essential of a server that takes claims"),
        Some(asked) => acr_among(&rule::ACR_ESSENTIAL, asked, token),
    }
}

/// OIDC Core section 3.1.2.1: a server that cannot have the user sign in anew must say so, and not answer as if it had.
pub(super) fn login_anew(token: &Decoded, expected: Expected<'_>) -> Check {
    let signed_in = token.claim("auth_time").and_then(|said| numeric_date(said).ok());
    match (expected.login_anew, expected.asked_at, signed_in) {
        (false, ..) => rule::LOGIN_ANEW.skipped("prompt did not ask for login"),
        (true, Some(asked_at), Some(signed_in)) => {
            let before = asked_at.since(signed_in);
            let saw = if before.is_zero() { "after it".to_owned() } else { format!("{} before it", spoken(before)) };
            rule::LOGIN_ANEW.holds(before < CLOCK_SKEW, "a sign-in after the request", saw)
        }
        (true, ..) => rule::LOGIN_ANEW.skipped("auth_time does not say when; with max_age it has to be there"),
    }
}

fn essential(asked: Option<&Asked>) -> Option<&str> {
    asked.filter(|asked| asked.is_acr_essential)?.acr.as_deref()
}

fn acr_among(rule: &'static Rule, asked: &str, token: &Decoded) -> Check {
    let Some(acr) = token.claim("acr").map(shown) else { return rule.broken(asked, "absent") };
    rule.holds(scope::contains(asked, &acr), asked, acr)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, json};

    use super::super::validate;
    use super::*;
    use crate::base::check::Verdict::{Fail, Skipped};
    use crate::base::time::Timestamp;
    use crate::jose::key::unsecured;

    /// OIDC Core section 2: required where it is asked for as essential, and optional where it is asked for.
    #[test]
    fn a_time_of_sign_in_that_is_essential_has_to_be_there() {
        let json = Json::parse_text(r#"{"claims_parameter_supported":true}"#).expect("JSON");
        let takes = ServerMetadata { json };
        let token = decode(&unsecured(&Map::new(), &json!({"sub": "alice"})));
        for (claims, metadata, verdict) in [
            (r#"{"id_token":{"auth_time":{"essential":true}}}"#, Some(&takes), Fail),
            (r#"{"id_token":{"auth_time":{"essential":true}}}"#, None, Skipped),
            (r#"{"id_token":{"auth_time":{"essential":false}}}"#, Some(&takes), Skipped),
            (r#"{"id_token":{"auth_time":null}}"#, Some(&takes), Skipped),
            (r#"{"userinfo":{"auth_time":{"essential":true}}}"#, Some(&takes), Skipped),
        ] {
            let asked = Asked::by(|name| Some(claims).filter(|_| name == "claims"), metadata);
            let expected = Expected { asked: Some(&asked), ..nothing() };
            let checks = validate(&token, expected, Timestamp::from_seconds(0));
            let check = checks.iter().find(|check| check.rule.id == "id_token.auth_time").expect("a verdict");
            assert_eq!(check.verdict, verdict, "{claims}: {check:?}");
        }
    }

    fn nothing() -> Expected<'static> {
        Expected {
            issuer: None,
            client_id: "client",
            nonce: None,
            state: None,
            asked_at: None,
            login_anew: false,
            max_age: None,
            acr_values: None,
            asked: None,
            access_token: None,
            code: None,
            trusted_audiences: "",
            asked_audiences: &[],
            algs: None,
            registered_alg: None,
            front_channel: false,
            jwks: None,
            client_secret: None,
            closed: None,
        }
    }

    #[test]
    fn what_is_asked_of_a_login_is_read_from_claims() {
        for (claims, acr, is_essential, subs) in [
            (
                r#"{"id_token":{"acr":{"essential":true,"values":["gold","silver"]}}}"#,
                Some("gold silver"),
                true,
                &[][..],
            ),
            (r#"{"id_token":{"acr":{"value":"gold"}}}"#, Some("gold"), false, &[]),
            (r#"{"id_token":{"auth_time":{"essential":true}}}"#, None, false, &[]),
            (r#"{"id_token":{"acr":{"essential":true}}}"#, None, true, &[]),
            (r#"{"id_token":{"acr":null,"sub":null}}"#, None, false, &[]),
            (r#"{"userinfo":{"acr":{"value":"gold"},"sub":{"value":"bob"}}}"#, None, false, &[]),
            (r#"{"id_token":{"sub":{"value":"bob"}}}"#, None, false, &["bob"]),
            (r#"{"id_token":{"sub":{"values":["bob","alice"]}}}"#, None, false, &["bob", "alice"]),
            (r#"{"id_token":{"sub":{"value":7}}}"#, None, false, &[]),
            ("gold", None, false, &[]),
        ] {
            let sent = |name| Some(claims).filter(|_| name == "claims");
            let json = Json::parse_text(r#"{"claims_parameter_supported":true}"#).expect("JSON");
            let asked = Asked::by(sent, Some(&ServerMetadata { json }));
            assert_eq!((asked.acr.as_deref(), asked.is_acr_essential), (acr, is_essential), "{claims}");
            assert_eq!(asked.subs, subs, "{claims}");
            assert_eq!(asked.is_auth_time_essential, claims.contains("auth_time"), "{claims}");
            let of_others = Asked::by(sent, None);
            assert!(!of_others.is_acr_essential && !of_others.is_binding, "{claims}");
        }
    }
}
