//! What is typed after `/`: a pattern, `!pattern` for the others, `~letters` in this order.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use regex::{Regex, RegexBuilder};

use super::line_filter::{LineFilter, LineView};

/// A filter for rows.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Filter(Kind);

#[derive(Clone, Debug, Default)]
enum Kind {
    #[default]
    All,
    Matching(Regex),
    Others(Regex),
    Fuzzy(Pattern),
    Lines(LineFilter),
}

/// How what is typed is to be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) enum FilterLanguage {
    /// Over names.
    #[default]
    Names,
    /// Over lines of a log.
    Lines,
}

/// Enough for any name, and no more than a keystroke may cost.
const REGEX_BYTES_MAX: usize = 1 << 20;

impl Filter {
    /// Reads what was typed in a language.
    ///
    /// # Errors
    /// With what cannot be read.
    pub(in crate::tui) fn parse_in(language: FilterLanguage, text: &str) -> Result<Self, String> {
        match language {
            FilterLanguage::Names => Self::parse(text),
            FilterLanguage::Lines => LineFilter::parse(text).map(|filter| Self(Kind::Lines(filter))),
        }
    }

    /// Whether a line of a log fits.
    pub(in crate::tui) fn fits_line(&self, line: &LineView<'_>) -> bool {
        match &self.0 {
            Kind::Lines(filter) => filter.fits(line),
            _ => self.matcher()(line.text),
        }
    }

    /// Reads what was typed. Upper case counts only where it is typed.
    ///
    /// # Errors
    /// When it is no regular expression, with what is wrong.
    pub(in crate::tui) fn parse(text: &str) -> Result<Self, String> {
        let kind = match text.split_at_checked(1) {
            None => Kind::All,
            Some(("!", "") | ("~", "")) => Kind::All,
            Some(("!", rest)) => Kind::Others(regex(rest)?),
            Some(("~", rest)) => Kind::Fuzzy(Pattern::parse(rest, CaseMatching::Smart, Normalization::Smart)),
            Some(_) => Kind::Matching(regex(text)?),
        };
        Ok(Self(kind))
    }

    /// Whether it lets all through.
    pub(in crate::tui) fn is_all(&self) -> bool {
        match &self.0 {
            Kind::Lines(filter) => filter.is_all(),
            kind => matches!(kind, Kind::All),
        }
    }

    /// Lets through what fits, of many texts.
    pub(in crate::tui) fn matcher(&self) -> impl FnMut(&str) -> bool {
        let mut matcher = Matcher::new(Config::DEFAULT);
        let mut buffer = Vec::new();
        move |text| match &self.0 {
            Kind::All | Kind::Lines(_) => true,
            Kind::Matching(regex) => regex.is_match(text),
            Kind::Others(regex) => !regex.is_match(text),
            Kind::Fuzzy(pattern) => pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher).is_some(),
        }
    }
}

/// A pattern in which upper case counts only where it is typed.
pub(super) fn regex(text: &str) -> Result<Regex, String> {
    let is_lower = !text.chars().any(char::is_uppercase);
    let built = RegexBuilder::new(text).case_insensitive(is_lower).size_limit(REGEX_BYTES_MAX).build();
    built.map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
        // The last line says what is wrong, the others draw where.
        error => error.to_string().lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits(filter: &str, text: &str) -> bool {
        Filter::parse(filter).expect("valid").matcher()(text)
    }

    #[test]
    fn filters_are_patterns_their_opposites_or_letters_in_order() {
        let cases = [
            ("", "orders", true),
            ("ord", "eu.Orders", true),
            ("Ord", "eu.orders", false),
            ("^ord|^pay", "payments", true),
            ("!ord", "orders", false),
            ("!", "orders", true),
            ("~odr", "orders", true),
            ("~xyz", "orders", false),
        ];
        for (filter, text, expected) in cases {
            assert_eq!(fits(filter, text), expected, "{filter} on {text}");
        }
        assert_eq!(Filter::parse("a(").expect_err("no pattern"), "unclosed group");
        assert_eq!(Filter::parse("\\w{1000}{1000}").expect_err("too large"), "the pattern is too large");
    }
}
