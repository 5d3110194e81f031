//! What is under way, in a line at the end of the sidebar that opens a panel: how far each job is, and what ends it.

use std::{collections::BTreeMap, time::Duration};

use eframe::egui::{
    Align, Align2, CornerRadius, Label, Layout, Popup, PopupCloseBehavior, Rect, RectAlign, Response, RichText, Role,
    Sense, Ui, WidgetInfo, pos2, vec2,
};

use super::{
    UiRequests, fonts, parts,
    running::spell,
    theme::{Tokens, radius, size, space},
    widgets,
};
use crate::session::{JobKind, RunningJob, Session};

/// What takes less is not worth a line, in seconds.
const WORTH: f64 = 1.0;
/// How often the line is brought up to date, in seconds.
const PACE: f32 = 0.1;
/// The line's height, which is kept free for it.
pub(super) const HEIGHT: f32 = 22.0;
const WIDTH: f32 = 380.0;

/// When jobs were first seen.
#[derive(Debug, Default)]
pub struct JobsUi {
    seen: BTreeMap<usize, Seen>,
}

/// A job since it was first seen, or since its last step began.
#[derive(Clone, Copy, Debug)]
struct Seen {
    first: f64,
    /// When its step began, and how much was done then, lately and in all.
    step: f64,
    from: u64,
    latest: u64,
    total: u64,
}

/// Shows the line, once something takes longer than a moment; it opens the panel.
pub fn show(ui: &mut Ui, session: &Session, state: &mut JobsUi, requests: &mut UiRequests) {
    let now = ui.input(|input| input.time);
    let jobs = state.current(session.jobs(), now);
    if !state.seen.is_empty() {
        ui.ctx().request_repaint_after_secs(PACE);
    }
    if jobs.is_empty() {
        return;
    }
    let line = line(ui, &jobs);
    let line = line.on_hover_text("What is under way; click to see and stop it");
    Popup::from_toggle_button_response(&line)
        .align(RectAlign::TOP_START)
        .close_behavior(PopupCloseBehavior::CloseOnClickOutside)
        .show(|ui| panel(ui, &jobs, now, requests));
}

impl JobsUi {
    /// The jobs that have taken a while.
    fn current(&mut self, jobs: Vec<RunningJob>, now: f64) -> Vec<(RunningJob, Seen)> {
        self.seen.retain(|key, _| jobs.iter().any(|job| job.key == *key));
        let mut current = Vec::new();
        for job in jobs {
            let seen = self.seen.entry(job.key).or_insert(Seen {
                first: now,
                step: now,
                from: job.done,
                latest: job.done,
                total: job.total,
            });
            if job.done < seen.latest || job.total != seen.total {
                (seen.step, seen.from, seen.total) = (now, job.done, job.total);
            }
            seen.latest = job.done;
            if now - seen.first >= WORTH {
                current.push((job, *seen));
            }
        }
        current
    }
}

impl Seen {
    /// Units a second, once that can be said.
    fn rate(&self, now: f64) -> Option<f64> {
        let passed = now - self.step;
        let done = self.latest.saturating_sub(self.from);
        (passed >= WORTH && done > 0).then(|| done as f64 / passed)
    }
}

/// `2 jobs · 43 %`, with a bar.
fn line(ui: &mut Ui, jobs: &[(RunningJob, Seen)]) -> Response {
    let tokens = Tokens::current(ui);
    let noun = if jobs.len() == 1 { "job" } else { "jobs" };
    let shares: Vec<f32> = jobs.iter().filter_map(|(job, _)| job.fraction()).collect();
    let share = (!shares.is_empty()).then(|| shares.iter().sum::<f32>() / shares.len() as f32);
    let text = match share {
        Some(share) => format!("{} {noun} · {:.0} %", jobs.len(), (share * 100.0).floor()),
        None => format!("{} {noun}", jobs.len()),
    };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::click());
    let rounding = CornerRadius::same(radius::SMALL);
    if response.hovered() {
        ui.painter().rect_filled(rect, rounding, tokens.hover);
    }
    if response.has_focus() {
        let kind = eframe::egui::StrokeKind::Inside;
        ui.painter().rect_stroke(rect, rounding, (2.0, tokens.accent), kind);
    }
    let middle = rect.center().y;
    let font = fonts::regular(size::SMALL);
    let left = pos2(rect.left() + space::S, middle);
    let text_rect = ui.painter().text(left, Align2::LEFT_CENTER, &text, font, tokens.text);
    let bar = Rect::from_x_y_ranges(
        text_rect.right() + space::S..=rect.right() - space::S,
        middle - 2.0..=middle + 2.0,
    );
    if bar.width() > 16.0 {
        ui.painter().rect_filled(bar, 2, tokens.outline);
        let done = bar.with_max_x(bar.left() + bar.width() * share.unwrap_or(0.0));
        ui.painter().rect_filled(done, 2, tokens.accent);
    }
    response.widget_info(|| WidgetInfo::labeled(Role::Button, true, &text));
    response
}

fn panel(ui: &mut Ui, jobs: &[(RunningJob, Seen)], now: f64, requests: &mut UiRequests) {
    ui.set_width(WIDTH);
    for (at, (job, seen)) in jobs.iter().enumerate() {
        if at > 0 {
            ui.add_space(space::S);
        }
        ui.push_id(job.key, |ui| one(ui, job, seen, now, requests));
    }
    if jobs.len() < 2 {
        return;
    }
    ui.separator();
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let can = jobs.iter().any(|(job, _)| !job.is_stopping);
            if ui.add_enabled(can, eframe::egui::Button::new("Cancel all")).clicked() {
                let going = jobs.iter().filter(|(job, _)| !job.is_stopping);
                requests.actions.extend(going.map(|(job, _)| job.stop.clone()));
            }
            if jobs.iter().any(|(job, _)| job.kind.changes_stored()) {
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    parts::caption(ui, "Uploads and deletions end with the answers that are due");
                });
            }
        });
    });
}

fn one(ui: &mut Ui, job: &RunningJob, seen: &Seen, now: f64, requests: &mut UiRequests) {
    let title = title(job);
    ui.horizontal(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let text = match (job.is_stopping, job.kind.changes_stored()) {
                (true, _) => "Stopping…",
                (false, true) => "Stop",
                (false, false) => "Cancel",
            };
            let button = ui.add_enabled(!job.is_stopping, eframe::egui::Button::new(text));
            let name = format!("{text}: {title}");
            ui.ctx().accesskit_node_builder(button.id, |node| node.set_label(name));
            if button.clicked() {
                requests.actions.push(job.stop.clone());
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                ui.add(Label::new(RichText::new(&title).font(fonts::strong(size::BODY))).truncate());
            });
        });
    });
    widgets::progress(ui, job.fraction(), &how_far(job, seen, now));
}

/// What is done, to which file, where.
fn title(job: &RunningJob) -> String {
    let name = &job.name;
    let place = job.environment.as_deref().unwrap_or_default();
    match job.kind {
        JobKind::Opening => format!("Reading {name}"),
        JobKind::Checking => format!("Checking {name}"),
        JobKind::Finding => format!("Searching {name}"),
        JobKind::Replacing => format!("Replacing in {name}"),
        JobKind::GoingTo => format!("Looking for a row of {name}"),
        JobKind::Filtering => format!("Filtering {name}"),
        JobKind::CountingValues => format!("Counting values of {name}"),
        JobKind::Sorting => format!("Sorting {name}"),
        JobKind::Comparing => format!("Comparing {name} with {place}"),
        JobKind::Uploading => format!("Uploading {name} to {place}"),
        JobKind::DryRun => format!("{place} checks {name}"),
        JobKind::LookingUp => format!("Looking at what undoing {name} does in {place}"),
        JobKind::Undoing => format!("Undoing {name} in {place}"),
        JobKind::Wiping => format!("Deleting everything in {place}"),
    }
}

/// How far it is, how fast, and how long the rest takes, as far as that is known: `43 % · 1,200 rows a second · 12 s left`.
fn how_far(job: &RunningJob, seen: &Seen, now: f64) -> String {
    let rate = seen.rate(now);
    let share = job.fraction().map(|share| format!("{:.0} %", (share * 100.0).floor()));
    // Of less than one a second only the time left says something.
    let pace = rate.filter(|rate| *rate >= 1.0).map(|rate| match job.kind {
        JobKind::Opening => format!("{} a second", widgets::bytes(rate as u64)),
        JobKind::Checking
        | JobKind::Finding
        | JobKind::Replacing
        | JobKind::GoingTo
        | JobKind::Filtering
        | JobKind::CountingValues
        | JobKind::Sorting
        | JobKind::Comparing
        | JobKind::Uploading
        | JobKind::DryRun => format!("{} rows a second", widgets::grouped(rate as u64)),
        JobKind::LookingUp | JobKind::Undoing | JobKind::Wiping => {
            format!("{} records a second", widgets::grouped(rate as u64))
        }
    });
    let left = rate.filter(|_| job.total > 0).map(|rate| {
        let rest = job.total.saturating_sub(job.done) as f64 / rate;
        format!("{} left", spell(Duration::from_secs_f64(rest.clamp(1.0, 1e9))))
    });
    let said: Vec<String> = [share, pace, left].into_iter().flatten().collect();
    if said.is_empty() {
        "Starting".to_owned()
    } else {
        said.join(" · ")
    }
}
