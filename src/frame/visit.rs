//! Someone who looks at the rows of a file while it is read for the first time.

use super::Frame;
use crate::domain::cell::Cell;

/// Looks at every row while [`super::DataSource::open`] reads the file. Several threads do so at once, each with
/// what it gathers of its own; what was gathered is joined in file order.
pub trait Visit: Sync {
    /// What is gathered.
    type Gathered: Send;

    /// The columns that it knows, which the rows' cells come in. They are the file's first ones.
    fn columns(&self) -> &[String];

    /// What is gathered before any row was seen.
    fn start(&self) -> Self::Gathered;

    /// Looks at a row. Rows come in ascending order. The cells are as many as the columns that are known; they are all
    /// missing when the record cannot be read.
    fn row(&self, gathered: &mut Self::Gathered, row: u32, cells: &[Cell<'_>]);

    /// Adds what was gathered of the rows that follow.
    fn join(&self, gathered: &mut Self::Gathered, later: Self::Gathered);

    /// Takes the table as far as it has been read, now and then while a large file is.
    fn grown(&self, _: Frame) {}
}

/// Gathers nothing, for opening without a check.
impl Visit for () {
    type Gathered = ();

    fn columns(&self) -> &[String] {
        &[]
    }

    fn start(&self) {}

    fn row(&self, (): &mut (), _: u32, _: &[Cell<'_>]) {}

    fn join(&self, (): &mut (), (): ()) {}
}
