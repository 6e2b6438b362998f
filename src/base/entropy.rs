//! Randomness that can be repeated: seeded by `io` in the program, by a constant in tests.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore as _, SeedableRng as _};

/// A cryptographic generator (ChaCha20). The same seed draws the same values.
#[derive(Clone)]
pub struct Entropy(ChaCha20Rng);

impl Entropy {
    /// A generator for this seed. 32 bytes from the operating system make it unpredictable.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(ChaCha20Rng::from_seed(seed))
    }

    /// `N` random bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill_bytes(&mut bytes);
        bytes
    }

    /// 256 bits as 43 base64url characters: fit for `state`, `nonce`, `code_verifier`, codes and tokens.
    pub fn token(&mut self) -> String {
        URL_SAFE_NO_PAD.encode(self.bytes::<32>())
    }
}

impl fmt::Debug for Entropy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Entropy(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same_and_never_twice_the_same() {
        let (mut one, mut two) = (Entropy::from_seed([7; 32]), Entropy::from_seed([7; 32]));
        let first = one.token();
        assert_eq!(first, two.token());
        assert_eq!(first.len(), 43);
        assert_ne!(first, one.token());
    }
}
