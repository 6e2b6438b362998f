//! JavaScript with fetch, as a module for Node.

use std::fmt::Write as _;

use super::{Call, Words, is_ascii, quoted, utf16};

const WORDS: Words = Words {
    quoted: |text| quoted(text, utf16, is_ascii),
    environment: |name| format!("process.env.{name}"),
    join: ["", " + ", ""],
};

pub(super) fn write(call: &Call) -> String {
    let mut text = call.comments("//");
    text.push_str("const form = new URLSearchParams([\n");
    for (name, value) in &call.form {
        let _ = writeln!(text, "  [{}, {}],", (WORDS.quoted)(name), value.written(&WORDS));
    }
    text.push_str("]);\nconst headers = {\n");
    for (name, value) in &call.headers {
        let _ = writeln!(text, "  {}: {},", (WORDS.quoted)(name), value.written(&WORDS));
    }
    text.push_str("};\n");
    if let Some((name, secret)) = &call.basic {
        let (name, secret) = (name.written(&WORDS), secret.written(&WORDS));
        text.push_str("// Each form-encoded (RFC 6749 section 2.3.1).\n");
        text.push_str("const encoded = (part) => new URLSearchParams([[\"\", part]]).toString().slice(1);\n");
        let _ =
            writeln!(text, "headers.Authorization = \"Basic \" + btoa(`${{encoded({name})}}:${{encoded({secret})}}`);");
    }
    let url = call.url.written(&WORDS);
    let _ = writeln!(
        text,
        "const response = await fetch({url}, {{ method: \"POST\", headers, body: form, redirect: \"manual\" }});"
    );
    text.push_str("console.log(response.status);\nconsole.log(await response.text());\n");
    text
}
