//! Every scenario, by what it is about.

mod checker;
mod copy;
mod pair;
mod rig;

use libtest_mimic::Trial;

/// All of them as trials.
pub(crate) fn trials() -> Vec<Trial> {
    [checker::SCENARIOS, rig::SCENARIOS, copy::SCENARIOS]
        .concat()
        .into_iter()
        .map(|scenario| scenario.into_trial())
        .collect()
}
