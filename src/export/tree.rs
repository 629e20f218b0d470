//! A document in the order in which it is to be read.

use serde::{Serialize, Serializer};

/// A value of a document.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Map(Vec<(&'static str, Tree)>),
    List(Vec<Tree>),
    Text(String),
    Number(u64),
    Flag(bool),
}

pub(super) fn map(entries: impl IntoIterator<Item = (&'static str, Tree)>) -> Tree {
    Tree::Map(entries.into_iter().collect())
}

pub(super) fn list(items: impl IntoIterator<Item = Tree>) -> Tree {
    Tree::List(items.into_iter().collect())
}

pub(super) fn text(text: impl Into<String>) -> Tree {
    Tree::Text(text.into())
}

impl Serialize for Tree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Map(entries) => serializer.collect_map(entries.iter().map(|(key, value)| (key, value))),
            Self::List(items) => serializer.collect_seq(items),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
        }
    }
}
