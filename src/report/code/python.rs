//! Python with requests.

use std::fmt::Write as _;

use super::{Call, Words, is_ascii, quoted};

const WORDS: Words = Words {
    quoted: |text| quoted(text, |c| format!("\\U{:08x}", c as u32), is_ascii),
    environment: |name| format!("os.environ[\"{name}\"]"),
    join: ["", " + ", ""],
};

pub(super) fn write(call: &Call) -> String {
    // What stands in the first two lines of a file may say how it is encoded (PEP 263); this one says it first.
    let mut text = format!("# -*- coding: utf-8 -*-\n{}", call.comments("#"));
    text.push_str("import os\nfrom urllib.parse import quote_plus\n\nimport requests\n\n");
    let _ = writeln!(text, "response = requests.post(\n    {},", call.url.written(&WORDS));
    if let Some((name, secret)) = &call.basic {
        let (name, secret) = (name.written(&WORDS), secret.written(&WORDS));
        let _ = writeln!(text, "    # Each form-encoded (RFC 6749 section 2.3.1).");
        let _ = writeln!(text, "    auth=(quote_plus({name}), quote_plus({secret})),");
    }
    text.push_str("    headers={\n");
    for (name, value) in &call.headers {
        let _ = writeln!(text, "        {}: {},", (WORDS.quoted)(name), value.written(&WORDS));
    }
    text.push_str("    },\n    data=[\n");
    for (name, value) in &call.form {
        let _ = writeln!(text, "        ({}, {}),", (WORDS.quoted)(name), value.written(&WORDS));
    }
    text.push_str(
        "    ],\n    timeout=30,\n    allow_redirects=False,\n)\nprint(response.status_code)\nprint(response.text)\n",
    );
    text
}
