//! Faults of a whole answer, at any endpoint: another status, an error of the specifications, another type, a page in its
//! place, late, or none at all.

use std::time::Duration;

use serde_json::Value;

use super::fault::Fault;
use super::{Practice, answer, page};
use crate::base::http::{HttpResponse, JSON, reason};
use crate::terms::error::OAuthError;

/// An answer with the faults of a whole answer.
pub fn around(practice: &mut Practice, answer: impl FnOnce(&mut Practice) -> HttpResponse) -> HttpResponse {
    let response = before(practice).unwrap_or_else(|| answer(practice));
    after(practice, response)
}

/// The endpoint where errors go to the client with the browser, which is done there.
pub const AUTHORIZE: &str = "/authorize";
/// Where an error is told as RFC 6750 section 3.1 tells it.
const PROTECTED: [&str; 3] = ["/userinfo", "/api/me", "/api/pay"];

/// What is answered without looking at the request.
fn before(practice: &mut Practice) -> Option<HttpResponse> {
    if practice.is_faulty(Fault::CutConnection) {
        practice.is_cut = true;
        return Some(HttpResponse { status: 503, headers: Default::default(), body: Vec::new() });
    }
    if let Some(Fault::Status(status)) = practice.fault(Fault::Status(0)) {
        return Some(HttpResponse::new(status, "text/plain; charset=utf-8", format!("{}\n", reason(status))));
    }
    if practice.at == AUTHORIZE {
        return None;
    }
    match practice.fault(Fault::Error(""))? {
        Fault::Error(code) => Some(refused(practice, code)),
        _ => None,
    }
}

/// What becomes of an answer.
fn after(practice: &mut Practice, mut response: HttpResponse) -> HttpResponse {
    if let Some(Fault::SlowAnswer(time)) = practice.fault(Fault::SlowAnswer(Duration::ZERO)) {
        practice.delay = time;
    }
    if practice.is_faulty(Fault::HtmlAnswer) {
        return page::html(&practice.config, "Be back soon", "This server is being looked after.");
    }
    if practice.is_faulty(Fault::WrongContentType) {
        response.headers.set("Content-Type", "text/html; charset=utf-8");
    }
    response
}

fn refused(practice: &Practice, code: &'static str) -> HttpResponse {
    let error = OAuthError::new(code, "this was asked for: a fault is on");
    if !PROTECTED.contains(&practice.at.as_str()) {
        return answer::refusal(practice, &error);
    }
    practice.why.refused(&error);
    let status = if code == "insufficient_scope" { 403 } else { 401 };
    let body = format!("{:#}\n", Value::Object(answer::error_members(&error)));
    HttpResponse::new(status, JSON, body)
        .with_header("WWW-Authenticate", format!("Bearer realm=\"{}\", error=\"{code}\"", answer::REALM))
}
