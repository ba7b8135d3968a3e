use super::Settings;
use super::problem::Problem;
use super::row::{PREFIX, Row};
use super::suggest::nearest;
use super::toml_file::TomlFile;

/// The name of every setting, in the order of the table.
pub fn names() -> impl Iterator<Item = &'static str> {
    rows().map(|row| row.name)
}

/// Every row of the table.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    Settings::TABLE.iter().flat_map(|section| section.rows)
}

/// The variables that bear our prefix and are no settings. What Kubernetes injects is left out.
pub(super) fn unknown_variables<'a>(
    names: impl Iterator<Item = &'a str> + 'a,
    lookup: &'a dyn Fn(&str) -> Option<String>,
) -> impl Iterator<Item = Problem> + 'a {
    let known: Vec<String> = rows()
        .flat_map(|row| [Some(row.name.to_owned()), row.file_name()])
        .flatten()
        .collect();
    names.filter_map(move |name| {
        let short = name.strip_prefix(PREFIX)?;
        let value = lookup(name).unwrap_or_default();
        if value.is_empty() || known.iter().any(|known| known == name) || is_link(short, &value) {
            return None;
        }
        let ours = known.iter().filter_map(|known| known.strip_prefix(PREFIX));
        let near =
            nearest(short, ours.clone()).or_else(|| nearest(short.strip_suffix("_FILE")?, ours));
        let hint = hint(near.map(|near| format!("{PREFIX}{near}")));
        Some(Problem::new(name, format!("is not a setting{hint}")))
    })
}

/// The keys of the TOML file that are no settings.
pub(super) fn unknown_keys(file: &TomlFile) -> impl Iterator<Item = Problem> {
    let path = file.path.display().to_string();
    let known: Vec<String> = rows()
        .filter_map(|row| Some((row.key()?, row.is_secret())))
        .flat_map(|(key, secret)| [secret.then(|| format!("{key}_file")), Some(key)])
        .flatten()
        .collect();
    file.values.keys().filter_map(move |key| {
        if known.contains(key) {
            return None;
        }
        let hint = hint(nearest(key, &known).cloned());
        Some(Problem::new(
            key,
            format!("in {path} is not a setting{hint}"),
        ))
    })
}

fn hint(near: Option<String>) -> String {
    near.map_or_else(
        || "; see consign config show".to_owned(),
        |near| format!("; did you mean {near}"),
    )
}

/// Whether a variable is one of those that Kubernetes sets in every container for a Service whose
/// name begins with `consign`.
fn is_link(short: &str, value: &str) -> bool {
    let is_url = || {
        ["tcp://", "udp://", "sctp://"]
            .into_iter()
            .any(|s| value.starts_with(s))
    };
    let is_port = |rest: &str| {
        let mut parts = rest.split('_');
        let number = parts.next().is_some_and(|part| part.parse::<u16>().is_ok());
        number
            && parts
                .next()
                .is_some_and(|part| matches!(part, "TCP" | "UDP" | "SCTP"))
    };
    let tail = |mark: &str| {
        short
            .strip_prefix(mark)
            .or_else(|| short.split_once(&format!("_{mark}")).map(|(_, t)| t))
    };
    tail("SERVICE_HOST") == Some("")
        || tail("SERVICE_PORT").is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        || tail("PORT").is_some_and(|rest| rest.is_empty() && is_url())
        || tail("PORT_").is_some_and(is_port)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kubernetes_injects_is_no_typo() {
        for (short, value) in [
            ("SERVICE_HOST", "10.0.0.1"),
            ("SERVICE_PORT", "80"),
            ("SERVICE_PORT_HTTP", "80"),
            ("PORT", "tcp://10.0.0.1:80"),
            ("PORT_80_TCP", "tcp://10.0.0.1:80"),
            ("PORT_80_TCP_ADDR", "10.0.0.1"),
            ("HTTP_SERVICE_HOST", "10.0.0.1"),
            ("HTTP_PORT", "tcp://10.0.0.1:80"),
            ("HTTP_PORT_80_TCP_PROTO", "tcp"),
        ] {
            assert!(is_link(short, value), "{short}");
        }
        for (short, value) in [("PORT", "8080"), ("HTTP_PORT", "8080"), ("PORT_NAME", "x")] {
            assert!(!is_link(short, value), "{short}");
        }
    }
}
