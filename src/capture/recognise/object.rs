//! Request objects that stand elsewhere than in the request: what a `request_uri` leads to (RFC 9101 section 5.2, OIDC Core
//! section 6.2), where its fetch is in the recording.

use std::collections::HashMap;

use super::Recogniser;
use super::returned::MEMBERS;
use crate::base::params::Params;
use crate::capture::exchange::{Seen, sent_as};
use crate::client::request_object;
use crate::jose::jwt::decode;

/// Largest answer that is read as a request object, in bytes.
const LARGEST: usize = 64 * 1024;

/// So many are kept.
const OBJECTS: usize = 256;

/// Never in an object (RFC 9101 section 4): it would lead to another one.
const NEVER: [&str; 2] = ["request", "request_uri"];

/// Request objects that were fetched, by their address.
#[derive(Debug, Default)]
pub(super) struct Objects(HashMap<String, usize>);

impl Objects {
    /// Takes in what an entry brings, where it is a request object that can be read. One that is fetched again has not
    /// changed, or its address would have (OIDC Core section 6.2).
    pub(super) fn learn(&mut self, at: usize, entry: &Seen<'_>) {
        let Some(response) = entry.it.response().filter(|response| response.is_success()) else { return };
        let may_be = response.body.len() <= LARGEST && response.body.trim_ascii_start().starts_with(b"ey");
        if entry.is_post() || !may_be || self.0.len() >= OBJECTS {
            return;
        }
        let inside = request_object::parameters(&decode(response.text().trim()));
        if inside.is_some_and(|inside| inside.contains("response_type")) {
            self.0.entry(sent_as(&entry.it.request.url)).or_insert(at);
        }
    }

    /// The entry with the object that a request refers to. A fragment is the object's hash and no part of its address.
    pub(super) fn of(&self, request: &Params) -> Option<usize> {
        let url = url::Url::parse(request.get("request_uri")?).ok()?;
        self.0.get(&sent_as(&url)).copied()
    }
}

impl Recogniser<'_> {
    /// What a request asks, in its object where it has one, and the entry that brought that.
    pub(super) fn asked(&self, entry: &Seen<'_>) -> (Params, Option<usize>) {
        let mut params = authorization_params(entry);
        let object_at = self.objects.of(&params);
        match object_at {
            Some(at) => open(&mut params, self.seen[at].it.text().trim()),
            None => open_request_object(&mut params),
        }
        (params, object_at)
    }
}

/// What a request object says counts, in the place of what stands beside it (RFC 9101 section 6.3, OIDC Core section 6.1).
pub(super) fn open(params: &mut Params, object: &str) {
    let Some(inside) = request_object::parameters(&decode(object)) else { return };
    let inside = inside.0.into_iter().filter(|(name, _)| !NEVER.contains(&name.as_str())).take(MEMBERS);
    let inside: Vec<(String, String)> = inside.collect();
    inside.iter().for_each(|(name, _)| params.remove(name));
    params.0.extend(inside);
}

/// Its parameters: of the query, or of the form it is posted in.
pub fn authorization_params(entry: &Seen<'_>) -> Params {
    let is_in_form = entry.is_post() && entry.query.get("client_id").is_none() && entry.form.get("client_id").is_some();
    if is_in_form { entry.form.clone() } else { entry.query.clone() }
}

/// What a request object says counts as asked (RFC 9101 section 6.3).
pub(super) fn open_request_object(params: &mut Params) {
    if let Some(object) = params.get("request").map(str::to_owned) {
        open(params, &object);
    }
}
