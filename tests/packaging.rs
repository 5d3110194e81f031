//! What desktops, shells and packagers are given: one id everywhere, a page and a completion for every command, and an
//! installation of exactly these files.

use std::{
    collections::BTreeSet,
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

use tatami::ui::APP_ID;

use crate::{
    common::{in_repository, program},
    home::{Ended, Home, ended},
};

fn desktop(name: &str) -> String {
    fs::read_to_string(in_repository("assets/desktop").join(name)).unwrap()
}

/// The value of a key of the desktop entry.
fn entry(key: &str) -> String {
    let entry = desktop(&format!("{APP_ID}.desktop"));
    let mut values = entry
        .lines()
        .filter_map(|line| line.strip_prefix(key)?.strip_prefix('='));
    values.next().unwrap_or_else(|| panic!("no {key}")).to_owned()
}

/// Every text between `before` and `after`.
fn between<'a>(text: &'a str, before: &'a str, after: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(before)
        .skip(1)
        .filter_map(move |rest| rest.split(after).next())
}

/// The files below a folder, with their permissions.
fn files(folder: &Path) -> Vec<String> {
    let mut folders = vec![folder.to_owned()];
    let mut found = Vec::new();
    while let Some(next) = folders.pop() {
        for item in fs::read_dir(next).unwrap() {
            let path = item.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let mode = path.metadata().unwrap().permissions().mode() & 0o777;
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            found.push(format!("{mode:o} {}", name.replace(APP_ID, "ID")));
        }
    }
    found.sort_by(|one, other| one[4..].cmp(&other[4..]));
    found
}

#[test]
fn one_id_is_shared() {
    let ids: BTreeSet<String> = fs::read_dir(in_repository("assets/desktop"))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains('.'))
        .collect();
    let expected = ["desktop", "metainfo.xml", "mime.xml"].map(|ending| format!("{APP_ID}.{ending}"));
    assert_eq!(ids, BTreeSet::from(expected));
    assert_eq!(entry("Icon"), APP_ID);
    assert_eq!(entry("StartupWMClass"), APP_ID);
    let metainfo = desktop(&format!("{APP_ID}.metainfo.xml"));
    for element in [
        format!("<id>{APP_ID}</id>"),
        format!("<launchable type=\"desktop-id\">{APP_ID}.desktop</launchable>"),
        format!("<icon type=\"stock\">{APP_ID}</icon>"),
        format!("<summary>{}</summary>", entry("Comment")),
    ] {
        assert!(metainfo.contains(&element), "{element}");
    }
    let developer = APP_ID.rsplit_once('.').unwrap().0;
    assert!(metainfo.contains(&format!("<developer id=\"{developer}\">")));
}

#[test]
fn what_is_opened_with_it_has_a_kind() {
    assert_eq!(entry("Exec"), "tatami %F");
    let opened = entry("MimeType");
    let opened: BTreeSet<&str> = opened.split_terminator(';').collect();
    let own = desktop(&format!("{APP_ID}.mime.xml"));
    let own: Vec<&str> = between(&own, "<mime-type type=\"", "\"").collect();
    assert_eq!(own.len(), 4);
    for kind in own {
        assert!(opened.contains(kind), "{kind} is defined, but not opened");
    }
}

#[test]
fn icons_are_as_large_as_they_say() {
    for size in [16_u32, 24, 32, 48, 64, 128, 256, 512] {
        let png = fs::read(in_repository("assets/desktop/icons").join(format!("{size}.png"))).unwrap();
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        assert_eq!((number(16), number(20)), (size, size));
    }
}

#[test]
fn shells_complete_every_command() {
    let home = Home::new();
    let commands = home.commands(&[]);
    assert!(commands.iter().any(|command| command == "check"), "{commands:?}");
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let ended = home.run(&["completions", shell]);
        assert_eq!((ended.code, &*ended.err), (0, ""), "{shell}");
        let words: BTreeSet<&str> = ended.out.split(|c: char| !c.is_alphanumeric()).collect();
        for command in &commands {
            assert!(words.contains(command.as_str()), "{shell} does not know {command}");
        }
        // The program asks this of itself.
        assert!(!words.contains("convert"), "{shell}");
    }
}

#[test]
fn every_command_has_a_manual_page() {
    let home = Home::new();
    assert_eq!(home.run(&["man", "pages"]).code, 0);
    let mut expected = BTreeSet::from(["tatami.1".to_owned()]);
    let is_command = |name: &String| name != "help";
    for command in home.commands(&[]).into_iter().filter(is_command) {
        let page = home.read("pages/tatami.1");
        assert!(page.contains(&format!("tatami\\-{command}(1)")), "{command}");
        let below = home.commands(&[&command]).into_iter().filter(is_command);
        expected.extend(below.map(|below| format!("tatami-{command}-{below}.1")));
        expected.insert(format!("tatami-{command}.1"));
    }
    let pages: BTreeSet<String> = fs::read_dir(home.path("pages"))
        .unwrap()
        .map(|page| page.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(pages, expected);
    for page in pages {
        let text = home.read(&format!("pages/{page}"));
        let name = page.trim_end_matches(".1");
        assert!(text.contains(&format!(".TH {name} 1")), "{text}");
        assert!(text.contains(".SH NAME\n") && text.contains(".SH SYNOPSIS\n"), "{text}");
    }
    insta::assert_snapshot!(home.run(&["man", "pages"]).all(), @r"
    tatami: pages cannot be written: File exists (os error 17)
    [2]
    ");
}

/// `assets/desktop/package` below a folder of the test, where it does not touch the caches of the desktop.
fn package(root: &Path, words: &[&str]) -> Ended {
    let mut command = Command::new(in_repository("assets/desktop/package"));
    ended(command.args(words).env("DESTDIR", root))
}

#[test]
fn it_is_installed_and_uninstalled() {
    let home = Home::new();
    let root = home.path("root");
    let prefix = root.join("opt");
    let program: PathBuf = program();
    let install = ["install", program.to_str().unwrap(), "/opt"];
    assert_eq!(package(&root, &install).all().lines().last(), Some("[0]"));
    let installed = files(&prefix);
    insta::assert_snapshot!(installed.join("\n"), @r"
    755 bin/tatami
    644 share/applications/ID.desktop
    644 share/bash-completion/completions/tatami
    644 share/doc/tatami/CHANGELOG.md
    644 share/doc/tatami/LICENSE-APACHE
    644 share/doc/tatami/LICENSE-MIT
    644 share/doc/tatami/copyright
    644 share/doc/tatami/installed-files
    644 share/fish/vendor_completions.d/tatami.fish
    644 share/icons/hicolor/128x128/apps/ID.png
    644 share/icons/hicolor/16x16/apps/ID.png
    644 share/icons/hicolor/24x24/apps/ID.png
    644 share/icons/hicolor/256x256/apps/ID.png
    644 share/icons/hicolor/32x32/apps/ID.png
    644 share/icons/hicolor/48x48/apps/ID.png
    644 share/icons/hicolor/512x512/apps/ID.png
    644 share/icons/hicolor/64x64/apps/ID.png
    644 share/icons/hicolor/scalable/apps/ID.svg
    644 share/man/man1/tatami-audit.1
    644 share/man/man1/tatami-check.1
    644 share/man/man1/tatami-columns.1
    644 share/man/man1/tatami-completions.1
    644 share/man/man1/tatami-delete.1
    644 share/man/man1/tatami-demo.1
    644 share/man/man1/tatami-diff.1
    644 share/man/man1/tatami-environments-add.1
    644 share/man/man1/tatami-environments-list.1
    644 share/man/man1/tatami-environments-remove.1
    644 share/man/man1/tatami-environments-test.1
    644 share/man/man1/tatami-environments.1
    644 share/man/man1/tatami-explain.1
    644 share/man/man1/tatami-export.1
    644 share/man/man1/tatami-get.1
    644 share/man/man1/tatami-ids.1
    644 share/man/man1/tatami-join.1
    644 share/man/man1/tatami-recipe-export.1
    644 share/man/man1/tatami-recipe-import.1
    644 share/man/man1/tatami-recipe-list.1
    644 share/man/man1/tatami-recipe-show.1
    644 share/man/man1/tatami-recipe.1
    644 share/man/man1/tatami-sample.1
    644 share/man/man1/tatami-serve.1
    644 share/man/man1/tatami-undo.1
    644 share/man/man1/tatami-upload.1
    644 share/man/man1/tatami-uploads.1
    644 share/man/man1/tatami-whoami.1
    644 share/man/man1/tatami-wipe.1
    644 share/man/man1/tatami.1
    644 share/metainfo/ID.metainfo.xml
    644 share/mime/packages/ID.xml
    644 share/zsh/site-functions/_tatami
    ");

    // Another file in the same folders stays, and what only a former version had goes.
    fs::write(prefix.join("bin/other"), "").unwrap();
    fs::write(prefix.join("share/man/man1/tatami-former.1"), "").unwrap();
    let list = prefix.join("share/doc/tatami/installed-files");
    let names = fs::read_to_string(&list).unwrap();
    fs::write(&list, names + "share/man/man1/tatami-former.1\n").unwrap();
    assert_eq!(package(&root, &install).code, 0);
    let mut again = files(&prefix);
    again.retain(|file| !file.ends_with(" bin/other"));
    assert_eq!(again, installed);

    assert_eq!(package(&root, &["uninstall", "/opt"]).code, 0);
    let left: Vec<String> = files(&prefix);
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].ends_with(" bin/other"), "{left:?}");
    let ended = package(&root, &["uninstall", "/opt"]);
    assert_eq!(ended.code, 1);
    assert!(ended.err.starts_with("Nothing was installed in "), "{}", ended.err);
}
