//! `consign`: the operator's tool. Data goes to standard output, everything else to standard
//! error, and the exit code says how it went.

mod bench;
mod broker;
mod cli;
mod client;
mod completion;
mod config;
mod confirm;
mod consumer;
mod context;
mod dlq;
mod doctor;
mod event;
mod help;
mod history;
mod human;
mod input;
mod key;
mod man;
mod output;
mod progress;
mod publish;
mod replay;
mod send;
mod shown;
mod sse;
mod status;
mod stop;
mod stream;
mod subscribe;
mod table;
mod template;
mod verify;
mod version;
mod writer;

use std::process::ExitCode;

use clap::Parser as _;
use supervisor::exit::{Exit, Failure};

use crate::cli::{Cli, Command};
use crate::output::Output;

fn main() -> ExitCode {
    completion::answer();
    let cli = Cli::parse();
    let mut output = Output::new(&cli.output);
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
        Command::Subscribe(arguments) => subscribe::run(&arguments, &cli.broker, &mut output),
        Command::Publish(arguments) => publish::run(&arguments, &cli.broker, &mut output),
        Command::Replay(arguments) => replay::run(&arguments, &cli.broker, &mut output),
        Command::Dlq(command) => dlq::run(&command, &mut output),
        Command::Bench(arguments) => bench::run(&arguments, &cli.broker, &mut output),
        Command::Verify(arguments) => verify::run(&arguments, &mut output),
        Command::Key(command) => key::run(command, &mut output),
        Command::Event(command) => event::run(command, &mut output),
        Command::Config(command) => config::run(command, &mut output),
        Command::Context(command) => context::run(&command, &cli.broker, &mut output),
        Command::Completion(arguments) => completion::run(&arguments, &mut output),
        Command::Man(arguments) => man::run(&arguments, &mut output),
        Command::Version => version::run(&mut output),
        Command::Help(arguments) => help::run(&arguments, &mut output),
    };
    let exit = match done {
        Ok(exit) => exit,
        Err(failure) => report(&failure, &mut output),
    };
    exit.into()
}

fn report(failure: &Failure, output: &mut Output) -> Exit {
    let exit = failure.exit();
    // Whoever closed the pipe has seen enough.
    if exit != Exit::ClosedPipe {
        output.insist(&failure.to_string());
    }
    exit
}
