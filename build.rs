//! Lists the presets: every document in `assets/presets` is one, so that one more needs no code. Puts the commit into the
//! version where `TATAMI_COMMIT` names it, as it does for what is installed; asking git would build anew at every commit.

use std::{
    env::{self, VarError},
    ffi::OsStr,
    fmt::Write as _,
    fs, io,
    path::Path,
};

fn main() -> io::Result<()> {
    println!(
        "cargo::rustc-env=TATAMI_VERSION={}",
        version().map_err(io::Error::other)?
    );
    println!("cargo::rerun-if-env-changed=TATAMI_COMMIT");
    list_presets()
}

/// `0.1.0`, or `0.1.0 (1a2b3c4)` where the commit is known.
fn version() -> Result<String, VarError> {
    let version = env::var("CARGO_PKG_VERSION")?;
    let commit = env::var("TATAMI_COMMIT").unwrap_or_default();
    Ok(if commit.is_empty() {
        version
    } else {
        format!("{version} ({commit})")
    })
}

fn list_presets() -> io::Result<()> {
    let folder = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("assets/presets");
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut documents = Vec::new();
    for entry in fs::read_dir(&folder)? {
        documents.push(entry?.path());
    }
    documents.sort_by_key(|document| document.file_stem().map(OsStr::to_owned));
    let mut list = String::from("&[\n");
    for document in documents {
        // Writing to a text cannot fail.
        writeln!(list, "    include_str!({:?}),", document.display().to_string()).ok();
    }
    list.push_str("]\n");
    let out = env::var("OUT_DIR").map_err(io::Error::other)?;
    fs::write(Path::new(&out).join("presets.rs"), list)
}
