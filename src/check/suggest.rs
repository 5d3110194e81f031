//! What a table's own rows suggest about its columns: where they go, and how their values are to be rewritten.

use std::ops::ControlFlow;

use rayon::iter::{IntoParallelIterator as _, ParallelIterator as _};

use super::CHUNK_ROWS;
use crate::{
    domain::{
        dataset::Dataset,
        mapping::{CustomType, Mapping, Target},
        progress::Progress,
        proposal::Proof,
        recipe::{Applied, Recipe},
        recognition::{self, Guess, Recognition},
        record::Part,
        rules::SeenTypes,
        sampled::Sampled,
        transform::Transform,
    },
    frame::{Edits, Frame, FrameError},
};

/// Rows looked at from the beginning.
const FIRST_ROWS: u32 = 400;
/// Stretches of rows looked at further on.
const STRETCHES: u32 = 24;
/// Rows of a stretch.
const STRETCH_ROWS: u32 = 25;
/// Cells looked at: of a table with more than 1,000 columns, fewer rows are.
const MOST_CELLS: usize = 1_000_000;
/// Rows looked at however many columns there are.
const LEAST_ROWS: u32 = 40;

/// What a table was found to be.
#[derive(Clone, Debug)]
pub struct Suggested {
    /// Where its columns go.
    pub mapping: Mapping,
    /// Some values of its columns, in column order.
    pub samples: Vec<Sampled>,
    /// The recipe that the mapping is by, when there was one.
    pub recipe: Option<Applied>,
    /// How the data set was recognised; `None` when it was given.
    pub recognition: Option<Recognition>,
}

impl Suggested {
    /// What is to be asked before anything is sent: the data sets the table may hold, when it is not certain which.
    pub fn question(&self) -> Option<&Recognition> {
        self.recognition.as_ref().filter(|recognition| !recognition.is_decided)
    }

    /// Maps the columns by a recipe.
    pub(crate) fn by_recipe(&mut self, columns: &[String], recipe: &Recipe) {
        let (mapping, differences) = recipe.apply(columns, &self.mapping);
        self.mapping = mapping;
        self.recognition = None;
        self.recipe = Some(recipe.applied(differences));
    }
}

/// Matches the columns of a table to the fields of a data set, or of the one they most probably hold, by their names
/// and by some of their values. [`Suggested::question`] says whether that is certain.
///
/// # Errors
/// When the file cannot be read or has changed.
pub fn suggest(frame: &Frame, edits: &Edits, dataset: Option<Dataset>) -> Result<Suggested, FrameError> {
    let samples = sample(frame, edits)?;
    let of_preset = frame.converted().and_then(|converted| converted.preset.dataset());
    let recognition = match (dataset, of_preset) {
        (Some(_), _) => None,
        // A preset for records of one kind knows what it reads.
        (None, Some(dataset)) => Some(certain(dataset)),
        (None, None) => Some(recognition::recognise(frame.columns(), &samples)),
    };
    let recognised = recognition.as_ref().map(Recognition::best);
    let dataset = dataset.or(recognised).unwrap_or(Dataset::Products);
    let mapping = Mapping::suggest_from(dataset, frame.columns(), frame.format().is_json(), &samples);
    Ok(Suggested {
        mapping,
        samples,
        recipe: None,
        recognition,
    })
}

/// The types that texts of attributes of one's own have, as far as a sample of each column tells; in column order.
pub(crate) fn likely_types(mapping: &Mapping, samples: &[Sampled]) -> Vec<CustomType> {
    let likely = |(column, sample): (usize, &Sampled)| {
        let mut seen = SeenTypes::default();
        for (row, (cell, _)) in (0..).zip(sample.values()) {
            seen.note(row, cell);
        }
        let chosen = mapping.targets.get(column).and_then(Target::chosen_type);
        seen.settle(chosen).0.text_type.unwrap_or(CustomType::Text)
    };
    samples.iter().enumerate().map(likely).collect()
}

fn certain(dataset: Dataset) -> Recognition {
    Recognition {
        guesses: vec![Guess {
            dataset,
            points: 0,
            reasons: Vec::new(),
        }],
        is_decided: true,
    }
}

/// Some values of every column: of the first rows, and of stretches all over the file.
fn sample(frame: &Frame, edits: &Edits) -> Result<Vec<Sampled>, FrameError> {
    let mut samples = vec![Sampled::default(); frame.columns().len()];
    let mut note = |rows: std::ops::Range<u32>| {
        frame.scan(rows, edits, &mut |_, cells| {
            for (sample, cell) in samples.iter_mut().zip(cells) {
                sample.note(*cell);
            }
            ControlFlow::Continue(())
        })
    };
    let most = u32::try_from(MOST_CELLS / frame.columns().len().max(1)).unwrap_or(u32::MAX);
    let most = most.max(LEAST_ROWS);
    let first = frame.len().min(FIRST_ROWS.min(most / 5 * 2));
    let stretch_rows = STRETCH_ROWS.min(most / 5 * 3 / STRETCHES).max(1);
    note(0..first)?;
    let rest = frame.len() - first;
    if rest <= STRETCHES * stretch_rows {
        note(first..frame.len())?;
    } else {
        let gap = rest / STRETCHES;
        for stretch in 0..STRETCHES {
            // The last one ends with the file.
            let start = if stretch + 1 == STRETCHES {
                frame.len() - stretch_rows
            } else {
                first + stretch * gap
            };
            note(start..start + stretch_rows)?;
        }
    }
    Ok(samples)
}

/// Counts over all rows how many values of columns fit their fields with certain transforms. Columns that are left
/// out are left out of the answer.
///
/// # Errors
/// When the file cannot be read or has changed, and when asked to stop.
pub fn prove(
    frame: &Frame,
    edits: &Edits,
    mapping: &Mapping,
    wanted: &[(usize, Transform)],
    progress: &Progress,
) -> Result<Vec<(usize, Transform, Proof)>, FrameError> {
    let part = |(column, transform): &(usize, Transform)| {
        let part = mapping.part_with(*column, Some(transform.clone()))?;
        Some((*column, part))
    };
    let parts: Vec<(usize, Part)> = wanted.iter().filter_map(part).collect();
    let chunks: Vec<Vec<Proof>> = (0..frame.len().div_ceil(CHUNK_ROWS))
        .into_par_iter()
        .map(|chunk| {
            if progress.is_cancelled() {
                return Err(FrameError::Cancelled);
            }
            let mut proofs = vec![Proof::default(); parts.len()];
            let rows = chunk * CHUNK_ROWS..frame.len().min((chunk + 1).saturating_mul(CHUNK_ROWS));
            frame.scan(rows, edits, &mut |_, cells| {
                for (proof, (column, part)) in proofs.iter_mut().zip(&parts) {
                    proof.note(part, cells.get(*column).copied().unwrap_or_default(), 1);
                }
                ControlFlow::Continue(())
            })?;
            Ok(proofs)
        })
        .collect::<Result<_, FrameError>>()?;
    let mut whole = vec![Proof::default(); parts.len()];
    for proofs in chunks {
        for (sum, proof) in whole.iter_mut().zip(proofs) {
            sum.append(proof);
        }
    }
    let proven = parts.into_iter().zip(whole).filter_map(|((column, part), mut proof)| {
        proof.is_exact = true;
        Some((column, part.transform?, proof))
    });
    Ok(proven.collect())
}
