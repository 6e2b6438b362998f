//! Fine-grained permissions as JSON (RFC 9396): which types there are and what they are made of, what is wrong with those
//! that were asked for, and what is granted of them in a token request.

use serde_json::{Map, Value, json};

use super::fields::Fields;
use crate::terms::error::OAuthError;

/// What can be asked for. Nothing is behind them.
pub const TYPES: [&str; 2] = ["payment_initiation", "account_information"];

/// What can be asked to be done with each type, as in the examples of the document (section 2).
fn actions(kind: &str) -> &'static [&'static str] {
    match kind {
        "payment_initiation" => &["initiate", "status", "cancel"],
        _ => &["list_accounts", "read_balances", "read_transactions"],
    }
}

/// What the value of a field has to be.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Flag,
    /// A list of texts.
    Texts,
    /// A list of anything.
    List,
    Object(&'static [(&'static str, Form)]),
}

/// Fields of every type (section 2.2).
const COMMON: &[(&str, Form)] = &[
    ("type", Form::Text),
    ("locations", Form::Texts),
    ("actions", Form::Texts),
    ("datatypes", Form::Texts),
    ("identifier", Form::Text),
    ("privileges", Form::Texts),
];

const AMOUNT: &[(&str, Form)] = &[("currency", Form::Text), ("amount", Form::Text)];
const ACCOUNT: &[(&str, Form)] = &[("iban", Form::Text), ("currency", Form::Text)];
const ACCESS: &[(&str, Form)] = &[("accounts", Form::List), ("balances", Form::List), ("transactions", Form::List)];

/// Fields of one type alone, as the examples of the document have them (section 2).
fn own_fields(kind: &str) -> &'static [(&'static str, Form)] {
    match kind {
        "payment_initiation" => &[
            ("instructedAmount", Form::Object(AMOUNT)),
            ("creditorName", Form::Text),
            ("creditorAccount", Form::Object(ACCOUNT)),
            ("debtorAccount", Form::Object(ACCOUNT)),
            ("remittanceInformationUnstructured", Form::Text),
        ],
        _ => &[("access", Form::Object(ACCESS)), ("recurringIndicator", Form::Flag)],
    }
}

/// What is asked for in detail.
///
/// # Errors
/// `invalid_authorization_details` for what is no list of objects of a known type, for a field or an action that its type
/// does not have and for a value of another kind (section 5).
pub fn read(fields: &Fields) -> Result<Option<Value>, OAuthError> {
    let Some(text) = fields.get("authorization_details") else { return Ok(None) };
    let value: Value =
        serde_json::from_str(text).map_err(|_| invalid("authorization_details is no JSON".to_owned()))?;
    let details = value.as_array().filter(|details| !details.is_empty());
    let details = details.ok_or_else(|| invalid("authorization_details is no list with something in it".to_owned()))?;
    for detail in details {
        let kind = detail.get("type").and_then(Value::as_str);
        let kind = kind.ok_or_else(|| invalid("one of the authorization_details has no type".to_owned()))?;
        if !TYPES.contains(&kind) {
            return Err(invalid(format!("the type {kind} is not known here, only {}", TYPES.join(", "))));
        }
        let fields = [COMMON, own_fields(kind)].concat();
        let members = detail.as_object().map(|members| fault(members, &fields));
        if let Some(fault) = members.flatten() {
            return Err(invalid(format!("{kind}: {fault}")));
        }
        let asked = detail.get("actions").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        if let Some(other) = asked.into_iter().find(|action| !actions(kind).contains(action)) {
            return Err(invalid(format!("{kind}: there is no action {other}, only {}", actions(kind).join(", "))));
        }
    }
    Ok(Some(value))
}

fn invalid(why: String) -> OAuthError {
    OAuthError::new("invalid_authorization_details", why)
}

/// What is wrong with the members of an object that has these fields.
fn fault(members: &Map<String, Value>, fields: &[(&str, Form)]) -> Option<String> {
    members.iter().find_map(|(name, value)| {
        let Some((_, form)) = fields.iter().find(|(field, _)| field == name) else {
            return Some(format!("there is no field {name}"));
        };
        match form {
            Form::Text => (!value.is_string()).then(|| format!("{name} has to be a text")),
            Form::Flag => (!value.is_boolean()).then(|| format!("{name} has to be true or false")),
            Form::List => (!value.is_array()).then(|| format!("{name} has to be a list")),
            Form::Texts => {
                let is_list = value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
                (!is_list).then(|| format!("{name} has to be a list of texts"))
            }
            Form::Object(fields) => match value.as_object() {
                Some(members) => fault(members, fields).map(|fault| format!("{name}: {fault}")),
                None => Some(format!("{name} has to be an object")),
            },
        }
    })
}

/// The details of a token request: those approved, or less (section 6).
///
/// # Errors
/// `invalid_authorization_details` for what goes beyond them.
pub fn narrowed(fields: &Fields, approved: Option<&Value>) -> Result<Option<Value>, OAuthError> {
    let Some(asked) = read(fields)? else { return Ok(approved.cloned()) };
    let approved: &[Value] = approved.and_then(Value::as_array).map_or(&[], Vec::as_slice);
    let is_beyond = |one: &&Value| !approved.iter().any(|whole| is_within(one, whole));
    match asked.as_array().and_then(|asked| asked.iter().find(is_beyond)) {
        Some(one) => Err(invalid(format!("what was approved does not cover {one}"))),
        None => Ok(Some(asked)),
    }
}

/// More than these: a higher amount where there is one, and else another permission.
pub fn widened(mut details: Value) -> Value {
    let elements = details.as_array_mut().map(std::mem::take).unwrap_or_default();
    let has_amount = |element: &Value| element.pointer(AMOUNT_OF_PAYMENT).is_some();
    let wider = match elements.iter().any(has_amount) {
        true => elements.into_iter().map(with_higher_amount).collect(),
        false => elements
            .into_iter()
            .chain([json!({ "type": "account_information", "actions": ["read", "close"] })])
            .collect(),
    };
    Value::Array(wider)
}

const AMOUNT_OF_PAYMENT: &str = "/instructedAmount/amount";

fn with_higher_amount(mut element: Value) -> Value {
    if let Some(amount) = element.pointer_mut(AMOUNT_OF_PAYMENT) {
        *amount = json!("1000000.00");
    }
    element
}

/// Whether a value is another one or less: fewer elements of lists, and every member of an object. A member that is left
/// out would be a limit that is lifted.
fn is_within(one: &Value, whole: &Value) -> bool {
    match (one, whole) {
        (Value::Array(one), Value::Array(whole)) => one.iter().all(|value| whole.contains(value)),
        (Value::Object(one), Value::Object(whole)) => {
            one.len() == whole.len()
                && one.iter().all(|(name, value)| whole.get(name).is_some_and(|whole| is_within(value, whole)))
        }
        _ => one == whole,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn less_is_within_and_a_limit_that_is_left_out_is_not() {
        let whole = json!({"type": "a", "actions": ["read", "pay"], "to": {"name": "Shop"}});
        for (one, is_less) in [
            (whole.clone(), true),
            (json!({"type": "a", "actions": ["pay"], "to": {"name": "Shop"}}), true),
            (json!({"type": "a", "actions": ["pay", "close"], "to": {"name": "Shop"}}), false),
            (json!({"type": "a", "actions": ["pay"], "to": {"name": "Mallory"}}), false),
            (json!({"type": "a", "actions": ["pay"]}), false),
            (json!({"type": "b", "actions": ["pay"], "to": {"name": "Shop"}}), false),
        ] {
            assert_eq!(is_within(&one, &whole), is_less, "{one}");
        }
    }
}
