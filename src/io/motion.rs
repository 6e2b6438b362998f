//! Whether the user of this system wants less to move.

use mundy::{Interest, Preferences};

/// Goes on telling as long as it is kept.
pub struct Following(#[expect(dead_code, reason = "dropping it ends it")] mundy::Subscription);

/// Tells at once, and whenever it changes, whether motion is to be reduced; a system that says nothing wants it as it is.
pub fn follow(mut tell: impl FnMut(bool) + Send + Sync + 'static) -> Following {
    let subscription = Preferences::subscribe(Interest::ReducedMotion, move |preferences| {
        tell(preferences.reduced_motion.is_reduce());
    });
    Following(subscription)
}
