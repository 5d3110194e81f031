//! How the file is written, in the status line: each part is a button that changes it.

use eframe::egui::{
    Align, Button, DragValue, Layout, Popup, PopupCloseBehavior, RichText, TextEdit, Ui, Widget as _, vec2,
};
use encoding_rs::{
    BIG5, EUC_JP, EUC_KR, GB18030, GBK, MACINTOSH, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1251,
    WINDOWS_1252,
};

use crate::{
    domain::number::grouped,
    frame::{CodePage, Csv, Dialect, Format, Frame, LineBreak, OpenOptions, TextEncoding},
    session::{Action, Document, TableAction},
    ui::{
        UiRequests, fonts,
        keys::MenuCommand,
        theme::{Tokens, size, space},
    },
};

/// The bytes that stand between cells in most files, named.
pub(in crate::ui) const DELIMITERS: [(u8, &str); 6] = [
    (b',', "Comma"),
    (b';', "Semicolon"),
    (b'\t', "Tab"),
    (b'|', "Pipe"),
    (b'^', "Caret"),
    (b'~', "Tilde"),
];

pub(in crate::ui) const QUOTES: [(Option<u8>, &str); 3] = [
    (Some(b'"'), "Double quotes"),
    (Some(b'\''), "Single quotes"),
    (None, "No quotes"),
];

pub(in crate::ui) const LINE_BREAKS: [(LineBreak, &str, &str); 3] = [
    (LineBreak::Lf, "LF", "Line feed"),
    (LineBreak::CrLf, "CRLF", "Carriage return and line feed"),
    (LineBreak::Cr, "CR", "Carriage return"),
];

/// Encodings to choose from, with where they are used.
pub(in crate::ui) const ENCODINGS: [(TextEncoding, &str); 16] = [
    (TextEncoding::Web(UTF_8), ""),
    (TextEncoding::Mixed(WINDOWS_1252), "Mixed up"),
    (TextEncoding::Web(UTF_16LE), ""),
    (TextEncoding::Web(UTF_16BE), ""),
    (TextEncoding::Web(WINDOWS_1252), "Western"),
    (TextEncoding::Dos(CodePage::Ibm850), "Western, DOS"),
    (TextEncoding::Dos(CodePage::Ibm437), "American, DOS"),
    (TextEncoding::Web(MACINTOSH), "Western, old Mac"),
    (TextEncoding::Web(WINDOWS_1250), "Central European"),
    (TextEncoding::Web(WINDOWS_1251), "Cyrillic"),
    (TextEncoding::Web(SHIFT_JIS), "Japanese"),
    (TextEncoding::Web(EUC_JP), "Japanese"),
    (TextEncoding::Web(GBK), "Chinese"),
    (TextEncoding::Web(GB18030), "Chinese"),
    (TextEncoding::Web(BIG5), "Chinese, traditional"),
    (TextEncoding::Web(EUC_KR), "Korean"),
];

/// Shows the buttons, from right to left.
pub(super) fn show(ui: &mut Ui, document: &Document, frame: &Frame, requests: &mut UiRequests) {
    ui.spacing_mut().item_spacing.x = space::XS;
    let dialect = frame.dialect();
    let mut chosen = None;
    let mut wants_all = false;
    // Of a sheet, only the header was ever in question.
    let is_sheet = frame.origin().sheets().is_some();
    if !is_sheet {
        wants_all |= encoding(ui, document, dialect, &mut chosen);
    }
    match dialect.format {
        Format::Csv(csv) if is_sheet => wants_all |= header(ui, document, frame, csv, &mut chosen),
        Format::Csv(csv) => {
            wants_all |= line_break(ui, document, csv, &mut chosen);
            wants_all |= header(ui, document, frame, csv, &mut chosen);
            wants_all |= quote(ui, document, csv, &mut chosen);
            wants_all |= delimiter(ui, document, csv, &mut chosen);
        }
        Format::JsonLines => drop(ui.label(small(ui, "JSON lines"))),
        Format::JsonArray => drop(ui.label(small(ui, "JSON array"))),
        Format::JsonData => wants_all |= list(ui, document, frame, &mut chosen),
        Format::JsonObjects => drop(ui.label(small(ui, "JSON objects"))),
        Format::JsonRows { .. } => drop(ui.label(small(ui, "JSON rows"))),
    }
    if wants_all {
        requests.menu_commands.push(MenuCommand::ImportOptions);
    }
    if let Some(options) = chosen {
        requests
            .actions
            .push(Action::Table(document.id, TableAction::SetOptions(options)));
    }
}

/// Offers to go back to what is recognised, when a file cannot be read as someone said.
pub(super) fn show_way_back(ui: &mut Ui, document: &Document, requests: &mut UiRequests) {
    let recognised = document.recognised_options();
    if document.options != recognised {
        let button = ui.button("Read it as recognised");
        if button
            .on_hover_text("Forget the delimiter, the encoding and the like that were chosen")
            .clicked()
        {
            requests
                .actions
                .push(Action::Table(document.id, TableAction::SetOptions(recognised)));
        }
    }
}

fn small(ui: &Ui, text: impl Into<String>) -> RichText {
    let tokens = Tokens::current(ui);
    RichText::new(text)
        .font(fonts::regular(size::SMALL))
        .color(tokens.muted)
}

/// A button with what was taken, and the popup behind it; `is_given` when a person chose it. Answers whether all options
/// are wanted.
fn chip(
    ui: &mut Ui,
    document: &Document,
    text: &str,
    hint: &str,
    is_given: bool,
    content: impl FnOnce(&mut Ui),
) -> bool {
    let tokens = Tokens::current(ui);
    let mut label = small(ui, text);
    if is_given {
        label = label.color(tokens.text);
    }
    ui.spacing_mut().button_padding = vec2(space::S, 1.0);
    let button = Button::new(label).frame_when_inactive(false).ui(ui);
    let is_closed = !Popup::is_id_open(ui.ctx(), Popup::default_response_id(&button));
    let shown = Popup::menu(&button)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| {
            ui.set_min_width(200.0);
            ui.spacing_mut().button_padding = vec2(10.0, 4.0);
            ui.spacing_mut().item_spacing.y = 2.0;
            let is_fixed = document.is_changed();
            if is_fixed {
                ui.set_max_width(240.0);
                ui.label("Undo your changes first: reading the file in another way would lose them");
                ui.separator();
            }
            ui.add_enabled_ui(!is_fixed, |ui| {
                ui.with_layout(Layout::top_down_justified(Align::LEFT), content);
            });
            ui.separator();
            choice(ui, false, MenuCommand::ImportOptions.text(), "")
        });
    if is_closed {
        button.on_hover_text(hint);
    }
    shown.is_some_and(|shown| shown.inner)
}

/// One of several choices. Returns whether it was clicked.
fn choice(ui: &mut Ui, is_taken: bool, text: &str, note: &str) -> bool {
    let mut button = Button::selectable(is_taken, text);
    if !note.is_empty() {
        button = button.shortcut_text(note);
    }
    let is_clicked = ui.add(button).clicked();
    if is_clicked {
        ui.close();
    }
    is_clicked
}

/// The choice to leave it to recognition, and a line below it.
fn recognised(ui: &mut Ui, is_given: bool) -> bool {
    let is_clicked = choice(ui, !is_given, "As recognised", "");
    ui.separator();
    is_clicked
}

fn encoding(ui: &mut Ui, document: &Document, dialect: &Dialect, chosen: &mut Option<OpenOptions>) -> bool {
    let options = &document.options;
    let name = dialect.encoding.title();
    let text = if dialect.has_bom {
        format!("{name}, BOM")
    } else {
        name.into_owned()
    };
    let is_given = options.encoding.is_some();
    chip(ui, document, &text, "The text's encoding", is_given, |ui| {
        let mut choose = |encoding| {
            *chosen = Some(OpenOptions {
                encoding,
                ..options.clone()
            });
        };
        if recognised(ui, is_given) {
            choose(None);
        }
        let is_other = ENCODINGS.iter().all(|(listed, _)| *listed != dialect.encoding);
        let others = is_other.then_some((dialect.encoding, ""));
        for (encoding, region) in ENCODINGS.into_iter().chain(others) {
            if choice(ui, encoding == dialect.encoding, &encoding.title(), region) {
                choose(Some(encoding));
            }
        }
    })
}

fn line_break(ui: &mut Ui, document: &Document, csv: Csv, chosen: &mut Option<OpenOptions>) -> bool {
    let options = &document.options;
    let taken = LINE_BREAKS.iter().find(|(one, ..)| *one == csv.line_break);
    let text = taken.map_or("", |(_, short, _)| *short);
    let is_given = options.line_break.is_some();
    chip(ui, document, text, "What ends a line", is_given, |ui| {
        let mut choose = |line_break| {
            *chosen = Some(OpenOptions {
                line_break,
                ..options.clone()
            });
        };
        if recognised(ui, is_given) {
            choose(None);
        }
        for (line_break, short, name) in LINE_BREAKS {
            if choice(ui, line_break == csv.line_break, name, short) {
                choose(Some(line_break));
            }
        }
    })
}

/// Which list of a JSON document holds the records.
fn list(ui: &mut Ui, document: &Document, frame: &Frame, chosen: &mut Option<OpenOptions>) -> bool {
    let options = &document.options;
    let text = frame
        .reading()
        .records
        .map_or_else(|| "JSON list".to_owned(), |records| format!("JSON list · {records}"));
    let mut hint = vec!["Where the records stand in the document".to_owned()];
    hint.extend(frame.notes().iter().cloned());
    let is_given = options.records.is_some();
    chip(ui, document, &text, &hint.join("\n"), is_given, |ui| {
        let mut choose = |records| {
            *chosen = Some(OpenOptions {
                records,
                ..options.clone()
            });
        };
        if recognised(ui, is_given) {
            choose(None);
        }
        if choice(ui, false, "The document is one record", "") {
            choose(Some(String::new()));
        }
    })
}

fn quote(ui: &mut Ui, document: &Document, csv: Csv, chosen: &mut Option<OpenOptions>) -> bool {
    let options = &document.options;
    let taken = QUOTES.iter().find(|(one, _)| *one == csv.quote);
    let text = taken.map_or("Other quotes", |(_, name)| *name);
    let is_given = options.quote.is_some();
    let hint = "What stands around cells that hold delimiters";
    chip(ui, document, text, hint, is_given, |ui| {
        let mut choose = |quote| {
            *chosen = Some(OpenOptions {
                quote,
                ..options.clone()
            });
        };
        if recognised(ui, is_given) {
            choose(None);
        }
        for (quote, name) in QUOTES {
            let sign = quote.map(|quote| char::from(quote).to_string()).unwrap_or_default();
            if choice(ui, quote == csv.quote, name, &sign) {
                choose(Some(quote));
            }
        }
        ui.separator();
        if choice(ui, csv.spaced, "Spaces beside cells left out", "") {
            *chosen = Some(OpenOptions {
                spaced: Some(!csv.spaced),
                ..options.clone()
            });
        }
    })
}

fn delimiter(ui: &mut Ui, document: &Document, csv: Csv, chosen: &mut Option<OpenOptions>) -> bool {
    let options = &document.options;
    let taken = DELIMITERS.iter().find(|(one, _)| *one == csv.delimiter && !csv.doubled);
    let text = match taken {
        Some((_, name)) => (*name).to_owned(),
        None if csv.doubled => sign(csv.delimiter).repeat(2),
        None => sign(csv.delimiter),
    };
    let is_given = options.delimiter.is_some();
    chip(ui, document, &text, "What stands between cells", is_given, |ui| {
        let mut choose = |delimiter| {
            *chosen = Some(OpenOptions {
                delimiter,
                doubled: false,
                ..options.clone()
            });
        };
        if recognised(ui, is_given) {
            choose(None);
        }
        for (delimiter, name) in DELIMITERS {
            let sign = if delimiter == b'\t' {
                String::new()
            } else {
                sign(delimiter)
            };
            if choice(ui, delimiter == csv.delimiter && !csv.doubled, name, &sign) {
                choose(Some(delimiter));
            }
        }
        ui.separator();
        ui.allocate_ui_with_layout(vec2(200.0, 24.0), Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(10.0);
            ui.label("Another");
            let mut typed = if taken.is_none() {
                sign(csv.delimiter)
            } else {
                String::new()
            };
            let field = TextEdit::singleline(&mut typed).char_limit(1).desired_width(28.0);
            if ui.add(field).on_hover_text("Type the character").changed()
                && let [byte] = typed.as_bytes()
                && byte.is_ascii()
            {
                choose(Some(*byte));
                ui.close();
            }
        });
    })
}

/// A byte as text; one that cannot be seen by its number.
pub(in crate::ui) fn sign(byte: u8) -> String {
    if byte.is_ascii_graphic() {
        char::from(byte).to_string()
    } else {
        format!("0x{byte:02x}")
    }
}

fn header(ui: &mut Ui, document: &Document, frame: &Frame, csv: Csv, chosen: &mut Option<OpenOptions>) -> bool {
    let options = &document.options;
    let mut text = match (csv.header, csv.skip) {
        (true, 0) => "Header".to_owned(),
        (true, skip) => format!("Header on line {}", skip + 1),
        (false, 0) => "No header".to_owned(),
        (false, skip) => format!("No header, from line {}", skip + 1),
    };
    let mut hint = vec!["Which line names the columns".to_owned()];
    hint.extend(frame.notes().iter().cloned());
    hint.extend(frame.sum_of_lines());
    if let Some(lines) = frame.left_out_words() {
        hint.push(format!("Left out: {lines}"));
    }
    if !frame.notes().is_empty() {
        text.push_str(", with notes");
    }
    let left_out = frame.lines().map_or(0, |lines| lines.left_out);
    if left_out > 0 {
        text = format!("{text}, {} left out", grouped(left_out));
    }
    let is_given = options.header.is_some() || options.skip.is_some() || options.every_line;
    chip(ui, document, &text, &hint.join("\n"), is_given, |ui| {
        let mut choose = |header, skip| {
            *chosen = Some(OpenOptions {
                header,
                skip,
                ..options.clone()
            });
        };
        if recognised(ui, is_given) {
            choose(None, None);
            if let Some(options) = chosen.as_mut() {
                options.every_line = false;
            }
            return;
        }
        if choice(ui, options.every_line, "Every line is a row", "") {
            *chosen = Some(OpenOptions {
                every_line: !options.every_line,
                ..options.clone()
            });
            return;
        }
        if choice(ui, csv.header, "The first line names the columns", "") {
            choose(Some(true), options.skip);
        }
        if choice(ui, !csv.header, "The first line is a record", "") {
            choose(Some(false), options.skip);
        }
        ui.separator();
        ui.allocate_ui_with_layout(vec2(200.0, 24.0), Layout::left_to_right(Align::Center), |ui| {
            ui.add_space(10.0);
            let label = ui.label("Lines before it");
            let mut skip = csv.skip;
            let field = ui.add(DragValue::new(&mut skip).range(0..=1000));
            if field.labelled_by(label.id).changed() {
                choose(options.header, Some(skip));
            }
        });
    })
}
