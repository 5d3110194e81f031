//! The line above a document's table: what the file is, and which of its rows are shown.

use eframe::egui::{Align, Button, Frame, Label, Layout, Margin, RichText, Ui};

use super::{View, facts::Facts};
use crate::{
    domain::{dataset::Dataset, issue::Severity},
    frame::OpenOptions,
    session::{Action, Document, Filter, MappingAction, Phase, TableAction},
    ui::{
        UiRequests, fonts,
        keys::MenuCommand,
        theme::{Tokens, size, space},
        widgets::{self, Banner},
    },
};

/// Height of the buttons, in points.
const HEIGHT: f32 = 28.0;
/// With less room than this, the buttons stand below the name, in points.
const NARROW: f32 = 920.0;
/// The longest that a file's name is shown, in points.
const NAME: f32 = 260.0;
/// What the choice of a data set takes beside it, in points.
const DATASETS: f32 = 270.0;

/// Shows the line.
pub(super) fn show(ui: &mut Ui, document: &Document, view: &mut View, requests: &mut UiRequests) {
    let is_narrow = ui.available_width() < NARROW;
    ui.spacing_mut().interact_size.y = HEIGHT;
    ui.spacing_mut().button_padding.y = 4.0;
    ui.horizontal(|ui| {
        records(ui, document, requests);
        if !is_narrow {
            buttons(ui, document, view, requests);
        }
    });
    if is_narrow {
        ui.horizontal(|ui| buttons(ui, document, view, requests));
    }
}

/// What of the file is shown.
fn buttons(ui: &mut Ui, document: &Document, view: &mut View, requests: &mut UiRequests) {
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        columns_button(ui, document, view);
        filter(ui, document, &view.facts, requests);
    });
}

/// The file, and what its records are.
fn records(ui: &mut Ui, document: &Document, requests: &mut UiRequests) {
    let name = RichText::new(document.name())
        .font(fonts::strong(size::TITLE))
        .color(Tokens::current(ui).text);
    ui.scope(|ui| {
        ui.set_max_width(NAME.min((ui.available_width() - DATASETS).max(0.0)));
        ui.add(Label::new(name).truncate())
            .on_hover_text(document.path.display().to_string());
    });
    ui.add_space(space::XS);
    let selected = Dataset::ALL
        .iter()
        .position(|dataset| *dataset == document.dataset)
        .unwrap_or(0);
    let how = if document.dataset_chosen {
        "You chose what these records are"
    } else if document.view().is_some_and(|view| view.question.is_some()) {
        "The likeliest of three; say below what these records are"
    } else {
        "Recognised from the columns; choose another if it is wrong"
    };
    let entries = Dataset::ALL.map(|dataset| (dataset.title(), None));
    let chosen = ui.scope(|ui| widgets::tabs(ui, selected, &entries));
    chosen.response.on_hover_text(how);
    if let Some(dataset) = chosen.inner.and_then(|at| Dataset::ALL.get(at))
        && *dataset != document.dataset
    {
        requests
            .actions
            .push(Action::Mapping(document.id, MappingAction::SetDataset(*dataset)));
    }
}

/// Shows the columns in place of the table, or the table again.
fn columns_button(ui: &mut Ui, document: &Document, view: &mut View) {
    let (text, hint) = columns_text(document);
    let mut button = ui.add(Button::new(text).selected(view.page.is_some()));
    if let Some(hint) = hint {
        button = button.on_hover_text(hint);
    }
    if button.clicked() {
        view.toggle_page();
    }
}

/// The button's text, with how many suggestions wait there, and what they are.
fn columns_text(document: &Document) -> (String, Option<String>) {
    let offers = document.view().map(|view| view.offers.as_slice()).unwrap_or_default();
    let suggestions = offers.iter().filter(|offer| offer.is_clear()).count();
    match suggestions {
        0 => ("Columns…".to_owned(), None),
        1 => (
            "Columns… (1)".to_owned(),
            Some("One suggestion about what a column holds".to_owned()),
        ),
        many => (
            format!("Columns… ({many})"),
            Some(format!("{many} suggestions about what the columns hold")),
        ),
    }
}

fn filter(ui: &mut Ui, document: &Document, facts: &Facts, requests: &mut UiRequests) {
    let on = document.filter() == Filter::Problems;
    let text = match facts.problem_rows {
        0 => MenuCommand::OnlyProblems.text().to_owned(),
        count => format!("{} ({})", MenuCommand::OnlyProblems.text(), widgets::grouped(count)),
    };
    ui.add_enabled_ui(on || facts.problem_rows > 0, |ui| {
        if ui.add(Button::new(text).selected(on)).clicked() {
            let filter = if on { Filter::All } else { Filter::Problems };
            requests
                .actions
                .push(Action::Table(document.id, TableAction::Filter(filter)));
        }
    });
}

/// Says what the file was rewritten from, with the way back; and from there, with the way there.
pub(super) fn preset(ui: &mut Ui, document: &Document, requests: &mut UiRequests) {
    let Ok(open) = document.open() else { return };
    let frame = &open.view.frame;
    let converted = frame.converted();
    let (text, told, command, preset) = match (converted, document.options.preset) {
        (Some(converted), _) => (
            converted.summary(),
            converted.notes.join("\n"),
            "Read as it stands",
            Some(None),
        ),
        (None, Some(None)) => (
            "Read as it stands in the file".to_owned(),
            String::new(),
            "Recognise the export",
            None,
        ),
        (None, _) => return sheet(ui, frame),
    };
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let is_free = !document.is_changed() && !document.is_uploading();
            if converted.is_some_and(|converted| !converted.is_optional()) {
                return told_of(ui, &text, told);
            }
            let button = ui.add_enabled(is_free, widgets::quiet(command));
            let button = button.on_disabled_hover_text("Take back the changes, or wait for the upload to end, first");
            if button.clicked() {
                let options = OpenOptions {
                    preset,
                    ..document.options.clone()
                };
                requests
                    .actions
                    .push(Action::Table(document.id, TableAction::SetOptions(options)));
            }
            told_of(ui, &text, told);
        });
    });
}

/// Says what is hidden in a sheet, what was merged, and what was not calculated.
fn sheet(ui: &mut Ui, frame: &crate::frame::Frame) {
    let notes = frame.origin().sheets().map(|_| frame.notes());
    if let Some((first, rest)) = notes.and_then(|notes| notes.split_first()) {
        let more = if rest.is_empty() { "" } else { " …" };
        ui.horizontal(|ui| told_of(ui, &format!("{first}{more}"), rest.join("\n")));
    }
}

/// A text at the left, with more to tell when the pointer rests on it.
fn told_of(ui: &mut Ui, text: &str, told: String) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        let label = ui.add(Label::new(RichText::new(text).color(Tokens::current(ui).muted)).truncate());
        if !told.is_empty() {
            label.on_hover_text(told);
        }
    });
}

/// Shows what the document is busy with, or why it failed.
pub(super) fn phase(ui: &mut Ui, document: &Document, requests: &mut UiRequests) {
    let margin = Frame::new().inner_margin(Margin::symmetric(space::M as i8, space::S as i8));
    margin.show(ui, |ui| match document.phase() {
        Phase::Ready => {}
        Phase::Failed(excess) if let Some(options) = document.options_anyway() => {
            let text = format!("{} is opened only if that is meant: {excess}", document.name());
            let dismissed = widgets::banner(ui, Banner::Problem(Severity::Warning), &text, |ui| {
                if ui.add(widgets::secondary("Open anyway")).clicked() {
                    requests
                        .actions
                        .push(Action::Table(document.id, TableAction::SetOptions(options)));
                }
                if ui.add(widgets::secondary("Cancel")).clicked() {
                    requests.actions.push(Action::Table(document.id, TableAction::Close));
                }
            });
            if dismissed {
                requests.actions.push(Action::Table(document.id, TableAction::Close));
            }
        }
        Phase::Failed(reason) => {
            let dismissed = widgets::banner(ui, Banner::Problem(Severity::Error), reason, |ui| {
                if ui.add(widgets::secondary("Open again")).clicked() {
                    requests
                        .actions
                        .push(Action::Table(document.id, TableAction::OpenAgain));
                }
                if ui.add(widgets::secondary(MenuCommand::ImportOptions.text())).clicked() {
                    requests.menu_commands.push(MenuCommand::ImportOptions);
                }
            });
            if dismissed {
                requests.actions.push(Action::Table(document.id, TableAction::Close));
            }
        }
        Phase::Opening | Phase::Checking => busy(ui, document, requests),
    });
}

fn busy(ui: &mut Ui, document: &Document, requests: &mut UiRequests) {
    let (done, total) = (document.progress.done(), document.progress.total());
    let text = match document.phase() {
        Phase::Opening if total > 0 => format!("Reading {} of {}", widgets::bytes(done), widgets::bytes(total)),
        Phase::Opening => "Reading the file".to_owned(),
        _ if total > 0 => format!("Checking row {} of {}", widgets::grouped(done), widgets::grouped(total)),
        _ => "Checking the rows".to_owned(),
    };
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if ui.add(widgets::secondary("Cancel")).clicked() {
                requests.actions.push(Action::Table(document.id, TableAction::Cancel));
            }
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                widgets::progress(ui, document.progress.fraction().or(Some(0.0)), &text);
            });
        });
    });
}
