//! Every call of the control port.

use serde_json::Value;

use super::{Call, Failed, act, keep, show};

/// One call.
pub struct Route {
    /// Of HTTP.
    pub method: &'static str,
    /// Compared exactly, but for `{..}`.
    pub path: &'static str,
    /// What it is for, in one line.
    pub about: &'static str,
    /// What its body is, as JSON Schema; empty where it has none.
    pub body: &'static str,
    /// Answers it.
    pub(super) answer: fn(&Call<'_>) -> Result<Value, Failed>,
}

const NONE: &str = "";
const TEXTS: &str = r#"{"type":"array","minItems":1,"maxItems":1000,"items":{"type":"string","minLength":1}}"#;
const CODES: &str =
    r#"{"type":"array","minItems":1,"maxItems":1000,"items":{"type":"string","pattern":"^[ -~]{1,512}$"}}"#;
const FAULT: &str = r##"{"type":"object","additionalProperties":false,"required":["fault"],"properties":{
"fault":{"$ref":"#/components/schemas/Fault"},
"times":{"type":["integer","null"],"minimum":1,"maximum":4294967295},
"client_id":{"type":["string","null"],"minLength":1},"endpoint":{"type":["string","null"],"pattern":"^/"}}}"##;
const CLIENT: &str = r##"{"$ref":"#/components/schemas/Client"}"##;
const USER: &str = r#"{"type":"object","additionalProperties":false,"properties":{
"password":{"type":["string","null"]},"claims":{"type":"object"},
"aggregated_claims":{"type":"array","items":{"type":"string"}},
"distributed_claims":{"type":"array","items":{"type":"string"}}}}"#;
const CLOCK: &str = r#"{"type":"object","additionalProperties":false,"properties":{
"time":{"type":["string","null"],"format":"date-time","description":"what it shows from now on, RFC 3339"},
"by":{"type":["integer","null"],"description":"seconds to move it by","minimum":-3153600000,"maximum":3153600000}},
"oneOf":[{"required":["time"],"properties":{"time":{"type":"string"},"by":{"type":"null"}}},
{"required":["by"],"properties":{"by":{"type":"integer"},"time":{"type":"null"}}}]}"#;
const ALG: &str = r#"{"type":"object","additionalProperties":false,"properties":{
"alg":{"enum":["ES256","RS256","PS256","EdDSA",null]}}}"#;
const SIGN: &str = r#"{"type":"object","additionalProperties":false,"required":["claims"],"properties":{
"claims":{"type":"object"},"header":{"type":"object"},"alg":{"enum":["ES256","RS256","PS256","EdDSA",null]}}}"#;

/// Declares a call.
macro_rules! route {
    ($method:literal $path:literal, $about:literal, $body:expr, $answer:path) => {
        Route { method: $method, path: $path, about: $about, body: $body, answer: $answer }
    };
}

/// All of them.
pub const ROUTES: [Route; 33] = [
    route!("GET" "/control/openapi.json", "This description", NONE, super::description),
    route!("GET" "/control/configuration", "What the server was made with and was told since", NONE, show::configuration),
    route!("GET" "/control/requests", "What was asked, with parameters and why it was answered so", NONE, show::requests),
    route!("POST" "/control/requests/take", "The same, and forgets it", NONE, show::take_requests),
    route!("DELETE" "/control/requests", "Forgets what was asked", NONE, act::clear_requests),
    route!("GET" "/control/faults", "What goes wrong on purpose", NONE, show::faults),
    route!("POST" "/control/faults", "Lets something go wrong: always, n times, for a client, at an endpoint", FAULT, act::add_fault),
    route!("DELETE" "/control/faults", "Lets nothing go wrong", NONE, act::clear_faults),
    route!("DELETE" "/control/faults/{id}", "Takes one back", NONE, act::remove_fault),
    route!("POST" "/control/next/users", "Who signs in next, one after the other, without a page", TEXTS, act::next_users),
    route!("POST" "/control/next/codes", "The next authorization codes, one after the other", CODES, act::next_codes),
    route!("GET" "/control/users", "The users", NONE, show::users),
    route!("PUT" "/control/users/{sub}", "Adds or changes a user", USER, keep::put_user),
    route!("DELETE" "/control/users/{sub}", "Takes a user away", NONE, keep::delete_user),
    route!("GET" "/control/clients", "The clients", NONE, show::clients),
    route!("GET" "/control/clients/{client_id}", "One client", NONE, show::client),
    route!("PUT" "/control/clients/{client_id}", "Adds or changes a client", CLIENT, keep::put_client),
    route!("DELETE" "/control/clients/{client_id}", "Takes a client away", NONE, keep::delete_client),
    route!("GET" "/control/sessions", "Who is signed in", NONE, show::sessions),
    route!("DELETE" "/control/sessions", "Signs everybody out", NONE, act::end_sessions),
    route!("DELETE" "/control/sessions/{id}", "Signs one browser out", NONE, act::end_session),
    route!("GET" "/control/tokens", "Tokens in force", NONE, show::tokens),
    route!("DELETE" "/control/tokens", "Revokes every token, and codes that were not redeemed", NONE, act::end_tokens),
    route!("DELETE" "/control/tokens/{id}", "Revokes one, a refresh token with all that came of it", NONE, act::end_token),
    route!("GET" "/control/clock", "What the clock of the server shows", NONE, show::clock),
    route!("POST" "/control/clock", "Sets or moves it", CLOCK, act::set_clock),
    route!("GET" "/control/keys", "The signing keys, the one in use first", NONE, show::keys),
    route!("POST" "/control/keys", "Publishes a key that signs nothing yet", ALG, act::publish_key),
    route!("POST" "/control/keys/rotate", "Signs with another key: one published early, or a new one", ALG, act::rotate_keys),
    route!("DELETE" "/control/keys/{kid}", "Withdraws a key", NONE, act::withdraw_key),
    route!("POST" "/control/sign", "Signs any claims with a key of the server", SIGN, act::sign),
    route!("POST" "/control/reset", "Ends sessions, tokens, faults and queues, and forgets what was asked", NONE, act::reset),
    route!("GET" "/control/health", "Whether it answers", NONE, show::health),
];
