//! What a newcomer types, and what is said of it.

use crate::*;

#[test]
fn options_of_every_command_may_stand_before_it() {
    for (arguments, code, out, story) in [
        (&["--quiet", "run", "client-credentials"][..], 0, true, false),
        (&["-q", "--json", "presets", "list"], 0, true, false),
        (&["--json", "presets", "list"], 0, true, false),
        // Without a command it is a run.
        (&["--json"], 0, true, true),
        (&["--quiet", "--json"], 0, true, false),
        (&["--window", "run", "client-credentials"], 2, false, true),
        (&["--window", "--json"], 2, false, true),
    ] {
        let done = run(arguments);
        assert_eq!(done.code, code, "{arguments:?}: {}", done.story);
        assert_eq!(!done.out.is_empty(), out, "{arguments:?}: {}", done.out);
        assert_eq!(!done.story.is_empty(), story, "{arguments:?}: {}", done.story);
        assert!(!out || serde_json::from_str::<serde_json::Value>(&done.out).is_ok(), "{arguments:?}: {}", done.out);
    }
}

/// In words of this program, with what to write instead, and none of the libraries that read it.
#[test]
fn what_cannot_be_taken_is_told_in_own_words() {
    const PORT: &str = "a port is a number from 0 to 65535, such as 9400";
    const SECONDS: &str = "a whole number of seconds, such as 60";
    for (arguments, says) in [
        (&["serve", "--port", "abc"][..], PORT),
        (&["serve", "--port", "70000"], PORT),
        (&["serve", "--port", "-1"], PORT),
        (&["serve", "--tls-port", "9443x"], PORT),
        (&["serve", "--control-port", ""], PORT),
        (&["between", "--issuer", "https://as.example", "--port", "65536"], PORT),
        (&["client-document", "serve", "--port", "x"], PORT),
        (&["between", "--issuer", "localhost"], "it has no scheme; with one it is http://localhost"),
        (&["between", "--issuer", "as.example:70000"], "70000 is no port: ports are numbers up to 65535"),
        (&["between", "--issuer", "https://as example"], "its host has a blank or another sign that no host has"),
        (&["discover", "https://as example"], "its host has a blank or another sign that no host has"),
        (&["discover", "http://[::1"], "its host is no IPv6 address in brackets, such as [::1]"),
        (&["run", "client-credentials", "--timeout", "soon"], SECONDS),
        (&["run", "client-credentials", "--timeout", "-1"], SECONDS),
        (&["run", "client-credentials", "--retry", "often"], "a whole number, such as 3"),
        (&["suite", "a.toml", "--jobs", "-2"], "a whole number from 1 on"),
        (&["run", "code"], "a similar value exists: 'authorization-code'"),
        (&["settings", "clientCredentials"], "a similar value exists: 'client-credentials'"),
        (&["run", "authorization-code", "--then", "refesh"], "a similar value exists: 'refresh'"),
        (&["run", "authorization-code", "--profile", "fapi"], "a similar value exists: 'fapi2'"),
        (
            &["serve", "--fault", "slow_answr=5"],
            "there is no fault of this name: slow_answr; did you mean slow_answer?",
        ),
        (&["serve", "--fault", "magic"], "there is no fault of this name: magic; there are wrong_iss, "),
        (&["presets", "show", "okt"], "did you mean okta?"),
        (&["run", "authorization-code", "--preset", "keyclok"], "did you mean keycloak?"),
        (&["lesson", "run", "stolenCode"], "did you mean stolen_code?"),
        (&["run", "client-credentials", "--scope", "openid"], "a setting is given with --set scope=..."),
        (&["run", "client-credentials", "--client-id=app"], "a setting is given with --set client_id=..."),
        (&["run", "client-credentials", "token_endpoint=https://as.example/"], "with --set token_endpoint=..."),
        (&["jwt", "decode", "tokn.txt"], "there is no such file, and it is no token: tokn.txt; @FILE reads"),
        (&["jwt", "decode", "./token"], "there is no such file"),
        (&["jwt", "verify", "a.b.c", "--jwks", "accounts.google.com"], "with one it is https://accounts.google.com"),
        (&["jwt", "verify", "a.b.c", "--jwks", "https://as.example:99999/"], "99999 is no port"),
        (&["jwt", "verify", "a.b.c", "--jwks", "https://as example"], "its host has a blank"),
        (&["jwt", "verify", "a.b.c", "--jwks", "nowhere.json"], "there is no file nowhere.json\n"),
        (&["client-document", "check", "as.example/client"], "with one it is https://as.example/client"),
        (&["man", "jwt decod"], "grantscope jwt has no command decod; did you mean decode?"),
        (&["man", "run", "code"], "grantscope run has no commands, and none is called code"),
    ] {
        let done = run(arguments);
        assert_eq!(done.code, 2, "{arguments:?}: {}", done.story);
        assert!(done.story.contains(says), "{arguments:?}: {}", done.story);
        for library in ["invalid digit", "not in 0..", "relative URL", "domain name", "invalid port"] {
            assert!(!done.story.contains(library), "{arguments:?}: {}", done.story);
        }
    }
}

#[test]
fn every_command_has_a_manual_page() {
    for (arguments, title) in [
        (&["man"][..], ".TH grantscope "),
        (&["man", "run"], ".TH grantscope-run "),
        (&["man", "jwt"], ".TH grantscope-jwt "),
        (&["man", "jwt decode"], ".TH grantscope-jwt-decode "),
        (&["man", "jwt", "decode"], ".TH grantscope-jwt-decode "),
        (&["man", "client-document", "make"], ".TH grantscope-client-document-make "),
    ] {
        let done = run(arguments);
        assert_eq!(done.code, 0, "{arguments:?}: {}", done.story);
        assert!(done.out.contains(title), "{arguments:?}: {}", done.out);
    }
}
