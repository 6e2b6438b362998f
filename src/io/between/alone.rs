//! Standing between in a program that does nothing else meanwhile.

use super::{Gate, Observe, Place, Stand, Standing, Stood};
use crate::io::interruption::Interruptions;
use crate::io::serve::ServeError;

/// Stands between until the user or the system wants the program to end. `ready` is told where, before anything passes.
///
/// # Errors
/// As [`Standing::start`], and when there is no runtime.
pub fn stand_alone(stand: &Stand<'_>, observe: Observe, ready: impl FnOnce(&Place)) -> Result<Stood, ServeError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| ServeError::Handler(error.into()))?;
    let stood = runtime.block_on(async {
        let mut interruptions = Interruptions::listen().map_err(|error| ServeError::Handler(error.into()))?;
        let (standing, place) = Standing::start(stand, Gate::default(), observe).await?;
        ready(&place);
        interruptions.next().await;
        Ok(standing.finish().await)
    });
    runtime.shutdown_background();
    stood
}
