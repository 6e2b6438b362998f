//! Tokens of workloads at the policies of clouds.

use grantscope::base::check::Check;
use grantscope::base::check::Verdict::{Fail, Note, Warn};
use grantscope::jose::base64url;
use grantscope::jose::jwt::{Decoded, decode};
use grantscope::workload::{Cloud, Judged, Kind, Policy, judge};

use super::Entry;

const HOST: &str = "ci.example";

fn token(claims: &str) -> Decoded {
    decode(&[r#"{"alg":"ES256"}"#, claims, "s"].map(|part| base64url::encode(part.as_bytes())).join("."))
}

fn usual() -> Decoded {
    token(r#"{"iss":"https://ci.example","sub":"repo:octo@1/app@2:environment:prod","aud":"api://x","team":"blue"}"#)
}

fn entra(issuer: &str, subject: &str, audience: &str) -> String {
    format!(r#"{{"issuer":"{issuer}","subject":"{subject}","audiences":["{audience}"]}}"#)
}

/// A trust policy of AWS with these conditions.
fn aws(conditions: &str) -> String {
    format!(
        r#"{{"Statement":[{{"Effect":"Allow","Principal":{{"Federated":"arn:aws:iam::1:oidc-provider/{HOST}"}},
            "Action":"sts:AssumeRoleWithWebIdentity","Condition":{conditions}}}]}}"#
    )
}

fn google(condition: &str) -> String {
    format!(
        r#"{{"name":"projects/1/providers/p","oidc":{{"issuerUri":"https://ci.example","allowedAudiences":["api://x"]}},
            "attributeCondition":"{condition}"}}"#
    )
}

fn judged(policy: &str) -> Judged {
    judge(&usual(), &Policy::parse(policy).expect("a policy"))
}

fn checks(policy: &str) -> Vec<Check> {
    judged(policy).checks().cloned().collect()
}

const SUBJECT: &str = "repo:octo@1/app@2:environment:prod";

pub fn entries() -> Vec<Entry> {
    let kept = checks(&entra("https://ci.example", SUBJECT, "api://x"));
    let entry = |rule| Entry::kept(rule, kept.clone());
    vec![
        entry("workload.issuer").broken(
            Fail,
            "https://ci.example",
            checks(&entra("https://ci.example/", SUBJECT, "api://x")),
        ),
        entry("workload.subject").broken(
            Fail,
            SUBJECT,
            checks(&entra("https://ci.example", "repo:octo@1/app@2:pull_request", "api://x")),
        ),
        entry("workload.audience").broken(Fail, "api://x", checks(&entra("https://ci.example", SUBJECT, "api://y"))),
        Entry::kept("workload.claim", checks(&google("assertion.team == 'blue'")))
            .broken(Fail, "blue", checks(&google("assertion.team == 'red'")))
            .broken(Fail, "no club", checks(&google("assertion.club == 'red'"))),
        entry("workload.broad")
            .broken(Warn, "every workload", checks(&aws(r#"{"StringEquals":{"ci.example:aud":"api://x"}}"#)))
            .broken(Warn, "repo:*", checks(&aws(r#"{"StringLike":{"ci.example:sub":"repo:*"}}"#))),
        entry("workload.mutable").broken(
            Note,
            "repo:octo/app",
            checks(&entra("https://ci.example", "repo:octo/app:environment:prod", "api://x")),
        ),
    ]
}

#[test]
fn each_cloud_names_its_own_error_and_the_first_difference_is_marked() {
    for (policy, cloud, error, kind) in [
        (entra("https://ci.example/", SUBJECT, "api://x"), Cloud::Entra, "AADSTS700211", Kind::Slash),
        (entra("https://ci.example", SUBJECT, "api://y"), Cloud::Entra, "AADSTS700212", Kind::Other),
        (
            entra("https://ci.example", "repo:octo@1/app@2:environment:Prod", "api://x"),
            Cloud::Entra,
            "AADSTS7002138",
            Kind::Case,
        ),
        (
            entra("https://ci.example", "repo:octo/app:environment:prod", "api://x"),
            Cloud::Entra,
            "AADSTS700213",
            Kind::Ids,
        ),
        (
            aws(r#"{"StringEquals":{"ci.example:sub":"repo:octo@1/app@2:*"}}"#),
            Cloud::Aws,
            "AccessDenied",
            Kind::Wildcard,
        ),
        (google("assertion.team == 'Blue'"), Cloud::Google, "unauthorized_client", Kind::Case),
    ] {
        let judged = judged(&policy);
        let told = judged.error().unwrap_or_default();
        let kinds: Vec<Kind> = judged.compared.iter().filter_map(|one| Some(one.difference.as_ref()?.kind)).collect();
        assert_eq!((judged.cloud, judged.is_taken()), (cloud, Some(false)), "{policy}");
        assert!(told.starts_with(error), "{policy}: {told}");
        assert_eq!(kinds, [kind], "{policy}");
    }
}

#[test]
fn patterns_and_alternatives_let_in_what_they_let_in_there() {
    for (policy, is_taken) in [
        (aws(r#"{"StringLike":{"ci.example:sub":"repo:octo@1/*"}}"#), Some(true)),
        (aws(r#"{"ForAnyValue:StringEquals":{"ci.example:aud":["a","api://x"]}}"#), Some(true)),
        // A key of another provider is never there.
        (aws(r#"{"StringEquals":{"other.example:sub":"x"}}"#), Some(false)),
        (aws(r#"{"DateLessThan":{"aws:CurrentTime":"2030-01-01"}}"#), None),
        (google("assertion.sub.matches('^repo')"), None),
        (google("assertion.team in ['red', 'blue'] && assertion.sub.startsWith('repo:octo@1/')"), Some(true)),
        (
            format!(
                "[{},{}]",
                entra("https://ci.example", "other", "api://x"),
                entra("https://ci.example", SUBJECT, "api://x")
            ),
            Some(true),
        ),
    ] {
        assert_eq!(judged(&policy).is_taken(), is_taken, "{policy}");
    }
}

#[test]
fn what_is_no_policy_is_told_with_what_one_is() {
    for text in ["{}", "[]", "eyJ", r#"{"Statement":[]}"#, r#"{"issuer":1}"#] {
        let error = Policy::parse(text).expect_err(text).to_string();
        assert!(error.contains("no JSON") || error.contains("federated identity credential"), "{text}: {error}");
    }
}
