//! The window: egui, and nothing that waits.
//!
//! - [`theme`]: every colour (`theme::tokens`), distance, text size and radius, for light, dark and high contrast
//! - [`fonts`]: the bundled faces and how they are found
//! - [`widgets`]: small pieces shared by all panels
//! - [`grid`]: the table of records
//! - [`app`]: the frame: events in, panels painted, actions out
//! - [`keys`]: what menus and shortcuts can do, in one table
//! - [`hindrance`]: why a command cannot be carried out now, for all of these
//! - [`palette`]: all commands and open files, found by their words
//! - [`panes`], [`mnemonics`]: going from pane to pane, and to the menus, by the keyboard
//! - [`menu`], [`nav`], [`empty`]: the bar at the top, the navigation, what stands where no file is open
//! - [`document`]: an opened file: its table, problems, inspector and upload
//! - [`columns`]: which column becomes which field
//! - [`stored`]: what is stored in the environment
//! - [`uploads`]: the uploads of this machine, and going on with them
//! - [`dialogs`]: questions and forms in front of everything else
//! - [`restored`]: what was restored at the start
//! - [`running`]: an upload or an undo while it runs
//! - [`jobs`]: what is under way, how far it is, and what ends it
//! - [`json`], [`parts`]: pieces of these
//! - [`toasts`]: messages, which go by themselves or stay
//! - [`files`]: the system's file dialogs, and dropped files
//! - [`gallery`]: all small pieces by themselves, for pictures of them

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "distances on screen are small, and rows are exact in an f64 up to 2^53"
)]

pub mod app;
pub mod columns;
pub mod dialogs;
pub(crate) mod document;
pub(crate) mod empty;
pub mod files;
pub(crate) mod fonts;
pub mod gallery;
pub mod grid;
mod hindrance;
pub mod jobs;
pub(crate) mod json;
pub(crate) mod keys;
pub(crate) mod menu;
mod mnemonics;
pub(crate) mod nav;
mod palette;
mod panes;
#[cfg(test)]
mod panic_test;
pub(crate) mod parts;
mod quit;
mod restored;
pub(crate) mod running;
pub mod stored;
pub mod theme;
mod toasts;
mod typed_path;
pub(crate) mod uploads;
pub(crate) mod widgets;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use eframe::egui::ViewportBuilder;

use self::{
    app::App,
    files::{Purpose, SystemDialogs},
    keys::MenuCommand,
};
use crate::{
    ops::handover::{self, StartOutcome},
    session::Action,
    settings::{Density, Paths, Preferences, SettingsError, Theme},
    work::Backend,
};

/// What a person asked for while the panels were painted; carried out afterwards.
#[derive(Debug, Default)]
pub struct UiRequests {
    /// Changes of the session.
    pub actions: Vec<Action>,
    /// Menu commands, which may concern the window as well.
    pub(crate) menu_commands: Vec<MenuCommand>,
    /// File dialogs to open, each with the proposed name of a new file.
    pub files: Vec<(Purpose, String)>,
    /// Messages to show.
    pub notices: Vec<String>,
    /// The theme that was chosen.
    pub theme: Option<Theme>,
    /// The height of rows that was chosen.
    pub density: Option<Density>,
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
pub enum WindowError {
    /// There is no place for settings.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// There is no display, or no thread for the work.
    #[error("the window cannot open: {0}; tatami --help lists what works without one")]
    Open(#[from] eframe::Error),
}

/// What desktops know the app by: the id of the window, of the desktop entry, the metainfo and the icons in
/// `assets/desktop`. Settings and ledgers have folders of their own names, which stay.
pub const APP_ID: &str = "io.github.tatami_authors.Tatami";

/// Opens the window with these files, and returns when it is closed; unless one is open already that takes them, and this
/// start wants none of its own.
///
/// # Errors
/// When there is no display, no place for settings, or no thread for the work.
pub fn run(files: Vec<PathBuf>, wants_own: bool) -> Result<ExitCode, WindowError> {
    let paths = Paths::find()?;
    let reception = match handover::start(&paths, &files, wants_own) {
        StartOutcome::HandedOver => return Ok(ExitCode::SUCCESS),
        StartOutcome::Own(reception) => reception,
    };
    let window = Preferences::load(&paths).unwrap_or_default().window;
    // A window without its icon is still a window.
    let icon =
        eframe::icon_data::from_png_bytes(include_bytes!("../../assets/desktop/icons/256.png")).unwrap_or_default();
    let options = eframe::NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title("Tatami")
            .with_app_id(APP_ID)
            .with_inner_size([f32::from(window.width), f32::from(window.height)])
            .with_maximized(window.is_maximized)
            .with_min_inner_size([900.0, 600.0])
            .with_icon(icon)
            .with_drag_and_drop(true),
        renderer: eframe::Renderer::Glow,
        ..eframe::NativeOptions::default()
    };
    let build: eframe::AppCreator<'_> = Box::new(move |cc| {
        let ctx = cc.egui_ctx.clone();
        let backend = Backend::start_with(paths.clone(), reception, Arc::new(move || ctx.request_repaint()))?;
        let dialogs = Box::new(SystemDialogs::default());
        let mut app = App::new(&cc.egui_ctx, backend, dialogs, Some(paths), files);
        app.take_drops(files::are_passed_on());
        Ok(Box::new(app))
    });
    eframe::run_native("tatami", options, build)?;
    Ok(ExitCode::SUCCESS)
}
