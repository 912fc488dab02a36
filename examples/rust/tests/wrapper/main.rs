// SPDX-License-Identifier: Apache-2.0
//! The wrapper as its users see it, on fake trees. One program, because each one has to be linked.

#[path = "../common/mod.rs"]
mod common;

mod client;
mod statuses;
mod threads;
mod words;
