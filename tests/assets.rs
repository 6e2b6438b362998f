//! The texts and presets that ship with the program: they parse, and keep the form that the window relies on.

use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

const HEADINGS: [&str; 3] = ["**Why this step?** ", "**What to look at.** ", "**What can go wrong.** "];
const GROUPS: [&str; 6] =
    ["About", "Endpoints", "Grants and responses", "Client authentication", "Signing and encryption", "Features"];
/// The keys of each table of a preset, as presets/README.md names them.
const PRESET_KEYS: [(&str, &str); 7] = [
    ("", "version name documentation notes placeholders server client request token_request"),
    ("placeholders.*", "label example hint default"),
    (
        "server",
        "discovery issuer authorization_endpoint token_endpoint userinfo_endpoint jwks_uri registration_endpoint \
         revocation_endpoint introspection_endpoint device_authorization_endpoint \
         pushed_authorization_request_endpoint backchannel_authentication_endpoint end_session_endpoint",
    ),
    ("client", "client_id client_secret token_endpoint_auth_method redirect_uri post_logout_redirect_uri"),
    ("client_secret", "plain"),
    (
        "request",
        "grant scope response_type response_mode code_challenge_method state nonce prompt max_age login_hint \
         acr_values resource audience omit api_url extra",
    ),
    ("token_request", "headers extra omit"),
];

fn files(folder: &str, extension: &str) -> Vec<(PathBuf, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .expect("the folder is part of the project")
        .map(|entry| entry.expect("a readable entry").path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .collect();
    paths.sort();
    assert!(!paths.is_empty(), "{} has no .{extension}", folder.display());
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(path).expect("UTF-8 text"))).collect()
}

fn tables(folder: &str) -> Vec<(String, Table)> {
    files(folder, "toml")
        .into_iter()
        .map(|(path, text)| {
            let name = path.file_stem().expect("a file name").to_string_lossy().into_owned();
            let table = text.parse().unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (name, table)
        })
        .collect()
}

fn text<'a>(table: &'a Table, key: &str) -> Option<&'a str> {
    table.get(key).and_then(Value::as_str)
}

#[test]
fn every_step_text_has_its_three_paragraphs_links_and_length() {
    for (path, lesson) in files("assets/steps", "md") {
        let path = path.display();
        let paragraphs: Vec<_> = lesson.trim_end().split("\n\n").collect();
        assert_eq!(paragraphs.len(), HEADINGS.len() + 1, "{path}: paragraphs");
        for (paragraph, heading) in paragraphs.iter().zip(HEADINGS) {
            assert!(paragraph.starts_with(heading), "{path}: {heading}");
            assert!(!paragraph.contains(['\n', '!']), "{path}: {paragraph}");
        }
        for link in paragraphs[HEADINGS.len()].split(" · ") {
            assert!(link.starts_with('[') && link.contains("](https://") && link.ends_with(')'), "{path}: {link}");
        }
        let words = lesson.split_whitespace().count();
        assert!((60..=130).contains(&words), "{path}: {words} words");
        assert_eq!(lesson.matches('`').count() % 2, 0, "{path}: a code span is not closed");
        assert_eq!(lesson.matches("**").count() % 2, 0, "{path}: bold is not closed");
    }
}

fn assert_entry(path: &str, entry: &Value) {
    let entry = entry.as_table().unwrap_or_else(|| panic!("{path} is not a table"));
    let meaning = text(entry, "meaning").unwrap_or_default();
    assert!(meaning.ends_with('.'), "{path}: a meaning is a sentence, not {meaning:?}");
    assert!(text(entry, "spec").is_some_and(|spec| !spec.is_empty()), "{path}: spec");
    let specified = ["RFC ", "OIDC ", "OAuth Response", "CIBA", "JARM"];
    if specified.iter().any(|prefix| text(entry, "spec").is_some_and(|spec| spec.starts_with(prefix))) {
        let section = text(entry, "section").unwrap_or_default();
        assert!(section.split('.').all(|part| part.parse::<u8>().is_ok()), "{path}: section {section:?}");
    }
}

#[test]
fn every_term_says_what_it_means_and_where_it_is_defined() {
    for (file, table) in tables("assets/terms") {
        for (name, entry) in &table {
            if !matches!(file.as_str(), "claims" | "fields") {
                assert_entry(&format!("{file}.{name}"), entry);
                continue;
            }
            for (member, entry) in entry.as_table().expect("a table of entries") {
                assert_entry(&format!("{file}.{name}.{member}"), entry);
            }
        }
    }
}

#[test]
fn every_metadata_member_has_a_group_and_every_error_something_to_try() {
    for (file, table) in tables("assets/terms") {
        for (name, entry) in table.iter().filter_map(|(name, entry)| Some((name, entry.as_table()?))) {
            match file.as_str() {
                "metadata" => assert!(GROUPS.contains(&text(entry, "group").unwrap_or_default()), "{name}: group"),
                "errors" => {
                    let advice = entry.get("try").and_then(Value::as_array).unwrap_or_else(|| panic!("{name}: try"));
                    assert!(!advice.is_empty() && advice.iter().all(Value::is_str), "{name}: try");
                }
                _ => {}
            }
        }
    }
}

fn assert_known(file: &str, place: &str, table: &Table) {
    let (_, known) = PRESET_KEYS.iter().find(|(name, _)| *name == place).expect("a table of the format");
    for key in table.keys() {
        assert!(known.split(' ').any(|name| name == key), "{file}: [{place}] has {key}, unknown to presets/README.md");
    }
}

#[test]
fn every_preset_uses_only_keys_of_the_documented_format() {
    for (file, preset) in tables("presets") {
        assert_eq!(preset.get("version"), Some(&Value::Integer(1)), "{file}: version");
        assert!(text(&preset, "name").is_some(), "{file}: name");
        assert_known(&file, "", &preset);
        for place in ["server", "client", "request", "token_request"] {
            if let Some(table) = preset.get(place).and_then(Value::as_table) {
                assert_known(&file, place, table);
            }
        }
        for placeholder in preset.get("placeholders").and_then(Value::as_table).into_iter().flat_map(Table::values) {
            assert_known(&file, "placeholders.*", placeholder.as_table().expect("a placeholder is a table"));
        }
    }
}

/// The names in braces in any text of the value.
fn braces(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => {
            text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name.to_owned())).collect()
        }
        Value::Array(values) => values.iter().flat_map(braces).collect(),
        Value::Table(table) => table.values().flat_map(braces).collect(),
        _ => Vec::new(),
    }
}

#[test]
fn every_placeholder_is_declared_and_used() {
    for (file, preset) in tables("presets") {
        let declared: Vec<_> = preset
            .get("placeholders")
            .and_then(Value::as_table)
            .map(|table| table.keys().cloned().collect())
            .unwrap_or_default();
        let places = ["server", "client", "request", "token_request"];
        let used: Vec<_> = places.iter().filter_map(|place| preset.get(*place)).flat_map(braces).collect();
        for name in &used {
            assert!(declared.contains(name), "{file}: {{{name}}} is not declared");
        }
        for name in &declared {
            assert!(used.contains(name), "{file}: [placeholders.{name}] is not used");
        }
    }
}

#[test]
fn no_preset_but_the_practice_one_holds_a_secret_value() {
    for (file, preset) in tables("presets") {
        let client = preset["client"].as_table().unwrap_or_else(|| panic!("{file}: [client]"));
        match client.get("client_secret") {
            None => {}
            Some(Value::String(reference)) => {
                assert!(reference == "ask" || reference.starts_with("env:"), "{file}: client_secret is a plain text");
            }
            Some(Value::Table(table)) => {
                assert_known(&file, "client_secret", table);
                assert_eq!((file.as_str(), text(table, "plain")), ("practice", Some("practice-secret")));
            }
            Some(other) => panic!("{file}: client_secret is {other}"),
        }
    }
}

#[test]
fn the_readme_lists_every_preset() {
    let readme = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("presets/README.md")).expect("a readme");
    for (file, _) in tables("presets") {
        assert!(readme.contains(&format!("| `{file}.toml` |")), "{file} is not in presets/README.md");
    }
}
