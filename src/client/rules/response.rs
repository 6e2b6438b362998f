//! Rules for the authorization response.

super::rules! {
    STATE = "authorization_response.state", Must, "RFC 6749" "4.1.2",
        "state came back unchanged",
        "A response with another state belongs to another login, perhaps an attacker's.",
        "Use nothing of this response. At the server, look for a state that is decoded, shortened or cached.",
        rejects "A response that does not belong to this login must not be used.";
    ISS = "authorization_response.iss", Must, "RFC 9207" "2.4",
        "iss names the server that was asked",
        "A response from another server is a mix-up: the code would be sent to the wrong token endpoint.",
        "Use nothing of this response, and look at which server the browser really talked to.",
        rejects "The response must be rejected, and its code or error must not be acted on.";
    ERROR = "authorization_response.error", Must, "RFC 6749" "4.1.2.1",
        "Either code or error, with a registered error code",
        "A response with both, or with an error nobody defined, cannot be acted on reliably.",
        "Send exactly one of them, and an error code of RFC 6749, OpenID Connect or a registered extension.";
    DUPLICATES = "authorization_response.duplicates", Must, "RFC 6749" "3.1",
        "No parameter occurs twice",
        "Two codes or states let an attacker choose which of them each reader sees.",
        "Send each parameter once. Look for a redirect URI that already holds one of them.";
    JOINED = "authorization_response.joined", Must, "RFC 6749" "4.1.2",
        "Its parameters are joined as those of a query",
        "A client takes an address apart at ? and &: what is joined otherwise is lost to it, the code first.",
        "Build the address with a library: keep the query of the redirect URI, put & between all parameters, and write no &amp; into Location.";
    TOKEN_IN_QUERY = "authorization_response.token_in_query", Must, "RFC 9700" "4.3.2",
        "No token travels in the query",
        "Queries end up in logs, histories and Referer headers.",
        "Use response_type code.";
    MODE = "authorization_response.mode", Must, "OAuth Response Types" "2.1",
        "The response came in the mode that was asked for",
        "A client that waits for a form does not look into the query.",
        "Support the response_mode at the server, or refuse it with an error.";
    PROMPT_NONE = "authorization_response.prompt_none", Must, "OIDC Core" "3.1.2.1",
        "With prompt none the user was asked nothing",
        "none asks unseen whether somebody is still signed in, perhaps in a hidden frame: nobody sees a page there, and the app waits for a response that does not come.",
        "The server has to answer without a page, with login_required, consent_required or interaction_required.";
    REDIRECT_URI = "authorization_response.redirect_uri", Must, "RFC 9700" "4.4.2.2",
        "It came to the redirect URI of this request",
        "A response at another address may belong to another server's registration.",
        "Compare the redirect URI of the request with the address the browser ended at.";
    PARTS = "authorization_response.parts", Must, "OAuth Response Types" "5",
        "Everything that response_type asks for came",
        "A client that waits for a code or a token it does not get cannot go on.",
        "Return each part of the response type, or an error.";
    NOTHING = "authorization_response.nothing", Must, "OAuth Response Types" "4",
        "Nothing came, as response_type none asks",
        "What the client has not asked for, it neither expects in its address bar nor protects.",
        "Return state and iss alone, without a code and without a token.";
    TOKEN_TYPE = "authorization_response.token_type", Must, "RFC 6749" "4.2.2",
        "An access token comes with its token_type",
        "It says how the token is presented.",
        "Send token_type Bearer beside the access token.";
    ENTROPY = "authorization_response.entropy", Must, "RFC 6749" "10.10",
        "The code cannot be guessed",
        "Codes that can be guessed can be redeemed by anyone.",
        "Draw at least 128 random bits for each code.";
    CODE = "authorization_response.code", Must, "RFC 6749" "A.11",
        "The code has printable characters alone",
        "A code with a line break or another control character is cut or changed on its way to the token endpoint.",
        "Send a code of the characters 0x20 to 0x7E, and look for what adds a line end or leaves bytes as they are.";
}
