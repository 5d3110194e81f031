//! What the background reports, taken into the state. Answers to older requests are dropped.

use std::sync::Arc;

use super::{Document, Phase, Place, Session, undo::History};
use crate::{
    check::Suggested,
    domain::{dataset::Dataset, mapping::Mapping, message, rows::RowSet},
    frame::Frame,
    work::{Command, DocId, Event, Generation},
};

impl Session {
    /// Takes in what happened.
    pub fn on(&mut self, event: Event) -> Vec<Command> {
        match event {
            Event::Started {
                environments,
                recent,
                levels,
                limits,
            } => {
                self.limits = limits;
                self.environments = environments;
                self.recent = recent;
                // Files given on the command line may be open already.
                return self.weigh(levels);
            }
            Event::LocalReady { address } => {
                self.local_address = Some(address);
                return self.ask_stored();
            }
            Event::SamplesReady(paths) => {
                let first = self.documents.len();
                let commands = self.act(super::Action::Open(paths));
                if let Some(document) = self.documents.get(first) {
                    self.place = Place::Document(document.id);
                }
                return commands;
            }
            Event::Environments { environments, notice } => {
                self.environments = environments;
                if let Some(notice) = notice {
                    self.notify(false, notice);
                }
            }
            Event::Uploads(uploads) => self.list_uploads(uploads),
            Event::Restored {
                doc,
                generation,
                edits,
                refused,
            } => self.restore(doc, generation, edits, refused),
            Event::Rehearsing(faults) => self.on_rehearsal(faults),
            Event::Told(text) => self.notify(false, text),
            Event::Problem(text) => self.notify(true, text),
            Event::Copied(path) => self.notify(false, format!("The copy is written to {}", path.display())),
            Event::Exported { path, rows } => {
                let rows = if rows == 1 {
                    "1 row".to_owned()
                } else {
                    format!("{rows} rows")
                };
                self.notify(false, format!("{rows} with problems written to {}", path.display()));
            }
            Event::Head {
                doc,
                generation,
                frame,
                suggested,
            } => {
                if let Some(document) = self.current(doc, generation) {
                    document.frame = Some(frame);
                    document.understand(suggested);
                    document.refresh_shown();
                }
            }
            Event::FileChanged { doc, frame } => {
                if let Some(document) = self.find_mut(doc)
                    && document.frame.as_ref().is_some_and(|shown| Arc::ptr_eq(shown, &frame))
                {
                    document.changed_on_disk = true;
                }
            }
            Event::Grown { doc, generation, frame } => {
                if let Some(document) = self.current(doc, generation).filter(|document| document.is_partial) {
                    document.frame = Some(frame);
                    document.refresh_shown();
                }
            }
            Event::Opened {
                doc,
                generation,
                frame,
                suggested,
            } => {
                return self.opened(doc, generation, frame, suggested);
            }
            Event::Proven {
                doc,
                generation,
                proofs,
            } => {
                if let Some(document) = self.current(doc, generation) {
                    document.proofs.extend(proofs);
                }
            }
            Event::RecipeRead { doc, recipe } => return self.recipe_read(doc, &recipe),
            Event::RecipeWritten(path) => {
                self.notify(false, format!("The recipe is written to {}", path.display()));
            }
            Event::Checked {
                doc,
                generation,
                checked,
            } => {
                if let Some(document) = self.current(doc, generation) {
                    document.checked = Some(checked);
                    document.phase = Phase::Ready;
                    let refused: Vec<u32> = document.refused.keys().copied().collect();
                    mark_refused(document, &refused);
                    document.refresh_shown();
                }
                let mut commands = self.recheck_if_needed(doc);
                commands.extend(self.prove(doc));
                return commands;
            }
            Event::Rechecked {
                doc,
                generation,
                checked,
                ..
            } => {
                if let Some(document) = self.current(doc, generation) {
                    document.checked = Some(checked);
                    document.rechecking = RowSet::default();
                    // What was refused before is marked already.
                    let missed: Vec<u32> = std::mem::take(&mut document.unmarked);
                    mark_refused(document, &missed);
                    document.revision += 1;
                }
                return self.recheck_if_needed(doc);
            }
            Event::Repaired {
                doc,
                generation,
                changes,
                ..
            } => {
                if self.current(doc, generation).is_some() {
                    if changes.is_empty() {
                        self.notify(false, "None of these values can be repaired without guessing");
                    }
                    return self.edit(doc, changes);
                }
            }
            Event::Sorted {
                doc,
                generation,
                column,
                descending,
                order,
            } => {
                if let Some(document) = self.current(doc, generation) {
                    document.sorted = Some((column, descending));
                    document.order = Some(order);
                    document.refresh_shown();
                    // The person sees the beginning of the new order, and the cursor goes along.
                    document.cursor.0 = document.file_row(0).unwrap_or(document.cursor.0);
                    document.reveal = Some((0, document.cursor.1));
                }
            }
            Event::Failed {
                doc,
                generation,
                reason,
            } => self.failed(doc, generation, reason),
            Event::Previewed {
                doc,
                generation,
                outcome,
            } => self.previewed(doc, generation, outcome),
            Event::Compared { doc, row, outcome } => self.compared(doc, row, outcome),
            Event::UndoPreviewed(upload, outcome) => self.undo_previewed(upload, outcome),
            Event::Undone(outcome) => return self.undone(outcome),
            Event::Uploaded { doc, generation, ended } => {
                self.read_watches();
                if let Some(document) = self.find_mut(doc)
                    && let Some(upload) = document
                        .upload
                        .as_mut()
                        .filter(|upload| upload.generation == generation)
                {
                    upload.report = Some(ended.report.clone());
                    upload.ended = Some(*ended);
                }
                return self.ask_stored();
            }
            other => return self.on_stored(other),
        }
        Vec::new()
    }

    fn on_stored(&mut self, event: Event) -> Vec<Command> {
        let is_chosen = |name: &str| name == self.environment;
        match event {
            Event::Listed {
                environment,
                dataset,
                ids,
            } if is_chosen(&environment) => {
                self.stored.set_mut(dataset).list(ids);
            }
            Event::Got {
                environment,
                dataset,
                id,
                record,
            } if is_chosen(&environment) => {
                if let Some((shown, value)) = &mut self.stored.set_mut(dataset).record
                    && *shown == id
                {
                    value.answer(record);
                }
            }
            Event::Interactions {
                environment,
                page,
                first,
            } if is_chosen(&environment) => {
                let set = self.stored.set_mut(Dataset::Interactions);
                let before = if first { None } else { set.interactions.value().cloned() };
                set.next = page.as_ref().ok().and_then(|(_, next)| *next);
                set.interactions.answer(page.map(|(records, _)| {
                    let mut all = before.unwrap_or_default();
                    all.extend(records);
                    all
                }));
            }
            Event::Deleted {
                environment,
                dataset,
                outcome,
            } => {
                self.stored.set_mut(dataset).deleting = false;
                self.stored.set_mut(dataset).record = None;
                match outcome {
                    Ok(count) => {
                        let text = format!("{count} {} deleted from {environment}", dataset.noun(count));
                        self.notify(false, text);
                    }
                    Err(reason) => self.notify(true, reason),
                }
                return self.ask_stored();
            }
            Event::Wiped { environment, outcome } => {
                let is_chosen_wipe = is_chosen(&environment);
                if let Some(wipe) = self.stored.wipe.as_mut().filter(|wipe| wipe.environment == environment) {
                    wipe.outcome = Some(outcome);
                }
                if is_chosen_wipe {
                    for dataset in Dataset::ALL {
                        let set = self.stored.set_mut(dataset);
                        set.selected.clear();
                        set.record = None;
                    }
                }
                return self.ask_stored();
            }
            Event::Counted { environment, counts } if is_chosen(&environment) => {
                if let Some(wipe) =
                    self.stored.wipe.as_mut().filter(|wipe| {
                        wipe.environment == environment && wipe.outcome.is_some() && wipe.after.is_none()
                    })
                {
                    let known = |count: &Result<Option<u64>, String>| count.as_ref().ok().copied().flatten();
                    wipe.after = Some(counts.iter().map(|(dataset, count)| (*dataset, known(count))).collect());
                }
                for (dataset, count) in counts {
                    self.stored.set_mut(dataset).count.answer(count);
                }
            }
            _ => {}
        }
        Vec::new()
    }

    /// Takes in what running uploads say; to be called once a frame.
    pub fn read_watches(&mut self) {
        for document in &mut self.documents {
            let Some(upload) = document.upload.as_ref().filter(|upload| upload.report.is_none()) else {
                continue;
            };
            let refused = upload.watch.read().refused;
            if refused.is_empty() {
                continue;
            }
            let rows: Vec<u32> = refused.iter().map(|(row, _)| *row).collect();
            document.refused.extend(refused);
            mark_refused(document, &rows);
            if !document.rechecking.is_empty() {
                document.unmarked.extend(&rows);
            }
            document.revision += 1;
        }
    }

    /// The whole file is there. What was chosen while only its first rows were stays chosen.
    fn opened(&mut self, doc: DocId, generation: Generation, frame: Arc<Frame>, suggested: Suggested) -> Vec<Command> {
        let Some(document) = self.current(doc, generation) else {
            return Vec::new();
        };
        let same_columns = document
            .frame
            .as_ref()
            .is_some_and(|head| head.columns() == frame.columns());
        let chosen = document.mapping.take().filter(|_| document.mapping_chosen);
        let (columns, is_json) = (frame.columns().to_vec(), frame.format().is_json());
        document.frame = Some(frame);
        document.understand(suggested);
        if let Some(chosen) = &chosen {
            let mapping = if same_columns {
                chosen.clone()
            } else {
                Mapping::suggest_from(chosen.dataset, &columns, is_json, &document.samples)
            };
            document.dataset = mapping.dataset;
            document.mapping = Some(mapping);
            document.refresh_offers();
        }
        document.is_partial = false;
        document.history = History::default();
        document.phase = Phase::Checking;
        document.order = None;
        document.sorted = None;
        document.refresh_shown();
        if chosen.is_some() {
            self.check_again(doc)
        } else {
            Vec::new()
        }
    }

    fn current(&mut self, doc: DocId, generation: Generation) -> Option<&mut Document> {
        self.find_mut(doc).filter(|document| document.generation == generation)
    }

    fn recheck_if_needed(&mut self, doc: DocId) -> Vec<Command> {
        let waits = self
            .find(doc)
            .is_some_and(|document| !document.unchecked.is_empty() && document.checked.is_some());
        if waits { self.recheck(doc) } else { Vec::new() }
    }

    fn failed(&mut self, doc: DocId, generation: Generation, reason: String) {
        let Some(document) = self.find_mut(doc) else { return };
        let is_upload = document
            .upload
            .as_ref()
            .is_some_and(|upload| upload.generation == generation);
        if is_upload {
            document.upload = None;
            if document.phase == Phase::Opening {
                document.phase = Phase::Failed(reason);
            } else {
                self.notify(true, reason);
            }
        } else if document.generation == generation {
            if matches!(document.phase, Phase::Opening | Phase::Checking) {
                document.phase = Phase::Failed(reason);
            } else {
                // They are checked with the next change.
                let rows = std::mem::take(&mut document.rechecking);
                document.unchecked.insert_all(&rows);
                self.notify(true, reason);
            }
        }
    }
}

/// Marks the rows that the service refused, on the column it named.
fn mark_refused(document: &mut Document, rows: &[u32]) {
    if rows.is_empty() {
        return;
    }
    let Some(mut checked) = document.checked.take() else {
        return;
    };
    let marked = Arc::make_mut(&mut checked);
    for (row, lines) in rows.iter().filter_map(|row| document.refused.get_key_value(row)) {
        for line in lines {
            let path = message::parse(line).map(|line| line.path).unwrap_or_default();
            let column = marked.column_of(&path);
            marked.refuse(*row, column);
        }
    }
    document.checked = Some(checked);
}
