//! Laying out the columns of a table: which are shown, where, and which stay in sight.

use eframe::egui::{Button, RichText, Ui};

use super::View;
use crate::{
    session::Document,
    settings::ColumnLayouts,
    ui::{
        fonts,
        grid::{CellAt, Selection},
        theme::{Tokens, size},
        widgets,
    },
};

/// The part of a header's menu that lays out its column, which stands at a place in the table.
pub(super) fn show(ui: &mut Ui, document: &Document, view: &mut View, place: usize) {
    let Some(column) = view.columns.file(place) else { return };
    let pinned = view.columns.pinned(document);
    let last = view.columns.headers.len();
    if place < pinned {
        if ui.button("Let it scroll along").clicked() {
            moved(document, view, place, pinned);
            view.columns.layout.pin(pinned - 1);
        }
    } else if ui.button("Keep it in sight").clicked() {
        moved(document, view, place, pinned);
        view.columns.layout.pin(pinned + 1);
    }
    if ui.add_enabled(place > 0, Button::new("Move left")).clicked() {
        moved(document, view, place, place - 1);
    }
    if ui.add_enabled(place + 1 < last, Button::new("Move right")).clicked() {
        moved(document, view, place, place + 2);
    }
    if ui.add_enabled(last > 1, Button::new("Hide this column")).clicked() {
        view.columns.layout.hide(column, view.columns.count());
    }
    if view.columns.hidden() > 0 && ui.button(show_again(view.columns.hidden())).clicked() {
        view.columns.layout.show_all();
    }
}

fn show_again(hidden: usize) -> String {
    match hidden {
        1 => "Show the hidden column".to_owned(),
        many => format!("Show {} hidden columns", widgets::grouped(many as u64)),
    }
}

/// Puts a column elsewhere; the cursor goes along.
pub(super) fn moved(document: &Document, view: &mut View, from: usize, to: usize) {
    let pinned = view.columns.pinned(document);
    let count = view.columns.count();
    let cursor = view
        .grid
        .cursor()
        .zip(document.view())
        .map(|(at, table)| (at.row, table.cursor.1));
    view.columns.layout.move_column(from, to, count, pinned);
    view.columns.refresh(&view.facts);
    if let Some((row, column)) = cursor
        && let Some(column) = view.columns.place(column)
    {
        view.grid.select(Some(Selection::cell(CellAt { row, column })));
    }
}

/// Says in the line below the table how many columns are hidden, and shows them again.
pub(super) fn hidden(ui: &mut Ui, view: &mut View) {
    let hidden = view.columns.hidden();
    if hidden == 0 {
        return;
    }
    let noun = if hidden == 1 { "column" } else { "columns" };
    let text = format!("{} hidden {noun}", widgets::grouped(hidden as u64));
    let text = RichText::new(text)
        .font(fonts::regular(size::SMALL))
        .color(Tokens::current(ui).accent_text);
    if ui
        .add(Button::new(text).frame(false))
        .on_hover_text("Show all columns")
        .clicked()
    {
        view.columns.layout.show_all();
    }
}

/// Remembers how the columns are laid out, for files with the same ones.
pub(super) fn keep(document: &Document, view: &mut View, layouts: &mut ColumnLayouts) {
    let Some(columns) = document.view().map(|view| view.frame.columns()) else {
        return;
    };
    if let Some(layout) = view.columns.take_change() {
        layouts.set(columns, layout);
    }
}
