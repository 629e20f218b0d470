//! A list as it is written to a file.

use serde_json::Value;

/// Heads, and rows of as many cells. What is not known is `null`.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::tui) struct Listing {
    pub(in crate::tui) heads: &'static [&'static str],
    pub(in crate::tui) rows: Vec<Vec<Value>>,
}

/// How it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::tui) enum ListingFormat {
    /// Comma-separated, as RFC 4180 has it; what is not known is empty.
    Csv,
    /// An array of objects with the heads as names, one on each line.
    Json,
}

impl ListingFormat {
    /// All of them, the usual first.
    pub(in crate::tui) const ALL: [Self; 2] = [Self::Csv, Self::Json];

    /// Its name, which is also the end of the file's.
    pub(in crate::tui) const fn word(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
        }
    }
}

impl Listing {
    /// The listing as text.
    pub(in crate::tui) fn text(&self, format: ListingFormat) -> String {
        match format {
            ListingFormat::Csv => self.csv(),
            ListingFormat::Json => self.json(),
        }
    }

    fn csv(&self) -> String {
        let mut text = self.heads.join(",") + "\n";
        for row in &self.rows {
            text += &row.iter().map(|cell| quoted(plain(cell))).collect::<Vec<_>>().join(",");
            text.push('\n');
        }
        text
    }

    fn json(&self) -> String {
        let object = |row: &Vec<Value>| {
            let field = |(head, cell): (&&str, &Value)| format!("{}:{cell}", Value::from(*head));
            let fields: Vec<String> = self.heads.iter().zip(row).map(field).collect();
            format!("{{{}}}", fields.join(","))
        };
        let objects: Vec<String> = self.rows.iter().map(object).collect();
        format!("[\n{}\n]\n", objects.join(",\n"))
    }
}

/// A cell without the quotes that JSON has around text.
pub(in crate::tui) fn plain(cell: &Value) -> String {
    match cell {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// A rate, to one place behind the point.
pub(in crate::tui) fn rate(value: f64) -> Value {
    ((value * 10.0).round() / 10.0).into()
}

fn quoted(text: String) -> String {
    if text.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing() -> Listing {
        let rows = vec![
            vec!["a,b \"c\"".into(), 12_i64.into(), rate(1.26), Value::Null, true.into()],
            vec!["007".into(), (-1_i64).into(), rate(3.0), 4_u64.into(), false.into()],
        ];
        Listing { heads: &["name", "offset", "rate", "lag_records", "is_internal"], rows }
    }

    #[test]
    fn csv_quotes_what_must_be_and_leaves_empty_what_is_not_known() {
        let expected = "name,offset,rate,lag_records,is_internal\n\"a,b \"\"c\"\"\",12,1.3,,true\n007,-1,3.0,4,false\n";
        assert_eq!(listing().text(ListingFormat::Csv), expected);
    }

    #[test]
    fn json_keeps_the_types_and_the_order_of_the_heads() {
        let text = listing().text(ListingFormat::Json);
        let first = r#"{"name":"a,b \"c\"","offset":12,"rate":1.3,"lag_records":null,"is_internal":true}"#;
        assert_eq!(text.lines().nth(1), Some(&*format!("{first},")));
        let read: Value = serde_json::from_str(&text).expect("it is JSON");
        assert_eq!(read[1]["name"], "007", "a number in a name is none");
        assert_eq!(read[1]["offset"], -1);
    }
}
