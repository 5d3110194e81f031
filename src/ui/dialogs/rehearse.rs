//! What is made to go wrong in the local server, to see what an upload makes of it.

use eframe::egui::{Align, Context, DragValue, Label, Layout, Response, Ui, vec2};

use super::{Life, Look, Verb, ask, modal};
use crate::{
    domain::faults::{FaultKind, Faults},
    session::{Action, Remote, Session, StoredAction},
    ui::{
        parts,
        theme::space,
        widgets::{self, Risk},
    },
};

/// The longest delays that can be dragged to; more can be set from the command line.
const LONGEST_MS: u64 = 60_000;

/// How large a field is.
const FIELD: [f32; 2] = [96.0, 28.0];

/// What is wanted, once it is known what is.
#[derive(Debug, Default)]
pub(super) struct FaultsForm {
    wanted: Option<Faults>,
}

pub(super) fn show(ctx: &Context, session: &Session, form: &mut FaultsForm, life: Life, actions: &mut Vec<Action>) {
    if form.wanted.is_none()
        && let Remote::Ready(faults) = &session.rehearsal
    {
        form.wanted = Some(faults.clone());
    }
    modal(
        ctx,
        &Look {
            name: "rehearse",
            title: "Rehearse",
            width: 560.0,
            is_form: true,
        },
        form,
        |ui, form| {
            parts::note(
                ui,
                "Makes the local server fail on purpose, so that you see what an upload does then. It fails until \
                 this is off again or Tatami is closed, and only here.",
            );
            match (&mut form.wanted, &session.rehearsal) {
                (Some(faults), _) => fields(ui, faults),
                (None, Remote::Failed(error)) => parts::complaint(ui, &error.reason),
                (None, _) => parts::waiting(ui, "Asking the local server…"),
            }
        },
        |ui, form, actions| {
            let is_on = form.wanted.as_ref().is_some_and(|faults| !faults.are_off());
            if ui.add_enabled(is_on, widgets::quiet("All off")).clicked() {
                actions.push(Action::Stored(StoredAction::Rehearse(Faults::default())));
            }
            let wanted = form.wanted.as_ref();
            let changed = wanted.filter(|wanted| session.rehearsal.value() != Some(*wanted));
            let verb = Verb {
                text: "Apply",
                risk: Risk::None,
                hindrance: changed.is_none().then_some("Nothing is changed yet"),
            };
            ask(ui, life.over_a_field(), verb, actions, || {
                Action::Stored(StoredAction::Rehearse(changed.cloned().unwrap_or_default()))
            });
        },
        actions,
    );
}

fn fields(ui: &mut Ui, faults: &mut Faults) {
    ui.spacing_mut().item_spacing.y = space::XS;
    ui.add_space(space::S);
    parts::caption(ui, "How many requests of a hundred meet this");
    for kind in FaultKind::ALL {
        line(ui, kind.title(), |ui| {
            let mut percent = faults.of(kind) * 100.0;
            let field = DragValue::new(&mut percent)
                .range(0.0..=100.0)
                .speed(1.0)
                .max_decimals(1)
                .suffix(" %");
            let field = ui.add_sized(FIELD, field);
            if field.changed() {
                faults.probability.insert(kind, percent / 100.0);
            }
            field
        });
    }
    ui.add_space(space::S);
    parts::caption(ui, "How long, and which");
    let number = |ui: &mut Ui, title: &str, number: &mut u64, most: u64, unit: &str| {
        line(ui, title, |ui| {
            let field = DragValue::new(number).range(0..=most).speed(1).suffix(unit);
            ui.add_sized(FIELD, field)
        });
    };
    number(ui, "Slow answers take up to", &mut faults.latency_ms, LONGEST_MS, " ms");
    number(
        ui,
        "Uploads and deletions take effect after",
        &mut faults.task_delay_ms,
        LONGEST_MS,
        " ms",
    );
    number(
        ui,
        "Too many requests ask to wait",
        &mut faults.retry_after_s,
        3600,
        " s",
    );
    number(
        ui,
        "Seed: the same number meets the same requests",
        &mut faults.seed,
        u64::MAX,
        "",
    );
}

/// A name at the left, and what it is set with at the right.
fn line(ui: &mut Ui, title: &str, content: impl FnOnce(&mut Ui) -> Response) {
    let size = vec2(ui.available_width(), 28.0);
    ui.allocate_ui_with_layout(size, Layout::right_to_left(Align::Center), |ui| {
        let setting = ui.push_id(title, content).inner;
        let label = ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.add(Label::new(title).truncate())
        });
        setting.labelled_by(label.inner.id);
    });
}
