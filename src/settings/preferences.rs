//! How a person likes it.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};

use super::{ColumnLayouts, Paths, SettingsError, file};
use crate::{
    domain::{
        dataset::Dataset,
        rules::{Level, Levels, Rule},
    },
    upload::{BatchLimits, Retention, USUAL_SAMPLE},
};

const RECENT: usize = 12;

/// Light, dark, or as the system has it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// How much room a row of the table has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Density {
    /// As many rows as can be read.
    Compact,
    /// As many as can be read with ease.
    #[default]
    Normal,
    /// With room between them.
    Roomy,
}

/// How much room a person gives the panels at the edges, in points, and which of them are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PanelSizes {
    /// Width of the list of files.
    pub sidebar: u16,
    /// Height of the problems.
    pub problems: u16,
    /// Width of the record beside the table.
    pub inspector: u16,
    /// Whether the problems are shown.
    pub shows_problems: bool,
    /// Whether the record is shown.
    pub shows_inspector: bool,
}

/// How large the window is, in points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct WindowSize {
    /// Its width, unless it is maximized.
    pub width: u16,
    /// Its height, unless it is maximized.
    pub height: u16,
    /// Whether it fills the screen.
    pub is_maximized: bool,
}

impl Default for WindowSize {
    fn default() -> Self {
        Self {
            width: 1280,
            height: 800,
            is_maximized: false,
        }
    }
}

impl Default for PanelSizes {
    fn default() -> Self {
        Self {
            sidebar: 190,
            problems: 110,
            inspector: 300,
            shows_problems: true,
            shows_inspector: true,
        }
    }
}

/// What a person chose; everything has a default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preferences {
    /// Light or dark.
    pub theme: Theme,
    /// Whether in colours of high contrast.
    pub high_contrast: bool,
    /// The panels at the edges.
    pub panels: PanelSizes,
    /// The window.
    pub window: WindowSize,
    /// The rows of tables.
    pub density: Density,
    /// The columns of tables.
    pub layouts: ColumnLayouts,
    /// The level of every rule.
    pub levels: Levels,
    /// How long it is kept what uploads replaced.
    pub retention: Retention,
    /// Whether files that were open without changes are opened again at the next start.
    pub restore_session: bool,
    /// How many records of an upload are read back at its end; `None`: as many as usual.
    read_back: Option<usize>,
    recent: Vec<PathBuf>,
    recent_recipes: Vec<PathBuf>,
    limits: BTreeMap<Dataset, BatchLimits>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct PreferencesFile {
    theme: Theme,
    high_contrast: bool,
    panels: PanelSizes,
    window: WindowSize,
    density: Density,
    column_layouts: ColumnLayouts,
    recent_files: Vec<PathBuf>,
    recent_recipes: Vec<PathBuf>,
    /// Whether files that were open are opened again.
    restore_session: Option<bool>,
    batches: BTreeMap<String, Batches>,
    /// The rules that weigh differently than usual.
    rules: BTreeMap<String, String>,
    /// In days, or always.
    keep_replaced: Option<String>,
    read_back: Option<usize>,
}

#[derive(Serialize, Deserialize)]
struct Batches {
    records: usize,
    bytes: usize,
}

impl Preferences {
    /// Reads the preferences; without a file they are the defaults.
    pub fn load(paths: &Paths) -> Result<Self, SettingsError> {
        let document = file::read::<PreferencesFile>(&paths.preferences())?.unwrap_or_default();
        let limits = document
            .batches
            .into_iter()
            .filter_map(|(name, Batches { records, bytes })| {
                let dataset = name.parse().ok()?;
                Some((dataset, BatchLimits { records, bytes }))
            });
        let mut levels = Levels::default();
        for (name, level) in &document.rules {
            let level = Level::ALL.into_iter().find(|known| known.name() == level);
            if let (Some(rule), Some(level)) = (Rule::named(name), level) {
                // What another version calls a rule, or lets one choose, is no reason not to start.
                levels.set(rule, level).ok();
            }
        }
        let retention = match document.keep_replaced {
            // What another version calls something is kept, not deleted.
            Some(written) => written.parse().unwrap_or(Retention(None)),
            None => Retention::default(),
        };
        Ok(Self {
            theme: document.theme,
            high_contrast: document.high_contrast,
            panels: document.panels,
            window: document.window,
            density: document.density,
            layouts: document.column_layouts,
            levels,
            retention,
            read_back: document.read_back,
            restore_session: document.restore_session.unwrap_or(true),
            recent: document.recent_files,
            recent_recipes: document.recent_recipes,
            limits: limits.collect(),
        })
    }

    /// Changes the preferences as they are kept at this moment, and keeps them; no other process or thread changes them
    /// meanwhile.
    ///
    /// # Errors
    /// When they cannot be read or kept; then nothing is changed.
    pub fn change(paths: &Paths, change: impl FnOnce(&mut Self)) -> Result<(), SettingsError> {
        let _lock = file::lock(&paths.preferences())?;
        let mut preferences = Self::load(paths)?;
        change(&mut preferences);
        preferences.save(paths)
    }

    /// Keeps the preferences.
    fn save(&self, paths: &Paths) -> Result<(), SettingsError> {
        let batches = self
            .limits
            .iter()
            .map(|(dataset, &BatchLimits { records, bytes })| (dataset.name().to_owned(), Batches { records, bytes }));
        let document = PreferencesFile {
            theme: self.theme,
            high_contrast: self.high_contrast,
            panels: self.panels,
            window: self.window,
            density: self.density,
            column_layouts: self.layouts.clone(),
            recent_files: self.recent.clone(),
            recent_recipes: self.recent_recipes.clone(),
            restore_session: Some(self.restore_session),
            batches: batches.collect(),
            rules: self
                .levels
                .changed()
                .map(|(rule, level)| (rule.name().to_owned(), level.name().to_owned()))
                .collect(),
            read_back: self.read_back,
            keep_replaced: (self.retention != Retention::default()).then(|| self.retention.to_string()),
        };
        file::write(&paths.preferences(), &document)
    }

    /// The files opened last, the latest first.
    pub fn recent(&self) -> &[PathBuf] {
        &self.recent
    }

    /// Notes that a file was opened.
    pub fn opened(&mut self, path: &Path) {
        put_on_top(&mut self.recent, path);
    }

    /// The recipes that were read or written last, the latest first.
    pub(crate) fn recent_recipes(&self) -> &[PathBuf] {
        &self.recent_recipes
    }

    /// Notes that a recipe was read or written.
    pub(crate) fn used_recipe(&mut self, path: &Path) {
        put_on_top(&mut self.recent_recipes, path);
    }

    /// How many records of an upload are read back at its end.
    pub fn read_back(&self) -> usize {
        self.read_back.unwrap_or(USUAL_SAMPLE)
    }

    /// How much of a data set goes into one request.
    pub fn limits(&self, dataset: Dataset) -> BatchLimits {
        self.limits
            .get(&dataset)
            .copied()
            .unwrap_or(BatchLimits::recommended(dataset))
    }
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::default(),
            high_contrast: false,
            panels: PanelSizes::default(),
            window: WindowSize::default(),
            density: Density::default(),
            layouts: ColumnLayouts::default(),
            levels: Levels::default(),
            retention: Retention::default(),
            restore_session: true,
            read_back: None,
            recent: Vec::new(),
            recent_recipes: Vec::new(),
            limits: BTreeMap::new(),
        }
    }
}

/// Puts a path on top of a list of recent ones.
pub(crate) fn put_on_top(recent: &mut Vec<PathBuf>, path: &Path) {
    recent.retain(|other| other != path);
    recent.insert(0, path.to_owned());
    recent.truncate(RECENT);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::ColumnLayout;

    #[test]
    fn preferences_are_kept() -> Result<(), SettingsError> {
        let directory = tempfile::tempdir().map_err(|_| SettingsError::NoHome)?;
        let paths = Paths::under(directory.path());
        let mut preferences = Preferences::load(&paths)?;
        assert_eq!(preferences.limits(Dataset::Users).records, 100);
        assert_eq!(preferences.read_back(), 5);
        preferences.read_back = Some(0);
        preferences.theme = Theme::Dark;
        preferences.panels.inspector = 400;
        preferences.density = Density::Compact;
        let mut layout = ColumnLayout::default();
        layout.set_width(1, 99);
        preferences.layouts.set(&["a".to_owned(), "b".to_owned()], &layout);
        preferences.levels.set(Rule::Markup, Level::Off).ok();
        preferences.retention = Retention(None);
        for number in 0..20 {
            preferences.opened(Path::new(&format!("{}.csv", number % 15)));
        }
        preferences.limits.insert(
            Dataset::Users,
            BatchLimits {
                records: 7,
                bytes: 1000,
            },
        );
        preferences.save(&paths)?;
        let loaded = Preferences::load(&paths)?;
        assert_eq!(loaded, preferences);
        assert_eq!((loaded.levels.level(Rule::Markup), loaded.read_back()), (Level::Off, 0));
        assert_eq!(
            (loaded.recent().len(), loaded.recent().first().map(PathBuf::as_path)),
            (12, Some(Path::new("4.csv")))
        );
        Ok(())
    }

    /// The window keeps the size of its panels while a file that is opened becomes a recent one.
    #[test]
    fn changes_at_the_same_time_are_all_kept() -> Result<(), SettingsError> {
        let directory = tempfile::tempdir().map_err(|_| SettingsError::NoHome)?;
        let paths = Paths::under(directory.path());
        std::thread::scope(|scope| {
            for number in 0..8 {
                let paths = &paths;
                scope.spawn(move || {
                    let path = format!("{number}.csv");
                    Preferences::change(paths, |preferences| preferences.opened(Path::new(&path)))
                });
            }
        });
        assert_eq!(Preferences::load(&paths)?.recent().len(), 8);
        Ok(())
    }
}
