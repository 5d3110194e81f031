//! A path that is typed, because there is no file dialog or because a person likes to.

use std::path::PathBuf;

use eframe::egui::{Context, TextEdit, Ui, vec2};

use super::{
    dialogs::{Life, Look, Pressed, Verb, foot, frame},
    files::Purpose,
    parts,
    theme::space,
    widgets::Risk,
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
        let look = Look {
            name: "typed path",
            title: match self.purpose {
                Purpose::Open => "Open a file by its path",
                purpose => purpose.title(),
            },
            width: 480.0,
            is_form: true,
        };
        let life = Life::new(std::mem::take(&mut self.is_new)).over_a_field();
        let mut state = (&mut *self, None);
        let leaves = frame(
            ctx,
            &look,
            &mut state,
            |ui, (this, _)| this.field(ui, life),
            |ui, (this, pressed)| *pressed = this.buttons(ui, life),
        );
        let (_, pressed) = state;
        match pressed {
            Some(Pressed::Verb) => Typing::Done(PathBuf::from(self.text.trim())),
            Some(Pressed::Cancel) => Typing::Cancelled,
            None if leaves => Typing::Cancelled,
            None => Typing::Goes,
        }
    }

    fn buttons(&self, ui: &mut Ui, life: Life) -> Option<Pressed> {
        let verb = Verb {
            text: match self.purpose {
                Purpose::Open => "Open file",
                Purpose::OpenRecipe(_) => "Map by it",
                _ => "Save",
            },
            risk: Risk::None,
            hindrance: self.text.trim().is_empty().then_some("Type the path first"),
        };
        foot(ui, life, Some(verb), "Cancel", |_| ())
    }

    fn field(&mut self, ui: &mut Ui, life: Life) {
        if let Some(why) = self.why {
            parts::note(ui, why);
        }
        ui.add_space(space::S);
        let field = TextEdit::singleline(&mut self.text)
            .margin(vec2(space::S, 6.0))
            .desired_width(ui.available_width());
        let field = parts::labelled_field(ui, "Path of the file", field);
        if life.is_new() {
            field.request_focus();
        }
    }
}
