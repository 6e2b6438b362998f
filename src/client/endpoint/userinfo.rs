//! Claims about the user, for the access token (OIDC Core section 5.3).

use url::Url;

use crate::base::check::{Check, Rule};
use crate::base::http::{HttpRequest, HttpResponse, JSON};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::client::answer::{Accepted, Outcome, content_type, error_within, status};
use crate::client::body::{self, Body};
use crate::client::encryption::{Registered, take_off};
use crate::client::endpoint::claim_sources;
use crate::client::endpoint::resource::{self, Presented};
use crate::client::rules::resource as rule;
use crate::client::seal::{Carrier, Draft};
use crate::client::settings::Settings;
use crate::client::standard_claims;
use crate::jose::claims::in_force;
use crate::jose::jwk::{Jwk, JwkSet};
use crate::jose::jwt::{Decoded, Form, decode};
use crate::jose::verify::verify;

/// POST with the token in the header (OIDC Core section 5.3.1), as a setting says it.
pub const POST_HEADER: &str = "POST header";

/// Drafts the request: GET or POST with the token in the header (RFC 6750 section 2.1), or POST with the token in a form
/// (2.2).
pub fn request(userinfo_endpoint: Url, access_token: Presented<'_>, method: &str) -> Draft {
    let (message, carrier) = match method {
        // A bound token travels in the header alone (RFC 9449 section 7.1).
        "POST" if !access_token.is_bound => (HttpRequest::post_form(userinfo_endpoint, &Params::new()), Carrier::Form),
        "POST" | POST_HEADER => {
            (HttpRequest { method: "POST".to_owned(), ..HttpRequest::get(userinfo_endpoint) }, Carrier::Header)
        }
        _ => (HttpRequest::get(userinfo_endpoint), Carrier::Header),
    };
    resource::with_token(message.with_header("Accept", JSON), access_token, carrier)
}

/// What the claims are held against. `None` means "not known", and skips the rule.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expected<'a> {
    /// `sub` of the ID token.
    pub sub: Option<&'a str>,
    /// The issuer that was asked.
    pub issuer: Option<&'a str>,
    /// This client.
    pub client_id: &'a str,
    /// `userinfo_signed_response_alg` of this client's registration.
    pub registered_alg: Option<&'a str>,
    /// The server's keys.
    pub jwks: Option<&'a JwkSet>,
    /// The client secret, for HS256 and its kin.
    pub client_secret: Option<&'a Jwk>,
    /// When they came.
    pub now: Timestamp,
}

impl<'a> Expected<'a> {
    /// The same for claims that another vouches for.
    const fn of_sources(&self) -> claim_sources::Expected<'a> {
        claim_sources::Expected { issuer: self.issuer, jwks: self.jwks, sub: self.sub }
    }
}

/// How it begins that claims which stayed encrypted (OIDC Core section 5.3.2) are not judged.
pub const CLOSED: &str = "the claims are encrypted: ";

/// Reads the claims: JSON, or JSON in a JWT that is signed, encrypted or both (OIDC Core section 5.3.2). One that stays
/// closed is kept and not judged.
pub fn accept(response: &HttpResponse, expected: Expected<'_>, settings: &Settings) -> Accepted<Json> {
    if !response.is_success() {
        return resource::refused(response);
    }
    let mut checks = vec![rule::STATUS.pass(status(response))];
    let unwrapped = take_off(decode(response.text().trim()), Registered::userinfo(settings), settings);
    if unwrapped.is_encrypted {
        checks.push(jwt_type(response));
    }
    checks.extend(unwrapped.checks);
    let token = unwrapped.token;
    let json = match (token.form, unwrapped.closed, unwrapped.unsigned) {
        (_, Some(why), _) => {
            let skipped = |rule: &'static Rule| rule.skipped(format!("{CLOSED}{why}"));
            checks.extend([&rule::USERINFO_ALG, &rule::USERINFO_SIGNATURE, &rule::USERINFO_SUB].map(skipped));
            return Accepted { outcome: Outcome::Success(Json::Object(Vec::new())), checks };
        }
        // Encrypted claims may come without a signature.
        (.., Some(claims)) => {
            checks.push(alg_of_plain(expected));
            claims
        }
        (Form::Jws | Form::UnsecuredJws, ..) if token.claims.is_some() => {
            checks.extend(Some(jwt_type(response)).filter(|_| !unwrapped.is_encrypted));
            checks.extend([alg(&token, expected), signature(&token, expected), signed_claims(&token, expected)]);
            checks.push(in_force(&rule::USERINFO_TIMES, &token, expected.now));
            checks.extend(token.enveloped());
            token.claims.unwrap_or(Json::Null)
        }
        _ if unwrapped.is_encrypted => {
            let what = "what was encrypted are no claims".to_owned();
            return Accepted { outcome: Outcome::Unreadable(what), checks };
        }
        _ => match body::read(response) {
            Ok(Body { json, check }) => {
                // What names a user holds claims, whatever else is beside them.
                if let Some((error, _)) = error_within(&json).filter(|_| json.get("sub").is_none()) {
                    return resource::refused_within(response, error);
                }
                checks.extend([content_type(&rule::USERINFO_TYPE, response), check, alg_of_plain(expected)]);
                json
            }
            Err(what) => return Accepted { outcome: Outcome::Unreadable(what), checks: Vec::new() },
        },
    };
    checks.extend([same_sub(&json, expected.sub), standard_claims::types(&json)]);
    checks.extend(claim_sources::judge(&json, expected.of_sources()));
    Accepted { outcome: Outcome::Success(json), checks }
}

fn jwt_type(response: &HttpResponse) -> Check {
    match response.headers.content_type() {
        Some(media_type) => rule::USERINFO_TYPE.equal("application/jwt", &media_type),
        None => rule::USERINFO_TYPE.broken("application/jwt", "no Content-Type"),
    }
}

const NOT_REGISTERED: &str = "userinfo_signed_response_alg is not filled in";

fn alg(token: &Decoded, expected: Expected<'_>) -> Check {
    match expected.registered_alg {
        Some(registered) => rule::USERINFO_ALG.equal(registered, token.alg().unwrap_or("absent")),
        None => rule::USERINFO_ALG.skipped(NOT_REGISTERED),
    }
}

/// Plain JSON where a JWT was registered. Servers tell by `none` that nothing is signed, and one with `none` would vouch
/// for no more than JSON does.
fn alg_of_plain(expected: Expected<'_>) -> Check {
    match expected.registered_alg {
        Some("none") => rule::USERINFO_ALG.pass("plain JSON, as none says"),
        Some(registered) => rule::USERINFO_ALG.broken(format!("a JWT with {registered}"), "plain JSON"),
        None => rule::USERINFO_ALG.skipped(NOT_REGISTERED),
    }
}

fn signature(token: &Decoded, expected: Expected<'_>) -> Check {
    let alg = token.alg().unwrap_or("absent");
    let keys: Vec<Jwk> = match (token.is_mac(), expected.client_secret) {
        (true, secret) => secret.into_iter().cloned().collect(),
        (false, _) => expected.jwks.map(|set| set.keys.clone()).unwrap_or_default(),
    };
    if keys.is_empty() && token.form == Form::Jws {
        return rule::USERINFO_SIGNATURE.skipped("there is no key to verify with");
    }
    match verify(token, &keys).verified() {
        Some(attempt) => rule::USERINFO_SIGNATURE.pass(format!("{} with {}", visible(alg), attempt.key)),
        None => rule::USERINFO_SIGNATURE.broken("a valid signature", format!("{}, and no key fits", visible(alg))),
    }
}

/// What is there has to be right; that it is there is only recommended.
fn signed_claims(token: &Decoded, expected: Expected<'_>) -> Check {
    let iss = token.claim("iss").map(|iss| iss.as_str().unwrap_or_default());
    let aud = token.claim("aud").map(Json::strings);
    let said = format!(
        "iss {}, aud {}",
        iss.unwrap_or("absent"),
        aud.as_deref().map_or("absent".to_owned(), |aud| aud.join(" "))
    );
    let said = visible(&said).into_owned();
    let wanted = format!("iss {}, aud {}", expected.issuer.unwrap_or("of the server"), expected.client_id);
    let is_foreign = iss.zip(expected.issuer).is_some_and(|(iss, issuer)| iss != issuer)
        || aud.as_deref().is_some_and(|aud| !aud.contains(&expected.client_id));
    match is_foreign {
        true => rule::USERINFO_SIGNED_CLAIMS.broken(wanted, said),
        false if iss.is_none() || aud.is_none() => rule::USERINFO_SIGNED_CLAIMS.warn(wanted, said),
        false => rule::USERINFO_SIGNED_CLAIMS.pass(said),
    }
}

fn same_sub(claims: &Json, sub: Option<&str>) -> Check {
    match (sub, claims.get("sub")) {
        (None, _) => rule::USERINFO_SUB.skipped("there is no ID token to compare with"),
        (Some(sub), None) => rule::USERINFO_SUB.broken(sub, "no sub"),
        (Some(sub), Some(Json::String(came))) if came.is_empty() => rule::USERINFO_SUB.broken(sub, "sub is empty"),
        (Some(sub), Some(Json::String(came))) => rule::USERINFO_SUB.equal(sub, came),
        (Some(sub), Some(other)) => rule::USERINFO_SUB.broken(sub, format!("sub is {}, and no text", other.a_kind())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;
    use crate::base::secret::Secret;
    use crate::client::seal::left;

    fn bearer(token: &Secret) -> Presented<'_> {
        Presented { token, is_bound: false }
    }

    #[test]
    fn the_token_travels_in_the_header_or_in_the_form() {
        let url = Url::parse("https://as.example/userinfo").expect("a URL");
        let get = left(&request(url.clone(), bearer(&"t0k3n".into()), ""), &Settings::default());
        assert_eq!((get.method.as_str(), get.headers.get("authorization")), ("GET", Some("Bearer t0k3n")));
        let header = left(&request(url.clone(), bearer(&"t0k3n".into()), POST_HEADER), &Settings::default());
        assert_eq!((header.method.as_str(), header.headers.get("authorization")), ("POST", Some("Bearer t0k3n")));
        assert_eq!((header.body.is_empty(), header.headers.get("content-type")), (true, None));
        let post = left(&request(url, bearer(&"t0k3n".into()), "POST"), &Settings::default());
        assert_eq!((post.method.as_str(), post.headers.get("authorization")), ("POST", None));
        assert_eq!(String::from_utf8_lossy(&post.body), "access_token=t0k3n");
    }

    #[test]
    fn without_an_id_token_there_is_no_user_to_compare_with() {
        let checks =
            accept(&HttpResponse::new(200, JSON, r#"{"sub":"bob"}"#), Expected::default(), &Settings::default()).checks;
        let verdict = checks.iter().find(|check| check.rule.id == "userinfo.sub").map(|check| check.verdict);
        assert_eq!(verdict, Some(Verdict::Skipped));
    }

    #[test]
    fn an_error_in_place_of_claims_is_the_servers_and_no_other_user() {
        let (expected, settings) = (Expected { sub: Some("alice"), ..Expected::default() }, Settings::default());
        for (body, code) in [
            (r#"{"error":"invalid_token","error_description":"nope"}"#, "invalid_token"),
            (r#"{"errors":[{"message":"nope"}]}"#, "nope"),
            (r#"{"error":{"code":401,"message":"nope"}}"#, "401"),
        ] {
            let accepted = accept(&HttpResponse::new(200, JSON, body), expected, &settings);
            assert!(matches!(&accepted.outcome, Outcome::Refused(error) if error.error == code), "{body}");
            assert_eq!(accepted.checks.len(), 1, "{body}");
            let check = &accepted.checks[0];
            assert_eq!((check.rule.id, check.verdict), ("resource.status", Verdict::Warn), "{body}");
            assert!(check.actual.as_deref().is_some_and(|said| said.contains("nope")), "{body}");
        }
        let claims = accept(&HttpResponse::new(200, JSON, r#"{"sub":"alice","error":"none"}"#), expected, &settings);
        assert!(matches!(claims.outcome, Outcome::Success(_)));
    }

    #[test]
    fn claims_as_a_page_are_unreadable_and_another_type_is_named() {
        let (page, settings) = (HttpResponse::new(200, "text/html", "<html>"), Settings::default());
        assert!(matches!(accept(&page, Expected::default(), &settings).outcome, Outcome::Unreadable(_)));
        let typed = accept(&HttpResponse::new(200, "text/plain", "{}"), Expected::default(), &settings);
        assert!(
            typed.checks.iter().any(|check| check.rule.id == "userinfo.content_type" && check.verdict == Verdict::Fail)
        );
    }
}
