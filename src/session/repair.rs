//! Mending what is wrong in all rows at once.

use std::{collections::BTreeSet, sync::Arc};

use super::{FixKind, OpenDocument, Refusal, Session, fix::SafeFixes};
use crate::{
    domain::{ids::DocumentId, issue::Cause, mapping::Offer, number::grouped, rows::RowSet},
    frame::Edits,
    message::{Command, TableCommand, kept::Step},
};

impl Session {
    /// Mends a cause in the best way there is.
    pub(super) fn repair(&mut self, doc: DocumentId, cause: &Cause) -> Vec<Command> {
        let fix = self.find(doc).ok_or(Refusal::Closed).and_then(|document| {
            let open = document.open()?;
            if document.is_uploading() {
                return Err(Refusal::Fixed);
            }
            Ok(open.view.fix(open.checked()?, cause))
        });
        let Some(fix) = self.told(fix) else {
            return Vec::new();
        };
        match fix.map(|fix| fix.kind) {
            Some(FixKind::Column(offer)) => self.accept(doc, &[offer]),
            Some(FixKind::Cells(_)) => self.repair_cells(
                doc,
                SafeFixes {
                    causes: vec![*cause],
                    ..SafeFixes::default()
                },
            ),
            Some(FixKind::Readings(..)) | None => {
                self.notify(false, "None of these values can be repaired without guessing");
                Vec::new()
            }
        }
    }

    /// Mends everything that leaves no choice and loses no value.
    pub(super) fn repair_all(&mut self, doc: DocumentId) -> Vec<Command> {
        let fixes = self.find(doc).ok_or(Refusal::Closed).and_then(|document| {
            if document.is_uploading() {
                return Err(Refusal::Fixed);
            }
            document.open()?.checked()?;
            Ok(document.safe_fixes())
        });
        match self.told(fixes) {
            None => Vec::new(),
            Some(fixes) if !fixes.causes.is_empty() => self.repair_cells(doc, fixes),
            Some(fixes) => self.accept(doc, &fixes.offers),
        }
    }

    /// Has the repairs of cells worked out; what is done about columns is done with them.
    fn repair_cells(&mut self, doc: DocumentId, fixes: SafeFixes) -> Vec<Command> {
        self.with_open(doc, |open| {
            let SafeFixes { offers, causes } = fixes;
            Ok(Some(TableCommand::Repair {
                table: open.view.table(),
                checked: Arc::clone(open.checked()?),
                causes,
                offers,
            }))
        })
    }

    fn accept(&mut self, doc: DocumentId, offers: &[Offer]) -> Vec<Command> {
        self.telling(doc, |session| {
            let commands = session.remap(doc, |mapping, columns, _| {
                for offer in offers {
                    offer.accept(mapping, columns);
                }
                Ok(())
            });
            (commands, repaired_words(0, offers))
        })
    }

    /// The rows with some causes are repaired, as far as they can be.
    pub(super) fn repaired(
        &mut self,
        doc: DocumentId,
        fixes: SafeFixes,
        before: &Arc<Edits>,
        edits: Arc<Edits>,
        rows: RowSet,
    ) -> Vec<Command> {
        if rows.is_empty() && fixes.offers.is_empty() {
            self.notify(false, "None of these values can be repaired without guessing");
            return Vec::new();
        }
        let is_stale = |open: &mut OpenDocument| !Arc::ptr_eq(&open.view.edits, before);
        if self.open_mut(doc).is_some_and(is_stale) {
            // Cells were changed meanwhile: repairs are worked out again.
            return self.repair_cells(doc, fixes);
        }
        self.telling(doc, |session| {
            let words = repaired_words(rows.len(), &fixes.offers);
            (session.put_repairs(doc, &fixes, edits, rows), words)
        })
    }

    fn put_repairs(&mut self, doc: DocumentId, fixes: &SafeFixes, edits: Arc<Edits>, rows: RowSet) -> Vec<Command> {
        let column = fixes.causes.first().and_then(|cause| cause.column).unwrap_or_default();
        let cursors = [rows.before(u32::MAX), rows.at_or_after(0)];
        let cursors = cursors.map(|row| (row.unwrap_or_default(), column));
        if fixes.offers.is_empty() {
            return self.change(doc, |open| open.put(edits, rows, cursors));
        }
        let changed = self.find_mut(doc).ok_or(Refusal::Closed).and_then(|document| {
            if document.is_uploading() {
                return Err(Refusal::Fixed);
            }
            let open = document.open_mut()?;
            let cells = open.change(edits, rows, cursors);
            let view = &mut open.view;
            let mapping = Box::new(view.mapping.clone());
            for offer in &fixes.offers {
                offer.accept(&mut view.mapping, view.frame.columns());
            }
            view.history.push(Step::Both(cells, mapping));
            Ok(())
        });
        let Some(()) = self.told(changed) else {
            return Vec::new();
        };
        let mut commands = self.check_again(doc);
        commands.extend(self.save_recipe(doc));
        commands
    }
}

/// What was repaired: `Repaired 1,198 rows and 2 columns`.
fn repaired_words(rows: u64, offers: &[Offer]) -> String {
    let columns: BTreeSet<usize> = offers.iter().map(|offer| offer.column).collect();
    let count = |number: u64, noun: &str| {
        let plural = if number == 1 { "" } else { "s" };
        (number > 0).then(|| format!("{} {noun}{plural}", grouped(number)))
    };
    let parts = [count(rows, "row"), count(columns.len() as u64, "column")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    format!("Repaired {}", parts.join(" and "))
}
