//! The one list of the faults that are on: for good or a number of times, for everybody or one client, everywhere or at
//! one endpoint.

use std::fmt;
use std::str::FromStr;

use super::fault::{Fault, FaultError};

/// Entries that are kept; the oldest that ends by itself gives way.
const MANY: usize = 1000;

/// A fault that is on, and for how long, for whom and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FaultEntry {
    /// What is done wrong.
    pub fault: Fault,
    /// How many more answers it changes; `None` is until it is switched off.
    pub times: Option<u32>,
    /// For which client; `None` is for everybody.
    pub client_id: Option<String>,
    /// At which path of the server, `/token`; `None` is wherever it has a meaning.
    pub endpoint: Option<String>,
}

/// Why a text is no entry.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EntryError {
    /// The fault itself.
    #[error(transparent)]
    Fault(#[from] FaultError),
    /// What stands behind it.
    #[error("behind a fault may stand ;times=N, ;client_id=NAME and ;endpoint=/PATH, not: {0}")]
    Part(String),
}

impl From<Fault> for FaultEntry {
    fn from(fault: Fault) -> Self {
        Self { fault, times: None, client_id: None, endpoint: None }
    }
}

impl FromStr for FaultEntry {
    type Err = EntryError;

    /// `status=503;times=2;client_id=shop;endpoint=/token`
    fn from_str(text: &str) -> Result<Self, EntryError> {
        let (fault, parts) = text.split_once(';').map_or((text, None), |(fault, parts)| (fault, Some(parts)));
        let mut entry = Self::from(fault.parse::<Fault>()?);
        for part in parts.into_iter().flat_map(|parts| parts.split(';')) {
            let wrong = || EntryError::Part(part.to_owned());
            match part.trim().split_once('=').ok_or_else(wrong)? {
                ("times", number) => {
                    entry.times = Some(number.parse().ok().filter(|number| *number > 0).ok_or_else(wrong)?);
                }
                ("client_id", name) if !name.is_empty() => entry.client_id = Some(name.to_owned()),
                ("endpoint", path) if path.starts_with('/') => entry.endpoint = Some(path.to_owned()),
                _ => return Err(wrong()),
            }
        }
        Ok(entry)
    }
}

impl fmt::Display for FaultEntry {
    /// As [`FromStr`] reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.fault)?;
        self.times.map_or(Ok(()), |times| write!(f, ";times={times}"))?;
        self.client_id.as_ref().map_or(Ok(()), |name| write!(f, ";client_id={name}"))?;
        self.endpoint.as_ref().map_or(Ok(()), |path| write!(f, ";endpoint={path}"))
    }
}

impl FaultEntry {
    /// What is read as an entry, as a regular expression (ECMA-262).
    pub fn pattern() -> String {
        format!("^{}(;times=[1-9][0-9]{{0,8}}|;client_id=[^;\\s\\u0085][^;]*|;endpoint=/[^;]*)*$", Fault::pattern())
    }

    /// Whether it ends or is meant for some only.
    const fn is_narrow(&self) -> bool {
        self.times.is_some() || self.client_id.is_some() || self.endpoint.is_some()
    }

    fn is_for(&self, client_id: Option<&str>, path: &str) -> bool {
        let endpoint = self.endpoint.as_deref().or(self.fault.usual_endpoint());
        self.client_id.as_deref().is_none_or(|meant| Some(meant) == client_id)
            && endpoint.is_none_or(|endpoint| endpoint == path)
    }
}

/// The faults that are on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Each with the number by which it is called, in the order they were switched on.
    entries: Vec<(u64, FaultEntry)>,
    count: u64,
}

impl Faults {
    /// Switches a fault for everybody; one that is on takes over the parameter. Off means all entries of this fault.
    pub fn set(&mut self, fault: Fault, is_on: bool) {
        let is_other = |entry: &FaultEntry| entry.fault.name() != fault.name() || is_on && entry.is_narrow();
        self.entries.retain(|(_, entry)| is_other(entry));
        if is_on {
            self.add(fault.into());
        }
    }

    /// Adds an entry; the number by which it is called.
    pub fn add(&mut self, entry: FaultEntry) -> u64 {
        if self.entries.len() >= MANY {
            let at = self.entries.iter().position(|(_, entry)| entry.times.is_some()).unwrap_or_default();
            self.entries.remove(at);
        }
        self.count += 1;
        self.entries.push((self.count, entry));
        self.count
    }

    /// Takes an entry away.
    pub fn remove(&mut self, id: u64) -> Option<FaultEntry> {
        let at = self.entries.iter().position(|(known, _)| *known == id)?;
        Some(self.entries.remove(at).1)
    }

    /// Switches everything off.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    /// The entry that changes an answer to this client at this path; those that end come first.
    pub fn applying(&self, fault: Fault, client_id: Option<&str>, path: &str) -> Option<(u64, Fault)> {
        let fits =
            |(_, entry): &&(u64, FaultEntry)| entry.fault.name() == fault.name() && entry.is_for(client_id, path);
        let first = self.entries.iter().find(|entry| fits(entry) && entry.1.is_narrow());
        first.or_else(|| self.entries.iter().find(fits)).map(|(id, entry)| (*id, entry.fault))
    }

    /// An entry has changed an answer.
    pub fn used(&mut self, id: u64) {
        let Some((_, entry)) = self.entries.iter_mut().find(|(known, _)| *known == id) else { return };
        let Some(times) = &mut entry.times else { return };
        *times -= 1;
        if *times == 0 {
            self.remove(id);
        }
    }

    /// As it was switched on, with its parameter; whatever parameter it is asked for with.
    pub fn get(&self, fault: Fault) -> Option<Fault> {
        self.iter().find(|other| other.name() == fault.name())
    }

    /// In the order they were switched on.
    pub fn iter(&self) -> impl Iterator<Item = Fault> {
        self.entries.iter().map(|(_, entry)| entry.fault)
    }

    /// The entries with their numbers.
    pub fn entries(&self) -> &[(u64, FaultEntry)] {
        &self.entries
    }

    /// Whether all is well.
    pub const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_fault_is_on_once_for_everybody() {
        let mut faults = Faults::default();
        faults.set(Fault::SlowAnswer(Duration::from_secs(1)), true);
        faults.set(Fault::SlowAnswer(Duration::from_secs(2)), true);
        assert_eq!(faults.iter().collect::<Vec<_>>(), [Fault::SlowAnswer(Duration::from_secs(2))]);
        faults.set(Fault::SlowAnswer(Duration::ZERO), false);
        assert!(faults.is_empty());
    }

    #[test]
    fn an_entry_is_written_as_it_is_read() {
        for text in ["wrong_iss", "status=503;times=2", "error=access_denied;client_id=shop;endpoint=/token"] {
            assert_eq!(text.parse::<FaultEntry>().expect(text).to_string(), text);
        }
        for (text, says) in [
            ("status=503;times=0", "not: times=0"),
            ("status=503;endpoint=token", "not: endpoint=token"),
            ("status=503;often", "not: often"),
            ("nonsense;times=1", "there is no fault of this name"),
        ] {
            assert!(text.parse::<FaultEntry>().expect_err(text).to_string().contains(says), "{text}");
        }
    }

    #[test]
    fn an_entry_applies_as_often_to_whom_and_where_it_says() {
        let mut faults = Faults::default();
        let id = faults.add("status=503;times=2;client_id=shop;endpoint=/token".parse().expect("an entry"));
        let asked = Fault::Status(0);
        for (client_id, path, expected) in [
            (Some("shop"), "/token", true),
            (Some("shop"), "/jwks", false),
            (Some("other"), "/token", false),
            (None, "/token", false),
        ] {
            assert_eq!(faults.applying(asked, client_id, path).is_some(), expected, "{client_id:?} {path}");
        }
        faults.set(Fault::Status(500), true);
        for expected in [503, 503, 500, 500] {
            let (id, fault) = faults.applying(asked, Some("shop"), "/token").expect("on");
            assert_eq!(fault, Fault::Status(expected));
            faults.used(id);
        }
        assert!(faults.remove(id).is_none());
    }
}
