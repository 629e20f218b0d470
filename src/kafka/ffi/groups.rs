//! Who is in a group.

use std::ptr;

use rdkafka::types::RDKafkaErrorCode;

use super::{Client, Patience, Refused, c_text, millis, raw, sys, text_at, values_at};
use crate::model::GroupName;

/// The members of `group`, each as `client id on address`. Asks all brokers, with requests that those from 0.9 on have.
///
/// # Errors
/// When no broker answers, or the group's own refuses.
pub(crate) fn members(client: &Client, group: &GroupName, patience: Patience<'_>) -> Result<Vec<String>, Refused> {
    let name = c_text(group.as_str())?;
    let mut list = ptr::null();
    // SAFETY: client and name are alive, and `list` receives a pointer that is destroyed below.
    let number = unsafe {
        raw::rd_kafka_list_groups(client.native_ptr(), name.as_ptr(), &raw mut list, millis(patience.left()).max(1))
    };
    let refused = Refused::of(number, String::new());
    if list.is_null() {
        return refused.map_or(Ok(Vec::new()), Err);
    }
    // SAFETY: the list is ours; all it holds lives as long as it does, and is copied.
    let answer = unsafe { members_of(list) };
    // SAFETY: ours, and destroyed once.
    unsafe { sys::rd_kafka_group_list_destroy(list) }
    match refused {
        // Some brokers did not answer. One that has the group knows; without any, nothing is known.
        Some(refused) if refused.code != RDKafkaErrorCode::Partial || answer.as_ref().is_ok_and(Vec::is_empty) => {
            Err(refused)
        }
        _ => answer,
    }
}

/// # Safety
/// `list` must point to a list of librdkafka's.
unsafe fn members_of(list: *const sys::rd_kafka_group_list) -> Result<Vec<String>, Refused> {
    let mut members = Vec::new();
    // SAFETY: the caller's promise; counts and pointers belong together, texts are C strings, and the error's field is
    // not read as an enum.
    unsafe {
        for group in values_at((*list).groups.cast_const(), count((*list).group_cnt)) {
            if let Some(refused) = Refused::of(raw::code_at(&raw const group.err), String::new()) {
                return Err(refused);
            }
            for member in values_at(group.members.cast_const(), count(group.member_cnt)) {
                let address = text_at(member.client_host);
                members.push(format!("{} on {}", text_at(member.client_id), address.trim_start_matches('/')));
            }
        }
    }
    Ok(members)
}

fn count(number: i32) -> usize {
    usize::try_from(number).unwrap_or(0)
}
