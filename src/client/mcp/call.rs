//! What is sent to an MCP server: the message that a client begins with, and the header fields that go with each
//! (Streamable HTTP).

use crate::base::json::Json;
use crate::client::settings::RequestSettings;

use super::Revision;

const CLIENT: &str = concat!(r#"{"name":"grantscope","version":""#, env!("CARGO_PKG_VERSION"), r#""}"#);

/// The API call of the settings, with what this revision sends where nothing is typed.
pub fn completed(settings: &RequestSettings, revision: Revision) -> RequestSettings {
    let mut call = settings.clone();
    if call.api_method.is_empty() {
        "POST".clone_into(&mut call.api_method);
    }
    if call.api_method == "POST" && call.api_body.is_empty() {
        call.api_body = first_message(revision);
    }
    for (name, value) in headers(&call.api_body, revision) {
        let is_typed = call.api_headers.iter().any(|(typed, _)| typed.eq_ignore_ascii_case(name));
        if !is_typed {
            call.api_headers.push(name, value);
        }
    }
    call
}

/// `initialize` where a session begins with it, else the question for what the server can do.
fn first_message(revision: Revision) -> String {
    let version = revision.name();
    match revision.has_handshake() {
        true => format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"initialize","params":{{"protocolVersion":"{version}","capabilities":{{}},"clientInfo":{CLIENT}}}}}"#
        ),
        false => format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"server/discover","params":{{"_meta":{{"io.modelcontextprotocol/protocolVersion":"{version}","io.modelcontextprotocol/clientInfo":{CLIENT},"io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
        ),
    }
}

/// What goes with a message. The version of a session is agreed on by `initialize`, so that goes without it.
fn headers(body: &str, revision: Revision) -> Vec<(&'static str, String)> {
    let message = Json::parse_text(body).ok();
    let method = message.as_ref().and_then(|message| message.text("method"));
    let mut headers = vec![("Accept", "application/json, text/event-stream".to_owned())];
    if revision >= Revision::June2025 && method != Some("initialize") {
        headers.push(("MCP-Protocol-Version", revision.name().to_owned()));
    }
    if let (Some(method), false) = (method, revision.has_handshake()) {
        headers.push(("Mcp-Method", method.to_owned()));
        let params = message.as_ref().and_then(|message| message.get("params"));
        let name = params.and_then(|params| params.text("name").or_else(|| params.text("uri")));
        headers.extend(name.filter(|_| has_name(method)).map(|name| ("Mcp-Name", name.to_owned())));
    }
    // What does not fit into a header field stays out of it.
    headers.retain(|(_, value)| value.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
    headers
}

fn has_name(method: &str) -> bool {
    matches!(method, "tools/call" | "resources/read" | "prompts/get")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(call: &RequestSettings, name: &str) -> Option<String> {
        call.api_headers.get(name).map(str::to_owned)
    }

    #[test]
    fn each_revision_begins_with_its_own_message() {
        for revision in Revision::ALL {
            let call = completed(&RequestSettings::default(), revision);
            let message = Json::parse_text(&call.api_body).expect("JSON");
            let begins = if revision.has_handshake() { "initialize" } else { "server/discover" };
            assert_eq!((call.api_method.as_str(), message.text("method")), ("POST", Some(begins)));
            assert!(call.api_body.contains(revision.name()));
            assert_eq!(header(&call, "MCP-Protocol-Version").is_some(), !revision.has_handshake());
        }
    }

    #[test]
    fn what_is_typed_is_sent_and_its_header_fields_follow() {
        let mut typed = RequestSettings {
            api_body: r#"{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{"name":"mail"}}"#.to_owned(),
            ..RequestSettings::default()
        };
        typed.api_headers.push("accept", "application/json");
        let call = completed(&typed, Revision::July2026);
        assert_eq!(call.api_body, typed.api_body);
        assert_eq!(header(&call, "Mcp-Method").as_deref(), Some("tools/call"));
        assert_eq!(header(&call, "Mcp-Name").as_deref(), Some("mail"));
        assert_eq!(header(&call, "Accept"), None, "it is typed");
        let old = completed(&typed, Revision::June2025);
        assert_eq!(header(&old, "MCP-Protocol-Version").as_deref(), Some("2025-06-18"));
        assert_eq!(header(&old, "Mcp-Method"), None);
        "GET".clone_into(&mut typed.api_method);
        typed.api_body.clear();
        assert_eq!(completed(&typed, Revision::June2025).api_body, "");
        r#"{"method":"a\nb"}"#.clone_into(&mut typed.api_body);
        assert_eq!(header(&completed(&typed, Revision::July2026), "Mcp-Method"), None);
    }
}
