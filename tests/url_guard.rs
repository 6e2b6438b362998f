//! Which URLs the system browser is given: a table of tricks, and what can never pass.

use grantscope::io::browser::{GuardError, URL_LIMIT, guard};
use proptest::prelude::*;

#[test]
fn web_pages_pass_as_they_are_parsed() {
    for (text, opened) in [
        ("https://as.example/authorize?a=b%20c#d", "https://as.example/authorize?a=b%20c#d"),
        ("HTTPS://AS.example:443/../x", "https://as.example/x"),
        ("https:\\\\as.example\\x", "https://as.example/x"),
        ("https://b\u{fc}cher.example/\u{e9}", "https://xn--bcher-kva.example/%C3%A9"),
        ("https://as.example/\"'`$(x)|;&", "https://as.example/%22'%60$(x)|;&"),
        ("http://127.0.0.1:9400/authorize", "http://127.0.0.1:9400/authorize"),
        ("http://[::1]:9400/", "http://[::1]:9400/"),
        ("http://localhost:9400/", "http://localhost:9400/"),
        ("http://0x7f.1/", "http://127.0.0.1/"),
    ] {
        assert_eq!(guard(text).as_ref().map(url::Url::as_str), Ok(opened), "{text}");
    }
}

#[test]
fn everything_else_is_refused_for_its_reason() {
    let scheme = |name: &str| GuardError::Scheme(name.to_owned());
    let plain = |host: &str| GuardError::PlainHttp(host.to_owned());
    let long = format!("https://as.example/{}", "a".repeat(URL_LIMIT));
    let grows = format!("https://as.example/{}", "\u{e9}".repeat(URL_LIMIT / 3));
    for (text, why) in [
        ("", GuardError::NotUrl),
        ("/authorize", GuardError::NotUrl),
        ("https://", GuardError::NotUrl),
        ("--version", GuardError::NotUrl),
        ("file:///etc/passwd", scheme("file")),
        ("javascript:alert(1)", scheme("javascript")),
        ("data:text/html,x", scheme("data")),
        ("ftp://as.example/", scheme("ftp")),
        ("ms-calculator:", scheme("ms-calculator")),
        ("http://as.example/", plain("as.example")),
        ("http://127.0.0.1.as.example/", plain("127.0.0.1.as.example")),
        ("http://192.168.0.1/", plain("192.168.0.1")),
        ("http://0.0.0.0/", plain("0.0.0.0")),
        ("https://bank.example@evil.example/", GuardError::UserInfo),
        ("https://:pw@evil.example/", GuardError::UserInfo),
        ("http://a@127.0.0.1/", GuardError::UserInfo),
        (" https://as.example/", GuardError::Space),
        ("https://as.example/a b", GuardError::Space),
        ("https://as.example/\u{a0}", GuardError::Invisible),
        ("java\nscript:alert(1)", GuardError::Invisible),
        ("https://as.example/\r\nx", GuardError::Invisible),
        ("https://as.example/\0", GuardError::Invisible),
        ("https://as.example/\u{1b}[31m", GuardError::Invisible),
        ("https://as.example/\u{202e}moc", GuardError::Invisible),
        ("https://as.exam\u{200b}ple/", GuardError::Invisible),
        (&long, GuardError::TooLong),
        (&grows, GuardError::TooLong),
    ] {
        assert_eq!(guard(text), Err(why), "{text:?}");
    }
}

proptest! {
    #[test]
    fn what_passes_is_a_plain_web_address(text in prop_oneof![any::<String>(), "https?://\\PC{0,60}"]) {
        if let Ok(url) = guard(&text) {
            prop_assert!(matches!(url.scheme(), "https" | "http"));
            prop_assert!(url.as_str().bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert!(url.as_str().len() <= URL_LIMIT);
            prop_assert_eq!(guard(url.as_str()), Ok(url));
        }
    }
}
