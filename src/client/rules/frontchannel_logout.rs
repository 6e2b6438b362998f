//! Rules for the iframes of a logout, as they come.

super::rules! {
    SENT = "flo.sent", Advice, "OIDC Front-Channel Logout" "3",
        "The server has the browser tell the client of the logout",
        "Without it the client's own session lives on after the user has signed out elsewhere.",
        "Register this frontchannel_logout_uri for the client, and look whether the session at the server has ended at all and \
         whether the browser blocks iframes of other sites.";
    ORIGIN = "flo.origin", Advice, "OIDC Front-Channel Logout" "2",
        "frontchannel_logout_uri has the scheme, domain and port of a redirect URI",
        "A server may refuse to register another one.",
        "Put it beside the redirect URI: only path and query may differ.";
    REQUEST = "flo.request", Must, "OIDC Front-Channel Logout" "3",
        "It is a GET, as an iframe makes it",
        "Anything else is no page in an iframe.",
        "Render an iframe whose src is the frontchannel_logout_uri.";
    QUERY = "flo.query", Must, "OIDC Front-Channel Logout" "2",
        "The query of the registered URI is still there",
        "The client may tell by it whose logout this is.",
        "Add iss and sid to the query, and keep what is in it.";
    PAIR = "flo.pair", Must, "OIDC Front-Channel Logout" "2",
        "iss and sid come both, once each, or not at all",
        "sid is unique at its issuer only: one says nothing without the other. Of two nobody knows which one counts.",
        "Send each once, or neither.";
    REQUIRED = "flo.required", Must, "OIDC Front-Channel Logout" "2",
        "iss and sid come where the client has asked for them",
        "The client cannot tell which session ends.",
        "Heed frontchannel_logout_session_required of the registration.";
    ISS = "flo.iss", Must, "OIDC Front-Channel Logout" "2",
        "iss is the issuer of the login",
        "Another server must not end this session.",
        "Send the issuer as in ID tokens.";
    SID = "flo.sid", Should, "OIDC Front-Channel Logout" "2",
        "sid is the one of the ID token",
        "It is another session that ends; this client's own lives on.",
        "Send the sid of the ID token.";
    CACHE = "flo.cache", Should, "OIDC Front-Channel Logout" "2",
        "The answer is not cached",
        "The next logout would be answered from the cache, and the client would never hear of it.",
        "Answer with Cache-Control: no-cache, no-store.";
    FRAMED = "flo.framed", Advice, "OIDC Front-Channel Logout" "3",
        "The answer lets itself be framed",
        "A browser shows nothing then, and runs no script of the page.",
        "Answer at this path without X-Frame-Options and without frame-ancestors that leave the server out.";
}
