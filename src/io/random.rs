//! The seed of a run's randomness, from the operating system.

use std::io;

use crate::base::entropy::Entropy;

/// A generator seeded with 32 bytes that nobody can predict.
///
/// # Errors
/// When the operating system has no random source, which leaves nothing to fall back to.
pub fn entropy() -> io::Result<Entropy> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(Entropy::from_seed(seed))
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_generators_never_draw_the_same() {
        let draw = || super::entropy().map(|mut entropy| entropy.token()).expect("a random source");
        assert_ne!(draw(), draw());
    }
}
