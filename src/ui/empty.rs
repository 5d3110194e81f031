//! What stands where no file is open yet.

use eframe::egui::{Align, Button, Color32, Layout, RichText, Shape, Stroke, Ui, UiBuilder, pos2, vec2};

use super::{
    UiRequests, fonts,
    keys::MenuCommand,
    theme::{Tokens, size, space},
    widgets,
};
use crate::{
    domain::dataset::Dataset,
    session::{Action, Session},
};

/// Shows what belongs here, and the ways to get it.
pub(crate) fn show(ui: &mut Ui, session: &Session, dataset: Dataset, takes_drops: bool, requests: &mut UiRequests) {
    let tokens = Tokens::current(ui);
    let all = ui.available_rect_before_wrap();
    let width = 560.0_f32.min(all.width() - 2.0 * space::XL);
    let recent = session.recent.iter().take(5).count() as f32;
    let height = if takes_drops { 290.0 } else { 314.0 };
    let below = if recent > 0.0 { 48.0 + recent * 32.0 } else { 0.0 };
    let top = all.top() + ((all.height() - height - below) * 0.42).max(space::XL);
    let target = eframe::egui::Rect::from_min_size(pos2(all.center().x - width / 2.0, top), vec2(width, height));
    let corners = [
        target.left_top(),
        target.right_top(),
        target.right_bottom(),
        target.left_bottom(),
        target.left_top(),
    ];
    ui.painter().rect_filled(target, 10, tokens.surface);
    ui.painter()
        .extend(Shape::dashed_line(&corners, Stroke::new(1.5, tokens.outline), 7.0, 6.0));
    let mut inside = ui.new_child(
        UiBuilder::new()
            .max_rect(target.shrink(space::XL))
            .layout(Layout::top_down(Align::Center)),
    );
    target_content(&mut inside, dataset, takes_drops, requests);
    if recent > 0.0 {
        let rect =
            eframe::egui::Rect::from_min_size(pos2(target.left(), target.bottom() + space::L), vec2(width, below));
        let mut ui = ui.new_child(UiBuilder::new().max_rect(rect));
        ui.label(RichText::new("Recent files").color(tokens.muted));
        for path in session.recent.iter().take(5) {
            recent_file(&mut ui, path, requests);
        }
    }
}

fn target_content(ui: &mut Ui, dataset: Dataset, takes_drops: bool, requests: &mut UiRequests) {
    let tokens = Tokens::current(ui);
    let what = match dataset {
        Dataset::Products => {
            "A catalog: one row or one JSON object for each product, with its id, title, price, categories and whatever else describes it"
        }
        Dataset::Interactions => {
            "What visitors did: one row or one JSON object for each view, click, cart or purchase, with when it was and whose it was"
        }
        Dataset::Users => {
            "Who the visitors are: one row or one JSON object for each user, with the id and what is known of them"
        }
    };
    ui.add_space(space::S);
    paint_sheet(ui);
    ui.add_space(space::S);
    let title = if takes_drops {
        format!("Drop a file of {} here", dataset.name())
    } else {
        format!("Open a file of {}", dataset.name())
    };
    ui.label(
        RichText::new(title)
            .font(fonts::strong(size::DISPLAY))
            .color(tokens.text),
    );
    ui.add_space(space::XS);
    ui.scope(|ui| {
        ui.set_max_width(430.0);
        ui.label(RichText::new(what).color(tokens.muted));
    });
    ui.add_space(space::L);
    widgets::centred_row(ui, |ui| {
        if ui.add(widgets::primary("Open…")).clicked() {
            requests.menu_commands.push(MenuCommand::Open);
        }
        if ui.add(widgets::secondary("Try the sample files")).clicked() {
            requests.menu_commands.push(MenuCommand::Samples);
        }
    });
    ui.add_space(space::M);
    if !takes_drops {
        let shortcut = MenuCommand::Open.shortcut_text(ui.ctx()).unwrap_or_default();
        let instead = format!("Use Open… ({shortcut}): this window system does not pass dropped files on.");
        let instead = RichText::new(instead).font(fonts::regular(size::SMALL));
        ui.label(instead.color(tokens.muted));
    }
    let formats = "CSV, JSON, Excel, Parquet and more, of any size. The file itself is never changed.";
    ui.label(
        RichText::new(formats)
            .font(fonts::regular(size::SMALL))
            .color(tokens.muted),
    );
}

/// A small sheet with rows, one of them marked.
fn paint_sheet(ui: &mut Ui) {
    let tokens = Tokens::current(ui);
    let (rect, _) = ui.allocate_exact_size(vec2(46.0, 38.0), eframe::egui::Sense::hover());
    let painter = ui.painter();
    painter.rect(
        rect,
        5,
        tokens.background,
        Stroke::new(1.5, tokens.outline),
        eframe::egui::StrokeKind::Inside,
    );
    for (row, colour) in [tokens.accent, tokens.outline, tokens.error.mark, tokens.outline]
        .into_iter()
        .enumerate()
    {
        let y = rect.top() + 8.5 + row as f32 * 7.0;
        let bar = |from: f32, to: f32, colour: Color32| {
            painter.hline(rect.left() + from..=rect.left() + to, y, Stroke::new(2.0, colour));
        };
        bar(7.0, 19.0, colour);
        bar(23.0, 39.0, colour);
    }
}

fn recent_file(ui: &mut Ui, path: &std::path::Path, requests: &mut UiRequests) {
    let tokens = Tokens::current(ui);
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned();
    let folder = path
        .parent()
        .map(|folder| folder.display().to_string())
        .unwrap_or_default();
    ui.horizontal(|ui| {
        let open = ui.add(Button::new(RichText::new(&name).color(tokens.accent_text)).frame_when_inactive(false));
        if open.on_hover_text(path.display().to_string()).clicked() {
            requests.actions.push(Action::Open(vec![path.to_owned()]));
        }
        let folder = RichText::new(folder)
            .font(fonts::regular(size::SMALL))
            .color(tokens.muted);
        ui.add(eframe::egui::Label::new(folder).truncate());
    });
}
