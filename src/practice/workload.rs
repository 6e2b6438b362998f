//! Tokens as workloads have them (GitHub Actions, Kubernetes, SPIFFE), made here to be held against trust policies of
//! clouds, or to be shown to this server. The names in them are made up.

use serde_json::{Map, Value, json};

use crate::base::time::Timestamp;

/// Whose tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Workload {
    /// A job of GitHub Actions that deploys.
    GitHub,
    /// A job of the same repository that a pull request started, whoever wrote it.
    GitHubPullRequest,
    /// A service account of Kubernetes, whose token is mounted into a pod.
    Kubernetes,
    /// A workload with a JWT-SVID.
    Spiffe,
}

impl Workload {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::GitHub, Self::GitHubPullRequest, Self::Kubernetes, Self::Spiffe];

    /// The word for it: `github`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitHubPullRequest => "github-pull-request",
            Self::Kubernetes => "kubernetes",
            Self::Spiffe => "spiffe",
        }
    }

    /// As people call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub Actions",
            Self::GitHubPullRequest => "GitHub Actions, pull request",
            Self::Kubernetes => "Kubernetes",
            Self::Spiffe => "SPIFFE",
        }
    }

    /// The one of this word.
    pub fn find(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|workload| workload.slug() == slug)
    }

    /// The claims of a token that is issued now, as its own issuer writes them.
    pub fn claims(self, now: Timestamp, jti: &str) -> Map<String, Value> {
        let claims = match self {
            Self::GitHub => github(now.seconds()),
            Self::GitHubPullRequest => github_pull_request(now.seconds()),
            Self::Kubernetes => kubernetes(now.seconds()),
            Self::Spiffe => spiffe(now.seconds()),
        };
        let Value::Object(mut claims) = claims else { return Map::new() };
        claims.insert("jti".to_owned(), jti.into());
        claims
    }
}

/// A job with an environment, which stands in the subject in the place of the branch; owner and repository have their
/// numbers, as newer ones do.
fn github(now: i64) -> Value {
    json!({
        "iss": "https://token.actions.githubusercontent.com",
        "sub": "repo:octo-org@65/octo-repo@74:environment:prod",
        "aud": "https://github.com/octo-org",
        "nbf": now - 600,
        "iat": now,
        "exp": now + 300,
        "repository": "octo-org/octo-repo",
        "repository_id": "74",
        "repository_owner": "octo-org",
        "repository_owner_id": "65",
        "repository_visibility": "private",
        "ref": "refs/heads/main",
        "ref_type": "branch",
        "environment": "prod",
        "workflow": "deploy",
        "job_workflow_ref": "octo-org/octo-repo/.github/workflows/deploy.yml@refs/heads/main",
        "event_name": "push",
        "actor": "octocat",
        "actor_id": "12",
        "run_id": "1234567890",
        "run_attempt": "1",
        "runner_environment": "github-hosted",
    })
}

/// The subject says that it is a pull request, and not of whom.
fn github_pull_request(now: i64) -> Value {
    let mut claims = github(now);
    for (name, value) in [
        ("sub", "repo:octo-org@65/octo-repo@74:pull_request"),
        ("ref", "refs/pull/7/merge"),
        ("workflow", "test"),
        ("job_workflow_ref", "octo-org/octo-repo/.github/workflows/test.yml@refs/pull/7/merge"),
        ("event_name", "pull_request"),
        ("actor", "mallory"),
        ("actor_id", "13"),
    ] {
        claims[name] = json!(value);
    }
    if let Value::Object(claims) = &mut claims {
        claims.shift_remove("environment");
    }
    claims
}

fn kubernetes(now: i64) -> Value {
    json!({
        "iss": "https://kubernetes.default.svc.cluster.local",
        "sub": "system:serviceaccount:payments:worker",
        "aud": ["https://kubernetes.default.svc.cluster.local"],
        "nbf": now,
        "iat": now,
        "exp": now + 3600,
        "kubernetes.io": {
            "namespace": "payments",
            "pod": { "name": "worker-5c7f9", "uid": "5b3f6f0a-9a2e-4d6c-8f57-0c2f4f7f6f11" },
            "serviceaccount": { "name": "worker", "uid": "0f4c1d52-7a31-4a27-9e6d-3f1d1d8f2c22" },
        },
    })
}

/// A JWT-SVID; an issuer is there where OpenID Connect Discovery is offered for it.
fn spiffe(now: i64) -> Value {
    json!({
        "iss": "https://oidc-discovery.example.org",
        "sub": "spiffe://example.org/ns/payments/sa/worker",
        "aud": ["https://api.example.org"],
        "iat": now,
        "exp": now + 300,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_names_one_whose_subject_is_of_its_kind() {
        for (workload, subject) in [
            (Workload::GitHub, "repo:octo-org@65/octo-repo@74:environment:prod"),
            (Workload::GitHubPullRequest, "repo:octo-org@65/octo-repo@74:pull_request"),
            (Workload::Kubernetes, "system:serviceaccount:payments:worker"),
            (Workload::Spiffe, "spiffe://example.org/ns/payments/sa/worker"),
        ] {
            assert_eq!(Workload::find(workload.slug()), Some(workload));
            let claims = workload.claims(Timestamp::from_seconds(1_800_000_000), "j1");
            assert_eq!(claims.get("sub").and_then(Value::as_str), Some(subject));
            assert_eq!(claims.get("iat"), Some(&json!(1_800_000_000)));
            assert_eq!(claims.get("jti"), Some(&json!("j1")));
        }
        assert_eq!(Workload::find("gitlab"), None);
    }
}
