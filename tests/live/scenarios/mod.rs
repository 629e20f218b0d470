//! Every scenario, by what it is about.

mod checker;
mod copy;
mod crash;
mod pair;
mod rig;
mod run;
mod stop;
mod topics;
mod waiting;

use libtest_mimic::Trial;

/// All of them as trials.
pub(crate) fn trials() -> Vec<Trial> {
    [
        checker::SCENARIOS,
        rig::SCENARIOS,
        copy::SCENARIOS,
        crash::SCENARIOS,
        stop::SCENARIOS,
        run::SCENARIOS,
        topics::SCENARIOS,
        waiting::SCENARIOS,
    ]
    .concat()
    .into_iter()
    .map(|scenario| scenario.into_trial())
    .collect()
}
