//! Layouts in which a name stands before a value: tables, settings, languages of programs, prose; and what is encoded.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use grantscope::base::http::{HttpResponse, JSON};
use grantscope::base::json::Json;

use super::{broken, hex, json_escaped, packed, percent};

/// Where a name and its value may stand.
pub fn layouts(name: &str, value: &str) -> Vec<(&'static str, HttpResponse)> {
    let quoted = |text: &str| Json::String(text.to_owned()).to_string();
    let object = format!("{{\"{name}\":\"{value}\"}}");
    let pair = format!("{name}={value}");
    let text = |body: String| HttpResponse::new(200, "text/plain", body);
    let page = |body: String| HttpResponse::new(200, "text/html", body);
    let json = |body: String| HttpResponse::new(200, JSON, body);
    let field = |field: &str, text: String| HttpResponse::new(302, JSON, "").with_header(field, text);
    vec![
        ("CSV below a title", text(format!("Export of today\n\nid,created (UTC),{name}\n1,2026,{value}\n"))),
        ("CSV with bars", text(format!("id|{name}\n1|{value}\n"))),
        ("names and values in lines", text(format!("key,value\nexpires,3600\n{name},{value}\n"))),
        ("Markdown", text(format!("| id | {name} |\n|----|---|\n| 1 | {value} |\n"))),
        ("a table that is drawn", text(format!("+--+--+\n| id | {name} |\n+--+--+\n| 1 | {value} |\n+--+--+\n"))),
        ("a table in JSON", json(format!("{{\"columns\":[\"id\",\"{name}\"],\"rows\":[[1,\"{value}\"]]}}"))),
        ("lists in JSON", json(format!("[[\"id\",\"{name}\"],[1,\"{value}\"]]"))),
        ("a name before a value", json(format!("[\"id\",\"1\",\"{name}\",\"{value}\"]"))),
        ("key and values", json(format!("[{{\"Key\":\"{name}\",\"Values\":[\"{value}\"]}}]"))),
        ("two lists", json(format!("{{\"a\":[[\"{name}\",[\"{value}\"]]],\"{name}\":[[\"{value}\"]]}}"))),
        ("lines of JSON", text(format!("{{\"a\":1}}\n{{\"b\":\"x\\\"y\",\"{name}\":\"x\\\"{value}\"}}\n"))),
        ("a setting", page(format!("<add key=\"{name}\" value=\"{value}\"/>"))),
        ("SOAP", page(format!("<s:Body><x:{name} value='{value}'/></s:Body>"))),
        ("SAML", page(format!("<a:Attribute Name=\"{name}\"><a:V type=\"xs:string\">{value}</a:V></a:Attribute>"))),
        ("a heading", page(format!("<h2>{name}</h2>\n<pre>{value}</pre>"))),
        ("a call of a script", page(format!("<script>localStorage.setItem('{name}', '{value}')</script>"))),
        (
            "a refresh of a page",
            page(format!("<meta http-equiv=refresh content=\"0;url=/cb?x=1&amp;{name}={value}\">")),
        ),
        ("a URL of data", page(format!("<a href=\"data:application/json;base64,{}\">", STANDARD.encode(&object)))),
        ("YAML, folded", text(format!("a: 1\n{name}: >-\n  {value}\nb: 2\n"))),
        ("YAML, a list", text(format!("{name}:\n  - {value}\n"))),
        ("YAML with a tag", text(format!("{name}: !!str &a {value} # of today\n"))),
        ("YAML, an object", text(format!("{name}:\n  value: {value}\n"))),
        ("TOML in lines", text(format!("{name} = \"\"\"\n{value}\"\"\"\n"))),
        ("an arrow", text(format!("{name} -> {value}"))),
        ("a dump of Rust", text(format!("Token {{ {name}: Some(\"{value}\") }}"))),
        ("a dump of Python", text(format!("{{'{name}': b'{value}'}}"))),
        ("an option", text(format!("tool --verbose --{name} {value}"))),
        ("English", json(format!("{{\"error_description\":\"The {name} '{value}' was not found\"}}"))),
        ("English, bare", json(format!("{{\"error_description\":\"your {name} {value} is over\"}}"))),
        ("German", json(format!("{{\"error_description\":\"Ihr {name} lautet {value}.\"}}"))),
        (
            "English in a challenge",
            field("WWW-Authenticate", format!("Bearer error_description=\"no {name} {value}\"")),
        ),
        ("a packed state", field("Location", format!("/a?state={}", URL_SAFE_NO_PAD.encode(packed(&object))))),
        (
            "JSON in base64 in lines",
            json(format!("{{\"a\":{}}}", quoted(&broken(&STANDARD.encode(&object), 20, "\n")))),
        ),
        ("a path", field("Location", format!("https://app.example/{name}/{value}/x"))),
        ("cookies in one field", field("Set-Cookie", format!("a=1; Path=/, {name}={value}; Path=/"))),
        ("one of several", json(format!("{{\"{name}[]\":\"{value}\",\"{name}2\":\"{value}\"}}"))),
        ("a form in base64", field("Location", format!("/a?state={}", URL_SAFE_NO_PAD.encode(format!("a=1&{pair}"))))),
        ("JSON in base64", field("Location", format!("/a?state={}", STANDARD_NO_PAD.encode(&object)))),
        ("JSON in base64 in JSON", json(format!("{{\"state\":\"{}\"}}", URL_SAFE_NO_PAD.encode(&object)))),
        ("JSON in base64 in a field", field("X-State", STANDARD.encode(&object))),
        ("JSON in hex", json(format!("{{\"state\":\"{}\"}}", hex(&object)))),
        ("JSON, escaped", json(format!("{{\"a\":\"{}\"}}", json_escaped(&object)))),
        ("JSON, percent-encoded twice", field("Location", format!("/a?state={}", percent(&percent(&object))))),
        ("a form, percent-encoded", json(format!("{{\"a\":\"{}\"}}", percent(&format!("x=1&{pair}"))))),
    ]
}
