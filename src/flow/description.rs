//! What a server's own words name, beside the code of a refusal.

use crate::terms::client_auth::ClientAuthMethod;
use crate::terms::error::OAuthError;

use super::causes::authenticates;
use super::method_named::{self, REFUSES};
use super::stage::Stage;
use super::trace::Exchange;

/// How Entra asks for an Origin header.
pub(super) const CROSS_ORIGIN: [&str; 2] = ["aadsts9002327", "only be redeemed via cross-origin"];

/// How servers ask for a pushed request.
pub(super) const WANTS_PUSHED: [&str; 4] =
    ["pushed authorization", "must be pushed", "request is only allowed with par", "par is required"];
/// How servers ask for a signed request.
pub(super) const WANTS_SIGNED: [&str; 3] = ["signed request", "request object is required", "request object must be"];
/// How servers ask to be asked for a signed response.
pub(super) const WANTS_JARM: [&str; 3] = ["one with jwt", "must be jwt", "jarm is required"];
/// How servers ask which API a token is for (RFC 8707 section 2).
pub(super) const WANTS_RESOURCE: [&str; 2] = ["resource indicator must be provided", "has to name the resource"];

/// How servers say that an assertion is for somebody else.
pub(super) const OTHER_AUDIENCE: [&str; 4] =
    ["invalid audience", "audience is not", "aud is not", "aud of the assertion has to be"];

/// How servers ask for a client assertion.
const ASSERTION: [&str; 2] = ["client_assertion", "client assertion"];

/// How servers say that a client showed nothing of what it may show, as Entra does.
const ANY_CREDENTIAL: [&str; 3] =
    ["'client_assertion' or 'client_secret'", "client_assertion or client_secret", "client_secret or client_assertion"];

/// How servers say that a client is registered without a credential.
const PUBLIC: [&str; 4] =
    ["client is public", "client is a public", "has to be a public one", "secret should not be presented"];

/// How servers say that what works once was used before (RFC 6749 section 4.1.2).
const USED: [&str; 6] =
    ["used before", "already used", "already been used", "already redeemed", "been redeemed", "already consumed"];

/// Whether the words of a server name that, and not in one breath with an age that is over.
pub(super) fn says_used(said: &str) -> bool {
    let said = said.to_lowercase();
    USED.iter().any(|word| said.contains(word)) && !said.contains("expired")
}

/// Whether the words of a server, in lower case, ask for a client assertion.
pub(super) fn wants_assertion(said: &str) -> bool {
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    says(&ASSERTION) && !says(&ANY_CREDENTIAL) && !is_public(said)
}

/// Whether the words of a server, in lower case, say that this client is to show no credential.
pub(super) fn is_public(said: &str) -> bool {
    PUBLIC.iter().any(|word| said.contains(word))
}

/// How Entra says that it read a secret, and that it is another one.
const OTHER_SECRET: [&str; 2] = ["aadsts7000215", "ensure the secret being sent"];

/// Whether the words of a server, in lower case, say that it read the secret, so that it came in a way that is right.
pub(super) fn has_read_secret(said: &str) -> bool {
    OTHER_SECRET.iter().any(|word| said.contains(word))
}

/// What follows where a server says no more than that it does not allow this.
const NOT_GRANTED: &str = "The server knows this client and does not let it do this: look for it in the client's \
                           registration, where it is switched on.";

/// What a server's description names, whoever wrote it, and what follows from that. Words of one row are alternatives, and
/// the first row that fits counts.
const WORDS: [(Place, &[&str], &str); 42] = [
    (
        Place::At(Stage::Token),
        &CROSS_ORIGIN,
        "The server redeems codes of a single-page application only where a page in a browser asks: send an Origin header, or register the client as one that runs on this machine.",
    ),
    (
        Place::Any,
        &[
            "account disabled",
            "account is disabled",
            "user disabled",
            "user is disabled",
            "client disabled",
            "client is disabled",
            "not fully set up",
            "is locked",
        ],
        "The server says that this account or client is not ready to be used: have it switched on there, or sign in at its own page once to finish what is asked.",
    ),
    (
        Place::Any,
        &WANTS_PUSHED,
        "The server takes requests of this client only when they are pushed (PAR): switch require_pushed_authorization_requests on.",
    ),
    (
        Place::Any,
        &WANTS_SIGNED,
        "The server takes requests of this client only when they are signed (JAR): set request_object_signing_alg.",
    ),
    (
        Place::Any,
        &WANTS_RESOURCE,
        "The server wants to know which API the token is for: set resource to what it knows that by.",
    ),
    (
        Place::Any,
        &["authorization details type '"],
        "The server knows this type and does not give it to this client: have it added to authorization_details_types of the client's registration (RFC 9396 section 10).",
    ),
    (
        Place::At(Stage::Authorization),
        &["invalid redirect_uri", "invalid redirect uri", "invalid parameter: redirect_uri"],
        "The server does not take this redirect_uri: compare it with the registration, and look whether a policy there wants https, which is listened at too (https://127.0.0.1 with a port).",
    ),
    (
        Place::At(Stage::Introspection),
        &["jwt tokens cannot be introspected"],
        "The server is not asked about JWTs: an API verifies them itself, with the keys of jwks_uri. Ask about the refresh token, or have an opaque access token issued.",
    ),
    (
        Place::Client,
        &PUBLIC,
        "The server takes this client as a public one alone, which shows no credential: set token_endpoint_auth_method to none.",
    ),
    (
        Place::Client,
        &[
            "multiple client credentials",
            "multiple credentials",
            "multiple client auth",
            "more than one client auth",
            "more than one method",
        ],
        "The client showed who it is in more than one way, of which one alone is allowed (RFC 6749 section 2.3): look for client_secret, client_assertion or Authorization among the extra parameters and header fields.",
    ),
    (
        Place::Client,
        &["this authentication method", "client authentication method"],
        "The server takes another way to authenticate of this client: look into its registration, and set token_endpoint_auth_method to what is allowed there.",
    ),
    (
        Place::Client,
        &ANY_CREDENTIAL,
        "The server saw no credential of this client, which is registered with one: fill in client_secret and choose how it is sent, or register the client as a public one (at Entra: Allow public client flows).",
    ),
    (
        Place::Client,
        &OTHER_SECRET,
        "The server read the client_secret and knows another one: copy the value of the secret, which is shown once, not its ID (at Entra both stand beside each other), and look whether it is over.",
    ),
    (
        Place::Client,
        &[
            "client was not found",
            "client not found",
            "unknown client",
            "no such client",
            "client does not exist",
            "invalid client_id",
            "invalid value for 'client_id'",
            "application with identifier",
        ],
        "The server knows no client with this client_id: look for a copying mistake, and whether it belongs to this server and tenant.",
    ),
    (
        Place::Unsigned,
        &ASSERTION,
        "This client is registered for a signed assertion: set token_endpoint_auth_method to private_key_jwt or client_secret_jwt.",
    ),
    (
        Place::Client,
        &["mtls", "client certif", "certification missing", "certificate missing"],
        "This client is registered for certificates: it has to show one, at an https endpoint of the server.",
    ),
    (
        Place::Client,
        &["service account"],
        "Switch client credentials on in the client's registration (at Keycloak: Service accounts roles).",
    ),
    (
        Place::At(Stage::Authorization),
        &["code challenge", "code_challenge", "pkce"],
        "The server speaks of PKCE: set code_challenge_method to S256, or to what the client is registered for.",
    ),
    (
        Place::Client,
        &["code verifier", "code_verifier", "pkce", "code challenge"],
        "The server speaks of PKCE: compare code_verifier with the code_challenge of the authorization request, and look whether both were sent.",
    ),
    (Place::At(Stage::Authorization), &["nonce"], "The server wants a nonce in this request: send one."),
    (
        Place::At(Stage::Authorization),
        &WANTS_JARM,
        "The server takes requests of this client only when their responses are signed (JARM): set response_mode to jwt.",
    ),
    (
        Place::At(Stage::Authorization),
        &["response_mode", "response mode"],
        "The server does not give this response_type in this response_mode: choose another one, or leave it out.",
    ),
    (
        Place::Code,
        &["redirect_uri", "redirect uri"],
        "The server compares redirect_uri: it must equal that of the authorization request to the last character.",
    ),
    (
        Place::At(Stage::Exchange),
        &["not within the token audience"],
        "The subject token is for others: its aud has to name this client. Have the server put it there when the token is issued.",
    ),
    (
        Place::At(Stage::Exchange),
        &["supports access tokens only"],
        "The server takes an access token alone here: set subject_token_type to urn:ietf:params:oauth:token-type:access_token.",
    ),
    (
        Place::At(Stage::Introspection),
        &["client not allowed"],
        "The server does not let this client introspect: it has to authenticate (RFC 7662 section 2.1), and public clients cannot.",
    ),
    (
        Place::At(Stage::UserInfo),
        &["lightweight"],
        "The server issues short tokens to this client and keeps UserInfo from them: have that switched on, or full tokens issued.",
    ),
    (
        Place::Any,
        &["session_not_found", "session not active", "session not found"],
        "The session of this login is over at the server: the user or an administrator signed out, or it expired. Start over.",
    ),
    (
        Place::Client,
        &["different client", "another client", "client don't match"],
        "What was handed in was issued to another client: use it with the client_id that it was issued to.",
    ),
    (
        Place::Granting,
        &["not enabled", "not allowed", "not authorized", "not supported for", "not within"],
        NOT_GRANTED,
    ),
    (
        Place::At(Stage::Exchange),
        &["audience", "requested_token_type", "supports access tokens"],
        "The server speaks of what was asked for: change audience, resource or requested_token_type; the subject token is not the matter.",
    ),
    (
        Place::At(Stage::BackchannelAuthentication),
        &["notification token", "notification_token"],
        "The client is registered for pings or pushes: choose that as backchannel_token_delivery_mode, which sends a client_notification_token.",
    ),
    (
        Place::At(Stage::BackchannelAuthentication),
        &["user code", "user_code"],
        "The server speaks of user_code: leave it out, or switch it on at the server.",
    ),
    (
        Place::At(Stage::BackchannelAuthentication),
        &["user"],
        "The server does not know, or does not take, the user whom the hint names: compare it with the user names there, and look whether the account is switched on.",
    ),
    (
        Place::Asserted,
        &OTHER_AUDIENCE,
        "The server wants another aud in the assertion: FAPI 2.0 and OAuth 2.1 take the issuer alone, which is sent where client_assertion_audience is empty.",
    ),
    (
        Place::Asserted,
        &["claim is required", "missing claim"],
        "The server names a claim that the assertion does not have: write it in.",
    ),
    (
        Place::Asserted,
        &["signature algorithm", "algorithm"],
        "The server takes another algorithm of this client: set token_endpoint_auth_signing_alg to the registered one.",
    ),
    (
        Place::Asserted,
        &["signature"],
        "The server could not verify the signature: compare key, kid and alg of the assertion with what is registered for the client, or the secret with the server's.",
    ),
    (Place::Asserted, &["reuse", "jti"], "The server takes each assertion once and knows it by jti: send a new one."),
    (
        Place::Asserted,
        &["not active", "not yet", "expired", "future"],
        "The server speaks of the times of the assertion: look at iat, nbf and exp, and compare the clocks of both machines.",
    ),
    (
        Place::Asserted,
        &["user not found", "subject", "no user"],
        "The server does not know the user whom the assertion names: look at sub.",
    ),
    (
        Place::Asserted,
        &["identity provider", "issuer"],
        "The server does not trust the issuer of the assertion: look at iss, and at whom it is told to trust.",
    ),
];

/// Where the words of a row mean what the row says.
enum Place {
    /// In every message.
    Any,
    /// Where a client authenticates.
    Client,
    /// The same, where the code does not say already that the client may not.
    Granting,
    /// Where a client authenticates, in a request without an assertion.
    Unsigned,
    /// In a request with an assertion.
    Asserted,
    /// Where a code is redeemed.
    Code,
    /// In this message alone.
    At(Stage),
}

/// How servers ask for a second factor: Entra in numbers, others by code or in words.
const SECOND_FACTOR: [&str; 9] = [
    "aadsts50076",
    "aadsts50079",
    "mfa",
    "multi-factor",
    "multifactor",
    "second factor",
    "two-factor",
    "two factor",
    "one-time password",
];

/// A second factor has no place in the password grant (RFC 6749 section 4.3).
fn wants_second_factor(error: &OAuthError, exchange: &Exchange) -> Option<String> {
    let form = exchange.request.form()?;
    let said = error.to_string().to_lowercase();
    let wants = error.error == "interaction_required" || SECOND_FACTOR.iter().any(|word| said.contains(word));
    (form.get("grant_type") == Some("password") && wants).then(|| {
        "The server wants more of this user than a password, such as a second factor, and the password grant has no place \
         for it: use a grant in which the user signs in at the server, such as the authorization code grant."
            .to_owned()
    })
}

/// Every line that words may lead to.
#[cfg(test)]
pub(super) fn lines() -> impl Iterator<Item = &'static str> {
    WORDS.iter().map(|(.., line)| *line).chain([IN_THE_BODY])
}

/// Sentences in which RFC 6749 (sections 4.1.2.1 and 5.2) says what a code may mean, and which libraries send as they stand:
/// they name every cause and so none.
const OF_THE_DOCUMENT: [&str; 3] = [
    "is invalid, expired, revoked, does not match the redirection uri used in the authorization request, or was issued to another client",
    "(e.g., unknown client, no client authentication included, or unsupported authentication method)",
    "missing a required parameter, includes an",
];

/// The words of a server in lower case, without what it has only copied from RFC 6749.
pub(super) fn own_words(error: &OAuthError) -> Option<String> {
    let text = error.error_description.as_deref()?.to_lowercase();
    Some(OF_THE_DOCUMENT.iter().fold(text, |text, copied| text.replace(copied, "")))
}

/// Codes that speak of what was handed in, and never of a client assertion beside it (RFC 6749 section 5.2).
const OF_THE_GRANT: [&str; 4] = ["invalid_grant", "expired_token", "invalid_token", "invalid_target"];

/// Words for what was handed in.
const HANDED_IN: [&str; 6] =
    ["subject_token", "subject token", "refresh_token", "refresh token", "authorization code", "device code"];

/// Whether the server may speak of an assertion: of the grant, or of the client alone.
fn is_about_assertion(error: &OAuthError, exchange: &Exchange, text: &str) -> bool {
    let form = exchange.request.form().unwrap_or_default();
    let is_of_grant = OF_THE_GRANT.contains(&error.error.as_str()) || HANDED_IN.iter().any(|word| text.contains(word));
    form.contains("assertion") || form.contains("client_assertion") && !is_of_grant
}

/// A server that reads the client's name in the body alone, of a client that has it in its header.
fn looks_in_body(exchange: &Exchange, text: &str) -> Option<String> {
    let is_missed =
        text.contains("client_id") && ["missing", "required", "not provided"].iter().any(|word| text.contains(word));
    let is_in_header = exchange.request.form().is_some_and(|form| !form.contains("client_id"))
        && exchange.settings.auth_method() == Some(ClientAuthMethod::ClientSecretBasic);
    (is_missed && is_in_header && authenticates(exchange.stage)).then(|| IN_THE_BODY.to_owned())
}

const IN_THE_BODY: &str = "The server looks for client_id in the body: set token_endpoint_auth_method to client_secret_post, or to \
                           tls_client_auth where the client is registered for a certificate.";

/// What the server's own words say, beside the code.
pub(super) fn said(error: &OAuthError, exchange: &Exchange) -> Option<String> {
    if let Some(wanted) = wants_second_factor(error, exchange) {
        return Some(wanted);
    }
    let text = own_words(error)?;
    if let Some(line) = looks_in_body(exchange, &text) {
        return Some(line);
    }
    let form = exchange.request.form().unwrap_or_default();
    let has_assertion = form.contains("assertion") || form.contains("client_assertion");
    let used = exchange.settings.auth_method().map(ClientAuthMethod::name);
    // Several are a list, of which nobody knows which one is meant.
    let named = method_named::named(&text, used);
    if let Some(method) = named.iter().find(|name| named.iter().all(|other| name.contains(other)))
        && used != Some(*method)
    {
        return Some(format!("The server names {method}: set token_endpoint_auth_method to it."));
    }
    // What is used is what is refused; one other is what is wanted.
    let others: Vec<&str> = named.iter().filter(|name| used != Some(**name)).copied().collect();
    if let (true, Some(used)) = (others.len() < named.len() && REFUSES.iter().any(|word| text.contains(word)), used) {
        return Some(match others[..] {
            [other] => format!("The server names {other}: set token_endpoint_auth_method to it."),
            _ => format!(
                "The server does not take {used} of this client: set token_endpoint_auth_method to what it is registered for."
            ),
        });
    }
    if !named.is_empty() {
        return None;
    }
    let is_there = |place: &Place| match place {
        Place::Any => true,
        Place::Client => authenticates(exchange.stage),
        Place::Granting => {
            authenticates(exchange.stage) && !matches!(error.error.as_str(), "unauthorized_client" | "access_denied")
        }
        Place::Unsigned => authenticates(exchange.stage) && !has_assertion,
        Place::Asserted => is_about_assertion(error, exchange, &text),
        Place::Code => exchange.stage == Stage::Token && form.contains("code"),
        Place::At(Stage::Authorization) => exchange.stage.asks_for_authorization(),
        Place::At(stage) => *stage == exchange.stage,
    };
    let fits =
        |(place, words, _): &&(Place, &[&str], &str)| is_there(place) && words.iter().any(|word| text.contains(word));
    WORDS.iter().find(fits).map(|(.., line)| (*line).to_owned())
}

/// Whether the words name a cause, and not only that the server does not allow this. `said` is what follows from them.
pub(super) fn names_cause(error: &OAuthError, said: Option<&str>) -> bool {
    let text = error.error_description.as_deref().unwrap_or_default().to_lowercase();
    // The names of a grant and of methods are no credentials.
    let text = text.replace("client_credentials", "").replace("client_secret_", "");
    said.is_some_and(|line| line != NOT_GRANTED) || text.contains("secret") || text.contains("credential")
}
