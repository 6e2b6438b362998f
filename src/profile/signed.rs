//! Every JWT that a run has seen and that somebody has signed, with what it is: FAPI 2.0 holds all of them to its algorithms
//! (section 5.4.1), whoever made them.

use crate::base::http::HttpRequest;
use crate::client::dpop;
use crate::client::encryption;
use crate::flow::Flow;
use crate::flow::stage::Stage;
use crate::flow::trace::{Answer, Exchange};
use crate::jose::jwt::{Decoded, Form, decode};

/// What a JWT is, and the JWT.
pub(super) type Signed = (&'static str, Decoded);

/// Those of a run; `authenticated` are its requests in which the client may have shown an assertion. One that stays
/// encrypted does not say how it is signed.
pub(super) fn of_run(flow: &Flow, authenticated: &[&Exchange]) -> Vec<Signed> {
    let assertions = authenticated.iter().filter_map(|sent| assertion(&sent.request));
    let object = flow.authorization().and_then(|sent| sent.object.as_ref()).map(|object| decode(&object.text));
    let mut all: Vec<Signed> = assertions.map(|token| ("the client assertion", token)).collect();
    all.extend(object.map(|token| ("the request object", token)));
    all.extend(flow.trace.exchanges.iter().flat_map(|exchange| of_exchange(exchange)));
    for tokens in &flow.session.tokens {
        all.extend(tokens.id_token.clone().map(|token| ("the ID token", token)));
        let access_token = tokens.response.access_token.as_ref().map(|token| decode(token.expose()));
        all.extend(access_token.map(|token| ("the access token", token)));
    }
    // An access token may be any text: only what says how it is signed is a JWT for sure.
    all.retain(|(_, token)| matches!(token.form, Form::Jws | Form::UnsecuredJws) && token.alg().is_some());
    all
}

/// What the client signed to say who it is.
pub(super) fn assertion(request: &HttpRequest) -> Option<Decoded> {
    request.form()?.get("client_assertion").map(decode)
}

fn of_exchange(exchange: &Exchange) -> Vec<Signed> {
    let opened = |text: &str| encryption::inside(decode(text.trim()), &exchange.settings);
    let mut found: Vec<Signed> =
        dpop::proof(&exchange.request).map(|proof| ("the DPoP proof", proof)).into_iter().collect();
    if let Answer::Callback(callback) = &exchange.answer {
        found.extend(callback.params.get("response").map(|text| ("the authorization response", opened(text))));
    }
    let what = match exchange.stage {
        Stage::UserInfo => "UserInfo",
        Stage::Introspection => "introspection",
        _ => return found,
    };
    let body = exchange.response().and_then(|answer| std::str::from_utf8(&answer.body).ok());
    found.extend(body.map(|body| (what, opened(body))));
    found
}
