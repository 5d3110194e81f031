//! The mapping: which column of the file becomes which field of the record.

mod chooser;
mod constants;
mod details;
mod item;
mod line;
mod list;
mod offers;
mod transforms;
mod values;

use eframe::egui::{
    Align, Align2, Button, Frame, Id, Label, Layout, Margin, Memory, Popup, PopupCloseBehavior, Rect, Response,
    RichText, ScrollArea, TextEdit, Ui, UiBuilder, style::ScrollAnimation, vec2,
};

use self::{
    line::{ColumnLine, LINE, LineCells},
    list::{ColumnList, ColumnSubset, ListedColumns},
};
use super::{
    UiRequests, parts,
    theme::{Tokens, radius, space},
    widgets,
};
use crate::{
    domain::{
        ids::DocumentId,
        issue::Severity,
        mapping::{CustomType, Mapping, Offer, OfferKind},
        schema::Schema,
    },
    session::{Action, Document, MappingAction, Phase, TableView},
};

/// Room that the field for a text leaves to what stands beside it, and how wide it is at most and at least.
const BESIDE_SEARCH: f32 = 430.0;
const SEARCH: std::ops::RangeInclusive<f32> = 120.0..=260.0;

/// The page's own state, of one document.
#[derive(Debug, Default)]
pub struct ColumnsUi {
    /// The search text of the field chooser.
    search: String,
    transforms: transforms::Chooser,
    constants: constants::ConstantForm,
    list: ColumnList,
    /// Whether the field that filters the list is to have the keyboard, and whether it has it.
    wants_search: bool,
    has_search: bool,
}

impl ColumnsUi {
    /// Opens the line of a column, and has it in sight.
    pub(super) fn reveal(&mut self, column: usize) {
        self.list.reveal(column);
    }

    /// Gives the keyboard to the field that filters the list.
    pub(super) const fn take_search(&mut self) {
        self.wants_search = true;
    }

    /// Takes back the text that is being typed to filter the list. Answers whether there was one.
    pub(super) fn clear_search(&mut self) -> bool {
        let is_typed = self.has_search && !self.list.search.is_empty();
        if is_typed {
            self.list.search.clear();
            self.wants_search = true;
        }
        is_typed
    }
}

/// Shows the mapping of a document.
pub fn show(ui: &mut Ui, document: &Document, state: &mut ColumnsUi, requests: &mut UiRequests) {
    let Some(view) = document.view() else {
        let text = match document.phase() {
            Phase::Failed(reason) => reason.to_owned(),
            _ => "Reading the file…".to_owned(),
        };
        parts::note(ui, &text);
        return;
    };
    let (mapping, columns) = (&view.mapping, view.frame.columns());
    let counts = counts(document, columns.len());
    let listed = ListedColumns {
        view,
        counts: document.checked().map(|_| counts.as_slice()),
    };
    let margin = Margin::symmetric(space::M as i8, space::S as i8);
    Frame::new().inner_margin(margin).show(ui, |ui| {
        heading(ui, document, view, requests);
        for field in missing(mapping) {
            ui.add_space(space::XS);
            banner(ui, document, view, columns, field, state, &mut requests.actions);
        }
        constants::show(ui, document, mapping, &mut state.constants, &mut requests.actions);
        ui.add_space(space::XS);
        filter(ui, &listed, state);
        state.list.refresh(&listed);
        ui.add_space(space::XS);
        if state.list.lines().is_empty() {
            nothing_listed(ui, &mut state.list);
        } else {
            lines(ui, (document, view), &counts, state, requests);
        }
    });
}

/// What the list is narrowed to: by a text, and by what is to be done.
fn filter(ui: &mut Ui, listed: &ListedColumns<'_>, state: &mut ColumnsUi) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::M;
        let width = (ui.available_width() - BESIDE_SEARCH).clamp(*SEARCH.start(), *SEARCH.end());
        let field = TextEdit::singleline(&mut state.list.search)
            .hint_text("Column or field")
            .margin(vec2(space::S, 5.0))
            .align(Align2::LEFT_CENTER)
            .desired_width(width - 2.0 * space::S);
        let field = parts::named_field(ui, "Filter by column or field", field);
        if std::mem::take(&mut state.wants_search) {
            field.request_focus();
        }
        state.has_search = field.has_focus();
        let chosen = ColumnSubset::ALL.iter().position(|subset| *subset == state.list.subset);
        let tabs = ColumnSubset::ALL.map(|subset| (subset.title(), Some(listed.subset(subset).len() as u64)));
        let clicked = widgets::tabs(ui, chosen.unwrap_or(0), &tabs);
        if let Some(subset) = clicked.and_then(|at| ColumnSubset::ALL.get(at)) {
            state.list.subset = *subset;
        }
    });
}

fn nothing_listed(ui: &mut Ui, list: &mut ColumnList) {
    let why = if list.search.trim().is_empty() {
        "There are no such columns"
    } else {
        "No column has such a name, and none is sent to such a field"
    };
    widgets::empty_state(ui, "No columns to show", why, |ui| {
        if ui.add(widgets::secondary("Show all columns")).clicked() {
            list.show_all();
        }
    });
}

/// The lines in sight, and the names of their parts above them.
fn lines(
    ui: &mut Ui,
    (document, view): (&Document, &TableView),
    counts: &[(u64, u64)],
    state: &mut ColumnsUi,
    requests: &mut UiRequests,
) {
    let cells = LineCells::new(ui.available_width() - ui.spacing().scroll.allocated_width());
    ui.spacing_mut().item_spacing.y = 0.0;
    cells.heads(ui);
    let wanted = state.list.take_wanted();
    let focused = wanted.or_else(|| state.list.focused.take());
    // The list stays as it is while it is walked through; what opens or closes moves the next frame.
    let height = |list: &ColumnList, at: usize| LINE + if list.is_expanded(at) { details::HEIGHT } else { 0.0 };
    let of_lines: Vec<usize> = state.list.lines().to_vec();
    let total: f32 = of_lines.iter().map(|at| height(&state.list, *at)).sum();
    let area = ScrollArea::vertical().id_salt("columns").auto_shrink([false, false]);
    area.show_viewport(ui, |ui, in_sight| {
        ui.set_height(total);
        let origin = ui.max_rect().min;
        let mut top = 0.0;
        for at in of_lines {
            let height = height(&state.list, at);
            let place = Rect::from_min_size(origin + vec2(0.0, top), vec2(cells.width, height));
            top += height;
            if wanted == Some(at) {
                ui.scroll_to_rect_animation(place, None, ScrollAnimation::none());
            }
            let is_in_sight = top > in_sight.min.y && top - height < in_sight.max.y;
            if !is_in_sight && focused != Some(at) {
                continue;
            }
            if let Some(line) = ColumnLine::new(document, view, at, counts) {
                line.show(ui, (&cells, place), wanted == Some(at), state, requests);
            }
        }
    });
}

/// A part of a line, with an id that stays wherever the line is.
fn part(ui: &mut Ui, place: Rect, id: Id, layout: Layout) -> Ui {
    let builder = UiBuilder::new().scope_id(id).max_rect(place).layout(layout);
    let mut ui = ui.new_child(builder);
    ui.shrink_clip_rect(place.expand(2.0));
    ui
}

/// The button behind which a choice stands, as wide as the room; where that is for an angle only, without its words.
fn choice_button(ui: &mut Ui, words: RichText) -> Response {
    let room = ui.available_size();
    let is_angle = room.x <= line::ONLY_ANGLE;
    let button = if is_angle {
        ui.spacing_mut().button_padding.x = 0.0;
        Button::new("")
    } else {
        Button::new(words).truncate().right_text(RichText::new("   "))
    };
    let button = ui.add(button.min_size(room));
    let from_right = if is_angle { room.x / 2.0 } else { space::M + 2.0 };
    parts::chevron(ui, button.rect.right_center() - vec2(from_right, 0.0));
    button
}

/// Gives the keyboard back to a button whose popup has gone, unless something else has it by now.
fn return_focus(ui: &Ui, button: &Response, was_open: bool) {
    let is_open = Popup::is_id_open(ui.ctx(), Popup::default_response_id(button));
    if was_open && !is_open && ui.memory(Memory::focused).is_none() {
        button.request_focus();
    }
}

/// The required fields that no column feeds.
fn missing(mapping: &Mapping) -> impl Iterator<Item = &'static str> {
    let required = Schema::of(mapping.dataset).record.required.iter();
    required.map(String::as_str).filter(|field| mapping.is_free(field))
}

fn heading(ui: &mut Ui, document: &Document, view: &TableView, requests: &mut UiRequests) {
    let targets = &view.mapping.targets;
    let used = targets.iter().filter(|target| target.path.is_some()).count() as u64;
    let all = targets.len() as u64;
    let clear = view.offers.iter().filter(|offer| offer.is_clear()).count();
    ui.horizontal(|ui| {
        let text = if used == all {
            format!("All {} columns are sent", widgets::grouped(all))
        } else {
            format!(
                "{} of {} columns are sent",
                widgets::grouped(used),
                widgets::grouped(all)
            )
        };
        ui.label(RichText::new(text).color(Tokens::current(ui).muted));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if clear > 0 {
                let text = if clear == 1 {
                    "Accept the suggestion".to_owned()
                } else {
                    format!("Accept all {clear} suggestions")
                };
                let accept = ui.add(widgets::primary(&text));
                let why = "Sends columns where their names and values say, and rewrites values; can be undone";
                if accept.on_hover_text(why).clicked() {
                    requests
                        .actions
                        .push(Action::Mapping(document.id, MappingAction::AcceptAll));
                }
            }
            let afresh = ui
                .add(widgets::secondary("Reset mapping"))
                .on_hover_text("Matches all columns by themselves again, and forgets the recipe; can be undone");
            if afresh.clicked() {
                requests
                    .actions
                    .push(Action::Mapping(document.id, MappingAction::StartAfresh));
            }
            if let Some(recipe) = &view.recipe {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add_space(space::M);
                    let words = recipe.words();
                    let is_whole = recipe.differences.is_empty();
                    let tokens = Tokens::current(ui);
                    let tone = if is_whole { tokens.info } else { tokens.warning };
                    let label = Label::new(RichText::new(words.as_str()).color(tone.text)).truncate();
                    ui.add(label)
                        .on_hover_text(format!("{words}\nIt was kept when {} was mapped", recipe.name));
                });
            }
        });
    });
}

/// A required field without a column, with a way to choose one.
fn banner(
    ui: &mut Ui,
    document: &Document,
    view: &TableView,
    columns: &[String],
    field: &str,
    state: &mut ColumnsUi,
    actions: &mut Vec<Action>,
) {
    let dataset = view.mapping.dataset;
    let tokens = Tokens::current(ui);
    Frame::new()
        .fill(tokens.error.tint)
        .stroke((1.0, tokens.error.mark))
        .corner_radius(radius::CONTROL)
        .inner_margin(Margin::symmetric(space::M as i8, space::S as i8))
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                let (_, place) = ui.allocate_space(vec2(16.0, 20.0));
                widgets::paint_severity(ui.painter(), place.center(), 7.0, Severity::Error, tokens);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    for offer in constant_offers(view, field) {
                        if let OfferKind::Constant { value, .. } = &offer.kind
                            && ui.add(widgets::secondary(&format!("Always {value}"))).clicked()
                        {
                            actions.push(Action::Mapping(document.id, MappingAction::Accept(offer.clone())));
                        }
                    }
                    if dataset.id_field() != Some(field) {
                        constants::button(ui, document, field, &mut state.constants, actions);
                    }
                    let name = format!("Choose the column for {field}");
                    let button = ui.add(widgets::secondary(&name));
                    Popup::from_toggle_button_response(&button)
                        .id(ui.scope_id().with(("required", field)))
                        .close_behavior(PopupCloseBehavior::CloseOnClick)
                        .show(|ui| {
                            ScrollArea::vertical().max_height(320.0).show(ui, |ui| {
                                ui.set_min_width(220.0);
                                for (column, name) in columns.iter().enumerate() {
                                    let button = Button::new(name.as_str()).frame_when_inactive(false);
                                    if ui.add(button.truncate()).clicked() {
                                        actions.push(map(document.id, column, Some(field.to_owned()), None));
                                    }
                                }
                            });
                        });
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        let noun = dataset.noun(1);
                        let text = format!("No column is {field}, which every {noun} needs");
                        ui.add(Label::new(RichText::new(text).color(tokens.text)).wrap());
                    });
                });
            });
        });
}

/// The constants that are offered for a field that no column feeds.
fn constant_offers<'a>(view: &'a TableView, field: &'a str) -> impl Iterator<Item = &'a Offer> {
    let is_it = move |offer: &&Offer| matches!(&offer.kind, OfferKind::Constant { path, .. } if *path == field);
    view.offers.iter().filter(is_it)
}

fn map(doc: DocumentId, column: usize, path: Option<String>, custom_type: Option<CustomType>) -> Action {
    Action::Mapping(
        doc,
        MappingAction::Map {
            column,
            path,
            custom_type,
        },
    )
}

/// Errors and warnings of every column.
fn counts(document: &Document, width: usize) -> Vec<(u64, u64)> {
    let mut counts = vec![(0, 0); width];
    let Some(checked) = document.checked() else {
        return counts;
    };
    for (cause, rows) in checked.issues.causes() {
        let Some(count) = cause.column.and_then(|column| counts.get_mut(column as usize)) else {
            continue;
        };
        match checked.issues.severity(cause) {
            Severity::Error => count.0 += rows.len(),
            Severity::Warning => count.1 += rows.len(),
            Severity::Info => {}
        }
    }
    counts
}

const fn title(kind: CustomType) -> &'static str {
    match kind {
        CustomType::Text => "Text",
        CustomType::Number => "Number",
        CustomType::Boolean => "True or false",
        CustomType::List => "List",
    }
}
