//! The window: egui, and nothing that waits.
//!
//! - [`theme`]: every colour, distance, text size and radius, for light and dark
//! - [`fonts`]: the bundled faces and how they are found
//! - [`widgets`]: small pieces shared by all panels
//! - [`grid`]: the table of records

pub mod fonts;
pub mod grid;
pub mod theme;
pub mod widgets;
