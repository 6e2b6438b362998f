//! Rules for signing out.

super::rules! {
    HINT = "logout.id_token_hint", Should, "OIDC RP-Initiated Logout" "2",
        "id_token_hint says whose session ends",
        "Without it the server has to ask the user, and may not send the browser back.",
        "Send the ID token of the login.";
    RETURNED = "logout.returned", Must, "OIDC RP-Initiated Logout" "3",
        "The browser comes back to post_logout_redirect_uri",
        "The user would be left at the server.",
        "Register exactly this post_logout_redirect_uri for the client.";
    STATE = "logout.state", Must, "OIDC RP-Initiated Logout" "2",
        "state comes back unchanged",
        "It tells the client which logout this is.",
        "Send state back as it came.";
}
