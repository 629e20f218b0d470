//! What a source file names, and which files it brings in.

use super::token::{Kind, Token, tokens};

/// Something a file names, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) line: usize,
    /// `std::fs::read`, `println!`, `unsafe`; what lies in this crate begins with `crate`.
    pub(super) path: String,
}

/// A `mod name;`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ModuleFile {
    pub(super) name: String,
    /// What `#[path = ...]` says.
    pub(super) path: Option<String>,
    /// Whether it is only there for tests.
    pub(super) is_test: bool,
}

/// Everything named in `source`, the file of the module `module` ("crate::engine::job"), without what is only there for
/// tests.
pub(super) fn names(source: &str, module: &str) -> Vec<Named> {
    let tokens = without_tests(&tokens(source));
    let mut names = Vec::new();
    let mut modules = InlineModules::default();
    let mut index = 0;
    while index < tokens.len() {
        modules.pass(&tokens, index);
        let inside = modules.within(module);
        let (token, next) = (&tokens[index], tokens.get(index + 1));
        let is_use = token.is_word("use") && !next.is_some_and(|next| next.is_sign('<'));
        if is_use {
            let mut tree = UseTree { tokens: &tokens, index: index + 1, leaves: Vec::new() };
            tree.read(&[]);
            index = tree.index;
            names.extend(tree.leaves.iter().map(|(line, path)| named(*line, path, &inside)));
            continue;
        }
        let path = path_at(&tokens, index);
        index += (2 * path.len()).saturating_sub(1).max(1);
        let is_macro = tokens.get(index).is_some_and(|after| after.is_sign('!'))
            && !tokens.get(index + 1).is_some_and(|after| after.is_sign('='));
        if let Some(last) = path.last().filter(|_| is_macro) {
            names.push(Named { line: token.line, path: format!("{last}!") });
        }
        if !path.is_empty() {
            names.push(named(token.line, &path, &inside));
        }
    }
    names
}

/// The files `source` brings in.
pub(super) fn module_files(source: &str) -> Vec<ModuleFile> {
    let tokens = tokens(source);
    let is_declaration =
        |at: &usize| tokens[*at].is_word("mod") && tokens.get(at + 2).is_some_and(|token| token.is_sign(';'));
    let file = |at: usize| {
        let attributes = attributes_before(&tokens, at);
        Some(ModuleFile {
            name: tokens[at + 1].word()?.to_owned(),
            path: attributes.iter().find_map(|attribute| match attribute {
                [name, _, Token { kind: Kind::Text(path), .. }] if name.is_word("path") => Some(path.clone()),
                _ => None,
            }),
            is_test: attributes.iter().any(|attribute| is_cfg_test(attribute)),
        })
    };
    (0..tokens.len()).filter(is_declaration).filter_map(file).collect()
}

/// The attributes of the item whose keyword stands at `at`, without `#[` and `]`.
fn attributes_before(tokens: &[Token], at: usize) -> Vec<&[Token]> {
    let mut attributes = Vec::new();
    // Over `pub` and `pub(crate)`.
    let is_visibility =
        |token: &Token| token.word().is_some_and(|word| word != "mod") || token.is_sign('(') || token.is_sign(')');
    let mut end = at;
    while end > 0 && is_visibility(&tokens[end - 1]) {
        end -= 1;
    }
    while end > 0 && tokens[end - 1].is_sign(']') {
        let Some(start) = tokens[..end].iter().rposition(|token| token.is_sign('#')) else { break };
        attributes.push(&tokens[start + 2..end - 1]);
        end = start;
    }
    attributes
}

fn is_cfg_test(attribute: &[Token]) -> bool {
    matches!(attribute, [cfg, _, test, _] if cfg.is_word("cfg") && test.is_word("test"))
}

/// Leaves out every item behind `#[cfg(test)]`.
fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mut kept = Vec::new();
    let mut index = 0;
    while index < tokens.len() {
        let attribute = tokens.get(index + 2..index + 6);
        if tokens[index].is_sign('#') && attribute.is_some_and(is_cfg_test) {
            index = end_of_item(tokens, index + 7);
        } else {
            kept.push(tokens[index].clone());
            index += 1;
        }
    }
    kept
}

/// Behind the `;` or the `}` that ends the item at `from`.
fn end_of_item(tokens: &[Token], from: usize) -> usize {
    let mut depth = 0_u32;
    for (index, token) in tokens.iter().enumerate().skip(from) {
        if token.is_sign('{') {
            depth += 1;
        } else if token.is_sign('}') {
            depth = depth.saturating_sub(1);
            // A `use a::{b};` goes on to its semicolon.
            if depth == 0 && !tokens.get(index + 1).is_some_and(|next| next.is_sign(';')) {
                return index + 1;
            }
        } else if token.is_sign(';') && depth == 0 {
            return index + 1;
        }
    }
    tokens.len()
}

/// The segments of the path that begins at `index`; none where no path does.
fn path_at(tokens: &[Token], index: usize) -> Vec<String> {
    let Some(first) = tokens[index].word() else { return Vec::new() };
    let is_field = index > 0 && tokens[index - 1].is_sign('.');
    if is_field {
        return Vec::new();
    }
    let mut segments = vec![first.to_owned()];
    let mut next = index + 1;
    while let [separator, word, ..] = &tokens[next..]
        && separator.kind == Kind::PathSeparator
        && let Some(word) = word.word()
    {
        segments.push(word.to_owned());
        next += 2;
    }
    segments
}

fn named(line: usize, path: &[String], module: &[String]) -> Named {
    Named { line, path: absolute(path, module).join("::") }
}

/// With `self`, `super` and this crate's own name replaced by where they lead.
fn absolute(path: &[String], module: &[String]) -> Vec<String> {
    let mut base: Vec<String> = match path.first().map(String::as_str) {
        Some("self" | "super") => module.to_vec(),
        Some("kmirror") => vec!["crate".to_owned()],
        _ => Vec::new(),
    };
    let mut rest = path;
    while let [first, after @ ..] = rest {
        match first.as_str() {
            "self" => {}
            "super" => drop(base.pop()),
            "kmirror" if rest.len() == path.len() => {}
            _ => break,
        }
        rest = after;
    }
    base.extend(rest.iter().cloned());
    base
}

/// `a::{b, c::{d as e, f}}` as its leaves.
struct UseTree<'a> {
    tokens: &'a [Token],
    index: usize,
    leaves: Vec<(usize, Vec<String>)>,
}

impl UseTree<'_> {
    /// Reads one branch, up to the `,`, `}` or `;` behind it.
    fn read(&mut self, above: &[String]) {
        let mut path = above.to_vec();
        let line = self.tokens.get(self.index).map_or(0, |token| token.line);
        let mut is_renamed = false;
        while let Some(token) = self.tokens.get(self.index) {
            if [',', '}', ';'].iter().any(|sign| token.is_sign(*sign)) {
                break;
            }
            self.index += 1;
            if token.is_sign('{') {
                self.read_group(&path);
                return;
            }
            match token.word() {
                Some("as") => is_renamed = true,
                // `use a::{self}` means `a`.
                Some("self") if !path.is_empty() => {}
                Some(word) if !is_renamed => path.push(word.to_owned()),
                Some(_) | None => {}
            }
        }
        self.leaves.push((line, path));
    }

    fn read_group(&mut self, above: &[String]) {
        while let Some(token) = self.tokens.get(self.index) {
            if token.is_sign('}') {
                self.index += 1;
                return;
            }
            if token.is_sign(',') {
                self.index += 1;
            } else if token.is_sign(';') {
                return;
            } else {
                self.read(above);
            }
        }
    }
}

/// Which `mod name { ... }` the reader is in: `super` counts them.
#[derive(Default)]
struct InlineModules {
    depth: usize,
    open: Vec<(String, usize)>,
}

impl InlineModules {
    fn pass(&mut self, tokens: &[Token], index: usize) {
        if let [keyword, name, brace, ..] = &tokens[index..]
            && keyword.is_word("mod")
            && brace.is_sign('{')
            && let Some(name) = name.word()
        {
            self.open.push((name.to_owned(), self.depth));
        }
        if tokens[index].is_sign('{') {
            self.depth += 1;
        } else if tokens[index].is_sign('}') {
            self.depth = self.depth.saturating_sub(1);
            self.open.retain(|(_, depth)| *depth < self.depth);
        }
    }

    fn within(&self, module: &str) -> Vec<String> {
        let inline = self.open.iter().map(|(name, _)| name.as_str());
        module.split("::").chain(inline).map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{ModuleFile, module_files, names};

    fn paths(source: &str) -> Vec<String> {
        names(source, "crate::engine::job").into_iter().map(|named| named.path).filter(|path| path != "use").collect()
    }

    #[test]
    fn use_trees_are_followed_to_their_leaves() {
        let source = "use a::{b, c::{self, d as e}};\nuse super::super::kafka;\nuse kmirror::tui::*;";
        assert_eq!(paths(source), ["a::b", "a::c", "a::c::d", "crate::kafka", "crate::tui"]);
    }

    #[test]
    fn paths_and_macros_in_code_are_found() {
        let found = paths("fn f() { std::fs::read(x); println!(\"std::env\"); a != b; }");
        assert!(found.contains(&"std::fs::read".to_owned()), "{found:?}");
        assert!(found.contains(&"println!".to_owned()), "{found:?}");
        assert!(!found.iter().any(|path| path.contains("env")), "{found:?}");
        assert!(!found.contains(&"a!".to_owned()), "{found:?}");
    }

    #[test]
    fn inline_modules_count_for_super() {
        let found = paths("mod raw { use super::x; } use super::y;");
        assert!(found.contains(&"crate::engine::job::x".to_owned()), "{found:?}");
        assert!(found.contains(&"crate::engine::y".to_owned()), "{found:?}");
    }

    #[test]
    fn what_is_for_tests_does_not_count() {
        let source = "#[cfg(test)]\nuse a::{b};\n#[cfg(test)]\nmod tests { use c; fn f() { d::e {} } }\nuse f;";
        assert_eq!(paths(source), ["f"]);
    }

    #[test]
    fn files_of_modules_are_known() {
        let source = "pub mod a;\n#[cfg(test)]\n#[path = \"x_tests.rs\"]\nmod b;\nmod c { }";
        let file = |name: &str, path: Option<&str>, is_test| ModuleFile {
            name: name.to_owned(),
            path: path.map(str::to_owned),
            is_test,
        };
        assert_eq!(module_files(source), [file("a", None, false), file("b", Some("x_tests.rs"), true)]);
    }
}
