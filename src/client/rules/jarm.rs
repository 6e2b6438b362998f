//! Rules for authorization responses that are one JWT (JARM).

super::rules! {
    ASKED = "jarm.asked", Must, "JARM" "2.3",
        "The response is the JWT that was asked for",
        "Where a signed response was asked for, anybody can bring a plain one.",
        "Use nothing of this response. At the server, look whether it knows this response_mode.",
        rejects "A plain response must not be used where a signed one was asked for.";
    BESIDE = "jarm.beside", Should, "JARM" "2.1",
        "Nothing that belongs to the response stands beside its JWT",
        "Nobody has signed it: a client that reads it there reads what anybody in the browser can write.",
        "Use only what is in the JWT. At the server, put code, state, iss and error into the JWT alone.";
    ENCRYPTED = "jarm.encrypted", Should, "JARM" "2.4",
        "The response is encrypted, as this client registered it",
        "A client that registers encryption wants nobody who sees the URL to read the response.",
        "At the server, look whether the client is registered with authorization_encrypted_response_alg and with a key to encrypt to.";
    ISS = "jarm.iss", Must, "JARM" "2.4",
        "iss of the response is the server that was asked",
        "A response of another server is a mix-up: the code would be sent to the wrong token endpoint.",
        "Use nothing of this response, and look at which server the browser really talked to.",
        rejects "A response of another issuer must not be used.";
    AUD = "jarm.aud", Must, "JARM" "2.4",
        "aud of the response is this client",
        "A response for another client was made for another login.",
        "Use nothing of this response; compare the client_id with the one that was sent.",
        rejects "A response for another client must not be used.";
    EXP = "jarm.exp", Must, "JARM" "2.4",
        "The response is not over",
        "What was kept back can be played again.",
        "Sign in again; compare the clocks of both machines.",
        rejects "A response that is over must not be used.";
    NBF = "jarm.nbf", Must, "RFC 7519" "4.1.5",
        "nbf of the response is not ahead",
        "What is not valid so far must not be accepted, and a clean client refuses it.",
        "Leave nbf out, or send it in seconds since 1970 and correct the clock.",
        rejects "A response must not be used before its nbf.";
    SIGNATURE = "jarm.signature", Must, "JARM" "2.4",
        "The response is signed with a key of the server",
        "Anybody in the browser can write one that is not.",
        "Use nothing of this response. At the server, compare the key with those of jwks_uri.",
        rejects "A response that the server has not signed must not be used.";
    ALG = "jarm.alg", Must, "JARM" "3",
        "The response has the registered algorithm",
        "A client that takes any algorithm takes what an attacker chooses.",
        "Register the algorithm that the server signs with, or fill it in as authorization_signed_response_alg.",
        rejects "A response with another algorithm than the registered one must not be used.";
    LIFETIME = "jarm.lifetime", Should, "JARM" "2.1",
        "The response lasts ten minutes at most",
        "It is used at once; every minute more is one in which it can be stolen.",
        "Let exp be ten minutes ahead or less.";
    QUERY = "jarm.query", Must, "JARM" "2.3.1",
        "No token is in a JWT in the query, unless it is encrypted",
        "URLs are kept in the browser's history, in logs and in Referer headers, and a signature hides nothing.",
        "Ask for fragment.jwt or form_post.jwt, or have the response encrypted.";
}
