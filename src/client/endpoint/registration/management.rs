//! What a client does with its registration later: it reads, replaces and deletes it (RFC 7592).

use url::Url;

use super::{ISSUED, Registered, Told, accept_as_registered, asked, bearer, with_json};
use crate::base::check::Check;
use crate::base::http::{HttpRequest, HttpResponse, JSON, is_loopback};
use crate::base::json::{Json, text};
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::base::time::Timestamp;
use crate::client::answer::{Accepted, Outcome, refusal_in, status};
use crate::client::rules::dcr as rule;
use crate::client::seal::Draft;

/// Drafts the request that reads the registration (section 2.1).
pub fn read(uri: Url, token: &Secret) -> Draft {
    Draft::of(HttpRequest::get(uri).with_header("Accept", JSON)).sealed_with(bearer(token))
}

/// Drafts the request that replaces the metadata by these, all of them (section 2.2).
pub fn update(uri: Url, token: &Secret, client_id: &str, metadata: &Json) -> Draft {
    let mut members = vec![("client_id".to_owned(), text(client_id))];
    members.extend_from_slice(metadata.members());
    Draft::of(with_json(HttpRequest::get(uri), "PUT", &Json::Object(members))).sealed_with(bearer(token))
}

/// Drafts the request that ends the registration (section 2.3).
pub fn delete(uri: Url, token: &Secret) -> Draft {
    let request = HttpRequest { method: "DELETE".to_owned(), ..HttpRequest::get(uri) };
    Draft::of(request).sealed_with(bearer(token))
}

/// Holds where a registration is managed to what its token may be sent to: nothing that is read on the way (section 5),
/// and nobody but who issued it (RFC 6750 section 5.3).
pub fn guard(uri: &Url, registered_at: Option<&Url>) -> Vec<Check> {
    let shown = |url: &Url| url.origin().ascii_serialization();
    let is_protected = uri.scheme() == "https" || is_loopback(uri);
    let mut checks = vec![rule::PROTECTED.holds(is_protected, "https", shown(uri))];
    checks.extend(registered_at.map(|at| {
        let is_same = at.origin() == uri.origin();
        rule::SAME_ORIGIN.holds(is_same, format!("{}, where the client was registered", shown(at)), shown(uri))
    }));
    checks
}

/// Holds an update against what it must have and what not (section 2.2).
pub fn lint_update(sent: &HttpRequest, registered: &Registered) -> Vec<Check> {
    let Some(asked) = asked(sent) else {
        return vec![rule::WHOLE.broken("a JSON object", "no JSON object")];
    };
    let named = asked.text("client_id").unwrap_or("none");
    let is_named = named == registered.client_id;
    let all = registered.metadata.members().iter().map(|(name, _)| name.as_str());
    let mut lacking: Vec<&str> = all.filter(|name| asked.get(name).is_none()).collect();
    if !is_named {
        lacking.push("client_id");
    }
    let own: Vec<&str> = ISSUED[2..].iter().copied().filter(|name| asked.get(name).is_some()).collect();
    let saw = |names: &[&str]| if names.is_empty() { "none".into() } else { visible(&names.join(", ")).into_owned() };
    vec![
        rule::WHOLE.holds(lacking.is_empty(), "nothing left out", saw(&lacking)),
        rule::OWN.holds(own.is_empty(), "none of the server's own members", saw(&own)),
    ]
}

/// Reads the answer to reading the registration (section 3).
pub fn accept_information(
    response: &HttpResponse,
    before: Option<&Registered>,
    now: Timestamp,
) -> Accepted<Registered> {
    let mut accepted = accept_as_registered(response, None, Told::Before(now));
    if matches!(accepted.outcome, Outcome::Success(_)) {
        accepted.checks.push(rule::READ.holds(response.status == 200, "200 OK", status(response)));
    }
    same_client(accepted, before)
}

/// Reads the answer to an update (section 3).
pub fn accept_update(
    response: &HttpResponse,
    sent: &HttpRequest,
    before: Option<&Registered>,
    now: Timestamp,
) -> Accepted<Registered> {
    let asked = asked(sent);
    let mut accepted = accept_as_registered(response, asked.as_ref(), Told::Changed(now));
    if matches!(accepted.outcome, Outcome::Success(_)) {
        accepted.checks.push(rule::UPDATED.holds(response.status == 200, "200 OK", status(response)));
    }
    same_client(accepted, before)
}

/// What the answer leaves out stays as it was; a client and its token may be told again or not.
fn same_client(mut accepted: Accepted<Registered>, before: Option<&Registered>) -> Accepted<Registered> {
    if let (Outcome::Success(now), Some(before)) = (&mut accepted.outcome, before) {
        accepted.checks.push(rule::SAME_CLIENT.equal(&before.client_id, &now.client_id));
        let is_told = now.registration_client_uri.is_some();
        let Registered {
            client_secret,
            secret_expires_at,
            registration_client_uri,
            registration_access_token,
            registered_at,
            ..
        } = before.clone();
        if now.client_secret.is_none() {
            (now.client_secret, now.secret_expires_at) = (client_secret, secret_expires_at);
        }
        now.registration_client_uri = now.registration_client_uri.take().or(registration_client_uri);
        now.registration_access_token = now.registration_access_token.take().or(registration_access_token);
        now.registered_at = registered_at;
        if is_told {
            accepted.checks.extend(now.guarded());
        }
    }
    accepted
}

/// Reads the answer to the end of the registration (section 2.3).
pub fn accept_deletion(response: &HttpResponse) -> Accepted<()> {
    let outcome = match (response.is_success(), refusal_in(response)) {
        (true, None) => Outcome::Success(()),
        (_, Some(error)) => Outcome::Refused(error),
        (false, None) => Outcome::Unreadable(format!("status {}", status(response))),
    };
    let checks = match outcome {
        Outcome::Success(()) => {
            vec![rule::DELETED.holds(response.status == 204, "204 No Content", status(response))]
        }
        _ => Vec::new(),
    };
    Accepted { outcome, checks }
}

/// Reads what the token of a deleted registration still does (section 2.1): nothing, if all is well.
pub fn accept_proof(response: &HttpResponse) -> Accepted<()> {
    let check = match response.status {
        429 | 500.. => rule::DEAD.skipped(format!("{}, which says nothing about the token", status(response))),
        code => rule::DEAD.holds(code == 401, "401 Unauthorized", status(response)),
    };
    let outcome = match response.status {
        429 | 500.. => Outcome::Unreadable(format!("status {}", status(response))),
        _ => Outcome::Success(()),
    };
    Accepted { outcome, checks: vec![check] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::check::Verdict;
    use crate::base::time::Timestamp;

    #[test]
    fn what_an_answer_leaves_out_stays_as_it_was() {
        let first = r#"{"client_id":"c1","client_secret":"s","client_secret_expires_at":0,
            "registration_access_token":"t","registration_client_uri":"https://as.example/c1"}"#;
        let Outcome::Success(before) =
            super::super::accept(&HttpResponse::new(201, JSON, first), None, Timestamp::from_seconds(0), false).outcome
        else {
            panic!("registered")
        };
        let answer = HttpResponse::new(200, JSON, r#"{"client_id":"c1","client_name":"New"}"#);
        let Outcome::Success(now) = accept_information(&answer, Some(&before), Timestamp::from_seconds(0)).outcome
        else {
            panic!("read")
        };
        assert_eq!(now.client_secret, before.client_secret);
        assert_eq!(now.registration_access_token, before.registration_access_token);
        assert_eq!(now.metadata.text("client_name"), Some("New"));
    }

    #[test]
    fn only_401_proves_that_a_registration_is_gone() {
        let verdict = |status| accept_proof(&HttpResponse::new(status, JSON, "{}")).checks[0].verdict;
        for (status, expected) in [
            (401, Verdict::Pass),
            (200, Verdict::Fail),
            (404, Verdict::Fail),
            (403, Verdict::Fail),
            (503, Verdict::Skipped),
        ] {
            assert_eq!(verdict(status), expected, "{status}");
        }
    }
}
