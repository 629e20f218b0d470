//! The syntax of a pattern, with the places of its parts: for what is told about a rule at the very place, and for what
//! is offered instead.

use std::ops::Range;

use regex_syntax::ast::parse::ParserBuilder;
use regex_syntax::ast::{Ast, Span};

/// Deeper is an attack or an accident, and refused by the patterns themselves.
const NEST_LEVELS_MAX: u32 = 50;

/// Which bytes of a pattern are wrong, where that can be told.
pub(super) fn error_span(pattern: &str) -> Option<Range<usize>> {
    match parse(pattern) {
        Ok(_) => None,
        Err(error) => {
            // A mistake between two characters is shown at the next.
            let span = bytes(error.span());
            let end = pattern[span.start..].chars().next().map_or(span.start, |c| span.start + c.len_utf8());
            Some(span.start..span.end.max(end))
        }
    }
}

/// The place of an alternation with a branch that is empty, and the whole pattern without that branch.
pub(super) fn empty_branch(pattern: &str) -> Option<(Range<usize>, String)> {
    let ast = parse(pattern).ok()?;
    let mut found = None;
    walk(&ast, &mut |ast| {
        let (alternation, group) = match ast {
            Ast::Group(group) => match &*group.ast {
                Ast::Alternation(alternation) => (alternation, Some(group.span)),
                _ => return,
            },
            Ast::Alternation(alternation) => (alternation, None),
            _ => return,
        };
        let branches = alternation.asts.iter().filter(|branch| !matches!(branch, Ast::Empty(_)));
        let kept: Vec<&str> = branches.map(|branch| &pattern[bytes(branch.span())]).collect();
        if kept.len() == alternation.asts.len() || found.is_some() {
            return;
        }
        let (place, whole) = (bytes(&alternation.span), group.as_ref().map(bytes));
        let kept = kept.join("|");
        let text = match whole {
            // In a group an empty branch is a choice, and this says so.
            Some(whole) => format!("{}{kept})?{}", &pattern[..place.start], &pattern[whole.end..]),
            None => format!("{}{kept}{}", &pattern[..place.start], &pattern[place.end..]),
        };
        found = Some((place, text));
    });
    found
}

/// Whether a pattern also matches names nobody has listed in it: it has a class, a dot or a repetition without end.
pub(super) fn is_open_ended(pattern: &str) -> bool {
    let Ok(ast) = parse(pattern) else { return true };
    let mut is_open = false;
    walk(&ast, &mut |ast| {
        is_open |= match ast {
            Ast::Dot(_) | Ast::ClassUnicode(_) | Ast::ClassPerl(_) | Ast::ClassBracketed(_) => true,
            Ast::Repetition(repetition) => !matches!(
                repetition.op.kind,
                regex_syntax::ast::RepetitionKind::ZeroOrOne | regex_syntax::ast::RepetitionKind::Range(_)
            ),
            _ => false,
        };
    });
    is_open
}

/// A part of a pattern that may be one character of too few kinds: a separator, or a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choosy {
    /// Where it is.
    pub(super) place: Range<usize>,
    /// What stands in a class of the same characters: `.`, `0-9`, `\d`.
    pub(super) inside: String,
}

/// The choosy parts of a pattern, in order.
pub(super) fn choosy_parts(pattern: &str) -> Vec<Choosy> {
    let Ok(ast) = parse(pattern) else { return Vec::new() };
    let mut parts = Vec::new();
    walk(&ast, &mut |ast| match ast {
        Ast::Literal(literal) if matches!(literal.c, '.' | '-' | '_') => {
            let inside = if literal.c == '-' { r"\-".to_owned() } else { literal.c.to_string() };
            parts.push(Choosy { place: bytes(&literal.span), inside });
        }
        Ast::ClassPerl(class) if !class.negated => {
            let place = bytes(&class.span);
            parts.push(Choosy { inside: pattern[place.clone()].to_owned(), place });
        }
        Ast::ClassBracketed(class) if !class.negated => {
            let place = bytes(&class.span);
            let inside = pattern.get(place.start + 1..place.end.saturating_sub(1)).unwrap_or_default();
            parts.push(Choosy { inside: inside.to_owned(), place });
        }
        _ => {}
    });
    parts
}

fn parse(pattern: &str) -> Result<Ast, Box<regex_syntax::ast::Error>> {
    ParserBuilder::new().nest_limit(NEST_LEVELS_MAX).build().parse(pattern).map_err(Box::new)
}

fn bytes(span: &Span) -> Range<usize> {
    span.start.offset..span.end.offset
}

/// Every part, the outer before the inner.
fn walk(ast: &Ast, visit: &mut impl FnMut(&Ast)) {
    visit(ast);
    match ast {
        Ast::Repetition(repetition) => walk(&repetition.ast, visit),
        Ast::Group(group) => walk(&group.ast, visit),
        Ast::Alternation(alternation) => alternation.asts.iter().for_each(|ast| walk(ast, visit)),
        Ast::Concat(concat) => concat.asts.iter().for_each(|ast| walk(ast, visit)),
        Ast::Empty(_)
        | Ast::Flags(_)
        | Ast::Literal(_)
        | Ast::Dot(_)
        | Ast::Assertion(_)
        | Ast::ClassUnicode(_)
        | Ast::ClassPerl(_)
        | Ast::ClassBracketed(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_has_a_place() {
        let places = [
            ("orders.*", None),
            ("orders(", Some(6..7)),
            ("a[b-", Some(1..2)),
            ("a{2,1}", Some(1..6)),
            ("*a", Some(0..1)),
            ("a)", Some(1..2)),
        ];
        for (pattern, place) in places {
            assert_eq!(error_span(pattern), place, "{pattern}");
        }
    }

    #[test]
    fn an_empty_branch_is_found_and_taken_out() {
        let patterns = [
            ("a|b", None),
            ("a|", Some((0..2, "a"))),
            ("|a|b", Some((0..4, "a|b"))),
            ("orders(-v1|)", Some((7..11, "orders(-v1)?"))),
            ("x(|a|b).*", Some((2..6, "x(a|b)?.*"))),
            ("(?:|a)", Some((3..5, "(?:a)?"))),
            (r"a\|", None),
            ("[a|]", None),
        ];
        for (pattern, expected) in patterns {
            let expected = expected.map(|(place, text)| (place, text.to_owned()));
            assert_eq!(empty_branch(pattern), expected, "{pattern}");
        }
    }

    #[test]
    fn rules_without_an_end_are_told_from_lists() {
        for pattern in [".*", "v[0-9]", r"v\d", "a+", "(a|b)*", "a.c"] {
            assert!(is_open_ended(pattern), "{pattern}");
        }
        for pattern in ["orders", r"orders\.v1", "payments-(auth|capture)", "a?", "a{2}", "^a$"] {
            assert!(!is_open_ended(pattern), "{pattern}");
        }
    }

    #[test]
    fn choosy_parts_are_separators_and_classes() {
        let parts = choosy_parts(r"a\.v[0-9]+-\d.*[^x]");
        let found: Vec<(Range<usize>, &str)> =
            parts.iter().map(|part| (part.place.clone(), part.inside.as_str())).collect();
        assert_eq!(found, [(1..3, "."), (4..9, "0-9"), (10..11, r"\-"), (11..13, r"\d")]);
    }
}
