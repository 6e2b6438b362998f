//! The window: its design system here, the application's views on top of it.

pub mod theme;
pub mod widgets;
