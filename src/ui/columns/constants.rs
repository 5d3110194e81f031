//! Fields without a column that have the same value in every record.

use eframe::egui::{Button, Popup, PopupCloseBehavior, RichText, ScrollArea, TextEdit, Ui, vec2};

use crate::{
    domain::{
        mapping::Mapping,
        schema::{Node, Schema},
    },
    session::{Action, Document, MappingAction},
    ui::{
        fonts, parts,
        theme::{Tokens, size, space},
        widgets,
    },
};

/// What is being typed for a field.
#[derive(Debug, Default)]
pub(super) struct ConstantForm {
    field: String,
    value: String,
}

/// Lists the constants, each with a way to take it away.
pub(super) fn show(
    ui: &mut Ui,
    document: &Document,
    mapping: &Mapping,
    form: &mut ConstantForm,
    actions: &mut Vec<Action>,
) {
    if mapping.constants.is_empty() {
        return;
    }
    ui.add_space(space::XS);
    ui.horizontal_wrapped(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        parts::caption(ui, "In every record:");
        for constant in &mapping.constants {
            ui.add_space(space::XS);
            let text = format!("{} = {}", constant.path, constant.value);
            let tokens = Tokens::current(ui);
            ui.label(
                RichText::new(text)
                    .font(fonts::strong(size::SMALL))
                    .color(tokens.accent_text),
            );
            if widgets::close_button(ui, &format!("Take away {}", constant.path)).clicked() {
                form.value.clear();
                actions.push(Action::Mapping(
                    document.id,
                    MappingAction::SetConstant {
                        path: constant.path.clone(),
                        value: None,
                    },
                ));
            }
        }
    });
}

/// A button with a form behind it that gives a field the same value in every record.
pub(super) fn button(
    ui: &mut Ui,
    document: &Document,
    field: &str,
    form: &mut ConstantForm,
    actions: &mut Vec<Action>,
) {
    let button = ui.add(widgets::secondary(&format!("Same {field} everywhere…")));
    if button.clicked() {
        field.clone_into(&mut form.field);
        form.value.clear();
    }
    let popup = Popup::from_toggle_button_response(&button)
        .id(ui.scope_id().with(("constant", field)))
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside);
    let id = popup.get_id();
    let done = popup.show(|ui| {
        ui.set_width(300.0);
        let node = Schema::of(document.dataset).node(field);
        let hint = node.map(Node::type_name).unwrap_or_default();
        parts::note(ui, &format!("Every record gets this {field}"));
        ui.add_space(space::XS);
        let allowed = node.map(|node| node.allowed.as_slice()).unwrap_or_default();
        if allowed.is_empty() {
            let edit = TextEdit::singleline(&mut form.value)
                .hint_text(hint)
                .margin(vec2(space::S, 5.0));
            parts::named_field(ui, &format!("Value of {field}"), edit.desired_width(280.0));
        } else {
            // A list of its own in a popup would close the one around it.
            ScrollArea::vertical().max_height(280.0).show(ui, |ui| {
                for name in allowed {
                    if ui.add(Button::selectable(form.value == *name, name.as_str())).clicked() {
                        name.clone_into(&mut form.value);
                    }
                }
            });
        }
        ui.add_space(space::XS);
        let use_it = ui.add_enabled(!form.value.trim().is_empty(), Button::new("Use this value"));
        use_it.clicked()
    });
    if done.is_some_and(|done| done.inner) {
        actions.push(Action::Mapping(
            document.id,
            MappingAction::SetConstant {
                path: form.field.clone(),
                value: Some(form.value.trim().to_owned()),
            },
        ));
        Popup::close_id(ui.ctx(), id);
    }
}
