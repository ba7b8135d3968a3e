use clap::{Args, ValueEnum};

use super::color::When;

/// How results are printed, and what is said beside them.
#[derive(Args, Clone, Copy, Debug, Default)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArguments {
    /// How to print results.
    #[arg(
        short = 'o',
        long = "output",
        global = true,
        value_enum,
        value_name = "FORM",
        default_value = "table",
        alias = "format"
    )]
    pub(super) form: Form,

    /// The same as -o json.
    #[arg(long, global = true, conflicts_with = "form")]
    pub(super) json: bool,

    /// Print results and errors, and no remarks.
    #[arg(short, long, global = true)]
    pub(super) quiet: bool,

    /// Do not say on the terminal how far work has come.
    #[arg(long, global = true)]
    pub(super) no_progress: bool,

    /// Whether words of health are coloured; auto heeds NO_COLOR, CLICOLOR_FORCE and TERM.
    #[arg(
        long,
        global = true,
        value_enum,
        value_name = "WHEN",
        default_value = "auto",
        alias = "colors",
        alias = "colour"
    )]
    pub(super) color: When,
}

/// The forms that can be asked for.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, ValueEnum)]
pub(super) enum Form {
    /// For people.
    #[default]
    Table,
    /// For people, with every column.
    Wide,
    /// For programs: one document, or one a line for streams.
    Json,
    /// The same documents as YAML.
    Yaml,
    /// Names alone, one a line, where there are any.
    Name,
}
