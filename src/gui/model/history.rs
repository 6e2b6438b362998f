//! The History tab: the runs of this session and of earlier ones.

use std::collections::HashSet;

use crate::base::text::visible;
use crate::flow::{BROKEN_RULES, Outcome};
use crate::gui::language::{said, t};
use crate::io::history::{Entry, Limits};
use crate::terms::grant::Grant;

/// What is done with a run of the list.
#[derive(Clone, Debug)]
pub enum HistoryCommand {
    /// Show only runs in which this stands.
    Search(String),
    /// Select a run.
    Select(String),
    /// Open a run to read it.
    Open(String),
    /// Begin a new run with the settings of this one.
    RunAgain(String),
    /// Keep a run whatever comes, or no more.
    Pin(String, bool),
    /// What is typed as the name of the selected run.
    Name(String),
    /// Give it that name.
    Rename,
    /// Delete a run.
    Delete(String),
    /// Ask whether all are to be deleted.
    AskDeleteAll,
    /// Delete all, pinned ones too.
    DeleteAll,
    /// Keep the runs of this and later sessions, or not.
    Keep(bool),
    /// Keep so many at most.
    Limit(Limits),
}

/// What the tab shows.
#[derive(Clone, Debug, Default)]
pub struct HistoryModel {
    /// Runs that are kept, the newest first.
    pub entries: Vec<Entry>,
    /// Those in which the search is found, by index.
    pub found: Vec<usize>,
    /// What is searched.
    pub search: String,
    /// The runs that are chosen to be compared, by id: two at most.
    pub picked: Vec<String>,
    /// The run that is selected, by id.
    pub selected: Option<String>,
    /// What is typed as its name.
    pub name: String,
    /// Whether runs are kept on disk.
    pub is_off: bool,
    /// How many are kept.
    pub limits: Limits,
    /// Why something could not be done.
    pub error: Option<String>,
}

impl HistoryModel {
    /// What a run is called: as the user named it, else by its grant.
    pub fn title(entry: &Entry) -> String {
        match entry.name.as_str() {
            "" => Self::grant(&entry.grant).to_owned(),
            name => visible(name).into_owned(),
        }
    }

    /// How a run ended, in the word of its verdict: what it has found fails a rule, unless it is a warning.
    pub fn outcome(entry: &Entry) -> &str {
        let is_broken = entry.finding.is_some() && !entry.is_warning;
        if entry.outcome == Outcome::Success.verdict(false) && is_broken {
            return said(BROKEN_RULES);
        }
        said(&entry.outcome)
    }

    /// The grant of a run, as people call it.
    pub fn grant(key: &str) -> &'static str {
        Grant::ALL
            .into_iter()
            .find(|grant| grant.key() == key)
            .map_or(t!("an unknown grant"), |grant| said(grant.title()))
    }

    /// The run of this name.
    pub fn entry(&self, id: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.id == id)
    }

    /// Takes in the runs that are there.
    pub fn list(&mut self, entries: Vec<Entry>) {
        self.entries = entries;
        self.find();
    }

    /// Takes in a run as it is now.
    pub fn put(&mut self, entry: Entry) {
        match self.entries.iter_mut().find(|before| before.id == entry.id) {
            Some(before) => *before = entry,
            None => {
                let at = self.entries.partition_point(|other| other.began_at > entry.began_at);
                self.entries.insert(at, entry);
            }
        }
        self.find();
    }

    /// Forgets runs.
    pub fn remove(&mut self, is_gone: impl Fn(&Entry) -> bool) {
        self.entries.retain(|entry| !is_gone(entry));
        let Self { entries, picked, .. } = self;
        picked.retain(|id| entries.iter().any(|entry| entry.id == *id));
        if self.selected().is_none() {
            self.selected = None;
        }
        self.find();
    }

    /// Forgets runs that are on disk no more.
    pub fn forget(&mut self, gone: &[String]) {
        if !gone.is_empty() {
            let gone: HashSet<&str> = gone.iter().map(String::as_str).collect();
            self.remove(|entry| gone.contains(entry.id.as_str()));
        }
    }

    /// The run that is selected.
    pub fn selected(&self) -> Option<&Entry> {
        let id = self.selected.as_ref()?;
        self.entries.iter().find(|entry| entry.id == *id)
    }

    /// Looks for the words that are typed, in any order and case.
    pub fn find(&mut self) {
        let words: Vec<String> = self.search.to_lowercase().split_whitespace().map(str::to_owned).collect();
        let is_found = |entry: &Entry| {
            let text = [&entry.name, &entry.provider, &entry.grant, &entry.outcome, &entry.id].map(String::as_str);
            let seen = [Self::outcome(entry), entry.finding.as_deref().unwrap_or_default()];
            let text = format!("{} {}", text.join(" "), seen.join(" ")).to_lowercase();
            words.iter().all(|word| text.contains(word.as_str()))
        };
        self.found = (0..self.entries.len()).filter(|at| words.is_empty() || is_found(&self.entries[*at])).collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(id: &str, provider: &str, outcome: &str, began_at: i64) -> Entry {
        Entry {
            id: id.to_owned(),
            provider: provider.to_owned(),
            outcome: outcome.to_owned(),
            began_at,
            ..Entry::default()
        }
    }

    #[test]
    fn runs_are_found_by_any_of_their_words_and_stay_in_order() {
        let mut history = HistoryModel::default();
        history.list(vec![entry("c", "Okta", "refused", 3), entry("a", "Practice server", "success", 1)]);
        history.put(entry("b", "Okta", "success", 2));
        let ids = |history: &HistoryModel| -> Vec<String> {
            history.found.iter().map(|at| history.entries[*at].id.clone()).collect()
        };
        assert_eq!(ids(&history), ["c", "b", "a"]);
        for (search, found) in [("okta", vec!["c", "b"]), ("SUCCESS okta", vec!["b"]), ("nothing", vec![])] {
            search.clone_into(&mut history.search);
            history.find();
            assert_eq!(ids(&history), found, "{search}");
        }
        history.search.clear();
        history.selected = Some("b".to_owned());
        history.remove(|entry| entry.id == "b");
        assert_eq!((ids(&history), history.selected), (vec!["c".to_owned(), "a".to_owned()], None));
    }
}
