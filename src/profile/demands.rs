//! What profiles demand beyond the rules of the messages: looked for in what a run has sent and got.

use std::time::Duration;

use crate::base::check::{Check, Verdict};
use crate::base::http::HttpRequest;
use crate::base::json::Json;
use crate::base::params::Params;
use crate::base::secret::Secret;
use crate::base::text::visible;
use crate::base::time::spoken;
use crate::client::endpoint::authorization::Carrier;
use crate::client::rules::{dpop, management, profile as rule};
use crate::client::settings::Settings;
use crate::flow::Flow;
use crate::flow::stage::Stage;
use crate::flow::trace::{Answer, Exchange};
use crate::jose::claims::numeric_date;
use crate::jose::jwt::{Decoded, Form, decode};
use crate::terms::response::is_jwt_mode;
use crate::terms::scope;

use super::signed::{self, assertion};

/// Seconds that a pushed request may not live (FAPI 2.0 section 5.3.2.2).
const PUSHED_LIMIT: i64 = 600;
/// How old a request object may be, and how long it may live (FAPI 2.0 Message Signing section 5.3).
const OBJECT_LIMIT: Duration = Duration::from_secs(3600);
/// Algorithms that FAPI 2.0 takes (section 5.4.1).
pub(super) const STRONG: [&str; 4] = ["PS256", "ES256", "EdDSA", "Ed25519"];

/// What a run shows of itself.
pub(super) struct Facts<'a> {
    flow: &'a Flow,
    /// The newest trip of the browser to the authorization endpoint.
    trip: Option<&'a Exchange>,
    /// Requests with a `grant_type`.
    token_requests: Vec<&'a Exchange>,
    /// These, and requests that the client sent itself before: it authenticates there as it does at the token endpoint
    /// (RFC 9126 section 2, CIBA section 7.1).
    authenticated: Vec<&'a Exchange>,
    /// Requests that carried an access token to an API.
    calls: Vec<&'a Exchange>,
}

/// Everything that a profile may demand, one check a rule.
pub(super) fn judge(facts: &Facts<'_>) -> Vec<Check> {
    vec![
        facts.pushed(),
        facts.pushed_lifetime(),
        facts.front_channel(),
        facts.response_type(),
        facts.client_auth(),
        facts.client_secret(),
        facts.assertion_audience(),
        facts.bound_tokens(),
        facts.token_in_header(),
        facts.iss(),
        facts.algorithms(),
        facts.no_rotation(),
        facts.resource(),
        facts.signed_request(),
        facts.object_audience(),
        facts.object_times(),
        facts.signed_response(),
    ]
}

/// Why there is nothing to judge of an authorization request.
const NO_TRIP: &str = "no authorization request has left";
/// Why nothing of the one method of message signing is judged where another one is used.
const NOT_USED: &str = "are not part of this run, which signs another way";
/// Why there is nothing to judge of a token request.
const NO_TOKEN_REQUEST: &str = "no token request has left";

impl<'a> Facts<'a> {
    pub fn of(flow: &'a Flow) -> Self {
        let exchanges = || flow.trace.exchanges.iter().map(|exchange| &**exchange);
        let has_grant = |exchange: &&Exchange| form(&exchange.request).contains("grant_type");
        let is_before =
            |sent: &Exchange| matches!(sent.stage, Stage::PushedAuthorization | Stage::BackchannelAuthentication);
        let is_call = |exchange: &&Exchange| matches!(exchange.stage, Stage::UserInfo | Stage::Resource);
        Self {
            flow,
            trip: exchanges().rfind(|exchange| exchange.stage == Stage::Authorization),
            token_requests: exchanges().filter(has_grant).collect(),
            authenticated: exchanges().filter(|sent| has_grant(sent) || is_before(sent)).collect(),
            calls: exchanges().filter(is_call).collect(),
        }
    }

    /// Whether a confidential client of OpenID Connect is protected by a nonce in the place of PKCE.
    pub fn has_nonce_instead(&self) -> bool {
        self.flow.authorization().is_some_and(|sent| {
            sent.contains("nonce") && scope::contains(sent.get("scope").unwrap_or_default(), "openid")
        })
    }

    /// The newest request that was pushed.
    fn push(&self) -> Option<&'a Exchange> {
        let exchanges = self.flow.trace.exchanges.iter();
        exchanges.map(|exchange| &**exchange).rfind(|sent| sent.stage == Stage::PushedAuthorization)
    }

    const fn settings(&self) -> &'a Settings {
        &self.flow.settings
    }

    /// The parameters that the browser carried.
    fn carried(&self) -> Option<Params> {
        self.trip.map(|trip| Params::parse(trip.request.url.query().unwrap_or_default().as_bytes()))
    }

    fn pushed(&self) -> Check {
        let Some(sent) = self.flow.authorization() else { return rule::PUSHED.skipped(NO_TRIP) };
        let is_pushed = sent.carrier == Carrier::Pushed;
        let saw = if is_pushed { "request_uri" } else { "parameters in the URL" };
        rule::PUSHED.holds(is_pushed, "a request_uri of the server", saw)
    }

    fn pushed_lifetime(&self) -> Check {
        let Some(answer) = self.push().and_then(Exchange::response) else {
            return rule::PUSHED_LIFETIME.skipped("no request was pushed");
        };
        let expires_in = Json::parse(&answer.body).ok().and_then(|json| json.get("expires_in")?.as_i64());
        match expires_in {
            None => rule::PUSHED_LIFETIME.skipped("the answer has no expires_in that can be read"),
            Some(seconds) => {
                rule::PUSHED_LIFETIME.holds(seconds < PUSHED_LIMIT, "less than 600 s", format!("{seconds} s"))
            }
        }
    }

    fn front_channel(&self) -> Check {
        let Some(carried) = self.carried() else { return rule::FRONT_CHANNEL.skipped(NO_TRIP) };
        if !carried.contains("request_uri") {
            return rule::FRONT_CHANNEL.skipped("no request_uri is used");
        }
        let beside: Vec<&str> =
            carried.iter().map(|(name, _)| name).filter(|name| !["client_id", "request_uri"].contains(name)).collect();
        let saw = if beside.is_empty() { "just these".to_owned() } else { visible(&beside.join(", ")).into_owned() };
        rule::FRONT_CHANNEL.holds(beside.is_empty(), "client_id and request_uri", saw)
    }

    fn response_type(&self) -> Check {
        match self.flow.authorization().and_then(|sent| sent.get("response_type")) {
            None => rule::RESPONSE_TYPE.skipped(NO_TRIP),
            Some(asked) => rule::RESPONSE_TYPE.equal("code", asked),
        }
    }

    /// How the client proved who it is, in the requests that left.
    fn client_auth(&self) -> Check {
        let Some(sent) = self.authenticated.last() else { return rule::CLIENT_AUTH.skipped(NO_TOKEN_REQUEST) };
        let shown = proof(&sent.request);
        let is_strong = matches!(shown, Proof::Key | Proof::Certificate);
        rule::CLIENT_AUTH.holds(is_strong, "private_key_jwt or mutual TLS", shown.words())
    }

    fn client_secret(&self) -> Check {
        let Some(sent) = self.authenticated.last() else { return rule::CLIENT_SECRET.skipped(NO_TOKEN_REQUEST) };
        let shown = proof(&sent.request);
        rule::CLIENT_SECRET.holds(shown != Proof::Secret, "no secret", shown.words())
    }

    fn assertion_audience(&self) -> Check {
        let assertion = self.authenticated.iter().rev().find_map(|sent| assertion(&sent.request));
        let Some(claims) = assertion.as_ref().and_then(|assertion| assertion.claims.as_ref()) else {
            return rule::ASSERTION_AUDIENCE.skipped("no assertion authenticates the client");
        };
        let Some(issuer) = self.flow.session.issuer(self.settings()) else {
            return rule::ASSERTION_AUDIENCE.skipped("the issuer is not known");
        };
        match claims.get("aud") {
            Some(Json::String(aud)) => rule::ASSERTION_AUDIENCE.equal(issuer, aud),
            Some(_) => rule::ASSERTION_AUDIENCE.broken(issuer, "no string"),
            None => rule::ASSERTION_AUDIENCE.broken(issuer, "no aud"),
        }
    }

    fn bound_tokens(&self) -> Check {
        let Some(tokens) = self.flow.session.tokens.last() else {
            return rule::BOUND_TOKENS.skipped("no access token has come");
        };
        let Some(token) = tokens.response.access_token.as_ref() else {
            return rule::BOUND_TOKENS.skipped("no access token has come");
        };
        let token_type = tokens.response.token_type.as_deref().unwrap_or_default();
        let confirmation = confirmation(token);
        let has_certificate = self.token_requests.iter().any(|sent| sent.request.tls.certificate.is_some());
        match confirmation {
            _ if token_type.eq_ignore_ascii_case("dpop") => rule::BOUND_TOKENS.pass("token_type DPoP"),
            Some(how) => rule::BOUND_TOKENS.pass(format!("cnf with {how}")),
            None if self.is_told_bound() => rule::BOUND_TOKENS.pass("bound to the certificate, as introspection says"),
            None if has_certificate && decode(token.expose()).claims.is_none() => rule::BOUND_TOKENS.skipped(
                "a certificate was shown, and an opaque token does not say whether it is bound to it; introspection does",
            ),
            None => rule::BOUND_TOKENS
                .broken("a token bound by DPoP or mutual TLS", format!("token_type {}", visible(token_type))),
        }
    }

    /// Whether introspection has said that the newest token is bound to the certificate that was shown.
    fn is_told_bound(&self) -> bool {
        let said = self.flow.trace.exchanges.iter().rfind(|exchange| exchange.stage == Stage::Introspection);
        let is_bound = |check: &Check| check.rule.id == dpop::CERTIFICATE.id && check.verdict == Verdict::Pass;
        said.is_some_and(|said| said.checks.iter().any(is_bound))
    }

    fn token_in_header(&self) -> Check {
        if self.calls.is_empty() {
            return rule::TOKEN_IN_HEADER.skipped("no API was called");
        }
        let is_elsewhere = |sent: &&&Exchange| {
            form(&sent.request).contains("access_token")
                || sent.request.url.query_pairs().any(|(name, _)| name == "access_token")
        };
        let elsewhere = self.calls.iter().find(is_elsewhere);
        rule::TOKEN_IN_HEADER.holds(
            elsewhere.is_none(),
            "Authorization",
            if elsewhere.is_none() { "Authorization" } else { "the form or the URL" },
        )
    }

    fn iss(&self) -> Check {
        let Some(Answer::Callback(callback)) = self.trip.map(|trip| &trip.answer) else {
            return rule::ISS.skipped("no authorization response has come");
        };
        let is_there = callback.params.contains("iss") || callback.params.contains("response");
        rule::ISS.holds(is_there, "iss", if is_there { "there" } else { "none" })
    }

    /// Of every JWT that this run has seen: who makes one, be it a client or a server, has to keep to them.
    fn algorithms(&self) -> Check {
        let mut seen: Vec<(String, &str)> = Vec::new();
        for (what, token) in signed::of_run(self.flow, &self.authenticated) {
            let named = (token.alg().unwrap_or_default().to_owned(), what);
            if !seen.contains(&named) {
                seen.push(named);
            }
        }
        let said = |(alg, what): &(String, &str)| format!("{} of {what}", visible(alg));
        match seen.iter().find(|(alg, _)| !STRONG.contains(&alg.as_str())) {
            _ if seen.is_empty() => rule::ALGORITHMS.skipped("nothing signed was seen"),
            Some(weak) => rule::ALGORITHMS.broken("PS256, ES256 or EdDSA", said(weak)),
            None => rule::ALGORITHMS.pass(seen.iter().map(said).collect::<Vec<_>>().join(", ")),
        }
    }

    fn no_rotation(&self) -> Check {
        let refresh = self.flow.trace.exchanges.iter().rfind(|exchange| exchange.stage == Stage::Refresh);
        let Some(refresh) = refresh else { return rule::NO_ROTATION.skipped("no refresh was tried") };
        let sent = form(&refresh.request).get("refresh_token").map(Secret::from);
        let came = self.flow.session.tokens.iter().rfind(|tokens| tokens.stage == Stage::Refresh);
        match came.map(|tokens| &tokens.response.refresh_token) {
            None => rule::NO_ROTATION.skipped("the refresh brought no tokens"),
            Some(None) => rule::NO_ROTATION.pass("no new refresh token"),
            Some(Some(fresh)) if sent.as_ref() == Some(fresh) => rule::NO_ROTATION.pass("the same refresh token"),
            Some(Some(_)) => self.with_a_new_one(),
        }
    }

    /// A new refresh token takes nothing away while the old one still works (RFC 9700 section 4.14.2).
    fn with_a_new_one(&self) -> Check {
        let reuse = self.flow.trace.exchanges.iter().rfind(|exchange| exchange.stage == Stage::RefreshReuse);
        let said = reuse.and_then(|reuse| reuse.checks.iter().find(|check| check.rule.id == management::REUSE.id));
        match said.map(|check| check.verdict) {
            Some(Verdict::Pass) => {
                rule::NO_ROTATION.broken("the same refresh token", "a new one, and the old one is refused")
            }
            Some(Verdict::Note | Verdict::Fail) => rule::NO_ROTATION.pass("a new one, and the old one still works"),
            _ => rule::NO_ROTATION
                .skipped("a new refresh token came; the old one, used again, shows whether it is rotated"),
        }
    }

    fn resource(&self) -> Check {
        let Some(sent) = self.flow.authorization() else { return rule::RESOURCE.skipped(NO_TRIP) };
        let Some(token) = self.token_requests.first() else { return rule::RESOURCE.skipped(NO_TOKEN_REQUEST) };
        match (sent.contains("resource"), form(&token.request).contains("resource")) {
            (true, true) => rule::RESOURCE.pass("in both"),
            (true, false) => rule::RESOURCE.broken("resource", "none in the token request"),
            (false, true) => rule::RESOURCE.broken("resource", "none in the authorization request"),
            (false, false) => rule::RESOURCE.broken("resource", "none in either"),
        }
    }

    fn signed_request(&self) -> Check {
        let Some(sent) = self.flow.authorization() else { return rule::SIGNED_REQUEST.skipped(NO_TRIP) };
        let is_signed = sent.object.is_some();
        if !is_signed && (self.asks_for_signed_response() || self.has_signed_introspection()) {
            return rule::SIGNED_REQUEST.skipped(format!("signed requests {NOT_USED}"));
        }
        let saw = if is_signed { "request" } else { "plain parameters" };
        rule::SIGNED_REQUEST.holds(is_signed, "a request object", saw)
    }

    /// Signed requests, signed responses and signed introspection are three methods, of which a system implements those that
    /// it needs: each section binds those alone that implement it (FAPI 2.0 Message Signing section 5.1). So what a run does
    /// not use is no part of it, as long as it uses one of them; a run that signs nothing has nothing of the profile.
    fn asks_for_signed_response(&self) -> bool {
        self.flow.authorization().and_then(|sent| sent.get("response_mode")).is_some_and(is_jwt_mode)
    }

    fn has_signed_introspection(&self) -> bool {
        let mut checks = self.flow.checks();
        checks.any(|check| check.rule == &management::SIGNED && check.verdict == Verdict::Pass)
    }

    /// The claims of the request object, or why there is nothing to judge of them.
    fn object(&self) -> Result<Decoded, &'static str> {
        let sent = self.flow.authorization().ok_or(NO_TRIP)?;
        let object = decode(&sent.object.as_ref().ok_or("the request is not signed")?.text);
        match object.form {
            Form::Jwe => Err("it is encrypted, for the server alone"),
            _ if object.claims.is_none() => Err("it cannot be read"),
            _ => Ok(object),
        }
    }

    fn object_audience(&self) -> Check {
        let (object, issuer) = match (self.object(), self.flow.session.issuer(self.settings())) {
            (Err(why), _) => return rule::OBJECT_AUDIENCE.skipped(why),
            (_, None) => return rule::OBJECT_AUDIENCE.skipped("the issuer is not known"),
            (Ok(object), Some(issuer)) => (object, issuer),
        };
        let named = object.claim("aud").map(Json::strings).unwrap_or_default();
        let saw = if named.is_empty() { "no aud".to_owned() } else { visible(&named.join(", ")).into_owned() };
        rule::OBJECT_AUDIENCE.holds(named.contains(&issuer), issuer, saw)
    }

    fn object_times(&self) -> Check {
        let object = match self.object() {
            Ok(object) => object,
            Err(why) => return rule::OBJECT_TIMES.skipped(why),
        };
        let wanted = "nbf of the last 60 minutes, and exp at most 60 minutes after it";
        let time = |name| object.claim(name).and_then(|claim| numeric_date(claim).ok());
        let (Some(nbf), Some(exp)) = (time("nbf"), time("exp")) else {
            let missing: Vec<&str> = ["nbf", "exp"].into_iter().filter(|name| time(name).is_none()).collect();
            return rule::OBJECT_TIMES.broken(wanted, format!("no {}", missing.join(" and no ")));
        };
        let left = self.push().or(self.trip).map_or(nbf, |sent| sent.sent_at);
        let (age, lifetime) = (left.since(nbf), exp.since(nbf));
        let saw = format!("nbf {} before the request, exp {} after nbf", spoken(age), spoken(lifetime));
        rule::OBJECT_TIMES.holds(age <= OBJECT_LIMIT && lifetime <= OBJECT_LIMIT, wanted, saw)
    }

    fn signed_response(&self) -> Check {
        let Some(Answer::Callback(callback)) = self.trip.map(|trip| &trip.answer) else {
            return rule::SIGNED_RESPONSE.skipped("no authorization response has come");
        };
        let asked = self.flow.authorization().and_then(|sent| sent.get("response_mode")).unwrap_or_default();
        let has_another = || self.flow.authorization().is_some_and(|sent| sent.object.is_some());
        match callback.params.contains("response") {
            false if !self.asks_for_signed_response() && (has_another() || self.has_signed_introspection()) => {
                rule::SIGNED_RESPONSE.skipped(format!("signed responses {NOT_USED}"))
            }
            true => rule::SIGNED_RESPONSE.holds(asked == "jwt", "response_mode jwt", visible(asked)),
            false => rule::SIGNED_RESPONSE.broken("a signed response", "plain parameters"),
        }
    }
}

fn form(request: &HttpRequest) -> Params {
    request.form().unwrap_or_default()
}

/// How a request shows who its client is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Proof {
    /// `private_key_jwt`.
    Key,
    /// Mutual TLS.
    Certificate,
    /// A secret, sent or signed with.
    Secret,
    /// Nothing.
    None,
}

impl Proof {
    const fn words(self) -> &'static str {
        match self {
            Self::Key => "private_key_jwt",
            Self::Certificate => "mutual TLS",
            Self::Secret => "a client secret",
            Self::None => "a public client",
        }
    }
}

fn proof(request: &HttpRequest) -> Proof {
    let has_basic = request
        .headers
        .get("authorization")
        .is_some_and(|field| field.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("basic ")));
    match assertion(request) {
        Some(assertion) if assertion.is_mac() => Proof::Secret,
        Some(_) => Proof::Key,
        None if has_basic || form(request).contains("client_secret") => Proof::Secret,
        None if request.tls.certificate.is_some() => Proof::Certificate,
        None => Proof::None,
    }
}

/// By what the token says to be bound (RFC 7800 section 3.1).
fn confirmation(token: &Secret) -> Option<String> {
    let decoded = decode(token.expose());
    let cnf = decoded.claim("cnf")?;
    ["jkt", "x5t#S256"].into_iter().find(|how| cnf.get(how).is_some()).map(str::to_owned)
}
