//! `serve`: the practice server alone.

use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;
use url::form_urlencoded::byte_serialize;

use super::Exit;
use super::args::ServeArgs;
use super::json::{self, number, object, text};
use super::terminal::{Paint, Terminal};
use crate::base::http::{HttpRequest, HttpResponse, reason};
use crate::base::json::Json;
use crate::base::text::visible;
use crate::io::clock;
use crate::io::machine::{Machine, PRACTICE_PORT, UserAgent};
use crate::io::serve::{Port, ServedTls};
use crate::io::storage::{self, Access};
use crate::practice::{Certificates, Config, IssuedCertificate};
use crate::terms::client_auth::ClientAuthMethod;

/// Serves until the program is stopped, and tells every request.
pub(super) fn serve(args: &ServeArgs, as_json: bool) -> Exit {
    let mut terminal = Terminal::stderr();
    match until_stopped(args, as_json, &mut terminal) {
        Ok(()) => Exit::Success,
        Err(what) => {
            terminal.line(&what);
            Exit::Failure
        }
    }
}

fn until_stopped(args: &ServeArgs, as_json: bool, terminal: &mut Terminal) -> Result<(), String> {
    let port = args.port.map_or(Port::Prefer(PRACTICE_PORT), Port::Exactly);
    let file = args.config.as_deref();
    let mut machine = Machine::new(UserAgent::Reader, Duration::ZERO, |_| {}).map_err(|error| error.to_string())?;
    let watch = move |request: &HttpRequest, response: &HttpResponse| log(request, response, as_json);
    let served =
        machine.serve_practice(port, |issuer| config(file, issuer), watch).map_err(|error| error.to_string())?;
    let config = config(file, served.issuer)?;
    let written = match (&args.write_certificates, &served.tls) {
        (Some(folder), Some(tls)) => Some(Written::into(folder, &tls.certificates)?),
        _ => None,
    };
    introduce(terminal, &config, served.tls.as_ref(), written.as_ref());
    json::print_line(&ready(&config, served.tls.as_ref(), written.as_ref()), as_json);
    machine.until_interrupted();
    machine.finish();
    Ok(())
}

/// The line that says that the server is there, and what clients need.
fn ready(config: &Config, tls: Option<&ServedTls>, written: Option<&Written>) -> Json {
    let clients = config.clients.iter().map(|client| text(client.client_id.clone())).collect();
    let users = config.users.iter().map(|user| text(user.sub.clone())).collect();
    let mut members = vec![
        ("issuer".to_owned(), text(config.issuer_text())),
        ("clients".to_owned(), Json::Array(clients)),
        ("users".to_owned(), Json::Array(users)),
    ];
    if let Some(tls) = tls {
        members.push(("tls_origin".to_owned(), text(origin(tls))));
    }
    if let Some(written) = written {
        let path = |path: &Path| text(path.display().to_string());
        let clients = written.clients.iter().map(|(client_id, file)| (client_id.clone(), path(file))).collect();
        members.push(("certificate_authority".to_owned(), path(&written.authority)));
        members.push(("tls_client_certificates".to_owned(), Json::Object(clients)));
    }
    Json::Object(members)
}

fn origin(tls: &ServedTls) -> String {
    tls.origin.as_str().trim_end_matches('/').to_owned()
}

/// Files with certificates.
struct Written {
    /// The authority to trust.
    authority: PathBuf,
    /// Certificate and private key of each client, by `client_id`.
    clients: Vec<(String, PathBuf)>,
}

impl Written {
    fn into(folder: &Path, certificates: &Certificates) -> Result<Self, String> {
        let of_clients = folder.join("clients");
        std::fs::create_dir_all(&of_clients).map_err(|error| format!("{}: {error}", of_clients.display()))?;
        let write = |path: PathBuf, pem: &str, access| match storage::write(&path, pem, access) {
            Ok(()) => Ok(path),
            Err(error) => Err(format!("{}: {error}", path.display())),
        };
        let authority = write(folder.join("authority.pem"), &certificates.authority, Access::Usual)?;
        let one = |issued: &IssuedCertificate| {
            // A client may have any name; its file stays in the folder.
            let name: String = byte_serialize(issued.client_id.as_bytes()).collect();
            let path = write(of_clients.join(format!("{name}.pem")), issued.pem.expose(), Access::Private)?;
            Ok((issued.client_id.clone(), path))
        };
        Ok(Self { authority, clients: certificates.clients.iter().map(one).collect::<Result<_, String>>()? })
    }
}

/// What is served: as the file says, or the practice clients and users.
fn config(file: Option<&Path>, issuer: Url) -> Result<Config, String> {
    let Some(path) = file else { return Ok(Config::practice(issuer)) };
    let text = storage::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Config::from_toml(&text, issuer).map_err(|error| format!("{}: {error}", path.display()))
}

fn introduce(terminal: &mut Terminal, config: &Config, tls: Option<&ServedTls>, written: Option<&Written>) {
    let title = terminal.paint(Paint::Strong, "Practice server");
    terminal.line(&format!("{title} at {}", config.issuer_text()));
    if let Some(tls) = tls {
        terminal.line(&format!("  with TLS at {}, for clients with certificates", origin(tls)));
    }
    if let Some(written) = written {
        terminal.pair("certificate_authority", &written.authority.display().to_string());
        for (client_id, file) in &written.clients {
            terminal.pair(client_id, &file.display().to_string());
        }
    }
    for client in &config.clients {
        let secret = match &client.client_secret {
            // Printed on purpose: it is in the documentation and protects nothing.
            Some(secret) => format!("client_secret {}", secret.expose()),
            None => match client.token_endpoint_auth_methods.first() {
                None | Some(ClientAuthMethod::None) => "public".to_owned(),
                Some(method) => method.name().to_owned(),
            },
        };
        terminal.pair(&client.client_id, &secret);
    }
    let users: Vec<&str> = config.users.iter().map(|user| user.sub.as_str()).collect();
    terminal.pair("users", &users.join(", "));
    terminal.line("Press Ctrl+C to stop it.");
}

/// Method, path and status; never a parameter, which may be a credential.
fn log(request: &HttpRequest, response: &HttpResponse, as_json: bool) {
    let (method, path) = (visible(&request.method), visible(request.url.path()));
    let now = clock::now();
    let mut terminal = Terminal::stderr();
    let status = response.status;
    let time = terminal.paint(Paint::Quiet, &now.to_utc());
    terminal.line(&format!("{time} {method} {path} {status} {}", reason(status)));
    let line = object([
        ("time", text(now.to_utc())),
        ("method", text(method)),
        ("path", text(path)),
        ("status", number(&status)),
    ]);
    json::print_line(&line, as_json);
}
