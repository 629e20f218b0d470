//! The field notes: what has bitten those who run mirrors, each as a promise in the README and a trial of the same
//! words, `field/the_words_of_the_promise/variant`. `promises.rs` holds the two together.

pub(super) mod beside;
pub(super) mod latest;
mod load;
pub(super) mod offsets;
pub(super) mod patterns;
pub(super) mod promises;
pub(super) mod restart;
pub(super) mod selection;
pub(super) mod takeover;
