//! What a server's own words want of a request where a setting does it: what to say of that, and the setting.

use super::{Cure, more_scope};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::base::typed::typed;
use crate::client::settings::is_used;
use crate::flow::explain_sent::missed;
use crate::flow::method_named::REFUSES;
use crate::flow::stage::{Stage, json_of};
use crate::flow::trace::Exchange;
use crate::flow::{Flow, description, untaken};
use crate::terms::error::OAuthError;
use crate::terms::grant::Grant;
use crate::terms::scope;

/// What a server wants.
pub(in crate::flow) struct Wish {
    /// What to do, a sentence.
    pub line: String,
    /// The setting that does it, where its value is known.
    pub cure: Option<Cure>,
}

impl Wish {
    fn new(line: impl Into<String>, cure: impl Into<Option<Cure>>) -> Self {
        Self { line: line.into(), cure: cure.into() }
    }
}

/// A refusal with what it says.
struct Refusal<'a> {
    flow: &'a Flow,
    exchange: &'a Exchange,
    error: &'a OAuthError,
    /// In lower case.
    said: String,
}

impl Refusal<'_> {
    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|word| self.said.contains(word))
    }

    /// The only one of these words of which it says that it is wanted: `must be form_post`, `only plain`, `S256 is required`.
    fn wants_word(&self, known: &[&'static str]) -> Option<&'static str> {
        let is_part = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '.');
        let words: Vec<&str> = self.said.split(|letter| !is_part(letter)).map(|word| word.trim_matches('.')).collect();
        let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
        let word = |at: Option<usize>| at.and_then(|at| words.get(at)).copied().unwrap_or_default();
        let is_wanted = |at: usize| {
            let before = ["be", "use", "only", "require", "requires", "expected"].contains(&word(at.checked_sub(1)));
            let next = if word(Some(at + 1)) == "is" { at + 2 } else { at + 1 };
            let behind = ["required", "only", "expected"].contains(&word(Some(next)));
            (before || behind) && word(at.checked_sub(2)) != "not"
        };
        let mut wanted = (0..words.len())
            .filter(|at| is_wanted(*at))
            .filter_map(|at| known.iter().find(|known| known.eq_ignore_ascii_case(words[at])).copied());
        let first = wanted.next()?;
        wanted.all(|other| other == first).then_some(first)
    }
}

/// What the words of a refusal want of this request; nothing where they leave that open, or it is done already.
pub(in crate::flow) fn wish(flow: &Flow, error: &OAuthError, exchange: &Exchange) -> Option<Wish> {
    let said = description::own_words(error).unwrap_or_default();
    let refusal = Refusal { flow, exchange, error, said };
    pkce(&refusal)
        .or_else(|| response_mode(&refusal))
        .or_else(|| scope_of_body(&refusal))
        .or_else(|| scope_by_name(&refusal))
        .or_else(|| parameter(&refusal))
        .or_else(|| token_is_over(&refusal))
}

/// How servers speak of PKCE.
const PKCE: [&str; 5] = ["code_challenge", "code challenge", "pkce", "code_verifier", "code verifier"];

/// PKCE where there is none, or by another method (RFC 7636 section 4.4.1).
fn pkce(refusal: &Refusal<'_>) -> Option<Wish> {
    let form = refusal.exchange.request.form().unwrap_or_default();
    let is_login = refusal.exchange.stage.asks_for_authorization();
    let lacks_verifier =
        refusal.exchange.stage == Stage::Token && form.contains("code") && !form.contains("code_verifier");
    if !is_login && !lacks_verifier || !refusal.says(&PKCE) {
        return None;
    }
    let present = refusal.flow.settings.request.code_challenge_method.as_str();
    let is_refused = refusal.says(&REFUSES);
    let wants_plain = refusal.wants_word(&["plain", "S256"]) == Some("plain") || is_refused && refusal.says(&["s256"]);
    match present {
        "S256" if wants_plain && is_login => Some(Wish::new(
            "The server takes code_challenge_method plain alone: set it to that. Whoever sees the request can use the code \
             then; have the server take S256 (RFC 7636 section 7.2).",
            Cure::new("Use PKCE with plain", "code_challenge_method", "plain"),
        )),
        "S256" => None,
        // One that is not taken is another than S256.
        _ if wants_plain || is_refused && !refusal.says(&["plain"]) => None,
        _ => {
            let line = match lacks_verifier {
                true => {
                    "The server wants PKCE, of which this login had nothing: set code_challenge_method to S256 and sign in \
                     anew."
                }
                false => "The server wants PKCE: set code_challenge_method to S256.",
            };
            Some(Wish::new(line, Cure::new("Use PKCE with S256", "code_challenge_method", "S256")))
        }
    }
}

/// Every mode in which a response comes back plainly (OAuth Response Types section 2.1, Form Post section 2).
const MODES: [&str; 3] = ["form_post", "query", "fragment"];

fn response_mode(refusal: &Refusal<'_>) -> Option<Wish> {
    if !refusal.exchange.stage.asks_for_authorization() || !refusal.says(&["response_mode", "response mode"]) {
        return None;
    }
    let mode = refusal.wants_word(&MODES).filter(|mode| refusal.flow.settings.request.response_mode != *mode)?;
    let cure = Cure::new(format!("Use response_mode {mode}"), "response_mode", mode);
    Some(Wish::new(format!("The server wants response_mode {mode}: set it to that."), cure))
}

/// Members of an API's own answer that name the scope it wants; a challenge has the first (RFC 6750 section 3).
const SCOPES: [&str; 3] = ["scope", "required_scope", "required_scopes"];

/// The scope that an API wants, where it stands in the body and not in a challenge.
fn scope_of_body(refusal: &Refusal<'_>) -> Option<Wish> {
    let is_refused = refusal.error.error == "insufficient_scope" && is_call(refusal.exchange.stage);
    if !is_refused || refusal.flow.session.way_in.is_some() {
        return None;
    }
    let json = refusal.exchange.response().and_then(json_of)?;
    let named = SCOPES.iter().find_map(|name| json.get(name))?;
    let wanted = match named {
        Json::String(scope) => scope.clone(),
        other => other.strings().join(" "),
    };
    scope_wish(refusal.flow, &wanted)
}

fn scope_wish(flow: &Flow, wanted: &str) -> Option<Wish> {
    let cure = more_scope(flow, wanted)?;
    let line = format!("The scope {} is wanted, and was not asked for: add it to scope.", visible(wanted.trim()));
    Some(Wish::new(line, cure))
}

/// A scope that the words name as missing: `The scope orders:read is required`.
fn scope_by_name(refusal: &Refusal<'_>) -> Option<Wish> {
    let is_of_scope =
        matches!(refusal.error.error.as_str(), "invalid_scope" | "insufficient_scope" | "invalid_request");
    let is_missed = refusal.says(&["missing", "required", "requires", "must be requested", "must be asked"]);
    if !is_of_scope
        || !is_missed
        || !asks_for_scope(refusal.exchange.stage)
        || refusal.says(&REFUSES)
        || refusal.flow.session.way_in.is_some()
    {
        return None;
    }
    let words = refusal.error.error_description.as_deref()?;
    let words: Vec<&str> = words.split_whitespace().collect();
    let is_scope = |word: &str| {
        let word = word.trim_end_matches(':').trim_matches(['\'', '"', '`']);
        word.eq_ignore_ascii_case("scope") || word.eq_ignore_ascii_case("scopes")
    };
    let at = words.iter().position(|word| is_scope(word))?;
    let behind = words.get(at + 1).map(|word| (*word, words[at].ends_with(':')));
    let before = at.checked_sub(1).map(|at| (words[at], false));
    let named =
        [behind, before].into_iter().flatten().find_map(|(word, is_told)| scope_named(refusal.flow, word, is_told))?;
    scope_wish(refusal.flow, named)
}

/// Whether the scope of the settings is in this message, or in the one that brought the token of it.
fn asks_for_scope(stage: Stage) -> bool {
    let is_asked = matches!(stage, Stage::Token | Stage::DeviceAuthorization | Stage::BackchannelAuthentication);
    is_asked || stage.asks_for_authorization() || is_call(stage)
}

const fn is_call(stage: Stage) -> bool {
    matches!(stage, Stage::Resource | Stage::UserInfo)
}

/// A word beside `scope` that is one: in quotes, behind a colon, with a mark as scopes have it, or known.
fn scope_named<'a>(flow: &Flow, word: &'a str, is_told: bool) -> Option<&'a str> {
    let whole = word.trim_end_matches(['.', ',', ';']);
    let bare = whole.trim_matches(['\'', '"', '`']);
    let listed = flow.session.metadata.as_ref().and_then(|metadata| metadata.supported("scopes_supported"));
    let is_known = || listed.is_some_and(|listed| listed.contains(&bare));
    let is_of_openid = ["openid", "profile", "email", "address", "phone", "offline_access"].contains(&bare);
    let is_marked = bare.trim_end_matches(':').contains([':', '.', '/', '_']) && !bare.ends_with(':');
    let is_one = bare != whole || is_told || is_marked || is_of_openid || is_known();
    (is_one && is_scope_token(bare)).then_some(bare)
}

/// RFC 6749 section 3.3, with a letter.
fn is_scope_token(word: &str) -> bool {
    let is_of_token = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    word.bytes().all(is_of_token) && word.bytes().any(|byte| byte.is_ascii_alphabetic())
}

/// A parameter that the words name as missing, of which the value is known.
fn parameter(refusal: &Refusal<'_>) -> Option<Wish> {
    let (flow, exchange) = (refusal.flow, refusal.exchange);
    let name = missed(refusal.error, exchange)?;
    let cure = match name.as_str() {
        "resource" => untaken::api(flow, true).map(super::changed),
        "audience" => audience(flow),
        "scope" => whole_scope(flow, exchange),
        _ => None,
    };
    cure.map(|cure| {
        let line = format!("The server wants {name}, which was not sent.");
        Wish::new(typed(&line, &cure.option()), cure)
    })
}

/// The API that the token is for, by the name that servers had for it before RFC 8707.
fn audience(flow: &Flow) -> Option<Cure> {
    let is_own = is_used("audience", flow.grant, &flow.settings);
    let setting = if is_own { "audience" } else { "token_request.extra.audience" };
    let request = &flow.settings.request;
    let listed = flow.session.metadata.as_ref().and_then(|metadata| metadata.supported("protected_resources"));
    let only = listed.and_then(|listed| <[&str; 1]>::try_from(listed).ok()).map(|[only]| only);
    let named = scope::words(&request.resource).next().or(only)?;
    Some(Cure::new(format!("Name {} in audience", visible(named)), setting, named))
}

/// The scope where none was sent: that of the login in a token request, else openid where a user signs in.
fn whole_scope(flow: &Flow, exchange: &Exchange) -> Option<Cure> {
    let asked = &flow.settings.request.scope;
    let is_redeemed = exchange.stage == Stage::Token && flow.grant == Grant::AuthorizationCode;
    match asked.trim().is_empty() {
        true => flow.grant.has_authorization_request().then(|| more_scope(flow, "openid")).flatten(),
        false if is_redeemed => Some(Cure::new("Send scope with the code", "token_request.extra.scope", asked)),
        false => None,
    }
}

/// How servers say that a token was good for a time (RFC 6750 section 3.1).
const OVER: [&str; 3] = ["expired", "no longer valid", "is over"];

fn token_is_over(refusal: &Refusal<'_>) -> Option<Wish> {
    let stage = refusal.exchange.stage;
    if !is_call(stage)
        || refusal.error.error != "invalid_token"
        || !refusal.says(&OVER)
        || refusal.says(&["not expired"])
    {
        return None;
    }
    let mut tokens = refusal.flow.session.tokens.iter();
    let line = match tokens.any(|tokens| tokens.response.refresh_token.is_some()) {
        true => typed(
            "The server says that the access token is over: refresh it, then call again.",
            &format!("--then {},{}", Stage::Refresh.slug(), stage.slug()),
        ),
        false => "The server says that the access token is over: get a new one, as a new run does.".to_owned(),
    };
    Some(Wish::new(line, None))
}
