//! Files that commands write: what is there already is kept unless it is said that it may go, and that is found out before
//! anything else is done; what the records come from is never replaced.
#![cfg(unix)]

use std::{
    collections::BTreeSet,
    fs,
    io::Read as _,
    os::unix::fs::{FileTypeExt as _, symlink},
    process::{Command, Stdio},
};

use crate::{
    common::hosted::Hosted,
    home::{Ended, Home, ended},
};

const KEY: &str = "dev-key-7f3a9c1e5b2d8046";
const SHOP: &str = "product_id,title\nA,Lamp\n,Mat\n";
const MORE: &str = "product_id,title\nB,Chair\nC,Table\nD,Vase\n";

/// Everything that writes a file, with `OUT` in its place; the file's ending; and what its records come from.
const OUTPUTS: [(&str, &str, Option<&str>); 15] = [
    ("export shop.csv --out OUT", "csv", Some("shop.csv")),
    ("recipe export shop.csv --output OUT", "json", Some("shop.csv")),
    ("join shop.csv more.csv --out OUT", "jsonl", Some("shop.csv")),
    ("sample products --rows 3 --out OUT", "csv", None),
    ("upload shop.csv --production --report OUT", "csv", Some("shop.csv")),
    ("upload shop.csv --production --report OUT", "html", Some("shop.csv")),
    ("upload shop.csv --production --report OUT", "json", Some("shop.csv")),
    ("upload shop.csv --production --errors OUT", "csv", Some("shop.csv")),
    ("upload shop.csv --production --errors OUT", "xlsx", Some("shop.csv")),
    ("upload shop.csv --dry-run --report OUT", "csv", Some("shop.csv")),
    ("upload --resume 2 --production --report OUT", "csv", Some("more.csv")),
    ("uploads 1 --report OUT", "html", Some("shop.csv")),
    ("uploads 1 --errors OUT", "csv", Some("shop.csv")),
    ("uploads 1 --set-aside --report OUT", "json", Some("shop.csv")),
    ("uploads 1 --discard --errors OUT", "xlsx", Some("shop.csv")),
];

/// A server, an upload that ended (1), and one that was killed (2).
struct Scene {
    home: Home,
    hosted: Hosted,
}

impl Scene {
    fn new() -> Self {
        let scene = Self {
            home: Home::new(),
            hosted: Hosted::start(&[("Dev", KEY)]),
        };
        scene.home.file("shop.csv", SHOP);
        scene.home.file("more.csv", MORE);
        assert_eq!(scene.run("upload shop.csv --production").code, 1);
        let before = scene.hosted.seen().len();
        let mut child = scene
            .command("upload more.csv --production --batch-records 1 --parallel 1 --rate 1")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while !scene.hosted.seen()[before..]
            .iter()
            .any(|seen| seen.line.starts_with("POST"))
        {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it sent anything");
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        scene
    }

    fn command(&self, line: &str) -> Command {
        let mut args: Vec<&str> = line.split(' ').collect();
        if args[0] == "upload" {
            args.extend(["--url", self.hosted.url()]);
        }
        let mut command = self.home.command(&args);
        command.env("TATAMI_KEY", KEY);
        command
    }

    fn run(&self, line: &str) -> Ended {
        ended(&mut self.command(line))
    }

    /// The command fails with these words before it has sent or changed anything.
    #[track_caller]
    fn refuses(&self, line: &str, words: &[&str]) {
        let state = || (self.hosted.seen(), self.run("uploads --json").out);
        let before = state();
        let ended = self.run(line);
        assert_eq!(ended.code, 2, "{line}: {}", ended.all());
        for word in words {
            assert!(ended.err.contains(word), "{line}: no {word} in {}", ended.err);
        }
        assert!(state() == before, "{line}: something was done");
        assert_eq!(self.home.read("shop.csv"), SHOP, "{line}");
        assert_eq!(self.home.read("more.csv"), MORE, "{line}");
    }
}

#[test]
fn what_is_there_is_kept_unless_it_is_said_that_it_may_go() {
    let scene = Scene::new();
    for (line, ending, source) in OUTPUTS {
        let at = |name: &str| {
            (
                format!("{name}.{ending}"),
                line.replace("OUT", &format!("{name}.{ending}")),
            )
        };
        let (kept, to_kept) = at("kept");
        scene.home.file(&kept, "of before");
        let (link, to_link) = at("link");
        symlink(&kept, scene.home.path(&link)).unwrap();
        for line in [&to_kept, &to_link] {
            scene.refuses(line, &["is there already and is kept", "--force to replace it"]);
            assert_eq!(scene.home.read(&kept), "of before", "{line}");
        }
        if let Some(source) = source {
            let (symbolic, to_symbolic) = at("symbolic");
            symlink(source, scene.home.path(&symbolic)).unwrap();
            let (hard, to_hard) = at("hard");
            fs::hard_link(scene.home.path(source), scene.home.path(&hard)).unwrap();
            let mut lines = vec![to_symbolic, to_hard];
            if source.ends_with(ending) {
                lines.extend([line.replace("OUT", source), line.replace("OUT", &format!("./{source}"))]);
            }
            for line in lines {
                scene.refuses(&line, &[]);
                scene.refuses(&format!("{line} --force"), &[]);
            }
            for link in [symbolic, hard] {
                fs::remove_file(scene.home.path(&link)).unwrap();
            }
        }
        let forced = scene.run(&format!("{to_kept} --force"));
        assert_ne!(forced.code, 2, "{to_kept}: {}", forced.all());
        assert_ne!(fs::read(scene.home.path(&kept)).unwrap(), b"of before", "{to_kept}");
        let (_, to_new) = at("new");
        // The upload that was gone on with has ended; everything else can be had again.
        if !line.contains("--resume") {
            let new = scene.run(&to_new);
            assert_ne!(new.code, 2, "{to_new}: {}", new.all());
        }
        for name in [kept, link, at("new").0] {
            fs::remove_file(scene.home.path(&name)).ok();
        }
    }
}

/// What takes the bytes as they come holds nothing that could be lost.
#[test]
fn pipes_and_devices_are_written_to_as_ever() {
    let scene = Scene::new();
    for (line, ending, _) in OUTPUTS {
        // Their names have no ending, and then a report is CSV.
        if ending != "csv" || line.contains("--resume") {
            continue;
        }
        let ended = scene.run(&line.replace("OUT", "/dev/null"));
        assert_ne!(ended.code, 2, "{line}: {}", ended.all());
        assert!(fs::metadata("/dev/null").unwrap().file_type().is_char_device());
        let piped = scene.run(&line.replace("OUT", "/dev/stdout"));
        assert_ne!(piped.code, 2, "{line}: {}", piped.all());
        assert!(
            piped.out.contains("title") || piped.out.contains("reason"),
            "{line}: {}",
            piped.out
        );
        // Standard output may lead to a file, which the shell has made.
        let (file, written) = (scene.home.path("out.txt"), scene.home.path("fifo"));
        let mut redirected = scene.command(&line.replace("OUT", "/dev/stdout"));
        redirected.stdout(fs::File::create(&file).unwrap());
        assert_ne!(redirected.output().unwrap().status.code(), Some(2), "{line}");
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains("title") || text.contains("reason"), "{line}: {text}");
        let made = Command::new("mkfifo").arg(&written).status().unwrap();
        assert!(made.success());
        let mut child = scene
            .command(&line.replace("OUT", "fifo"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut through = String::new();
        fs::File::open(&written).unwrap().read_to_string(&mut through).unwrap();
        assert_ne!(child.wait().unwrap().code(), Some(2), "{line}");
        assert!(
            through.contains("title") || through.contains("reason"),
            "{line}: {through}"
        );
        fs::remove_file(written).unwrap();
    }
}

/// Every option that takes a file is one that is read, or is tried above.
#[test]
fn no_output_is_left_out() {
    const READ: [&str; 4] = ["--against", "--config", "--ids-from", "--recipe"];
    let home = Home::new();
    let mut found = BTreeSet::new();
    for command in home.commands(&[]) {
        let mut all = vec![command.clone()];
        all.extend(
            home.commands(&[&command])
                .into_iter()
                .map(|below| format!("{command} {below}")),
        );
        for command in all {
            let words: Vec<&str> = command.split(' ').chain(["--help"]).collect();
            let help = home.run(&words).out;
            for line in help.lines() {
                let mut words = line.split_whitespace().skip_while(|word| *word == "-o,");
                if let (Some(option), Some("<FILE>")) = (words.next(), words.next())
                    && option.starts_with("--")
                    && !READ.contains(&option)
                {
                    found.insert(format!("{command} {option}"));
                }
            }
        }
    }
    let tried = OUTPUTS.iter().map(|(line, ..)| {
        let words: Vec<&str> = line.split(' ').collect();
        let command = words[0];
        let below = if command == "recipe" { " export" } else { "" };
        format!("{command}{below} {}", words[words.len() - 2])
    });
    assert_eq!(found, tried.collect::<BTreeSet<_>>());
}
