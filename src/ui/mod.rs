//! The window: egui, and nothing that waits.
//!
//! - [`theme`]: every colour, distance, text size and radius, for light and dark
//! - [`fonts`]: the bundled faces and how they are found
//! - [`widgets`]: small pieces shared by all panels
//! - [`grid`]: the table of records

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "distances on screen are small, and rows are exact in an f64 up to 2^53"
)]

pub mod fonts;
pub mod grid;
pub mod theme;
pub mod widgets;
