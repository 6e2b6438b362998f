//! Which of the one side belongs to which of the other, and where what has no counterpart stands.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;

use super::side::Talk;

/// Of each side, the index of what is put next to each other.
pub(super) type Pair = (Option<usize>, Option<usize>);

/// Most pairs that are weighed against each other. Longer runs are aligned by the names of their stages in order.
const WEIGHED: usize = 1 << 20;

/// Stages of two runs in order. Of several ways to put them, the one that has most in common; of two tries of a stage the
/// one that ended alike.
pub(super) fn pairs(a: &[Talk], b: &[Talk]) -> Vec<Pair> {
    match (a.len() + 1).saturating_mul(b.len() + 1) <= WEIGHED {
        true => in_between(a.len(), b.len(), &weighed(a, b)),
        false => in_between(a.len(), b.len(), &in_order(a, b)),
    }
}

/// The longest common sequence by weight.
fn weighed(a: &[Talk], b: &[Talk]) -> Vec<(usize, usize)> {
    let width = b.len() + 1;
    let weight = |at: usize, other: usize| match a[at].slug == b[other].slug {
        false => 0,
        true if a[at].ended == b[other].ended => 3,
        true => 2,
    };
    // What the rest from here is worth.
    let mut worth = vec![0_u32; (a.len() + 1) * width];
    for at in (0..a.len()).rev() {
        for other in (0..b.len()).rev() {
            let beside = worth[(at + 1) * width + other].max(worth[at * width + other + 1]);
            let together = match weight(at, other) {
                0 => 0,
                weight => weight + worth[(at + 1) * width + other + 1],
            };
            worth[at * width + other] = beside.max(together);
        }
    }
    let (mut at, mut other, mut found) = (0, 0, Vec::new());
    while at < a.len() && other < b.len() {
        let here = worth[at * width + other];
        let weight = weight(at, other);
        if weight > 0 && here == weight + worth[(at + 1) * width + other + 1] {
            found.push((at, other));
            (at, other) = (at + 1, other + 1);
        } else if here == worth[(at + 1) * width + other] {
            at += 1;
        } else {
            other += 1;
        }
    }
    found
}

/// Each with the next of its name.
fn in_order(a: &[Talk], b: &[Talk]) -> Vec<(usize, usize)> {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for (other, talk) in b.iter().enumerate().rev() {
        places.entry(&talk.slug).or_default().push(other);
    }
    let (mut found, mut from) = (Vec::new(), 0);
    for (at, talk) in a.iter().enumerate() {
        let Some(places) = places.get_mut(talk.slug.as_str()) else { continue };
        while places.last().is_some_and(|other| *other < from) {
            places.pop();
        }
        if let Some(other) = places.pop() {
            found.push((at, other));
            from = other + 1;
        }
    }
    found
}

/// What is between two matches stands between them: first what only the one has.
fn in_between(a: usize, b: usize, found: &[(usize, usize)]) -> Vec<Pair> {
    let (mut pairs, mut at, mut other) = (Vec::new(), 0, 0);
    for (next, next_other) in found.iter().copied().chain([(a, b)]) {
        pairs.extend((at..next).map(|at| (Some(at), None)));
        pairs.extend((other..next_other).map(|other| (None, Some(other))));
        if (next, next_other) != (a, b) {
            pairs.push((Some(next), Some(next_other)));
        }
        (at, other) = (next + 1, next_other + 1);
    }
    pairs
}

/// What has the same name on both sides, whatever the order: the first of a name with the first, the second with the
/// second. What only the second side has comes after what it comes after there.
pub(super) fn merged<K: Hash + Eq>(a: &[K], b: &[K]) -> Vec<Pair> {
    let mut places: HashMap<&K, Vec<usize>> = HashMap::new();
    for (other, key) in b.iter().enumerate().rev() {
        places.entry(key).or_default().push(other);
    }
    let mut of_b = vec![None; b.len()];
    let mut of_a = Vec::with_capacity(a.len());
    for (at, key) in a.iter().enumerate() {
        let found = match places.entry(key) {
            Entry::Occupied(mut entry) => entry.get_mut().pop(),
            Entry::Vacant(_) => None,
        };
        if let Some(other) = found {
            of_b[other] = Some(at);
        }
        of_a.push(found);
    }
    let alone =
        |from: usize| (from..b.len()).take_while(|other| of_b[*other].is_none()).map(|other| (None, Some(other)));
    let mut pairs: Vec<Pair> = alone(0).collect();
    for (at, found) in of_a.into_iter().enumerate() {
        pairs.push((Some(at), found));
        pairs.extend(found.into_iter().flat_map(|other| alone(other + 1)));
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talks(slugs: &str) -> Vec<Talk> {
        slugs.split_whitespace().map(|slug| Talk::named(slug.trim_end_matches('!'), slug.ends_with('!'))).collect()
    }

    /// `token` where both have it, `-token` where only the first has it, `+token` where only the second has it.
    fn told(a: &[Talk], b: &[Talk], pairs: &[Pair]) -> String {
        let one = |pair: &Pair| match *pair {
            (Some(at), Some(_)) => a[at].slug.clone(),
            (Some(at), None) => format!("-{}", a[at].slug),
            (None, other) => format!("+{}", b[other.expect("one of both")].slug),
        };
        pairs.iter().map(one).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_one_run_lacks_stands_where_it_belongs() {
        for (a, b, expected) in [
            ("discovery token", "discovery token", "discovery token"),
            ("discovery jwks token userinfo", "discovery token api", "discovery -jwks token -userinfo +api"),
            ("token", "discovery token", "+discovery token"),
            // Of two tries the one that ended alike.
            ("token! token", "token", "-token token"),
            ("token", "token token!", "token +token"),
            ("a", "b", "-a +b"),
            ("", "a", "+a"),
        ] {
            let (a, b) = (talks(a), talks(b));
            assert_eq!(told(&a, &b, &pairs(&a, &b)), expected);
        }
    }

    #[test]
    fn long_runs_are_aligned_by_name_in_order() {
        let (a, b) = (talks("a b token c token"), talks("b token x token"));
        assert_eq!(told(&a, &b, &in_between(5, 4, &in_order(&a, &b))), "-a b token -c +x token");
    }

    #[test]
    fn names_are_put_together_in_any_order() {
        let (a, b) = (["x", "y", "x"], ["y", "n", "x", "m"]);
        let expected: Vec<Pair> =
            vec![(Some(0), Some(2)), (None, Some(3)), (Some(1), Some(0)), (None, Some(1)), (Some(2), None)];
        assert_eq!(merged(&a, &b), expected);
    }
}
