//! How a file is read: what stands between its cells, where its table begins, in which encoding it is written; with its
//! first rows as they would be read so.

use eframe::egui::{
    Align, ComboBox, Context, DragValue, Frame, Grid, Label, Layout, Margin, RichText, Role, ScrollArea, Ui,
    WidgetInfo, vec2,
};

use super::{Life, Look, Pressed, Verb, foot, modal};
use crate::{
    domain::issue::Severity,
    frame::{Csv, Format, OpenOptions},
    ops::import::ImportPreview,
    session::{Action, Document, ImportAction, ImportDraft, Session},
    ui::{
        document::dialect::{DELIMITERS, ENCODINGS, LINE_BREAKS, QUOTES, sign},
        fonts, parts,
        theme::{Tokens, radius, size, space},
        widgets::{self, Risk, grouped},
    },
};

const WIDTH: f32 = 760.0;
/// How wide a name and a choice are, in points.
const NAME: f32 = 110.0;
const CHOICE: f32 = 216.0;
/// How high the preview is, so that nothing moves when there is another one.
const PREVIEW: f32 = 262.0;
const ROW: f32 = 20.0;
/// So many columns and skipped lines are shown, and so many letters of a cell.
const COLUMNS: usize = 12;
const SKIPPED: usize = 5;
const LETTERS: usize = 24;
const MOST_SKIPPED: u32 = 1000;

pub(super) fn show(ctx: &Context, session: &Session, life: Life, actions: &mut Vec<Action>) {
    let Some(draft) = &session.import else { return };
    let Some(document) = session.find(draft.document) else {
        return actions.push(Action::CloseDialog);
    };
    let title = format!("Import options of {}", parts::shorten(&document.name(), 48));
    let look = Look {
        name: "import",
        title: &title,
        width: WIDTH,
        is_form: true,
    };
    let mut chosen = draft.options.clone();
    modal(
        ctx,
        &look,
        &mut chosen,
        |ui, chosen| {
            // First, so that nobody has to scroll to it in a small window.
            loss(ui, document);
            options(ui, draft, chosen);
            ui.add_space(space::S);
            preview(ui, draft, chosen);
        },
        |ui, chosen, actions| footer(ui, life, (document, draft), chosen, actions),
        actions,
    );
    if chosen != draft.options {
        actions.push(Action::Import(ImportAction::Choose(chosen)));
    }
}

/// The preview that is there, if the file can be read so.
fn read(draft: &ImportDraft) -> Option<&ImportPreview> {
    draft.preview.as_ref()?.as_ref().ok()
}

fn options(ui: &mut Ui, draft: &ImportDraft, chosen: &mut OpenOptions) {
    let read = read(draft);
    let csv = read.and_then(|read| match read.dialect.format {
        Format::Csv(csv) => Some(csv),
        Format::JsonLines | Format::JsonArray | Format::JsonData | Format::JsonObjects | Format::JsonRows { .. } => {
            None
        }
    });
    // Of a sheet, only the header is in question; of JSON, only the encoding. Where nothing can be read, all may be wrong.
    let is_text = !read.is_some_and(|read| read.is_sheet);
    let is_delimited = read.is_none() || csv.is_some();
    ui.spacing_mut().item_spacing = vec2(space::M, space::S);
    Grid::new("import_options").num_columns(4).show(ui, |ui| {
        if is_text && is_delimited {
            delimiter(ui, csv, chosen);
            quote(ui, csv, chosen);
            ui.end_row();
        }
        if is_text {
            encoding(ui, read, chosen);
        }
        if is_text && is_delimited {
            line_break(ui, csv, chosen);
        }
        ui.end_row();
        if is_delimited {
            skip(ui, csv, chosen);
            header(ui, csv, chosen);
            ui.end_row();
        }
    });
}

/// A choice by its name: recognised, or one of these. `taken` is what was recognised, or chosen, in words.
fn choice<T: Copy + PartialEq>(
    ui: &mut Ui,
    name: &str,
    chosen: &mut Option<T>,
    taken: Option<String>,
    all: impl Iterator<Item = (T, String)>,
) {
    key(ui, name);
    let all: Vec<(T, String)> = all.collect();
    let given = chosen.and_then(|chosen| all.iter().find(|(one, _)| *one == chosen));
    let recognised = |taken: Option<&String>| {
        taken.map_or_else(|| "As recognised".to_owned(), |taken| format!("{taken} (recognised)"))
    };
    let shown = match (&chosen, given) {
        (None, _) => recognised(taken.as_ref()),
        (Some(_), Some((_, words))) => words.clone(),
        (Some(_), None) => taken.unwrap_or_default(),
    };
    let choice = ComboBox::from_id_salt(name)
        .width(CHOICE)
        .truncate()
        .icon(|ui, place, _, _| parts::chevron(ui, place.center()))
        .selected_text(shown)
        .height(300.0)
        .show_ui(ui, |ui| {
            ui.selectable_value(chosen, None, "As recognised");
            for (one, words) in all {
                ui.selectable_value(chosen, Some(one), words);
            }
        });
    ui.ctx()
        .accesskit_node_builder(choice.response.id, |node| node.set_label(name));
}

fn key(ui: &mut Ui, name: &str) {
    ui.allocate_ui_with_layout(vec2(NAME, 24.0), Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_width(NAME);
        ui.label(name);
    });
}

fn delimiter(ui: &mut Ui, csv: Option<Csv>, chosen: &mut OpenOptions) {
    let words = |byte: u8| {
        let named = DELIMITERS.iter().find(|(one, _)| *one == byte);
        match named {
            Some((b'\t', name)) => (*name).to_owned(),
            Some((_, name)) => format!("{name}  {}", sign(byte)),
            None => sign(byte),
        }
    };
    let taken = csv.map(|csv| {
        if csv.doubled {
            sign(csv.delimiter).repeat(2)
        } else {
            words(csv.delimiter)
        }
    });
    let other = chosen
        .delimiter
        .filter(|byte| DELIMITERS.iter().all(|(one, _)| one != byte));
    let all = DELIMITERS.iter().map(|(byte, _)| *byte).chain(other);
    let before = chosen.delimiter;
    choice(
        ui,
        "Between cells",
        &mut chosen.delimiter,
        taken,
        all.map(|byte| (byte, words(byte))),
    );
    if chosen.delimiter != before {
        chosen.doubled = false;
    }
}

fn quote(ui: &mut Ui, csv: Option<Csv>, chosen: &mut OpenOptions) {
    let words = |quote: Option<u8>| {
        let named = QUOTES.iter().find(|(one, _)| *one == quote);
        named.map_or_else(|| "Other quotes".to_owned(), |(_, name)| (*name).to_owned())
    };
    let taken = csv.map(|csv| words(csv.quote));
    let all = QUOTES.iter().map(|(quote, name)| (*quote, (*name).to_owned()));
    choice(ui, "Around cells", &mut chosen.quote, taken, all);
}

fn encoding(ui: &mut Ui, read: Option<&ImportPreview>, chosen: &mut OpenOptions) {
    let taken = read.map(|read| read.dialect.encoding.title().into_owned());
    let all = ENCODINGS.iter().map(|(encoding, region)| {
        let title = encoding.title();
        let words = if region.is_empty() {
            title.into_owned()
        } else {
            format!("{title}  ({region})")
        };
        (*encoding, words)
    });
    choice(ui, "Encoding", &mut chosen.encoding, taken, all);
}

fn line_break(ui: &mut Ui, csv: Option<Csv>, chosen: &mut OpenOptions) {
    let taken = csv.and_then(|csv| LINE_BREAKS.iter().find(|(one, ..)| *one == csv.line_break));
    let taken = taken.map(|(_, short, _)| (*short).to_owned());
    let all = LINE_BREAKS
        .iter()
        .map(|(one, short, name)| (*one, format!("{name}  {short}")));
    choice(ui, "Ends of lines", &mut chosen.line_break, taken, all);
}

/// How many lines at the top are no part of the table.
fn skip(ui: &mut Ui, csv: Option<Csv>, chosen: &mut OpenOptions) {
    key(ui, "Lines to skip");
    ui.horizontal(|ui| {
        let mut lines = chosen.skip.or(csv.map(|csv| csv.skip)).unwrap_or(0);
        let field = ui.add(DragValue::new(&mut lines).range(0..=MOST_SKIPPED).speed(0.1));
        ui.ctx()
            .accesskit_node_builder(field.id, |node| node.set_label("Lines to skip at the top"));
        if field.changed() {
            chosen.skip = Some(lines);
        }
        if chosen.skip.is_none() {
            parts::caption(ui, "recognised");
        } else if ui.add(widgets::quiet("As recognised")).clicked() {
            chosen.skip = None;
        }
    });
}

fn header(ui: &mut Ui, csv: Option<Csv>, chosen: &mut OpenOptions) {
    let words = |header: bool| if header { "Names the columns" } else { "Is a record" }.to_owned();
    let taken = csv.map(|csv| words(csv.header));
    let all = [true, false].map(|header| (header, words(header)));
    choice(ui, "First line after", &mut chosen.header, taken, all.into_iter());
}

/// The first rows, in a room that is always as high.
fn preview(ui: &mut Ui, draft: &ImportDraft, chosen: &mut OpenOptions) {
    let tokens = Tokens::current(ui);
    let frame = Frame::new()
        .fill(tokens.surface)
        .stroke((1.0, tokens.line))
        .corner_radius(radius::CONTROL)
        .inner_margin(Margin::same(space::S as i8));
    frame.show(ui, |ui| {
        ui.set_min_size(vec2(ui.available_width(), PREVIEW));
        ui.set_max_height(PREVIEW);
        match &draft.preview {
            None => parts::waiting(ui, "Reading the first rows"),
            Some(Err(error)) => parts::complaint(ui, &error.reason),
            Some(Ok(read)) => {
                ui.scope(|ui| {
                    if draft.is_previewing() {
                        ui.set_opacity(0.6);
                    }
                    ScrollArea::horizontal().id_salt("import_preview").show(ui, |ui| {
                        lines(ui, read, chosen);
                    });
                });
            }
        }
    });
    if let Some(read) = read(draft) {
        said(ui, read);
    }
}

/// The lines that are skipped, the header, and the rows, each with its number in the file.
fn lines(ui: &mut Ui, read: &ImportPreview, chosen: &mut OpenOptions) {
    let tokens = Tokens::current(ui);
    let spacing = ui.spacing_mut();
    spacing.item_spacing.y = 0.0;
    spacing.interact_size.y = ROW;
    spacing.button_padding.y = 0.0;
    let from = read.above.len().saturating_sub(SKIPPED);
    if from > 0 {
        parts::caption(ui, &format!("{} more lines above are skipped", grouped(from as u64)));
    }
    for (at, line) in read.above.iter().enumerate().skip(from) {
        ui.horizontal(|ui| {
            number(ui, at as u64 + 1, chosen);
            let text = RichText::new(shortened(line, 4 * LETTERS))
                .color(tokens.muted)
                .strikethrough();
            let line = ui
                .label(text)
                .on_hover_text("Skipped; its number begins the table with it");
            line.widget_info(|| WidgetInfo::labeled(Role::Label, true, format!("Skipped line {}", at + 1)));
        });
    }
    let header = match read.dialect.format {
        Format::Csv(csv) => csv.header,
        Format::JsonRows { header } => header,
        Format::JsonLines | Format::JsonArray | Format::JsonData | Format::JsonObjects => true,
    };
    Grid::new("import_rows")
        .spacing(vec2(space::M, 0.0))
        .min_row_height(ROW)
        .show(ui, |ui| {
            let mark = if header { "Header" } else { "Columns" };
            ui.label(
                RichText::new(mark)
                    .font(fonts::strong(size::SMALL))
                    .color(tokens.accent_text),
            );
            for name in read.columns.iter().take(COLUMNS) {
                let name = RichText::new(shortened(name, LETTERS)).font(fonts::strong(size::BODY));
                let name = if header {
                    name.background_color(tokens.selection)
                } else {
                    name.color(tokens.muted).italics()
                };
                ui.add(Label::new(name).extend());
            }
            ui.end_row();
            for (line, cells) in &read.rows {
                number(ui, *line, chosen);
                for cell in cells.iter().take(COLUMNS) {
                    ui.add(Label::new(shortened(cell, LETTERS)).extend());
                }
                ui.end_row();
            }
        });
}

/// The number of a line, which begins the table there.
fn number(ui: &mut Ui, line: u64, chosen: &mut OpenOptions) {
    let text = RichText::new(grouped(line))
        .font(fonts::regular(size::SMALL))
        .color(Tokens::current(ui).muted);
    let button = eframe::egui::Button::new(text)
        .frame_when_inactive(false)
        .min_size(vec2(44.0, ROW));
    let button = ui.add(button);
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Begin with line {line}")));
    let clicked = button.clicked();
    button.on_hover_text("Begin the table with this line");
    if let Some(before) = line.checked_sub(1).filter(|_| clicked) {
        chosen.skip = u32::try_from(before).ok();
    }
}

/// What the preview does not show, and what was noticed.
fn said(ui: &mut Ui, read: &ImportPreview) {
    let columns = read.columns.len();
    let mut said = if columns == 1 {
        "1 column".to_owned()
    } else {
        format!("{} columns", grouped(columns as u64))
    };
    if columns > COLUMNS {
        said = format!("{said}, of which the first {COLUMNS} are shown");
    }
    for note in &read.notes {
        said = format!("{said}. {note}");
    }
    let text = RichText::new(said)
        .font(fonts::regular(size::SMALL))
        .color(Tokens::current(ui).muted);
    ui.add(Label::new(text).truncate());
}

/// What applying loses, before it does.
fn loss(ui: &mut Ui, document: &Document) {
    let count = document.changed_cells();
    if count == 0 {
        return;
    }
    let tokens = Tokens::current(ui);
    let cells = if count == 1 {
        "changed cell is"
    } else {
        "changed cells are"
    };
    let text = format!(
        "The file is read anew: {} {cells} lost, and cannot be had back by Undo. To keep them, cancel and save a copy first.",
        grouped(count)
    );
    ui.horizontal(|ui| {
        let (_, place) = ui.allocate_space(vec2(16.0, 20.0));
        widgets::paint_severity(ui.painter(), place.center(), 6.5, Severity::Warning, tokens);
        ui.add(Label::new(RichText::new(text).color(tokens.warning.text)).wrap());
    });
    ui.add_space(space::S);
}

fn footer(
    ui: &mut Ui,
    life: Life,
    (document, draft): (&Document, &ImportDraft),
    chosen: &mut OpenOptions,
    actions: &mut Vec<Action>,
) {
    let recognised = document.recognised_options();
    ui.add_enabled_ui(*chosen != recognised, |ui| {
        let reset = ui.add(widgets::quiet("All as recognised"));
        if reset.on_hover_text("Forget everything that was chosen here").clicked() {
            *chosen = recognised;
        }
    });
    let hindrance = if *chosen == document.options {
        Some("Nothing is chosen yet")
    } else if draft.is_previewing() || *chosen != draft.options {
        Some("The first rows are still being read")
    } else {
        matches!(draft.preview, Some(Err(_))).then_some("The file cannot be read so")
    };
    let (text, risk) = if document.is_changed() {
        ("Apply and lose changes", Risk::Loss)
    } else {
        ("Apply", Risk::None)
    };
    let verb = Verb { text, risk, hindrance };
    match foot(ui, life, Some(verb), "Cancel", |_| ()) {
        Some(Pressed::Verb) => actions.push(Action::Import(ImportAction::Apply)),
        Some(Pressed::Cancel) => actions.push(Action::CloseDialog),
        None => {}
    }
}

/// The beginning of a text on one line.
fn shortened(text: &str, most: usize) -> String {
    parts::shorten(&text.replace(['\n', '\r', '\t'], " "), most)
}
