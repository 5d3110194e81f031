//! Against a server that answers like the hosted service: what such a server is, to begin with.

use crate::common::hosted::{Hosted, Seen};
use serde_json::json;
use tatami::{
    api::{ApiError, ApiKey, Client, ClientOptions, Endpoint},
    domain::dataset::Dataset,
};

const DEV: &str = "secret-key-of-the-dev-environment-000001";
const PROD: &str = "secret-key-of-the-prod-environment-00002";

fn client(hosted: &Hosted, key: &str) -> Client {
    let endpoint = Endpoint::new(hosted.url(), ApiKey::new(key)).unwrap();
    Client::new(endpoint, ClientOptions::default()).unwrap()
}

/// One address, and the key alone says whose records are meant; what only the local server offers is not there.
#[tokio::test(flavor = "multi_thread")]
async fn the_key_alone_tells_environments_apart() {
    let hosted = Hosted::start(&[("Dev", DEV), ("Prod", PROD)]);
    hosted.store(PROD, Dataset::Users, &json!([{"user_id": "kept"}]));
    let (dev, prod) = (client(&hosted, DEV), client(&hosted, PROD));
    let body = br#"{"data":[{"product_id":"A"}]}"#.to_vec();
    dev.upload(Dataset::Products, body, false).await.unwrap();
    assert_eq!(dev.ids(Dataset::Products, None).await.unwrap(), ["A"]);
    assert_eq!(prod.ids(Dataset::Products, None).await.unwrap(), Vec::<String>::new());
    assert_eq!(hosted.ids(DEV, Dataset::Products), ["A"]);
    assert_eq!((hosted.counts(DEV).products, hosted.counts(PROD).users), (1, 1));
    assert_eq!(dev.counts().await, Ok(None));
    let stranger = client(&hosted, "a-key-that-nobody-knows");
    assert_eq!(stranger.get(Dataset::Users, "x").await, Err(ApiError::Unauthorized));
    hosted.list_users(true);
    assert_eq!(prod.ids(Dataset::Users, None).await.unwrap(), ["kept"]);
    let first = Seen {
        environment: "Dev".to_owned(),
        line: "POST /v1/products".to_owned(),
        body: r#"{"data":[{"product_id":"A"}]}"#.to_owned(),
    };
    assert_eq!(hosted.seen().first(), Some(&first));
    let connection = hosted.connection("Dev", DEV);
    assert_eq!(connection.address(), hosted.url());
}
