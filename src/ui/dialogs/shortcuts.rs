//! The shortcuts, on one sheet.

use eframe::egui::{Context, Grid, RichText, Ui};

use super::{Life, Look, at_right, cancel, modal};
use crate::{
    session::Action,
    ui::{
        fonts, parts,
        theme::{Tokens, size, space},
    },
};

/// Keys and what they do.
type ShortcutKeys = &'static [(&'static str, &'static str)];

/// The two columns of the sheet, in groups; `Ctrl` is the command key where there is one.
const COLUMNS: [&[(&str, ShortcutKeys)]; 2] = [
    &[
        (
            "Files",
            &[
                ("Ctrl+O", "Open files"),
                ("Ctrl+W", "Close the file"),
                ("Ctrl+U", "Upload"),
                ("Ctrl+E", "Save rows with problems"),
            ],
        ),
        (
            "Problems",
            &[
                ("F8", "Next problem"),
                ("Shift+F8", "Previous problem"),
                ("Ctrl+.", "Repair the cell"),
                ("Ctrl+Shift+L", "Only rows with problems"),
            ],
        ),
        (
            "Going around",
            &[
                ("Ctrl+1, 2, 3", "Products, interactions, users"),
                ("Ctrl+4", "Stored records"),
                ("F5", "Refresh what is stored"),
                ("F1", "These shortcuts"),
                ("Esc", "Close or cancel"),
            ],
        ),
    ],
    &[
        (
            "Moving in the table",
            &[
                ("Arrows", "To the next cell"),
                ("Shift+Arrows", "Select cells"),
                ("Ctrl+Arrows", "To the edge"),
                ("Home, End", "To the row's ends"),
                ("Ctrl+Home, Ctrl+End", "To the table's corners"),
                ("Ctrl+F", "Find a text"),
                ("F3, Shift+F3", "Next, previous found"),
                ("Ctrl+G", "Go to a line or an id"),
            ],
        ),
        (
            "Changing cells",
            &[
                ("Enter, F2", "Edit the cell"),
                ("Delete", "Empty the cells"),
                ("Ctrl+C, Ctrl+V", "Copy and paste"),
                ("Ctrl+Z", "Undo"),
                ("Ctrl+Shift+Z, Ctrl+Y", "Redo"),
            ],
        ),
        (
            "Showing",
            &[
                ("Ctrl+I", "Inspector"),
                ("Ctrl+J", "Problems"),
                ("Ctrl+Shift+K", "Columns and fields"),
            ],
        ),
    ],
];

pub(super) fn show(ctx: &Context, life: Life, actions: &mut Vec<Action>) {
    let is_mac = ctx.os().is_mac();
    modal(
        ctx,
        &Look {
            name: "shortcuts",
            title: "Keyboard shortcuts",
            width: 720.0,
            is_form: false,
        },
        &mut (),
        |ui, ()| {
            ui.columns(2, |columns| {
                for (ui, groups) in columns.iter_mut().zip(COLUMNS) {
                    for (name, keys) in groups {
                        group(ui, name, keys, is_mac);
                    }
                }
            });
        },
        |ui, (), actions| {
            at_right(ui, |ui| cancel(ui, "Close", life.is_new, actions));
        },
        actions,
    );
}

fn group(ui: &mut Ui, name: &str, keys: ShortcutKeys, is_mac: bool) {
    let tokens = Tokens::current(ui);
    ui.add_space(space::XS);
    parts::caption(ui, name);
    ui.spacing_mut().interact_size.y = 20.0;
    Grid::new(name)
        .num_columns(2)
        .spacing([space::L, 6.0])
        .min_col_width(170.0)
        .show(ui, |ui| {
            for (key, what) in keys {
                let key = if is_mac {
                    key.replace("Ctrl", "Cmd")
                } else {
                    (*key).to_owned()
                };
                ui.label(RichText::new(*what));
                let font = fonts::strong(size::SMALL);
                ui.label(RichText::new(key).font(font).color(tokens.muted));
                ui.end_row();
            }
        });
    ui.add_space(space::S);
}
