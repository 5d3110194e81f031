//! The lines above a table, which are no part of it.

use super::{Format, Frame, FrameError, samples};

impl Frame {
    /// The lines that stand above the header of delimited text, or above the first record where there is no header; in
    /// UTF-8, without what ends them. No others than those within the first MiB.
    ///
    /// # Errors
    /// When the file cannot be read any more.
    pub fn lines_above(&self) -> Result<Vec<String>, FrameError> {
        let Format::Csv(csv) = self.dialect.format else {
            return Ok(Vec::new());
        };
        let head = self.source.head(samples::HEAD)?;
        let mut lines = Vec::new();
        let mut at = 0;
        for _ in 0..csv.skip {
            let Some(end) = csv.line_end(&head, at, true).filter(|end| *end > at) else {
                break;
            };
            let line = String::from_utf8_lossy(head.get(at..end).unwrap_or_default());
            lines.push(
                line.trim_end_matches(['\n', '\r'])
                    .trim_start_matches('\u{feff}')
                    .to_owned(),
            );
            at = end;
        }
        Ok(lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::OpenOptions;

    fn above(text: &str, options: &OpenOptions) -> Vec<String> {
        Frame::from_text("some.csv", text, options)
            .unwrap()
            .lines_above()
            .unwrap()
    }

    #[test]
    fn lines_above_the_header_are_told_as_they_stand() {
        let text = "\u{feff}Catalog of May\r\n\r\nid,title\r\n1,Lamp\r\n2,Mat\r\n";
        let skip = |lines| OpenOptions {
            skip: Some(lines),
            ..OpenOptions::default()
        };
        assert_eq!(above(text, &skip(2)), ["Catalog of May", ""]);
        assert_eq!(above(text, &skip(0)), [""; 0]);
        assert_eq!(
            above(text, &OpenOptions::default()),
            ["Catalog of May", ""],
            "as recognised"
        );
        assert_eq!(above("[{\"id\":1}]", &OpenOptions::default()), [""; 0]);
    }
}
