//! Rules for responses that are encrypted to the client, whichever they are.

super::rules! {
    KEY = "encryption.key", Must, "RFC 7516" "5.2",
        "A key of this client opens what came",
        "What cannot be decrypted says nothing. It was made for another client or with an old key, or it was changed on the way.",
        "Compare the key with the one in the client's jwks at the server, by its kid. Fill in the private part as decryption_key.",
        rejects "What cannot be decrypted must be rejected.";
    ALG = "encryption.alg", Must, "OIDC Core" "3.1.3.7",
        "It is encrypted with the alg and enc that this client registered",
        "A client that decrypts with any algorithm lets the sender choose the weakest. Where enc is not registered it is A128CBC-HS256.",
        "Register the alg and enc that the server uses, or fill in those that are registered.",
        rejects "What is encrypted in another way than the registered one must not be used.";
    REPLICATED = "encryption.replicated", Should, "RFC 7519" "5.3",
        "Claims in the header are those inside",
        "The header is read by those who cannot open the token, and by them another issuer or audience is believed.",
        "Put the same iss, sub and aud into the header as into the claims, or leave them out there.";
}
