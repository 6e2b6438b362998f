//! The figures of the performance table.

fn main() {}
