//! The objects of a record whose members are columns of their own, and the JSON pointers to those.

use std::sync::LazyLock;

use crate::domain::{
    dataset::Dataset,
    schema::{Node, Schema, TRANSLATION},
};

/// The objects whose members are columns of their own, as the schemas of all data sets describe them.
static CONTAINERS: LazyLock<Vec<(String, SpreadMembers)>> = LazyLock::new(|| {
    let mut containers: Vec<(String, SpreadMembers)> = Vec::new();
    for (path, node) in Dataset::ALL
        .into_iter()
        .flat_map(|dataset| Schema::of(dataset).fields())
    {
        if let Some(members) = SpreadMembers::of(node)
            && containers.iter().all(|(known, _)| *known != path)
        {
            containers.push((path, members));
        }
    }
    containers
});

/// The JSON pointer (RFC 6901) from a record to the value in a column.
pub(super) fn pointer(column: &str) -> String {
    let spread = CONTAINERS
        .iter()
        .map(|(name, _)| name.as_str())
        .chain(column.split('.').next().filter(|name| name.starts_with(TRANSLATION)))
        .filter(|name| column.strip_prefix(name).is_some_and(|rest| rest.starts_with('.')))
        .max_by_key(|name| name.len());
    let keys = match spread.and_then(|name| Some((name, column.get(name.len() + 1..)?))) {
        // What follows a container is one key, dots included.
        Some((name, key)) => name.split('.').chain([key]).collect(),
        None => vec![column],
    };
    pointer_of(&keys)
}

/// The JSON pointer that is made of keys.
pub(super) fn pointer_of(keys: &[impl AsRef<str>]) -> String {
    let token = |key: &str| format!("/{}", key.replace('~', "~0").replace('/', "~1"));
    keys.iter().map(|key| token(key.as_ref())).collect()
}

/// Which names an object may have and still be spread over columns of its own. One with another name stays whole: its
/// columns would not lead back to it.
#[derive(Clone, Copy, Debug)]
pub(super) enum SpreadMembers {
    Any,
    /// The properties of a schema's object.
    These(&'static [(String, Node)]),
    /// What follows a free object is one key, dots included; a translation's fields have none.
    Undotted,
}

impl SpreadMembers {
    /// What may be in a field's object. One that may be something else than an object, or whose values are not single,
    /// is one column.
    fn of(node: &'static Node) -> Option<Self> {
        let is_object =
            node.types.contains(&"object") && node.types.iter().all(|kind| ["object", "null"].contains(kind));
        match node.properties.as_slice() {
            _ if !is_object => None,
            [] => node.rest.as_ref()?.takes_any_scalar().then_some(Self::Any),
            properties => Some(Self::These(properties)),
        }
    }
}

/// Whether the members of the object at a path are columns of their own.
pub(super) fn is_container(path: &str) -> bool {
    container(path).is_some()
}

/// What may be in the container at a path; `None` when there is none. Translations are containers, too.
pub(super) fn container(path: &str) -> Option<SpreadMembers> {
    match CONTAINERS.iter().find(|(name, _)| name == path) {
        Some((_, members)) => Some(*members),
        None if path.starts_with(TRANSLATION) && !path.contains('.') => Some(SpreadMembers::Undotted),
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schemas_say_which_members_are_columns() {
        let mut names: Vec<&str> = CONTAINERS.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        insta::assert_snapshot!(names.join(" "), @"context context.campaign context.custom_context context.page custom_attributes search");
        let allows = |path, name: &str| match container(path) {
            Some(SpreadMembers::These(properties)) => properties.iter().any(|(known, _)| known == name),
            Some(SpreadMembers::Any) => true,
            Some(SpreadMembers::Undotted) | None => false,
        };
        assert!(allows("search", "filters") && !allows("search", "filter"));
        assert!(allows("context", "custom_context") && !allows("context", "custom_attributes"));
        assert!(allows("custom_attributes", "anything") && allows("context.custom_context", "anything"));
        assert!(!is_container("location") && !is_container("children") && is_container("i18n_es"));
    }
}
