//! Beginning uploads in the ledger, and going on with those that ended early.

use std::{collections::HashSet, fs, path::Path};

use super::Which;
use crate::{
    cli::{
        failure::Failure,
        input::Input,
        target::Target,
        text::{self, grouped},
    },
    settings::Paths,
    upload::{Account, Fingerprint, Ledger, LedgerError, Limits, Manner, Plan, Recipe, Upload, UploadId},
};

/// Begins the upload of a file.
pub(super) async fn begin(input: &Input, target: &Target, limits: Limits, manner: Manner) -> Result<Account, Failure> {
    let path = input.path();
    let plan = Plan {
        path: fs::canonicalize(path).unwrap_or_else(|_| path.to_owned()),
        // What is no file, such as a pipe, is never the same again.
        fingerprint: Fingerprint::of(path).unwrap_or_default(),
        recipe: Recipe::new(
            &input.options,
            &input.mapping,
            input.checked.issues.levels(),
            &input.edits,
        ),
        dataset: input.dataset(),
        rows: u64::from(input.frame.len()),
        limits,
        environment: target.recorded(),
        address: target.client.endpoint().base_url(),
        manner,
        undoes: None,
        store: target.store_id().await?,
    };
    Ok(ledger()?.begin(&plan)?)
}

/// The upload to go on with: the one that is named, or the latest that is unfinished.
pub(super) fn find(which: Which) -> Result<Upload, Failure> {
    let ledger = ledger()?;
    let upload = match which {
        Which::Number(id) => ledger.upload(id)?,
        Which::Latest => {
            let unfinished = ledger.uploads()?.into_iter().find(Upload::is_unfinished);
            unfinished.ok_or_else(|| Failure::said("no upload is unfinished; tatami uploads lists them all"))?
        }
    };
    // Otherwise going on would be asked for in vain.
    if let Some(by) = ledger.undone_by(upload.id)? {
        return Err(LedgerError::Undone { id: upload.id, by }.into());
    }
    if upload.tally.open() == 0 {
        let anew = match upload.plan.undoes {
            Some(_) => "",
            None => "; to send the file again, upload it anew",
        };
        let (id, sum) = (upload.id, upload.sum());
        return Err(Failure::said(format!("upload {id} is finished ({sum}){anew}")));
    }
    Ok(upload)
}

/// The file of an upload, read as then. Refuses another file in its place.
pub(in crate::cli) fn open(upload: &Upload) -> Result<Input, Failure> {
    let plan = &upload.plan;
    if !upload.can_be_read_again() {
        return Err(Failure::said(format!(
            "the rows of upload {0} came through a pipe or from several files, and cannot be had again as they were; \
             upload them anew, with --rest-of {0}. tatami uploads {0} --set-aside has nobody asked for it any more",
            upload.id
        )));
    }
    let is_same = plan.fingerprint.is_of(&plan.path).map_err(|error| {
        Failure::said(format!(
            "{} cannot be read ({error}); put the file back, then try again",
            plan.path.display()
        ))
    })?;
    let input = if is_same {
        Input::again(&plan.path, plan.dataset, &plan.recipe)?
    } else {
        None
    };
    input
        .filter(|input| u64::from(input.frame.len()) == plan.rows)
        .ok_or_else(|| changed(upload, &plan.path))
}

/// Goes on with an upload.
pub(super) fn resume(upload: &Upload) -> Result<Account, Failure> {
    Ok(ledger()?.resume(upload.id)?)
}

/// What an upload stored, and still is.
pub(super) async fn stored(id: UploadId, target: &Target) -> Result<HashSet<u64>, Failure> {
    let ledger = ledger()?;
    let upload = ledger.upload(id)?;
    if let Some(undone) = upload.plan.undoes {
        return Err(Failure::said(format!(
            "upload {id} is the undo of upload {undone}, and stored no rows of a file; leave --rest-of away"
        )));
    }
    if let Some(by) = ledger.undone_by(id)? {
        return Err(Failure::said(format!(
            "upload {id} was undone by {by}, so that what it stored is there no more; leave --rest-of away"
        )));
    }
    target.must_be_of(&upload).await?;
    Ok(ledger.stored(id)?)
}

/// The ledger of this user.
pub(in crate::cli) fn ledger() -> Result<Ledger, Failure> {
    Ok(Ledger::open(&Paths::find()?.data)?)
}

fn changed(upload: &Upload, path: &Path) -> Failure {
    let (path, id) = (text::quoted(&path.display().to_string()), upload.id);
    let merge = if upload.plan.manner.merge { " --merge" } else { "" };
    Failure::said(format!(
        "{path} has changed since upload {id} began, so its rows are not the ones that are still open ({} of {}). \
         Choose: put the old file back and resume; or tatami upload {path}{merge} --rest-of {id}, which sends what upload {id} \
         did not store; or tatami upload {path}{merge}, which sends all; both with the options that upload {id} was given. \
         tatami uploads {id} --set-aside has nobody asked for it any more",
        grouped(upload.tally.open()),
        grouped(upload.tally.all)
    ))
}
