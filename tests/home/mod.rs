//! A folder of its own for every test, and the program as a process in it.

use std::{
    fs,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

/// A home of its own, and files in it.
pub struct Home {
    pub folder: TempDir,
}

/// How a command ended.
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// Everything at once, for snapshots.
    pub fn all(&self) -> String {
        format!("{}{}[{}]", self.out, self.err, self.code)
    }
}

impl Home {
    pub fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn file(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(crate::common::program());
        command
            .args(args)
            .current_dir(self.folder.path())
            .env("TATAMI_HOME", self.path("home"))
            .env_remove("TATAMI_KEY")
            .env_remove("CLICOLOR_FORCE")
            .stdin(Stdio::null());
        command
    }

    pub fn run(&self, args: &[&str]) -> Ended {
        ended(&mut self.command(args))
    }

    /// The commands below one, or of the program, that its help lists.
    pub fn commands(&self, above: &[&str]) -> Vec<String> {
        let help = self.run(&[above, &["--help"]].concat()).out;
        let list = help.split_once("Commands:\n").map_or("", |(_, rest)| rest);
        let names = list.lines().take_while(|line| !line.is_empty());
        let names = names.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        names
            .filter_map(|line| line.split_whitespace().next())
            .map(str::to_owned)
            .collect()
    }

    /// Runs with a text on standard input.
    pub fn run_with_input(&self, args: &[&str], input: &str) -> Ended {
        ended_with_input(&mut self.command(args), input)
    }

    /// `tatami serve` over this home, on a free port.
    pub fn serve(&self) -> Served {
        self.serve_with(&[])
    }

    /// The same with more arguments.
    pub fn serve_with(&self, more: &[&str]) -> Served {
        self.serve_at("127.0.0.1:0", more)
    }

    /// The same at a certain address.
    pub fn serve_at(&self, address: &str, more: &[&str]) -> Served {
        let mut command = self.command(&["serve", "--listen", address]);
        command.args(more);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("Listening on ").unwrap().to_owned();
        Served {
            process,
            url,
            _output: output,
        }
    }
}

/// Runs a command with a text on standard input.
pub fn ended_with_input(command: &mut Command, input: &str) -> Ended {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

pub fn ended(command: &mut Command) -> Ended {
    let output = command.output().unwrap();
    Ended {
        code: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A server; killed when it is dropped.
pub struct Served {
    pub process: Child,
    pub url: String,
    /// Open for as long as the server prints.
    _output: BufReader<std::process::ChildStdout>,
}

impl Drop for Served {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// A text with `KEY` in the place of the first and last characters of keys, which differ.
pub fn without_keys(text: &str) -> String {
    let mut parts = text.split(", key ");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (_, rest) = part.split_once(')').unwrap();
        plain.push_str(", key KEY)");
        plain.push_str(rest);
    }
    plain
}

/// What a server process is asked for, with its address left out of the answer.
pub fn at(home: &Home, server: &Served, args: &[&str]) -> Ended {
    let mut command = home.command(args);
    let Ended { code, out, err } = ended(command.args(["--url", &server.url]));
    let plain = |text: String| {
        let text = without_keys(&text.replace(&server.url, "URL"));
        // Durations differ.
        let lines = text.lines().map(|line| match line.split_once(" in 0.") {
            Some((start, rest)) => format!("{start} in {}", rest.split_once(", ").map_or("", |(_, rest)| rest)),
            None => line.to_owned(),
        });
        lines.map(|line| line + "\n").collect()
    };
    Ended {
        code,
        out: plain(out),
        err: plain(err),
    }
}

/// A catalog with a mistake in most rows.
pub const CATALOG: &str = "\
sku,Title,price,created_at,season
A,Lamp,12.50,2023-11-07T05:31:56Z,summer
B,Chair,\"12,50\",2023-11-07,winter
,Table,1,,
C,Vase,\"9,90\",,
A,Lamp again,13,,summer
broken
";
