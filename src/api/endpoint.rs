//! Where an environment's API is, and the key to it.

use std::net::{Ipv4Addr, Ipv6Addr};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Url;

use super::{ApiError, ApiKey};

/// Everything but RFC 3986's unreserved characters is encoded, so that an id with a `/` stays one segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// An address and the key that opens it.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Scheme, host, port and any path before `/v1`; no query, no slash at the end.
    root: Url,
    key: ApiKey,
}

impl Endpoint {
    /// Takes an address as people write it: with or without `/v1`, a slash at the end, or the scheme
    /// (then https, or http on this machine).
    pub fn new(base_url: &str, key: ApiKey) -> Result<Self, ApiError> {
        let wrong = |reason: &str| ApiError::Address {
            reason: reason.to_owned(),
        };
        let text = base_url.trim();
        if text.is_empty() {
            return Err(wrong("it is empty"));
        }
        let mut root = if text.contains("://") {
            Url::parse(text)
        } else {
            let plain = Url::parse(&format!("http://{text}"));
            if plain.as_ref().is_ok_and(is_loopback) {
                plain
            } else {
                Url::parse(&format!("https://{text}"))
            }
        }
        .map_err(|error| wrong(&error.to_string()))?;
        if !matches!(root.scheme(), "http" | "https") {
            return Err(wrong("it must start with https:// or http://"));
        }
        if !root.username().is_empty() || root.password().is_some() {
            return Err(wrong(
                "it must not contain a user name or password; the key is given apart",
            ));
        }
        root.set_query(None);
        root.set_fragment(None);
        let path = root.path().trim_end_matches('/');
        let path = path
            .strip_suffix("/v1")
            .unwrap_or(path)
            .trim_end_matches('/')
            .to_owned();
        root.set_path(&path);
        Ok(Self { root, key })
    }

    /// The address for people, without `/v1`: `https://api.askmiso.com`.
    pub fn base_url(&self) -> String {
        self.root.as_str().trim_end_matches('/').to_owned()
    }

    /// The key that requests carry in `X-API-KEY`.
    pub const fn key(&self) -> &ApiKey {
        &self.key
    }

    /// Whether the server is on this machine.
    pub(crate) fn is_loopback(&self) -> bool {
        is_loopback(&self.root)
    }

    /// Whether the key would cross a network unencrypted.
    pub(crate) fn is_cleartext(&self) -> bool {
        self.root.scheme() == "http" && !self.is_loopback()
    }

    /// Whether the connection is encrypted.
    pub(crate) fn is_https(&self) -> bool {
        self.root.scheme() == "https"
    }

    /// The address of an endpoint of the API: `/v1/{path}`.
    pub(super) fn v1(&self, path: &str) -> Result<Url, ApiError> {
        self.join(&format!("v1/{path}"))
    }

    /// The address of a path under the root.
    pub(super) fn join(&self, path: &str) -> Result<Url, ApiError> {
        Url::parse(&format!("{}/{path}", self.base_url())).map_err(|error| ApiError::Address {
            reason: error.to_string(),
        })
    }
}

/// The longest segment that addresses are sent with, in bytes: servers and what stands before them take no longer
/// ones than 8,000 or so.
const LONGEST_SEGMENT: usize = 7_000;

/// Whether a record of that id can be asked for.
pub(crate) fn is_addressable(id: &str) -> bool {
    record_segment(id).is_ok()
}

/// A record's id as one path segment: none of those that mean something else there (miso-api.md section 1.1).
pub(super) fn record_segment(id: &str) -> Result<String, ApiError> {
    if matches!(id, "_ids" | "_delete" | "_status") {
        return Err(ApiError::Unaddressable { id: id.to_owned() });
    }
    let segment = segment(id)?;
    if segment.len() > LONGEST_SEGMENT {
        return Err(ApiError::Unaddressable { id: id.to_owned() });
    }
    Ok(segment)
}

/// An id or task as one path segment.
pub(super) fn segment(id: &str) -> Result<String, ApiError> {
    // A URL cannot carry these as a segment, encoded or not: they mean "here" and "one up".
    if matches!(id, "" | "." | "..") {
        return Err(ApiError::Unaddressable { id: id.to_owned() });
    }
    Ok(utf8_percent_encode(id, SEGMENT).to_string())
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    host.eq_ignore_ascii_case("localhost")
        || host.parse::<Ipv4Addr>().is_ok_and(|address| address.is_loopback())
        || host
            .trim_matches(['[', ']'])
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base(url: &str) -> String {
        match Endpoint::new(url, ApiKey::default()) {
            Ok(endpoint) => endpoint.base_url(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn takes_addresses_as_people_write_them() {
        for url in [
            "https://api.askmiso.com/v1",
            "https://api.askmiso.com/v1/",
            "https://api.askmiso.com/",
            " api.askmiso.com ",
            "https://api.askmiso.com/v1?api_key=secret",
        ] {
            assert_eq!(base(url), "https://api.askmiso.com", "{url}");
        }
        assert_eq!(base("localhost:8700"), "http://localhost:8700");
        assert_eq!(base("http://[::1]:8700/v1"), "http://[::1]:8700");
        assert_eq!(base("https://proxy.example/miso/v1/"), "https://proxy.example/miso");
        assert!(base("ftp://x").contains("https://"));
        assert!(base("https://me:secret@x").contains("user name"));
    }

    #[test]
    fn ids_are_one_segment() {
        assert_eq!(segment("a/b c?ü%").ok().as_deref(), Some("a%2Fb%20c%3F%C3%BC%25"));
        assert!(segment("..").is_err());
        assert!(record_segment("_ids").is_err());
        assert!(record_segment(&"ü".repeat(2_000)).is_err());
    }

    #[test]
    fn knows_where_the_key_goes_unencrypted() {
        let cleartext = |url| Endpoint::new(url, ApiKey::default()).is_ok_and(|endpoint| endpoint.is_cleartext());
        assert!(cleartext("http://shop.example"));
        assert!(!cleartext("http://127.0.0.1:8700"));
        assert!(!cleartext("https://shop.example"));
    }
}
