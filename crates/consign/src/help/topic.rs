use clap::ValueEnum;
use supervisor::exit::Exit;
use supervisor::settings;

/// What concerns all commands.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(super) enum Topic {
    ExitCodes,
    Environment,
    Time,
    Output,
}

impl Topic {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::ExitCodes => "exit-codes",
            Self::Environment => "environment",
            Self::Time => "time",
            Self::Output => "output",
        }
    }

    pub(super) fn text(self) -> String {
        match self {
            Self::ExitCodes => exit_codes(),
            Self::Environment => format!("{ENVIRONMENT}\n{}", settings::example()),
            Self::Time => TIME.to_owned(),
            Self::Output => OUTPUT.to_owned(),
        }
    }
}

fn exit_codes() -> String {
    let lines = Exit::ALL.map(|exit| format!("{:>4}  {}", exit.code(), exit.meaning()));
    format!("How commands end:\n\n{}\n", lines.join("\n"))
}

const ENVIRONMENT: &str = "\
A flag wins over the environment, the environment over the file that CONSIGN_CONFIG names, and the
file over the defaults. Some names of natscli and of earlier systems are understood:
`consign config explain NAME` tells which, and `consign config show` what is in force.

NO_COLOR, CLICOLOR_FORCE and TERM=dumb decide about colour where --color does not.
These are the settings:
";

const TIME: &str = "\
Where a command takes a time, it is one of

  2h, 1d3h, 30m         that long ago
  2026-11-20T12:00:00Z  a moment, as RFC 3339 writes it
  seq:123               the message with that sequence in the stream

Times are printed in UTC, ages in their two largest units: 3m12s, 1d3h.
";

const OUTPUT: &str = "\
  -o table  for people [default]
  -o wide   for people, with every column
  -o json   for programs: lists are one document with `kind` and `items`, streams are one event a
            line. --json is the same
  -o yaml   the same documents as YAML, `---` between several
  -o name   names alone, one a line

Results go to standard output and everything else to standard error: -q leaves remarks out, and
--no-progress what is said on a terminal about work that takes more than a second. A word of health
is in lower case where all is well and in capitals where it is not; colour only adds to it.
What came from elsewhere is escaped where a terminal would obey it.

Where events are printed, a template may say how: {name} is an attribute, {data.user.0} a part of
the data, {{ and }} are braces, \\t a tab and \\n a line end.

  --template '{time} {type} {data.user}'
";

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::Topic;

    #[test]
    fn every_topic_has_a_name_to_type_and_a_text() {
        for topic in Topic::value_variants() {
            assert_eq!(Topic::from_str(topic.name(), false), Ok(*topic));
            assert!(topic.text().lines().count() > 5);
        }
        let codes = Topic::ExitCodes.text();
        for code in ["0", "69", "130", "141"] {
            assert!(codes.contains(&format!("{code:>4}  ")), "{codes}");
        }
    }
}
