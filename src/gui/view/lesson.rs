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

/// One sentence that a step comes to, by the name of its text.
static HEADLINES: LazyLock<std::collections::BTreeMap<String, String>> = LazyLock::new(|| {
    let file = include_str!("../../../assets/steps/headlines.toml");
    toml::from_str(file).expect("the step texts are part of the program and tested")
});

/// What the step of this text comes to.
pub fn headline(name: &str) -> &'static str {
    HEADLINES.get(name).map(String::as_str).unwrap_or_default()
}

/// The first sentences of the paragraph with this heading, as many as an audience reads.
pub fn in_short(name: &str, heading: &str) -> &'static str {
    let paragraph = text(name)
        .split("\n\n")
        .find_map(|paragraph| paragraph.strip_prefix("**")?.strip_prefix(heading)?.strip_prefix("** "));
    sentences(paragraph.unwrap_or_default(), 2)
}

/// So many sentences of a text at most.
pub fn sentences(text: &str, count: usize) -> &str {
    let mut ends =
        text.match_indices(". ").filter(|(at, _)| text[at + 2..].starts_with(|c: char| c.is_uppercase() || c == '`'));
    ends.nth(count - 1).map_or(text, |(at, _)| &text[..=at])
}

/// Its first paragraph, without marks: why the step is there.
pub fn short(name: &str) -> String {
    let first = text(name).split("\n\n").next().unwrap_or_default();
    let words = first.strip_prefix("**Why this step?**").unwrap_or(first);
    words.replace('`', "").replace("**", "").split_whitespace().collect::<Vec<_>>().join(" ")
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
                let headline = headline(step.lesson);
                assert!((20..=48).contains(&headline.len()) && headline.ends_with('.'), "{}: {headline}", step.lesson);
                for heading in ["Why this step?", "What to look at."] {
                    let words = in_short(step.lesson, heading);
                    assert!((40..=260).contains(&words.len()), "{}, {heading}: {} {words}", step.lesson, words.len());
                }
            }
        }
    }
}
