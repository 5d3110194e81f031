//! Above whatever is shown: what was restored at the start, and what could not be.

use eframe::egui::{Frame, Margin, Ui};

use super::{
    theme::space,
    widgets::{self, Banner},
};
use crate::{
    domain::{escapes::safe, issue::Severity},
    message::kept::{LeftOver, Unfit},
    session::{Action, KeepAction, Session},
    upload::Retention,
};

pub(crate) fn show(ui: &mut Ui, session: &Session, actions: &mut Vec<Action>) {
    let margin = Frame::new().inner_margin(Margin::symmetric(space::S as i8, 3));
    let mut banner = |severity, text: &str, [verb, hint]: [&str; 2], can: bool, [done, away]: [KeepAction; 2]| {
        let dismissed = margin.show(ui, |ui| {
            widgets::banner(ui, Banner::Problem(severity), text, |ui| {
                let button = ui.add_enabled(can, widgets::secondary(verb)).on_hover_text(hint);
                let button = button.on_disabled_hover_text("Only once the files are open with these changes");
                if button.clicked() {
                    actions.push(Action::Kept(done));
                }
            })
        });
        if dismissed.inner {
            actions.push(Action::Kept(away));
        }
    };
    if let Some(text) = restored(session) {
        let words = [
            "Discard changes",
            "Shows the files without these changes; Undo brings them back",
        ];
        let actions = [KeepAction::DiscardRestored, KeepAction::DismissRestored];
        let can = session.can_discard_restored();
        banner(Severity::Info, &text, words, can, actions);
    }
    let left_over: Vec<&LeftOver> = session.keeping.left_over.iter().collect();
    if !session.keeping.hides_left_over
        && let Some(text) = not_restored(&left_over, session.keeping.retention)
    {
        let words = ["Forget changes", "Deletes what is kept of them, for good"];
        let actions = [KeepAction::ForgetLeftOver, KeepAction::HideLeftOver];
        banner(Severity::Warning, &text, words, true, actions);
    }
}

fn restored(session: &Session) -> Option<String> {
    let restored = &session.keeping.restored;
    let cells = cells(restored.iter().map(|restored| restored.cells).sum());
    match restored.as_slice() {
        [] => None,
        [one] => {
            let name = session.find(one.doc)?.name();
            Some(format!("Restored {name} with {cells}"))
        }
        many => Some(format!("Restored {} files with {cells}", many.len())),
    }
}

fn not_restored(left_over: &[&LeftOver], Retention(days): Retention) -> Option<String> {
    let (reason, names) = match left_over {
        [] => return None,
        [one] => {
            let name = name(one);
            let reason = match one.why {
                Unfit::Changed => format!("{name} is another file by now"),
                Unfit::ReadOtherwise => format!("{name} is read in another way"),
                Unfit::Missing => format!("{name} is not where it was"),
                Unfit::Fatal => format!("Tatami ended while {name} was being opened"),
            };
            (reason, String::new())
        }
        many => {
            let names: Vec<String> = many.iter().map(|one| name(one)).collect();
            let reason = format!("{} files are other ones by now, or not where they were", many.len());
            (reason, format!(": {}", names.join(", ")))
        }
    };
    let cells = cells(left_over.iter().map(|one| one.cells).sum());
    let until = match days {
        None => "until you forget it".to_owned(),
        Some(days) if days.get() == 1 => "for 1 day".to_owned(),
        Some(days) => format!("for {days} days"),
    };
    Some(format!(
        "{reason}, so {cells} of last time cannot be shown; what was typed is kept {until}{names}"
    ))
}

fn name(left_over: &LeftOver) -> String {
    let path = &left_over.path;
    safe(&path.file_name().unwrap_or(path.as_os_str()).to_string_lossy()).into_owned()
}

fn cells(count: u64) -> String {
    if count == 1 {
        "1 changed cell".to_owned()
    } else {
        format!("{} changed cells", widgets::grouped(count))
    }
}
