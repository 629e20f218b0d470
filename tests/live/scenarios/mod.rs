//! Every scenario, by what it is about.

mod broker;
mod checker;
mod copy;
mod crash;
mod field_notes;
mod forgetful;
mod group;
mod journey;
mod matrix;
mod million;
mod new_topics;
mod offsets;
mod offsets_console;
mod pair;
mod positions;
mod refusals;
mod renamed;
mod rig;
mod rights;
mod rules;
mod run;
mod stop;
mod topics;
mod versions;
mod waiting;

use libtest_mimic::Trial;

use crate::rig::scenario::Scenario;

/// All of them as trials.
pub(crate) fn trials() -> Vec<Trial> {
    scenarios().into_iter().map(|scenario| scenario.into_trial()).collect()
}

fn scenarios() -> Vec<Scenario> {
    let is_full = std::env::var("KMIRROR_LIVE").is_ok_and(|value| value == "full");
    [
        checker::SCENARIOS,
        rig::SCENARIOS,
        copy::SCENARIOS,
        crash::SCENARIOS,
        stop::SCENARIOS,
        run::SCENARIOS,
        rules::SCENARIOS,
        topics::SCENARIOS,
        new_topics::SCENARIOS,
        waiting::SCENARIOS,
        versions::SCENARIOS,
        forgetful::SCENARIOS,
        group::SCENARIOS,
        broker::SCENARIOS,
        positions::SCENARIOS,
        offsets::SCENARIOS,
        offsets_console::SCENARIOS,
        journey::SCENARIOS,
        refusals::SCENARIOS,
        rights::SCENARIOS,
        matrix::SCENARIOS,
        renamed::SCENARIOS,
        field_notes::promises::SCENARIOS,
        field_notes::restart::SCENARIOS,
        field_notes::beside::SCENARIOS,
        field_notes::latest::SCENARIOS,
        field_notes::offsets::SCENARIOS,
        field_notes::selection::SCENARIOS,
        field_notes::takeover::SCENARIOS,
        field_notes::patterns::SCENARIOS,
        if is_full { million::SCENARIOS } else { &[] },
    ]
    .concat()
}
