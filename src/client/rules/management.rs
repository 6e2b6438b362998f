//! Rules for introspection and revocation.

super::rules! {
    INTROSPECTION_TYPE = "introspection.content_type", Must, "RFC 7662" "2.2",
        "The answer is application/json",
        "Clients that trust the type read nothing else.",
        "Send JSON, with Content-Type: application/json. A JWT is for who asks for one (RFC 9701 section 4).";
    ACTIVE = "introspection.active", Must, "RFC 7662" "2.2",
        "active is true or false",
        "It is the answer; a resource server that reads text instead may take a dead token for a live one.",
        "Send active as a boolean.";
    MEMBER_TYPES = "introspection.types", Must, "RFC 7662" "2.2",
        "iss, sub, client_id and the like are text, scope is text with spaces, aud is text or a list of texts",
        "A resource server compares them; a list as scope, or a number as sub, is a match for some and none for others.",
        "Write each member in the type that RFC 7662 has for it: scope as one text with spaces between its words.";
    FRESH = "introspection.fresh", Should, "RFC 7662" "2.2",
        "A token that has just been issued is active",
        "Resource servers that ask here refuse a token that their own server has issued a moment ago.",
        "Ask the server, realm and host name that issued the token, as a client that it is meant for: some answer only those that are in aud.";
    IN_TIME = "introspection.times", Must, "RFC 7662" "2.2",
        "An active token has begun and is not over",
        "active means that the token is within its time; a resource server that asks here lets in one that is over.",
        "Look at exp, nbf and iat when active is decided, write them as seconds since 1970, and compare the clocks.";
    OF_TOKEN = "introspection.token", Must, "RFC 7662" "2.2",
        "client_id, iss and sub are those of the token",
        "A resource server goes by them: it lets the wrong client in, or looks for the user at another server.",
        "Answer with the client that the token was issued to, with its issuer, and with its user.";
    INACTIVE_SILENT = "introspection.inactive_silent", Should, "RFC 7662" "2.2",
        "An inactive token is described no further",
        "What is told about a token that is over helps only those who should not have it.",
        "Answer {\"active\": false} and nothing else.";
    REVOKED = "revocation.status", Must, "RFC 7009" "2.2",
        "A revocation is answered with 200",
        "Also for an unknown token, because the client has nothing to do about it.",
        "Answer 200 to every authenticated revocation.";
    SIGNED = "introspection.signed", Must, "RFC 9701" "5",
        "The answer is a JWT of the type token-introspection+jwt",
        "It was asked as a JWT so that it can be kept as proof; JSON proves nothing later.",
        "Send the JWT with that typ and as application/token-introspection+jwt. Where JSON came, register introspection_signed_response_alg for this client, or ask for JSON.";
    SIGNED_CONTENT = "introspection.signed_content", Must, "RFC 9701" "5",
        "What is said of the token is an object in token_introspection",
        "Readers of signed answers look there alone: what stands beside it is about the JWT.",
        "Put the members of the plain answer, active among them, into token_introspection of the JWT.";
    SIGNED_ALG = "introspection.signed_alg", Must, "RFC 9701" "6",
        "The answer is signed with the algorithm that was registered",
        "Whoever keeps the answer as proof verifies it with that algorithm.",
        "Sign with introspection_signed_response_alg of this client.";
    SIGNED_CLAIMS = "introspection.signed_claims", Must, "RFC 9701" "5",
        "iss is the server, aud is this client, iat is there",
        "Otherwise the answer may have been made for somebody else.",
        "Send iss, aud and iat in the JWT.",
        rejects "A signed answer that was made for somebody else must be rejected.";
    SIGNED_BY_SERVER = "introspection.signature", Must, "RFC 9701" "5",
        "The signature is one of the server's keys",
        "An answer anyone could have written proves nothing.",
        "Sign with a key of jwks_uri.",
        rejects "A signed answer that does not verify must be rejected.";
    REVOKED_DEAD = "revocation.effective", Must, "RFC 7009" "2.1",
        "The token is dead after its revocation",
        "The client was told that it is over and trusts in it.",
        "Forget the token at once, also in caches. Tokens that APIs check themselves stay good until they end: keep them short.";
    REUSE = "refresh.reuse", Must, "RFC 9700" "4.14.2",
        "A refresh token that was used is refused",
        "Rotation protects only if the old token is over; its return is how a theft is noticed.",
        "Refuse it, and revoke the newer tokens of its family as well.";
    FAMILY = "refresh.family", Should, "RFC 9700" "4.14.2",
        "After an old refresh token has come again, the newer ones are over",
        "One of two who hold tokens of this family is a thief, and the server cannot tell which. While the newest works, it may be the thief's.",
        "Revoke every token of the family when one of them comes a second time; the user signs in again.";
}
