//! The window: egui, and nothing that waits.
//!
//! - [`theme`]: every colour, distance, text size and radius, for light and dark
//! - [`fonts`]: the bundled faces and how they are found
//! - [`widgets`]: small pieces shared by all panels
//! - [`grid`]: the table of records
//! - [`columns`]: which column becomes which field
//! - [`stored`]: what is stored in the environment
//! - [`dialogs`]: questions and forms in front of everything else
//! - [`json`], [`parts`]: pieces of these

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "distances on screen are small, and rows are exact in an f64 up to 2^53"
)]

pub mod columns;
pub mod dialogs;
pub mod fonts;
pub mod grid;
pub mod json;
pub mod parts;
pub mod stored;
pub mod theme;
pub mod widgets;
