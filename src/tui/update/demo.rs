//! Trouble in the demo: what a newcomer should have seen before it is real.

use crate::tui::effect::Effect;
use crate::tui::jobs::JobDone;
use crate::tui::keymap::Action;
use crate::tui::model::Model;
use crate::tui::model::overlay::Overlay;
use crate::tui::services::{Disturbance, Job};

use super::run;

/// Opens the list of troubles.
pub(super) fn open(model: &mut Model) {
    model.overlays.push(Overlay::Troubles);
}

/// Why there is no trouble to be made here.
pub(super) fn enabled(model: &Model) -> Result<(), String> {
    let is_running = model.tasks.iter().any(|task| matches!(task.job, Job::Disturb { .. }));
    match (model.inventory.is_demo, is_running) {
        (false, _) => Err("this is no demo: nothing is broken on purpose".into()),
        (true, true) => Err("one moment: the last one is just being made".into()),
        (true, false) => Ok(()),
    }
}

/// Makes a trouble, or ends it.
pub(super) fn act(model: &mut Model, action: Action) -> Vec<Effect> {
    let now = model.disturbance;
    let wanted = match action {
        Action::BreakSourceBroker => Disturbance { source_broker_is_down: !now.source_broker_is_down, ..now },
        Action::BreakTargetBroker => Disturbance { target_broker_is_down: !now.target_broker_is_down, ..now },
        Action::SlowSource => Disturbance { source_is_slow: !now.source_is_slow, ..now },
        Action::SlowTarget => Disturbance { target_is_slow: !now.target_is_slow, ..now },
        Action::BackToNormal => Disturbance::default(),
        _ => {
            model.overlays.retain(|overlay| !matches!(overlay, Overlay::Troubles));
            return Vec::new();
        }
    };
    vec![run(model, Job::Disturb { disturbance: wanted })]
}

/// It is in force.
pub(super) fn answered(model: &mut Model, done: &JobDone) {
    if let (Job::Disturb { disturbance }, Ok(_)) = (&done.job, &done.answer) {
        model.disturbance = *disturbance;
    }
}
