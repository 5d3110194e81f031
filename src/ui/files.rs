//! The system's file dialogs, awaited on threads of their own, and files dropped on the window.

use std::{
    path::PathBuf,
    sync::mpsc::{Receiver, sync_channel},
    thread,
    time::{Duration, Instant},
};

use eframe::egui::{Align2, Color32, Context, CornerRadius, Id, LayerId, Order, Stroke, StrokeKind, vec2};

use super::{
    fonts,
    theme::{Tokens, radius, size, space},
};
use crate::{domain::ids::DocumentId, message::ReportKind, session::Document, upload::UploadId};

/// Extensions of files that can be opened.
pub(crate) const EXTENSIONS: [&str; 22] = [
    "csv", "tsv", "tab", "txt", "psv", "json", "jsonl", "ndjson", "xlsx", "xlsm", "xlsb", "xls", "ods", "parquet",
    "arrow", "arrows", "feather", "ipc", "gz", "zst", "zip", "xml",
];

/// A dialog that is answered at once was probably never shown.
const TOO_QUICK: Duration = Duration::from_millis(250);

/// What a file is chosen for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To open files.
    Open,
    /// To save a document's rows with problems.
    Export(DocumentId),
    /// To save a document's table as the file is.
    SaveCopy(DocumentId),
    /// To save it before it is closed.
    SaveCopyAndClose(DocumentId),
    /// To save it before it is closed with the window.
    SaveCopyAndQuit(DocumentId),
    /// To save a document's recipe.
    SaveRecipe(DocumentId),
    /// To map a document by a recipe.
    OpenRecipe(DocumentId),
    /// To save what remains of a document's last upload.
    Report(DocumentId, ReportKind),
    /// To save what remains of an upload of before.
    PastReport(UploadId, ReportKind),
}

impl Purpose {
    /// The title of the dialog.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Open => "Open files",
            Self::Export(_) => "Save rows with problems",
            Self::SaveCopy(_) | Self::SaveCopyAndClose(_) | Self::SaveCopyAndQuit(_) => "Save a copy with changes",
            Self::SaveRecipe(_) => "Save the recipe",
            Self::OpenRecipe(_) => "Map by a recipe",
            Self::Report(_, ReportKind::Report) | Self::PastReport(_, ReportKind::Report) => "Save the upload's report",
            Self::Report(_, ReportKind::Rows) | Self::PastReport(_, ReportKind::Rows) => {
                "Save the rows that are not stored"
            }
        }
    }

    /// Kinds of files, with their extensions.
    const fn kinds(self) -> &'static [(&'static str, &'static [&'static str])] {
        match self {
            Self::Open => &[("Tables and JSON", &EXTENSIONS), ("All files", &["*"])],
            Self::Export(_) => &[("CSV", &["csv"])],
            Self::SaveCopy(_) | Self::SaveCopyAndClose(_) | Self::SaveCopyAndQuit(_) => &[],
            Self::SaveRecipe(_) | Self::OpenRecipe(_) => &[("Recipe", &["json"])],
            Self::Report(_, ReportKind::Report) | Self::PastReport(_, ReportKind::Report) => {
                &[("Web page", &["html"]), ("CSV", &["csv"]), ("JSON", &["json"])]
            }
            Self::Report(_, ReportKind::Rows) | Self::PastReport(_, ReportKind::Rows) => {
                &[("Excel", &["xlsx"]), ("CSV", &["csv"])]
            }
        }
    }
}

/// What can be saved of an upload: the entry, what it is, and what the file is called unless a person changes it.
pub(crate) fn remains(stem: &str) -> [(&'static str, ReportKind, String); 5] {
    let report = |extension| format!("{stem}-upload.{extension}");
    let rest = |extension| format!("{stem}-not-stored.{extension}");
    [
        ("Report as a web page…", ReportKind::Report, report("html")),
        ("Report as CSV…", ReportKind::Report, report("csv")),
        ("Report as JSON…", ReportKind::Report, report("json")),
        ("Rows not stored, as Excel…", ReportKind::Rows, rest("xlsx")),
        ("Rows not stored, as CSV…", ReportKind::Rows, rest("csv")),
    ]
}

/// The name proposed for a copy of a document, which is unpacked.
pub(crate) fn copy_name(document: &Document) -> String {
    let name = document.file_name();
    let packed = [".gz", ".zst", ".zip"];
    let plain = packed
        .iter()
        .find_map(|ending| name.strip_suffix(ending))
        .unwrap_or(&name);
    match plain.rsplit_once('.') {
        Some((stem, extension)) => format!("{stem}-copy.{extension}"),
        None => format!("{plain}-copy"),
    }
}

/// The outcome of a dialog.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DialogAnswer {
    /// What it was asked for.
    pub purpose: Purpose,
    /// The files; none when a person chose none.
    pub paths: Vec<PathBuf>,
    /// Whether the system seems to have no such dialog.
    pub unavailable: bool,
}

/// How files are chosen: by the system's dialogs, or in tests by what stands in for them.
pub trait FileDialogs {
    /// Asks for files; `name` is what a new file is called unless a person changes it.
    fn ask(&mut self, ctx: &Context, purpose: Purpose, name: &str);
    /// The next answer, if there is one.
    fn answer(&mut self) -> Option<DialogAnswer>;
}

#[derive(Debug, Default)]
pub(crate) struct SystemDialogs {
    waiting: Option<Receiver<DialogAnswer>>,
}

impl FileDialogs for SystemDialogs {
    fn ask(&mut self, ctx: &Context, purpose: Purpose, name: &str) {
        if self.waiting.is_some() {
            return;
        }
        let (sender, receiver) = sync_channel(1);
        let ctx = ctx.clone();
        let name = name.to_owned();
        let asked = Instant::now();
        let dialog = rfd::AsyncFileDialog::new();
        let ask = move || {
            let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
                return;
            };
            let chosen = runtime.block_on(async {
                let kinds = purpose.kinds().iter();
                let dialog = kinds.fold(dialog.set_title(purpose.title()), |dialog, (kind, extensions)| {
                    dialog.add_filter(*kind, extensions)
                });
                match purpose {
                    Purpose::Open => dialog.pick_files().await,
                    Purpose::OpenRecipe(_) => dialog.pick_file().await.map(|file| vec![file]),
                    Purpose::SaveCopy(_)
                    | Purpose::SaveCopyAndClose(_)
                    | Purpose::SaveCopyAndQuit(_)
                    | Purpose::SaveRecipe(_)
                    | Purpose::Export(_)
                    | Purpose::Report(..)
                    | Purpose::PastReport(..) => dialog.set_file_name(name).save_file().await.map(|file| vec![file]),
                }
            });
            let unavailable = chosen.is_none() && asked.elapsed() < TOO_QUICK;
            let files = chosen.unwrap_or_default();
            let paths = files.into_iter().map(|file| file.path().to_owned()).collect();
            let answer = DialogAnswer {
                purpose,
                paths,
                unavailable,
            };
            // The window may have closed meanwhile.
            sender.send(answer).ok();
            ctx.request_repaint();
        };
        if thread::Builder::new()
            .name("tatami-files".to_owned())
            .spawn(ask)
            .is_ok()
        {
            self.waiting = Some(receiver);
        }
    }

    fn answer(&mut self) -> Option<DialogAnswer> {
        use std::sync::mpsc::TryRecvError;
        match self.waiting.as_ref()?.try_recv() {
            Ok(answer) => {
                self.waiting = None;
                Some(answer)
            }
            Err(TryRecvError::Disconnected) => {
                self.waiting = None;
                None
            }
            Err(TryRecvError::Empty) => None,
        }
    }
}

/// Whether the window system passes dropped files on. On Wayland, which is used where it is there, winit does not.
pub(crate) fn are_passed_on() -> bool {
    let names = ["WAYLAND_DISPLAY", "WAYLAND_SOCKET"];
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !(cfg!(target_os = "linux") && names.into_iter().any(is_set))
}

/// Files dropped on the window in this frame.
pub(crate) fn dropped(ctx: &Context) -> Vec<PathBuf> {
    ctx.input(|input| {
        let files = input.raw.dropped_files.iter();
        files.map(|file| file.path().to_owned()).collect()
    })
}

/// While files are held over the window: what dropping them will do.
pub(crate) fn drop_overlay(ctx: &Context) {
    let hovering = ctx.input(|input| input.raw.hovered_files.len());
    if hovering == 0 {
        return;
    }
    let tokens = Tokens::shown(ctx);
    let painter = ctx.layer_painter(LayerId::new(Order::Foreground, Id::unique("drop files")));
    let window = ctx.content_rect();
    painter.rect_filled(window, 0, Color32::from_black_alpha(90));
    let text = if hovering == 1 {
        "Drop to open this file as a table".to_owned()
    } else {
        format!("Drop to open {hovering} files as tables")
    };
    let title = painter.layout_no_wrap(text, fonts::strong(size::DISPLAY), tokens.text);
    let below = "The files themselves are never changed".to_owned();
    let below = painter.layout_no_wrap(below, fonts::regular(size::BODY), tokens.muted);
    let inside = vec2(
        title.size().x.max(below.size().x),
        title.size().y + space::S + below.size().y,
    );
    let card = Align2::CENTER_CENTER.anchor_size(window.center(), inside + vec2(96.0, 64.0));
    let card = card.translate(window.center() - card.center());
    let rounding = CornerRadius::same(radius::CARD);
    painter.rect(
        card,
        rounding,
        tokens.raised,
        Stroke::new(2.0, tokens.accent),
        StrokeKind::Inside,
    );
    let centre = card.center();
    let top = centre.y - inside.y / 2.0;
    painter.galley(
        eframe::egui::pos2(centre.x - title.size().x / 2.0, top),
        title.clone(),
        tokens.text,
    );
    let place = eframe::egui::pos2(centre.x - below.size().x / 2.0, top + title.size().y + space::S);
    painter.galley(place, below, tokens.muted);
}
