//! Writes `docs/formats/problems.md`.

fn main() {
    print!("{}", conclave_client::roles::problem::page());
}
