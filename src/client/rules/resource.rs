//! Rules for UserInfo and for protected resources.

super::rules! {
    USERINFO_SUB = "userinfo.sub", Must, "OIDC Core" "5.3.2",
        "sub equals that of the ID token",
        "Another sub means claims of another user.",
        "Use nothing of this answer. Check which user the access token belongs to.",
        rejects "Claims about another user must not be used.";
    USERINFO_TYPE = "userinfo.content_type", Must, "OIDC Core" "5.3.2",
        "The answer is application/json or application/jwt",
        "The type says whether the claims are signed.",
        "Send application/json for plain claims.";
    USERINFO_ALG = "userinfo.alg", Must, "OIDC Registration" "2",
        "The claims are signed with the alg that this client is registered for",
        "A client that asked for signed claims refuses plain ones, and those with an algorithm it did not choose.",
        "Make userinfo_signed_response_alg here the same as in the client's registration at the server.";
    USERINFO_ENCRYPTED = "userinfo.encrypted", Should, "OIDC Core" "5.3.4",
        "The claims are encrypted, as this client registered it",
        "A client that registers encryption wants nobody between to read the claims.",
        "At the server, look whether the client is registered with userinfo_encrypted_response_alg and with a key to encrypt to.";
    USERINFO_SIGNATURE = "userinfo.signature", Must, "OIDC Core" "5.3.4",
        "A key of the server made the signature of the claims",
        "Claims were asked for signed so that nobody on the way can change them.",
        "Sign with a key of jwks_uri, or ask for plain claims.",
        rejects "Signed claims that do not verify must not be used.";
    USERINFO_SIGNED_CLAIMS = "userinfo.signed_claims", Must, "OIDC Core" "5.3.2",
        "iss is the server and aud is this client",
        "A signed answer that was made for another client may have been taken from it.",
        "Write iss and aud into the JWT.",
        rejects "Signed claims that were made for somebody else must not be used.";
    USERINFO_TIMES = "userinfo.times", Must, "RFC 7519" "4.1.4",
        "The signed claims are in force",
        "A JWT must not be accepted after its exp or before its nbf: these claims may be of long ago.",
        "Leave exp and nbf out, or write them anew for each answer; compare the clocks of both machines.",
        rejects "Signed claims must not be used after their exp or before their nbf.";
    CLAIM_TYPES = "claims.types", Must, "OIDC Core" "5.1",
        "Standard claims have the types of their definition",
        "Typed clients fail at a boolean that is written as text, and others take \"false\" for true.",
        "Send email_verified and phone_number_verified as booleans, updated_at as a number, address as an object.";
    CHALLENGE = "resource.challenge", Must, "RFC 6750" "3",
        "A 401 carries a WWW-Authenticate challenge",
        "It tells the client which scheme is wanted and what was wrong with the token.",
        "Send WWW-Authenticate: Bearer with error and error_description.";
    STATUS = "resource.status", Must, "RFC 6750" "3.1",
        "The access token is accepted",
        "The API refused the token or the request.",
        "Read what the answer says, in a challenge where it has one, and look at expiry, audience and scope of the token. A \
         page at which people sign in is no API's: compare the address with what the API documents.";
    TOKEN_IN_URL = "resource.token_in_url", Must, "RFC 9700" "4.3.2",
        "No token is in the URL",
        "URLs are kept in logs and histories.",
        "Send the token in the Authorization header.";
}
