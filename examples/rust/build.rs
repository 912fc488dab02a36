// SPDX-License-Identifier: Apache-2.0
//! Finds liboskbc: in the folder that OSKBC_LIB_DIR names, such as a build tree's `lib`, or through
//! pkg-config, which is asked for the static library and what that needs if OSKBC_STATIC is 1. A program
//! that is static altogether (`-C target-feature=+crt-static`) takes all of it as static libraries; what
//! would build but not start is refused.

use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    for name in ["OSKBC_LIB_DIR", "OSKBC_STATIC", "PKG_CONFIG_PATH"] {
        println!("cargo:rerun-if-env-changed={}", name);
    }
    if is_static_program() && !wants_static() {
        panic!("a program with +crt-static loads no shared library; set OSKBC_STATIC=1");
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

/// Always so for musl, unless it is turned off.
fn is_static_program() -> bool {
    let features = env::var("CARGO_CFG_TARGET_FEATURE").unwrap_or_default();
    features.split(',').any(|feature| feature == "crt-static")
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
            link(name);
        }
    }
}

/// What liboskbc itself needs.
fn link(name: &str) {
    if !is_static_program() {
        println!("cargo:rustc-link-lib=dylib={}", name);
        return;
    }
    if let Some(folder) = folder_of(&format!("lib{}.a", name)) {
        println!("cargo:rustc-link-search=native={}", folder);
    }
    // Not into the crate's own archive: each is needed after what was compiled from Rust.
    println!("cargo:rustc-link-lib=static:-bundle={}", name);
}

/// Where the C compiler finds a library; it has folders that Rust's does not know.
fn folder_of(library: &str) -> Option<String> {
    let compiler = env::var("CC").unwrap_or_else(|_| "cc".to_owned());
    let output = Command::new(compiler)
        .arg(format!("-print-file-name={}", library))
        .output()
        .ok()?;
    let path = String::from_utf8(output.stdout).ok()?;
    let folder = Path::new(path.trim()).parent()?.to_str()?;
    // Without a folder it is the name again: nothing was found.
    (!folder.is_empty()).then(|| folder.to_owned())
}
