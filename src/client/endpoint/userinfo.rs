//! Claims about the user, for the access token (OIDC Core section 5.3).

use url::Url;

use crate::base::check::Check;
use crate::base::http::{HttpRequest, HttpResponse, JSON};
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::client::answer::{Accepted, Outcome, content_type, object, status};
use crate::client::endpoint::resource;
use crate::client::rules::resource as rule;
use crate::client::seal::{Carrier, Draft};

/// Drafts the request: GET with the token in the header (RFC 6750 section 2.1), or POST with the token in a form (2.2).
pub fn request(userinfo_endpoint: Url, access_token: &Secret, method: &str) -> Draft {
    let (message, carrier) = match method {
        "POST" => (HttpRequest::post_form(userinfo_endpoint, &Params::new()), Carrier::Form),
        _ => (HttpRequest::get(userinfo_endpoint), Carrier::Header),
    };
    resource::with_token(message.with_header("Accept", JSON), access_token, carrier)
}

/// Reads the claims. `sub` is that of the ID token, when there is one.
pub fn accept(response: &HttpResponse, sub: Option<&str>) -> Accepted<Json> {
    if !response.is_success() {
        return resource::refused(response);
    }
    let json = match object(response) {
        Ok(json) => json,
        Err(what) => return Accepted { outcome: Outcome::Unreadable(what), checks: Vec::new() },
    };
    let checks =
        vec![rule::STATUS.pass(status(response)), content_type(&rule::USERINFO_TYPE, response), same_sub(&json, sub)];
    Accepted { outcome: Outcome::Success(json), checks }
}

fn same_sub(claims: &Json, sub: Option<&str>) -> Check {
    match (sub, claims.text("sub")) {
        (None, _) => rule::USERINFO_SUB.skipped("there is no ID token to compare with"),
        (Some(sub), None) => rule::USERINFO_SUB.broken(sub, "no sub"),
        (Some(sub), Some(came)) => rule::USERINFO_SUB.equal(sub, &visible(came)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;
    use crate::client::seal::left;
    use crate::client::settings::Settings;

    #[test]
    fn the_token_travels_in_the_header_or_in_the_form() {
        let url = Url::parse("https://as.example/userinfo").expect("a URL");
        let get = left(&request(url.clone(), &"t0k3n".into(), ""), &Settings::default());
        assert_eq!((get.method.as_str(), get.headers.get("authorization")), ("GET", Some("Bearer t0k3n")));
        let post = left(&request(url, &"t0k3n".into(), "POST"), &Settings::default());
        assert_eq!((post.method.as_str(), post.headers.get("authorization")), ("POST", None));
        assert_eq!(String::from_utf8_lossy(&post.body), "access_token=t0k3n");
    }

    #[test]
    fn without_an_id_token_there_is_no_user_to_compare_with() {
        let checks = accept(&HttpResponse::new(200, JSON, r#"{"sub":"bob"}"#), None).checks;
        let verdict = checks.iter().find(|check| check.rule.id == "userinfo.sub").map(|check| check.verdict);
        assert_eq!(verdict, Some(Verdict::Skipped));
    }

    #[test]
    fn claims_as_a_page_are_unreadable_and_another_type_is_named() {
        let page = HttpResponse::new(200, "text/html", "<html>");
        assert!(matches!(accept(&page, None).outcome, Outcome::Unreadable(_)));
        let typed = accept(&HttpResponse::new(200, "text/plain", "{}"), None);
        assert!(
            typed.checks.iter().any(|check| check.rule.id == "userinfo.content_type" && check.verdict == Verdict::Fail)
        );
    }
}
