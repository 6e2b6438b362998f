//! Rules for what a protected resource says of itself (RFC 9728).

super::rules! {
    STATUS = "prm.status", Must, "RFC 9728" "3.2",
        "The metadata come with 200, as JSON",
        "A client reads nothing else, and a redirect may lead to somebody else's document.",
        "Answer with 200 and application/json at this address.";
    ADDRESS = "prm.address", Should, "RFC 9728" "5.1",
        "The address that the challenge names leads to the metadata",
        "A client that is told an address looks nowhere else; only some go on to the well-known path.",
        "Put the address at which the metadata are served into resource_metadata of WWW-Authenticate.";
    RESOURCE = "prm.resource", Must, "RFC 9728" "3.3",
        "resource is the resource that was asked for, character by character",
        "Otherwise an API could send clients to the authorization servers of another one, and get tokens that are good there.",
        "Publish in resource the very URL that clients call, or the one that the well-known path was made from.",
        rejects "What names another resource must not be used";
    EMPTY = "prm.empty", Must, "RFC 9728" "3.2",
        "No member is an empty list",
        "An empty list says that nothing is supported, where the member was only not filled in.",
        "Leave out what has no value.";
    TYPES = "prm.types", Must, "RFC 9728" "2",
        "Members have the types of their definitions",
        "Strict clients refuse the whole document over one member of another type, and others read it as absent: a text where a list belongs, \"true\" where true belongs.",
        "Correct the document at the API.";
    SERVERS = "prm.servers", Should, "RFC 9728" "2",
        "The authorization server of this run is among authorization_servers",
        "The API takes tokens of those that it names.",
        "Use an issuer that the API names, or have the API name this one.";
    SIGNED_BY = "prm.signed_by", Must, "RFC 9728" "2.2",
        "The signed metadata say who attests to them",
        "Without iss nobody knows by whose key they have to be verified, so they are as good as none.",
        "Put iss into signed_metadata, and sign it as a JWT.",
        rejects "Signed metadata without iss must not be used.";
    SIGNED_VALUES = "prm.signed_values", Should, "RFC 9728" "2.2",
        "The signed metadata say the same as the plain ones",
        "What is signed wins for a client that verifies it, so two clients of one API would go to two servers.",
        "Sign the document anew whenever it changes.";
    SIGNATURE = "prm.signature", Must, "RFC 9728" "2.2",
        "The signed metadata are signed by a key of the server that attests to them",
        "A client that verifies them refuses the whole document.",
        "Sign with a key that stands in the set at jwks_uri of that server, and name it by kid.",
        rejects "Metadata whose signature does not verify must not be used.";
    SIGNED_TIME = "prm.signed_time", Must, "RFC 7519" "4.1.4",
        "The signed metadata are in force",
        "A client that verifies them refuses what is over or not valid so far, and with it the whole document.",
        "Sign the document anew before exp, with an nbf that is not ahead; compare the clocks of both machines.",
        rejects "Signed metadata must not be used after their exp or before their nbf.";
}
