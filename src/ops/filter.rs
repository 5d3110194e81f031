//! Narrowing a table to the rows whose values are as wanted, and counting the values that a column has.

use std::{
    cmp::Reverse,
    collections::HashMap,
    ops::{ControlFlow, Range},
    sync::atomic::{AtomicU64, Ordering},
};

use rayon::{
    current_num_threads,
    iter::{IntoParallelIterator as _, ParallelIterator as _},
};

use super::chunks::{chunks, go_on, par_chunks};
use crate::{
    domain::{filter::ValueTest, progress::Progress, record::Plan, rows::RowSet},
    frame::{Edits, Frame, FrameError},
};

/// Most values that are listed of a column.
pub(crate) const MOST_LISTED: usize = 1000;

/// How many different values, and bytes of them, are counted at once; of more than that the rarer ones are left out.
const ROOM: Room = Room {
    values: 65_536,
    bytes: 16 << 20,
};

/// The values of a column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ColumnValues {
    /// The most frequent ones, each with how many rows have it; equally frequent ones by their texts. The empty text
    /// stands for no value.
    pub values: Vec<(String, u64)>,
    /// How many there are in all.
    pub distinct: DistinctCount,
}

/// How many different values there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DistinctCount {
    /// So many.
    Exactly(u64),
    /// More than so many, which is as far as they were told apart.
    MoreThan(u64),
}

/// For each of some columns the rows whose values are as wanted: as they are sent where a plan rewrites them, edits
/// included. Progress counts rows.
///
/// # Errors
/// When the file cannot be read or has changed, and when asked to stop.
pub(crate) fn rows(
    frame: &Frame,
    edits: &Edits,
    plan: &Plan,
    wanted: &[(u32, ValueTest)],
    progress: &Progress,
) -> Result<Vec<RowSet>, FrameError> {
    progress.restart(u64::from(frame.len()));
    let found: Vec<Vec<RowSet>> = par_chunks(frame)
        .map(|chunk| {
            go_on(progress)?;
            let count = chunk.len() as u64;
            let mut found = vec![RowSet::default(); wanted.len()];
            frame.scan(chunk, edits, &mut |row, cells| {
                for ((column, test), rows) in wanted.iter().zip(&mut found) {
                    let column = *column as usize;
                    let cell = cells.get(column).copied().unwrap_or_default();
                    if test.holds(&plan.shown(column, cell)) {
                        rows.insert(row);
                    }
                }
                ControlFlow::Continue(())
            })?;
            progress.add(count);
            Ok(found)
        })
        .collect::<Result<_, FrameError>>()?;
    let mut all = vec![RowSet::default(); wanted.len()];
    for chunk in found {
        for (rows, more) in all.iter_mut().zip(chunk) {
            rows.append(more);
        }
    }
    Ok(all)
}

/// Counts the values of a column as people see them, edits included, in bounded memory. Progress counts rows, and counts
/// them once more where there are too many values to be counted at once.
///
/// # Errors
/// When the file cannot be read or has changed, and when asked to stop.
pub(crate) fn values(
    frame: &Frame,
    edits: &Edits,
    plan: &Plan,
    column: u32,
    progress: &Progress,
) -> Result<ColumnValues, FrameError> {
    let counting = ValueCount {
        frame,
        edits,
        plan,
        column: column as usize,
        room: ROOM,
        progress,
    };
    counting.values()
}

#[derive(Clone, Copy)]
struct Room {
    values: usize,
    bytes: usize,
}

/// A value and how often it occurs, in the order in which values are listed.
type Counted = (Reverse<u64>, Box<str>);

/// A column whose values are counted.
struct ValueCount<'a> {
    frame: &'a Frame,
    edits: &'a Edits,
    plan: &'a Plan,
    column: usize,
    room: Room,
    progress: &'a Progress,
}

impl ValueCount<'_> {
    fn values(&self) -> Result<ColumnValues, FrameError> {
        let tally = self.tally()?;
        let distinct = if tally.is_cut {
            DistinctCount::MoreThan(tally.most as u64)
        } else {
            DistinctCount::Exactly(tally.counts.len() as u64)
        };
        let mut values: Vec<Counted> = if tally.is_cut {
            self.counted_exactly(tally)?
        } else {
            let counts = tally.counts.into_iter();
            counts.map(|(value, count)| (Reverse(count), value)).collect()
        };
        values.sort_unstable();
        values.truncate(MOST_LISTED);
        let values = values.into_iter();
        Ok(ColumnValues {
            values: values.map(|(Reverse(count), value)| (value.into(), count)).collect(),
            distinct,
        })
    }

    /// The frequent values; all of them, where there is room. A few stretches at a time, as each has values of its own.
    fn tally(&self) -> Result<Tally, FrameError> {
        self.progress.restart(u64::from(self.frame.len()));
        let mut all = Tally::new(self.room);
        let mut chunks = chunks(self.frame);
        loop {
            let next: Vec<_> = chunks.by_ref().take(current_num_threads() * 2).collect();
            if next.is_empty() {
                return Ok(all);
            }
            let tallies = next.into_par_iter().map(|chunk| {
                let mut tally = Tally::new(self.room);
                self.see(chunk, &mut |value| tally.add(value, 1))?;
                Ok(tally)
            });
            for tally in tallies.collect::<Result<Vec<_>, FrameError>>()? {
                all.append(tally);
            }
        }
    }

    /// How often values occur of which that is not known, as others were left out meanwhile.
    fn counted_exactly(&self, tally: Tally) -> Result<Vec<Counted>, FrameError> {
        let values = tally.counts.into_keys();
        let counts: HashMap<Box<str>, AtomicU64> = values.map(|value| (value, AtomicU64::new(0))).collect();
        self.progress.restart(u64::from(self.frame.len()));
        par_chunks(self.frame)
            .map(|chunk| {
                self.see(chunk, &mut |value| {
                    if let Some(count) = counts.get(value) {
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect::<Result<(), FrameError>>()?;
        let counts = counts.into_iter();
        Ok(counts
            .map(|(value, count)| (Reverse(count.into_inner()), value))
            .collect())
    }

    fn see(&self, rows: Range<u32>, see: &mut dyn FnMut(&str)) -> Result<(), FrameError> {
        go_on(self.progress)?;
        let count = rows.len() as u64;
        self.frame.scan(rows, self.edits, &mut |_, cells| {
            let cell = cells.get(self.column).copied().unwrap_or_default();
            see(&self.plan.shown(self.column, cell));
            ControlFlow::Continue(())
        })?;
        self.progress.add(count);
        Ok(())
    }
}

/// Values and how often they occur, at least: when there is no room for more, the rarer half is left out, and the counts
/// of the others are lessened by what those had at most. So values that are frequent in all stay, wherever they stand.
struct Tally {
    counts: HashMap<Box<str>, u64>,
    bytes: usize,
    room: Room,
    is_cut: bool,
    /// The most values that it had.
    most: usize,
}

impl Tally {
    fn new(room: Room) -> Self {
        Self {
            counts: HashMap::new(),
            bytes: 0,
            room,
            is_cut: false,
            most: 0,
        }
    }

    fn add(&mut self, value: &str, count: u64) {
        if let Some(known) = self.counts.get_mut(value) {
            *known += count;
            return;
        }
        if self.counts.len() >= self.room.values || self.bytes + value.len() > self.room.bytes {
            self.cut();
        }
        self.bytes += value.len();
        self.counts.insert(value.into(), count);
        self.most = self.most.max(self.counts.len());
    }

    fn append(&mut self, other: Self) {
        // In an order of their own, so that the same values are left out each time.
        let mut counts: Vec<(Box<str>, u64)> = other.counts.into_iter().collect();
        counts.sort_unstable();
        for (value, count) in counts {
            self.add(&value, count);
        }
        self.is_cut |= other.is_cut;
        self.most = self.most.max(other.most);
    }

    fn cut(&mut self) {
        self.is_cut = true;
        let mut counts: Vec<u64> = self.counts.values().copied().collect();
        let middle = counts.len() / 2;
        if counts.is_empty() {
            return;
        }
        let (_, median, _) = counts.select_nth_unstable(middle);
        let median = *median;
        self.counts.retain(|_, count| {
            *count = count.saturating_sub(median);
            *count > 0
        });
        self.bytes = self.counts.keys().map(|value| value.len()).sum();
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::{
        domain::{
            cell::OwnedCell,
            dataset::Dataset,
            filter::{RangeOrder, ValueRange},
            mapping::Mapping,
            text_query::TextQuery,
        },
        frame::OpenOptions,
        ops::chunks::CHUNK_ROWS,
    };

    /// A table of two columns, the first of which is sent with a point for its comma.
    struct Sample {
        frame: Frame,
        edits: Edits,
        plan: Plan,
        /// The values as people see them.
        plain: Vec<[String; 2]>,
    }

    impl Sample {
        fn new(rows: &[(String, String)], changes: &[(usize, usize, String)]) -> Self {
            let lines: Vec<String> = rows.iter().map(|(price, title)| format!("{price};{title}")).collect();
            let text = format!("sale_price;title\n{}\n", lines.join("\n"));
            let frame = Frame::from_text("table.csv", text, &OpenOptions::default()).unwrap();
            let mut plain: Vec<[String; 2]> = rows
                .iter()
                .map(|(price, title)| [price.clone(), title.clone()])
                .collect();
            let mut edits = Edits::default();
            for (row, column, text) in changes {
                let row = row % plain.len();
                let cell = if text.is_empty() {
                    OwnedCell::Missing
                } else {
                    OwnedCell::Text(text.as_str().into())
                };
                edits.set(u32::try_from(row).unwrap(), u32::try_from(*column).unwrap(), Some(cell));
                plain[row][*column].clone_from(text);
            }
            for [price, _] in &mut plain {
                *price = price.replace(',', ".");
            }
            let names = frame.columns().to_vec();
            let mut mapping = Mapping::suggest(Dataset::Products, &names, false);
            mapping.targets[0].transform = Some("decimal-comma".parse().unwrap());
            Self {
                plan: mapping.plan(&[]),
                frame,
                edits,
                plain,
            }
        }

        fn values(&self, column: usize, room: Room) -> ColumnValues {
            let progress = Progress::default();
            let counting = ValueCount {
                frame: &self.frame,
                edits: &self.edits,
                plan: &self.plan,
                column,
                room,
                progress: &progress,
            };
            let values = counting.values().unwrap();
            assert_eq!(progress.done(), progress.total());
            values
        }

        /// All values of a column, the most frequent first.
        fn counted(&self, column: usize) -> Vec<(String, u64)> {
            let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
            for row in &self.plain {
                *counts.entry(&row[column]).or_default() += 1;
            }
            let mut counts: Vec<(String, u64)> = counts.into_iter().map(|(value, n)| (value.to_owned(), n)).collect();
            counts.sort_by_key(|(_, count)| Reverse(*count));
            counts
        }
    }

    fn test() -> impl Strategy<Value = ValueTest> {
        let word = "[a-cA-C]{1,2}";
        prop_oneof![
            word.prop_map(|text| ValueTest::Contains(TextQuery::new(&text).unwrap())),
            "[a-c0-9.]{0,3}".prop_map(ValueTest::Equals),
            (0..40_u32, 0..40_u32).prop_map(|(from, more)| {
                let (from, to) = (from.to_string(), (from + more).to_string());
                ValueTest::Within(ValueRange::new(&from, &to, RangeOrder::Numbers).unwrap())
            }),
            word.prop_map(|from| ValueTest::Within(ValueRange::new(&from, "", RangeOrder::Texts).unwrap())),
            Just(ValueTest::Empty),
            Just(ValueTest::NotEmpty),
            prop::collection::btree_set("[a-c1-3]{0,1}", 1..4).prop_map(ValueTest::OneOf),
        ]
    }

    type Drawn = (Vec<(String, String)>, Vec<(usize, usize, String)>);

    fn sample() -> impl Strategy<Value = Drawn> {
        let rows = prop::collection::vec(("[1-9]?[0-9](,[05])?|", "[a-cA-C]{1,2}"), 1..40);
        let changes = prop::collection::vec((0_usize..40, 0_usize..2, "[abC]{0,2}|[1-3]"), 0..8);
        (rows, changes)
    }

    proptest! {
        /// Whatever is changed and wanted, the rows are those that looking at one after another finds.
        #[test]
        fn rows_are_those_that_a_walk_finds(
            (lines, changes) in sample(),
            wanted in prop::collection::vec((0_u32..2, test()), 1..4),
        ) {
            let sample = Sample::new(&lines, &changes);
            let progress = Progress::default();
            let found = rows(&sample.frame, &sample.edits, &sample.plan, &wanted, &progress).unwrap();
            prop_assert_eq!(progress.done(), u64::from(sample.frame.len()));
            for ((column, test), found) in wanted.iter().zip(found) {
                let walked = (0..).zip(&sample.plain).filter(|(_, row)| test.holds(&row[*column as usize]));
                prop_assert_eq!(found, walked.map(|(row, _)| row).collect(), "{:?}", test);
            }
        }

        /// Where there is room, all values are counted; where there is not, those listed are counted right, and none
        /// that is frequent is missing.
        #[test]
        fn values_are_those_that_a_walk_counts((lines, changes) in sample(), column in 0_usize..2, few in 2_usize..8) {
            let sample = Sample::new(&lines, &changes);
            let counted = sample.counted(column);
            let all = sample.values(column, ROOM);
            prop_assert_eq!(all.distinct, DistinctCount::Exactly(counted.len() as u64));
            prop_assert_eq!(&all.values, &counted);

            let some = sample.values(column, Room { values: few, bytes: 1000 });
            if counted.len() <= few {
                prop_assert_eq!(&some, &all);
            } else {
                prop_assert_eq!(some.distinct, DistinctCount::MoreThan(few as u64));
            }
            for value in &some.values {
                prop_assert!(counted.contains(value), "{:?}", value);
            }
            let rows = sample.plain.len() as u64;
            for value in counted.iter().filter(|(_, count)| count * few as u64 > 4 * rows) {
                prop_assert!(some.values.contains(value), "{:?}", value);
            }
        }
    }

    #[test]
    fn long_columns_are_counted_and_narrowed_in_pieces() {
        let count = 2 * CHUNK_ROWS + 5;
        let row = |row: u32| {
            let title = if row.is_multiple_of(5) {
                "often".to_owned()
            } else {
                format!("title {row}")
            };
            (format!("{},5", row % 3), title)
        };
        let sample = Sample::new(&(0..count).map(row).collect::<Vec<_>>(), &[]);
        let prices = sample.values(0, ROOM);
        let third = u64::from(count / 3);
        let expected = [("0.5", third + 1), ("1.5", third), ("2.5", third)];
        assert_eq!(prices.values, expected.map(|(value, count)| (value.to_owned(), count)));
        let titles = sample.values(
            1,
            Room {
                values: 500,
                bytes: 4000,
            },
        );
        assert!(matches!(titles.distinct, DistinctCount::MoreThan(_)));
        assert_eq!(titles.values[0], ("often".to_owned(), u64::from(count.div_ceil(5))));
        let titles = sample.values(1, ROOM);
        assert_eq!(
            titles.distinct,
            DistinctCount::Exactly(u64::from(count - count.div_ceil(5)) + 1)
        );
        assert_eq!(titles.values.len(), MOST_LISTED);

        let wanted = [(0, ValueTest::Equals("2.5".to_owned()))];
        let progress = Progress::default();
        let found = rows(&sample.frame, &sample.edits, &sample.plan, &wanted, &progress).unwrap();
        assert!(found[0].iter().eq((0..count).filter(|row| row % 3 == 2)));
        progress.cancel();
        let stopped = rows(&sample.frame, &sample.edits, &sample.plan, &wanted, &progress);
        assert!(matches!(stopped, Err(FrameError::Cancelled)));
        let stopped = values(&sample.frame, &sample.edits, &sample.plan, 0, &progress);
        assert!(matches!(stopped, Err(FrameError::Cancelled)));
    }
}
