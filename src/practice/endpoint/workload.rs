//! `/workload`: stands for who vouches for workloads (the token service of GitHub Actions, a Kubernetes cluster, a SPIFFE
//! agent). Anyone gets the token of any of them.

use serde_json::{Map, Value, json};

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::time::Timestamp;
use crate::practice::fields::Fields;
use crate::practice::{Practice, Workload, answer, page};
use crate::terms::error::OAuthError;

/// Answers with the token of a workload, in the way of its platform.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    let fields = Fields::of(request).ok();
    let asked = |name| fields.as_ref().and_then(|fields| fields.get(name));
    let Some(workload) = asked("like").and_then(Workload::find) else {
        let all = Workload::ALL.map(Workload::slug).join(", ");
        let what =
            format!("Name a workload: {}?like=github&audience=..., one of {all}", practice.config.url("/workload"));
        return page::problem(practice, 400, &what);
    };
    let mut claims = workload.claims(now, practice.draw().expose());
    if let Some(audience) = asked("audience") {
        claims.insert("aud".to_owned(), audience.into());
    }
    match told(practice, workload, &claims) {
        Ok(answer) => answer,
        Err(error) => answer::refusal(practice, &error),
    }
}

fn told(practice: &Practice, workload: Workload, claims: &Map<String, Value>) -> Result<HttpResponse, OAuthError> {
    let token = practice.keys.sign("JWT", &json!(claims))?;
    let sub = claims.get("sub").and_then(Value::as_str).unwrap_or_default();
    practice.why.say(format!("token of {}, about {sub}", workload.name()));
    Ok(match workload {
        Workload::GitHub | Workload::GitHubPullRequest => answer::json(200, &json!({ "value": token })),
        Workload::Kubernetes => answer::json(201, &json!({ "kind": "TokenRequest", "status": { "token": token } })),
        Workload::Spiffe => HttpResponse::new(200, "application/jwt", token),
    })
}
