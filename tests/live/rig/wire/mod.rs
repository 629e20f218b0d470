//! A raw Kafka client that shares no code with the one under test.
//!
//! Envelopes of requests and answers come from the `kafka-protocol` crate; records are encoded and decoded here, byte
//! for byte, since names of headers need not be UTF-8 and null is not empty. It must never use librdkafka or the crate.
//!
//! The rig's clusters have one broker each: the broker a [`Client`] talks to is leader, coordinator and controller of
//! everything, so nothing is routed.

mod acl;
mod admin;
mod batch;
mod census;
mod client;
mod codec;
mod connection;
mod error;
mod fetch;
mod group;
mod legacy;
mod offsets;
mod produce;
mod transaction;
mod varint;

pub(crate) use acl::{Operation, Resource};
pub(crate) use admin::TopicInfo;
pub(crate) use batch::Batch;
pub(crate) use client::Client;
pub(crate) use codec::Codec;
pub(crate) use connection::Greeting;
pub(crate) use error::BrokerError;
pub(crate) use fetch::Isolation;
pub(crate) use legacy::Format;
pub(crate) use offsets::Position;
pub(crate) use transaction::{Outcome, Transaction};
