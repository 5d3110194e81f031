//! The keys of an environment, and who may do what: the secret key everything, the publishable key nothing but
//! sending interactions.

use std::{
    fmt, fs,
    io::{self, Write as _},
    path::{Path, PathBuf},
    sync::Arc,
};

use axum::{
    extract::{Query, Request, State},
    http::{HeaderMap, Method, Uri},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;
use zeroize::Zeroize as _;

use super::{
    DEFAULT_MAX_BODY,
    answer::{self, RequestFailure},
    body,
    environment::ServedEnvironment,
};
use crate::settings::{AtomicFile, create_private_folder};

/// All environments of a server.
pub(crate) type EnvironmentsByKey = Arc<[Arc<ServedEnvironment>]>;

/// The file in the data directory that holds the keys, readable by its owner only.
pub(crate) const FILE: &str = "keys.json";
/// The length of a key that is made here; the service's own keys have it too.
const LENGTH: usize = 40;

/// The two keys of an environment.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    /// For servers and people: may do everything.
    pub secret: String,
    /// For browsers: may only send interactions.
    pub publishable: String,
}

/// Why the keys cannot be read or made.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file cannot be read or written.
    #[error("the keys in {path} cannot be read or written: {source}")]
    File { path: PathBuf, source: io::Error },
    /// The file holds something else.
    #[error("{0} does not hold keys; delete it, and new keys are made")]
    Damaged(PathBuf),
    /// Others on this machine can read the keys.
    #[error(
        "{0} holds keys, and others on this machine can read it. Keep it to yourself: chmod 600 {0}. If somebody may \
         have seen the keys, replace them"
    )]
    Exposed(PathBuf),
    /// The system gives no random numbers.
    #[error("the system gives no random numbers to make keys from: {0}")]
    Random(getrandom::Error),
}

impl Keys {
    /// New random keys, 40 letters and digits each.
    pub fn generate() -> Result<Self, KeysError> {
        Ok(Self {
            secret: random_text(LENGTH).map_err(KeysError::Random)?,
            publishable: random_text(LENGTH).map_err(KeysError::Random)?,
        })
    }

    /// The file in a data directory that holds its keys.
    pub fn file(dir: &Path) -> PathBuf {
        dir.join(FILE)
    }

    /// The keys kept in the data directory; the first time, new ones are made and kept there.
    pub fn load_or_create(dir: &Path) -> Result<Self, KeysError> {
        let path = Self::file(dir);
        let failed = |source| KeysError::File {
            path: path.clone(),
            source,
        };
        create_private_folder(dir).map_err(failed)?;
        match fs::read_to_string(&path) {
            Ok(text) => {
                let keys = serde_json::from_str(&text).map_err(|_| KeysError::Damaged(path.clone()))?;
                if is_exposed(&path).map_err(failed)? {
                    return Err(KeysError::Exposed(path));
                }
                Ok(keys)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let keys = Self::generate()?;
                if keys.save(&path).map_err(failed)? {
                    return Ok(keys);
                }
                // Another server made them at the same moment.
                let text = fs::read_to_string(&path).map_err(failed)?;
                serde_json::from_str(&text).map_err(|_| KeysError::Damaged(path.clone()))
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Writes the keys whole or not at all; `false` when the file is there already.
    fn save(&self, path: &Path) -> io::Result<bool> {
        let mut text = serde_json::to_string_pretty(self)?;
        let written = AtomicFile::create_private(path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.finish_new()
        });
        text.zeroize();
        written
    }

    /// Whether the two have a key in common: it would not say which environment is meant.
    pub(super) fn share(&self, other: &Self) -> bool {
        let ours = [&self.secret, &self.publishable];
        ours.into_iter()
            .any(|key| !key.is_empty() && (*key == other.secret || *key == other.publishable))
    }

    /// Which of the keys this is; the time it takes does not tell how much of it is right.
    pub(super) fn role(&self, key: &str) -> Option<Role> {
        let is = |own: &str| !own.is_empty() && bool::from(own.as_bytes().ct_eq(key.as_bytes()));
        let (secret, publishable) = (is(&self.secret), is(&self.publishable));
        match (secret, publishable) {
            (true, _) => Some(Role::Secret),
            (false, true) => Some(Role::Publishable),
            (false, false) => None,
        }
    }
}

/// Whether others than its owner can read a file.
#[cfg(unix)]
pub(super) fn is_exposed(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::metadata(path)?.permissions().mode() & 0o077 != 0)
}

/// On other systems a person's files are private by default.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "it can fail elsewhere")]
pub(super) fn is_exposed(_: &Path) -> io::Result<bool> {
    Ok(false)
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Keys(****)")
    }
}

/// What a key allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Secret,
    Publishable,
}

/// Random letters and digits from the system's source.
pub(super) fn random_text(length: usize) -> Result<String, getrandom::Error> {
    const LETTERS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut text = String::with_capacity(length);
    let mut bytes = [0; 64];
    while text.len() < length {
        getrandom::fill(&mut bytes)?;
        // Bytes past the last whole multiple of 62 are left out, so that every letter is equally likely.
        let letters = bytes.iter().filter(|byte| **byte < 248);
        let letters = letters.filter_map(|byte| LETTERS.get(usize::from(byte % 62)));
        text.extend(letters.map(|letter| char::from(*letter)).take(length - text.len()));
    }
    bytes.zeroize();
    Ok(text)
}

/// Lets a request through when its key allows it, to the environment that the key opens.
pub(crate) async fn guard(State(environments): State<EnvironmentsByKey>, mut request: Request, next: Next) -> Response {
    // Health is answered without a key, as probes have none.
    if request.uri().path() == "/_tatami/health" {
        return answer::said("success");
    }
    let (environment, failure) = match permit(&environments, &request) {
        Ok(environment) if is_api(&request) && !environment.has_room() => {
            (Some(environment), RequestFailure::TooMany(1))
        }
        Ok(environment) => {
            request.extensions_mut().insert(environment);
            return next.run(request).await;
        }
        Err(failure) => (None, failure),
    };
    // A client that is cut off while it writes would see a broken connection instead of the answer.
    let limit = environment.map_or(DEFAULT_MAX_BODY, |environment| environment.max_body);
    body::discard(request.into_body(), limit).await;
    failure.into_response()
}

fn permit(environments: &EnvironmentsByKey, request: &Request) -> Result<Arc<ServedEnvironment>, RequestFailure> {
    let key = given_key(request.uri(), request.headers()).ok_or(RequestFailure::InvalidKey)?;
    // All environments are compared, so that the time taken does not tell which of them has a similar key.
    let mut opened = None;
    for environment in environments.iter() {
        opened = environment.role(&key).map(|role| (environment, role)).or(opened);
    }
    let (environment, role) = opened.ok_or(RequestFailure::InvalidKey)?;
    let path = request.uri().path();
    let sends_interactions = request.method() == Method::POST && path == "/v1/interactions";
    if role == Role::Publishable && !sends_interactions {
        return Err(RequestFailure::Forbidden);
    }
    let only_reads = request.method() == Method::GET || path == "/v1/bulk" || path == "/v1/search/mget";
    if environment.read_only && is_api(request) && !only_reads {
        return Err(RequestFailure::Playground(environment.name.clone()));
    }
    Ok(Arc::clone(environment))
}

fn is_api(request: &Request) -> bool {
    request.uri().path().starts_with("/v1/")
}

/// The key of a request: `api_key` in the query, or else the `X-API-KEY` header.
fn given_key(uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let query = Query::<Vec<(String, String)>>::try_from_uri(uri).ok();
    let in_query = query.and_then(|Query(pairs)| pairs.into_iter().find(|(name, _)| name == "api_key"));
    let in_header = || headers.get("x-api-key")?.to_str().ok().map(str::to_owned);
    in_query.map(|(_, key)| key).or_else(in_header)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_forty_letters_and_digits_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("deep/data");
        let keys = Keys::load_or_create(&data).unwrap();
        assert!(keys.secret.len() == LENGTH && keys.secret.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        assert_ne!(keys.secret, keys.publishable);
        assert_eq!(Keys::load_or_create(&data).unwrap(), keys);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&data.join(FILE)), mode(&data)), (0o600, 0o700));
            fs::set_permissions(data.join(FILE), fs::Permissions::from_mode(0o640)).unwrap();
            let exposed = Keys::load_or_create(&data).unwrap_err();
            assert!(matches!(exposed, KeysError::Exposed(_)), "{exposed}");
        }
        assert!(!format!("{keys:?}").contains(&keys.secret));
    }

    #[test]
    fn damaged_keys_are_said_and_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join(FILE), "nonsense").unwrap();
        let error = Keys::load_or_create(dir.path()).unwrap_err();
        assert!(matches!(error, KeysError::Damaged(_)), "{error}");
        assert_eq!(fs::read_to_string(dir.path().join(FILE)).unwrap(), "nonsense");
    }
}
