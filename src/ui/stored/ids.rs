//! Products and users: their ids page by page, to look at and to select.

use eframe::egui::{
    Align, Align2, Checkbox, CornerRadius, Key, Layout, Rect, Response, Role, ScrollArea, Sense, StrokeKind, TextEdit,
    Ui, UiBuilder, WidgetInfo, pos2, vec2,
};

use super::{beside, failed, foot, hindrance, loading, nothing, record};
use crate::{
    domain::{dataset::Dataset, escapes::safe},
    session::{Action, Remote, Session, StoredAction, StoredSet},
    ui::{
        fonts, parts,
        theme::{Tokens, radius, size, space},
        widgets,
    },
};

/// Height of an entry, in points.
const ROW: f32 = 30.0;

pub(super) fn show(ui: &mut Ui, session: &Session, dataset: Dataset, actions: &mut Vec<Action>) {
    let set = session.stored.set(dataset);
    if let Remote::Failed(error) = &set.ids {
        let title = format!("The {} in {} cannot be listed", dataset.noun(0), session.environment);
        return failed(ui, session, &title, &error.reason, actions);
    }
    let Some(ids) = set.ids.value() else {
        return loading(ui, session, dataset);
    };
    if ids.is_empty() {
        return nothing(ui, session, dataset, actions);
    }
    let wanted = std::cell::Cell::new(None);
    beside(
        ui,
        |ui| match &set.record {
            Some((id, value)) => {
                if record::remote(ui, id, value) {
                    wanted.set(Some(id.clone()));
                }
            }
            None => record::none(ui, &format!("Choose a {} to see its record", dataset.noun(1))),
        },
        |ui| list(ui, session, dataset, ids.len(), actions),
    );
    if let Some(id) = wanted.into_inner() {
        actions.push(Action::Stored(StoredAction::ShowRecord(dataset, id)));
    }
}

fn list(ui: &mut Ui, session: &Session, dataset: Dataset, all: usize, actions: &mut Vec<Action>) {
    let set = session.stored.set(dataset);
    if let Some(caveat) = &set.caveat {
        parts::note(ui, caveat);
        ui.add_space(space::XS);
    }
    find(ui, set, dataset, all, actions);
    if set.found() == 0 {
        let text = format!("No {} id contains \"{}\".", dataset.noun(1), set.find);
        return widgets::empty_state(ui, "Nothing found", &text, |ui| {
            if ui.add(widgets::secondary("Clear the search")).clicked() {
                actions.push(Action::Stored(StoredAction::Find(dataset, String::new())));
            }
        });
    }
    let page = set.page_ids();
    selection(ui, set, dataset, &page, actions);
    if set.pages() > 1 {
        foot(ui, "stored_pager", |ui| pager(ui, set, dataset, actions));
    }
    let shown = set.record.as_ref().map(|(id, _)| id.as_str());
    ui.spacing_mut().item_spacing.y = 0.0;
    ScrollArea::vertical()
        .id_salt("stored_ids")
        .auto_shrink([false, false])
        .show_rows(ui, ROW, page.len(), |ui, rows| {
            for id in page.get(rows).unwrap_or_default() {
                row(ui, set, dataset, id, shown == Some(*id), actions);
            }
        });
    walk(ui, dataset, &page, shown, actions);
}

fn find(ui: &mut Ui, set: &StoredSet, dataset: Dataset, all: usize, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let mut text = set.find.clone();
        let said = if set.find.is_empty() {
            String::new()
        } else {
            format!(
                "{} of {}",
                widgets::grouped(set.found() as u64),
                widgets::grouped(all as u64)
            )
        };
        let width = (ui.available_width() - if said.is_empty() { 0.0 } else { 110.0 }).max(120.0);
        let field = TextEdit::singleline(&mut text)
            .hint_text(format!("Find a {} id", dataset.noun(1)))
            .margin(vec2(space::S, 6.0))
            .desired_width(width);
        if parts::named_field(ui, "Find an id", field).changed() {
            actions.push(Action::Stored(StoredAction::Find(dataset, text)));
        }
        if !said.is_empty() {
            parts::note(ui, &said);
        }
    });
}

fn selection(ui: &mut Ui, set: &StoredSet, dataset: Dataset, page: &[&str], actions: &mut Vec<Action>) {
    let here = page.iter().filter(|id| set.selected.contains(**id)).count();
    ui.horizontal(|ui| {
        ui.add_space(space::S);
        let mut all = here == page.len();
        let text = if set.pages() > 1 {
            "Select this page"
        } else {
            "Select all"
        };
        let some = here > 0 && here < page.len();
        if ui.add(Checkbox::new(&mut all, text).indeterminate(some)).changed() {
            let ids = page.iter().map(|id| (*id).to_owned()).collect();
            actions.push(Action::Stored(StoredAction::Select(dataset, ids, here < page.len())));
        }
        if !set.selected.is_empty() {
            let text = format!("{} selected", widgets::grouped(set.selected.len() as u64));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if ui.add(widgets::quiet("Select none")).clicked() {
                    actions.push(Action::Stored(StoredAction::Select(
                        dataset,
                        set.selected.iter().cloned().collect(),
                        false,
                    )));
                }
                parts::caption(ui, &text);
            });
        }
    });
}

fn row(ui: &mut Ui, set: &StoredSet, dataset: Dataset, id: &str, shown: bool, actions: &mut Vec<Action>) {
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), ROW), Sense::hover());
    let salt = ui.scope_id().with(("stored", id));
    let text_left = rect.left() + space::S + 16.0 + space::S;
    let link = Rect::from_min_max(pos2(text_left - space::XS, rect.top()), rect.max);
    let response = ui.interact(link, salt, Sense::click());
    paint(ui, rect, text_left, id, shown, &response);
    response.widget_info(|| WidgetInfo::selected(Role::Button, true, shown, id));
    if response.clicked() {
        actions.push(Action::Stored(StoredAction::ShowRecord(dataset, id.to_owned())));
    }
    let box_rect = Rect::from_min_max(pos2(rect.left() + space::S, rect.top()), pos2(text_left, rect.bottom()));
    let mut selected = set.selected.contains(id);
    let mut inside = ui.new_child(
        UiBuilder::new()
            .id_salt(salt.with("box"))
            .max_rect(box_rect)
            .layout(Layout::left_to_right(Align::Center)),
    );
    inside.spacing_mut().interact_size = vec2(16.0, 16.0);
    let tick = inside.add(Checkbox::without_text(&mut selected));
    tick.widget_info(|| WidgetInfo::selected(Role::CheckBox, true, selected, format!("Select {id}")));
    if tick.changed() {
        actions.push(Action::Stored(StoredAction::Select(
            dataset,
            vec![id.to_owned()],
            selected,
        )));
    }
}

fn paint(ui: &Ui, rect: Rect, left: f32, id: &str, shown: bool, response: &Response) {
    let tokens = Tokens::current(ui);
    let (painter, rounding) = (
        ui.painter().with_clip_rect(rect.intersect(ui.clip_rect())),
        CornerRadius::same(radius::CONTROL),
    );
    if shown {
        painter.rect_filled(rect, rounding, tokens.selection);
    } else if response.hovered() {
        painter.rect_filled(rect, rounding, tokens.hover);
    }
    if response.has_focus() {
        painter.rect_stroke(rect, rounding, (2.0, tokens.accent), StrokeKind::Inside);
    }
    let colour = if shown { tokens.accent_text } else { tokens.text };
    let font = fonts::mono(size::BODY - 0.5);
    painter.text(pos2(left, rect.center().y), Align2::LEFT_CENTER, safe(id), font, colour);
}

/// The arrow keys go from record to record, unless a field takes them.
fn walk(ui: &Ui, dataset: Dataset, page: &[&str], shown: Option<&str>, actions: &mut Vec<Action>) {
    let Some(at) = shown.and_then(|shown| page.iter().position(|id| *id == shown)) else {
        return;
    };
    if ui.ctx().egui_wants_keyboard_input() {
        return;
    }
    let step =
        ui.input(|input| isize::from(input.key_pressed(Key::ArrowDown)) - isize::from(input.key_pressed(Key::ArrowUp)));
    let next = at.checked_add_signed(step).and_then(|next| page.get(next));
    if let Some(next) = next.filter(|_| step != 0) {
        actions.push(Action::Stored(StoredAction::ShowRecord(dataset, (*next).to_owned())));
    }
}

fn pager(ui: &mut Ui, set: &StoredSet, dataset: Dataset, actions: &mut Vec<Action>) {
    ui.horizontal(|ui| {
        let (page, pages) = (set.page, set.pages());
        let mut turn = |ui: &mut Ui, text: &str, to: Option<usize>| {
            let button = ui.add_enabled(to.is_some(), widgets::secondary(text));
            if let Some(to) = to.filter(|_| button.clicked()) {
                actions.push(Action::Stored(StoredAction::ShowPage(dataset, to)));
            }
        };
        turn(ui, "Previous", page.checked_sub(1));
        turn(ui, "Next", Some(page + 1).filter(|next| *next < pages));
        let text = format!(
            "Page {} of {}",
            widgets::grouped(page as u64 + 1),
            widgets::grouped(pages as u64)
        );
        parts::caption(ui, &text);
    });
}

pub(super) fn delete_button(ui: &mut Ui, session: &Session, dataset: Dataset, actions: &mut Vec<Action>) {
    let set = session.stored.set(dataset);
    let count = set.selected.len() as u64;
    let (text, nothing) = if set.deleting {
        ("Deleting…".to_owned(), Some("Records are being deleted".to_owned()))
    } else if count == 0 {
        let reason = format!("Select the {} to delete first", dataset.noun(0));
        ("Delete selected…".to_owned(), Some(reason))
    } else {
        (
            format!("Delete {} {}…", widgets::grouped(count), dataset.noun(count)),
            None,
        )
    };
    let hindrance = hindrance(session).or(nothing);
    if parts::danger_quiet(ui, &text, hindrance.as_deref()).clicked() {
        actions.push(Action::Stored(StoredAction::AskDelete(dataset)));
    }
}
