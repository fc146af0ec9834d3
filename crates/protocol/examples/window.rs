//! Prints what is generated from the table of window commands: `types`, or the capability file of a window.

use conclave_protocol::window::{Window, capability, typescript};

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    match Window::ALL.into_iter().find(|window| window.label() == wanted) {
        Some(window) => print!("{}", capability(window)),
        None => print!("{}", typescript()),
    }
}
