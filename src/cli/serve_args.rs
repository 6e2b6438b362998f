//! What can be typed after `serve`.

use std::path::PathBuf;

use clap::ArgGroup;
use clap::builder::PossibleValuesParser;
use serde_json::Value;

use super::help::SERVE;
use super::numbers::port;
use crate::practice::{FaultEntry, Workload};

/// `serve`
///
/// An option comes before the environment (`GRANTSCOPE_SERVE_PORT`), and that before the file.
#[derive(Debug, clap::Args)]
#[command(after_help = SERVE)]
#[command(group(ArgGroup::new("signed").args(["sign", "like"]).multiple(true)))]
pub(super) struct ServeArgs {
    /// Clients, users and every other setting from this TOML file
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Write an example of such a file, every key explained, and serve nothing; - is standard output
    #[arg(long, value_name = "FILE")]
    pub write_config: Option<PathBuf>,
    /// This port or none; by default 9400, or any free one when that is taken; 0 is any free one
    #[arg(long, value_parser = port, allow_negative_numbers = true)]
    pub port: Option<u16>,
    /// The same for TLS; by default 9443
    #[arg(long, value_name = "PORT", value_parser = port, allow_negative_numbers = true)]
    pub tls_port: Option<u16>,
    /// Listen at this address [default: 127.0.0.1]; at any other, everybody who reaches it may sign in as anybody
    #[arg(long, value_name = "ADDRESS")]
    pub bind: Option<String>,
    /// What metadata and tokens name as the issuer, whatever name a request came by, such as https://idp.test/blue
    #[arg(long, value_name = "URL")]
    pub issuer: Option<String>,
    /// Answer also as this host, for instance the name that containers call it by; may be given more than once
    #[arg(long = "allow-host", value_name = "NAME")]
    pub allow_hosts: Vec<String>,
    /// Certificate and private key for TLS, as PEM or PKCS#12 without a password [default: made at every start]
    #[arg(long, value_name = "FILE")]
    pub certificate: Option<PathBuf>,
    /// Write what standard output says when the server is ready into this file, which only its user can read
    #[arg(long, value_name = "FILE")]
    pub ready_file: Option<PathBuf>,
    /// Write what clients with certificates need into this folder: authority.pem, and clients/CLIENT_ID.pem with
    /// certificate and private key
    ///
    /// They are made anew at every start. A run uses them with certificate_authority=@FILE and
    /// tls_client_certificate=@FILE.
    #[arg(long, value_name = "FOLDER")]
    pub write_certificates: Option<PathBuf>,
    /// A private key to sign with, as JWK or PEM; may be given more than once, the first is used [default: made at every
    /// start]
    #[arg(long = "key", value_name = "FILE")]
    pub keys: Vec<PathBuf>,
    /// What the clock shows at the start, such as 2030-01-01T00:00:00Z
    #[arg(long, value_name = "TIME")]
    pub clock: Option<String>,
    /// Let scripts of pages of this origin ask for metadata, keys, tokens and claims, * for all; may be given more than
    /// once
    #[arg(long = "cors", value_name = "ORIGIN")]
    pub cors: Vec<String>,
    /// Let a test control the server at this port, with a token from GRANTSCOPE_SERVE_CONTROL_TOKEN, or one that is drawn
    /// and written into --ready-file alone; 0 is any free one
    ///
    /// GET /control/openapi.json there describes the calls.
    #[arg(long, value_name = "PORT", value_parser = port, allow_negative_numbers = true)]
    pub control_port: Option<u16>,
    /// Have that port at this address [default: 127.0.0.1]
    #[arg(long, value_name = "ADDRESS")]
    pub control_bind: Option<String>,
    /// Show secrets in what is read there
    #[arg(long)]
    pub control_secrets: bool,
    /// Who signs in: whoever sits at the page, or a user by itself, so that /authorize answers at once
    #[arg(long, value_name = "page|auto")]
    pub login: Option<String>,
    /// Whom --login auto signs in where the request names nobody [default: the first user]
    #[arg(long, value_name = "USER")]
    pub login_user: Option<String>,
    /// Demand of clients what this profile demands, and refuse all else: oauth2, oauth2.1, fapi2, fapi2-message-signing,
    /// browser, native or mcp
    #[arg(long, value_name = "PROFILE")]
    pub profile: Option<String>,
    /// CSS for the pages, behind their own
    #[arg(long, value_name = "FILE")]
    pub stylesheet: Option<PathBuf>,
    /// Take every client there may be: any name, any secret, redirect URIs on this machine or by --redirect-pattern
    #[arg(long)]
    pub any_client: bool,
    /// A redirect URI of --any-client, * for any characters; may be given more than once
    #[arg(long = "redirect-pattern", value_name = "PATTERN")]
    pub redirect_patterns: Vec<String>,
    /// Do this wrong on purpose, for clients to notice; may be given more than once
    ///
    /// The names are those of --list-faults. A fault with a parameter is slow_answer=500ms; one for some answers only is
    /// status=503;times=2;client_id=shop;endpoint=/token.
    #[arg(long = "fault", value_name = "NAME[=PARAM][;..]")]
    pub faults: Vec<FaultEntry>,
    /// Print the configuration of another mock server as one of this, tell what was left out, and serve nothing: a
    /// JSON_CONFIG of mock-oauth2-server, or clients, users and scopes of oidc-server-mock, as JSON, YAML or in a compose
    /// file; - reads it from standard input
    #[arg(long, value_name = "FILE")]
    pub convert: Option<PathBuf>,
    /// Sign the claims of this JSON file with --key, print the token and serve nothing; - reads them from standard input
    #[arg(long, value_name = "CLAIMS", requires = "keys")]
    pub sign: Option<PathBuf>,
    /// Sign the claims of a token as this workload has it, print the token and serve nothing; those of --sign are laid over
    /// them
    #[arg(long, value_name = "WORKLOAD", requires = "keys", value_parser = PossibleValuesParser::new(Workload::ALL.map(Workload::slug)))]
    pub like: Option<String>,
    /// With which algorithm [default: what is usual for the key]
    #[arg(long, value_name = "ALG", requires = "signed")]
    pub alg: Option<String>,
    /// A member of the header of --sign and --like; a value that is JSON is taken as such; may be given more than once
    #[arg(long = "header", value_name = "NAME=VALUE", requires = "signed")]
    pub headers: Vec<String>,
    /// List the faults, what each does and the rule that must notice it, and serve nothing
    #[arg(long)]
    pub list_faults: bool,
}

/// An option that was given: how it is called, the key that it is in a file, and its value as TOML.
pub(super) type Given = (&'static str, &'static str, String);

impl ServeArgs {
    /// What was given of the settings.
    pub fn given(&self) -> Vec<Given> {
        let path = |path: &Option<PathBuf>| path.as_ref().map(|path| quoted(&path.to_string_lossy()));
        let text = |text: &Option<String>| text.as_deref().map(quoted);
        let some = |texts: &[String]| Some(list(texts)).filter(|_| !texts.is_empty());
        let faults: Vec<String> = self.faults.iter().map(ToString::to_string).collect();
        let keys: Vec<String> = self.keys.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let options = [
            ("--port", "port", self.port.map(|port| port.to_string())),
            ("--tls-port", "tls_port", self.tls_port.map(|port| port.to_string())),
            ("--bind", "bind", text(&self.bind)),
            ("--issuer", "issuer", text(&self.issuer)),
            ("--allow-host", "allow_hosts", some(&self.allow_hosts)),
            ("--certificate", "certificate", path(&self.certificate)),
            ("--ready-file", "ready_file", path(&self.ready_file)),
            ("--write-certificates", "write_certificates", path(&self.write_certificates)),
            ("--key", "keys", some(&keys)),
            ("--clock", "clock", text(&self.clock)),
            ("--cors", "cors", some(&self.cors)),
            ("--control-port", "control_port", self.control_port.map(|port| port.to_string())),
            ("--control-bind", "control_bind", text(&self.control_bind)),
            ("--control-secrets", "control_secrets", self.control_secrets.then(|| "true".to_owned())),
            ("--login", "login", text(&self.login)),
            ("--login-user", "login_user", text(&self.login_user)),
            ("--profile", "profile", text(&self.profile)),
            ("--stylesheet", "stylesheet", path(&self.stylesheet)),
            ("--any-client", "clients", self.any_client.then(|| quoted("any"))),
            ("--redirect-pattern", "redirect_patterns", some(&self.redirect_patterns)),
            ("--fault", "faults", some(&faults)),
        ];
        options.into_iter().filter_map(|(option, key, value)| Some((option, key, value?))).collect()
    }
}

/// A text as TOML, on one line: what JSON escapes, TOML escapes in the same way.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Texts as TOML, on one line.
pub(super) fn list<T: AsRef<str>>(texts: &[T]) -> String {
    texts.iter().map(|text| Value::from(text.as_ref())).collect::<Value>().to_string()
}
