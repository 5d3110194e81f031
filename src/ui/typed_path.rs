//! A path that is typed, because there is no file dialog or because a person likes to.

use std::path::PathBuf;

use eframe::egui::{Context, Id, Key, Modal, RichText, TextEdit, Ui};

use super::{
    files::Purpose,
    theme::{Tokens, space},
    widgets,
};

/// The path typed so far.
#[derive(Debug)]
pub(super) struct TypedPath {
    pub purpose: Purpose,
    text: String,
    why: Option<&'static str>,
    is_new: bool,
}

/// The state of the typing.
pub(super) enum Typing {
    Goes,
    Cancelled,
    Done(PathBuf),
}

impl TypedPath {
    /// Asks for a path; `why` tells why it must be typed.
    pub(crate) const fn new(purpose: Purpose, why: Option<&'static str>) -> Self {
        Self {
            purpose,
            text: String::new(),
            why,
            is_new: true,
        }
    }

    /// Shows the question.
    pub(crate) fn show(&mut self, ctx: &Context) -> Typing {
        let (mut done, mut confirmed) = (false, false);
        let modal = Modal::new(Id::unique("typed path")).show(ctx, |ui| {
            ui.set_width(480.0);
            confirmed |= self.field(ui);
            ui.add_space(space::M);
            ui.horizontal(|ui| {
                let verb = match self.purpose {
                    Purpose::Open => "Open file",
                    Purpose::OpenRecipe(_) => "Map by it",
                    _ => "Save",
                };
                ui.add_enabled_ui(!self.text.trim().is_empty(), |ui| {
                    confirmed |= ui.add(widgets::primary(verb)).clicked();
                });
                done |= ui.add(widgets::secondary("Cancel")).clicked();
            });
        });
        let path = self.text.trim();
        if confirmed && !path.is_empty() {
            Typing::Done(PathBuf::from(path))
        } else if done || modal.should_close() {
            Typing::Cancelled
        } else {
            Typing::Goes
        }
    }

    /// The field with its title; answers whether Enter was pressed in it.
    fn field(&mut self, ui: &mut Ui) -> bool {
        let title = match self.purpose {
            Purpose::Open => "Open a file by its path",
            purpose => purpose.title(),
        };
        widgets::title(ui, title);
        if let Some(why) = self.why {
            ui.label(RichText::new(why).color(Tokens::current(ui).muted));
        }
        ui.add_space(space::S);
        let label = ui.label("Path of the file");
        let field = ui.add(TextEdit::singleline(&mut self.text).desired_width(f32::INFINITY));
        let field = field.labelled_by(label.id);
        if std::mem::take(&mut self.is_new) {
            field.request_focus();
        }
        field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter))
    }
}
