//! "Did you mean ...?"

/// The candidate nearest to `word`, if one is near enough to be a slip of the hand.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if word.len() > WORD_BYTES_MAX {
        return None;
    }
    let word = folded(word);
    let candidates: Vec<&str> = candidates.into_iter().collect();
    // `production` for `prod`, `boot` for `bootstrap_servers`.
    let is_stem = |a: &str, b: &str| a.len() >= STEM_LENGTH_MIN && b.starts_with(a);
    let related = candidates.iter().find(|candidate| is_stem(&word, candidate) || is_stem(candidate, &word)).copied();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&word, &folded(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= (candidate.len() / 3).max(1))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
        .or(related)
}

/// `; did you mean ...?` to put behind a message, or nothing.
pub(super) fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    match nearest(word, candidates) {
        Some(candidate) => format!("; did you mean `{candidate}`?"),
        None => String::new(),
    }
}

/// `a, b, c`, each in backticks.
pub(super) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

/// `bootstrap.servers` and `Bootstrap-Servers` are as near to `bootstrap_servers` as can be.
fn folded(word: &str) -> String {
    word.chars().map(|c| if matches!(c, '-' | '.' | ' ') { '_' } else { c.to_ascii_lowercase() }).collect()
}

/// Shorter beginnings are shared by words that have nothing in common.
const STEM_LENGTH_MIN: usize = 4;
/// Longer words are no slips, and the distance takes quadratic time.
const WORD_BYTES_MAX: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_find_their_word() {
        let words = ["bootstrap_servers", "env", "version", "properties"];
        let slips = [
            ("bootstrap.servers", Some("bootstrap_servers")),
            ("botstrap_server", Some("bootstrap_servers")),
            ("Env", Some("env")),
            ("evn", Some("env")),
            ("propertys", Some("properties")),
            ("boot", Some("bootstrap_servers")),
            ("versions_of_brokers", Some("version")),
            ("password", None),
        ];
        for (slip, word) in slips {
            assert_eq!(nearest(slip, words), word, "{slip}");
        }
        assert_eq!(nearest(&"x".repeat(1_000_000), words), None);
    }
}
