//! Trust policies of AWS roles: statements that allow `sts:AssumeRoleWithWebIdentity` to a provider, with conditions on its
//! claims (`token.actions.githubusercontent.com:sub`). A statement that denies it is stronger than all that allow it. Names
//! of actions and keys are compared without upper and lower case.

use super::compare::{AZP_OR_AUD, like};
use super::policy::{Cloud, Condition, How, Policy};
use crate::base::json::Json;

/// What a workload does, in lower case.
const ACTION: &str = "sts:assumerolewithwebidentity";

/// Google, as principals and keys name it.
const GOOGLE: &str = "accounts.google.com";
/// Behind an operator that lets through who has no such claim.
const IF_EXISTS: &str = "IfExists";

pub(super) fn read(json: &Json) -> Option<Policy> {
    // `aws iam get-role` has it in the role.
    let role = json.get("Role").unwrap_or(json);
    let policy = role.get("AssumeRolePolicyDocument").unwrap_or(role);
    let statements: Vec<&Json> = list(policy.get("Statement")?).into_iter().filter(|one| is_about(one)).collect();
    let of = |effect: &'static str| statements.iter().filter(move |one| one.text("Effect") == Some(effect));
    let mut ways: Vec<Vec<Condition>> = of("Allow").filter_map(|statement| way(statement)).collect();
    let denials: Vec<Vec<Condition>> = of("Deny").map(|statement| denial(statement)).collect();
    let is_of_role = || list(policy.get("Statement").unwrap_or(policy)).into_iter().any(names_provider);
    if ways.is_empty() && (!denials.is_empty() || is_of_role()) {
        let why = "no statement allows sts:AssumeRoleWithWebIdentity".to_owned();
        ways.push(vec![Condition::new("Effect", How::Never, vec![why])]);
    }
    (!ways.is_empty()).then(|| Policy { denials, ..Policy::new(Cloud::Aws, ways) })
}

/// One or several.
fn list(json: &Json) -> Vec<&Json> {
    match json {
        Json::Array(values) => values.iter().collect(),
        value => vec![value],
    }
}

/// Whether a statement is about what a workload does, by its actions or by those it is not about.
fn is_about(statement: &Json) -> bool {
    let names = |member: &str| {
        let actions = statement.get(member).map(list)?;
        Some(actions.into_iter().filter_map(Json::as_str).any(|action| like(&action.to_ascii_lowercase(), ACTION)))
    };
    names("Action").or_else(|| names("NotAction").map(|is_named| !is_named)).unwrap_or(false)
}

fn way(statement: &Json) -> Option<Vec<Condition>> {
    let providers: Vec<&str> =
        list(statement.get("Principal")?.get("Federated")?).into_iter().filter_map(provider).collect();
    let mut way = vec![of_issuers(&providers)];
    way.extend(conditions(statement, &providers));
    Some(way)
}

/// Everybody may be denied. A principal that is none of these providers is not judged here.
fn denial(statement: &Json) -> Vec<Condition> {
    let principal = statement.get("Principal");
    let is_everybody = |json: &Json| json.as_str() == Some("*");
    let named = principal.and_then(|principal| principal.get("Federated")).map(list).unwrap_or_default();
    let providers: Vec<&str> = named.iter().copied().filter_map(provider).collect();
    let all = principal.is_some_and(is_everybody)
        || principal.and_then(|principal| principal.get("AWS")).is_some_and(is_everybody)
        || named.iter().copied().any(is_everybody);
    let whom = match () {
        () if all => Condition::new("iss", How::Present, vec!["everybody".to_owned()]),
        () if providers.is_empty() => Condition::new("Principal", How::Unknown, vec!["another principal".to_owned()]),
        () => of_issuers(&providers),
    };
    let mut denial = vec![whom];
    denial.extend(conditions(statement, &providers));
    denial
}

fn of_issuers(providers: &[&str]) -> Condition {
    let mut issuers: Vec<String> = providers.iter().map(|provider| format!("https://{provider}")).collect();
    // Tokens of Google may name their issuer without the scheme (its OpenID Connect guide, Validating an ID token).
    issuers.extend(providers.iter().filter(|provider| **provider == GOOGLE).map(|provider| (*provider).to_owned()));
    Condition::new("iss", How::Equals, issuers)
}

fn conditions(statement: &Json, providers: &[&str]) -> Vec<Condition> {
    let Some(Json::Object(operators)) = statement.get("Condition") else { return Vec::new() };
    let of_operator = |(operator, keys): &(String, Json)| match keys {
        Json::Object(keys) => keys.iter().map(|(key, values)| condition(operator, key, values, providers)).collect(),
        _ => Vec::new(),
    };
    operators.iter().flat_map(of_operator).collect()
}

/// Whether a statement is about those who come from a provider, whatever they may do.
fn names_provider(statement: &Json) -> bool {
    let named = statement.get("Principal").and_then(|principal| principal.get("Federated")).map(list);
    named.is_some_and(|named| named.into_iter().any(|arn| provider(arn).is_some()))
}

/// Host and path of the issuer that a principal names. Google is known to AWS without being entered as a provider.
fn provider(arn: &Json) -> Option<&str> {
    match arn.as_str()? {
        GOOGLE => Some(GOOGLE),
        arn => arn.split_once(":oidc-provider/").map(|(_, provider)| provider),
    }
}

/// The claim that a key of a provider stands for. For Google `aud` is `azp` where there is one, and `oaud` is `aud` (IAM user
/// guide, keys for AWS OIDC federation).
fn claim_of(provider: &str, key: &str) -> String {
    match (provider, key) {
        (GOOGLE, "aud") => AZP_OR_AUD,
        (GOOGLE, "oaud") => "aud",
        _ => key,
    }
    .to_owned()
}

/// A key is of one provider: that of another is never there, so its condition never holds. Keys of AWS itself
/// (`aws:RequestedRegion`, `sts:RoleSessionName`) say nothing of the token.
fn condition(operator: &str, key: &str, values: &Json, providers: &[&str]) -> Condition {
    let values: Vec<String> = list(values).into_iter().filter_map(Json::as_str).map(str::to_owned).collect();
    let lower = key.to_ascii_lowercase();
    let claim_behind = |key: &str| {
        let of = |one: &&str| Some(claim_of(one, key.strip_prefix(&one.to_ascii_lowercase())?.strip_prefix(':')?));
        providers.iter().find_map(of)
    };
    let is_of_aws = !key.split_once(':').is_some_and(|(of, _)| of.contains('.'));
    let named = operator.rsplit(':').next().unwrap_or_default();
    let if_exists = named.ends_with(IF_EXISTS);
    let how = match named.strip_suffix(IF_EXISTS).unwrap_or(named) {
        "StringEquals" | "StringEqualsIgnoreCase" | "StringLike"
            if !if_exists && lower.strip_prefix("https://").and_then(claim_behind).is_some() =>
        {
            let why = format!("the key {key} is never there: it is written without https://");
            return Condition::new(key, How::Never, vec![why]);
        }
        _ if is_of_aws => How::Unknown,
        "StringEquals" => How::Equals,
        "StringEqualsIgnoreCase" => How::EqualsIgnoringCase,
        "StringLike" => How::Like,
        _ => How::Unknown,
    };
    match how {
        How::Unknown => Condition::new(key, how, vec![format!("{operator} {key} {}", values.join(", "))]),
        how => {
            let claim = claim_behind(&lower).unwrap_or_else(|| key.to_owned());
            let of_all = operator.starts_with("ForAllValues:");
            Condition { of_all, if_exists, ..Condition::new(claim, how, values) }
        }
    }
}
