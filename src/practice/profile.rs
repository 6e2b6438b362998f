//! Refuses what the profile of the server does not take, and notes it for the log.

use super::Practice;
use super::demands::Demand;
use super::why::Wrong;

impl Practice {
    /// Refuses what the profile does not take, where it says something of it.
    ///
    /// # Errors
    /// What `refusal` makes of the sentence.
    pub(super) fn demand<E: Wrong>(
        &self,
        demand: Demand,
        (is_kept, saw): (bool, &str),
        refusal: impl FnOnce(String) -> E,
    ) -> Result<(), E> {
        if self.config.demands(demand).is_none() {
            return Ok(());
        }
        let verdict = self.config.judge(demand, is_kept, saw).map_err(refusal);
        self.why.check(demand.what(), saw, verdict)
    }
}
