//! Lists of ids as programs pass them on, written and read so that each stays what it is.

use std::io::{self, Write};

use clap::ValueEnum;

/// What begins some files to say that they are UTF-8.
const BOM: char = '\u{feff}';

/// How ids stand in a list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum IdFormat {
    /// One id a line
    #[default]
    Text,
    /// One JSON text a line
    Jsonl,
    /// A NUL behind each id, as for xargs -0
    Nul,
}

/// Why a list cannot be written or read so that every id stays what it is.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum IdListError {
    /// It would be read as another one, or as several.
    #[error("the id {} would not survive as {}; give --format {}", quoted(id), form(*format), instead(*format))]
    Unfit { id: String, format: IdFormat },
    /// A text holds a NUL.
    #[error("line {line} holds a NUL, which no list of ids with one a line has; give --format nul, or jsonl")]
    Nul { line: usize },
    /// A line is no JSON text.
    #[error("line {line} is no JSON text, such as \"123ABC\"")]
    Json { line: usize },
}

/// An id as JSON, of which only the beginning is shown when it is long.
fn quoted(id: &str) -> String {
    const SHOWN: usize = 60;
    let start: String = id.chars().take(SHOWN).collect();
    // A text is always JSON.
    let json = serde_json::to_string(&start).unwrap_or_default();
    if start.len() < id.len() { json + "…" } else { json }
}

const fn form(format: IdFormat) -> &'static str {
    match format {
        IdFormat::Text => "a line of text",
        IdFormat::Jsonl => "a line of JSON",
        IdFormat::Nul => "what ends with a NUL",
    }
}

const fn instead(format: IdFormat) -> &'static str {
    match format {
        IdFormat::Text => "jsonl or --format nul to both commands",
        IdFormat::Jsonl | IdFormat::Nul => "jsonl to both commands",
    }
}

impl IdFormat {
    /// Writes ids, which [`Self::check`] has let pass.
    pub(super) fn write(self, ids: &[String], out: &mut dyn Write) -> io::Result<()> {
        // The reader takes one off.
        if self == Self::Nul && ids.first().is_some_and(|id| id.starts_with(BOM)) {
            write!(out, "{BOM}")?;
        }
        for id in ids {
            match self {
                Self::Text => writeln!(out, "{id}")?,
                Self::Jsonl => {
                    serde_json::to_writer(&mut *out, id)?;
                    writeln!(out)?;
                }
                Self::Nul => write!(out, "{id}\0")?,
            }
        }
        Ok(())
    }

    /// Whether all ids would be read as they are, also by programs that take a lone carriage return for a line's end.
    pub(super) fn check(self, ids: &[String]) -> Result<(), IdListError> {
        let is_unfit = |id: &&String| match self {
            Self::Text => id.is_empty() || id.starts_with(BOM) || id.contains(['\n', '\r', '\0']),
            Self::Jsonl => false,
            Self::Nul => id.contains('\0'),
        };
        match ids.iter().find(is_unfit) {
            Some(id) => Err(IdListError::Unfit {
                id: id.clone(),
                format: self,
            }),
            None => Ok(()),
        }
    }

    /// Reads ids. What says that a file is UTF-8 is no part of an id; in text, not of any line, as files are joined.
    ///
    /// # Errors
    /// When it is no list of this form.
    pub(super) fn read(self, text: &str) -> Result<Vec<String>, IdListError> {
        let text = text.strip_prefix(BOM).unwrap_or(text);
        let lines = || text.lines().zip(1..);
        match self {
            Self::Text => {
                let line = |(line, number): (&str, usize)| {
                    let line = line.strip_suffix('\r').unwrap_or(line);
                    let line = line.strip_prefix(BOM).unwrap_or(line);
                    match line.contains('\0') {
                        true => Some(Err(IdListError::Nul { line: number })),
                        false if line.is_empty() => None,
                        false => Some(Ok(line.to_owned())),
                    }
                };
                lines().filter_map(line).collect()
            }
            Self::Jsonl => {
                let line = |(line, number): (&str, usize)| {
                    serde_json::from_str(line).map_err(|_| IdListError::Json { line: number })
                };
                lines().filter(|(line, _)| !line.trim().is_empty()).map(line).collect()
            }
            Self::Nul => Ok(text.split_terminator('\0').map(str::to_owned).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [IdFormat; 3] = [IdFormat::Text, IdFormat::Jsonl, IdFormat::Nul];

    fn ids() -> impl Strategy<Value = Vec<String>> {
        let odd = "[a\\n\\r\\t \u{0}\u{1b}\u{85}\u{2028}\u{feff}\"\\\\ü]{0,4}";
        prop::collection::vec(prop_oneof![odd, any::<String>()], 0..8)
    }

    proptest! {
        /// What one command writes the other reads, id by id; what it would not read so is refused.
        #[test]
        fn ids_pass_as_they_are_or_not_at_all(ids in ids()) {
            for format in ALL {
                let mut written = Vec::new();
                format.write(&ids, &mut written).unwrap();
                let read = format.read(&String::from_utf8(written).unwrap());
                match format.check(&ids) {
                    Ok(()) => prop_assert_eq!(read, Ok(ids.clone()), "{:?}", format),
                    // Nothing is refused for nothing: by itself the one that is named does not survive.
                    Err(IdListError::Unfit { id, .. }) => {
                        let mut alone = Vec::new();
                        format.write(std::slice::from_ref(&id), &mut alone).unwrap();
                        let read = format.read(&String::from_utf8(alone).unwrap());
                        prop_assert!(read != Ok(vec![id.clone()]) || id.contains('\r'), "{:?} {:?}", format, id);
                    }
                    Err(other) => prop_assert!(false, "{}", other),
                }
            }
            // One form takes whatever an id can be.
            prop_assert_eq!(IdFormat::Jsonl.check(&ids), Ok(()));
        }
    }

    #[test]
    fn what_says_utf_8_is_no_part_of_an_id() {
        for (format, text) in [
            (IdFormat::Text, "\u{feff}a\r\n\u{feff}b\n\n"),
            (IdFormat::Jsonl, "\u{feff}\"a\"\r\n\"b\"\n\n"),
            (IdFormat::Nul, "\u{feff}a\0b"),
        ] {
            assert_eq!(
                format.read(text),
                Ok(vec!["a".to_owned(), "b".to_owned()]),
                "{format:?}"
            );
        }
    }

    #[test]
    fn what_is_no_list_of_a_form_is_refused() {
        let said = |format: IdFormat, text: &str| match format.read(text) {
            Ok(ids) => format!("{ids:?}"),
            Err(error) => error.to_string(),
        };
        insta::assert_snapshot!(said(IdFormat::Text, "a\0b\0"), @"line 1 holds a NUL, which no list of ids with one a line has; give --format nul, or jsonl");
        insta::assert_snapshot!(said(IdFormat::Jsonl, "\"a\"\nb\n"), @r#"line 2 is no JSON text, such as "123ABC""#);
        insta::assert_snapshot!(said(IdFormat::Jsonl, "{\"user_id\":\"a\"}"), @r#"line 1 is no JSON text, such as "123ABC""#);
    }
}
