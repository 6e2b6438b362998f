//! Rules for assertions, as they leave.

super::rules! {
    CLAIMS = "assertion.claims", Must, "RFC 7523" "3",
        "iss, sub, aud and exp are in the assertion",
        "They say who speaks, about whom, to whom and until when; a server refuses an assertion without them.",
        "Fill in client_id and issuer, and do not remove these claims.";
    CLIENT = "assertion.client", Must, "OIDC Core" "9",
        "iss and sub of a client assertion are this client_id",
        "The server finds the client, and its key, by them.",
        "Write the client_id into both.";
    AUDIENCE = "assertion.audience", Must, "RFC 7523" "3",
        "aud names this authorization server",
        "An assertion for somebody else is refused; one for several can be used by each of them at the other.",
        "Send the issuer as the only aud; older servers want the URL of their token endpoint.";
    LIFETIME = "assertion.lifetime", Must, "RFC 7523" "3",
        "exp is ahead, and not far",
        "An assertion that is over is refused; one that lasts can be used by whoever finds it.",
        "Let it end after some minutes. If exp is over already, compare the clocks and make the request anew.";
    NBF = "assertion.nbf", Must, "RFC 7523" "3",
        "nbf is not ahead",
        "Before that time the server must not accept the assertion.",
        "Leave nbf out, or set it to now; compare the clocks of both machines.";
    IAT = "assertion.iat", Should, "RFC 7523" "3",
        "iat is not ahead",
        "Many servers refuse what was issued in the future.",
        "Set iat to now; compare the clocks of both machines.";
    ALG = "assertion.alg", Must, "RFC 7523" "3",
        "The assertion is signed, or has a MAC",
        "Anyone can write an assertion that is not.",
        "Choose an algorithm other than none.";
    JTI = "assertion.jti", Must, "OIDC Core" "9",
        "A client assertion has a jti",
        "It lets the server notice an assertion that is used again.",
        "Send a random jti with each assertion.";
    SECRET_LENGTH = "assertion.secret_length", Must, "RFC 7518" "3.2",
        "The secret of a MAC is as long as its hash",
        "Whoever has one assertion can try out short secrets at leisure.",
        "Use a client_secret of at least 32 bytes for HS256, 48 for HS384, 64 for HS512; or sign with a private key.";
    SAML_BASE64URL = "assertion.saml_encoding", Must, "RFC 7522" "2.1",
        "The SAML assertion is base64url",
        "SAML itself uses ordinary base64, so this is the usual mistake.",
        "Replace + by - and / by _, or paste the XML itself.";
    SAML_PLAIN = "assertion.saml_plain", Should, "RFC 7522" "2.1",
        "The SAML assertion has no padding and no line breaks",
        "Readers of base64url often take neither.",
        "Leave out = and line breaks, or paste the XML itself.";
}
