//! Going from pane to pane by the keyboard.

use std::collections::BTreeMap;

use eframe::egui::{Context, Id, Memory, Rect, Ui};

/// A part of the window, in the order that the keyboard goes through them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Pane {
    Sidebar,
    /// The table, or whatever else fills the middle.
    Table,
    Problems,
    Inspector,
    Toolbar,
}

impl Pane {
    const ALL: [Self; 5] = [
        Self::Sidebar,
        Self::Table,
        Self::Problems,
        Self::Inspector,
        Self::Toolbar,
    ];
}

/// The panes that were drawn in a pass.
#[derive(Clone, Debug, Default)]
struct DrawnPanes {
    pass: u64,
    places: Vec<(Pane, Rect)>,
    /// What is chosen in its pane, which has the keyboard first there.
    chosen: Vec<Id>,
}

/// Where the keyboard last was in each pane.
#[derive(Debug, Default)]
pub(super) struct PanesUi {
    last: BTreeMap<Pane, Id>,
}

/// Notes that a pane fills this ui.
pub(super) fn mark(ui: &Ui, pane: Pane) {
    let place = ui.max_rect();
    change(ui.ctx(), |drawn| drawn.places.push((pane, place)));
}

/// Notes what is chosen in its pane: an entry, a tab.
pub(super) fn note_chosen(ui: &Ui, id: Id) {
    change(ui.ctx(), |drawn| drawn.chosen.push(id));
}

fn change(ctx: &Context, change: impl FnOnce(&mut DrawnPanes)) {
    let pass = ctx.cumulative_pass_nr();
    ctx.data_mut(|data| {
        let drawn = data.get_temp_mut_or_default::<DrawnPanes>(drawn_id());
        if drawn.pass != pass {
            *drawn = DrawnPanes {
                pass,
                ..DrawnPanes::default()
            };
        }
        change(drawn);
    });
}

fn drawn_id() -> Id {
    Id::unique("drawn_panes")
}

fn drawn(ctx: &Context) -> DrawnPanes {
    ctx.data(|data| data.get_temp(drawn_id())).unwrap_or_default()
}

impl PanesUi {
    /// Takes note of where the keyboard is, once all panes are drawn.
    pub(super) fn note(&mut self, ctx: &Context) {
        if let Some((pane, id)) = current(ctx) {
            self.last.insert(pane, id);
        }
    }

    /// The next pane, or the previous one, from where the keyboard is; from nowhere, the table.
    pub(super) fn next(ctx: &Context, forward: bool) -> Option<Pane> {
        let places = drawn(ctx).places;
        let panes = Pane::ALL.into_iter();
        let panes: Vec<Pane> = panes
            .filter(|pane| places.iter().any(|(drawn, _)| drawn == pane))
            .collect();
        let Some((pane, _)) = current(ctx) else {
            return panes.contains(&Pane::Table).then_some(Pane::Table);
        };
        let at = panes.iter().position(|other| *other == pane)?;
        let step = if forward { 1 } else { panes.len() - 1 };
        panes.get((at + step) % panes.len()).copied()
    }

    /// Gives the keyboard to where it last was in a pane, or else to its beginning.
    pub(super) fn enter(&self, ctx: &Context, pane: Pane) {
        let drawn = drawn(ctx);
        let Some((_, place)) = drawn.places.iter().find(|(other, _)| *other == pane) else {
            return;
        };
        let widgets = focusable(ctx, *place);
        let there = |id: &Id| widgets.iter().any(|(other, _)| other == id);
        let chosen = drawn.chosen.iter().copied().find(there);
        let beginning = || {
            let line = |rect: &Rect| (rect.center().y / 12.0).round() as i32;
            let first = widgets.iter().min_by(|(_, one), (_, other)| {
                let lines = line(one).cmp(&line(other));
                lines.then(one.left().total_cmp(&other.left()))
            });
            first.map(|(id, _)| *id)
        };
        let last = self.last.get(&pane).copied();
        let target = last.filter(there).or(chosen).or_else(beginning);
        if let Some(target) = target {
            ctx.memory_mut(|memory| memory.request_focus(target));
        }
    }
}

/// The pane where the keyboard is, and what has it.
fn current(ctx: &Context) -> Option<(Pane, Id)> {
    let focused = ctx.memory(Memory::focused)?;
    let rect = ctx.viewport(|viewport| viewport.this_pass.widgets.get(focused).map(|widget| widget.rect))?;
    let places = drawn(ctx).places;
    // Later panes stand within earlier ones.
    let pane = places.iter().rev().find(|(_, place)| place.contains(rect.center()));
    pane.map(|(pane, _)| (*pane, focused))
}

/// What can have the keyboard within a place.
fn focusable(ctx: &Context, place: Rect) -> Vec<(Id, Rect)> {
    ctx.viewport(|viewport| {
        let widgets = viewport
            .this_pass
            .widgets
            .get_layer(eframe::egui::LayerId::background());
        widgets
            .filter(|widget| widget.enabled && widget.sense.is_focusable() && widget.sense.senses_click())
            .filter(|widget| {
                place.expand(1.0).contains_rect(widget.interact_rect) && widget.interact_rect.is_positive()
            })
            .map(|widget| (widget.id, widget.rect))
            .collect()
    })
}
