//! Holding a table, or one of its rows, against what is stored.

use super::{Connection, Error, TableRef};
use crate::{
    domain::{
        cell::{Cell, OwnedCell},
        comparison,
        progress::Progress,
    },
    upload::{self, Lookup, Preview, RetryPolicy, Stopped},
};

/// A record as it is stored, and as it would be sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Its id.
    pub id: String,
    /// The stored JSON text; `None`: nothing is stored.
    pub stored: Option<String>,
    /// The JSON text that would be sent.
    pub new: String,
}

/// What is stored in an environment, as an upload of a table meets it.
fn lookup(connection: &Connection, table: TableRef<'_>) -> Lookup {
    let dataset = table.checked.plan().dataset;
    Lookup::new(connection.client().clone(), dataset, RetryPolicy::default())
}

/// What the upload of a table would do to what is stored; nothing is sent. Progress counts rows, and cancels.
pub(crate) async fn preview(
    connection: &Connection,
    table: TableRef<'_>,
    progress: &Progress,
) -> Result<Preview, Stopped> {
    let superseded = table.checked.superseded();
    let lookup = lookup(connection, table);
    upload::preview(&lookup, table.rows(), table.records(), superseded, progress).await
}

/// Holds some rows against what is stored under their ids, in the order they are given. With `merge`, the new record is
/// what merging would make of the stored one.
pub(crate) async fn rows(
    connection: &Connection,
    table: TableRef<'_>,
    rows: &[u32],
    merge: bool,
) -> Result<Vec<Compared>, Error> {
    let plan = table.checked.plan();
    let id = plan.dataset.id_field().and_then(|id| plan.column_of(id));
    let mut records = Vec::new();
    for &row in rows {
        let cells = table.frame.read(row..row.saturating_add(1), table.edits)?;
        let cells: Vec<Cell<'_>> = cells.iter().flatten().map(OwnedCell::as_cell).collect();
        let mut json = Vec::new();
        plan.write(&cells, &mut json);
        let id = id.and_then(|column| plan.text(column, &cells)).unwrap_or_default();
        records.push((id, String::from_utf8_lossy(&json).into_owned()));
    }
    let ids: Vec<String> = records.iter().map(|(id, _)| id.clone()).collect();
    let found = lookup(connection, table).read(&ids).await?;
    let compare = |(id, json): (String, String)| {
        let stored = found.get(&id).cloned().flatten();
        let new = match &stored {
            Some(stored) if merge => comparison::merged(stored, &json)?,
            Some(_) | None => json,
        };
        Ok(Compared { id, stored, new })
    };
    records.into_iter().map(compare).collect()
}

/// Holds one row against what is stored under its id.
pub(crate) async fn row(connection: &Connection, table: TableRef<'_>, row: u32) -> Result<Compared, Error> {
    let compared = rows(connection, table, &[row], false).await?;
    // One was asked for.
    Ok(compared.into_iter().next().unwrap_or_default())
}
