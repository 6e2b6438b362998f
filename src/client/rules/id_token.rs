//! Rules for the ID token, in the order of OpenID Connect Core section 3.1.3.7.

super::rules! {
    FORMAT = "id_token.format", Must, "RFC 7519" "7.2",
        "The ID token is a signed JWT, without a fault in its form",
        "What is no JWT, or can be read in two ways, cannot be verified.",
        "Correct the program that writes the token; the checks whose names begin with jwt say what is wrong with it.",
        rejects "What cannot be validated must be rejected.";
    ENCRYPTED = "id_token.encrypted", Should, "OIDC Core" "3.1.3.7",
        "The ID token is encrypted, as this client registered it",
        "A client that registers encryption wants nobody between to read who signs in.",
        "At the server, look whether the client is registered with id_token_encrypted_response_alg and with a key to encrypt to.";
    ISS = "id_token.iss", Must, "OIDC Core" "3.1.3.7",
        "iss equals the issuer",
        "A token of another issuer says nothing about a user of this one.",
        "Use the issuer exactly as the server writes it, last slash included.",
        rejects "An ID token of another issuer must be rejected.";
    AUD = "id_token.aud", Must, "OIDC Core" "3.1.3.7",
        "aud holds this client_id",
        "A token for another client may have been stolen there.",
        "Ask for the token with the client_id that uses it.",
        rejects "An ID token that does not list this client as an audience must be rejected.";
    AUD_TRUSTED = "id_token.aud_trusted", Must, "OIDC Core" "3.1.3.7",
        "aud names nobody who is not trusted",
        "Every party named can use the token as its own; audiences that are not trusted make it worthless.",
        "Issue ID tokens for one client each, or write those you trust into trusted_audiences.",
        rejects "An ID token with audiences that are not trusted must be rejected.";
    AZP = "id_token.azp", Must, "OIDC Core" "3.1.3.7",
        "azp is this client_id",
        "azp names the client the token was issued to; another one is a token that was passed on.",
        "Set azp to the requesting client, or leave it out with a single audience.",
        rejects "An ID token that was issued to another client must be rejected.";
    SIGNATURE = "id_token.signature", Must, "OIDC Core" "3.1.3.7",
        "A key of the issuer made the signature",
        "Without a valid signature anyone could have written the token.",
        "Look whether jwks_uri still publishes the key, and whether the token was changed on the way.",
        rejects "An ID token whose signature does not verify must be rejected.";
    KID = "id_token.kid", Should, "OIDC Core" "10.1",
        "kid names the key that signed",
        "A client picks the key by its kid. Where kid leads to none, a client that does not try all keys refuses the token, and one that fetches the keys anew asks for nothing at each login.",
        "Write the kid of the published key into the header. After a change of keys, publish the new one before you sign with it.";
    ALG = "id_token.alg", Must, "OIDC Core" "3.1.3.7",
        "alg is the one that was registered, or else one that the server announces",
        "An unexpected algorithm is how algorithm confusion begins. The default is RS256.",
        "Set id_token_signed_response_alg to what is registered, or correct id_token_signing_alg_values_supported.",
        rejects "An ID token with another algorithm than the one agreed must be rejected.";
    TYP = "id_token.typ", Must, "RFC 8725" "3.11",
        "typ names no other kind of token",
        "A token that was made for something else, such as an access token or a logout token, must not pass for a login.",
        "Look which of the server's tokens this is. An ID token has the typ JWT or none.",
        rejects "A token of another kind must not be taken for an ID token.";
    EXP = "id_token.exp", Must, "OIDC Core" "3.1.3.7",
        "The token has not expired",
        "An expired token may have been found in a log.",
        "Compare the clocks of both machines; a difference of less than five minutes is tolerated.",
        rejects "An ID token must not be used after its exp.";
    IAT = "id_token.iat", Must, "OIDC Core" "3.1.3.7",
        "iat is there and not in the future",
        "It tells how old the login is; a token from the future shows a wrong clock.",
        "Correct the clock of what writes the token, or that of this machine.",
        rejects "An ID token without a sound iat must be rejected.";
    AGE = "id_token.age", Should, "OIDC Core" "3.1.3.7",
        "iat is not from long before the request",
        "A token that was issued before anybody asked for it comes out of a cache, or is one of an earlier login: what it says of the user and the sign-in may be over.",
        "Make a new ID token for each answer, and write into iat when that was. Compare the clocks of both machines.";
    NBF = "id_token.nbf", Must, "RFC 7519" "4.1.5",
        "nbf is not in the future",
        "A token must not be accepted before its time; one from the future shows a wrong clock.",
        "Leave nbf out, or correct the clock of what writes the token, or that of this machine.",
        rejects "An ID token must not be used before its nbf.";
    SUB = "id_token.sub", Must, "OIDC Core" "2",
        "sub is there, at most 255 ASCII characters",
        "sub is who signed in. Without it there is no user.",
        "Send a stable sub for each user.",
        rejects "An ID token that does not say who signed in must be rejected.";
    ASKED_SUB = "id_token.asked_sub", Must, "OIDC Core" "3.1.2.2",
        "The user who signed in is the one that was asked for",
        "A server must not answer with the ID token of another user than claims or id_token_hint names, even where that one is signed in. The client would go on as somebody else.",
        "Have the user that is named sign in, or answer with login_required.";
    NONCE = "id_token.nonce", Must, "OIDC Core" "3.1.3.7",
        "nonce equals the one that was sent",
        "The nonce ties this ID token to the login that you began. A token with another nonce may have been taken from someone else's login and injected into yours.",
        "Use nothing of this answer. At the server, look for a nonce that is cached per session or dropped when the login page is reloaded.",
        rejects "An ID token with another nonce than the one sent must be rejected.";
    AUTH_TIME = "id_token.auth_time", Must, "OIDC Core" "3.1.2.1",
        "auth_time is within max_age, and not ahead",
        "A client that asks for a fresh sign-in cannot see that it happened. A time ahead of the clock is never too old.",
        "Send auth_time in seconds since 1970, by a clock that is right, and sign the user in again when it is older than max_age.";
    LOGIN_ANEW = "id_token.login_anew", Should, "OIDC Core" "3.1.2.1",
        "auth_time is not from before a request with prompt=login",
        "The client asked that the user sign in anew, and got a session that was there already: whoever sits at the browser goes on as its user.",
        "Have the user sign in where prompt has login, or answer with login_required.";
    ACR = "id_token.acr", Should, "OIDC Core" "3.1.3.7",
        "acr is one of those that were asked for",
        "The sign-in may be weaker than the client needs.",
        "Check at the server which acr_values it supports for this user.";
    ACR_ESSENTIAL = "id_token.acr_essential", Must, "OIDC Core" "5.5.1.1",
        "acr is one of those that claims asks for as essential",
        "Where a class of login is essential and cannot be reached, the login has failed; the server must not answer as if it had not.",
        "Have the user sign in with one of these classes, or refuse with unmet_authentication_requirements.";
    AT_HASH = "id_token.at_hash", Must, "OIDC Core" "3.1.3.8",
        "at_hash fits the access token",
        "An access token that does not fit may have been swapped for another user's.",
        "Hash the access token as sent with the hash of alg and take the left half.",
        rejects "An access token that its ID token does not vouch for must be rejected.";
    C_HASH = "id_token.c_hash", Must, "OIDC Core" "3.3.2.11",
        "c_hash fits the code",
        "A code that does not fit may have been injected.",
        "Hash the code as sent with the hash of alg and take the left half.",
        rejects "A code that the ID token does not vouch for must be rejected.";
    S_HASH = "id_token.s_hash", Must, "FAPI 1.0 Advanced" "5.2.3.1",
        "s_hash fits the state",
        "The ID token signs the response it came in: a state that does not fit may have been changed on the way.",
        "Hash the state as it was sent with the hash of alg and take the left half, or leave s_hash out.",
        rejects "A state that the ID token does not vouch for must be rejected.";
    FRONT_ISS = "id_token.front_iss", Must, "OIDC Core" "3.3.3.6",
        "iss is the same in both ID tokens",
        "Two issuers in one flow mean that one of the tokens is not this login's.",
        "Issue both tokens from one issuer.",
        rejects "ID tokens of one login that name two issuers must be rejected.";
    FRONT_SUB = "id_token.front_sub", Must, "OIDC Core" "3.3.3.6",
        "sub is the same in both ID tokens",
        "Two users in one flow mean that one of the tokens was injected.",
        "Issue both tokens for the user who signed in.",
        rejects "ID tokens of one login that name two users must be rejected.";
    FRONT_CLAIMS = "id_token.front_claims", Should, "OIDC Core" "3.3.3.6",
        "What both ID tokens say of the user and the sign-in is the same",
        "A client that reads one of them only sees another user, or another sign-in, than one that reads the other.",
        "Write the same values into both tokens, or leave a claim out of the first.";
    REFRESHED_ISS = "id_token.refreshed_iss", Must, "OIDC Core" "12.2",
        "A refreshed ID token keeps iss",
        "A refresh must not change who vouches for the user.",
        "Send the same iss as in the first ID token.",
        rejects "A refreshed ID token of another issuer must be rejected.";
    REFRESHED_SUB = "id_token.refreshed_sub", Must, "OIDC Core" "12.2",
        "A refreshed ID token keeps sub",
        "A refresh must not change who the user is.",
        "Send the same sub as in the first ID token.",
        rejects "A refreshed ID token of another user must be rejected.";
    REFRESHED_AUD = "id_token.refreshed_aud", Must, "OIDC Core" "12.2",
        "A refreshed ID token keeps this client in aud",
        "A refresh must not change whom the token is for.",
        "Send an aud with the client_id of the first ID token.",
        rejects "A refreshed ID token without this client in aud must be rejected.";
    REFRESHED_AZP = "id_token.refreshed_azp", Must, "OIDC Core" "12.2",
        "A refreshed ID token keeps azp",
        "A refresh must not change which client the token was issued to.",
        "Send the azp of the first ID token, and none where that had none.",
        rejects "A refreshed ID token that was issued to another client must be rejected.";
    REFRESHED_NONCE = "id_token.refreshed_nonce", Should, "OIDC Core" "12.2",
        "A refreshed ID token has no nonce",
        "The nonce ties a token to a sign-in in the browser, and a refresh is none. Clients that take one for the other can be given an old login for a new one.",
        "Leave nonce out of refreshed ID tokens; where it stays, it has to be that of the first.";
    REFRESHED_IAT = "id_token.refreshed_iat", Must, "OIDC Core" "12.2",
        "iat of a refreshed ID token is not before that of the first",
        "iat is when this ID token was issued. One from before the login was not made at the refresh, or by another clock.",
        "Write the time of the refresh into iat, and compare the clocks of the machines that issue tokens.";
}
