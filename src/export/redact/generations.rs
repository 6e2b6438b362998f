//! The texts a redactor looks for, which become more while a run goes on.
//!
//! New ones get an automaton of their own, which is made one with those before it as soon as it is as large as they
//! are. So each text is taken in a few times, not once for each event of the run, and few automata are asked.

use std::ops::Range;
use std::sync::Arc;

use super::automaton::Automaton;
use super::book::Book;

#[derive(Clone, Default)]
pub(super) struct Generations {
    /// Each with the texts in it, by their places in the book.
    all: Vec<(Range<usize>, Arc<Automaton>)>,
}

impl Generations {
    /// Takes in what the book has come to look for.
    pub fn grow(&mut self, book: &Book) {
        let known = self.all.last().map_or(0, |(texts, _)| texts.end);
        let mut new = known..book.sought().len();
        if new.is_empty() {
            return;
        }
        while let Some((before, _)) = self.all.pop_if(|(before, _)| before.len() <= new.len()) {
            new.start = before.start;
        }
        let texts = book.sought()[new.clone()].iter().map(|(text, id)| (text.expose(), *id));
        self.all.push((new, Arc::new(Automaton::new(texts))));
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Where texts stand, as bytes from and to, each with what it is known as.
    pub fn places<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
        self.all.iter().flat_map(|(_, automaton)| automaton.places(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_come_one_by_one_are_found_by_few_automata() {
        let (mut book, mut generations) = (Book::default(), Generations::default());
        for at in 0..100 {
            let text = format!("text-{at:03}");
            let id = book.enter("code", &text);
            book.seek(id, &text);
            generations.grow(&book);
        }
        assert!(generations.all.len() <= 7, "{}", generations.all.len());
        let all: String = (0..100).map(|at| format!("text-{at:03} ")).collect();
        let mut found: Vec<usize> = generations.places(all.as_bytes()).map(|(_, _, id)| id).collect();
        found.sort_unstable();
        assert_eq!(found, (0..100).collect::<Vec<_>>());
    }
}
