//! The mapping: which column of the file becomes which field of the record.

mod chooser;

use eframe::egui::{
    Align, Button, ComboBox, Frame, Label, Layout, Margin, Popup, PopupCloseBehavior, RichText, ScrollArea, Ui,
};
use egui_extras::{Column, TableBuilder, TableRow};

use self::chooser::Choice;
use super::{
    fonts, parts,
    theme::{Tokens, radius, size, space},
    widgets,
};
use crate::{
    domain::{
        issue::Severity,
        mapping::{CustomType, Mapping, Target},
        schema::Schema,
    },
    session::{Action, Document, Phase, Session},
    work::DocId,
};

/// Rows whose values stand beside a column as a sample.
const SAMPLE_ROWS: u32 = 20;
/// Values shown of them.
const SAMPLES: usize = 3;
const ROW: f32 = 40.0;

/// What the panel remembers.
#[derive(Debug, Default)]
pub struct ColumnsUi {
    /// What was typed to find a field.
    search: String,
    /// Values of the first rows, by column, and of what they are.
    samples: Vec<String>,
    sampled: Option<(DocId, u64)>,
}

/// Shows the mapping of a document.
pub fn show(ui: &mut Ui, _session: &Session, document: &Document, state: &mut ColumnsUi, actions: &mut Vec<Action>) {
    let (Some(frame), Some(mapping)) = (&document.frame, &document.mapping) else {
        let text = match &document.phase {
            Phase::Failed(reason) => reason.clone(),
            _ => "Reading the file…".to_owned(),
        };
        parts::note(ui, &text);
        return;
    };
    state.sample(document);
    let tokens = Tokens::current(ui);
    Frame::new()
        .fill(tokens.surface)
        .inner_margin(Margin::same(space::L as i8))
        .show(ui, |ui| {
            heading(ui, document, mapping, actions);
            for field in missing(mapping) {
                ui.add_space(space::XS);
                banner(ui, document, mapping, frame.columns(), field, actions);
            }
            ui.add_space(space::S);
            table(ui, document, mapping, frame.columns(), state, actions);
        });
}

/// The fields every record needs and no column is.
fn missing(mapping: &Mapping) -> impl Iterator<Item = &'static str> {
    let required = Schema::of(mapping.dataset).record.required.iter();
    required
        .map(String::as_str)
        .filter(|field| mapping.column_of(field).is_none())
}

fn heading(ui: &mut Ui, document: &Document, mapping: &Mapping, actions: &mut Vec<Action>) {
    let used = mapping.targets.iter().filter(|target| target.path.is_some()).count() as u64;
    let all = mapping.targets.len() as u64;
    ui.horizontal(|ui| {
        let all = widgets::grouped(all);
        let text = if used == mapping.targets.len() as u64 {
            format!("All {all} columns are sent")
        } else {
            format!("{} of {all} columns are sent", widgets::grouped(used))
        };
        parts::note(ui, &text);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let reset = ui
                .add(widgets::secondary("Reset to suggestion"))
                .on_hover_text("Matches all columns by their names again; can be undone");
            if reset.clicked() {
                actions.push(Action::SetDataset(document.id, mapping.dataset));
            }
        });
    });
}

/// A required field without a column, with a way to choose one.
fn banner(
    ui: &mut Ui,
    document: &Document,
    mapping: &Mapping,
    columns: &[String],
    field: &str,
    actions: &mut Vec<Action>,
) {
    let tokens = Tokens::current(ui);
    Frame::new()
        .fill(tokens.error.tint)
        .stroke((1.0, tokens.error.mark))
        .corner_radius(radius::CONTROL)
        .inner_margin(Margin::symmetric(space::M as i8, space::S as i8))
        .show(ui, |ui| {
            ui.horizontal(|ui| {
                let (_, place) = ui.allocate_space(eframe::egui::vec2(16.0, 20.0));
                widgets::paint_severity(ui.painter(), place.center(), 7.0, Severity::Error, tokens);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
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
                        let noun = mapping.dataset.noun(1);
                        let text = format!("No column is {field}, which every {noun} needs");
                        ui.add(Label::new(RichText::new(text).color(tokens.text)).wrap());
                    });
                });
            });
        });
}

fn map(doc: DocId, column: usize, path: Option<String>, custom_type: Option<CustomType>) -> Action {
    Action::Map {
        doc,
        column,
        path,
        custom_type,
    }
}

fn table(
    ui: &mut Ui,
    document: &Document,
    mapping: &Mapping,
    columns: &[String],
    state: &mut ColumnsUi,
    actions: &mut Vec<Action>,
) {
    let tokens = Tokens::current(ui);
    let counts = counts(document, columns.len());
    ui.spacing_mut().item_spacing.y = 0.0;
    let fitting = |width: f32, least: f32| Column::initial(width).at_least(least).clip(true).resizable(true);
    TableBuilder::new(ui)
        .id_salt(("columns", document.id.0))
        .striped(false)
        .cell_layout(Layout::left_to_right(Align::Center))
        .auto_shrink([false, false])
        .column(fitting(180.0, 90.0))
        .column(fitting(250.0, 150.0))
        .column(fitting(170.0, 120.0))
        .column(fitting(130.0, 70.0))
        .column(Column::initial(120.0).at_least(80.0))
        .column(Column::remainder().at_least(80.0).clip(true))
        .header(28.0, |mut header| {
            for name in ["Column", "Field", "Type", "Why", "Problems", "First values"] {
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
                    let line = Line {
                        document,
                        mapping,
                        columns,
                        at,
                        name,
                        target,
                        counts: counts.get(at).copied().unwrap_or_default(),
                    };
                    line.show(&mut row, state, actions);
                }
            });
        });
}

/// Errors and warnings of every column.
fn counts(document: &Document, width: usize) -> Vec<(u64, u64)> {
    let mut counts = vec![(0, 0); width];
    let Some(checked) = &document.checked else {
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
struct Line<'a> {
    document: &'a Document,
    mapping: &'a Mapping,
    columns: &'a [String],
    at: usize,
    name: &'a str,
    target: &'a Target,
    counts: (u64, u64),
}

impl Line<'_> {
    fn show(&self, row: &mut TableRow<'_, '_>, state: &mut ColumnsUi, actions: &mut Vec<Action>) {
        row.col(|ui| {
            let text = RichText::new(self.name).font(fonts::strong(size::BODY));
            ui.add(Label::new(text).truncate().selectable(true));
        });
        row.col(|ui| {
            if let Some(choice) = chooser::show(ui, self, &mut state.search) {
                let path = match choice {
                    Choice::Field(path) => Some(path),
                    Choice::LeaveOut => None,
                };
                actions.push(map(self.document.id, self.at, path, None));
            }
        });
        row.col(|ui| self.kind(ui, actions));
        row.col(|ui| {
            parts::caption(ui, self.why());
        });
        row.col(|ui| self.problems(ui, actions));
        row.col(|ui| {
            let samples = state.samples.get(self.at).map_or("", String::as_str);
            let colour = Tokens::current(ui).muted;
            let text = RichText::new(samples).color(colour);
            ui.add(Label::new(text).truncate());
        });
    }

    fn why(&self) -> &'static str {
        if self.target.path.is_none() {
            return "left out";
        }
        self.target.reason.name()
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
        let settled = self
            .document
            .checked
            .as_ref()
            .and_then(|checked| checked.custom_type(self.at));
        let automatic = settled.map_or_else(|| "Automatic".to_owned(), |kind| format!("{} (automatic)", title(kind)));
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
                let cause = self.document.checked.as_ref().and_then(|checked| {
                    let mut causes = checked.issues.causes().map(|(cause, _)| cause);
                    causes.find(|cause| cause.column == here && checked.issues.severity(cause) == severity)
                });
                if let Some(cause) = cause {
                    actions.push(Action::JumpToCause(self.document.id, *cause));
                }
            }
        }
        if self.counts == (0, 0) && self.document.checked.is_some() && self.target.path.is_some() {
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

impl ColumnsUi {
    /// Reads the first values of every column, when they are not those of the document as it stands.
    fn sample(&mut self, document: &Document) {
        let now = Some((document.id, document.revision));
        let Some(frame) = document.frame.as_ref().filter(|_| self.sampled != now) else {
            return;
        };
        self.sampled = now;
        let rows = frame
            .read(0..frame.len().min(SAMPLE_ROWS), &document.edits)
            .unwrap_or_default();
        let values = |column: usize| {
            let cells = rows.iter().filter_map(|row| row.get(column));
            let texts = cells.map(|cell| cell.as_cell().shown().replace(['\n', '\r'], " "));
            let some: Vec<String> = texts.filter(|text| !text.is_empty()).take(SAMPLES).collect();
            some.join(" · ")
        };
        self.samples = (0..frame.columns().len()).map(values).collect();
    }
}
