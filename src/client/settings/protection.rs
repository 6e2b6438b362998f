//! What protects requests and tokens beyond PKCE, and what the request says in JSON.

use crate::base::secret::Secret;

/// Protection of the authorization request, of its response and of tokens, by the registered names of client metadata
/// where there is one. All of it is off by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProtectionSettings {
    /// Whether the authorization request is pushed to the server first (RFC 9126 section 6).
    pub require_pushed_authorization_requests: bool,
    /// `alg` of the request object (RFC 9101 section 10.2); empty makes none.
    pub request_object_signing_alg: String,
    /// `alg` of the backchannel authentication request as a request object, as registered (CIBA section 4); empty makes
    /// none.
    pub backchannel_authentication_request_signing_alg: String,
    /// Parameters that are repeated outside the request object, space-separated, in the address or in what is pushed;
    /// `client_id` always is (RFC 9101 section 5).
    pub request_object_outside: String,
    /// Where the server fetches the request object (RFC 9101 section 5.2); empty sends it as it is.
    pub request_uris: String,
    /// `alg` of a response as one JWT, as registered (JARM section 3); empty is not known.
    pub authorization_signed_response_alg: String,
    /// `alg` that such a response is encrypted with, as registered (JARM section 3); empty is not known.
    pub authorization_encrypted_response_alg: String,
    /// `enc` beside it; empty is `A128CBC-HS256`.
    pub authorization_encrypted_response_enc: String,
    /// What is asked for in detail, as a JSON array (RFC 9396 section 2).
    pub authorization_details: String,
    /// Which claims are asked for one by one, as a JSON object (OIDC Core section 5.5).
    pub claims: String,
    /// Whether tokens are asked for that only the holder of a key can use (RFC 9449 section 5.2).
    pub dpop_bound_access_tokens: bool,
    /// The key of the proofs, as JWK or PEM; empty draws one for the run. Never saved in a preset.
    pub dpop_private_key: Secret,
    /// Whether the authorization request names that key, so that the code is bound to it as well (RFC 9449 section 10).
    pub dpop_jkt: bool,
    /// Whether a pushed request brings a proof of that key, which binds the code as well (RFC 9449 section 10.1).
    pub dpop_pushed_proof: bool,
    /// Whether the client is registered for tokens that are bound to its certificate (RFC 8705 section 3.4).
    pub tls_client_certificate_bound_access_tokens: bool,
}
