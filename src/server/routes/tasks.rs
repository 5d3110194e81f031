//! What came of an upload or a deletion: endpoints 6 and 12.

use std::sync::Arc;

use axum::{
    Extension,
    extract::{Path, State, rejection::PathRejection},
    response::Response,
};

use super::{blocking, in_path};
use crate::{
    domain::dataset::Dataset,
    server::{
        answer::{self, RequestFailure},
        environment::ServedEnvironment,
    },
};

/// The answer of a finished task: `{"took": ms, "errors": false, "data": …, "code": 200}`; of one that is not done
/// yet: `"message": "pending"` and `"code": 202`. Without a delay tasks are finished when their id is given out.
pub(crate) async fn status(
    State(dataset): State<Dataset>,
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    task: Result<Path<String>, PathRejection>,
) -> Result<Response, RequestFailure> {
    let task = in_path(task)?;
    let body = blocking(&environment, move |store| Ok(store.task(dataset, &task)?)).await?;
    Ok(answer::raw(body.ok_or(RequestFailure::NotFound)?))
}
