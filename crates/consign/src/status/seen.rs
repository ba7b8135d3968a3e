use std::borrow::Cow;

use serde_json::{Map, Value, json};
use supervisor::exit::{Exit, Failure};

use super::Named;
use super::broker::Broker;
use super::daemon::{self, Supervisor};
use super::fault::Fault;
use crate::human::safe;
use crate::output::{Format, Output};

/// What was found, whoever answered.
#[derive(Debug)]
pub(super) struct Seen {
    pub(super) supervisor: Result<Supervisor, Failure>,
    /// `None` where there is no reason to ask for one.
    pub(super) broker: Option<Result<Broker, Failure>>,
    pub(super) named: Named,
}

impl Seen {
    /// Prints what is known, and says what somebody has to look at.
    ///
    /// # Errors
    /// Nobody answered.
    pub(super) fn tell(&self, output: &mut Output) -> Result<Exit, Failure> {
        if self.supervisor.is_err() && !matches!(self.broker, Some(Ok(_))) {
            if let Some(Err(failure)) = &self.broker {
                output.note(&failure.to_string());
            }
            return Ok(self.exit());
        }
        match output.format() {
            Format::Json => output.json(&self.document())?,
            Format::Name => {
                if let Ok(supervisor) = &self.supervisor {
                    let stack = supervisor.status.get("stack").and_then(Value::as_str);
                    let stack = stack.unwrap_or_default();
                    output.line(&safe(stack))?;
                }
            }
            Format::Table => self.print(output)?,
        }
        let faults = self.faults();
        for fault in &faults {
            output.note(&format!("degraded: {}", safe(&fault.what)));
        }
        if let Some(next) = next(&faults) {
            output.note(&format!("next: {}", safe(next)));
        }
        Ok(self.exit())
    }

    /// What a flag names has to answer; of what the settings name, one is enough to go on.
    pub(super) fn exit(&self) -> Exit {
        let supervisor = self.supervisor.as_ref().err().map(Failure::exit);
        let broker = match &self.broker {
            Some(Err(failure)) => Some(failure.exit()),
            Some(Ok(_)) => None,
            // Where none was asked, the supervisor is all there is.
            None => supervisor,
        };
        match (supervisor, broker) {
            (Some(exit), Some(_)) => exit,
            (Some(exit), None) if self.named.supervisor => exit,
            (None, Some(exit)) if self.named.broker => exit,
            _ if self.faults().is_empty() => Exit::Done,
            _ => Exit::Failed,
        }
    }

    /// Each thing once, whoever of the two tells of it.
    fn faults(&self) -> Vec<Fault> {
        let mut faults = Vec::new();
        match &self.supervisor {
            Ok(supervisor) => faults.extend(supervisor.faults.iter().cloned()),
            // Whoever names a broker asks for that.
            Err(_) if self.named.broker => {}
            Err(failure) => faults.push(failure.into()),
        }
        match (&self.broker, &self.supervisor) {
            (Some(Ok(broker)), _) => faults.extend(broker.faults()),
            (Some(Err(_)), Ok(supervisor))
                if supervisor.misses_its_broker() && !self.named.broker => {}
            (Some(Err(failure)), _) => faults.push(failure.into()),
            (None, Ok(supervisor)) => faults.extend(daemon::ill_streams(&supervisor.status)),
            (None, Err(_)) => {}
        }
        faults
    }

    fn print(&self, output: &mut Output) -> Result<(), Failure> {
        let mut lines = vec![("SERVER", self.server())];
        match &self.supervisor {
            Ok(supervisor) => lines.extend(daemon::lines(&self.current(&supervisor.status))),
            Err(failure) => lines.push(("CHAIN", Fault::from(failure).what)),
        }
        for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
            output.line(&format!("{name:<8}  {}", safe(value)))?;
        }
        let table = match (&self.broker, &self.supervisor) {
            (Some(Ok(broker)), _) => broker.streams.as_ref().ok().map(|survey| survey.table()),
            (_, Ok(supervisor)) => Some(daemon::table(&self.current(&supervisor.status))),
            _ => None,
        };
        if let Some(table) = table.filter(|table| !table.is_empty()) {
            output.line("")?;
            table.print(output)?;
        }
        Ok(())
    }

    fn server(&self) -> String {
        match (&self.broker, &self.supervisor) {
            (Some(Ok(broker)), _) => broker.line(),
            (_, Ok(supervisor)) => {
                let status = self.current(&supervisor.status);
                daemon::server(status.get("nats").unwrap_or(&Value::Null))
            }
            (_, Err(_)) => String::new(),
        }
    }

    /// What a supervisor says, as far as it is for now: where the broker does not answer here, it
    /// may not have noticed yet.
    fn current<'a>(&self, status: &'a Value) -> Cow<'a, Value> {
        match self.broker {
            Some(Err(_)) => Cow::Owned(daemon::last_known(status)),
            _ => Cow::Borrowed(status),
        }
    }

    /// What the supervisor says, and beside it what the broker does.
    fn document(&self) -> Value {
        let mut document = match &self.supervisor {
            Ok(supervisor) => supervisor.status.as_object().cloned().unwrap_or_default(),
            Err(_) => Map::new(),
        };
        let broker = match &self.broker {
            Some(Ok(broker)) => broker.to_json(),
            _ => Value::Null,
        };
        document.insert("broker".to_owned(), broker);
        let faults = self.faults();
        document.insert("next".to_owned(), json!(next(&faults)));
        let degraded: Vec<_> = faults.into_iter().map(|fault| fault.what).collect();
        document.insert("degraded".to_owned(), json!(degraded));
        Value::Object(document)
    }
}

/// What to do next. A command that mends something, or shows what does, goes before words, and
/// those before where to look around.
fn next(faults: &[Fault]) -> Option<&str> {
    let first = |says: fn(&Fault) -> bool| faults.iter().find(|fault| says(fault));
    let best = first(Fault::has_command).or_else(|| first(Fault::has_advice));
    best.or_else(|| first(|fault| fault.next.is_some()))?
        .next
        .as_deref()
}
