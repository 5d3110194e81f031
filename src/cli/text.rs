//! What is written for people: colours where there is a terminal, numbers, and nothing that a terminal would obey.

pub(super) use crate::domain::{escapes::safe, number::grouped};
use std::{
    borrow::Cow,
    io::{self, BufWriter, IsTerminal as _, StdoutLock, Write},
    thread,
    time::Duration,
};

use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};

use crate::domain::{escapes::safe_json, issue::Severity, progress::Progress};

/// Bytes of standard output that are written at a time.
const BUFFER: usize = 64 * 1024;

/// Headings, names.
pub(super) const BOLD: Style = Style::new().bold();
/// What is less important.
pub(super) const DIM: Style = Style::new().dimmed();
/// What is wrong.
pub(super) const RED: Style = AnsiColor::Red.on_default().bold();
/// What is doubtful.
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default().bold();
/// What is well.
pub(super) const GREEN: Style = AnsiColor::Green.on_default().bold();
/// What to do, or what can be typed.
pub(super) const CYAN: Style = AnsiColor::Cyan.on_default();

/// The colour of a severity; its name always stands beside it.
pub(super) const fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Error => RED,
        Severity::Warning => YELLOW,
        Severity::Info => CYAN,
    }
}

/// Standard output, buffered; styles are taken out where there is no terminal and where `NO_COLOR` is set.
pub(super) type Out = Box<dyn Write>;

/// Standard output, see [`Out`].
pub(super) fn stdout() -> Out {
    let out = io::stdout().lock();
    if AutoStream::choice(&out) != ColorChoice::Never {
        return Box::new(BufWriter::with_capacity(BUFFER, AutoStream::auto(out)));
    }
    // What is left between styles is many little pieces.
    let out: Box<dyn Write> = Box::new(BufWriter::with_capacity(BUFFER, out));
    Box::new(BufWriter::with_capacity(BUFFER, AutoStream::never(out)))
}

/// Standard output of a command that changes what is stored: when it cannot be written to, because its reader is gone
/// or the disk full, the command goes on all the same, and its exit code tells how it ended.
pub(super) struct LenientOutput(Out);

/// Standard output, see [`LenientOutput`].
pub(super) fn lenient_stdout() -> LenientOutput {
    LenientOutput(stdout())
}

impl Write for LenientOutput {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.0.write(text).or(Ok(text.len()))
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush().or(Ok(()))
    }
}

/// Standard output for data, buffered: every byte arrives as it is written.
pub(super) fn raw_stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(BUFFER, io::stdout().lock())
}

/// Says on stderr that something went wrong.
pub(super) fn complain(sentence: &str) {
    let mut stderr = anstream::stderr().lock();
    // When even that cannot be written, there is nobody to tell.
    writeln!(stderr, "{RED}tatami:{RED:#} {}", safe(sentence)).ok();
}

/// Says something on stderr that is not the command's result.
pub(super) fn remark(sentence: &str) {
    writeln!(anstream::stderr().lock(), "{}", safe(sentence)).ok();
}

/// `1 row`, `2,000 rows`.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", grouped(number), if number == 1 { one } else { many })
}

/// Words as a shell takes them, also those with line breaks.
pub(super) fn quoted(words: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+,:@%=".contains(c);
    if words.chars().all(is_plain) && !words.is_empty() {
        return words.to_owned();
    }
    if safe(words) == words {
        return format!("'{}'", words.replace('\'', r"'\''"));
    }
    let escaped: String = words.chars().map(escaped).collect();
    format!("$'{escaped}'")
}

/// A character between `$'` and `'`.
fn escaped(c: char) -> String {
    match c {
        '\'' | '\\' => format!("\\{c}"),
        '\n' => "\\n".to_owned(),
        '\r' => "\\r".to_owned(),
        '\t' => "\\t".to_owned(),
        c if safe(c.encode_utf8(&mut [0; 4])) == c.to_string() => c.to_string(),
        c if u32::from(c) > 0xffff => format!("\\U{:08x}", u32::from(c)),
        c => format!("\\u{:04x}", u32::from(c)),
    }
}

/// The beginning of a text that is too long for a line.
pub(super) fn shorten(text: &str, most: usize) -> Cow<'_, str> {
    if text.chars().count() <= most {
        return Cow::Borrowed(text);
    }
    let start: String = text.chars().take(most.saturating_sub(1)).collect();
    Cow::Owned(format!("{start}…"))
}

/// JSON text with a line for every value, short lists in one; numbers and texts stay as they are
/// written, but for characters that a terminal would obey.
pub(super) fn pretty_json(json: &str) -> String {
    const SHORT: usize = 72;
    let mut out = String::with_capacity(json.len() * 2);
    let mut depth = 0_usize;
    let new_line = |out: &mut String, depth: usize| {
        out.push('\n');
        out.extend(std::iter::repeat_n("  ", depth));
    };
    let json = safe_json(json);
    let mut rest = json.trim();
    while let Some(c) = rest.chars().next() {
        let mut taken = c.len_utf8();
        match c {
            '"' => {
                taken = text_length(rest);
                out.push_str(rest.get(..taken).unwrap_or(rest));
            }
            '[' if let Some((list, length)) = short_list(rest).filter(|(list, _)| list.len() <= SHORT) => {
                taken = length;
                out.push_str(&list);
            }
            '{' if rest[1..].trim_start().starts_with('}') => {
                taken = rest.find('}').map_or(1, |end| end + 1);
                out.push_str("{}");
            }
            '{' | '[' => {
                out.push(c);
                depth += 1;
                new_line(&mut out, depth);
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            c if c.is_ascii_whitespace() => {}
            c => out.push(c),
        }
        rest = rest.get(taken..).unwrap_or_default();
    }
    out
}

/// How many bytes of JSON the text at its beginning has, quotes included.
fn text_length(json: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in json.bytes().enumerate().skip(1) {
        if byte == b'"' && !escaped {
            return at + 1;
        }
        escaped = byte == b'\\' && !escaped;
    }
    json.len()
}

/// The list at the beginning of JSON in one line, and how many bytes it had; `None` when it holds objects.
fn short_list(json: &str) -> Option<(String, usize)> {
    let mut list = String::new();
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(c) = json.get(at..)?.chars().next() {
        let mut length = c.len_utf8();
        match c {
            '{' => return None,
            '"' => {
                length = text_length(json.get(at..)?);
                list.push_str(json.get(at..at + length)?);
            }
            ',' => list.push_str(", "),
            c if c.is_ascii_whitespace() => {}
            c => list.push(c),
        }
        at += length;
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((list, at));
        }
    }
    None
}

/// Of some names the one that was probably meant, if any comes near.
pub(super) fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let word = word.to_lowercase();
    names
        .map(|name| (distance(&word, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= 1 + name.len().min(word.len()) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many characters must be changed, added or left out to make one text from another.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, to) in row.iter_mut().skip(1).zip(b.chars()) {
            let cost = (diagonal + usize::from(from != to)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = cost;
            left = cost;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

/// Does a piece of work, and on a terminal shows how far it is once it takes longer than a moment.
pub(super) fn watched<T: Send>(what: &str, progress: &Progress, work: impl FnOnce() -> T + Send) -> T {
    const MOMENT: Duration = Duration::from_millis(50);
    if !io::stderr().is_terminal() {
        return work();
    }
    thread::scope(|scope| {
        let worker = scope.spawn(work);
        let mut bar = None;
        let mut waited = 0;
        while !worker.is_finished() {
            thread::sleep(MOMENT);
            waited += 1;
            if waited > 10 {
                let bar = bar.get_or_insert_with(|| progress_bar(what));
                bar.set_length(progress.total());
                bar.set_position(progress.done());
            }
        }
        if let Some(bar) = bar {
            bar.finish_and_clear();
        }
        match worker.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}

/// The same for work that waits for a server.
pub(super) async fn watched_async<T>(what: &str, progress: &Progress, work: impl Future<Output = T>) -> T {
    const MOMENT: Duration = Duration::from_millis(100);
    if !io::stderr().is_terminal() {
        return work.await;
    }
    let mut work = std::pin::pin!(work);
    let bar = progress_bar(what);
    let done = loop {
        tokio::select! {
            done = work.as_mut() => break done,
            () = tokio::time::sleep(MOMENT) => {
                bar.set_length(progress.total());
                bar.set_position(progress.done());
            }
        }
    };
    bar.finish_and_clear();
    done
}

/// A bar on stderr; it draws nothing where there is no terminal.
pub(super) fn progress_bar(what: &str) -> ProgressBar {
    let style = ProgressStyle::with_template("{msg} {bar:30} {percent}% {eta_precise}");
    ProgressBar::new(0)
        .with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        .with_message(what.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_quoted_for_a_shell() {
        for (words, expect) in [
            ("price=decimal-comma", "price=decimal-comma"),
            ("", "''"),
            ("Body (HTML)=html", "'Body (HTML)=html'"),
            ("it's $5=title", r"'it'\''s $5=title'"),
            ("two\nlines=title", r"$'two\nlines=title'"),
            ("it's\ttwo=x", r"$'it\'s\ttwo=x'"),
            ("\u{202e}x", r"$'\u202ex'"),
        ] {
            assert_eq!(quoted(words), expect);
        }
    }

    #[test]
    fn json_is_laid_out_and_never_changed() {
        let json = r#"{"a":1.50,"b":[{"c":"x, {y}: \"z\""},[ ]],"d":{ },"f":[["a","]"],[1.0]],"e":123456789012345678901234567890}"#;
        insta::assert_snapshot!(pretty_json(json), @r#"
        {
          "a": 1.50,
          "b": [
            {
              "c": "x, {y}: \"z\""
            },
            []
          ],
          "d": {},
          "f": [["a", "]"], [1.0]],
          "e": 123456789012345678901234567890
        }
        "#);
    }

    #[test]
    fn near_names_are_found_and_far_ones_are_not() {
        let names = ["products", "interactions", "users"];
        assert_eq!(nearest("product", names.into_iter()), Some("products"));
        assert_eq!(nearest("Usres", names.into_iter()), Some("users"));
        assert_eq!(nearest("catalog.csv", names.into_iter()), None);
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(pretty_json("[\"\u{9b}31m\u{202e}\"]"), r#"["\u009b31m\u202e"]"#);
        assert_eq!(shorten("abcdef", 4), "abc…");
    }
}
