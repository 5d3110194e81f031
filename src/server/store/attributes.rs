//! The types of custom attributes, which must be the same in all records of a data set.
//!
//! A type is learned when a record is stored, and forgotten when the data set is empty. Among the records of one
//! request, the type that most of them have is the right one, the first of equals.

use std::collections::HashMap;

use rusqlite::{Transaction, params};

use super::{Incoming, StoreError};
use crate::domain::{base_type::BaseType, dataset::Dataset};

/// The types by attribute name.
pub(super) type AttributeTypes = HashMap<String, BaseType>;

/// The types of the attributes that are stored.
pub(super) fn known(transaction: &Transaction<'_>, dataset: Dataset) -> Result<AttributeTypes, StoreError> {
    let mut select = transaction.prepare_cached("SELECT name, type FROM attributes WHERE dataset = ?1")?;
    let mut rows = select.query([dataset.name()])?;
    let mut types = AttributeTypes::new();
    while let Some(row) = rows.next()? {
        let name: String = row.get(1)?;
        if let Some(known) = BaseType::ALL.into_iter().find(|known| known.name() == name) {
            types.insert(row.get(0)?, known);
        }
    }
    Ok(types)
}

/// Keeps the types of attributes that are stored for the first time.
pub(super) fn learn(transaction: &Transaction<'_>, dataset: Dataset, types: &AttributeTypes) -> Result<(), StoreError> {
    let mut insert = transaction.prepare_cached("INSERT INTO attributes (dataset, name, type) VALUES (?1, ?2, ?3)")?;
    let mut types: Vec<_> = types.iter().collect();
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

/// Settles the types of the attributes that are new: what most of the records have.
pub(super) fn settle(known: &AttributeTypes, records: &[Incoming]) -> AttributeTypes {
    let mut votes: HashMap<&str, Vec<(BaseType, usize)>> = HashMap::new();
    let attributes = records.iter().flat_map(|record| &record.attributes);
    for (name, attribute) in attributes.filter(|(name, _)| !known.contains_key(name)) {
        let votes = votes.entry(name).or_default();
        match votes.iter_mut().find(|(voted, _)| voted == attribute) {
            Some((_, count)) => *count += 1,
            None => votes.push((*attribute, 1)),
        }
    }
    let most = |votes: Vec<(BaseType, usize)>| votes.into_iter().rev().max_by_key(|(_, count)| *count);
    let winner = |(name, votes): (&str, Vec<_>)| Some((name.to_owned(), most(votes)?.0));
    votes.into_iter().filter_map(winner).collect()
}

/// The attributes, with the place of their record in the request, that have another type than the settled one.
pub(super) fn inconsistent(known: &AttributeTypes, new: &AttributeTypes, records: &[Incoming]) -> Vec<(usize, String)> {
    let of_record = |(index, record): (usize, &'_ Incoming)| -> Vec<(usize, String)> {
        let differs = |(name, attribute): &&(String, BaseType)| {
            known
                .get(name)
                .or_else(|| new.get(name))
                .is_some_and(|settled| settled != attribute)
        };
        record
            .attributes
            .iter()
            .filter(differs)
            .map(|(name, _)| (index, name.clone()))
            .collect()
    };
    records.iter().enumerate().flat_map(of_record).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn record(attributes: &Value) -> Incoming {
        let value = json!({"product_id": "p", "custom_attributes": attributes});
        Incoming::new(
            Dataset::Products,
            &value,
            &value.to_string(),
            jiff::Timestamp::UNIX_EPOCH,
        )
    }

    #[test]
    fn most_records_settle_a_type_and_the_stored_one_stands() {
        let records = [
            record(&json!({"pages": "12", "weight": 1, "tags": [], "sizes": "S"})),
            record(&json!({"pages": 12, "weight": 1.5, "tags": ["a"], "sizes": ["S", "M"]})),
            record(&json!({"pages": 13, "weight": null, "tags": 1, "sizes": []})),
        ];
        let known = AttributeTypes::new();
        let new = settle(&known, &records);
        assert_eq!(new["pages"], BaseType::Number);
        assert_eq!(new["weight"], BaseType::Number);
        assert_eq!(new["tags"], BaseType::Text, "the first of equals");
        assert_eq!(new["sizes"], BaseType::Text, "a value and a list of such values agree");
        let bad = inconsistent(&known, &new, &records);
        assert_eq!(bad, [(0, "pages".to_owned()), (2, "tags".to_owned())]);

        let known = AttributeTypes::from([("pages".to_owned(), BaseType::Text)]);
        let new = settle(&known, &records);
        assert!(!new.contains_key("pages"));
        let bad = inconsistent(&known, &new, &records);
        assert_eq!(bad.iter().filter(|(_, name)| name == "pages").count(), 2);
    }
}
