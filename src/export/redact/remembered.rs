//! What was found in large texts: a run shows each of its messages several times.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};

use super::automaton::Place;

/// Shortest text that is remembered, in bytes.
const LARGE: usize = 16 * 1024;

/// How many are remembered.
const MANY: usize = 16;

/// Texts by their hashes, newest first.
#[derive(Default)]
pub(super) struct Remembered {
    state: RandomState,
    texts: VecDeque<Text>,
}

struct Text {
    hash: u64,
    length: usize,
    /// How many secrets were looked for.
    sought: usize,
    places: Vec<Place>,
}

impl Remembered {
    /// Where these many secrets stand in a text; `None` when it was not looked for them.
    pub fn places(&self, text: &str, sought: usize) -> Option<Vec<Place>> {
        let hash = if text.len() < LARGE { return None } else { self.state.hash_one(text) };
        let is_it = |it: &&Text| (it.hash, it.length, it.sought) == (hash, text.len(), sought);
        self.texts.iter().find(is_it).map(|text| text.places.clone())
    }

    pub fn remember(&mut self, text: &str, sought: usize, places: &[Place]) {
        if text.len() >= LARGE {
            let hash = self.state.hash_one(text);
            self.texts.truncate(MANY - 1);
            self.texts.push_front(Text { hash, length: text.len(), sought, places: places.to_vec() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_texts_are_remembered_for_as_long_as_nothing_new_is_looked_for() {
        let mut remembered = Remembered::default();
        let texts: Vec<String> = (0..=MANY).map(|at| at.to_string().repeat(LARGE)).collect();
        remembered.remember("short", 1, &[]);
        texts.iter().for_each(|text| remembered.remember(text, 1, &[(0, 1, 2)]));
        assert_eq!(remembered.places(&texts[MANY], 1), Some(vec![(0, 1, 2)]));
        for (text, sought) in [("short", 1), (&texts[0], 1), (&texts[MANY], 2)] {
            assert_eq!(remembered.places(text, sought), None);
        }
    }
}
