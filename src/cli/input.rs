//! The files a command is given: opened, their columns matched to fields, checked.

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use super::{
    dialect::DialectArgs,
    failure::Failure,
    mapping::{self, MappingArgs},
    text,
};
use crate::{
    check::{Checked, Problem},
    domain::{
        cell::Cell,
        dataset::Dataset,
        issue::Cause,
        mapping::{Mapping, TakenPaths},
        progress::Progress,
        proposal::Proposal,
        rules::{LevelError, Levels},
        sampled::Sampled,
    },
    frame::{DataSource, Edits, Frame, FrameError, OpenOptions, Preset},
    ops::{
        TableRef,
        open::{self, OpenRequest, Opened},
        reopen::{ReopenError, reopen},
    },
    settings::Paths,
    upload::Upload,
};

/// Rows that are read at once when those that are wanted lie close together.
const STRETCH: u32 = 4096;
/// The widest gap between wanted rows that is read over.
const GAP: u32 = 64;
/// Problems of rows that are looked up together.
const AT_ONCE: usize = 1 << 20;

/// Which files, and how they are to be understood.
#[derive(Debug, Default, clap::Args)]
pub(super) struct InputArgs {
    /// The files: CSV, TSV, JSON lines, JSON objects, a JSON list under any key, Excel, ODS, Parquet, Arrow, and any
    /// of them in gzip, zstd or ZIP; a folder or pattern of equal files; - is standard input
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<PathBuf>,
    /// How they are to be understood.
    #[command(flatten)]
    reading: FileArgs,
}

/// How files are to be understood.
#[derive(Debug, Default, clap::Args)]
pub(super) struct FileArgs {
    /// What the columns are taken for.
    #[command(flatten)]
    mapping: MappingArgs,
    /// Weigh a rule differently: off (not looked at), warning (shown, and sent), error (shown, and not sent);
    /// tatami explain lists the rules
    #[arg(long = "rule", value_name = "RULE=LEVEL")]
    rules: Vec<String>,
    /// Read an export of a known system as the API's records: shopify, woocommerce, segment or another of those that
    /// tatami explain lists; none: as it stands in the file [default: recognised]
    #[arg(long, value_name = "PRESET", value_parser = preset)]
    preset: Option<PresetChoice>,
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
type PresetChoice = Option<Preset>;

#[derive(Debug, thiserror::Error)]
#[error("there are {} and none", Preset::all().map(Preset::name).collect::<Vec<_>>().join(", "))]
struct NoPreset;

fn preset(text: &str) -> Result<PresetChoice, NoPreset> {
    Preset::choice(text).ok_or(NoPreset)
}

/// The files, read; those that cannot be opened beside them.
pub(super) struct Tables {
    /// In the order they were given.
    pub(super) frames: Vec<Frame>,
    /// Why others could not be opened.
    pub(super) failures: Vec<FrameError>,
    /// How they were opened.
    pub(super) request: OpenRequest,
}

impl InputArgs {
    /// The file of the recipe, when it is given as one.
    pub(super) const fn recipe(&self) -> Option<&PathBuf> {
        self.reading.mapping.recipe_file()
    }

    /// Whether nothing is chosen about the columns.
    pub(super) const fn is_plain(&self) -> bool {
        self.reading.mapping.is_plain()
    }

    /// Certain files, as they are.
    pub(super) fn plain(files: Vec<PathBuf>) -> Self {
        Self {
            files,
            ..Self::default()
        }
    }

    /// Reads all files without checking them. Fails when a column that is named is in none of them.
    pub(super) fn read(&self) -> Result<Tables, Failure> {
        self.reading.read(&self.files)
    }

    /// The files one after another, opened: their columns matched to fields, all rows checked. Fails when a column that
    /// is named is in none of them.
    pub(super) fn open(&self) -> Result<impl Iterator<Item = Result<Input, Failure>>, Failure> {
        self.reading.open(&self.files)
    }

    /// How much the rules weigh: as the options say, and otherwise as `levels` do.
    pub(super) fn weigh(&self, levels: Levels) -> Result<Levels, LevelError> {
        self.reading.weigh(levels)
    }
}

impl FileArgs {
    /// What the files are said to hold.
    pub(super) const fn dataset(&self) -> Option<Dataset> {
        self.mapping.dataset()
    }

    /// How files are to be opened.
    fn request(&self, files: &[PathBuf]) -> Result<OpenRequest, Failure> {
        self.weigh(Levels::default())?;
        if files.is_empty() {
            return Err(Failure::said("give at least one file; --help shows examples"));
        }
        let options = OpenOptions {
            preset: self.preset,
            sheet: self.sheet.clone(),
            member: self.member.clone(),
            // Without a home the system's folder for temporary files does.
            spool: Paths::find().ok().map(|paths| paths.spool()),
            ..self.dialect.options()
        };
        let request = self.mapping.request(options)?;
        Ok(OpenRequest {
            levels: self.weigh(request.levels)?,
            ..request
        })
    }

    /// Reads files without checking them. Fails when a column that is named is in none of them.
    fn read(&self, files: &[PathBuf]) -> Result<Tables, Failure> {
        let mut tables = Tables {
            frames: Vec::new(),
            failures: Vec::new(),
            request: self.request(files)?,
        };
        let options = &tables.request.options;
        for file in files {
            let progress = Progress::default();
            let read = || source(file, options, &progress)?.open(options, &(), &progress);
            match text::watched("Opening", &progress, read) {
                Ok((frame, ())) => tables.frames.push(frame),
                Err(error) => tables.failures.push(error),
            }
        }
        tables.request.choices.ensure_columns(&tables.frames)?;
        Ok(tables)
    }

    /// Files one after another, opened: their columns matched to fields, all rows checked. Fails when a column that is
    /// named is in none of them.
    pub(super) fn open(
        &self,
        files: &[PathBuf],
    ) -> Result<impl Iterator<Item = Result<Input, Failure>> + use<>, Failure> {
        let (request, progress) = (self.request(files)?, Progress::default());
        let mut sources = Vec::new();
        let mut failures = Vec::new();
        for file in files {
            let source = || source(file, &request.options, &progress);
            match text::watched("Opening", &progress, source) {
                Ok(source) => sources.push(source),
                Err(error) => failures.push(Err(error.into())),
            }
        }
        text::watched("Opening", &progress, || {
            open::ensure_columns(&sources, &request, &progress)
        })?;
        let is_recognised = self.mapping.is_recognised();
        let inputs = sources.into_iter().map(move |source| {
            let progress = Progress::default();
            let work = || open::open(&source, &request, &progress, &|_| {});
            let opened = text::watched("Checking", &progress, work)?;
            Ok(Input::new(opened, request.options.clone(), is_recognised))
        });
        Ok(inputs.chain(failures))
    }

    fn weigh(&self, mut levels: Levels) -> Result<Levels, LevelError> {
        self.rules.iter().try_for_each(|choice| levels.set_written(choice))?;
        Ok(levels)
    }
}

/// What a file is read from; - is standard input.
fn source(file: &Path, options: &OpenOptions, progress: &Progress) -> Result<DataSource, FrameError> {
    if file == Path::new("-") {
        DataSource::pipe("standard input", std::io::stdin().lock(), options, progress)
    } else {
        DataSource::at(file, options, progress)
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
    /// The transforms that columns' values speak for, as far as they were worked out.
    proposals: Vec<OnceLock<Option<Proposal>>>,
    /// Where columns go, once that was asked for.
    taken: OnceLock<TakenPaths>,
}

impl Input {
    fn new(opened: Opened, options: OpenOptions, is_recognised: bool) -> Self {
        let Opened {
            frame,
            suggested,
            edits,
            checked,
            repaired,
        } = opened;
        mapping::remark_differences(&frame, &suggested);
        if let Some((had, fixed)) = repaired {
            text::remark(&format!(
                "{} holds rows that were not stored before: {} of {} have no errors any more",
                frame.path().display(),
                text::grouped(fixed),
                text::counted(had, "row", "rows")
            ));
        }
        Self {
            proposals: frame.columns().iter().map(|_| OnceLock::new()).collect(),
            taken: OnceLock::new(),
            frame,
            mapping: suggested.mapping,
            samples: suggested.samples,
            options,
            edits,
            checked,
            is_recognised,
        }
    }

    /// The file of an upload, as it was when that began.
    pub(super) fn again(upload: &Upload) -> Result<Self, ReopenError> {
        let progress = Progress::default();
        let spool = Paths::find().ok().map(|paths| paths.spool());
        let work = || reopen(upload, spool, &progress);
        let opened = text::watched("Checking", &progress, work)?;
        Ok(Self::new(opened, upload.plan.recipe.options(), false))
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

    /// The transform that a column's values speak for.
    pub(super) fn proposal(&self, column: usize) -> Option<&Proposal> {
        let work = || self.mapping.proposal(column, self.samples.get(column)?);
        self.proposals.get(column)?.get_or_init(work).as_ref()
    }

    /// The paths that columns go to.
    pub(super) fn taken(&self) -> &TakenPaths {
        self.taken.get_or_init(|| self.mapping.taken())
    }

    /// Why a record cannot be read.
    pub(super) fn defect(&self, row: u32) -> Option<&str> {
        self.frame.defect(row).map(|defect| defect.reason.as_str())
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

    /// Hands some rows' problems, row by row, to `visit`; rows are given in ascending order.
    pub(super) fn problems(
        &self,
        rows: impl Iterator<Item = u32>,
        visit: &mut dyn FnMut(u32, Vec<Problem>) -> ControlFlow<()>,
    ) -> Result<(), FrameError> {
        let issues = &self.checked.issues;
        // As many as fit into a little memory when each of them has every problem.
        let stretch = u32::try_from(AT_ONCE / issues.len().max(1)).unwrap_or(u32::MAX).max(1);
        let (mut causes, mut end) = (BTreeMap::new(), 0);
        self.visit(rows, &mut |row, cells| {
            if row >= end {
                end = row.saturating_add(stretch);
                causes = issues.of_rows(row..end);
            }
            let causes = causes.remove(&row).unwrap_or_default();
            visit(row, self.explain(row, cells, causes))
        })
    }

    /// The problems that a row has for some causes.
    pub(super) fn explain<'c>(
        &self,
        row: u32,
        cells: &[Cell<'_>],
        causes: impl IntoIterator<Item = &'c Cause>,
    ) -> Vec<Problem> {
        let place_of = |row| self.frame.location(row, None).to_string();
        // The API counts records within a request; here every record stands alone.
        self.checked
            .explain_causes(causes, row, cells, self.defect(row), &place_of, 0)
    }
}
