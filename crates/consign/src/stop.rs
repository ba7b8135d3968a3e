//! The operator's interrupt.

use std::future::pending;

/// Waits for SIGINT, from the first poll on.
pub(crate) async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        pending::<()>().await;
    }
}
