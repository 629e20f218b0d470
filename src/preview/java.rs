//! Patterns written for Java's engine, said in words that every engine has.

/// A pattern in plain syntax, with what has to be excluded to mean the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rewrite {
    /// The pattern.
    pub(super) pattern: String,
    /// Patterns of names that it must not match.
    pub(super) exclude: Vec<String>,
}

/// What to write instead of a pattern that needs Java's kind of engine, where we know.
pub(super) fn rewrite(pattern: &str) -> Option<Rewrite> {
    let inner = pattern.strip_prefix('^').unwrap_or(pattern);
    let inner = inner.strip_suffix('$').filter(|inner| !inner.ends_with('\\')).unwrap_or(inner);
    let only = |pattern: String| Some(Rewrite { pattern, exclude: Vec::new() });
    if let Some((looked, rest)) = inner.strip_prefix("(?!").and_then(split_group) {
        // A look-ahead at the start is about how names begin; with its own end, about whole names.
        let excluded = match looked.strip_suffix('$') {
            Some(whole) => whole.to_owned(),
            None => grouped(looked, "", ".*"),
        };
        return plain(rest).map(|pattern| Rewrite { pattern, exclude: vec![excluded] });
    }
    if let Some((before, looked)) = inner.rfind("(?<!").and_then(|start| {
        let (looked, rest) = split_group(&inner[start + 4..])?;
        rest.is_empty().then_some((&inner[..start], looked))
    }) {
        return plain(before).map(|pattern| Rewrite { pattern, exclude: vec![grouped(looked, ".*", "")] });
    }
    let posix = without_posix(inner);
    let plain_text = without_possessive(&posix);
    if plain_text != inner { only(plain_text) } else { None }
}

fn plain(pattern: &str) -> Option<String> {
    let is_plain = !pattern.is_empty() && !["(?!", "(?=", "(?<", "(?>"].iter().any(|group| pattern.contains(group));
    is_plain.then(|| without_possessive(&without_posix(pattern)))
}

fn grouped(looked: &str, before: &str, behind: &str) -> String {
    if looked.contains('|') { format!("{before}(?:{looked}){behind}") } else { format!("{before}{looked}{behind}") }
}

/// What stands up to the parenthesis that closes the group we are in, and what follows it.
fn split_group(text: &str) -> Option<(&str, &str)> {
    let mut depth = 1_usize;
    let mut is_escaped = false;
    for (index, c) in text.char_indices() {
        match c {
            _ if is_escaped => {}
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        is_escaped = c == '\\' && !is_escaped;
        if depth == 0 {
            return Some((&text[..index], &text[index + 1..]));
        }
    }
    None
}

/// `\p{Alpha}` and its kin, which are ASCII to Java.
fn without_posix(pattern: &str) -> String {
    const CLASSES: [(&str, &str); 6] = [
        (r"\p{Alpha}", "[A-Za-z]"),
        (r"\p{Digit}", "[0-9]"),
        (r"\p{Alnum}", "[A-Za-z0-9]"),
        (r"\p{Lower}", "[a-z]"),
        (r"\p{Upper}", "[A-Z]"),
        (r"\p{Punct}", "[._-]"),
    ];
    CLASSES.iter().fold(pattern.to_owned(), |text, (class, plain)| text.replace(class, plain))
}

/// `a++` as `a+`: for names a possessive hardly ever means anything else.
fn without_possessive(pattern: &str) -> String {
    let mut text = String::with_capacity(pattern.len());
    let mut is_class = false;
    let mut is_after_quantifier = false;
    let mut chars = pattern.chars();
    while let Some(c) = chars.next() {
        if is_after_quantifier && c == '+' && !is_class {
            is_after_quantifier = false;
            continue;
        }
        is_after_quantifier = !is_class && matches!(c, '*' | '+' | '?' | '}');
        text.push(c);
        match c {
            '\\' => text.extend(chars.next()),
            '[' => is_class = true,
            ']' => is_class = false,
            _ => {}
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_arounds_become_excludes() {
        type Case = (&'static str, Option<(&'static str, &'static [&'static str])>);
        let patterns: [Case; 9] = [
            ("(?!test-).*", Some((".*", &["test-.*"]))),
            ("^(?!test-|tmp-).*$", Some((".*", &["(?:test-|tmp-).*"]))),
            (r"(?!orders$)[a-z]+", Some(("[a-z]+", &["orders"]))),
            (".*(?<!-dlq)", Some((".*", &[".*-dlq"]))),
            (r"[a-z]++\.v1", Some((r"[a-z]+\.v1", &[]))),
            (r"\p{Alpha}+", Some(("[A-Za-z]+", &[]))),
            (r"(a+)-\1", None),
            ("a(?!b)c", None),
            ("(?!a)(?!b).*", None),
        ];
        for (pattern, expected) in patterns {
            let expected = expected.map(|(pattern, exclude)| Rewrite {
                pattern: pattern.into(),
                exclude: exclude.iter().map(ToString::to_string).collect(),
            });
            assert_eq!(rewrite(pattern), expected, "{pattern}");
        }
    }
}
