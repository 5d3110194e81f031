//! Every small piece of the window in every state, light and dark: at rest, under the pointer, with the keyboard,
//! pressed and disabled, side by side.

use eframe::egui::{Event, Id, Memory, PointerButton, Pos2, Theme, Ui, Vec2, accesskit::Role, pos2, vec2};
use egui_kittest::{Harness, SnapshotOptions, SnapshotResults, kittest::Queryable as _, try_image_snapshot_options};
use image::{RgbaImage, imageops};
use tatami::ui::{
    gallery::{CONTROLS, PIECES},
    theme,
};

/// The room of one control in one state.
const ROOM: Vec2 = vec2(190.0, 44.0);

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Resting,
    Hovered,
    Focused,
    Pressed,
    Disabled,
}

const STATES: [State; 5] = [
    State::Resting,
    State::Hovered,
    State::Focused,
    State::Pressed,
    State::Disabled,
];

/// The control shown.
#[derive(Clone, Copy)]
struct Shown {
    control: usize,
    state: State,
}

fn ground(ui: &Ui) {
    ui.painter()
        .rect_filled(ui.max_rect().expand(20.0), 0, ui.visuals().panel_fill);
}

fn options() -> SnapshotOptions {
    SnapshotOptions::new().output_path("pictures")
}

fn control(look: Theme) -> Harness<'static, Shown> {
    let harness = Harness::builder()
        .with_size(ROOM)
        .with_theme(look)
        .with_render_cursor(false)
        .wgpu()
        .with_context_setup(theme::install)
        .build_ui_state(
            |ui, shown: &mut Shown| {
                ground(ui);
                // Each has an id of its own, so that no state of one is that of the next.
                ui.push_id((shown.control, shown.state as u8), |ui| {
                    ui.add_enabled_ui(shown.state != State::Disabled, |ui| CONTROLS[shown.control].show(ui));
                });
            },
            Shown {
                control: 0,
                state: State::Resting,
            },
        );
    harness.ctx.set_theme(look);
    harness
}

fn press(harness: &Harness<'_, Shown>, pos: Pos2, pressed: bool) {
    harness.event(Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: eframe::egui::Modifiers::NONE,
    });
}

/// The picture of a control in a state.
fn picture(harness: &mut Harness<'_, Shown>, shown: Shown) -> RgbaImage {
    *harness.state_mut() = shown;
    harness.run_steps(2);
    let is_control = |role| matches!(role, Role::Button | Role::Tab | Role::TextInput);
    let place = |harness: &Harness<'_, Shown>| {
        let node = harness.get_by(|node| is_control(node.role()));
        node.rect().center()
    };
    match shown.state {
        State::Resting | State::Disabled => {}
        State::Hovered => harness.hover_at(place(harness)),
        State::Focused => harness.get_by(|node| is_control(node.role())).focus(),
        State::Pressed => {
            harness.hover_at(place(harness));
            press(harness, place(harness), true);
        }
    }
    harness.run_steps(3);
    let picture = harness.render().unwrap();
    press(harness, pos2(-10.0, -10.0), false);
    harness.remove_cursor();
    let focused: Option<Id> = harness.ctx.memory(Memory::focused);
    if let Some(focused) = focused {
        harness.ctx.memory_mut(|memory| memory.surrender_focus(focused));
    }
    harness.run_steps(2);
    picture
}

#[test]
fn controls_look_as_they_did_in_every_state() {
    let mut results = SnapshotResults::new();
    for (name, look) in [("controls_light", Theme::Light), ("controls_dark", Theme::Dark)] {
        let mut harness = control(look);
        let (width, height) = (ROOM.x as u32, ROOM.y as u32);
        let mut sheet = RgbaImage::new(width * STATES.len() as u32, height * CONTROLS.len() as u32);
        for (control, shown) in CONTROLS.iter().enumerate() {
            let mut pictures = Vec::new();
            for (at, state) in STATES.into_iter().enumerate() {
                let picture = picture(&mut harness, Shown { control, state });
                let (x, y) = (at as u32 * width, control as u32 * height);
                imageops::replace(&mut sheet, &picture, i64::from(x), i64::from(y));
                pictures.push(picture);
            }
            let resting = &pictures[0];
            for (state, picture) in ["hovered", "focused", "pressed", "disabled"].iter().zip(&pictures[1..]) {
                // What is chosen, or typed into, looks the same under the pointer.
                let is_still = ["tab", "chosen", "field"]
                    .iter()
                    .any(|still| shown.name.contains(still));
                let is_same_by_design = is_still && ["hovered", "pressed"].contains(state);
                let differs = resting.as_raw() != picture.as_raw();
                assert!(differs || is_same_by_design, "{shown:?} {state} looks as at rest");
            }
        }
        results.add(try_image_snapshot_options(&sheet, name, &options()));
    }
}

#[test]
fn pieces_look_as_they_did() {
    let mut results = SnapshotResults::new();
    for (name, look) in [("pieces_light", Theme::Light), ("pieces_dark", Theme::Dark)] {
        let mut harness = Harness::builder()
            .with_size(vec2(440.0, 1220.0))
            .with_theme(look)
            .wgpu()
            .with_context_setup(theme::install)
            .build_ui(|ui| {
                ground(ui);
                for piece in PIECES {
                    ui.push_id(piece.name, |ui| piece.show(ui));
                    ui.separator();
                }
            });
        harness.ctx.set_theme(look);
        harness.run_steps(3);
        results.add(harness.try_snapshot_options(name, &options()));
    }
}
