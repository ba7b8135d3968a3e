use serde_json::Value;

/// The YAML of a JSON document; `None` for what is not JSON.
pub(super) fn of_json(text: &str) -> Option<String> {
    let document: Value = serde_json::from_str(text).ok()?;
    serde_saphyr::to_string(&document).ok()
}

/// Nothing that a terminal obeys or hides. Line ends stay.
pub(super) fn safe(text: &str) -> String {
    let lines: Vec<String> = text.lines().map(crate::human::safe).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::{of_json, safe};

    #[test]
    fn texts_that_look_like_something_else_stay_texts() {
        let json =
            r#"{"kind":"L","items":[{"id":"00012","no":"no","n":12,"x":null,"t":"a: b\n#c"}]}"#;
        let yaml = of_json(json).unwrap();
        for line in ["kind: L", "\"00012\"", "\"n\": 12"] {
            let bare = yaml.replace('\'', "\"");
            assert!(bare.contains(line), "{line}\n{yaml}");
        }
        assert!(of_json("{").is_none());
    }

    #[test]
    fn a_terminal_obeys_nothing() {
        let yaml = of_json("{\"a\":\"\\u001b[2J\\u202e\\u009b\"}").unwrap();
        let shown = safe(&yaml);
        assert!(!shown.contains(|character: char| {
            (character.is_control() && character != '\n') || character == '\u{202e}'
        }));
    }
}
