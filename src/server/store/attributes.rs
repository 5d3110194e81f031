//! The types of custom attributes, which must be the same in all records of a data set.
//!
//! A type is learned when a record is stored, and forgotten when the data set is empty. Among the records of one
//! request, the type that most of them have is the right one, the first of equals.

use std::{cmp::Reverse, collections::HashMap, ops::ControlFlow};

use rusqlite::{OptionalExtension as _, Transaction, params};

use super::StoreError;
use crate::domain::{
    base_type::BaseType,
    dataset::Dataset,
    validate::{Violation, WrittenRecord},
};

/// The most custom attributes that the records of one request have, all names together. The documentation calls
/// hundreds fine.
pub(crate) const MOST_ATTRIBUTES: usize = 10_000;

/// The types by attribute name.
pub(crate) type AttributeTypes = HashMap<Box<str>, BaseType>;

/// Attributes that are stored for the first time.
pub(super) type NewAttributes<'v> = Vec<(&'v str, BaseType)>;

/// There are more than [`MOST_ATTRIBUTES`].
#[derive(Debug)]
pub(crate) struct TooManyAttributes;

/// The types that the custom attributes of a request have, by name.
#[derive(Debug, Default)]
pub(crate) struct AttributeVotes(HashMap<Box<str>, [Vote; BaseType::ALL.len()]>);

/// How many records have a type, and the first that has it. A request has no more records than these count.
#[derive(Clone, Copy, Debug, Default)]
struct Vote {
    records: u16,
    first: u16,
}

impl AttributeVotes {
    /// Adds the attributes of the record at a place of the request.
    pub(crate) fn add(
        &mut self,
        place: usize,
        dataset: Dataset,
        record: &WrittenRecord<'_>,
    ) -> Result<(), TooManyAttributes> {
        let place = u16::try_from(place).unwrap_or(u16::MAX);
        let added = record.each_attribute(dataset, &mut |name, attribute| {
            if !self.0.contains_key(name) {
                if self.0.len() == MOST_ATTRIBUTES {
                    return ControlFlow::Break(());
                }
                self.0.insert(name.into(), Default::default());
            }
            let votes = self.0.get_mut(name);
            if let Some(vote) = votes.and_then(|votes| votes.get_mut(attribute as usize)) {
                vote.first = if vote.records == 0 {
                    place
                } else {
                    vote.first.min(place)
                };
                vote.records = vote.records.saturating_add(1);
            }
            ControlFlow::Continue(())
        });
        match added {
            ControlFlow::Continue(()) => Ok(()),
            ControlFlow::Break(()) => Err(TooManyAttributes),
        }
    }
}

/// The type that most of the records have.
fn winner(votes: &[Vote]) -> Option<BaseType> {
    let votes = BaseType::ALL
        .into_iter()
        .zip(votes)
        .filter(|(_, vote)| vote.records > 0);
    let most = votes.max_by_key(|(_, vote)| (vote.records, Reverse(vote.first)));
    most.map(|(attribute, _)| attribute)
}

/// Settles the types of the attributes: the stored ones stand, of the others it is what most of the records have.
/// Returns those that are new, and those that some of the records contradict.
pub(super) fn settle<'v>(
    transaction: &Transaction<'_>,
    dataset: Dataset,
    votes: &'v AttributeVotes,
) -> Result<(NewAttributes<'v>, AttributeTypes), StoreError> {
    let mut select = transaction.prepare_cached("SELECT type FROM attributes WHERE dataset = ?1 AND name = ?2")?;
    let (mut new, mut contradicted) = (Vec::new(), AttributeTypes::new());
    #[expect(clippy::iter_over_hash_type, reason = "each of them is settled for itself")]
    for (name, votes) in &votes.0 {
        let known: Option<String> = select
            .query_row(params![dataset.name(), name], |row| row.get(0))
            .optional()?;
        let known = known.and_then(|known| BaseType::ALL.into_iter().find(|attribute| attribute.name() == known));
        let Some(settled) = known.or_else(|| winner(votes)) else {
            continue;
        };
        let differs = |(attribute, vote): (BaseType, &Vote)| attribute != settled && vote.records > 0;
        if BaseType::ALL.into_iter().zip(votes).any(differs) {
            contradicted.insert(name.clone(), settled);
        }
        if known.is_none() {
            new.push((&**name, settled));
        }
    }
    Ok((new, contradicted))
}

/// Keeps the types of attributes that are stored for the first time.
pub(super) fn learn(
    transaction: &Transaction<'_>,
    dataset: Dataset,
    mut types: NewAttributes<'_>,
) -> Result<(), StoreError> {
    let mut insert = transaction.prepare_cached("INSERT INTO attributes (dataset, name, type) VALUES (?1, ?2, ?3)")?;
    types.sort_unstable_by_key(|(name, _)| *name);
    for (name, attribute) in types {
        insert.execute(params![dataset.name(), name, attribute.name()])?;
    }
    Ok(())
}

/// Forgets all types of a data set.
pub(super) fn forget(transaction: &Transaction<'_>, dataset: Dataset) -> Result<(), StoreError> {
    transaction.execute("DELETE FROM attributes WHERE dataset = ?1", [dataset.name()])?;
    Ok(())
}

/// Hands out the attributes of a record that have another type than the settled one.
pub(crate) fn inconsistent(
    types: &AttributeTypes,
    dataset: Dataset,
    record: &WrittenRecord<'_>,
    see: &mut dyn FnMut(Violation) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if types.is_empty() {
        return ControlFlow::Continue(());
    }
    record.each_attribute(dataset, &mut |name, attribute| {
        if types.get(name).is_some_and(|settled| *settled != attribute) {
            see(Violation::inconsistent(name))
        } else {
            ControlFlow::Continue(())
        }
    })
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;
    use serde_json::{Value, json};

    use super::*;

    fn votes(records: &[Value]) -> AttributeVotes {
        let mut votes = AttributeVotes::default();
        for (place, attributes) in records.iter().enumerate() {
            let text = json!({"product_id": "p", "custom_attributes": attributes}).to_string();
            let record = WrittenRecord::read(&text).unwrap();
            votes.add(place, Dataset::Products, &record).unwrap();
        }
        votes
    }

    #[test]
    fn most_records_settle_a_type_and_the_stored_one_stands() {
        let mut store = Connection::open_in_memory().unwrap();
        store.execute_batch(super::super::TABLES).unwrap();
        let transaction = store.transaction().unwrap();
        let votes = votes(&[
            json!({"pages": "12", "weight": 1, "tags": [], "sizes": "S"}),
            json!({"pages": 12, "weight": 1.5, "tags": ["a"], "sizes": ["S", "M"]}),
            json!({"pages": 13, "weight": null, "tags": 1, "sizes": []}),
        ]);
        let (new, contradicted) = settle(&transaction, Dataset::Products, &votes).unwrap();
        let of = |name: &str| {
            new.iter()
                .find(|(new, _)| *new == name)
                .map(|(_, attribute)| *attribute)
        };
        assert_eq!(of("pages"), Some(BaseType::Number));
        assert_eq!(of("weight"), Some(BaseType::Number));
        assert_eq!(of("tags"), Some(BaseType::Text), "the first of equals");
        assert_eq!(
            of("sizes"),
            Some(BaseType::Text),
            "a value and a list of such values agree"
        );
        let expect = [("pages", BaseType::Number), ("tags", BaseType::Text)];
        assert_eq!(
            contradicted,
            expect.map(|(name, attribute)| (name.into(), attribute)).into()
        );

        learn(&transaction, Dataset::Products, vec![("pages", BaseType::Text)]).unwrap();
        let (new, contradicted) = settle(&transaction, Dataset::Products, &votes).unwrap();
        assert!(new.iter().all(|(name, _)| *name != "pages"));
        assert_eq!(contradicted["pages"], BaseType::Text);
    }

    #[test]
    fn a_request_has_only_so_many_attributes() {
        let attributes = |from: usize, to: usize| -> Value {
            (from..to)
                .map(|name| (format!("a{name}"), json!(1)))
                .collect::<serde_json::Map<_, _>>()
                .into()
        };
        let mut votes = votes(&[attributes(0, MOST_ATTRIBUTES / 2), attributes(1, MOST_ATTRIBUTES)]);
        let text = json!({"custom_attributes": {"one_more": 1}}).to_string();
        let record = WrittenRecord::read(&text).unwrap();
        assert!(votes.add(2, Dataset::Products, &record).is_err());
    }
}
