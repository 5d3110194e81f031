//! The window's frame: events in, panels painted, actions out.

mod clocks;
mod lasting;
mod perform;

use std::{
    path::PathBuf,
    thread,
    time::{Duration, Instant, SystemTime},
};

use eframe::{
    App as EframeApp,
    egui::{CentralPanel, Context, Frame, Id, Margin, Panel, Popup, ThemePreference, Ui, Vec2, ViewportCommand},
};

use clocks::Clocks;

use super::{
    UiRequests, dialogs, document, empty,
    files::{self, FileDialogs, Purpose},
    jobs::{self, JobsUi},
    keys, menu, nav,
    palette::Palette,
    panes::{self, Pane, PanesUi},
    parts, quit, restored, stored,
    theme::{self, Tokens, space},
    toasts::Toasts,
    typed_path::{TypedPath, Typing},
    uploads,
};
use crate::{
    domain::ids::DocumentId,
    message::{Command, Event},
    session::{Action, Document, MappingAction, Place, Session, TableAction, UploadAction},
    settings::{ColumnLayouts, Density, PanelSizes, Paths, Preferences, Theme, WindowSize},
    work::Backend,
};

/// How long a frame may spend on events.
const BUDGET: Duration = Duration::from_millis(10);
/// How often a running upload is repainted.
const PACE: Duration = Duration::from_millis(100);

/// In milliseconds.
const MINUTE: u64 = 60_000;

/// What the sidebar leaves to the rest, in points.
const CENTRE: f32 = 520.0;
/// So long that nobody waits for it, in seconds.
const NEVER: f32 = 1e6;

/// The window.
pub struct App {
    session: Session,
    backend: Backend,
    dialogs: Box<dyn FileDialogs>,
    paths: Option<Paths>,
    theme: Theme,
    high_contrast: bool,
    /// The panels' sizes as they are kept.
    kept_sizes: PanelSizes,
    /// The columns' layouts as they are kept.
    kept_layouts: ColumnLayouts,
    title: String,
    document: document::DocumentUi,
    stored: stored::StoredUi,
    uploads: uploads::UploadsUi,
    dialog: dialogs::DialogsUi,
    typed_path: Option<TypedPath>,
    palette: Option<Palette>,
    /// What has the keyboard again after the palette.
    returns_to: Option<Id>,
    toasts: Toasts,
    jobs: JobsUi,
    panes: PanesUi,
    quitting: Quitting,
    /// The window closes once this document was, with a copy of it saved.
    quits_after: Option<DocumentId>,
    cover: Cover,
    clocks: Clocks,
    tooltips_rest: bool,
    /// Whether the window system passes dropped files on.
    takes_drops: bool,
    /// Since when something is not kept for the next start.
    unsaved_since: Option<Instant>,
    /// How large the window is, to be so at the next start.
    window: WindowSize,
}

/// Whether something stands in front of the table: a dialog, a menu or another popup.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cover {
    No,
    There,
    /// It has gone just now.
    Gone,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quitting {
    No,
    Asked,
    Sure,
}

impl App {
    /// A window over a background. `paths` is where the choice of light or dark is kept; `files` are opened at once.
    pub fn new(
        ctx: &Context,
        backend: Backend,
        dialogs: Box<dyn FileDialogs>,
        paths: Option<Paths>,
        files: Vec<PathBuf>,
    ) -> Self {
        theme::install(ctx);
        let preferences = paths.as_ref().and_then(|paths| Preferences::load(paths).ok());
        let Preferences {
            theme,
            high_contrast,
            panels,
            window,
            density,
            layouts,
            ..
        } = preferences.unwrap_or_default();
        let mut app = Self {
            session: Session::default(),
            backend,
            dialogs,
            paths,
            theme,
            high_contrast,
            kept_sizes: panels,
            kept_layouts: layouts.clone(),
            title: String::new(),
            document: document::DocumentUi::default(),
            stored: stored::StoredUi::default(),
            uploads: uploads::UploadsUi::default(),
            dialog: dialogs::DialogsUi::default(),
            typed_path: None,
            palette: None,
            returns_to: None,
            toasts: Toasts::default(),
            jobs: JobsUi::default(),
            panes: PanesUi::default(),
            quitting: Quitting::No,
            quits_after: None,
            cover: Cover::No,
            clocks: Clocks::new(),
            tooltips_rest: false,
            takes_drops: true,
            unsaved_since: None,
            window,
        };
        app.document.sizes = panels;
        app.document.panels.problems = panels.shows_problems;
        app.document.panels.inspector = panels.shows_inspector;
        app.document.density = density;
        app.document.layouts = layouts;
        // The fallback where the system does not tell.
        ctx.options_mut(|options| options.fallback_theme = eframe::egui::Theme::Light);
        ctx.set_theme(preference(app.theme));
        theme::set_contrast(ctx, high_contrast);
        app.chosen(Purpose::Open, files);
        app
    }

    /// Says whether the window system passes dropped files on.
    pub const fn take_drops(&mut self, takes_drops: bool) {
        self.takes_drops = takes_drops;
    }

    /// The state that the window shows.
    pub const fn session(&self) -> &Session {
        &self.session
    }

    /// Applies an action.
    pub fn act(&mut self, action: Action) {
        let commands = self.session.act(action);
        self.send(commands);
    }

    fn send(&mut self, commands: Vec<Command>) {
        for command in commands {
            if let Err(refused) = self.backend.send(command) {
                self.take_in(*refused);
            }
        }
    }

    fn take_in(&mut self, event: Event) {
        let commands = self.session.on(event);
        self.send(commands);
    }

    fn menu_view(&self) -> menu::MenuView {
        menu::MenuView {
            panels: self.document.panels,
            columns: self
                .session
                .document()
                .is_some_and(|shown| self.document.shows_columns(shown.id)),
            theme: self.theme,
            high_contrast: self.high_contrast,
            density: self.document.density,
            repairable: self
                .session
                .document()
                .map_or([false; 3], |shown| self.document.repairable(shown)),
            is_fillable: self
                .session
                .document()
                .is_some_and(|shown| self.document.is_fillable(shown)),
        }
    }

    fn panels(&mut self, ui: &mut Ui, requests: &mut UiRequests) {
        let tokens = Tokens::current(ui);
        let is_production = self.session.is_production();
        let bar = Frame::new()
            .fill(if is_production {
                tokens.production_bar
            } else {
                tokens.background
            })
            .inner_margin(Margin::symmetric(space::M as i8, 4));
        let view = self.menu_view();
        let shown = Panel::top("bar").frame(bar).show(ui, |ui| {
            panes::mark(ui, Pane::Toolbar);
            menu::show(ui, &self.session, view, requests);
        });
        if is_production {
            let place = shown.response.rect;
            let stroke = (2.0, tokens.production.mark);
            ui.painter().hline(place.x_range(), place.bottom() - 1.0, stroke);
        }
        let side = Frame::new()
            .fill(tokens.background)
            .inner_margin(Margin::same(space::S as i8));
        let drawn = (&mut self.document.sizes.sidebar, 170.0..380.0, Vec2::X);
        parts::resizable(Panel::left("navigation").frame(side), ui, drawn, CENTRE, |ui| {
            panes::mark(ui, Pane::Sidebar);
            // Its room is always kept, so that nothing moves when there are jobs.
            let jobs = Panel::bottom("jobs").frame(Frame::new()).exact_size(jobs::HEIGHT);
            jobs.show_separator_line(false).show(ui, |ui| {
                jobs::show(ui, &self.session, &mut self.jobs, requests);
            });
            nav::show(ui, &self.session, requests);
        });
        CentralPanel::default()
            .frame(Frame::new().fill(tokens.background))
            .show(ui, |ui| {
                self.place(ui, requests);
            });
    }

    fn place(&mut self, ui: &mut Ui, requests: &mut UiRequests) {
        panes::mark(ui, Pane::Table);
        restored::show(ui, &self.session, &mut requests.actions);
        uploads::offer(ui, &self.session, &mut requests.actions);
        match self.session.place {
            Place::Empty(dataset) => empty::show(ui, &self.session, dataset, self.takes_drops, requests),
            Place::Document(doc) => {
                let wanted = self.session.take_reveal(doc);
                if let Some(shown) = self.session.find(doc) {
                    if let Some((row, column)) = wanted {
                        self.document.go_to(shown, row, column);
                    }
                    document::show(ui, &self.session, shown, &mut self.document, requests);
                }
            }
            Place::Uploads => uploads::show(ui, &self.session, &mut self.uploads, requests),
            Place::Stored(_) => stored::show(ui, &self.session, &mut self.stored, &mut requests.actions),
        }
    }

    fn files_chosen(&mut self, ctx: &Context) {
        while let Some(answer) = self.dialogs.answer() {
            if answer.unavailable {
                let why = "This system shows no file dialogs here, so type the path instead";
                self.typed_path = Some(TypedPath::new(answer.purpose, Some(why)));
            } else {
                self.chosen(answer.purpose, answer.paths);
            }
        }
        let dropped = files::dropped(ctx);
        if !dropped.is_empty() {
            self.chosen(Purpose::Open, dropped);
        }
    }

    fn chosen(&mut self, purpose: Purpose, paths: Vec<PathBuf>) {
        match purpose {
            Purpose::Open if !paths.is_empty() => {
                // Files that are remembered must be found again from anywhere.
                let absolute = |path: PathBuf| std::path::absolute(&path).unwrap_or(path);
                self.act(Action::Open(paths.into_iter().map(absolute).collect()));
            }
            Purpose::Open => {}
            Purpose::SaveCopy(doc) => {
                if let Some(path) = paths.into_iter().next() {
                    self.act(Action::Table(doc, TableAction::SaveCopy(path)));
                }
            }
            Purpose::SaveCopyAndClose(doc) | Purpose::SaveCopyAndQuit(doc) => {
                if let Some(path) = paths.into_iter().next() {
                    self.act(Action::Table(doc, TableAction::SaveCopyAndClose(path)));
                    self.quits_after = matches!(purpose, Purpose::SaveCopyAndQuit(_)).then_some(doc);
                }
            }
            Purpose::SaveRecipe(doc) => {
                if let Some(path) = paths.into_iter().next() {
                    self.act(Action::Mapping(doc, MappingAction::ExportRecipe(path)));
                }
            }
            Purpose::OpenRecipe(doc) => {
                if let Some(path) = paths.into_iter().next() {
                    self.act(Action::Mapping(doc, MappingAction::ImportRecipe(path)));
                }
            }
            Purpose::Export(doc) => {
                if let Some(path) = paths.into_iter().next() {
                    self.act(Action::Table(doc, TableAction::ExportProblems(path)));
                }
            }
            Purpose::Report(doc, what) => {
                if let Some(path) = paths.into_iter().next() {
                    self.act(Action::Upload(UploadAction::SaveReport(doc, what, path)));
                }
            }
            Purpose::PastReport(upload, what) => {
                if let Some(path) = paths.into_iter().next() {
                    self.act(Action::Upload(UploadAction::SavePastReport(upload, what, path)));
                }
            }
        }
    }

    fn typed_path(&mut self, ctx: &Context) {
        let Some(typed) = &mut self.typed_path else {
            return;
        };
        let purpose = typed.purpose;
        match typed.show(ctx) {
            Typing::Goes => {}
            Typing::Cancelled => self.typed_path = None,
            Typing::Done(path) => {
                self.typed_path = None;
                self.chosen(purpose, vec![path]);
            }
        }
    }

    fn guard_quit(&mut self, ctx: &Context) {
        let asked = ctx.input(|input| input.viewport().close_requested());
        let mut is_new = false;
        if asked && self.quitting != Quitting::Sure && (self.session.is_busy() || self.session.is_changed()) {
            ctx.send_viewport_cmd(ViewportCommand::CancelClose);
            is_new = self.quitting != Quitting::Asked;
            self.quitting = Quitting::Asked;
        }
        if self.quitting != Quitting::Asked {
            return;
        }
        match quit::ask(ctx, &self.session, is_new) {
            Some(quit::Decision::Quit) => {
                self.quitting = Quitting::Sure;
                ctx.send_viewport_cmd(ViewportCommand::Close);
            }
            Some(quit::Decision::SaveCopy(doc)) => {
                self.quitting = Quitting::No;
                let name = self.session.find(doc).map(files::copy_name).unwrap_or_default();
                self.dialogs.ask(ctx, Purpose::SaveCopyAndQuit(doc), &name);
            }
            Some(quit::Decision::Stay) => self.quitting = Quitting::No,
            None => {}
        }
    }

    /// Goes on quitting once the copy is saved; not when that failed.
    fn quit_after_copy(&mut self, ctx: &Context) {
        let Some(doc) = self.quits_after else { return };
        let document = self.session.find(doc);
        if document.is_none() {
            ctx.send_viewport_cmd(ViewportCommand::Close);
        }
        if !document.is_some_and(Document::closes_after_copy) {
            self.quits_after = None;
        }
    }

    /// Gives the keyboard back to the table when what was in front of it is gone and nobody else has it.
    fn return_focus(&mut self, ctx: &Context) {
        let is_covered = self.session.dialog.is_some()
            || self.typed_path.is_some()
            || self.palette.is_some()
            || self.quitting == Quitting::Asked
            || Popup::is_any_open(ctx);
        match self.cover {
            _ if is_covered => self.cover = Cover::There,
            Cover::No => {}
            // What had the focus in it is forgotten at the end of the frame that does not show it any more.
            Cover::There => {
                self.cover = Cover::Gone;
                ctx.request_repaint();
            }
            Cover::Gone => {
                self.cover = Cover::No;
                let shown = self.session.document();
                let shown = shown.filter(|shown| !self.document.shows_columns(shown.id));
                let is_free = ctx.memory(|memory| memory.focused().is_none());
                if let Some(document) = shown.filter(|_| is_free) {
                    self.document.take_focus(document.id);
                    ctx.request_repaint();
                }
            }
        }
    }

    fn choose_theme(&mut self, ctx: &Context, theme: Theme) {
        self.theme = theme;
        ctx.set_theme(preference(theme));
        self.keep(move |preferences| preferences.theme = theme);
    }

    fn choose_contrast(&mut self, ctx: &Context, is_high: bool) {
        self.high_contrast = is_high;
        theme::set_contrast(ctx, is_high);
        self.keep(move |preferences| preferences.high_contrast = is_high);
    }

    fn choose_density(&mut self, density: Density) {
        self.document.density = density;
        self.keep(move |preferences| preferences.density = density);
    }

    /// Keeps how large the panels are, which are shown and how columns are laid out, once nobody drags them any more.
    fn keep_sizes(&mut self, ctx: &Context) {
        if ctx.input(|input| input.pointer.any_down()) {
            return;
        }
        let sizes = PanelSizes {
            shows_problems: self.document.panels.problems,
            shows_inspector: self.document.panels.inspector,
            ..self.document.sizes
        };
        if sizes != self.kept_sizes {
            self.kept_sizes = sizes;
            self.keep(move |preferences| preferences.panels = sizes);
        }
        if self.document.layouts != self.kept_layouts {
            let layouts = self.document.layouts.clone();
            self.kept_layouts = layouts.clone();
            self.keep(move |preferences| preferences.layouts = layouts);
        }
    }

    /// Changes the preferences that are kept.
    fn keep(&self, change: impl FnOnce(&mut Preferences) + Send + 'static) {
        let Some(paths) = self.paths.clone() else { return };
        let keep = move || {
            // What the window looks like is not worth a message when it cannot be kept.
            Preferences::change(&paths, change).ok();
        };
        thread::Builder::new().name("tatami-keep".to_owned()).spawn(keep).ok();
    }

    /// Tells nothing of what was just clicked before the pointer moves: it would hide where the click has led.
    fn rest_tooltips(&mut self, ctx: &Context) {
        let rest = ctx.input(|input| input.pointer.time_since_last_click() < input.pointer.time_since_last_movement());
        if rest != self.tooltips_rest {
            self.tooltips_rest = rest;
            let delay = if rest { NEVER } else { theme::TOOLTIP_DELAY };
            ctx.all_styles_mut(|style| style.interaction.tooltip_delay = delay);
        }
    }

    fn name_window(&mut self, ctx: &Context) {
        let title = format!("Tatami – {}", self.session.environment);
        if title != self.title {
            ctx.send_viewport_cmd(ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }

    /// Tells the session how much time has passed, and shows the next minute of what is unlocked.
    fn pass_time(&mut self, ctx: &Context) {
        let passed = self.clocks.advance(Instant::now(), SystemTime::now());
        self.session.pass_time(passed);
        if let Some(left) = self.session.unlocked_for() {
            let to_next = left.as_millis() as u64 % MINUTE + 1;
            ctx.request_repaint_after(Duration::from_millis(to_next));
        }
    }

    fn something_runs(&self) -> bool {
        self.session.is_busy() || self.session.documents.iter().any(|document| document.phase().is_busy())
    }
}

impl EframeApp for App {
    /// The background takes this in before it ends.
    fn on_exit(&mut self, _: Option<&eframe::glow::Context>) {
        self.keep_last();
    }

    fn logic(&mut self, ctx: &Context, _: &mut eframe::Frame) {
        let began = Instant::now();
        while began.elapsed() < BUDGET {
            let Some(event) = self.backend.next_event() else { break };
            self.take_in(event);
        }
        if began.elapsed() >= BUDGET {
            ctx.request_repaint();
        }
        self.session.read_watches();
        self.pass_time(ctx);
        self.files_chosen(ctx);
        self.quit_after_copy(ctx);
        self.name_window(ctx);
        self.come_forward(ctx);
        self.measure(ctx);
        self.keep_session(ctx);
        if self.something_runs() {
            ctx.request_repaint_after(PACE);
        }
    }

    fn ui(&mut self, ui: &mut Ui, _: &mut eframe::Frame) {
        let ctx = ui.ctx().clone();
        let mut requests = UiRequests::default();
        if let Some(palette) = &mut self.palette {
            palette.take_keys(&ctx);
        } else if self.session.dialog.is_none() && self.typed_path.is_none() && self.quitting != Quitting::Asked {
            requests.menu_commands = keys::pressed(&ctx);
        }
        self.document.forget_closed(&self.session);
        self.rest_tooltips(&ctx);
        self.return_focus(&ctx);
        self.panels(ui, &mut requests);
        self.panes.note(&ctx);
        self.keep_sizes(&ctx);
        self.toasts.show(&ctx, &self.session, &mut requests);
        dialogs::show(&ctx, &self.session, &mut self.dialog, &mut requests);
        self.typed_path(&ctx);
        self.palette(&ctx);
        self.guard_quit(&ctx);
        files::drop_overlay(&ctx);
        let UiRequests {
            actions,
            menu_commands,
            files,
            notices,
            theme,
            density,
        } = requests;
        if !(actions.is_empty() && menu_commands.is_empty() && files.is_empty() && notices.is_empty()) {
            ctx.request_repaint();
        }
        for action in actions {
            self.act(action);
        }
        for command in menu_commands {
            self.perform(&ctx, command);
        }
        for (purpose, name) in files {
            self.dialogs.ask(&ctx, purpose, &name);
        }
        for notice in notices {
            self.session.notify(false, notice);
        }
        if let Some(theme) = theme {
            self.choose_theme(&ctx, theme);
        }
        if let Some(density) = density {
            self.choose_density(density);
        }
    }
}

const fn preference(theme: Theme) -> ThemePreference {
    match theme {
        Theme::System => ThemePreference::System,
        Theme::Light => ThemePreference::Light,
        Theme::Dark => ThemePreference::Dark,
    }
}
