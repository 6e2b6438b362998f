//! Numbers that are typed, and in words what one has to be.

use std::num::NonZeroUsize;
use std::str::FromStr;

/// A port to listen at.
pub(super) fn port(typed: &str) -> Result<u16, String> {
    number(typed, "a port is a number from 0 to 65535, such as 9400; 0 is any free one")
}

/// A time to wait.
pub(super) fn seconds(typed: &str) -> Result<u64, String> {
    number(typed, "this has to be a whole number of seconds, such as 60")
}

/// How often something is done.
pub(super) fn times(typed: &str) -> Result<u32, String> {
    number(typed, "this has to be a whole number, such as 3")
}

/// How many there are, which is one at least.
pub(super) fn at_least_one(typed: &str) -> Result<NonZeroUsize, String> {
    number(typed, "this has to be a whole number from 1 on")
}

fn number<T: FromStr>(typed: &str, wanted: &str) -> Result<T, String> {
    typed.trim().parse().map_err(|_| wanted.to_owned())
}
