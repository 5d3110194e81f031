//! A column of the file, as a line of the page: its name, what stands in it, where it goes, how its values are rewritten,
//! and what is wrong with them.

use std::borrow::Cow;

use eframe::egui::{
    Align, EventFilter, Id, Key, Label, Layout, Modifiers, Rangef, Rect, Response, RichText, Role, Sense, Shape,
    Stroke, StrokeKind, TextStyle, TextWrapMode, Ui, WidgetInfo, WidgetText, pos2, vec2,
};

use super::{
    ColumnsUi,
    chooser::{self, FieldChoice},
    details, map, offers, part,
    transforms::{self, TransformChoice},
};
use crate::{
    domain::{
        issue::{Cause, Severity},
        mapping::{Mapping, Offer, OfferKind, Reason, Target},
        proposal::Proposal,
        sampled::Sampled,
    },
    session::{Action, Document, Filter, MappingAction, TableAction, TableView},
    ui::{
        UiRequests, fonts,
        keys::MenuCommand,
        parts,
        theme::{Tokens, radius, size, space},
        widgets,
    },
};

/// How high a line is, and the buttons in it, in points.
pub(super) const LINE: f32 = 36.0;
const BUTTON: f32 = 26.0;
/// Beside an offer, a button of less width than the first is but an angle, as wide as the second.
const LEAST_BUTTON: f32 = 90.0;
pub(super) const ONLY_ANGLE: f32 = 32.0;
/// How many lines are passed at once.
const PAGE: isize = 10;
/// How many sample values of a column are shown.
const SAMPLES: usize = 4;
/// The room of the angle before a name, and of the problems, in points.
const ANGLE: f32 = 20.0;
const PROBLEMS: f32 = 124.0;

/// Where the parts of a line are, from its left end.
pub(super) struct LineCells {
    pub(super) width: f32,
    name: Rangef,
    sample: Rangef,
    field: Rangef,
    values: Rangef,
    problems: Rangef,
}

impl LineCells {
    pub(super) fn new(width: f32) -> Self {
        let gap = space::M;
        let room = (width - ANGLE - PROBLEMS - 4.0 * gap).max(0.0);
        let mut left = ANGLE;
        let mut next = |width: f32| {
            let range = Rangef::new(left, left + width);
            left += width + gap;
            range
        };
        Self {
            width,
            name: next(room * 0.2),
            sample: next(room * 0.22),
            field: next(room * 0.29),
            values: next(room * 0.29),
            problems: next(PROBLEMS),
        }
    }

    /// Names the parts.
    pub(super) fn heads(&self, ui: &mut Ui) {
        let (place, _) = ui.allocate_exact_size(vec2(self.width, 20.0), Sense::hover());
        let heads = [
            ("Column", self.name),
            ("In the file", self.sample),
            ("Field", self.field),
            ("Values", self.values),
            ("Problems", self.problems),
        ];
        let colour = Tokens::current(ui).muted;
        for (name, range) in heads {
            let at = cell(place, range);
            let mut ui = ui.new_child(
                eframe::egui::UiBuilder::new()
                    .max_rect(at)
                    .layout(Layout::left_to_right(Align::Center)),
            );
            let text = RichText::new(name).font(fonts::strong(size::SMALL)).color(colour);
            ui.add(Label::new(text).truncate());
        }
        let line = Stroke::new(1.0, Tokens::current(ui).line);
        ui.painter().hline(place.x_range(), place.bottom(), line);
    }
}

fn cell(line: Rect, range: Rangef) -> Rect {
    let x = Rangef::new(line.left() + range.min, line.left() + range.max);
    Rect::from_x_y_ranges(x, line.y_range())
}

/// A column of the file.
pub(super) struct ColumnLine<'a> {
    pub(super) document: &'a Document,
    pub(super) view: &'a TableView,
    pub(super) mapping: &'a Mapping,
    pub(super) columns: &'a [String],
    pub(super) at: usize,
    pub(super) name: &'a str,
    pub(super) target: &'a Target,
    /// Errors and warnings.
    counts: (u64, u64),
}

impl<'a> ColumnLine<'a> {
    pub(super) fn new(document: &'a Document, view: &'a TableView, at: usize, counts: &[(u64, u64)]) -> Option<Self> {
        let (mapping, columns) = (&view.mapping, view.frame.columns());
        Some(Self {
            document,
            view,
            mapping,
            columns,
            at,
            name: columns.get(at)?,
            target: mapping.targets.get(at)?,
            counts: counts.get(at).copied().unwrap_or_default(),
        })
    }

    fn id(&self, part: &str) -> Id {
        Id::unique(("column line", self.document.id, self.at)).with(part)
    }

    pub(super) fn show(
        &self,
        ui: &mut Ui,
        (cells, place): (&LineCells, Rect),
        is_wanted: bool,
        state: &mut ColumnsUi,
        requests: &mut UiRequests,
    ) {
        let tokens = Tokens::current(ui);
        let (line, below) = place.split_top_bottom_at_y(place.top() + LINE);
        let is_expanded = state.list.is_expanded(self.at);
        if is_expanded {
            ui.painter().rect_filled(place, 0.0, tokens.background);
        }
        let lead = self.lead(ui, (cells, line), is_expanded);
        if is_wanted {
            lead.request_focus();
        }
        self.keys(ui, &lead, state);
        let middle = Layout::left_to_right(Align::Center);
        self.field(
            &mut part(ui, cell(line, cells.field), self.id("field"), middle),
            state,
            requests,
        );
        self.values(
            &mut part(ui, cell(line, cells.values), self.id("values"), middle),
            state,
            requests,
        );
        self.problems(
            &mut part(ui, cell(line, cells.problems), self.id("problems"), middle),
            requests,
        );
        if is_expanded {
            let mut below = below;
            below.min.x += ANGLE;
            below.max.x -= space::S;
            let mut ui = part(ui, below, self.id("details"), Layout::top_down(Align::Min));
            details::show(&mut ui, self, requests);
        }
        let hairline = Stroke::new(1.0, tokens.line);
        ui.painter().hline(place.x_range(), place.bottom() - 0.5, hairline);
        if lead.clicked() {
            state.list.toggle(self.at);
        }
    }

    /// The name and some values: the button that opens the details.
    fn lead(&self, ui: &Ui, (cells, line): (&LineCells, Rect), is_expanded: bool) -> Response {
        let tokens = Tokens::current(ui);
        let place = Rect::from_x_y_ranges(line.left()..=line.left() + cells.sample.max, line.y_range());
        let lead = ui.interact(place, self.id("lead"), Sense::click());
        lead.widget_info(|| WidgetInfo::labeled(Role::Button, true, format!("Details of {}", self.name)));
        ui.ctx()
            .accesskit_node_builder(lead.id, |node| node.set_expanded(is_expanded));
        if lead.hovered() {
            ui.painter()
                .rect_filled(place.shrink2(vec2(0.0, 1.0)), radius::SMALL, tokens.hover);
        }
        if lead.has_focus() {
            let inner = place.shrink2(vec2(1.0, 2.0));
            ui.painter()
                .rect_stroke(inner, radius::SMALL, (2.0, tokens.accent), StrokeKind::Inside);
        }
        angle(ui, pos2(line.left() + ANGLE / 2.0, line.center().y), is_expanded);
        let samples = self.samples(SAMPLES);
        let texts = [
            (self.name, cells.name, fonts::strong(size::BODY), tokens.text),
            (&samples, cells.sample, fonts::regular(size::SMALL), tokens.muted),
        ];
        for (text, range, font, colour) in texts {
            let text = WidgetText::from(RichText::new(text.replace(['\n', '\r'], " ")).font(font));
            let galley = text.into_galley(ui, Some(TextWrapMode::Truncate), range.span(), TextStyle::Body);
            let at = pos2(line.left() + range.min, line.center().y - galley.size().y / 2.0);
            ui.painter().galley(at, galley, colour);
        }
        lead.on_hover_text(format!("{}\n{samples}", self.name))
    }

    /// Up and down go from line to line, right and left open and close.
    fn keys(&self, ui: &Ui, lead: &Response, state: &mut ColumnsUi) {
        if !lead.has_focus() {
            return;
        }
        state.list.focused = Some(self.at);
        let filter = EventFilter {
            vertical_arrows: true,
            horizontal_arrows: true,
            ..EventFilter::default()
        };
        ui.memory_mut(|memory| memory.set_focus_lock_filter(lead.id, filter));
        let pressed = |key: Key| ui.input_mut(|input| input.consume_key(Modifiers::NONE, key));
        let steps = [
            (Key::ArrowDown, 1),
            (Key::ArrowUp, -1),
            (Key::PageDown, PAGE),
            (Key::PageUp, -PAGE),
            (Key::End, isize::MAX),
            (Key::Home, isize::MIN),
        ];
        for (key, by) in steps {
            if pressed(key) {
                state.list.step(self.at, by);
            }
        }
        for (key, opens) in [(Key::ArrowRight, true), (Key::ArrowLeft, false)] {
            if pressed(key) && state.list.is_expanded(self.at) != opens {
                state.list.toggle(self.at);
            }
        }
    }

    fn field(&self, ui: &mut Ui, state: &mut ColumnsUi, requests: &mut UiRequests) {
        let chosen = beside(
            ui,
            self.field_offer().is_some(),
            |ui| chooser::show(ui, self, &mut state.search),
            |ui| offers::field(ui, self, &mut requests.actions),
        );
        if let Some(choice) = chosen {
            let path = match choice {
                FieldChoice::Field(path) => Some(path),
                FieldChoice::LeaveOut => None,
            };
            requests.actions.push(map(self.document.id, self.at, path, None));
        }
    }

    fn values(&self, ui: &mut Ui, state: &mut ColumnsUi, requests: &mut UiRequests) {
        if self.target.path.is_none() {
            parts::caption(ui, "—");
            return;
        }
        let is_offered = self.target.transform.is_none() && self.transform_offers().next().is_some();
        let chosen = beside(
            ui,
            is_offered,
            |ui| transforms::show(ui, self, &mut state.transforms),
            |ui| offers::transform(ui, self, false, &mut requests.actions),
        );
        if let Some(choice) = chosen {
            let transform = match choice {
                TransformChoice::AsTheyAre => None,
                TransformChoice::Rewritten(transform) => Some(transform),
            };
            requests.actions.push(Action::Mapping(
                self.document.id,
                MappingAction::Transform {
                    column: self.at,
                    transform,
                },
            ));
        }
    }

    fn problems(&self, ui: &mut Ui, requests: &mut UiRequests) {
        ui.spacing_mut().item_spacing.x = space::XS;
        for (severity, count) in [(Severity::Error, self.counts.0), (Severity::Warning, self.counts.1)] {
            if count == 0 {
                continue;
            }
            let badge = widgets::severity_badge(ui, severity, count).on_hover_text("Go to the first of them");
            let cause = badge.clicked().then(|| self.cause(severity)).flatten();
            if let Some(cause) = cause {
                self.leave_for(cause, requests);
            }
        }
        if self.counts == (0, 0) && self.document.checked().is_some() && self.target.path.is_some() {
            parts::caption(ui, "none");
        }
    }

    /// Shows the rows whose values do not fit, in the table.
    pub(super) fn show_misfits(&self, requests: &mut UiRequests) {
        if let Some(cause) = self.causes().next() {
            let filter = TableAction::Filter(Filter::Cause(cause));
            requests.actions.push(Action::Table(self.document.id, filter));
            self.leave_for(cause, requests);
        }
    }

    /// Goes to the first of a cause's cells, in the table.
    fn leave_for(&self, cause: Cause, requests: &mut UiRequests) {
        let jump = TableAction::JumpToCause(cause);
        requests.actions.push(Action::Table(self.document.id, jump));
        requests.menu_commands.push(MenuCommand::Columns);
    }

    /// The causes of the column's problems.
    fn causes(&self) -> impl Iterator<Item = Cause> {
        let here = u32::try_from(self.at).ok();
        let checked = self.document.checked().into_iter();
        let causes = checked.flat_map(|checked| checked.issues.causes());
        causes
            .map(|(cause, _)| *cause)
            .filter(move |cause| cause.column == here)
    }

    fn cause(&self, severity: Severity) -> Option<Cause> {
        let issues = &self.document.checked()?.issues;
        self.causes().find(|cause| issues.severity(cause) == severity)
    }

    pub(super) fn has_problems(&self) -> bool {
        self.counts != (0, 0)
    }

    /// The field that is offered for the column.
    pub(super) fn field_offer(&self) -> Option<&Offer> {
        let is_it = |offer: &&Offer| offer.column == self.at && matches!(offer.kind, OfferKind::Field { .. });
        self.view.offers.iter().find(is_it)
    }

    /// The transforms that are offered for the column.
    pub(super) fn transform_offers(&self) -> impl Iterator<Item = &Proposal> {
        self.view.offers.iter().filter_map(|offer| match &offer.kind {
            OfferKind::Transform(proposal) if offer.column == self.at => Some(&**proposal),
            _ => None,
        })
    }

    /// Some of the column's values.
    pub(super) fn samples(&self, most: usize) -> String {
        let sample = self.view.samples.get(self.at);
        let values = sample.into_iter().flat_map(Sampled::values);
        let texts = values.map(|(cell, _)| cell.shown().replace(['\n', '\r'], " "));
        let some: Vec<String> = texts.filter(|text| !text.is_empty()).take(most).collect();
        if some.is_empty() {
            "no values".to_owned()
        } else {
            some.join(" · ")
        }
    }

    /// Why the column goes to its field, and how sure that is.
    pub(super) fn why(&self) -> Cow<'static, str> {
        let is_secret = matches!(self.target.reason, Reason::Secret(_));
        if self.target.path.is_none() && !is_secret {
            return Cow::Borrowed("left out");
        }
        let words = self.target.reason.words();
        match self.target.reason.confidence() {
            Some(sure) if sure < 100 => Cow::Owned(format!("{words}, {sure} % sure")),
            _ => words,
        }
    }
}

/// A button, and what is offered in its place beside it, if something is.
fn beside<R>(ui: &mut Ui, is_offered: bool, button: impl FnOnce(&mut Ui) -> R, offer: impl FnOnce(&mut Ui)) -> R {
    let room = ui.available_width();
    let share = room * 0.42;
    let width = match is_offered {
        false => room,
        true if share < LEAST_BUTTON => ONLY_ANGLE,
        true => share,
    };
    let layout = Layout::left_to_right(Align::Center);
    ui.spacing_mut().item_spacing.x = space::XS;
    ui.spacing_mut().interact_size.y = BUTTON;
    let answer = ui.allocate_ui_with_layout(vec2(width, BUTTON), layout, button).inner;
    if is_offered {
        offer(ui);
    }
    answer
}

/// An angle that points right, or down when what it stands for is open.
fn angle(ui: &Ui, centre: eframe::egui::Pos2, is_open: bool) {
    if is_open {
        parts::chevron(ui, centre);
        return;
    }
    let points = [vec2(-2.0, -4.0), vec2(2.0, 0.0), vec2(-2.0, 4.0)].map(|by| centre + by);
    let stroke = Stroke::new(1.5, Tokens::current(ui).muted);
    ui.painter().add(Shape::line(points.to_vec(), stroke));
}
