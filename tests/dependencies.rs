//! Every crate that the workspace is built from has a licence that `deny.toml` allows, none is banned there, and all come
//! from crates.io: what `cargo deny check` says, wherever the tests run.

use std::{collections::BTreeSet, path::Path, process::Command};

use serde_json::Value;
use toml::Table;

/// The part of `deny.toml` that is held here.
struct Policy {
    licenses: BTreeSet<String>,
    banned: BTreeSet<String>,
}

impl Policy {
    fn read() -> Self {
        let text = std::fs::read_to_string(crate::common::in_repository("deny.toml")).unwrap();
        let document: Table = text.parse().unwrap();
        let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
        let policy = Self {
            licenses: document["licenses"]["allow"]
                .as_array()
                .unwrap()
                .iter()
                .map(text)
                .collect(),
            banned: document["bans"]["deny"]
                .as_array()
                .unwrap()
                .iter()
                .map(|ban| text(&ban["name"]))
                .collect(),
        };
        assert!(!policy.licenses.is_empty() && !policy.banned.is_empty());
        policy
    }

    /// Whether an SPDX expression can be satisfied; a slash is an old way to write OR, and AND binds closer.
    fn allows(&self, expression: &str) -> bool {
        let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
        let words: Vec<&str> = spaced.split_whitespace().collect();
        let mut rest = words.as_slice();
        let allowed = self.any(&mut rest);
        assert!(rest.is_empty(), "not an SPDX expression: {expression}");
        allowed
    }

    fn any(&self, rest: &mut &[&str]) -> bool {
        let mut allowed = self.all(rest);
        while let ["OR", after @ ..] = *rest {
            *rest = after;
            allowed |= self.all(rest);
        }
        allowed
    }

    fn all(&self, rest: &mut &[&str]) -> bool {
        let mut allowed = self.one(rest);
        while let ["AND", after @ ..] = *rest {
            *rest = after;
            allowed &= self.one(rest);
        }
        allowed
    }

    fn one(&self, rest: &mut &[&str]) -> bool {
        match *rest {
            ["(", after @ ..] => {
                *rest = after;
                let allowed = self.any(rest);
                *rest = rest.strip_prefix(&[")"]).expect("a closing parenthesis");
                allowed
            }
            [license, "WITH", exception, after @ ..] => {
                *rest = after;
                self.licenses.contains(&format!("{license} WITH {exception}"))
            }
            [license, after @ ..] => {
                *rest = after;
                self.licenses.contains(*license)
            }
            [] => panic!("an expression ends early"),
        }
    }

    /// What is wrong with a package, as `cargo metadata` describes it.
    fn objections(&self, package: &Value) -> Vec<String> {
        let name = package["name"].as_str().unwrap();
        let mut objections = Vec::new();
        if self.banned.contains(name) {
            objections.push(format!("{name} is banned"));
        }
        match package["license"].as_str() {
            Some(license) if self.allows(license) => {}
            Some(license) => objections.push(format!("{name}: {license} is not allowed")),
            None => objections.push(format!("{name} names no licence")),
        }
        // A package of the workspace has no source.
        if let Some(source) = package["source"].as_str()
            && source != "registry+https://github.com/rust-lang/crates.io-index"
        {
            objections.push(format!("{name} comes from {source}"));
        }
        objections
    }
}

/// The packages of the workspace and all that they need on this system. Everything is downloaded for a build already,
/// save what only the pictures of the window need: where those have never been built, cargo fetches it now.
fn packages() -> Vec<Value> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let rustc = Path::new(&cargo).with_file_name("rustc");
    let version = Command::new(rustc).arg("-vV").output().unwrap();
    let version = String::from_utf8(version.stdout).unwrap();
    let host = version.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--locked",
            "--format-version",
            "1",
            "--filter-platform",
            host,
        ])
        .current_dir(crate::common::in_repository("."))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "cargo metadata: {said}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().clone()
}

#[test]
fn every_crate_is_one_that_may_be_used() {
    let policy = Policy::read();
    let packages = packages();
    assert!(packages.iter().any(|package| package["name"] == "serde_json"));
    let objections: Vec<String> = packages.iter().flat_map(|package| policy.objections(package)).collect();
    assert!(objections.is_empty(), "{}", objections.join("\n"));
}

#[test]
fn what_may_not_be_used_is_objected_to() {
    let policy = Policy {
        licenses: ["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"]
            .map(str::to_owned)
            .into(),
        banned: ["openssl-sys".to_owned()].into(),
    };
    for allowed in [
        "MIT",
        "MIT/GPL-3.0",
        "GPL-3.0 OR MIT",
        "(GPL-3.0 OR MIT) AND Unicode-3.0",
        "GPL-3.0 AND ISC OR MIT",
        "Apache-2.0 WITH LLVM-exception",
    ] {
        assert!(policy.allows(allowed), "{allowed}");
    }
    for refused in [
        "GPL-3.0",
        "MIT AND GPL-3.0",
        "MIT AND (GPL-3.0 OR ISC)",
        "Apache-2.0",
        "MIT WITH LLVM-exception",
    ] {
        assert!(!policy.allows(refused), "{refused}");
    }
    let package = serde_json::json!({"name": "openssl-sys", "license": null, "source": "git+https://example.com/x"});
    assert_eq!(
        policy.objections(&package),
        [
            "openssl-sys is banned",
            "openssl-sys names no licence",
            "openssl-sys comes from git+https://example.com/x"
        ]
    );
}
