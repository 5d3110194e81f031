//! The upload of a document: how far it is, and how it ended, until that is put away.

use std::time::{Duration, Instant};

use eframe::egui::{Align, CornerRadius, Label, Layout, Rect, RichText, Role, Sense, Ui, WidgetInfo, pos2, vec2};

use super::events::rows;
use crate::{
    session::{Action, Document, Filter, Place, Steer, UploadRun},
    ui::{
        Wishes, fonts,
        theme::{Tokens, size, space},
        widgets,
    },
    upload::{self, Report, Stopped, Tally},
    work::UploadState,
};

/// Shows the upload of a document, if there is one.
pub(super) fn show(ui: &mut Ui, document: &Document, wishes: &mut Wishes) {
    let Some(run) = &document.upload else { return };
    match &run.report {
        None => running(ui, document, run, &run.watch.look(), wishes),
        Some(report) => ended(ui, document, run, report, wishes),
    }
}

fn running(ui: &mut Ui, document: &Document, run: &UploadRun, state: &UploadState, wishes: &mut Wishes) {
    let tokens = Tokens::current(ui);
    let title = format!("Uploading {} to {}", run.dataset.name(), run.environment);
    ui.horizontal(|ui| {
        ui.label(RichText::new(title).font(fonts::strong(size::BODY)));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let steer = |steer| Action::Steer(document.id, steer);
            if run.control.is_stopping() || run.progress.is_cancelled() {
                ui.add_enabled_ui(!run.progress.is_cancelled(), |ui| {
                    let now = ui.add(widgets::secondary("Stop now"));
                    let told = "Rows whose answer is still due are then not confirmed; resuming settles them";
                    if now.on_hover_text(told).clicked() {
                        wishes.actions.push(Action::Cancel(document.id));
                    }
                });
                ui.label(RichText::new("Stopping once the last answers are here…").color(tokens.muted));
                return;
            }
            if ui.add(widgets::secondary("Stop")).clicked() {
                wishes.actions.push(steer(Steer::Stop));
            }
            if run.control.is_paused() {
                if ui.add(widgets::primary("Go on")).clicked() {
                    wishes.actions.push(steer(Steer::GoOn));
                }
                ui.label(RichText::new("Paused").color(tokens.warning.text));
                return;
            }
            if ui.add(widgets::secondary("Pause")).clicked() {
                wishes.actions.push(steer(Steer::Pause));
            }
            match &state.waiting {
                Some(waiting) => {
                    if ui.add(widgets::quiet("Retry now")).clicked() {
                        wishes.actions.push(steer(Steer::Hurry));
                    }
                    let left = waiting.until.saturating_duration_since(Instant::now());
                    let again = format!(
                        "Waiting {:.0} s ({}), retry {} of {}",
                        left.as_secs_f32().ceil(),
                        waiting.reason,
                        waiting.attempt,
                        waiting.of.saturating_sub(1)
                    );
                    ui.add(Label::new(RichText::new(again).color(tokens.warning.text)).truncate());
                }
                None => {
                    ui.label(RichText::new(pace(state)).color(tokens.muted));
                }
            }
        });
    });
    bar(ui, &state.tally);
    sums(ui, &state.tally);
}

fn pace(state: &UploadState) -> String {
    let rate = state.rate();
    if rate < 1.0 {
        return "Starting".to_owned();
    }
    let rate = format!("{} rows a second", widgets::grouped(rate as u64));
    match state.remaining() {
        Some(left) if left > Duration::ZERO => format!("{rate}, {} left", spell(left)),
        _ => rate,
    }
}

/// A duration for people.
fn spell(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0 => format!("{:.1} s", duration.as_secs_f32()),
        1..=59 => format!("{seconds} s"),
        60..=3599 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    }
}

/// A bar whose parts are the rows by what became of them.
fn bar(ui: &mut Ui, tally: &Tally) {
    let tokens = Tokens::current(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 8.0), Sense::hover());
    ui.painter().rect_filled(rect, CornerRadius::same(4), tokens.hover);
    let mut x = rect.left();
    for (count, colour) in [
        (tally.stored, tokens.success.mark),
        (tally.rejected, tokens.error.mark),
        (tally.unknown, tokens.warning.mark),
        (tally.skipped(), tokens.faint),
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
fn sums(ui: &mut Ui, tally: &Tally) {
    let tokens = Tokens::current(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = space::L;
        let parts = [
            (tally.stored, "stored", tokens.success.mark, true),
            (tally.rejected, "rejected", tokens.error.mark, true),
            (tally.skipped(), "left out", tokens.faint, true),
            (tally.unknown, "not confirmed", tokens.warning.mark, false),
            (tally.waiting + tally.sent, "waiting", tokens.outline, false),
        ];
        for (count, name, colour, always) in parts {
            if count > 0 || always {
                part(ui, count, name, colour);
            }
        }
        let all = format!("= {}", rows(tally.all));
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

fn ended(ui: &mut Ui, document: &Document, run: &UploadRun, report: &Report, wishes: &mut Wishes) {
    let tokens = Tokens::current(ui);
    let tally = &report.tally;
    let is_whole = report.stopped.is_none();
    let is_good = is_whole && tally.rejected == 0 && tally.unknown == 0 && tally.stored > 0;
    ui.horizontal(|ui| {
        let (_, place) = ui.allocate_space(vec2(18.0, 22.0));
        if is_good {
            widgets::paint_tick(ui.painter(), place.center(), 8.0, tokens.success.mark, tokens.surface);
        } else {
            let severity = match &report.stopped {
                Some(stopped) if !stopped.is_wanted() => crate::domain::issue::Severity::Error,
                _ => crate::domain::issue::Severity::Warning,
            };
            widgets::paint_severity(ui.painter(), place.center(), 7.5, severity, tokens);
        }
        let noun = run.dataset.noun(tally.stored);
        let stored = widgets::grouped(tally.stored);
        let verb = if is_whole { "Upload ended" } else { "Upload stopped" };
        let title = format!("{verb}: {stored} {noun} stored in {}", run.environment);
        ui.label(RichText::new(title).font(fonts::strong(size::BODY)));
        ui.label(RichText::new(format!("in {}", spell(report.duration))).color(tokens.muted));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if widgets::close_button(ui, "Dismiss the upload's result").clicked() {
                wishes.actions.push(Action::DismissUpload(document.id));
            }
            if let Some(id) = report.id.filter(|_| tally.open() > 0)
                && ui.add(widgets::secondary("Resume")).clicked()
            {
                wishes.actions.push(Action::Resume(id));
            }
            if tally.stored > 0 && ui.add(widgets::quiet("Show what is stored")).clicked() {
                wishes.actions.push(Action::Show(Place::Stored(run.dataset)));
            }
            if tally.rejected > 0 && ui.add(widgets::quiet("Show rejected rows")).clicked() {
                wishes.actions.push(Action::Filter(document.id, Filter::Refused));
            }
        });
    });
    bar(ui, tally);
    sums(ui, tally);
    for kind in upload::stricter(&report.rejected).iter().take(3) {
        let field = if kind.path.is_empty() { "the record" } else { &kind.path };
        let said = format!(
            "The server is stricter than we are here: {field}: {} ({})",
            kind.message,
            rows(kind.rows)
        );
        ui.add(Label::new(RichText::new(said).color(tokens.muted)).truncate());
    }
    if let Some(stopped) = &report.stopped {
        let why = match stopped {
            Stopped::Cancelled => "You stopped it; what is stored stays stored".to_owned(),
            other if other.is_about_key() => format!("Why: {other}. It is the key of {}", run.environment),
            other => format!("Why: {other}"),
        };
        ui.label(RichText::new(why).color(tokens.text));
    }
}
