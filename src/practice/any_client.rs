//! Clients that nobody registered, where every client is taken: each is registered when it first asks, and may do
//! everything; its secret is not looked at.

use super::Practice;
use super::config::{Client, Config};
use super::grant::GRANTS;
use super::response_type::RESPONSE_TYPES;
use crate::base::http::{HttpRequest, basic_pair};
use crate::base::params::Params;
use crate::terms::client_auth::ClientAuthMethod;

/// Those that are remembered; the oldest gives way.
const MANY: usize = 1000;
/// Longest name of one.
const LONGEST: usize = 256;

/// The methods that prove nothing here.
const METHODS: [ClientAuthMethod; 3] =
    [ClientAuthMethod::ClientSecretBasic, ClientAuthMethod::ClientSecretPost, ClientAuthMethod::None];

/// Registers the client that a request names, unless it is known.
pub fn adopt(practice: &mut Practice, request: &HttpRequest) {
    let Some(name) = named(request).filter(|name| name.len() <= LONGEST && practice.config.client(name).is_none())
    else {
        return;
    };
    practice.why.say(format!("{name} is taken as a client, as every other would be"));
    practice.config.clients.push(of_name(&name, &practice.config));
    practice.adopted.push_back(name);
    if practice.adopted.len() > MANY {
        let oldest = practice.adopted.pop_front();
        practice.config.clients.retain(|client| Some(&client.client_id) != oldest.as_ref());
    }
}

/// The client that a request names: in its parameters, or in the `Authorization` header (RFC 6749 section 2.3.1).
pub fn named(request: &HttpRequest) -> Option<String> {
    let basic = || {
        let (name, _) = basic_pair(request.headers.get("authorization")?)?;
        let decoded = Params::parse(name.replace('&', "%26").replace('=', "%3D").as_bytes());
        decoded.0.into_iter().next().map(|(name, _)| name)
    };
    let form = request.form().unwrap_or_default();
    let sent = form.get("client_id").map(str::to_owned).or_else(|| request.query().get("client_id").map(str::to_owned));
    sent.or_else(basic).filter(|name| !name.is_empty())
}

fn of_name(name: &str, config: &Config) -> Client {
    Client {
        token_endpoint_auth_methods: METHODS.to_vec(),
        any_secret: true,
        grant_types: GRANTS.iter().map(|grant| grant.name.to_owned()).chain(["implicit".to_owned()]).collect(),
        response_types: RESPONSE_TYPES.map(str::to_owned).to_vec(),
        any_loopback_redirect: true,
        redirect_patterns: config.redirect_patterns.clone(),
        ..Client::new(name)
    }
}
