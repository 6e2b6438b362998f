//! The program.

fn main() {
    if let Err(error) = grantscope::gui::open() {
        eprintln!("{error}");
    }
}
