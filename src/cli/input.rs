//! The files a command is given: opened, their columns matched to fields, checked.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{dialect::DialectArgs, failure::Failure, mapping::MappingArgs, text};
use crate::{
    check::{self, Checked, Problem, Suggested},
    domain::{
        cell::Cell,
        dataset::Dataset,
        mapping::Mapping,
        progress::Progress,
        rules::{LevelError, Levels},
        sampled::Sampled,
    },
    frame::{Edits, Frame, FrameError, OpenOptions, Preset, unguard},
    ops::compare::TableRef,
    settings::Paths,
    upload::{Recipe, fixed},
};

/// Rows that are read at once when those that are wanted lie close together.
const STRETCH: u32 = 4096;
/// The widest gap between wanted rows that is read over.
const GAP: u32 = 64;

/// Which files, and how they are to be understood.
#[derive(Debug, Default, clap::Args)]
pub(super) struct InputArgs {
    /// The files: CSV, TSV, JSON lines, JSON objects, a JSON list under any key, Excel, ODS, Parquet, Arrow, and any
    /// of them in gzip, zstd or ZIP; a folder or pattern of equal files; - is standard input
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// What the columns are taken for.
    #[command(flatten)]
    pub(super) mapping: MappingArgs,
    /// Weigh a rule differently: off (not looked at), warning (shown, and sent), error (shown, and not sent);
    /// tatami explain lists the rules
    #[arg(long = "rule", value_name = "RULE=LEVEL")]
    rules: Vec<String>,
    /// Read an export of a known system as the API's records: shopify, woocommerce, segment or another of those that
    /// tatami explain lists; none: as it stands in the file [default: recognised]
    #[arg(long, value_name = "PRESET", value_parser = preset)]
    preset: Option<Reading>,
    #[command(flatten)]
    dialect: DialectArgs,
    /// Which sheet of a workbook [default: the first with cells]
    #[arg(long, value_name = "NAME")]
    sheet: Option<String>,
    /// Which file of a ZIP archive [default: those like the first that looks like data, as one table]
    #[arg(long, value_name = "NAME")]
    member: Option<String>,
}

/// The preset by which a file is read; `None`: by none.
type Reading = Option<Preset>;

fn preset(text: &str) -> Result<Reading, String> {
    match Preset::named(text) {
        None if text != "none" => {
            let names: Vec<&str> = Preset::all().map(Preset::name).collect();
            Err(format!("there are {} and none", names.join(", ")))
        }
        found => Ok(found),
    }
}

fn open(file: &Path, options: &OpenOptions, progress: &Progress) -> Result<Frame, FrameError> {
    if file == Path::new("-") {
        Frame::open_pipe("standard input", std::io::stdin().lock(), options, progress)
    } else {
        Frame::open(file, options, progress)
    }
}

/// The files, opened; those that cannot be opened beside them.
pub(super) struct Opened {
    /// In the order they were given.
    pub(super) frames: Vec<Frame>,
    /// Why others could not be opened.
    pub(super) failures: Vec<FrameError>,
}

impl InputArgs {
    /// The file of the recipe, when it is given as one.
    pub(super) const fn recipe(&self) -> Option<&PathBuf> {
        self.mapping.recipe_file()
    }

    /// Certain files, as they are.
    pub(super) fn plain(files: Vec<PathBuf>) -> Self {
        Self {
            files,
            ..Self::default()
        }
    }

    /// How the files are to be read.
    pub(super) fn options(&self) -> OpenOptions {
        OpenOptions {
            preset: self.preset,
            sheet: self.sheet.clone(),
            member: self.member.clone(),
            // Without a home the system's folder for temporary files does.
            spool: Paths::find().ok().map(|paths| paths.spool()),
            ..self.dialect.options()
        }
    }

    /// Opens all files. Fails when a column that is named is in none of them.
    pub(super) fn open(&self) -> Result<Opened, Failure> {
        self.levels()?;
        let mut opened = Opened {
            frames: Vec::new(),
            failures: Vec::new(),
        };
        if self.files.is_empty() {
            return Err(Failure::said("give at least one file; --help shows examples"));
        }
        let options = self.mapping.read_options(self.options())?;
        for file in &self.files {
            let progress = Progress::default();
            match text::watched("Opening", &progress, || open(file, &options, &progress)) {
                Ok(frame) => opened.frames.push(frame),
                Err(error) => opened.failures.push(error),
            }
        }
        self.mapping.check_names(&opened.frames)?;
        Ok(opened)
    }

    /// Matches the columns of a file to fields, and checks all rows.
    pub(super) fn check(&self, frame: Frame) -> Result<Input, Failure> {
        let Suggested { mapping, samples, .. } = self.mapping.apply(&frame)?;
        let progress = Progress::default();
        let levels = self.levels()?;
        let edits = unguard(&frame)?;
        let work = || check::check_by(&levels, &frame, &edits, &mapping, &progress);
        let checked = text::watched("Checking", &progress, work)?;
        if let Some((had, fixed)) = fixed(&frame, &edits, &checked)? {
            text::remark(&format!(
                "{} holds rows that were not stored before: {} of {} have no errors any more",
                frame.path().display(),
                text::grouped(fixed),
                text::counted(had, "row", "rows")
            ));
        }
        Ok(Input {
            frame: Arc::new(frame),
            mapping,
            samples,
            edits,
            checked,
            is_recognised: self.mapping.is_recognised(),
            options: self.mapping.read_options(self.options())?,
        })
    }

    fn levels(&self) -> Result<Levels, LevelError> {
        let mut levels = Levels::default();
        self.rules.iter().try_for_each(|choice| levels.set_written(choice))?;
        Ok(levels)
    }
}

/// A file that was opened, matched and checked.
pub(super) struct Input {
    /// The table.
    pub(super) frame: Arc<Frame>,
    /// Its columns' fields.
    pub(super) mapping: Mapping,
    /// Some values of its columns.
    pub(super) samples: Vec<Sampled>,
    /// How it was read.
    pub(super) options: OpenOptions,
    /// What was changed in it.
    pub(super) edits: Edits,
    /// Its problems.
    pub(super) checked: Checked,
    /// Whether the data set was recognised rather than given.
    pub(super) is_recognised: bool,
}

impl Input {
    /// A file as an upload of it was begun: read, matched and changed in the same way. `None` when its columns are
    /// others by now.
    pub(super) fn again(path: &Path, dataset: Dataset, recipe: &Recipe) -> Result<Option<Self>, Failure> {
        let options = recipe.options();
        let progress = Progress::default();
        let frame = text::watched("Opening", &progress, || Frame::open(path, &options, &progress))?;
        let mapping = recipe.mapping(dataset);
        if mapping.targets.len() != frame.columns().len() {
            return Ok(None);
        }
        let edits = recipe.edits();
        let progress = Progress::default();
        let levels = recipe.levels();
        let work = || check::check_by(&levels, &frame, &edits, &mapping, &progress);
        let checked = text::watched("Checking", &progress, work)?;
        Ok(Some(Self {
            frame: Arc::new(frame),
            mapping,
            samples: Vec::new(),
            options,
            edits,
            checked,
            is_recognised: false,
        }))
    }

    /// The table, as it is compared and sent.
    pub(super) fn table(&self) -> TableRef<'_> {
        TableRef {
            frame: &self.frame,
            edits: &self.edits,
            checked: &self.checked,
        }
    }

    /// The file's path as it was given, for people.
    pub(super) fn name(&self) -> String {
        self.path().display().to_string()
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        self.frame.path()
    }

    /// What the file holds.
    pub(super) fn dataset(&self) -> Dataset {
        self.mapping.dataset
    }

    /// A column's name.
    pub(super) fn column(&self, column: u32) -> Option<&str> {
        self.frame.columns().get(column as usize).map(String::as_str)
    }

    /// Why a record cannot be read.
    pub(super) fn defect(&self, row: u32) -> Option<&str> {
        let defects = self.frame.defects();
        let at = defects.binary_search_by_key(&row, |defect| defect.row).ok()?;
        defects.get(at).map(|defect| defect.reason.as_str())
    }

    /// Hands some rows, given in ascending order, to `visit`.
    pub(super) fn visit(
        &self,
        rows: impl Iterator<Item = u32>,
        visit: &mut dyn FnMut(u32, &[Cell<'_>]) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        let mut rows = rows.peekable();
        let mut wanted = Vec::new();
        let mut stopped = false;
        while let Some(first) = rows.next() {
            wanted.clear();
            wanted.push(first);
            let mut last = first;
            while let Some(row) = rows.next_if(|row| row - last <= GAP && row - first < STRETCH) {
                wanted.push(row);
                last = row;
            }
            let mut next = 0;
            self.frame.scan(first..last + 1, &self.edits, &mut |row, cells| {
                if wanted.get(next) != Some(&row) {
                    return ControlFlow::Continue(());
                }
                next += 1;
                let flow = visit(row, cells);
                stopped = flow.is_break();
                flow
            })?;
            if stopped {
                break;
            }
        }
        Ok(())
    }

    /// Hands some rows' problems, row by row, to `visit`.
    pub(super) fn problems(
        &self,
        rows: impl Iterator<Item = u32>,
        visit: &mut dyn FnMut(u32, Vec<Problem>) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        self.visit(rows, &mut |row, cells| {
            let place_of = |row| self.frame.location(row, None).to_string();
            // The API counts records within a request; here every record stands alone.
            visit(row, self.checked.explain(row, cells, self.defect(row), &place_of, 0))
        })
    }
}
