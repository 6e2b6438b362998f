//! The fingerprint of RSA keys made by chips with the ROCA flaw (CVE-2017-15361).
//!
//! Those chips build primes as `k * M + (65537^a mod M)` with M a product of small primes. Modulo each of
//! these the modulus is therefore a power of 65537, which a sound modulus is practically never for all of
//! them. Nemec et al., "The Return of Coppersmith's Attack" (2017).

const PRIMES: [u32; 38] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167,
];

/// Whether a modulus has the fingerprint.
pub(super) fn has_fingerprint(modulus: &[u8]) -> bool {
    PRIMES.iter().all(|&prime| is_power_of_65537(remainder(modulus, prime), prime))
}

fn remainder(number: &[u8], by: u32) -> u32 {
    number.iter().fold(0, |rest, &byte| (rest * 256 + u32::from(byte)) % by)
}

fn is_power_of_65537(value: u32, modulo: u32) -> bool {
    let generator = 65537 % modulo;
    let powers = std::iter::successors(Some(1), |power| Some(power * generator % modulo));
    powers.take(modulo as usize).any(|power| power == value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn powers_of_65537_have_the_fingerprint_and_others_do_not() {
        assert!(has_fingerprint(&[1]));
        assert!(has_fingerprint(&[1, 0, 1]));
        assert!(has_fingerprint(&[1, 0, 2, 0, 1]));
        assert!(!has_fingerprint(&[2]));
        assert!(!has_fingerprint(&[0xff; 256]));
    }
}
