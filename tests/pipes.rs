//! What is named where a file is expected, and is none: pipes are read as pipes, all else is refused, and nothing is
//! waited for in vain or taken for empty.

use std::{
    fs,
    io::Write as _,
    os::unix::net::UnixListener,
    path::PathBuf,
    process::{Command, Output, Stdio},
    thread,
};

use crate::common::files::{Folder, gzip};

const CATALOG: &[u8] = b"product_id,title,sale_price\nA1,Lamp,12.50\nA2,Mat,cheap\n";

fn tatami(folder: &Folder) -> Command {
    let mut command = Command::new(crate::common::program());
    command
        .env("TATAMI_HOME", folder.path().join("home"))
        .env("TATAMI_KEY", "secret")
        .current_dir(folder.path())
        .stdin(Stdio::null());
    command
}

/// What a command says: its exit code, the first line of its output, and all of its complaints.
fn said(output: &Output) -> String {
    let code = output.status.code().unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    format!(
        "{code}: {} | {}",
        out.lines().next().unwrap_or_default(),
        complaints.trim_end()
    )
}

fn run(folder: &Folder, args: &[&str]) -> String {
    said(&tatami(folder).args(args).output().unwrap())
}

fn pipe(folder: &Folder, name: &str) -> PathBuf {
    let path = folder.path().join(name);
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

#[test]
fn a_pipe_with_a_name_is_read_to_its_end_once() {
    let folder = Folder::new();
    folder.write("catalog.csv", CATALOG);
    let read = run(&folder, &["check", "catalog.csv", "--dataset", "products"]);
    for (name, bytes) in [("plain.csv", CATALOG.to_vec()), ("packed.csv", gzip(CATALOG))] {
        let path = pipe(&folder, name);
        let (told, written) = thread::scope(|scope| {
            let writer = scope.spawn(|| fs::OpenOptions::new().write(true).open(&path)?.write_all(&bytes));
            let told = run(&folder, &["check", name, "--dataset", "products"]);
            (told, writer.join().unwrap())
        });
        written.unwrap();
        assert_eq!(told.replace(name, "catalog.csv"), read);
    }
    insta::assert_snapshot!(read, @"1: catalog.csv: 2 rows, products |");
}

#[test]
fn what_a_shell_puts_in_the_place_of_a_file_is_read() {
    let folder = Folder::new();
    folder.write("catalog.csv", CATALOG);
    let shell = |script: &str| {
        let mut bash = Command::new("bash");
        bash.args(["-c", script]).env("TATAMI", crate::common::program());
        let output = bash
            .env("TATAMI_HOME", folder.path().join("home"))
            .current_dir(folder.path())
            .output()
            .unwrap();
        said(&output)
    };
    insta::assert_snapshot!(shell("$TATAMI check --dataset products <(cat catalog.csv) | sed 's/[0-9]*:/…:/'"), @"0: /dev/fd/…: 2 rows, products |");
    insta::assert_snapshot!(shell("cat catalog.csv | $TATAMI check --dataset products /dev/stdin"), @"1: /dev/stdin: 2 rows, products |");
    insta::assert_snapshot!(shell("$TATAMI check --dataset products /dev/stdin < catalog.csv"), @"1: /dev/stdin: 2 rows, products |");
    // A recipe, too.
    let recipe = "$TATAMI recipe export catalog.csv --dataset products";
    insta::assert_snapshot!(shell(&format!("$TATAMI check catalog.csv --recipe <({recipe})")), @"1: catalog.csv: 2 rows, products |");
}

#[test]
fn a_pipe_that_nobody_writes_to_is_refused_wherever_a_file_is_named() {
    let folder = Folder::new();
    folder.write("catalog.csv", CATALOG);
    pipe(&folder, "pipe");
    let all: [&[&str]; 6] = [
        &["check", "pipe"],
        &["columns", "pipe"],
        &["check", "catalog.csv", "--recipe", "pipe"],
        &["explain", "contract", "--against", "pipe"],
        &["serve", "--config", "pipe", "--listen", "127.0.0.1:0"],
        &[
            "delete",
            "products",
            "--ids-from",
            "pipe",
            "--url",
            "http://127.0.0.1:9",
            "--yes",
        ],
    ];
    let started = all.map(|args| {
        let mut command = tatami(&folder);
        let child = command.args(args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        (args, child.unwrap())
    });
    for (args, child) in started {
        let told = said(&child.wait_with_output().unwrap());
        assert!(
            told.starts_with("2: ") && told.contains("it is a pipe that nobody writes to"),
            "{args:?} {told}"
        );
    }
}

#[test]
fn devices_sockets_and_folders_are_refused() {
    let folder = Folder::new();
    folder.write("catalog.csv", CATALOG);
    folder.write("folder/of/nothing", b"");
    let _listens = UnixListener::bind(folder.path().join("socket")).unwrap();
    insta::assert_snapshot!(run(&folder, &["check", "/dev/zero"]), @"2:  | tatami: /dev/zero cannot be read: it is a device, and no file; give a file, or pipe its output to this command with - as the file");
    insta::assert_snapshot!(run(&folder, &["check", "/dev/null"]), @"2:  | tatami: /dev/null cannot be read: it is a device, and no file; give a file, or pipe its output to this command with - as the file");
    insta::assert_snapshot!(run(&folder, &["check", "socket"]), @"2:  | tatami: socket cannot be read: it is a socket, and no file; pipe its output to this command with - as the file");
    insta::assert_snapshot!(run(&folder, &["check", "folder"]), @"2:  | tatami: folder cannot be opened: the folder holds no file; choose another");
    for what in ["/dev/zero", "socket", "folder"] {
        let told = [
            run(&folder, &["check", "catalog.csv", "--recipe", what]),
            run(&folder, &["explain", "contract", "--against", what]),
            run(&folder, &["serve", "--config", what]),
            run(
                &folder,
                &[
                    "delete",
                    "products",
                    "--ids-from",
                    what,
                    "--url",
                    "http://127.0.0.1:9",
                    "--yes",
                ],
            ),
        ];
        for told in told {
            assert!(told.starts_with("2: ") && told.contains("it is a "), "{what}: {told}");
        }
    }
}
