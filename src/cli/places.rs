//! The files of one command, looked at before anything happens: each that is written can be, and none is a file that the
//! command reads, or writes as something else.

use std::io;
use std::path::{Path, PathBuf};

use super::Usage;
use crate::io::storage;

/// What is called so on the command line, and where it is.
type Place = (String, PathBuf);

/// What a command reads and writes.
#[derive(Debug, Default)]
pub(super) struct Places {
    read: Vec<Place>,
    written: Vec<Place>,
}

impl Places {
    /// A file that is read, by what it is called in a sentence; `-` is standard input.
    pub fn reads(mut self, name: &str, path: Option<&Path>) -> Self {
        self.read.extend(path.filter(|path| !is_dash(path)).map(|path| (name.to_owned(), path.to_owned())));
        self
    }

    /// A value that may be `@FILE`.
    pub fn reads_value(self, name: &str, value: &str) -> Self {
        self.reads(name, value.strip_prefix('@').map(Path::new))
    }

    /// A file that is written, by the name of its option; `-` is standard output.
    pub fn writes(mut self, name: &str, path: Option<&Path>) -> Self {
        self.written.extend(path.map(|path| (format!("--{name}"), path.to_owned())));
        self
    }

    /// Refuses what could not be written, and what would be written over what was read or written before.
    pub fn check(&self) -> Result<(), Usage> {
        let mut taken: Vec<(&str, PathBuf)> = Vec::new();
        for (name, path) in &self.written {
            if is_dash(path) {
                if let Some((other, _)) = taken.iter().find(|(_, place)| is_dash(place)) {
                    return Err(Usage(format!("{other} and {name} cannot both be standard output")));
                }
                taken.push((name, path.clone()));
                continue;
            }
            storage::check_place(path).map_err(|error| unwritable(name, path, &error))?;
            let place = storage::place_of(path);
            if let Some((input, _)) = self.read.iter().find(|(_, read)| storage::place_of(read) == place) {
                let path = path.display();
                return Err(Usage(format!(
                    "{name}: {path} is {input}, which would be written over; name another file"
                )));
            }
            if let Some((other, _)) = taken.iter().find(|(_, taken)| *taken == place) {
                return Err(Usage(format!("{other} and {name} cannot both be {}", path.display())));
            }
            taken.push((name, place));
        }
        Ok(())
    }
}

fn unwritable(name: &str, path: &Path, error: &io::Error) -> Usage {
    Usage(format!("{name}: {} cannot be written: {}", path.display(), storage::why(error)))
}

/// Whether a path stands for standard input or output.
pub(super) fn is_dash(path: &Path) -> bool {
    path == Path::new("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(folder: &Path, read: &[&str], written: &[(&str, &str)]) -> Result<(), String> {
        let at = |name: &str| if name == "-" { PathBuf::from(name) } else { folder.join(name) };
        let places = read.iter().fold(Places::default(), |places, name| places.reads("the recording", Some(&at(name))));
        let places = written.iter().fold(places, |places, (option, name)| places.writes(option, Some(&at(name))));
        places.check().map_err(|usage| usage.to_string())
    }

    #[test]
    fn no_file_is_written_that_is_read_or_written_already() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.har"), "x").expect("written");
        std::fs::create_dir(folder.path().join("in")).expect("a folder");
        let both = "cannot both be";
        for (read, written, says) in [
            (&["a.har"][..], &[("html", "b.html")][..], None),
            (&["a.har"], &[("html", "a.har")], Some("a.har is the recording, which would be written over")),
            (&["a.har"], &[("html", "in/../a.har")], Some("is the recording")),
            (&[], &[("html", "new"), ("har", "in/../new")], Some(both)),
            (&[], &[("html", "new"), ("har", "other"), ("save", "./new")], Some(both)),
            (&["-"], &[("html", "-")], None),
            (&["-"], &[("html", "-"), ("junit", "-")], Some("--html and --junit cannot both be standard output")),
            (&[], &[("save", "none/x.json")], Some("--save: ")),
            (&[], &[("save", "in")], Some("cannot be written: ")),
        ] {
            let found = checked(folder.path(), read, written);
            match says {
                None => assert_eq!(found, Ok(()), "{written:?}"),
                Some(says) => assert!(found.as_ref().is_err_and(|why| why.contains(says)), "{written:?}: {found:?}"),
            }
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_what_it_leads_to() {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("a.har"), "x").expect("written");
        std::os::unix::fs::symlink(folder.path().join("a.har"), folder.path().join("b.har")).expect("a link");
        assert!(checked(folder.path(), &["a.har"], &[("html", "b.har")]).is_err());
    }
}
