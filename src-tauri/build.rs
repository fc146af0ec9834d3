//! Gives every command that a capability file names a permission of its own. The files are generated from the table of
//! window commands; reading them here instead of the table keeps the whole workspace from being built for this script.

use std::collections::BTreeSet;
use tauri_build::{AppManifest, Attributes};

fn main() {
    println!("cargo:rerun-if-changed=capabilities");
    let mut names = BTreeSet::new();
    for entry in std::fs::read_dir("capabilities").expect("the folder is part of the repository") {
        let path = entry.expect("the folder can be read").path();
        let text = std::fs::read_to_string(path).expect("the file can be read");
        let allowed = text.split('"').filter_map(|word| word.strip_prefix("allow-"));
        names.extend(allowed.map(|name| name.replace('-', "_")));
    }
    let names: Vec<&'static str> = names.into_iter().map(|name| &*name.leak()).collect();
    let manifest = AppManifest::new().commands(names.leak());
    tauri_build::try_build(Attributes::new().app_manifest(manifest)).expect("capabilities are well formed");
}
