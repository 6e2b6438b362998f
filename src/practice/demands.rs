//! What a profile demands of clients (`serve --profile`): one table of demands, each with the section that has it.

use crate::base::spec::Spec;
use crate::terms::profile::Profile;

/// Algorithms of FAPI 2.0 (section 5.4.1).
pub const STRONG: [&str; 4] = ["PS256", "ES256", "EdDSA", "Ed25519"];

/// One thing that is not left to the client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Demand {
    /// Redirect URIs are those that are registered, character by character, but for the port of a loopback address.
    ExactRedirect,
    /// There is no password grant.
    NoPassword,
    /// No access token comes through the browser.
    NoTokenInBrowser,
    /// Nothing but a code comes through the browser.
    CodeAlone,
    /// PKCE, or for a confidential client of OpenID Connect a nonce in its place.
    PkceOrNonce,
    /// PKCE, whoever the client is.
    Pkce,
    /// `code_challenge_method` S256.
    S256,
    /// The request is pushed.
    Pushed,
    /// The request is signed.
    SignedRequest,
    /// The request object names the issuer in `aud`.
    ObjectAudience,
    /// The request object says when it was made, not long ago, and that it is soon over.
    ObjectTimes,
    /// The response is signed.
    SignedResponse,
    /// The client authenticates by a private key or a certificate.
    Key,
    /// The client has nothing that could be called a secret.
    NoSecret,
    /// The audience of the client's assertion is the issuer, as a string.
    IssuerAudience,
    /// What is signed is signed by one of [`STRONG`].
    StrongAlgorithm,
    /// Access tokens are bound to a key or a certificate of the client.
    BoundToken,
    /// Both requests name the resource.
    Resource,
    /// Access tokens come in the header alone.
    TokenInHeader,
    /// Refresh tokens stay as they are.
    KeptRefreshToken,
}

use Demand::{
    BoundToken, CodeAlone, ExactRedirect, IssuerAudience, KeptRefreshToken, Key, NoPassword, NoSecret,
    NoTokenInBrowser, ObjectAudience, ObjectTimes, Pkce, PkceOrNonce, Pushed, Resource, S256, SignedRequest,
    SignedResponse, StrongAlgorithm, TokenInHeader,
};

type Table = &'static [(Demand, &'static str)];

const RFC_9700: Table = &[(ExactRedirect, "2.1"), (NoPassword, "2.4")];
const OAUTH_2_1: Table = &[
    (ExactRedirect, "2.3.1"),
    (NoPassword, "10.1"),
    (NoTokenInBrowser, "10.1"),
    (PkceOrNonce, "4.1.1"),
    (S256, "4.1.1"),
    (IssuerAudience, "2.4"),
];
/// What FAPI 2.0 takes from the best current practice.
const EXACT: Table = &[(ExactRedirect, "2.1")];
const FAPI_2: Table = &[
    (NoPassword, "5.3.2.1"),
    (CodeAlone, "5.3.2.2"),
    (Pkce, "5.3.2.2"),
    (S256, "5.3.2.2"),
    (Pushed, "5.3.2.2"),
    (Key, "5.3.2.1"),
    (IssuerAudience, "5.3.2.1"),
    (StrongAlgorithm, "5.4.1"),
    (BoundToken, "5.3.2.1"),
    (TokenInHeader, "5.3.4"),
    (KeptRefreshToken, "5.3.2.1"),
];
const MESSAGE_SIGNING: Table =
    &[(SignedRequest, "5.3.1"), (ObjectAudience, "5.3.1"), (ObjectTimes, "5.3.1"), (SignedResponse, "5.4.1")];
const RFC_10017: Table = &[
    (ExactRedirect, "6.3.2.1"),
    (NoPassword, "7.3"),
    (CodeAlone, "6.3.2.1"),
    (Pkce, "6.3.2.1"),
    (NoSecret, "6.3.3.1"),
];
const RFC_8252: Table = &[(ExactRedirect, "8.4"), (NoPassword, "5"), (Pkce, "6")];
const MCP: Table = &[
    (ExactRedirect, ""),
    (NoPassword, ""),
    (CodeAlone, ""),
    (Pkce, ""),
    (S256, ""),
    (Resource, "8"),
    (TokenInHeader, "9.1"),
];

/// The tables of a profile, each with its document.
const fn tables(profile: Profile) -> &'static [(&'static str, Table)] {
    match profile {
        Profile::OAuth2 => &[("RFC 9700", RFC_9700)],
        Profile::OAuth21 => &[("OAuth 2.1", OAUTH_2_1)],
        Profile::Fapi2 => &[("FAPI 2.0", FAPI_2), ("RFC 9700", EXACT)],
        Profile::Fapi2MessageSigning => {
            &[("FAPI 2.0", FAPI_2), ("RFC 9700", EXACT), ("FAPI 2.0 Message Signing", MESSAGE_SIGNING)]
        }
        Profile::Browser => &[("RFC 10017", RFC_10017)],
        Profile::Native => &[("RFC 8252", RFC_8252)],
        Profile::Mcp => &[("MCP", MCP)],
    }
}

/// Where a profile demands this; `None` where it does not.
pub fn section(profile: Profile, demand: Demand) -> Option<Spec> {
    let sections = |(document, table): &(&'static str, Table)| {
        let found = table.iter().find(|(known, _)| *known == demand);
        found.map(|(_, section)| Spec::new(document, section))
    };
    tables(profile).iter().find_map(sections)
}

impl Demand {
    /// What has to hold, in the log and in refusals.
    pub const fn what(self) -> &'static str {
        match self {
            ExactRedirect => "redirect_uri has to be one that is registered, character by character",
            NoPassword => "the password grant is not offered",
            NoTokenInBrowser => "no access token may come through the browser",
            CodeAlone => "response_type has to be code",
            PkceOrNonce => "code challenge required: PKCE, or a nonce of a confidential client",
            Pkce => "code challenge required: PKCE has to be used",
            S256 => "code_challenge_method has to be S256",
            Pushed => "request has to be pushed",
            SignedRequest => "request has to be signed",
            ObjectAudience => "aud of the request object has to be the issuer, or a list with it",
            ObjectTimes => {
                "request object has to have nbf, of the last 60 minutes, and exp, at most 60 minutes after nbf"
            }
            SignedResponse => "response_mode has to be one with jwt: the response is signed",
            Key => "client has to authenticate with private_key_jwt or mutual TLS",
            NoSecret => "client has to be a public one, without a secret",
            IssuerAudience => "aud of the assertion has to be the issuer, as a string",
            StrongAlgorithm => "alg has to be PS256, ES256 or EdDSA",
            BoundToken => "access tokens are bound: a DPoP proof or a client certificate is needed",
            Resource => "request has to name the resource",
            TokenInHeader => "access token has to come in the Authorization header",
            KeptRefreshToken => "refresh token stays as it is",
        }
    }
}
