//! Lists the presets: every document in `assets/presets` is one, so that one more needs no code.

use std::{env, ffi::OsStr, fmt::Write as _, fs, io, path::Path};

fn main() -> io::Result<()> {
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
