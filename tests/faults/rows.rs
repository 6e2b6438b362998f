//! What each fault breaks, and where.

use std::time::Duration;

use grantscope::base::check::Verdict::{self, Fail, Note, Warn};
use grantscope::client::endpoint::id_jag;
use grantscope::client::settings::Settings;
use grantscope::flow::stage::Stage;
use grantscope::practice::Fault;
use grantscope::terms::grant::Grant;

use crate::pair::{
    ISSUER, Pair, detailed, encrypted, gets_pushed, pays, referred_with_all_beside, told_in_frames, told_of_logout,
};

/// What a fault breaks in a run.
pub struct Row {
    pub fault: Fault,
    pub verdict: Verdict,
    pub grant: Grant,
    pub change: fn(&mut Settings),
    /// A stage after the grant's own.
    pub then: Option<Stage>,
    /// Other rules that it breaks, and why that cannot be otherwise.
    pub besides: &'static [(&'static str, &'static str)],
    pub username: &'static str,
    pub pair: fn() -> Pair,
}

const fn row(fault: Fault, verdict: Verdict) -> Row {
    Row {
        fault,
        verdict,
        grant: Grant::AuthorizationCode,
        change: |_| {},
        then: None,
        besides: &[],
        username: "alice",
        pair: Pair::new,
    }
}

fn public(settings: &mut Settings) {
    "practice-native".clone_into(&mut settings.client.client_id);
    "none".clone_into(&mut settings.client.token_endpoint_auth_method);
    settings.client.client_secret = "".into();
}

fn asks_for_bob(settings: &mut Settings) {
    settings.protection.claims = r#"{"id_token":{"sub":{"value":"bob"}}}"#.to_owned();
}

fn pushed(settings: &mut Settings) {
    settings.protection.require_pushed_authorization_requests = true;
}

/// For an API that is not the server's own, which would refuse the token.
fn for_an_api(settings: &mut Settings) {
    "https://api.example.com/orders".clone_into(&mut settings.request.resource);
    settings.request.api_url.clear();
}

fn registers(settings: &mut Settings) {
    settings.registration.dynamic_client_registration = true;
}

fn bound(settings: &mut Settings) {
    settings.protection.dpop_bound_access_tokens = true;
}

/// By a client that asks for bound tokens.
const fn bound_row(fault: Fault, verdict: Verdict) -> Row {
    Row { change: bound, ..row(fault, verdict) }
}

pub fn signed_response(settings: &mut Settings) {
    "jwt".clone_into(&mut settings.request.response_mode);
}

/// From the address of an API.
const fn mcp_row(fault: Fault, verdict: Verdict) -> Row {
    Row { grant: Grant::Mcp, ..row(fault, verdict) }
}

/// Of what the API says of itself.
const fn api_row(fault: Fault, verdict: Verdict) -> Row {
    Row { then: Some(Stage::ResourceMetadata), ..row(fault, verdict) }
}

/// Told of the logout by the server itself.
const fn told_row(fault: Fault, verdict: Verdict) -> Row {
    Row { change: told_of_logout, then: Some(Stage::Logout), ..row(fault, verdict) }
}

/// Told of it by the browser.
const fn framed_row(fault: Fault, verdict: Verdict) -> Row {
    Row { change: told_in_frames, then: Some(Stage::Logout), ..row(fault, verdict) }
}

/// For a grant at the second server.
fn vouched(settings: &mut Settings) {
    id_jag::TOKEN_TYPE.clone_into(&mut settings.request.requested_token_type);
    settings.request.audience = format!("{ISSUER}/resource");
    settings.request.resource = format!("{ISSUER}/resource/api/me");
    settings.request.api_url = format!("{ISSUER}/resource/api/me");
    "profile".clone_into(&mut settings.request.exchange_scope);
}

fn vouched_by_proof(settings: &mut Settings) {
    vouched(settings);
    settings.protection.dpop_bound_access_tokens = true;
}

const fn jag_row(fault: Fault, verdict: Verdict) -> Row {
    Row { grant: Grant::TokenExchange, change: vouched, pair: Pair::with_resource_server, ..row(fault, verdict) }
}

/// Of a user whose claims are elsewhere.
const fn spread_row(fault: Fault, verdict: Verdict) -> Row {
    Row { username: "bob", ..row(fault, verdict) }
}

pub const ROWS: [Row; 97] = [
    row(Fault::WrongIss, Fail),
    row(Fault::WrongAud, Fail),
    row(Fault::WrongNonce, Fail),
    Row { change: asks_for_bob, username: "bob", ..row(Fault::AnotherUser, Fail) },
    row(Fault::ExpiredIdToken, Fail),
    row(Fault::StaleIdToken, Warn),
    Row { change: |settings| "login".clone_into(&mut settings.request.prompt), ..row(Fault::OldLogin, Warn) },
    row(Fault::BadSignature, Fail),
    row(Fault::UnknownKid, Warn),
    row(Fault::WrongAtHash, Fail),
    Row { grant: Grant::Hybrid, ..row(Fault::WrongCHash, Fail) },
    Row { grant: Grant::Hybrid, ..row(Fault::WrongSHash, Fail) },
    row(Fault::MissingIdToken, Fail),
    row(Fault::MissingState, Fail),
    row(Fault::ForeignState, Fail),
    row(Fault::MissingIss, Fail),
    row(Fault::ForeignIss, Fail),
    Row { change: |it| "none".clone_into(&mut it.request.response_type), ..row(Fault::CodeForNone, Fail) },
    row(Fault::HtmlAnswer, Fail),
    row(Fault::WrongContentType, Fail),
    Row { grant: Grant::RefreshToken, change: public, ..row(Fault::NoRotation, Fail) },
    row(Fault::CachedTokens, Warn),
    row(Fault::WrongUser, Fail),
    spread_row(Fault::MissingClaimSource, Fail),
    spread_row(Fault::ClaimsLeftOut, Fail),
    spread_row(Fault::ForgedClaims, Fail),
    Row { then: Some(Stage::Claims), ..spread_row(Fault::PlainClaims, Fail) },
    row(Fault::WrongIssuer, Fail),
    row(Fault::SignedOtherwise, Warn),
    row(Fault::ForgedMetadata, Fail),
    row(Fault::UnattestedMetadata, Fail),
    Row { besides: &[("id_token.signature", "there is none")], ..row(Fault::AlgNone, Fail) },
    Row {
        besides: &[("id_token.alg", "HS256 is none that the metadata names")],
        ..row(Fault::PublicKeyAsSecret, Fail)
    },
    Row { then: Some(Stage::Introspection), ..row(Fault::IntrospectsAnother, Fail) },
    jag_row(Fault::JagTyp, Fail),
    Row {
        besides: &[("assertion.audience", "it is presented to the other server all the same")],
        ..jag_row(Fault::JagWrongAud, Fail)
    },
    jag_row(Fault::JagWrongClient, Warn),
    Row { besides: &[("assertion.lifetime", "it is presented all the same")], ..jag_row(Fault::JagExpired, Fail) },
    Row { besides: &[("resource.status", "a refusal is noted")], ..jag_row(Fault::JagResource, Fail) },
    Row {
        besides: &[("token.scope", "the other server does not know what was added")],
        ..jag_row(Fault::JagScope, Fail)
    },
    Row { change: vouched_by_proof, ..jag_row(Fault::JagUnbound, Warn) },
    jag_row(Fault::JagBearer, Fail),
    row(Fault::SlowAnswer(Duration::from_secs(8)), Note),
    Row {
        change: signed_response,
        besides: &[("authorization_response.iss", "it is the same iss")],
        ..row(Fault::JarmWrongIss, Fail)
    },
    Row { change: signed_response, ..row(Fault::JarmWrongAud, Fail) },
    Row { change: signed_response, ..row(Fault::JarmExpired, Fail) },
    Row { change: signed_response, ..row(Fault::JarmLong, Warn) },
    Row { change: signed_response, ..row(Fault::JarmBadSignature, Fail) },
    Row { change: signed_response, ..row(Fault::JarmPlain, Fail) },
    Row { change: encrypted, ..row(Fault::JwePlain, Warn) },
    Row { change: encrypted, ..row(Fault::JweAnotherKey, Fail) },
    Row { change: encrypted, ..row(Fault::JweUnsigned, Fail) },
    Row { change: detailed, ..row(Fault::RarNotReturned, Fail) },
    Row { change: detailed, ..row(Fault::WidenedDetails, Warn) },
    Row { change: for_an_api, ..row(Fault::IgnoredResource, Warn) },
    Row { change: pushed, ..row(Fault::ParStatus, Fail) },
    Row { change: pushed, ..row(Fault::ParExpiresIn, Fail) },
    Row { change: pushed, ..row(Fault::GuessableRequestUri, Fail) },
    Row { change: pushed, then: Some(Stage::RequestUriReuse), ..row(Fault::ReusableRequestUri, Warn) },
    Row {
        besides: &[("authorization_request.pushed", "a request that was not pushed had to leave for this")],
        ..row(Fault::PushedOptional, Fail)
    },
    Row { change: referred_with_all_beside, ..row(Fault::IgnoredRequestUri, Fail) },
    bound_row(Fault::UnboundToken, Fail),
    bound_row(Fault::WrongJkt, Fail),
    bound_row(Fault::IgnoredProof, Warn),
    bound_row(Fault::EndlessNonce, Fail),
    bound_row(Fault::MissingNonce, Fail),
    Row { change: pays, besides: &[("resource.status", "a refusal is noted")], ..row(Fault::EndlessStepUp, Fail) },
    told_row(Fault::LogoutTyp, Warn),
    told_row(Fault::LogoutWrongIss, Fail),
    told_row(Fault::LogoutWrongAud, Fail),
    told_row(Fault::LogoutExpired, Fail),
    told_row(Fault::LogoutWithoutEvents, Fail),
    told_row(Fault::LogoutWithNonce, Fail),
    told_row(Fault::LogoutOfNobody, Fail),
    told_row(Fault::LogoutBadSignature, Fail),
    framed_row(Fault::FrontchannelWrongIss, Fail),
    framed_row(Fault::FrontchannelWrongSid, Warn),
    Row {
        besides: &[("flo.required", "what is left out was asked for")],
        ..framed_row(Fault::FrontchannelWithoutSid, Fail)
    },
    Row { grant: Grant::Ciba, change: gets_pushed, ..row(Fault::PushWrongRequest, Fail) },
    Row { grant: Grant::Ciba, change: gets_pushed, ..row(Fault::PushWrongRtHash, Fail) },
    Row { change: registers, ..row(Fault::RegistrationStatus, Warn) },
    Row { change: registers, ..row(Fault::SecretWithoutExpiry, Warn) },
    Row { change: registers, ..row(Fault::ChangedMethod, Note) },
    Row { change: registers, then: Some(Stage::RegistrationUpdate), ..row(Fault::ChangedClientId, Fail) },
    Row { change: registers, then: Some(Stage::RegistrationProof), ..row(Fault::LivingRegistration, Fail) },
    api_row(Fault::WrongResource, Fail),
    api_row(Fault::ApiSignedOtherwise, Warn),
    api_row(Fault::ApiForgedMetadata, Fail),
    api_row(Fault::ApiUnattestedMetadata, Fail),
    Row { besides: &[("mcp.challenge", "the metadata have to be looked for")], ..mcp_row(Fault::NoChallenge, Fail) },
    mcp_row(Fault::NoServers, Fail),
    mcp_row(Fault::ForeignServer, Fail),
    Row { besides: &[("metadata.pkce", "it is noted for every grant")], ..mcp_row(Fault::PkceUnannounced, Fail) },
    Row { besides: &[("resource.status", "a refusal is noted")], ..mcp_row(Fault::EndlessScope, Fail) },
    Row { then: Some(Stage::Unproven), ..bound_row(Fault::LaxBinding, Fail) },
    Row { then: Some(Stage::OtherKey), ..bound_row(Fault::AnyKey, Fail) },
    Row { then: Some(Stage::Replay), ..bound_row(Fault::ReplayableProof, Note) },
];
