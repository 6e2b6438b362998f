//! Rules for client ID metadata documents: a client_id that is the address of its own metadata.

super::rules! {
    URL = "cimd.url", Must, "CIMD" "3",
        "client_id is an https URL with a path, without dot segments, a user and a fragment",
        "It is compared as text and fetched as an address: what can be written in two ways is two clients.",
        "Use an address such as https://app.example.com/oauth/client.json.";
    QUERY = "cimd.query", Should, "CIMD" "3",
        "client_id has no query",
        "A query is easily lost or ordered anew on the way, and then it is another client.",
        "Put what tells clients apart into the path.";
    ADDRESS = "cimd.address", Must, "CIMD" "8.6",
        "No address in it leads into a private network",
        "A server that fetches it would ask, for whoever sent the client_id, what only it can reach.",
        "Publish the document at a public address. This machine is for development alone.";
    ANNOUNCED = "cimd.announced", Should, "MCP Client Registration" "1.4",
        "The server announces that it takes client ID metadata documents",
        "Another server takes the address for a client that it does not know, and refuses it.",
        "Register the client at this server, or let the server publish client_id_metadata_document_supported.";
    REDIRECT = "cimd.redirect", Must, "CIMD" "5",
        "The document is at its address itself, without a redirect",
        "A server must not follow one: it would lead to what somebody else has written.",
        "Serve the document at the very address that is client_id.";
    STATUS = "cimd.status", Must, "CIMD" "5",
        "The document comes with 200",
        "With any other status there is no client.",
        "Answer with 200 OK to a GET without credentials.";
    CONTENT_TYPE = "cimd.content_type", Should, "CIMD" "4",
        "The document is application/json",
        "Servers that trust the type read nothing else.",
        "Send Content-Type: application/json.";
    SIZE = "cimd.size", Should, "CIMD" "8.7",
        "The document is no longer than 5 kB",
        "Servers read no further, and refuse what is longer.",
        "Leave out what no server needs, and put long texts at addresses of their own.";
    DOCUMENT = "cimd.document", Must, "CIMD" "4",
        "The document is a JSON object, with each member once",
        "Of a member that is there twice nobody knows which one counts.",
        "Publish a JSON object of client metadata (RFC 7591 section 2).";
    CLIENT_ID = "cimd.client_id", Must, "CIMD" "4",
        "client_id in the document is its address, byte for byte",
        "Otherwise anybody could publish a document in the name of another client.",
        "Write the address into client_id exactly as clients send it.";
    SECRETS = "cimd.secrets", Must, "CIMD" "4.1",
        "The document has no secret, and no method that needs one",
        "Everybody can read it, so what is in it proves nothing.",
        "Use the method none, or private_key_jwt with the public key in jwks or jwks_uri.";
    PRIVATE_KEY = "cimd.private_key", Must, "CIMD" "4.1",
        "The document has no private key",
        "Everybody who reads it is this client from then on.",
        "Publish the public members alone, and make a new key: this one is known now.";
    KEYS = "cimd.keys", Must, "RFC 7591" "2",
        "A client that authenticates by a key publishes it",
        "Without jwks or jwks_uri no server can verify what the client signs.",
        "Add the public key in jwks, or its address as jwks_uri.";
    ONE_KEY_SET = "cimd.jwks", Must, "RFC 7591" "2",
        "Not both jwks and jwks_uri are there",
        "Two sets may differ, and nobody knows which one counts.",
        "Leave one of them out; jwks_uri lets keys change later.";
    CONSISTENT = "cimd.consistent", Should, "RFC 7591" "2.1",
        "grant_types and response_types fit together",
        "A server that checks them refuses what contradicts itself; another takes a client that cannot ask.",
        "code goes with authorization_code, token and id_token go with implicit.";
    REDIRECT_URIS = "cimd.redirect_uris", Must, "RFC 7591" "2",
        "The document says where the answers of the client go",
        "A server compares redirect_uri with them, and refuses every other one. What is no absolute URI, has a fragment or runs as a script leads no answer to the client, and http is for this machine alone.",
        "List every redirect URI in redirect_uris: an https URI without #, one of loopback, or one with a scheme of the app's own.";
    LOOPBACK = "cimd.loopback", Advice, "RFC 8252" "7.3",
        "Redirect URIs on this machine are written with 127.0.0.1 or ::1",
        "Of those a server takes any port, which an app gets anew at each start. Of localhost it need not: many compare \
         http://localhost/callback as it stands, and refuse http://localhost:49152/callback.",
        "Write http://127.0.0.1/callback and listen there, or add the ports that are used.";
    NAME = "cimd.name", Advice, "RFC 7591" "2",
        "The document has a client_name",
        "It is what people are asked about; without one they see only the host.",
        "Add client_name.";
}
