//! The catalogue of what can be wrong with a recorded login.

use crate::client::rules::rules;

rules! {
    REGISTRATION_REFUSED = "capture.registration_refused", Must, "RFC 7591" "3.2",
        "The registration of the client is answered with a client_id",
        "Without one there is no client, and the login ends before it begins.",
        "Compare what is registered with what the provider takes, or register the client there by hand and give the app its client_id.";
    RECORDER_NAMED = "capture.recorder_named", Must, "RFC 7523" "3",
        "What the app signs names the provider, and not the recorder in its place",
        "An app that is given the recorder's address signs for it: aud of an assertion or request object, htu of a DPoP proof. A provider refuses what names another server, and only the app can sign it anew.",
        "Let the app sign for the provider's own address, or record with a proxy that keeps the provider's name.";
    REDIRECT_URI_MISMATCH = "capture.redirect_uri_mismatch", Must, "RFC 6749" "3.1.2.3",
        "The redirect_uri of the request is one that is registered, and the token request repeats it",
        "A provider compares it character by character and shows an error of its own where it differs.",
        "Register exactly this redirect_uri at the provider, or ask with a registered one.";
    HTTP_HTTPS_REDIRECT_URI = "capture.http_https_redirect_uri", Must, "RFC 6749" "3.1.2",
        "The redirect_uri has the scheme that the app is opened with",
        "An app behind a proxy that ends TLS takes itself for http, unless it is told otherwise; its redirect_uri is then not the registered one, or the code travels in plain text.",
        "Let the proxy send X-Forwarded-Proto and the app believe it, or set the public address of the app.";
    STATE_LOST_OTHER_HOST = "capture.state_lost_other_host", Must, "RFC 6749" "10.12",
        "The response comes back to the host that the login began at",
        "A cookie belongs to one host: what the app kept under one name is not sent to another, be it the same machine.",
        "Open the app under the host name that its redirect_uri has: one name in both places.";
    STATE_LOST_SAMESITE = "capture.state_lost_samesite", Must, "RFC 6265" "5.4",
        "What the app keeps for the login is sent with the response",
        "Without its cookie the app does not know the state and has to refuse the response.",
        "Give the cookie of a login SameSite=None and Secure where the response is posted, SameSite=Lax where it is not, a path that holds the callback, and one name for each login.";
    REDIRECT_LOOP = "capture.redirect_loop", Must, "RFC 9110" "15.4",
        "A login that succeeds is over",
        "App and provider send the browser round and round, because the app forgets each login at once.",
        "Look at the cookie of the session: SameSite=Lax and no Strict, the host and path of the app, no Secure on http, below 4096 bytes.";
    COOKIE_TOO_LARGE = "capture.cookie_too_large", Must, "RFC 6265" "6.1",
        "The session cookie is one that browsers keep",
        "A browser drops a cookie of more than 4096 bytes without a word, and the login is forgotten.",
        "Keep the session at the server and only its name in the cookie, or leave the tokens out of it.";
    INVALID_CLIENT = "capture.invalid_client", Must, "RFC 6749" "5.2",
        "The client authenticates as it is registered",
        "With a wrong secret, a wrong method or an unknown client_id there are no tokens.",
        "Compare client_id, client_secret and token_endpoint_auth_method with the registration.";
    BACK_CHANNEL_FAILED = "capture.back_channel_failed", Must, "RFC 6749" "4.1.3",
        "The app reaches the token endpoint and gets an answer it can use",
        "The response through the browser is good, and the app fails with what it does next, which no browser shows.",
        "Look into the log of the app, or record between it and the provider: DNS, proxy, certificate, client secret, clock.";
    CODE_USED_TWICE = "capture.code_used_twice", Must, "RFC 6749" "4.1.2",
        "A code is redeemed once",
        "The second request is refused, and the provider should revoke what it gave for the first.",
        "Let the callback run once: take the code out of the address first, and do not redeem it in an effect that runs twice.";
    CALLBACK_REPLAYED = "capture.callback_replayed", Must, "RFC 6749" "4.1.2",
        "A response is taken once",
        "A reload, Back or a prefetch brings the same code again, and the app fails with it.",
        "Answer the callback with a redirect to a page without the code, and send a repeated one to the app.";
    CORS_BLOCKED = "capture.cors_blocked", Must, "RFC 9700" "2.6",
        "A script may read what the token endpoint answers",
        "Without Access-Control-Allow-Origin the browser keeps the answer from the script; the code may be spent by then.",
        "Allow the origin of the app at the provider (allowed web origins), or let the back end redeem the code.";
    FRAGMENT_TO_SERVER = "capture.fragment_to_server", Must, "OAuth Response Types" "2.1",
        "A server gets the response in a place that it can read",
        "A browser never sends the part behind # to a server, so the app sees an empty callback.",
        "Ask with response_type=code, or with response_mode=form_post.";
    ISSUER_MISMATCH = "capture.issuer_mismatch", Must, "OIDC Core" "3.1.3.7",
        "The issuer is the same text everywhere",
        "A client compares it character by character: a slash at the end or an inner host name makes two of them.",
        "Give the app exactly the issuer of the metadata, and have the provider name the same one inside and outside.";
    CLOCK_SKEW = "capture.clock_skew", Must, "OIDC Core" "3.1.3.7",
        "App and provider have the same time",
        "A token that was made seconds ago is expired or not yet valid for an app whose clock is wrong.",
        "Set the clocks by NTP, and let the app allow for a minute.";
    LOGIN_REQUIRED = "capture.login_required", Must, "OIDC Core" "3.1.2.6",
        "prompt=none finds somebody signed in",
        "Without a session at the provider, or in a frame that its cookie is not sent in, it can only be refused.",
        "Where nobody is signed in that is as it should be: ask again without prompt=none. In a frame of another site use a refresh token or the whole window.";
    ACCESS_DENIED = "capture.access_denied", Must, "RFC 6749" "4.1.2.1",
        "User and provider allow what is asked for",
        "The user said no, or a policy of the provider did.",
        "Look whether the user cancelled, and whether user and client are allowed each other at the provider.";
    INVALID_SCOPE = "capture.invalid_scope", Must, "RFC 6749" "3.3",
        "The scope is one that this client may ask for",
        "Providers refuse what they do not know or do not allow this client.",
        "Compare scope with scopes_supported and with what the client is registered for.";
    WRONG_AUDIENCE = "capture.wrong_audience", Must, "RFC 9068" "4",
        "The access token is meant for the API that it is sent to",
        "An API has to refuse a token that names another audience.",
        "Ask for the resource or audience of this API, as the provider names it.";
    NONCE_MISSING = "capture.nonce_missing", Must, "OIDC Core" "3.2.2.1",
        "nonce is in the request and in the ID token",
        "It ties an ID token to the request; where one comes through the browser it is demanded.",
        "Send a fresh nonce with every request, and have the provider put it into the ID token.";
    UNKNOWN_KID = "capture.unknown_kid", Must, "OIDC Core" "10.1",
        "The key that signs is published",
        "A client finds no key of this kid and refuses the token: keys that are cached too long, or of another issuer.",
        "Read the keys anew when a kid is unknown, and publish a key before it signs.";
    PKCE_VERIFIER_MISSING = "capture.pkce_verifier_missing", Must, "RFC 7636" "4.5",
        "A request with code_challenge is redeemed with code_verifier",
        "A provider that was given a challenge refuses a code without its verifier.",
        "Keep code_verifier from the request to the token request, at the same place.";
    VERIFIER_MISMATCH = "capture.verifier_mismatch", Must, "RFC 7636" "4.6",
        "The verifier is that of this login's challenge",
        "The verifier of another login, or one that was overwritten, does not fit, and the code is refused.",
        "Keep each verifier under the state of its login, so that two tabs do not share one.";
    SECRET_IN_BROWSER = "capture.secret_in_browser", Must, "RFC 6749" "2.1",
        "A client secret is not in the browser",
        "Whoever opens the app can read it; it authenticates nobody.",
        "Register the app as a public client with PKCE, or let a back end redeem the code; change the secret.";
    AUTHORIZATION_REFUSED = "capture.authorization_refused", Must, "RFC 6749" "4.1.2.1",
        "The authorization request is answered without an error",
        "The provider sent the browser back with an error, and there is no code.",
        "Look up the error code and what is said with it.";
    PROVIDER_ERROR = "capture.provider_error", Must, "RFC 6749" "4.1.2.1",
        "The provider does not end the login at a page of its own",
        "What it does not trust it does not send back to the app: an unknown client, an address, a broken session.",
        "Read the page, and the log of the provider.";
    PROVIDER_UNREACHABLE = "capture.provider_unreachable", Must, "RFC 6749" "3.1",
        "The browser reaches the provider",
        "A name that only the network of the app knows, a closed port or a certificate that the browser does not trust ends the login before anybody can sign in.",
        "Open the address in the browser itself. Give the app the address that browsers reach the provider at, and not the one within its own network.";
    LOGOUT_REFUSED = "capture.logout_refused", Must, "OIDC RP-Initiated Logout" "2",
        "The provider signs the user out and sends the browser back",
        "It keeps the browser where it does not know the client, the hint, or the address to come back to.",
        "Register exactly this post_logout_redirect_uri for the client, and send id_token_hint or client_id with it.";
    TOKEN_REFUSED = "capture.token_refused", Must, "RFC 6749" "5.2",
        "The token request is answered with tokens",
        "Without them the login ends here.",
        "Compare code, redirect_uri, client and verifier with the request, and look how long the code was under way.";
    POLLS_TOO_FAST = "capture.polls_too_fast", Must, "RFC 8628" "3.5",
        "Who polls keeps the interval",
        "A provider that is asked too often answers slow_down instead of tokens, and each makes the interval five seconds longer.",
        "Wait interval seconds between two polls, five where none was given, and five more after each slow_down.";
    API_REFUSED = "capture.api_refused", Must, "RFC 6750" "3.1",
        "The token opens what it is sent to",
        "The token is expired, revoked, not meant for this, or lacks a scope.",
        "Read WWW-Authenticate, and compare scope and audience with what the API asks for.";
    APP_REFUSED = "capture.app_refused", Must, "RFC 6749" "4.1.2",
        "The app takes a good response",
        "The response is good as far as it can be seen, and the app ends the login with an error.",
        "Look into the log of the app, or record between it and the provider.";
}
