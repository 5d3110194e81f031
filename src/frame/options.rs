//! The options for opening a file.

use std::path::PathBuf;

use super::{LineBreak, Preset, TextEncoding};
use crate::domain::recipe::ReadOptions;

/// The options for opening a file; `None` means recognised.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// The byte between the cells of a CSV file.
    pub delimiter: Option<u8>,
    /// Whether that byte stands there twice: `1::2`.
    pub doubled: bool,
    /// The byte around cells of a CSV file that hold delimiters; `Some(None)`: there is none.
    pub quote: Option<Option<u8>>,
    /// What ends the lines of a CSV file.
    pub line_break: Option<LineBreak>,
    /// Whether the first row of a CSV file or sheet names the columns.
    pub header: Option<bool>,
    /// How many lines stand before the header (or the first record) of a CSV file or sheet.
    pub skip: Option<u32>,
    /// Whether spaces beside the delimiters of a CSV file belong to them.
    pub spaced: Option<bool>,
    /// Whether every line of a CSV file or sheet below the header is a row, whatever it looks like.
    pub every_line: bool,
    /// The list of a JSON document that holds the records: keys with dots between them, `response.items`; empty: none,
    /// the document is a record itself.
    pub records: Option<String>,
    /// The text's encoding.
    pub encoding: Option<TextEncoding>,
    /// The sheet of a workbook.
    pub sheet: Option<String>,
    /// The file in an archive.
    pub member: Option<String>,
    /// The export of a known system that it is to be read as; `Some(None)`: as it stands.
    pub preset: Option<Option<Preset>>,
    /// How many bytes the file may unpack to, and its conversion may take of the memory; `None`: a part of what is free,
    /// and of the former no more than a hundred times the file; `u64::MAX`: as many as there are.
    pub allow_unpacked: Option<u64>,
    /// Where converted text is spooled; `None`: the system's folder for temporary files.
    pub spool: Option<PathBuf>,
}

/// Why a recipe's words say nothing of how a file is read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptionError {
    /// A character that CSV files cannot be written with.
    #[error("{0} cannot stand between or around cells; write one ASCII character")]
    Character(char),
    /// No encoding has the name.
    #[error("there is no encoding \"{0}\"")]
    Encoding(String),
    /// No preset has the name.
    #[error("there is no preset \"{0}\"")]
    Preset(String),
    /// No line break has the name.
    #[error("there is no line break \"{0}\"")]
    LineBreak(String),
}

impl OpenOptions {
    /// The options as a recipe keeps them.
    pub fn to_recipe(&self) -> ReadOptions {
        // Each by its name, so that a new option is kept too.
        let Self {
            delimiter,
            doubled,
            quote,
            line_break,
            header,
            skip,
            spaced,
            every_line,
            records,
            encoding,
            sheet,
            member,
            preset,
            // They are of this machine, and have no say in what is read.
            allow_unpacked: _,
            spool: _,
        } = self;
        ReadOptions {
            delimiter: delimiter.map(char::from),
            doubled: *doubled,
            quote: quote.map(|quote| quote.map(|quote| char::from(quote).to_string()).unwrap_or_default()),
            line_break: line_break.map(|line_break| line_break.name().to_owned()),
            header: *header,
            skip: *skip,
            spaced: *spaced,
            every_line: *every_line,
            records: records.clone(),
            encoding: encoding.map(|encoding| encoding.name().into_owned()),
            sheet: sheet.clone(),
            member: member.clone(),
            preset: preset.map(|preset| Preset::choice_name(preset).to_owned()),
        }
    }

    /// What a recipe says about reading, where nothing else was chosen.
    ///
    /// # Errors
    /// When it names an encoding or a character that there is none of.
    pub fn or_recipe(self, read: &ReadOptions) -> Result<Self, OptionError> {
        let ReadOptions {
            delimiter,
            doubled,
            quote,
            line_break,
            header,
            skip,
            spaced,
            every_line,
            records,
            encoding,
            sheet,
            member,
            preset,
        } = read;
        let delimiter = delimiter.map(ascii).transpose()?;
        let quote = quote.as_ref().map(|quote| quote.chars().next().map(ascii).transpose());
        let line_break = named(line_break.as_ref(), LineBreak::named, OptionError::LineBreak)?;
        let encoding = named(encoding.as_ref(), TextEncoding::named, OptionError::Encoding)?;
        let preset = named(preset.as_ref(), Preset::choice, OptionError::Preset)?;
        Ok(Self {
            // What is said of the delimiter is said of that one.
            doubled: self.doubled || (self.delimiter.is_none() && *doubled),
            delimiter: self.delimiter.or(delimiter),
            quote: self.quote.or(quote.transpose()?),
            line_break: self.line_break.or(line_break),
            header: self.header.or(*header),
            skip: self.skip.or(*skip),
            spaced: self.spaced.or(*spaced),
            every_line: self.every_line || *every_line,
            records: self.records.or_else(|| records.clone()),
            encoding: self.encoding.or(encoding),
            sheet: self.sheet.or_else(|| sheet.clone()),
            member: self.member.or_else(|| member.clone()),
            preset: self.preset.or(preset),
            allow_unpacked: self.allow_unpacked,
            spool: self.spool,
        })
    }
}

fn ascii(character: char) -> Result<u8, OptionError> {
    let byte = u8::try_from(character).ok().filter(u8::is_ascii);
    byte.ok_or(OptionError::Character(character))
}

fn named<T>(
    name: Option<&String>,
    find: impl FnOnce(&str) -> Option<T>,
    unknown: impl FnOnce(String) -> OptionError,
) -> Result<Option<T>, OptionError> {
    let found = name.map(|name| find(name).ok_or_else(|| unknown(name.clone())));
    found.transpose()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_chosen_goes_before_a_recipe_and_unknown_words_are_refused() {
        let options = OpenOptions {
            delimiter: Some(b';'),
            doubled: true,
            skip: Some(3),
            ..OpenOptions::default()
        };
        let chosen = OpenOptions {
            delimiter: Some(b','),
            ..OpenOptions::default()
        };
        let expected = OpenOptions {
            skip: Some(3),
            ..chosen.clone()
        };
        assert_eq!(chosen.or_recipe(&options.to_recipe()), Ok(expected));
        let refused = |read: ReadOptions| {
            let refused = OpenOptions::default().or_recipe(&read);
            refused.unwrap_err().to_string()
        };
        let plain = ReadOptions::default;
        let klingon = || Some("klingon".to_owned());
        insta::assert_snapshot!(refused(ReadOptions { encoding: klingon(), ..plain() }), @r#"there is no encoding "klingon""#);
        insta::assert_snapshot!(refused(ReadOptions { preset: klingon(), ..plain() }), @r#"there is no preset "klingon""#);
        insta::assert_snapshot!(refused(ReadOptions { line_break: klingon(), ..plain() }), @r#"there is no line break "klingon""#);
        insta::assert_snapshot!(refused(ReadOptions { delimiter: Some('→'), ..plain() }), @"→ cannot stand between or around cells; write one ASCII character");
    }
}
