//! Random keys, text, clicks and drags over the whole window, over the real background and its local server: nothing
//! panics, no control stands over another or has no name, and the keyboard always finds back to the table.
//!
//! `TATAMI_UI_STEPS=10000 cargo test -p tatami-tests ui_fuzz::` does more than the suite, `TATAMI_UI_SEED=2` something
//! else. Nothing but loopback is reached, and nothing is written outside of a folder of the test's own: no environment
//! can be saved, as nothing is typed into its form, and where a file is saved is not typed either.

use std::{
    any::Any,
    collections::{HashMap, VecDeque},
    fmt::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::Arc,
    thread::sleep,
    time::Duration,
};

use eframe::egui::{
    Context, Event, Key, LayerId, Memory, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Popup, Pos2,
    Rect, Shape, Theme, TouchPhase, Vec2, ViewportEvent, ViewportId, WidgetRect,
    accesskit::{NodeId, Role},
    pos2, vec2,
};
use egui_kittest::{
    Harness,
    kittest::{AccessKitNode, NodeT as _},
};
use fastrand::Rng;
use tatami::{
    api::ApiKey,
    session::{Action, Dialog, Document, Phase, Place, SettingsAction},
    settings::{Environment, EnvironmentKind, Paths},
    ui::{
        app::App,
        files::{DialogAnswer, FileDialogs, Purpose},
        theme,
    },
    work::Backend,
};

/// Steps that the suite takes.
const STEPS: usize = 1_000;
const SEED: u64 = 14;
/// Steps between two looks for the keyboard.
const ROUND: usize = 20;
/// How many of the last steps are told of a failure.
const TOLD: usize = 30;
/// By how much controls may stand over each other, in points.
const SLACK: f32 = 2.0;
/// Frames that a file is waited for before the next step.
const PATIENCE: usize = 300;
const SMALLEST: Vec2 = vec2(900.0, 600.0);
const LARGEST: Vec2 = vec2(1600.0, 1000.0);

const KEYS: [Key; 60] = [
    Key::ArrowDown,
    Key::ArrowUp,
    Key::ArrowLeft,
    Key::ArrowRight,
    Key::Home,
    Key::End,
    Key::PageUp,
    Key::PageDown,
    Key::Enter,
    Key::Tab,
    Key::Space,
    Key::Escape,
    Key::Backspace,
    Key::Delete,
    Key::F1,
    Key::F2,
    Key::F3,
    Key::F5,
    Key::F6,
    Key::F8,
    Key::F10,
    Key::Period,
    Key::Comma,
    Key::Num0,
    Key::Num1,
    Key::Num2,
    Key::Num3,
    Key::Num4,
    Key::A,
    Key::B,
    Key::C,
    Key::D,
    Key::E,
    Key::F,
    Key::G,
    Key::H,
    Key::I,
    Key::J,
    Key::K,
    Key::L,
    Key::M,
    Key::N,
    Key::O,
    Key::P,
    Key::Q,
    Key::R,
    Key::S,
    Key::T,
    Key::U,
    Key::V,
    Key::W,
    Key::X,
    Key::Y,
    Key::Z,
    Key::ArrowDown,
    Key::ArrowRight,
    Key::Tab,
    Key::Enter,
    Key::Escape,
    Key::Space,
];
/// Keys that change no text.
const HARMLESS: usize = 12;
const CTRL: Modifiers = Modifiers {
    ctrl: true,
    command: true,
    ..Modifiers::NONE
};
/// Not one of them is the path of anything.
const TEXTS: [&str; 11] = [
    "7,50",
    "A1",
    "x",
    "",
    "é",
    "12.5",
    "-1",
    "Local",
    "lamp",
    "2024-01-02",
    "\"a\tb\"",
];

fn files() -> Vec<(&'static str, String)> {
    let mut wide = (0..40).map(|at| format!("field {at}")).collect::<Vec<_>>().join(",");
    wide.insert_str(0, "user_id,");
    for row in 0..200 {
        let cells = (0..40).map(|at| format!("value {} of {at}", row * at % 7));
        write!(wide, "\nu{row},{}", cells.collect::<Vec<_>>().join(",")).unwrap();
    }
    let catalog = "product_id,title,sale_price,created_at,availability\n\
        A1,Walnut desk lamp,12.50,2023-11-07T05:31:56Z,IN_STOCK\n\
        A2,Hinoki bath stool,\"7,50\",2023-11-07,in-stock\n\
        A3,Brass card holder,\"3,20\",,\n\
        A4,\"Linen throw, undyed, with a name that is much longer than a column is wide\",cheap,,OUT\n\
        A5,Tatami cushion,19.90,,\n\
        ,Cup,4,,\n\
        A1,Lamp again,13,07.11.2023,IN_STOCK\n";
    let lines = "{\"product_id\":\"J1\",\"title\":\"Mat\",\"attributes\":{\"colours\":[\"red\",\"blue\"]},\"sale_price\":3}\n\
        {\"product_id\":\"J2\",\"title\":null,\"sale_price\":\"cheap\"}\n\
        broken\n";
    vec![
        ("a-catalog-with-quite-a-long-name-of-its-own.csv", catalog.to_owned()),
        ("list.csv", "id,name\n1,Ada\n2,Bert\n3,Cleo\n".to_owned()),
        ("lines.jsonl", lines.to_owned()),
        ("wide.csv", wide),
    ]
}

/// Answers that stand in for the system's dialogs, each kind in turn.
struct Answers {
    files: Vec<PathBuf>,
    saved: PathBuf,
    asked: usize,
    waiting: Vec<DialogAnswer>,
}

impl FileDialogs for Answers {
    fn ask(&mut self, _: &Context, purpose: Purpose, name: &str) {
        self.asked += 1;
        let opens = matches!(purpose, Purpose::Open | Purpose::OpenRecipe(_));
        let name = Path::new(name).file_name().unwrap_or_default();
        let paths = match self.asked % 3 {
            0 => Vec::new(),
            _ if opens => vec![self.files[self.asked % self.files.len()].clone()],
            _ => vec![self.saved.join(name)],
        };
        self.waiting.push(DialogAnswer {
            purpose,
            unavailable: opens && paths.is_empty(),
            paths,
        });
    }

    fn answer(&mut self) -> Option<DialogAnswer> {
        self.waiting.pop()
    }
}

/// One thing that a person does.
#[derive(Clone, Debug)]
enum Input {
    Key(Modifiers, Key),
    Text(&'static str),
    Paste(&'static str),
    Copy,
    Cut,
    Click {
        at: Pos2,
        button: PointerButton,
        times: usize,
        held: Modifiers,
    },
    Drag(Pos2, Pos2),
    Scroll(Pos2, Vec2),
    Resize(Vec2),
    Theme(Theme),
    Alt,
    CloseWindow,
}

/// Something that can be pressed, or typed into.
#[derive(Clone)]
struct Control {
    layer: LayerId,
    said: String,
    /// What of it is not cut off.
    seen: Rect,
}

struct Monkey {
    harness: Harness<'static, App>,
    random: Rng,
    files: Vec<PathBuf>,
    /// What the last click was aimed at.
    aim: String,
    told: VecDeque<String>,
    _folder: tempfile::TempDir,
}

#[test]
fn whatever_is_pressed_nothing_breaks_and_the_keyboard_finds_back() {
    let asked = |name: &str| std::env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let seed = asked("TATAMI_UI_SEED").unwrap_or(SEED);
    let steps = asked("TATAMI_UI_STEPS").map_or(STEPS, |steps| usize::try_from(steps).unwrap());
    let mut monkey = Monkey::new(seed);
    for at in 1..=steps {
        let outcome = catch_unwind(AssertUnwindSafe(|| monkey.step(at)));
        let failure = match outcome {
            Ok(Ok(())) => continue,
            Ok(Err(failure)) => failure,
            Err(panic) => format!("panicked: {}", said(panic.as_ref())),
        };
        let told: Vec<String> = monkey.told.drain(..).collect();
        panic!(
            "TATAMI_UI_SEED={seed} TATAMI_UI_STEPS={at}: {failure}\nThe last steps:\n{}",
            told.join("\n")
        );
    }
}

fn said(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().cloned();
    let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
    text.unwrap_or_default()
}

impl Monkey {
    fn new(seed: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let saved = folder.path().join("saved");
        std::fs::create_dir(&saved).unwrap();
        let files: Vec<PathBuf> = files()
            .into_iter()
            .map(|(name, text)| {
                let path = folder.path().join(name);
                std::fs::write(&path, text).unwrap();
                path
            })
            .collect();
        let answers = Box::new(Answers {
            files: files.clone(),
            saved,
            asked: 0,
            waiting: Vec::new(),
        });
        let paths = Paths::under(folder.path());
        let harness = Harness::builder()
            .with_size(vec2(1280.0, 800.0))
            .with_step_dt(1.0 / 20.0)
            // The samples have names in Japanese, for which the system has a font.
            .allow_missing_glyphs()
            .with_context_setup(theme::install)
            .build_eframe(move |cc| {
                let ctx = cc.egui_ctx.clone();
                let backend = Backend::start(paths.clone(), Arc::new(move || ctx.request_repaint())).unwrap();
                App::new(&cc.egui_ctx, backend, answers, Some(paths), Vec::new())
            });
        harness.ctx.options_mut(|options| options.warn_on_id_clash = true);
        let mut monkey = Self {
            harness,
            random: Rng::with_seed(seed),
            files,
            aim: String::new(),
            told: VecDeque::new(),
            _folder: folder,
        };
        monkey.begin();
        monkey
    }

    /// Waits for the local server, adds an environment whose server is not there, and opens the files.
    fn begin(&mut self) {
        while self.app().session().local_address.is_none() {
            sleep(Duration::from_millis(5));
            self.harness.step();
        }
        let shop = Environment {
            name: "Shop".to_owned(),
            kind: EnvironmentKind::Production,
            base_url: "http://127.0.0.1:9".to_owned(),
            keys: Vec::new(),
            allows_http: false,
        };
        self.act(Action::Settings(SettingsAction::SaveEnvironment {
            environment: shop,
            key: Some(ApiKey::new("key-of-this-test")),
            confirmed: None,
        }));
        while self.app().session().environments.len() < 2 {
            sleep(Duration::from_millis(5));
            self.harness.step();
        }
        let local = Environment::local().name;
        self.act(Action::Settings(SettingsAction::ChooseEnvironment(local)));
        self.act(Action::Open(self.files.clone()));
        self.settle();
    }

    fn app(&self) -> &App {
        self.harness.state()
    }

    fn act(&mut self, action: Action) {
        self.harness.state_mut().act(action);
        self.harness.step();
    }

    fn document(&self) -> Option<&Document> {
        let session = self.app().session();
        matches!(session.place, Place::Document(_)).then(|| session.document())?
    }

    fn step(&mut self, at: usize) -> Result<(), String> {
        self.aim.clear();
        let input = self.input();
        self.tell(format!("{at}: {input:?} {}", self.aim));
        self.perform(&input);
        self.settle();
        self.check()?;
        if at.is_multiple_of(ROUND) {
            self.look_for_the_keyboard()?;
        }
        Ok(())
    }

    fn tell(&mut self, step: String) {
        if self.told.len() == TOLD {
            self.told.pop_front();
        }
        self.told.push_back(step);
    }

    fn input(&mut self) -> Input {
        let in_form = matches!(self.app().session().dialog, Some(Dialog::Environment(_)));
        loop {
            let input = self.any_input();
            let types = match &input {
                Input::Key(held, key) => held.any() || !KEYS[..HARMLESS].contains(key),
                Input::Text(_) | Input::Paste(_) | Input::Cut => true,
                _ => false,
            };
            if !(in_form && types) {
                return input;
            }
        }
    }

    fn any_input(&mut self) -> Input {
        match self.random.u32(0..100) {
            0..28 => {
                let held = *self.pick(&[
                    Modifiers::NONE,
                    Modifiers::NONE,
                    Modifiers::NONE,
                    CTRL,
                    CTRL,
                    CTRL.plus(Modifiers::SHIFT),
                    Modifiers::SHIFT,
                    Modifiers::ALT,
                ]);
                Input::Key(held, *self.pick(&KEYS))
            }
            28..35 => Input::Text(self.pick::<&str>(&TEXTS)),
            35..37 => Input::Paste(self.pick::<&str>(&TEXTS)),
            37 => Input::Copy,
            38 => Input::Cut,
            39..69 => self.aimed(),
            69..82 => {
                let at = self.place();
                self.click(at)
            }
            82..88 => Input::Drag(self.place(), self.place()),
            88..94 => {
                let by = vec2(self.random.f32() - 0.5, self.random.f32() - 0.5) * 400.0;
                Input::Scroll(self.place(), by.round())
            }
            94..97 => {
                let share = vec2(self.random.f32(), self.random.f32());
                let size = SMALLEST + (LARGEST - SMALLEST) * share;
                Input::Resize(*self.pick(&[SMALLEST, vec2(1280.0, 800.0), size.round()]))
            }
            97 => Input::Theme(*self.pick(&[Theme::Light, Theme::Dark])),
            98 => Input::Alt,
            _ => Input::CloseWindow,
        }
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.random.usize(0..from.len())]
    }

    fn place(&mut self) -> Pos2 {
        let size = self.harness.ctx.content_rect().size();
        pos2(self.random.f32() * size.x, self.random.f32() * size.y).round()
    }

    /// A click on some control in sight.
    fn aimed(&mut self) -> Input {
        let mut controls = self.controls();
        controls.retain(|control| control.seen.is_positive());
        if controls.is_empty() {
            return Input::Key(Modifiers::NONE, Key::Escape);
        }
        let Control { said, seen, .. } = self.pick(&controls).clone();
        self.aim = said;
        self.click(seen.center().round())
    }

    fn click(&mut self, at: Pos2) -> Input {
        let (button, times) = match self.random.u32(0..20) {
            0 => (PointerButton::Secondary, 1),
            1..4 => (PointerButton::Primary, 2),
            _ => (PointerButton::Primary, 1),
        };
        let held = match self.random.u32(0..12) {
            0 => Modifiers::SHIFT,
            1 => CTRL,
            _ => Modifiers::NONE,
        };
        Input::Click {
            at,
            button,
            times,
            held,
        }
    }

    fn frame(&mut self, events: impl IntoIterator<Item = Event>) {
        self.harness.input_mut().events.extend(events);
        self.harness.step();
    }

    fn perform(&mut self, input: &Input) {
        match input {
            Input::Key(held, key) => self.press(*held, *key),
            Input::Text(text) => self.frame([Event::Text((*text).to_owned())]),
            Input::Paste(text) => self.frame([Event::Paste((*text).to_owned())]),
            Input::Copy => self.frame([Event::Copy]),
            Input::Cut => self.frame([Event::Cut]),
            Input::Click {
                at,
                button,
                times,
                held,
            } => {
                let button = |pressed| Event::PointerButton {
                    pos: *at,
                    button: *button,
                    pressed,
                    modifiers: *held,
                };
                self.frame([Event::ModifiersChanged(*held), Event::PointerMoved(*at)]);
                for _ in 0..*times {
                    self.frame([button(true)]);
                    self.frame([button(false)]);
                }
                self.frame([Event::ModifiersChanged(Modifiers::NONE)]);
            }
            Input::Drag(from, to) => {
                let button = |pos, pressed| Event::PointerButton {
                    pos,
                    button: PointerButton::Primary,
                    pressed,
                    modifiers: Modifiers::NONE,
                };
                self.frame([Event::PointerMoved(*from)]);
                self.frame([button(*from, true)]);
                self.frame([Event::PointerMoved(from.lerp(*to, 0.5))]);
                self.frame([Event::PointerMoved(*to)]);
                self.frame([button(*to, false)]);
            }
            Input::Scroll(at, by) => {
                self.frame([Event::PointerMoved(*at)]);
                self.frame([Event::MouseWheel {
                    unit: MouseWheelUnit::Point,
                    delta: *by,
                    phase: TouchPhase::Move,
                    source: MouseWheelSource::Unknown,
                    modifiers: Modifiers::NONE,
                }]);
            }
            Input::Resize(size) => {
                self.harness.set_size(*size);
            }
            Input::Theme(look) => self.harness.ctx.set_theme(*look),
            Input::Alt => {
                self.frame([Event::ModifiersChanged(Modifiers::ALT)]);
                self.frame([Event::ModifiersChanged(Modifiers::NONE)]);
            }
            Input::CloseWindow => {
                let window = self.harness.input_mut().viewports.entry(ViewportId::ROOT).or_default();
                window.events.push(ViewportEvent::Close);
                self.harness.step();
            }
        }
    }

    /// A key as the system tells of it: with what it types, and as a copy or cut where it is one.
    fn press(&mut self, held: Modifiers, key: Key) {
        let event = |pressed| Event::Key {
            key,
            physical_key: None,
            pressed,
            repeat: false,
            modifiers: held,
        };
        let typed = match key.symbol_or_name() {
            "Space" => Some(" ".to_owned()),
            name if name.len() == 1 && held.shift => Some(name.to_owned()),
            name if name.len() == 1 => Some(name.to_lowercase()),
            _ => None,
        };
        let typed = typed.filter(|_| !held.command && !held.alt).map(Event::Text);
        let pressed = match key {
            Key::C if held == CTRL => Event::Copy,
            Key::X if held == CTRL => Event::Cut,
            Key::V if held == CTRL => Event::Paste("A1\t7,50\nA2\tx".to_owned()),
            _ => event(true),
        };
        self.frame([Event::ModifiersChanged(held), pressed].into_iter().chain(typed));
        self.frame([event(false), Event::ModifiersChanged(Modifiers::NONE)]);
    }

    /// Shows frames until all files are read and checked.
    fn settle(&mut self) {
        self.harness.step();
        for _ in 0..PATIENCE {
            let documents = &self.app().session().documents;
            if !documents.iter().any(|document| document.phase().is_busy()) {
                break;
            }
            sleep(Duration::from_millis(1));
            self.harness.step();
        }
        self.harness.step();
    }

    fn controls(&self) -> Vec<Control> {
        let widgets: HashMap<NodeId, WidgetRect> = self.harness.ctx.viewport(|viewport| {
            let layers = viewport.prev_pass.widgets.layers();
            let all = layers.flat_map(|(_, widgets)| widgets);
            all.map(|widget| (widget.id.accesskit_id(), *widget)).collect()
        });
        let nodes = self.harness.root().children_recursive();
        let nodes = nodes.map(|node| node.accesskit_node());
        let controls = nodes.filter(|node| is_control(node.role()) && !node.is_hidden());
        controls
            .filter_map(|node| {
                let widget = widgets.get(&node.locate().0).filter(|widget| widget.visible)?;
                Some(Control {
                    layer: widget.layer_id,
                    said: spoken(&node),
                    seen: widget.interact_rect,
                })
            })
            .collect()
    }

    fn check(&self) -> Result<(), String> {
        let session = self.app().session();
        if session.environments.len() > 2 {
            return Err("an environment was saved".to_owned());
        }
        let broken = "could not be handled; please report it";
        let failed = session
            .documents
            .iter()
            .any(|document| matches!(document.phase(), Phase::Failed(why) if why.contains(broken)));
        if failed || session.notices.iter().any(|notice| notice.text.contains(broken)) {
            return Err("something panicked in the background".to_owned());
        }
        if let Some(clash) = self.clash() {
            return Err(clash);
        }
        let unnamed = self.harness.unnamed_widgets();
        if !unnamed.is_empty() {
            return Err(format!("without a name: {}", unnamed.join(", ")));
        }
        overlap(&self.controls())
    }

    /// Two widgets of one id, which egui tells of in the window.
    fn clash(&self) -> Option<String> {
        let shapes = self.harness.output().shapes.iter();
        let mut texts = shapes.filter_map(|shape| match &shape.shape {
            Shape::Text(text) => Some(text.galley.text()),
            _ => None,
        });
        texts.find(|text| text.contains("use of widget ID")).map(str::to_owned)
    }

    /// After Esc, an arrow moves the cursor of the table that is shown.
    fn look_for_the_keyboard(&mut self) -> Result<(), String> {
        for _ in 0..5 {
            self.press(Modifiers::NONE, Key::Escape);
            self.settle();
        }
        self.tell("Esc, 5 times".to_owned());
        let ctx = self.harness.ctx.clone();
        if ctx.memory(Memory::top_modal_layer).is_some() || Popup::is_any_open(&ctx) {
            return Err("something stays in front of the window".to_owned());
        }
        if self.app().session().documents.is_empty() {
            self.act(Action::Open(self.files.clone()));
            self.settle();
        }
        let is_table = |document: &&Document| {
            document.phase() == Phase::Ready && document.view().is_some_and(|view| view.shown_rows() > 1)
        };
        let Some(before) = self.document().filter(is_table).map(cursor) else {
            return Ok(());
        };
        for key in [Key::ArrowDown, Key::ArrowUp] {
            self.press(Modifiers::NONE, key);
            self.settle();
            if self.document().map(cursor) != Some(before) {
                return Ok(());
            }
        }
        let root = self.harness.root();
        let mut nodes = root.children_recursive().map(|node| node.accesskit_node());
        let focused = nodes.find(AccessKitNode::is_focused).map(|node| spoken(&node));
        Err(format!("an arrow moves nothing: {focused:?} has the keyboard"))
    }
}

fn cursor(document: &Document) -> (u32, u32) {
    document.view().unwrap().cursor
}

const fn is_control(role: Role) -> bool {
    matches!(
        role,
        Role::Button
            | Role::CheckBox
            | Role::ComboBox
            | Role::DisclosureTriangle
            | Role::Link
            | Role::ListBoxOption
            | Role::MenuItem
            | Role::MultilineTextInput
            | Role::PasswordInput
            | Role::RadioButton
            | Role::Slider
            | Role::SpinButton
            | Role::Tab
            | Role::TextInput
    )
}

fn spoken(node: &AccessKitNode<'_>) -> String {
    let text = node.label().or_else(|| node.value()).unwrap_or_default();
    format!("{:?} {text:?}", node.role())
}

/// No two controls of a layer stand over each other, unless one is a part of the other.
fn overlap(controls: &[Control]) -> Result<(), String> {
    for (at, one) in controls.iter().enumerate() {
        for other in &controls[at + 1..] {
            let both = one.seen.intersect(other.seen);
            let is_part =
                |part: Rect, whole: Rect| whole.expand(1.0).contains_rect(part) && part.area() < whole.area() / 2.0;
            if one.layer == other.layer
                && both.width() > SLACK
                && both.height() > SLACK
                && !is_part(one.seen, other.seen)
                && !is_part(other.seen, one.seen)
            {
                return Err(format!(
                    "one over the other: {} at {}, {} at {}",
                    one.said, one.seen, other.said, other.seen
                ));
            }
        }
    }
    Ok(())
}
