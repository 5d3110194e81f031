//! A path that is typed, because there is no file dialog or because a person likes to.

use std::{
    path::PathBuf,
    sync::mpsc::{Receiver, TryRecvError, sync_channel},
    thread,
};

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
    /// The path that is looked at before something is saved there, and whether there is a file already.
    looks: Option<(PathBuf, Receiver<bool>)>,
    /// Where there is a file already, which would be replaced.
    taken: Option<PathBuf>,
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
            looks: None,
            taken: None,
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
            Some(Pressed::Verb) if self.saves() && self.taken.as_ref() != Some(&self.path()) => {
                self.look(ctx);
                Typing::Goes
            }
            Some(Pressed::Verb) => Typing::Done(self.path()),
            Some(Pressed::Cancel) => Typing::Cancelled,
            None if leaves => Typing::Cancelled,
            None => self.looked(),
        }
    }

    fn path(&self) -> PathBuf {
        PathBuf::from(self.text.trim())
    }

    const fn saves(&self) -> bool {
        !matches!(self.purpose, Purpose::Open | Purpose::OpenRecipe(_))
    }

    /// Looks whether there is a file already; the disk may be far away, and the window does not wait for it.
    fn look(&mut self, ctx: &Context) {
        let (found, answer) = sync_channel(1);
        let (path, ctx) = (self.path(), ctx.clone());
        let looked = path.clone();
        let look = move || {
            found.send(looked.symlink_metadata().is_ok()).ok();
            ctx.request_repaint();
        };
        // Without the thread the answer is missing, and saving goes on: it tells its own failures.
        thread::Builder::new().name("tatami-look".to_owned()).spawn(look).ok();
        self.looks = Some((path, answer));
    }

    /// What the look has shown.
    fn looked(&mut self) -> Typing {
        let Some((path, answer)) = &self.looks else {
            return Typing::Goes;
        };
        match answer.try_recv() {
            Err(TryRecvError::Empty) => return Typing::Goes,
            Ok(true) => self.taken = Some(path.clone()),
            Ok(false) | Err(TryRecvError::Disconnected) if *path == self.path() => return Typing::Done(path.clone()),
            // Another path was typed meanwhile.
            Ok(false) | Err(TryRecvError::Disconnected) => {}
        }
        self.looks = None;
        Typing::Goes
    }

    fn buttons(&self, ui: &mut Ui, life: Life) -> Option<Pressed> {
        let replaces = self.taken.as_ref() == Some(&self.path());
        let verb = Verb {
            text: match self.purpose {
                Purpose::Open => "Open file",
                Purpose::OpenRecipe(_) => "Map by it",
                _ if replaces => "Replace the file",
                _ => "Save",
            },
            risk: if replaces { Risk::Loss } else { Risk::None },
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
        if self.taken.as_ref() == Some(&self.path()) {
            parts::complaint(ui, "There is a file of that name already");
        }
    }
}
