//! Rules for what the user chose, before anything is sent.

super::rules! {
    PKCE_PUBLIC = "settings.pkce_public", Must, "RFC 9700" "2.1.1",
        "A public client uses PKCE",
        "Without PKCE whoever sees the code in the browser can redeem it, since a public client proves nothing else.",
        "Set code_challenge_method to S256.";
    PKCE_CONFIDENTIAL = "settings.pkce_confidential", Should, "RFC 9700" "2.1.1",
        "A confidential client uses PKCE too",
        "The secret does not stop an attacker from injecting a stolen code into his own session at this client; PKCE does, and so does a nonce of OpenID Connect that the client compares (section 4.5.3.2).",
        "Set code_challenge_method to S256. Servers that do not know PKCE ignore it.";
    PKCE_METHOD = "settings.pkce_method", Should, "RFC 7636" "4.2",
        "code_challenge_method is S256",
        "With plain the challenge is the verifier, so whoever sees the authorization request can redeem the code.",
        "Use S256, which every server that supports PKCE must implement.";
    REDIRECT_HTTPS = "settings.redirect_https", Must, "RFC 9700" "2.6",
        "The redirect URI uses https, or http on loopback",
        "Over http the code crosses the network in clear.",
        "Register an https redirect URI, or http://127.0.0.1 for a native client.";
    REDIRECT_LITERAL = "settings.redirect_literal", Should, "RFC 8252" "8.3",
        "The loopback redirect names an IP literal",
        "localhost may resolve to another interface or be taken by a firewall; 127.0.0.1 and [::1] cannot.",
        "Use http://127.0.0.1 unless the server's registration only takes localhost.";
    REDIRECT_PORT = "settings.redirect_port", Advice, "RFC 8252" "7.3",
        "The loopback redirect leaves the port free",
        "A fixed port may be taken by another program at the worst moment. Servers must accept any port of a loopback redirect.",
        "Use port 0 and let each run take a free one, if the server follows RFC 8252.";
    REDIRECT_FRAGMENT = "settings.redirect_fragment", Must, "RFC 6749" "3.1.2",
        "The redirect URI has no fragment",
        "The response would be appended behind the fragment and never reach the client.",
        "Remove everything from # on.";
    REDIRECT_SCHEME = "settings.redirect_scheme", Must, "RFC 8252" "7.1",
        "A private-use scheme is a reversed domain name",
        "A short scheme like myapp: can be claimed by any other program on the device.",
        "Use a scheme based on a domain you own, such as com.example.app:.";
    IMPLICIT = "settings.implicit", Should, "RFC 9700" "2.1.2",
        "No access token travels through the browser",
        "A token in the fragment is seen by scripts, extensions and histories, and nothing binds it to this client. OAuth 2.1 removed it.",
        "Use the authorization code grant with PKCE.";
    PASSWORD = "settings.password", Must, "RFC 9700" "2.4",
        "The user's password is not given to the client",
        "The client can keep it, and second factors and single sign-on do not work. OAuth 2.1 removed this grant.",
        "Use the authorization code grant with PKCE.";
    SECRET_UNSENT = "settings.secret_unsent", Should, "RFC 6749" "2.3.1",
        "A client_secret that is filled in is used",
        "With the method none it is not sent, and a server that knows the client by it refuses.",
        "Set token_endpoint_auth_method to client_secret_basic or client_secret_post, or empty client_secret.";
    OFFERED_AUTH = "settings.offered_auth", Should, "RFC 8414" "2",
        "The client authenticates in a way that the server lists",
        "Another method may be refused, or what it sends may not be read at all.",
        "Set token_endpoint_auth_method to one of token_endpoint_auth_methods_supported for which the client is registered.";
    SYMMETRIC_AUTH = "settings.symmetric_auth", Advice, "RFC 9700" "2.5",
        "Client authentication is asymmetric where the server offers it",
        "A secret is known to both sides and travels with each request; a private key never leaves the client.",
        "Use private_key_jwt or mutual TLS if the server lists it.";
}
