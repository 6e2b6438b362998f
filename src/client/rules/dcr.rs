//! Rules for dynamic client registration (RFC 7591) and its management (RFC 7592).

super::rules! {
    CONTENT_TYPE = "dcr.content_type", Must, "RFC 7591" "3.2.1",
        "The answer is application/json",
        "Clients that trust the type read nothing else.",
        "Send Content-Type: application/json.";
    CHALLENGE = "dcr.challenge", Must, "RFC 9110" "15.5.2",
        "A 401 carries WWW-Authenticate",
        "HTTP demands it of every 401, and it tells a client that a token is wanted (RFC 6750 section 3).",
        "Send WWW-Authenticate: Bearer with a 401.";
    STATUS = "dcr.status", Must, "RFC 7591" "3.2.1",
        "A registration that is made is answered with 201",
        "Libraries look for exactly this status, and take anything else for an error.",
        "Answer with 201 Created.";
    EXPIRY = "dcr.expiry", Must, "RFC 7591" "3.2.1",
        "client_secret_expires_at comes with client_secret",
        "Without it nobody knows when the client stops working. Many servers leave it out, which is a warning alone.",
        "Send the time in seconds since 1970, or 0 for a secret that does not expire.";
    SECRET = "dcr.secret", Should, "RFC 7591" "3.2.1",
        "A client that has to show a secret gets one",
        "With the registered method and no secret it cannot authenticate at all.",
        "Issue client_secret, or register the method none.";
    REDIRECTED = "dcr.redirect_uris", Should, "RFC 7591" "3.2.1",
        "The redirect URI of this run is registered",
        "The server returns all that is registered, and takes nothing else at the authorization endpoint.",
        "Put one of the addresses that are registered into redirect_uri, or have the server register the one that is asked for.";
    EFFECTIVE = "dcr.effective", Advice, "RFC 7591" "3.2.1",
        "What is registered is what was asked for",
        "A server may replace or leave out any value. It may also demand what nobody asked for, such as pushed requests or proofs of possession. A client that goes on with its own uses what nobody has registered.",
        "Compare the values, and ask for those that the server supports.";
    TYPES = "dcr.types", Should, "RFC 7591" "2",
        "The members of a registration have their types",
        "A client that is strict reads nothing of an answer in which a list is a text or a time is none.",
        "Send redirect_uris, grant_types and response_types as arrays of strings, scope as one string, and times as numbers of seconds.";
    MANAGEMENT = "dcr.management", Must, "RFC 7592" "3",
        "registration_client_uri and registration_access_token come together",
        "Neither is of use without the other: the one says where the registration is managed, the other who may.",
        "Send both, or neither where registrations cannot be managed.";
    PROTECTED = "dcr.protected", Must, "RFC 7592" "5",
        "registration_client_uri is https",
        "Whoever reads registration_access_token on the way can change the client and delete it. On loopback http is accepted, since nothing leaves the machine.",
        "Send an https URL as registration_client_uri.";
    SAME_ORIGIN = "dcr.same_origin", Should, "RFC 6750" "5.3",
        "The registration is managed where it was made",
        "registration_access_token is a bearer token: who gets it is this client. A URL in an answer must not lead it to somebody else.",
        "Find out whose origin this is. If it is the server's own, let it send URLs of one origin.";
    READ = "dcr.read", Must, "RFC 7592" "2.1",
        "A registration that is read is answered with 200",
        "Other statuses tell a client that it is not registered any more.",
        "Answer with 200 and the registration.";
    UPDATED = "dcr.updated", Must, "RFC 7592" "2.2",
        "A registration that is changed is answered with 200",
        "The client goes on with what the answer says; without one it does not know what is in effect.",
        "Answer with 200 and the whole registration.";
    SAME_CLIENT = "dcr.same_client", Must, "RFC 7592" "3",
        "The registration stays that of the same client_id",
        "Under another name the client has lost the registration that it was about to manage.",
        "Send the client_id that the registration was made for.",
        rejects "A registration of another client must not be used.";
    DELETED = "dcr.deleted", Must, "RFC 7592" "2.3",
        "A registration that is deleted is answered with 204",
        "A client that reads another status takes the registration for alive.",
        "Answer with 204 No Content.";
    DEAD = "dcr.dead", Must, "RFC 7592" "2.1",
        "The token of a deleted registration is refused with 401",
        "Otherwise whoever has kept it goes on managing a client that nobody owns any more.",
        "Forget the registration and its registration_access_token together.";
    ASKED = "dcr_request.metadata", Must, "RFC 7591" "3.1",
        "The request is a JSON object of client metadata",
        "The server reads nothing else.",
        "Send a JSON object as application/json.";
    REDIRECT_URIS = "dcr_request.redirect_uris", Must, "RFC 7591" "2",
        "A client that gets its answer by redirect registers where",
        "Without registered addresses a server cannot tell the client from anybody else. What is no absolute URI, has a fragment or runs as a script leads no answer to the client, and http is for this machine alone.",
        "Send redirect_uris with every address that is used: an https URI without #, one of loopback, or one with a scheme of the app's own.";
    CONSISTENT = "dcr_request.consistent", Should, "RFC 7591" "2.1",
        "grant_types and response_types fit together",
        "A server that checks them refuses what contradicts itself; another registers a client that cannot ask.",
        "code goes with authorization_code, token and id_token go with implicit.";
    ONE_KEY_SET = "dcr_request.jwks", Must, "RFC 7591" "2",
        "Not both jwks and jwks_uri are there",
        "Two sets may differ, and nobody knows which one counts.",
        "Leave one of them out; jwks_uri lets keys change later.";
    PRIVATE = "dcr_request.private_key", Must, "RFC 7591" "2",
        "jwks holds public keys alone",
        "A private key that was sent is not private any more: whoever reads it is this client.",
        "Send the public members alone, and make a new key: this one is known now.";
    WHOLE = "dcr_update.whole", Must, "RFC 7592" "2.2",
        "An update holds everything that was registered",
        "It replaces the registration; what is left out is deleted or becomes what the server likes.",
        "Begin with the last answer of the server and change what is to change.";
    OWN = "dcr_update.own_members", Must, "RFC 7592" "2.2",
        "An update has no members that are the server's own",
        "registration_access_token, registration_client_uri, client_secret_expires_at and client_id_issued_at are issued, not asked for.",
        "Leave them out.";
}
