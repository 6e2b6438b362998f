//! The language that the system is set to.

/// Its tag of BCP 47: `de-AT`; empty where the system says nothing.
pub fn language() -> String {
    sys_locale::get_locale().unwrap_or_default()
}
