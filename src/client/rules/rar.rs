//! Rules for what is asked for in JSON: `authorization_details` (RFC 9396) and `claims` (OIDC Core section 5.5).

super::rules! {
    FORM = "rar_request.form", Must, "RFC 9396" "2",
        "authorization_details is a list of objects, each with its type",
        "The type says what the other fields mean; a server refuses what has none.",
        "Write a JSON array such as [{\"type\":\"payment_initiation\"}].";
    LISTED = "rar_request.listed", Advice, "RFC 9396" "10",
        "The server names each of these types",
        "A server refuses a type that it does not know.",
        "Choose from authorization_details_types_supported of the metadata.";
    CLAIMS = "claims_request.form", Must, "OIDC Core" "5.5",
        "claims is an object with userinfo or id_token in it",
        "Everything else a server refuses, or leaves out of account.",
        "Write a JSON object such as {\"id_token\":{\"email\":null}}.";
    CLAIMS_TOKEN = "claims_request.token", Must, "OIDC Core" "5.5",
        "Claims of UserInfo are asked for where there is an access token",
        "UserInfo cannot be asked without one, so the claims never arrive.",
        "Ask for them in id_token, or for a response_type that brings an access token.";
    CLAIMS_SUPPORTED = "claims_request.supported", Advice, "OIDC Discovery" "3",
        "The server says that it takes claims",
        "Without claims_parameter_supported it need not, and ignores it.",
        "Ask by scope, or look whether the server is to be configured for it.";
    RETURNED = "rar.returned", Must, "RFC 9396" "7",
        "The token response says which authorization_details were granted",
        "User and server may have granted less than was asked.",
        "Return authorization_details as they were granted, a list of objects with their types.";
    AS_ASKED = "rar.as_asked", Should, "RFC 9396" "7",
        "No more was granted than was asked for",
        "A user may grant less, and the server may add what it knows; but what nobody asked for is a permission that nobody expects.",
        "Compare what was granted with what was asked for before the token is used, and look who changed it.";
    DELIVERED = "claims.delivered", Advice, "OIDC Core" "5.5.1",
        "The claims that were asked for came",
        "Nobody has to deliver a claim, not even an essential one: an app has to work without, or say what it lacks.",
        "Look whether the user has such a claim, and whether the server may give it to this client.";
}
