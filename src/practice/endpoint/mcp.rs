//! `/mcp`: an API as a server of the Model Context Protocol would have it (Streamable HTTP). Every call wants a token for
//! this very address, and one of them more scope than the others.

use serde_json::{Value, json};

use crate::base::http::{HttpRequest, HttpResponse};
use crate::base::json::Json;
use crate::base::time::Timestamp;
use crate::practice::bearer::{self, Access, Denied};
use crate::practice::fault::Fault;
use crate::practice::{Practice, answer, token};

/// Its path.
pub const PATH: &str = "/mcp";
/// The scope that every call wants.
pub const SCOPE: &str = "profile";
/// The scope that calling a tool wants.
const SCOPE_OF_TOOLS: &str = "email";
const MEANT: &str = "access token is for this API";

/// Revisions that are spoken here, the newest first.
const REVISIONS: [&str; 4] = ["2026-07-28", "2025-11-25", "2025-06-18", "2025-03-26"];

/// Answers a message, or says what of a token it wants.
pub fn answer(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> HttpResponse {
    match read(practice, request, now) {
        Ok(response) => response,
        Err(denied) => {
            let response = denied.answer(practice, request);
            let is_bare = response.status == 401 && practice.is_faulty(Fault::NoChallenge);
            if is_bare { HttpResponse::new(401, "text/plain; charset=utf-8", "") } else { response }
        }
    }
}

fn read(practice: &mut Practice, request: &HttpRequest, now: Timestamp) -> Result<HttpResponse, Denied> {
    let access = bearer::check(practice, request, now)?;
    practice.why.check(MEANT, access.token.audience.join(" "), meant_for_this(practice, request, &access))?;
    if practice.is_faulty(Fault::EndlessScope) {
        return Err(Denied::InsufficientScope(SCOPE));
    }
    access.needs(SCOPE, practice)?;
    // A stream of messages is opened by GET in older revisions, and nothing is told here by itself.
    if request.method != "POST" {
        return Ok(HttpResponse::new(405, "text/plain; charset=utf-8", "Messages are posted here.\n"));
    }
    let Some(message) = Json::parse(&request.body).ok().filter(|message| message.text("method").is_some()) else {
        return Ok(failed(&Value::Null, 400, -32700, "no JSON-RPC message"));
    };
    let method = message.text("method").unwrap_or_default();
    if method == "tools/call" {
        access.needs(SCOPE_OF_TOOLS, practice)?;
    }
    practice.why.say(format!("the API answers {method}"));
    Ok(called(&message, method, &access))
}

/// Refuses a token for somebody else, that for this server's other API too: but for clients of the oldest revision, which
/// could not say what theirs is for.
fn meant_for_this(practice: &Practice, request: &HttpRequest, access: &Access) -> Result<(), Denied> {
    let own = practice.config.url_at(&request.url, PATH);
    let audience = &access.token.audience;
    let is_for_all = audience.contains(&token::own_api(&practice.config));
    if audience.contains(&own) || is_for_all && names_no_resource(request) {
        return Ok(());
    }
    Err(Denied::InvalidToken(format!("the token is for {}, this API is {own}", audience.join(" "))))
}

/// Whether a client speaks revision 2025-03-26, by what it begins a session with; later ones say theirs in each message.
fn names_no_resource(request: &HttpRequest) -> bool {
    let params = Json::parse(&request.body).ok().and_then(|message| message.get("params").cloned());
    let version = params.as_ref().and_then(|params| params.text("protocolVersion"));
    match request.headers.get("mcp-protocol-version") {
        Some(version) => version == REVISIONS[3],
        None => version.is_none_or(|version| version == REVISIONS[3]),
    }
}

fn called(message: &Json, method: &str, access: &Access) -> HttpResponse {
    let server = json!({ "name": "practice", "version": env!("CARGO_PKG_VERSION") });
    let result = match method {
        "initialize" => {
            let asked = message.get("params").and_then(|params| params.text("protocolVersion"));
            let spoken = REVISIONS.into_iter().find(|revision| Some(*revision) == asked).unwrap_or(REVISIONS[1]);
            json!({ "protocolVersion": spoken, "capabilities": { "tools": {} }, "serverInfo": server })
        }
        "server/discover" => json!({
            "resultType": "complete",
            "supportedVersions": REVISIONS,
            "capabilities": { "tools": {} },
            "serverInfo": server,
        }),
        "tools/list" => {
            let tool = json!({ "name": "whoami", "description": "Who signed in", "inputSchema": { "type": "object" } });
            json!({ "tools": [tool] })
        }
        "tools/call" => json!({ "content": [{ "type": "text", "text": access.approval.sub }] }),
        _ if method.starts_with("notifications/") => return HttpResponse::new(202, "text/plain; charset=utf-8", ""),
        _ => return failed(&id(message), 404, -32601, "Method not found"),
    };
    answer::json(200, &json!({ "jsonrpc": "2.0", "id": id(message), "result": result }))
}

fn failed(id: &Value, status: u16, code: i32, message: &str) -> HttpResponse {
    answer::json(status, &json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } }))
}

fn id(message: &Json) -> Value {
    message.get("id").map_or(Value::Null, Value::from)
}
