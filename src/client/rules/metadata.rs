//! Rules for the server's metadata document.

super::rules! {
    DOCUMENT = "metadata.document", Must, "RFC 8414" "3.2",
        "The answer is a metadata document",
        "Clients that look at the first place alone, or take the first answer with status 200, find no server here.",
        "Serve the document there as a JSON object with status 200, and answer 404 where there is none.";
    WEBFINGER = "metadata.webfinger", Must, "OIDC Discovery" "2",
        "WebFinger names an https issuer for the account",
        "A client that starts from an account finds no server, or one that anybody on the way can put in its place.",
        "Answer with a link whose rel is http://openid.net/specs/connect/1.0/issuer and whose href is the issuer, without query and fragment.";
    AGREE = "metadata.agree", Should, "RFC 8414" "5",
        "The documents of OpenID Connect and of RFC 8414 say the same",
        "Clients read the one or the other, so two clients of one server would use two endpoints.",
        "Serve the same document in both places.";
    ISSUER = "metadata.issuer", Must, "RFC 8414" "3.3",
        "issuer equals the one that was asked, character for character",
        "A document that names another issuer may come from an attacker who wants your codes at his token endpoint.",
        "Copy the issuer exactly as the document writes it, with or without the last slash; if it names a foreign host, do not use it. A server for many tenants publishes a template: use the issuer of one tenant.",
        rejects "Metadata of another issuer must not be used.";
    ISSUER_FORM = "metadata.issuer_form", Must, "RFC 8414" "2",
        "issuer is an https URL without query and fragment",
        "Anything else cannot be compared reliably, and without https the document can be forged on the way.",
        "Let the server publish its https URL.";
    ENDPOINT_FORM = "metadata.endpoint_form", Must, "RFC 6749" "3.2",
        "Endpoints use https and have no fragment",
        "Codes, secrets and tokens are sent there; without TLS everyone on the way reads them.",
        "Let the server publish https endpoints. On loopback http is accepted, since nothing leaves the machine.";
    ENDPOINT_ORIGIN = "metadata.endpoint_origin", Advice, "RFC 9700" "4.4",
        "Endpoints share the issuer's origin",
        "Many providers use several hosts, but a token endpoint at a host you do not know is how a mix-up attack begins.",
        "Make sure that you know each host named here.";
    REQUIRED = "metadata.required", Must, "RFC 8414" "2",
        "The members that a server of this kind needs are there",
        "Strict clients refuse a document without them, and others fail when they need what is missing. The authorization endpoint is needed for code and implicit, the token endpoint for all but implicit, keys and algorithms for OpenID Connect.",
        "Complete the document at the server.";
    TYPES = "metadata.types", Must, "RFC 8414" "2",
        "Members have the types of their definitions",
        "Strict clients refuse the whole document over one member of another type, and others read it as absent: a text where a list belongs, \"true\" where true belongs.",
        "Correct the document at the server.";
    PKCE = "metadata.pkce", Should, "RFC 9700" "2.1.1",
        "The server says that it supports PKCE with S256",
        "A client cannot tell whether PKCE protects it when the server does not publish code_challenge_methods_supported.",
        "Publish code_challenge_methods_supported with S256.";
    PKCE_PLAIN = "metadata.pkce_plain", Advice, "RFC 9700" "2.1.1",
        "PKCE plain is not offered",
        "plain shows the verifier in the authorization request.",
        "Leave plain out of code_challenge_methods_supported.";
    ALG_NONE = "metadata.alg_none", Should, "RFC 8725" "3.2",
        "No list of algorithms holds none",
        "A token with alg none can be written by anyone. OpenID Connect allows it for request objects, UserInfo, and ID tokens that come from the token endpoint.",
        "Remove none from the lists of algorithms, unless clients of this server ask for it.";
    ALG_RS256 = "metadata.alg_rs256", Advice, "OIDC Discovery" "3",
        "ID tokens can be signed with RS256",
        "Every OpenID provider has to list it, so that clients which know nothing else work everywhere. Profiles such as FAPI \
         2.0 (section 5.4.1) forbid it, and servers for their clients alone leave it out.",
        "Add RS256 to id_token_signing_alg_values_supported, unless every client of this server takes another algorithm.";
    ISS_PARAMETER = "metadata.iss_parameter", Should, "RFC 9207" "3",
        "The server puts iss into its authorization responses",
        "A client of several servers cannot tell which one answered, which is what mix-up attacks use.",
        "Send iss and publish authorization_response_iss_parameter_supported.";
    REMOVED_GRANTS = "metadata.removed_grants", Should, "RFC 9700" "2.1.2",
        "The implicit and password grants are not offered",
        "Both expose tokens or passwords where the code grant does not, and OAuth 2.1 has removed them. A missing grant_types_supported means authorization_code and implicit.",
        "Publish grant_types_supported without implicit and password.";
    CONTENT_TYPE = "metadata.content_type", Must, "RFC 8414" "3.2",
        "The document is application/json",
        "Proxies and strict clients treat other types as pages and refuse them.",
        "Serve the document as application/json.";
    DUPLICATES = "metadata.duplicates", Should, "RFC 8259" "4",
        "No member occurs twice",
        "Readers differ in which of two they take, so two clients may use two endpoints.",
        "Write each member once.";
    SIGNED_BY = "metadata.signed_by", Must, "RFC 8414" "2.1",
        "The signed metadata say who attests to them",
        "Without iss nobody knows by whose key they have to be verified, so they are as good as none.",
        "Put iss into signed_metadata, and sign it as a JWT.",
        rejects "Signed metadata without iss must not be used.";
    SIGNED_VALUES = "metadata.signed_values", Should, "RFC 8414" "2.1",
        "The signed metadata say the same as the plain ones",
        "What is signed wins for a client that verifies it, so two clients of one server would use two endpoints.",
        "Sign the document anew whenever it changes.";
    SIGNATURE = "metadata.signature", Must, "RFC 8414" "2.1",
        "The signed metadata are signed by a key of the server",
        "A client that verifies them refuses the whole document.",
        "Sign with a key that stands in the set at jwks_uri, and name it by kid.",
        rejects "Metadata whose signature does not verify must not be used.";
    SIGNED_TIME = "metadata.signed_time", Must, "RFC 7519" "4.1.4",
        "The signed metadata are in force",
        "A client that verifies them refuses what is over or not valid so far, and with it the whole document.",
        "Sign the document anew before exp, with an nbf that is not ahead; compare the clocks of both machines.",
        rejects "Signed metadata must not be used after their exp or before their nbf.";
}
