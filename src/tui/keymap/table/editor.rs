//! Keys of a flow that is edited, and of what is shown about it.

use crate::tui::keymap::action::Action;
use crate::tui::keymap::binding::{Binding, Context, Danger, Group};

/// The rows. A draft is nobody's but the user's: what changes it is no danger, only what saves it is.
pub(in crate::tui::keymap) const BINDINGS: &[Binding] = &[
    Binding::new(Context::Editor, &["^s"], Action::Review, 3, "save…", "see what saving changes, and save"),
    Binding::new(Context::Editor, &["tab", "j", "down"], Action::NextField, 4, "next field", "to the next field"),
    Binding::new(Context::Editor, &["backtab", "k", "up"], Action::PreviousField, 0, "before", "to the field before"),
    Binding::new(Context::Editor, &["enter"], Action::EditField, 2, "edit", "type into the field, or choose in it"),
    Binding::new(Context::Editor, &["space", "right"], Action::NextWord, 0, "choose", "choose the next word"),
    Binding::new(Context::Editor, &["left"], Action::PreviousWord, 0, "choose", "choose the word before"),
    Binding::new(Context::Editor, &["a"], Action::AddRule, 5, "add rule", "add a rule"),
    Binding::new(
        Context::Editor,
        &["d"],
        Action::DeleteRule,
        6,
        "delete",
        "take the rule away; leave the setting to its default",
    ),
    Binding::new(Context::Editor, &["J"], Action::RuleDown, 0, "rule down", "move the rule down"),
    Binding::new(Context::Editor, &["K"], Action::RuleUp, 0, "rule up", "move the rule up"),
    Binding::new(Context::Editor, &["p"], Action::Preview, 7, "preview all", "show what becomes of every topic"),
    Binding::new(Context::Editor, &["c"], Action::Checks, 9, "checks", "show everything that was found, in full"),
    Binding::new(Context::Editor, &["f"], Action::Fix, 8, "fix", "do what the first finding offers"),
    Binding::new(Context::Editor, &["u"], Action::Undo, 10, "undo", "take the last change back"),
    Binding::new(Context::Editor, &["U"], Action::Redo, 0, "redo", "make it again"),
    Binding::new(Context::Editor, &["R"], Action::Reset, 0, "reset", "throw all changes away"),
    Binding::new(Context::Editor, &["o"], Action::FlowOffsets, 0, "offsets", "where the flow's partitions start"),
    Binding::new(Context::Editor, &["r"], Action::Start, 0, "start", "start the flow as it was saved")
        .at_risk(Danger::Reversible),
    Binding::new(Context::Editor, &[">"], Action::NextFlow, 12, "next flow", "edit the next flow"),
    Binding::new(Context::Editor, &["<"], Action::PreviousFlow, 0, "flow before", "edit the flow before"),
    Binding::new(Context::Editor, &["n"], Action::NewFlow, 13, "new", "make a new flow"),
    Binding::new(Context::Editor, &["y"], Action::Copy, 0, "copy", "copy the command that runs the flow"),
    Binding::new(Context::EditorField, &["enter"], Action::Accept, 1, "keep", "keep what was typed"),
    Binding::new(Context::EditorField, &["esc"], Action::Cancel, 2, "take back", "take back what was typed"),
    Binding::new(Context::EditorField, &["tab", "down"], Action::NextField, 3, "next field", "to the next field"),
    Binding::new(Context::EditorField, &["backtab", "up"], Action::PreviousField, 4, "before", "to the field before"),
    Binding::new(Context::EditorField, &["^s"], Action::Review, 5, "save…", "see what saving changes, and save"),
    Binding::new(Context::EditorPreview, &["enter"], Action::Open, 2, "why", "why this becomes of the topic"),
    Binding::new(Context::EditorPreview, &["f"], Action::Fix, 3, "include it", "change the rule that nearly matches"),
    Binding::new(Context::EditorChecks, &["enter"], Action::Open, 2, "go there", "to what the finding is about"),
    Binding::new(Context::EditorChecks, &["f"], Action::Fix, 3, "fix", "do what the finding offers"),
    Binding::new(
        Context::EditorReview,
        &["^s", "enter"],
        Action::Save,
        2,
        "save",
        "save it, and let it be mirrored so",
    )
    .at_risk(Danger::Reversible),
    Binding::new(
        Context::EditorReview,
        &["r"],
        Action::SaveRestart,
        3,
        "save and restart",
        "save it, and start the running flow again",
    )
    .at_risk(Danger::Asked),
    Binding::new(Context::EditorReview, &["y"], Action::Copy, 4, "copy", "copy the difference"),
    Binding::new(Context::AddToFlow, &["enter"], Action::Accept, 1, "add", "add the topics to this flow"),
    Binding::new(Context::AddToFlow, &["space", "tab"], Action::NextWord, 2, "regex or list", "a pattern, or a list"),
    Binding::new(Context::AddToFlow, &["j", "down"], Action::Down, 3, "next", "the next flow").under(Group::Move),
    Binding::new(Context::AddToFlow, &["k", "up"], Action::Up, 4, "before", "the flow before").under(Group::Move),
    Binding::new(Context::AddToFlow, &["esc", "q"], Action::Cancel, 5, "leave it", "add them to no flow"),
];
