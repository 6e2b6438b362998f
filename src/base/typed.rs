//! Advice of which a part is typed: an option of the command line stands behind the words that say so, where a window,
//! which has a button or a field for it, leaves it out.

/// What stands before an option.
const ON_THE_COMMAND_LINE: &str = " On the command line: ";

/// Advice, a sentence by itself, with what is typed for it.
pub fn typed(advice: &str, option: &str) -> String {
    format!("{advice}{ON_THE_COMMAND_LINE}{option}")
}

/// What it says where nothing is typed.
pub fn untyped(advice: &str) -> &str {
    advice.split(ON_THE_COMMAND_LINE).next().unwrap_or(advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_leaves_out_what_is_typed() {
        let advice = typed("Try again.", "--retry 1.");
        assert_eq!(advice, "Try again. On the command line: --retry 1.");
        assert_eq!(untyped(&advice), "Try again.");
        assert_eq!(untyped("Try again."), "Try again.");
    }
}
