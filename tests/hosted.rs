//! Against a server that answers like the hosted service: what such a server is, and what nobody can know of it.

use crate::{
    common::hosted::{Hosted, Seen},
    home::{self, Ended, Home, ended},
    ui::World,
};
use axum::{Json, Router, http::StatusCode, response::IntoResponse as _, routing};
use serde_json::json;
use tatami::{
    api::{ApiError, ApiKey, Client, ClientOptions, Endpoint},
    domain::dataset::Dataset,
    ops::{
        Connection,
        delete::delete,
        guard::{ChangeKind, Consent},
    },
    session::{Action, Place, SettingsAction, StoredAction},
    settings::{Environment, EnvironmentKind, Paths},
    upload::{ListedIds, Lookup, RetryPolicy},
};
use tokio::net::TcpListener;

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

/// Runs a command against the service.
fn at(home: &Home, hosted: &Hosted, args: &[&str]) -> Ended {
    let place = hosted.url().trim_start_matches("http://");
    let named = args.iter().map(|arg| if *arg == "HOST" { place } else { arg });
    let args: Vec<&str> = named.chain(["--url", hosted.url()]).collect();
    let Ended { code, out, err } = ended(home.command(&args).env("TATAMI_KEY", DEV));
    let plain = |text: String| text.replace(hosted.url(), "URL").replace(place, "HOST");
    Ended {
        code,
        out: plain(out),
        err: plain(err),
    }
}

const USERS: &str = "user_id,name\nu1,Ada\nu2,Bert\nu3,Cleo\n";
const CLICKS: &str = r#"{"type":"search","user_id":"u9","search":{"keywords":"a"},"timestamp":"2026-01-02T03:04:05Z"}"#;

/// Only "the data set is not there" is an empty one; every other 404 says that there is no such list.
#[tokio::test]
async fn only_a_data_set_that_is_not_there_is_empty() {
    async fn answering(body: &'static str) -> Client {
        let app = Router::new().fallback(move || async move { (StatusCode::NOT_FOUND, body) });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        let endpoint = Endpoint::new(&url, ApiKey::new(DEV)).unwrap();
        Client::new(endpoint, ClientOptions::default()).unwrap()
    }
    async fn list(client: &Client) -> Result<ListedIds, ApiError> {
        let lookup = Lookup::new(client.clone(), Dataset::Users, RetryPolicy::default());
        lookup.list(1_000).await
    }
    let empty = answering(r#"{"status_code": 404, "message": "not found"}"#).await;
    assert_eq!(empty.ids(Dataset::Users, None).await, Ok(Vec::new()));
    assert!(matches!(list(&empty).await, Ok(ListedIds::NotYet)));
    let others = [
        r#"{"message": "not found"}"#,
        r#"{"detail": "Not Found"}"#,
        r#"["status_code"]"#,
        "<h1>Not found</h1>",
        "",
    ];
    for body in others {
        let client = answering(body).await;
        let dataset = Dataset::Users;
        assert_eq!(
            client.ids(dataset, None).await,
            Err(ApiError::NoList { dataset }),
            "{body}"
        );
        // Then anything may be stored under any id.
        assert!(matches!(list(&client).await, Ok(ListedIds::All)), "{body}");
    }
}

/// What no list shows is not called gone: what this machine sent is deleted, and what cannot be known is said.
#[test]
fn a_wipe_without_a_list_of_users_claims_nothing() {
    let (hosted, home) = (Hosted::start(&[("Dev", DEV), ("Prod", PROD)]), Home::new());
    for key in [DEV, PROD] {
        hosted.store(key, Dataset::Users, &json!([{"user_id": "somebody else's"}]));
    }
    home.file("users.csv", USERS);
    home.file("clicks.jsonl", CLICKS);
    for file in ["users.csv", "clicks.jsonl"] {
        let sent = at(&home, &hosted, &["upload", file, "--production"]);
        assert_eq!(sent.code, 0, "{}", sent.all());
    }
    insta::assert_snapshot!(at(&home, &hosted, &["ids", "users"]).all(), @r"
    u1
    u2
    u3
    The server has no list of users: these are the ids that this machine sent there. Some may be gone, and others stored
    [1]
    ");
    let wiped = at(&home, &hosted, &["wipe", "--confirm", "HOST"]);
    insta::assert_snapshot!(wiped.all(), @r"
    HOST (URL, key secr…0001)
      interactions  cannot be counted on this server
                    those of 4 users that this machine sent are deleted; those of visitors and of other users cannot be found
                    whether any are left cannot be known: the API does not list interactions
      users         cannot be counted on this server
                    this machine sent 3 users: 3 deleted; others cannot be found
                    whether any are left cannot be known: this server has no list of users
      products      0 stored
                    none are left
    [1]
    ");
    assert_eq!(hosted.ids(DEV, Dataset::Users), ["somebody else's"]);
    assert_eq!(
        hosted.counts(DEV).interactions,
        0,
        "those of u9 are found by the file that was sent"
    );
    assert_eq!(hosted.ids(PROD, Dataset::Users), ["somebody else's"]);
    let of_users = r#"{"user_ids":["u1","u2","u3","u9"]}"#;
    let seen = hosted.seen();
    assert!(
        seen.iter()
            .any(|seen| seen.line == "DELETE /v1/interactions" && seen.body == of_users)
    );
    hosted.list_users(true);
    let wiped = at(&home, &hosted, &["wipe", "--confirm", "HOST", "--dataset", "users"]);
    insta::assert_snapshot!(wiped.all(), @r"
    HOST (URL, key secr…0001)
      users         1 stored
                    1 deleted
                    none are left
    [0]
    ");
    assert_eq!(hosted.ids(DEV, Dataset::Users), Vec::<String>::new());
}

/// Where the ids that were sent are not known any more either, that is said.
#[test]
fn ids_that_nobody_knows_any_more_are_said() {
    let (hosted, home) = (Hosted::start(&[("Dev", DEV)]), Home::new());
    home.file("users.csv", USERS);
    assert_eq!(
        at(
            &home,
            &hosted,
            &["upload", "users.csv", "--no-snapshot", "--production"]
        )
        .code,
        0
    );
    // The file is as it was: it still says which ids they are.
    insta::assert_snapshot!(at(&home, &hosted, &["ids", "users"]).out, @r"
    u1
    u2
    u3
    ");
    home.file("users.csv", "user_id\nv1\n");
    insta::assert_snapshot!(at(&home, &hosted, &["ids", "users"]).all(), @r"
    tatami: This server has no list of users, so that nobody can know which are stored; should it have one, check the environment's address
    [2]
    ");
    insta::assert_snapshot!(at(&home, &hosted, &["wipe", "--confirm", "HOST", "--dataset", "users"]).all(), @r"
    HOST (URL, key secr…0001)
      users         cannot be counted on this server
                    this machine knows of no user that it sent; others cannot be found
                    what 1 upload sent is not known any more: the file has changed, and no copy was kept
                    whether any are left cannot be known: this server has no list of users
    [1]
    ");
    assert_eq!(hosted.ids(DEV, Dataset::Users), ["u1", "u2", "u3"]);
}

/// A server that neither says what became of a deletion nor lists what is left is asked for each record.
#[tokio::test]
async fn a_deletion_without_a_list_is_looked_up_by_id() {
    let app = Router::new()
        .route(
            "/v1/users/_delete",
            routing::post(async || Json(json!({"message": "success"}))),
        )
        .route(
            "/v1/users/stays",
            routing::get(async || Json(json!({"message": "success", "data": {"user_id": "stays"}}))),
        )
        .route(
            "/v1/users/lost",
            routing::get(async || (StatusCode::NOT_FOUND, Json(json!({"detail": "Not Found"})))),
        )
        .fallback(async || (StatusCode::NOT_FOUND, Json(json!({"message": "not found"}))).into_response());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
    let connection = Connection::new("hosted", &url, ApiKey::new(DEV)).unwrap();
    let permit = connection.allow(ChangeKind::Delete, &Consent::default()).unwrap();
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    let deleted = async |ids: &[&str]| {
        let ids: Vec<String> = ids.iter().map(|&id| id.to_owned()).collect();
        delete(&permit, &paths, Dataset::Users, &ids).await.unwrap().deleted
    };
    assert_eq!(deleted(&["goes", "stays", "went"]).await, Some(2));
    // An address that is not there says nothing of a record.
    let endpoint = Endpoint::new(&url, ApiKey::new(DEV)).unwrap();
    let client = Client::new(endpoint, ClientOptions::default()).unwrap();
    let lost = client.get(Dataset::Users, "lost").await;
    assert!(matches!(lost, Err(ApiError::Protocol { .. })), "{lost:?}");
    assert_eq!(client.get(Dataset::Users, "went").await, Ok(None));
    // No address can carry this one.
    assert_eq!(deleted(&["goes", ".."]).await, None);
    let home = Home::new();
    let place = url.trim_start_matches("http://").to_owned();
    let said = async |ids: &[&str]| {
        let mut command = home.command(&[&["delete", "users", "--confirm", &place, "--url", &url], ids].concat());
        let said = tokio::task::spawn_blocking(move || ended(command.env("TATAMI_KEY", DEV)));
        said.await.unwrap().all().replace(&url, "URL").replace(&place, "HOST")
    };
    insta::assert_snapshot!(said(&["goes", ".."]).await, @r"
    Asked HOST (URL) to delete 2 users; whether they are gone cannot be known
    This will delete 2 users from HOST (URL, key secr…0001)
    [1]
    ");
    insta::assert_snapshot!(said(&["goes", "stays"]).await, @r"
    Deleted 1 user from HOST (URL)
    1 record was not deleted
    This will delete 2 users from HOST (URL, key secr…0001)
    [1]
    ");
}

/// The same in the window: unknown is called unknown, and nothing is called empty.
#[test]
fn the_window_claims_nothing_without_a_list_of_users() {
    let hosted = Hosted::start(&[("Dev", DEV)]);
    hosted.store(DEV, Dataset::Users, &json!([{"user_id": "somebody else's"}]));
    let mut world = World::new();
    let act = |world: &mut World, action| world.harness.state_mut().act(action);
    let dev = Environment {
        name: "Dev".to_owned(),
        kind: EnvironmentKind::Development,
        base_url: hosted.url().to_owned(),
        keys: Vec::new(),
        allows_http: false,
    };
    let save = SettingsAction::SaveEnvironment {
        environment: dev,
        key: Some(ApiKey::new(DEV)),
        confirmed: None,
    };
    act(&mut world, Action::Settings(save));
    world.until("the environment is there", |app| app.session().environments.len() == 2);
    act(
        &mut world,
        Action::Settings(SettingsAction::ChooseEnvironment("Dev".to_owned())),
    );
    let path = world.write("users.csv", USERS);
    act(&mut world, Action::Open(vec![path]));
    world.settled();
    world.upload("Upload 3 users to Dev");
    act(&mut world, Action::Show(Place::Stored(Dataset::Users)));
    world.until("the ids are known", |app| {
        app.session().stored.set(Dataset::Users).ids.value().is_some()
    });
    assert!(world.sees("these are the ids that this machine sent there") && world.sees("Select u2"));
    world.until("they are counted", |app| {
        app.session().stored.set(Dataset::Users).count.value() == Some(&None)
    });
    assert!(world.sees("number unknown"));
    act(&mut world, Action::Stored(StoredAction::AskWipe));
    world.until("it is asked", |app| app.session().dialog.is_some());
    assert!(world.sees("unknown, the server has no list of them"));
    assert!(world.sees("those are deleted that this machine sent there"));
    act(
        &mut world,
        Action::Stored(StoredAction::Wipe {
            typed: "Dev".to_owned(),
        }),
    );
    world.until("the wipe ends", |app| {
        app.session()
            .stored
            .wipe
            .as_ref()
            .is_some_and(|wipe| wipe.after.is_some())
    });
    assert!(world.sees("Deleted; not all that is left in Dev can be counted"));
    assert!(world.sees("Users: Of 3 users that this machine sent 3 were deleted; others cannot be found"));
    assert!(!world.sees("Dev is empty"));
    assert_eq!(hosted.ids(DEV, Dataset::Users), ["somebody else's"]);
}

/// What `ids` writes `delete` reads, whatever the ids are; as text they would name other records, which is refused before
/// anything is written.
#[test]
fn ids_pass_through_pipes_as_they_are() {
    let (hosted, home) = (Hosted::start(&[("Dev", DEV)]), Home::new());
    let odd = ["a\nb", "c\r", "\u{feff}d", " e ", "f\"\\", "g\u{1b}[31m"];
    let plain = ["a", "b", "c", "d", "e"];
    let records = |ids: &[&str]| {
        ids.iter()
            .map(|id| json!({"product_id": id}))
            .collect::<serde_json::Value>()
    };
    let place = hosted.url().trim_start_matches("http://");
    let piped = |args: &[&str], input: &str| {
        let mut command = home.command(&[args, &["--confirm", place, "--url", hosted.url()]].concat());
        home::ended_with_input(command.env("TATAMI_KEY", DEV), input)
    };
    hosted.store(DEV, Dataset::Products, &records(&plain));
    for format in ["nul", "jsonl"] {
        hosted.store(DEV, Dataset::Products, &records(&odd));
        let all = at(&home, &hosted, &["ids", "products", "--format", format]);
        assert_eq!(all.code, 0, "{}", all.all());
        let end = if format == "nul" { '\0' } else { '\n' };
        let written: Vec<&str> = all.out.split_inclusive(end).collect();
        assert_eq!(written.len(), plain.len() + odd.len(), "{:?}", all.out);
        let is_plain = |id: &&&str| plain.contains(&id.trim_matches(['"', '\0', '\n']));
        let list: String = written.iter().filter(|id| !is_plain(id)).copied().collect();
        let args = ["delete", "products", "--ids-from", "-", "--format", format];
        let deleted = piped(&args, &list);
        assert_eq!(deleted.code, 0, "{}", deleted.all());
        assert!(deleted.out.starts_with("Deleted 6 products"), "{}", deleted.all());
        assert_eq!(hosted.ids(DEV, Dataset::Products), plain, "{format}");
    }
    hosted.store(DEV, Dataset::Products, &records(&odd));
    insta::assert_snapshot!(at(&home, &hosted, &["ids", "products"]).all(), @r#"
    tatami: the id "a\nb" would not survive as a line of text; give --format jsonl or --format nul to both commands
    [2]
    "#);
    let nul = at(&home, &hosted, &["ids", "products", "--format", "nul"]).out;
    let misread = piped(&["delete", "products", "--ids-from", "-"], &nul);
    insta::assert_snapshot!(misread.all(), @r"
    tatami: standard input cannot be read: line 1 holds a NUL, which no list of ids with one a line has; give --format nul, or jsonl
    [2]
    ");
    let deleted = piped(&["delete", "products", "--ids-from", "-"], "\u{feff}a\n");
    assert!(deleted.out.starts_with("Deleted 1 product"), "{}", deleted.all());
    assert_eq!(hosted.counts(DEV).products, 10);
    let misplaced = home.run(&["delete", "products", "a", "--format", "nul"]);
    assert_eq!(misplaced.code, 2, "{}", misplaced.all());
}
