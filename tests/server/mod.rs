//! The local ingestion server over real connections: the API, its faults, official clients, a browser.

mod api;
mod bounds;
#[cfg(target_os = "linux")]
mod browser;
mod faults;
mod hardness;
pub mod local_server;
mod sdk;
