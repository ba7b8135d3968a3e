use crate::settings::report::{Line, Report};

impl Report {
    /// Every setting with its value and where that came from, as a table for people. Secrets are
    /// `(hidden)`.
    #[must_use]
    pub fn show(&self) -> String {
        let lines: Vec<[String; 3]> = self
            .entries
            .iter()
            .map(|entry| {
                let from = entry.origin.explained(entry.row.name);
                [entry.row.name.to_owned(), entry.value().to_owned(), from]
            })
            .collect();
        let heading = ["SETTING", "VALUE", "FROM"].map(str::to_owned);
        let width = |column: usize| {
            let cells = std::iter::once(&heading)
                .chain(&lines)
                .filter_map(|line| line.get(column));
            cells
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or_default()
        };
        let (names, values) = (width(0), width(1));
        let mut text = String::new();
        for [name, value, from] in std::iter::once(&heading).chain(&lines) {
            text.push_str(&format!("{name:names$}  {value:values$}  {from}\n"));
        }
        text
    }

    /// The same as JSON: a list of `{"name","value","from","valid"}`.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        let items: Vec<serde_json::Value> = self
            .entries
            .iter()
            .filter_map(|entry| {
                let line = Line {
                    name: entry.row.name,
                    value: entry.shown.as_deref(),
                    from: entry.origin.to_string(),
                    valid: !entry.faulty,
                };
                serde_json::to_value(line).ok()
            })
            .collect();
        serde_json::json!({ "kind": "settings", "items": items })
    }
}
