//! What commands do, and what is picked in the palette.

use eframe::egui::{Context, Memory, ViewportCommand};

use super::App;
use crate::{
    domain::dataset::Dataset,
    session::{Action, Document, Filter, ImportAction, Place, SettingsAction, StoredAction, TableAction, UploadAction},
    ui::{
        document::Wanted,
        files::{self, Purpose},
        hindrance::why_not,
        keys::MenuCommand,
        mnemonics,
        palette::{Listing, Palette, PaletteAnswer, Pick},
        panes::{Pane, PanesUi},
        typed_path::TypedPath,
    },
};

impl App {
    /// Carries a command out, or tells why that cannot be done now.
    pub(super) fn perform(&mut self, ctx: &Context, command: MenuCommand) {
        if let Some(hindrance) = why_not(command, &self.session, self.menu_view()) {
            self.session.notify(false, hindrance.to_string());
            return;
        }
        let shown = self.session.document().map(|document| document.id);
        let on_table = |action| shown.map(|doc| Action::Table(doc, action));
        let action = match command {
            MenuCommand::Open => {
                self.dialogs.ask(ctx, Purpose::Open, "");
                None
            }
            MenuCommand::OpenPath => {
                self.typed_path = Some(TypedPath::new(Purpose::Open, None));
                None
            }
            MenuCommand::Export => {
                let name = self.session.document().map(export_name);
                if let (Some(doc), Some(name)) = (shown, name) {
                    self.dialogs.ask(ctx, Purpose::Export(doc), &name);
                }
                None
            }
            MenuCommand::SaveCopy => {
                let name = self.session.document().map(files::copy_name);
                if let (Some(doc), Some(name)) = (shown, name) {
                    self.dialogs.ask(ctx, Purpose::SaveCopy(doc), &name);
                }
                None
            }
            MenuCommand::SaveRecipe => {
                let document = self.session.document();
                if let Some((doc, name)) = document.map(|document| (document.id, recipe_name(document))) {
                    self.dialogs.ask(ctx, Purpose::SaveRecipe(doc), &name);
                }
                None
            }
            MenuCommand::OpenRecipe => {
                if let Some(doc) = shown {
                    self.dialogs.ask(ctx, Purpose::OpenRecipe(doc), "");
                }
                None
            }
            MenuCommand::Quit => {
                ctx.send_viewport_cmd(ViewportCommand::Close);
                None
            }
            MenuCommand::HighContrast => {
                self.choose_contrast(ctx, !self.high_contrast);
                None
            }
            MenuCommand::Inspector => toggled(&mut self.document.panels.inspector),
            MenuCommand::Problems => toggled(&mut self.document.panels.problems),
            MenuCommand::Columns => {
                if let Some(doc) = shown {
                    self.document.toggle_columns(doc);
                }
                None
            }
            MenuCommand::ColumnStatistics => {
                if let Some(doc) = shown {
                    self.document.show_column_statistics(doc);
                }
                None
            }
            MenuCommand::Repair => {
                let document = self.session.document();
                document.and_then(|shown| self.document.repair_at_cursor(shown))
            }
            MenuCommand::RepairCause => self.session.document().and_then(|shown| {
                let cause = self.document.cause_at_cursor(shown)?;
                Some(Action::Table(shown.id, TableAction::Repair(cause)))
            }),
            MenuCommand::RepairAll => on_table(TableAction::RepairAll),
            MenuCommand::OnlyProblems => self.session.document().map(|document| {
                let filter = if document.filter() == Filter::All {
                    Filter::Problems
                } else {
                    Filter::All
                };
                Action::Table(document.id, TableAction::Filter(filter))
            }),
            // Where columns are listed, they are what is looked for.
            MenuCommand::Find if shown.is_some_and(|doc| self.document.filter_columns(doc)) => None,
            MenuCommand::Find | MenuCommand::GoTo => self.session.document().and_then(|shown| {
                let wanted = if command == MenuCommand::Find {
                    Wanted::Text
                } else {
                    Wanted::Row
                };
                self.document.open_bar(shown, wanted)
            }),
            MenuCommand::Replace => {
                if let Some(shown) = self.session.document() {
                    self.document.open_replace(shown);
                }
                None
            }
            MenuCommand::FillDown => {
                let filled = self.session.document().map(|shown| self.document.fill_down(shown));
                if let Some(Err(reason)) = &filled {
                    self.session.notify(false, reason);
                }
                filled.and_then(Result::ok)
            }
            MenuCommand::FindNext | MenuCommand::FindPrevious => self.session.document().and_then(|shown| {
                let forward = command == MenuCommand::FindNext;
                self.document.find_on(shown, forward)
            }),
            MenuCommand::ImportOptions => shown.map(|doc| Action::Import(ImportAction::Ask(doc))),
            MenuCommand::Samples => Some(Action::OpenSamples),
            MenuCommand::Close => on_table(TableAction::Close),
            MenuCommand::Undo => on_table(TableAction::Undo),
            MenuCommand::Redo => on_table(TableAction::Redo),
            MenuCommand::NextProblem => on_table(TableAction::NextProblem),
            MenuCommand::PreviousProblem => on_table(TableAction::PreviousProblem),
            MenuCommand::Upload => shown.map(|doc| Action::Upload(UploadAction::Ask(doc))),
            MenuCommand::Cancel => on_table(TableAction::Cancel),
            MenuCommand::Uploads => Some(Action::Show(Place::Uploads)),
            MenuCommand::UndoUpload => {
                let last = self.session.last_upload();
                last.map(|past| Action::Upload(UploadAction::AskUndo(past.upload.id)))
            }
            MenuCommand::Refresh => Some(Action::Stored(StoredAction::Refresh)),
            MenuCommand::Products => Some(Action::Show(Place::Empty(Dataset::Products))),
            MenuCommand::Interactions => Some(Action::Show(Place::Empty(Dataset::Interactions))),
            MenuCommand::Users => Some(Action::Show(Place::Empty(Dataset::Users))),
            MenuCommand::Stored => Some(Action::Show(Place::Stored(self.session.dataset()))),
            MenuCommand::Wipe => Some(Action::Stored(StoredAction::AskWipe)),
            MenuCommand::Unlock => Some(Action::Stored(StoredAction::Unlock)),
            MenuCommand::Lock => Some(Action::Stored(StoredAction::Lock)),
            MenuCommand::AddEnvironment => Some(Action::Settings(SettingsAction::AskEnvironment(None))),
            MenuCommand::EditEnvironment => Some(Action::Settings(SettingsAction::AskEnvironment(Some(
                self.session.environment.clone(),
            )))),
            MenuCommand::Rules => Some(Action::Settings(SettingsAction::ShowRules)),
            MenuCommand::Shortcuts => Some(Action::ShowShortcuts),
            MenuCommand::Menus => {
                mnemonics::focus(ctx);
                None
            }
            MenuCommand::NextPane | MenuCommand::PreviousPane => {
                self.go_to_pane(ctx, command == MenuCommand::NextPane);
                None
            }
            MenuCommand::Palette | MenuCommand::GoToFile => {
                let listing = if command == MenuCommand::Palette {
                    Listing::All
                } else {
                    Listing::Files
                };
                self.palette = Some(Palette::new(ctx, listing));
                None
            }
        };
        if let Some(action) = action {
            self.act(action);
        }
    }

    fn go_to_pane(&mut self, ctx: &Context, forward: bool) {
        let Some(pane) = PanesUi::next(ctx, forward) else {
            return;
        };
        let shown = self.session.document();
        let table = shown.filter(|shown| shown.view().is_some() && !self.document.shows_columns(shown.id));
        match table {
            Some(table) if pane == Pane::Table => self.document.take_focus(table.id),
            _ => self.panes.enter(ctx, pane),
        }
    }

    /// Gives the keyboard back to what had it before the palette, unless something else has taken it. While a modal is
    /// there, and in the frame after it, nothing below can have it.
    fn give_back(&mut self, ctx: &Context) {
        let Some(before) = self.returns_to.take() else { return };
        if ctx.memory(Memory::focused).is_none() {
            ctx.memory_mut(|memory| memory.request_focus(before));
        }
    }

    /// Shows the palette, and does what is picked in it. What had the keyboard before has it again.
    pub(super) fn palette(&mut self, ctx: &Context) {
        let view = self.menu_view();
        let Some(palette) = &mut self.palette else {
            self.give_back(ctx);
            return;
        };
        let answer = palette.show(ctx, &self.session, view);
        if answer == PaletteAnswer::Stays {
            return;
        }
        self.returns_to = palette.before();
        ctx.memory_mut(|memory| memory.focused().into_iter().for_each(|id| memory.surrender_focus(id)));
        if let Some(shown) = self.session.document().filter(|_| self.returns_to.is_none()) {
            self.document.take_focus(shown.id);
        }
        self.palette = None;
        ctx.request_repaint();
        match answer {
            PaletteAnswer::Stays | PaletteAnswer::Leaves => {}
            PaletteAnswer::Picked(Pick::Command(command)) => self.perform(ctx, command),
            PaletteAnswer::Picked(Pick::File(doc)) => {
                self.returns_to = None;
                self.act(Action::Show(Place::Document(doc)));
                self.document.take_focus(doc);
            }
        }
    }
}

/// What a document's recipe is called unless a person changes it.
fn recipe_name(document: &Document) -> String {
    let name = document.path.file_stem().unwrap_or_default().to_string_lossy();
    format!("{name}-recipe.json")
}

/// The name proposed for a document's rows with problems.
fn export_name(document: &Document) -> String {
    let stem = document.path.file_stem().unwrap_or_default().to_string_lossy();
    format!("{stem}-problems.csv")
}

fn toggled(what: &mut bool) -> Option<Action> {
    *what = !*what;
    None
}
