//! How else a client can say who it is, with what is filled in.

use super::Cure;
use crate::flow::trace::Exchange;
use crate::flow::{Flow, causes, description, method_named};
use crate::terms::client_auth::ClientAuthMethod;

/// How else the client can say who it is, with what is filled in: the method that the server names or lists, else the
/// other one of the two for a secret.
pub(super) fn other_method(flow: &Flow, said: &str, exchange: &Exchange) -> Option<Cure> {
    use ClientAuthMethod::{ClientSecretBasic, ClientSecretJwt, ClientSecretPost, None, PrivateKeyJwt};

    let used = method_used(exchange).filter(|_| !description::has_read_secret(said))?;
    let client = &exchange.settings.client;
    // A recording may be without the secret that it was made with.
    let has_secret = !client.client_secret.is_empty() || matches!(used, ClientSecretBasic | ClientSecretPost);
    let possible = |method: &ClientAuthMethod| match method {
        ClientSecretPost | ClientSecretBasic | ClientSecretJwt => has_secret,
        PrivateKeyJwt => !client.private_key.is_empty(),
        None => !has_secret || description::is_public(said),
        _ => false,
    };
    let others = [ClientSecretPost, ClientSecretBasic, PrivateKeyJwt, ClientSecretJwt, None];
    let is_wanted = |method: &ClientAuthMethod| {
        !description::wants_assertion(said) || matches!(method, PrivateKeyJwt | ClientSecretJwt)
    };
    let others = || others.into_iter().filter(|method| *method != used && possible(method) && is_wanted(method));
    let listed = flow.session.metadata.as_ref().and_then(|it| it.supported(causes::METHODS));
    let is_listed = |method: &ClientAuthMethod| listed.as_ref().is_none_or(|listed| listed.contains(&method.name()));
    let by_words = method_named::named(said, Some(used.name()));
    let is_named = |method: &ClientAuthMethod| by_words.contains(&method.name());
    let is_twin = |method: &ClientAuthMethod| {
        matches!((used, *method), (ClientSecretBasic, ClientSecretPost) | (ClientSecretPost, ClientSecretBasic))
    };
    let is_meant = |method: &ClientAuthMethod| match description::is_public(said) {
        true => *method == None,
        false => is_named(method) || description::wants_assertion(said),
    };
    let named = others().find(is_meant);
    let usual = || others().filter(is_listed).find(|method| is_twin(method) || !is_listed(&used));
    let new_key = || Some(PrivateKeyJwt).filter(|_| wants_new_key(flow, said, used));
    let method = named.or_else(new_key).or_else(usual)?;
    Some(Cure::new(format!("Use {}", method.name()), "token_endpoint_auth_method", method.name()))
}

/// Whether the server asks for a key where the client has none, and takes no secret. A key can be had: the run says next
/// that it lacks one.
fn wants_new_key(flow: &Flow, said: &str, used: ClientAuthMethod) -> bool {
    let name = ClientAuthMethod::PrivateKeyJwt.name();
    let is_named = said.contains(name) && !said.contains("client_secret_");
    let listed = flow.session.metadata.as_ref().and_then(|it| it.supported(causes::METHODS));
    let is_listed = listed.is_some_and(|listed| listed.contains(&name) && !listed.contains(&used.name()));
    let is_new = used.name() != name && flow.settings.client.private_key.is_empty();
    is_new && (is_named || is_listed && !causes::takes_secret(flow))
}

/// How the client said who it is, by what left where that shows it.
fn method_used(exchange: &Exchange) -> Option<ClientAuthMethod> {
    let is_basic = exchange.request.headers.get("authorization").is_some_and(|value| value.starts_with("Basic "));
    let has_secret = || exchange.request.form().is_some_and(|form| form.contains("client_secret"));
    match is_basic {
        true => Some(ClientAuthMethod::ClientSecretBasic),
        false if has_secret() => Some(ClientAuthMethod::ClientSecretPost),
        false => exchange.settings.auth_method(),
    }
}
