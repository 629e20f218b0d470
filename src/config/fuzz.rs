//! Files that are wrong at random.

use std::time::{Duration, Instant};

use super::tests::uncommented;
use super::{Config, TEMPLATE};

/// Reading a wrong file must never panic, take long or say much. `SEED=n` repeats one run.
#[test]
fn wrong_files_are_survived() {
    let seed = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(0x6b6d_6972_726f_7221);
    let mut random = Random(seed);
    let sources = [TEMPLATE.to_owned(), uncommented(false), uncommented(true)];
    for round in 0..2_000 {
        let mut text = sources[random.below(sources.len())].clone();
        for _ in 0..=random.below(3) {
            text = mutated(&text, &mut random);
        }
        let begin = Instant::now();
        let message = match Config::parse(&text, "test") {
            Ok(config) => format!("{config:?}").len().to_string(),
            Err(error) => error.to_string(),
        };
        assert!(begin.elapsed() < Duration::from_secs(1), "seed {seed} round {round} took {:?}", begin.elapsed());
        assert!(message.lines().count() < 25, "seed {seed} round {round}: {message}");
        let is_steering = |c: char| c.is_control() && c != '\n';
        assert!(!message.contains(is_steering), "seed {seed} round {round}: {message:?}");
        assert!(message.len() < 30_000, "seed {seed} round {round}: {} bytes", message.len());
    }
}

/// Xorshift: the standard library has no generator, and a test needs no better one.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }
}

fn mutated(text: &str, random: &mut Random) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let settings: Vec<usize> =
        (0..lines.len()).filter(|n| !lines[*n].starts_with('#') && !lines[*n].is_empty()).collect();
    let line = match settings.len() {
        0 => return text.to_owned(),
        n => settings[random.below(n)],
    };
    let values = [
        "-1",
        "0",
        "18446744073709551615",
        "1e309",
        "\"\"",
        "true",
        "[]",
        "{}",
        "nan",
        "\"\\u0000\"",
        "[[[[]]]]",
        "\"\\u001b[2J\"",
        "\"env:\"",
        "\"file:/dev/zero\"",
        "1979-05-27",
        "'''x''y'''",
        "{ a.b.c = 1 }",
        "\"",
    ];
    match random.below(12) {
        0 => {
            lines.remove(line);
        }
        1 => {
            let copy = lines[line].clone();
            lines.insert(line, copy);
        }
        2 | 3 => {
            let key = lines[line].split(" = ").next().unwrap_or("x").to_owned();
            lines[line] = format!("{key} = {}", values[random.below(values.len())]);
        }
        4 => {
            let at = random.below(lines[line].len());
            if lines[line].is_char_boundary(at) {
                lines[line].insert(at, ['a', '"', '.', '[', '=', '\0', '\u{202e}', '\t'][random.below(8)]);
            }
        }
        5 => {
            let at = random.below(lines[line].len());
            if lines[line].is_char_boundary(at) && lines[line].is_char_boundary(at + 1) {
                lines[line].remove(at);
            }
        }
        6 => lines[line] = format!("x = \"{}\"", "y".repeat(50_000)),
        7 => lines[line] = format!("x = {}", "[".repeat(1_000)),
        8 => lines.insert(line, format!("[{}x]", "a.".repeat(random.below(500)))),
        9 => return lines.join("\r\n"),
        10 => return format!("\u{feff}{}", lines.join("\n")),
        _ => lines.truncate(line),
    }
    lines.join("\n")
}
