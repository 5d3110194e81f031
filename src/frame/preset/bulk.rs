//! Elasticsearch's bulk format: a line that says what to do, and a line with the fields.

use super::{Rewrite, object::ObjectWriter, table::TableRewriter};
use crate::{
    domain::{
        cell::Cell,
        json::{self, colon, skip_space},
        number::grouped,
    },
    frame::{Edits, Frame, FrameError},
};

/// The actions that a line can name.
const ACTIONS: [&str; 4] = ["index", "create", "update", "delete"];

/// Which columns hold actions.
fn actions(columns: &[String]) -> Vec<usize> {
    let columns = columns.iter().enumerate();
    columns
        .filter(|(_, name)| ACTIONS.contains(&name.as_str()))
        .map(|(at, _)| at)
        .collect()
}

/// The action of a row, when it is one: its column, and the JSON of its target.
fn action<'c>(cells: &[Cell<'c>], actions: &[usize]) -> Option<(usize, &'c str)> {
    let mut there = cells.iter().enumerate().filter(|(_, cell)| !cell.is_missing());
    let (Some((at, Cell::Json(json))), None) = (there.next(), there.next()) else {
        return None;
    };
    (actions.contains(&at) && json.starts_with('{')).then_some((at, json))
}

/// Whether a table's rows are actions and documents.
pub(super) fn fits(table: &Frame) -> bool {
    let actions = actions(table.columns());
    let Ok(rows) = table.read(0..table.len().min(50), &Edits::default()) else {
        return false;
    };
    let is_action = |at: usize| {
        let cells: Option<Vec<Cell<'_>>> = rows.get(at).map(|row| row.iter().map(|cell| cell.as_cell()).collect());
        cells.is_some_and(|cells| action(&cells, &actions).is_some())
    };
    let many = (0..rows.len()).filter(|at| is_action(*at)).count();
    !actions.is_empty() && is_action(0) && many * 2 >= rows.len()
}

/// Joins each action with the document in the next row.
pub(super) struct Bulk {
    columns: Vec<String>,
    actions: Vec<usize>,
    /// The action whose document comes next: its row, and its target.
    held: Option<(u32, String)>,
    joined: u64,
    deletions: u64,
}

impl Bulk {
    pub(super) fn new(columns: &[String]) -> Self {
        Self {
            columns: columns.to_vec(),
            actions: actions(columns),
            held: None,
            joined: 0,
            deletions: 0,
        }
    }

    /// The members of the action's object, each as it is written.
    fn target(json: &str) -> ObjectWriter {
        let mut object = ObjectWriter::default();
        let bytes = json.as_bytes();
        let mut at = skip_space(bytes, 1);
        while let Some(end) = json::string(bytes, at)
            && let Some(start) = colon(bytes, end)
            && let Some(past) = json::value(bytes, start, 1)
        {
            let key: String = json
                .get(at..end)
                .and_then(|key| serde_json::from_str(key).ok())
                .unwrap_or_default();
            object.verbatim(&key, Cell::Json(json.get(start..past).unwrap_or_default()));
            at = skip_space(bytes, past);
            at = if bytes.get(at) == Some(&b',') {
                skip_space(bytes, at + 1)
            } else {
                at
            };
        }
        object
    }
}

impl Rewrite for Bulk {
    fn row(&mut self, row: u32, cells: &[Cell<'_>], out: &mut TableRewriter<'_>) -> Result<(), FrameError> {
        if let Some((at, target)) = action(cells, &self.actions) {
            self.end(out)?;
            if self.columns.get(at).is_some_and(|name| name == "delete") {
                self.deletions += 1;
            } else {
                self.held = Some((row, target.to_owned()));
            }
            return Ok(());
        }
        let mut record = ObjectWriter::default();
        if let Some((_, target)) = self.held.take() {
            self.joined += 1;
            record = Self::target(&target);
        }
        for (column, cell) in self.columns.iter().zip(cells) {
            record.verbatim(column, *cell);
        }
        out.record(row, record)
    }

    /// An action without a document becomes a record of its own, so that the checker says what it lacks.
    fn end(&mut self, out: &mut TableRewriter<'_>) -> Result<(), FrameError> {
        match self.held.take() {
            Some((row, target)) => out.record(row, Self::target(&target)),
            None => Ok(()),
        }
    }

    fn notes(&self) -> Vec<String> {
        vec!["An action and the fields below it are one record, with the action's _id".to_owned()]
    }

    fn rest(&self) -> Option<String> {
        let noun = if self.joined == 1 { "action" } else { "actions" };
        let joined = format!("{} {noun} joined", grouped(self.joined));
        match self.deletions {
            0 => Some(joined),
            1 => Some(format!("{joined}, 1 deletion left out")),
            many => Some(format!("{joined}, {} deletions left out", grouped(many))),
        }
    }
}
