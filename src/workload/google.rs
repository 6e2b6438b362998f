//! Providers of workload identity pools of Google Cloud, as `gcloud iam workload-identity-pools providers describe --format
//! json` prints them.

use super::expression;
use super::policy::{Cloud, Condition, How, Policy};
use crate::base::json::Json;

pub(super) fn read(json: &Json) -> Option<Policy> {
    let oidc = json.get("oidc")?;
    let issuer = oidc.text("issuerUri")?;
    let mut way = closed(json);
    way.push(Condition::new("iss", How::Equals, vec![issuer.to_owned()]));
    way.extend(audience(json, oidc));
    way.extend(subject(json));
    way.extend(json.text("attributeCondition").into_iter().flat_map(|text| expression::conditions(text, "&&")));
    Some(Policy { notes: notes(json), ..Policy::new(Cloud::Google, vec![way]) })
}

/// Why nobody gets in: it is switched off, or deleted and not yet gone.
fn closed(json: &Json) -> Vec<Condition> {
    let is_disabled = json.get("disabled") == Some(&Json::Bool(true));
    let is_deleted = json.text("state") == Some("DELETED");
    let never = |name: &str, value: &str| Condition::new(name, How::Never, vec![value.to_owned()]);
    let disabled = is_disabled.then(|| never("disabled", "true"));
    disabled.into_iter().chain(is_deleted.then(|| never("state", "DELETED"))).collect()
}

/// Every token needs a `google.subject`. Where that is not one claim as it stands, it is not judged here.
fn subject(json: &Json) -> Option<Condition> {
    let claim = expression::whole_claim(json.get("attributeMapping")?.text("google.subject")?)?;
    Some(Condition::new(claim, How::Present, vec![format!("{claim}, for google.subject")]))
}

/// Without a list it is the provider's own name, with and without the scheme.
fn audience(json: &Json, oidc: &Json) -> Option<Condition> {
    let allowed: Vec<String> =
        oidc.get("allowedAudiences").map(Json::strings).unwrap_or_default().into_iter().map(str::to_owned).collect();
    if !allowed.is_empty() {
        return Some(Condition::new("aud", How::Equals, allowed));
    }
    let name = json.text("name")?;
    let own = ["https:", ""].map(|scheme| format!("{scheme}//iam.googleapis.com/{name}"));
    Some(Condition::new("aud", How::Equals, own.into()))
}

/// Who may act as a service account is bound to mapped attributes, which are not in this document.
fn notes(json: &Json) -> Vec<String> {
    let mapped = json.get("attributeMapping").and_then(|mapping| match mapping {
        Json::Object(members) => Some(members.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", ")),
        _ => None,
    });
    mapped
        .map(|mapped| {
            format!("the binding of a service account (principalSet) is held against {mapped}, not judged here")
        })
        .into_iter()
        .collect()
}
