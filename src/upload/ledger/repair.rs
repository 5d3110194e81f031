//! Rebuilding the ledger of what can still be read of it, of former ledgers, and of what snapshots say of their uploads.
//! What was there is kept aside.

use std::{
    collections::BTreeSet,
    fmt,
    fs::{self, File},
    io::{self, Read as _, Write as _},
    path::{Path, PathBuf},
};

use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row, params, params_from_iter, types::Value};

use super::{
    FILE, Fingerprint, Ledger, LedgerEntry, LedgerError, Snapshot, State, TABLES, UploadId, UploadRecipe, VERSION,
    entry::{self, EntryRow},
    health, lock,
    past::{self, COLUMNS},
    version,
};
use crate::domain::{dataset::Dataset, number::grouped};

/// What became of the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LedgerRepair {
    /// Where the former file is; `None`: nothing was wrong, and nothing was done, or there was no file.
    pub kept_aside: Option<PathBuf>,
    /// Whether a new file was written.
    pub is_new: bool,
    /// The uploads that are as they were.
    pub whole: u64,
    /// The uploads of which something was lost.
    pub rebuilt: Vec<(UploadId, Rebuilt)>,
    /// Uploads that are known to have been, and of which nothing can be told.
    pub lost: Vec<UploadId>,
}

/// What an upload was rebuilt of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rebuilt {
    /// Of a part of what was written down: rows whose outcome is not known may be stored.
    InPart,
    /// Of its snapshot: it can be undone, and which rows are stored is not known.
    FromSnapshot,
}

impl LedgerRepair {
    /// Whether nothing was lost.
    pub(crate) fn is_whole(&self) -> bool {
        self.rebuilt.is_empty() && self.lost.is_empty()
    }
}

impl fmt::Display for LedgerRepair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_new {
            return f.write_str("Nothing is wrong with the record of uploads");
        }
        f.write_str("The record of uploads is rebuilt: ")?;
        match self.whole {
            1 => f.write_str("1 upload is as it was")?,
            all => write!(f, "{} uploads are as they were", grouped(all))?,
        }
        for (id, rebuilt) in &self.rebuilt {
            match rebuilt {
                Rebuilt::InPart => write!(
                    f,
                    "; of upload {id} a part was lost: its rows without a word are open, and it is set aside"
                )?,
                Rebuilt::FromSnapshot => write!(
                    f,
                    "; upload {id} is known by the copy of what was there before alone: it can be undone, its rows \
                     are open, and it is set aside"
                )?,
            }
        }
        for id in &self.lost {
            write!(f, "; nothing can be told of upload {id}")?;
        }
        match &self.kept_aside {
            Some(path) => write!(f, ". The damaged file is kept as {}", path.display()),
            None => Ok(()),
        }
    }
}

/// Rebuilds the ledger of a folder, unless nothing is wrong with it.
///
/// # Errors
/// When it is in use, is of a newer version, or nothing can be written there.
pub fn repair(folder: &Path) -> Result<LedgerRepair, LedgerError> {
    if let Some(whole) = whole(folder)? {
        return Ok(LedgerRepair {
            whole,
            ..LedgerRepair::default()
        });
    }
    let _alone = lock::exclusive(folder)?.ok_or(LedgerError::InUse)?;
    let place = folder.join(FILE);
    let failed = || LedgerError::at(&place);
    forget_killed(folder).map_err(failed())?;
    let work = tempfile::Builder::new()
        .prefix(WORK)
        .tempdir_in(folder)
        .map_err(failed())?;
    let new = work.path().join(FILE);
    let mut target = NewLedger::make(folder, &new)?;
    let sources = sources(folder, work.path())?;
    let mut ids: BTreeSet<UploadId> = Snapshot::all(folder).into_iter().collect();
    for source in &sources {
        ids.extend(source.ids());
    }
    let mut repair = LedgerRepair {
        is_new: true,
        ..LedgerRepair::default()
    };
    for id in ids {
        match target.rebuild(id, &sources)? {
            Some(Found::Whole) => repair.whole += 1,
            Some(Found::Part(rebuilt)) => repair.rebuilt.push((id, rebuilt)),
            None => repair.lost.push(id),
        }
    }
    drop(sources);
    target.finish(health::highest_number(folder))?;
    repair.kept_aside = set_aside(folder).map_err(failed())?;
    fs::rename(&new, &place).map_err(failed())?;
    Ok(repair)
}

/// The beginning of the name of the folder in which a repair works.
const WORK: &str = "uploads.repair-";

/// Deletes what a repair that was killed left of its work: copies.
fn forget_killed(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(WORK.as_bytes()) {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// How many uploads there are, when nothing is wrong with any.
fn whole(folder: &Path) -> Result<Option<u64>, LedgerError> {
    let ledger = match Ledger::open(folder) {
        Ok(ledger) => ledger,
        Err(LedgerError::Corrupt(_) | LedgerError::Damaged(_) | LedgerError::Lost(_)) => return Ok(None),
        // Something else stands in its place.
        Err(LedgerError::Folder { path, .. }) if path == folder.join(FILE) && !path.is_file() => return Ok(None),
        // What is in the way of a sound one is no reason to put that aside.
        Err(error) => return Err(error),
    };
    let all_is_read = || {
        health::check(&ledger.connection)?;
        let (uploads, unreadable) = ledger.scan()?;
        for upload in &uploads {
            ledger.state(upload.id)?;
        }
        Ok((uploads.len() as u64, unreadable.is_empty()))
    };
    match all_is_read() {
        Ok((uploads, true)) => Ok(Some(uploads)),
        Ok((_, false)) => Ok(None),
        Err(error) if LedgerError::is_damage(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Puts what stands in the place of the ledger out of the way, whatever it is.
fn set_aside(folder: &Path) -> io::Result<Option<PathBuf>> {
    let place = folder.join(FILE);
    if !place.exists() {
        return Ok(None);
    }
    let name = |number: u32| folder.join(format!("uploads.damaged-{number}.sqlite"));
    let free = (1..u32::MAX).map(name).find(|path| !path.exists()).unwrap_or_default();
    for suffix in ["-wal", "-shm", ""] {
        let from = folder.join(format!("{FILE}{suffix}"));
        if from.exists() {
            let mut to = free.clone().into_os_string();
            to.push(suffix);
            fs::rename(from, to)?;
        }
    }
    Ok(Some(free))
}

/// Copies of the present ledger and of former ones, which can be read without a change to them. Where the beginning of a
/// file is destroyed, that of another one is tried.
fn sources(folder: &Path, work: &Path) -> Result<Vec<FormerLedger>, LedgerError> {
    let present = folder.join(FILE);
    let mut sources = Vec::new();
    for (number, path) in [present.clone()].into_iter().chain(health::former(folder)).enumerate() {
        if !path.is_file() {
            continue;
        }
        let copy = work.join(format!("{number}.sqlite"));
        fs::copy(&path, &copy).map_err(LedgerError::at(&copy))?;
        let mut ahead = path.clone().into_os_string();
        ahead.push("-wal");
        if Path::new(&ahead).is_file() {
            let copy = work.join(format!("{number}.sqlite-wal"));
            fs::copy(&ahead, &copy).map_err(LedgerError::at(&copy))?;
        }
        let is_present = path == present;
        let opened = FormerLedger::open(&copy, is_present).or_else(|| {
            graft(&work.join(FILE), &copy).ok()?;
            FormerLedger::open(&copy, is_present)
        });
        sources.extend(opened);
    }
    Ok(sources)
}

/// Gives a copy whose header is destroyed that of a sound ledger, with its own length.
fn graft(sound: &Path, copy: &Path) -> io::Result<()> {
    let mut header = [0; 100];
    File::open(sound)?.read_exact(&mut header)?;
    let mut copy = File::options().write(true).open(copy)?;
    let page = u64::from(u16::from_be_bytes([header[16], header[17]]));
    let pages = copy.metadata()?.len().checked_div(page).unwrap_or_default();
    header[28..32].copy_from_slice(&u32::try_from(pages).unwrap_or(u32::MAX).to_be_bytes());
    // No free pages are known.
    header[32..40].fill(0);
    copy.write_all(&header)
}

/// A ledger that is read as far as it can be.
struct FormerLedger {
    connection: Connection,
    /// Whether it is the one that was in use: others may be older than the uploads.
    is_present: bool,
}

/// The fields of an upload, by their names.
type UploadFields = Vec<(String, Value)>;

impl FormerLedger {
    fn open(path: &Path, is_present: bool) -> Option<Self> {
        let connection = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).ok()?;
        let is_ledger = version(&connection).is_ok_and(|version| (1..=VERSION).contains(&version));
        let source = Self { connection, is_present };
        (is_ledger && source.connection.table_exists(None, "uploads").ok()?).then_some(source)
    }

    fn ids(&self) -> Vec<UploadId> {
        let (ids, _) = self.readable_rows("SELECT id FROM uploads WHERE ?1 ORDER BY id", 1, |row| row.get(0));
        ids.into_iter().map(UploadId).collect()
    }

    fn fields(&self, id: UploadId) -> Option<UploadFields> {
        past::fields(&self.connection, id).ok()
    }

    /// The entries of an upload that can be read, each with its number, and whether they are all.
    fn entries(&self, id: UploadId) -> (Vec<(i64, EntryRow)>, bool) {
        let query = "SELECT number, kind, rows, note, digests FROM entries WHERE upload = ?1 ORDER BY number";
        let (mut entries, mut is_whole) = self.readable_rows(query, id.0, |row| {
            let written = EntryRow {
                kind: row.get(1)?,
                rows: row.get(2)?,
                note: row.get(3)?,
                digests: row.get(4)?,
            };
            Ok((row.get::<_, i64>(0)?, written))
        });
        let all = entries.len();
        entries.retain(|(_, written)| entry::read(written).is_some());
        is_whole &= entries.len() == all;
        (entries, is_whole)
    }

    /// What a query finds from its first row to a damaged page, and from its last one back; and whether that is all. A row
    /// that cannot be read is left out.
    fn readable_rows<T>(
        &self,
        query: &str,
        parameter: i64,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> (Vec<T>, bool) {
        let mut is_whole = true;
        let mut collect = |query: &str| {
            let mut found = Vec::new();
            let ended = self.connection.prepare_cached(query).and_then(|mut query| {
                let mut rows = query.query([parameter])?;
                while let Some(row) = rows.next()? {
                    match read(row) {
                        Ok(row) => found.push(row),
                        Err(_) => is_whole = false,
                    }
                }
                Ok(())
            });
            (found, ended.is_ok())
        };
        let (mut found, has_ended) = collect(query);
        if !has_ended {
            let (from_behind, _) = collect(&format!("{query} DESC"));
            found.extend(from_behind.into_iter().rev());
            is_whole = false;
        }
        (found, is_whole)
    }
}

/// How much of an upload was found.
enum Found {
    Whole,
    Part(Rebuilt),
}

/// The new ledger.
struct NewLedger<'a> {
    connection: Connection,
    folder: &'a Path,
}

impl<'a> NewLedger<'a> {
    fn make(folder: &'a Path, path: &Path) -> Result<Self, LedgerError> {
        crate::settings::create_private_file(path).map_err(LedgerError::at(path))?;
        let connection = health::connect(path)?;
        connection.execute_batch(TABLES)?;
        // What may be grafted is in the file.
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(Self { connection, folder })
    }

    /// Writes down what is known of an upload; `None`: nothing.
    fn rebuild(&mut self, id: UploadId, sources: &[FormerLedger]) -> Result<Option<Found>, LedgerError> {
        let transaction = self.connection.transaction()?;
        // The entries tell when it is damaged or gone.
        let snapshot = Snapshot::find(self.folder, id, 0).ok().flatten();
        let plan = snapshot.as_ref().and_then(|snapshot| snapshot.plan().ok());
        let plan = plan.filter(|plan| !plan.is_empty());
        let mut is_whole = false;
        let source = sources.iter().find(|source| {
            let fields = source.fields(id);
            is_whole = source.is_present;
            fields.is_some_and(|fields| put(&transaction, id, &fields))
        });
        let from_source = source.is_some();
        if !from_source {
            is_whole = false;
            let planned = plan.as_ref().is_some_and(|plan| put(&transaction, id, plan));
            let mut damaged = sources.iter().filter_map(|source| source.fields(id));
            if !planned && !damaged.any(|fields| put(&transaction, id, &without_recipe(fields))) {
                return Ok(None);
            }
        }
        let (entries, all) = match source.or_else(|| sources.iter().find(|source| source.fields(id).is_some())) {
            Some(source) => source.entries(id),
            None => (Vec::new(), false),
        };
        is_whole &= all;
        let mut state = State::new(rows_of(&transaction, id)?);
        let mut next = 0;
        for (number, written) in &entries {
            let EntryRow {
                kind,
                rows,
                note,
                digests,
            } = written;
            // Both ends of a damaged table can name the same.
            transaction
                .prepare_cached(
                    "INSERT OR IGNORE INTO entries (upload, number, kind, rows, note, digests)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![id.0, number, kind, rows, note, digests])?;
            if let Some(entry) = entry::read(written) {
                is_whole &= *number == next || matches!(entry, LedgerEntry::Lose { .. } | LedgerEntry::Resume);
                state.apply(&entry);
            }
            next = number + 1;
        }
        let announced = snapshot.and_then(|snapshot| snapshot.last_entry().ok().flatten());
        if announced.is_some_and(|announced| announced > next) {
            is_whole = false;
            next = next.max(announced.unwrap_or_default() + 1);
        }
        let has_entries = !entries.is_empty();
        if !is_whole {
            lose(
                &transaction,
                id,
                next,
                &state,
                announced.is_some() || has_entries || from_source,
            )?;
        }
        transaction.commit()?;
        let rebuilt = if has_entries || from_source {
            Rebuilt::InPart
        } else {
            Rebuilt::FromSnapshot
        };
        Ok(Some(if is_whole { Found::Whole } else { Found::Part(rebuilt) }))
    }

    /// Closes the file, so that it can be moved.
    fn finish(self, highest: i64) -> Result<(), LedgerError> {
        let mut connection = self.connection;
        let transaction = connection.transaction()?;
        health::skip_numbers(&transaction, highest)?;
        transaction.commit()?;
        connection.close().map_err(|(_, error)| error.into())
    }
}

/// Notes of which rows it is not known whether they are stored, and why. Nobody is asked to go on with the upload: what
/// others have sent since may be newer than its file.
fn lose(connection: &Connection, id: UploadId, next: i64, state: &State, was_sent: bool) -> Result<(), LedgerError> {
    if was_sent {
        let rows = state.open();
        let EntryRow { kind, rows, .. } = entry::write(&LedgerEntry::Lose { rows });
        connection.execute(
            "INSERT INTO entries (upload, number, kind, rows) VALUES (?1, ?2, ?3, ?4)",
            params![id.0, next, kind, rows],
        )?;
    }
    connection.execute(
        "UPDATE uploads SET tally = NULL, tallied = NULL, ended = coalesce(ended, ?2), set_aside = 1,
         stopped = coalesce(stopped, 'its record was damaged, and was rebuilt') WHERE id = ?1",
        params![id.0, jiff::Timestamp::now().to_string()],
    )?;
    Ok(())
}

/// Writes the row of an upload, unless it could not be read again. What this version does not know is left out.
fn put(connection: &Connection, id: UploadId, fields: &UploadFields) -> bool {
    let put = || {
        let known: Vec<&(String, Value)> = fields.iter().filter(|(name, _)| is_column(connection, name)).collect();
        let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
        let places = vec!["?"; known.len()].join(", ");
        let insert = format!("INSERT INTO uploads ({}) VALUES ({places})", names.join(", "));
        connection.execute(&insert, params_from_iter(known.iter().map(|(_, value)| value)))?;
        let read = format!("SELECT {COLUMNS} FROM uploads WHERE id = ?1");
        connection.query_row(&read, [id.0], past::upload).map(|_| ())
    };
    let is_put = put().is_ok();
    if !is_put {
        connection.execute("DELETE FROM uploads WHERE id = ?1", [id.0]).ok();
    }
    is_put
}

fn is_column(connection: &Connection, name: &str) -> bool {
    connection.column_exists(None, "uploads", name).unwrap_or(false)
}

/// A damaged row, without how its file was read: it can still be listed and undone.
fn without_recipe(mut fields: UploadFields) -> UploadFields {
    let dataset = fields.iter().find_map(|(name, value)| match value {
        Value::Text(text) if name == "dataset" => text.parse::<Dataset>().ok(),
        _ => None,
    });
    let Some(dataset) = dataset else { return fields };
    let Fingerprint { size, sample, .. } = Fingerprint::default();
    for (name, value) in &mut fields {
        match name.as_str() {
            "recipe" => *value = Value::Text(UploadRecipe::of_no_file(dataset).to_json()),
            "size" => *value = Value::Integer(size.cast_signed()),
            "sample" => *value = Value::Integer(sample.cast_signed()),
            "modified" | "content" => *value = Value::Null,
            "manner" => *value = Value::Text(r#"{"keep_replaced":true}"#.to_owned()),
            _ => {}
        }
    }
    fields
}

fn rows_of(connection: &Connection, id: UploadId) -> Result<u64, LedgerError> {
    let rows: Option<i64> = connection
        .query_row("SELECT rows FROM uploads WHERE id = ?1", [id.0], |row| row.get(0))
        .optional()?;
    Ok(rows.ok_or(LedgerError::Unknown(id))?.cast_unsigned())
}
