//! The lesson beside each message: why this step, what to look at, what can go wrong.

use std::sync::LazyLock;

/// Lessons by name.
static LESSONS: LazyLock<std::collections::BTreeMap<&str, &str>> = LazyLock::new(|| {
    [
        ("discovery", include_str!("../../../assets/steps/discovery.md")),
        ("jwks", include_str!("../../../assets/steps/jwks.md")),
        ("authorization_request", include_str!("../../../assets/steps/authorization_request.md")),
        ("redirect", include_str!("../../../assets/steps/redirect.md")),
        ("code", include_str!("../../../assets/steps/code.md")),
        ("token", include_str!("../../../assets/steps/token.md")),
        ("id_token", include_str!("../../../assets/steps/id_token.md")),
        ("userinfo", include_str!("../../../assets/steps/userinfo.md")),
        ("resource", include_str!("../../../assets/steps/resource.md")),
        ("device_authorization", include_str!("../../../assets/steps/device_authorization.md")),
        ("device_code", include_str!("../../../assets/steps/device_code.md")),
        ("client_credentials", include_str!("../../../assets/steps/client_credentials.md")),
        ("password", include_str!("../../../assets/steps/password.md")),
        ("implicit", include_str!("../../../assets/steps/implicit.md")),
        ("hybrid", include_str!("../../../assets/steps/hybrid.md")),
        ("introspection", include_str!("../../../assets/steps/introspection.md")),
        ("revocation", include_str!("../../../assets/steps/revocation.md")),
        ("refresh", include_str!("../../../assets/steps/refresh.md")),
        ("refresh_reuse", include_str!("../../../assets/steps/refresh_reuse.md")),
        ("token_exchange", include_str!("../../../assets/steps/token_exchange.md")),
        ("jwt_bearer", include_str!("../../../assets/steps/jwt_bearer.md")),
        ("saml_bearer", include_str!("../../../assets/steps/saml_bearer.md")),
        ("backchannel_authentication", include_str!("../../../assets/steps/backchannel_authentication.md")),
        ("backchannel_approval", include_str!("../../../assets/steps/backchannel_approval.md")),
        ("end_session", include_str!("../../../assets/steps/end_session.md")),
    ]
    .into_iter()
    .collect()
});

/// The text of a lesson, empty when there is none of this name.
pub fn text(name: &str) -> &'static str {
    LESSONS.get(name).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::grant;
    use crate::flow::stage::Stage;
    use crate::terms::grant::Grant;

    #[test]
    fn every_step_has_its_lesson() {
        for (grant, stage) in Grant::ALL.into_iter().flat_map(|grant| Stage::ALL.map(|stage| (grant, stage))) {
            for step in grant::steps(grant, stage) {
                assert!(!text(step.lesson).is_empty(), "{}", step.lesson);
            }
        }
    }
}
