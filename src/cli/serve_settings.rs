//! What `serve` is told, in one order: an option before the environment, and that before the file. Each is a text of
//! settings, and they are laid over each other.

use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use url::Url;

use super::serve_args::{ServeArgs, list, quoted};
use super::terminal::shown_path;
use crate::base::http::ClientCertificate;
use crate::base::secret::Secret;
use crate::client::certificate::from_pem;
use crate::io::serve::{ControlPort, PRACTICE_PORT, PRACTICE_TLS_PORT, Port, Ports};
use crate::io::{key_file, random, storage};
use crate::jose::key::SigningKey;
use crate::practice::{Config, ConfigError, KEYS, Kind, Site};

/// What the names of variables begin with; the rest is the key in capitals.
pub(super) const PREFIX: &str = "GRANTSCOPE_SERVE_";
/// The variable with the token of the control port, which no file holds.
pub(super) const CONTROL_TOKEN: &str = "GRANTSCOPE_SERVE_CONTROL_TOKEN";
const CONFIG: &str = "GRANTSCOPE_SERVE_CONFIG";

/// Everything that was said about the settings.
pub(super) struct Told {
    /// What counts least first.
    layers: Vec<Layer>,
    control_token: Option<Secret>,
}

/// One text of settings.
struct Layer {
    text: String,
    said: Said,
}

/// Where a text was said, for errors.
enum Said {
    InFile(PathBuf),
    /// Each line is an option or a variable of this name.
    LineByLine(Vec<String>),
}

impl Told {
    /// Reads the file, the variables and the options.
    ///
    /// # Errors
    /// When the file cannot be read, or a variable is no setting.
    pub fn read(args: &ServeArgs, environment: impl Iterator<Item = (String, String)>) -> Result<Self, String> {
        let variables: Vec<(String, String)> = environment.filter(|(name, _)| name.starts_with(PREFIX)).collect();
        let named = variables.iter().find(|(name, _)| name == CONFIG).map(|(_, path)| PathBuf::from(path));
        let mut layers = Vec::new();
        if let Some(path) = args.config.clone().or(named) {
            let text = storage::read(&path).map_err(|error| error.to_string())?;
            layers.push(Layer { text, said: Said::InFile(path) });
        }
        let others = variables.iter().filter(|(name, _)| ![CONFIG, CONTROL_TOKEN].contains(&name.as_str()));
        let lines = others.map(|(name, value)| Ok((name.clone(), variable(name, value)?)));
        layers.push(Layer::of_lines(lines.collect::<Result<_, String>>()?));
        let given =
            args.given().into_iter().map(|(option, key, value)| (option.to_owned(), format!("{key} = {value}")));
        layers.push(Layer::of_lines(given.collect()));
        let token = variables.iter().find(|(name, token)| name == CONTROL_TOKEN && !token.is_empty());
        Ok(Self { layers, control_token: token.map(|(_, token)| Secret::new(token)) })
    }

    /// The configuration of a server that this machine reaches at this origin.
    ///
    /// # Errors
    /// What cannot work, with where it was said.
    pub fn config(&self, origin: Url) -> Result<Config, String> {
        let mut config = Config::practice(origin);
        for layer in &self.layers {
            config.lay(&layer.text).map_err(|error| layer.explain(&error))?;
        }
        if let Some(path) = &config.site.stylesheet {
            config.style = Some(storage::read(Path::new(path)).map_err(|error| error.to_string())?);
        }
        for path in config.site.keys.clone() {
            config.keys.push(signing_key(&path)?);
        }
        let against = config.each().find_map(Config::against_profile);
        match against {
            Some(what) => Err(what),
            None => Ok(config),
        }
    }
}

impl Told {
    /// Where it is served.
    ///
    /// # Errors
    /// When the certificate cannot be used, or nobody could know the control token.
    pub fn ports(&self, site: &Site) -> Result<Ports, String> {
        let port = |named: Option<u16>, usual| named.map_or(Port::Prefer(usual), Port::Exactly);
        Ok(Ports {
            address: site.address(),
            plain: port(site.port, PRACTICE_PORT),
            tls: port(site.tls_port, PRACTICE_TLS_PORT),
            control: site.control_port.map(|port| self.control(site, port)).transpose()?,
            certificate: site.certificate.as_deref().map(certificate).transpose()?,
        })
    }

    fn control(&self, site: &Site, port: u16) -> Result<ControlPort, String> {
        let token = match &self.control_token {
            Some(token) => token.clone(),
            None if site.ready_file.is_none() => {
                return Err(format!(
                    "--control-port needs its token in {CONTROL_TOKEN}, or --ready-file to write one into"
                ));
            }
            None => Secret::new(random::entropy().map_err(|error| error.to_string())?.token()),
        };
        let address = site.control_bind.unwrap_or(Ipv4Addr::LOCALHOST.into());
        Ok(ControlPort { address, port: Port::Exactly(port), token, shows_secrets: site.control_secrets })
    }
}

/// A private key from a file.
///
/// # Errors
/// When it cannot be read, or is none that signs.
pub(super) fn signing_key(path: &str) -> Result<Secret, String> {
    // The key itself may stand there.
    let is_text = path.trim_start().starts_with(['{', '-']) && path.contains(['"', '\n']);
    let (name, text) = match is_text {
        true => ("the key", Secret::new(path)),
        false => (path, key_file::read(Path::new(path), &Secret::default()).map_err(|error| error.to_string())?),
    };
    SigningKey::read(text.expose(), None, None).map_err(|error| format!("{name}: {error}"))?;
    Ok(text)
}

impl Layer {
    fn of_lines(lines: Vec<(String, String)>) -> Self {
        let (names, lines): (Vec<String>, Vec<String>) = lines.into_iter().unzip();
        Self { text: lines.join("\n"), said: Said::LineByLine(names) }
    }

    fn explain(&self, error: &ConfigError) -> String {
        match &self.said {
            Said::InFile(path) => format!("{}: {error}", shown_path(path)),
            Said::LineByLine(names) => match names.get(error.line.saturating_sub(1)) {
                Some(name) => format!("{name}: {}", error.what),
                None => error.what.clone(),
            },
        }
    }
}

/// A variable as a line of TOML.
fn variable(name: &str, value: &str) -> Result<String, String> {
    let key = name.strip_prefix(PREFIX).unwrap_or_default().to_ascii_lowercase();
    let known = KEYS.iter().find(|(known, _)| *known == key && name == format!("{PREFIX}{}", known.to_uppercase()));
    let all = || {
        let keys = KEYS.iter().map(|(key, _)| format!("{PREFIX}{}", key.to_uppercase()));
        [CONFIG, CONTROL_TOKEN].into_iter().map(str::to_owned).chain(keys).collect::<Vec<_>>().join(", ")
    };
    let (key, kind) = known.ok_or_else(|| format!("{name} is no setting of serve; there are {}", all()))?;
    let value = match kind {
        Kind::Text => quoted(value),
        Kind::Number => value.trim().parse::<u64>().map_err(|_| format!("{name}: {value} is no number"))?.to_string(),
        Kind::Switch => {
            value.trim().parse::<bool>().map_err(|_| format!("{name}: {value} is not true or false"))?.to_string()
        }
        Kind::List => list(&value.split(',').map(str::trim).filter(|text| !text.is_empty()).collect::<Vec<_>>()),
    };
    Ok(format!("{key} = {value}"))
}

fn certificate(path: &str) -> Result<Arc<ClientCertificate>, String> {
    let path = Path::new(path);
    let unusable = |why: String| format!("{}: {why}", shown_path(path));
    let pem = key_file::read(path, &Secret::default()).map_err(|error| error.to_string())?;
    from_pem(pem.expose()).map(Arc::new).map_err(|error| unusable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::cli::args::{Args, Command};

    fn told(typed: &[&str], environment: &[(&str, &str)]) -> Result<Config, String> {
        let args = Args::try_parse_from([&["grantscope", "serve"], typed].concat()).expect("arguments");
        let Some(Command::Serve(args)) = args.command else { panic!("another command") };
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Told::read(&args, environment)?.config(Url::parse("http://127.0.0.1:9400/").expect("a URL"))
    }

    #[test]
    fn an_option_comes_before_the_environment_and_that_before_the_file() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("practice.toml");
        std::fs::write(&path, "port = 1\ntls_port = 1\nallow_hosts = [\"file\"]\ncode_lifetime = 7").expect("written");
        let file = path.to_str().expect("UTF-8");
        let config = told(
            &["--port", "3"],
            &[
                ("GRANTSCOPE_SERVE_CONFIG", file),
                ("GRANTSCOPE_SERVE_PORT", "2"),
                ("GRANTSCOPE_SERVE_TLS_PORT", "2"),
                ("GRANTSCOPE_SERVE_ALLOW_HOSTS", "idp, other"),
                ("UNRELATED", "x"),
            ],
        )
        .expect("settings");
        assert_eq!((config.site.port, config.site.tls_port), (Some(3), Some(2)));
        assert_eq!(config.site.allow_hosts, ["idp", "other"]);
        assert_eq!(config.code_lifetime.as_secs(), 7);
        assert_eq!(config.clock, None);
    }

    #[test]
    fn what_is_wrong_is_told_by_the_name_it_was_said_under() {
        for (typed, environment, says) in [
            (&["--bind", "here"][..], &[][..], "--bind: bind is here, not an address such as 127.0.0.1"),
            (&["--issuer", "idp"], &[], "--issuer: issuer is idp, not like https://idp.test:9400"),
            (&["--allow-host", "idp:9400"], &[], "--allow-host: idp:9400 is no host"),
            (&["--profile", "fapi1"], &[], "--profile: profile is fapi1, not one of oauth2, oauth2.1, fapi2,"),
            (&[], &[("GRANTSCOPE_SERVE_PROFILE", "x")], "GRANTSCOPE_SERVE_PROFILE: profile is x, not one of"),
            (&["--login", "magic"], &[], "--login: login is magic, not page or auto"),
            (&[], &[("GRANTSCOPE_SERVE_PORT", "x")], "GRANTSCOPE_SERVE_PORT: x is no number"),
            (&[], &[("GRANTSCOPE_SERVE_PORT", "70000")], "GRANTSCOPE_SERVE_PORT: "),
            (&[], &[("GRANTSCOPE_SERVE_PROT", "1")], "GRANTSCOPE_SERVE_PROT is no setting of serve; there are"),
            (&[], &[("GRANTSCOPE_SERVE_SIGNING_ALG", "HS256")], "GRANTSCOPE_SERVE_SIGNING_ALG: signing_alg is HS256"),
        ] {
            let error = told(typed, environment).map(drop).expect_err(says);
            assert!(error.contains(says), "{error} does not say {says}");
        }
    }
}
