//! The clock. Everything else gets its time as a parameter.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::base::time::Timestamp;

/// The time now, by the system's clock; the epoch when the clock stands before it.
pub fn now() -> Timestamp {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX))
}
