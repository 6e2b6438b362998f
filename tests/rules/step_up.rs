//! Challenges for a stronger or a newer login (RFC 9470).

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::Fail;
use grantscope::base::http::HttpResponse;
use grantscope::base::secret::Secret;
use grantscope::base::time::Timestamp;
use grantscope::client::step_up::judge;
use grantscope::jose::key::unsecured;
use serde_json::{Map, json};

use super::{Entry, NOW};

/// A challenge with these parameters to a token of a login with `basic`, ten minutes ago.
fn challenged(status: u16, params: &str) -> Vec<Check> {
    let token = unsecured(&Map::new(), &json!({"acr": "basic", "auth_time": NOW - 600}));
    let challenge = format!("Bearer error=\"insufficient_user_authentication\"{params}");
    let response = HttpResponse::new(status, "text/plain", "").with_header("WWW-Authenticate", challenge);
    judge(&response, Some(&Secret::new(token)), Timestamp::from_seconds(NOW))
}

pub fn entries() -> Vec<Entry> {
    let strong = || challenged(401, ", acr_values=\"strong stronger\"");
    vec![
        Entry::kept("step_up.form", strong())
            .kept_too(challenged(401, ", max_age=0"))
            .broken(Fail, "403", challenged(403, ", max_age=300"))
            .broken(Fail, "neither", challenged(401, ""))
            .broken(Fail, "neither", challenged(401, ", acr_values=\" \""))
            .broken(Fail, "max_age -1", challenged(401, ", max_age=\"-1\""))
            .broken(Fail, "max_age soon", challenged(401, ", max_age=soon")),
        Entry::kept("step_up.unmet", strong())
            .kept_too(challenged(401, ", max_age=300"))
            .kept_too(challenged(401, ", acr_values=\"basic\", max_age=300"))
            .broken(Fail, "acr basic", challenged(401, ", acr_values=\"strong basic\""))
            .broken(Fail, "10 min ago", challenged(401, ", max_age=900")),
    ]
}
