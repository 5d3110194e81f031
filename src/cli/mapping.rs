//! What the arguments say about the columns of files: a recipe, and choices that change it.

use std::path::{Path, PathBuf};

use super::{failure::Failure, text};
use crate::{
    check::{self, Suggested},
    domain::{
        dataset::Dataset,
        mapping::{Mapping, written},
        recipe::Recipe,
        transform::Transform,
    },
    frame::{Edits, Frame, OpenOptions},
    settings::recipes,
};

/// Where the columns go.
#[derive(Debug, Default, clap::Args)]
pub(super) struct MappingArgs {
    /// What the files hold: products, interactions or users [default: recognised from the columns]
    #[arg(long, value_name = "DATASET")]
    dataset: Option<Dataset>,
    /// Map the columns by a recipe; --map, --drop and --transform change it
    #[arg(long, value_name = "FILE", conflicts_with = "dataset")]
    recipe: Option<PathBuf>,
    /// Send a column to a field; a custom attribute can be given a type: text, number, boolean or list
    #[arg(long = "map", value_name = "COLUMN=FIELD[:TYPE]")]
    maps: Vec<String>,
    /// Leave a column out
    #[arg(long = "drop", value_name = "COLUMN")]
    drops: Vec<String>,
    /// Rewrite a column's values, such as price=decimal-comma; a field without a column takes FIELD=constant:VALUE
    /// (tatami explain transforms)
    #[arg(long = "transform", value_name = "COLUMN=TRANSFORM")]
    transforms: Vec<String>,
}

impl MappingArgs {
    /// Whether the data set is to be recognised rather than given.
    pub(super) const fn is_recognised(&self) -> bool {
        self.dataset.is_none() && self.recipe.is_none()
    }

    /// Whether nothing is chosen.
    pub(super) const fn is_plain(&self) -> bool {
        self.is_recognised() && self.maps.is_empty() && self.drops.is_empty() && self.transforms.is_empty()
    }

    /// The recipe as it was given: a file, or a name.
    pub(super) const fn recipe_file(&self) -> Option<&PathBuf> {
        self.recipe.as_ref()
    }

    /// The recipe given.
    fn recipe(&self) -> Result<Option<Recipe>, Failure> {
        Ok(self.recipe.as_deref().map(recipes::read).transpose()?)
    }

    /// How files are read: as the options say, and beyond them as the recipe does.
    pub(super) fn read_options(&self, options: OpenOptions) -> Result<OpenOptions, Failure> {
        let Some(recipe) = self.recipe()? else {
            return Ok(options);
        };
        let path = self.recipe.as_deref().unwrap_or(Path::new("")).display().to_string();
        options
            .or_recipe(&recipe.read)
            .map_err(|reason| Failure::said(format!("{path} cannot be used: {reason}")))
    }

    /// Fails when a column that is named is in none of the files.
    pub(super) fn check_names(&self, frames: &[Frame]) -> Result<(), Failure> {
        let Some(first) = frames.first() else {
            return Ok(());
        };
        let is_nowhere = |column: &str| frames.iter().all(|frame| frame.column(column).is_none());
        let columns = first.columns();
        let mut mapping = self.likeliest(first)?.mapping;
        for choice in &self.maps {
            if !choice.contains('=') || is_nowhere(map_column(choice)) {
                mapping.choose_written(columns, choice)?;
            }
        }
        for column in self.drops.iter().filter(|column| is_nowhere(column)) {
            mapping.drop_column(columns, column)?;
        }
        for choice in &self.transforms {
            let is_here = |frame: &Frame| transformed(frame, choice).is_some();
            if !is_constant(choice) && !frames.iter().any(is_here) {
                mapping.transform_written(columns, choice)?;
            }
        }
        Ok(())
    }

    /// What the columns of a file are taken for. What the file and the recipe do not have in common is said.
    pub(super) fn apply(&self, frame: &Frame) -> Result<Suggested, Failure> {
        self.apply_or(frame, None)
    }

    /// What the columns of a file are taken for, by a recipe that is kept for it where there is one.
    pub(super) fn apply_or(&self, frame: &Frame, kept: Option<&Recipe>) -> Result<Suggested, Failure> {
        let mut suggested = self.suggested(frame, kept)?;
        if let Some(differences) = suggested
            .recipe
            .as_ref()
            .and_then(|recipe| recipe.differences.sentence())
        {
            text::remark(&format!("{}: {differences}", frame.path().display()));
        }
        self.change(frame, &mut suggested.mapping)?;
        Ok(suggested)
    }

    fn change(&self, frame: &Frame, mapping: &mut Mapping) -> Result<(), Failure> {
        let columns = frame.columns();
        for choice in &self.maps {
            let column = map_column(choice);
            if let Some(name) = own_name(frame, column) {
                let rest = choice.get(column.len()..).unwrap_or_default();
                mapping.choose_written(columns, &format!("{name}{rest}"))?;
            }
        }
        for name in self.drops.iter().filter_map(|column| own_name(frame, column)) {
            mapping.drop_column(columns, name)?;
        }
        for choice in &self.transforms {
            match transformed(frame, choice) {
                Some((name, rest)) => mapping.transform_written(columns, &format!("{name}={rest}"))?,
                None if is_constant(choice) => mapping.transform_written(columns, choice)?,
                None => {}
            }
        }
        Ok(())
    }

    /// What a file is taken for; a data set that is neither given nor certain is asked for.
    fn suggested(&self, frame: &Frame, kept: Option<&Recipe>) -> Result<Suggested, Failure> {
        let mut suggested = self.likeliest(frame)?;
        if let Some(kept) = kept {
            suggested.by_recipe(frame.columns(), kept);
        }
        match suggested.question() {
            Some(question) => Err(Failure::Undecided {
                file: frame.path().display().to_string(),
                question: Box::new(question.clone()),
            }),
            None => Ok(suggested),
        }
    }

    fn likeliest(&self, frame: &Frame) -> Result<Suggested, Failure> {
        let recipe = self.recipe()?;
        let dataset = self
            .dataset
            .or_else(|| recipe.as_ref().map(|recipe| recipe.mapping.dataset));
        let mut suggested = check::suggest(frame, &Edits::default(), dataset)?;
        if let Some(recipe) = recipe {
            suggested.by_recipe(frame.columns(), &recipe);
        }
        Ok(suggested)
    }
}

/// Whether a transform as it is written gives a field the same value in every record.
fn is_constant(choice: &str) -> bool {
    let written = choice.split_once('=').map(|(_, written)| written.parse());
    matches!(written, Some(Ok(Transform::Constant(_))))
}

/// The column that a choice such as `price=decimal-comma` names, as the file calls it, and what follows.
fn transformed<'a>(frame: &'a Frame, choice: &'a str) -> Option<(&'a str, &'a str)> {
    if let Some((column, rest)) = written::column_of(frame.columns(), choice) {
        return Some((frame.columns().get(column)?, rest));
    }
    let (column, rest) = choice.split_once('=')?;
    Some((own_name(frame, column)?, rest))
}

/// What a column is called that somebody named.
fn own_name<'f>(frame: &'f Frame, column: &str) -> Option<&'f str> {
    let column = frame.column(column)?;
    frame.columns().get(column as usize).map(String::as_str)
}

fn map_column(choice: &str) -> &str {
    choice.rsplit_once('=').map_or(choice, |(column, _)| column)
}
