//! The popup in which a column's field is chosen: all fields of the schema, found by name or meaning.

use eframe::egui::{
    Key, Modifiers, Popup, PopupCloseBehavior, Response, RichText, Role, ScrollArea, TextEdit, Ui, WidgetInfo, vec2,
};

use super::{choice_button, item::item, line::ColumnLine, return_focus};
use crate::{
    domain::schema::{Node, Schema},
    ui::{
        parts,
        theme::{Tokens, space},
    },
};

const WIDTH: f32 = 420.0;

/// What was chosen for a column.
pub(super) enum FieldChoice {
    /// A field, by its path.
    Field(String),
    /// None: the column is left out.
    LeaveOut,
}

/// The button that shows where a column goes, and the popup behind it. Answers a choice.
pub(super) fn show(ui: &mut Ui, line: &ColumnLine<'_>, search: &mut String) -> Option<FieldChoice> {
    let tokens = Tokens::current(ui);
    let text = match &line.target.path {
        Some(path) => RichText::new(path.as_str()),
        None => RichText::new("Leave out").color(tokens.muted),
    };
    let button = choice_button(ui, text);
    let goes = line.target.path.as_deref().unwrap_or("left out");
    button.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Field of {}: {goes}", line.name)));
    let was_open = Popup::is_id_open(ui.ctx(), Popup::default_response_id(&button));
    let button = if was_open {
        button
    } else {
        button.on_hover_text(format!("{goes}\n{}", line.why()))
    };
    let popup = Popup::from_toggle_button_response(&button)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .width(WIDTH);
    let is_new = button.clicked();
    if is_new {
        search.clear();
    }
    let id = popup.get_id();
    let choice = popup
        .show(|ui| list(ui, line, search, is_new))
        .and_then(|shown| shown.inner);
    if choice.is_some() {
        Popup::close_id(ui.ctx(), id);
    }
    return_focus(ui, &button, was_open);
    choice
}

fn list(ui: &mut Ui, line: &ColumnLine<'_>, search: &mut String, is_new: bool) -> Option<FieldChoice> {
    ui.set_width(WIDTH);
    let field = TextEdit::singleline(search)
        .hint_text("Find a field, or write a new attribute's name")
        .margin(vec2(space::S, 6.0))
        .desired_width(WIDTH);
    let field = parts::named_field(ui, "Find a field", field);
    if is_new {
        field.request_focus();
    }
    let enter = field.lost_focus() && ui.input_mut(|input| input.consume_key(Modifiers::NONE, Key::Enter));
    let needle = search.trim().to_lowercase();
    let mut first = None;
    let mut chosen = None;
    ScrollArea::vertical()
        .id_salt("fields")
        .max_height(340.0)
        .auto_shrink([false, true])
        .show(ui, |ui| {
            ui.spacing_mut().item_spacing.y = 0.0;
            for (group, fields) in groups(line) {
                let fits = |(path, node): &&(String, &Node)| {
                    needle.is_empty()
                        || path.to_lowercase().contains(&needle)
                        || node.description.to_lowercase().contains(&needle)
                };
                let found: Vec<_> = fields.iter().filter(fits).collect();
                if found.is_empty() {
                    continue;
                }
                heading(ui, &group);
                for (path, node) in found {
                    first.get_or_insert_with(|| path.clone());
                    let field = choice(ui, line, path, &node.type_name(), &node.description);
                    if field.on_hover_text(&node.help).clicked() {
                        chosen = Some(FieldChoice::Field(path.clone()));
                    }
                }
            }
            heading(ui, "Elsewhere");
            let prefix = line.mapping.dataset.custom_prefix();
            let name = if needle.is_empty() { line.name } else { search.trim() };
            let custom = if name.starts_with(&format!("{prefix}.")) {
                name.to_owned()
            } else {
                format!("{prefix}.{name}")
            };
            if choice(
                ui,
                line,
                &custom,
                "own attribute",
                "A field of your own, beside those of the API",
            )
            .clicked()
            {
                chosen = Some(FieldChoice::Field(custom.clone()));
            }
            first.get_or_insert(custom);
            if choice(ui, line, "Leave out", "", "The column is not sent").clicked() {
                chosen = Some(FieldChoice::LeaveOut);
            }
        });
    // Enter takes the first of what was found.
    chosen.or_else(|| first.filter(|_| enter && !needle.is_empty()).map(FieldChoice::Field))
}

/// The fields in groups: what every record needs, single fields, and the parts of every object.
fn groups(line: &ColumnLine<'_>) -> Vec<(String, Vec<(String, &'static Node)>)> {
    let schema = Schema::of(line.mapping.dataset);
    let mut groups: Vec<(String, Vec<_>)> = vec![("Required".to_owned(), vec![]), ("Fields".to_owned(), vec![])];
    for (path, node) in schema.fields() {
        let name = if schema.record.required.contains(&path) {
            "Required".to_owned()
        } else {
            path.rsplit_once('.')
                .map_or_else(|| "Fields".to_owned(), |(parent, _)| format!("Parts of {parent}"))
        };
        match groups.iter_mut().find(|(known, _)| *known == name) {
            Some((_, fields)) => fields.push((path, node)),
            None => groups.push((name, vec![(path, node)])),
        }
    }
    groups
}

fn heading(ui: &mut Ui, text: &str) {
    ui.add_space(space::S);
    ui.horizontal(|ui| {
        ui.add_space(space::S);
        parts::caption(ui, text);
    });
}

/// A field with its type, and beneath it what it means or which column is it already.
fn choice(ui: &mut Ui, line: &ColumnLine<'_>, path: &str, kind: &str, meaning: &str) -> Response {
    let shown = line.target.path.as_deref().unwrap_or("Leave out") == path;
    let taken = line.mapping.column_of(path).filter(|column| *column != line.at);
    let taken = taken.and_then(|column| line.columns.get(column));
    let beneath = taken.map_or_else(
        || meaning.to_owned(),
        |column| format!("Now the column {column}. {meaning}"),
    );
    item(ui, shown, path, &beneath, Some(kind))
}
