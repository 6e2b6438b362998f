//! `serve`: the practice server alone.

use std::path::Path;
use std::time::Duration;

use url::Url;

use super::Exit;
use super::json::{self, number, object, text};
use super::terminal::{Paint, Terminal};
use crate::base::http::{HttpRequest, HttpResponse, reason};
use crate::base::text::visible;
use crate::io::clock;
use crate::io::machine::{Machine, PRACTICE_PORT, UserAgent};
use crate::io::serve::Port;
use crate::io::storage;
use crate::practice::Config;

/// Serves until the program is stopped, and tells every request.
pub(super) fn serve(port: Option<u16>, file: Option<&Path>, as_json: bool) -> Exit {
    let port = port.map_or(Port::Prefer(PRACTICE_PORT), Port::Exactly);
    let mut terminal = Terminal::stderr();
    let mut machine = match Machine::new(UserAgent::Reader, Duration::ZERO, |_| {}) {
        Ok(machine) => machine,
        Err(error) => return failed(&mut terminal, &error.to_string()),
    };
    let watch = move |request: &HttpRequest, response: &HttpResponse| log(request, response, as_json);
    let issuer = match machine.serve_practice(port, |issuer| config(file, issuer), watch) {
        Ok(served) => served.issuer,
        Err(error) => return failed(&mut terminal, &error.to_string()),
    };
    let config = match config(file, issuer) {
        Ok(config) => config,
        Err(error) => return failed(&mut terminal, &error),
    };
    introduce(&mut terminal, &config);
    let clients = config.clients.iter().map(|client| text(client.client_id.clone())).collect();
    let users = config.users.iter().map(|user| text(user.sub.clone())).collect();
    let ready = object([
        ("issuer", text(config.issuer_text())),
        ("clients", crate::base::json::Json::Array(clients)),
        ("users", crate::base::json::Json::Array(users)),
    ]);
    json::print_line(&ready, as_json);
    machine.until_interrupted();
    machine.finish();
    Exit::Success
}

/// What is served: as the file says, or the practice clients and users.
fn config(file: Option<&Path>, issuer: Url) -> Result<Config, String> {
    let Some(path) = file else { return Ok(Config::practice(issuer)) };
    let text = storage::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Config::from_toml(&text, issuer).map_err(|error| format!("{}: {error}", path.display()))
}

fn failed(terminal: &mut Terminal, what: &str) -> Exit {
    terminal.line(what);
    Exit::Failure
}

fn introduce(terminal: &mut Terminal, config: &Config) {
    let title = terminal.paint(Paint::Strong, "Practice server");
    terminal.line(&format!("{title} at {}", config.issuer_text()));
    for client in &config.clients {
        let secret = match &client.client_secret {
            // Printed on purpose: it is in the documentation and protects nothing.
            Some(secret) => format!("client_secret {}", secret.expose()),
            None => "public".to_owned(),
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
