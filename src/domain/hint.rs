//! What a wrong value seems to be.

/// What a wrong value seems to be, and with it how to repair it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hint {
    /// `12,50`
    DecimalComma,
}
