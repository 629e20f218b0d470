//! Who may name what. A rule per line; the reasons are in `src/ARCHITECTURE.md`.

use super::source::Named;

/// Files, and what they must not name.
pub(super) struct Rule {
    /// Beginnings of paths; a file is meant when one of them fits,
    pub(super) within: &'static [&'static str],
    /// and none of these.
    pub(super) except: &'static [&'static str],
    /// `std::fs` forbids what lies below it as well, `SystemTime` forbids the name wherever it comes from.
    pub(super) forbidden: &'static [&'static str],
    pub(super) because: &'static str,
}

pub(super) const RULES: &[Rule] = &[
    Rule {
        within: &["src/"],
        except: &["src/kafka/", "src/demo/"],
        forbidden: &["rdkafka", "rdkafka_sys"],
        because: "only kafka/ and demo/ know librdkafka",
    },
    Rule {
        within: &["src/"],
        except: &["src/kafka/ffi/"],
        forbidden: &["unsafe"],
        because: "`unsafe` is kept in kafka/ffi/",
    },
    Rule {
        within: &["src/"],
        except: &["src/tui/"],
        forbidden: &["ratatui", "crossterm"],
        because: "only tui/ knows the terminal library",
    },
    Rule {
        within: &["src/"],
        except: &["src/kafka/", "src/run.rs", "src/run/", "src/lib.rs"],
        forbidden: &["crate::kafka"],
        because: "only run.rs puts Kafka, engine and output together",
    },
    Rule {
        within: &["src/"],
        except: &["src/run.rs", "src/run/", "src/lib.rs", "src/main.rs", "src/cli.rs", "src/cli/"],
        forbidden: &["crate::run", "crate::cli", "clap"],
        because: "arguments and wiring are on top of everything",
    },
    Rule {
        within: &["src/model/"],
        except: &[],
        forbidden: &[
            "std::fs",
            "std::net",
            "std::env",
            "std::thread",
            "std::process",
            "std::io",
            "tokio",
            "tracing",
            "axum",
            "SystemTime",
            "Instant::now",
            "Timestamp::now",
            "Zoned::now",
            "crate::config",
            "crate::engine",
            "crate::report",
            "crate::telemetry",
            "crate::demo",
            "crate::tui",
        ],
        because: "the model is pure: no input or output, no clock, no runtime, no other module",
    },
    Rule {
        within: &["src/config/"],
        except: &[],
        forbidden: &[
            "tokio",
            "axum",
            "crate::engine",
            "crate::report",
            "crate::telemetry",
            "crate::demo",
            "crate::tui",
        ],
        because: "a configuration is read without knowing what is done with it",
    },
    Rule {
        within: &["src/preview/", "src/export/"],
        except: &[],
        forbidden: &[
            "std::fs",
            "std::net",
            "std::env",
            "std::thread",
            "tokio",
            "SystemTime",
            "Instant::now",
            "crate::engine",
            "crate::report",
            "crate::telemetry",
            "crate::demo",
            "crate::tui",
        ],
        because: "a preview and an export are pure functions of what they are given",
    },
    Rule {
        within: &["src/engine/"],
        except: &[],
        forbidden: &[
            "std::env",
            "std::fs",
            "std::net",
            "std::process",
            "print!",
            "println!",
            "eprint!",
            "eprintln!",
            "crate::report",
            "crate::telemetry",
            "crate::demo",
            "crate::tui",
        ],
        because: "the engine reaches the world through its ports only",
    },
    Rule {
        within: &["src/engine/"],
        except: &["src/engine/clock.rs"],
        forbidden: &["SystemTime::now", "Instant::now", "Timestamp::now", "Zoned::now"],
        because: "the engine asks its Clock for the time, so that tests can set it",
    },
    Rule {
        within: &["src/report/"],
        except: &[],
        forbidden: &["crate::demo", "crate::tui"],
        because: "a report reads events and snapshots",
    },
    Rule {
        within: &["src/telemetry/"],
        except: &[],
        forbidden: &["crate::report", "crate::demo", "crate::tui"],
        because: "telemetry reads events and snapshots",
    },
    Rule {
        within: &["src/kafka/"],
        except: &[],
        forbidden: &["crate::config", "crate::report", "crate::telemetry", "crate::demo", "crate::tui"],
        because: "kafka/ does what the engine's ports ask, and knows no file and no screen",
    },
    Rule {
        within: &["src/demo/"],
        except: &[],
        forbidden: &["crate::report", "crate::telemetry", "crate::tui"],
        because: "the demo brings clusters and a configuration, no more",
    },
    Rule {
        within: &["src/tui/"],
        except: &[],
        forbidden: &[
            "crate::config::Config",
            "crate::config::ConfigPaths",
            "crate::engine::Engine",
            "crate::engine::ports",
            "crate::demo",
        ],
        because: "the console has a port, `tui/services.rs`: it opens nothing and reads no configuration",
    },
    Rule {
        within: &[
            "src/tui/model.rs",
            "src/tui/model/",
            "src/tui/update.rs",
            "src/tui/update/",
            "src/tui/view.rs",
            "src/tui/view/",
        ],
        except: &[],
        forbidden: &[
            "std::fs",
            "std::env",
            "std::io",
            "std::thread",
            "tokio",
            "crossterm",
            "SystemTime::now",
            "Instant::now",
            "Timestamp::now",
            "Zoned::now",
        ],
        because: "model, update and view are pure: time and news come in messages, deeds go out as effects",
    },
    Rule {
        within: &["src/", "tests/", "benches/"],
        except: &[],
        forbidden: &["todo!", "unimplemented!", "dbg!"],
        because: "what is not finished is not here",
    },
    Rule {
        within: &["tests/"],
        except: &["tests/it/support/wait.rs", "tests/live/rig/wait.rs"],
        forbidden: &["thread::sleep", "time::sleep"],
        because: "tests wait for something, with a deadline: wait_until",
    },
];

/// What is wrong in a file that names `names`, as `file:line: ...`.
pub(super) fn offences(file: &str, names: &[Named]) -> Vec<String> {
    let mut offences = Vec::new();
    for rule in RULES.iter().filter(|rule| rule.is_about(file)) {
        for Named { line, path } in names {
            if let Some(forbidden) = rule.forbidden.iter().find(|forbidden| is_below(path, forbidden)) {
                offences.push(format!("{file}:{line}: `{path}` is forbidden here (`{forbidden}`): {}", rule.because));
            }
        }
    }
    offences.sort();
    offences.dedup();
    offences
}

impl Rule {
    fn is_about(&self, file: &str) -> bool {
        let starts = |beginnings: &[&str]| beginnings.iter().any(|beginning| file.starts_with(beginning));
        starts(self.within) && !starts(self.except)
    }
}

/// Whether `path` is what is forbidden or lies below it. What has more than one segment may also stand further in:
/// who imports `std::thread` writes `thread::sleep`.
fn is_below(path: &str, forbidden: &str) -> bool {
    let path: Vec<&str> = path.split("::").collect();
    let forbidden: Vec<&str> = forbidden.split("::").collect();
    let is_name = forbidden[0].chars().next().is_some_and(char::is_uppercase)
        || forbidden == ["thread", "sleep"]
        || forbidden == ["time", "sleep"];
    let length = forbidden.len();
    if is_name { path.windows(length).any(|window| window == forbidden) } else { path.starts_with(&forbidden) }
}
