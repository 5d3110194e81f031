//! Asking before something is changed that nobody can take back.

use std::io::{self, IsTerminal as _, Write as _};

use super::{
    failure::Failure,
    target::{self, Target},
    text::{self, BOLD, safe},
};
use crate::ops::guard::{ChangeKind, Consent, Permit};

/// What shows that the environment is meant.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct ConfirmArgs {
    /// Do not ask; where customers see the change, --confirm is needed as well
    #[arg(long)]
    yes: bool,
    /// The environment's name, to show that this one is meant: needed for Production, and for what counts as it
    #[arg(long, value_name = "ENVIRONMENT")]
    confirm: Option<String>,
}

/// Lets records be deleted after somebody said so: in the arguments, or on the terminal unless standard input `is_taken`.
/// What is to be done comes as a question and as what would be done: `("Delete 3 products from", "delete 3 products
/// from")`. `None`: they said no.
pub(super) fn may_delete(
    args: &ConfirmArgs,
    target: &Target,
    (question, would): (&str, &str),
    is_taken: bool,
) -> Result<Option<Permit>, Failure> {
    let connection = &target.connection;
    let place = connection.described();
    let is_guarded = connection.guard().is_closed();
    let is_said = args.confirm.is_some() || args.yes && !is_guarded;
    let mut consent = Consent {
        confirmed: args.confirm.clone(),
        ..Consent::default()
    };
    if !is_said && !is_taken && io::stdin().is_terminal() {
        let wanted = if is_guarded { connection.name() } else { "yes" };
        let answer = ask(&format!(
            "{question} {BOLD}{}{BOLD:#}? Type {}:",
            safe(&place),
            safe(wanted)
        ))?;
        if !(answer == wanted || !is_guarded && answer.eq_ignore_ascii_case(wanted)) {
            return Ok(None);
        }
        consent = Consent::named(connection.name());
    } else if !is_said && !is_guarded {
        return Err(Failure::said(format!(
            "this would {would} {place}; add --yes if that is meant"
        )));
    }
    let permit = connection.allow(ChangeKind::Delete, &consent).map_err(|error| {
        let refused = target::refused(&error);
        Failure::said(format!("this would {would} {place}. {refused}"))
    })?;
    if is_said {
        text::remark(&format!("This will {would} {place}"));
    }
    Ok(Some(permit))
}

/// Asks on the terminal.
pub(super) fn ask(question: &str) -> Result<String, Failure> {
    let mut out = text::stdout();
    write!(out, "{question} ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}
