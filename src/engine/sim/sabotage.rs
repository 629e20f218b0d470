//! The invariants themselves are tried: each kind of harm must be seen.

use super::invariant::{Account, Ledger};
use crate::model::TopicPartition;

/// An account of ten records whose mirroring began at 0.
fn begun() -> Account {
    let mut account = Account::default();
    (0..10).for_each(|offset| account.write(offset));
    account.commit(0).expect("a beginning");
    account
}

fn seen(result: Result<(), String>, id: &str) {
    let violation = result.expect_err("it must be seen");
    assert!(violation.starts_with(id), "{violation}");
}

#[test]
fn a_lost_record_is_seen() {
    let mut account = begun();
    account.land(0, 0, false).expect("in order");
    seen(account.land(0, 2, false), "I3");
    let mut ledger = Ledger::default();
    *ledger.account(&TopicPartition::new("a", 0)) = begun();
    seen(ledger.check_nothing_is_lost(), "I1");
}

#[test]
fn a_swap_is_seen() {
    let mut account = begun();
    seen(account.land(0, 1, false), "I3");
}

#[test]
fn a_commit_ahead_is_seen() {
    let mut account = begun();
    account.land(0, 0, false).expect("in order");
    account.commit(1).expect("as far as it has come");
    seen(account.commit(2), "I7");
}

#[test]
fn a_duplicate_without_a_cause_is_seen() {
    let mut account = begun();
    account.land(0, 0, false).expect("in order");
    account.land(0, 1, false).expect("in order");
    seen(account.land(0, 1, false), "I4");
    let mut killed = begun();
    killed.land(0, 0, false).expect("in order");
    killed.allow_again(1);
    killed.land(0, 0, false).expect("it was not committed when the instance was killed");
    seen(killed.land(0, 0, false), "I4");
}

#[test]
fn a_foreign_record_is_seen() {
    seen(begun().land(0, 77, false), "I6");
}

#[test]
fn copying_before_the_start_is_committed_is_seen() {
    let mut account = Account::default();
    account.write(0);
    seen(account.take(0), "I9");
    seen(account.land(0, 0, false), "I9");
    let mut moved = begun();
    moved.announce(Some(5));
    seen(moved.take(5), "I9");
}

#[test]
fn writing_without_a_decision_is_seen() {
    let mut account = begun();
    account.lose_target();
    seen(account.land(0, 0, false), "I9");
    let mut replaced = begun();
    replaced.replace_source(1);
    replaced.write(0);
    seen(replaced.land(1, 0, false), "I9");
}

#[test]
fn what_was_given_up_is_not_missed() {
    let mut account = begun();
    account.give_up(0);
    account.land(0, 1, false).expect("0 was skipped");
    account.may_jump = true;
    account.announce(Some(6));
    account.commit(6).expect("an operator's word");
    account.land(0, 6, false).expect("2..6 were given up");
}
