//! Lists of a file that are changed element by element, so that what is written about an element stays with it.

use toml_edit::{Array, Item, RawString, TableLike, Value, value};

/// Sets a list of values, or removes it. Elements that stay keep the comments before them and behind them.
pub(super) fn set_list(table: &mut dyn TableLike, key: &str, wanted: Option<Vec<Value>>) {
    let Some(wanted) = wanted else {
        table.remove(key);
        return;
    };
    match table.get_mut(key) {
        Some(Item::Value(Value::Array(present))) => {
            if !is_same(present, &wanted) {
                let around = present.decor().clone();
                replace(present, wanted);
                *present.decor_mut() = around;
            }
        }
        _ => {
            table.insert(key, value(Array::from_iter(wanted)));
        }
    }
}

/// A value without what stands around it.
pub(super) fn bare(value: &Value) -> String {
    let text = value.as_str().map(str::to_owned);
    text.map_or_else(|| value.clone().decorated("", "").to_string(), |text| format!("{text:?}"))
}

fn is_same(present: &Array, wanted: &[Value]) -> bool {
    present.len() == wanted.len() && present.iter().zip(wanted).all(|(one, other)| bare(one) == bare(other))
}

/// An element with the lines before it and the comment behind its comma.
struct Written {
    index: usize,
    value: Value,
    before: String,
    behind: String,
}

fn replace(present: &mut Array, wanted: Vec<Value>) {
    let mut written = take(present);
    // What a new element begins with: as the first that has a line of its own, or as any but the first.
    let line = written.iter().map(|element| element.before.as_str()).find(|before| before.contains('\n'));
    let is_multiline = line.is_some();
    let indent = line.and_then(|line| line.rfind('\n').map(|end| line[end..].to_owned()));
    let fresh = indent.unwrap_or_else(|| " ".to_owned());
    let mut behind = String::new();
    let texts: Vec<String> = wanted.iter().map(bare).collect();
    for (index, wanted) in wanted.into_iter().enumerate() {
        let known = written.iter().position(|element| bare(&element.value) == texts[index]);
        // One that is written anew in its place is still what the comment is about.
        let changed = |element: &Written| element.index == index && !texts.contains(&bare(&element.value));
        let element = match (known, written.iter().position(changed)) {
            (Some(known), _) => written.remove(known),
            (None, Some(changed)) => Written { value: wanted, ..written.remove(changed) },
            (None, None) => Written { index, value: wanted, before: fresh.clone(), behind: String::new() },
        };
        let before = match (is_multiline, index) {
            (false, 0) => String::new(),
            (false, _) => " ".to_owned(),
            (true, _) if element.before.contains('\n') => element.before,
            (true, _) => fresh.clone(),
        };
        let mut value = element.value;
        value.decor_mut().set_prefix(format!("{behind}{before}"));
        value.decor_mut().set_suffix("");
        present.push_formatted(value);
        behind = element.behind;
    }
    let end = if is_multiline { "\n" } else { "" };
    present.set_trailing(format!("{behind}{end}"));
    present.set_trailing_comma(is_multiline && !present.is_empty());
}

/// Takes a list apart.
fn take(present: &mut Array) -> Vec<Written> {
    let text = |raw: Option<&RawString>| raw.and_then(RawString::as_str).unwrap_or_default().to_owned();
    let trailing = text(Some(present.trailing()));
    let mut elements: Vec<Written> = Vec::new();
    for (index, value) in std::mem::take(present).into_iter().enumerate() {
        let (prefix, suffix) = (text(value.decor().prefix()), text(value.decor().suffix()));
        let (behind, before) = split(&prefix);
        if let Some(last) = elements.last_mut() {
            last.behind.push_str(behind);
        }
        let before = if elements.is_empty() { prefix.clone() } else { before.to_owned() };
        elements.push(Written { index, value, before, behind: suffix.trim_end().to_owned() });
    }
    if let Some(last) = elements.last_mut() {
        last.behind.push_str(split(&trailing).0);
    }
    elements
}

/// The rest of the line of the element before, and what belongs to the one that follows.
fn split(prefix: &str) -> (&str, &str) {
    match prefix.find('\n') {
        Some(end) if prefix[..end].contains('#') => prefix.split_at(end),
        _ => ("", prefix),
    }
}
