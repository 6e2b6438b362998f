//! C# with HttpClient.

use std::fmt::Write as _;

use super::{Call, Words, is_ascii, quoted, utf16};

const WORDS: Words = Words {
    quoted: |text| quoted(text, utf16, is_ascii),
    environment: |name| format!("Environment.GetEnvironmentVariable(\"{name}\")"),
    join: ["", " + ", ""],
};

pub(super) fn write(call: &Call) -> String {
    let mut text = call.comments("//");
    text.push_str("using System;\nusing System.Collections.Generic;\nusing System.Net;\nusing System.Net.Http;\n");
    text.push_str("using System.Text;\n\nclass TokenRequest\n{\n    static void Main()\n    {\n");
    text.push_str("        var form = new List<KeyValuePair<string, string>>\n        {\n");
    for (name, value) in &call.form {
        let (name, value) = ((WORDS.quoted)(name), value.written(&WORDS));
        let _ = writeln!(text, "            new KeyValuePair<string, string>({name}, {value}),");
    }
    text.push_str("        };\n");
    let _ =
        writeln!(text, "        var request = new HttpRequestMessage(HttpMethod.Post, {});", call.url.written(&WORDS));
    text.push_str("        request.Content = new FormUrlEncodedContent(form);\n");
    for (name, value) in &call.headers {
        let (name, value) = ((WORDS.quoted)(name), value.written(&WORDS));
        let _ = writeln!(text, "        request.Headers.TryAddWithoutValidation({name}, {value});");
    }
    if let Some((name, secret)) = &call.basic {
        let (name, secret) = (name.written(&WORDS), secret.written(&WORDS));
        text.push_str("        // Each form-encoded (RFC 6749 section 2.3.1).\n");
        let _ =
            writeln!(text, "        var pair = WebUtility.UrlEncode({name}) + \":\" + WebUtility.UrlEncode({secret});");
        text.push_str("        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes(pair));\n");
        text.push_str("        request.Headers.TryAddWithoutValidation(\"Authorization\", \"Basic \" + basic);\n");
    }
    text.push_str("        var client = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false });\n");
    text.push_str("        var response = client.SendAsync(request).Result;\n");
    text.push_str("        Console.WriteLine((int)response.StatusCode);\n");
    text.push_str("        Console.WriteLine(response.Content.ReadAsStringAsync().Result);\n    }\n}\n");
    text
}
