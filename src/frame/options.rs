//! How a file is to be read.

use std::path::PathBuf;

use super::{LineBreak, Preset, TextEncoding};
use crate::domain::recipe::ReadOptions;

/// How a file is to be read; what is `None` is found out.
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
    /// Where converted text is spooled; `None`: the system's folder for temporary files.
    pub spool: Option<PathBuf>,
}

impl OpenOptions {
    /// The options as a recipe keeps them.
    pub fn to_recipe(&self) -> ReadOptions {
        ReadOptions {
            delimiter: self.delimiter.map(char::from),
            doubled: self.doubled,
            spaced: self.spaced,
            every_line: self.every_line,
            records: self.records.clone(),
            quote: self
                .quote
                .map(|quote| quote.map(|quote| char::from(quote).to_string()).unwrap_or_default()),
            line_break: self.line_break.map(|line_break| line_break_name(line_break).to_owned()),
            header: self.header,
            skip: self.skip,
            encoding: self.encoding.map(|encoding| encoding.name().into_owned()),
            sheet: self.sheet.clone(),
            member: self.member.clone(),
            preset: self.preset.map(|preset| preset.map_or("none", Preset::name).to_owned()),
        }
    }

    /// What a recipe says about reading, where nothing else was chosen.
    ///
    /// # Errors
    /// When it names an encoding or a character that there is none of, in a sentence.
    pub fn or_recipe(mut self, read: &ReadOptions) -> Result<Self, String> {
        let ascii = |c: char| {
            let byte = u8::try_from(c).ok().filter(u8::is_ascii);
            byte.ok_or_else(|| format!("{c} cannot stand between or around cells; write one ASCII character"))
        };
        if let Some(delimiter) = read.delimiter {
            let delimiter = ascii(delimiter)?;
            if self.delimiter.is_none() {
                (self.delimiter, self.doubled) = (Some(delimiter), read.doubled);
            }
        }
        if let Some(quote) = &read.quote {
            let quote = quote.chars().next().map(ascii).transpose()?;
            self.quote = self.quote.or(Some(quote));
        }
        if let Some(name) = &read.encoding {
            let encoding = TextEncoding::named(name);
            let encoding = encoding.ok_or_else(|| format!("there is no encoding \"{name}\""))?;
            self.encoding = self.encoding.or(Some(encoding));
        }
        if let Some(name) = &read.preset {
            let preset = Preset::named(name);
            if preset.is_none() && name != "none" {
                return Err(format!("there is no preset \"{name}\""));
            }
            self.preset = self.preset.or(Some(preset));
        }
        if let Some(name) = &read.line_break {
            let all = [LineBreak::Lf, LineBreak::CrLf, LineBreak::Cr];
            let line_break = all.into_iter().find(|line_break| line_break_name(*line_break) == name);
            let line_break = line_break.ok_or_else(|| format!("there is no line break \"{name}\""))?;
            self.line_break = self.line_break.or(Some(line_break));
        }
        self.header = self.header.or(read.header);
        self.skip = self.skip.or(read.skip);
        self.spaced = self.spaced.or(read.spaced);
        self.every_line |= read.every_line;
        self.records = self.records.or_else(|| read.records.clone());
        self.sheet = self.sheet.or_else(|| read.sheet.clone());
        self.member = self.member.or_else(|| read.member.clone());
        Ok(self)
    }
}

const fn line_break_name(line_break: LineBreak) -> &'static str {
    match line_break {
        LineBreak::Lf => "lf",
        LineBreak::CrLf => "crlf",
        LineBreak::Cr => "cr",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_pass_through_recipes() {
        let options = OpenOptions {
            delimiter: Some(b';'),
            doubled: true,
            spaced: Some(true),
            every_line: true,
            records: Some("hits.hits".to_owned()),
            quote: Some(None),
            line_break: Some(LineBreak::Cr),
            header: Some(false),
            skip: Some(3),
            encoding: Some(encoding_rs::WINDOWS_1252.into()),
            sheet: Some("Artikel".to_owned()),
            member: None,
            preset: Some(None),
            spool: None,
        };
        let read = options.to_recipe();
        assert_eq!(OpenOptions::default().or_recipe(&read), Ok(options.clone()));
        let chosen = OpenOptions {
            delimiter: Some(b','),
            ..OpenOptions::default()
        };
        assert_eq!(chosen.or_recipe(&read).map(|options| options.delimiter), Ok(Some(b',')));
        let strange = ReadOptions {
            encoding: Some("klingon".to_owned()),
            ..ReadOptions::default()
        };
        assert!(OpenOptions::default().or_recipe(&strange).is_err());
    }
}
