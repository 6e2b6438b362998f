//! Tokens that the server pushes to a client when the user has decided (CIBA section 10.3), and what it pushes when there
//! are none (section 12).

use crate::base::check::{Check, Rule};
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::client::rules::backchannel as rule;
use crate::jose::hash::half_hash;
use crate::jose::jwt::Decoded;

/// Claims of the ID token that bind it to what it comes with (section 10.3.1).
const AUTH_REQ_ID: &str = "urn:openid:params:jwt:claim:auth_req_id";
const RT_HASH: &str = "urn:openid:params:jwt:claim:rt_hash";

/// Holds what was pushed against the request it is for.
pub fn about(pushed: &Params, asked: &Secret) -> Check {
    let came = pushed.get("auth_req_id").unwrap_or("absent");
    secret(&rule::PUSH_AUTH_REQ_ID, came, asked.expose())
}

/// Holds pushed tokens to what only those have to have.
pub fn judge(pushed: &Params, asked: &Secret, id_token: Option<&Decoded>) -> Vec<Check> {
    let mut checks = vec![required(pushed)];
    let Some(token) = id_token.filter(|token| token.claims.is_some()) else {
        let unreadable = [&rule::PUSH_CLAIM, &rule::PUSH_AT_HASH, &rule::PUSH_RT_HASH];
        checks.extend(unreadable.map(|rule| rule.skipped("there is no ID token that can be read")));
        return checks;
    };
    let claim = |name: &str| token.claim(name).and_then(|claim| claim.as_str());
    checks.extend([
        secret(&rule::PUSH_CLAIM, claim(AUTH_REQ_ID).unwrap_or("absent"), asked.expose()),
        // What it is the hash of, the rules of ID tokens tell.
        rule::PUSH_AT_HASH.holds(claim("at_hash").is_some(), "at_hash", claim("at_hash").map_or("absent", |_| "there")),
        rt_hash(token, claim(RT_HASH), pushed.get("refresh_token")),
    ]);
    checks
}

/// Holds the ID token that a client asked for to its request, where it names one. Only pushed tokens have to.
pub fn asked_for(asked: &Secret, id_token: Option<&Decoded>) -> Option<Check> {
    let came = id_token?.claim(AUTH_REQ_ID)?;
    Some(secret(&rule::CLAIM, came.as_str().unwrap_or_default(), asked.expose()))
}

fn required(pushed: &Params) -> Check {
    let wanted = ["auth_req_id", "access_token", "token_type", "id_token"];
    let missing: Vec<&str> = wanted.into_iter().filter(|name| pushed.get(name).is_none_or(str::is_empty)).collect();
    let saw = if missing.is_empty() { "all of them".to_owned() } else { format!("without {}", missing.join(", ")) };
    rule::PUSH_REQUIRED.holds(missing.is_empty(), wanted.join(", "), saw)
}

fn rt_hash(token: &Decoded, came: Option<&str>, refresh_token: Option<&str>) -> Check {
    let Some(refresh_token) = refresh_token else { return rule::PUSH_RT_HASH.skipped("no refresh token came") };
    match (half_hash(token.alg().unwrap_or_default(), refresh_token), came) {
        (None, _) => rule::PUSH_RT_HASH.skipped("no hash is defined for this alg"),
        (Some(hash), came) => rule::PUSH_RT_HASH.equal(&hash, came.unwrap_or("absent")),
    }
}

/// An auth_req_id is a credential, so neither is shown.
fn secret(rule: &'static Rule, came: &str, asked: &str) -> Check {
    let saw = match came {
        "absent" => "none",
        came if came == asked => "that of this request",
        _ => "another one",
    };
    rule.holds(came == asked, "the auth_req_id of this request", saw)
}
