//! Files that nobody wrote in good faith.
