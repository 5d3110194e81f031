//! The window over tables of 100 columns: the CPU time of a frame, from input to triangles, while somebody scrolls, by the
//! wheel and by leaps all over the file; and how long it takes to find a text, to filter, to sort, and to say what a
//! column holds. Goal: 4 ms for 99 of 100 frames, the same at any number of rows.
//!
//! `cargo bench --bench grid`; `TATAMI_BENCH_ROWS`: that many rows only, otherwise 10 thousand, 1 and 10 million. The last
//! takes 4 GB in the build's temporary folder.

#![expect(clippy::print_stdout, reason = "a bench reports to the terminal")]

#[expect(dead_code, reason = "other benches need more of it")]
mod common;

use std::{
    env,
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};

use common::{Outcome, Times, amount, bytes, peak, restart_peak, rows};
use eframe::{
    App as _,
    egui::{Context, Event, Modifiers, MouseWheelSource, MouseWheelUnit, RawInput, Rect, TouchPhase, pos2, vec2},
};
use tatami::{
    domain::{
        cell_query::{CellQuery, CellText},
        filter::{ColumnFilter, FilterCondition, ValueTest},
        progress::Progress,
        text_query::TextQuery,
    },
    frame::{SortBy, column_statistics, sort},
    session::{Action, FilterAction, FindState, OpenDocument, Phase, TableAction},
    settings::Paths,
    ui::{
        app::App,
        files::{DialogAnswer, FileDialogs, Purpose},
    },
    work::Backend,
};

const COLUMNS: usize = 100;
/// Frames of each kind that are measured.
const FRAMES: u32 = 300;
/// Longer than any step takes.
const PATIENCE: Duration = Duration::from_mins(10);

fn main() -> Outcome {
    let sizes = match env::var_os("TATAMI_BENCH_ROWS") {
        Some(_) => vec![rows(0)],
        None => vec![10_000, 1_000_000, 10_000_000],
    };
    sizes.into_iter().try_for_each(measure)
}

fn measure(rows: u64) -> Outcome {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?;
    let path = folder.path().join("catalog.csv");
    write(rows, &path)?;
    println!(
        "{rows} rows of {COLUMNS} columns, {}",
        bytes(fs::metadata(&path)?.len())
    );
    restart_peak();
    let mut window = Window::new(folder.path(), path)?;
    let opening = Instant::now();
    window.until(|app| {
        app.session()
            .document()
            .is_some_and(|document| document.phase() == Phase::Ready)
    })?;
    said("opened and checked", opening.elapsed());
    window.rest();

    let mut wheel = Times::default();
    for _ in 0..FRAMES {
        wheel.push(window.frame(vec![scrolled(-240.0)]));
    }
    per_frame("a frame, by the wheel", &wheel);
    let mut leaps = Times::default();
    let mut columns = Times::default();
    for leap in 0..FRAMES {
        let row = u32::try_from(u64::from(leap.wrapping_mul(2_654_435_761)) % rows)?;
        window.act(TableAction::JumpTo(row, 1))?;
        leaps.push(window.frame(Vec::new()));
        window.act(TableAction::JumpTo(row, leap % 100))?;
        columns.push(window.frame(Vec::new()));
    }
    per_frame("a frame, by leaps", &leaps);
    per_frame("a frame, to another column", &columns);

    let started = Instant::now();
    let text = TextQuery::new("nowhere to be found").ok_or("an empty text")?;
    window.act(TableAction::Find(Some(CellQuery {
        text,
        column: None,
        within: CellText::Sent,
    })))?;
    window.until_open(|open| matches!(open.find.as_ref().map(|find| &find.state), Some(FindState::Found(_))))?;
    said("a text found in all cells", started.elapsed());

    let started = Instant::now();
    let condition = FilterCondition::Value(ValueTest::Equals("1".to_owned()));
    window.act(TableAction::FilterColumns(FilterAction::Set(ColumnFilter {
        column: 50,
        condition,
    })))?;
    window.until_open(|open| open.view.shown_rows() < rows)?;
    said("filtered by a column", started.elapsed());

    let open = window.open()?;
    let table = open.view.table();
    let plan = open.checked()?.plan();
    let by = [SortBy {
        column: 2,
        descending: true,
    }];
    let started = Instant::now();
    sort(&table.frame, &table.edits, plan, &by, &Progress::default())?;
    said("sorted by a column", started.elapsed());
    let started = Instant::now();
    column_statistics(&table.frame, &table.edits, 2, None, &Progress::default())?;
    said("what a column holds", started.elapsed());
    println!("  {:28} {}", "the most memory", amount(peak()));
    Ok(())
}

fn said(what: &str, time: Duration) {
    println!("  {what:28} {:8.3} s", time.as_secs_f64());
}

fn per_frame(what: &str, times: &Times) {
    println!(
        "  {what:28} median {:.2} ms, 99 of 100 within {:.2} ms",
        times.median() * 1e3,
        times.percentile(99) * 1e3
    );
}

fn write(rows: u64, path: &Path) -> std::io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    write!(out, "product_id,title,sale_price")?;
    (3..COLUMNS).try_for_each(|at| write!(out, ",own {at}"))?;
    for row in 0..rows {
        let price = row.wrapping_mul(2_654_435_761) % 100_000;
        write!(out, "\nA{row},Lamp {},{}.{:02}", row % 1000, price / 100, price % 100)?;
        for at in 3..COLUMNS as u64 {
            write!(out, ",{}", (at + row) % 97)?;
        }
    }
    out.flush()
}

fn scrolled(points: f32) -> Event {
    Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        source: MouseWheelSource::Unknown,
        delta: vec2(0.0, points),
        phase: TouchPhase::Move,
        modifiers: Modifiers::NONE,
    }
}

/// The window without a display: its frames are made, and not painted.
struct Window {
    ctx: Context,
    app: App,
    frame: eframe::Frame,
    seconds: f64,
}

impl Window {
    fn new(home: &Path, path: PathBuf) -> Result<Self, Box<dyn std::error::Error>> {
        let ctx = Context::default();
        let paths = Paths::under(home);
        let backend = Backend::start(paths.clone(), Arc::new(|| ()))?;
        let app = App::new(&ctx, backend, Box::new(NoDialogs), Some(paths), vec![path]);
        let frame = eframe::Frame::_new_kittest();
        let mut window = Self {
            ctx,
            app,
            frame,
            seconds: 0.0,
        };
        // The pointer rests over the table.
        window.frame(vec![Event::PointerMoved(pos2(600.0, 400.0))]);
        Ok(window)
    }

    /// Makes a frame, and says how long that took.
    fn frame(&mut self, events: Vec<Event>) -> Duration {
        self.seconds += 1.0 / 60.0;
        let input = RawInput {
            screen_rect: Some(Rect::from_min_size(pos2(0.0, 0.0), vec2(1280.0, 800.0))),
            time: Some(self.seconds),
            focused: true,
            events,
            ..RawInput::default()
        };
        let started = Instant::now();
        let output = self.ctx.run_ui(input, |ui| {
            self.app.logic(ui, &mut self.frame);
            self.app.ui(ui, &mut self.frame);
        });
        let triangles = self.ctx.tessellate(output.shapes, output.pixels_per_point);
        let time = started.elapsed();
        drop(triangles);
        time
    }

    /// Makes frames until nothing is awaited any more: strips are worked out, hints have come and gone.
    fn rest(&mut self) {
        for _ in 0..600 {
            self.frame(Vec::new());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn until(&mut self, holds: impl Fn(&App) -> bool) -> Outcome {
        let began = Instant::now();
        while !holds(&self.app) {
            let said = self.app.session().notices.last();
            if began.elapsed() > PATIENCE {
                return Err(format!("waited in vain; the window says {:?}", said.map(|notice| &notice.text)).into());
            }
            self.frame(Vec::new());
            std::thread::sleep(Duration::from_millis(2));
        }
        Ok(())
    }

    fn until_open(&mut self, holds: impl Fn(&OpenDocument) -> bool) -> Outcome {
        self.until(|app| {
            app.session()
                .document()
                .and_then(|shown| shown.open().ok())
                .is_some_and(&holds)
        })
    }

    fn open(&self) -> Result<&OpenDocument, Box<dyn std::error::Error>> {
        let document = self.app.session().document().ok_or("no file is shown")?;
        Ok(document.open()?)
    }

    fn act(&mut self, action: TableAction) -> Outcome {
        let doc = self.app.session().document().ok_or("no file is shown")?.id;
        self.app.act(Action::Table(doc, action));
        Ok(())
    }
}

/// Nothing is asked for.
struct NoDialogs;

impl FileDialogs for NoDialogs {
    fn ask(&mut self, _: &Context, _: Purpose, _: &str) {}

    fn answer(&mut self) -> Option<DialogAnswer> {
        None
    }
}
