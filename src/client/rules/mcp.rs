//! Rules for the way to a token by the Model Context Protocol, revision 2026-07-28. Older revisions are held to what they
//! said.

super::rules! {
    UNAUTHORIZED = "mcp.unauthorized", Must, "MCP" "11",
        "A call without a token is answered with 401",
        "By this status a client learns that it has to get a token; after another one it gives up.",
        "At the API, answer calls without a token, or with one that is no good, with 401.";
    CHALLENGE = "mcp.challenge", Must, "MCP Server Discovery" "2",
        "The challenge says where the metadata of the API are",
        "A client that is told needs no guessing. Revision 2025-06-18 gave it no other way.",
        "Put resource_metadata=\"...\" into WWW-Authenticate, or serve the metadata at the well-known path.";
    OFFLINE = "mcp.offline_access", Should, "MCP" "10",
        "The API asks for no offline_access",
        "Refresh tokens are between client and authorization server; an API has no use for them.",
        "Take offline_access out of scope in the challenge and out of scopes_supported of the API.";
    SERVERS = "mcp.servers", Must, "MCP Server Discovery" "1",
        "The metadata of the API name an authorization server",
        "Without a name a client knows of no place to sign in.",
        "Write the issuer into authorization_servers of the API's metadata.";
    CREDENTIALS = "mcp.credentials", Must, "MCP Client Registration" "4",
        "The client is registered at a server that the API names",
        "Sent to another server, its credentials are in the wrong hands, and a code of one server may reach another.",
        "Register the client anew at the server that the API names, and set issuer to that server; or empty issuer and client_id.",
        rejects "Credentials of another server must not be used.";
    REGISTERED = "mcp.registration", Advice, "MCP Client Registration" "",
        "A client that nobody knows uses a client ID metadata document where the server takes it",
        "The document is the same client at every server; registrations pile up at each one, and clients come to them last.",
        "On the command line, add --client-document; elsewhere put the address of a document into client_id.";
    ORDER = "mcp.order", Must, "MCP Server Discovery" "3",
        "The metadata of the server are where clients look",
        "Clients try the places of their revision in its order, and no other ones.",
        "Serve the metadata at /.well-known/oauth-authorization-server, inserted before the path of the issuer.";
    PKCE = "mcp.pkce", Must, "MCP Security" "4",
        "The metadata announce PKCE with S256",
        "A client cannot see otherwise whether the server protects its codes, and has to refuse to go on.",
        "List S256 in code_challenge_methods_supported.",
        rejects "A server that does not announce PKCE must not be used.";
    RESOURCE = "mcp.resource", Must, "MCP" "8",
        "The request names the API in resource",
        "The token is then for this API alone, and no other service that gets it can use it here or elsewhere.",
        "Send resource with the identifier of the API in the authorization request and in the token request.";
    SCOPE = "mcp.scope", Should, "MCP" "6",
        "The request asks for the scope that the API named",
        "Less is refused by the API later, and more is a risk without use.",
        "Leave scope empty: then it is that of the challenge, else all of scopes_supported, else none.";
    UNION = "mcp.union", Should, "MCP" "11.1",
        "The new request asks for what was asked before and for what is wanted now",
        "A token with only the new scope cannot do any more what the old one could.",
        "Ask for the union of both scopes.";
    GRANTED = "mcp.granted", Must, "MCP" "11.1",
        "A token with the scope that is wanted is not refused for want of it",
        "A client that asks again gets the same token, and would do so for ever.",
        "At the API, compare the scope of the token word by word, and take a broader scope for the narrower ones in it.";
}
