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
    format!(r#"{{"Statement":[{}]}}"#, statement("Allow", "sts:AssumeRoleWithWebIdentity", conditions))
}

/// A statement about those who come from the provider.
fn statement(effect: &str, action: &str, conditions: &str) -> String {
    format!(
        r#"{{"Effect":"{effect}","Principal":{{"Federated":"arn:aws:iam::1:oidc-provider/{HOST}"}},
            "Action":"{action}","Condition":{conditions}}}"#
    )
}

/// One that lets the usual token in, and another one.
fn aws_with(other: &str) -> String {
    let usual = format!(r#"{{"StringEquals":{{"{HOST}:sub":"{SUBJECT}"}}}}"#);
    format!(r#"{{"Statement":[{},{other}]}}"#, statement("Allow", "sts:AssumeRoleWithWebIdentity", &usual))
}

fn deny(conditions: &str) -> String {
    statement("Deny", "sts:AssumeRoleWithWebIdentity", conditions)
}

/// A provider of Google with these members.
fn google_with(members: &str) -> String {
    format!(r#"{{"oidc":{{"issuerUri":"https://ci.example","allowedAudiences":["api://x"]}},{members}}}"#)
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
        entry("workload.in_force").broken(Fail, "whatever it has", checks(&google_with(r#""disabled":true"#))).broken(
            Fail,
            "whatever it has",
            checks(&google_with(r#""state":"DELETED""#)),
        ),
        Entry::kept("workload.denied", checks(&aws_with(&deny(r#"{"StringLike":{"ci.example:sub":"repo:other/*"}}"#))))
            .broken(Fail, SUBJECT, checks(&aws_with(&deny(r#"{"StringLike":{"ci.example:sub":"repo:octo@1/*"}}"#)))),
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

/// Each value of the token has to fit, and none at all does.
#[test]
fn for_all_values_is_about_each_value_of_the_token() {
    let of_many =
        token(&format!(r#"{{"iss":"https://{HOST}","sub":"s","aud":["api://x","api://y"],"groups":["a","B"]}}"#));
    for (conditions, is_taken) in [
        (r#"{"ForAllValues:StringEquals":{"ci.example:aud":["api://x","api://y","api://z"]}}"#, true),
        (r#"{"ForAllValues:StringEquals":{"ci.example:aud":"api://x"}}"#, false),
        (r#"{"ForAnyValue:StringEquals":{"ci.example:aud":"api://x"}}"#, true),
        (r#"{"ForAllValues:StringLike":{"ci.example:aud":"api://?"}}"#, true),
        (r#"{"ForAllValues:StringEqualsIgnoreCase":{"ci.example:groups":["A","b"]}}"#, true),
        (r#"{"ForAllValues:StringEquals":{"ci.example:amr":"mfa"}}"#, true),
        (r#"{"ForAnyValue:StringEquals":{"ci.example:amr":"mfa"}}"#, false),
        (r#"{"ForAllValues:StringEquals":{"other.example:sub":"x"}}"#, true),
    ] {
        let judged = judge(&of_many, &Policy::parse(&aws(conditions)).expect("a policy"));
        assert_eq!(judged.is_taken(), Some(is_taken), "{conditions}");
    }
    let one_alone = r#"{"ForAllValues:StringEquals":{"ci.example:aud":"api://x"}}"#;
    let judged = judge(&of_many, &Policy::parse(&aws(one_alone)).expect("a policy"));
    let differs = judged.compared.iter().find_map(|compared| compared.difference.as_ref()).expect("a difference");
    assert_eq!((differs.saw.as_str(), differs.at), ("api://y", 6), "the one that does not fit");
}

#[test]
fn google_is_a_provider_of_aws_whose_audience_is_azp_where_there_is_one() {
    let policy = |conditions: &str| {
        format!(
            r#"{{"Statement":{{"Effect":"Allow","Principal":{{"Federated":"accounts.google.com"}},
                "Action":"sts:AssumeRoleWithWebIdentity","Condition":{{"StringEquals":{conditions}}}}}}}"#
        )
    };
    let of_account = r#"{"iss":"https://accounts.google.com","sub":"7","aud":"https://aws.example","azp":"7"}"#;
    let bare = r#"{"iss":"accounts.google.com","sub":"7","aud":"https://aws.example"}"#;
    let other = r#"{"iss":"https://ci.example","sub":"7","aud":"7"}"#;
    for (claims, conditions, is_taken) in [
        (of_account, r#"{"accounts.google.com:aud":"7","accounts.google.com:sub":"7"}"#, true),
        (of_account, r#"{"accounts.google.com:aud":"https://aws.example"}"#, false),
        (of_account, r#"{"accounts.google.com:oaud":"https://aws.example"}"#, true),
        (of_account, r#"{"accounts.google.com:oaud":"7"}"#, false),
        (bare, r#"{"accounts.google.com:aud":"https://aws.example"}"#, true),
        (other, r#"{"accounts.google.com:aud":"7"}"#, false),
    ] {
        let judged = judge(&token(claims), &Policy::parse(&policy(conditions)).expect("a policy"));
        assert_eq!(judged.is_taken(), Some(is_taken), "{claims} {conditions}");
    }
}

#[test]
fn names_of_actions_and_keys_are_compared_without_case_and_keys_of_aws_itself_are_not_judged() {
    let action = |action: &str| {
        let conditions = format!(r#"{{"StringEquals":{{"{HOST}:sub":"{SUBJECT}"}}}}"#);
        format!(r#"{{"Statement":[{}]}}"#, statement("Allow", action, &conditions))
    };
    for (policy, is_taken) in [
        (action("sts:AssumeRole*"), Some(true)),
        (action("sts:assumerolewithwebidentity"), Some(true)),
        (
            aws(&format!(r#"{{"StringEqualsIgnoreCase":{{"CI.example:SUB":"{}"}}}}"#, SUBJECT.to_uppercase())),
            Some(true),
        ),
        (aws(&format!(r#"{{"StringEquals":{{"CI.example:SUB":"{}"}}}}"#, SUBJECT.to_uppercase())), Some(false)),
        (aws(r#"{"StringEquals":{"aws:RequestedRegion":"eu-west-1","ci.example:aud":"api://x"}}"#), None),
        (aws(r#"{"StringLike":{"sts:RoleSessionName":"ci-*"}}"#), None),
    ] {
        assert_eq!(judged(&policy).is_taken(), is_taken, "{policy}");
    }
    for other in ["sts:AssumeRole", "sts:AssumeRoleWithSAML", "s3:*"] {
        let judged = judged(&action(other));
        assert_eq!(judged.is_taken(), Some(false), "{other}");
        let wanted = judged.compared.iter().find_map(|compared| compared.check.expected.as_deref());
        assert_eq!(wanted, Some("no statement allows sts:AssumeRoleWithWebIdentity"), "{other}");
    }
}

#[test]
fn a_key_that_is_never_there_fails_and_one_that_need_not_be_there_does_not() {
    let key = |operator: &str, key: &str, value: &str| aws(&format!(r#"{{"{operator}":{{"{key}":"{value}"}}}}"#));
    for (policy, is_taken) in [
        (key("StringEquals", "https://ci.example:sub", SUBJECT), Some(false)),
        (key("StringLike", "https://ci.example:sub", "*"), Some(false)),
        (key("StringEqualsIfExists", "ci.example:environment", "prod"), Some(true)),
        (key("StringEquals", "ci.example:environment", "prod"), Some(false)),
        (key("StringEqualsIfExists", "ci.example:sub", SUBJECT), Some(true)),
        (key("StringEqualsIfExists", "ci.example:sub", "repo:other"), Some(false)),
        (key("StringNotEqualsIfExists", "ci.example:environment", "prod"), None),
    ] {
        assert_eq!(judged(&policy).is_taken(), is_taken, "{policy}");
    }
    let judged = judged(&key("StringEquals", "https://ci.example:sub", SUBJECT));
    let wanted = judged.compared.iter().filter_map(|compared| compared.check.expected.as_deref());
    assert!(
        wanted.into_iter().any(|wanted| wanted.ends_with("it is written without https://")),
        "{:?}",
        judged.compared
    );
}

#[test]
fn the_texts_of_a_claim_are_looked_for_at_its_end_and_within_for_google() {
    for (condition, is_taken) in [
        ("assertion.sub.endsWith(':prod')", true),
        ("assertion.sub.endsWith(':test')", false),
        ("assertion.sub.contains('/app')", true),
        ("assertion.sub.contains('/lib')", false),
    ] {
        assert_eq!(judged(&google(condition)).is_taken(), Some(is_taken), "{condition}");
    }
}

#[test]
fn whom_a_statement_denies_no_other_lets_in() {
    let everybody = r#"{"Effect":"Deny","Principal":"*","Action":"*"}"#;
    let others = r#"{"Effect":"Deny","Principal":{"AWS":"arn:aws:iam::1:root"},"Action":"sts:*"}"#;
    let but_read = r#"{"Effect":"Deny","Principal":"*","NotAction":"s3:Get*"}"#;
    let but_this = r#"{"Effect":"Deny","Principal":"*","NotAction":"sts:AssumeRoleWith*"}"#;
    let unjudged = deny(r#"{"StringNotEquals":{"ci.example:sub":"repo:x"}}"#);
    let other_aud = deny(r#"{"StringNotEquals":{"ci.example:sub":"x"},"StringEquals":{"ci.example:aud":"y"}}"#);
    for (other, is_taken) in [
        (deny("{}").as_str(), Some(false)),
        (everybody, Some(false)),
        (but_read, Some(false)),
        (but_this, Some(true)),
        (others, None),
        (unjudged.as_str(), None),
        // One condition that does not hold is enough.
        (other_aud.as_str(), Some(true)),
    ] {
        assert_eq!(judged(&aws_with(other)).is_taken(), is_taken, "{other}");
    }
    let denied = judged(&aws_with(&deny("{}")));
    assert!(denied.error().is_some_and(|error| error.starts_with("AccessDenied")));
    // What denies alone lets nobody in, whether its conditions hold or not.
    for conditions in ["{}", r#"{"StringEquals":{"ci.example:sub":"x"}}"#] {
        let alone = format!(r#"{{"Statement":{}}}"#, deny(conditions));
        let judged = judged(&alone);
        assert_eq!(judged.is_taken(), Some(false), "{alone}");
        assert!(
            judged.notes.iter().all(|note| note.verdict != Warn),
            "{alone}: nobody is let in, and so not everybody"
        );
    }
}

#[test]
fn a_provider_that_is_closed_or_finds_no_subject_answers_in_googles_words() {
    let mapped = |to: &str| google_with(&format!(r#""attributeMapping":{{"google.subject":"{to}"}}"#));
    for (policy, error) in [
        (google_with(r#""disabled":true"#), "invalid_target: The target service"),
        (mapped("assertion.nix"), "unauthorized_client: Could not obtain a value for google.subject"),
    ] {
        let judged = judged(&policy);
        assert_eq!(judged.is_taken(), Some(false), "{policy}");
        assert!(judged.error().is_some_and(|told| told.starts_with(error)), "{policy}: {:?}", judged.error());
    }
    for policy in
        [google_with(r#""disabled":false,"state":"ACTIVE""#), mapped("assertion.sub"), mapped("'x' + assertion.nix")]
    {
        assert_eq!(judged(&policy).is_taken(), Some(true), "{policy}");
    }
    let warned = judged(&mapped("assertion.sub"));
    assert!(
        warned.notes.iter().any(|note| note.rule.id == "workload.broad" && note.verdict == Warn),
        "it names nobody"
    );
}

#[test]
fn what_is_no_policy_is_told_with_what_one_is() {
    for text in ["{}", "[]", "eyJ", r#"{"Statement":[]}"#, r#"{"issuer":1}"#] {
        let error = Policy::parse(text).expect_err(text).to_string();
        assert!(error.contains("no JSON") || error.contains("federated identity credential"), "{text}: {error}");
    }
}
