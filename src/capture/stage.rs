//! The stages of a recorded login, by their names in the result.

use crate::flow::stage::Stage;

/// A stage of a login, by what passes in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StageName {
    /// RFC 9126.
    PushedAuthorizationRequest,
    /// RFC 6749 section 4.1.1.
    AuthorizationRequest,
    /// What the provider shows between request and response.
    LoginPages,
    /// RFC 6749 section 4.1.2.
    AuthorizationResponse,
    /// RFC 8628 section 3.1.
    DeviceAuthorization,
    /// CIBA section 7.
    BackchannelAuthentication,
    /// RFC 6749 section 3.2.
    Token,
    /// RFC 6749 section 6.
    Refresh,
    /// OIDC Core section 5.3.
    UserInfo,
    /// A resource server (RFC 6750).
    ApiRequest,
    /// RFC 7662.
    Introspection,
    /// RFC 7009.
    Revocation,
    /// RFC 7591.
    Registration,
    /// OIDC RP-Initiated Logout section 2.
    EndSessionRequest,
    /// What the provider shows before it sends the browser back.
    EndSessionPages,
    /// OIDC RP-Initiated Logout section 3.
    LogoutReturn,
}

impl StageName {
    /// The name in the JSON result: `authorization_request`.
    pub const fn slug(self) -> &'static str {
        match self {
            Self::PushedAuthorizationRequest => "pushed_authorization_request",
            Self::AuthorizationRequest => "authorization_request",
            Self::LoginPages => "login_pages",
            Self::AuthorizationResponse => "authorization_response",
            Self::DeviceAuthorization => "device_authorization",
            Self::BackchannelAuthentication => "backchannel_authentication",
            Self::Token => "token",
            Self::Refresh => "refresh",
            Self::UserInfo => "userinfo",
            Self::ApiRequest => "api_request",
            Self::Introspection => "introspection",
            Self::Revocation => "revocation",
            Self::Registration => "registration",
            Self::EndSessionRequest => "end_session_request",
            Self::EndSessionPages => "end_session_pages",
            Self::LogoutReturn => "logout_return",
        }
    }

    /// The stage of a run that judges what passes here; the others have no rules of their own.
    pub const fn of_run(self) -> Option<Stage> {
        Some(match self {
            Self::PushedAuthorizationRequest => Stage::PushedAuthorization,
            Self::AuthorizationRequest => Stage::Authorization,
            Self::DeviceAuthorization => Stage::DeviceAuthorization,
            Self::BackchannelAuthentication => Stage::BackchannelAuthentication,
            Self::Token => Stage::Token,
            Self::Refresh => Stage::Refresh,
            Self::UserInfo => Stage::UserInfo,
            Self::ApiRequest => Stage::Resource,
            Self::Introspection => Stage::Introspection,
            Self::Revocation => Stage::Revocation,
            Self::Registration => Stage::Registration,
            Self::EndSessionRequest => Stage::Logout,
            _ => return None,
        })
    }

    /// Whether all of its entries are told as one, however many.
    pub(super) const fn is_one(self) -> bool {
        matches!(self, Self::LoginPages | Self::EndSessionPages)
    }
}
