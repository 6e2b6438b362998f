//! The token exchange request and its response (RFC 8693 section 2).

use crate::base::check::Check;
use crate::base::http::HttpResponse;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::visible;
use crate::client::answer::{Accepted, Outcome};
use crate::client::body;
use crate::client::endpoint::token::{self, Asked, TokenResponse};
use crate::client::rules::exchange as rule;
use crate::jose::jwt::{Decoded, decode};

pub use crate::client::endpoint::token::TOKEN_TYPE;

/// Reads the response to a request with this form.
pub fn accept(response: &HttpResponse, sent: &Params, is_basic: bool) -> Accepted<TokenResponse> {
    let scope = sent.get("scope").unwrap_or_default();
    let mut accepted = token::accept(response, Asked { scope, grant_type: "", is_basic });
    // N_A is no type of the token response otherwise, and an exchanged token has no ID token beside it.
    accepted.checks.retain(|check| !matches!(check.rule.id, "token.token_type" | "token.id_token"));
    if let (Outcome::Success(tokens), Ok(json)) = (&accepted.outcome, body::read(response).map(|body| body.json)) {
        let issued = json.text("issued_token_type");
        let made = tokens.access_token.as_ref().map(|token| decode(token.expose()));
        accepted.checks.extend([
            issued_type(&json),
            requested_type(sent.get("requested_token_type"), issued),
            token_type(tokens, json.get("token_type"), issued.unwrap_or_default()),
            subject(sent.get("subject_token"), made.as_ref()),
            actor(sent.get("actor_token"), made.as_ref()),
        ]);
    }
    accepted
}

fn issued_type(json: &Json) -> Check {
    match json.text("issued_token_type") {
        Some(name) => rule::ISSUED_TYPE.pass(visible(name)),
        None => rule::ISSUED_TYPE.broken("a token type", "absent"),
    }
}

fn requested_type(requested: Option<&str>, issued: Option<&str>) -> Check {
    match (requested, issued) {
        (None, _) => rule::REQUESTED.skipped("none was asked"),
        (_, None) => rule::REQUESTED.skipped("the answer does not say its type"),
        (Some(requested), Some(issued)) => rule::REQUESTED.equal(requested, issued),
    }
}

/// Whether the token can be presented to an API.
fn token_type(tokens: &TokenResponse, written: Option<&Json>, issued: &str) -> Check {
    let said = tokens.token_type.as_deref().unwrap_or_else(|| written.map_or("absent", Json::a_kind));
    let is_bearer = said.eq_ignore_ascii_case("bearer") || said.eq_ignore_ascii_case("dpop");
    let is_none = said.eq_ignore_ascii_case("n_a");
    match issued.strip_prefix(TOKEN_TYPE) {
        // No API takes it (draft-ietf-oauth-identity-assertion-authz-grant section 4.3.4).
        Some("id-jag") => rule::TOKEN_TYPE.holds(is_none, "N_A", visible(said)),
        // Only where it cannot be used as an access token, which the server alone knows.
        Some("id_token" | "refresh_token" | "saml1" | "saml2") if is_bearer => {
            rule::TOKEN_TYPE.warn("N_A", visible(said))
        }
        Some("id_token" | "refresh_token" | "saml1" | "saml2") => rule::TOKEN_TYPE.holds(is_none, "N_A", visible(said)),
        Some("access_token") => rule::TOKEN_TYPE.holds(is_bearer, "Bearer or DPoP", visible(said)),
        _ => rule::TOKEN_TYPE.holds(is_bearer || is_none, "Bearer, DPoP or N_A", visible(said)),
    }
}

fn subject(subject_token: Option<&str>, made: Option<&Decoded>) -> Check {
    let before = subject_token.map(decode);
    let (before, after) =
        (before.as_ref().and_then(|token| sub(token, "sub")), made.and_then(|token| sub(token, "sub")));
    match (before, after) {
        (Some(before), Some(after)) => rule::SUBJECT.equal(&before, &after),
        _ => rule::SUBJECT.skipped("not both tokens can be read"),
    }
}

fn actor(actor_token: Option<&str>, made: Option<&Decoded>) -> Check {
    let Some(actor) = actor_token.map(decode) else {
        return rule::ACTOR.skipped("nobody acts for the subject");
    };
    let Some(made) = made.filter(|token| token.claims.is_some()) else {
        return rule::ACTOR.skipped("the new token cannot be read");
    };
    let named = made.claim("act").and_then(|act| act.text("sub")).map(str::to_owned);
    match (sub(&actor, "sub"), named) {
        (_, None) => rule::ACTOR.broken("act with a sub", "no act"),
        (None, Some(named)) => rule::ACTOR.pass(visible(&named)),
        (Some(actor), Some(named)) => rule::ACTOR.equal(&actor, &named),
    }
}

fn sub(token: &Decoded, name: &str) -> Option<String> {
    token.claim(name)?.as_str().map(str::to_owned)
}

/// Who acts for whom, the latest actor first, the subject last: `["till", "shop", "alice"]`. `None` for what
/// cannot be read or has no `act`.
pub fn act_chain(token: &Decoded) -> Option<Vec<String>> {
    let mut chain = Vec::new();
    let mut act = token.claim("act");
    while let Some(actor) = act.filter(|_| chain.len() < 20) {
        chain.push(actor.text("sub").unwrap_or("somebody").to_owned());
        act = actor.get("act");
    }
    let subject = sub(token, "sub")?;
    if chain.is_empty() {
        return None;
    }
    chain.push(subject);
    Some(chain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jose::base64url;

    fn jwt(claims: &str) -> String {
        let part = |text: &str| base64url::encode(text.as_bytes());
        format!("{}.{}.{}", part(r#"{"alg":"ES256"}"#), part(claims), "c2ln".repeat(20))
    }

    #[test]
    fn the_chain_of_actors_ends_with_the_subject() {
        let chain = |claims: &str| act_chain(&decode(&jwt(claims)));
        let names = |names: [&str; 3]| Some(names.map(str::to_owned).to_vec());
        let two = r#"{"sub":"alice","act":{"sub":"till","act":{"sub":"shop"}}}"#;
        assert_eq!(chain(two), names(["till", "shop", "alice"]));
        assert_eq!(chain(r#"{"sub":"alice"}"#), None);
        assert_eq!(act_chain(&decode("opaque")), None);
    }
}
