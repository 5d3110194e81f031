//! What is open is kept for the next start: on a thread that may block, one save after another.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Reporter, task::WorkResult};
use crate::{
    message::{Event, KeepCommand, KeepEvent},
    ops::restore::Keeper,
    settings::Paths,
};

/// The keeper, once it has a folder.
pub(super) type SharedKeeper = Arc<Mutex<Option<Keeper>>>;

/// Finds what was open.
pub(super) fn begin(paths: &Paths, keeper: &SharedKeeper, reporter: &Reporter) -> WorkResult {
    let (own, found) = Keeper::open(paths)?;
    *keeper.lock().unwrap_or_else(PoisonError::into_inner) = Some(own);
    reporter.report_blocking(Event::Keep(KeepEvent::Found(Box::new(found))));
    Ok(())
}

pub(super) fn perform(command: KeepCommand, keeper: &SharedKeeper, reporter: &Reporter) -> WorkResult {
    match command {
        KeepCommand::Save { turn, all } => {
            if let Some(keeper) = &mut *keeper.lock().unwrap_or_else(PoisonError::into_inner) {
                keeper.save(turn, all)?;
            }
            reporter.report_blocking(Event::Keep(KeepEvent::Saved));
        }
    }
    Ok(())
}
