//! Which consumer groups a cluster has, and who is in them.
//!
//! `rd_kafka_list_groups` asks with the oldest version of its requests, for which a group of the protocol of KIP-848
//! has no members, and forgets the error of a broker when a later one answers. The admin requests speak with every
//! version.

use rdkafka::types::RDKafkaErrorCode;

use super::admin::{Setting, call};
use super::{Client, Patience, Refused, c_text, error_at, sys, text_at, values_at};
use crate::model::GroupName;

/// The groups the brokers tell of, and why a broker did not answer. Brokers before 0.10.1 only know groups that have
/// members.
///
/// # Errors
/// When no broker could be asked.
pub(crate) fn list(client: &Client, patience: Patience<'_>) -> Result<(Vec<GroupName>, Option<Refused>), Refused> {
    let event = call(
        client,
        sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS,
        Setting::None,
        sys::RD_KAFKA_EVENT_LISTCONSUMERGROUPS_RESULT,
        patience,
        // SAFETY: all are alive.
        |client, options, queue| unsafe { sys::rd_kafka_ListConsumerGroups(client, options, queue) },
    )?;
    let (mut n_groups, mut n_errors) = (0, 0);
    // SAFETY: the event is of this type; all it holds lives as long as it does, and is copied.
    unsafe {
        let result = sys::rd_kafka_event_ListConsumerGroups_result(event.0.as_ptr());
        let listed = sys::rd_kafka_ListConsumerGroups_result_valid(result, &raw mut n_groups);
        let names = values_at(listed, n_groups)
            .iter()
            .map(|group| GroupName::from(text_at(sys::rd_kafka_ConsumerGroupListing_group_id(*group))));
        let names: Vec<GroupName> = names.collect();
        let errors = sys::rd_kafka_ListConsumerGroups_result_errors(result, &raw mut n_errors);
        let refused = values_at(errors, n_errors).iter().find_map(|error| error_at(*error));
        match refused {
            Some(refused) if names.is_empty() => Err(refused),
            refused => Ok((names, refused)),
        }
    }
}

/// The members of `group` now, each as `client id on address`; none when there is no such group.
///
/// # Errors
/// When its coordinator cannot be asked.
pub(crate) fn members(client: &Client, group: &GroupName, patience: Patience<'_>) -> Result<Vec<String>, Refused> {
    // SAFETY: it is a description of a group.
    let found = describe(client, group, Setting::None, patience, |group| unsafe { members_of(group) })?;
    Ok(found.unwrap_or_default())
}

/// What `read` finds in the description of `group`; `None` when there is no such group.
///
/// # Errors
/// When its coordinator cannot be asked, or does not let it be described.
pub(super) fn describe<T>(
    client: &Client,
    group: &GroupName,
    setting: Setting,
    patience: Patience<'_>,
    read: impl Fn(*const sys::rd_kafka_ConsumerGroupDescription_t) -> T,
) -> Result<Option<T>, Refused> {
    let name = c_text(group.as_str())?;
    let mut names = [name.as_ptr()];
    let event = call(
        client,
        sys::rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS,
        setting,
        sys::RD_KAFKA_EVENT_DESCRIBECONSUMERGROUPS_RESULT,
        patience,
        // SAFETY: all are alive, and the name is copied.
        |client, options, queue| unsafe {
            sys::rd_kafka_DescribeConsumerGroups(client, names.as_mut_ptr(), names.len(), options, queue);
        },
    )?;
    let mut count = 0;
    // SAFETY: the event is of this type; all it holds lives as long as it does, and is copied.
    unsafe {
        let result = sys::rd_kafka_event_DescribeConsumerGroups_result(event.0.as_ptr());
        let groups = sys::rd_kafka_DescribeConsumerGroups_result_groups(result, &raw mut count);
        let Some(group) = values_at(groups, count).first() else { return Ok(None) };
        match error_at(sys::rd_kafka_ConsumerGroupDescription_error(*group)) {
            Some(refused) if refused.code == RDKafkaErrorCode::GroupIdNotFound => Ok(None),
            Some(refused) => Err(refused),
            None => Ok(Some(read(*group))),
        }
    }
}

/// # Safety
/// `group` must point to a description of a group.
unsafe fn members_of(group: *const sys::rd_kafka_ConsumerGroupDescription_t) -> Vec<String> {
    // SAFETY: the caller's promise; members live as long as the description, and their texts are copied.
    unsafe {
        let count = sys::rd_kafka_ConsumerGroupDescription_member_count(group);
        let members = (0..count).map(|index| sys::rd_kafka_ConsumerGroupDescription_member(group, index));
        let named = members.map(|member| {
            let address = text_at(sys::rd_kafka_MemberDescription_host(member));
            let client_id = text_at(sys::rd_kafka_MemberDescription_client_id(member));
            format!("{client_id} on {}", address.trim_start_matches('/'))
        });
        named.collect()
    }
}
