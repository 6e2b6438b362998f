//! Rules for `resource`: the services that a token is asked for (RFC 8707).

super::rules! {
    FORM = "resource_request.form", Must, "RFC 8707" "2",
        "Each resource is an absolute URI without a fragment",
        "A server makes the audience of the token from it, and refuses what it cannot read with invalid_target.",
        "Write the whole address of the service, such as https://api.example.com/orders, without #.";
    BOTH = "resource_request.both", Advice, "RFC 8707" "2.2",
        "The token request names resources that the user was asked for",
        "Without any the server chooses whom the token is for, and what goes beyond it may refuse with invalid_target.",
        "Name the same resources in both requests, or fewer in the token request.";
    RESTRICTED = "token.resource", Should, "RFC 8707" "2",
        "The access token is for the resources that were asked for",
        "A token that is for others as well, or for others alone, can be used where nobody meant it to be, or is refused where it is needed.",
        "Have the server write the resource of the request into aud. A server that does not know the parameter ignores it.";
}
