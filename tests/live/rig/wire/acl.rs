//! Access control lists, granted by the rig to the mirror's user.

use anyhow::{Context as _, Result};
use kafka_protocol::messages::create_acls_request::AclCreation;
use kafka_protocol::messages::delete_acls_request::DeleteAclsFilter;
use kafka_protocol::messages::{CreateAclsRequest, DeleteAclsRequest};

use super::client::{Client, text};
use super::error::BrokerError;

/// What a right is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resource<'a> {
    /// A topic.
    Topic(&'a str),
    /// A consumer group.
    Group(&'a str),
    /// The cluster.
    Cluster,
    /// A transactional id.
    TransactionalId(&'a str),
}

/// What may be done with it; the discriminant is Kafka's number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    /// Everything.
    All = 2,
    /// Read.
    Read = 3,
    /// Write.
    Write = 4,
    /// Create.
    Create = 5,
    /// Delete.
    Delete = 6,
    /// Alter.
    Alter = 7,
    /// Describe.
    Describe = 8,
    /// Describe configs.
    DescribeConfigs = 10,
    /// Alter configs.
    AlterConfigs = 11,
    /// Write with idempotence.
    IdempotentWrite = 12,
}

impl Resource<'_> {
    fn kind_and_name(self) -> (i8, String) {
        match self {
            Self::Topic(name) => (2, name.to_owned()),
            Self::Group(name) => (3, name.to_owned()),
            Self::Cluster => (4, "kafka-cluster".to_owned()),
            Self::TransactionalId(name) => (5, name.to_owned()),
        }
    }
}

impl Client {
    /// Gives `user` a right; the broker knows of it a moment later.
    pub(crate) fn grant(&self, user: &str, operation: Operation, resource: Resource<'_>) -> Result<()> {
        let (kind, name) = resource.kind_and_name();
        let creation = AclCreation::default()
            .with_resource_type(kind)
            .with_resource_name(text(&name))
            .with_resource_pattern_type(LITERAL)
            .with_principal(text(&format!("User:{user}")))
            .with_host(text("*"))
            .with_operation(operation as i8)
            .with_permission_type(ALLOW);
        let answer = self.call(&CreateAclsRequest::default().with_creations(vec![creation]), 3)?;
        let result = answer.results.first().context("grant a right: empty answer")?;
        let message = result.error_message.as_deref();
        let what = || format!("grant {operation:?} on {resource:?} to {user}");
        Ok(BrokerError::check_with(what, result.error_code, message)?)
    }

    /// Takes every right of `user` on a resource away.
    pub(crate) fn revoke(&self, user: &str, resource: Resource<'_>) -> Result<()> {
        let (kind, name) = resource.kind_and_name();
        let filter = DeleteAclsFilter::default()
            .with_resource_type_filter(kind)
            .with_resource_name_filter(Some(text(&name)))
            .with_pattern_type_filter(LITERAL)
            .with_principal_filter(Some(text(&format!("User:{user}"))))
            .with_host_filter(None)
            .with_operation(ANY)
            .with_permission_type(ANY);
        let answer = self.call(&DeleteAclsRequest::default().with_filters(vec![filter]), 3)?;
        let result = answer.filter_results.first().context("revoke rights: empty answer")?;
        let message = result.error_message.as_deref();
        let what = || format!("revoke the rights of {user} on {resource:?}");
        Ok(BrokerError::check_with(what, result.error_code, message)?)
    }
}

const ANY: i8 = 1;
const ALLOW: i8 = 3;
const LITERAL: i8 = 3;
