//! Rust with reqwest.

use std::fmt::Write as _;

use super::{Call, Piece, Value, Words, is_ascii, quoted};

const WORDS: Words = Words {
    quoted: |text| quoted(text, |c| format!("\\u{{{:x}}}", c as u32), is_ascii),
    environment: |name| format!("&std::env::var(\"{name}\")?"),
    join: ["&[", ", ", "].concat()"],
};

pub(super) fn write(call: &Call) -> String {
    let mut text = call.comments("//");
    text.push_str("//\n// [dependencies]\n// reqwest = { version = \"0.13\", features = [\"blocking\", \"form\"] }\n// url = \"2\"\n\n");
    text.push_str("fn main() -> Result<(), Box<dyn std::error::Error>> {\n");
    text.push_str(
        "    let client = reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;\n",
    );
    let _ = writeln!(text, "    let mut request = client.post({});", call.url.written(&WORDS));
    if let Some((name, secret)) = &call.basic {
        let (name, secret) = (name.written(&WORDS), secret.written(&WORDS));
        text.push_str("    // Each form-encoded (RFC 6749 section 2.3.1).\n");
        text.push_str("    let encoded = |part: &str| url::form_urlencoded::byte_serialize(part.as_bytes()).collect::<String>();\n");
        let _ = writeln!(text, "    request = request.basic_auth(encoded({name}), Some(encoded({secret})));");
    }
    for (name, value) in &call.headers {
        let _ = writeln!(text, "    request = request.header({}, {});", (WORDS.quoted)(name), value.written(&WORDS));
    }
    text.push_str("    let form: Vec<(&str, String)> = vec![\n");
    for (name, value) in &call.form {
        let _ = writeln!(text, "        ({}, {}),", (WORDS.quoted)(name), owned(value));
    }
    text.push_str("    ];\n    let response = request.form(&form).send()?;\n");
    text.push_str(
        "    println!(\"{}\", response.status().as_u16());\n    println!(\"{}\", response.text()?);\n    Ok(())\n}\n",
    );
    text
}

/// As a `String`.
fn owned(value: &Value) -> String {
    match &value.0[..] {
        [Piece::Environment(name)] => format!("std::env::var(\"{name}\")?"),
        [Piece::Text(_)] => format!("{}.to_string()", value.written(&WORDS)),
        _ => value.written(&WORDS),
    }
}
