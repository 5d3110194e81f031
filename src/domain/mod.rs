//! What a record is and what can be wrong with it. Pure: values in, values out.

pub mod base_type;
pub mod bytes;
pub mod cell;
pub mod comparison;
pub mod contract;
pub mod dataset;
pub mod error_file;
pub mod faults;
pub mod format;
pub mod hint;
pub mod issue;
pub mod mapping;
pub mod message;
pub mod number;
pub mod progress;
pub mod recipe;
pub mod recognition;
pub mod record;
pub mod rows;
pub mod rules;
pub mod sampled;
pub mod schema;
pub mod synonyms;
pub mod transform;
pub mod validate;
pub mod value;
