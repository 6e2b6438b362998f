//! Rules for logout tokens, as they come.

super::rules! {
    SENT = "blo.sent", Advice, "OIDC Back-Channel Logout" "2.5",
        "The server tells the client of the logout",
        "Without it the client's own session lives on after the user has signed out elsewhere.",
        "Register this backchannel_logout_uri for the client, at an address that the server reaches, and look whether its session \
         has ended at all.";
    REQUEST = "blo.request", Must, "OIDC Back-Channel Logout" "2.5",
        "It is a POST of a form with one logout_token",
        "Anything else is no logout request.",
        "POST the token as application/x-www-form-urlencoded.";
    SIGNATURE = "blo.signature", Must, "OIDC Back-Channel Logout" "2.6",
        "The logout token is signed with a key of the server",
        "Otherwise anybody could end the sessions of others.",
        "Sign it with a key of jwks_uri, as ID tokens are.";
    ALG = "blo.alg", Must, "OIDC Back-Channel Logout" "2.6",
        "alg signs, and is the one that is registered for ID tokens",
        "none proves nothing, and another algorithm is a way around the key.",
        "Sign with id_token_signed_response_alg, never with none.";
    TYP = "blo.typ", Should, "OIDC Back-Channel Logout" "2.4",
        "The header has typ logout+jwt",
        "It keeps the token from being taken for an ID token.",
        "Put typ logout+jwt into the header.";
    ISS = "blo.iss", Must, "OIDC Back-Channel Logout" "2.4",
        "iss is the issuer of the login",
        "Another server must not end this session.",
        "Send the issuer as in ID tokens.";
    AUD = "blo.aud", Must, "OIDC Back-Channel Logout" "2.4",
        "aud names this client",
        "A token for another client says nothing to this one.",
        "Send the client_id of the client that is told.";
    IAT = "blo.iat", Must, "OIDC Back-Channel Logout" "2.4",
        "iat says when it was issued",
        "The client cannot tell how old it is.",
        "Send iat in seconds, and set the clock.";
    EXP = "blo.exp", Must, "OIDC Back-Channel Logout" "2.4",
        "exp lies ahead",
        "Without an end it could be sent again at any time.",
        "Send exp in seconds, two minutes ahead.";
    NBF = "blo.nbf", Must, "RFC 7519" "4.1.5",
        "nbf is not ahead",
        "A token that is not valid so far must not be accepted, and nobody is signed out.",
        "Leave nbf out, or send it in seconds since 1970 and correct the clock.";
    LIFETIME = "blo.lifetime", Advice, "OIDC Back-Channel Logout" "4",
        "It is good for two minutes at most",
        "The longer it is good, the longer it can be sent again.",
        "Let exp be two minutes after iat.";
    JTI = "blo.jti", Must, "OIDC Back-Channel Logout" "2.4",
        "jti names the token",
        "A client tells by it whether it has seen the token before.",
        "Send a jti of its own with each token.";
    REPEATED = "blo.repeated", Advice, "OIDC Back-Channel Logout" "2.6",
        "The token has not come before",
        "A client may turn away a jti that it knows: whoever has a token of before could end a newer session with it.",
        "Make a new token with a jti of its own for each logout, and each time that one is sent again.";
    EVENTS = "blo.events", Must, "OIDC Back-Channel Logout" "2.4",
        "events has the member of a back-channel logout",
        "It is what makes the JWT a logout token.",
        "Send events as an object whose member of that name is an empty object.";
    NONCE = "blo.nonce", Must, "OIDC Back-Channel Logout" "2.4",
        "There is no nonce",
        "With one the token could pass for an ID token.",
        "Leave nonce out.";
    SUBJECT = "blo.subject", Must, "OIDC Back-Channel Logout" "2.4",
        "sub or sid says whose session ends",
        "Without both the client does not know what to end.",
        "Send sid, sub or both, as strings.";
    SESSION = "blo.session", Should, "OIDC Back-Channel Logout" "2.6",
        "sub and sid are those of the login",
        "It is another session that ends; this client's own lives on.",
        "Send the sub and sid of the ID token.";
}
