//! Rules for the response of a token exchange.

super::rules! {
    ISSUED_TYPE = "exchange.issued_token_type", Must, "RFC 8693" "2.2.1",
        "issued_token_type says what the token is",
        "access_token may hold any kind of token here; without the type the client does not know how to use it.",
        "Send issued_token_type with every exchanged token.";
    REQUESTED = "exchange.requested_token_type", Should, "RFC 8693" "2.1",
        "The token is of the type that was asked",
        "A token of another type is of no use where the asked one was meant for.",
        "Issue the requested type or refuse with invalid_request.";
    TOKEN_TYPE = "exchange.token_type", Must, "RFC 8693" "2.2.1",
        "token_type is N_A for what cannot be used as an access token",
        "Bearer says that an API accepts it.",
        "Send N_A for ID tokens, refresh tokens and SAML assertions that no API takes.";
    SUBJECT = "exchange.subject", Advice, "RFC 8693" "1.1",
        "The new token is about the same subject",
        "Both impersonation and delegation keep the subject; only who acts changes.",
        "Look which token was sent as subject_token.";
    ACTOR = "exchange.actor", Should, "RFC 8693" "4.1",
        "act names who acts",
        "Without it the delegation cannot be told from the user's own call, and no log shows who it was.",
        "Put act with the sub of the actor token into the new token.";
}
