//! A place to keep items of one kind, each until its end.
//!
//! Everything is found by a random name that only its holder knows (a cookie, a code, a token), and
//! kept under the hash of that name: whoever reads the store learns no credential.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use crate::base::time::Timestamp;
use crate::jose::base64url;
use crate::jose::hash::sha256;

type Digest = [u8; 32];

/// Items by name, each of the same lifetime; the oldest makes room when there are too many.
#[derive(Debug)]
pub struct Shelf<T> {
    items: HashMap<Digest, T>,
    /// Oldest first. Names of removed items stay until their time comes.
    ends: VecDeque<(Timestamp, Digest)>,
    /// Those that made room before their time, the oldest first, as many as there is room for items.
    pushed_out: VecDeque<Digest>,
    /// The same, to find one.
    is_pushed_out: HashSet<Digest>,
    capacity: usize,
    lifetime: Duration,
}

impl<T> Shelf<T> {
    /// Room for `capacity` items that live `lifetime`.
    pub fn new(capacity: usize, lifetime: Duration) -> Self {
        Self {
            items: HashMap::new(),
            ends: VecDeque::new(),
            pushed_out: VecDeque::new(),
            is_pushed_out: HashSet::new(),
            capacity,
            lifetime,
        }
    }

    /// Keeps `item` under a name that was never used before.
    pub fn put(&mut self, name: &str, item: T, now: Timestamp) {
        let digest = sha256(name.as_bytes());
        self.items.insert(digest, item);
        self.ends.push_back((now + self.lifetime, digest));
        if self.ends.len() > self.capacity {
            self.push_out();
        }
    }

    /// That an item made room for newer ones before its time, in words; nothing where it did not.
    pub fn pushed_out(&self, name: &str, what: &str) -> Option<String> {
        let is_so = self.is_pushed_out.contains(&sha256(name.as_bytes()));
        is_so.then(|| format!("the {what} was pushed out by newer ones: no more than {} are remembered", self.capacity))
    }

    /// Finds an item.
    pub fn get(&self, name: &str) -> Option<&T> {
        self.items.get(&sha256(name.as_bytes()))
    }

    /// Finds an item to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.items.get_mut(&sha256(name.as_bytes()))
    }

    /// Takes an item away.
    pub fn take(&mut self, name: &str) -> Option<T> {
        self.items.remove(&sha256(name.as_bytes()))
    }

    /// All items, in no order.
    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.items.values()
    }

    /// All items with a name for each that is no credential, in no order.
    pub fn entries(&self) -> impl Iterator<Item = (String, &T)> {
        self.items.iter().map(|(digest, item)| (base64url::encode(digest), item))
    }

    /// As [`Shelf::entries`], without those that have ended.
    pub fn entries_at(&self, now: Timestamp) -> impl Iterator<Item = (String, &T)> {
        let lasting = self.ends.iter().filter(move |(end, _)| now < *end);
        lasting.filter_map(|(_, digest)| Some((base64url::encode(digest), self.items.get(digest)?)))
    }

    /// The item of this entry.
    pub fn entry(&self, id: &str) -> Option<&T> {
        self.items.get(&digest_of(id)?)
    }

    /// Takes the item of this entry away.
    pub fn take_entry(&mut self, id: &str) -> Option<T> {
        self.items.remove(&digest_of(id)?)
    }

    /// Forgets everything.
    pub fn clear(&mut self) {
        self.items.clear();
        self.ends.clear();
    }

    /// All items, in no order.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.items.values_mut()
    }

    /// Takes all away but these.
    pub fn retain(&mut self, is_kept: impl Fn(&T) -> bool) {
        self.items.retain(|_, item| is_kept(item));
    }

    /// Forgets what has ended.
    pub fn purge(&mut self, now: Timestamp) {
        while self.ends.front().is_some_and(|(end, _)| *end <= now) {
            self.drop_oldest();
        }
    }

    fn push_out(&mut self) {
        let oldest = self.ends.front().map(|(_, digest)| *digest).filter(|digest| self.items.contains_key(digest));
        self.drop_oldest();
        let Some(oldest) = oldest else { return };
        self.is_pushed_out.insert(oldest);
        self.pushed_out.push_back(oldest);
        if self.pushed_out.len() > self.capacity {
            let forgotten = self.pushed_out.pop_front();
            forgotten.map(|digest| self.is_pushed_out.remove(&digest));
        }
    }

    fn drop_oldest(&mut self) {
        if let Some((_, digest)) = self.ends.pop_front() {
            self.items.remove(&digest);
        }
    }
}

fn digest_of(id: &str) -> Option<Digest> {
    base64url::decode(id).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shelf_forgets_the_expired_and_when_full_the_oldest() {
        let at = Timestamp::from_seconds;
        let mut shelf = Shelf::new(2, Duration::from_secs(10));
        for (name, second) in [("a", 0), ("b", 1), ("c", 2)] {
            shelf.put(name, second, at(second));
        }
        assert_eq!((shelf.get("a"), shelf.get("b"), shelf.get("c")), (None, Some(&1), Some(&2)));
        assert!(shelf.pushed_out("a", "code").is_some_and(|why| why.contains("no more than 2")));
        assert_eq!(shelf.pushed_out("b", "code"), None);
        shelf.purge(at(11));
        assert_eq!(shelf.pushed_out("b", "code"), None, "its time had come");
        assert_eq!((shelf.get("b"), shelf.get("c")), (None, Some(&2)));
        assert_eq!(shelf.take("c"), Some(2));
        shelf.purge(at(12));
        assert!(shelf.ends.is_empty());
    }
}
