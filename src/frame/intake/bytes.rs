//! Columns of bytes: a column as a whole is text or not, so that its values are not written as text here and as base64
//! there.

use std::collections::BTreeSet;

use arrow_array::{Array, RecordBatch, cast::AsArray as _};
use arrow_schema::{DataType, Field, Schema};

/// The columns of bytes that are no text, by path.
#[derive(Debug, Default)]
pub(super) struct ByteColumns {
    not_text: BTreeSet<String>,
    uuids: BTreeSet<String>,
}

impl ByteColumns {
    /// Whether a table has columns of bytes at all.
    pub(super) fn may_be_in(schema: &Schema) -> bool {
        schema.fields().iter().any(|field| holds_bytes(field))
    }

    /// Notes which values of a batch are no text.
    pub(super) fn note(&mut self, batch: &RecordBatch) {
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            if holds_bytes(field) {
                self.note_array(field.name(), column);
            }
        }
    }

    /// Notes that a column's values are no text.
    pub(super) fn note_not_text(&mut self, path: String) {
        self.not_text.insert(path);
    }

    /// Notes that a column's values are UUIDs.
    pub(super) fn note_uuid(&mut self, path: String) {
        self.uuids.insert(path);
    }

    /// Whether all values of the column at a path are text.
    pub(super) fn are_text(&self, path: &str) -> bool {
        !self.not_text.contains(path)
    }

    /// Whether the values of the column at a path are UUIDs.
    pub(super) fn are_uuids(&self, path: &str) -> bool {
        self.uuids.contains(path)
    }

    fn note_array(&mut self, path: &str, array: &dyn Array) {
        let inner = |name: &str| format!("{path}.{name}");
        let is_text = |value: Option<&[u8]>| value.is_none_or(|bytes| std::str::from_utf8(bytes).is_ok());
        let all_text = match array.data_type() {
            DataType::Binary => array.as_binary::<i32>().iter().all(is_text),
            DataType::LargeBinary => array.as_binary::<i64>().iter().all(is_text),
            DataType::BinaryView => array.as_binary_view().iter().all(is_text),
            DataType::FixedSizeBinary(_) => array.as_fixed_size_binary().iter().all(is_text),
            DataType::List(_) => return self.note_array(&inner(ITEM), array.as_list::<i32>().values()),
            DataType::LargeList(_) => return self.note_array(&inner(ITEM), array.as_list::<i64>().values()),
            DataType::ListView(_) => return self.note_array(&inner(ITEM), array.as_list_view::<i32>().values()),
            DataType::LargeListView(_) => return self.note_array(&inner(ITEM), array.as_list_view::<i64>().values()),
            DataType::FixedSizeList(..) => return self.note_array(&inner(ITEM), array.as_fixed_size_list().values()),
            DataType::Map(..) => return self.note_array(&inner(ITEM), array.as_map().entries()),
            DataType::Dictionary(..) => return self.note_array(path, array.as_any_dictionary().values()),
            DataType::RunEndEncoded(..) => return self.note_array(path, array.as_any_ree().values()),
            DataType::Struct(fields) => {
                for (field, column) in fields.iter().zip(array.as_struct().columns()) {
                    self.note_array(&inner(field.name()), column);
                }
                return;
            }
            DataType::Union(fields, _) => {
                for (id, field) in fields.iter() {
                    self.note_array(&inner(field.name()), array.as_union().child(id));
                }
                return;
            }
            _ => true,
        };
        if !all_text {
            self.note_not_text(path.to_owned());
        }
    }
}

/// What stands in paths for the items of a list.
pub(super) const ITEM: &str = "[]";

fn holds_bytes(field: &Field) -> bool {
    match field.data_type() {
        DataType::Binary | DataType::LargeBinary | DataType::BinaryView | DataType::FixedSizeBinary(_) => true,
        DataType::List(item)
        | DataType::LargeList(item)
        | DataType::ListView(item)
        | DataType::LargeListView(item)
        | DataType::FixedSizeList(item, _)
        | DataType::Map(item, _)
        | DataType::RunEndEncoded(_, item) => holds_bytes(item),
        DataType::Struct(fields) => fields.iter().any(|field| holds_bytes(field)),
        DataType::Union(fields, _) => fields.iter().any(|(_, field)| holds_bytes(field)),
        DataType::Dictionary(_, values) => holds_bytes(&Field::new("", values.as_ref().clone(), true)),
        _ => false,
    }
}
