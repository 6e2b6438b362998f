//! Go with net/http.

use std::fmt::Write as _;

use super::{Call, Words, is_ascii, quoted};

const WORDS: Words = Words {
    quoted: |text| quoted(text, |c| format!("\\U{:08x}", c as u32), is_ascii),
    environment: |name| format!("os.Getenv(\"{name}\")"),
    join: ["", " + ", ""],
};

pub(super) fn write(call: &Call) -> String {
    let reads = call.basic.iter().any(|(name, secret)| name.is_secret() || secret.is_secret())
        || [&call.form, &call.headers].into_iter().flatten().any(|(_, value)| value.is_secret())
        || call.url.is_secret();
    let mut text = call.comments("//");
    text.push_str("package main\n\nimport (\n\t\"fmt\"\n\t\"io\"\n\t\"net/http\"\n\t\"net/url\"\n");
    if reads {
        text.push_str("\t\"os\"\n");
    }
    text.push_str("\t\"strings\"\n)\n\nfunc main() {\n\tform := url.Values{}\n");
    for (name, value) in &call.form {
        let _ = writeln!(text, "\tform.Add({}, {})", (WORDS.quoted)(name), value.written(&WORDS));
    }
    let url = call.url.written(&WORDS);
    let _ = writeln!(text, "\trequest, err := http.NewRequest(\"POST\", {url}, strings.NewReader(form.Encode()))");
    text.push_str("\tif err != nil {\n\t\tpanic(err)\n\t}\n");
    text.push_str("\trequest.Header.Set(\"Content-Type\", \"application/x-www-form-urlencoded\")\n");
    for (name, value) in &call.headers {
        let _ = writeln!(text, "\trequest.Header.Add({}, {})", (WORDS.quoted)(name), value.written(&WORDS));
    }
    if let Some((name, secret)) = &call.basic {
        let (name, secret) = (name.written(&WORDS), secret.written(&WORDS));
        text.push_str("\t// Each form-encoded (RFC 6749 section 2.3.1).\n");
        let _ = writeln!(text, "\trequest.SetBasicAuth(url.QueryEscape({name}), url.QueryEscape({secret}))");
    }
    text.push_str("\tresponse, err := http.DefaultTransport.RoundTrip(request)\n");
    text.push_str("\tif err != nil {\n\t\tpanic(err)\n\t}\n\tdefer response.Body.Close()\n");
    text.push_str("\tbody, err := io.ReadAll(response.Body)\n\tif err != nil {\n\t\tpanic(err)\n\t}\n");
    text.push_str("\tfmt.Println(response.StatusCode)\n\tfmt.Println(string(body))\n}\n");
    text
}
