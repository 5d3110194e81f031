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
/// `what` is to be done to what there is: `("Delete 3 products from", "delete 3 products from")` as a question, and as
/// what would be done. `None`: they said no.
pub(super) fn may_delete(
    args: &ConfirmArgs,
    target: &Target,
    (question, would): (&str, &str),
    is_taken: bool,
) -> Result<Option<Permit>, Failure> {
    let connection = &target.connection;
    let place = connection.described();
    let can_ask = !is_taken && io::stdin().is_terminal();
    let mut consent = Consent {
        confirmed: args.confirm.clone(),
        ..Consent::default()
    };
    let allowed = connection.allow(ChangeKind::Delete, &consent);
    let is_open = allowed.is_ok();
    match allowed {
        Err(error) if consent.confirmed.is_some() || !can_ask => {
            let refused = target::refused(&error);
            return Err(Failure::said(format!("this would {would} {place}. {refused}")));
        }
        Ok(_) if !args.yes && consent.confirmed.is_none() && !can_ask => {
            return Err(Failure::said(format!(
                "this would {would} {place}; add --yes if that is meant"
            )));
        }
        Ok(_) if args.yes || consent.confirmed.is_some() => text::remark(&format!("This will {would} {place}")),
        Ok(_) | Err(_) => {
            let asked = if is_open { "yes" } else { connection.name() };
            let answer = ask(&format!(
                "{question} {BOLD}{}{BOLD:#}? Type {}:",
                safe(&place),
                safe(asked)
            ))?;
            if !(answer == asked || is_open && answer.eq_ignore_ascii_case(asked)) {
                return Ok(None);
            }
            if !is_open {
                consent = Consent::named(&answer);
            }
        }
    }
    connection
        .allow(ChangeKind::Delete, &consent)
        .map(Some)
        .map_err(|error| target::refused(&error))
}

fn ask(question: &str) -> Result<String, Failure> {
    let mut out = text::stdout();
    write!(out, "{question} ")?;
    out.flush()?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim().to_owned())
}
