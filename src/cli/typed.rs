//! Secrets and tokens that were typed, or that lie where the typed text points to.

use std::io::Read as _;
use std::path::Path;

use super::Usage;
use crate::base::secret::Secret;
use crate::base::web_url::NotWebUrl;
use crate::export::redact::{Redactor, is_placeholder};
use crate::io::storage;

/// Most bytes that are read from standard input, but for tokens.
const STDIN_LIMIT: u64 = 1024 * 1024;

/// Longest text that can be the name of a file, in bytes.
const PATH_LIMIT: usize = 4096;

/// Most bytes that are read of a token: more than is taken apart, so that its size can be told.
const TOKEN_LIMIT: u64 = 64 * 1024 * 1024;

/// A secret, and whether it stood in the arguments, where other users of this machine can see it.
pub(super) enum TypedSecret {
    /// From the environment, a file or standard input.
    Elsewhere(Secret),
    /// In plain text.
    Argument(Secret),
}

impl TypedSecret {
    /// What stands in the place of a secret is none.
    fn checked(self) -> Result<Self, Usage> {
        let (Self::Elsewhere(secret) | Self::Argument(secret)) = &self;
        not_hidden(secret.expose()).map(|()| self)
    }
}

/// Refuses what this program has put in the place of a secret.
pub(super) fn not_hidden(text: &str) -> Result<(), Usage> {
    match is_placeholder(text.trim()) {
        false => Ok(()),
        true => Err(Usage(format!(
            "{} stands in the place of a value that this program has hidden; it is shown and saved with --with-secrets",
            text.trim()
        ))),
    }
}

/// What is said of what was typed, with the passwords and the secret parameters of the addresses in it hidden.
pub(super) fn without_secrets(told: &str) -> String {
    let redactor = Redactor::default();
    told.split_inclusive(char::is_whitespace).map(|word| address_without_secrets(&redactor, word)).collect()
}

fn address_without_secrets(redactor: &Redactor, word: &str) -> String {
    // Signs of the sentence around it are none of its own.
    let address = word.trim_end_matches(|c: char| c.is_whitespace() || "`'\":;,.)".contains(c));
    let behind = &word[address.len()..];
    if address.contains("://") {
        return redactor.reference(address) + behind;
    }
    let has_password = address.split_once('@').is_some_and(|(user, _)| user.contains(':') && !user.contains('/'));
    if !has_password {
        return word.to_owned();
    }
    // One that was typed without its scheme.
    let shown = redactor.reference(&format!("https://{address}"));
    shown.trim_start_matches("https://").to_owned() + behind
}

/// Whether a text that should be something else is the name of a file here.
pub(super) fn names_file(text: &str) -> bool {
    text.len() < PATH_LIMIT && !text.is_empty() && Path::new(text).is_file()
}

/// Whether a text that is no file here was hardly meant as anything else: its path begins at a folder, or its name ends as
/// those of files do.
fn looks_like_path(text: &str) -> bool {
    let begins = ["/", "./", "../", "~/", ".\\"].iter().any(|folder| text.starts_with(folder));
    let is_word = text.len() < PATH_LIMIT && !text.contains("://") && !text.contains(['{', '"', '\n']);
    is_word && (begins || has_ending(text))
}

/// Whether a name ends as those of files with tokens or keys do.
fn has_ending(name: &str) -> bool {
    let ending = Path::new(name).extension().and_then(|ending| ending.to_str());
    let known = ["txt", "jwt", "jws", "jwe", "jwk", "jwks", "json", "pem", "der", "key", "token", "har", "toml", "log"];
    ending.is_some_and(|ending| known.iter().any(|it| it.eq_ignore_ascii_case(ending)))
}

/// What is said where a file or an address is wanted and a text is neither: why the file cannot be read, and what the
/// address lacks where one may be meant.
pub(super) fn neither(typed: &str, no_file: Usage, no_url: &NotWebUrl) -> Usage {
    let is_address = match no_url {
        _ if typed.contains("://") => return Usage(format!("{typed}: {no_url}")),
        NotWebUrl::NoScheme(_) => typed.contains([':', '/']) || typed.contains('.') && !has_ending(typed),
        NotWebUrl::Port(_) => true,
        _ => false,
    };
    if is_address { Usage(format!("{no_file}; as a URL, {no_url}")) } else { no_file }
}

/// Reads `env:NAME`, `@FILE`, `@-` or a plain secret.
pub(super) fn secret(text: &str) -> Result<TypedSecret, Usage> {
    where_it_lies(text)?.checked()
}

fn where_it_lies(text: &str) -> Result<TypedSecret, Usage> {
    if let Some(name) = text.strip_prefix("env:") {
        return environment(name).map(TypedSecret::Elsewhere);
    }
    match text.strip_prefix('@') {
        Some("-") => stdin().map(|text| TypedSecret::Elsewhere(text.into())),
        Some(path) => match file(Path::new(path))? {
            text if one_line(&text).is_empty() => Err(Usage(format!("{path} is empty"))),
            text => Ok(TypedSecret::Elsewhere(one_line(&text).into())),
        },
        None => Ok(TypedSecret::Argument(text.into())),
    }
}

/// The value of an environment variable.
pub(super) fn environment(name: &str) -> Result<Secret, Usage> {
    let value = std::env::var(name).map_err(|_| Usage(format!("the environment variable {name} is not set")))?;
    Ok(value.into())
}

/// A token that was typed, that of `@FILE`, or standard input for `-`.
pub(super) fn token(typed: &str) -> Result<String, Usage> {
    let token = match typed.strip_prefix('@') {
        _ if matches!(typed, "-" | "@-") => stdin_line(TOKEN_LIMIT)?,
        Some(path) => one_line(&large_file(Path::new(path))?).to_owned(),
        None if names_file(typed) => return Err(Usage(format!("{typed} is a file; @{typed} reads the token in it"))),
        None if looks_like_path(typed) => {
            return Err(Usage(format!(
                "there is no such file, and it is no token: {typed}; @FILE reads the token in a file"
            )));
        }
        None => typed.to_owned(),
    };
    not_hidden(&token).map(|()| token)
}

/// Standard input without its last line break.
pub(super) fn stdin() -> Result<String, Usage> {
    stdin_line(STDIN_LIMIT)
}

fn stdin_line(limit: u64) -> Result<String, Usage> {
    match one_line(&stdin_text(limit)?) {
        "" => Err(Usage("standard input is empty or closed".to_owned())),
        line => Ok(line.to_owned()),
    }
}

fn stdin_text(limit: u64) -> Result<String, Usage> {
    String::from_utf8(stdin_plain(limit)?).map_err(|_| Usage("standard input is not UTF-8 text".to_owned()))
}

/// Standard input as it stands, text or not.
pub(super) fn stdin_secret() -> Result<Vec<u8>, Usage> {
    stdin_bytes(STDIN_LIMIT)
}

/// A recording, or standard input for `-`, of at most so many bytes.
pub(super) fn recording(path: &Path, limit: u64) -> Result<Vec<u8>, Usage> {
    if path != Path::new("-") {
        return storage::read_recording(path, limit).map_err(|error| Usage(error.to_string()));
    }
    stdin_plain(limit)
}

/// Standard input, unpacked and in UTF-8.
fn stdin_plain(limit: u64) -> Result<Vec<u8>, Usage> {
    storage::plain(stdin_bytes(limit)?, limit).map_err(|error| Usage(format!("standard input {error}")))
}

/// All of standard input: what is larger is refused, so that nothing is judged by its beginning.
fn stdin_bytes(limit: u64) -> Result<Vec<u8>, Usage> {
    let mut bytes = Vec::new();
    let read = std::io::stdin().take(limit + 1).read_to_end(&mut bytes);
    read.map_err(|error| Usage(format!("standard input cannot be read: {}", storage::why(&error))))?;
    match u64::try_from(bytes.len()).is_ok_and(|length| length <= limit) {
        true => Ok(bytes),
        false => Err(Usage(format!("standard input is larger than {} MiB", limit / (1024 * 1024)))),
    }
}

/// A run file, or standard input for `-`.
pub(super) fn run(path: &Path) -> Result<String, Usage> {
    if path != Path::new("-") {
        return storage::read_run(path).map_err(|error| Usage(error.to_string()));
    }
    stdin_text(storage::RUN_LIMIT)
}

/// The text of a preset.
pub(super) fn preset(path: &Path) -> Result<String, Usage> {
    storage::read_lying(path, storage::FILE_LIMIT).map_err(|error| Usage(error.to_string()))
}

/// A file as it stands, text or not.
pub(super) fn file_bytes(path: &Path) -> Result<Vec<u8>, Usage> {
    storage::read_bytes(path).map_err(|error| Usage(error.to_string()))
}

/// A text file that lies on a disk: a pipe may be one that nobody writes to.
pub(super) fn lying(path: &Path) -> Result<String, Usage> {
    storage::read_lying(path, storage::FILE_LIMIT).map_err(|error| Usage(error.to_string()))
}

/// The text of a file.
pub(super) fn file(path: &Path) -> Result<String, Usage> {
    storage::read(path).map_err(|error| Usage(error.to_string()))
}

/// The text of a file with tokens or keys, which may be as large as what a server sends.
pub(super) fn large_file(path: &Path) -> Result<String, Usage> {
    storage::read_within(path, TOKEN_LIMIT).map_err(|error| Usage(error.to_string()))
}

/// The same, text or not.
pub(super) fn large_bytes(path: &Path) -> Result<Vec<u8>, Usage> {
    storage::read_recording(path, TOKEN_LIMIT).map_err(|error| Usage(error.to_string()))
}

/// The certificates of authorities in a file.
pub(super) fn authorities(path: &Path) -> Result<String, Usage> {
    match file(path)? {
        text if text.trim().is_empty() => Err(Usage(format!("{}: there is no certificate in it", path.display()))),
        text => Ok(text),
    }
}

/// Whether nothing will ever come from standard input: it is closed, an empty file, or a device such as /dev/null.
pub(super) fn is_stdin_empty() -> bool {
    #[cfg(unix)]
    {
        use std::io::IsTerminal as _;
        use std::os::fd::AsFd as _;
        use std::os::unix::fs::FileTypeExt as _;

        let stdin = std::io::stdin();
        let file = stdin.as_fd().try_clone_to_owned().map(std::fs::File::from);
        let Ok(found) = file.and_then(|file| file.metadata()) else { return true };
        let is_device = found.file_type().is_char_device() && !stdin.is_terminal();
        is_device || found.is_file() && found.len() == 0
    }
    #[cfg(not(unix))]
    false
}

/// Editors and `echo` end a file with a line break that is no part of the secret.
fn one_line(text: &str) -> &str {
    let text = text.strip_suffix('\n').unwrap_or(text);
    text.strip_suffix('\r').unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_without_their_secrets() {
        for (told, shown) in [
            (
                "no file https://u:PASSw0rdZQ@as.example/j: why",
                "no file https://u:REDACTED-password-1@as.example/j: why",
            ),
            (
                "`discover https://u:PASSw0rdZQ@as.example/` shows",
                "`discover https://u:REDACTED-password-1@as.example/` shows",
            ),
            ("no file u:PASSw0rdZQ@as.example:9/j", "no file u:REDACTED-password-1@as.example:9/j"),
            (
                "http://as.example/a?client_secret=PASSw0rdZQ; x",
                "http://as.example/a?client_secret=REDACTED-client_secret-1; x",
            ),
            (
                "no file me@as.example, a/b:c@d, @FILE, client_secret=env:NAME",
                "no file me@as.example, a/b:c@d, @FILE, client_secret=env:NAME",
            ),
            ("  --set https://as.example/cb?state=x\n next", "  --set https://as.example/cb?state=x\n next"),
        ] {
            assert_eq!(without_secrets(told), shown);
        }
    }
}
