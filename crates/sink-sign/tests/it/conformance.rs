//! The sink does what every wrapper must do.

use std::sync::Arc;

use sink_sign::SignSink;
use sink_testkit::wrapper::{self, Features};

use super::support::{event, signer};

#[tokio::test]
async fn the_sink_is_a_wrapper_like_any_other() {
    let features = Features {
        changes: Some(event("1").build().unwrap()),
        ..Features::default()
    };
    let wrap = |inner| SignSink::new(inner, Arc::new(signer()));
    wrapper::all(wrap, features).await.unwrap();
}
