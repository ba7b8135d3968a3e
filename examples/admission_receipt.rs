//! A receipt signed before any chain exists: the redactor and the signer work alone. Run with a
//! directory for the keys; prints one signed event, as `consign verify` reads it.

#![expect(clippy::print_stdout, reason = "an example shows what it does")]

use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

use events_core::Event;
use events_core::codec::structured;
use sink_redact::{Config, Redactor, TokenKey};
use sink_sign::{Signer, SigningKey};

fn main() -> Result<(), Box<dyn Error>> {
    let keys = PathBuf::from(
        std::env::args_os()
            .nth(1)
            .ok_or("name a directory for the keys")?,
    );
    let key = SigningKey::create_once(&keys)?;
    let tokens = TokenKey::load_or_create(&keys.join("redact.key"))?;
    let redactor = Redactor::new(Config::builtin(tokens))?;
    let signer = Signer::new(Arc::new(key), Default::default());

    let mut receipt = Event::builder("job-7", "/admission", "admission.receipt")
        .time("2026-11-21T10:00:00Z")
        .json(r#"{"admitted":true,"argv":["deploy","--with","ghp_x7Kq2mVbN4tRz9LwYc3HsJ6dFgP8aE1uXo5T"]}"#)
        .build()?;
    // In this order: what is changed after signing no longer verifies.
    redactor.redact(&mut receipt)?;
    signer.sign_unchained(&mut receipt)?;
    println!("{}", structured::encode(&receipt));
    Ok(())
}
