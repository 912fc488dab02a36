// SPDX-License-Identifier: Apache-2.0
//! Finds liboskbc: in the folder that OSKBC_LIB_DIR names, such as a build tree's `lib`, or through
//! pkg-config, which is asked for the static library and what that needs if OSKBC_STATIC is 1.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    for name in ["OSKBC_LIB_DIR", "OSKBC_STATIC", "PKG_CONFIG_PATH"] {
        println!("cargo:rerun-if-env-changed={}", name);
    }
    match env::var("OSKBC_LIB_DIR") {
        Ok(folder) => link_from(&folder),
        Err(_) => pass_on(&words_of_pkg_config()),
    }
}

fn link_from(folder: &str) {
    if wants_static() {
        panic!("OSKBC_STATIC is for pkg-config; unset it or OSKBC_LIB_DIR");
    }
    if !Path::new(folder).join("liboskbc.so").exists() {
        panic!("OSKBC_LIB_DIR: there is no liboskbc.so in {}", folder);
    }
    println!("cargo:rustc-link-search=native={}", folder);
    println!("cargo:rustc-link-lib=dylib=oskbc");
}

fn wants_static() -> bool {
    env::var("OSKBC_STATIC").map_or(false, |value| value == "1")
}

fn words_of_pkg_config() -> String {
    let mut command = Command::new("pkg-config");
    if wants_static() {
        command.arg("--static");
    }
    let output = command
        .args(["--libs", "oskbc"])
        .output()
        .unwrap_or_else(|error| panic!("set OSKBC_LIB_DIR, or install pkg-config: {}", error));
    if !output.status.success() {
        panic!(
            "install liboskbc, or set OSKBC_LIB_DIR; pkg-config says: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Words such as -pthread are for the C compiler; Rust's standard library brings what they stand for.
fn pass_on(words: &str) {
    for word in words.split_whitespace() {
        if let Some(folder) = word.strip_prefix("-L") {
            println!("cargo:rustc-link-search=native={}", folder);
        } else if word == "-loskbc" && wants_static() {
            println!("cargo:rustc-link-lib=static=oskbc");
        } else if let Some(name) = word.strip_prefix("-l") {
            println!("cargo:rustc-link-lib=dylib={}", name);
        }
    }
}
