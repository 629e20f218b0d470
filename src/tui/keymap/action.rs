//! What keys can do, by name.

/// Declares the actions with the names they have in a configuration's `[keymap]`.
macro_rules! actions {
    ($($(#[$doc:meta])* $action:ident = $name:literal,)*) => {
        /// Something a key, the palette or a configuration can name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(in crate::tui) enum Action {
            $($(#[$doc])* $action,)*
        }

        impl Action {
            /// Every action.
            pub(in crate::tui) const ALL: &[Self] = &[$(Self::$action,)*];

            /// Its name in a configuration.
            pub(in crate::tui) const fn name(self) -> &'static str {
                match self {
                    $(Self::$action => $name,)*
                }
            }
        }
    };
}

actions! {
    // Everywhere.
    /// To the first tab.
    GoFlows = "flows",
    /// To the second tab.
    GoTopics = "topics",
    /// To the third tab.
    GoEditor = "editor",
    /// To the fourth tab.
    GoOffsets = "offsets",
    /// To the fifth tab.
    GoLive = "live",
    /// To the sixth tab.
    GoLogs = "logs",
    /// To the seventh tab.
    GoClusters = "clusters",
    /// One step back: close what is open, clear the filter, leave the page.
    Back = "back",
    /// To the page before, wherever it was.
    HistoryBack = "history-back",
    /// And forward again.
    HistoryForward = "history-forward",
    /// Open the palette.
    Palette = "palette",
    /// Open the help.
    Help = "help",
    /// Leave the console.
    Quit = "quit",
    /// Leave to the shell for a while.
    Suspend = "suspend",
    /// Draw everything anew.
    Redraw = "redraw",
    /// Ask the clusters again.
    Refresh = "refresh",
    /// Show what runs in the background.
    Tasks = "tasks",
    /// List the commands that do the same in a shell.
    Shell = "in-a-shell",
    /// Write the configuration for headless use.
    Export = "export",
    /// Show what changes in a file.
    Diff = "diff",
    /// Choose a theme.
    Themes = "themes",
    /// Show times in local time or UTC.
    TimeZone = "time-zone",
    /// Show what drawing costs.
    Debug = "debug",
    /// Stop showing new data.
    Freeze = "freeze",

    // Topics, records.
    /// The topics of the next cluster.
    NextCluster = "next-cluster",
    /// Those of the one before.
    PreviousCluster = "previous-cluster",
    /// Show the topics of Kafka and of tools, or do not.
    Internal = "internal",
    /// All there is to know about a topic, or its partitions again.
    Facts = "facts",
    /// The records of a topic.
    Records = "records",
    /// The records that come next.
    Onward = "onward",
    /// The records before.
    Before = "before",
    /// The newest records.
    Newest = "newest",
    /// The oldest records.
    Oldest = "oldest",
    /// Type where to go among the records.
    GoTo = "go-to",
    /// The records of one partition, or of all.
    OnePartition = "one-partition",
    /// Show bytes as text, JSON or hex.
    Format = "format",
    /// Copy the whole record.
    CopyRecord = "copy-record",
    /// Write a record's value to a file, byte by byte.
    WriteValue = "write-value",
    /// The same with its key.
    WriteKey = "write-key",

    // Lists.
    /// One row down.
    Down = "down",
    /// One row up.
    Up = "up",
    /// One page down.
    PageDown = "page-down",
    /// One page up.
    PageUp = "page-up",
    /// To the first row.
    First = "first",
    /// To the last row.
    Last = "last",
    /// Open what the cursor is on.
    Open = "open",
    /// Type a filter.
    Filter = "filter",
    /// Sort by the next column, or the other way round.
    Sort = "sort",
    /// Reverse the order.
    Reverse = "reverse",
    /// Only rows with problems.
    Problems = "problems",
    /// To the next row with a problem.
    NextProblem = "next-problem",
    /// To the one before.
    PreviousProblem = "previous-problem",
    /// Mark a row.
    Mark = "mark",
    /// Mark all that are shown, or none.
    MarkAll = "mark-all",
    /// Copy what the cursor is on: its name.
    Copy = "copy",
    /// Copy the whole row.
    CopyRow = "copy-row",
    /// Write the list to a file.
    Write = "write",
    /// Complete what is typed.
    Complete = "complete",
    /// The command before, of those that were run.
    CommandBefore = "command-before",
    /// And the one after it.
    CommandAfter = "command-after",

    // Logs.
    /// Show what is wrong now.
    Cards = "show-problems",
    /// Try again what is blocked.
    Retry = "retry",
    /// Show only what matters so much.
    Level = "level",
    /// Stay at the newest line.
    Follow = "follow",

    // Flows, and what is shown of one.
    /// Start the flow, or let it go on.
    Start = "start",
    /// Keep the flow from reading.
    Pause = "pause",
    /// Stop the flow in order.
    Stop = "stop",

    /// Make a new flow.
    NewFlow = "new-flow",
    /// Make a new flow like this one.
    CloneFlow = "clone-flow",
    /// Edit the flow.
    EditFlow = "edit-flow",
    /// Take the flow away.
    DeleteFlow = "delete-flow",
    /// Add the marked topics to a flow.
    AddToFlow = "add-to-flow",

    // Editor.
    /// Type into the field, or choose in it.
    EditField = "edit-field",
    /// Add a rule.
    AddRule = "add-rule",
    /// Take a rule away, or leave a setting to its default.
    DeleteRule = "delete-rule",
    /// Move a rule down.
    RuleDown = "rule-down",
    /// Move a rule up.
    RuleUp = "rule-up",
    /// Show what becomes of every topic.
    Preview = "preview",
    /// Show everything that was found.
    Checks = "checks",
    /// Do what a finding offers.
    Fix = "fix",
    /// Take the last change back.
    Undo = "undo",
    /// Make it again.
    Redo = "redo",
    /// Throw all changes away.
    Reset = "reset-draft",
    /// See what saving changes.
    Review = "review",
    /// Save, and start the running flow again.
    SaveRestart = "save-and-restart",
    /// Where the flow's partitions start.
    FlowOffsets = "flow-offsets",

    // Live.
    /// Start the whole flow, or let it go on.
    StartFlow = "start-flow",
    /// Keep the whole flow from reading.
    PauseFlow = "pause-flow",
    /// See what can be done about what is blocked.
    Unblock = "unblock",
    /// Look further back.
    WindowLonger = "window-longer",
    /// Look less far back.
    WindowShorter = "window-shorter",
    /// Look as far back as at first.
    WindowReset = "window-reset",
    /// Show the other chart.
    Chart = "chart",
    /// To the next flow.
    NextFlow = "next-flow",
    /// To the flow before.
    PreviousFlow = "previous-flow",

    // Offsets.
    /// Edit where partitions go on.
    EditOffsets = "edit-offsets",
    /// Go on at the start of the log.
    StartEarliest = "start-earliest",
    /// Go on at the end of the log.
    StartLatest = "start-latest",
    /// Type a time to go on at.
    StartTime = "start-time",
    /// Type how long ago to go on at.
    StartAgo = "start-ago",
    /// Type how many of the last records to copy.
    StartLast = "start-last",
    /// Type an offset to go on at.
    StartOffset = "start-offset",
    /// Go on where it is: no edit.
    StartCheckpoint = "start-checkpoint",
    /// Look at more, or less, of the flow.
    NextScope = "next-scope",
    /// Show only what is edited, or all.
    EditedOnly = "edited-only",
    /// Edit another flow's positions.
    ChooseFlow = "choose-flow",
    /// Do what was reviewed.
    Apply = "apply",
    /// Stage positions that were saved before.
    Restore = "restore",
    /// Accept what was typed, and go on in the next row.
    AcceptNext = "accept-next",
    /// Copy the command that does the same in a shell.
    CopyCommand = "copy-command",

    // Lines to type in, dialogs.
    /// What was typed is meant.
    Accept = "accept",
    /// It is not.
    Cancel = "cancel",
    /// Yes.
    Yes = "yes",
    /// No.
    No = "no",
    /// Give up the task the cursor is on.
    CancelTask = "cancel-task",

    // Clusters.
    /// Add a cluster.
    AddCluster = "add-cluster",
    /// Edit a cluster.
    EditCluster = "edit-cluster",
    /// To the next field of a form.
    NextField = "next-field",
    /// To the one before.
    PreviousField = "previous-field",
    /// Choose the next of a few words.
    NextWord = "next-word",
    /// Choose the one before.
    PreviousWord = "previous-word",
    /// Save what was typed.
    Save = "save",
    /// Leave for the demo.
    RunDemo = "run-demo",
    /// Open a configuration file.
    OpenFile = "open-file",

    // Demo.
    /// List the troubles that can be made.
    Troubles = "break",
    /// A broker of the source goes down, or comes back.
    BreakSourceBroker = "break-source-broker",
    /// A broker of the target goes down, or comes back.
    BreakTargetBroker = "break-target-broker",
    /// The link to the source becomes slow, or quick.
    SlowSource = "slow-source",
    /// The link to the target becomes slow, or quick.
    SlowTarget = "slow-target",
    /// No trouble any more.
    BackToNormal = "back-to-normal",
    /// Test the connection to a cluster.
    Test = "test",
}

impl Action {
    /// The action of this name.
    pub(in crate::tui) fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|action| action.name() == name)
    }
}
