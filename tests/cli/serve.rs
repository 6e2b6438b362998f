//! The practice server as a process of its own.

use std::collections::BTreeSet;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Barrier;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use grantscope::base::json::Json;
use url::Url;

use crate::{Served, file, folder, get, run};

/// The answer to a client credentials request on a connection of its own.
fn token(issuer: &Url, all: &Barrier) -> String {
    let address = (issuer.host_str().expect("a host"), issuer.port().expect("a port"));
    let basic = STANDARD.encode("practice-service:practice-secret");
    let body = "grant_type=client_credentials&scope=profile";
    let request = format!(
        "POST /token HTTP/1.1\r\nHost: {}:{}\r\nAuthorization: Basic {basic}\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
        address.0,
        address.1,
        body.len()
    );
    let mut stream = TcpStream::connect(address).expect("it listens");
    all.wait();
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("answered");
    answer
}

#[test]
fn fifty_requests_at_once_are_all_answered() {
    const COUNT: usize = 50;
    let served = Served::start();
    let issuer = Url::parse(&served.issuer).expect("a URL");
    let all = Barrier::new(COUNT);
    let answers: Vec<String> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..COUNT).map(|_| scope.spawn(|| token(&issuer, &all))).collect();
        asked.into_iter().map(|asked| asked.join().expect("answered")).collect()
    });
    let mut tokens = BTreeSet::new();
    for answer in answers {
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
        let body = Json::parse_text(body).expect("JSON");
        tokens.insert(body.text("access_token").expect("a token").to_owned());
    }
    assert_eq!(tokens.len(), COUNT, "no two are the same");
}

#[test]
fn what_clients_with_certificates_need_is_said_and_written() {
    let folder = folder();
    let path = folder.path().join("new").join("certificates");
    let served = Served::with(&["--write-certificates", path.to_str().expect("UTF-8")]);
    assert!(served.ready.text("tls_origin").expect("a TLS origin").starts_with("https://127.0.0.1:"));
    let authority = served.ready.text("certificate_authority").expect("an authority");
    assert_eq!(std::fs::read_to_string(authority).expect("a file").matches("BEGIN CERTIFICATE").count(), 1);
    let files = served.ready.get("tls_client_certificates").expect("certificates").members();
    let clients: Vec<&str> = files.iter().map(|(client_id, _)| client_id.as_str()).collect();
    assert_eq!(clients, ["practice-tls", "practice-self-signed"]);
    for (client_id, file) in files {
        let file = file.as_str().expect("a path");
        let pem = std::fs::read_to_string(file).expect("a file");
        assert!(pem.contains("BEGIN CERTIFICATE") && pem.contains("PRIVATE KEY"), "{client_id}");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;

            let mode = std::fs::metadata(file).expect("a file").permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{client_id}: nobody else reads a key");
        }
    }
    let page = get(&format!("{}/", served.issuer));
    assert!(page.contains("BEGIN CERTIFICATE"), "the first page shows them as well");
}

#[test]
fn without_a_folder_nothing_is_written_and_the_tls_origin_is_still_said() {
    let served = Served::start();
    assert!(served.ready.text("tls_origin").is_some());
    assert_eq!(served.ready.get("certificate_authority"), None);
    let origin = served.ready.text("tls_origin").expect("a TLS origin").to_owned();
    let metadata = get(&format!("{}/.well-known/openid-configuration", served.issuer));
    assert!(metadata.contains(&format!("\"{origin}/token\"")), "{metadata}");
}

#[test]
fn a_client_of_any_name_writes_no_file_elsewhere() {
    let folder = folder();
    let clients = "[[clients]]\nclient_id = \"../../outside\"\ntls_client_auth_subject_dn = \"CN=outside\"\n\
                   grant_types = [\"client_credentials\"]\n";
    let config = file(&folder, "practice.toml", clients);
    let path = folder.path().join("certificates");
    let served = Served::with(&["--config", &config, "--write-certificates", path.to_str().expect("UTF-8")]);
    let files = served.ready.get("tls_client_certificates").expect("certificates").members();
    let written = std::path::Path::new(files[0].1.as_str().expect("a path"));
    assert_eq!((files[0].0.as_str(), written.parent()), ("../../outside", Some(path.join("clients").as_path())));
    assert!(written.exists() && !folder.path().join("outside.pem").exists());
}

#[test]
fn a_folder_that_cannot_be_written_ends_it_with_the_path() {
    let folder = folder();
    let path = file(&folder, "file", "");
    let done = run(&["serve", "--port", "0", "--write-certificates", &path]);
    assert_eq!(done.code, 1);
    assert!(done.story.contains(&path), "{}", done.story);
    assert_eq!(done.out, "");
}

#[test]
fn its_help_says_how_certificates_are_used() {
    let help = run(&["serve", "--help"]).out;
    for words in ["--write-certificates <FOLDER>", "authority.pem", "tls_client_certificate=@FILE"] {
        assert!(help.contains(words), "{help}");
    }
}
