//! Rules that a profile adds: nothing is broken without them, and a run is held to them where it is judged by a profile
//! that demands them (`profile`, whose table says which).

super::rules! {
    PUSHED = "profile.pushed", Must, "FAPI 2.0" "5.3.2.2",
        "The authorization request is pushed",
        "What the browser carries can be read and changed by whoever sits at it; what is pushed comes from the client itself.",
        "Switch on require_pushed_authorization_requests.";
    PUSHED_LIFETIME = "profile.pushed_lifetime", Must, "FAPI 2.0" "5.3.2.2",
        "A pushed request is over within less than 600 seconds",
        "The longer a reference works, the longer whoever finds it in a log can open the request with it.",
        "The server has to answer with an expires_in below 600.";
    FRONT_CHANNEL = "profile.front_channel", Must, "FAPI 2.0" "5.3.3.2",
        "The browser carries client_id and request_uri alone",
        "A parameter beside them is one that nobody has signed or pushed, and servers differ in whether they heed it.",
        "Push all parameters, and add none to the URL.";
    RESPONSE_TYPE = "profile.response_type", Must, "FAPI 2.0" "5.3.2.2",
        "response_type is code",
        "Everything else brings tokens through the browser, where scripts, histories and extensions see them.",
        "Use the authorization code grant.";
    CLIENT_AUTH = "profile.client_auth", Must, "FAPI 2.0" "5.3.3.1",
        "The client authenticates by private_key_jwt or mutual TLS",
        "A secret that both sides know can be stolen at either; a private key never leaves the client.",
        "Register a key or a certificate and set token_endpoint_auth_method to private_key_jwt or tls_client_auth.";
    CLIENT_SECRET = "profile.client_secret", Must, "RFC 10017" "6.3.3.1",
        "The client uses no secret",
        "An application that everybody can download keeps no secret: whoever takes it apart has it.",
        "Register a public client, with PKCE, and set token_endpoint_auth_method to none.";
    ASSERTION_AUDIENCE = "profile.assertion_audience", Must, "FAPI 2.0" "5.3.3.1",
        "The audience of the client's assertion is the issuer alone, as a string",
        "An assertion that names an endpoint, or several, can be handed on by one server to another that trusts the same key.",
        "Set aud of the client assertion to the issuer identifier of the server.";
    BOUND_TOKENS = "profile.bound_tokens", Must, "FAPI 2.0" "5.3.2.1",
        "Access tokens are bound to a key of the client",
        "Whoever has stolen a bearer token can use it; a bound one needs the key too.",
        "Switch on dpop_bound_access_tokens, or use mutual TLS.";
    TOKEN_IN_HEADER = "profile.token_in_header", Must, "FAPI 2.0" "5.3.4",
        "Access tokens travel in the header alone",
        "Forms and URLs are logged and kept in places that header fields do not reach.",
        "Send the access token in Authorization.";
    ISS = "profile.iss", Must, "RFC 9207" "2",
        "The authorization response names its issuer",
        "Without it a client with several servers can be made to take the code of one to another (mix-up).",
        "The server has to send iss and to announce authorization_response_iss_parameter_supported.";
    ALGORITHMS = "profile.algorithms", Must, "FAPI 2.0" "5.4.1",
        "What is signed is signed by PS256, ES256 or EdDSA",
        "RS256 has a padding with a history of attacks, and a shared secret lets both sides sign.",
        "Choose ES256 at the client, and have the server sign with it.";
    NO_ROTATION = "profile.no_rotation", Must, "FAPI 2.0" "5.3.2.1",
        "Refresh tokens are not rotated",
        "They are bound to the client already, and a new one that is lost on its way ends the login.",
        "The server has to keep the refresh token as it is.";
    RESOURCE = "profile.resource", Must, "MCP" "8",
        "Both requests name the resource",
        "Without it the token may be good for other services too, and a server that got it could use it there.",
        "Set resource to the address of the API.";
    SIGNED_REQUEST = "profile.signed_request", Must, "FAPI 2.0 Message Signing" "5.3.2",
        "The authorization request is signed",
        "Only a signature shows afterwards who has asked for what.",
        "Set request_object_signing_alg.";
    OBJECT_AUDIENCE = "profile.object_audience", Must, "FAPI 2.0 Message Signing" "5.3.2",
        "aud of the request object is the issuer",
        "A signed request that names nobody can be handed on to another server that knows the same key, and proves there what was never asked of it.",
        "Send the issuer identifier of the server as aud of the request object, and do not leave it out.";
    OBJECT_TIMES = "profile.object_times", Must, "FAPI 2.0 Message Signing" "5.3.2",
        "The request object has nbf, and exp at most 60 minutes after it",
        "A signature is to show when it was asked. Without both times it could have been made long ago, or be kept for later.",
        "Send nbf with the present time and exp some minutes after it.";
    SIGNED_RESPONSE = "profile.signed_response", Must, "FAPI 2.0 Message Signing" "5.4.2",
        "The authorization response is signed, as response_mode jwt asks",
        "Only a signature shows that the response is of this server, unchanged, and for this client.",
        "Set response_mode to jwt.";
}
