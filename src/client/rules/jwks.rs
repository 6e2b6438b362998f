//! Rules for the key set as an answer; rules for each key live with the keys.

super::rules! {
    CONTENT_TYPE = "jwks.content_type", Advice, "RFC 7517" "8.5",
        "The key set is application/jwk-set+json or application/json",
        "Other types are refused by strict clients.",
        "Serve the key set as application/jwk-set+json.";
    KEYS = "jwks.keys", Must, "RFC 7517" "5.1",
        "The key set has a list of keys",
        "Without keys no signature of this server can be verified.",
        "Publish { \"keys\": [..] } at jwks_uri.";
}
