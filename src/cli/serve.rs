//! `serve`: the practice server alone.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use url::Url;
use url::form_urlencoded::byte_serialize;

use super::json::{self, number, object, text};
use super::output::Output;
use super::places::Places;
use super::serve_args::ServeArgs;
use super::serve_settings::Told;
use super::serve_sign;
use super::table::Table;
use super::terminal::{Paint, Terminal, shown_path};
use super::{Exit, Usage, typed};
use crate::base::json::Json;
use crate::io::machine::{Machine, UserAgent};
use crate::io::serve::{PRACTICE_PORT, Ports, ServedTls};
use crate::io::storage::{self, Access};
use crate::practice::{
    Certificates, Client, Compared, Config, Entry, Fault, FaultEntry, IssuedCertificate, Pattern, Reason, Site, convert,
};
use crate::terms::client_auth::ClientAuthMethod;

/// Most bytes of a configuration of another server.
const CONVERTED: u64 = 4 * 1024 * 1024;
/// A configuration with every key.
const EXAMPLE: &str = include_str!("../practice/config/example.toml");

/// Serves until the program is stopped, and tells every request.
pub(super) fn serve(args: &ServeArgs, output: &Output) -> Result<Exit, Usage> {
    let mut terminal = output.story();
    if args.list_faults {
        list_faults(output);
        return Ok(Exit::Success);
    }
    if let Some(path) = &args.write_config {
        return Ok(write_config(path, output));
    }
    if let Some(path) = &args.convert {
        return convert_config(path, output);
    }
    if args.sign.is_some() || args.like.is_some() {
        return serve_sign::sign(args, output);
    }
    let environment =
        std::env::vars_os().filter_map(|(name, value)| name.into_string().ok().zip(value.into_string().ok()));
    let told = Told::read(args, environment).map_err(Usage)?;
    // Where it is to listen; the port that it gets is known later.
    let planned = told.config(Site::default().origin("http", PRACTICE_PORT)).map_err(Usage)?;
    check_places(args, &planned.site)?;
    let ports = told.ports(&planned.site).map_err(Usage)?;
    Ok(match until_stopped(&told, ports, output, &mut terminal) {
        Ok(()) => Exit::Success,
        Err(what) => {
            Terminal::stderr().line(&what);
            Exit::Failure
        }
    })
}

/// Refuses what could not be written, and what would be written over what is read.
fn check_places(args: &ServeArgs, site: &Site) -> Result<(), Usage> {
    if site.ready_file.as_deref() == Some("-") {
        let why = "--ready-file needs a file: what it holds may be the control token, which standard output never says";
        return Err(Usage(why.to_owned()));
    }
    let path = |text: &Option<String>| text.as_deref().map(PathBuf::from);
    let mut places = Places::default()
        .reads("the configuration", args.config.as_deref())
        .reads("the certificate", path(&site.certificate).as_deref())
        .reads("the stylesheet", path(&site.stylesheet).as_deref());
    for key in &site.keys {
        places = places.reads("a key", Some(Path::new(key)));
    }
    places.writes("ready-file", path(&site.ready_file).as_deref()).check()
}

fn until_stopped(told: &Told, ports: Ports, output: &Output, terminal: &mut Terminal) -> Result<(), String> {
    let control_token = ports.control.as_ref().map(|control| control.token.clone());
    let mut machine = Machine::new(UserAgent::Reader, Duration::ZERO, |_| {}).map_err(|error| error.to_string())?;
    // From before the line that says it is ready: whoever reads it may stop the server at once.
    let interruptions = machine.interruptions().map_err(|error| error.to_string())?;
    let watched = output.clone();
    let watch = move |entry: &Entry| log(entry, &watched);
    let served =
        machine.serve_practice(ports, |origin| told.config(origin), watch).map_err(|error| error.to_string())?;
    let config = told.config(served.issuer.clone())?;
    let written = match (&config.site.write_certificates, &served.tls) {
        (Some(folder), Some(tls)) => Some(Written::into(Path::new(folder), &tls.certificates)?),
        _ => None,
    };
    introduce(terminal, &config, served.tls.as_ref(), written.as_ref());
    config.further.iter().for_each(|further| introduce(terminal, further, None, None));
    tell_site(terminal, &config, &served.issuer);
    if let Some(control) = &served.control {
        terminal.line(&format!("  It is controlled at {control}control/openapi.json, with the control token."));
    }
    terminal.line("Press Ctrl+C to stop it.");
    let mut ready = ready(&config, served.tls.as_ref(), written.as_ref());
    ready.push(("origin".to_owned(), text(served.issuer.as_str().trim_end_matches('/'))));
    if let Some(control) = &served.control {
        ready.push(("control".to_owned(), text(control.as_str().trim_end_matches('/'))));
    }
    if let Some(path) = &config.site.ready_file {
        // The token is nowhere else.
        let token = control_token.map(|token| ("control_token".to_owned(), text(token.expose())));
        let written = Json::Object(ready.iter().cloned().chain(token).collect());
        let written = storage::write(Path::new(path), &format!("{written}\n"), Access::Private);
        written.map_err(|error| format!("{path}: {}", storage::why(&error)))?;
    }
    let ready = Json::Object(ready);
    output.line(&ready);
    machine.until(interruptions);
    machine.finish();
    Ok(())
}

/// Who reaches it and by which names, where that is not this machine alone.
fn tell_site(terminal: &mut Terminal, config: &Config, origin: &Url) {
    let site = &config.site;
    if config.any_client {
        let patterns: Vec<&str> = config.redirect_patterns.iter().map(Pattern::text).collect();
        let beside = if patterns.is_empty() { String::new() } else { format!(", and {}", patterns.join(", ")) };
        terminal.line(&format!("  Any client is taken, with redirect URIs on this machine{beside}."));
    }
    if site.is_local() {
        return;
    }
    let port = origin.port_or_known_default().unwrap_or_default();
    let names = config.certificate_names().into_iter().filter(|name| config.may_be_called_by(name));
    let names = names.collect::<Vec<_>>().join(", ");
    terminal.line(&format!("  It listens at {}, port {port}, and is called {names}.", site.address()));
    let title = terminal.paint(Paint::Caution, "Everybody who reaches it");
    terminal.line(&format!("  {title} signs in as any user and gets any token: for test networks only."));
}

/// The line that says that the server is there, and what clients need.
fn ready(config: &Config, tls: Option<&ServedTls>, written: Option<&Written>) -> Vec<(String, Json)> {
    let clients = config.clients.iter().filter(|client| is_taken(config, client));
    let clients = clients.map(|client| text(client.client_id.clone())).collect();
    let users = config.users.iter().map(|user| text(user.sub.clone())).collect();
    let mut members = vec![
        ("issuer".to_owned(), text(config.issuer_text())),
        ("clients".to_owned(), if config.any_client { text("any") } else { Json::Array(clients) }),
        ("users".to_owned(), Json::Array(users)),
    ];
    if let Some(profile) = config.profile {
        members.push(("profile".to_owned(), text(profile.slug())));
    }
    if !config.faults.is_empty() {
        let faults = config.faults.iter().map(|fault| text(fault.to_string())).collect();
        members.push(("faults".to_owned(), Json::Array(faults)));
    }
    if !config.further.is_empty() {
        let further = config.further.iter().map(|further| Json::Object(ready(further, None, None))).collect();
        members.push(("issuers".to_owned(), Json::Array(further)));
    }
    if let Some(tls) = tls {
        members.push(("tls_origin".to_owned(), text(origin(tls))));
    }
    if let Some(written) = written {
        let path = |path: &Path| text(path.display().to_string());
        let clients = written.clients.iter().map(|(client_id, file)| (client_id.clone(), path(file))).collect();
        members.push(("certificate_authority".to_owned(), path(&written.authority)));
        members.push(("tls_client_certificates".to_owned(), Json::Object(clients)));
    }
    members
}

fn list_faults(output: &Output) {
    let (mut rows, mut shown) = (Vec::new(), Vec::new());
    for fault in Fault::ALL {
        shown.push(vec![
            fault.name().to_owned(),
            fault.about().to_owned(),
            fault.rule().unwrap_or_default().to_owned(),
        ]);
        rows.push(object([
            ("fault", text(fault.name())),
            ("about", text(fault.about())),
            ("rule", json::optional(fault.rule().map(str::to_owned))),
            ("usual", json::optional(Some(fault.to_string()).filter(|usual| usual != fault.name()))),
        ]));
    }
    output.table(&Table { head: vec!["FAULT", "WHAT IT DOES", "RULE"], rows: shown, json: Json::Array(rows) });
}

/// Writes the example, every key explained, where nothing lies yet.
fn write_config(path: &Path, output: &Output) -> Exit {
    if path == Path::new("-") {
        output.write(EXAMPLE);
        return Exit::Success;
    }
    let written = std::fs::File::create_new(path).and_then(|mut file| file.write_all(EXAMPLE.as_bytes()));
    match written {
        Ok(()) => {
            let serve = format!("{} is written; serve it with: grantscope serve --config {0}", shown_path(path));
            output.story().line(&serve);
            Exit::Success
        }
        Err(error) => {
            let why = match error.kind() {
                std::io::ErrorKind::AlreadyExists => "there is a file of this name, which stays as it is".into(),
                _ => storage::why(&error),
            };
            Terminal::stderr().line(&format!("{} was not written: {why}", shown_path(path)));
            Exit::Failure
        }
    }
}

/// Prints what another mock server is configured with as a file of this one.
fn convert_config(path: &Path, output: &Output) -> Result<Exit, Usage> {
    let shown = shown_path(path);
    let text =
        String::from_utf8(typed::recording(path, CONVERTED)?).map_err(|_| Usage(format!("{shown} is no text")))?;
    let converted = convert(&text).map_err(|why| Usage(format!("{shown}: {why}")))?;
    // What cannot be served is told now.
    Config::from_toml(&converted.toml, Site::default().origin("http", PRACTICE_PORT))
        .map_err(|error| Usage(format!("{shown}: {}", error.what)))?;
    output.write(&converted.toml);
    let mut terminal = output.story();
    terminal.line(&format!("{shown} of {} is converted.", converted.from));
    for what in &converted.left_out {
        terminal.line(&format!("  left out: {what}"));
    }
    Ok(Exit::Success)
}

fn tell_faults(terminal: &mut Terminal, faults: &[FaultEntry]) {
    let title = terminal.paint(Paint::Caution, "Wrong on purpose");
    terminal.line(&format!("  {title}, for {} to notice:", if faults.len() == 1 { "a rule" } else { "rules" }));
    for entry in faults {
        let rule = entry.fault.rule().map(|rule| format!("; {rule}")).unwrap_or_default();
        terminal.pair(&entry.to_string(), &format!("{}{rule}", entry.fault.about()));
    }
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
        std::fs::create_dir_all(&of_clients)
            .map_err(|error| format!("{}: {}", shown_path(&of_clients), storage::why(&error)))?;
        let write = |path: PathBuf, pem: &str, access| match storage::write(&path, pem, access) {
            Ok(()) => Ok(path),
            Err(error) => Err(format!("{}: {}", shown_path(&path), storage::why(&error))),
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

/// Whether the profile of the server leaves a client a way to authenticate.
fn is_taken(config: &Config, client: &Client) -> bool {
    let methods = &client.token_endpoint_auth_methods;
    config.profile.is_none()
        || methods.iter().any(|method| config.takes_method(*method))
        || methods.is_empty() && config.takes_method(ClientAuthMethod::None)
}

fn introduce(terminal: &mut Terminal, config: &Config, tls: Option<&ServedTls>, written: Option<&Written>) {
    let title = terminal.paint(Paint::Strong, "Practice server");
    terminal.line(&format!("{title} at {}", config.issuer_text()));
    if let Some(tls) = tls {
        terminal.line(&format!("  with TLS at {}, for clients with certificates", origin(tls)));
    }
    if let Some(profile) = config.profile {
        terminal.line(&format!("  It demands of clients what {} demands.", profile.name()));
    }
    if !config.faults.is_empty() {
        tell_faults(terminal, &config.faults);
    }
    if let Some(written) = written {
        terminal.pair("certificate_authority", &shown_path(&written.authority));
        for (client_id, file) in &written.clients {
            terminal.pair(client_id, &shown_path(file));
        }
    }
    let (taken, refused): (Vec<&Client>, Vec<&Client>) =
        config.clients.iter().partition(|client| is_taken(config, client));
    for client in taken {
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
    if !refused.is_empty() {
        let refused: Vec<&str> = refused.into_iter().map(|client| client.client_id.as_str()).collect();
        terminal.pair("refused by the profile", &refused.join(", "));
    }
    let users: Vec<&str> = config.users.iter().map(|user| user.sub.as_str()).collect();
    terminal.pair("users", &users.join(", "));
}

/// What the log says, which has no credential in it.
fn log(entry: &Entry, output: &Output) {
    let mut terminal = output.story();
    let (method, path, status) = (&entry.method, &entry.path, entry.status);
    let time = terminal.paint(Paint::Quiet, &entry.at.to_utc());
    let client = entry.client_id.as_ref().map(|client| format!(" {client}")).unwrap_or_default();
    terminal.line(&format!("{time} {method} {path}{client} {status} {}", entry.words()));
    let line = object([
        ("time", text(entry.at.to_utc())),
        ("method", text(method)),
        ("path", text(path)),
        ("client_id", json::optional(entry.client_id.clone())),
        ("status", number(&status)),
        ("words", text(entry.words())),
        ("reasons", Json::Array(entry.reasons.iter().map(of_reason).collect())),
        ("faults", Json::Array(entry.faults.iter().map(|fault| text(fault.name())).collect())),
    ]);
    output.line(&line);
}

fn of_reason(reason: &Reason) -> Json {
    let mut members = vec![
        ("outcome".to_owned(), text(reason.outcome.word())),
        ("what".to_owned(), text(&reason.what)),
        ("saw".to_owned(), text(&reason.saw)),
    ];
    if let Some(Compared { came, known }) = &reason.compared {
        let labelled = |(label, value): &(String, String)| object([("label", text(label)), ("value", text(value))]);
        members.extend([("came".to_owned(), labelled(came)), ("known".to_owned(), labelled(known))]);
    }
    Json::Object(members)
}
