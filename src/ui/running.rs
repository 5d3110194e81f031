//! An upload or an undo while it runs: how far it is, pausing and stopping it; and its rows by what became of them.

use std::time::{Duration, Instant};

use eframe::egui::{Align, CornerRadius, Label, Layout, Rect, RichText, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::{
    fonts,
    theme::{Tokens, size, space},
    widgets,
};
use crate::{
    message::{UploadState, Waiting},
    session::{Action, Steer, UploadRun},
    upload::{self, Upload, UploadTally},
};

/// The words for what becomes of the rows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    stored: &'static str,
    unchanged: &'static str,
    left_out: &'static str,
    rows: [&'static str; 2],
}

impl Words {
    /// For an upload.
    pub(crate) const UPLOAD: Self = Self {
        stored: "stored",
        unchanged: "the same already",
        left_out: "left out",
        rows: ["row", "rows"],
    };
    /// For an upload that the server only checks.
    pub(crate) const CHECK: Self = Self {
        stored: "would be stored",
        ..Self::UPLOAD
    };
    /// For an undo.
    pub(crate) const UNDO: Self = Self {
        stored: "undone",
        unchanged: "as before already",
        left_out: "left as they are",
        rows: ["record", "records"],
    };

    /// The words for an upload of before, which may have been an undo.
    pub(crate) const fn of_past(upload: &Upload) -> Self {
        if upload.plan.reverts.is_some() {
            Self::UNDO
        } else {
            Self::UPLOAD
        }
    }

    /// What became of rows, those parts that there are: `570 stored · 3 rejected · 29 left out`.
    pub(crate) fn sum(self, tally: &UploadTally) -> String {
        let parts = [
            (tally.stored, self.stored),
            (tally.unchanged, self.unchanged),
            (tally.rejected, "rejected"),
            (tally.skipped() - tally.unchanged, self.left_out),
            (tally.open(), "open"),
        ];
        let there = parts.into_iter().filter(|(count, _)| *count > 0);
        let parts: Vec<String> = there
            .map(|(count, name)| format!("{} {name}", widgets::grouped(count)))
            .collect();
        if parts.is_empty() {
            "No rows".to_owned()
        } else {
            parts.join(" · ")
        }
    }

    /// The words for a file's upload.
    pub(crate) const fn of(run: &UploadRun) -> Self {
        if run.dry_run { Self::CHECK } else { Self::UPLOAD }
    }
}

/// Shows a run, with what steers it.
pub(crate) fn show(
    ui: &mut Ui,
    (title, words): (&str, Words),
    run: &UploadRun,
    steer: &dyn Fn(Steer) -> Action,
    actions: &mut Vec<Action>,
) {
    let tokens = Tokens::current(ui);
    let state = run.handles.watch.look();
    // What steers a run stands left, what concerns its result right: a click that comes too late meets neither the ✕ nor
    // *Resume*, and a second click on *Stop* does not give up.
    ui.horizontal(|ui| {
        let is_stopping = run.handles.control.is_stopping() || run.handles.progress.is_cancelled();
        if ui.add_enabled(!is_stopping, widgets::secondary("Stop")).clicked() {
            actions.push(steer(Steer::Stop));
        }
        if is_stopping {
            give_up(ui, run, steer, actions);
        } else if run.handles.control.is_paused() {
            if ui.add(widgets::primary("Go on")).clicked() {
                actions.push(steer(Steer::GoOn));
            }
        } else {
            if ui.add(widgets::secondary("Pause")).clicked() {
                actions.push(steer(Steer::Pause));
            }
            if state.waiting.is_some() && ui.add(widgets::quiet("Retry now")).clicked() {
                actions.push(steer(Steer::Hurry));
            }
        }
        let (text, colour) = if is_stopping {
            ("Stopping once the last answers are here…".to_owned(), tokens.muted)
        } else if run.handles.control.is_paused() {
            ("Paused".to_owned(), tokens.warning.text)
        } else if let Some(waiting) = &state.waiting {
            (again(waiting), tokens.warning.text)
        } else if state.pending > 0 {
            (pending(&state), tokens.warning.text)
        } else {
            (pace(&state), tokens.muted)
        };
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let half = ui.available_width() / 2.0;
            ui.scope(|ui| {
                ui.set_max_width(half);
                ui.add(Label::new(RichText::new(text).color(colour)).truncate());
            });
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(RichText::new(title).font(fonts::strong(size::BODY))).truncate());
            });
        });
    });
    outcome(ui, &state.tally, words);
}

/// Ends a run that is stopping already.
fn give_up(ui: &mut Ui, run: &UploadRun, steer: &dyn Fn(Steer) -> Action, actions: &mut Vec<Action>) {
    let now = ui.add_enabled(!run.handles.progress.is_cancelled(), widgets::secondary("Stop now"));
    let told = "Rows whose answer is still due are then not confirmed; resuming settles them";
    if now.on_hover_text(told).clicked() {
        actions.push(steer(Steer::GiveUp));
    }
}

/// What a run waits for before it tries again.
fn again(waiting: &Waiting) -> String {
    let left = waiting.until.saturating_duration_since(Instant::now());
    format!(
        "Waiting {:.0} s ({}), retry {} of {}",
        left.as_secs_f32().ceil(),
        waiting.reason,
        waiting.attempt,
        waiting.of.saturating_sub(1)
    )
}

/// The rows by what became of them, as a bar and in numbers that add up.
pub(crate) fn outcome(ui: &mut Ui, tally: &UploadTally, words: Words) {
    bar(ui, tally);
    sums(ui, tally, words);
}

/// That the server takes long over what it has taken; and how fast it is, once that is known.
fn pending(state: &UploadState) -> String {
    let pending = upload::pending(state.pending);
    if state.has_begun() {
        format!("{pending}; {}", pace(state))
    } else {
        pending
    }
}

fn pace(state: &UploadState) -> String {
    let rate = state.rate();
    if !state.has_begun() || rate < 1.0 {
        return "Starting".to_owned();
    }
    let rate = format!("{} rows a second", widgets::grouped(rate as u64));
    match state.remaining() {
        Some(left) if left > Duration::ZERO => format!("{rate}, {} left", spell(left)),
        _ => rate,
    }
}

/// A duration for people.
pub(crate) fn spell(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{:.1} s", duration.as_secs_f32()),
        1..=59 => format!("{seconds} s"),
        60..=3599 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A bar whose parts are the rows by what became of them.
fn bar(ui: &mut Ui, tally: &UploadTally) {
    let tokens = Tokens::current(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 8.0), Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::same(4), tokens.hover);
    let mut x = rect.left();
    for (count, colour) in [
        (tally.stored, tokens.success.mark),
        (tally.unchanged, tokens.success.mark.gamma_multiply(0.5)),
        (tally.rejected, tokens.error.mark),
        (tally.unknown, tokens.warning.mark),
        (tally.skipped() - tally.unchanged, tokens.faint),
    ] {
        let width = rect.width() * (count as f32 / tally.all.max(1) as f32);
        if width > 0.0 {
            let part = Rect::from_min_max(pos2(x, rect.top()), pos2(x + width.max(2.0), rect.bottom()));
            ui.painter()
                .rect_filled(part.intersect(rect), CornerRadius::same(3), colour);
            x += width;
        }
    }
    let done = (tally.all - tally.waiting.min(tally.all)) as f64 / tally.all.max(1) as f64;
    response.widget_info(|| {
        let mut info = WidgetInfo::labeled(Role::ProgressIndicator, true, "Upload");
        info.value = Some(done * 100.0);
        info
    });
}

/// The rows by what became of them; the parts add up to all.
fn sums(ui: &mut Ui, tally: &UploadTally, words: Words) {
    let tokens = Tokens::current(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::L;
        let parts = [
            (tally.stored, words.stored, tokens.success.mark, true),
            (
                tally.unchanged,
                words.unchanged,
                tokens.success.mark.gamma_multiply(0.5),
                false,
            ),
            (tally.rejected, "rejected", tokens.error.mark, true),
            (tally.skipped() - tally.unchanged, words.left_out, tokens.faint, true),
            (tally.unknown, "not confirmed", tokens.warning.mark, false),
            (tally.waiting + tally.sent, "waiting", tokens.outline, false),
        ];
        for (count, name, colour, always) in parts {
            if count > 0 || always {
                part(ui, count, name, colour);
            }
        }
        let noun = words.rows[usize::from(tally.all != 1)];
        let all = format!("= {} {noun}", widgets::grouped(tally.all));
        ui.label(RichText::new(all).color(tokens.muted));
    });
}

fn part(ui: &mut Ui, count: u64, name: &str, colour: eframe::egui::Color32) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::XS;
        let (_, place) = ui.allocate_space(vec2(10.0, 16.0));
        ui.painter()
            .rect_filled(Rect::from_center_size(place.center(), vec2(8.0, 8.0)), 2, colour);
        let text = format!("{} {name}", widgets::grouped(count));
        ui.label(text);
    });
}
