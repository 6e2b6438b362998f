//! `serve --sign` and `serve --like`: a token without a server.

use std::path::Path;

use serde_json::{Map, Value};

use super::output::Output;
use super::serve_args::ServeArgs;
use super::serve_settings::signing_key;
use super::terminal::shown_path;
use super::{Exit, Usage, typed};
use crate::base::json::Json;
use crate::io::{clock, random};
use crate::jose::jwk::{Jwk, KeyError};
use crate::jose::key::SigningKey;
use crate::practice::Workload;

/// What a token is called that nobody gave a type.
const TYP: &str = "JWT";

/// Most bytes of claims.
const LIMIT: u64 = 1024 * 1024;

/// Signs the claims and prints the token.
pub(super) fn sign(args: &ServeArgs, output: &Output) -> Result<Exit, Usage> {
    let [key] = args.keys.as_slice() else {
        return Err(Usage("a token is signed with one --key".to_owned()));
    };
    let key = self::key(&key.to_string_lossy(), args.alg.as_deref())?;
    let mut header = Map::from_iter([("typ".to_owned(), Value::from(TYP))]);
    for pair in &args.headers {
        let (name, value) =
            pair.split_once('=').ok_or_else(|| Usage(format!("--header takes NAME=VALUE, not {pair}")))?;
        header.insert(name.to_owned(), serde_json::from_str(value).unwrap_or_else(|_| Value::from(value)));
    }
    let token = key.sign(&header, &Value::Object(claims(args)?)).map_err(|error| Usage(error.to_string()))?;
    output.write(&format!("{token}\n"));
    Ok(Exit::Success)
}

/// Those of a workload, and over them those of a file.
fn claims(args: &ServeArgs) -> Result<Map<String, Value>, Usage> {
    let mut claims = match args.like.as_deref().and_then(Workload::find) {
        Some(workload) => {
            let jti = random::entropy().map_err(|error| Usage(error.to_string()))?.token();
            workload.claims(clock::now(), &jti)
        }
        None => Map::new(),
    };
    if let Some(file) = &args.sign {
        claims.extend(read(file)?);
    }
    Ok(claims)
}

fn key(path: &str, alg: Option<&str>) -> Result<SigningKey, Usage> {
    let wrong = |error: KeyError| Usage(format!("{path}: {error}"));
    let text = signing_key(path).map_err(Usage)?;
    let key = SigningKey::read(text.expose(), alg, None).map_err(wrong)?;
    if key.kid().is_some() {
        return Ok(key);
    }
    // As the server calls such a key.
    let public = Json::from(&key.public_jwk());
    let thumbprint = Jwk::from_json(&public).map_err(wrong)?.thumbprint().unwrap_or_default();
    SigningKey::read(text.expose(), Some(key.alg()), Some(&thumbprint)).map_err(wrong)
}

fn read(claims: &Path) -> Result<Map<String, Value>, Usage> {
    let shown = shown_path(claims);
    match serde_json::from_slice(&typed::recording(claims, LIMIT)?) {
        Ok(Value::Object(claims)) => Ok(claims),
        Ok(_) => Err(Usage(format!("{shown} is no JSON object"))),
        Err(error) => Err(Usage(format!("{shown} is no JSON: {error}"))),
    }
}
