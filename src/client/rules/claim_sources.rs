//! Rules for claims that another vouches for: aggregated and distributed ones (OIDC Core section 5.6.2).

super::rules! {
    NAMES = "claims.names", Must, "OIDC Core" "5.6.2",
        "Every name in _claim_names refers to a member of _claim_sources",
        "A client that looks for the claim finds nothing where it is sent.",
        "Give _claim_sources a member for each source that _claim_names refers to.";
    SOURCE = "claims.source", Must, "OIDC Core" "5.6.2",
        "Each source has a JWT or an endpoint",
        "Without one of them there is no way to the claims.",
        "Send the claims of the source as JWT, or an endpoint with its access_token.";
    ELSEWHERE = "claims.elsewhere", Advice, "OIDC Core" "5.6.2",
        "All claims are in this document",
        "Claims whose source has an endpoint come from there, and are fetched only when somebody wants them.",
        "Fetch them with --then claims: with the access token of the source where there is one, and never with that of the login.";
    JWT = "claims.jwt", Must, "OIDC Core" "5.6.2",
        "The claims of a source come as a JWT",
        "Only a JWT can say who vouches for them.",
        "Send the claims as a JWT.";
    CONTAINED = "claims.contained", Must, "OIDC Core" "5.6.2",
        "The JWT of a source has every claim that _claim_names sends there",
        "A claim that is announced and does not come is missing in the app without a reason.",
        "Put the claims into the JWT, or leave them out of _claim_names.";
    ISS = "claims.iss", Should, "OIDC Core" "5.6.2",
        "iss says who vouches for the claims",
        "Without it no client knows whose key to verify them with.",
        "Put iss of the claims provider into the JWT.";
    SIGNATURE = "claims.signature", Must, "OIDC Core" "5.6.2",
        "A key of who vouches for the claims made their signature",
        "Without a signature that fits, anybody on the way may have written them.",
        "Sign the JWT with a key that iss publishes.";
    SUB = "claims.sub", Should, "OIDC Core" "5.6.2",
        "The JWT has no sub, or that of the user at who vouches for the claims",
        "A sub of this server in a document of another says that they share their users, and another sub by the same server is another user, whose claims these are then.",
        "Leave sub out of the JWT of the claims, and out of _claim_names.";
}
