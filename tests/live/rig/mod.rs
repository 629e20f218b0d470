//! The rig: real brokers, a reader and a writer that are not the code under test, and a checker.
//!
//! | file | what |
//! |---|---|
//! | `version` | Kafka's versions as data |
//! | `jars`, `java`, `process`, `port`, `temp` | how a JVM gets here, and how it and its data are sure to leave |
//! | `broker`, `properties`, `zookeeper`, `cluster` | one broker; the shared ones |
//! | `wire` | the raw client |
//! | `record`, `corpus`, `random` | what is copied |
//! | `checker`, `verdict`, `compare` | whether it was copied |
//! | `kmirror` | the program under test |
//! | `mirrormaker` | the one it takes over from |
//! | `scenario`, `wait` | how a test is written |
//!
//! Nothing here may use the crate `kmirror` or librdkafka: a checker that shares code with what it checks shares its
//! bugs.
#![allow(dead_code, reason = "the rig offers whole sets (every version, every signal); scenarios take what they need")]

pub(crate) mod broker;
pub(crate) mod checker;
pub(crate) mod cluster;
pub(crate) mod compare;
pub(crate) mod corpus;
pub(crate) mod jars;
pub(crate) mod java;
pub(crate) mod kmirror;
pub(crate) mod mirrormaker;
mod port;
pub(crate) mod process;
pub(crate) mod properties;
pub(crate) mod random;
pub(crate) mod record;
pub(crate) mod scenario;
pub(crate) mod temp;
pub(crate) mod verdict;
pub(crate) mod version;
pub(crate) mod wait;
pub(crate) mod wire;
mod zookeeper;
