//! The value that one message hands on to another: where it came from, where it is used, and what is made of it.

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::client::pkce;
use crate::flow::Flow;
use crate::flow::trace::{Answer, Exchange};
use crate::gui::language::{self, said, t, words};
use crate::jose::jwt::{Decoded, decode};
use crate::jose::{base64url, hash};

use super::masking;
use super::model::{Run, Target};

/// Larger answers are not looked through, in bytes.
const READ_AT_MOST: usize = 64 * 1024;

/// So many of the exchanges before are looked through.
const LOOKED_BACK: usize = 40;

/// What a request takes from an answer before it, the most telling first, and what the two values are called.
const USED: [(&str, &str); 9] = [
    ("code", words!("the same code")),
    ("device_code", words!("the same code")),
    ("auth_req_id", words!("the same request")),
    ("request_uri", words!("the same request")),
    ("refresh_token", words!("the same token")),
    ("subject_token", words!("the same token")),
    ("access_token", words!("the same token")),
    ("token", words!("the same token")),
    ("id_token_hint", words!("the same token")),
];

/// What an answer brings back of a request before it, and what two of them have alike.
const BROUGHT_BACK: [(&str, &str); 3] =
    [("state", words!("the same state")), ("nonce", words!("the same nonce")), ("sub", words!("the same user"))];

/// One value in two messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// Its name in the later message.
    pub name: String,
    /// `the same code`
    pub said: &'static str,
    /// The message that has it first, and what is to be said of it there.
    pub brought: (Target, String),
    /// The message that has it again, and what is to be said of it there.
    pub used: (Target, String),
    /// As it is on the wire.
    pub value: String,
}

/// One value and what it is made of, step under step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Derivation {
    /// `code_challenge = BASE64URL(SHA256(code_verifier))`, or the name alone.
    pub formula: String,
    /// What each step makes.
    pub lines: Vec<Line>,
}

/// A value with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `SHA256(code_verifier)`
    pub what: String,
    /// The real value.
    pub value: String,
    /// Whether it is a credential.
    pub is_secret: bool,
}

type Values = Vec<(String, String)>;

/// Whether a value of this name is there to be handed on.
fn is_handed_on(name: &str) -> bool {
    USED.iter().any(|(used, _)| *used == name)
}

/// The value that this message has from an earlier one.
pub fn handed(run: &Run) -> Option<Handed> {
    let (flow, target) = (&run.flow, run.shown());
    let exchanges = &flow.trace.exchanges;
    match target {
        Target::Prepared => used(flow, target, &sent(leaving(run)?), exchanges.len()),
        Target::Request(at) => used(flow, target, &sent(&exchanges.get(at)?.request), at),
        Target::Answer(at) => brought_back(flow, target, &came(exchanges.get(at)?), at),
        Target::Trip(_) | Target::Polls | Target::Step(_) => None,
    }
}

/// The request that is about to leave, with its seals where they were looked ahead at.
pub fn leaving(run: &Run) -> Option<&HttpRequest> {
    let request = run.flow.request()?;
    run.preview.request.as_ref().or(Some(request))
}

fn used(flow: &Flow, target: Target, sent: &Values, before: usize) -> Option<Handed> {
    USED.iter().find_map(|(name, said)| {
        let value = &sent.iter().find(|(sent, value)| sent == name && !value.is_empty())?.1;
        let brought = look_back(flow, before).find(|at| has_value(&came(&flow.trace.exchanges[*at]), value))?;
        let brought = at_place(flow, Target::Answer(brought), name, value);
        let used = (target, (*name).to_owned());
        Some(Handed { name: (*name).to_owned(), said: language::said(said), brought, used, value: value.clone() })
    })
}

fn brought_back(flow: &Flow, target: Target, came_now: &Values, at: usize) -> Option<Handed> {
    BROUGHT_BACK.iter().find_map(|(name, said)| {
        let value = &came_now.iter().find(|(came, value)| came == name && !value.is_empty())?.1;
        let has = |values: &Values| values.iter().any(|(other, known)| other == name && known == value);
        let brought = look_back(flow, at + 1).find_map(|before| {
            let exchange = &flow.trace.exchanges[before];
            if has(&sent(&exchange.request)) {
                return Some(Target::Request(before));
            }
            (before < at && has(&came(exchange))).then_some(Target::Answer(before))
        })?;
        let (brought, used) = (at_place(flow, brought, name, value), at_place(flow, target, name, value));
        Some(Handed { name: (*name).to_owned(), said: language::said(said), brought, used, value: value.clone() })
    })
}

/// What is to be said of the value in this message: its name there, or what it stands in.
fn at_place(flow: &Flow, target: Target, name: &str, value: &str) -> (Target, String) {
    let Target::Answer(at) = target else { return (target, name.to_owned()) };
    let direct = flow.trace.exchanges.get(at).map(|exchange| came_plainly(exchange)).unwrap_or_default();
    let known = direct.into_iter().find(|(_, known)| known == value).map(|(known, _)| known);
    (target, known.unwrap_or_else(|| t!("{kind} with", kind = "id_token")))
}

/// The exchanges before this one, the newest first.
fn look_back(flow: &Flow, before: usize) -> impl Iterator<Item = usize> {
    let before = before.min(flow.trace.exchanges.len());
    (before.saturating_sub(LOOKED_BACK)..before).rev()
}

fn has_value(values: &Values, value: &str) -> bool {
    values.iter().any(|(name, known)| known == value && is_handed_on_as(name))
}

/// A code, a reference or a token, by the name of the answer that brings it.
fn is_handed_on_as(name: &str) -> bool {
    is_handed_on(name) || name == "id_token"
}

/// What a request says by name, with the token it shows.
pub fn sent(request: &HttpRequest) -> Values {
    let mut values: Values = request.query().iter().map(owned).collect();
    values.extend(request.form().iter().flat_map(|form| form.iter().map(owned).collect::<Values>()));
    let shown = request.headers.get("Authorization").and_then(|value| value.split_once(' '));
    let token = shown.filter(|(scheme, _)| ["bearer", "dpop"].contains(&scheme.to_ascii_lowercase().as_str()));
    values.extend(token.map(|(_, token)| ("access_token".to_owned(), token.to_owned())));
    values
}

/// What an answer says by name, with what its ID token says of login and user.
fn came(exchange: &Exchange) -> Values {
    let mut values = came_plainly(exchange);
    if let Some(token) = id_token(&values) {
        let claims = ["nonce", "sub"].map(|name| Some((name.to_owned(), token.claim(name)?.as_str()?.to_owned())));
        values.extend(claims.into_iter().flatten());
    }
    values
}

fn came_plainly(exchange: &Exchange) -> Values {
    match &exchange.answer {
        Answer::Callback(callback) => callback.params.iter().map(owned).collect(),
        Answer::Response(response) => members(response),
        _ => Values::new(),
    }
}

fn members(response: &HttpResponse) -> Values {
    if response.body.len() > READ_AT_MOST {
        return Values::new();
    }
    let json = Json::parse(&response.body).unwrap_or(Json::Null);
    json.members().iter().filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
}

fn id_token(values: &Values) -> Option<Decoded> {
    value_of(values, "id_token").map(decode)
}

fn value_of<'a>(values: &'a Values, name: &str) -> Option<&'a str> {
    values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// The values of this message that are worth a look of their own: the one that is handed on, and what is computed.
pub fn derivations(run: &Run, handed: Option<&Handed>) -> Vec<Derivation> {
    let flow = &run.flow;
    let exchanges = &flow.trace.exchanges;
    let values = match run.shown() {
        Target::Prepared => leaving(run).map(sent).unwrap_or_default(),
        Target::Request(at) => exchanges.get(at).map(|exchange| sent(&exchange.request)).unwrap_or_default(),
        Target::Answer(at) => exchanges.get(at).map(|exchange| came(exchange)).unwrap_or_default(),
        Target::Trip(_) | Target::Polls | Target::Step(_) => Values::new(),
    };
    let shown = handed.map(|handed| twice(flow, handed));
    let hashes = [("at_hash", "access_token"), ("c_hash", "code")];
    let hashed = hashes.into_iter().filter_map(|(claim, of)| half_hashed(&values, claim, of));
    shown.into_iter().chain(challenged(flow, &values)).chain(proven(&values)).chain(hashed).collect()
}

/// The value in both places.
fn twice(flow: &Flow, handed: &Handed) -> Derivation {
    let is_secret = masking::is_form_credential(&handed.name);
    let line = |target| Line { what: place(flow, target), value: handed.value.clone(), is_secret };
    let lines = vec![line(handed.brought.0), line(handed.used.0)];
    Derivation { formula: format!("{}: {}", handed.name, handed.said), lines }
}

/// `in the answer to the token request`
fn place(flow: &Flow, target: Target) -> String {
    let stage = |at: usize| flow.trace.exchanges.get(at).map_or("", |exchange| said(exchange.stage.descriptor().name));
    match target {
        Target::Answer(at) => t!("in the answer to {stage}", stage = stage(at)),
        Target::Request(at) | Target::Trip(at) => t!("in {stage}", stage = stage(at)),
        _ => t!("in {name}", name = flow.stage().map_or("", |stage| said(stage.descriptor().name))),
    }
}

/// What the authorization request shows of the verifier that this program keeps.
fn challenged(flow: &Flow, values: &Values) -> Option<Derivation> {
    let challenge = value_of(values, "code_challenge")?;
    let method = value_of(values, "code_challenge_method").unwrap_or("plain");
    let drawn = flow.own.drawn.as_ref().map(|drawn| drawn.code_verifier.expose());
    let verifier = drawn.filter(|verifier| pkce::challenge(method, verifier).as_deref() == Some(challenge))?;
    Some(pkce_of(verifier, method == "S256"))
}

/// The verifier that the token request sends, and what the server makes of it.
fn proven(values: &Values) -> Option<Derivation> {
    value_of(values, "code_verifier").map(|verifier| pkce_of(verifier, true))
}

fn pkce_of(verifier: &str, is_hashed: bool) -> Derivation {
    let own = Line { what: "code_verifier".to_owned(), value: verifier.to_owned(), is_secret: true };
    if !is_hashed {
        return Derivation { formula: "code_challenge = code_verifier".to_owned(), lines: vec![own] };
    }
    let digest = hash::sha256(verifier.as_bytes());
    let step = |what: &str, value| Line { what: what.to_owned(), value, is_secret: false };
    Derivation {
        formula: "code_challenge = BASE64URL(SHA256(code_verifier))".to_owned(),
        lines: vec![
            own,
            step("SHA256(code_verifier)", hex(&digest)),
            step("code_challenge", base64url::encode(&digest)),
        ],
    }
}

/// The claim of an ID token that holds half of the hash of what came beside it.
fn half_hashed(values: &Values, claim: &str, of: &str) -> Option<Derivation> {
    let token = id_token(values)?;
    let claimed = token.claim(claim)?.as_str()?;
    let beside = value_of(values, of)?;
    let made = hash::half_hash(token.alg()?, beside)?;
    let half = base64url::decode(&made).map(|half| hex(&half)).unwrap_or_default();
    let line = |what: String, value: &str, is_secret| Line { what, value: value.to_owned(), is_secret };
    Some(Derivation {
        formula: t!("{claim} = BASE64URL(left half of the hash of {of})", claim, of),
        lines: vec![
            line(of.to_owned(), beside, true),
            line(t!("left half of the hash").to_owned(), &half, false),
            line(t!("in base64url").to_owned(), &made, false),
            line(t!("{claim} in the ID token", claim), claimed, false),
        ],
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_verifier_is_hashed_step_by_step() {
        // RFC 7636 appendix B.
        let made = pkce_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", true);
        assert_eq!(made.lines[2].value, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
        assert!(made.lines[1].value.starts_with("13d31e96"));
        assert!(made.lines[0].is_secret && !made.lines[1].is_secret && !made.lines[2].is_secret);
    }

    #[test]
    fn a_token_in_a_header_field_is_one_that_is_sent() {
        let url = url::Url::parse("https://api.example/me?x=1").expect("a URL");
        let request = HttpRequest::get(url).with_header("Authorization", "Bearer abc");
        assert_eq!(sent(&request), [owned(("x", "1")), owned(("access_token", "abc"))]);
    }
}
