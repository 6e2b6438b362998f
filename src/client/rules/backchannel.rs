//! Rules for backchannel authentication: the request, its answer and the ping.

super::rules! {
    HINT = "backchannel_request.hint", Must, "CIBA" "7.1",
        "Exactly one hint says who the user is",
        "Nobody is in front of the client; the server has to be told whom to ask, and not twice.",
        "Send one of login_hint, login_hint_token and id_token_hint.";
    OPENID = "backchannel_request.openid", Must, "CIBA" "7.1",
        "The scope holds openid",
        "CIBA is an OpenID Connect flow; its result is an ID token.",
        "Add openid to scope.";
    BINDING_MESSAGE = "backchannel_request.binding_message", Should, "CIBA" "7.1",
        "binding_message is short and plain",
        "The user compares it on two screens, one of which is small.",
        "Send at most some twenty letters and digits.";
    NOTIFICATION_TOKEN = "backchannel_request.client_notification_token", Must, "CIBA" "7.1",
        "client_notification_token is there in ping and push mode and cannot be guessed",
        "It is how the client knows that a ping is from the server.",
        "Draw at least 128 random bits for each request.";
    SIGNED = "backchannel_request.signed", Must, "CIBA" "7.1.1",
        "The request object is signed with a private key of the client",
        "A shared secret proves less than it seems to, as the server could have made the request itself.",
        "Choose an algorithm such as ES256 or PS256, and fill in a private_key.";
    SIGNED_CLAIMS = "backchannel_request.signed_claims", Must, "CIBA" "7.1.1",
        "iss, aud, exp, iat, nbf and jti are in the request object, for this server and from this client",
        "They keep it from being used somewhere else, later, or a second time.",
        "Leave these claims as they are made.";
    ALONE = "backchannel_request.alone", Must, "CIBA" "7.1.1",
        "Nothing that is asked stands beside the request object",
        "Nobody has signed it. Only what proves who the client is stands there.",
        "Put it into the object; look at the extra parameters.";
    SIGNING_SUPPORTED = "backchannel_request.supported", Should, "CIBA" "4",
        "The server says that it takes requests signed with this algorithm",
        "Without backchannel_authentication_request_signing_alg_values_supported it takes no signed ones.",
        "Choose an algorithm that the server names, or leave backchannel_authentication_request_signing_alg empty.";
    CONTENT_TYPE = "backchannel.content_type", Must, "CIBA" "7.3",
        "The answer is application/json",
        "Clients that trust the type read nothing else.",
        "Send Content-Type: application/json.";
    CHALLENGE = "backchannel.challenge", Must, "RFC 6749" "5.2",
        "A 401 names the scheme by which the client authenticated",
        "From it a client that used Authorization learns what was not accepted. HTTP demands a challenge of every 401 (RFC 9110 section 15.5.2).",
        "Send WWW-Authenticate: Basic to a client that used it, or answer 400 where the client did not authenticate by a header.";
    REQUIRED = "backchannel.required", Must, "CIBA" "7.3",
        "auth_req_id and expires_in are there",
        "The client asks with the one until the other is over.",
        "Send both.";
    INTERVAL = "backchannel.interval", Should, "CIBA" "7.3",
        "interval is a positive number of seconds",
        "A client that asks too quickly gets slow_down. Absent means 5 seconds.",
        "Send the seconds between two polls as a number.";
    ENTROPY = "backchannel.entropy", Must, "CIBA" "7.3",
        "auth_req_id cannot be guessed",
        "Whoever guesses it gets the tokens of the user who approves.",
        "Draw at least 128 random bits.";
    CLAIM = "backchannel.auth_req_id_claim", Must, "CIBA" "10.3.1",
        "An auth_req_id in the ID token is that of this request",
        "An ID token of another request is about what somebody else was asked.",
        "Write the auth_req_id of the request into urn:openid:params:jwt:claim:auth_req_id, or leave the claim out where the client asks for its tokens.";
    PUSH_REQUIRED = "backchannel_push.required", Must, "CIBA" "10.3.1",
        "auth_req_id, access_token, token_type and id_token are there",
        "A client that gets tokens by push cannot ask for what is missing.",
        "Push all of them, as the token endpoint would answer, with the auth_req_id.";
    PUSH_AUTH_REQ_ID = "backchannel_push.auth_req_id", Must, "CIBA" "10.3.1",
        "The push is about this request",
        "The tokens are those of another user.",
        "Push the auth_req_id of the request the user decided.",
        rejects "Tokens that are pushed for another request must not be used.";
    PUSH_CLAIM = "backchannel_push.auth_req_id_claim", Must, "CIBA" "10.3.1",
        "The ID token has the auth_req_id of this request",
        "Without it tokens of one request could be pushed as those of another.",
        "Put urn:openid:params:jwt:claim:auth_req_id into the ID token.",
        rejects "Pushed tokens whose ID token is not of this request must not be used.";
    PUSH_AT_HASH = "backchannel_push.at_hash", Must, "CIBA" "10.3.1",
        "The ID token has an at_hash",
        "Without it another access token could stand in the push.",
        "Put at_hash into the ID token.";
    PUSH_RT_HASH = "backchannel_push.rt_hash", Must, "CIBA" "10.3.1",
        "The ID token has the hash of the refresh token",
        "Without it another refresh token could stand in the push.",
        "Put urn:openid:params:jwt:claim:rt_hash into the ID token, computed as at_hash is.";
    PING = "backchannel_ping.auth_req_id", Must, "CIBA" "10.2",
        "The ping is about this request",
        "A client that asks for another one gets nothing, or the tokens of another user.",
        "Send the auth_req_id of the request the user decided.";
}
