//! Open: reads a table, finds out what it holds and where its columns go, and checks every row, all in one pass.

mod choices;

use std::sync::Arc;

pub use self::choices::ColumnChoices;
use crate::{
    check::{self, Checked, Suggested},
    domain::{
        dataset::Dataset, mapping::MappingError, progress::Progress, recipe::Recipe, recognition::Recognition,
        rules::Levels, synonyms,
    },
    frame::{DataSource, Edits, Frame, FrameError, OpenOptions, unguard},
    settings::{Paths, SettingsError, recipes},
    upload::fixed,
};

/// What a table is to be taken for; what is left open is found out.
#[derive(Clone, Debug, Default)]
pub struct OpenRequest {
    /// How it is read.
    pub options: OpenOptions,
    /// What it holds.
    pub dataset: Option<Dataset>,
    /// By which recipe its columns are mapped.
    pub recipe: RecipeSource,
    /// What is chosen about its columns beyond that.
    pub choices: ColumnChoices,
    /// The level of every rule.
    pub levels: Levels,
    /// Fails when it is not certain what the table holds; otherwise it is checked as what it most probably is.
    pub must_be_certain: bool,
}

/// Where the recipe comes from.
#[derive(Clone, Debug, Default)]
pub enum RecipeSource {
    /// There is none.
    #[default]
    None,
    /// This one.
    Given(Box<Recipe>),
    /// The one that is kept for such columns, if there is one.
    Kept(Paths),
}

/// How far opening is. The steps come in this order; there may be no head, and the recipe may fail once or twice.
#[derive(Debug)]
pub enum OpenStep<'a> {
    /// The kept recipe cannot be used, and is left out.
    RecipeFailed(SettingsError),
    /// The first rows can be shown.
    Head(&'a Arc<Frame>, &'a Suggested),
    /// So many rows can be shown.
    Grown(Arc<Frame>),
    /// All rows can be shown; they may still have to be checked.
    Read(&'a Arc<Frame>, &'a Suggested),
}

/// A table that was read, understood and checked.
#[derive(Debug)]
pub struct Opened {
    /// The table.
    pub frame: Arc<Frame>,
    /// What it was found to be.
    pub suggested: Suggested,
    /// What is different from the file: what spreadsheets would have run as formulas is what it was.
    pub edits: Edits,
    /// Its problems.
    pub checked: Checked,
    /// For an error file that came back: how many rows it has, and how many of them have no errors any more.
    pub repaired: Option<(u64, u64)>,
}

/// Why a table cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// It cannot be read, or somebody asked to stop.
    #[error(transparent)]
    Frame(#[from] FrameError),
    /// What is chosen about its columns cannot be.
    #[error(transparent)]
    Mapping(#[from] MappingError),
    /// What it holds is not certain, and had to be.
    #[error("what {file} holds is not certain; say which it is:")]
    Undecided {
        /// The file, for people.
        file: String,
        /// What it may hold.
        question: Box<Recognition>,
    },
}

/// Reads, understands and checks a table. The first rows tell what it most probably is, and all are checked as that
/// while they are read; only when all rows together say otherwise, they are checked once more. Progress counts bytes,
/// or then rows.
pub fn open(
    source: &DataSource,
    request: &OpenRequest,
    progress: &Progress,
    step: &(dyn Fn(OpenStep<'_>) + Sync),
) -> Result<Opened, OpenError> {
    let options = &request.options;
    let mut head = None;
    // Needed soon, and another core is idle.
    rayon::spawn(synonyms::prepare);
    // What fails here fails again below, where all of the table is there.
    if let Ok(frame) = source.open_head(options).map(Arc::new)
        && let Ok(suggested) = suggest(&frame, request, step)
    {
        step(OpenStep::Head(&frame, &suggested));
        head = Some((frame, suggested));
    }
    let (frame, checked) = match &head {
        Some((frame, suggested)) => {
            let grown = |frame| step(OpenStep::Grown(Arc::new(frame)));
            let (columns, mapping) = (frame.columns(), &suggested.mapping);
            check::read(source, options, columns, mapping, &request.levels, progress, &grown)?
        }
        None => (source.open(options, &(), progress)?.0, None),
    };
    let frame = Arc::new(frame);
    let mut checked_as = None;
    let suggested = match head {
        // Then the first rows are all there are.
        Some((head, suggested)) if head.len() == frame.len() && head.columns() == frame.columns() => suggested,
        head => {
            checked_as = head.map(|(_, suggested)| suggested.mapping);
            suggest(&frame, request, step)?
        }
    };
    step(OpenStep::Read(&frame, &suggested));
    let is_right = checked_as.is_none_or(|mapping| mapping == suggested.mapping);
    let edits = unguard(&frame)?;
    let checked = match checked.filter(|_| is_right && edits.is_empty()) {
        Some(checked) => checked,
        None => check::check_by(&request.levels, &frame, &edits, &suggested.mapping, progress)?,
    };
    let repaired = fixed(&frame, &edits, &checked)?;
    Ok(Opened {
        frame,
        suggested,
        edits,
        checked,
        repaired,
    })
}

/// Fails when a column that is named is in none of the tables. Those that cannot be opened are passed over: they say so
/// when they are.
pub fn ensure_columns(sources: &[DataSource], request: &OpenRequest, progress: &Progress) -> Result<(), OpenError> {
    let OpenRequest { options, choices, .. } = request;
    if choices.is_empty() {
        return Ok(());
    }
    let heads: Vec<Frame> = sources
        .iter()
        .filter_map(|source| source.open_head(options).ok())
        .collect();
    if choices.ensure_columns(&heads).is_ok() {
        return Ok(());
    }
    // A key of JSON may come up further down only.
    let all = sources
        .iter()
        .filter_map(|source| source.open(options, &(), progress).ok());
    let all: Vec<Frame> = all.map(|(frame, ())| frame).collect();
    Ok(choices.ensure_columns(&all)?)
}

/// What a table is, as far as the rows that are there tell.
pub fn suggest(frame: &Frame, request: &OpenRequest, step: &dyn Fn(OpenStep<'_>)) -> Result<Suggested, OpenError> {
    let given = match &request.recipe {
        RecipeSource::Given(recipe) => Some(recipe.mapping.dataset),
        RecipeSource::None | RecipeSource::Kept(_) => None,
    };
    let mut suggested = check::suggest(frame, &Edits::default(), request.dataset.or(given))?;
    let kept;
    let recipe = match &request.recipe {
        RecipeSource::None => None,
        RecipeSource::Given(recipe) => Some(&**recipe),
        RecipeSource::Kept(paths) => {
            kept = recipes::find(paths, frame.columns()).unwrap_or_else(|error| {
                step(OpenStep::RecipeFailed(error));
                None
            });
            kept.as_ref()
        }
    };
    let is_of = |recipe: &&Recipe| request.dataset.is_none_or(|dataset| dataset == recipe.mapping.dataset);
    if let Some(recipe) = recipe.filter(is_of) {
        suggested.by_recipe(frame.columns(), recipe);
    }
    if let Some(question) = suggested.question().filter(|_| request.must_be_certain) {
        return Err(OpenError::Undecided {
            file: frame.path().display().to_string(),
            question: Box::new(question.clone()),
        });
    }
    request.choices.apply(frame, &mut suggested.mapping)?;
    Ok(suggested)
}
