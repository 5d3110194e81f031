//! Every small piece of the window by itself, so that pictures can be taken of it in each of its states
//! (`tests/images/gallery.rs`).

use eframe::egui::{Sense, TextEdit, Ui, vec2};

use super::{
    parts,
    theme::{Tokens, Tone, space},
    widgets::{self, Banner},
};
use crate::{
    domain::issue::Severity,
    settings::{Environment, EnvironmentKind},
};

/// A piece: its name, and how it is shown.
#[derive(Clone, Copy)]
pub struct Exhibit {
    /// What it is called.
    pub name: &'static str,
    show: fn(&mut Ui),
}

impl std::fmt::Debug for Exhibit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

impl Exhibit {
    const fn new(name: &'static str, show: fn(&mut Ui)) -> Self {
        Self { name, show }
    }

    /// Shows the piece.
    pub fn show(&self, ui: &mut Ui) {
        (self.show)(ui);
    }
}

const SEVERITIES: [Severity; 3] = [Severity::Error, Severity::Warning, Severity::Info];
const KINDS: [EnvironmentKind; 4] = [
    EnvironmentKind::Local,
    EnvironmentKind::Playground,
    EnvironmentKind::Development,
    EnvironmentKind::Production,
];

/// What can be pressed or typed into, and so has more than one state.
pub const CONTROLS: [Exhibit; 18] = [
    Exhibit::new("primary", |ui| {
        ui.add(widgets::primary("Upload"));
    }),
    Exhibit::new("danger", |ui| {
        ui.add(widgets::danger("Delete everything"));
    }),
    Exhibit::new("secondary", |ui| {
        ui.add(widgets::secondary("Cancel"));
    }),
    Exhibit::new("quiet", |ui| {
        ui.add(widgets::quiet("Show rows"));
    }),
    Exhibit::new("danger, quiet", |ui| {
        parts::danger_quiet(ui, "Remove…", None);
    }),
    Exhibit::new("error badge", |ui| {
        widgets::severity_badge(ui, Severity::Error, 1_204);
    }),
    Exhibit::new("warning badge", |ui| {
        widgets::severity_badge(ui, Severity::Warning, 12);
    }),
    Exhibit::new("info badge", |ui| {
        widgets::severity_badge(ui, Severity::Info, 1);
    }),
    Exhibit::new("local", |ui| environment(ui, EnvironmentKind::Local)),
    Exhibit::new("playground", |ui| environment(ui, EnvironmentKind::Playground)),
    Exhibit::new("development", |ui| environment(ui, EnvironmentKind::Development)),
    Exhibit::new("production", |ui| environment(ui, EnvironmentKind::Production)),
    Exhibit::new("entry", |ui| {
        widgets::nav_item(ui, false, "Products", Some(85_999));
    }),
    Exhibit::new("chosen entry", |ui| {
        widgets::nav_item(ui, true, "Products", Some(85_999));
    }),
    Exhibit::new("tab", |ui| {
        widgets::tabs(ui, 1, &[("Problems", Some(3))]);
    }),
    Exhibit::new("chosen tab", |ui| {
        widgets::tabs(ui, 0, &[("Problems", Some(3))]);
    }),
    Exhibit::new("close", |ui| {
        widgets::close_button(ui, "Dismiss");
    }),
    Exhibit::new("field", |ui| {
        let mut text = "Walnut".to_owned();
        parts::named_field(ui, "Name", TextEdit::singleline(&mut text).desired_width(120.0));
    }),
];

/// What is only looked at.
pub const PIECES: [Exhibit; 10] = [
    Exhibit::new("titles", |ui| {
        widgets::title(ui, "A title");
        parts::note(
            ui,
            "A note of second rank, which is wrapped where it is longer than its place is wide.",
        );
        parts::caption(ui, "A caption");
        parts::complaint(ui, "An environment needs a name");
    }),
    Exhibit::new("pills", |ui| {
        let tokens = Tokens::current(ui);
        let tones: [(&str, Tone); 5] = [
            ("error", tokens.error),
            ("warning", tokens.warning),
            ("info", tokens.info),
            ("success", tokens.success),
            ("edited", tokens.edited),
        ];
        ui.horizontal_wrapped(|ui| {
            for (name, tone) in tones {
                widgets::pill(ui, name, tone);
            }
        });
    }),
    Exhibit::new("environments", |ui| {
        ui.horizontal_wrapped(|ui| {
            for kind in KINDS {
                let environment = Environment {
                    name: "Shop".to_owned(),
                    kind,
                    ..Environment::local()
                };
                parts::environment_pill(ui, &environment);
            }
        });
    }),
    Exhibit::new("signs", |ui| {
        let tokens = Tokens::current(ui);
        ui.horizontal(|ui| {
            for severity in SEVERITIES {
                let (rect, _) = ui.allocate_exact_size(vec2(56.0, 24.0), Sense::hover());
                widgets::paint_severity(ui.painter(), rect.left_center() + vec2(9.0, 0.0), 7.0, severity, tokens);
                let line = rect.left() + 20.0..rect.right();
                widgets::severity_line(ui.painter(), line, rect.center().y, severity, tokens);
            }
            let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::hover());
            widgets::paint_tick(ui.painter(), rect.center(), 7.0, tokens.success.mark, tokens.surface);
            let (rect, _) = ui.allocate_exact_size(vec2(24.0, 24.0), Sense::hover());
            parts::chevron(ui, rect.center());
        });
    }),
    Exhibit::new("progress", |ui| {
        widgets::progress(ui, Some(0.4), "40 of 100 rows");
        parts::waiting(ui, "Waiting for the server");
    }),
    Exhibit::new("facts", |ui| {
        widgets::key_value(ui, 120.0, "Server", "http://127.0.0.1:4000");
        widgets::key_value(
            ui,
            120.0,
            "A name that is cut",
            "A value that is wrapped, as it is longer than its place",
        );
    }),
    Exhibit::new("banners", |ui| {
        let banners = SEVERITIES.map(Banner::Problem).into_iter().chain([Banner::Success]);
        for (at, banner) in banners.enumerate() {
            ui.push_id(at, |ui| {
                widgets::banner(ui, banner, "Two rows were refused", |ui| {
                    ui.add(widgets::quiet("Show them"));
                });
            });
        }
    }),
    Exhibit::new("card", |ui| {
        widgets::card(Tokens::current(ui)).show(ui, |ui| {
            parts::labelled_field(
                ui,
                "Name",
                TextEdit::singleline(&mut String::new()).hint_text("For example: Staging"),
            );
        });
    }),
    Exhibit::new("tabs", |ui| {
        widgets::tabs(ui, 1, &[("Record", None), ("Problems", Some(1_290)), ("Column", None)]);
    }),
    Exhibit::new("empty", |ui| {
        ui.set_height(space::XL * 6.0);
        widgets::empty_state(ui, "No rows to show", "No row has such a problem any more", |ui| {
            widgets::centred_row(ui, |ui| {
                ui.add(widgets::primary("Open…"));
                ui.add(widgets::secondary("Show all rows"));
            });
        });
    }),
];

fn environment(ui: &mut Ui, kind: EnvironmentKind) {
    let tone = parts::tone(Tokens::current(ui), kind);
    widgets::environment(ui, "Shop", kind.title(), tone);
}
