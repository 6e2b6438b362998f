//! What each setting does, one sentence or two.

use crate::terms::glossary;
use crate::terms::metadata::Endpoint;

/// What a field, an endpoint or a table is for; `None` for a name that is none of these.
pub fn meaning(name: &str) -> Option<&'static str> {
    let entry = || match Endpoint::find(name) {
        Some(_) => glossary::metadata(name),
        None => glossary::parameter(name).or_else(|| glossary::metadata(name)),
    };
    own_words(name).or_else(|| of_exchange(name)).or_else(|| entry().map(|entry| entry.meaning.as_str()))
}

/// The same of a token exchange.
fn of_exchange(name: &str) -> Option<&'static str> {
    Some(match name {
        "exchange_scope" | "refresh_scope" => "The scope to ask for; empty keeps what was granted.",
        "resource_client_id" => {
            "The client at the server that an ID-JAG is for. Left out it is known there by the same client_id and secret."
        }
        "resource_client_secret" => "The secret of that client. It is never saved in a preset.",
        "subject_token" => "The token to exchange. Left empty, one is got by signing in first.",
        "subject_token_type" => {
            "What kind of token subject_token is. Left out it is an access token, and an ID token for an ID-JAG."
        }
        "requested_token_type" => {
            "The kind of token to ask for; left out the server decides. An id-jag is for a second server, whose issuer is \
             audience: the run goes on there. The practice server in this program has one, which is filled in."
        }
        "actor_token" => {
            "Who acts for the subject. Left empty with an actor_token_type, the client gets a token for itself first."
        }
        _ => return None,
    })
}

/// Settings that no specification defines, and those whose use here needs a word more.
fn own_words(name: &str) -> Option<&'static str> {
    Some(match name {
        "client_secret" => "Password of a confidential client, as the server issued it. Left out the client is public.",
        "token_endpoint_auth_method" => {
            "How the client proves itself. Left out it is client_secret_basic with a secret, and none without."
        }
        "token_endpoint_auth_signing_alg" => "The alg of the client's assertions. Left out it is as the key suggests.",
        "private_key" => {
            "Signs assertions and requests. A private JWK, a JWK Set or PEM. It is never saved in a preset."
        }
        "kid" => "The name under which the server knows the key. Left out it is that of the JWK.",
        "tls_client_certificate" => {
            "Certificate and private key for the TLS handshake, as PEM. It is never saved in a preset."
        }
        "redirect_uri" => {
            "Where the browser brings the answer. Register it at the server. Port 0 takes a free loopback port at each run."
        }
        "backchannel_token_delivery_mode" => {
            "How the client learns that the user has answered, as it is registered. Left out it is poll."
        }
        "backchannel_client_notification_endpoint" => "Where pings and tokens arrive, as registered, on this machine.",
        "username" => "Who signs in with the password grant.",
        "password" => "The password of that user. It is never saved in a preset.",
        "refresh_token" => "The refresh token to begin with. Left empty, one is got by signing in first.",
        "assertion" => "A finished assertion: a JWT, or SAML as XML or base64url. Left empty, one is made or fetched.",
        "assertion_url" => "Where a SAML assertion is fetched when none is filled in.",
        "assertion_subject" => "sub of the assertion: the user it is about.",
        "assertion_claims" => {
            "Further claims as a JSON object. They win over the usual ones (iss, sub, aud, iat, exp, jti); null removes one."
        }
        "user_code" => "In CIBA, a secret known to user and server that stops unwanted requests.",
        "code_challenge_method" => {
            "How the code is bound to this client (PKCE): S256, plain, which hides nothing, or off."
        }
        "state" => "Whether a random state is sent, which has to come back.",
        "nonce" => "Whether a random nonce is sent, which has to be in the ID token.",
        "issuer" => {
            "The server's own name. Its metadata is looked for from here. In the place of it an account such as alice@example.com, whose host is asked for its server."
        }
        "discovery" => "Whether the server's metadata is fetched. Off uses only the endpoints filled in here.",
        "certificate_authority" => {
            "Certificates to trust beside those of the system, as PEM: of an authority, or of one server."
        }
        "api_url" => "The protected API that the last stage calls with the access token. Empty leaves the stage out.",
        "api_method" => "The method of the API call. Left out it is GET.",
        "mcp_revision" => {
            "The revision of the Model Context Protocol that the run keeps to. Left out it is the newest, 2026-07-28."
        }
        "api_body" => "The body of the API call, sent as it stands.",
        "userinfo_method" => "GET carries the token in a header, POST in a form, POST header in a header too.",
        "introspection_signed_response_alg" => {
            "Asks for the introspection response as a signed JWT. Left out it is JSON."
        }
        "introspection_accept" => {
            "Accept of the introspection request. Keycloak adds a JWT to its answer where it is application/jwt."
        }
        "id_token_signed_response_alg" => {
            "The alg of ID tokens that this client is registered for. An ID token with another one is refused."
        }
        "userinfo_signed_response_alg" => {
            "The alg of UserInfo as a JWT that this client is registered for. Left out it is JSON."
        }
        "trusted_audiences" => "Other parties that may be in aud of an ID token beside this client.",
        "omit" => "Names of standard parameters to leave out of the authorization request, separated by spaces.",
        "token_request.omit" => "Names of standard parameters to leave out of the token request, separated by spaces.",
        "extra" => "Any other parameter of the authorization request. Set twice, it is sent twice.",
        "api_headers" => "A header field of the API call.",
        "token_request.extra" => "Any other parameter of the requests at the token endpoint.",
        "token_request.headers" => "A header field of the requests at the token endpoint, such as Origin.",
        _ => return of_assertion(name).or_else(|| of_registration(name)).or_else(|| of_protection(name)),
    })
}

/// The same of what says who the client is in the place of a secret.
fn of_assertion(name: &str) -> Option<&'static str> {
    Some(match name {
        "client_assertion" => {
            "A finished assertion of the client, such as the token of a workload that the server trusts. Left empty, one is \
             made. It is never saved in a preset."
        }
        "client_assertion_url" => {
            "Where a finished client_assertion is fetched: the answer is the JWT, or JSON with it as value or token."
        }
        "client_assertion_audience" => {
            "aud of the client's assertions. Left out it is the issuer, which is safest; older servers want token_endpoint, \
             and some the very endpoint that is called: endpoint."
        }
        _ => return None,
    })
}

/// The same of what registers a client.
fn of_registration(name: &str) -> Option<&'static str> {
    Some(match name {
        "dynamic_client_registration" => {
            "Whether the run registers a new client first (RFC 7591), and goes on as that one."
        }
        "backchannel_logout_uri" => {
            "Where the server tells of a logout by itself, as it is registered, on this machine. Left empty, nobody listens."
        }
        "frontchannel_logout_uri" => {
            "Where the browser tells of a logout in an iframe of the server's page, as registered. Left empty, nobody listens."
        }
        "frontchannel_logout_session_required" => "Whether iss and sid must come with that, as it is registered.",
        "initial_access_token" => {
            "The token by which a server allows the registration. Left empty, none is sent. It is never saved in a preset."
        }
        "software_statement" => {
            "What somebody whom the server trusts says of this software, as a signed JWT. It is never saved in a preset."
        }
        "client_metadata" => {
            "Further client metadata as a JSON object. They win over those that the settings make; null removes one."
        }
        _ => return None,
    })
}

/// The same of what protects requests, responses and tokens.
fn of_protection(name: &str) -> Option<&'static str> {
    Some(match name {
        "require_pushed_authorization_requests" => {
            "Whether the authorization request is pushed to the server first, so that the browser carries only a reference."
        }
        "request_object_signing_alg" => {
            "Puts the authorization request into a JWT signed with this alg (JAR). none makes one without a signature."
        }
        "backchannel_authentication_request_signing_alg" => {
            "Puts the backchannel request into a JWT signed with this alg, of a private key (CIBA). Left empty, it is sent plainly."
        }
        "request_uris" => {
            "Where the server fetches the request object, as request_uri. On 127.0.0.1 the run serves it; left empty, it is sent."
        }
        "request_object_outside" => {
            "Parameters to repeat outside the request object. OpenID Connect wants response_type and scope there."
        }
        "authorization_signed_response_alg" => {
            "The alg of signed authorization responses that this client is registered for. Another one is refused."
        }
        "dpop_bound_access_tokens" => {
            "Whether tokens are asked for that only the holder of a key can use: each request proves it (DPoP)."
        }
        "dpop_private_key" => {
            "The key of the proofs, a private JWK or PEM. Left empty, each run draws one. It is never saved in a preset."
        }
        "dpop_jkt" => "Whether the authorization request names the key of the proofs, which binds the code to it too.",
        "dpop_pushed_proof" => {
            "Whether the pushed authorization request brings a proof of the key, which binds the code to it as dpop_jkt does."
        }
        "tls_client_certificate_bound_access_tokens" => {
            "Whether the access token has to be bound to the certificate that the client shows (RFC 8705)."
        }
        _ => return of_encryption(name),
    })
}

/// The same of what is encrypted to the client.
fn of_encryption(name: &str) -> Option<&'static str> {
    Some(match name {
        "id_token_encrypted_response_alg" => {
            "The alg that ID tokens are encrypted with, as this client is registered. Left out it is not known."
        }
        "id_token_encrypted_response_enc" => "The enc of those ID tokens, as registered. Left out it is A128CBC-HS256.",
        "userinfo_encrypted_response_alg" => {
            "The alg that UserInfo is encrypted with, as this client is registered. Left out it is not known."
        }
        "userinfo_encrypted_response_enc" => "The enc of those claims, as registered. Left out it is A128CBC-HS256.",
        "decryption_key" => {
            "Opens what is encrypted to this client. A private JWK, a JWK Set or PEM. Left empty it is private_key. It is \
             never saved in a preset."
        }
        "authorization_encrypted_response_alg" => {
            "The alg that signed responses are encrypted with, as this client is registered. Left out it is not known."
        }
        "authorization_encrypted_response_enc" => {
            "The enc of those responses, as registered. Left out it is A128CBC-HS256."
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::meaning;
    use crate::client::settings::{FIELDS, TABLES};
    use crate::terms::metadata::Endpoint;

    #[test]
    fn everything_that_can_be_set_is_explained() {
        let fields = FIELDS.iter().map(|field| field.name);
        for name in fields.chain(TABLES.iter().map(|table| table.name)).chain(Endpoint::ALL.map(Endpoint::name)) {
            assert!(meaning(name).is_some_and(|meaning| meaning.ends_with('.')), "{name}");
        }
    }
}
