//! An opened file: its table, what is wrong in it, the record at the cursor, and its upload.

mod changed;
mod column_menu;
pub(super) mod dialect;
mod events;
mod facts;
mod filter_form;
mod filters;
mod find;
mod fixes;
mod format_chip;
mod header;
mod inspector;
mod problem_list;
mod problems;
mod question;
mod replace;
mod rows;
mod selection;
mod shown_columns;
mod statistics;
mod status;
mod table;
mod upload;

use std::{
    collections::BTreeMap,
    sync::{Arc, Weak},
};

use eframe::egui::{CentralPanel, Frame, Margin, Modifiers, Panel, Popup, ScrollArea, Ui, Vec2};

pub(crate) use self::find::Wanted;
use self::{
    events::OpenMenu,
    facts::{CauseGroup, Facts},
    filter_form::FilterForm,
    find::FindBar,
    inspector::Tab,
    problem_list::ProblemList,
    rows::{Row, Rows},
    selection::SelectionTotals,
    shown_columns::ShownColumns,
    table::Table,
};
use super::{
    UiRequests,
    columns::{self, ColumnsUi},
    grid::{self, CellAt, GridState, Selection},
    hindrance::Hindrance,
    panes::{self, Pane},
    parts,
    theme::{Tokens, space},
};
use crate::{
    domain::{ids::DocumentId, issue::Cause},
    frame,
    message::Generation,
    session::{Action, Document, FilterAction, Fix, FixKind, Phase, Session, TableAction},
    settings::{ColumnLayouts, Density, PanelSizes},
};

/// What of a document a cache was made from.
type Key = (Generation, u64);

fn key(document: &Document) -> Key {
    (document.generation, document.view().map_or(0, |view| view.revision))
}

/// Where there is less height than this, the inspector scrolls as a whole.
const INSPECTOR_HEIGHT: f32 = 300.0;
/// What the panels beside and below it leave to the table, in points.
const TABLE_WIDTH: f32 = 200.0;
const TABLE_HEIGHT: f32 = 130.0;

/// Which panels of a document are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Panels {
    /// The inspector.
    pub(crate) inspector: bool,
    /// The problems.
    pub problems: bool,
}

impl Default for Panels {
    fn default() -> Self {
        Self {
            inspector: true,
            problems: true,
        }
    }
}

/// What the documents' place remembers between frames.
#[derive(Default)]
pub(crate) struct DocumentUi {
    /// Which panels are shown.
    pub panels: Panels,
    /// How large the panels are, the sidebar among them.
    pub sizes: PanelSizes,
    /// How high the rows are.
    pub density: Density,
    /// How the columns of files are laid out.
    pub layouts: ColumnLayouts,
    tab: Tab,
    views: BTreeMap<DocumentId, View>,
}

/// What is remembered of one document.
#[derive(Default)]
struct View {
    grid: GridState,
    facts: Facts,
    problems: ProblemList,
    rows: Rows,
    columns: ShownColumns,
    /// The table whose columns are laid out: another one may have others.
    laid_out: Weak<frame::Frame>,
    totals: SelectionTotals,
    /// The row at the cursor, with what it was read from.
    at: Option<(Key, Row)>,
    menu: Option<OpenMenu>,
    /// The filter that is being made or changed.
    filter: Option<FilterForm>,
    /// The bar that finds something in it, while it is open.
    bar: Option<FindBar>,
    /// The columns and their fields, while they are shown in place of the table.
    page: Option<ColumnsUi>,
}

impl std::fmt::Debug for DocumentUi {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DocumentUi").finish_non_exhaustive()
    }
}

impl DocumentUi {
    /// Brings a cell into view: display row and column.
    pub(crate) fn go_to(&mut self, document: &Document, row: u64, column: u32) {
        let view = self.views.entry(document.id).or_default();
        // Where a column is, is not known before it was ever shown.
        view.refresh(document, &self.layouts);
        let column = view.columns.place_or_show(column);
        if view.bar.as_ref().is_some_and(FindBar::keeps_focus) {
            view.grid.select(Some(Selection::cell(CellAt { row, column })));
            view.grid.reveal(row, column);
        } else {
            view.grid.go_to(row, column);
        }
    }

    /// Gives the table of a document the keyboard.
    pub(crate) fn take_focus(&mut self, doc: DocumentId) {
        self.views.entry(doc).or_default().grid.take_focus();
    }

    /// Opens the bar that finds a text or a row. Where the file is not open, what is to be done is refused, and that says
    /// why.
    pub(crate) fn open_bar(&mut self, document: &Document, wanted: Wanted) -> Option<Action> {
        let Ok(open) = document.open() else {
            return Some(Action::Table(document.id, TableAction::FindNext));
        };
        let view = self.views.entry(document.id).or_default();
        view.page = None;
        view.bar = Some(FindBar::new(wanted, open, true));
        None
    }

    /// Opens the line that replaces a text, under the one to find.
    pub(crate) fn open_replace(&mut self, document: &Document) {
        if let Ok(open) = document.open() {
            let view = self.views.entry(document.id).or_default();
            view.page = None;
            view.bar = Some(FindBar::to_replace(open, view.bar.take()));
        }
    }

    /// The change that fills the selected cells from those above; or why there is none, for people.
    pub(crate) fn fill_down(&self, document: &Document) -> Result<Action, String> {
        let view = self.views.get(&document.id);
        let filled = view.map(|view| events::fill_down(document, view));
        filled.unwrap_or_else(|| Err(Hindrance::NothingAbove.to_string()))
    }

    /// Whether there is something above the selected cells, or they are several rows.
    pub(crate) fn is_fillable(&self, document: &Document) -> bool {
        self.views.get(&document.id).is_some_and(View::is_fillable)
    }

    /// Goes on to the next cell found, or the previous one; what to find is asked for first.
    pub(crate) fn find_on(&mut self, document: &Document, forward: bool) -> Option<Action> {
        let Some(open) = document.open().ok().filter(|open| open.find.is_some()) else {
            return self.open_bar(document, Wanted::Text);
        };
        let view = self.views.entry(document.id).or_default();
        view.page = None;
        if find::marked(document, view).is_none() {
            view.bar = Some(FindBar::new(Wanted::Text, open, false));
        }
        let step = if forward {
            TableAction::FindNext
        } else {
            TableAction::FindPrevious
        };
        Some(Action::Table(document.id, step))
    }

    /// Whether a document's columns are shown in place of its table.
    pub(crate) fn shows_columns(&self, doc: DocumentId) -> bool {
        self.views.get(&doc).is_some_and(|view| view.page.is_some())
    }

    /// Shows a document's columns in place of its table, or the table again, which then has the keyboard.
    pub(crate) fn toggle_columns(&mut self, doc: DocumentId) {
        self.views.entry(doc).or_default().toggle_page();
    }

    /// Has the columns shown filtered by a text. Answers whether there are any.
    pub(crate) fn filter_columns(&mut self, doc: DocumentId) -> bool {
        let page = self.views.get_mut(&doc).and_then(|view| view.page.as_mut());
        page.map(ColumnsUi::take_search).is_some()
    }

    /// Shows what the column at the cursor holds.
    pub(crate) fn show_column_statistics(&mut self, doc: DocumentId) {
        self.views.entry(doc).or_default().page = None;
        self.panels.inspector = true;
        self.tab = Tab::Column;
    }

    /// The change that repairs the cell at the cursor, if there is one that cannot go wrong.
    pub(crate) fn repair_at_cursor(&self, document: &Document) -> Option<Action> {
        let (_, row) = self.views.get(&document.id)?.at.as_ref()?;
        // What filters hide is not changed unseen.
        document.view()?.display_row(row.file)?;
        let (cause, text) = row.repair(document, document.view()?.cursor.1)?;
        Some(Action::Table(
            document.id,
            TableAction::Edit(vec![(row.file, cause.column?, text)]),
        ))
    }

    /// What is wrong with the cell at the cursor and can be mended in all rows at once.
    pub(crate) fn cause_at_cursor(&self, document: &Document) -> Option<Cause> {
        let facts = &self.views.get(&document.id)?.facts;
        let is_meant = |group: &&CauseGroup| {
            let is_decided = |fix: &Fix| !matches!(fix.kind, FixKind::Readings(..));
            facts.fix(&group.cause).is_some_and(is_decided)
                && problems::place_of_cursor(document, &group.cause).is_some()
        };
        facts.groups.iter().find(is_meant).map(|group| group.cause)
    }

    /// Whether there is a repair for the cell at the cursor, for what is wrong with it in all rows, and for anything.
    pub(crate) fn repairable(&self, document: &Document) -> [bool; 3] {
        let view = self.views.get(&document.id);
        [
            self.repair_at_cursor(document).is_some(),
            self.cause_at_cursor(document).is_some(),
            view.is_some_and(|view| view.facts.safe_fixes() > 0),
        ]
    }

    /// Forgets documents that are no longer open.
    pub(crate) fn forget_closed(&mut self, session: &Session) {
        if self.views.len() > session.documents.len() {
            self.views.retain(|doc, _| session.find(*doc).is_some());
        }
    }
}

impl View {
    fn toggle_page(&mut self) {
        if self.page.take().is_some() {
            self.grid.take_focus();
        } else {
            self.page = Some(ColumnsUi::default());
        }
    }

    /// Brings what is remembered up to date with the document.
    fn refresh(&mut self, document: &Document, layouts: &ColumnLayouts) {
        self.facts.refresh(document);
        self.lay_out(document, layouts);
        let key = key(document);
        let Some(table) = document.view() else {
            self.at = None;
            return;
        };
        let (row, column) = table.cursor;
        let is_fresh = self.at.as_ref().is_some_and(|(of, at)| *of == key && at.file == row);
        if !is_fresh {
            self.at = Row::read(document, row).map(|row| (key, row));
        }
        self.grid.freeze(self.columns.pinned(document));
        if self.grid.selection().is_none()
            && let Some(row) = table.display_row(row)
        {
            self.grid.select(Some(Selection::cell(CellAt {
                row,
                column: self.columns.place(column).unwrap_or(0),
            })));
        }
    }

    /// Lays the columns out as they were for files with the same ones.
    fn lay_out(&mut self, document: &Document, layouts: &ColumnLayouts) {
        let Some(frame) = document.view().map(|view| &view.frame) else {
            return;
        };
        if !std::ptr::eq(self.laid_out.as_ptr(), Arc::as_ptr(frame)) {
            self.laid_out = Arc::downgrade(frame);
            let columns = frame.columns();
            let layout = layouts.of(columns);
            for (column, width) in layout.widths() {
                if let Some(name) = columns.get(column as usize) {
                    self.grid.set_width(name, width);
                }
            }
            self.columns = ShownColumns::new(layout);
        }
        self.columns.refresh(&self.facts);
    }

    /// Whether there is something above the selected cells, or they are several rows.
    fn is_fillable(&self) -> bool {
        let selection = self.grid.selection();
        selection.is_some_and(|selection| selection.rows().end > 1)
    }

    /// The cell of the file at a place in the table: row and column.
    fn file_cell(&self, document: &Document, at: CellAt) -> Option<(u32, u32)> {
        Some((document.view()?.file_row(at.row)?, self.columns.file(at.column)?))
    }
}

/// Shows a document.
pub(crate) fn show(
    ui: &mut Ui,
    session: &Session,
    document: &Document,
    state: &mut DocumentUi,
    requests: &mut UiRequests,
) {
    let tokens = Tokens::current(ui);
    let DocumentUi {
        panels,
        sizes,
        density,
        layouts,
        tab,
        views,
    } = state;
    let view = views.entry(document.id).or_default();
    // Esc in a dialog, also one that is not the session's, leaves only that.
    let is_alone = ui.ctx().memory(|memory| memory.top_modal_layer().is_none());
    let is_left = is_alone && !ui.ctx().text_edit_focused() && !Popup::is_any_open(ui.ctx());
    if is_left
        && let Some(page) = &mut view.page
        && ui.input_mut(|input| input.consume_key(Modifiers::NONE, eframe::egui::Key::Escape))
        && !page.clear_search()
    {
        view.toggle_page();
    }
    view.refresh(document, layouts);
    view.grid.set_row_height(row_height(*density));
    lines_above(ui, (session, document), view, requests);
    let thin = Frame::new()
        .fill(tokens.background)
        .inner_margin(Margin::symmetric(space::M as i8, 3));
    Panel::bottom("status").frame(thin).show(ui, |ui| {
        of(document, ui, |ui| {
            let selection = view.totals.text(document, &view.facts, (&view.grid, &view.columns));
            status::show(ui, document, view, selection, requests);
        });
    });
    let surface = Frame::new().fill(tokens.surface);
    if let Some(page) = view.page.as_mut().filter(|_| document.view().is_some()) {
        CentralPanel::default().frame(surface).show(ui, |ui| {
            of(document, ui, |ui| columns::show(ui, document, page, requests));
        });
        return;
    }
    if panels.problems && document.view().is_some() {
        let panel = Panel::bottom("problems").frame(surface);
        let size = (&mut sizes.problems, 90.0..480.0, Vec2::Y);
        parts::resizable(panel, ui, size, TABLE_HEIGHT, |ui| {
            of(document, ui, |ui| {
                panes::mark(ui, Pane::Problems);
                problems::show(ui, document, view, requests);
            });
        });
    }
    if panels.inspector && document.view().is_some() {
        let panel = Panel::right("inspector").frame(surface.inner_margin(Margin::same(space::M as i8)));
        let size = (&mut sizes.inspector, 240.0..640.0, Vec2::X);
        parts::resizable(panel, ui, size, TABLE_WIDTH, |ui| {
            panes::mark(ui, Pane::Inspector);
            let row = view.at.as_ref().map(|(_, row)| row);
            let mut show = |ui: &mut Ui| inspector::show(ui, document, row, &view.facts, tab, requests);
            of(document, ui, |ui| {
                if ui.available_height() < INSPECTOR_HEIGHT {
                    ScrollArea::vertical().show(ui, show);
                } else {
                    show(ui);
                }
            });
        });
    }
    CentralPanel::default().frame(surface).show(ui, |ui| {
        of(document, ui, |ui| {
            filters::show(ui, document, view, requests);
            find::show(ui, document, view, is_alone, requests);
            centre(ui, document, view, requests);
            column_menu::keep(document, view, layouts);
            filter_form::show(ui, document, view, requests);
        });
    });
}

/// The height of rows, in points.
const fn row_height(density: Density) -> f32 {
    match density {
        Density::Compact => 20.0,
        Density::Normal => 24.0,
        Density::Roomy => 28.0,
    }
}

/// Shows what belongs to one document; the panels around it are of all documents.
fn of(document: &Document, ui: &mut Ui, add: impl FnOnce(&mut Ui)) {
    ui.push_id(document.id, add);
}

/// Shows what the file is, what is asked about it, and how its upload is.
fn lines_above(ui: &mut Ui, (session, document): (&Session, &Document), view: &mut View, requests: &mut UiRequests) {
    let surface = Frame::new()
        .fill(Tokens::current(ui).surface)
        .inner_margin(Margin::symmetric(space::M as i8, 3));
    Panel::top("header").frame(surface).show(ui, |ui| {
        of(document, ui, |ui| {
            header::show(ui, document, view, requests);
            header::preset(ui, document, requests);
        });
    });
    if let Some(choices) = document.view().and_then(|view| view.question.as_ref()) {
        Panel::top("question").frame(surface).show(ui, |ui| {
            of(document, ui, |ui| question::show(ui, document, choices, requests));
        });
    }
    if document.open().is_ok_and(|open| open.changed_on_disk) {
        Panel::top("changed on disk").frame(surface).show(ui, |ui| {
            of(document, ui, |ui| changed::show(ui, document, requests));
        });
    }
    if document.upload.is_some() {
        Panel::top("upload").frame(surface).show(ui, |ui| {
            of(document, ui, |ui| upload::show(ui, session, document, requests));
        });
    }
}

fn centre(ui: &mut Ui, document: &Document, view: &mut View, requests: &mut UiRequests) {
    if document.phase() != Phase::Ready {
        header::phase(ui, document, requests);
    }
    let Some(table) = document.view() else { return };
    if table.shown_rows() == 0 {
        nothing_shown(ui, document, requests);
        return;
    }
    let marked = find::marked(document, view);
    let answers = {
        let mut source = Table {
            document,
            view: table,
            facts: &view.facts,
            columns: &view.columns,
            rows: &mut view.rows,
            find: marked,
        };
        grid::show(ui, &mut view.grid, &mut source)
    };
    let in_sight = view.columns.files(view.grid.columns_in_sight());
    statistics::ask_for_strips(document, in_sight, requests);
    for answer in answers {
        events::answer(ui, document, view, answer, requests);
    }
    events::menus(ui, document, view, requests);
}

fn nothing_shown(ui: &mut Ui, document: &Document, requests: &mut UiRequests) {
    use crate::session::Filter;
    let has_filters = document.open().is_ok_and(|open| !open.filters.is_empty());
    if document.filter() == Filter::All && !has_filters {
        super::widgets::empty_state(
            ui,
            "No rows",
            "The file has a header, or nothing at all, but no records",
            |_| (),
        );
        return;
    }
    let why = if has_filters {
        "No row passes all of the filters above"
    } else {
        "No row has such a problem any more"
    };
    super::widgets::empty_state(ui, "No rows to show", why, |ui| {
        if ui.add(super::widgets::secondary("Show all rows")).clicked() {
            requests.actions.push(Action::Table(
                document.id,
                TableAction::FilterColumns(FilterAction::Clear),
            ));
        }
    });
}
