//! Java with java.net.http.

use std::fmt::Write as _;

use super::{Call, Words, is_ascii, quoted, utf16};

const WORDS: Words = Words {
    quoted: |text| quoted(text, utf16, is_ascii),
    environment: |name| format!("System.getenv(\"{name}\")"),
    join: ["", " + ", ""],
};

pub(super) fn write(call: &Call) -> String {
    let mut text = call.comments("//");
    text.push_str("import java.net.URI;\nimport java.net.URLEncoder;\nimport java.net.http.HttpClient;\n");
    text.push_str("import java.net.http.HttpRequest;\nimport java.net.http.HttpResponse;\n");
    text.push_str("import java.nio.charset.StandardCharsets;\nimport java.util.Base64;\nimport java.util.List;\n");
    text.push_str("import java.util.stream.Collectors;\n\nclass TokenRequest {\n");
    text.push_str("    static String encoded(String part) {\n        return URLEncoder.encode(part, StandardCharsets.UTF_8);\n    }\n\n");
    text.push_str("    public static void main(String[] arguments) throws Exception {\n        var form = List.of(\n");
    for (at, (name, value)) in call.form.iter().enumerate() {
        let end = if at + 1 == call.form.len() { "" } else { "," };
        let (name, value) = ((WORDS.quoted)(name), value.written(&WORDS));
        let _ = writeln!(text, "            List.of({name}, {value}){end}");
    }
    text.push_str("        );\n        var body = form.stream()\n");
    text.push_str("            .map(pair -> encoded(pair.get(0)) + \"=\" + encoded(pair.get(1)))\n");
    text.push_str("            .collect(Collectors.joining(\"&\"));\n");
    let _ = writeln!(text, "        var request = HttpRequest.newBuilder(URI.create({}))", call.url.written(&WORDS));
    text.push_str("            .header(\"Content-Type\", \"application/x-www-form-urlencoded\")\n");
    for (name, value) in &call.headers {
        let _ = writeln!(text, "            .header({}, {})", (WORDS.quoted)(name), value.written(&WORDS));
    }
    if let Some((name, secret)) = &call.basic {
        let (name, secret) = (name.written(&WORDS), secret.written(&WORDS));
        text.push_str("            // Each form-encoded (RFC 6749 section 2.3.1).\n");
        text.push_str("            .header(\"Authorization\", \"Basic \" + Base64.getEncoder().encodeToString(\n");
        let _ = writeln!(
            text,
            "                (encoded({name}) + \":\" + encoded({secret})).getBytes(StandardCharsets.UTF_8)))"
        );
    }
    text.push_str("            .POST(HttpRequest.BodyPublishers.ofString(body))\n            .build();\n");
    text.push_str(
        "        var response = HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());\n",
    );
    text.push_str(
        "        System.out.println(response.statusCode());\n        System.out.println(response.body());\n    }\n}\n",
    );
    text
}
