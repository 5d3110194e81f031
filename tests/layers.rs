//! The layers of the house: which module may know which (design: "Never"), how long a file may be, and that the map in
//! `lib.rs` names every module.

#![expect(clippy::unwrap_used, reason = "sources that cannot be read fail the test")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// A file of more lines than this does more than one thing.
const MOST_LINES: usize = 600;

/// Module, and what it may not name: our own modules, crates, or paths of them.
const NEVER: &[(&str, &[&str])] = &[
    (
        "domain",
        &[
            "crate::frame",
            "crate::check",
            "crate::api",
            "crate::upload",
            "crate::server",
            "crate::settings",
            "crate::sample",
            "crate::message",
            "crate::session",
            "crate::work",
            "crate::ui",
            "crate::cli",
            "polars",
            "parquet",
            "arrow_array",
            "egui",
            "eframe",
            "tokio",
            "std::fs",
            "std::net::TcpStream",
            "std::thread",
        ],
    ),
    ("frame", &["egui", "eframe", "tokio", "crate::api"]),
    ("check", &["egui", "eframe", "tokio", "crate::api"]),
    (
        "message",
        &[
            "egui",
            "eframe",
            "tokio",
            "std::fs",
            "crate::session",
            "crate::work",
            "crate::ui",
            "crate::cli",
        ],
    ),
    (
        "session",
        &["egui", "eframe", "tokio", "std::fs", "crate::work", "crate::api"],
    ),
    ("ui", &["crate::api", "crate::server"]),
    ("server", &["crate::ui", "crate::session", "crate::work"]),
    (
        "ops",
        &[
            "crate::ui",
            "crate::session",
            "crate::work",
            "crate::cli",
            "egui",
            "eframe",
            "clap",
        ],
    ),
    ("cli", &["crate::ui", "crate::session", "crate::work"]),
    ("work", &["crate::session", "crate::ui"]),
];

/// What only `ops` does for window and command line: the ledger, the client, the server.
const THROUGH_OPS: (&[&str], &[&str]) = (
    &["cli", "work"],
    &[
        "crate::server",
        "crate::api::Client",
        "crate::api::Endpoint",
        "crate::upload::Account",
        "crate::upload::Ledger",
        "crate::upload::Lookup",
        "crate::upload::Setup",
        "crate::upload::TableRecords::new",
        "crate::upload::run",
        "crate::upload::preview",
    ],
);

/// The only module that names what reads columns: polars, Arrow and Parquet.
const COLUMNS: (&str, [&str; 5]) = (
    "frame",
    ["polars", "arrow_array", "arrow_ipc", "arrow_schema", "parquet"],
);

/// Rules that something else than a test of theirs reports or shows.
const REPORTED_ELSEWHERE: &[(&str, &[&str])] = &[
    // What the reader could not read.
    ("Unreadable", &["check/mod.rs"]),
    // What the service answered, which is shown and forgotten with the upload.
    (
        "Refused",
        &[
            "check/mod.rs",
            "session/open.rs",
            "ui/document/inspector.rs",
            "ui/document/rows.rs",
        ],
    ),
];

/// Where all rules and hints are named.
const LIST_OF_RULES: &str = "domain/rules/list.rs";

/// Hints that are named where their rules are not defined.
const HINTS_SHOWN_ELSEWHERE: &[(&str, &str)] = &[
    // Its advice names what the field takes, which only the command line has room for.
    ("SimilarName", "cli/report.rs"),
];

/// Names that stand for several types, each with the reason. A new type takes a name of its own.
const SHARED_NAMES: &[(&str, &str)] = &[
    ("Command", "of the command line, and from the window to the background"),
    ("Failure", "of the command line, and of a route of the server"),
    ("Table", "as the background and as the window holds it"),
    ("Target", "of a column and of a command"),
];

#[test]
fn no_module_knows_what_it_must_not() {
    let mut wrong = Vec::new();
    for file in sources() {
        let used = file.uses();
        for (module, never) in NEVER.iter().filter(|(module, _)| file.is_in(module)) {
            let forbidden = used
                .iter()
                .filter(|path| never.iter().any(|never| is_under(path, never)));
            wrong.extend(forbidden.map(|path| format!("{}: {module} names {path}", file.name)));
        }
        let (modules, behind) = THROUGH_OPS;
        if let Some(module) = modules.iter().find(|module| file.is_in(module)) {
            let forbidden = used
                .iter()
                .filter(|path| behind.iter().any(|never| is_under(path, never)));
            wrong.extend(forbidden.map(|path| format!("{}: {module} names {path}, which is for ops", file.name)));
        }
        let (reader, crates) = COLUMNS;
        let named = crates.iter().find(|name| used.iter().any(|path| is_under(path, name)));
        if let Some(name) = named.filter(|_| !file.is_in(reader)) {
            wrong.push(format!("{}: only {reader} names {name}", file.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Clippy refuses arms that catch all there; this refuses what it does not see.
#[test]
fn commands_events_and_actions_are_matched_arm_by_arm() {
    const DENIED: &str = "clippy::wildcard_enum_match_arm";
    let mut wrong = Vec::new();
    for module in ["message", "work", "session"] {
        // Tests say what they expect, and fail on all else.
        let is_product = |file: &Source| file.is_in(module) && !file.name.ends_with("_test.rs");
        let files: Vec<_> = sources().into_iter().filter(is_product).collect();
        let main = format!("{module}/mod.rs");
        for file in &files {
            let is_denied = file.text.contains(&format!("#![deny({DENIED})]"));
            if is_denied != (file.name == main) || file.text.matches(DENIED).count() > 1 {
                wrong.push(format!("{}: {DENIED}", file.name));
            }
            let code = product_code(&file.text);
            wrong.extend(
                picked_out(&code)
                    .into_iter()
                    .map(|pattern| format!("{}: {pattern}", file.name)),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let open =
        "if let Event::Table(..) = event {} let Some(Command::Check { a, .. }) = b else {}; matches!(c, Action::Undo)";
    assert_eq!(picked_out(open).len(), 3);
    assert!(picked_out("let command = TableCommand::Open { a: b }; match c { Event::Told(a) => {} }").is_empty());
}

/// Patterns that pick one command, event or action out: in `let`, and in `matches!`.
fn picked_out(code: &str) -> Vec<&str> {
    let until = |end: &'static [char]| move |after: &'_ str| after.find(end).unwrap_or(after.len());
    let (in_let, in_match) = (until(&['=', ';']), until(&[';', '{']));
    let lets = code.split("let ").skip(1).map(|after| &after[..in_let(after)]);
    let matched = code.split("matches!(").skip(1).map(|after| &after[..in_match(after)]);
    let names = ["Command::", "Event::", "Action::"];
    lets.chain(matched)
        .filter(|pattern| names.iter().any(|name| pattern.contains(name)))
        .collect()
}

#[test]
fn the_rooms_of_the_domain_form_no_circle() {
    let files = sources().into_iter().filter(|file| file.is_in("domain"));
    let mut edges: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files.filter(|file| file.name != "domain/mod.rs") {
        let room = file.module().remove(1);
        let others = file.uses().into_iter().filter_map(|path| {
            let name = path.strip_prefix("crate::domain::")?.split("::").next()?.to_owned();
            (name != room).then_some(name)
        });
        let others: Vec<String> = others.collect();
        edges.entry(room).or_default().extend(others);
    }
    assert!(edges.len() > 20 && edges["issue"].contains("rules"), "{edges:?}");
    let circles = circles(&edges);
    assert!(circles.is_empty(), "{circles:?}");
}

#[test]
fn circles_are_found() {
    let edges = [("a", "b"), ("b", "c"), ("c", "b"), ("d", "a"), ("d", "e")];
    let mut graph: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, to) in edges {
        graph.entry(from.to_owned()).or_default().insert(to.to_owned());
    }
    assert_eq!(circles(&graph), [["b", "c"]]);
}

/// A rule is one block: what people are told, its hints and its test stand in one file, and one list names it.
#[test]
fn a_rule_is_named_only_where_it_is_defined() {
    let sources = sources();
    let list = sources.iter().find(|file| file.name == LIST_OF_RULES).unwrap();
    let (rules, hints) = list.text.split_once("hints! {").unwrap();
    let rules: Vec<(&str, &str)> = definitions(rules.split_once("rules! {").unwrap().1).collect();
    let hints: Vec<(&str, &str)> = definitions(hints).collect();
    assert!(rules.len() > 40 && hints.len() > 40, "{rules:?} {hints:?}");
    let mut wrong = Vec::new();
    for file in sources.iter().filter(|file| file.name != LIST_OF_RULES) {
        let used = uses(&product_code(&file.text), &[]);
        for (rule, home) in &rules {
            let mut elsewhere = REPORTED_ELSEWHERE.iter().filter(|(name, _)| name == rule);
            let is_allowed =
                file.is_in(&format!("domain/rules/{home}")) || elsewhere.any(|(_, files)| files.contains(&&*file.name));
            if !is_allowed && used.iter().any(|path| is_under(path, &format!("Rule::{rule}"))) {
                wrong.push(format!("{} names Rule::{rule} of {home}", file.name));
            }
        }
        for (hint, _) in hints.iter().filter(|_| !file.is_in("domain/rules")) {
            let is_allowed = HINTS_SHOWN_ELSEWHERE.contains(&(*hint, &*file.name));
            if !is_allowed && used.iter().any(|path| is_under(path, &format!("Hint::{hint}"))) {
                wrong.push(format!("{} names Hint::{hint}", file.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_type_has_a_name_of_its_own() {
    let mut homes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for file in sources() {
        for name in types(&product_code(&file.text)) {
            homes.entry(name).or_default().push(file.name.clone());
        }
    }
    assert!(homes.len() > 500 && homes["RuleDef"].len() == 1, "{homes:?}");
    let is_listed = |name: &str| SHARED_NAMES.iter().any(|(shared, _)| *shared == name);
    let shared = homes.iter().filter(|(name, homes)| homes.len() > 1 && !is_listed(name));
    let shared: Vec<String> = shared
        .map(|(name, homes)| format!("{name}: {}", homes.join(", ")))
        .collect();
    assert!(shared.is_empty(), "{}", shared.join("\n"));
}

/// The types that the code of a file defines for itself; those of an implementation are named by its trait.
fn types(code: &str) -> impl Iterator<Item = String> {
    code.lines().filter_map(|line| {
        let visible = line.strip_prefix("pub").unwrap_or(line);
        let item = visible.split_once(") ").filter(|(scope, _)| scope.starts_with('('));
        let item = item.map_or(visible, |(_, item)| item);
        let item = if item.len() < line.len() {
            item.trim_start()
        } else {
            item
        };
        let kinds = ["struct ", "enum ", "trait ", "type "];
        let name = kinds.iter().find_map(|kind| item.strip_prefix(kind))?;
        let end = name
            .find(|c: char| !c.is_alphanumeric() && c != '_')
            .unwrap_or(name.len());
        Some(name[..end].to_owned())
    })
}

/// The names in the list of rules or hints, each with the file of `domain/rules` that defines it.
fn definitions(list: &str) -> impl Iterator<Item = (&str, &str)> {
    list.lines().filter_map(|line| {
        let (name, definition) = line.trim().strip_suffix(';')?.split_once(" = ")?;
        Some((name, definition.split("::").next()?))
    })
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<_> = sources()
        .into_iter()
        .filter(|file| file.text.lines().count() >= MOST_LINES)
        .map(|file| format!("{}: {} lines", file.name, file.text.lines().count()))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_map_names_every_module() {
    let root = source_root();
    let map = fs::read_to_string(root.join("lib.rs")).unwrap();
    for entry in fs::read_dir(&root).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        if name == "lib" || name == "main" {
            continue;
        }
        assert!(
            map.contains(&format!("//! - [`{name}`]: ")),
            "lib.rs says nothing about {name}"
        );
        assert!(map.contains(&format!("mod {name};")), "lib.rs does not declare {name}");
    }
}

#[test]
fn paths_are_found_however_they_are_written() {
    let code = "
        use crate::{api, domain::{cell::Cell, self}};
        use std::{fs as disk, io};
        // use crate::comment;
        fn f() { crate::server::run(); ::polars::prelude::x(); let s = \"egui::not\"; super::super::ui::y() }
        pub(crate) use tokio::sync::mpsc;
    ";
    let used = uses(&product_code(code), &["session", "document"]);
    for path in [
        "crate::api",
        "crate::domain::cell::Cell",
        "std::fs",
        "std::io",
        "crate::server::run",
        "tokio::sync",
    ] {
        assert!(used.iter().any(|used| is_under(used, path)), "{path} in {used:?}");
    }
    for path in ["polars", "crate::ui"] {
        assert!(used.iter().any(|used| is_under(used, path)), "{path} in {used:?}");
    }
    assert!(
        !used
            .iter()
            .any(|used| is_under(used, "crate::comment") || is_under(used, "egui")),
        "{used:?}"
    );
}

struct Source {
    /// Path below `src`, with `/`.
    name: String,
    text: String,
}

impl Source {
    fn is_in(&self, module: &str) -> bool {
        self.name
            .strip_prefix(module)
            .is_some_and(|rest| rest.starts_with('/') || rest == ".rs")
    }

    /// The names of the module that the file is: `domain`, `issue`.
    fn module(&self) -> Vec<String> {
        let mut names: Vec<String> = self
            .name
            .trim_end_matches(".rs")
            .split('/')
            .map(str::to_owned)
            .collect();
        names.pop_if(|name| name == "mod");
        names
    }

    /// Every path that its product code names, `super` taken for what it is.
    fn uses(&self) -> Vec<String> {
        let module = self.module();
        let module: Vec<&str> = module.iter().map(String::as_str).collect();
        uses(&product_code(&self.text), &module)
    }
}

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn sources() -> Vec<Source> {
    let root = source_root();
    let mut folders = vec![root.clone()];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(&root).unwrap().to_string_lossy().replace('\\', "/");
                let text = fs::read_to_string(&path).unwrap();
                sources.push(Source { name, text });
            }
        }
    }
    assert!(!sources.is_empty());
    sources
}

/// The code without comments, texts and the tests at its end.
fn product_code(code: &str) -> String {
    let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let mut kept = String::with_capacity(code.len());
    let mut rest = code;
    while let Some(next) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if next == '"' {
            text_len(rest)
        } else if rest.starts_with("'\"'") {
            3
        } else {
            kept.push(next);
            next.len_utf8()
        };
        rest = &rest[skipped..];
    }
    kept
}

/// The length of the text literal at the start.
fn text_len(code: &str) -> usize {
    let mut escaped = false;
    for (at, next) in code.char_indices().skip(1) {
        match next {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    code.len()
}

/// The rooms that know each other, by way of others too.
fn circles(edges: &BTreeMap<String, BTreeSet<String>>) -> Vec<Vec<String>> {
    let reached: BTreeMap<&String, BTreeSet<&String>> =
        edges.keys().map(|room| (room, reachable(edges, room))).collect();
    let circle = |room: &String| -> Vec<String> {
        let others = reached
            .iter()
            .filter(|(other, back)| reached[room].contains(*other) && back.contains(room));
        others.map(|(other, _)| (*other).clone()).collect()
    };
    let circles: BTreeSet<Vec<String>> = edges.keys().map(circle).filter(|circle| !circle.is_empty()).collect();
    circles.into_iter().collect()
}

fn reachable<'a>(edges: &'a BTreeMap<String, BTreeSet<String>>, from: &'a String) -> BTreeSet<&'a String> {
    let mut reached = BTreeSet::new();
    let mut waiting = vec![from];
    while let Some(room) = waiting.pop() {
        let next = edges.get(room).into_iter().flatten();
        waiting.extend(next.filter(|other| reached.insert(*other)));
    }
    reached
}

/// Every path that the code of a module names, groups of `use` taken apart.
fn uses(code: &str, module: &[&str]) -> Vec<String> {
    let words = words(code);
    let mut paths = Vec::new();
    let mut at = 0;
    while at < words.len() {
        if words[at] == "::" || is_name(&words[at]) {
            at = path(&words, at, "", &mut paths);
        } else {
            at += 1;
        }
    }
    paths.iter().map(|path| absolute(path, module)).collect()
}

/// The path from the crate on, where it begins with `super` or `self`.
fn absolute(path: &str, module: &[&str]) -> String {
    let mut names = path.split("::").peekable();
    let mut above = 0;
    let mut is_relative = false;
    while let Some(name) = names.next_if(|name| matches!(*name, "super" | "self")) {
        above += usize::from(name == "super");
        is_relative = true;
    }
    let rest: Vec<&str> = names.collect();
    if !is_relative {
        return path.to_owned();
    }
    let base = module.get(..module.len().saturating_sub(above)).unwrap_or_default();
    [&["crate"], base, &rest].concat().join("::")
}

/// Reads one path, with its groups, and returns where it ends.
fn path(words: &[String], start: usize, prefix: &str, paths: &mut Vec<String>) -> usize {
    let mut name = prefix.to_owned();
    let mut at = start;
    while let Some(word) = words.get(at) {
        match word.as_str() {
            "::" => at += 1,
            "{" if at > start && words[at - 1] == "::" => {
                at += 1;
                while words.get(at).is_some_and(|word| word != "}") {
                    let after = path(words, at, &name, paths);
                    at = after.max(at + 1);
                }
                return at + 1;
            }
            // Two names in a row are two paths.
            _ if is_name(word) && (at == start || words[at - 1] == "::") => {
                // The end of a group's own path: `issue::{self}`.
                if word != "self" || name.is_empty() {
                    let separator = if name.is_empty() { "" } else { "::" };
                    name = format!("{name}{separator}{word}");
                }
                at += 1;
            }
            _ => break,
        }
    }
    paths.push(name);
    at.max(start + 1)
}

fn words(code: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut name = String::new();
    let mut rest = code.chars().peekable();
    while let Some(next) = rest.next() {
        if next.is_alphanumeric() || next == '_' {
            name.push(next);
            continue;
        }
        if !name.is_empty() {
            words.push(std::mem::take(&mut name));
        }
        if next == ':' && rest.peek() == Some(&':') {
            rest.next();
            words.push("::".to_owned());
        } else if !next.is_whitespace() {
            words.push(next.to_string());
        }
    }
    words.push(name);
    words
}

fn is_name(word: &str) -> bool {
    word.starts_with(|first: char| first.is_alphabetic() || first == '_')
}

/// Whether a path is `module` or lies in it.
fn is_under(path: &str, module: &str) -> bool {
    path.strip_prefix(module)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}
