//! Text is read in the encoding it is in; what is doubtful is left as it is, and said.

use std::fmt::Write as _;

use tatami::{
    check::check,
    domain::{dataset::Dataset, mapping::Mapping, progress::Progress, rules::Rule},
    frame::{Edits, Frame, OpenOptions, TextEncoding},
};

fn open(bytes: &[u8], encoding: Option<&str>) -> Frame {
    let options = OpenOptions {
        encoding: encoding.map(|name| TextEncoding::named(name).unwrap()),
        ..OpenOptions::default()
    };
    Frame::from_text("table.csv", bytes, &options).unwrap()
}

/// The encoding, every row's line and cells, what is unreadable, and what was said.
fn told(frame: &Frame) -> String {
    let mut lines = vec![frame.dialect().encoding.title().into_owned()];
    for (row, cells) in (0..).zip(frame.read(0..frame.len(), &Edits::default()).unwrap()) {
        let cells: Vec<_> = cells.iter().map(|cell| cell.as_cell().shown().into_owned()).collect();
        lines.push(
            format!("{}: {}", frame.line(row), cells.join(" | "))
                .trim_end()
                .to_owned(),
        );
    }
    let unreadable = frame.defects().iter();
    lines.extend(unreadable.map(|defect| format!("{} at {}: {}", defect.line, defect.offset, defect.reason)));
    lines.extend(frame.notes().iter().cloned());
    lines.join("\n")
}

/// A table of titles in an encoding.
fn table(titles: &[&str], encoding: &str) -> Vec<u8> {
    let rows = (1..).zip(titles).map(|(nth, title)| format!("P{nth},{title}\n"));
    let text = format!("product_id,title\n{}", rows.collect::<String>());
    let encode = |c: char| -> Vec<u8> {
        match encoding {
            "cp850" | "cp437" | "mac-roman" | "windows-1252" => single(c, encoding),
            _ => c.to_string().into_bytes(),
        }
    };
    text.chars().flat_map(encode).collect()
}

/// A character's byte in an encoding of one byte a character, found by reading all of them.
fn single(c: char, encoding: &str) -> Vec<u8> {
    if c.is_ascii() {
        return vec![u8::try_from(c).unwrap()];
    }
    let byte = (0x80..=0xff).find(|byte| {
        let frame = open(&[b"a,b\n1,".as_slice(), &[*byte], b"\n"].concat(), Some(encoding));
        let rows = frame.read(0..1, &Edits::default()).unwrap();
        rows[0][1].as_cell().shown() == c.to_string()
    });
    vec![byte.unwrap()]
}

#[test]
fn old_encodings_are_recognised_by_how_words_are_written() {
    let german = ["Käse für Gäste", "Große Schlüssel", "Öl und Übergrößen"];
    let french = ["Crème brûlée", "L'été à la plage", "Forêt d'hiver"];
    let danish = ["Rød grød", "Blå øl"];
    let mut told = String::new();
    for (titles, encoding) in [
        (&german[..], "cp850"),
        (&german, "cp437"),
        (&german, "mac-roman"),
        (&german, "windows-1252"),
        (&french, "cp850"),
        (&french, "mac-roman"),
        (&french, "windows-1252"),
        (&danish, "cp850"),
        (&danish, "windows-1252"),
    ] {
        let frame = open(&table(titles, encoding), None);
        let rows = frame.read(0..frame.len(), &Edits::default()).unwrap();
        let read: Vec<_> = rows.iter().map(|row| row[1].as_cell().shown().into_owned()).collect();
        assert_eq!(read, titles, "{encoding}");
        writeln!(told, "{encoding} is {}", frame.dialect().encoding.title()).unwrap();
    }
    insta::assert_snapshot!(told, @r"
    cp850 is DOS 850
    cp437 is DOS 850
    mac-roman is Mac Roman
    windows-1252 is Windows-1252
    cp850 is DOS 850
    mac-roman is Mac Roman
    windows-1252 is Windows-1252
    cp850 is DOS 850
    windows-1252 is Windows-1252
    ");
}

/// Lines in UTF-8 stay what they are, whatever other lines are in.
#[test]
fn lines_are_judged_one_by_one() {
    let bytes = b"product_id,title\nP1,K\xc3\xa4se\nP2,Cr\xe8me br\xfbl\xe9e \x96 10\xb2\nP3,Br\xc3\xb6tchen vom B\xe4cker\nP4,Plain\nP5,\xc3\x96l\n";
    insta::assert_snapshot!(told(&open(bytes, None)), @r"
    UTF-8
    2: P1 | Käse
    3:  |
    4:  |
    5: P4 | Plain
    6: P5 | Öl
    3 at 26: Byte 0xe8 at offset 31 is not UTF-8 text
    4 at 48: Byte 0xe4 at offset 66 is not UTF-8 text
    2 records are not in UTF-8 from end to end. The encoding UTF-8+Windows-1252 reads “P2,Crème brûlée – 10²”: choose it if that is right
    ");
    let mixed = open(bytes, Some("utf-8+windows-1252"));
    insta::assert_snapshot!(told(&mixed), @r"
    UTF-8+Windows-1252
    2: P1 | Käse
    3: P2 | Crème brûlée – 10²
    4: P3 | Brötchen vom Bäcker
    5: P4 | Plain
    6: P5 | Öl
    ");
    // Every row is still found in the file.
    for row in 0..mixed.len() {
        let at = usize::try_from(mixed.offset(row)).unwrap();
        let raw = mixed.raw(row).unwrap();
        assert_eq!(bytes[at..at + raw.len()], raw);
    }
    // One line full of other letters among few in UTF-8.
    let one = b"product_id,title\nP1,K\xc3\xa4se\nP2,\xe4\xf6\xfc\xe4\xf6\xfc \xe4\xf6\xfc\n";
    assert_eq!(open(one, None).dialect().encoding, TextEncoding::UTF_8);
    // Damage is not taken for another encoding.
    let damaged = b"product_id,title\nP1,K\xc3\xa4se\nP2,K\xc3\n";
    assert_eq!(open(damaged, None).notes(), [""; 0]);
}

#[test]
fn text_that_was_garbled_before_is_warned_of_and_put_right() {
    let text = "product_id,title,brand\nP1,KÃ¤se mit LÃ¶chern,Alm\nP2,Lâ€™Ã©tÃ© â€“ 5 â‚¬,Alm\nP3,Plain,Alm\nP4,Echte Käse,Alm\nP5,K„se,Alm\n";
    let frame = open(text.as_bytes(), None);
    let mapping = Mapping::suggest(Dataset::Products, frame.columns(), false);
    let checked = check(&frame, &Edits::default(), &mapping, &Progress::default()).unwrap();
    let rows: Vec<_> = checked
        .issues
        .causes()
        .filter(|(cause, _)| cause.rule == Rule::Garbled)
        .map(|(cause, rows)| format!("{:?}: {} rows", cause.hint, rows.len()))
        .collect();
    insta::assert_snapshot!(rows.join("\n"), @r"
    Some(Garbled): 2 rows
    Some(QuoteInWord): 1 rows
    ");
}
