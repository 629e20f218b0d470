//! One record as the wire client sees it.

use bytes::Bytes;

use super::wire::Format;

/// A header: its name need not be UTF-8, its value may be null.
pub(crate) type Header = (Bytes, Option<Bytes>);

/// One record. Equality ignores offset and format: a copy has others.
#[derive(Clone, Debug, Default)]
pub(crate) struct Record {
    /// Its place in the partition it was read from; 0 in a record not written yet.
    pub(crate) offset: i64,
    /// Milliseconds since 1970; -1 is "none".
    pub(crate) timestamp: i64,
    /// The key. Null and empty differ.
    pub(crate) key: Option<Bytes>,
    /// The value. Null is a tombstone, empty is not.
    pub(crate) value: Option<Bytes>,
    /// The headers, in order, duplicates included.
    pub(crate) headers: Vec<Header>,
    /// The format it was kept in where it was read.
    pub(crate) format: Format,
}

impl Record {
    /// A record with a key, a value and a timestamp.
    pub(crate) fn new(timestamp: i64, key: impl Into<Bytes>, value: impl Into<Bytes>) -> Self {
        Self { timestamp, key: Some(key.into()), value: Some(value.into()), ..Self::default() }
    }

    /// Its bytes without framing.
    pub(crate) fn size_bytes(&self) -> usize {
        let headers: usize =
            self.headers.iter().map(|(name, value)| name.len() + value.as_ref().map_or(0, Bytes::len)).sum();
        self.key.as_ref().map_or(0, Bytes::len) + self.value.as_ref().map_or(0, Bytes::len) + headers
    }
}

impl PartialEq for Record {
    fn eq(&self, other: &Self) -> bool {
        self.timestamp == other.timestamp
            && self.key == other.key
            && self.value == other.value
            && self.headers == other.headers
    }
}

impl Eq for Record {}
