//! Reading records back that an upload stored: a server that confirms what it does not store is found out.

use std::{fmt, sync::Arc, time::Duration};

use tokio::time::sleep;

use super::{
    Control, Lookup, LookupOutcome, RetryPolicy, UploadUpdate,
    driver::{ended, is_ended},
    lookup::is_worth_another,
};
use crate::{
    api::{ApiError, Client},
    domain::{dataset::Dataset, number::grouped, progress::Progress},
    frame::FrameError,
};

/// How many records are read back where nobody says otherwise.
pub const USUAL_SAMPLE: usize = 5;
/// Over six to nine seconds: it may take a moment until what is stored can be read.
const POLICY: RetryPolicy = RetryPolicy {
    max_tries: 6,
    base: Duration::from_millis(200),
    cap: Duration::from_secs(4),
};
/// Ids of missing records that are named.
const NAMED: usize = 5;
/// Characters of such an id.
const ID_CHARS: usize = 60;

/// What reading a sample of an upload's records back showed.
#[derive(Clone, Debug)]
pub struct ReadBack {
    /// How many records the server had confirmed.
    pub stored: u64,
    /// How many of them were to be read back.
    pub asked: u64,
    /// How many of these are there.
    pub found: u64,
    /// The ids of those that the server says are not there.
    pub missing: Vec<String>,
    /// Why nothing is known of the others, where there are any.
    pub unknown: Option<Unread>,
}

/// Why nothing is known of records that were to be read back.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Unread {
    /// The API has no way to ask for interactions.
    #[error("the API does not hand out interactions")]
    Interactions,
    /// Somebody asked to stop.
    #[error("it was stopped")]
    Cancelled,
    /// What the server says of a record does not tell whether that is there.
    #[error("the server does not answer for single records")]
    NoRecords,
    /// The server cannot be asked.
    #[error(transparent)]
    Api(#[from] ApiError),
    /// Their ids cannot be read from the file any more.
    #[error(transparent)]
    File(#[from] Arc<FrameError>),
}

impl ReadBack {
    /// Nothing was read back.
    pub(crate) fn none(stored: u64, asked: u64, why: Unread) -> Self {
        Self {
            stored,
            asked,
            found: 0,
            missing: Vec::new(),
            unknown: Some(why),
        }
    }

    /// Whether every record that the server answered for is there.
    pub const fn is_good(&self) -> bool {
        self.missing.is_empty()
    }
}

impl fmt::Display for ReadBack {
    /// `Read back 5 of 1,200: all there`, or which are not and what to do; or why nothing is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let missing = self.missing.len() as u64;
        let answered = self.found + missing;
        if answered == 0 {
            f.write_str("Not read back")?;
            return self.unknown.iter().try_for_each(|why| write!(f, ": {why}"));
        }
        write!(f, "Read back {} of {}: ", grouped(answered), grouped(self.stored))?;
        let others = grouped(self.asked.saturating_sub(answered));
        let unknown = |f: &mut fmt::Formatter<'_>| match &self.unknown {
            Some(why) => write!(f, "; of {others} more nothing is known: {why}"),
            None => Ok(()),
        };
        if missing == 0 {
            f.write_str("all there")?;
            return unknown(f);
        }
        let ids = self.missing.iter().take(NAMED);
        let ids: Vec<String> = ids.map(|id| id.chars().take(ID_CHARS).collect()).collect();
        let more = match missing.saturating_sub(NAMED as u64) {
            0 => String::new(),
            more => format!(" and {} more", grouped(more)),
        };
        let (are, them, subject) = match missing {
            1 => ("is", "it", "it"),
            _ => ("are", "them", "they"),
        };
        write!(
            f,
            "{} {are} not there ({}{more}), though the server confirmed {them}",
            grouped(missing),
            ids.join(", ")
        )?;
        unknown(f)?;
        write!(
            f,
            ". Look for {them} again in a while; should {subject} still be missing, upload the file again, and tell those \
             who run the server"
        )
    }
}

/// Reads records back that an upload has stored, of so many in all; those that are not there are asked for again for a
/// few seconds. `progress` and `control` stop that, as they stop the upload.
pub(crate) async fn read_back(
    client: &Client,
    dataset: Dataset,
    (ids, stored): (Vec<String>, u64),
    (progress, control): (&Progress, &Control),
    on_event: &mut (dyn FnMut(UploadUpdate) + Send),
) -> ReadBack {
    let lookup = Lookup::new(client.clone(), dataset, POLICY);
    let mut read = ReadBack {
        stored,
        asked: ids.len() as u64,
        found: 0,
        missing: Vec::new(),
        unknown: None,
    };
    let (mut open, mut tries) = (ids, 0);
    loop {
        let looked = tokio::select! {
            looked = look(&lookup, client, dataset, &open) => looked,
            () = ended(progress, control) => Err(Unread::Cancelled),
        };
        let LookupOutcome { found, error } = match looked {
            Ok(outcome) => outcome,
            Err(why) => {
                read.unknown = Some(why);
                return read;
            }
        };
        let is_there = |id: &String| matches!(found.get(id), Some(Some(_)));
        let before = open.len();
        open.retain(|id| !is_there(id));
        read.found += (before - open.len()) as u64;
        tries += 1;
        let missing = open.iter().filter(|id| found.contains_key(*id));
        let missing: Vec<String> = missing.cloned().collect();
        let why = error.clone().unwrap_or(ApiError::NotFound);
        let is_open = error.as_ref().map_or(!missing.is_empty(), is_worth_another);
        let pause = POLICY.pause(tries, &why, fastrand::f64()).filter(|_| is_open);
        let Some(pause) = pause else {
            let unaddressable = open.iter().find(|id| !found.contains_key(*id));
            let unaddressable = unaddressable.map(|id| ApiError::Unaddressable { id: id.clone() });
            read.unknown = error.or(unaddressable).map(Unread::Api);
            read.missing = missing;
            return read;
        };
        on_event(UploadUpdate::Waiting {
            pause,
            reason: error.map_or_else(|| not_yet(missing.len(), read.asked), |error| error.to_string()),
            attempt: tries,
            of: POLICY.max_tries,
        });
        tokio::select! {
            () = sleep(pause) => {}
            () = control.hurried() => on_event(UploadUpdate::Resumed),
            () = ended(progress, control) => {}
        }
        if is_ended(progress, control) {
            read.unknown = Some(Unread::Cancelled);
            return read;
        }
    }
}

/// Asks for records once. Nothing is called missing by a server that says the same of every address.
async fn look(lookup: &Lookup, client: &Client, dataset: Dataset, ids: &[String]) -> Result<LookupOutcome, Unread> {
    let outcome = lookup.try_read(ids).await;
    let missing = outcome.found.iter().find(|(_, record)| record.is_none());
    if let Some((id, _)) = missing
        && !client.answers_for(dataset, id).await?
    {
        return Err(Unread::NoRecords);
    }
    Ok(outcome)
}

fn not_yet(missing: usize, asked: u64) -> String {
    let are = if missing == 1 { "is" } else { "are" };
    format!("{missing} of {} records read back {are} not there yet", grouped(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(found: u64, missing: &[&str], unknown: Option<Unread>) -> String {
        let missing: Vec<String> = missing.iter().map(|id| (*id).to_owned()).collect();
        let asked = 7.max(found + missing.len() as u64);
        let read = ReadBack {
            stored: 1200,
            asked: if unknown.is_some() {
                asked
            } else {
                found + missing.len() as u64
            },
            found,
            missing,
            unknown,
        };
        read.to_string()
    }

    #[test]
    fn it_is_one_sentence_about_the_sample() {
        insta::assert_snapshot!(said(5, &[], None), @"Read back 5 of 1,200: all there");
        insta::assert_snapshot!(said(4, &["A"], None), @"Read back 5 of 1,200: 1 is not there (A), though the server confirmed it. Look for it again in a while; should it still be missing, upload the file again, and tell those who run the server");
        insta::assert_snapshot!(said(0, &["A", "B", "C", "D", "E", "F"], Some(Unread::Cancelled)), @"Read back 6 of 1,200: 6 are not there (A, B, C, D, E and 1 more), though the server confirmed them; of 1 more nothing is known: it was stopped. Look for them again in a while; should they still be missing, upload the file again, and tell those who run the server");
        insta::assert_snapshot!(said(0, &[], Some(Unread::Interactions)), @"Not read back: the API does not hand out interactions");
        insta::assert_snapshot!(said(3, &[], Some(Unread::NoRecords)), @"Read back 3 of 1,200: all there; of 4 more nothing is known: the server does not answer for single records");
    }
}
