//! An estimate of how hard a value is to guess, with the thresholds of the OpenID conformance suite.

/// Least bits of `state`, `nonce`, codes and tokens; stands for the 128 of RFC 6749 section 10.10.
pub const TOKEN_BITS: f64 = 96.0;

/// Least bits of a `code_verifier`; stands for the 256 of RFC 7636 section 7.1.
pub const VERIFIER_BITS: f64 = 180.0;

/// Shannon estimate in bits: entropy per character, from their frequencies, times length.
pub fn bits(value: &str) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value.bytes() {
        counts[usize::from(byte)] += 1;
    }
    let length = value.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| {
            let share = f64::from(*count) / length;
            -share.log2() * f64::from(*count)
        })
        .sum::<f64>()
        .max(0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetition_is_weak_and_random_text_is_strong() {
        assert!(bits("") < 1.0);
        assert!(bits("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa") < 1.0);
        assert!(bits("12345678") < TOKEN_BITS);
        assert!(bits("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") > VERIFIER_BITS);
    }
}
