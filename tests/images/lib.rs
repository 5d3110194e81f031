//! Pictures of the window, painted without a graphics card; `UPDATE_SNAPSHOTS=1 cargo test -p tatami-images` takes new
//! ones after a change of the looks.

#![cfg(test)]

mod gallery;
mod table;
