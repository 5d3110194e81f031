//! Reading and deleting what is stored: endpoints 2 to 5, 8 to 11, 14 and 15.

use std::{collections::HashMap, sync::Arc};

use axum::{
    Extension,
    extract::{Path, Query, Request, State, rejection::PathRejection},
    response::Response,
};
use serde_json::{json, value::RawValue};

use super::{
    blocking, id_in_path,
    parts::{self, member, member_of},
    timing,
};
use crate::{
    domain::dataset::Dataset,
    server::{
        answer::{self, RequestFailure},
        body,
        environment::ServedEnvironment,
    },
};

/// One record as it was uploaded.
pub(crate) async fn read(
    State(dataset): State<Dataset>,
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    id: Result<Path<String>, PathRejection>,
) -> Result<Response, RequestFailure> {
    let id = id_in_path(dataset, id)?;
    let record = blocking(&environment, move |store| Ok(store.record(dataset, &id)?)).await?;
    Ok(answer::raw_data("success", &record.ok_or(RequestFailure::NotFound)?))
}

/// Deletes one record; the task says whether it was there.
pub(crate) async fn delete(
    State(dataset): State<Dataset>,
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    id: Result<Path<String>, PathRejection>,
    request: Request,
) -> Result<Response, RequestFailure> {
    let timing = timing(&environment, request.extensions());
    let id = id_in_path(dataset, id)?;
    // The Python client sends `{}`.
    body::discard(request.into_body(), environment.max_body).await;
    // The published document has no 404 here: the task says whether there was such a record.
    let task = blocking(&environment, move |store| Ok(store.delete(dataset, &[id], &timing)?)).await?;
    Ok(answer::data("deleted", &json!({"task_id": task})))
}

/// All ids in order; with `type=` those of the products of that type. A data set without records is not there.
pub(crate) async fn ids(
    State(dataset): State<Dataset>,
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    Query(mut query): Query<HashMap<String, String>>,
) -> Result<Response, RequestFailure> {
    let kind = query.remove("type").filter(|kind| !kind.is_empty());
    // There may be millions of ids: the answer is written while they are read, so that only its text is in memory.
    let answer = blocking(&environment, move |store| {
        let mut json = br#"{"message":"success","data":{"ids":["#.to_vec();
        if !store.has_any(dataset)? {
            return Err(RequestFailure::NoDataset);
        }
        let mut is_first = true;
        store.each_id(dataset, kind.as_deref(), &mut |id| {
            if !std::mem::take(&mut is_first) {
                json.push(b',');
            }
            Ok(serde_json::to_writer(&mut json, id)?)
        })?;
        json.extend_from_slice(b"]}}");
        Ok(json)
    });
    Ok(answer::raw(answer.await?))
}

/// Deletes the records of `{"data": {"product_ids": […]}}`; the task says which were there.
pub(crate) async fn delete_many(
    State(dataset): State<Dataset>,
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    request: Request,
) -> Result<Response, RequestFailure> {
    let timing = timing(&environment, request.extensions());
    let body = body::read(request.into_body(), &environment).await?;
    let name = if dataset.id_field() == Some("user_id") {
        "user_ids"
    } else {
        "product_ids"
    };
    let ids = wrapped(&body, name)?;
    let task = blocking(&environment, move |store| Ok(store.delete(dataset, &ids, &timing)?)).await?;
    Ok(answer::data("deleted", &json!({"task_id": task})))
}

/// Deletes the interactions of `{"user_ids": […]}`.
pub(crate) async fn delete_of_users(
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    request: Request,
) -> Result<Response, RequestFailure> {
    let timing = timing(&environment, request.extensions());
    let body = body::read(request.into_body(), &environment).await?;
    let users = parts::ids(member(&body, "user_ids")?, &["user_ids"])?;
    blocking(&environment, move |store| {
        Ok(store.delete_interactions_of(&users, &timing)?)
    })
    .await?;
    Ok(answer::said("success"))
}

/// Deletes the interactions of `{"data": {"user_ids": […]}}`: endpoint 15, which no public page confirms.
pub(crate) async fn delete_of_users_wrapped(
    Extension(environment): Extension<Arc<ServedEnvironment>>,
    request: Request,
) -> Result<Response, RequestFailure> {
    let timing = timing(&environment, request.extensions());
    let body = body::read(request.into_body(), &environment).await?;
    let users = wrapped(&body, "user_ids")?;
    blocking(&environment, move |store| {
        Ok(store.delete_interactions_of(&users, &timing)?)
    })
    .await?;
    Ok(answer::said("success"))
}

/// The ids of `{"data": {"<name>": […]}}`. A client that has none sends `{"data": {}}`.
fn wrapped(body: &[u8], name: &str) -> Result<Vec<String>, RequestFailure> {
    let data = member(body, "data")?;
    if is_empty_object(data) {
        return Ok(Vec::new());
    }
    parts::ids(member_of(data, &["data"], name)?, &["data", name])
}

fn is_empty_object(json: &RawValue) -> bool {
    let inside = json.get().strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    inside.is_some_and(|inside| inside.trim().is_empty())
}
