use clap::Args;
use events_core::codec::structured;
use events_core::time::Timestamp;
use events_core::{Event, EventBuilder, Violations};
use supervisor::exit::{Exit, Failure};
use ulid::Ulid;

use crate::input;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  consign event new --type demo.hello --source /demo '{\"name\":\"bob\"}'"
)]
pub(crate) struct Arguments {
    /// The kind of occurrence.
    #[arg(long = "type", value_name = "TYPE")]
    kind: String,
    /// The context it happened in, a URI-reference.
    #[arg(long)]
    source: String,
    /// Its identity within the source [default: a new ULID].
    #[arg(long)]
    id: Option<String>,
    /// What it is about.
    #[arg(long)]
    subject: Option<String>,
    /// When it happened, RFC 3339 [default: now].
    #[arg(long)]
    time: Option<String>,
    /// The schema of the data.
    #[arg(long, value_name = "URI")]
    dataschema: Option<String>,
    /// The media type of the data; anything but JSON makes the data a text.
    #[arg(long, value_name = "TYPE", default_value = "application/json")]
    datacontenttype: String,
    /// An extension attribute; repeat for more.
    #[arg(long = "ext", value_name = "NAME=VALUE")]
    extensions: Vec<String>,
    /// The data: JSON (or text), @FILE, or - for standard input.
    data: Option<String>,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let data = arguments.data.as_deref().map(load).transpose()?;
    let mut draft = attributes(arguments);
    for extension in &arguments.extensions {
        let Some((name, value)) = extension.split_once('=') else {
            return Err(Failure::new(Exit::Usage, "--ext takes NAME=VALUE"));
        };
        draft = draft.extension(name, value);
    }
    let draft = match data {
        None => draft,
        Some(text) if arguments.datacontenttype.contains("json") => draft
            .data_content_type(&arguments.datacontenttype)
            .json(&text),
        Some(text) => draft
            .data_content_type(&arguments.datacontenttype)
            .text(&text),
    };
    let event = draft.build().map_err(invalid)?;
    output.line(&structured::encode(&event))?;
    Ok(Exit::Done)
}

fn attributes(arguments: &Arguments) -> EventBuilder {
    let id = arguments
        .id
        .clone()
        .unwrap_or_else(|| Ulid::generate().to_string());
    let time = arguments
        .time
        .clone()
        .unwrap_or_else(|| Timestamp::now().to_string());
    let mut draft = Event::builder(&id, &arguments.source, &arguments.kind).time(&time);
    if let Some(subject) = &arguments.subject {
        draft = draft.subject(subject);
    }
    if let Some(schema) = &arguments.dataschema {
        draft = draft.data_schema(schema);
    }
    draft
}

fn load(data: &str) -> Result<String, Failure> {
    let name = match data {
        "-" => "-",
        _ => match data.strip_prefix('@') {
            Some(name) => name,
            None => return Ok(data.to_owned()),
        },
    };
    String::from_utf8(input::read(name)?)
        .map_err(|_| Failure::new(Exit::Failed, format!("{name} is not UTF-8")))
}

fn invalid(violations: Violations) -> Failure {
    Failure::new(Exit::Failed, "make the event").because(violations)
}
