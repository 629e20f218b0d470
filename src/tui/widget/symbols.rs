//! The characters screens are made of: drawn ones, or plain ASCII where a terminal may not know them.

/// A set of characters.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::tui) struct Symbols {
    pub(in crate::tui) running: &'static str,
    pub(in crate::tui) caught_up: &'static str,
    pub(in crate::tui) starting: &'static str,
    pub(in crate::tui) waiting: &'static str,
    pub(in crate::tui) blocked: &'static str,
    pub(in crate::tui) paused: &'static str,
    pub(in crate::tui) stopped: &'static str,
    pub(in crate::tui) mark: &'static str,
    pub(in crate::tui) arrow: &'static str,
    pub(in crate::tui) crumb: &'static str,
    pub(in crate::tui) ascending: &'static str,
    pub(in crate::tui) descending: &'static str,
    pub(in crate::tui) ellipsis: &'static str,
    pub(in crate::tui) unknown: &'static str,
    pub(in crate::tui) cursor: &'static str,
    pub(in crate::tui) horizontal: &'static str,
    pub(in crate::tui) vertical: &'static str,
    /// Top left, top right, bottom left, bottom right.
    pub(in crate::tui) corners: [&'static str; 4],
    /// From low to high.
    pub(in crate::tui) bars: [&'static str; 8],
    /// What a gap in a chart looks like.
    pub(in crate::tui) gap: &'static str,
    /// Of a log: what is before a position, the position, what is behind it.
    pub(in crate::tui) log: [&'static str; 3],
    /// Whether only ASCII may be used, in names too.
    pub(in crate::tui) is_ascii: bool,
}

/// For terminals that show UTF-8.
pub(in crate::tui) const UNICODE: Symbols = Symbols {
    running: "●",
    caught_up: "✓",
    starting: "○",
    waiting: "!",
    blocked: "✗",
    paused: "‖",
    stopped: "■",
    mark: "●",
    arrow: "→",
    crumb: "›",
    ascending: "▲",
    descending: "▼",
    ellipsis: "…",
    unknown: "–",
    cursor: "█",
    horizontal: "─",
    vertical: "│",
    corners: ["╭", "╮", "╰", "╯"],
    bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
    gap: "·",
    log: ["·", "┃", "━"],
    is_ascii: false,
};

/// For all others.
pub(in crate::tui) const ASCII: Symbols = Symbols {
    running: "*",
    caught_up: "=",
    starting: "o",
    waiting: "!",
    blocked: "X",
    paused: "|",
    stopped: "#",
    mark: "*",
    arrow: "->",
    crumb: ">",
    ascending: "^",
    descending: "v",
    ellipsis: "~",
    unknown: "-",
    cursor: "_",
    horizontal: "-",
    vertical: "|",
    corners: ["+", "+", "+", "+"],
    bars: ["_", ".", ",", "-", "=", "+", "*", "#"],
    gap: " ",
    log: [".", "|", "="],
    is_ascii: true,
};
