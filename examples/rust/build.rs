// SPDX-License-Identifier: Apache-2.0
//! Finds liboskbc: in the folder that OSKBC_LIB_DIR names (a build tree's `lib`), or through pkg-config.

use std::env;
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=OSKBC_LIB_DIR");
    println!("cargo:rerun-if-env-changed=PKG_CONFIG_PATH");
    match env::var("OSKBC_LIB_DIR") {
        Ok(folder) => search_in(&folder),
        Err(_) => folders_of_pkg_config()
            .iter()
            .for_each(|folder| search_in(folder)),
    }
    println!("cargo:rustc-link-lib=dylib=oskbc");
}

fn search_in(folder: &str) {
    println!("cargo:rustc-link-search=native={}", folder);
}

/// None for a library in a folder that the linker searches anyway.
fn folders_of_pkg_config() -> Vec<String> {
    let output = Command::new("pkg-config")
        .args(["--libs-only-L", "oskbc"])
        .output()
        .expect("neither OSKBC_LIB_DIR is set nor is pkg-config there");
    if !output.status.success() {
        panic!(
            "install liboskbc or set OSKBC_LIB_DIR; pkg-config says: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    String::from_utf8_lossy(&output.stdout)
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("-L"))
        .map(str::to_owned)
        .collect()
}
