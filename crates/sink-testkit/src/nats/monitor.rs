use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// What a server says of its part in a cluster.
#[derive(Debug)]
pub(super) struct Report(Value);

/// Asks a server's monitoring port. One that is paused is given up soon.
pub(super) async fn report(address: SocketAddr) -> io::Result<Report> {
    let asked = async {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_all(REQUEST).await?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await?;
        Ok(answer)
    };
    let answer: io::Result<Vec<u8>> = timeout(PATIENCE, asked).await?;
    let answer = answer?;
    let end = b"\r\n\r\n";
    let body = answer.windows(end.len()).position(|window| window == end);
    let body = body.and_then(|head| answer.get(head + end.len()..));
    Ok(Report(serde_json::from_slice(body.unwrap_or_default())?))
}

impl Report {
    /// Who leads the cluster, as far as the server knows.
    pub(super) fn meta_leader(&self) -> Option<&str> {
        self.0.pointer("/meta_cluster/leader")?.as_str()
    }

    /// Who leads the stream, as far as the server knows.
    pub(super) fn leader_of(&self, stream: &str) -> Option<&str> {
        self.cluster_of(stream)?.get("leader")?.as_str()
    }

    /// Whether all replicas of the stream are as far as this server.
    pub(super) fn in_sync(&self, stream: &str) -> bool {
        let cluster = self.cluster_of(stream);
        let replicas = cluster.and_then(|cluster| cluster.get("replicas")?.as_array());
        let current = |replica: &Value| replica.get("current") == Some(&Value::Bool(true));
        replicas.is_some_and(|replicas| replicas.iter().all(current))
    }

    fn cluster_of(&self, stream: &str) -> Option<&Value> {
        let streams = self.0.pointer("/account_details/0/stream_detail")?;
        let is_it = |detail: &&Value| detail.get("name").is_some_and(|name| name == stream);
        streams.as_array()?.iter().find(is_it)?.get("cluster")
    }
}

/// Version 1.0, so that the answer ends where the connection does.
const REQUEST: &[u8] = b"GET /jsz?acc=$G&streams=true HTTP/1.0\r\n\r\n";
const PATIENCE: Duration = Duration::from_millis(500);
