//! Federated identity credentials of Microsoft Entra, as `az identity federated-credential show` and `az ad app
//! federated-credential list` print them, and as the Graph API gives them.

use super::expression;
use super::policy::{Cloud, Condition, How, Policy};
use crate::base::json::Json;

pub(super) fn read(json: &Json) -> Option<Policy> {
    let credentials: Vec<&Json> = match json {
        Json::Array(credentials) => credentials.iter().collect(),
        json => match json.get("value") {
            Some(Json::Array(credentials)) => credentials.iter().collect(),
            _ => vec![json],
        },
    };
    let ways: Vec<Vec<Condition>> = credentials.into_iter().filter_map(way).collect();
    (!ways.is_empty()).then(|| Policy::new(Cloud::Entra, ways))
}

fn way(credential: &Json) -> Option<Vec<Condition>> {
    // Some tools put them into `properties`.
    let credential = credential.get("properties").unwrap_or(credential);
    let issuer = credential.text("issuer")?;
    let audiences = credential.get("audiences").or_else(|| credential.get("audience"))?;
    let audiences = audiences.as_str().map_or_else(|| audiences.strings(), |one| vec![one]);
    let mut way = vec![
        Condition::new("iss", How::Equals, vec![issuer.to_owned()]),
        Condition::new("aud", How::Equals, audiences.into_iter().map(str::to_owned).collect()),
    ];
    way.extend(credential.text("subject").map(|subject| Condition::new("sub", How::Equals, vec![subject.to_owned()])));
    let flexible = credential.get("claimsMatchingExpression").and_then(|matching| matching.text("value"));
    way.extend(flexible.into_iter().flat_map(|text| expression::conditions(text, " and ")));
    Some(way)
}
