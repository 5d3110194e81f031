//! Whether a command can be carried out now, decided in one place for menus, shortcuts and palette.

use thiserror::Error;

use super::{keys::MenuCommand, menu::MenuView};
use crate::session::{DeleteRefusal, Document, Filter, Refusal, Session};

/// Why a command cannot be carried out now.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Hindrance {
    /// It concerns a file, and none is shown.
    #[error("No file is open")]
    NoFile,
    /// The file shown does not allow it now.
    #[error(transparent)]
    Document(#[from] Refusal),
    /// The environment does not.
    #[error(transparent)]
    Deletion(#[from] DeleteRefusal),
    /// There are no problems.
    #[error("No problems were found")]
    NoProblems,
    /// There is no row above.
    #[error("There is no cell above to fill from")]
    NothingAbove,
    /// None that could be mended at the cursor.
    #[error("Nothing at the cursor can be repaired without guessing")]
    NoRepair,
    /// None that could be mended at once.
    #[error("Nothing is left that is safe to repair")]
    NothingSafe,
    /// There is nothing to stop.
    #[error("Nothing is running here")]
    Idle,
    /// The server does not know the environment's key.
    #[error("{0}")]
    KeyRejected(String),
    /// The columns are shown in place of the table.
    #[error("The table is not shown")]
    NoTable,
    /// There is no upload to take back.
    #[error("Nothing was uploaded to {0} from here")]
    NoUpload(String),
    /// There is one, but not now.
    #[error("{0}")]
    UploadStays(String),
    /// There is nothing to lock.
    #[error("Nothing is unlocked")]
    Locked,
    /// There is nothing to unlock.
    #[error("Changes are allowed already")]
    Unlocked,
    /// The local environment cannot be changed.
    #[error("The server on this computer needs no settings")]
    Local,
}

/// Why a command cannot be carried out now; `None`: it can.
pub(crate) fn why_not(command: MenuCommand, session: &Session, view: MenuView) -> Option<Hindrance> {
    allowed(command, session, session.document(), view).err()
}

/// Why a command cannot be carried out with a file, once that is shown; `None`: it can.
pub(crate) fn why_not_for(command: MenuCommand, session: &Session, document: &Document) -> Option<Hindrance> {
    allowed(command, session, Some(document), MenuView::default()).err()
}

fn allowed(
    command: MenuCommand,
    session: &Session,
    document: Option<&Document>,
    view: MenuView,
) -> Result<(), Hindrance> {
    let shown = || document.ok_or(Hindrance::NoFile);
    let [cell, cause, all] = view.repairable;
    match command {
        MenuCommand::Open
        | MenuCommand::OpenPath
        | MenuCommand::Samples
        | MenuCommand::Quit
        | MenuCommand::Refresh
        | MenuCommand::Products
        | MenuCommand::Interactions
        | MenuCommand::Users
        | MenuCommand::Stored
        | MenuCommand::Uploads
        | MenuCommand::HighContrast
        | MenuCommand::AddEnvironment
        | MenuCommand::Rules
        | MenuCommand::Shortcuts
        | MenuCommand::Palette
        | MenuCommand::NextPane
        | MenuCommand::PreviousPane
        | MenuCommand::Menus => Ok(()),
        MenuCommand::GoToFile => unless(session.documents.is_empty(), Hindrance::NoFile),
        MenuCommand::Close => shown().map(drop),
        MenuCommand::ImportOptions => session
            .why_no_import(shown()?.id)
            .map_or(Ok(()), |refusal| Err(refusal.into())),
        MenuCommand::Undo => changeable(shown()?, |(undo, _)| undo, Refusal::NothingToUndo),
        MenuCommand::Redo => changeable(shown()?, |(_, redo)| redo, Refusal::NothingToRedo),
        MenuCommand::Find
        | MenuCommand::FindNext
        | MenuCommand::FindPrevious
        | MenuCommand::GoTo
        | MenuCommand::SaveCopy
        | MenuCommand::SaveRecipe
        | MenuCommand::OpenRecipe => Ok(shown()?.open().map(drop)?),
        MenuCommand::Replace => changed_by_hand(shown()?),
        MenuCommand::FillDown => {
            changed_by_hand(shown()?)?;
            unless(view.columns, Hindrance::NoTable)?;
            unless(!view.is_fillable, Hindrance::NothingAbove)
        }
        // What is left out can always be shown again.
        MenuCommand::OnlyProblems if shown()?.filter() != Filter::All => Ok(()),
        MenuCommand::OnlyProblems | MenuCommand::NextProblem | MenuCommand::PreviousProblem | MenuCommand::Export => {
            has_problems(shown()?)
        }
        MenuCommand::Repair => repairable(shown()?, cell, Hindrance::NoRepair),
        MenuCommand::RepairCause => repairable(shown()?, cause, Hindrance::NoRepair),
        MenuCommand::RepairAll => repairable(shown()?, all, Hindrance::NothingSafe),
        MenuCommand::Upload => match (shown()?.why_no_upload(), session.key_refusal()) {
            (Some(refusal), _) => Err(refusal.into()),
            (None, Some(reason)) => Err(Hindrance::KeyRejected(reason)),
            (None, None) => Ok(()),
        },
        MenuCommand::Cancel => {
            let shown = shown()?;
            unless(!shown.phase().is_busy() && !shown.is_uploading(), Hindrance::Idle)
        }
        MenuCommand::UndoUpload => {
            let past = session.last_upload();
            let past = past.ok_or_else(|| Hindrance::NoUpload(session.environment.clone()))?;
            if let Some(undo) = past.reverted_by {
                return Err(Hindrance::UploadStays(format!("It is undone by {undo}")));
            }
            session
                .hindrance_of_undo(past)
                .map_or(Ok(()), |why| Err(Hindrance::UploadStays(why)))
        }
        MenuCommand::ColumnStatistics => Ok(shown()?.open()?.checked().map(drop)?),
        MenuCommand::Inspector | MenuCommand::Problems | MenuCommand::Columns => {
            let shown = shown()?;
            match (shown.view(), shown.open()) {
                (None, Err(refusal)) => Err(refusal.into()),
                _ => Ok(()),
            }
        }
        MenuCommand::Wipe => session
            .hindrance_of_deletion()
            .map_or(Ok(()), |refusal| Err(refusal.into())),
        MenuCommand::Unlock => unless(!session.is_locked(), Hindrance::Unlocked),
        MenuCommand::Lock => unless(session.unlocked_for().is_none(), Hindrance::Locked),
        MenuCommand::EditEnvironment => unless(session.chosen().base_url.is_empty(), Hindrance::Local),
    }
}

fn unless(hindered: bool, hindrance: Hindrance) -> Result<(), Hindrance> {
    if hindered { Err(hindrance) } else { Ok(()) }
}

fn changeable(shown: &Document, can: impl Fn((bool, bool)) -> bool, nothing: Refusal) -> Result<(), Hindrance> {
    unless(shown.is_uploading(), Refusal::Uploading.into())?;
    unless(!can(shown.can_undo_redo()), nothing.into())
}

fn changed_by_hand(shown: &Document) -> Result<(), Hindrance> {
    shown.open()?;
    unless(shown.is_uploading(), Refusal::Fixed.into())
}

fn has_problems(shown: &Document) -> Result<(), Hindrance> {
    let checked = shown.open()?.checked()?;
    unless(checked.issues.is_empty(), Hindrance::NoProblems)
}

fn repairable(shown: &Document, can: bool, hindrance: Hindrance) -> Result<(), Hindrance> {
    unless(shown.is_uploading(), Refusal::Fixed.into())?;
    shown.open()?.checked()?;
    unless(!can, hindrance)
}
