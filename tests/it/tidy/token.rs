//! Rust source as tokens: enough to find words, paths and modules, not more.

/// A token and the line it begins on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) line: usize,
    pub(super) kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, a name or a number.
    Word(String),
    /// `::`.
    PathSeparator,
    /// A string's content, escapes as they are.
    Text(String),
    /// Anything else, one by one.
    Sign(char),
}

impl Token {
    pub(super) fn is_sign(&self, sign: char) -> bool {
        self.kind == Kind::Sign(sign)
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.word() == Some(word)
    }

    pub(super) fn word(&self) -> Option<&str> {
        match &self.kind {
            Kind::Word(word) => Some(word),
            Kind::PathSeparator | Kind::Text(_) | Kind::Sign(_) => None,
        }
    }
}

/// Comments are left out.
pub(super) fn tokens(source: &str) -> Vec<Token> {
    let mut reader = Reader { rest: source, line: 1, tokens: Vec::new() };
    while let Some(first) = reader.rest.chars().next() {
        reader.read(first);
    }
    reader.tokens
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    tokens: Vec<Token>,
}

impl<'a> Reader<'a> {
    fn read(&mut self, first: char) {
        if self.rest.starts_with("//") {
            let length = self.rest.find('\n').unwrap_or(self.rest.len());
            self.take(length);
        } else if self.rest.starts_with("/*") {
            self.skip_block_comment();
        } else if let Some(opening) = raw_string_opening(self.rest) {
            let hashes = opening.matches('#').count();
            self.take(opening.len());
            self.read_text(&format!("\"{}", "#".repeat(hashes)), |_| 1);
        } else if first == '"' || self.rest.starts_with("b\"") || self.rest.starts_with("c\"") {
            self.take(if first == '"' { 1 } else { 2 });
            self.read_text("\"", |rest| if rest.starts_with('\\') { 2 } else { 1 });
        } else if first == '\'' {
            self.read_quote();
        } else if first.is_alphanumeric() || first == '_' {
            let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
            self.push_taken(end, |word| Kind::Word(word.to_owned()));
        } else if self.rest.starts_with("::") {
            self.push_taken(2, |_| Kind::PathSeparator);
        } else if first.is_whitespace() {
            self.take(first.len_utf8());
        } else {
            self.push_taken(first.len_utf8(), |_| Kind::Sign(first));
        }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.line += taken.matches('\n').count();
        self.rest = rest;
        taken
    }

    fn push_taken(&mut self, length: usize, kind: impl FnOnce(&str) -> Kind) {
        let line = self.line;
        let kind = kind(self.take(length));
        self.tokens.push(Token { line, kind });
    }

    /// They nest.
    fn skip_block_comment(&mut self) {
        let mut depth = 0;
        while !self.rest.is_empty() {
            if self.rest.starts_with("/*") {
                depth += 1;
                self.take(2);
            } else if self.rest.starts_with("*/") {
                depth -= 1;
                self.take(2);
                if depth == 0 {
                    return;
                }
            } else {
                self.take_char();
            }
        }
    }

    /// Up to `closing`; `step` says how many characters belong together.
    fn read_text(&mut self, closing: &str, step: impl Fn(&str) -> usize) {
        let (line, start) = (self.line, self.rest);
        while !self.rest.is_empty() && !self.rest.starts_with(closing) {
            for _ in 0..step(self.rest) {
                self.take_char();
            }
        }
        let text = start[..start.len() - self.rest.len()].to_owned();
        self.take(closing.len().min(self.rest.len()));
        self.tokens.push(Token { line, kind: Kind::Text(text) });
    }

    /// A character, or a lifetime.
    fn read_quote(&mut self) {
        self.take(1);
        let mut ahead = self.rest.chars();
        let (first, second) = (ahead.next(), ahead.next());
        if first == Some('\\') {
            self.take_char();
            self.take_char();
            let end = self.rest.find('\'').map_or(self.rest.len(), |end| end + 1);
            self.take(end);
        } else if second == Some('\'') {
            self.take_char();
            self.take_char();
        }
        self.tokens.push(Token { line: self.line, kind: Kind::Sign('\'') });
    }

    fn take_char(&mut self) {
        let length = self.rest.chars().next().map_or(0, char::len_utf8);
        self.take(length);
    }
}

/// `r"`, `r#"`, `br"` and so on.
fn raw_string_opening(rest: &str) -> Option<&str> {
    let after = ["r", "br", "cr"].iter().find_map(|prefix| rest.strip_prefix(prefix))?;
    let after = after.trim_start_matches('#').strip_prefix('"')?;
    Some(&rest[..rest.len() - after.len()])
}

#[test]
fn comments_and_strings_are_told_from_code() {
    let source = "a /* b /* c */ d */ \"e // \\\" f\" // g\n'h' 'i: r#\"j \" k\"# b'\\'' l";
    let words: Vec<String> = tokens(source).iter().filter_map(|token| token.word().map(str::to_owned)).collect();
    assert_eq!(words, ["a", "i", "b", "l"]);
    let texts: Vec<Kind> = tokens(source).into_iter().map(|token| token.kind).collect();
    assert!(texts.contains(&Kind::Text("e // \\\" f".to_owned())));
    assert!(texts.contains(&Kind::Text("j \" k".to_owned())));
    assert_eq!(tokens(source).last().map(|token| token.line), Some(2));
}
