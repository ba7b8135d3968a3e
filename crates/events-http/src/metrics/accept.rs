use http::HeaderMap;
use http::header::ACCEPT;

/// Whether a client would rather have OpenMetrics than plain text (RFC 9110, section 12.5.1).
pub(super) fn open_metrics(headers: &HeaderMap) -> bool {
    let mut open_metrics = 0.0_f32;
    let mut text = 0.0_f32;
    let values = headers.get_all(ACCEPT).iter();
    for range in values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
    {
        let Some((form, weight)) = weighed(range) else {
            continue;
        };
        match form {
            Form::OpenMetrics => open_metrics = open_metrics.max(weight),
            Form::Text => text = text.max(weight),
        }
    }
    open_metrics > 0.0 && open_metrics >= text
}

enum Form {
    OpenMetrics,
    Text,
}

/// A media range that concerns us, and its weight.
fn weighed(range: &str) -> Option<(Form, f32)> {
    let mut parts = range.split(';').map(str::trim);
    let essence = parts.next()?.to_ascii_lowercase();
    let mut weight = 1.0;
    let mut version = None;
    for (name, value) in parts.filter_map(|part| part.split_once('=')) {
        match name.trim_end().to_ascii_lowercase().as_str() {
            "q" => {
                weight = value
                    .trim()
                    .parse()
                    .ok()
                    .filter(|q| (0.0..=1.0).contains(q))?
            }
            "version" => version = Some(value.trim().trim_matches('"')),
            _ => {}
        }
    }
    match essence.as_str() {
        "application/openmetrics-text" => {
            matches!(version, None | Some("0.0.1" | "1.0.0")).then_some((Form::OpenMetrics, weight))
        }
        "text/plain" | "text/*" | "*/*" => Some((Form::Text, weight)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;
    use http::header::ACCEPT;

    use super::open_metrics;

    #[test]
    fn who_asks_for_open_metrics_gets_it() {
        let prometheus = "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,\
                          application/openmetrics-text;version=0.0.1;q=0.5,\
                          text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,\
                          text/plain;version=0.0.4;q=0.3,*/*;q=0.2";
        for (accept, wanted) in [
            (&[prometheus][..], true),
            (&["application/openmetrics-text"], true),
            (
                &[
                    "text/plain;q=0.1",
                    "Application/OpenMetrics-Text; Version=\"1.0.0\"",
                ],
                true,
            ),
            (&[], false),
            (&["*/*"], false),
            (&["text/html,*/*;q=0.1"], false),
            (&["application/openmetrics-text;q=0"], false),
            (&["application/openmetrics-text;q=0.1, text/plain"], false),
            (&["application/openmetrics-text;version=2.0.0"], false),
            (&["application/openmetrics-text;q=nan"], false),
            (&["application/openmetrics-text;q=7"], false),
            (&[";;,=,q=1"], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in accept {
                headers.append(ACCEPT, value.parse().unwrap());
            }
            assert_eq!(open_metrics(&headers), wanted, "{accept:?}");
        }
    }
}
