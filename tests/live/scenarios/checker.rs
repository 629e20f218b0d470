//! The checker must go red: every sabotage of a perfect copy is found and named.

use anyhow::{Result, ensure};
use bytes::Bytes;

use crate::rig::checker::check;
use crate::rig::corpus::Mix;
use crate::rig::record::Record;
use crate::rig::scenario::Scenario;
use crate::rig::verdict::{Alterations, Verdict};

pub(super) const SCENARIOS: &[Scenario] = &[
    Scenario::pure("checker/a_perfect_copy_is_green", perfect),
    Scenario::pure("checker/a_dropped_record_is_missing", dropped),
    Scenario::pure("checker/a_dropped_tail_is_missing", dropped_tail),
    Scenario::pure("checker/two_swapped_records_are_out_of_order", swapped),
    Scenario::pure("checker/a_repeated_run_is_one_rewind", repeated),
    Scenario::pure("checker/a_rewind_over_equal_records_is_one_rewind", repeated_equal),
    Scenario::pure("checker/a_flipped_byte_is_a_mismatch", flipped),
    Scenario::pure("checker/null_for_empty_is_a_mismatch", nulled),
    Scenario::pure("checker/an_altered_header_is_a_mismatch", header_altered),
    Scenario::pure("checker/an_altered_timestamp_is_a_mismatch", timestamp_altered),
    Scenario::pure("checker/a_record_from_elsewhere_is_foreign", foreign),
    Scenario::pure("checker/allowed_alterations_are_counted", allowed),
    Scenario::pure("checker/an_empty_comparison_does_not_pass", vacuous),
];

fn perfect() -> Result<String> {
    let verdict = sabotage(|_| {});
    verdict.require_exact()?;
    ensure!(verdict.contiguous == 1000, "{verdict}");
    Ok(verdict.to_string())
}

fn dropped() -> Result<String> {
    let verdict = sabotage(|copy| drop(copy.remove(500)));
    ensure!(verdict.missing == 1 && verdict.gaps == 1 && verdict.contiguous == 500, "{verdict}");
    ensure!(verdict.foreign == 0 && verdict.mismatched == 0 && verdict.rewinds == 0, "{verdict}");
    red(&verdict)
}

fn dropped_tail() -> Result<String> {
    let verdict = sabotage(|copy| copy.truncate(990));
    ensure!(verdict.missing == 10 && verdict.gaps == 0, "{verdict}");
    red(&verdict)
}

fn swapped() -> Result<String> {
    let verdict = sabotage(|copy| copy.swap(500, 501));
    ensure!(verdict.out_of_order == 1 && verdict.missing == 0 && verdict.foreign == 0, "{verdict}");
    red(&verdict)
}

fn repeated() -> Result<String> {
    let verdict = sabotage(|copy| {
        let run: Vec<Record> = copy[400..500].to_vec();
        copy.splice(500..500, run);
    });
    ensure!(verdict.rewinds == 1 && verdict.longest_rewind == 100 && verdict.repeated == 100, "{verdict}");
    ensure!(verdict.is_faithful(), "a rewind is no unfaithfulness: {verdict}");
    verdict.require_rewinds(1, 100)?;
    ensure!(verdict.require_rewinds(1, 99).is_err(), "a rewind longer than allowed passed: {verdict}");
    red(&verdict)
}

/// A B A C A D, then from the first A again: the right A is only known one record later.
fn repeated_equal() -> Result<String> {
    let record = |letter: &'static str| Record { key: Some(Bytes::from(letter)), ..Record::default() };
    let source: Vec<Record> = ["a", "b", "a", "c", "a", "d"].map(record).to_vec();
    let target: Vec<Record> = ["a", "b", "a", "c", "a", "b", "a", "c", "a", "d"].map(record).to_vec();
    let verdict = check(&source, &target, Alterations::NONE);
    // Read as "a b a c a | b a c a d": the rewind begins at b.
    ensure!(verdict.rewinds == 1 && verdict.repeated == 4 && verdict.is_faithful(), "{verdict}");
    red(&verdict)
}

fn flipped() -> Result<String> {
    let verdict = sabotage(|copy| {
        let record = copy.iter_mut().skip(500).find(|record| record.size_bytes() > 100 && record.timestamp > 1);
        if let Some(record) = record {
            let mut value = record.value.take().unwrap_or_default().to_vec();
            value[3] ^= 1;
            record.value = Some(value.into());
        }
    });
    ensure!(verdict.mismatched == 1 && verdict.mismatched_fields.contains_key("value"), "{verdict}");
    red(&verdict)
}

fn nulled() -> Result<String> {
    let verdict = sabotage(|copy| {
        let empty = |record: &&mut Record| record.timestamp > 1 && record.value.as_ref().is_some_and(Bytes::is_empty);
        if let Some(record) = copy.iter_mut().find(empty) {
            record.value = None;
        }
    });
    ensure!(verdict.mismatched == 1 && verdict.mismatched_fields.contains_key("value"), "{verdict}");
    red(&verdict)
}

fn header_altered() -> Result<String> {
    let verdict = sabotage(|copy| {
        if let Some(record) = copy.iter_mut().find(|record| record.timestamp > 1 && record.headers.len() == 3) {
            record.headers.swap(0, 1);
        }
    });
    ensure!(verdict.mismatched == 1 && verdict.mismatched_fields.contains_key("headers"), "{verdict}");
    red(&verdict)
}

fn timestamp_altered() -> Result<String> {
    let verdict = sabotage(|copy| {
        if let Some(record) = copy.iter_mut().find(|record| record.timestamp == -1 && record.size_bytes() > 0) {
            record.timestamp = 1;
        }
    });
    ensure!(verdict.mismatched == 1 && verdict.mismatched_fields.contains_key("timestamp"), "{verdict}");
    red(&verdict)
}

fn foreign() -> Result<String> {
    let verdict = sabotage(|copy| copy.insert(500, Record::new(5, "from", "elsewhere")));
    ensure!(verdict.foreign == 1 && verdict.missing == 0 && verdict.mismatched == 0, "{verdict}");
    red(&verdict)
}

fn allowed() -> Result<String> {
    let source = Mix::new(SEED, 1000).records();
    let lenient = Alterations { nul_in_header_name: true, ..Alterations::RECORD_LANE };
    let copy: Vec<Record> = source.iter().map(|record| lenient.apply(record)).collect();
    let n_zero = source.iter().filter(|record| record.timestamp == 0).count();
    let n_altered = source.iter().zip(&copy).filter(|(before, after)| before != after).count();
    ensure!(n_zero > 0 && n_altered > n_zero, "the corpus has no timestamp 0 or no NUL in a header name");
    let verdict = check(&source, &copy, lenient);
    verdict.require_exact()?;
    let strict = check(&source, &copy, Alterations::RECORD_LANE);
    ensure!(strict.require_exact().is_err(), "a name cut at its NUL passed: {strict}");
    ensure!(verdict.altered == n_altered, "{verdict}");
    let unforgiving = check(&source, &copy, Alterations::NONE);
    ensure!(unforgiving.mismatched + unforgiving.foreign >= n_altered, "passed without being allowed: {unforgiving}");
    Ok(verdict.to_string())
}

fn vacuous() -> Result<String> {
    let verdict = check(&[], &[], Alterations::NONE);
    ensure!(verdict.require_exact().is_err(), "comparing nothing passed");
    Ok(verdict.to_string())
}

/// The verdict on a copy of a mixed corpus after `harm` was done to it.
fn sabotage(harm: impl FnOnce(&mut Vec<Record>)) -> Verdict {
    let source = Mix::new(SEED, 1000).records();
    let mut copy = source.clone();
    harm(&mut copy);
    check(&source, &copy, Alterations::NONE)
}

/// Demands that the verdict refuses the copy as exact.
fn red(verdict: &Verdict) -> Result<String> {
    ensure!(verdict.require_exact().is_err(), "a sabotaged copy passed: {verdict}");
    Ok(verdict.to_string())
}

const SEED: u64 = 7;
