//! Rules for request objects, as they leave.

super::rules! {
    ALG = "jar_request.alg", Must, "RFC 9101" "4",
        "The request object is signed",
        "Anybody in the browser can write one that is not.",
        "Set request_object_signing_alg to another algorithm than none.";
    TYP = "jar_request.typ", Should, "RFC 9101" "10.8",
        "The header has typ oauth-authz-req+jwt",
        "It keeps the object from being taken for another kind of JWT of this client.",
        "Leave the header as it is made here.";
    CLIENT_ID = "jar_request.client_id", Must, "RFC 9101" "5",
        "client_id is in the object and beside it, and the same",
        "The server finds the key by the one and refuses an object whose other names somebody else.",
        "Send the same client_id in both places.";
    ISS = "jar_request.iss", Should, "RFC 9101" "4",
        "iss of the object is the client_id",
        "It says who speaks, which other JWTs with the same key do as well.",
        "Do not change iss, nor leave it out.";
    AUD = "jar_request.aud", Should, "RFC 9101" "4",
        "aud of the object is the issuer of this server",
        "An object for somebody else could be sent to this server, and this one to others.",
        "Send the issuer as aud.";
    EXP = "jar_request.exp", Must, "RFC 7519" "4.1.4",
        "The object is not over when it leaves",
        "A server must not take one that is over.",
        "Let exp be some minutes ahead; compare the clocks of both machines.";
    NESTED = "jar_request.nested", Must, "RFC 9101" "4",
        "There is no other request in the object",
        "request and request_uri in it would have to be opened again and again.",
        "Remove them from the claims; look at the extra parameters.";
    SUB = "jar_request.sub", Should, "RFC 9101" "10.8",
        "sub of the object is not the client_id",
        "With it the object can pass for a client assertion.",
        "Leave sub out.";
    BOTH = "jar_request.both", Must, "RFC 9101" "5",
        "request and request_uri do not come together",
        "Nobody could say which of the two counts; the server has to refuse it.",
        "Remove one of them; look at the extra parameters.";
    DIFFERENT = "jar_request.different", Must, "OIDC Core" "6.1",
        "What stands beside the object says the same as in it",
        "One server takes the value inside, another refuses both.",
        "Change it in the claims too, or leave it out of the address.";
    OUTSIDE = "jar_request.outside", Should, "RFC 9101" "6.3",
        "Everything that is asked is in the object",
        "A server by RFC 9101 ignores what stands beside it. By OpenID Connect it counts, unsigned.",
        "Put it into the object; request_object_outside only repeats what is in there, and beside an object that is pushed nothing of the request may stand (RFC 9126 section 3).";
    SUPPORTED = "jar_request.supported", Should, "OIDC Discovery" "3",
        "The server says that it takes request objects of this kind",
        "One that does not refuses the request, or goes by what stands beside the object.",
        "Leave request_object_signing_alg empty, choose an algorithm that the server names, or send the object in the other way.";
    REFERENCE = "jar_request.reference", Must, "RFC 9101" "5.2",
        "request_uri is https, or what is there is signed",
        "Whoever is on the way could put another request in its place.",
        "Sign the object, or have it fetched over https.";
    LENGTH = "jar_request.length", Should, "RFC 9101" "5.2",
        "request_uri has at most 512 characters",
        "Longer ones do not get through everywhere, which is what a reference is good for.",
        "Shorten the address.";
    FETCHED = "jar.fetched", Must, "RFC 9101" "5.2.3",
        "The server fetches the request object",
        "One that does not goes by what stands beside it, which nobody has signed.",
        "Leave request_object_outside empty; report it to who runs the server.";
}
