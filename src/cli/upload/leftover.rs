//! The rows that are not stored, as CSV: which, in what state, and why.

use std::path::PathBuf;

use super::{UploadArgs, after};
use crate::{
    cli::{
        failure::Failure,
        input::Input,
        text::{self, counted},
    },
    settings::{AtomicFile, Existing, WriteError},
    upload::{Report, ReportForm, write_list_header},
};

/// The file with the rows that are not stored.
pub(super) struct Rest {
    path: PathBuf,
    existing: Existing,
    out: AtomicFile,
    rows: u64,
    pub(super) files: u64,
}

impl Rest {
    /// The report that was asked for, if one was.
    pub(super) fn wanted(args: &UploadArgs) -> Result<Option<Self>, Failure> {
        let lists = args
            .report
            .as_ref()
            .filter(|path| ReportForm::of(path) == ReportForm::Csv);
        lists
            .map(|path| Self::create(path.clone(), args.output.existing()))
            .transpose()
    }

    fn create(path: PathBuf, existing: Existing) -> Result<Self, Failure> {
        let mut out = AtomicFile::create(&path).map_err(WriteError::at(&path))?;
        write_list_header(&mut out).map_err(WriteError::at(&path))?;
        Ok(Self {
            path,
            existing,
            out,
            rows: 0,
            files: 0,
        })
    }

    pub(super) fn add(&mut self, input: &Input, report: &Report) -> Result<(), Failure> {
        self.files += 1;
        self.rows += after::aftermath(input, report, "").write_list(&mut self.out)?;
        Ok(())
    }

    pub(super) fn finish(self) -> Result<(), Failure> {
        self.out.finish_at(&self.path, self.existing)?;
        let path = self.path.display();
        text::remark(&match self.rows {
            0 => format!("Every row is stored; {path} lists none"),
            rows => format!("{} not stored, listed in {path}", counted(rows, "row", "rows")),
        });
        Ok(())
    }
}
