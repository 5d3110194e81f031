//! What a wrong value seems to be, and how to put it right without guessing.

use super::{Hint, definition::Repair};
use crate::domain::{
    cell::{Cell, OwnedCell},
    record::Part,
    schema::Node,
};

/// The name of a repair that leaves no value.
pub(super) const EMPTY: &str = "Empty these cells";

impl Hint {
    /// Whether its repair leaves no value.
    pub(crate) fn empties(self) -> bool {
        self.repair_name() == Some(EMPTY)
    }

    /// What the values are, after a count: `1,198 numbers with a decimal comma`.
    pub(crate) const fn plural(self) -> &'static str {
        self.def().plural
    }

    /// What is wrong with a value, after the value, where the hint says it better than the rule.
    pub const fn says(self) -> Option<&'static str> {
        self.def().says
    }

    /// What to do about it.
    pub const fn advice(self) -> &'static str {
        self.def().advice
    }

    /// Whether another reading of the column could make sense of such values.
    pub(crate) const fn may_be_read_otherwise(self) -> bool {
        self.def().may_be_read_otherwise
    }

    /// The name on a repair button, when there is a repair that cannot go wrong.
    pub(crate) const fn repair_name(self) -> Option<&'static str> {
        match self.def().repair {
            Repair::None => None,
            Repair::Empty => Some(EMPTY),
            Repair::Text(name, _) | Repair::Cell(name, _) => Some(name),
        }
    }

    /// The repaired cell of a column, when this hint has a repair, the result fits, and it is not what the transform
    /// makes that is wrong.
    pub fn repair(self, part: &Part, cell: Cell<'_>) -> Option<OwnedCell> {
        if part.replacement(cell).is_some() {
            return None;
        }
        let repaired = self.repaired(part.node, cell)?;
        let stays = repaired.as_cell().is_missing() || part.replacement(repaired.as_cell()).is_none();
        stays.then_some(repaired)
    }

    /// The repaired cell. `node` is what the schema says about the field; `None` for a person's own.
    pub(super) fn repaired(self, node: Option<&Node>, cell: Cell<'_>) -> Option<OwnedCell> {
        match self.def().repair {
            Repair::None => None,
            Repair::Empty => Some(OwnedCell::Missing),
            Repair::Text(_, repair) => repair(cell.shown().trim()).map(|text| OwnedCell::Text(text.into())),
            Repair::Cell(_, repair) => repair(node, cell),
        }
    }
}
