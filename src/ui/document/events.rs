//! What the grid answers, turned into actions, and the menus of headers and cells.

use std::ops::Range;

use eframe::egui::{Button, Id, Popup, PopupAnchor, PopupCloseBehavior, PopupKind, Pos2, Ui};

use super::{View, column_menu, facts, filter_form::FilterForm, table::Table};
use crate::{
    domain::filter::{ColumnFilter, FilterCondition, ValueTest},
    frame::SortBy,
    session::{Action, Document, Filter, FilterAction, MappingAction, TableAction},
    ui::{
        UiRequests,
        grid::{self, CellAt, GridEvent},
        hindrance::Hindrance,
        keys::MenuCommand,
        widgets,
    },
};

/// Rows are sorted by at most so many columns.
const MOST_KEYS: usize = 3;

/// More cells than this are not changed or copied at once.
const MOST_CELLS: u64 = 500_000;

/// A menu that a click in the grid has opened.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenMenu {
    of: MenuOf,
    at: Pos2,
}

#[derive(Clone, Copy, Debug)]
enum MenuOf {
    Header(usize),
    Cell(CellAt),
}

/// Does what the grid answers.
pub(super) fn answer(ui: &Ui, document: &Document, view: &mut View, event: GridEvent, requests: &mut UiRequests) {
    let doc = document.id;
    match event {
        GridEvent::Commit { at, text } => {
            if let Some((row, column)) = view.file_cell(document, at) {
                let cells = vec![(row, column, text)];
                requests.actions.push(Action::Table(doc, TableAction::Edit(cells)));
            }
        }
        GridEvent::Clear { rows, columns } => clear(document, view, &rows, columns, requests),
        GridEvent::SelectionChanged => {
            if let Some((row, column)) = view.grid.cursor().and_then(|at| view.file_cell(document, at)) {
                requests
                    .actions
                    .push(Action::Table(doc, TableAction::MoveCursor(row, column)));
            }
        }
        GridEvent::HeaderClicked { column, at } => open(ui, view, MenuOf::Header(column), at),
        GridEvent::ColumnMoved { column, before } => column_menu::moved(document, view, column, before),
        GridEvent::ColumnResized { column, width } => {
            if let Some(column) = view.columns.file(column) {
                view.columns.layout.set_width(column, width as u16);
            }
        }
        GridEvent::StripClicked { column } => {
            let row = document.view().map(|view| view.cursor.0);
            if let Some((row, column)) = row.zip(view.columns.file(column)) {
                let there = TableAction::JumpTo(row, column);
                requests.actions.push(Action::Table(doc, there));
                requests.menu_commands.push(MenuCommand::ColumnStatistics);
            }
        }
        GridEvent::MenuRequested { cell, at } => open(ui, view, MenuOf::Cell(cell), at),
        GridEvent::CopyRequested { rows, columns, headers } => {
            copy(ui, document, view, rows, columns, headers, requests);
        }
        GridEvent::PasteRequested { rows, columns, text } => paste(document, view, &rows, &columns, &text, requests),
    }
}

fn is_too_much(rows: &Range<u64>, columns: &Range<usize>, requests: &mut UiRequests) -> bool {
    let reason = why_too_much(rows, columns);
    let is_too_much = reason.is_some();
    requests.notices.extend(reason);
    is_too_much
}

fn why_too_much(rows: &Range<u64>, columns: &Range<usize>) -> Option<String> {
    let cells = (rows.end - rows.start).saturating_mul(columns.len() as u64);
    (cells > MOST_CELLS).then(|| {
        let [cells, most] = [cells, MOST_CELLS].map(widgets::grouped);
        format!("These are {cells} cells; select at most {most}")
    })
}

/// What fills the selected cells from those above: those of the first row or, of a single row, those above it.
pub(super) fn fill_down(document: &Document, view: &View) -> Result<Action, String> {
    let Some(selection) = view.grid.selection().filter(|selection| selection.rows().end > 1) else {
        return Err(Hindrance::NothingAbove.to_string());
    };
    let (rows, columns) = (selection.rows(), selection.columns());
    if let Some(reason) = why_too_much(&rows, &columns) {
        return Err(reason);
    }
    let columns = view.columns.files(columns).collect();
    Ok(Action::Table(document.id, TableAction::FillDown { rows, columns }))
}

fn clear(document: &Document, view: &View, rows: &Range<u64>, columns: Range<usize>, requests: &mut UiRequests) {
    if is_too_much(rows, &columns, requests) {
        return;
    }
    let mut cells = Vec::new();
    for row in rows.clone() {
        let shown = view.rows.get(row);
        for column in columns.clone() {
            let Some((file, column)) = view.file_cell(document, CellAt { row, column }) else {
                continue;
            };
            // What is empty already is not changed.
            if !shown.is_some_and(|row| row.cell(column).is_missing()) {
                cells.push((file, column, String::new()));
            }
        }
    }
    requests
        .actions
        .push(Action::Table(document.id, TableAction::Edit(cells)));
}

fn copy(
    ui: &Ui,
    document: &Document,
    view: &mut View,
    rows: Range<u64>,
    columns: Range<usize>,
    headers: bool,
    requests: &mut UiRequests,
) {
    if is_too_much(&rows, &columns, requests) {
        return;
    }
    let Some(table) = document.view() else { return };
    let mut source = Table {
        document,
        view: table,
        facts: &view.facts,
        columns: &view.columns,
        rows: &mut view.rows,
        find: None,
    };
    let text = grid::tsv(&mut source, rows, columns, headers);
    ui.ctx().copy_text(text);
}

fn paste(
    document: &Document,
    view: &View,
    rows: &Range<u64>,
    columns: &Range<usize>,
    text: &str,
    requests: &mut UiRequests,
) {
    let block = grid::parse_tsv(text);
    let mut cells = Vec::new();
    let mut put = |row: u64, column: usize, text: &str| {
        if let Some((row, column)) = view.file_cell(document, CellAt { row, column }) {
            cells.push((row, column, text.to_owned()));
        }
    };
    let single = match block.as_slice() {
        [row] if row.len() == 1 => row.first(),
        _ => None,
    };
    if let Some(value) = single {
        if is_too_much(rows, columns, requests) {
            return;
        }
        for row in rows.clone() {
            columns.clone().for_each(|column| put(row, column, value));
        }
    } else {
        for (row, line) in (rows.start..).zip(&block) {
            for (column, value) in (columns.start..).zip(line) {
                put(row, column, value);
            }
        }
    }
    requests
        .actions
        .push(Action::Table(document.id, TableAction::Edit(cells)));
}

fn open(ui: &Ui, view: &mut View, of: MenuOf, at: Pos2) {
    view.menu = Some(OpenMenu { of, at });
    Popup::open_id(ui.ctx(), menu_id(ui));
}

fn menu_id(ui: &Ui) -> Id {
    ui.scope_id().with("grid menu")
}

/// Shows the menu that is open.
pub(super) fn menus(ui: &Ui, document: &Document, view: &mut View, requests: &mut UiRequests) {
    let Some(menu) = view.menu else { return };
    let popup = Popup::new(
        menu_id(ui),
        ui.ctx().clone(),
        PopupAnchor::Position(menu.at),
        ui.layer_id(),
    );
    let shown = popup
        .kind(PopupKind::Menu)
        .layout(eframe::egui::Layout::top_down_justified(eframe::egui::Align::Min))
        .style(eframe::egui::containers::menu::menu_style)
        .open_memory(None)
        .close_behavior(PopupCloseBehavior::CloseOnClick)
        .show(|ui| {
            ui.set_min_width(230.0);
            ui.spacing_mut().button_padding = eframe::egui::vec2(10.0, 5.0);
            ui.spacing_mut().item_spacing.y = 2.0;
            match menu.of {
                MenuOf::Header(column) => header_menu(ui, document, view, (column, menu.at), requests),
                MenuOf::Cell(at) => cell_menu(ui, document, view, at, requests),
            }
        });
    if shown.is_none() {
        view.menu = None;
        // The menu has taken the keyboard from the table; it goes back, unless somebody else has it by now.
        if view.filter.is_none() && ui.memory(|memory| memory.focused().is_none()) {
            view.grid.take_focus();
        }
    }
}

fn header_menu(
    ui: &mut Ui,
    document: &Document,
    view: &mut View,
    (column, place): (usize, Pos2),
    requests: &mut UiRequests,
) {
    let doc = document.id;
    let Some(at) = view.columns.file(column) else { return };
    let is_number = view.facts.columns.get(at as usize).is_some_and(|column| column.right);
    sort_entries(ui, document, at, is_number, requests);
    ui.separator();
    let open = document.open();
    if ui.add_enabled(open.is_ok(), Button::new("Filter…")).clicked() {
        view.filter = open.ok().map(|open| FilterForm::new(open, at, place));
    }
    if open.is_ok_and(|open| open.filters.on(at).is_some()) && ui.button("Remove its filter").clicked() {
        let remove = FilterAction::Remove(at);
        requests
            .actions
            .push(Action::Table(doc, TableAction::FilterColumns(remove)));
    }
    ui.separator();
    if ui.button(MenuCommand::ColumnStatistics.text()).clicked() {
        let row = document.view().map_or(0, |view| view.cursor.0);
        requests.actions.push(Action::Table(doc, TableAction::JumpTo(row, at)));
        requests.menu_commands.push(MenuCommand::ColumnStatistics);
    }
    if ui.button("Choose its field…").clicked() {
        view.page.get_or_insert_default().reveal(at as usize);
    }
    let is_sent = view.facts.columns.get(at as usize).is_some_and(|column| !column.unused);
    if ui.add_enabled(is_sent, Button::new("Leave it out")).clicked() {
        requests.actions.push(Action::Mapping(
            doc,
            MappingAction::Map {
                column: at as usize,
                path: None,
                custom_type: None,
            },
        ));
    }
    ui.separator();
    column_menu::show(ui, document, view, column);
    let causes = view.facts.groups.iter().filter(|group| group.cause.column == Some(at));
    for (place, group) in causes.enumerate() {
        if place == 0 {
            ui.separator();
        }
        let text = format!("Show {}: {}", rows(group.rows), group.what);
        if ui.button(text).clicked() {
            requests
                .actions
                .push(Action::Table(doc, TableAction::Filter(Filter::Cause(group.cause))));
        }
    }
}

fn sort_entries(ui: &mut Ui, document: &Document, column: u32, is_number: bool, requests: &mut UiRequests) {
    let sorted = facts::sorted(document);
    let mut entry = |ui: &mut Ui, text: &str, by: Vec<SortBy>| {
        if ui.add(Button::selectable(by == sorted, text)).clicked() {
            requests.actions.push(Action::Table(document.id, TableAction::Sort(by)));
        }
    };
    let ways = if is_number {
        [("1 → 9", false), ("9 → 1", true)]
    } else {
        [("A → Z", false), ("Z → A", true)]
    };
    let by = |descending| SortBy { column, descending };
    for (way, descending) in ways {
        entry(ui, &format!("Sort {way}"), vec![by(descending)]);
    }
    // By the first column it can only be sorted another way.
    let place = sorted.iter().position(|by| by.column == column);
    if !sorted.is_empty() && place != Some(0) && (place.is_some() || sorted.len() < MOST_KEYS) {
        let before = sorted.get(..place.unwrap_or(sorted.len())).unwrap_or_default();
        let after = place.and_then(|place| sorted.get(place + 1..)).unwrap_or_default();
        for (way, descending) in ways {
            let keys = [before, &[by(descending)], after].concat();
            entry(ui, &format!("Then by this column, {way}"), keys);
        }
    }
    entry(ui, "In the file's order", Vec::new());
}

/// A number of rows in words.
pub(super) fn rows(count: u64) -> String {
    if count == 1 {
        "1 row".to_owned()
    } else {
        format!("{} rows", widgets::grouped(count))
    }
}

fn cell_menu(ui: &mut Ui, document: &Document, view: &mut View, at: CellAt, requests: &mut UiRequests) {
    let doc = document.id;
    let Some((file, column)) = view.file_cell(document, at) else {
        return;
    };
    let (text, repair, problem) = match view.rows.get(at.row) {
        Some(row) => (
            row.cell(column).shown().into_owned(),
            row.repair(document, column),
            row.message(document, Some(column)),
        ),
        None => return,
    };
    if let Some(problem) = problem {
        ui.scope(|ui| {
            ui.set_max_width(300.0);
            ui.weak(problem);
        });
        ui.separator();
    }
    if let Some((cause, repaired)) = repair {
        if ui.button(format!("Repair: {}", named(&repaired))).clicked() {
            let cells = vec![(file, column, repaired)];
            requests.actions.push(Action::Table(doc, TableAction::Edit(cells)));
        }
        let all = view.facts.groups.iter().find(|group| group.cause == cause);
        if let Some(group) = all.filter(|group| group.rows > 1)
            && ui.button(format!("Repair all {} like it", rows(group.rows))).clicked()
        {
            requests.actions.push(Action::Table(doc, TableAction::Repair(cause)));
        }
        if ui
            .button(format!("Show only rows like it: {}", facts::what(&cause)))
            .clicked()
        {
            requests
                .actions
                .push(Action::Table(doc, TableAction::Filter(Filter::Cause(cause))));
        }
        ui.separator();
    }
    if ui.button("Show only rows like this cell").clicked() {
        let plan = view.facts.plan(document);
        let cell = view.rows.get(at.row).map(|row| row.cell(column)).unwrap_or_default();
        let value = plan.map_or_else(|| cell.shown(), |plan| plan.shown(column as usize, cell));
        let condition = FilterCondition::Value(if value.is_empty() {
            ValueTest::Empty
        } else {
            ValueTest::Equals(value.into_owned())
        });
        let set = FilterAction::Set(ColumnFilter { column, condition });
        requests
            .actions
            .push(Action::Table(doc, TableAction::FilterColumns(set)));
    }
    ui.separator();
    if ui.button("Edit").clicked() {
        view.grid.edit(at, text.clone(), None);
    }
    if ui.button("Copy").clicked() {
        ui.ctx().copy_text(text);
    }
    let down = MenuCommand::FillDown;
    let shortcut = down.shortcut_text(ui.ctx()).unwrap_or_default();
    let hindrance = (!view.is_fillable()).then(|| Hindrance::NothingAbove.to_string());
    let entry = ui.add_enabled(hindrance.is_none(), Button::new(down.text()).shortcut_text(shortcut));
    if entry.on_disabled_hover_text(hindrance.unwrap_or_default()).clicked() {
        requests.menu_commands.push(down);
    }
    if ui.button("Empty the cell").clicked() {
        let cells = vec![(file, column, String::new())];
        requests.actions.push(Action::Table(doc, TableAction::Edit(cells)));
    }
}

/// A value in a menu.
pub(super) fn named(value: &str) -> String {
    if value.is_empty() {
        "leave it empty".to_owned()
    } else if value.chars().count() > 40 {
        let start: String = value.chars().take(40).collect();
        format!("{start}…")
    } else {
        value.to_owned()
    }
}
