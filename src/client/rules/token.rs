//! Rules for the token response.

super::rules! {
    STATUS = "token.status", Must, "RFC 6749" "5.1",
        "A success is 200, an error 400 or 401",
        "Clients decide by the status whether to look for tokens or for an error.",
        "Answer 200 with tokens, 400 with an error, 401 when client authentication failed.";
    CACHE_CONTROL = "token.cache_control", Must, "RFC 6749" "5.1",
        "The answer is not cached",
        "A cache would hand the same tokens to somebody else.",
        "Send Cache-Control: no-store with every answer of the token endpoint.";
    CONTENT_TYPE = "token.content_type", Must, "RFC 6749" "5.1",
        "The answer is application/json",
        "Clients that trust the type read nothing else.",
        "Send Content-Type: application/json. GitHub does so only when the request has Accept: application/json.";
    TOKEN_TYPE = "token.token_type", Must, "RFC 6749" "5.1",
        "token_type is there and known",
        "It says how the access token is presented; a client must not use a token of a type it does not know.",
        "Send token_type Bearer (any case) or DPoP.";
    TYPE_UNDERSTOOD = "token.type_understood", Must, "RFC 6749" "7.1",
        "The access token is of a type that this client can present",
        "The type says what a call has to prove. A token that is shown as Bearer although it needs more is given away to whoever sees it.",
        "Have the server issue Bearer tokens to this client, or DPoP where it proves a key.",
        rejects "An access token of a type that the client does not understand must not be used.";
    ACCESS_TOKEN = "token.access_token", Must, "RFC 6749" "5.1",
        "access_token is there and made of printable ASCII",
        "Without it there is nothing to call an API with; other characters cannot be sent in a header.",
        "Send an access_token of the characters 0x20 to 0x7E (RFC 6749 appendix A.12).";
    EXPIRES_IN = "token.expires_in", Should, "RFC 6749" "5.1",
        "expires_in is a positive number of seconds",
        "Without it a client learns only from a refusal that its token is over. Text, milliseconds and dates are misread.",
        "Send the remaining seconds as a number.";
    SCOPE = "token.scope", Must, "RFC 6749" "3.3",
        "A scope other than asked is said",
        "A client that got less than it asked finds out only when an API refuses it.",
        "Send scope whenever it differs from the request.";
    ID_TOKEN = "token.id_token", Must, "OIDC Core" "3.1.3.3",
        "An OpenID request is answered with an ID token",
        "Without it the client does not know who signed in.",
        "Send id_token when the scope holds openid. Look whether the client is registered for OpenID Connect.";
    DUPLICATES = "token.duplicates", Must, "RFC 8259" "4",
        "No member occurs twice",
        "Readers differ in which of two tokens they take.",
        "Write each member once.";
    ERROR = "token.error", Must, "RFC 6749" "5.2",
        "An error has a registered code of printable ASCII",
        "Programs act on error: a code that nobody has defined tells them nothing, and other characters break logs and headers.",
        "Send error as one of the registered codes.";
    CHALLENGE = "token.challenge", Must, "RFC 6749" "5.2",
        "A 401 names the scheme by which the client authenticated",
        "From it a client that used Authorization learns what was not accepted. HTTP demands a challenge of every 401 (RFC 9110 section 15.5.2).",
        "Send WWW-Authenticate: Basic to a client that used it, or answer 400 where the client did not authenticate by a header.";
    ENTROPY = "token.entropy", Must, "RFC 6749" "10.10",
        "The tokens cannot be guessed",
        "A token that can be guessed is everyone's token.",
        "Draw at least 128 random bits, or sign the token.";
    ROTATION = "token.rotation", Must, "RFC 9700" "2.2.2",
        "A public client's refresh token is rotated",
        "A stolen refresh token that never changes works for the thief as long as for the client, unnoticed.",
        "Issue a new refresh token at each use and revoke the family when an old one returns, or bind it to a key.";
    VERIFIER = "token.verifier", Must, "RFC 9700" "2.1.1",
        "A code that was asked for with a challenge is not redeemed without its verifier",
        "A server that lets the verifier be left out protects nobody: whoever has the code leaves it out.",
        "Refuse a token request without code_verifier when the authorization request had a code_challenge.";
    SCOPE_WIDER = "token.scope_wider", Must, "RFC 6749" "6",
        "A refresh does not widen the scope",
        "The user agreed to the first scope only.",
        "Grant at most the scope of the first authorization.";
}
