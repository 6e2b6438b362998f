//! Finds many texts in one pass (Aho and Corasick, 1975).
//!
//! A state remembers only the longest text that ends in it, since hiding that one hides the shorter ones too. So texts
//! that contain each other cost no more than others, and the time is that of the text and of the texts looked for.

use std::collections::HashMap;

/// The root, and no child.
const NONE: u32 = 0;

/// The first child of a state, as nearly every state has at most one, is the one behind it.
const HAS_NEXT: u8 = 1;
/// Others are in a table.
const HAS_MORE: u8 = 2;

/// Where a text stands, as bytes from and to, and what it is known as.
pub(super) type Place = (usize, usize, usize);

/// Texts to look for, each with what it is known as.
#[derive(Clone, Default)]
pub(super) struct Automaton {
    /// What each state has been read with, and which children it has: lists of their own, so that nothing is left empty
    /// between them.
    bytes: Vec<u8>,
    children: Vec<u8>,
    /// Where it goes on when no child fits: the longest end of what was read that begins another text.
    fails: Vec<u32>,
    /// The number of the longest text that ends here, in `texts`.
    ends: Vec<u32>,
    /// Lengths of what is found, and what it is known as. The first stands for none.
    texts: Vec<(u32, u32)>,
    more: HashMap<(u32, u8), u32>,
    /// The children of the root, which most bytes of most texts do not lead to.
    first: Vec<u32>,
}

/// Forms write a space as plus sign, so both are one to those who look.
const fn folded(byte: u8) -> u8 {
    if byte == b'+' { b' ' } else { byte }
}

fn number(length: usize) -> u32 {
    u32::try_from(length).expect("a run has less than 4 GiB of secrets")
}

impl Automaton {
    /// Each text with what it is known as, and how many bytes of its beginning are enough to know it by.
    pub fn new<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = (T, usize, usize)>) -> Self {
        let texts: Vec<_> = texts.into_iter().collect();
        // At most; a list that grows would be copied, and be twice as long.
        let most = 1 + texts.iter().map(|(text, ..)| text.as_ref().len()).sum::<usize>();
        let mut automaton = Self {
            bytes: Vec::with_capacity(most),
            children: Vec::with_capacity(most),
            ends: Vec::with_capacity(most),
            ..Self::default()
        };
        automaton.state(0);
        automaton.texts.push((0, 0));
        for (text, id, enough) in texts {
            automaton.insert(text.as_ref(), id, enough);
        }
        automaton.bytes.shrink_to_fit();
        automaton.children.shrink_to_fit();
        automaton.ends.shrink_to_fit();
        automaton.texts.shrink_to_fit();
        automaton.fails = vec![NONE; automaton.bytes.len()];
        automaton.first = (0..=u8::MAX).map(|byte| automaton.child(NONE, byte)).collect();
        automaton.link();
        automaton
    }

    pub fn is_empty(&self) -> bool {
        self.bytes.len() < 2
    }

    fn insert(&mut self, text: &[u8], id: usize, enough: usize) {
        let (mut at, id) = (NONE, number(id));
        for (depth, byte) in (1..).zip(text.iter().map(|byte| folded(*byte))) {
            at = match self.child(at, byte) {
                NONE => self.add(at, byte),
                child => child,
            };
            if self.ends[at as usize] == 0 && depth >= enough {
                self.ends[at as usize] = number(self.texts.len());
                self.texts.push((number(depth), id));
            }
        }
    }

    fn add(&mut self, parent: u32, byte: u8) -> u32 {
        let new = self.state(byte);
        let children = &mut self.children[parent as usize];
        if parent + 1 == new {
            *children |= HAS_NEXT;
        } else {
            *children |= HAS_MORE;
            self.more.insert((parent, byte), new);
        }
        new
    }

    fn state(&mut self, byte: u8) -> u32 {
        self.bytes.push(byte);
        self.children.push(0);
        self.ends.push(0);
        number(self.bytes.len() - 1)
    }

    fn child(&self, at: u32, byte: u8) -> u32 {
        let (next, children) = (at + 1, self.children[at as usize]);
        match children {
            _ if children & HAS_NEXT != 0 && self.bytes[next as usize] == byte => next,
            _ if children & HAS_MORE != 0 => self.more.get(&(at, byte)).copied().unwrap_or(NONE),
            _ => NONE,
        }
    }

    /// Level by level: where a state goes on lies nearer to the root than itself.
    fn link(&mut self) {
        let mut more: Vec<(u32, u8, u32)> =
            self.more.iter().map(|((parent, byte), child)| (*parent, *byte, *child)).collect();
        more.sort_unstable();
        let (mut level, mut next) = (vec![NONE], Vec::new());
        while !level.is_empty() {
            for parent in level.drain(..) {
                let children = self.children[parent as usize];
                let from = if children & HAS_MORE != 0 {
                    more.partition_point(|(before, ..)| *before < parent)
                } else {
                    more.len()
                };
                let others = more[from..].iter().take_while(|(of, ..)| *of == parent);
                let first = (children & HAS_NEXT != 0).then(|| (parent, self.bytes[parent as usize + 1], parent + 1));
                for (parent, byte, child) in first.iter().chain(others) {
                    self.link_child(*parent, *byte, *child);
                    next.push(*child);
                }
            }
            std::mem::swap(&mut level, &mut next);
        }
    }

    fn link_child(&mut self, parent: u32, byte: u8, child: u32) {
        let fail = if parent == NONE { NONE } else { self.step(self.fails[parent as usize], byte) };
        self.fails[child as usize] = fail;
        if self.ends[child as usize] == 0 {
            self.ends[child as usize] = self.ends[fail as usize];
        }
    }

    fn step(&self, mut at: u32, byte: u8) -> u32 {
        loop {
            if at == NONE {
                return self.first[usize::from(byte)];
            }
            match self.child(at, byte) {
                NONE => at = self.fails[at as usize],
                child => return child,
            }
        }
    }

    /// Where texts stand, as bytes from and to, each with what it is known as.
    pub fn places<'a>(&'a self, bytes: &'a [u8]) -> impl Iterator<Item = Place> + 'a {
        let (mut at, mut index) = (NONE, 0);
        let bytes = if self.is_empty() { &[][..] } else { bytes };
        std::iter::from_fn(move || {
            loop {
                if at == NONE {
                    let leads = |byte: &u8| self.first[usize::from(folded(*byte))] != NONE;
                    index += bytes.get(index..)?.iter().position(leads)?;
                }
                at = self.step(at, folded(*bytes.get(index)?));
                index += 1;
                let (length, id) = self.texts[self.ends[at as usize] as usize];
                if length > 0 {
                    return Some((index - length as usize, index, id as usize));
                }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_text_that_ends_somewhere_is_found() {
        let automaton = Automaton::new([("he", 0, 2), ("she", 1, 3), ("hers", 2, 4), ("a b", 3, 3)]);
        let found: Vec<_> = automaton.places(b"ushers a+b").collect();
        assert_eq!(found, [(1, 4, 1), (2, 6, 2), (7, 10, 3)]);
        assert_eq!(Automaton::default().places(b"abc").count(), 0);
    }

    #[test]
    fn the_beginning_of_a_text_is_found_when_it_is_enough() {
        let automaton = Automaton::new([("abcdef", 0, 4), ("abxyz", 1, 5)]);
        let found: Vec<_> = automaton.places(b"abc abcd abcdef abxy").collect();
        assert_eq!(found, [(4, 8, 0), (9, 13, 0), (9, 14, 0), (9, 15, 0)]);
    }

    proptest! {
        #[test]
        fn it_finds_what_a_search_one_by_one_finds(texts in prop::collection::vec("[ab]{1,4}", 1..8), text in "[abc]{0,40}") {
            let automaton = Automaton::new(texts.iter().enumerate().map(|(id, text)| (text.as_str(), id, text.len())));
            let found: Vec<(usize, usize)> = automaton.places(text.as_bytes()).map(|(from, to, _)| (from, to)).collect();
            let longest = |end: usize| {
                texts.iter().filter(|it| text[..end].ends_with(it.as_str())).map(String::len).max().map(|it| (end - it, end))
            };
            let expected: Vec<(usize, usize)> = (1..=text.len()).filter_map(longest).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
