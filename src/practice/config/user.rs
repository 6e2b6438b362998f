//! Who signs in.

use serde::Deserialize;
use serde_json::{Map, Value};
use toml::Table;

use super::DEMO_PASSWORD;
use super::file::{claims, object};
use crate::base::secret::Secret;

/// A demo user.
#[derive(Clone, Debug)]
pub struct User {
    /// How the user is called in tokens, on the login page and in `login_hint`.
    pub sub: String,
    /// Wanted by the password grant alone; the login page asks for none.
    pub password: Secret,
    /// Standard claims (OIDC Core section 5.1), released as the scope says, and any others, released with `profile`.
    pub claims: Map<String, Value>,
    /// Those of them that UserInfo holds in a JWT of their own (OIDC Core section 5.6.2).
    pub aggregated_claims: Vec<String>,
    /// Those of them that clients have to fetch elsewhere.
    pub distributed_claims: Vec<String>,
}

impl User {
    /// A standard claim that is text.
    pub fn text(&self, claim: &str) -> Option<&str> {
        self.claims.get(claim)?.as_str()
    }

    /// The name for people, or `sub` when there is none.
    pub fn name(&self) -> &str {
        self.text("name").unwrap_or(&self.sub)
    }
}

/// A user as a configuration file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct UserTable {
    sub: String,
    password: Option<String>,
    #[serde(default)]
    claims: Table,
    #[serde(default)]
    aggregated_claims: Vec<String>,
    #[serde(default)]
    distributed_claims: Vec<String>,
}

/// A user of the file.
///
/// # Errors
/// What cannot work, in words.
pub(super) fn user(table: UserTable) -> Result<User, String> {
    is_elsewhere_once(read_user(table)?)
}

fn read_user(table: UserTable) -> Result<User, String> {
    if table.claims.contains_key("sub") {
        return Err(format!("{}: sub stands beside claims, not among them", table.sub));
    }
    let password = Secret::new(table.password.unwrap_or_else(|| DEMO_PASSWORD.to_owned()));
    Ok(User {
        sub: table.sub,
        password,
        claims: claims(table.claims),
        aggregated_claims: table.aggregated_claims,
        distributed_claims: table.distributed_claims,
    })
}

/// A claim is here, in a JWT or elsewhere, and has a value.
///
/// # Errors
/// Names the one that is not so.
pub fn is_elsewhere_once(user: User) -> Result<User, String> {
    let lists = [("aggregated_claims", &user.aggregated_claims), ("distributed_claims", &user.distributed_claims)];
    for (list, name) in lists.into_iter().flat_map(|(list, names)| names.iter().map(move |name| (list, name))) {
        if !user.claims.contains_key(name) {
            return Err(format!("{}: {list} has {name}, which is none of its claims", user.sub));
        }
        if lists.iter().all(|(_, names)| names.contains(name)) {
            return Err(format!("{}: {name} is aggregated and distributed; it comes from one source", user.sub));
        }
    }
    Ok(user)
}

/// A user as JSON, in the same way, but that [`is_elsewhere_once`] says whether its members agree.
///
/// # Errors
/// What cannot work, in words.
pub fn user_from_json(sub: &str, mut members: Map<String, Value>) -> Result<User, String> {
    let claims = object(&mut members, "claims")?;
    members.insert("sub".to_owned(), Value::from(sub));
    if claims.contains_key("sub") {
        return Err("sub stands in the path, not among the claims".to_owned());
    }
    let table = serde_json::from_value(Value::Object(members)).map_err(|error| error.to_string())?;
    Ok(User { claims, ..read_user(table)? })
}
