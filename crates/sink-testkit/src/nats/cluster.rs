use std::io;
use std::time::Duration;

use futures::future::{join_all, try_join_all};
use tokio::time::{sleep, timeout};

use super::monitor::{self, Report};
use super::server::{self, NatsServer};
use crate::port::Port;

/// Three `nats-server` processes with JetStream, clustered over the loopback interface: enough
/// for streams with three replicas. Killed when it is dropped.
///
/// The servers are numbered from 0 and called `n0`, `n1` and `n2`. They do not tell clients of
/// each other. A leader that was killed is followed by another within about 10 s, the server's
/// own election timeout.
#[derive(Debug)]
pub struct Cluster {
    servers: Vec<NatsServer>,
    _routes: Vec<Port>,
}

impl Cluster {
    /// Starts one and waits until it is [ready](Self::wait_ready).
    ///
    /// # Errors
    /// As [`NatsServer::start`].
    ///
    /// # Panics
    /// Outside a Tokio runtime with I/O and time enabled; so do the other methods.
    pub async fn start() -> io::Result<Self> {
        Self::start_with("").await
    }

    /// The same with lines for the configuration file of each server.
    ///
    /// # Errors
    /// As [`NatsServer::start`].
    pub async fn start_with(config: &str) -> io::Result<Self> {
        let routes: io::Result<Vec<Port>> = (0..SIZE).map(|_| Port::claim()).collect();
        let routes = routes?;
        let configs: Vec<String> = (0..SIZE)
            .map(|index| self::config(index, &routes))
            .collect();
        let starts = configs
            .into_iter()
            .map(|own| async move { NatsServer::start_with(&format!("{own}{config}\n")).await });
        let servers = try_join_all(starts).await?;
        let cluster = Self {
            servers,
            _routes: routes,
        };
        cluster.wait_ready().await?;
        Ok(cluster)
    }

    /// Starts one, or returns `None` as [`NatsServer::start_or_skip`] does.
    ///
    /// # Panics
    /// As [`NatsServer::start_or_skip`].
    pub async fn start_or_skip() -> Option<Self> {
        server::or_skip(Self::start().await)
    }

    /// Where clients connect, server by server. The same after a restart.
    #[must_use]
    pub fn urls(&self) -> Vec<String> {
        self.servers.iter().map(NatsServer::url).collect()
    }

    /// The servers, to pause one or to look into its directory.
    #[must_use]
    pub fn servers(&self) -> &[NatsServer] {
        &self.servers
    }

    /// Ends server `index` as a crash would; see [`NatsServer::kill`].
    ///
    /// # Errors
    /// As [`NatsServer::kill`], and of kind `NotFound` where there is no such server.
    pub async fn kill(&mut self, index: usize) -> io::Result<()> {
        self.server(index)?.kill().await
    }

    /// Asks server `index` to end; see [`NatsServer::stop`]. What it led, others lead at once.
    ///
    /// # Errors
    /// As [`NatsServer::stop`], and of kind `NotFound` where there is no such server.
    pub async fn stop(&mut self, index: usize) -> io::Result<()> {
        self.server(index)?.stop().await
    }

    /// Starts server `index` again, on its ports and with what it stored, ending it first if it
    /// runs. It may still have to catch up with the others then.
    ///
    /// # Errors
    /// As [`NatsServer::restart`], and of kind `NotFound` where there is no such server.
    pub async fn restart(&mut self, index: usize) -> io::Result<()> {
        self.server(index)?.restart().await
    }

    /// Waits until one of the servers that run leads the cluster, and all that run know it.
    ///
    /// # Errors
    /// Of kind `TimedOut` where that takes too long, as it does without a quorum.
    pub async fn wait_ready(&self) -> io::Result<()> {
        let ready = || async { self.is_ready().await.then_some(()) };
        until("did not elect a leader", ready).await
    }

    /// Which server leads `stream` by its own account; `None` while none does.
    pub async fn leader_of(&self, stream: &str) -> Option<usize> {
        let reports = self.reports().await;
        let leads = |(index, report): &(usize, Report)| {
            report.leader_of(stream) == Some(name(*index).as_str())
        };
        reports.iter().find(|it| leads(it)).map(|(index, _)| *index)
    }

    /// Waits until a server leads `stream`, and says which.
    ///
    /// # Errors
    /// Of kind `TimedOut` where that takes too long.
    pub async fn wait_leader_of(&self, stream: &str) -> io::Result<usize> {
        let leader = || self.leader_of(stream);
        until("did not elect the stream's leader", leader).await
    }

    /// Waits until all replicas of `stream` have what its leader has, so that any one server may
    /// go. All servers that hold it have to run.
    ///
    /// # Errors
    /// Of kind `TimedOut` where that takes too long.
    pub async fn wait_in_sync(&self, stream: &str) -> io::Result<()> {
        let in_sync = || async {
            let reports = self.reports().await;
            let led = |(index, report): &(usize, Report)| {
                report.leader_of(stream) == Some(name(*index).as_str()) && report.in_sync(stream)
            };
            reports.iter().any(led).then_some(())
        };
        until("did not bring the replicas in sync", in_sync).await
    }

    fn server(&mut self, index: usize) -> io::Result<&mut NatsServer> {
        let none = || io::Error::new(io::ErrorKind::NotFound, format!("no server {index}"));
        self.servers.get_mut(index).ok_or_else(none)
    }

    async fn is_ready(&self) -> bool {
        let running = self
            .servers
            .iter()
            .filter(|server| server.process_id().is_some());
        let running = running.count();
        let reports = self.reports().await;
        let Some(leader) = reports.first().and_then(|(_, report)| report.meta_leader()) else {
            return false;
        };
        reports.len() == running
            && reports.iter().any(|(index, _)| name(*index) == leader)
            && reports
                .iter()
                .all(|(_, report)| report.meta_leader() == Some(leader))
    }

    /// What those say that answer.
    async fn reports(&self) -> Vec<(usize, Report)> {
        let ask = |(index, server): (usize, &NatsServer)| {
            let address = server.process_id().and(server.monitoring());
            async move { Some((index, monitor::report(address?).await.ok()?)) }
        };
        let reports = join_all(self.servers.iter().enumerate().map(ask)).await;
        reports.into_iter().flatten().collect()
    }
}

/// Asks again and again until there is something.
async fn until<T, F>(late: &str, ask: impl Fn() -> F) -> io::Result<T>
where
    F: Future<Output = Option<T>>,
{
    let found = async {
        loop {
            if let Some(found) = ask().await {
                return found;
            }
            sleep(PAUSE).await;
        }
    };
    let late = |_| io::Error::new(io::ErrorKind::TimedOut, late);
    timeout(PATIENCE, found).await.map_err(late)
}

fn name(index: usize) -> String {
    format!("n{index}")
}

fn config(index: usize, routes: &[Port]) -> String {
    let urls = |port: &Port| format!("\"nats-route://127.0.0.1:{}\"", port.number());
    let urls: Vec<String> = routes.iter().map(urls).collect();
    let port = routes.get(index).map(Port::number).unwrap_or_default();
    let (name, urls) = (name(index), urls.join(", "));
    format!(
        "server_name: {name}\n\
         http: \"127.0.0.1:-1\"\n\
         jetstream {{ max_mem: 32MB, max_file: 256MB }}\n\
         cluster {{ name: trio, listen: \"127.0.0.1:{port}\", no_advertise: true, routes: [{urls}] }}\n"
    )
}

/// Ports nobody has at the moment, all held until the last is known so that they differ.
const SIZE: usize = 3;
const PAUSE: Duration = Duration::from_millis(20);
/// How long an election may take; the server's own timeout is below 10 s.
const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::Cluster;

    #[test]
    fn what_it_does_can_be_spawned() {
        fn is_send<T: Send>(_: T) {}
        let mut cluster = Cluster {
            servers: Vec::new(),
            _routes: Vec::new(),
        };
        is_send(Cluster::start());
        is_send(cluster.restart(0));
        is_send(cluster.wait_ready());
        is_send(cluster.wait_leader_of("KEPT"));
        is_send(cluster.wait_in_sync("KEPT"));
    }
}
