//! What surprises people in topic patterns, said before it bites.

use super::{NamePattern, legal_topic_name};

/// One remark about a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PatternNote {
    /// What it is about.
    pub kind: PatternNoteKind,
    /// What the pattern really means.
    pub text: String,
    /// What to write if that was not meant.
    pub suggestion: String,
}

/// What a [`PatternNote`] is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PatternNoteKind {
    /// `a,b`, which MirrorMaker 1 read as two patterns.
    Comma,
    /// Blanks, which MirrorMaker 1 took out.
    Blank,
    /// `*-dlq`, a file glob.
    LeadingStar,
    /// `__*`, which is underscores only.
    UnderscoreStar,
    /// `__.*`, which selects nothing.
    InternalTopics,
    /// `.*` and `.+`, which are the same here.
    EveryName,
    /// `a{1,3}`, which MirrorMaker took apart at its comma.
    RepetitionComma,
    /// `orders.*`, which has `orders` too.
    AnyOrNone,
    /// `orders.v1`, where the dot is any character.
    PlainDot,
}

impl PatternNoteKind {
    /// Whether hardly anybody writes this on purpose. The others are worth a remark only where one is asked for.
    pub fn is_likely_mistake(self) -> bool {
        match self {
            Self::Comma | Self::Blank | Self::LeadingStar | Self::UnderscoreStar => true,
            Self::InternalTopics | Self::EveryName | Self::RepetitionComma | Self::AnyOrNone | Self::PlainDot => false,
        }
    }

    /// Whether it matters in an exclude list, too: internal topics need no exclusion.
    pub fn concerns_exclude(self) -> bool {
        !matches!(self, Self::InternalTopics | Self::EveryName)
    }
}

/// Remarks on `pattern`, the gravest first. None for a pattern that means what it looks like.
pub fn explain_pattern(pattern: &str) -> Vec<PatternNote> {
    let mut notes = Vec::new();
    let mut note = |kind, text: &str, suggestion: String| {
        notes.push(PatternNote { kind, text: text.to_owned(), suggestion });
    };
    let entries = split_at_commas(pattern);
    if entries.len() > 1 {
        let list: Vec<String> = entries.iter().map(|entry| format!("\"{}\"", entry.trim())).collect();
        note(
            PatternNoteKind::Comma,
            "a comma is part of the name here, and no topic name holds one: this matches nothing",
            format!("write separate entries: {}", list.join(", ")),
        );
    } else if pattern.contains(' ') {
        note(
            PatternNoteKind::Blank,
            "a blank is part of the name here, and no topic name holds one: this matches nothing",
            format!("write `{}`", pattern.replace(' ', "")),
        );
    }
    if pattern.starts_with('*') {
        note(
            PatternNoteKind::LeadingStar,
            "`*` repeats what stands before it, and here nothing does: this is a regular expression, not a file glob",
            format!("write `.{pattern}`"),
        );
    }
    if let Some(stem) = pattern.strip_suffix("_*") {
        note(
            PatternNoteKind::UnderscoreStar,
            "`_*` is any number of underscores and nothing else",
            format!("for every name that starts so write `{stem}_.*`"),
        );
    }
    if pattern.starts_with("__") && NamePattern::new(pattern).is_ok_and(|pattern| pattern.literal().is_none()) {
        note(
            PatternNoteKind::InternalTopics,
            "topics whose name starts with `__` are internal and are mirrored only when named in full",
            "write the topic's exact name, such as \"__consumer_offsets\"".to_owned(),
        );
    }
    if matches!(pattern, ".*" | ".+") {
        note(
            PatternNoteKind::EveryName,
            "matches every name (none is empty, so `.*` and `.+` are the same), and internal topics are mirrored only \
             when named in full",
            "to leave topics out use `exclude`".to_owned(),
        );
    }
    if let Some(repetition) = repetition_with_comma(pattern) {
        note(
            PatternNoteKind::RepetitionComma,
            &format!("the comma in {repetition}"),
            "for several patterns write separate entries (MirrorMaker took this comma for a separator)".to_owned(),
        );
    }
    if let Some(stem) = pattern.strip_suffix(".*")
        && !stem.starts_with("__")
        && legal_topic_name(stem).is_ok()
    {
        note(
            PatternNoteKind::AnyOrNone,
            &format!("matches `{stem}` itself too, and names that go on without a dot"),
            format!("for at least one more character write `{stem}.+`, for names under `{stem}.` write `{stem}\\..+`"),
        );
    }
    if let Some(escaped) = escape_plain_dots(pattern) {
        note(
            PatternNoteKind::PlainDot,
            "a plain dot matches any one character",
            format!("for a dot and nothing else write `{escaped}`"),
        );
    }
    notes
}

/// The entries of a MirrorMaker 1 list; the comma of `{1,3}` and one in a class separate nothing.
fn split_at_commas(pattern: &str) -> Vec<&str> {
    let mut entries = Vec::new();
    let mut entry_start = 0;
    let mut depth: usize = 0;
    let mut is_escaped = false;
    for (index, c) in pattern.char_indices() {
        match c {
            _ if is_escaped => {}
            '{' | '[' => depth += 1,
            '}' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                entries.push(&pattern[entry_start..index]);
                entry_start = index + 1;
            }
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
    }
    entries.push(&pattern[entry_start..]);
    entries
}

/// What the first `{1,3}` of `pattern` means, in words that follow "the comma in".
fn repetition_with_comma(pattern: &str) -> Option<String> {
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (before, mut rest) = pattern.split_once('{')?;
    if before.ends_with('\\') {
        return repetition_with_comma(rest);
    }
    let inside;
    (inside, rest) = rest.split_once('}')?;
    match inside.split_once(',') {
        Some((least, most)) if !least.is_empty() && is_number(least) && is_number(most) => {
            let times =
                if most.is_empty() { format!("{least} times or more") } else { format!("{least} to {most} times") };
            Some(format!("`{{{inside}}}` separates nothing: what stands before it is repeated {times}"))
        }
        _ => repetition_with_comma(rest),
    }
}

/// `pattern` with the dots escaped that stand between plain letters; `None` where there is none. `.*`, `.+` and the
/// like are meant as they are.
pub fn escape_plain_dots(pattern: &str) -> Option<String> {
    let bytes = pattern.as_bytes();
    let is_plain = |byte: Option<&u8>| byte.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-'));
    let mut escaped = String::with_capacity(pattern.len() + 4);
    let mut is_class = false;
    for (index, c) in pattern.char_indices() {
        match c {
            '[' => is_class = true,
            ']' => is_class = false,
            '.' if !is_class
                && index > 0
                && is_plain(bytes.get(index - 1))
                && is_plain(bytes.get(index + 1))
                && !pattern[..index - 1].ends_with('\\') =>
            {
                escaped.push('\\');
            }
            _ => {}
        }
        escaped.push(c);
    }
    (escaped != pattern).then_some(escaped)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(pattern: &str) -> Vec<PatternNoteKind> {
        explain_pattern(pattern).into_iter().map(|note| note.kind).collect()
    }

    #[test]
    fn surprises_are_explained() {
        use PatternNoteKind::*;
        let patterns: [(&str, &[PatternNoteKind]); 17] = [
            ("orders", &[]),
            (".*", &[EveryName]),
            (".+", &[EveryName]),
            ("orders-.+", &[]),
            (r"orders\.v1", &[]),
            ("o{3}", &[]),
            (r"o\{1,3\}", &[Comma]),
            ("o{2}{1,3}", &[RepetitionComma]),
            ("o{1,}", &[RepetitionComma]),
            ("a,b", &[Comma]),
            ("a{1,3},b", &[Comma, RepetitionComma]),
            ("a b", &[Blank]),
            ("*", &[LeadingStar]),
            ("__*", &[UnderscoreStar, InternalTopics]),
            ("__.*", &[InternalTopics]),
            ("orders.*", &[AnyOrNone]),
            ("orders.v1", &[PlainDot]),
        ];
        for (pattern, expected) in patterns {
            assert_eq!(kinds(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn suggestions_can_be_pasted() {
        let suggestion = |pattern: &str| explain_pattern(pattern)[0].suggestion.clone();
        assert_eq!(suggestion("a{1,3}, b.*"), "write separate entries: \"a{1,3}\", \"b.*\"");
        assert_eq!(suggestion("*-dlq"), "write `.*-dlq`");
        assert_eq!(suggestion("__*"), "for every name that starts so write `__.*`");
        let text = explain_pattern("a{2,}")[0].text.clone();
        assert_eq!(text, "the comma in `{2,}` separates nothing: what stands before it is repeated 2 times or more");
        assert_eq!(suggestion("orders.v1.eu"), r"for a dot and nothing else write `orders\.v1\.eu`");
    }

    #[test]
    fn odd_texts_are_survived() {
        for pattern in ["", ".", "\\", "\\.", ".a", "a.", "[", "]", "{", ",", "\\,", "a\\", "\u{e9}.\u{e9}"] {
            explain_pattern(pattern);
        }
    }
}
