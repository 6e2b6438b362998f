//! Rules for introspection and revocation.

super::rules! {
    INTROSPECTION_TYPE = "introspection.content_type", Must, "RFC 7662" "2.2",
        "The answer is application/json",
        "Clients that trust the type read nothing else.",
        "Send Content-Type: application/json.";
    ACTIVE = "introspection.active", Must, "RFC 7662" "2.2",
        "active is true or false",
        "It is the answer; a resource server that reads text instead may take a dead token for a live one.",
        "Send active as a boolean.";
    INACTIVE_SILENT = "introspection.inactive_silent", Should, "RFC 7662" "2.2",
        "An inactive token is described no further",
        "What is told about a token that is over helps only those who should not have it.",
        "Answer {\"active\": false} and nothing else.";
    REVOKED = "revocation.status", Must, "RFC 7009" "2.2",
        "A revocation is answered with 200",
        "Also for an unknown token, because the client has nothing to do about it.",
        "Answer 200 to every authenticated revocation.";
}
