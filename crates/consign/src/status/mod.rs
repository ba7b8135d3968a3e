//! How a supervisor and its broker are: whichever of the two answers.

mod broker;
pub(crate) mod daemon;
pub(crate) mod fault;
mod seen;
mod sinks;
mod watch;

use std::time::Duration;

use clap::Args;
use supervisor::exit::{Exit, Failure};

use self::broker::Broker;
use self::daemon::Supervisor;
use self::seen::Seen;
use crate::broker::BrokerArguments;
use crate::client::{Address, Client, block_on};
use crate::output::Output;

#[derive(Args, Debug)]
#[command(
    after_help = "Exit codes: 0 all is well; 1 something is degraded, or needs an operator;\n\
    69 nobody answers, or not whom --url or --server names.\n\n\
    Examples:\n  consign status --watch\n  consign status --url http://127.0.0.1:8080 -o json"
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    address: Address,
    /// Say it again and again, until Ctrl-C.
    #[arg(short, long)]
    watch: bool,
    /// How long to wait between two looks.
    #[arg(long, value_name = "TIME", default_value = "2s", value_parser = interval)]
    interval: Duration,
}

pub(crate) fn run(
    arguments: &Arguments,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let mut asking = Asking::new(arguments, broker)?;
    block_on(async {
        if arguments.watch {
            return watch::run(&mut asking, arguments.interval, output).await;
        }
        let seen = asking.look().await;
        let exit = seen.tell(output)?;
        match seen.supervisor {
            Err(failure) if exit == failure.exit() => Err(failure),
            _ => Ok(exit),
        }
    })
}

/// Whom to ask.
#[derive(Debug)]
struct Asking<'a> {
    client: Client,
    arguments: &'a BrokerArguments,
    /// Whether there is a broker to ask, whatever the supervisor says.
    has_broker: bool,
    named: Named,
    /// The broker that answered last.
    broker: Option<Broker>,
}

/// Whom a flag names.
#[derive(Clone, Copy, Debug)]
struct Named {
    supervisor: bool,
    broker: bool,
}

impl<'a> Asking<'a> {
    fn new(arguments: &Arguments, broker: &'a BrokerArguments) -> Result<Self, Failure> {
        Ok(Self {
            client: Client::new(&arguments.address)?,
            arguments: broker,
            has_broker: broker.settings()?.nats.is_named(),
            named: Named {
                supervisor: arguments.address.url.is_some(),
                broker: broker.is_named(),
            },
            broker: None,
        })
    }

    /// Asks whoever is there.
    async fn look(&mut self) -> Seen {
        let supervisor = Supervisor::ask(&self.client).await;
        let alone = supervisor.is_err() && !self.named.supervisor;
        let broker = if self.has_broker || alone {
            Some(match self.broker.take() {
                Some(broker) => Ok(broker.again().await),
                None => Broker::reach(self.arguments).await,
            })
        } else {
            None
        };
        Seen {
            supervisor,
            broker,
            named: self.named,
        }
    }

    /// Goes on with the connection of the last look, as long as it works.
    fn keep(&mut self, seen: Seen) {
        let broker = seen.broker.and_then(Result::ok);
        self.broker = broker.filter(|broker| broker.streams.is_ok());
    }
}

fn interval(text: &str) -> Result<Duration, String> {
    let interval = humantime::parse_duration(text).map_err(|error| error.to_string())?;
    if interval < SHORTEST {
        return Err("the shortest is 100ms".to_owned());
    }
    Ok(interval)
}

const SHORTEST: Duration = Duration::from_millis(100);
