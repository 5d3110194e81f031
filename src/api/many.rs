//! Reading several products in one request: endpoint 17 (miso-api.md section 1.1).

use reqwest::Method;
use serde_json::{json, value::RawValue};

use super::{
    ApiError, Client,
    client::to_body,
    wire::{Product, Products},
};
use crate::domain::comparison;

impl Client {
    /// The JSON texts of products by their ids, in the order asked for; `None` for those that are not found.
    ///
    /// It is the search that answers: what was stored a moment ago it may not know yet, and nothing says that it hands
    /// out every field. Whoever relies on either must hold it against [`Client::get`].
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
