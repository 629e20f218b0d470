//! Every scenario, by what it is about.

mod broker;
mod checker;
mod copy;
mod crash;
mod group;
mod matrix;
mod million;
mod pair;
mod positions;
mod refusals;
mod renamed;
mod rig;
mod run;
mod stop;
mod topics;
mod versions;
mod waiting;

use libtest_mimic::Trial;

/// All of them as trials.
pub(crate) fn trials() -> Vec<Trial> {
    let is_full = std::env::var("KMIRROR_LIVE").is_ok_and(|value| value == "full");
    [
        checker::SCENARIOS,
        rig::SCENARIOS,
        copy::SCENARIOS,
        crash::SCENARIOS,
        stop::SCENARIOS,
        run::SCENARIOS,
        topics::SCENARIOS,
        waiting::SCENARIOS,
        versions::SCENARIOS,
        group::SCENARIOS,
        broker::SCENARIOS,
        positions::SCENARIOS,
        refusals::SCENARIOS,
        matrix::SCENARIOS,
        renamed::SCENARIOS,
        if is_full { million::SCENARIOS } else { &[] },
    ]
    .concat()
    .into_iter()
    .map(|scenario| scenario.into_trial())
    .collect()
}
