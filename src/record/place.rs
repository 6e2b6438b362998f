//! Which stage of its run an exchange belongs to, in documents that do not say so.

use crate::flow::stage::Stage;

/// The stages of the run, and the index of each exchange's. `planned` is what a run of this grant begins with; an
/// exchange is its stage and its attempt.
pub(super) fn derived(mut planned: Vec<Stage>, exchanges: &[(Stage, u32)]) -> (Vec<Stage>, Vec<usize>) {
    let mut positions: Vec<usize> = Vec::with_capacity(exchanges.len());
    for (stage, attempt) in exchanges {
        let last = positions.last().copied();
        let from = last.map_or(0, |last| last + 1);
        let is_same = last.filter(|last| planned.get(*last) == Some(stage));
        let ahead = || planned.iter().skip(from).position(|planned| planned == stage).map(|at| from + at);
        let behind = || planned.iter().take(from).rposition(|planned| planned == stage).filter(|_| *attempt > 1);
        let position = is_same.or_else(behind).or_else(ahead).unwrap_or_else(|| {
            planned.insert(from, *stage);
            from
        });
        positions.push(position);
    }
    (planned, positions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exchanges_find_their_stages() {
        use Stage::{Authorization, Discovery, Jwks, Token, UserInfo};

        let planned = vec![Discovery, Jwks, Authorization, Token, UserInfo];
        for (exchanges, stages, positions) in [
            (vec![], planned.clone(), vec![]),
            (vec![(Discovery, 1), (Discovery, 2), (Token, 1)], planned.clone(), vec![0, 0, 3]),
            (vec![(Authorization, 1), (Token, 1), (Authorization, 2), (Token, 2)], planned.clone(), vec![2, 3, 2, 3]),
            (
                vec![(Token, 1), (Jwks, 1), (UserInfo, 1)],
                vec![Discovery, Jwks, Authorization, Token, Jwks, UserInfo],
                vec![3, 4, 5],
            ),
        ] {
            assert_eq!(derived(planned.clone(), &exchanges), (stages, positions), "{exchanges:?}");
        }
    }
}
