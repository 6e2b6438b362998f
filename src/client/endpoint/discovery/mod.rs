//! Server metadata: which URLs are tried, what came from them, and what a document is held to (OIDC Discovery section 4,
//! RFC 8414 sections 3 and 5).

mod document;
mod judged;
mod place;
mod two;

use url::Url;

use crate::base::check::{Check, Verdict};
use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::text::{counted, visible};
use crate::client::answer::{Accepted, Outcome};
use crate::client::endpoint::signed_metadata;
use crate::client::rules::metadata as rule;
use crate::terms::metadata::ServerMetadata;

use document::{Document, NONE};

pub use document::{Nearness, instead};
pub use judged::{is_about, is_complete, required_of_openid};
pub use place::{Asked, Beside, Candidate, typed_issuer};
pub use two::complete;

/// The request for a metadata document.
pub fn request(url: Url) -> HttpRequest {
    HttpRequest::get(url).with_header("Accept", "application/json")
}

/// Reads the answer of a place where a document may be, and holds it to its rules. What is no document breaks the first
/// of them as badly as it is near to one.
pub fn accept(response: &HttpResponse, asked: &Asked, url: &Url) -> Accepted<ServerMetadata> {
    let Document { json, has_mark } = match document::read(response) {
        Ok(document) => document,
        Err(instead) => {
            let check = match instead.nearness {
                Nearness::Nothing | Nearness::Unreached | Nearness::Refused => rule::DOCUMENT.note(&*instead.words),
                Nearness::Redirect | Nearness::Page => rule::DOCUMENT.warn(NONE, &*instead.words),
                Nearness::Answered | Nearness::Broken => rule::DOCUMENT.broken(NONE, &*instead.words),
            };
            return Accepted { outcome: Outcome::Unreadable(instead.words), checks: vec![check] };
        }
    };
    let mut checks = vec![match has_mark {
        true => rule::DOCUMENT.broken(NONE, "a byte order mark (BOM) before the object, which many readers refuse"),
        false => rule::DOCUMENT.pass(format!("an object of {}", counted(json.members().len(), "member", "members"))),
    }];
    let metadata = ServerMetadata { json };
    checks.extend(judged::check(&metadata, response, asked, place::is_openid(url)));
    checks.extend(signed_metadata::check(&metadata.json, signed_metadata::OF_SERVER));
    Accepted { outcome: Outcome::Success(metadata), checks }
}

/// What became of what was typed beside an issuer, where no document says whose it is.
pub fn not_found(asked: &Asked) -> Option<Check> {
    let Some(Beside::Typed(words)) = asked.beside else { return None };
    Some(rule::ISSUER.note(format!("{} was looked for; {words}", visible(&asked.issuer))))
}

/// Whether a document lacks what a server of its kind must publish, as this check of it says.
pub fn lacks_required(check: &Check) -> bool {
    check.rule.id == rule::REQUIRED.id && check.verdict == Verdict::Fail
}

/// The same while a further document may bring what is lacking.
pub fn left_open(lacking: &Check) -> Check {
    let lacks = lacking.actual.as_deref().unwrap_or_default();
    rule::REQUIRED.skipped(format!("{lacks}, which another document may have"))
}

/// Names that are told; the rest are counted.
const NAMES: usize = 8;

fn listed(names: &[&str]) -> String {
    let told = names.iter().take(NAMES).map(|name| visible(name).into_owned()).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => "nothing".to_owned(),
        count if count > NAMES => format!("{told} and {} more", count - NAMES),
        _ => told,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::http::JSON;

    const SOUND: &str = r#"{"issuer":"https://as.example","token_endpoint":"https://as.example/t"}"#;

    fn read(response: &HttpResponse) -> Accepted<ServerMetadata> {
        let asked = Asked::new("https://as.example");
        accept(response, &asked, &asked.candidates[0].url)
    }

    /// What came, how near it is, and what is said of it.
    #[test]
    fn what_came_instead_of_a_document_is_told_by_how_near_it_is() {
        let rows: [(u16, &str, &str, Verdict, &str); 14] = [
            (404, "text/plain", "", Verdict::Note, "status 404 Not Found"),
            (
                404,
                "text/html",
                "<html><title>Lost</title>",
                Verdict::Note,
                "status 404 Not Found: an HTML page, \"Lost\"",
            ),
            (
                404,
                JSON,
                r#"{"error":"Realm does not exist"}"#,
                Verdict::Note,
                "status 404 Not Found: Realm does not exist",
            ),
            (
                403,
                JSON,
                r#"{"error":"invalid_request","error_description":"HTTPS required"}"#,
                Verdict::Note,
                "403 Forbidden: invalid_request: HTTPS required",
            ),
            (
                400,
                JSON,
                r#"{"title":"Bad","detail":"no such tenant"}"#,
                Verdict::Note,
                "400 Bad Request: no such tenant",
            ),
            (503, "text/plain", "\n warming up\nmore", Verdict::Note, "status 503 Service Unavailable: warming up"),
            (302, "text/plain", "", Verdict::Warn, "a redirect (302 Found) to https://as.example/login"),
            (200, "text/html", "<!doctype html><title>App</title>", Verdict::Warn, "an HTML page (\"App\")"),
            (200, JSON, "", Verdict::Warn, "an empty answer with status 200 OK"),
            (200, "text/plain", "hello", Verdict::Warn, "not JSON"),
            (200, JSON, "[{\"issuer\":\"https://as.example\"}]", Verdict::Fail, "an array instead of an object"),
            (200, JSON, "{\"issuer\":\"https://as.example\",\"tok", Verdict::Fail, "breaks off"),
            (
                200,
                JSON,
                "{\"error\":\"not_found\"}",
                Verdict::Fail,
                "without issuer and endpoints, but with the words: not_found",
            ),
            (200, JSON, "\u{feff}[", Verdict::Fail, "a byte order mark"),
        ];
        for (status, kind, body, verdict, says) in rows {
            let response = HttpResponse::new(status, kind, body).with_header("Location", "https://as.example/login");
            let accepted = read(&response);
            assert!(matches!(accepted.outcome, Outcome::Unreadable(_)), "{body}");
            let check = &accepted.checks[0];
            assert_eq!((check.rule.id, check.verdict), ("metadata.document", verdict), "{status} {body}");
            assert!(check.actual.as_deref().is_some_and(|saw| saw.contains(says)), "{check:?}");
        }
    }

    #[test]
    fn a_document_behind_a_byte_order_mark_is_read_and_the_mark_told() {
        let accepted = read(&HttpResponse::new(200, JSON, format!("\u{feff}{SOUND}")));
        assert!(matches!(accepted.outcome, Outcome::Success(_)));
        assert_eq!(accepted.checks[0].verdict, Verdict::Fail);
    }

    #[test]
    fn a_rule_is_about_the_members_that_break_it_and_about_its_own() {
        let document = r#"{"issuer":"https://as.example","token_endpoint":"http://b.example/t","jwks_uri":"https://as.example/k",
            "claims_supported":"sub","request_object_signing_alg_values_supported":["none"],"grant_types_supported":["implicit"]}"#;
        let metadata = ServerMetadata { json: crate::base::json::Json::parse_text(document).expect("JSON") };
        for (rule, names) in [
            (&rule::ISSUER, &["issuer"][..]),
            (&rule::ENDPOINT_FORM, &["token_endpoint"]),
            (&rule::ENDPOINT_ORIGIN, &["token_endpoint"]),
            (&rule::TYPES, &["claims_supported"]),
            (&rule::ALG_NONE, &["request_object_signing_alg_values_supported"]),
            (&rule::REMOVED_GRANTS, &["grant_types_supported"]),
            (&rule::CONTENT_TYPE, &[]),
        ] {
            let members = metadata.json.members().iter();
            let about =
                members.filter(|(name, value)| is_about(rule, &metadata, name, value)).map(|(name, _)| name.as_str());
            assert_eq!(about.collect::<Vec<_>>(), names, "{}", rule.id);
        }
    }

    #[test]
    fn what_is_nearer_to_a_document_is_greater() {
        let near = |status, kind, body: &str| instead(&HttpResponse::new(status, kind, body)).map(|it| it.nearness);
        let ranks = [
            near(404, JSON, "{}"),
            near(403, JSON, "{}"),
            near(302, JSON, ""),
            near(200, "text/html", "<html>"),
            near(200, JSON, "[]"),
        ];
        assert!(ranks.iter().all(Option::is_some) && ranks.is_sorted());
        assert_eq!(near(200, JSON, SOUND), None);
    }
}
