//! A made-up table of ten million rows and a hundred columns for the grid.

use std::{borrow::Cow, collections::HashMap, ops::Range};

use tatami::{
    domain::issue::Severity,
    ui::grid::{CellAt, CellKind, GridCell, GridColumn, GridEvent, GridSource, GridState, Sorted, Strip, StripShape},
};

/// The fake table, the grid's state over it, and what the grid has said.
pub struct Table {
    pub rows: u64,
    pub columns: Vec<GridColumn>,
    pub edits: HashMap<CellAt, String>,
    pub fetched: (Range<u64>, Range<usize>),
    pub read_only: bool,
}

const NAMES: [(&str, &str, &str); 8] = [
    ("product_id", "Handle", "text"),
    ("title", "Title", "text"),
    ("price", "Variant Price", "number"),
    ("url", "url", "text"),
    ("availability", "Status", "text"),
    ("brand", "Vendor", "text"),
    ("published_at", "published_at", "date-time"),
    ("custom_attributes.color", "Option1 Value", "text"),
];

impl Table {
    pub fn new(rows: u64, columns: usize) -> Self {
        let columns = (0..columns).map(|place| {
            let (title, source, kind) = NAMES.get(place).copied().unwrap_or(("", "", "text"));
            let title = if title.is_empty() {
                format!("field_{place}")
            } else {
                title.to_owned()
            };
            GridColumn {
                name: format!("column {place}"),
                source: (!source.is_empty() && source != title).then(|| source.to_owned()),
                title,
                kind: kind.to_owned(),
                right: kind == "number",
                unused: place == 9,
                errors: if place == 2 { 1_198 } else { 0 },
                warnings: if place == 4 { 12 } else { 0 },
                sorted: (place == 0).then_some((Sorted::Ascending, None)),
            }
        });
        Self {
            rows,
            columns: columns.collect(),
            edits: HashMap::new(),
            fetched: (0..0, 0..0),
            read_only: false,
        }
    }

    fn value(row: u64, column: usize) -> (Cow<'static, str>, CellKind, Option<Severity>) {
        const TITLES: [&str; 6] = [
            "Walnut desk lamp",
            "Linen throw, undyed",
            "Cast-iron teapot (0.8 l), with a long name that no column shows whole",
            "Hinoki bath stool",
            "Tatami cushion\ntwo lines",
            "Brass card holder",
        ];
        let plain = |text: String| (Cow::Owned(text), CellKind::Value, None);
        let pick = (row.wrapping_mul(2_654_435_761) >> 7) as usize;
        match column {
            0 => plain(format!("{row:08}")),
            1 => plain(TITLES[pick % 6].to_owned()),
            2 if row % 9 == 2 => (Cow::Borrowed("3.x"), CellKind::Value, Some(Severity::Error)),
            2 if row % 11 == 5 => (Cow::Borrowed(""), CellKind::Missing, Some(Severity::Error)),
            2 => plain(format!("{}.{:02}", pick % 400, pick % 100)),
            3 => plain(format!("https://shop.example/p/{row}")),
            4 if row % 7 == 3 => (Cow::Borrowed("in-stock"), CellKind::Value, Some(Severity::Warning)),
            4 => plain(["IN_STOCK", "OUT_OF_STOCK"][pick % 2].to_owned()),
            5 if row % 4 == 1 => (Cow::Borrowed(""), CellKind::Missing, None),
            5 if row % 4 == 2 => (Cow::Borrowed("null"), CellKind::Null, None),
            5 if row % 13 == 4 => (Cow::Borrowed(""), CellKind::Empty, None),
            5 => plain(["Muji", "Ōtani & Söhne", "Kinto"][pick % 3].to_owned()),
            6 if row % 10 == 7 => (Cow::Borrowed("2024-03-0"), CellKind::Value, Some(Severity::Info)),
            6 => plain(format!("2024-03-{:02}T09:30:00Z", row % 28 + 1)),
            7 => plain(["indigo", "natural", "black"][pick % 3].to_owned()),
            _ => plain(format!("r{row} c{column}")),
        }
    }
}

impl GridSource for Table {
    fn row_count(&self) -> u64 {
        self.rows
    }

    fn columns(&self) -> &[GridColumn] {
        &self.columns
    }

    fn strip(&self, column: usize) -> Option<Strip> {
        let (empty, wrong, shape) = match column {
            0 => (0.0, 0.0, StripShape::Distinct("all different".to_owned())),
            1 => (0.0, 0.0, StripShape::Shares(vec![0.4, 0.25, 0.2, 0.1])),
            2 => {
                let heights = (0..20_u8).map(|at| 1.0 - f32::from(at.abs_diff(6)) / 16.0);
                (0.09, 0.2, StripShape::Histogram(heights.collect()))
            }
            3 => return None,
            _ => (1.0, 0.0, StripShape::Empty),
        };
        Some(Strip { empty, wrong, shape })
    }

    fn prefetch(&mut self, rows: Range<u64>, columns: Range<usize>) {
        self.fetched = (rows, columns);
    }

    fn line(&self, row: u64) -> u64 {
        row + 2
    }

    fn row_mark(&self, row: u64) -> Option<Severity> {
        (0..self.columns.len().min(8))
            .filter_map(|column| self.cell(row, column).severity)
            .min()
    }

    fn cell(&self, row: u64, column: usize) -> GridCell<'_> {
        if let Some(text) = self.edits.get(&CellAt { row, column }) {
            return GridCell {
                text: Cow::Borrowed(text),
                edited: true,
                ..GridCell::default()
            };
        }
        let (text, kind, severity) = Self::value(row, column);
        let is_other = column == 2 && row % 4 == 3 && kind == CellKind::Value && severity.is_none();
        GridCell {
            original: is_other.then(|| Cow::Owned(text.replace('.', ","))),
            text,
            kind,
            severity,
            edited: false,
        }
    }

    fn cell_message(&self, row: u64, column: usize) -> Option<String> {
        let cell = self.cell(row, column);
        cell.severity.map(|severity| match severity {
            Severity::Error if cell.kind == CellKind::Missing => "price is required and has no value".to_owned(),
            Severity::Error => format!(
                "\"{}\" is not a number; write digits with a point, as in 12.50",
                cell.text
            ),
            Severity::Warning => "in-stock is none of the values that engines know; did you mean IN_STOCK?".to_owned(),
            Severity::Info => "a date without a time".to_owned(),
        })
    }

    fn editable(&self, _: u64, _: usize) -> bool {
        !self.read_only
    }
}

/// Table, state and events, as a test's state.
pub struct World {
    pub table: Table,
    pub grid: GridState,
    pub events: Vec<GridEvent>,
}

impl World {
    pub fn new(rows: u64, columns: usize) -> Self {
        Self {
            table: Table::new(rows, columns),
            grid: GridState::default(),
            events: Vec::new(),
        }
    }
}
