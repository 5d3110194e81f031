//! Holding a table, or one of its rows, against what is stored.

use std::sync::Arc;

use super::environments::Connections;
use crate::{
    check::Checked,
    domain::{
        cell::{Cell, OwnedCell},
        progress::Progress,
    },
    frame::Edits,
    message::{Compared, Table},
    upload::{self, Lookup, Preview, RetryPolicy, TableRecords},
};

pub(super) async fn table(
    environment: &str,
    table: Table,
    checked: &Checked,
    progress: &Progress,
    connections: &Connections,
) -> Result<Arc<Preview>, String> {
    let lookup = lookup(environment, checked, connections)?;
    preview(&lookup, table, checked, progress).await.map(Arc::new)
}

pub(super) async fn row(
    environment: &str,
    table: &Table,
    checked: &Checked,
    row: u32,
    connections: &Connections,
) -> Result<Compared, String> {
    let lookup = lookup(environment, checked, connections)?;
    compare(&lookup, table, checked, row).await
}

fn lookup(environment: &str, checked: &Checked, connections: &Connections) -> Result<Lookup, String> {
    let client = connections.client(environment)?;
    Ok(Lookup::new(client, checked.plan().dataset, RetryPolicy::default()))
}

async fn preview(lookup: &Lookup, table: Table, checked: &Checked, progress: &Progress) -> Result<Preview, String> {
    let superseded = checked.superseded();
    let rows = u64::from(table.frame.len());
    let records = TableRecords::new(table.frame, Edits::clone(&table.edits), checked);
    let preview = upload::preview(lookup, rows, records, superseded, progress).await;
    preview.map_err(|stopped| stopped.to_string())
}

async fn compare(lookup: &Lookup, table: &Table, checked: &Checked, row: u32) -> Result<Compared, String> {
    let cells = table.frame.read(row..row.saturating_add(1), &table.edits);
    let cells = cells.map_err(|error| error.to_string())?;
    let cells: Vec<Cell<'_>> = cells.iter().flatten().map(OwnedCell::as_cell).collect();
    let plan = checked.plan();
    let mut json = Vec::new();
    plan.write(&cells, &mut json);
    let id = plan.dataset.id_field().and_then(|id| plan.column_of(id));
    let id = id.and_then(|column| plan.text(column, &cells)).unwrap_or_default();
    let found = lookup.read(std::slice::from_ref(&id)).await;
    let mut found = found.map_err(|error| error.to_string())?;
    Ok(Compared {
        stored: found.remove(&id).flatten(),
        new: String::from_utf8_lossy(&json).into_owned(),
        id,
    })
}
