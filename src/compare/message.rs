//! What is in a message, value by value.

use std::collections::HashSet;

use super::field::of_headers;
use super::item::{Fields, Item};
use super::markup;
use super::nature::{Nature, is_of_encryption, of_member};
use super::words::ENCRYPTED;
use super::{Kind, Part};
use crate::base::http::{HttpRequest, HttpResponse, reason};
use crate::base::json::{Json, number};
use crate::base::params::Params;
use crate::client::encryption::inside;
use crate::client::settings::Settings;
use crate::export::redact::{Redactor, is_placeholder};
use crate::flow::trace::{Answer, Exchange};
use crate::jose::claims::numeric_date;
use crate::jose::jwt::{Decoded, Form, decode};
use crate::jose::x509::thumbprint;

/// Deeper members are one value, as they are written.
const DEPTH: usize = 4;
/// So are those below a longer path, in bytes.
const PATH_LIMIT: usize = 200;
/// Longest text that is tried as a token, in bytes.
const TOKEN_LIMIT: usize = 256 * 1024;

/// Request, answer and the tokens in both. `seen` are the tokens that were met before, which are told once.
pub(super) fn parts(exchange: &Exchange, hide: &Redactor, seen: &mut HashSet<String>) -> Vec<Fields> {
    let shown = hide.exchange(exchange);
    let mut parts = vec![request(&shown.request, &named(&exchange.request.query()), &form_of(&exchange.request))];
    let settings = &exchange.settings;
    parts.extend(tokens(tokens_of_request(&exchange.request), settings, hide, seen));
    parts.push(answer(&shown.answer, &exchange.answer));
    parts.extend(tokens(tokens_of_answer(&exchange.answer), settings, hide, seen));
    parts.extend(exchange.response().and_then(|response| statement(&response.text(), hide)));
    parts
}

type Pairs = Vec<(String, String)>;

fn named(params: &Params) -> Pairs {
    params.0.clone()
}

fn form_of(request: &HttpRequest) -> Pairs {
    request.form().map(|form| form.0).unwrap_or_default()
}

fn request(shown: &HttpRequest, query: &Pairs, form: &Pairs) -> Fields {
    let mut place = shown.url.clone();
    place.set_query(None);
    place.set_fragment(None);
    let mut items = vec![Item::text("method", shown.method.clone()), Item::text("url", place.as_str())];
    items.extend(of_params(&shown.query(), query));
    items.extend(of_headers(&shown.headers));
    match shown.form() {
        Some(shown) => items.extend(of_params(&shown, form)),
        None => items.extend(of_body(&shown.body)),
    }
    let certificate = shown.tls.certificate.as_ref().and_then(|certificate| certificate.chain.first());
    items.extend(certificate.map(|der| Item::member("client_certificate", thumbprint(der))));
    let about = format!("{} {}", shown.method, shown.url.path());
    Fields { part: Part::Request, about, items }
}

fn answer(shown: &Answer, real: &Answer) -> Fields {
    let (about, items) = match (shown, real) {
        (Answer::Response(shown), Answer::Response(real)) => {
            let mut items = vec![Item::text("status", shown.status.to_string())];
            items.extend(of_headers(&shown.headers));
            items.extend(with_forms(of_body(&shown.body), real));
            (format!("{} {}", shown.status, reason(shown.status)).trim_end().to_owned(), items)
        }
        (Answer::Callback(shown), Answer::Callback(real)) => {
            let mut items = vec![Item::text("response_mode", shown.via.name())];
            items.push(Item::text("redirect_uri", shown.redirect_uri.clone()));
            items.extend(of_params(&shown.params, &real.params.0));
            ("redirect".to_owned(), items)
        }
        (Answer::Failed(failure), _) => ("no answer".to_owned(), vec![Item::text("failure", failure.to_string())]),
        (Answer::Visited, _) => ("visited".to_owned(), Vec::new()),
        _ => ("no answer".to_owned(), vec![Item::text("failure", "sent, and nothing has come")]),
    };
    Fields { part: Part::Answer, about, items }
}

/// Parameters as they are shown; what kind of token each is can only be told from the real ones.
fn of_params<'a>(shown: &'a Params, real: &'a Pairs) -> impl Iterator<Item = Item> + 'a {
    let real = real.iter().map(|(_, value)| Some(value.as_str())).chain(std::iter::repeat(None));
    shown.iter().zip(real).map(|((name, value), real)| Item::member(name, value).of_token(name, real))
}

fn of_body(body: &[u8]) -> Vec<Item> {
    if body.is_empty() {
        return Vec::new();
    }
    match Json::parse(body) {
        Ok(json) if json.is_object() => of_object(&json),
        Ok(json) => vec![Item::json("body", &json)],
        Err(_) => {
            let text = String::from_utf8_lossy(body);
            let nature = if is_token(&text) { Nature::Random } else { Nature::Fixed };
            vec![Item { nature, ..Item::text("body", text) }]
        }
    }
}

/// Members that hold tokens, with what kind of token each is.
fn with_forms(items: Vec<Item>, real: &HttpResponse) -> Vec<Item> {
    let json = Json::parse(&real.body).unwrap_or(Json::Null);
    let of = |item: Item| match json.text(&item.name) {
        Some(value) if item.nature == Nature::Random => {
            let name = item.name.clone();
            Item { form: None, ..item }.of_token(&name, Some(value))
        }
        _ => item,
    };
    items.into_iter().map(of).collect()
}

/// Every member, those of objects by their path. The keys of a set are told by what they are for: which keys they are
/// changes when a server rotates them.
pub(super) fn of_object(json: &Json) -> Vec<Item> {
    let mut items = Vec::new();
    for (name, value) in json.members() {
        match value {
            Json::Array(keys) if name == "keys" && keys.iter().any(|key| key.get("kty").is_some()) => {
                items.extend(keys.iter().map(of_key));
            }
            // Drawn for one token (RFC 7518 section 4.6.1.1).
            key if name == "epk" && key.get("kty").is_some() => {
                items.push(Item { nature: Nature::Random, ..of_key(key) });
            }
            // A key that a token brings along is one thing, whichever its numbers are.
            key if name == "jwk" && key.get("kty").is_some() => items.push(of_key(key)),
            value => flatten(name, name, value, 1, &mut items),
        }
    }
    items
}

fn of_key(key: &Json) -> Item {
    let word = |name| key.text(name).unwrap_or_default();
    let kind = ["kty", "crv", "use", "alg"].map(word).join(" ");
    let name = format!("key {}", kind.split_whitespace().collect::<Vec<_>>().join(" "));
    Item { nature: Nature::Key, ..Item::text(&name, key.to_string()) }
}

/// `name` is the last part of `path`.
fn flatten(name: &str, path: &str, value: &Json, depth: usize, items: &mut Vec<Item>) {
    let is_flat = depth >= DEPTH || path.len() > PATH_LIMIT;
    match value {
        Json::Object(members) if !is_flat && !members.is_empty() => {
            for (name, value) in members {
                flatten(name, &format!("{path}.{name}"), value, depth + 1, items);
            }
        }
        Json::Array(elements) if !is_flat && elements.iter().any(Json::is_object) => {
            for (at, element) in elements.iter().enumerate() {
                flatten(name, &format!("{path}[{at}]"), element, depth + 1, items);
            }
        }
        value => items.push(Item { nature: nature_of(name, depth, value), ..Item::json(path, value) }),
    }
}

fn nature_of(name: &str, depth: usize, value: &Json) -> Nature {
    match (of_member(name), value) {
        // Inside of an object it is the code of an error.
        (Nature::Random, _) if name == "code" && depth > 1 => Nature::Fixed,
        (Nature::Fixed, Json::Array(_)) => Nature::Words,
        (nature, _) => nature,
    }
}

// Tokens.

/// A token and the name of what holds it.
type Named = (String, String);

fn tokens_of_request(request: &HttpRequest) -> Vec<Named> {
    let mut found = named(&request.query());
    found.extend(form_of(request));
    found.extend(request.headers.get("dpop").map(|proof| ("dpop".to_owned(), proof.to_owned())));
    found
}

fn tokens_of_answer(answer: &Answer) -> Vec<Named> {
    match answer {
        Answer::Callback(callback) => named(&callback.params),
        Answer::Response(response) => match Json::parse(&response.body) {
            Ok(json) => {
                let text = |(name, value): &(String, Json)| Some((name.clone(), value.as_str()?.to_owned()));
                json.members().iter().filter_map(text).collect()
            }
            Err(_) => vec![("body".to_owned(), response.text().into_owned())],
        },
        _ => Vec::new(),
    }
}

fn tokens(found: Vec<Named>, settings: &Settings, hide: &Redactor, seen: &mut HashSet<String>) -> Vec<Fields> {
    let is_new = |(_, token): &Named| is_token(token) && seen.insert(token.clone());
    let new: Vec<Named> = found.into_iter().filter(is_new).collect();
    let of = |(name, token): &Named| {
        let token = decode(token.trim());
        let inside = inside(token.clone(), settings);
        match token.form == Form::Jwe && inside.form != Form::Jwe {
            true => [header_of(name, &token, Some(hide)).into_iter().collect(), of_token(name, &inside, Some(hide))]
                .concat(),
            false => of_token(name, &token, Some(hide)),
        }
    };
    new.iter().flat_map(of).collect()
}

/// A SAML assertion, which is a token in XML.
fn statement(text: &str, hide: &Redactor) -> Option<Fields> {
    let items = markup::items(text)?.into_iter().map(|item| Item { value: hide.text(&item.value), ..item });
    Some(Fields { part: Part::Claims("assertion".to_owned()), about: "SAML".to_owned(), items: items.collect() })
}

/// Whether a text may be a JWT: an object in base64url begins so (RFC 7519 section 3).
fn is_token(text: &str) -> bool {
    text.starts_with("ey") && text.len() <= TOKEN_LIMIT && text.contains('.')
}

/// The header of a token; for an encrypted one it is all that can be read.
fn header_of(name: &str, token: &Decoded, hide: Option<&Redactor>) -> Option<Fields> {
    let header = token.header.as_ref()?;
    let mut items = of_object(&hide.map_or_else(|| header.clone(), |hide| hide.json(header)));
    if token.form == Form::Jwe {
        items.iter_mut().filter(|item| is_of_encryption(&item.name)).for_each(|item| item.nature = Nature::Random);
    }
    Some(Fields { part: Part::Header(name.to_owned()), about: form(token).unwrap_or_default().to_owned(), items })
}

/// Header and claims of a token.
pub(super) fn of_token(name: &str, token: &Decoded, hide: Option<&Redactor>) -> Vec<Fields> {
    let shown = |json: &Json| hide.map_or_else(|| json.clone(), |hide| hide.json(json));
    let mut header = header_of(name, token, hide);
    if let Some(header) = header.as_mut().filter(|_| token.form == Form::Jwe) {
        header.items.push(Item { nature: Nature::Encrypted, is_mild: true, ..Item::text(ENCRYPTED, "not read") });
    }
    let claims = token.claims.as_ref().map(|claims| {
        let mut items = of_object(&shown(claims));
        items.extend(lifetime(claims));
        Fields { part: Part::Claims(name.to_owned()), about: String::new(), items }
    });
    header.into_iter().chain(claims).collect()
}

/// How long a token lives: the times themselves differ in each run.
fn lifetime(claims: &Json) -> Option<Item> {
    let seconds = |name| Some(numeric_date(claims.get(name)?).ok()?.seconds());
    let span = seconds("exp")?.checked_sub(seconds("iat")?)?;
    Some(Item { nature: Nature::Span, ..Item::json("exp - iat", &number(&span)) })
}

/// What kind of text a token is, as far as it is there.
fn form(token: &Decoded) -> Option<&'static str> {
    Some(match token.form {
        Form::Jws => "a signed JWT",
        Form::UnsecuredJws => "an unsecured JWT",
        Form::Jwe => "an encrypted JWT",
        Form::JsonSerialization => "a JWT in JSON",
        Form::Opaque => "an opaque text",
    })
}

impl Item {
    /// As what a credential is: a JWT may have become an opaque text. What stands in the place of one is neither.
    fn of_token(self, name: &str, real: Option<&str>) -> Self {
        let Some(real) =
            real.filter(|real| self.nature == Nature::Random && name.ends_with("token") && !real.is_empty())
        else {
            return self;
        };
        let hidden = is_placeholder(real);
        let token = if is_token(real) { form(&decode(real)) } else { Some("an opaque text") };
        Self { form: token.filter(|_| !hidden), ..self }
    }
}

/// A document as one part.
pub(super) fn of_document(kind: Kind, json: &Json) -> Vec<Fields> {
    match kind {
        Kind::Keys => json.get("keys").map_or(&[][..], Json::elements).iter().enumerate().map(of_key_alone).collect(),
        _ => {
            let mut items = Vec::new();
            json.members().iter().for_each(|(name, value)| flatten(name, name, value, 1, &mut items));
            vec![Fields { part: Part::Answer, about: "members".to_owned(), items }]
        }
    }
}

/// A key with its members, by its `kid`; one without is known by its place.
fn of_key_alone((at, key): (usize, &Json)) -> Fields {
    let name = key.text("kid").map_or_else(|| format!("{} of the set", at + 1), str::to_owned);
    let mut items = Vec::new();
    key.members().iter().for_each(|(name, value)| flatten(name, name, value, 1, &mut items));
    let word = |name| key.text(name).unwrap_or_default();
    let about = ["kty", "crv", "use", "alg"].map(word).join(" ");
    Fields { part: Part::Key(name), about: about.split_whitespace().collect::<Vec<_>>().join(" "), items }
}
