//! The three data sets that feed an engine.

use std::{fmt, str::FromStr};

/// One of the three data sets of the ingestion API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Dataset {
    /// The catalog: products or content.
    Products,
    /// The clickstream.
    Interactions,
    /// Users and visitors.
    Users,
}

impl Dataset {
    /// All data sets, in the order people meet them.
    pub const ALL: [Self; 3] = [Self::Products, Self::Interactions, Self::Users];

    /// The name on the wire and on the command line: `products`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Products => "products",
            Self::Interactions => "interactions",
            Self::Users => "users",
        }
    }

    /// The name as a heading: `Products`.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Products => "Products",
            Self::Interactions => "Interactions",
            Self::Users => "Users",
        }
    }

    /// One or many records of the data set in a sentence: `1 product`, `2 products` (without the number).
    pub const fn noun(self, count: u64) -> &'static str {
        match (self, count) {
            (Self::Products, 1) => "product",
            (Self::Products, _) => "products",
            (Self::Interactions, 1) => "interaction",
            (Self::Interactions, _) => "interactions",
            (Self::Users, 1) => "user",
            (Self::Users, _) => "users",
        }
    }

    /// The field that identifies a record, by which a newer record replaces an older one.
    /// Interactions have none.
    pub(crate) const fn id_field(self) -> Option<&'static str> {
        match self {
            Self::Products => Some("product_id"),
            Self::Users => Some("user_id"),
            Self::Interactions => None,
        }
    }

    /// Where columns that match no field go: `custom_attributes`, or for interactions, which have none,
    /// `context.custom_context`.
    pub const fn custom_prefix(self) -> &'static str {
        match self {
            Self::Products | Self::Users => "custom_attributes",
            Self::Interactions => "context.custom_context",
        }
    }
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name given is none of the three data sets.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("there is no data set \"{0}\"; there are products, interactions and users")]
pub struct UnknownDataset(pub String);

impl FromStr for Dataset {
    type Err = UnknownDataset;

    fn from_str(name: &str) -> Result<Self, UnknownDataset> {
        Self::ALL
            .into_iter()
            .find(|dataset| dataset.name().eq_ignore_ascii_case(name))
            .ok_or_else(|| UnknownDataset(name.to_owned()))
    }
}
