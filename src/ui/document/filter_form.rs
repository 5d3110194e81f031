//! The popup in which a filter on a column is made or changed.

use std::collections::BTreeSet;

use eframe::egui::{
    Align, Button, Checkbox, Context, Id, Key, Layout, Memory, Popup, PopupAnchor, PopupCloseBehavior, PopupKind, Pos2,
    RichText, ScrollArea, TextEdit, Ui, vec2,
};

use super::{
    View,
    filters::{self, PACE},
};
use crate::{
    domain::{
        filter::{ColumnFilter, FilterCondition, RangeError, RangeOrder, ValueRange, ValueTest},
        text_query::TextQuery,
    },
    ops::filter::{ColumnValues, DistinctCount},
    session::{Action, Document, FilterAction, OpenDocument, TableAction, ValuesState},
    ui::{
        UiRequests, fonts, parts,
        theme::{Tokens, size, space},
        widgets::{self, grouped},
    },
};

/// The popup's width, and the most that its list of values takes, in points.
const WIDTH: f32 = 330.0;
const LIST: f32 = 220.0;
/// The height of a value in the list, in points.
const VALUE: f32 = 22.0;
/// So many letters of a value are shown in the list.
const LETTERS: usize = 38;

/// What a filter looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum FilterKind {
    Contains,
    Equals,
    Range,
    Values,
    Empty,
    NotEmpty,
    Problem,
}

const KINDS: [(FilterKind, &str); 7] = [
    (FilterKind::Contains, "contains"),
    (FilterKind::Equals, "is exactly"),
    (FilterKind::Range, "is between"),
    (FilterKind::Values, "is one of"),
    (FilterKind::Empty, "is empty"),
    (FilterKind::NotEmpty, "is not empty"),
    (FilterKind::Problem, "has a problem"),
];

/// A filter while it is made.
#[derive(Debug)]
pub(super) struct FilterForm {
    column: u32,
    /// Where the popup is.
    at: Pos2,
    kind: FilterKind,
    text: String,
    from: String,
    to: String,
    order: RangeOrder,
    /// What the list of values is narrowed to.
    search: String,
    /// The values chosen from the list.
    chosen: BTreeSet<String>,
    /// Whether the first field still has to take the keyboard.
    takes_focus: bool,
    /// Whether the values were asked for.
    has_asked: bool,
    /// Whether the popup is still to be opened.
    is_new: bool,
}

/// What is to be done with the filter.
enum FormAnswer {
    Set(FilterCondition),
    Remove,
    Cancel,
}

impl FilterForm {
    /// A form for a column, with the filter that it has.
    pub(super) fn new(open: &OpenDocument, column: u32, at: Pos2) -> Self {
        let mut form = Self {
            column,
            at,
            kind: FilterKind::Contains,
            text: String::new(),
            from: String::new(),
            to: String::new(),
            order: open.range_order(column),
            search: String::new(),
            chosen: BTreeSet::new(),
            takes_focus: true,
            has_asked: false,
            is_new: true,
        };
        if let Some(filter) = open.filters.on(column) {
            form.take_over(&filter.condition);
        }
        form
    }

    fn take_over(&mut self, condition: &FilterCondition) {
        self.kind = match condition {
            FilterCondition::Problem => FilterKind::Problem,
            FilterCondition::Value(ValueTest::Contains(query)) => {
                query.text().clone_into(&mut self.text);
                FilterKind::Contains
            }
            FilterCondition::Value(ValueTest::Equals(text)) => {
                self.text.clone_from(text);
                FilterKind::Equals
            }
            FilterCondition::Value(ValueTest::Within(range)) => {
                let (from, to) = range.ends();
                (self.from, self.to) = (from.to_owned(), to.to_owned());
                FilterKind::Range
            }
            FilterCondition::Value(ValueTest::OneOf(values)) => {
                self.chosen.clone_from(values);
                FilterKind::Values
            }
            FilterCondition::Value(ValueTest::Empty) => FilterKind::Empty,
            FilterCondition::Value(ValueTest::NotEmpty) => FilterKind::NotEmpty,
        };
    }

    fn range(&self) -> Result<ValueRange, RangeError> {
        ValueRange::new(&self.from, &self.to, self.order)
    }

    /// What was said, when that is all that is needed.
    fn condition(&self) -> Option<FilterCondition> {
        let test = match self.kind {
            FilterKind::Problem => return Some(FilterCondition::Problem),
            FilterKind::Contains => ValueTest::Contains(TextQuery::new(&self.text)?),
            FilterKind::Equals if self.text.is_empty() => return None,
            FilterKind::Equals => ValueTest::Equals(self.text.clone()),
            FilterKind::Range => ValueTest::Within(self.range().ok()?),
            FilterKind::Values if self.chosen.is_empty() => return None,
            FilterKind::Values => ValueTest::OneOf(self.chosen.clone()),
            FilterKind::Empty => ValueTest::Empty,
            FilterKind::NotEmpty => ValueTest::NotEmpty,
        };
        Some(FilterCondition::Value(test))
    }
}

fn popup_id(ui: &Ui) -> Id {
    ui.scope_id().with("filter")
}

/// Shows the form, if there is one.
pub(super) fn show(ui: &Ui, document: &Document, view: &mut View, requests: &mut UiRequests) {
    let (Some(form), Ok(open)) = (&mut view.filter, document.open()) else {
        return;
    };
    let ctx = ui.ctx();
    let id = popup_id(ui);
    if std::mem::take(&mut form.is_new) {
        Popup::open_id(ctx, id);
    }
    let popup = Popup::new(id, ctx.clone(), PopupAnchor::Position(form.at), ui.layer_id());
    let shown = popup
        .kind(PopupKind::Popup)
        .layout(Layout::top_down(Align::Min))
        .open_memory(None)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_width(WIDTH);
            ui.spacing_mut().item_spacing.y = space::S;
            fields(ui, document, open, form, requests)
        });
    let mut act = |action| {
        let action = TableAction::FilterColumns(action);
        requests.actions.push(Action::Table(document.id, action));
    };
    let column = form.column;
    match shown.map(|shown| shown.inner) {
        Some(None) => return,
        Some(Some(answer)) => {
            close(ctx, id);
            match answer {
                FormAnswer::Set(condition) => act(FilterAction::Set(ColumnFilter { column, condition })),
                FormAnswer::Remove => act(FilterAction::Remove(column)),
                FormAnswer::Cancel => {}
            }
        }
        None => {}
    }
    act(FilterAction::StopListing);
    view.filter = None;
    if ctx.memory(|memory| memory.focused().is_none()) {
        view.grid.take_focus();
    }
}

fn close(ctx: &Context, id: Id) {
    Popup::close_id(ctx, id);
    // A field of the popup has the keyboard; it goes back to the table.
    if let Some(focused) = ctx.memory(Memory::focused) {
        ctx.memory_mut(|memory| memory.surrender_focus(focused));
    }
}

fn fields(
    ui: &mut Ui,
    document: &Document,
    open: &OpenDocument,
    form: &mut FilterForm,
    requests: &mut UiRequests,
) -> Option<FormAnswer> {
    let title = format!("Show rows where {}", filters::name(document, form.column));
    ui.label(RichText::new(title).font(fonts::strong(size::BODY)));
    kinds(ui, open, form);
    let is_entered = match form.kind {
        FilterKind::Contains => text_field(ui, form, "Text that it contains"),
        FilterKind::Equals => text_field(ui, form, "The whole text"),
        FilterKind::Range => range(ui, form),
        FilterKind::Values => {
            values(ui, document, open, form, requests);
            false
        }
        FilterKind::Empty | FilterKind::NotEmpty | FilterKind::Problem => false,
    };
    let plan = document.checked().map(|checked| checked.plan());
    let part = plan.and_then(|plan| plan.part(form.column as usize));
    if part.is_some_and(|part| part.transform.is_some()) && form.kind != FilterKind::Problem {
        parts::caption(ui, "Values are taken as they will be sent");
    }
    buttons(ui, open, form, is_entered)
}

fn buttons(ui: &mut Ui, open: &OpenDocument, form: &FilterForm, is_entered: bool) -> Option<FormAnswer> {
    let condition = form.condition();
    let mut answer = None;
    ui.horizontal(|ui| {
        let button = ui.add_enabled_ui(condition.is_some(), |ui| ui.add(widgets::primary("Filter")));
        if button.inner.clicked() || is_entered {
            answer = condition.map(FormAnswer::Set);
        }
        if ui.add(widgets::secondary("Cancel")).clicked() {
            answer = Some(FormAnswer::Cancel);
        }
        if open.filters.on(form.column).is_some() && ui.add(widgets::quiet("Remove the filter")).clicked() {
            answer = Some(FormAnswer::Remove);
        }
    });
    answer
}

fn kinds(ui: &mut Ui, open: &OpenDocument, form: &mut FilterForm) {
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing = vec2(space::XS, space::XS);
        ui.spacing_mut().button_padding = vec2(space::S, 3.0);
        ui.spacing_mut().interact_size.y = 24.0;
        for (kind, text) in KINDS {
            let refusal = open.checked().err().filter(|_| kind == FilterKind::Problem);
            let button = ui.add_enabled(refusal.is_none(), Button::selectable(form.kind == kind, text));
            let button = match refusal {
                Some(refusal) => button.on_disabled_hover_text(refusal.to_string()),
                None => button,
            };
            if button.clicked() {
                form.kind = kind;
                form.takes_focus = true;
            }
        }
    });
}

/// A field for a text; whether Enter was pressed in it.
fn field(ui: &mut Ui, name: &str, text: &mut String, width: f32, takes_focus: &mut bool) -> bool {
    let field = TextEdit::singleline(text)
        .hint_text(name)
        .margin(vec2(space::S, 5.0))
        .desired_width(width);
    let response = parts::named_field(ui, name, field);
    if *takes_focus {
        response.request_focus();
        // The first frame of a popup is not yet shown.
        *takes_focus = !response.has_focus();
    }
    response.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
}

fn text_field(ui: &mut Ui, form: &mut FilterForm, name: &str) -> bool {
    field(ui, name, &mut form.text, WIDTH, &mut form.takes_focus)
}

fn range(ui: &mut Ui, form: &mut FilterForm) -> bool {
    let mut is_entered = false;
    ui.horizontal(|ui| {
        let width = WIDTH / 2.0 - 20.0;
        is_entered |= field(ui, "From", &mut form.from, width, &mut form.takes_focus);
        ui.label("to");
        is_entered |= field(ui, "To", &mut form.to, width, &mut false);
    });
    match form.range() {
        Err(error @ (RangeError::Reversed | RangeError::NoNumber(_))) => parts::complaint(ui, &error.to_string()),
        Err(RangeError::Open) | Ok(_) => {
            let how = match form.order {
                RangeOrder::Numbers => {
                    "Both ends are included; one may stay empty. What is no plain number is left out"
                }
                RangeOrder::Texts => "In alphabetical order, which suits dates like 2026-01-31; one end may stay empty",
            };
            parts::note(ui, how);
        }
    }
    is_entered
}

fn values(ui: &mut Ui, document: &Document, open: &OpenDocument, form: &mut FilterForm, requests: &mut UiRequests) {
    let list = Action::Table(
        document.id,
        TableAction::FilterColumns(FilterAction::ListValues(form.column)),
    );
    let is_asked = std::mem::replace(&mut form.has_asked, true);
    let failure = match open.filters.values(form.column) {
        Some(ValuesState::Known(known)) => return value_list(ui, known, form),
        Some(ValuesState::Counting(search)) => {
            ui.ctx().request_repaint_after_secs(PACE);
            widgets::progress(ui, search.progress.fraction().or(Some(0.0)), "Counting the values");
            return;
        }
        Some(ValuesState::Failed(_)) | None if !is_asked => return requests.actions.push(list),
        Some(ValuesState::Failed(reason)) => reason,
        None => "The values are not counted",
    };
    parts::complaint(ui, failure);
    if ui.add(widgets::secondary("Count them again")).clicked() {
        requests.actions.push(list);
    }
}

fn value_list(ui: &mut Ui, known: &ColumnValues, form: &mut FilterForm) {
    field(ui, "Search the values", &mut form.search, WIDTH, &mut form.takes_focus);
    let query = TextQuery::new(&form.search);
    let is_meant = |text: &str| query.as_ref().is_none_or(|query| query.is_in(&filters::value(text)));
    let meant: Vec<&(String, u64)> = known.values.iter().filter(|(text, _)| is_meant(text)).collect();
    ui.horizontal(|ui| {
        if ui.add(widgets::quiet("Choose all")).clicked() {
            form.chosen.extend(meant.iter().map(|(text, _)| text.clone()));
        }
        if ui.add(widgets::quiet("Choose none")).clicked() {
            form.chosen.clear();
        }
        let chosen = format!("{} chosen", grouped(form.chosen.len() as u64));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| parts::caption(ui, &chosen));
    });
    ui.scope(|ui| {
        ui.spacing_mut().item_spacing.y = 0.0;
        ui.spacing_mut().interact_size.y = VALUE;
        ScrollArea::vertical()
            .id_salt("values")
            .max_height(LIST)
            .auto_shrink([false, true])
            .show_rows(ui, VALUE, meant.len(), |ui, rows| {
                for (text, count) in meant.get(rows).unwrap_or_default() {
                    value(ui, text, *count, &mut form.chosen);
                }
            });
    });
    if meant.is_empty() {
        parts::note(ui, "No value has this text");
    }
    if let Some(more) = more(known) {
        parts::note(ui, &more);
    }
}

fn value(ui: &mut Ui, text: &str, count: u64, chosen: &mut BTreeSet<String>) {
    let full = filters::value(text);
    let is_long = full.chars().count() > LETTERS;
    let mut short: String = full.chars().take(LETTERS).collect();
    if is_long {
        short.push('…');
    }
    let mut is_on = chosen.contains(text);
    ui.allocate_ui_with_layout(
        vec2(ui.available_width(), VALUE),
        Layout::right_to_left(Align::Center),
        |ui| {
            ui.add_space(space::M);
            parts::caption(ui, &grouped(count));
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                let label = RichText::new(short.as_str());
                let label = if text.is_empty() {
                    label.color(Tokens::current(ui).muted)
                } else {
                    label
                };
                let mut response = ui.add(Checkbox::new(&mut is_on, label));
                if is_long {
                    response = response.on_hover_text(&full);
                }
                if response.changed() {
                    if is_on {
                        chosen.insert(text.to_owned());
                    } else {
                        chosen.remove(text);
                    }
                }
            });
        },
    );
}

/// What is said where not all values are listed.
fn more(known: &ColumnValues) -> Option<String> {
    let listed = known.values.len() as u64;
    let all = match known.distinct {
        DistinctCount::Exactly(all) if all <= listed => return None,
        DistinctCount::Exactly(all) => grouped(all),
        DistinctCount::MoreThan(all) => format!("more than {}", grouped(all)),
    };
    Some(format!(
        "The {} most frequent of {all} values. Others are found with “contains” or “is exactly”",
        grouped(listed)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_when_not_all_values_are_listed() {
        let known = |listed: usize, distinct| ColumnValues {
            values: (0..listed).map(|value| (value.to_string(), 1)).collect(),
            distinct,
        };
        assert_eq!(more(&known(3, DistinctCount::Exactly(3))), None);
        let all = more(&known(1000, DistinctCount::Exactly(25_304))).unwrap();
        assert!(all.starts_with("The 1,000 most frequent of 25,304 values."), "{all}");
        let all = more(&known(1000, DistinctCount::MoreThan(65_536))).unwrap();
        assert!(
            all.starts_with("The 1,000 most frequent of more than 65,536 values."),
            "{all}"
        );
    }
}
