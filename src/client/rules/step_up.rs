//! Rules for an API that wants a stronger or a newer login (RFC 9470).

super::rules! {
    FORM = "step_up.form", Must, "RFC 9470" "3",
        "The challenge says which login is wanted, in a 401",
        "A client can ask for nothing that it is not told: acr_values names classes, best first, max_age is a number of seconds.",
        "Answer with 401, insufficient_user_authentication and acr_values, max_age or both.";
    UNMET = "step_up.unmet", Must, "RFC 9470" "5",
        "What the challenge asks for is not in the token yet",
        "An API that asks again for what it has been given leaves its clients in a loop.",
        "At the API, compare acr of the token with every word of acr_values, and auth_time with max_age.";
}
