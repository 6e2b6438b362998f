//! Trust policies of AWS roles: statements that allow `sts:AssumeRoleWithWebIdentity` to a provider, with conditions on its
//! claims (`token.actions.githubusercontent.com:sub`).

use super::policy::{Cloud, Condition, How, Policy};
use crate::base::json::Json;

pub(super) fn read(json: &Json) -> Option<Policy> {
    // `aws iam get-role` has it in the role.
    let role = json.get("Role").unwrap_or(json);
    let policy = role.get("AssumeRolePolicyDocument").unwrap_or(role);
    let statements = list(policy.get("Statement")?);
    let ways: Vec<Vec<Condition>> =
        statements.into_iter().filter(|statement| allows(statement)).filter_map(way).collect();
    (!ways.is_empty()).then(|| Policy { cloud: Cloud::Aws, ways, notes: Vec::new() })
}

/// One or several.
fn list(json: &Json) -> Vec<&Json> {
    match json {
        Json::Array(values) => values.iter().collect(),
        value => vec![value],
    }
}

fn allows(statement: &Json) -> bool {
    let actions = statement.get("Action").map(list).unwrap_or_default();
    let is_it = |action: &&Json| {
        action.as_str().is_some_and(|action| ["sts:AssumeRoleWithWebIdentity", "sts:*", "*"].contains(&action))
    };
    statement.text("Effect") == Some("Allow") && actions.iter().any(is_it)
}

fn way(statement: &Json) -> Option<Vec<Condition>> {
    let federated = list(statement.get("Principal")?.get("Federated")?);
    let providers: Vec<&str> = federated.into_iter().filter_map(provider).collect();
    let issuers = providers.iter().map(|provider| format!("https://{provider}")).collect();
    let mut way = vec![Condition::new("iss", How::Equals, issuers)];
    if let Some(Json::Object(operators)) = statement.get("Condition") {
        for (operator, keys) in operators {
            let Json::Object(keys) = keys else { continue };
            way.extend(keys.iter().map(|(key, values)| condition(operator, key, values, &providers)));
        }
    }
    Some(way)
}

/// Host and path of the issuer that a principal names.
fn provider(arn: &Json) -> Option<&str> {
    arn.as_str()?.split_once(":oidc-provider/").map(|(_, provider)| provider)
}

/// A key is of one provider: that of another is never there, so its condition never holds.
fn condition(operator: &str, key: &str, values: &Json, providers: &[&str]) -> Condition {
    let values: Vec<String> = list(values).into_iter().filter_map(Json::as_str).map(str::to_owned).collect();
    let claim = providers.iter().find_map(|provider| key.strip_prefix(provider)?.strip_prefix(':'));
    let how = match operator.rsplit(':').next().unwrap_or_default() {
        "StringEquals" => How::Equals,
        "StringEqualsIgnoreCase" => How::EqualsIgnoringCase,
        "StringLike" => How::Like,
        _ => How::Unknown,
    };
    match how {
        How::Unknown => Condition::new(key, how, vec![format!("{operator} {key} {}", values.join(", "))]),
        how => Condition::new(claim.unwrap_or(key), how, values),
    }
}
