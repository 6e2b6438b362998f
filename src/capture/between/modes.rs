//! What each way of standing between changes, and what not, in words.

/// Where the issuer is kept.
const KEEP: [&str; 5] = [
    "iss keep: endpoints in the metadata lead here; issuer, iss, tokens and keys are the provider's, untouched.",
    "A client that compares the issuer with the address it asked refuses the metadata. Then one of these helps: give it the \
     real issuer and the endpoints here by hand, or start this with iss mint.",
    "What the app signs for an address here is refused by the provider: htu of DPoP, aud of a private_key_jwt unless it is the \
     provider's issuer. A client certificate does not pass.",
    COOKIES,
    PAST,
];

/// Where it is minted.
const MINT: [&str; 6] = [
    "iss mint: this is an issuer of its own. Changed are issuer in the metadata, iss of the response and of ID tokens; ID \
     tokens are signed anew, with keys made now and published beside the real ones. What the provider signed is judged.",
    "Never changed: access tokens, other claims, the algorithm, redirect_uri. An id_token_hint is turned back.",
    "Not possible: encrypted ID tokens, ID tokens signed with a client secret, JARM, signed UserInfo, logout tokens, \
     private_key_jwt and DPoP (aud and htu name this address), mutual TLS.",
    COOKIES,
    PAST,
    "Only for looking into a login: never give an app this issuer for longer.",
];

const COOKIES: &str = "Cookies of the provider lose Domain and Secure, and SameSite=None becomes Lax: in frames of other sites they are not \
     sent.";

const PAST: &str = "Not recorded: endpoints on other hosts than the issuer's, addresses that a page's script makes, and what a \
     provider leads to that insists on its own host name. What of a login did not pass is said at the end.";

/// What standing between changes, the most important first.
pub const fn changed(is_minting: bool) -> &'static [&'static str] {
    if is_minting { &MINT } else { &KEEP }
}
