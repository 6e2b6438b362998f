//! Rules for the authorization request as it leaves.

super::rules! {
    STATE = "authorization_request.state", Must, "RFC 9700" "2.1",
        "The request is protected against forged responses",
        "Without state, PKCE or nonce an attacker can slip a response of his own login into the user's browser (CSRF).",
        "Send state, or PKCE with S256, or an OpenID nonce.";
    NONCE = "authorization_request.nonce", Advice, "OIDC Core" "3.1.2.1",
        "An OpenID request carries a nonce",
        "Without it an ID token from another login can be replayed into this one.",
        "Turn nonce on. With PKCE the code flow is protected without it, so this is only advice.";
    NONCE_REQUIRED = "authorization_request.nonce_required", Must, "OIDC Core" "3.2.2.1",
        "A nonce is sent when an ID token comes through the browser",
        "Without it an ID token from another login can be injected, and nothing else ties it to this request.",
        "Turn nonce on.";
    OPENID = "authorization_request.openid", Advice, "OIDC Core" "3.1.2.1",
        "scope holds openid",
        "Without openid this is plain OAuth 2.0: no ID token comes back and nobody is signed in by specification.",
        "Add openid to the scope if you want to know who signed in.";
    DUPLICATES = "authorization_request.duplicates", Must, "RFC 6749" "3.1",
        "No parameter occurs twice",
        "The server must refuse it, and servers that do not may read another value than you mean. resource is the exception (RFC 8707).",
        "Remove the second one; look at the extra parameters.";
    ENTROPY = "authorization_request.entropy", Must, "RFC 6749" "10.10",
        "state and nonce cannot be guessed",
        "A value that can be guessed protects as little as none. Where PKCE protects the same login, a short one is a warning.",
        "Leave the drawing of these values to the program.";
    PROMPT = "authorization_request.prompt", Must, "OIDC Core" "3.1.2.1",
        "prompt none stands alone",
        "none forbids every page, so together with another value the request contradicts itself and gets invalid_request.",
        "Send none alone, or leave it out.";
    PROMPT_LISTED = "authorization_request.prompt_supported", Should, "OIDC Core" "3.1.2.1",
        "The server names this prompt",
        "A server that does not know a value ignores it, or refuses the request.",
        "Choose from prompt_values_supported of the metadata.";
    MODE_LISTED = "authorization_request.mode_supported", Advice, "RFC 8414" "2",
        "The server names this response_mode",
        "A server that does not know a mode ignores it, and the response comes where nobody waits for it. One that names none takes query and fragment.",
        "Leave response_mode out, or choose from response_modes_supported of the metadata.";
    MAX_AGE = "authorization_request.max_age", Must, "OIDC Core" "3.1.2.1",
        "max_age is a number of seconds",
        "It says how long ago the user may have signed in; a server refuses what is no number, or leaves it out of account.",
        "Send whole seconds, such as 300; 0 asks for a new sign-in.";
    SECRET = "authorization_request.secret", Must, "RFC 6749" "2.3.1",
        "No secret is in the URL",
        "URLs are kept in the browser's history, in logs and in Referer headers.",
        "Remove client_secret from the extra parameters.";
    LENGTH = "authorization_request.length", Advice, "RFC 9126" "1",
        "The URL is shorter than 2,000 characters",
        "Browsers, proxies and servers cut long URLs or refuse them.",
        "Use a pushed authorization request if the server offers it.";
    PUSHED = "authorization_request.pushed", Must, "RFC 9126" "5",
        "The request is pushed where the server takes no other",
        "It reads the parameters from its own endpoint, where nobody in the browser can change them, and refuses what the browser brings.",
        "Switch require_pushed_authorization_requests on, or use a server that takes plain requests.";
    SIGNED = "authorization_request.signed", Must, "RFC 9101" "10.5",
        "The request is signed where the server takes no other",
        "It reads the parameters from a JWT that the client has signed, and refuses what anybody could have changed.",
        "Set request_object_signing_alg, or use a server that takes plain requests.";
    REQUIRED = "authorization_request.required", Must, "RFC 6749" "4.1.1",
        "response_type and client_id are there",
        "Without them the server cannot know who asks for what.",
        "Fill in client_id and do not leave these parameters out.";
}
