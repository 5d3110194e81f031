//! Many records at once: listing ids, and reading several products in one request: endpoints 5, 11 and 17
//! (miso-api.md section 1.1).

use reqwest::Method;
use serde::de::DeserializeSeed as _;
use serde_json::{json, value::RawValue};

use super::{
    ApiError, Client,
    client::{Answer, to_body},
    wire::{EachId, Product, Products, RawIds},
};
use crate::domain::{comparison, dataset::Dataset};

impl Client {
    /// Passes the id of every record to `see`, without keeping them. `false` while the service has no list yet: the
    /// data set is empty, or was filled a moment ago (miso-api.md section 1.6). [`ApiError::NoList`] from a server without
    /// such a list.
    pub(crate) async fn each_id(&self, dataset: Dataset, see: &mut (dyn FnMut(&str) + Send)) -> Result<bool, ApiError> {
        let Some(answer) = self.list(dataset, None).await? else {
            return Ok(false);
        };
        let ids = self.data::<RawIds<'_>>(&answer)?.ids;
        let mut ids = serde_json::Deserializer::from_str(ids.get());
        EachId(see).deserialize(&mut ids).map_err(|error| ApiError::Protocol {
            reason: error.to_string(),
        })?;
        Ok(true)
    }

    /// The answer with the list of ids; `None`: there is none yet.
    pub(super) async fn list(&self, dataset: Dataset, record_type: Option<&str>) -> Result<Option<Answer>, ApiError> {
        let mut url = self.endpoint.v1(&format!("{dataset}/_ids"))?;
        if let Some(record_type) = record_type {
            url.query_pairs_mut().append_pair("type", record_type);
        }
        let answer = self.send(Method::GET, url, None).await?;
        if answer.is_no_dataset() {
            return Ok(None);
        }
        // Whatever else has no such address says nothing of what is stored: it may have read `_ids` as a record's id.
        if answer.is_not_found() {
            return Err(ApiError::NoList { dataset });
        }
        Ok(Some(answer))
    }

    /// The JSON texts of products by their ids, in the order asked for; `None` for those that are not found.
    ///
    /// The search index answers: it may lag behind what is stored, and may leave fields out. Whoever relies on either
    /// must compare with [`Client::get`].
    pub async fn products(&self, ids: &[String]) -> Result<Vec<Option<String>>, ApiError> {
        let body = to_body(&json!({"product_ids": ids, "fl": ["*"]}))?;
        let url = self.endpoint.v1("search/mget")?;
        let answer = self.send(Method::POST, url, Some(body)).await?;
        let products = self.data::<Products>(&answer)?.products;
        let strange = |reason: String| ApiError::Protocol { reason };
        if products.len() != ids.len() {
            return Err(strange(format!(
                "{} products were asked for, and {} answered",
                ids.len(),
                products.len()
            )));
        }
        let read = |(id, text): (&String, &RawValue)| {
            let unreadable = |error: serde_json::Error| strange(error.to_string());
            let product: Product = serde_json::from_str(text.get()).map_err(unreadable)?;
            if product.product_id != *id {
                return Err(strange(format!(
                    "{id} was asked for, and {} answered",
                    product.product_id
                )));
            }
            if !product.found {
                return Ok(None);
            }
            let record = comparison::with_fields(text.get(), |field| field != "_found");
            record.map(Some).map_err(unreadable)
        };
        ids.iter().zip(products.iter().map(AsRef::as_ref)).map(read).collect()
    }
}
