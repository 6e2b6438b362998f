//! The grants, one file each: their stages, their steps and what is particular in their messages.

pub mod authorization_code;

use crate::terms::grant::Grant;

use super::stage::Stage;
use super::step::Step;

/// The stages of a grant in order.
pub const fn stages(grant: Grant) -> &'static [Stage] {
    match grant {
        Grant::AuthorizationCode => authorization_code::STAGES,
    }
}

/// The steps a person sees, in order.
pub const fn steps(grant: Grant) -> &'static [Step] {
    match grant {
        Grant::AuthorizationCode => authorization_code::STEPS,
    }
}
