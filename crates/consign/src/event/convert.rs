use clap::{Args, ValueEnum};
use events_core::codec::binary::{self, Binding};
use events_core::codec::{DecodeError, batch, structured};
use events_core::{Event, Violations};
use supervisor::exit::{Exit, Failure};

use super::form;
use crate::input;
use crate::output::Output;

#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  consign event convert --to binary --binding nats event.json")]
pub(crate) struct Arguments {
    /// The content mode to print.
    #[arg(long, value_enum)]
    to: Mode,
    /// Whose headers carry the event in binary mode.
    #[arg(long, value_enum, default_value = "http")]
    binding: Protocol,
    /// A file of one event, a batch, NDJSON or an HTTP message in binary mode; - for standard
    /// input.
    #[arg(default_value = "-")]
    file: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Mode {
    /// One event a line.
    Structured,
    /// Headers, an empty line and the data; a single event alone.
    Binary,
    /// One array.
    Batch,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Protocol {
    /// HTTP.
    Http,
    /// NATS.
    Nats,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let read = form::read(&input::read(&arguments.file)?, &mut || {});
    let events: Vec<Event> = read
        .into_iter()
        .enumerate()
        .map(|(index, event)| event.map_err(|error| refused(index, error)))
        .collect::<Result<_, _>>()?;
    match (arguments.to, events.as_slice()) {
        (Mode::Structured, events) => {
            for event in events {
                output.line(&structured::encode(event))?;
            }
        }
        (Mode::Batch, events) => output.line(&batch::encode(events))?,
        (Mode::Binary, [event]) => print_message(arguments.binding, event, output)?,
        (Mode::Binary, _) => {
            let what = "binary mode holds one event, and the input several";
            return Err(Failure::new(Exit::Usage, what).try_next("--to structured, or --to batch"));
        }
    }
    Ok(Exit::Done)
}

fn print_message(protocol: Protocol, event: &Event, output: &mut Output) -> Result<(), Failure> {
    let binding = match protocol {
        Protocol::Http => Binding::Http,
        Protocol::Nats => Binding::Nats,
    };
    let message = binary::encode(binding, event);
    for (name, value) in &message.headers {
        output.line(&format!("{name}: {value}"))?;
    }
    output.line("")?;
    output.bytes(&message.body)
}

fn refused(index: usize, error: DecodeError) -> Failure {
    let violations: Violations = error.into_violations();
    Failure::new(Exit::Failed, format!("convert event {}", index + 1))
        .because(violations)
        .try_next("consign event validate")
}
