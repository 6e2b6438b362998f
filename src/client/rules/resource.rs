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
    CHALLENGE = "resource.challenge", Must, "RFC 6750" "3",
        "A 401 carries a WWW-Authenticate challenge",
        "It tells the client which scheme is wanted and what was wrong with the token.",
        "Send WWW-Authenticate: Bearer with error and error_description.";
    STATUS = "resource.status", Must, "RFC 6750" "3.1",
        "The access token is accepted",
        "The API refused the token or the request.",
        "Read the challenge; look at expiry, audience and scope of the token.";
    TOKEN_IN_URL = "resource.token_in_url", Must, "RFC 9700" "4.3.2",
        "No token is in the URL",
        "URLs are kept in logs and histories.",
        "Send the token in the Authorization header.";
}
