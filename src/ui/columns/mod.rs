//! The mapping: which column of the file becomes which field of the record.

mod chooser;
mod constants;
mod item;
mod offers;
mod transforms;
mod values;

use std::borrow::Cow;

use eframe::egui::{
    Align, Button, ComboBox, Frame, Label, Layout, Margin, Popup, PopupCloseBehavior, RichText, ScrollArea, Ui, vec2,
};
use egui_extras::{Column, TableBuilder, TableRow};

use self::chooser::FieldChoice;
use super::{
    UiRequests, fonts,
    keys::MenuCommand,
    parts,
    theme::{Tokens, radius, size, space},
    widgets,
};
use crate::{
    domain::{
        ids::DocumentId,
        issue::{Cause, Severity},
        mapping::{CustomType, Mapping, Offer, OfferKind, Reason, Target},
        proposal::Proposal,
        sampled::Sampled,
        schema::Schema,
    },
    session::{Action, Document, Filter, MappingAction, Phase, Session, TableAction, TableView},
};

/// How many sample values of a column are shown.
const SAMPLES: usize = 4;
const ROW: f32 = 64.0;

/// The panel's own state.
#[derive(Debug, Default)]
pub struct ColumnsUi {
    /// The search text of the field chooser.
    search: String,
    transforms: transforms::Chooser,
    constants: constants::ConstantForm,
}

/// Shows the mapping of a document.
pub fn show(ui: &mut Ui, _session: &Session, document: &Document, state: &mut ColumnsUi, requests: &mut UiRequests) {
    let Some(view) = document.view() else {
        let text = match document.phase() {
            Phase::Failed(reason) => reason.to_owned(),
            _ => "Reading the file…".to_owned(),
        };
        parts::note(ui, &text);
        return;
    };
    let (mapping, columns) = (&view.mapping, view.frame.columns());
    let tokens = Tokens::current(ui);
    Frame::new()
        .fill(tokens.surface)
        .inner_margin(Margin::same(space::L as i8))
        .show(ui, |ui| {
            heading(ui, document, view, requests);
            for field in missing(mapping) {
                ui.add_space(space::XS);
                banner(ui, document, view, columns, field, state, &mut requests.actions);
            }
            constants::show(ui, document, mapping, &mut state.constants, &mut requests.actions);
            ui.add_space(space::S);
            table(ui, document, view, state, requests);
        });
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

fn table(ui: &mut Ui, document: &Document, view: &TableView, state: &mut ColumnsUi, requests: &mut UiRequests) {
    let (mapping, columns) = (&view.mapping, view.frame.columns());
    let tokens = Tokens::current(ui);
    let counts = counts(document, columns.len());
    ui.spacing_mut().item_spacing.y = 0.0;
    let room = (ui.available_width() - 250.0).max(500.0);
    let fitting = |share: f32, least: f32| Column::initial(room * share).at_least(least).clip(true).resizable(true);
    TableBuilder::new(ui)
        .id_salt(("columns", document.id.0))
        .striped(false)
        .cell_layout(Layout::left_to_right(Align::Center))
        .auto_shrink([false, false])
        .column(fitting(0.26, 110.0))
        .column(fitting(0.33, 170.0))
        .column(fitting(0.41, 200.0))
        .column(Column::initial(124.0).at_least(104.0).clip(true))
        .column(Column::remainder().at_least(92.0).clip(true))
        .header(28.0, |mut header| {
            for name in ["Column", "Field", "Values", "Type", "Problems"] {
                header.col(|ui| {
                    let text = RichText::new(name).font(fonts::strong(size::SMALL));
                    ui.label(text.color(tokens.muted));
                });
            }
        })
        .body(|body| {
            body.rows(ROW, columns.len(), |mut row| {
                let at = row.index();
                if let (Some(name), Some(target)) = (columns.get(at), mapping.targets.get(at)) {
                    let line = ColumnLine {
                        document,
                        view,
                        mapping,
                        columns,
                        at,
                        name,
                        target,
                        counts: counts.get(at).copied().unwrap_or_default(),
                    };
                    line.show(&mut row, state, requests);
                }
            });
        });
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

/// A column of the file, as a row of the panel.
struct ColumnLine<'a> {
    document: &'a Document,
    view: &'a TableView,
    mapping: &'a Mapping,
    columns: &'a [String],
    at: usize,
    name: &'a str,
    target: &'a Target,
    counts: (u64, u64),
}

impl ColumnLine<'_> {
    fn show(&self, row: &mut TableRow<'_, '_>, state: &mut ColumnsUi, requests: &mut UiRequests) {
        row.col(|ui| {
            two_lines(ui, |ui| {
                let text = RichText::new(self.name).font(fonts::strong(size::BODY));
                ui.allocate_ui_with_layout(
                    vec2(ui.available_width(), 28.0),
                    Layout::left_to_right(Align::Center),
                    |ui| {
                        ui.add(Label::new(text).truncate().selectable(true));
                    },
                );
                small(ui, &self.samples());
            });
        });
        row.col(|ui| two_lines(ui, |ui| self.field(ui, state, &mut requests.actions)));
        row.col(|ui| two_lines(ui, |ui| self.values(ui, state, requests)));
        row.col(|ui| self.kind(ui, &mut requests.actions));
        row.col(|ui| self.problems(ui, &mut requests.actions));
    }

    fn field(&self, ui: &mut Ui, state: &mut ColumnsUi, actions: &mut Vec<Action>) {
        if let Some(choice) = chooser::show(ui, self, &mut state.search) {
            let path = match choice {
                FieldChoice::Field(path) => Some(path),
                FieldChoice::LeaveOut => None,
            };
            actions.push(map(self.document.id, self.at, path, None));
        }
        if !offers::field(ui, self, actions) {
            small(ui, &self.why());
        }
    }

    fn values(&self, ui: &mut Ui, state: &mut ColumnsUi, requests: &mut UiRequests) {
        if self.target.path.is_none() {
            parts::caption(ui, "—");
            return;
        }
        if let Some(choice) = transforms::show(ui, self, &mut state.transforms) {
            let transform = match choice {
                transforms::TransformChoice::AsTheyAre => None,
                transforms::TransformChoice::Rewritten(transform) => Some(transform),
            };
            requests.actions.push(Action::Mapping(
                self.document.id,
                MappingAction::Transform {
                    column: self.at,
                    transform,
                },
            ));
        }
        match &self.target.transform {
            Some(transform) => {
                if transforms::proof_line(ui, self, transform) {
                    self.show_misfits(requests);
                }
            }
            None => {
                if !offers::transform(ui, self, &mut requests.actions) {
                    self.cut(ui);
                }
            }
        }
    }

    /// Shows the separator between a list's items, when texts are split.
    fn cut(&self, ui: &mut Ui) {
        let part = self.mapping.part_with(self.at, None);
        let sample = self.view.samples.get(self.at);
        if let Some((separator, before, after)) = part.zip(sample).and_then(|(part, sample)| part.cut(sample)) {
            parts::caption(ui, &format!("cut at {separator}")).on_hover_text(format!("{before} → {after}"));
        }
    }

    /// Turns to the table, with the rows whose values do not fit.
    fn show_misfits(&self, requests: &mut UiRequests) {
        if let Some(cause) = self.causes().next() {
            requests.actions.push(Action::Table(
                self.document.id,
                TableAction::Filter(Filter::Cause(cause)),
            ));
            requests
                .actions
                .push(Action::Table(self.document.id, TableAction::JumpToCause(cause)));
            requests.menu_commands.push(MenuCommand::Columns);
        }
    }

    /// The causes of the column's problems.
    fn causes(&self) -> impl Iterator<Item = Cause> {
        let here = u32::try_from(self.at).ok();
        let causes = self
            .document
            .checked()
            .into_iter()
            .flat_map(|checked| checked.issues.causes());
        causes
            .map(|(cause, _)| *cause)
            .filter(move |cause| cause.column == here)
    }

    fn has_problems(&self) -> bool {
        self.counts != (0, 0)
    }

    /// The field that is offered for the column.
    fn field_offer(&self) -> Option<&Offer> {
        let is_it = |offer: &&Offer| offer.column == self.at && matches!(offer.kind, OfferKind::Field { .. });
        self.view.offers.iter().find(is_it)
    }

    /// The transforms that are offered for the column.
    fn transform_offers(&self) -> impl Iterator<Item = &Proposal> {
        self.view.offers.iter().filter_map(|offer| match &offer.kind {
            OfferKind::Transform(proposal) if offer.column == self.at => Some(&**proposal),
            _ => None,
        })
    }

    /// Some of the column's values.
    fn samples(&self) -> String {
        let sample = self.view.samples.get(self.at);
        let values = sample.into_iter().flat_map(Sampled::values);
        let texts = values.map(|(cell, _)| cell.shown().replace(['\n', '\r'], " "));
        let some: Vec<String> = texts.filter(|text| !text.is_empty()).take(SAMPLES).collect();
        if some.is_empty() {
            "no values".to_owned()
        } else {
            some.join(" · ")
        }
    }

    /// Why the column goes to its field, and how sure that is.
    fn why(&self) -> Cow<'static, str> {
        let is_secret = matches!(self.target.reason, Reason::Secret(_));
        if self.target.path.is_none() && !is_secret {
            return Cow::Borrowed("left out");
        }
        let words = self.target.reason.words();
        match self.target.reason.confidence() {
            Some(sure) if sure < 100 => Cow::Owned(format!("{words}, {sure} % sure")),
            _ => words,
        }
    }

    fn kind(&self, ui: &mut Ui, actions: &mut Vec<Action>) {
        let Some(path) = &self.target.path else {
            parts::caption(ui, "—");
            return;
        };
        let schema = Schema::of(self.mapping.dataset);
        if let Some(node) = schema.node(path).filter(|_| !schema.is_custom(path)) {
            parts::note(ui, &node.type_name());
            return;
        }
        let settled = self.document.checked().and_then(|checked| checked.custom_type(self.at));
        let automatic = settled.map_or_else(|| "Automatic".to_owned(), |kind| format!("{} (auto)", title(kind)));
        let shown = self.target.custom_type.map_or(automatic.as_str(), |kind| title(kind));
        let mut chosen = self.target.custom_type;
        let choice = ComboBox::from_id_salt(("custom_type", self.at))
            .width(120.0)
            .icon(|ui, place, _, _| parts::chevron(ui, place.center()))
            .selected_text(shown)
            .show_ui(ui, |ui| {
                ui.selectable_value(&mut chosen, None, "Automatic");
                for kind in CustomType::ALL {
                    ui.selectable_value(&mut chosen, Some(kind), title(kind));
                }
            });
        let name = format!("Type of {}", self.name);
        ui.ctx()
            .accesskit_node_builder(choice.response.id, |node| node.set_label(name));
        if chosen != self.target.custom_type {
            actions.push(map(self.document.id, self.at, self.target.path.clone(), chosen));
        }
    }

    fn problems(&self, ui: &mut Ui, actions: &mut Vec<Action>) {
        ui.spacing_mut().item_spacing.x = space::XS;
        for (severity, count) in [(Severity::Error, self.counts.0), (Severity::Warning, self.counts.1)] {
            if count == 0 {
                continue;
            }
            let badge = widgets::severity_badge(ui, severity, count).on_hover_text("Go to the first of them");
            if badge.clicked() {
                let here = u32::try_from(self.at).ok();
                let cause = self.document.checked().and_then(|checked| {
                    let mut causes = checked.issues.causes().map(|(cause, _)| cause);
                    causes.find(|cause| cause.column == here && checked.issues.severity(cause) == severity)
                });
                if let Some(cause) = cause {
                    actions.push(Action::Table(self.document.id, TableAction::JumpToCause(*cause)));
                }
            }
        }
        if self.counts == (0, 0) && self.document.checked().is_some() && self.target.path.is_some() {
            parts::caption(ui, "none");
        }
    }
}

const fn title(kind: CustomType) -> &'static str {
    match kind {
        CustomType::Text => "Text",
        CustomType::Number => "Number",
        CustomType::Boolean => "True or false",
        CustomType::List => "List",
    }
}

/// A cell of two lines, one above the other.
fn two_lines(ui: &mut Ui, content: impl FnOnce(&mut Ui)) {
    ui.vertical(|ui| {
        ui.spacing_mut().item_spacing.y = 2.0;
        ui.add_space(6.0);
        content(ui);
    });
}

/// The second line of a cell.
fn small(ui: &mut Ui, text: &str) {
    let text = RichText::new(text).font(fonts::regular(size::SMALL));
    ui.add(Label::new(text.color(Tokens::current(ui).muted)).truncate());
}
