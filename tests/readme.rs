//! What the README shows of commands is what they print: `bash .ci/readme` writes it, and here it is compared.
//!
//! Above each block stands which lines of the output it shows: `<!-- excerpt: FIRST .. LAST | ONE -->` shows those from
//! the first that holds FIRST to the next that holds LAST, then the next that holds ONE. The commands are typed into a
//! shell, with the program first in its path and, where they ask it, a practice server that is served meanwhile.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use grantscope::base::json::Json;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
const MARK: &str = "<!-- excerpt: ";
/// Where the README has the practice server, which takes another port when this one is taken.
const ISSUER: &str = "http://127.0.0.1:9400";

/// A marked block.
struct Block<'a> {
    /// Which lines are shown.
    shown: Vec<&'a str>,
    command: &'a str,
    /// What the README has now, from the command on.
    text: String,
}

/// The blocks, and for each where its text begins in the README.
fn blocks(readme: &str) -> Vec<(usize, Block<'_>)> {
    let mut blocks = Vec::new();
    for (at, _) in readme.match_indices(MARK) {
        let (shown, rest) = readme[at + MARK.len()..].split_once(" -->\n```console\n").expect("a block below the mark");
        let text = &rest[..rest.find("```\n").expect("the block ends")];
        let command = text.lines().next().and_then(|line| line.strip_prefix("$ ")).expect("a command");
        let begins = readme.len() - rest.len();
        blocks.push((begins, Block { shown: shown.split(" | ").collect(), command, text: text.to_owned() }));
    }
    blocks
}

impl Block<'_> {
    /// As the README has to have it.
    fn made(&self) -> String {
        let output = output(self.command);
        let lines: Vec<&str> = output.lines().collect();
        let mut made = format!("$ {}\n", self.command);
        let mut at = 0;
        for shown in &self.shown {
            let (first, last) = shown.split_once(" .. ").unwrap_or((shown, shown));
            let next = |from: usize, words: &str| {
                let found = lines[from..].iter().position(|line| line.contains(words));
                from + found.unwrap_or_else(|| panic!("{}: no '{words}' in\n{output}", self.command))
            };
            let begin = next(at, first);
            let end = next(begin, last);
            if begin > at {
                made.push_str("...\n");
            }
            lines[begin..=end].iter().for_each(|line| made.push_str(&format!("{line}\n")));
            at = end + 1;
        }
        if at < lines.len() {
            made.push_str("...\n");
        }
        made
    }
}

/// What the README has jq take out of a result. It need not be on this machine, so the check is taken out here.
const JQ: &str = " | jq '.checks[] | select(.rule == \"";

/// The check of this rule.
fn check(result: &[u8], rule: &str) -> String {
    let result = Json::parse(result).expect("JSON");
    let checks = result.get("checks").expect("checks").elements();
    let found = checks.iter().find(|check| check.text("rule") == Some(rule)).expect("the check");
    format!("{}\n", found.pretty())
}

/// What the command says: its story, or what is taken out of its result.
fn output(command: &str) -> String {
    let served = command.contains(ISSUER).then(Served::start);
    let (command, token) = match &served {
        Some(served) => (command.replace(ISSUER, &served.issuer), served.id_token()),
        None => (command.to_owned(), String::new()),
    };
    let (command, rule) = match command.split_once(JQ) {
        Some((command, rest)) => (command.to_owned(), rest.split('"').next().map(str::to_owned)),
        None => (command, None),
    };
    let folder = tempfile::tempdir().expect("a folder");
    let done = shell(&command, folder.path()).env("ID_TOKEN", token).output().expect("a shell");
    if let Some(rule) = rule {
        return check(&done.stdout, &rule);
    }
    let told = String::from_utf8(done.stderr).expect("UTF-8").trim_start_matches('\n').to_owned();
    let issuer =
        told.lines().find_map(|line| line.split_once(" at http://127.0.0.1:")).map(|(_, port)| port.to_owned());
    match issuer {
        Some(port) => told.replace(&format!("http://127.0.0.1:{port}"), ISSUER),
        None => told,
    }
}

/// A command line in this folder, with the program first in its path and no display.
fn shell(command: &str, folder: &Path) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_grantscope")).parent().expect("a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell
        .args(["-c", command])
        .env("PATH", format!("{}:{path}", program.display()))
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .current_dir(folder)
        .stdin(Stdio::null());
    shell
}

/// A practice server of its own.
struct Served {
    child: Child,
    issuer: String,
}

impl Served {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_grantscope"));
        let mut child = command.arg("serve").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("it is ready");
        let ready = Json::parse_text(&line).expect("JSON");
        Self { issuer: ready.text("issuer").expect("an issuer").to_owned(), child }
    }

    /// As the README gets it.
    fn id_token(&self) -> String {
        let issuer = format!("issuer={}", self.issuer);
        let run = ["run", "authorization-code", "--sign-in", "alice", "--set", "client_id=practice-native"];
        let more = ["--with-secrets", "--quiet", "--set", issuer.as_str()];
        let done = Command::new(env!("CARGO_BIN_EXE_grantscope")).args(run).args(more).output().expect("it starts");
        let json = Json::parse(&done.stdout).expect("JSON");
        json.get("tokens").and_then(|tokens| tokens.text("id_token")).expect("an ID token").to_owned()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Without what is another at each run: how long it took, ports, names of keys.
fn constant(text: &str) -> String {
    let mut kept = String::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        for (at, word) in words.iter().enumerate() {
            let is_time = words.get(at + 1).is_some_and(|unit| matches!(*unit, "ms" | "s"));
            match word.split_once("127.0.0.1:").or_else(|| word.split_once("es256-")) {
                Some((before, after)) => {
                    kept.push_str(before);
                    kept.push_str(after.trim_start_matches(|c: char| c.is_ascii_hexdigit()));
                }
                None if is_time => {}
                None => kept.push_str(word),
            }
            kept.push(' ');
        }
        kept.push('\n');
    }
    kept
}

#[test]
fn the_readme_shows_what_the_commands_say() {
    let readme = std::fs::read_to_string(README).expect("the README");
    let made: Vec<(usize, usize, String)> =
        blocks(&readme).iter().map(|(begins, block)| (*begins, block.text.len(), block.made())).collect();
    assert!(made.len() > 3, "marked blocks");
    let mut written = readme.clone();
    for (begins, length, text) in made.iter().rev() {
        if constant(&readme[*begins..begins + length]) != constant(text) {
            written.replace_range(*begins..begins + length, text);
        }
    }
    if std::env::var_os("GRANTSCOPE_WRITE_README").is_some() {
        return std::fs::write(README, written).expect("written");
    }
    assert!(written == readme, "the README is stale: bash .ci/readme writes it anew; expected\n{}", texts(&made));
}

/// Above each script of a CI server.
const CI: &str = "<!-- ci -->\n```yaml\n";

/// The lines of those scripts that run the program.
fn script_lines(readme: &str) -> Vec<&str> {
    let blocks = readme.split(CI).skip(1).map(|rest| rest.split("```").next().expect("the block ends"));
    let lines =
        blocks.flat_map(str::lines).map(|line| line.trim().trim_start_matches("- ").trim_start_matches("run: "));
    lines.filter(|line| line.starts_with("grantscope ")).collect()
}

/// The folders of a checkout that a script names files of.
const CHECKOUT: [&str; 2] = ["examples", "presets"];

#[test]
fn the_scripts_for_ci_run_on_a_clean_checkout() {
    let readme = std::fs::read_to_string(README).expect("the README");
    let lines: Vec<_> = script_lines(&readme).into_iter().collect();
    assert_eq!(lines.len(), 2, "one of each forge: {lines:?}");
    for line in lines {
        let checkout = tempfile::tempdir().expect("a folder");
        for folder in CHECKOUT {
            std::fs::create_dir(checkout.path().join(folder)).expect("a folder");
            let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)).expect("a folder");
            for file in files.map(|file| file.expect("an entry")).filter(|file| file.path().is_file()) {
                std::fs::copy(file.path(), checkout.path().join(folder).join(file.file_name())).expect("copied");
            }
        }
        let done = shell(line, checkout.path()).env("WRONG_SECRET", "not-the-secret").output().expect("a shell");
        assert!(done.status.success(), "{line}: {}", String::from_utf8_lossy(&done.stderr));
    }
}

fn texts(made: &[(usize, usize, String)]) -> String {
    made.iter().map(|(.., text)| text.as_str()).collect::<Vec<_>>().join("\n")
}
