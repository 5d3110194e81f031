//! What several tests need.

pub mod contract;
pub mod files;
pub mod grid;
pub mod panels;
pub mod plan;
