//! `consign`: the operator's tool. Data goes to standard output, everything else to standard
//! error, and the exit code says how it went.

mod broker;
mod cli;
mod client;
mod config;
mod confirm;
mod consumer;
mod dlq;
mod doctor;
mod event;
mod human;
mod input;
mod key;
mod output;
mod status;
mod stream;
mod table;
mod verify;

use std::process::ExitCode;

use clap::Parser as _;
use supervisor::exit::Failure;

use crate::cli::{Cli, Command};
use crate::output::Output;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let mut output = Output::new(cli.output);
    let done = match cli.command {
        Command::Status(arguments) => status::run(&arguments, &cli.broker, &mut output),
        Command::Doctor(arguments) => doctor::run(&arguments, &cli.broker, &mut output),
        Command::Stream(command) => stream::run(&command, &cli.broker, &mut output),
        Command::Streams(arguments) => {
            stream::run(&stream::Command::Ls(arguments), &cli.broker, &mut output)
        }
        Command::Purge(arguments) => {
            stream::run(&stream::Command::Purge(arguments), &cli.broker, &mut output)
        }
        Command::Consumer(command) => consumer::run(&command, &cli.broker, &mut output),
        Command::Consumers(arguments) => {
            consumer::run(&consumer::Command::Ls(arguments), &cli.broker, &mut output)
        }
        Command::Dlq(command) => dlq::run(&command, &mut output),
        Command::Verify(arguments) => verify::run(&arguments, &mut output),
        Command::Key(command) => key::run(command, &mut output),
        Command::Event(command) => event::run(command, &mut output),
        Command::Config(command) => config::run(command, &mut output),
    };
    let exit = match done {
        Ok(exit) => exit,
        Err(failure) => report(&failure, &mut output),
    };
    exit.into()
}

fn report(failure: &Failure, output: &mut Output) -> supervisor::exit::Exit {
    output.note(&failure.to_string());
    failure.exit()
}
