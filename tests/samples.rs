//! The sample files in `assets/samples` are what their recorded specs say.
//!
//! To make them again after a change in `src/sample`: `TATAMI_UPDATE_SAMPLES=1 cargo test --test samples`

use std::{collections::BTreeSet, env, fs, path::PathBuf};

use tatami::sample::{Mistake, SHIPPED};

fn path(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("assets/samples")
        .join(name)
}

#[test]
fn shipped_samples_are_made_from_their_specs() {
    for shipped in SHIPPED {
        let mut made = Vec::new();
        shipped.write(&mut made).unwrap();
        let path = path(shipped.name);
        if env::var_os("TATAMI_UPDATE_SAMPLES").is_some() {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, &made).unwrap();
        }
        let kept = fs::read(&path).unwrap();
        assert!(
            kept == made,
            "{} differs from what its spec makes; TATAMI_UPDATE_SAMPLES=1 cargo test --test samples writes it again",
            shipped.name
        );
    }
}

#[test]
fn shipped_samples_show_every_kind_of_mistake_they_can() {
    let kinds: BTreeSet<_> = SHIPPED
        .iter()
        .flat_map(|shipped| shipped.spec.mistakes())
        .map(|(_, kind)| kind)
        .collect();
    for shipped in SHIPPED {
        for kind in Mistake::of(shipped.spec.dataset, shipped.spec.format) {
            assert!(kinds.contains(&kind), "{kind:?}");
        }
    }
    assert!(kinds.len() >= 14, "{kinds:?}");
}
