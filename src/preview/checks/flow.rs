//! The flow as a whole: its speed, its group, and what a running one cannot take under way.

use super::{Check, CheckId, Severity};
use crate::config::{FlowSetting, GROUP_PREFIX};
use crate::preview::check::CheckPlace;
use crate::preview::evaluate::Evaluated;
use crate::preview::fix::{DraftChange, Fix};
use crate::preview::outcome::CopyTime;

pub(super) fn flow(evaluated: &Evaluated<'_>) -> Vec<Check> {
    let checks = [over_cap(evaluated), group_changes(evaluated), needs_restart(evaluated)];
    checks.into_iter().flatten().collect()
}

/// More comes in than the flow may copy: it never catches up.
fn over_cap(evaluated: &Evaluated<'_>) -> Option<Check> {
    let totals = &evaluated.preview.totals;
    if totals.copy != CopyTime::Never {
        return None;
    }
    let limits = evaluated.ground.company.config?.limits;
    let (setting, unit, cap, inflow) = match (limits.records_per_second, totals.records_per_second) {
        (Some(cap), Some(inflow)) if inflow >= cap => (FlowSetting::RecordsPerSecond, "records/s", cap, inflow),
        _ => (FlowSetting::BytesPerSecond, "bytes/s", limits.bytes_per_second?, totals.bytes_per_second?),
    };
    let text = format!("{inflow} {unit} come in and {cap} is the cap: the flow never catches up");
    let change = DraftChange::Set { setting, value: Some("unlimited".to_owned()) };
    let fix = Some(Fix { text: "lift the cap".to_owned(), change });
    let place = CheckPlace::Field(setting.key().to_owned());
    Some(Check { place, fix, ..Check::new(CheckId::OverCap, Severity::Warning, text) })
}

/// A flow's group holds its progress: with another one it starts over.
fn group_changes(evaluated: &Evaluated<'_>) -> Option<Check> {
    let (before, config) = evaluated.ground.company.in_force?;
    let draft = evaluated.ground.draft;
    let group = draft.group();
    if group == config.group.as_str() {
        return None;
    }
    let cause = if draft.name == before.as_str() { "" } else { " with its name" };
    let text = format!(
        "the flow's group changes{cause} from `{}` to `{group}`: its progress stays behind, and it starts over",
        config.group
    );
    // The group it would have by its name needs no words.
    let is_by_name = config.group.as_str() == format!("{GROUP_PREFIX}{}", draft.name);
    let value = (!is_by_name).then(|| config.group.to_string());
    let change = DraftChange::Set { setting: FlowSetting::Group, value };
    let fix = Some(Fix { text: format!("keep group `{}`", config.group), change });
    let place = CheckPlace::Field(FlowSetting::Group.key().to_owned());
    Some(Check { place, fix, ..Check::new(CheckId::GroupChanges, Severity::Warning, text) })
}

/// See [`FlowConfig::changes_that_need_restart`](crate::config::FlowConfig::changes_that_need_restart).
fn needs_restart(evaluated: &Evaluated<'_>) -> Option<Check> {
    let (before, now) = evaluated.ground.company.in_force?;
    let mut reasons = now.changes_that_need_restart(evaluated.ground.company.config?);
    if evaluated.ground.draft.name != before.as_str() {
        reasons.insert(0, "its name".to_owned());
    }
    if reasons.is_empty() {
        return None;
    }
    let text = format!("a running flow has to be started again to change {}", reasons.join(", "));
    Some(Check::new(CheckId::NeedsRestart, Severity::Info, text))
}
