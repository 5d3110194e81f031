//! Connections: taking them, serving requests on them, and ending them.

use std::{io, pin::pin, time::Duration};

use axum::{Router, body::Body, http::Request};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::faults::wreck::Cut;

/// How long running requests may take after the stop before their connections are cut.
const GRACE: Duration = Duration::from_secs(10);
/// How long a client may take to send the head of a request; also how long a connection may stay idle.
const HEAD: Duration = Duration::from_secs(75);
/// How long to wait when the system has no file handles left.
const BREATH: Duration = Duration::from_millis(500);

/// Serves connections until the stop; requests under way then are given ten seconds to finish.
pub(super) async fn serve(listener: TcpListener, app: Router, stop: CancellationToken) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(connection(stream, app.clone(), stop.clone()));
                }
                Err(error) if is_of_the_client(&error) => {}
                Err(_) => sleep(BREATH).await,
            },
            Some(_) = connections.join_next() => {}
        }
    }
    drop(listener);
    let finished = async { while connections.join_next().await.is_some() {} };
    // What is not finished by then is cut when the set is dropped.
    timeout(GRACE, finished).await.ok();
}

async fn connection(stream: TcpStream, app: Router, stop: CancellationToken) {
    // Without it a short answer may wait for the client's acknowledgement of the one before.
    stream.set_nodelay(true).ok();
    let app = TowerToHyperService::new(app);
    let service = service_fn(move |request: Request<Incoming>| {
        let answer = hyper::service::Service::call(&app, request.map(Body::new));
        async move {
            let Ok(answer) = answer.await;
            // An error of the service closes the connection without an answer.
            match answer.extensions().get::<Cut>() {
                Some(cut) => Err(*cut),
                None => Ok(answer),
            }
        }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD);
    let mut served = pin!(http.serve_connection(TokioIo::new(stream), service));
    // How a connection ended matters to its client only.
    tokio::select! {
        _ = served.as_mut() => {}
        () = stop.cancelled() => {
            served.as_mut().graceful_shutdown();
            served.await.ok();
        }
    }
}

/// Whether the error concerns one connection only, so that the server goes on accepting.
fn is_of_the_client(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused | io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset
    )
}
