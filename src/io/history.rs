//! The runs of earlier sessions: a folder with a file a run, and an index that is only ever added to.
//!
//! ```text
//! runs/index.jsonl            a line for each thing that became known of a run; the last one of each run counts
//! runs/20261128-204501-a1b2c3d4.json     the run, as `record` writes it, without secrets
//! ```
//!
//! A run is written before its line, so that a line always has its run. Everything here blocks.

use std::collections::HashMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::storage::{self, Access};
use crate::base::time::Timestamp;

/// Bytes; limits are chosen and remembered in these.
pub const MEGABYTE: u64 = 1024 * 1024;

const INDEX: &str = "index.jsonl";

/// What is kept at most. The oldest runs that are not pinned make room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Runs.
    pub runs: usize,
    /// Bytes of all runs together.
    pub bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { runs: 10_000, bytes: 500 * MEGABYTE }
    }
}

/// What the list says of a run without opening it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Entry {
    /// Names its file.
    pub id: String,
    /// As in the JSON result: `authorization_code`.
    pub grant: String,
    /// The name of the provider.
    pub provider: String,
    /// When it began, in milliseconds since 1970.
    pub began_at: i64,
    /// As in the JSON result: `success`.
    pub outcome: String,
    /// The first rule that failed or warned, or what the server said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<String>,
    /// Whether the finding is a warning.
    #[serde(skip_serializing_if = "is_false")]
    pub is_warning: bool,
    /// How many requests left.
    pub exchanges: usize,
    /// What the user calls it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Whether it stays whatever comes.
    #[serde(skip_serializing_if = "is_false")]
    pub pinned: bool,
    /// The size of its file.
    pub bytes: u64,
    /// Whether it is gone; only a line of the index says so.
    #[serde(skip_serializing_if = "is_false")]
    pub deleted: bool,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "as serde calls it")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// The name of a run that begins now, which no other has. `drawn` makes it so.
pub fn name_of(began_at: Timestamp, drawn: &str) -> String {
    let time: String = began_at.to_utc().chars().filter(char::is_ascii_digit).collect();
    let drawn: String = drawn.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
    format!("{time}-{drawn}")
}

/// The runs of a folder.
#[derive(Debug)]
pub struct History {
    folder: PathBuf,
    limits: Limits,
    /// By id.
    entries: HashMap<String, Entry>,
    /// Lines of the index, those that count no more included.
    lines: usize,
}

impl History {
    /// Reads the index of a folder, which need not exist, and removes what a killed program has left there.
    ///
    /// # Errors
    /// As the system reports them.
    pub fn open(folder: PathBuf, limits: Limits) -> io::Result<Self> {
        storage::sweep(&folder);
        let mut history = Self { folder, limits, entries: HashMap::new(), lines: 0 };
        match fs::read_to_string(history.folder.join(INDEX)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
            Ok(text) => text.lines().filter(|line| !line.is_empty()).for_each(|line| history.take(line)),
        }
        Ok(history)
    }

    /// A line that cannot be read, such as one that was being written when the machine was switched off, says nothing.
    fn take(&mut self, line: &str) {
        self.lines += 1;
        let Ok(entry) = serde_json::from_str::<Entry>(line) else { return };
        match entry.deleted {
            true => drop(self.entries.remove(&entry.id)),
            false => drop(self.entries.insert(entry.id.clone(), entry)),
        }
    }

    /// All runs, the newest first.
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self.entries.values().cloned().collect();
        entries.sort_by(|one, other| (other.began_at, &other.id).cmp(&(one.began_at, &one.id)));
        entries
    }

    /// The run of this name.
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.get(id)
    }

    /// The text of a run.
    ///
    /// # Errors
    /// When there is none of this name, or it cannot be read.
    pub fn read(&self, id: &str) -> io::Result<String> {
        storage::read_run(&self.path(id)?).map_err(io::Error::other)
    }

    /// Keeps a run as it is now. Name and pin of an earlier writing stay. Returns the runs that made room for it.
    ///
    /// # Errors
    /// As the system reports them.
    pub fn write(&mut self, entry: Entry, text: &str) -> io::Result<Vec<String>> {
        let path = self.path(&entry.id)?;
        storage::create_private_folder(&self.folder)?;
        storage::write(&path, text, Access::Private)?;
        let before = self.entries.get(&entry.id);
        let (name, pinned) = before.map(|before| (before.name.clone(), before.pinned)).unwrap_or_default();
        self.put(&Entry { name, pinned, bytes: text.len() as u64, ..entry })?;
        self.make_room()
    }

    /// Names a run, or pins it.
    ///
    /// # Errors
    /// As the system reports them.
    pub fn change(&mut self, id: &str, name: &str, pinned: bool) -> io::Result<()> {
        match self.entries.get(id).cloned() {
            Some(entry) => self.put(&Entry { name: name.to_owned(), pinned, ..entry }),
            None => Ok(()),
        }
    }

    /// Deletes runs, pinned ones too.
    ///
    /// # Errors
    /// As the system reports them.
    pub fn delete(&mut self, ids: &[String]) -> io::Result<()> {
        for id in ids {
            match fs::remove_file(self.path(id)?) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => self.put(&Entry { id: id.clone(), deleted: true, ..Entry::default() })?,
            }
        }
        Ok(())
    }

    /// Another bound on what is kept. Returns the runs that made room.
    ///
    /// # Errors
    /// As the system reports them.
    pub fn limit(&mut self, limits: Limits) -> io::Result<Vec<String>> {
        self.limits = limits;
        self.make_room()
    }

    fn put(&mut self, entry: &Entry) -> io::Result<()> {
        let line = serde_json::to_string(entry)?;
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        let mut file = private(&mut options).open(self.folder.join(INDEX))?;
        // In one piece, so that two windows do not write into each other's lines, and not behind one that broke off.
        file.write_all(format!("\n{line}\n").as_bytes())?;
        self.take(&line);
        if self.lines > 2 * self.entries.len() + 1000 { self.compact() } else { Ok(()) }
    }

    /// Writes the index anew without the lines that count no more, unless another window is at it.
    fn compact(&mut self) -> io::Result<()> {
        let lock = File::create(self.folder.join("index.lock"))?;
        if lock.try_lock().is_err() {
            return Ok(());
        }
        let now = Self::open(self.folder.clone(), self.limits)?;
        let mut text = String::new();
        for entry in now.entries().into_iter().rev() {
            text += &serde_json::to_string(&entry)?;
            text.push('\n');
        }
        storage::write(&self.folder.join(INDEX), &text, Access::Private)?;
        (self.lines, self.entries) = (now.entries.len(), now.entries);
        Ok(())
    }

    fn make_room(&mut self) -> io::Result<Vec<String>> {
        let bytes: u64 = self.entries.values().map(|entry| entry.bytes).sum();
        let (mut over_runs, mut over_bytes) =
            (self.entries.len().saturating_sub(self.limits.runs), bytes.saturating_sub(self.limits.bytes));
        if over_runs == 0 && over_bytes == 0 {
            return Ok(Vec::new());
        }
        let mut gone = Vec::new();
        for entry in self.entries().into_iter().rev().filter(|entry| !entry.pinned) {
            if over_runs == 0 && over_bytes == 0 {
                break;
            }
            (over_runs, over_bytes) = (over_runs.saturating_sub(1), over_bytes.saturating_sub(entry.bytes));
            gone.push(entry.id);
        }
        self.delete(&gone)?;
        Ok(gone)
    }

    /// Names come from files of this folder, and none of them leads out of it.
    fn path(&self, id: &str) -> io::Result<PathBuf> {
        let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        match !id.is_empty() && id.len() <= 64 && id.chars().all(is_plain) {
            true => Ok(self.folder.join(Path::new(id).with_extension("json"))),
            false => Err(io::Error::new(io::ErrorKind::InvalidInput, "this is no name of a run")),
        }
    }
}

#[cfg(unix)]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;

    options.mode(0o600)
}

#[cfg(not(unix))]
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(at: i64) -> Entry {
        Entry { id: format!("2026-{at}"), began_at: at, grant: "device_code".to_owned(), ..Entry::default() }
    }

    fn opened(folder: &Path, runs: usize, bytes: u64) -> History {
        History::open(folder.join("runs"), Limits { runs, bytes }).expect("a history")
    }

    fn ids(history: &History) -> Vec<i64> {
        history.entries().iter().map(|entry| entry.began_at).collect()
    }

    #[test]
    fn what_is_written_is_there_at_the_next_start_newest_first() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut history = opened(folder.path(), 10, 1000);
        for at in [1, 2, 3] {
            history.write(entry(at), "{}").expect("written");
        }
        history.write(Entry { outcome: "success".to_owned(), ..entry(2) }, "{\"a\":1}").expect("written");
        history.change("2026-1", "the good one", true).expect("changed");
        history.delete(&["2026-3".to_owned()]).expect("deleted");
        let history = opened(folder.path(), 10, 1000);
        assert_eq!(ids(&history), [2, 1]);
        let [second, first] = &history.entries()[..] else { panic!("two runs") };
        assert_eq!((second.outcome.as_str(), second.bytes, first.name.as_str()), ("success", 7, "the good one"));
        assert_eq!(history.read("2026-2").expect("a run"), "{\"a\":1}");
        assert!(history.read("2026-3").is_err());
    }

    #[test]
    fn the_oldest_that_is_not_pinned_makes_room() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut history = opened(folder.path(), 3, 100);
        for at in [1, 2, 3] {
            history.write(entry(at), "0123456789").expect("written");
        }
        history.change("2026-1", "", true).expect("pinned");
        assert_eq!(history.write(entry(4), "0123456789").expect("written"), ["2026-2"]);
        assert_eq!(ids(&history), [4, 3, 1]);
        history.write(entry(5), &"x".repeat(85)).expect("written");
        assert_eq!(ids(&history), [5, 1], "by size, too");
        assert_eq!(history.limit(Limits { runs: 1, bytes: 1000 }).expect("limited"), ["2026-5"]);
        assert_eq!(ids(&history), [1], "what is pinned stays");
    }

    #[test]
    fn a_line_that_broke_off_and_a_name_that_leads_elsewhere_do_no_harm() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut history = opened(folder.path(), 10, 1000);
        history.write(entry(1), "{}").expect("written");
        let index = folder.path().join("runs").join(INDEX);
        let text = fs::read_to_string(&index).expect("an index");
        fs::write(&index, format!("{text}{{\"id\":\"2026-")).expect("written");
        let mut history = opened(folder.path(), 10, 1000);
        assert_eq!(ids(&history), [1]);
        for id in ["../window", "", "a/b", "a.json"] {
            assert!(history.read(id).is_err() && history.write(Entry { id: id.to_owned(), ..entry(1) }, "").is_err());
        }
    }

    #[test]
    fn an_index_of_many_changes_is_written_anew() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut history = opened(folder.path(), 10, 1000);
        history.write(entry(1), "{}").expect("written");
        for pin in 0..1100 {
            history.change("2026-1", "", pin % 2 == 0).expect("changed");
        }
        let lines = fs::read_to_string(folder.path().join("runs").join(INDEX)).expect("an index").lines().count();
        assert!(lines < 200, "{lines} lines");
        assert_eq!(ids(&opened(folder.path(), 10, 1000)), [1]);
    }

    #[test]
    fn the_name_of_a_run_is_its_time_and_something_drawn() {
        let at = Timestamp::from_seconds(1_795_429_800);
        assert_eq!(name_of(at, "a_b-c1d2e3f4g5"), "20261123103000-abc1d2e3");
    }
}
