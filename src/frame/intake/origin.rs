//! What a table was before it was text.

/// What was done to a file, in this order, until it was text.
#[derive(Debug, Default)]
pub(in crate::frame) struct Origin {
    pub(super) steps: Vec<Step>,
}

/// One conversion that was made.
#[derive(Debug)]
#[expect(dead_code, reason = "see there")]
pub(in crate::frame) enum Step {
    /// What was compressed was unpacked as it was; the compression's name.
    Unpacked(&'static str),
}
