//! The texts a redactor looks for, which become more while a run goes on.
//!
//! New ones get automata of their own, which are made one with those before them as soon as they are as large as those
//! are. So each text is taken in a few times, not once for each event of the run, and few automata are asked.

use std::ops::Range;
use std::sync::Arc;

use super::anchors::{Anchors, wrappings};
use super::automaton::{Automaton, Place};
use super::book::Book;
use super::view::{View, compacted, quoted_printable, views};
use super::{SHORTEST, SURE, wrapped};

/// So many texts are no burden to take in again.
const FEW: usize = 16;

/// How often something may be wrapped in what is decoded here.
const DEPTH: usize = 2;

#[derive(Clone, Default)]
pub(super) struct Generations {
    /// Each with the texts in it, by their places in the book.
    all: Vec<(Range<usize>, Arc<Texts>)>,
}

/// What is looked for together.
#[derive(Default)]
struct Texts {
    /// Short ones may be any word in another case or with a space in it.
    short: Automaton,
    /// Long ones, compact.
    long: Automaton,
    of_long: Anchors,
    of_base64: Anchors,
    of_base32: Anchors,
    of_hex: Anchors,
}

impl Generations {
    /// Takes in what the book has come to look for.
    pub fn grow(&mut self, book: &Book) {
        let known = self.sought();
        let mut new = known..book.sought().len();
        if new.is_empty() {
            return;
        }
        while let Some((before, _)) = self.all.pop_if(|(before, _)| before.len() <= new.len().max(FEW)) {
            new.start = before.start;
        }
        let texts = book.sought()[new.clone()].iter().map(|(text, id)| (text.expose(), *id));
        self.all.push((new, Arc::new(Texts::new(texts))));
    }

    /// How many texts are looked for.
    pub fn sought(&self) -> usize {
        self.all.last().map_or(0, |(texts, _)| texts.end)
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Where texts stand, however they are written.
    pub fn places(&self, bytes: &[u8]) -> Vec<Place> {
        self.all.iter().flat_map(|(_, texts)| texts.places(bytes, DEPTH)).collect()
    }
}

impl Texts {
    fn new<'a>(texts: impl Iterator<Item = (&'a str, usize)>) -> Self {
        let (mut new, mut short, mut long) = (Self::default(), Vec::new(), Vec::new());
        for (text, id) in texts {
            // A text with an escape in it is looked for as it reads, too.
            for view in views(text.as_bytes()) {
                let compact = view.compact().bytes.into_owned();
                // What stands around it may make a tag of a part of it, which is left out.
                let is_taggable = view.bytes.contains(&b'<') || view.bytes.contains(&b'>');
                if compact.len() >= SURE && is_taggable {
                    short.push((view.bytes.to_vec(), id, view.bytes.len()));
                }
                if compact.len() >= SURE {
                    new.of_long.insert(&compact);
                    let enough = enough(&compact);
                    long.push((compact, id, enough));
                } else if view.bytes.len() >= SHORTEST {
                    let enough = view.bytes.len();
                    short.push((view.bytes.into_owned(), id, enough));
                }
            }
            new.of_base32.insert_base32(text.as_bytes());
            let utf16: Vec<u8> = text.encode_utf16().take(FEW).flat_map(u16::to_le_bytes).collect();
            new.of_base64.insert_base64(&utf16);
            new.of_hex.insert_hex(&utf16);
            for written in wrappings(text) {
                new.of_base64.insert_base64(&written);
                new.of_hex.insert_hex(&written);
            }
        }
        Self {
            short: Automaton::new(short),
            long: Automaton::new(long),
            of_long: new.of_long.ready(),
            of_base64: new.of_base64.ready(),
            of_base32: new.of_base32.ready(),
            of_hex: new.of_hex.ready(),
        }
    }

    /// Where texts stand in these bytes: as they are, after undoing every escape, and in digits.
    fn places(&self, bytes: &[u8], depth: usize) -> Vec<Place> {
        let mut found = Vec::new();
        for view in views(bytes).into_iter().chain(quoted_printable(bytes)) {
            let written = |(from, to, id): Place| {
                let (from, to) = view.written(from, to);
                (from, to, id)
            };
            found.extend(self.short.places(&view.bytes).map(written));
            found.extend(self.long_places(&view));
            found.extend(self.turned_places(&view));
            if depth > 0 {
                let within = |decoded: &[u8]| self.places(decoded, depth - 1);
                found.extend(wrapped::in_base64(&view.bytes, &self.of_base64, &within).into_iter().map(written));
                found.extend(wrapped::in_base32(&view.bytes, &self.of_base32, &within).into_iter().map(written));
                found.extend(wrapped::in_hex(&view.bytes, &self.of_hex, &within).into_iter().map(written));
                found.extend(wrapped::in_dump(&view.bytes, &self.of_hex, &within).into_iter().map(written));
            }
        }
        found
    }

    /// The same, written from its end to its beginning.
    fn turned_places(&self, view: &View<'_>) -> Vec<Place> {
        let turned = || view.bytes.iter().rev().map(u8::to_ascii_lowercase);
        if self.long.is_empty() || !self.of_long.are_in(turned()) {
            return Vec::new();
        }
        let (turned, length): (Vec<u8>, usize) = (turned().collect(), view.bytes.len());
        let written = |(from, to, id): Place| {
            let (from, to) = view.written(length - to, length - from);
            (from, to, id)
        };
        self.long.places(&turned).map(written).collect()
    }

    /// Each with as much of it as there is.
    fn long_places(&self, view: &View<'_>) -> Vec<Place> {
        let mut found: Vec<Place> = Vec::new();
        // A tag may stand in what an anchor is the beginning of.
        let is_likely = view.bytes.contains(&b'>') || self.of_long.are_in(compacted(&view.bytes));
        if self.long.is_empty() || !is_likely {
            return found;
        }
        let compact = view.compact();
        for (from, to, id) in self.long.places(&compact.bytes) {
            match found.last_mut().filter(|last| last.0 == from) {
                Some(last) => *last = (from, to, id),
                None => found.push((from, to, id)),
            }
        }
        let written = |(from, to, id): Place| {
            let (from, to) = compact.written(from, to);
            (from, to, id)
        };
        found.into_iter().map(written).collect()
    }
}

/// How many bytes of the beginning of a compact text are enough to know it by: somebody may have cut it. The beginning of
/// a JWT says whom it is about, and is that of others, too; a word may be any word.
fn enough(text: &[u8]) -> usize {
    let signature = if text.starts_with(b"eyj") { text.iter().rposition(|byte| *byte == b'.') } else { None };
    let most = |from: usize| from + (text.len() - from) * 3 / 4;
    let digit = text.iter().position(u8::is_ascii_digit);
    let letter = text.iter().position(u8::is_ascii_alphabetic);
    let telling = digit.max(letter).filter(|_| digit.is_some() && letter.is_some());
    telling.map_or(text.len(), |at| most(signature.map_or(0, |dot| dot + 1)).max(SURE).max(at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_come_one_by_one_are_found_by_few_automata() {
        let (mut book, mut generations) = (Book::default(), Generations::default());
        for at in 0..1_000 {
            let text = format!("text-{at:03}");
            let id = book.enter("code", &text);
            book.seek(id, &text);
            generations.grow(&book);
        }
        assert!(generations.all.len() <= 7, "{}", generations.all.len());
        let all: String = (0..1_000).map(|at| format!("text-{at:03} ")).collect();
        let mut found: Vec<usize> = generations.places(all.as_bytes()).iter().map(|(_, _, id)| *id).collect();
        found.sort_unstable();
        assert_eq!(found, (0..1_000).collect::<Vec<_>>());
    }

    #[test]
    fn the_beginning_that_is_enough_tells_a_text_from_others() {
        for (text, expected) in [
            ("abcdefghij0123456789", 15),
            ("abcdefghijk1", 12),
            ("client_credentials_secret", 25),
            ("client_credentials_of_1", 23),
            ("012345678901234567890123", 24),
            ("eyjhbgciijoxn0.eyjzdwiioixn0.abcdefgh0123", 38),
        ] {
            assert_eq!(enough(text.as_bytes()), expected, "{text}");
        }
    }
}
