//! The description of the calls (OpenAPI 3.1).

use serde_json::{Map, Value, json};

use super::routes::Route;
use super::schema;

/// Describes every call.
pub fn document(routes: &[Route]) -> Value {
    let mut paths = Map::new();
    for route in routes {
        let path = paths.entry(route.path).or_insert_with(|| json!({}));
        path[route.method.to_ascii_lowercase()] = operation(route);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Control of the practice server",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "For tests alone. Every call needs the control token as Bearer.",
        },
        "security": [{ "token": [] }],
        "paths": paths,
        "components": {
            "securitySchemes": { "token": { "type": "http", "scheme": "bearer" } },
            "schemas": { "Client": schema::client(), "Error": schema::error(), "Fault": schema::fault() },
        },
    })
}

fn operation(route: &Route) -> Value {
    let mut parameters = vec![json!({
        "name": "issuer",
        "in": "query",
        "description": "which server, by its issuer or the path of it, where there are several",
        "schema": { "type": "string" },
    })];
    let named = route.path.split_once('{').and_then(|(_, rest)| rest.split_once('}')).map(|(name, _)| name);
    if let Some(name) = named {
        let schema = json!({ "type": "string", "minLength": 1 });
        parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    let mut responses = json!({ "200": { "description": "done", "content": { "application/json": {} } } });
    for (status, what) in [
        ("400", "the body is not what it has to be"),
        ("401", "no control token, or a wrong one"),
        ("404", "nothing of this name"),
        (
            "409",
            "what is there has to change first: there are as many as there may be, it is the last one, or members contradict each other",
        ),
        ("421", "called by a name that is not allowed"),
    ] {
        let schema = json!({ "$ref": "#/components/schemas/Error" });
        responses[status] = json!({ "description": what, "content": { "application/json": { "schema": schema } } });
    }
    responses["413"] = json!({ "description": "more than 1 MiB" });
    let mut operation = json!({ "summary": route.about, "parameters": parameters, "responses": responses });
    if let Ok(schema) = serde_json::from_str::<Value>(route.body) {
        operation["requestBody"] = json!({ "required": true, "content": { "application/json": { "schema": schema } } });
    }
    operation
}
