//! The shortcuts, on one sheet, made from the table of commands.

use eframe::egui::{Context, Grid, Label, RichText, Ui};

use super::{Life, Look, modal, tell};
use crate::{
    session::Action,
    ui::{
        fonts,
        keys::{MenuCommand, MenuName, OTHER_KEYS},
        parts,
        theme::{Tokens, size, space},
    },
};

/// The menus in the first column of the sheet; the others stand in the second.
const FIRST: [MenuName; 2] = [MenuName::File, MenuName::Edit];

pub(super) fn show(ctx: &Context, life: Life, actions: &mut Vec<Action>) {
    modal(
        ctx,
        &Look {
            name: "shortcuts",
            title: "Keyboard shortcuts",
            width: 760.0,
            is_form: false,
        },
        &mut (),
        |ui, ()| {
            ui.columns(2, |columns| {
                let (one, rest) = columns.split_at_mut(1);
                for (ui, is_first) in one.iter_mut().chain(rest).zip([true, false]) {
                    let menus = MenuName::ALL.into_iter();
                    for menu in menus.filter(|menu| FIRST.contains(menu) == is_first) {
                        commands(ui, menu);
                    }
                    for (at, (name, keys)) in OTHER_KEYS.into_iter().enumerate() {
                        if (at == 0) == is_first {
                            others(ui, name, keys);
                        }
                    }
                }
            });
        },
        |ui, (), actions| tell(ui, life, actions),
        actions,
    );
}

/// The commands of a menu that have shortcuts.
fn commands(ui: &mut Ui, menu: MenuName) {
    let of = |command: &MenuCommand| command.menu() == menu && !command.shortcuts().is_empty();
    let commands = MenuCommand::ALL.into_iter().filter(of);
    let keys = commands.map(|command| (command.shortcut_texts(ui.ctx()), command.text()));
    let keys: Vec<(String, &str)> = keys.collect();
    if !keys.is_empty() {
        group(ui, menu.text(), &keys);
    }
}

/// Keys that are no commands.
fn others(ui: &mut Ui, name: &str, keys: &[(&str, &'static str)]) {
    let is_mac = ui.ctx().os().is_mac();
    let named = |key: &str| {
        if is_mac {
            key.replace("Ctrl", "Cmd")
        } else {
            key.to_owned()
        }
    };
    let keys: Vec<(String, &str)> = keys.iter().map(|(key, what)| (named(key), *what)).collect();
    group(ui, name, &keys);
}

fn group(ui: &mut Ui, name: &str, keys: &[(String, &str)]) {
    let tokens = Tokens::current(ui);
    ui.add_space(space::XS);
    parts::caption(ui, name);
    ui.spacing_mut().interact_size.y = 20.0;
    Grid::new(name)
        .num_columns(2)
        .spacing([space::M, 6.0])
        .min_col_width(200.0)
        .show(ui, |ui| {
            for (key, what) in keys {
                ui.label(what.trim_end_matches('…'));
                let font = fonts::strong(size::SMALL);
                ui.add(Label::new(RichText::new(key).font(font).color(tokens.muted)).extend());
                ui.end_row();
            }
        });
    ui.add_space(space::S);
}
