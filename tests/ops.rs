//! Use cases as window and command line share them: where an upload may be gone on with or taken back, and how
//! environments are found.

use std::{path::Path, sync::Arc};

use tatami::{
    api::ApiKey,
    check::{Checked, check},
    domain::{dataset::Dataset, mapping::Mapping, progress::Progress},
    frame::{Edits, Frame, OpenOptions},
    ops::{
        Connection, Error, TableRef,
        connect::{ConnectError, Destination, GivenKey, KeySource, find},
        environments::Registry,
        guard::{ChangeKind, Consent, Guard, Permit},
        history, resume, revert,
        upload::{self, Options},
    },
    server::{Config, Keys, serve},
    settings::{Environment, EnvironmentKind, Paths},
    upload::{BatchLimits, Control, Pace, UploadId, WriteOptions},
};
use tokio::{net::TcpListener, task::JoinHandle};

/// A server on this machine, until it is stopped.
struct Served {
    address: String,
    key: String,
    stop: tokio::sync::oneshot::Sender<()>,
    ended: JoinHandle<()>,
}

/// Serves the records in a folder at an address.
async fn served(folder: &Path, address: &str) -> Served {
    let keys = Keys::load_or_create(folder).unwrap();
    let key = keys.secret.clone();
    let listener = TcpListener::bind(address).await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel();
    let config = Config::kept(folder.to_owned(), keys);
    let ended = tokio::spawn(async move {
        let stopped = async {
            stopped.await.ok();
        };
        serve(listener, config, stopped).await.unwrap();
    });
    Served {
        address,
        key,
        stop,
        ended,
    }
}

/// Nothing guards what a test stores.
fn permit(connection: &Connection, change: ChangeKind) -> Permit {
    connection.allow(change, &Consent::default()).unwrap()
}

impl Served {
    fn connection(&self) -> Connection {
        Connection::new("test", &self.address, ApiKey::new(&*self.key)).unwrap()
    }

    async fn stop(self) -> String {
        let Self {
            address, stop, ended, ..
        } = self;
        stop.send(()).unwrap();
        ended.await.unwrap();
        address.trim_start_matches("http://").to_owned()
    }
}

struct Table {
    frame: Arc<Frame>,
    edits: Edits,
    mapping: Mapping,
    checked: Checked,
}

impl Table {
    fn of(path: &Path) -> Self {
        let progress = Progress::default();
        let frame = Arc::new(Frame::open(path, &OpenOptions::default(), &progress).unwrap());
        let mapping = Mapping::suggest(Dataset::Products, frame.columns(), false);
        let edits = Edits::default();
        let checked = check(&frame, &edits, &mapping, &progress).unwrap();
        Self {
            frame,
            edits,
            mapping,
            checked,
        }
    }

    fn as_ref(&self) -> TableRef<'_> {
        TableRef {
            frame: &self.frame,
            edits: &self.edits,
            checked: &self.checked,
        }
    }

    /// Uploads it; the number of the upload.
    async fn upload(&self, connection: &Connection, paths: &Paths) -> UploadId {
        let options = Options {
            limits: BatchLimits::recommended(Dataset::Products),
            write_options: WriteOptions::recommended(Dataset::Products),
            pace: Pace::default(),
            stored_before: Arc::default(),
            read_back: 0,
        };
        let reading = (&OpenOptions::default(), &self.mapping);
        let prepared = upload::prepare(
            &permit(connection, ChangeKind::Store),
            paths,
            self.as_ref(),
            reading,
            &options,
        )
        .await;
        let report = prepared
            .unwrap()
            .send(&Progress::default(), &Control::default(), &mut |_| {})
            .await;
        assert!(report.tally.is_whole(), "{}", report.tally);
        report.id.unwrap()
    }
}

fn catalog(folder: &Path) -> Table {
    let path = folder.join("catalog.csv");
    std::fs::write(&path, "product_id,title\nA,Lamp\nB,Mat\n").unwrap();
    Table::of(&path)
}

/// A store with an id is known by that, wherever it is served; another store at its address is refused by everything that
/// builds on what is known of the rows.
#[tokio::test(flavor = "multi_thread")]
async fn an_upload_belongs_to_the_store_it_went_to() {
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    let (ours, others) = (home.path().join("ours"), home.path().join("others"));
    let first = served(&ours, "127.0.0.1:0").await;
    let table = catalog(home.path());
    let id = table.upload(&first.connection(), &paths).await;
    let place = first.stop().await;

    let other = served(&others, &place).await;
    let connection = other.connection();
    let past = history::upload(&paths, id).unwrap();
    let progress = Progress::default();
    let refused = [
        revert::preview(&connection, &paths, id, &progress).await.unwrap_err(),
        revert::begin(&permit(&connection, ChangeKind::Delete), &paths, id, false)
            .await
            .err()
            .unwrap(),
        resume::prepare(
            &permit(&connection, ChangeKind::Store),
            &paths,
            &past,
            table.as_ref(),
            (Pace::default(), 0),
        )
        .await
        .err()
        .unwrap(),
        resume::stored(&connection, &paths, id).await.unwrap_err(),
    ];
    for error in refused {
        assert!(matches!(error, Error::OtherStore { .. }), "{error}");
    }
    other.stop().await;

    let elsewhere = served(&ours, "127.0.0.1:0").await;
    let connection = elsewhere.connection();
    assert_ne!(connection.address(), past.plan.address);
    let preview = revert::preview(&connection, &paths, id, &progress).await.unwrap();
    assert_eq!(preview.changes(false), (0, 2));
    let report = revert::begin(&permit(&connection, ChangeKind::Delete), &paths, id, false)
        .await
        .unwrap()
        .send(&progress, &Control::default(), &mut |_| {})
        .await;
    assert!(report.tally.is_whole(), "{}", report.tally);
    let error = resume::stored(&connection, &paths, id).await.unwrap_err();
    assert!(matches!(error, Error::Reverted { .. }), "{error}");
}

/// A store without an id is known by its address alone.
#[tokio::test(flavor = "multi_thread")]
async fn a_hosted_store_is_known_by_its_address() {
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    let table = catalog(home.path());
    let accept = || {
        axum::Router::new()
            .route(
                "/v1/products/_ids",
                axum::routing::get(async || axum::Json(serde_json::json!({"data": {"ids": []}}))),
            )
            .route(
                "/v1/products",
                axum::routing::post(async || axum::Json(serde_json::json!({"message": "success"}))),
            )
    };
    let mut connections = Vec::new();
    for _ in 0..2 {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, accept()).await });
        connections.push(Connection::new("hosted", &address, ApiKey::new("key-of-this-test")).unwrap());
    }
    let [here, there] = &connections[..] else {
        unreachable!()
    };
    let id = table.upload(here, &paths).await;
    let past = history::upload(&paths, id).unwrap();
    here.ensure_target_of(&past).await.unwrap();
    let error = there.ensure_target_of(&past).await.unwrap_err();
    assert!(matches!(error, Error::OtherServer { .. }), "{error}");
}

#[tokio::test]
async fn environments_are_found_by_name_and_address() {
    let home = tempfile::tempdir().unwrap();
    let paths = Paths::under(home.path());
    let (registry, problem) = Registry::open(paths.clone());
    assert!(problem.is_none());
    let shop = Environment {
        name: "Shop".to_owned(),
        kind: EnvironmentKind::Production,
        base_url: "https://shop.example".to_owned(),
        keys: Vec::new(),
        allows_http: false,
    };
    let key = || ApiKey::new("secret-of-the-shop");
    registry.save(shop, Some(key()), None).unwrap();
    assert_eq!(
        registry.connect("shop").unwrap().to_string(),
        "Shop (https://shop.example)"
    );
    let unknown = registry.connect("Elsewhere").unwrap_err();
    assert!(matches!(&unknown, ConnectError::UnknownEnvironment { known, .. } if known == &["Local", "Shop"]));
    assert!(matches!(registry.connect("local"), Err(ConnectError::LocalNotRunning)));

    let given = |key: ApiKey| Some(GivenKey { key, is_explicit: true });
    let found = find(&paths, &Destination::named("SHOP"), given(key()), false)
        .await
        .unwrap();
    assert_eq!(
        (found.connection.name(), found.connection.guard(), found.key_source),
        ("Shop", Guard::Production, KeySource::Given)
    );
    // An address that nobody set up goes by its host.
    let hosted = Destination::Address("https://api.example:443/v1".to_owned());
    let other = || given(ApiKey::new("a-key-that-is-given"));
    let found = find(&paths, &hosted, other(), false).await.unwrap();
    assert_eq!(
        (found.connection.name(), found.connection.guard()),
        ("api.example", Guard::Unknown)
    );
    // What is on this machine is the local server's when its store is one that was opened here.
    let server = served(&paths.local_server(), "127.0.0.1:0").await;
    let local = Destination::Address(server.address.clone());
    let found = find(&paths, &local, None, false).await.unwrap();
    let place = server.address.trim_start_matches("http://");
    assert_eq!(
        (found.connection.name(), found.connection.guard()),
        (place, Guard::Unknown)
    );
    assert_eq!(found.key_source, KeySource::LocalServer);
    let nobodys = Paths::under(&home.path().join("nobody"));
    let refused = find(&nobodys, &local, None, false).await;
    assert!(matches!(refused, Err(ConnectError::NoKey { name }) if name == "local"));
}
