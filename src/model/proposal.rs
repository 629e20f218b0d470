//! Patterns for topics that were picked by hand.
//!
//! Names are taken apart at their separators and digits. Each way to say several of them in one pattern is a candidate:
//! a beginning, an end, a number in a place, a choice of words in a place. Of those that match no other topic, the ones
//! that save most letters are taken until all names are covered; what is left is spelled out.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use super::{InternalRule, NamePattern, PATTERNS_MAX, TopicName};

/// Patterns that match exactly the topics that are meant, among all there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatternProposal {
    /// The shortest safe patterns.
    pub patterns: Vec<String>,
    /// The topics themselves, escaped: nothing else will ever match.
    pub literals: Vec<String>,
}

/// Candidates that are tried against all topics: each costs a match per topic.
const CANDIDATES_MAX: usize = 300;
/// Words of a choice; more are no pattern to read.
const CHOICES_MAX: usize = 30;
/// What a further pattern in the list costs, in letters; one that matches topics to come; and each place in it where
/// those may be called anything.
const ENTRY_COST: usize = 4;
const OPEN_COST: usize = 4;
const ANYTHING_COST: usize = 6;

/// The pattern that matches exactly this name.
pub fn quoted(name: &str) -> String {
    // A dash outside a class is itself.
    regex::escape(name).replace(r"\-", "-")
}

/// The shortest safe patterns for exactly `marked`, of `all` topics of a cluster.
pub fn propose_patterns(marked: &[TopicName], all: &[TopicName]) -> PatternProposal {
    let marked: BTreeSet<&TopicName> = marked.iter().collect();
    let literals: Vec<String> = marked.iter().map(|name| quoted(name.as_str())).collect();
    let others: Vec<&TopicName> = all.iter().filter(|topic| !marked.contains(topic)).collect();
    // A tool's topic is mirrored only when its name is spelled out.
    let (internal, plain): (Vec<&TopicName>, Vec<&TopicName>) =
        marked.iter().partition(|topic| InternalRule::of(topic).is_some());
    let names: Vec<&str> = plain.iter().map(|name| name.as_str()).collect();
    let mut patterns = cover(&names, &others);
    patterns.extend(internal.iter().map(|name| quoted(name.as_str())));
    if patterns.len() > PATTERNS_MAX || !is_exact(&patterns, &marked, &others) {
        patterns.clone_from(&literals);
    }
    PatternProposal { patterns, literals }
}

/// What is proposed is proven, whatever led to it.
fn is_exact(patterns: &[String], marked: &BTreeSet<&TopicName>, others: &[&TopicName]) -> bool {
    let Ok(patterns) = patterns.iter().map(|text| NamePattern::new(text)).collect::<Result<Vec<_>, _>>() else {
        return false;
    };
    let is_match = |topic: &TopicName| patterns.iter().any(|pattern| pattern.is_match(topic.as_str()) == Ok(true));
    marked.iter().all(|topic| is_match(topic)) && !others.iter().any(|topic| is_match(topic))
}

/// Takes the candidate that saves most, again and again.
fn cover(names: &[&str], others: &[&TopicName]) -> Vec<String> {
    let candidates = candidates(names, others);
    let cost_alone: Vec<usize> = names.iter().map(|name| quoted(name).len() + ENTRY_COST).collect();
    let mut is_covered = vec![false; names.len()];
    let mut patterns = Vec::new();
    loop {
        let gain = |candidate: &Candidate| {
            let spared: usize =
                candidate.covers.iter().filter(|index| !is_covered[**index]).map(|index| cost_alone[*index]).sum();
            spared.saturating_sub(candidate.cost())
        };
        // Of equals the first by its text, so that the same question has the same answer.
        let best = candidates.iter().max_by_key(|candidate| (gain(candidate), std::cmp::Reverse(&candidate.text)));
        match best {
            Some(best) if gain(best) > 0 => {
                best.covers.iter().for_each(|index| is_covered[*index] = true);
                patterns.push(best.text.clone());
            }
            _ => break,
        }
    }
    let left = names.iter().zip(&is_covered).filter(|(_, is_covered)| !**is_covered);
    patterns.extend(left.map(|(name, _)| quoted(name)));
    patterns
}

/// A pattern with the names it matches, none of which is another topic's.
struct Candidate {
    text: String,
    is_open: bool,
    covers: Vec<usize>,
}

impl Candidate {
    fn cost(&self) -> usize {
        let openness = if self.is_open { OPEN_COST + self.text.matches(".*").count() * ANYTHING_COST } else { 0 };
        self.text.len() + ENTRY_COST + openness
    }
}

fn candidates(names: &[&str], others: &[&TopicName]) -> Vec<Candidate> {
    let tokens: Vec<Vec<&str>> = names.iter().map(|name| tokens(name)).collect();
    let mut candidates = choices(names, &tokens);
    let mut open: BTreeMap<String, usize> = BTreeMap::new();
    for tokens in &tokens {
        for text in open_forms(tokens) {
            *open.entry(text).or_default() += 1;
        }
    }
    // What more names suggest is worth more.
    let mut open: Vec<(String, usize)> = open.into_iter().filter(|(_, count)| *count > 1).collect();
    open.sort_by_key(|(text, count)| (std::cmp::Reverse(*count), text.len()));
    open.truncate(CANDIDATES_MAX);
    for (text, _) in open {
        let Ok(pattern) = NamePattern::new(&text) else { continue };
        let is_match = |name: &str| pattern.is_match(name) == Ok(true);
        if others.iter().any(|topic| is_match(topic.as_str())) {
            continue;
        }
        let covers = names.iter().enumerate().filter(|(_, name)| is_match(name)).map(|(index, _)| index).collect();
        candidates.push(Candidate { text, is_open: true, covers });
    }
    candidates
}

/// `orders`, `.`, `v`, `12`: words, numbers and the separators between them.
fn tokens(name: &str) -> Vec<&str> {
    let kind = |c: char| match c {
        '.' | '-' | '_' => 0,
        '0'..='9' => 1,
        _ => 2,
    };
    let mut tokens = Vec::new();
    let mut start = 0;
    let mut before = None;
    for (index, c) in name.char_indices() {
        // Each separator by itself.
        if before.is_some_and(|before| before != kind(c) || before == 0) {
            tokens.push(&name[start..index]);
            start = index;
        }
        before = Some(kind(c));
    }
    tokens.push(&name[start..]);
    tokens
}

fn is_separator(token: &str) -> bool {
    matches!(token, "." | "-" | "_")
}

fn is_number(token: &str) -> bool {
    token.starts_with(|c: char| c.is_ascii_digit())
}

/// Forms that match topics to come, too: with any number, with any end, with any beginning.
fn open_forms(tokens: &[&str]) -> Vec<String> {
    let exact: Vec<String> = tokens.iter().map(|token| quoted(token)).collect();
    let counted: Vec<String> = tokens
        .iter()
        .zip(&exact)
        .map(|(token, text)| if is_number(token) { "[0-9]+".into() } else { text.clone() })
        .collect();
    let mut forms = Vec::new();
    for parts in [&exact, &counted] {
        for (index, _) in tokens.iter().enumerate().filter(|(_, token)| is_separator(token)) {
            forms.push(format!("{}.*", parts[..=index].concat()));
            forms.push(format!(".*{}", parts[index..].concat()));
        }
        let ends =
            (tokens.iter().position(|token| is_separator(token)), tokens.iter().rposition(|token| is_separator(token)));
        if let (Some(first), Some(last)) = ends
            && first < last
        {
            forms.push(format!("{}.*{}", parts[..=first].concat(), parts[last..].concat()));
        }
    }
    if counted != exact {
        forms.push(counted.concat());
    }
    forms.sort();
    forms.dedup();
    forms
}

/// Forms that match these names and no other ever: a choice of words in one place, or of ends.
fn choices(names: &[&str], tokens: &[Vec<&str>]) -> Vec<Candidate> {
    let mut places: BTreeMap<(String, String), BTreeMap<&str, usize>> = BTreeMap::new();
    for (index, (name, tokens)) in names.iter().zip(tokens).enumerate() {
        let mut start = 0;
        for token in tokens {
            let end = start + token.len();
            // Names with nothing in common are entries of their own.
            if !is_separator(token) && tokens.len() > 1 {
                let place = (name[..start].to_owned(), name[end..].to_owned());
                places.entry(place).or_default().insert(token, index);
            }
            if start > 0 {
                // What may follow such a beginning.
                places.entry((name[..start].to_owned(), String::new())).or_default().insert(&name[start..], index);
            }
            start = end;
        }
    }
    let mut seen = HashSet::new();
    places
        .into_iter()
        .filter(|(_, words)| (2..=CHOICES_MAX).contains(&words.len()))
        .filter_map(|((before, behind), words)| {
            let texts: Vec<&str> = words.keys().copied().collect();
            let text = format!("{}{}{}", quoted(&before), choice(&texts), quoted(&behind));
            let covers = words.into_values().collect();
            seen.insert(text.clone()).then_some(Candidate { text, is_open: false, covers })
        })
        .collect()
}

/// `(a|b)`, and `[1-3]` where all are single digits.
fn choice(words: &[&str]) -> String {
    let digits: Option<Vec<u8>> = words
        .iter()
        .map(|word| match word.as_bytes() {
            [digit] if digit.is_ascii_digit() => Some(*digit),
            _ => None,
        })
        .collect();
    match digits.as_deref() {
        Some([first, .., last]) if usize::from(last - first) + 1 == words.len() && words.len() > 2 => {
            format!("[{}-{}]", char::from(*first), char::from(*last))
        }
        Some(digits) => format!("[{}]", digits.iter().map(|digit| char::from(*digit)).collect::<String>()),
        None => format!("({})", words.iter().map(|word| quoted(word)).collect::<Vec<_>>().join("|")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn topics(names: &[&str]) -> Vec<TopicName> {
        names.iter().map(|name| TopicName::from(*name)).collect()
    }

    fn proposed(marked: &[&str], others: &[&str]) -> Vec<String> {
        let all = [topics(marked), topics(others)].concat();
        propose_patterns(&topics(marked), &all).patterns
    }

    #[test]
    fn names_as_people_give_them_become_patterns_as_people_write_them() {
        let cases: [(&[&str], &[&str], &[&str]); 11] = [
            (&["orders"], &["orders-dlq"], &["orders"]),
            (&["orders.v1", "orders.v2", "orders.v3"], &["orders.dlq"], &[r"orders\.v[1-3]"]),
            (&["orders.v1", "orders.v3"], &["orders.v2"], &[r"orders\.v[13]"]),
            (
                &["payments.auth", "payments.capture", "payments.refund"],
                &["payments.test", "orders"],
                &[r"payments\.(auth|capture|refund)"],
            ),
            (&["team-a.orders", "team-a.carts", "team-a.users.v2"], &["team-b.orders"], &[r"team-a\..*"]),
            (&["orders-dlq", "carts-dlq", "users-dlq"], &["orders", "carts"], &[".*-dlq"]),
            (&["log-2024", "log-2025", "log-2026", "log-2027"], &["log-latest"], &["log-[0-9]+"]),
            (&["eu.a.in", "eu.b.in", "eu.c.in", "eu.d.e.in"], &["eu.a.out", "us.a.in"], &[r"eu\..*\.in"]),
            (&["__consumer_offsets", "a.b"], &["c"], &[r"a\.b", "__consumer_offsets"]),
            (&["orders.v1"], &["ordersXv1"], &[r"orders\.v1"]),
            (&["alpha", "beta"], &["gamma"], &["alpha", "beta"]),
        ];
        for (marked, others, patterns) in cases {
            assert_eq!(proposed(marked, others), patterns, "{marked:?} without {others:?}");
        }
    }

    #[test]
    fn nothing_marked_is_nothing_proposed() {
        assert_eq!(propose_patterns(&[], &topics(&["a"])), PatternProposal::default());
    }

    #[test]
    fn thousands_are_no_matter() {
        let names: Vec<TopicName> = (0..10_000).map(|n| format!("team-{}.topic-{n}", n % 40).into()).collect();
        let marked: Vec<TopicName> =
            names.iter().filter(|name| name.as_str().starts_with("team-7.")).cloned().collect();
        assert_eq!(propose_patterns(&marked, &names).patterns, [r"team-7\..*"]);
        let odd: Vec<TopicName> = names.iter().step_by(3).cloned().collect();
        let proposal = propose_patterns(&odd, &names);
        assert!(is_exact(&proposal.patterns, &odd.iter().collect(), &[]));
    }

    fn name() -> impl Strategy<Value = String> {
        proptest::collection::vec("[a-c]|[a-c][a-c]|v[0-9]|[0-9]{1,2}|[._-]|orders|dlq", 1..6)
            .prop_map(|parts| parts.concat())
            .prop_filter("a legal name", |name| crate::model::legal_topic_name(name).is_ok())
    }

    proptest! {
        #[test]
        fn exactly_the_marked_match(names in proptest::collection::hash_set(name(), 1..40), seed in any::<u64>()) {
            let all: Vec<TopicName> = names.into_iter().map(TopicName::from).collect();
            let is_marked = |index: usize| (seed >> (index % 64)) & 1 == 1;
            let marked: Vec<TopicName> =
                all.iter().enumerate().filter(|(index, _)| is_marked(*index)).map(|(_, name)| name.clone()).collect();
            let proposal = propose_patterns(&marked, &all);
            for patterns in [&proposal.patterns, &proposal.literals] {
                let compiled: Vec<NamePattern> =
                    patterns.iter().map(|text| NamePattern::new(text).expect("valid")).collect();
                for (index, topic) in all.iter().enumerate() {
                    let is_match = compiled.iter().any(|pattern| pattern.is_match(topic.as_str()) == Ok(true));
                    prop_assert_eq!(is_match, is_marked(index), "{} by {:?}", topic, patterns);
                }
            }
            // And as a selection, which leaves tools' topics alone unless they are named.
            if !marked.is_empty() {
                let selection = crate::model::Selection::new(&proposal.patterns, &[]).expect("valid");
                for (index, topic) in all.iter().enumerate() {
                    prop_assert_eq!(selection.judge(topic).is_included(), is_marked(index), "{}", topic);
                }
            }
            let length = |patterns: &[String]| patterns.iter().map(|text| text.len() + ENTRY_COST).sum::<usize>();
            prop_assert!(length(&proposal.patterns) <= length(&proposal.literals));
        }
    }
}
