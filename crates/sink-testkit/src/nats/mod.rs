//! NATS for tests: real servers, a proxy that harms what passes it, and a server that lies.

mod background;
mod binary;
mod cluster;
mod fake;
mod frame;
mod monitor;
mod proxy;
mod ready;
mod server;

pub(crate) use self::binary::is_ci;
pub use self::binary::{MissingBinary, find as find_binary};
pub use self::cluster::Cluster;
pub use self::fake::{Answer, FakeServer, Published};
pub use self::proxy::{Counts, Direction, Fault, LaneCounts, Odds, Proxy, Step};
pub use self::server::NatsServer;
