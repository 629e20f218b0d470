//! What the brokers let this client do. They answer with the operations that are allowed; every one of them when
//! nobody guards the cluster.

use std::collections::BTreeSet;

use rdkafka::types::RDKafkaErrorCode;

use super::admin::{self, DescribedTopic, Setting, TopicRequest, call};
use super::{Client, Patience, Refused, groups, raw, sys, text_at, values_at};
use crate::engine::ports::NewTopic;
use crate::model::{GroupName, Operation, TopicName};

/// What is allowed; `None` where it is not told.
pub(crate) type Allowed = Option<BTreeSet<Operation>>;

/// What is allowed with each of `topics`. One without an answer is absent.
///
/// # Errors
/// When the request as a whole failed.
pub(crate) fn of_topics(
    client: &Client,
    topics: &[TopicName],
    patience: Patience<'_>,
) -> Result<Vec<DescribedTopic<Allowed>>, Refused> {
    // SAFETY: the description lives as long as it is looked at, and what it holds is copied.
    admin::describe_topics(client, topics, Setting::Rights, patience, |topic| unsafe {
        let mut count = 0;
        let first = sys::rd_kafka_TopicDescription_authorized_operations(topic, &raw mut count);
        allowed_at(first, count)
    })
}

/// What is allowed with the cluster as a whole.
///
/// # Errors
/// When no broker answers.
pub(crate) fn of_cluster(client: &Client, patience: Patience<'_>) -> Result<Allowed, Refused> {
    let event = call(
        client,
        sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECLUSTER,
        Setting::Rights,
        sys::RD_KAFKA_EVENT_DESCRIBECLUSTER_RESULT,
        patience,
        // SAFETY: all are alive.
        |client, options, queue| unsafe { sys::rd_kafka_DescribeCluster(client, options, queue) },
    )?;
    let mut count = 0;
    // SAFETY: the event is of this type; all it holds lives as long as it does, and is copied.
    unsafe {
        let result = sys::rd_kafka_event_DescribeCluster_result(event.0.as_ptr());
        let first = sys::rd_kafka_DescribeCluster_result_authorized_operations(result, &raw mut count);
        Ok(allowed_at(first, count))
    }
}

/// What is allowed with a group, whether there is one of this name or not.
///
/// # Errors
/// When its coordinator cannot be asked, or does not let it be described.
pub(crate) fn of_group(client: &Client, group: &GroupName, patience: Patience<'_>) -> Result<Allowed, Refused> {
    // SAFETY: the description lives as long as it is looked at, and what it holds is copied.
    let allowed = groups::describe(client, group, Setting::Rights, patience, |group| unsafe {
        let mut count = 0;
        let first = sys::rd_kafka_ConsumerGroupDescription_authorized_operations(group, &raw mut count);
        allowed_at(first, count)
    })?;
    Ok(allowed.flatten())
}

/// Of `topics`, those that may not be created. The brokers only check: nothing is created.
///
/// # Errors
/// When the request as a whole failed.
pub(crate) fn not_creatable(
    client: &Client,
    topics: &[NewTopic],
    patience: Patience<'_>,
) -> Result<Vec<TopicName>, Refused> {
    let requests: Vec<TopicRequest> = topics.iter().map(TopicRequest::new).collect::<Result<_, _>>()?;
    let mut pointers: Vec<_> = requests.iter().map(|request| request.0).collect();
    let event = call(
        client,
        sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_CREATETOPICS,
        Setting::DryRun,
        sys::RD_KAFKA_EVENT_CREATETOPICS_RESULT,
        patience,
        // SAFETY: all are alive, and the requests are copied.
        |client, options, queue| unsafe {
            sys::rd_kafka_CreateTopics(client, pointers.as_mut_ptr(), pointers.len(), options, queue);
        },
    )?;
    let mut count = 0;
    // SAFETY: the event is of this type, and its results live as long as it does.
    unsafe {
        let result = sys::rd_kafka_event_CreateTopics_result(event.0.as_ptr());
        let results = sys::rd_kafka_CreateTopics_result_topics(result, &raw mut count);
        let refused = values_at(results, count).iter().filter(|result| {
            let code = super::code_of(raw::rd_kafka_topic_result_error(**result));
            // Anything else may be the fault of the question, which is not what would be created.
            matches!(code, RDKafkaErrorCode::TopicAuthorizationFailed | RDKafkaErrorCode::ClusterAuthorizationFailed)
        });
        Ok(refused.map(|result| TopicName::from(text_at(sys::rd_kafka_topic_result_name(*result)))).collect())
    }
}

/// Operations, of which newer brokers may have more than are known here: read as the numbers they are.
///
/// # Safety
/// `first` must be null or point to `count` operations.
unsafe fn allowed_at(first: *const sys::rd_kafka_AclOperation_t, count: usize) -> Allowed {
    if first.is_null() {
        return None;
    }
    // SAFETY: the caller's promise; the enum is `repr(u32)`.
    let numbers = unsafe { values_at(first.cast::<u32>(), count) };
    Some(numbers.iter().filter_map(|number| operation(*number)).collect())
}

fn operation(number: u32) -> Option<Operation> {
    use sys::rd_kafka_AclOperation_t as Acl;
    Operation::ALL.into_iter().find(|operation| {
        let known = match operation {
            Operation::Read => Acl::RD_KAFKA_ACL_OPERATION_READ,
            Operation::Write => Acl::RD_KAFKA_ACL_OPERATION_WRITE,
            Operation::Create => Acl::RD_KAFKA_ACL_OPERATION_CREATE,
            Operation::Alter => Acl::RD_KAFKA_ACL_OPERATION_ALTER,
            Operation::Describe => Acl::RD_KAFKA_ACL_OPERATION_DESCRIBE,
            Operation::DescribeConfigs => Acl::RD_KAFKA_ACL_OPERATION_DESCRIBE_CONFIGS,
            Operation::IdempotentWrite => Acl::RD_KAFKA_ACL_OPERATION_IDEMPOTENT_WRITE,
        };
        known as u32 == number
    })
}

#[cfg(test)]
mod tests {
    use std::ptr;

    use super::*;

    #[test]
    fn operations_are_read_as_numbers() {
        // 200 is none that librdkafka knows.
        let numbers = [3_u32, 4, 8, 9, 10, 12, 200];
        // SAFETY: as many numbers as said.
        let found = unsafe { allowed_at(numbers.as_ptr().cast(), numbers.len()) };
        let expected = [
            Operation::Read,
            Operation::Write,
            Operation::Describe,
            Operation::DescribeConfigs,
            Operation::IdempotentWrite,
        ];
        assert_eq!(found, Some(BTreeSet::from(expected)));
        // SAFETY: null, and none.
        let (untold, nothing) = unsafe { (allowed_at(ptr::null(), 0), allowed_at(numbers.as_ptr().cast(), 0)) };
        assert_eq!((untold, nothing), (None, Some(BTreeSet::new())), "nothing allowed is not the same as nothing told");
    }
}
