//! A token of a workload held against the trust policy of a cloud in the JWT tab.

use egui::Role;

use crate::backend::FakeBackend;
use crate::window::{Row, SMALL, Window};

const POLICY: &str = "Trust policy as JSON";

fn bench(workload: &str) -> Window {
    of(Window::open(), workload)
}

fn of(mut window: Window, workload: &str) -> Window {
    window.tab(Row::Top, "JWT");
    window.press("Sample");
    window.press(workload);
    window
}

fn entra(subject: &str) -> String {
    format!(
        r#"{{"issuer":"https://token.actions.githubusercontent.com","subject":"{subject}","audiences":["https://github.com/octo-org"]}}"#
    )
}

#[test]
fn a_sample_is_a_token_that_is_verified_and_says_whose_it_is() {
    for (workload, says) in [
        ("GitHub Actions", "repo:octo-org@65/octo-repo@74:environment:prod"),
        ("Kubernetes", "system:serviceaccount:payments:worker"),
        ("SPIFFE", "spiffe://example.org/ns/payments/sa/worker"),
    ] {
        let window = bench(workload);
        window.assert_says(says);
        assert!(window.has(Role::Status, "Signature verified"), "{workload}");
    }
}

#[test]
fn the_first_difference_is_told_with_the_error_of_the_cloud() {
    let mut window = bench("GitHub Actions");
    window.fill(POLICY, &entra("repo:octo-org@65/octo-repo@74:environment:Prod"));
    assert!(window.has(Role::Alert, "The token does not fit: Microsoft Entra"));
    for words in [
        "It answers: AADSTS7002138",
        "The first difference is character 43.",
        "They differ in upper and lower case alone, which counts here.",
        "Copy sub of the token into the policy.",
    ] {
        window.assert_says(words);
    }
    window.fill(POLICY, &entra("repo:octo-org@65/octo-repo@74:environment:prod"));
    assert!(window.has(Role::Status, "The token fits: Microsoft Entra"));
    window.assert_says("Its signature and times are not judged by this.");
}

#[test]
fn aws_and_google_compare_in_their_own_ways() {
    let mut window = bench("GitHub Actions");
    window.fill(
        POLICY,
        r#"{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRoleWithWebIdentity",
            "Principal":{"Federated":"arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com"},
            "Condition":{"StringEquals":{"token.actions.githubusercontent.com:sub":"repo:octo-org@65/*"}}}]}"#,
    );
    assert!(window.has(Role::Alert, "The token does not fit: AWS"));
    window.assert_says("Not authorized to perform sts:AssumeRoleWithWebIdentity");
    window.assert_says("a pattern needs StringLike");
    window.fill(
        POLICY,
        r#"{"oidc":{"issuerUri":"https://token.actions.githubusercontent.com","allowedAudiences":["https://github.com/octo-org"]},
            "attributeCondition":"assertion.repository_owner=='octo-org'"}"#,
    );
    assert!(window.has(Role::Status, "The token fits: Google Cloud"));
}

#[test]
fn values_are_compared_without_a_policy() {
    let mut window = bench("Kubernetes");
    window.press_role(Role::Tab, "iss, sub and aud");
    window.fill("sub", "system:serviceaccount:payments:workers");
    assert!(window.has(Role::Alert, "The token does not fit: the values given"));
    window.assert_says("The first difference is character 38.");
    window.fill("sub", "system:serviceaccount:payments:worker");
    assert!(window.has(Role::Status, "The token fits: the values given"));
}

#[test]
fn what_cannot_be_compared_says_why() {
    let mut window = bench("SPIFFE");
    for (policy, says) in [("{", "no JSON"), ("{}", "nor a trust policy of an AWS role")] {
        window.fill(POLICY, policy);
        assert!(window.has(Role::Alert, "Not compared") || window.has(Role::Status, "Not compared"), "{policy}");
        window.assert_says(says);
    }
    window.fill("Token to decode", "opaque");
    window.fill(POLICY, &entra("x"));
    window.assert_says("the token has no claims to compare");
}

#[test]
fn everything_has_its_place_in_the_smallest_window() {
    let mut window = of(Window::open_with(SMALL, FakeBackend::new()), "GitHub Actions");
    window.fill(POLICY, &entra("repo:octo-org/octo-repo:environment:prod"));
    window.assert_says("One has the numbers of owner and repository");
}
