use std::time::Instant;

use serde_json::{Value, json};
use streams::look;
use supervisor::Reached;
use supervisor::exit::Failure;

use super::fault::{DOCTOR, Fault};
use crate::broker::BrokerArguments;
use crate::human::brief;
use crate::stream::in_words;
use crate::stream::survey::{Row, Survey};

/// A broker that answered.
#[derive(Debug)]
pub(super) struct Broker {
    reached: Reached,
    rtt: String,
    /// The streams, or why there are none to be seen.
    pub(super) streams: Result<Survey, String>,
}

impl Broker {
    /// Connects, and asks for the streams.
    pub(super) async fn reach(arguments: &BrokerArguments) -> Result<Self, Failure> {
        Ok(Self::look(arguments.reach().await?).await)
    }

    /// Asks again, over the same connection.
    pub(super) async fn again(self) -> Self {
        Self::look(self.reached).await
    }

    async fn look(reached: Reached) -> Self {
        let began = Instant::now();
        let asked = look::account(&reached.jetstream).await;
        let rtt = brief(began.elapsed());
        let streams = match asked {
            Ok(_) => Survey::of(&reached).await.map_err(|error| in_words(&error)),
            Err(error) => Err(in_words(&error)),
        };
        Self {
            reached,
            rtt,
            streams,
        }
    }

    /// The line that says it.
    pub(super) fn line(&self) -> String {
        let server = &self.reached.server;
        let (url, version, rtt) = (&server.url, &server.version, &self.rtt);
        let has = if self.streams.is_ok() { "yes" } else { "NO" };
        format!("{url}  nats-server {version}  rtt {rtt}  jetstream {has}")
    }

    /// What somebody has to look at.
    pub(super) fn faults(&self) -> Vec<Fault> {
        let ill = |row: &&Row| row.is_ill();
        match &self.streams {
            Err(why) => vec![Fault::new(format!("jetstream: {why}"), DOCTOR)],
            Ok(survey) => {
                let rows = survey.rows.iter().filter(ill);
                rows.map(|row| Fault::of_stream(&row.name, row.state()))
                    .collect()
            }
        }
    }

    pub(super) fn to_json(&self) -> Value {
        let server = &self.reached.server;
        json!({
            "server": server.url,
            "version": server.version,
            "rtt": self.rtt,
            "jetstream": self.streams.is_ok(),
            "streams": self.streams.as_ref().map(Survey::items).unwrap_or_default(),
        })
    }
}
