//! What the arguments say about the columns of files: a recipe, and choices that change it.

use std::path::PathBuf;

use super::{failure::Failure, text};
use crate::{
    check::Suggested,
    domain::{dataset::Dataset, rules::Levels},
    frame::{Frame, OpenOptions},
    ops::open::{ColumnChoices, OpenRequest, RecipeSource},
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
    /// What the files are said to hold.
    pub(super) const fn dataset(&self) -> Option<Dataset> {
        self.dataset
    }

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

    /// How files are opened: read as the options say, and beyond them as the recipe does.
    pub(super) fn request(&self, options: OpenOptions) -> Result<OpenRequest, Failure> {
        let recipe = self
            .recipe
            .as_deref()
            .map(|path| Ok::<_, Failure>((path, recipes::read(path)?)));
        let (options, levels, recipe) = match recipe.transpose()? {
            None => (options, Levels::default(), RecipeSource::None),
            Some((path, recipe)) => {
                let options = options
                    .or_recipe(&recipe.read)
                    .map_err(|reason| Failure::said(format!("{} cannot be used: {reason}", path.display())))?;
                (options, recipe.levels, RecipeSource::Given(Box::new(recipe)))
            }
        };
        Ok(OpenRequest {
            options,
            dataset: self.dataset,
            recipe,
            choices: ColumnChoices {
                maps: self.maps.clone(),
                drops: self.drops.clone(),
                transforms: self.transforms.clone(),
            },
            levels,
            must_be_certain: true,
        })
    }
}

/// Says what a file and the recipe it is mapped by do not have in common.
pub(super) fn remark_differences(frame: &Frame, suggested: &Suggested) {
    let recipe = suggested.recipe.as_ref();
    if let Some(differences) = recipe.and_then(|recipe| recipe.differences.sentence()) {
        text::remark(&format!("{}: {differences}", frame.path().display()));
    }
}
