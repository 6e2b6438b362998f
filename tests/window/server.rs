//! The Server tab.
