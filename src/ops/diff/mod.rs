//! Holding two sets of records against each other: a file with an environment, two environments, or two files.
//!
//! Records are compared as they are sent, by what [`comparison`] calls the same: numbers as numbers, lists in order, custom
//! attributes one by one, without what the service adds. In memory stand a hash of every id and of every record; the
//! records themselves are read again for the differences that are shown.

mod side;

use std::{cmp::Ordering, ops::Range};

pub use self::side::{DiffSide, SideCounts};
use self::side::{IndexedSide, KnownRecord};
use super::Error;
use crate::{
    domain::{comparison, dataset::Dataset, progress::Progress},
    settings::Paths,
};

/// How two sets of records differ.
#[derive(Debug)]
pub struct Diff<'a> {
    sides: [IndexedSide<'a>; 2],
    dataset: Dataset,
    /// Places on either side, in the order of the first.
    changed: Vec<[u32; 2]>,
    only: [Vec<u32>; 2],
    same: u64,
}

/// In which way records differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DifferenceKind {
    /// They are on the first side only.
    OnlyFirst,
    /// They are on the second side only.
    OnlySecond,
    /// They are on both, and not the same.
    Changed,
}

impl DifferenceKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::OnlyFirst, Self::OnlySecond, Self::Changed];
}

/// A field that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDifference {
    /// Its dotted path.
    pub path: String,
    /// The value on the first side, as JSON; none when there is none.
    pub first: Option<String>,
    /// The value on the second.
    pub second: Option<String>,
}

/// A record that is not the same on both sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordDifference {
    /// Its id.
    pub id: String,
    /// The fields that differ, of a record that is on both sides. None when somebody has changed it since it was compared.
    pub fields: Vec<FieldDifference>,
}

/// Why two sets of records cannot be held against each other.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct DiffError {
    /// Which of both is the cause: 0 or 1.
    pub side: usize,
    /// What went wrong.
    #[source]
    pub error: Error,
}

fn of_side(side: usize) -> impl Fn(Error) -> DiffError {
    move |error| DiffError { side, error }
}

/// Compares all records of a data set. Where a server has no list of its records, those are asked for that this machine
/// sent there by the ledger in `paths`, and those of the other side. Progress counts records, and cancels.
///
/// # Errors
/// When a file or a server cannot be read to its end.
pub async fn diff<'a>(
    sides: [DiffSide<'a>; 2],
    dataset: Dataset,
    paths: &Paths,
    progress: &Progress,
) -> Result<Diff<'a>, DiffError> {
    let [first, second] = sides;
    let mut first = IndexedSide::begin(first, dataset, paths).await.map_err(of_side(0))?;
    let mut second = IndexedSide::begin(second, dataset, paths).await.map_err(of_side(1))?;
    let of_second = second.ids_for(&first).map_err(of_side(1))?;
    let of_first = first.ids_for(&second).map_err(of_side(0))?;
    first.ask_too(of_second);
    second.ask_too(of_first);
    progress.restart(first.size() + second.size());
    first.index(dataset, progress).await.map_err(of_side(0))?;
    second.index(dataset, progress).await.map_err(of_side(1))?;
    Ok(Diff::of([first, second], dataset))
}

impl<'a> Diff<'a> {
    fn of(sides: [IndexedSide<'a>; 2], dataset: Dataset) -> Self {
        let mut diff = Self {
            dataset,
            changed: Vec::new(),
            only: [Vec::new(), Vec::new()],
            same: 0,
            sides,
        };
        let [first, second] = &diff.sides;
        let (mut ours, mut theirs) = (first.entries().iter().peekable(), second.entries().iter().peekable());
        loop {
            let order = match (ours.peek(), theirs.peek()) {
                (Some(one), Some(other)) => one.id.cmp(&other.id),
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (None, None) => break,
            };
            match order {
                Ordering::Less => diff.only[0].extend(ours.next().map(KnownRecord::place)),
                Ordering::Greater => diff.only[1].extend(theirs.next().map(KnownRecord::place)),
                Ordering::Equal => match (ours.next(), theirs.next()) {
                    (Some(one), Some(other)) if one.digest != other.digest => {
                        diff.changed.push([one.place, other.place]);
                    }
                    _ => diff.same += 1,
                },
            }
        }
        diff.changed.sort_unstable();
        diff.only.iter_mut().for_each(|places| places.sort_unstable());
        diff
    }

    /// How many records differ in a way.
    pub fn count(&self, kind: DifferenceKind) -> u64 {
        let count = match kind {
            DifferenceKind::OnlyFirst => self.only[0].len(),
            DifferenceKind::OnlySecond => self.only[1].len(),
            DifferenceKind::Changed => self.changed.len(),
        };
        count as u64
    }

    /// How many are the same.
    pub const fn same(&self) -> u64 {
        self.same
    }

    /// What of the sides could not be compared.
    pub fn side_counts(&self) -> [SideCounts; 2] {
        [self.sides[0].counts(), self.sides[1].counts()]
    }

    /// Whether everything of both sides was compared, and is the same.
    pub fn is_same(&self) -> bool {
        let differ = DifferenceKind::ALL.iter().any(|kind| self.count(*kind) > 0);
        !differ && self.side_counts().iter().all(SideCounts::is_complete)
    }

    /// Reads some of the records that differ in a way, in the order of the first side, or of the one that has them.
    ///
    /// # Errors
    /// When a file or a server cannot be read.
    pub async fn read(&self, kind: DifferenceKind, range: Range<usize>) -> Result<Vec<RecordDifference>, DiffError> {
        let only = |side: usize| {
            let places = self.only[side].get(range.clone()).unwrap_or_default();
            let ids = self.sides[side].ids(places).map_err(of_side(side))?;
            let bare = |id| RecordDifference { id, fields: Vec::new() };
            Ok(ids.into_iter().map(bare).collect())
        };
        match kind {
            DifferenceKind::OnlyFirst => only(0),
            DifferenceKind::OnlySecond => only(1),
            DifferenceKind::Changed => self.changed(self.changed.get(range).unwrap_or_default()).await,
        }
    }

    async fn changed(&self, places: &[[u32; 2]]) -> Result<Vec<RecordDifference>, DiffError> {
        let of = |side: usize| places.iter().map(|place| place[side]).collect::<Vec<_>>();
        let first = self.sides[0].records(self.dataset, &of(0)).await.map_err(of_side(0))?;
        let second = self.sides[1].records(self.dataset, &of(1)).await.map_err(of_side(1))?;
        let pairs = first.into_iter().zip(second);
        let differences = pairs.map(|((id, first), (_, second))| {
            // What is not there any more has no fields.
            let [first, second] = [first, second].map(|record| record.unwrap_or_else(|| "{}".to_owned()));
            let changes = comparison::changes(&first, &second)
                .map_err(Error::from)
                .map_err(of_side(0))?;
            let fields = changes.into_iter().map(|change| FieldDifference {
                path: change.path,
                first: change.before.map(str::to_owned),
                second: change.after.map(str::to_owned),
            });
            let fields = fields.collect();
            Ok(RecordDifference { id, fields })
        });
        differences.collect()
    }
}
