//! Rules for the pushed authorization request, its response, and what the browser carries then.

super::rules! {
    CONTENT_TYPE = "par.content_type", Must, "RFC 9126" "2.2",
        "The answer is application/json",
        "Clients that trust the type read nothing else.",
        "Send Content-Type: application/json.";
    CHALLENGE = "par.challenge", Must, "RFC 6749" "5.2",
        "A 401 names the scheme by which the client authenticated",
        "From it a client that used Authorization learns what was not accepted. HTTP demands a challenge of every 401 (RFC 9110 section 15.5.2).",
        "Send WWW-Authenticate: Basic to a client that used it, or answer 400 where the client did not authenticate by a header.";
    STATUS = "par.status", Must, "RFC 9126" "2.2",
        "A pushed request that is taken is answered with 201",
        "Libraries look for exactly this status, and take anything else for an error.",
        "Answer with 201 Created.";
    REQUEST_URI = "par.request_uri", Must, "RFC 9126" "2.2",
        "request_uri is there",
        "It is all that the browser carries; without it nobody can sign in.",
        "Send request_uri as a string, such as urn:ietf:params:oauth:request_uri: and a random value.";
    EXPIRES_IN = "par.expires_in", Must, "RFC 9126" "2.2",
        "expires_in is a positive whole number of seconds",
        "A client cannot know otherwise whether the request can still be opened.",
        "Send the lifetime as a number, most often between 5 and 600.";
    ENTROPY = "par.entropy", Must, "RFC 9126" "7.1",
        "request_uri cannot be guessed",
        "Whoever guesses it can open the request of somebody else.",
        "Draw at least 128 random bits for each.";
    OF_USER = "par.of_user", Should, "RFC 9126" "2.3",
        "A refusal is of the request or of the client, not of a user",
        "When a request is pushed no user is there: an error such as access_denied or login_required has nothing to stand on, and clients do not expect it here.",
        "Keep what needs the user for the authorization endpoint, and refuse here what is wrong with the request.";
    SINGLE_USE = "par.single_use", Should, "RFC 9126" "4",
        "A request_uri works once",
        "Who sees it on its way through the browser could open the same request again.",
        "Forget the request when it has been granted; take a reload of the page before that.";
    IGNORED = "par.ignored", Must, "RFC 9126" "5",
        "A server that takes pushed requests alone refuses all others",
        "Otherwise whoever sits at the browser changes the parameters and leaves the pushing out.",
        "Refuse a request without request_uri, or take the demand out of the metadata.";
    NO_REQUEST_URI = "par_request.request_uri", Must, "RFC 9126" "2.1",
        "What is pushed has no request_uri",
        "A reference to a request is no request; the server has to refuse it.",
        "Remove request_uri; look at the extra parameters.";
    CLIENT_ID = "par_request.client_id", Must, "RFC 9101" "5",
        "The browser brings the client_id that has pushed",
        "The request is bound to the client that pushed it; the server refuses it to every other.",
        "Send the same client_id beside request_uri.";
    OUTSIDE = "par_request.outside", Advice, "RFC 9126" "4",
        "Beside request_uri the browser brings client_id alone",
        "The server uses what was pushed and ignores the rest, so a parameter here does nothing.",
        "Push everything, and leave the address to client_id and request_uri.";
    ONCE = "par_request.once", Must, "RFC 9126" "4",
        "A request_uri is used once",
        "state and code_challenge in it are made for one sign-in.",
        "Push a new request for each sign-in; trying again does so.";
    EXPIRED = "par_request.expired", Must, "RFC 9126" "4",
        "request_uri is used within its lifetime",
        "A server has to refuse one that is over.",
        "Push the request again, which trying again does, and open the browser sooner.";
}
