//! The pictures of the README: the real binary over the demo, one page after the other.
//!
//! `KMIRROR_CAPTURES=write cargo test --release --test it captures` makes them anew, in `tests/captures`. Otherwise
//! every page is gone to all the same: a picture of what is not there any more does not stay.

use std::path::Path;
use std::time::Duration;

use crate::terminal::{Setup, Terminal};

/// A page to be captured.
struct Scene {
    /// The picture's name, without its ending.
    name: &'static str,
    /// What is typed to get there, and what the screen then shows.
    way: &'static [(&'static str, &'static [&'static str])],
}

const SCENES: &[Scene] = &[
    Scene { name: "flows", way: &[("1", &["Topics furthest behind", "caught up"])] },
    Scene { name: "topics", way: &[("2", &["orders.created"]), ("jjjj", &["in flow", "leaders"])] },
    Scene { name: "records", way: &[("r", &["OFFSET", "KEY"])] },
    Scene {
        name: "editor",
        way: &[
            ("1", &["Topics furthest behind"]),
            ("e", &["Preview", "exists ok"]),
            ("\r.*\r", &["1 change", "topics to come"]),
        ],
    },
    Scene {
        name: "offsets",
        way: &[
            ("1", &["Topics furthest behind"]),
            ("o", &["CHECKPOINT", "unchanged (64)"]),
            ("e", &["edited (1)"]),
            ("jn100\r", &["last 100", "edited (2)"]),
            ("jl", &["edited (3)"]),
        ],
    },
    Scene {
        name: "export",
        way: &[("1", &["Topics furthest behind"]), ("x", &["reads back equal", "[clusters.demo-east]"])],
    },
    Scene { name: "clusters", way: &[("\x1b", &["? help"]), ("7", &["demo-east", "demo-west"])] },
    Scene {
        name: "live",
        way: &[
            ("X", &["break something"]),
            ("t", &["target broker down"]),
            ("\x1b", &["? help"]),
            ("5", &["1 flow needs a look", "waits: target broker"]),
        ],
    },
    Scene { name: "problem", way: &[("E", &["what", "since", "cause", "fix"])] },
    Scene { name: "logs", way: &[("\x1b", &["? help"]), ("6", &["the flow is running"])] },
];

/// So much history makes charts worth looking at.
const HISTORY: Duration = Duration::from_secs(60);

#[test]
fn every_page_is_captured_and_shown_in_the_readme() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_written = std::env::var("KMIRROR_CAPTURES").is_ok_and(|value| value == "write");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("a README");
    let mut terminal = Terminal::start(&Setup { arguments: &["demo"], ..Setup::default() });
    terminal.wait_for(&["demo-east", "caught up"]);
    if is_written {
        terminal.wait_for_age(HISTORY);
    }
    for Scene { name, way } in SCENES {
        for (keys, shown) in *way {
            terminal.press(keys);
            terminal.wait_for(shown);
        }
        let file = format!("tests/captures/{name}.svg");
        let path = root.join(&file);
        if is_written {
            std::fs::write(&path, terminal.picture()).expect("written");
        }
        assert!(path.exists(), "{file} is not there: KMIRROR_CAPTURES=write makes it");
        assert!(readme.contains(&format!("({file})")), "the README does not show {file}");
    }
}
