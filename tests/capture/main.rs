//! Recordings of logins, made here: which logins are found in them, and what is wrong with each.

mod accused;
mod broken;
mod command;
mod documents;
mod faults;
mod found;
mod har;
mod hostile;
mod logins;
mod passed;
mod recognised;
mod referred;
mod registered;
mod shown;
mod taken_for;
mod together;
