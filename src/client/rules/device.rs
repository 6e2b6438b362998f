//! Rules for the device authorization response.

super::rules! {
    CONTENT_TYPE = "device.content_type", Must, "RFC 8628" "3.2",
        "The answer is application/json",
        "Clients that trust the type read nothing else.",
        "Send Content-Type: application/json.";
    CHALLENGE = "device.challenge", Must, "RFC 6749" "5.2",
        "A 401 names the scheme by which the client authenticated",
        "From it a client that used Authorization learns what was not accepted. HTTP demands a challenge of every 401 (RFC 9110 section 15.5.2).",
        "Send WWW-Authenticate: Basic to a client that used it, or answer 400 where the client did not authenticate by a header.";
    REQUIRED = "device.required", Must, "RFC 8628" "3.2",
        "device_code, user_code, verification_uri and expires_in are there",
        "Without them the user does not know where to go, or the client what to poll with.",
        "Send all four. verification_url was the name in the drafts.";
    VERIFICATION_URI = "device.verification_uri", Must, "RFC 8628" "3.2",
        "verification_uri is an https URL",
        "The user signs in there; without TLS the password can be read on the way.",
        "Publish an https page, short enough to type.";
    COMPLETE = "device.verification_uri_complete", Should, "RFC 8628" "3.3.1",
        "verification_uri_complete is a page of the host that verification_uri names",
        "A user who compares the two cannot tell the page of the server from that of somebody who wants the login.",
        "Publish both at one host: verification_uri_complete is verification_uri with the user_code in it.";
    EXPIRES_IN = "device.expires_in", Must, "RFC 8628" "3.2",
        "expires_in is a positive number of seconds",
        "The client stops polling when the code is over.",
        "Send the lifetime of both codes in seconds.";
    INTERVAL = "device.interval", Should, "RFC 8628" "3.2",
        "interval is a positive number of seconds",
        "A client that polls too quickly gets slow_down. Absent means 5 seconds.",
        "Send the seconds between two polls as a number.";
    USER_CODE = "device.user_code", Advice, "RFC 8628" "6.1",
        "user_code can be typed",
        "It is typed on a phone or with a remote control.",
        "Use about eight letters without vowels, in two groups.";
    ENTROPY = "device.entropy", Must, "RFC 8628" "5.2",
        "device_code cannot be guessed",
        "Whoever guesses it gets the tokens of the user who approves.",
        "Draw at least 128 random bits.";
}
