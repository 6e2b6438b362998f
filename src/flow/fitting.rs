//! Which lines of advice fit a refused request: nobody can leave out what was not sent, or use what the server's lists leave
//! out, and a code of another message says nothing in this one.

use crate::base::check::{Check, Rule, Verdict};
use crate::client::endpoint::authorization::AuthorizationRequest;
use crate::client::request_object::Message;
use crate::client::rules::rar;
use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::grant::Grant;
use crate::terms::scope;

use super::Flow;
use super::causes::authenticates;
use super::stage::Stage;
use super::trace::Exchange;

/// What a refused request held.
struct Sent<'a> {
    exchange: &'a Exchange,
    authorization: Option<&'a AuthorizationRequest>,
    /// Whether the client was registered in this run, so that nobody has copied anything.
    is_issued: bool,
}

impl Sent<'_> {
    fn value(&self, name: &str) -> Option<String> {
        let params = self.exchange.request.form().unwrap_or_else(|| self.exchange.request.query());
        let inner = || self.authorization?.get(name).map(str::to_owned);
        params.get(name).map(str::to_owned).or_else(inner)
    }

    fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    fn has_word(&self, name: &str, word: &str) -> bool {
        self.value(name).is_some_and(|value| scope::contains(&value, word))
    }

    fn count(&self, name: &str) -> usize {
        let params = self.exchange.request.form().unwrap_or_else(|| self.exchange.request.query());
        params.iter().filter(|(known, _)| *known == name).count()
    }

    fn is_signed(&self) -> bool {
        self.has("request") || self.authorization.is_some_and(|sent| sent.object.is_some())
    }

    /// Whether it is made of parameters: a registration is JSON (RFC 7591 section 3.1), and a call is the API's own.
    fn has_parameters(&self) -> bool {
        let stage = self.exchange.stage;
        stage.asks_for_authorization() || authenticates(stage)
    }

    /// Whether its `authorization_details` may be what this rule is against: what it passes is no cause.
    fn may_have_broken(&self, rule: &Rule) -> bool {
        let is_passed = |check: &Check| check.rule.id == rule.id && check.verdict == Verdict::Pass;
        self.has("authorization_details") && !self.exchange.checks.iter().any(is_passed)
    }

    /// Whether it asks for a part of what was approved before (RFC 9396 section 6).
    fn narrows_details(&self) -> bool {
        let grants = ["authorization_code", "refresh_token"];
        self.has("authorization_details") && self.value("grant_type").is_some_and(|it| grants.contains(&it.as_str()))
    }

    fn has_proof(&self) -> bool {
        self.exchange.request.headers.get("dpop").is_some()
    }
}

/// A part of a line, and whether the request gave a reason for it.
type Reason = (&'static str, fn(&Sent<'_>) -> bool);

const REASONS: [Reason; 38] = [
    ("for a copying mistake, and", |sent| !sent.is_issued),
    ("Compare the parameters that were sent", |sent| sent.has_parameters()),
    ("a parameter that is sent twice", |sent| sent.has_parameters()),
    ("that it is form-encoded, with one kind", |sent| sent.has_parameters()),
    ("Leave out unusual parameters", |sent| sent.has_parameters()),
    ("the members of the JSON body", |sent| !sent.exchange.request.body.is_empty()),
    ("one member of client_metadata", |sent| !sent.exchange.request.body.is_empty()),
    // Nobody is asked where a request is pushed.
    ("agree on the consent page", |sent| sent.exchange.stage == Stage::Authorization),
    ("prompt=none", |sent| sent.has_word("prompt", "none")),
    ("the session: use a full redirect", |sent| sent.has_word("prompt", "none")),
    ("max_age may be shorter", |sent| sent.has("max_age")),
    ("Check resource:", |sent| sent.has("resource")),
    ("For several resources", |sent| sent.count("resource") > 1),
    ("Switch the signed request (JAR) off", |sent| sent.is_signed()),
    ("Push the request instead", |sent| sent.is_signed()),
    ("Check that the public key is registered or published where", |sent| sent.is_signed()),
    ("request_object_signing_alg_values_supported", |sent| sent.is_signed()),
    ("Check aud (the issuer), iss (the client_id)", |sent| sent.is_signed()),
    ("or the request object itself", |sent| sent.has("request_uri")),
    ("Push the request again", |sent| sent.has("request_uri")),
    ("the one that pushed it", |sent| sent.has("request_uri")),
    ("For an https URL, check that the server can reach it", |sent| sent.has("request_uri")),
    ("leave registration out", |sent| sent.has("registration")),
    ("Compare the demanded acr", |sent| sent.has("acr_values") || sent.has("claims")),
    ("instead of as an essential claim", |sent| sent.has("claims")),
    ("Narrow the authorization_details of this request", |sent| sent.narrows_details()),
    ("Compare each type with authorization_details_types", |sent| sent.may_have_broken(&rar::LISTED)),
    ("Compare the fields of each type", |sent| sent.has("authorization_details")),
    ("Check that the value is a JSON array", |sent| sent.may_have_broken(&rar::FORM)),
    ("Compare htm and htu", |sent| sent.has_proof()),
    ("Use a new jti for each request, and the same key", |sent| sent.has_proof()),
    ("has typ dpop+jwt", |sent| sent.has_proof()),
    ("set code_challenge_method to S256", |sent| sent.value("code_challenge_method").as_deref() != Some("S256")),
    ("Use code.", |sent| sent.value("response_type").as_deref() != Some("code")),
    ("For id_token or token, switch", |sent| {
        sent.has_word("response_type", "token") || sent.has_word("response_type", "id_token")
    }),
    ("Revoke the refresh token instead", |sent| sent.exchange.stage == Stage::Revocation),
    ("offline_access is not known everywhere", |sent| sent.has_word("scope", "offline_access")),
    ("openid, profile and offline_access have no meaning", |sent| {
        ["openid", "profile", "offline_access"].iter().any(|word| sent.has_word("scope", word))
    }),
];

/// What is left to say where no line fits.
const NOTHING_FITS: &str = "What this code speaks of most often was not in this request: the server's words or its log say \
                            what it means here.";

/// The lines that fit what was sent and what the server takes.
pub(super) fn fitting(flow: &Flow, exchange: &Exchange, lines: Vec<String>) -> Vec<String> {
    let had_any = !lines.is_empty();
    let mut fitting = those_that_fit(flow, exchange, lines);
    fitting.extend((had_any && fitting.is_empty()).then(|| NOTHING_FITS.to_owned()));
    fitting
}

fn those_that_fit(flow: &Flow, exchange: &Exchange, lines: Vec<String>) -> Vec<String> {
    let opened = || flow.session.authorization.clone().filter(|_| exchange.stage == Stage::Authorization);
    // What is pushed is the request itself; what a browser opens may refer to it.
    let pushed = exchange.authorization().filter(|_| exchange.stage == Stage::PushedAuthorization);
    let authorization = pushed.or_else(opened);
    let authorization = authorization.as_ref();
    let issued = flow.session.registered.as_ref().map(|registered| registered.client_id.as_str());
    let is_issued = issued == Some(exchange.settings.client.client_id.as_str());
    let sent = Sent { exchange, authorization, is_issued };
    let has_reason =
        |line: &String| REASONS.iter().filter(|(part, _)| line.contains(part)).all(|(_, has_reason)| has_reason(&sent));
    let lines = lines.into_iter().filter(has_reason);
    lines.filter_map(|line| offered(flow, exchange, &line)).map(|line| named_for(exchange.stage, line)).collect()
}

/// A request of CIBA is registered to be signed under a name of its own (CIBA section 4).
fn named_for(stage: Stage, line: String) -> String {
    match stage {
        Stage::BackchannelAuthentication => {
            line.replace(Message::Authorization.setting(), Message::Backchannel.setting())
        }
        _ => line,
    }
}

/// A line without the sentences that offer a client authentication which the list of this server leaves out.
fn offered(flow: &Flow, exchange: &Exchange, line: &str) -> Option<String> {
    let endpoint = match exchange.stage {
        Stage::Revocation => "revocation",
        Stage::Introspection => "introspection",
        _ => "token",
    };
    let list = format!("{endpoint}_endpoint_auth_methods_supported");
    let Some(listed) = flow.session.metadata.as_ref().and_then(|metadata| metadata.supported(&list)) else {
        return Some(line.to_owned());
    };
    let is_left_out = |method: &ClientAuthMethod| *method != ClientAuthMethod::None && !listed.contains(&method.name());
    let is_kept = |sentence: &&str| !ClientAuthMethod::ALL.iter().any(|it| is_left_out(it) && offers(sentence, *it));
    let kept: Vec<&str> = line.split_inclusive(". ").filter(is_kept).collect();
    (!kept.is_empty()).then(|| kept.concat())
}

fn offers(sentence: &str, method: ClientAuthMethod) -> bool {
    sentence.contains(&format!("try {}", method.name()))
}

/// Errors of the request that a browser takes.
const OF_BROWSER: [&str; 11] = [
    "account_selection_required",
    "consent_required",
    "interaction_required",
    "invalid_request_object",
    "invalid_request_uri",
    "login_required",
    "registration_not_supported",
    "request_not_supported",
    "request_uri_not_supported",
    "unmet_authentication_requirements",
    "unsupported_response_type",
];

/// Errors of a client that asks again and again whether its user has decided.
const OF_POLLS: [&str; 3] = ["authorization_pending", "expired_token", "slow_down"];

/// Errors of an API that is called with a token.
const OF_API: [&str; 3] = ["insufficient_scope", "insufficient_user_authentication", "invalid_token"];

/// Errors of the registration of a client.
const OF_REGISTRATION: [&str; 4] =
    ["invalid_client_metadata", "invalid_redirect_uri", "invalid_software_statement", "unapproved_software_statement"];

/// Errors of other messages that say something of a registration too: it is a call with a token (RFC 6750 section 3.1),
/// and asks for a scope.
const OF_REGISTRATION_TOO: [&str; 9] = [
    "access_denied",
    "insufficient_scope",
    "invalid_request",
    "invalid_scope",
    "invalid_token",
    "server_error",
    "temporarily_unavailable",
    "invalid_dpop_proof",
    "use_dpop_nonce",
];

/// Errors of a request that is made to the token endpoint alone (RFC 6749 section 5.2).
const OF_TOKEN: [&str; 2] = ["invalid_grant", "unsupported_grant_type"];

/// Errors of a login that the client begins behind the user's back, as CIBA has it (sections 11 to 13).
const OF_BACKCHANNEL: [&str; 5] = [
    "expired_login_hint_token",
    "invalid_binding_message",
    "invalid_user_code",
    "missing_user_code",
    "unknown_user_id",
];

/// Errors of a registration that an authorization request gets too: of its redirect_uri.
const OF_REDIRECT: &str = "invalid_redirect_uri";

/// The message that an error is of, where it is another one than this.
pub(super) fn of_another_message(grant: Grant, stage: Stage, code: &str) -> Option<&'static str> {
    let polls = stage == Stage::Token && matches!(grant, Grant::DeviceCode | Grant::Ciba);
    if OF_POLLS.contains(&code) && !polls {
        return Some("a poll of a login elsewhere");
    }
    if stage.is_of_registration() {
        let is_own = OF_REGISTRATION.contains(&code) || OF_REGISTRATION_TOO.contains(&code);
        return (!is_own).then_some("another message");
    }
    let is_call = matches!(stage, Stage::Resource | Stage::UserInfo | Stage::Claims);
    let asks_for_authorization = stage.asks_for_authorization();
    let is_of_ciba = stage == Stage::BackchannelAuthentication || grant == Grant::Ciba && stage == Stage::Token;
    // A request of CIBA may be signed (CIBA section 7.1.1), and introspection may ask for a token (RFC 7662 section 2.1).
    let is_own = matches!(
        (stage, code),
        (Stage::BackchannelAuthentication, "invalid_request_object") | (Stage::Introspection, "invalid_token")
    );
    match code {
        _ if is_call || is_own || asks_for_authorization && code == OF_REDIRECT => None,
        code if OF_BROWSER.contains(&code) && !asks_for_authorization => Some("the authorization request"),
        code if OF_TOKEN.contains(&code) && asks_for_authorization => Some("the token request"),
        code if OF_BACKCHANNEL.contains(&code) && !is_of_ciba => Some("the backchannel authentication request"),
        "unsupported_token_type" if stage != Stage::Revocation => Some("the revocation request"),
        code if OF_API.contains(&code) => Some("a call of an API"),
        code if OF_REGISTRATION.contains(&code) => Some("the registration of a client"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::description;
    use crate::terms::glossary;

    fn lines() -> impl Iterator<Item = &'static str> {
        let entries = glossary::error_codes().filter_map(glossary::error);
        let explained = entries.flat_map(|entry| entry.advice.iter().chain(entry.particular.values().flatten()));
        explained.map(String::as_str).chain(description::lines())
    }

    /// A part that stands nowhere any more would let its line pass in silence.
    #[test]
    fn every_part_stands_in_the_advice_on_a_refusal() {
        for (part, _) in REASONS {
            assert!(lines().any(|line| line.contains(part)), "no advice holds: {part}");
        }
    }

    #[test]
    fn the_other_way_to_send_a_secret_is_offered_in_these_words() {
        for method in [ClientAuthMethod::ClientSecretBasic, ClientAuthMethod::ClientSecretPost] {
            assert!(lines().any(|line| offers(line, method)), "{}", method.name());
        }
    }

    #[test]
    fn every_code_of_a_message_is_explained() {
        for code in OF_BROWSER
            .iter()
            .chain(&OF_POLLS)
            .chain(&OF_TOKEN)
            .chain(&OF_BACKCHANNEL)
            .chain(&OF_API)
            .chain(&OF_REGISTRATION)
            .chain(&OF_REGISTRATION_TOO)
        {
            assert!(glossary::error(code).is_some(), "{code}");
        }
    }
}
