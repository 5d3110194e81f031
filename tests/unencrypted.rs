//! Plain `http://` to another machine: nothing is sent before somebody has said that the network between may read it.
#![cfg(target_os = "linux")]

use std::process::{Command, Stdio};

use tatami::{
    api::ApiKey,
    domain::dataset::Dataset,
    ops::{connect::ConnectError, environments::Registry},
    settings::{Environment, EnvironmentKind, Paths},
};

use crate::{
    common::hosted::Hosted,
    home::{Ended, Home, ended},
};

const KEY: &str = "shop-key-7f3a9c1e5b2d8046";

/// A service at an address that is not this machine's own by its looks, though the system leads it there.
struct Scene {
    home: Home,
    hosted: Hosted,
    url: String,
}

impl Scene {
    fn new() -> Self {
        let hosted = Hosted::start(&[("Shop", KEY)]);
        hosted.store(
            KEY,
            Dataset::Products,
            &serde_json::json!([{"product_id": "A", "title": "Lamp"}]),
        );
        let url = hosted.url().replace("127.0.0.1", "0.0.0.0");
        Self {
            home: Home::new(),
            hosted,
            url,
        }
    }

    /// Sets up the environment; the registry has its key.
    fn set_up(&self, base_url: &str, allows_http: bool) -> Registry {
        let shop = Environment {
            name: "Shop".to_owned(),
            kind: EnvironmentKind::Development,
            base_url: base_url.to_owned(),
            keys: Vec::new(),
            allows_http,
        };
        let (registry, _) = Registry::open(Paths::under(&self.home.path("home")));
        registry.save(shop, Some(ApiKey::new(KEY)), None).unwrap();
        registry
    }

    fn command(&self, line: &str) -> Command {
        let line = line.replace("URL", &self.url);
        let mut command = self.home.command(&line.split(' ').collect::<Vec<_>>());
        command.env("KEY", KEY);
        command
    }

    fn run(&self, line: &str) -> Ended {
        ended(&mut self.command(line))
    }

    /// Runs a command on a terminal, where somebody answers.
    fn answers(&self, line: &str, answer: &str) -> String {
        let command = self.command(line);
        let program = command.get_program().to_str().unwrap().to_owned();
        let args = command.get_args().map(|arg| arg.to_str().unwrap());
        let line = args.fold(program, |line, arg| line + " " + arg);
        let mut terminal = Command::new("script");
        terminal
            .args(["--quiet", "--return", "--command", &line, "/dev/null"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => terminal.env(name, value),
                None => terminal.env_remove(name),
            };
        }
        if let Some(folder) = command.get_current_dir() {
            terminal.current_dir(folder);
        }
        let mut terminal = terminal.spawn().unwrap();
        std::io::Write::write_all(&mut terminal.stdin.take().unwrap(), answer.as_bytes()).unwrap();
        let shown = terminal.wait_with_output().unwrap().stdout;
        String::from_utf8(shown).unwrap().replace(&self.url, "URL")
    }
}

#[test]
fn nothing_is_sent_unencrypted_unasked() {
    let scene = Scene::new();
    scene.home.file("a.csv", "product_id,title\nA,Mat\n");
    scene.set_up(&scene.url, false);
    for line in [
        "ids products --environment Shop --key-env KEY",
        "upload a.csv --environment Shop --key-env KEY",
        "ids products --url URL --key-env KEY",
        "delete products A --url URL --key-env KEY --confirm 0.0.0.0",
    ] {
        let refused = scene.run(line);
        assert_eq!(refused.code, 2, "{line}: {}", refused.all());
        let says = "is not encrypted: the network between could read the key and all records. Use https://, or add --allow-http";
        assert!(refused.err.contains(says), "{line}: {}", refused.err);
        assert!(scene.hosted.seen().is_empty(), "{line}");
    }
    let let_through = scene.run("ids products --environment Shop --key-env KEY --allow-http");
    assert_eq!(
        (let_through.code, let_through.out.as_str()),
        (0, "A\n"),
        "{}",
        let_through.err
    );
    assert!(let_through.err.contains("The key crosses the network unencrypted"));
    // It was said of this command alone.
    assert_eq!(scene.run("ids products --environment Shop --key-env KEY").code, 2);
}

#[test]
fn a_terminal_asks_once_for_an_environment() {
    let scene = Scene::new();
    scene.set_up(&scene.url, false);
    let line = "ids products --environment Shop --key-env KEY";
    let shown = scene.answers(line, "no\n");
    assert!(shown.contains("Send them all the same? Type yes:"), "{shown}");
    assert!(shown.contains("nothing was sent; use https://"), "{shown}");
    assert!(scene.hosted.seen().is_empty());
    let shown = scene.answers(line, "yes\n");
    assert!(shown.lines().any(|line| line.trim() == "A"), "{shown}");
    let shown = scene.answers(line, "");
    assert!(
        !shown.contains("Type yes") && shown.lines().any(|line| line.trim() == "A"),
        "{shown}"
    );
}

/// It is remembered with the address that it was said of.
#[test]
fn the_window_connects_where_it_was_allowed() {
    let scene = Scene::new();
    let refused = scene.set_up(&scene.url, false).connect("Shop");
    assert!(
        matches!(&refused, Err(ConnectError::Unencrypted { environment: Some(name), .. }) if name == "Shop"),
        "{refused:?}"
    );
    assert!(scene.set_up(&scene.url, true).connect("Shop").is_ok());
    // The key leads to the environment also at another address, of which nothing was said.
    let elsewhere = scene.run("ids products --url http://shop.invalid --key-env KEY");
    assert_eq!(elsewhere.code, 2);
    assert!(
        elsewhere.err.contains("http://shop.invalid is not encrypted"),
        "{}",
        elsewhere.err
    );
    let encrypted = scene.set_up("https://shop.invalid", false);
    assert!(encrypted.connect("Shop").is_ok(), "what is encrypted needs no word");
}
