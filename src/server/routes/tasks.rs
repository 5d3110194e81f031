//! What came of an upload or a deletion: endpoints 6 and 12.

use axum::{
    extract::{Path, State},
    response::Response,
};

use super::{Scope, blocking};
use crate::server::answer::{self, Failure};

/// The answer of a finished task: `{"took": ms, "errors": false, "data": …, "code": 200}`. Tasks are finished when
/// their id is given out, so none is ever pending.
pub(crate) async fn status(
    State(Scope { server, dataset }): State<Scope>,
    Path(task): Path<String>,
) -> Result<Response, Failure> {
    let body = blocking(&server, move |store| Ok(store.task(dataset, &task)?)).await?;
    Ok(answer::raw(body.ok_or(Failure::NotFound)?))
}
