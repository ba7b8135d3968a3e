/// Whether what was printed is what the page shows; else the first line that is not.
pub(crate) fn fits(expected: &[String], out: &str) -> Result<(), String> {
    if expected.is_empty() {
        return Ok(());
    }
    let lines: Vec<&str> = out.lines().map(str::trim_end).collect();
    let mut at = 0;
    let mut anywhere = false;
    for pattern in expected {
        if pattern == "..." {
            anywhere = true;
            continue;
        }
        let left = lines.get(at..).unwrap_or_default();
        let reach = if anywhere {
            left.len()
        } else {
            left.len().min(1)
        };
        let found = left
            .iter()
            .take(reach)
            .position(|line| line_fits(pattern, line));
        let Some(found) = found else {
            return Err(format!("nothing printed is like: {pattern}"));
        };
        at += found + 1;
        anywhere = false;
    }
    if anywhere || at == lines.len() {
        Ok(())
    } else {
        Err("more was printed than the page shows".to_owned())
    }
}

fn line_fits(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("[..]");
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = line.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        let Some(place) = rest.find(part) else {
            return false;
        };
        rest = rest.get(place + part.len()..).unwrap_or_default();
    }
    rest.ends_with(last)
}

#[test]
fn patterns_mean_what_the_book_says() {
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    for (pattern, out, fit) in [
        ("", "anything", true),
        ("a", "a\n", true),
        ("a", "a\nb\n", false),
        ("a\n...", "a\nb\n", true),
        ("...\nb", "a\nb\n", true),
        ("...\nb", "b\nc\n", false),
        ("x[..]y[..]z", "x1y2z\n", true),
        ("x[..]y[..]z", "x1z\n", false),
        ("[..]b[..]", "abc\n", true),
        ("a\nb", "a\n", false),
    ] {
        assert_eq!(fits(&lines(pattern), out).is_ok(), fit, "{pattern} {out}");
    }
}
