//! The JWT tab: decode at once, verify with whatever keys there are.

use url::Url;

use super::NO_RUN;
use crate::base::check::Check;
use crate::base::json::Json;
use crate::base::secret::Secret;
use crate::base::web_url::why_no_url;
use crate::client::encryption;
use crate::expect::place_of_token;
use crate::export::redact::is_placeholder;
use crate::gui::backend::{Backend, Job};
use crate::gui::language::{said, t};
use crate::gui::model::{JwtModel, JwtResult, KeySource, Model, Tab, TrustModel};
use crate::jose::jwe::{self, DecryptionKey};
use crate::jose::jwk::{Jwk, JwkSet, Unread};
use crate::jose::jwt::{self, Decoded, Form};
use crate::jose::key::SigningKey;
use crate::jose::verify::{SignatureReport, verify_secret, verify_with};
use crate::practice::{PRACTICE_JWT_KEY, Workload};
use crate::workload::{self, Judged, NoPolicy, Policy};

/// Takes what was typed and judges it anew.
pub fn edit(model: &mut Model, jwt: JwtModel) {
    let follows_run = jwt.follows_run && jwt.text == model.jwt.text;
    model.jwt = JwtModel { follows_run, ..jwt };
    judge(model);
}

/// Takes a token of the run, with the run's keys.
pub fn decode(model: &mut Model, token: String) {
    model.tab = Tab::Jwt;
    model.jwt.follows_run = newest(model).is_some_and(|newest| newest == token);
    model.jwt.text = token;
    model.jwt.source = KeySource::Run;
    judge(model);
}

/// The tab shows the newest ID token of the run until another token is put there.
pub fn offer_newest(model: &mut Model) {
    // A room full of people sees the tab: nothing of the run is put there unasked.
    if (model.jwt.text.is_empty() || model.jwt.follows_run) && !model.present {
        model.jwt.text = newest(model).unwrap_or_default().to_owned();
        model.jwt.follows_run = true;
    }
    judge(model);
}

fn newest(model: &Model) -> Option<&str> {
    let mut tokens = model.run.flow.session.tokens.iter().rev();
    tokens.find_map(|tokens| tokens.response.id_token.as_ref()).map(Secret::expose)
}

/// Fetches the keys at the typed URL.
pub fn fetch_keys(model: &mut Model, backend: &mut dyn Backend) {
    match Url::parse(model.jwt.url.trim()) {
        Ok(url) => backend.start(NO_RUN, Job::FetchKeys(url)),
        Err(error) => model.jwt.fetched = Some(Err(t!("this is not a URL: {error}", error = said(why_no_url(error))))),
    }
}

/// Takes in what the URL answered.
pub fn keys_came(model: &mut Model, keys: Result<String, String>) {
    model.jwt.fetched = Some(keys);
    judge(model);
}

fn judge(model: &mut Model) {
    if model.jwt.text.trim().is_empty() {
        model.jwt_result = None;
        return;
    }
    let mut decoded = jwe::open(jwt::decode_pasted(&model.jwt.text), &opening(model));
    let is_hidden = decoded.parts.get(2).is_some_and(|signature| is_placeholder(&signature.text));
    if is_hidden {
        decoded = decoded.without_signature();
    }
    let place = place_of_token(&model.run.flow, &decoded.text);
    let trust = trusted(&model.jwt.trust, decoded.signed());
    let keys = match is_hidden {
        true => Err(String::new()),
        false => keys(model, decoded.form == Form::Jwe),
    };
    model.jwt_result = Some(match keys {
        Ok(keys) => JwtResult {
            signature: Some(keys.try_on(&decoded)),
            decoded,
            keys: keys.findings,
            no_keys: String::new(),
            place,
            trust,
        },
        Err(why) => JwtResult { signature: None, decoded, keys: Vec::new(), no_keys: why, place, trust },
    });
}

/// The token against the policy or the values that are typed; `None` where nothing is.
fn trusted(trust: &TrustModel, token: &Decoded) -> Option<Result<Judged, NoPolicy>> {
    let typed = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
    let policy = match trust.by_values {
        true => {
            let [iss, sub, aud] = [&trust.iss, &trust.sub, &trust.aud].map(|text| typed(text));
            let is_any = [&iss, &sub, &aud].into_iter().any(Option::is_some);
            is_any.then(|| Ok(Policy::exact(iss.as_deref(), sub.as_deref(), aud.as_deref())))?
        }
        false => Policy::parse(&typed(&trust.policy)?),
    };
    let no_claims = || NoPolicy(t!("the token has no claims to compare").to_owned());
    Some(policy.and_then(|policy| token.claims.as_ref().map(|_| workload::judge(token, &policy)).ok_or_else(no_claims)))
}

/// A token as this workload has it, by the key of the practice clients, with which it is verified.
pub fn sample(model: &mut Model, backend: &mut dyn Backend, workload: Workload) {
    let Ok(key) = SigningKey::read(PRACTICE_JWT_KEY, None, None) else { return };
    let claims = workload.claims(model.now, &backend.entropy().token());
    let header = [("typ".to_owned(), "JWT".into())].into_iter().collect();
    let Ok(token) = key.sign(&header, &claims.into()) else { return };
    (model.jwt.text, model.jwt.follows_run) = (token, false);
    if model.jwt.jwk.trim().is_empty() {
        model.jwt.jwk = key.public_jwk().to_string();
        model.jwt.source = KeySource::Jwk;
    }
    judge(model);
}

/// What a token is tried with.
#[derive(Default)]
struct Keys {
    keys: Vec<Jwk>,
    unread: Vec<Unread>,
    secret: Option<Secret>,
    findings: Vec<Check>,
}

impl Keys {
    /// Of a set, with what is said of it when it does not belong to the run, whose checks say it.
    fn of(set: &JwkSet, findings: Vec<Check>) -> Self {
        Self { keys: set.keys.clone(), unread: set.unread(), secret: None, findings }
    }

    fn try_on(&self, token: &Decoded) -> SignatureReport {
        match &self.secret {
            Some(secret) => verify_secret(token, &self.keys, &self.unread, secret.expose().as_bytes()),
            None => verify_with(token, &self.keys, &self.unread),
        }
    }
}

/// What opens an encrypted token: what is typed, or the keys of the run's client.
fn opening(model: &Model) -> Vec<DecryptionKey> {
    let typed = |text: &str| DecryptionKey::read(text).unwrap_or_default();
    match model.jwt.source {
        KeySource::Jwk => typed(&model.jwt.jwk),
        KeySource::Pem => typed(&model.jwt.pem),
        KeySource::Secret => vec![DecryptionKey::from_client_secret(&model.jwt.secret)],
        KeySource::Run | KeySource::Url => encryption::keys(&model.run.flow.settings),
    }
}

/// The keys to try, or why there are none. Those of whom a token is encrypted to did not sign what is inside: the run's
/// server did.
fn keys(model: &Model, is_encrypted: bool) -> Result<Keys, String> {
    let jwt = &model.jwt;
    let is_typed = !matches!(jwt.source, KeySource::Run | KeySource::Url);
    match if is_encrypted && is_typed { KeySource::Run } else { jwt.source } {
        KeySource::Run => match &model.run.flow.session.jwks {
            Some(set) => Ok(Keys::of(set, Vec::new())),
            None => Err(t!("the run has not fetched the server's keys yet").to_owned()),
        },
        KeySource::Url => match &jwt.fetched {
            None => Err(t!("fetch the keys first").to_owned()),
            Some(Err(why)) => Err(why.clone()),
            Some(Ok(text)) => key_set(text).map(|set| Keys::of(&set, set.checks())),
        },
        KeySource::Jwk if jwt.jwk.trim().is_empty() => Err(t!("paste a JWK or a JWKS").to_owned()),
        KeySource::Jwk => key_set(&jwt.jwk).map(|set| Keys::of(&set, set.key_checks())),
        KeySource::Pem if jwt.pem.trim().is_empty() => Err(t!("paste a public key in PEM").to_owned()),
        KeySource::Pem => match JwkSet::from_text(&jwt.pem) {
            Ok(set) => Ok(Keys::of(&set, set.key_checks())),
            Err(error) => Err(error.to_string()),
        },
        KeySource::Secret if jwt.secret.is_empty() => Err(t!("type the shared secret").to_owned()),
        KeySource::Secret => Ok(Keys { secret: Some(jwt.secret.clone()), ..Keys::default() }),
    }
}

fn key_set(text: &str) -> Result<JwkSet, String> {
    let json = Json::parse_text(text).map_err(|error| t!("this is not JSON: {error}", error))?;
    let set = JwkSet::from_json(&json).map_err(|error| error.to_string())?;
    let is_empty = set.keys.is_empty() && set.unreadable.is_empty();
    if is_empty { Err(t!("there is no key in it").to_owned()) } else { Ok(set) }
}
