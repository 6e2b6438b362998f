//! The window: views read the model and push commands, one `update` writes, a backend does what waits.

pub mod app;
pub mod backend;
pub mod command;
pub mod diagram;
pub mod masking;
pub mod model;
pub mod theme;
pub mod update;
pub mod view;
pub mod widgets;

use crate::base::time::Timestamp;

/// The time of day here: `11:30:00`.
fn clock_time(at: Timestamp) -> String {
    let Ok(time) = jiff::Timestamp::from_second(at.seconds()) else { return at.to_utc() };
    time.to_zoned(jiff::tz::TimeZone::system()).strftime("%H:%M:%S").to_string()
}
