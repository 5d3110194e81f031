//! Every `tatami` command in the README is run, in its order, in a folder that has the samples; what `make` is asked for
//! there is a target that continuous integration runs.

use std::{
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

/// Where the server of the README listens, unless a test has it elsewhere.
const LISTENS: &str = "http://127.0.0.1:8700";
const KEY: &str = "readme0000000000000000000000000000000000";

/// The local server, ended with the test.
struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn tatami(folder: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(crate::common::program());
    command
        .args(words)
        .current_dir(folder)
        .env("TATAMI_HOME", folder.join("home"))
        .env("TATAMI_KEY", KEY);
    command
}

fn serve(folder: &Path, words: &[&str]) -> (Server, String) {
    let mut command = tatami(folder, words);
    // A port of its own, so that a server that runs on this machine stays out of it.
    let mut child = command
        .args(["--listen", "127.0.0.1:0"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    let address = line.trim().strip_prefix("Listening on ").unwrap().to_owned();
    (Server(child), address)
}

#[test]
fn every_command_works() {
    let readme = std::fs::read_to_string(crate::common::in_repository("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let samples = folder.path().join("assets/samples");
    std::fs::create_dir_all(&samples).unwrap();
    for file in std::fs::read_dir(crate::common::in_repository("assets/samples")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), samples.join(file.file_name())).unwrap();
    }
    let mut server: Option<(Server, String)> = None;
    let mut ran = 0;
    for words in readme.lines().filter_map(|line| line.strip_prefix("$ tatami ")) {
        let here = server.as_ref().map_or(LISTENS, |(_, address)| address);
        let words = words.replace(LISTENS, here);
        let words: Vec<&str> = words.split_whitespace().collect();
        ran += 1;
        if words[0] == "serve" {
            server = Some(serve(folder.path(), &words));
            continue;
        }
        let mut command = tatami(folder.path(), &words);
        if ["upload", "ids", "get", "delete", "wipe", "whoami"].contains(&words[0]) {
            let (_, address) = server.as_ref().unwrap();
            command.args(["--url", address]);
        }
        let output = command.output().unwrap();
        // The samples have problems, which checks, uploads and comparisons answer with 1.
        let expect = i32::from(["check", "upload", "diff"].contains(&words[0]));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(expect), "tatami {}: {said}", words.join(" "));
    }
    assert!(ran >= 10, "the README has lost its commands");
}

/// `make run` needs a display, or is the demo that is run above; `make test` is this.
#[test]
fn every_make_target_is_run() {
    let read = |path| std::fs::read_to_string(crate::common::in_repository(path)).unwrap();
    let (readme, integration) = (read("README.md"), read(".ci/run") + &read(".ci/package"));
    let asked = readme.lines().filter_map(|line| line.strip_prefix("make "));
    let asked: Vec<&str> = asked.filter_map(|words| words.split_whitespace().next()).collect();
    assert!(asked.contains(&"install"), "{asked:?}");
    for target in asked.into_iter().filter(|target| *target != "run") {
        let is_run = [format!("make {target}"), format!("make --silent {target}")];
        assert!(is_run.iter().any(|words| integration.contains(words)), "make {target}");
    }
}
