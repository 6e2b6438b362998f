//! Secrets of every kind are planted in a run, under every spelling of their names, in every place and encoding, each
//! named once and repeated without a name: none can be read in what leaves the program without being asked for it.

#[path = "sentinel/layouts.rs"]
mod layouts;
#[cfg(feature = "window")]
#[path = "sentinel/masked.rs"]
mod masked;
mod pair;

use std::collections::HashSet;
use std::io::Write as _;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use grantscope::base::http::{HttpRequest, HttpResponse, JSON};
use grantscope::base::json::Json;
use grantscope::base::params::Params;
use grantscope::base::time::Timestamp;
use grantscope::compare::runs;
use grantscope::export::redact::Redactor;
use grantscope::export::{curl, raw};
use grantscope::flow::callback::{Callback, Via};
use grantscope::flow::stage::Stage;
use grantscope::flow::trace::{Answer, Exchange};
use grantscope::flow::{Flow, Next};
use grantscope::record::{Record, redactor};
use grantscope::report::{Format, Report};
use grantscope::terms::credential;
use layouts::layouts;
use pair::Pair;
use url::form_urlencoded::byte_serialize;

/// A secret that was planted, and where its name stands.
struct Planted {
    value: String,
    what: String,
}

/// Messages with secrets in them.
#[derive(Default)]
struct Bed {
    planted: Vec<Planted>,
    exchanges: Vec<Exchange>,
}

/// No two alike; letters and digits, as tokens are, and nothing in them that could be a word.
fn value(at: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut state = (at as u64 + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let letter = |place: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let letter = char::from(LETTERS[(state >> 33) as usize % LETTERS.len()]);
        if place.is_multiple_of(3) { letter.to_ascii_uppercase() } else { letter }
    };
    format!("{}7q", (0..22).map(letter).collect::<String>())
}

fn form(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

fn percent(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

fn packed(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(text.as_bytes()).expect("memory");
    packed.finish().expect("memory")
}

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn json_escaped(text: &str) -> String {
    text.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect()
}

/// The text as it stands, and as others write it.
fn encodings(text: &str) -> Vec<(&'static str, String)> {
    vec![
        ("plain", text.to_owned()),
        ("percent", percent(text)),
        ("percent twice", percent(&percent(text))),
        ("base64", STANDARD.encode(text)),
        ("base64 without padding", STANDARD_NO_PAD.encode(format!("a {text}"))),
        ("base64url", URL_SAFE_NO_PAD.encode(format!("ab{text}c"))),
        ("base64 of base64url", STANDARD.encode(URL_SAFE_NO_PAD.encode(text))),
        ("hex", hex(text)),
        ("HEX", hex(text).to_uppercase()),
        ("JSON escaped", json_escaped(text)),
        ("JSON escaped in percent", percent(&json_escaped(text))),
        ("percent four times", percent(&percent(&percent(&percent(text))))),
        ("%u", each(text, |c| format!("%u{:04x}", u32::from(c)))),
        ("\\x", each(text, |c| format!("\\x{:02x}", u32::from(c)))),
        ("\\u{}", each(text, |c| format!("\\u{{{:x}}}", u32::from(c)))),
        ("octal", each(text, |c| format!("\\{:03o}", u32::from(c)))),
        ("references", each(text, |c| format!("&#{};", u32::from(c)))),
        ("base64 in lines", broken(&STANDARD.encode(format!("a {text}")), 12, "\n")),
        ("base64 with spaces", broken(&URL_SAFE_NO_PAD.encode(text), 5, " ")),
        ("hex in lines", broken(&hex(text), 16, "\r\n")),
        ("hex with colons", broken(&hex(text), 2, ":")),
        ("hex with spaces", broken(&hex(text), 4, " ")),
        ("a dump", dump(&format!("client_id=abc&seen={text}&x=1"))),
        ("line end", broken(text, 10, "\n")),
        ("soft hyphen", broken(text, 7, "\u{ad}")),
        ("zero width", broken(text, 3, "\u{200b}")),
        ("reference to what is invisible", broken(text, 9, "&#8203;")),
        ("<wbr>", broken(text, 5, "<wbr>")),
        ("base32", base32(&format!("ab{text}"))),
        ("quoted-printable", each(text, |c| format!("={:02X}", u32::from(c)))),
        ("quoted-printable in lines", broken(text, 11, "=\r\n")),
        ("UTF-16", each(text, |c| format!("{c}\0"))),
        ("UTF-16 in base64", STANDARD.encode(each(text, |c| format!("{c}\0")))),
        ("from its end", text.chars().rev().collect()),
        ("small letters", text.to_lowercase()),
        ("without its last character", text[..text.len().saturating_sub(1)].to_owned()),
    ]
}

fn each(text: &str, written: impl Fn(char) -> String) -> String {
    text.chars().map(written).collect()
}

/// RFC 4648 section 6, without padding.
fn base32(text: &str) -> String {
    let bits: String = text.bytes().map(|byte| format!("{byte:08b}")).collect();
    let digit = |at: usize| {
        let number = usize::from_str_radix(&format!("{:0<5}", &bits[at..bits.len().min(at + 5)]), 2).expect("bits");
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[number])
    };
    (0..bits.len()).step_by(5).map(digit).collect()
}

/// With this after each so many characters.
fn broken(text: &str, every: usize, with: &str) -> String {
    let pieces: Vec<&str> = (0..text.len()).step_by(every).map(|at| &text[at..text.len().min(at + every)]).collect();
    pieces.join(with)
}

/// As `xxd` shows it.
fn dump(text: &str) -> String {
    let line = |(at, bytes): (usize, &[u8])| {
        let digits = broken(&hex(&String::from_utf8_lossy(bytes)), 4, " ");
        format!("{:08x}: {digits:<39}  {}\n", at * 16, String::from_utf8_lossy(bytes))
    };
    text.as_bytes().chunks(16).enumerate().map(line).collect()
}

/// `access_token` as others spell it.
fn spellings(name: &str) -> Vec<String> {
    let upper = |word: &str| word[..1].to_ascii_uppercase() + &word[1..];
    let pascal: String = name.split('_').map(upper).collect();
    let camel = pascal[..1].to_ascii_lowercase() + &pascal[1..];
    let mut all =
        vec![name.to_owned(), name.replace('_', "-"), name.to_ascii_uppercase(), pascal, camel, name.replace('_', "")];
    all.sort_unstable();
    all.dedup();
    all
}

/// Where a name and its value may stand.
fn places(name: &str, value: &str) -> Vec<(&'static str, Answer)> {
    let quoted = |text: &str| Json::String(text.to_owned()).to_string();
    let object = format!("{{\"{name}\":\"{value}\"}}");
    let pair = format!("{name}={value}");
    let page = |body: String| HttpResponse::new(200, "text/html", body);
    let json = |body: String| HttpResponse::new(200, JSON, body);
    let field = |field: &str, text: String| HttpResponse::new(302, JSON, "").with_header(field, text);
    let part = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n--b--");
    let messages = vec![
        ("query of a Location", field("Location", format!("https://app.example/cb?a=1&{pair}"))),
        ("fragment of a Location", field("Location", format!("https://app.example/cb#a=1&{pair}"))),
        ("relative Location", field("Location", format!("/cb?{pair}"))),
        ("URL in a URL", field("Location", format!("/login?next={}", form(&format!("/cb?{pair}"))))),
        ("Refresh", field("Refresh", format!("0; url=/cb?{pair}"))),
        ("Link", field("Link", format!("</a?{pair}>; rel=\"next\""))),
        ("Authentication-Info", field("Authentication-Info", format!("realm=a, {name}=\"{value}\""))),
        ("cookie", field("Set-Cookie", format!("session={value}; Path=/; HttpOnly"))),
        ("nested JSON", json(format!("{{\"a\":[{{\"b\":{object}}}]}}"))),
        ("JSON in a string", json(format!("{{\"a\":{}}}", quoted(&object)))),
        (
            "JSON in a string in a string",
            json(format!("{{\"a\":{}}}", quoted(&format!("{{\"b\":{}}}", quoted(&object))))),
        ),
        ("a form in JSON", json(format!("{{\"a\":\"x=1&{pair}\"}}"))),
        ("a URL in JSON", json(format!("{{\"a\":\"https://as.example/x?{pair}\"}}"))),
        ("name and value", json(format!("[{{\"name\":\"{name}\",\"value\":\"{value}\"}}]"))),
        ("a list", json(format!("{{\"{name}\":[\"{value}\"]}}"))),
        ("form", HttpResponse::new(200, "application/x-www-form-urlencoded", format!("a=1&{pair}&b=2"))),
        ("JSON that broke off", json(format!("{{\"a\":1,\"{name}\":\"{value}"))),
        (
            "form_post",
            page(format!("<form method=post><input type=\"hidden\" name=\"{name}\" value=\"{value}\"></form>")),
        ),
        ("a script", page(format!("<script>var a = {{\"{name}\": \"{value}\"}};</script>"))),
        ("XML", HttpResponse::new(200, "text/xml", format!("<a><v name=\"{name}\">{value}</v></a>"))),
        ("CDATA", HttpResponse::new(200, "text/xml", format!("<a><v name=\"{name}\"><![CDATA[{value}]]></v></a>"))),
        ("an attribute of a page", page(format!("<div id=a data-{name}=\"{value}\"></div>"))),
        ("a list of terms", page(format!("<dl><dt>{name}</dt><dd>{value}</dd></dl>"))),
        ("a table of a page", page(format!("<tr><td><b>{name}</b></td>\n<td>{value}</td></tr>"))),
        ("a title", page(format!("<html><title>Success {pair}</title></html>"))),
        ("CSV", HttpResponse::new(200, "text/csv", format!("user,{name},n\nalice,{value},1\n"))),
        ("a line", HttpResponse::new(200, "text/plain", format!("user: alice\n{name}: {value}\n"))),
        ("a line of JSON", json(format!("{{\"a\":{}}}", quoted(&format!("user = alice\n{name} = '{value}'\n"))))),
        ("CSV in JSON", json(format!("{{\"a\":{}}}", quoted(&format!("user;{name}\nalice;{value}\n"))))),
        ("a dump of Ruby", json(format!("{{\"a\":{}}}", quoted(&format!("\"{name}\"=>\"{value}\""))))),
        ("a dump of PHP", json(format!("{{\"a\":{}}}", quoted(&format!("Array\n(\n  [{name}] => {value}\n)"))))),
        ("Server-Timing", field("Server-Timing", format!("db;dur=2, {name};desc=\"{value}\""))),
        ("multipart", HttpResponse::new(200, "multipart/form-data; boundary=b", part)),
    ];
    let callback = |(place, key, value): (&'static str, &str, String)| {
        let params = [("iss", "https://as.example"), (key, value.as_str())].into_iter().collect::<Params>();
        let redirect_uri = "https://app.example/cb".to_owned();
        (
            place,
            Answer::Callback(Callback {
                redirect_uri,
                via: Via::Query,
                params,
                joint: None,
                posted: Vec::new(),
                asked_user: None,
            }),
        )
    };
    let callbacks = [
        ("a callback", name, value.to_owned()),
        ("JSON in base64 in a callback", "state", URL_SAFE_NO_PAD.encode(&object)),
        ("a form in a callback", "state", pair.clone()),
        ("a sentence in a callback", "error_description", format!("saw {pair} in it")),
    ];
    let messages = messages.into_iter().chain(layouts(name, value));
    let answers = messages.map(|(place, response)| (place, Answer::Response(response)));
    answers.chain(callbacks.map(callback)).collect()
}

/// Where a client sends it.
fn requests(name: &str, value: &str) -> Vec<(&'static str, HttpRequest)> {
    let url = |text: &str| text.parse().expect("a URL");
    let body = |kind: &str, body: String| {
        let mut request = HttpRequest::get(url("https://as.example/token")).with_header("Content-Type", kind);
        request.method = "POST".to_owned();
        request.body = body.into_bytes();
        request
    };
    let params: Params = [("a", "1"), (name, value)].into_iter().collect();
    vec![
        ("query", HttpRequest::get(url(&format!("https://as.example/a?{name}={value}")))),
        ("form of a request", HttpRequest::post_form(url("https://as.example/token"), &params)),
        ("JSON of a request", body(JSON, format!("{{\"{name}\":\"{value}\"}}"))),
        (
            "Bearer",
            HttpRequest::get(url("https://api.example/")).with_header("Authorization", format!("Bearer {value}")),
        ),
        (
            "Basic",
            HttpRequest::get(url("https://api.example/"))
                .with_header("Authorization", format!("Basic {}", STANDARD.encode(format!("me:{value}")))),
        ),
        ("user information", HttpRequest::get(url(&format!("https://me:{value}@as.example/a")))),
    ]
}

/// Where no list of names helps: what names it is a layout, an ending, or the place alone.
fn unlisted(value: &str) -> Vec<(&'static str, HttpResponse)> {
    let quoted = |text: String| Json::String(text).to_string();
    let json = |body: String| HttpResponse::new(200, JSON, body);
    let said = |text: String| json(format!("{{\"a\":{}}}", quoted(text)));
    let field = |field: &str, text: String| HttpResponse::new(302, JSON, "").with_header(field, text);
    let xml = |body: String| HttpResponse::new(200, "text/xml", body);
    let text = |body: String| HttpResponse::new(200, "text/plain", body);
    let token = format!("eyJhbGciOiJFUzI1NiJ9.e30.{value}");
    let token = token.split_at(token.len() - value.len() / 2);
    let mut utf16 = json(String::new());
    utf16.body = format!("\u{feff}{{\"token\":\"{value}\"}}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let url = |text: &str| said(format!("https://files.example/a?x=1&{text}={value}"));
    vec![
        (
            "a security token",
            xml(format!("<s:Header><wsse:BinarySecurityToken a=\"b\">{value}</wsse:BinarySecurityToken></s:Header>")),
        ),
        ("a claim", json(format!("{{\"xms_idp_token\":\"{value}\"}}"))),
        ("a presentation", json(format!("{{\"vp_token\":\"{value}\"}}"))),
        ("a refresh token of Firebase", json(format!("{{\"user\":{{\"refreshToken\":\"{value}\"}}}}"))),
        ("an ID token of Firebase", json(format!("{{\"user\":{{\"idToken\":\"{value}\"}}}}"))),
        ("an attribute of a page", xml(format!("<meta data-csrf-token='{value}'>"))),
        ("a command", said(format!("curl -H 'Authorization: Bearer {value}' https://api.example/"))),
        ("a command with a user", said(format!("curl -u 'app:{value}' https://as.example/token"))),
        ("a command with a cookie", said(format!("curl --header \"Cookie: lang=en; sid={value}\" https://a.example/"))),
        ("HTTP", said(format!("GET / HTTP/1.1\r\nHost: a.example\r\nX-Api-Key: {value}\r\n\r\n"))),
        ("HTTP with a scheme", said(format!("GET / HTTP/1.1\r\nAuthorization: NTLM {value}\r\n\r\n"))),
        ("a program", said(format!("headers = {{\"Authorization\": \"token {value}\"}}"))),
        ("a private key", said(format!("-----BEGIN RSA PRIVATE KEY-----\n{value}\n-----END RSA PRIVATE KEY-----\n"))),
        ("Negotiate", field("WWW-Authenticate", format!("Negotiate {value}"))),
        ("NTLM among others", field("Proxy-Authenticate", format!("NTLM {value}, Basic realm=\"a\""))),
        ("a path", field("Location", format!("https://app.example/a;jsessionid={value}?x=1"))),
        ("a path in JSON", said(format!("/shop/a;JSESSIONID={value}"))),
        ("who signs in", said(format!("user_agent=x&username=alice:{value}"))),
        ("who signs in, in JSON", json(format!("{{\"username\":\"alice:{value}\"}}"))),
        ("a signed URL", url("X-Amz-Signature")),
        ("a shared access signature", url("sig")),
        ("a key of AWS", url("AWSAccessKeyId")),
        ("a private key of PGP", said(format!("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\n{value}\n-----END PGP"))),
        ("a cookie in JSON", json(format!("{{\"headers\":{{\"Set-Cookie\":[\"a={value}; Path=/\"]}}}}"))),
        ("cookies in JSON", json(format!("{{\"cookies\":{{\"a\":\"{value}\"}}}}"))),
        ("a field in JSON", json(format!("[{{\"name\":\"Cookie\",\"value\":\"a={value}\"}}]"))),
        ("a WebSocket", field("Sec-WebSocket-Protocol", format!("v1, bearer, {value}"))),
        ("a user alone", said(format!("https://{value}@git.example/a"))),
        (
            "another language",
            json(format!("{{\"passwort\":\"{value}\",\"пароль\":\"{value}\",\"パスワード\":\"{value}\"}}")),
        ),
        ("one of several", text(format!("CLIENT_SECRET_PROD={value}"))),
        ("a token in two parts", json(format!("{{\"a\":[\"{}\",\"{}\"]}}", token.0, token.1))),
        ("UTF-16", utf16),
        ("all of an answer", HttpResponse::new(200, "text/plain", value)),
        ("all of an answer, quoted", json(format!("\"{value}\""))),
    ]
}

impl Bed {
    fn next(&mut self, what: String) -> String {
        let value = value(self.planted.len());
        self.planted.push(Planted { value: value.clone(), what });
        value
    }

    fn exchange(&mut self, request: HttpRequest, answer: Answer) {
        self.exchanges.push(Exchange {
            position: 0,
            stage: Stage::Token,
            attempt: 1,
            request,
            answer,
            sent_at: Timestamp::default(),
            took: Duration::ZERO,
            checks: Vec::new(),
            settings: Arc::default(),
            overheard: None,
            meanwhile: Vec::new(),
        });
    }

    /// One secret in half of the places, each under another spelling of the name; in the other half with the next name.
    fn plant(&mut self, turn: usize, name: &str) {
        let is_meant = |place: usize| (turn + place).is_multiple_of(2);
        let at = || HttpRequest::get("https://as.example/".parse().expect("a URL"));
        let spellings = spellings(name);
        let spelling = |place: usize| spellings[(turn + place) % spellings.len()].as_str();
        for place in (0..places("", "").len()).filter(|place| is_meant(*place)) {
            let name = spelling(place);
            let value = self.next(format!("{name} in {}", places("", "")[place].0));
            let (_, answer) = places(name, &value).swap_remove(place);
            self.exchange(at(), answer);
        }
        for place in 0..requests("", "x").len() {
            let name = spelling(place);
            let value = self.next(format!("{name} in {}", requests("", "x")[place].0));
            let (_, request) = requests(name, &value).swap_remove(place);
            self.exchange(request, Answer::Response(HttpResponse::new(200, JSON, "{}")));
        }
    }

    /// One where no list of names helps.
    fn plant_unlisted(&mut self) {
        let form: Params = [("grant_type", "client_credentials")].into_iter().collect();
        for place in 0..unlisted("").len() {
            let value = self.next(unlisted("")[place].0.to_owned());
            let (_, response) = unlisted(&value).swap_remove(place);
            let request = HttpRequest::post_form("https://as.example/token".parse().expect("a URL"), &form);
            self.exchange(request, Answer::Response(response));
        }
    }

    /// All of them again, without a name, as one encoding has them.
    fn repeat(&mut self, encoding: usize) {
        let seen = |planted: &Planted| Json::String(encodings(&planted.value).swap_remove(encoding).1);
        let body = Json::Array(self.planted.iter().map(seen).collect()).to_string();
        let echo = self.planted.first().map(|first| encodings(&first.value).swap_remove(encoding).1);
        let request = HttpRequest::get("https://as.example/".parse().expect("a URL"))
            .with_header("X-Echo", echo.unwrap_or_default());
        self.exchange(request, Answer::Response(HttpResponse::new(200, JSON, body)));
    }

    /// A run in which all of it happened.
    fn flow(self) -> (Flow, Vec<Planted>) {
        let mut flow = Pair::new().flow();
        flow.trace.exchanges = self.exchanges.into_iter().map(Arc::new).collect();
        (flow, self.planted)
    }
}

/// What of a secret can be read in a text: half of it as it is, or all of it in digits or in this encoding, whatever
/// stands between two characters of it.
fn readable<'a>(text: &str, planted: &'a [Planted], encoding: usize) -> Vec<&'a str> {
    let in_base64 = |value: &str, before: usize| {
        let written = URL_SAFE_NO_PAD.encode(format!("{}{value}", "\0".repeat(before)));
        // The characters at both ends depend on what stands around.
        written[before + 1..written.len() - 2].to_owned()
    };
    let close = |text: &str| {
        ["\\r", "\\n", "<wbr>", ":", "\u{ad}"].iter().fold(text.to_owned(), |text, it| text.replace(it, ""))
    };
    let is_seen = |c: &char| !c.is_whitespace() && *c != '\u{200b}';
    let squeezed: String = close(text).chars().filter(is_seen).collect();
    let text = format!("{text}\n{squeezed}\n{}", squeezed.replace('+', "-").replace('/', "_"));
    let small = text.to_lowercase();
    let ways = |value: &str| {
        let mut ways = vec![encodings(value).swap_remove(encoding).1, percent(value), json_escaped(value)];
        ways.extend((0..3).map(|before| in_base64(value, before)));
        ways
    };
    let halves = |value: &str| -> Vec<String> {
        let halves = [&value[..value.len() / 2], &value[value.len() / 2..]];
        halves.into_iter().flat_map(|half| [half.to_lowercase(), hex(half)]).collect()
    };
    let mut read = standing_in(&text, &planted.iter().map(|planted| ways(&planted.value)).collect::<Vec<_>>());
    read.extend(standing_in(&small, &planted.iter().map(|planted| halves(&planted.value)).collect::<Vec<_>>()));
    planted.iter().enumerate().filter(|(at, _)| read.contains(at)).map(|(_, planted)| planted.what.as_str()).collect()
}

/// Which of these have a text that stands in another. That is gone through once, whatever is looked for: a text is
/// searched for only where its beginning stands somewhere.
fn standing_in(text: &str, sought: &[Vec<String>]) -> HashSet<usize> {
    const BEGINNING: usize = 8;
    let number = |bytes: &[u8]| bytes.iter().fold(0_u64, |number, byte| number << 8 | u64::from(*byte));
    let place = |number: u64| (number.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 48) as usize;
    let mut likely = vec![false; 1 << 16];
    let beginnings = sought.iter().flatten().map(|sought| number(&sought.as_bytes()[..BEGINNING]));
    beginnings.for_each(|beginning| likely[place(beginning)] = true);
    let (mut last, mut standing) = (0_u64, HashSet::new());
    for byte in text.bytes() {
        last = last << 8 | u64::from(byte);
        if likely[place(last)] {
            standing.insert(last);
        }
    }
    let is_in = |sought: &String| standing.contains(&number(&sought.as_bytes()[..BEGINNING])) && text.contains(sought);
    (0..sought.len()).filter(|at| sought[*at].iter().any(is_in)).collect()
}

/// What a copy of each message is: the command, and both messages as they are.
fn copies(flow: &Flow, hide: &Redactor) -> String {
    let one = |exchange: &Arc<Exchange>| {
        let shown = hide.exchange(exchange);
        let response = shown.response().map(raw::response).unwrap_or_default();
        format!("{}\n{}\n{response}", curl::command(&shown.request), raw::request(&shown.request))
    };
    flow.trace.exchanges.iter().map(one).collect::<Vec<_>>().join("\n")
}

/// What can be read in what leaves the program as a file or a copy.
fn leaked(mut bed: Bed, encoding: usize) -> Vec<String> {
    bed.repeat(encoding);
    let (flow, planted) = bed.flow();
    let hide = redactor(&flow);
    let record = Record::of(&flow, &Next::Finished);
    let report = Report::of(&record, Some(&hide));
    let documents = Format::ALL.into_iter().map(|format| report.write(format));
    // Every value of a comparison, also what is the same.
    let compared = format!("{:?}", runs((&flow, None, false), (&flow, None, false)));
    let texts: Vec<String> = documents.chain([copies(&flow, &hide), record.to_text(Some(&hide)), compared]).collect();
    let mut read: Vec<String> =
        texts.iter().flat_map(|text| readable(text, &planted, encoding)).map(str::to_owned).collect();
    read.sort_unstable();
    read.dedup();
    read
}

/// Of the names that differ most for a redactor: a word, one that belongs to a whole object, and others.
const FEW: [&str; 4] = ["code", "access_token", "client_secret", "code_verifier"];

#[test]
fn each_kind_is_hidden_in_each_place_and_spelling() {
    let mut read = Vec::new();
    for (turn, name) in credential::names().enumerate() {
        let mut bed = Bed::default();
        bed.plant(turn, name);
        read.extend(leaked(bed, 0));
    }
    assert_eq!(read, Vec::<String>::new());
}

#[test]
fn what_no_list_names_is_hidden() {
    let mut bed = Bed::default();
    bed.plant_unlisted();
    assert_eq!(leaked(bed, 0), Vec::<String>::new());
}

#[test]
fn what_must_be_read_stays() {
    let bodies = [
        "{\"error\":\"invalid_grant\",\"code\":\"AADSTS70008\",\"username\":\"acct:alice@as.example\"}",
        "<table><tr><th>code</th><th>access_token</th></tr><tr><td>404</td><td>REQUIRED</td></tr></table>",
        "error,code\ninvalid_grant,AADSTS70008\n",
        "Authorization: required\ncode: AADSTS70008\ntoken: the one of yesterday",
        "{\"a\":\"user: alice, token_type=Bearer; curl -u is not known\"}",
        "{\"reset_password\":\"https://as.example/reset/1\",\"csrf_token\":\"not-verified\"}",
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZI\n-----END PUBLIC KEY-----\n",
        "invalid_client",
        "{\"error_description\":\"AADSTS70008: The authorization code has expired. Trace ID: 3f2504e0-4f89-11d3-9a0c-0305e82c3301\"}",
        "{\"error_description\":\"the token has the thumbprint 0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I\"}",
        "{\"error_description\":\"no key with kid b3BhcXVlLWxvbmctdmFsdWUtMDEy for the token\"}",
        "{\"errors\":{\"code\":[\"The code field is required.\"]}}",
        "{\"allowed\":[\"code\",\"id_token\"],\"a\":[\"password\",\"must not be empty\"]}",
        "| parameter | required |\n|---|---|\n| code | yes |\n| access_token | string |\n",
        "components:\n  token:\n    type: oauth2\n  authorizationCode:\n    tokenUrl: https://as.example/token\n",
        "<label>Password</label><input id=password name=password><input type=submit value=\"Sign in\"><p>Wrong</p>",
        "<samlp:Response InResponseTo=\"ONELOGIN_4fee3b046395c4e751011e97f8900b5273d56685\"></samlp:Response>",
        "<script src=\"/token.js\" integrity=\"sha384-oqVuAfXRKap7fdgcCY5uykM6+R9GqQ8K/uxy9rx7HNQlGYl1kPzQho1wx4JwY8wC\">",
    ];
    for body in bodies {
        let response = HttpResponse::new(200, "text/plain", body)
            .with_header("WWW-Authenticate", "Negotiate")
            .with_header("Server-Timing", "cache;desc=\"Cache Read\";dur=23.2, db")
            .with_header("Sec-WebSocket-Protocol", "graphql-transport-ws, v10.stomp")
            .with_header("Set-Cookie", "a=; Path=/; Expires=Wed, 21 Oct 2026 07:28:00 GMT")
            .with_header("Location", "https://app.example/a;v=1/token/b?x=1&RelayState=b3BhcXVlLWxvbmctdmFsdWUtMDEy");
        assert_eq!(Redactor::default().response(&response), response);
    }
}

#[test]
fn each_encoding_is_hidden() {
    let mut read = Vec::new();
    for (encoding, (way, _)) in encodings("").into_iter().enumerate() {
        let mut bed = Bed::default();
        bed.plant(encoding, FEW[encoding % FEW.len()]);
        read.extend(leaked(bed, encoding).into_iter().map(|what| format!("{what}, repeated in {way}")));
    }
    assert_eq!(read, Vec::<String>::new());
}

/// The program tells a run that was saved with its secrets, and says the same of it as a program.
#[test]
fn story_and_json_of_the_program_show_none() {
    let mut bed = Bed::default();
    FEW.into_iter().enumerate().for_each(|(turn, name)| bed.plant(turn, name));
    bed.plant_unlisted();
    (0..encodings("").len()).for_each(|encoding| bed.repeat(encoding));
    let (flow, planted) = bed.flow();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("run.json");
    std::fs::write(&file, Record::of(&flow, &Next::Finished).to_text(None)).expect("written");
    let all = readable(&std::fs::read_to_string(&file).expect("readable"), &planted, 0).len();
    assert!(all > planted.len() / 2, "they are in the file: {all}");
    let shown = Command::new(env!("CARGO_BIN_EXE_grantscope")).arg("show").arg(&file).output().expect("the program");
    for text in [shown.stdout, shown.stderr] {
        assert!(!text.is_empty());
        assert_eq!(readable(&String::from_utf8_lossy(&text), &planted, 0), Vec::<&str>::new());
    }
}
