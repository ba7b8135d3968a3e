use async_nats::jetstream::Context;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::StreamsError;
use crate::api::{Answer, ask, refused};

/// All there is of something.
#[derive(Clone, Debug)]
pub struct Listing<T> {
    /// What was told.
    pub items: Vec<T>,
    /// The names of those that are there and could not be asked: a stream without a leader.
    pub silent: Vec<String>,
}

/// Asks page by page. A list that changes meanwhile is read anew.
pub(super) async fn all<T: DeserializeOwned>(
    js: &Context,
    subject: &str,
    stream: &str,
    doing: &str,
) -> Result<Listing<T>, StreamsError> {
    for _ in 0..ATTEMPTS {
        if let Some(listing) = attempt(js, subject, stream, doing).await? {
            return Ok(listing);
        }
    }
    let doing = doing.to_owned();
    Err(StreamsError::Unsteady { doing })
}

/// `None` where the list changed between two pages, so that some may be missing.
async fn attempt<T: DeserializeOwned>(
    js: &Context,
    subject: &str,
    stream: &str,
    doing: &str,
) -> Result<Option<Listing<T>>, StreamsError> {
    let mut listing = Listing {
        items: Vec::new(),
        silent: Vec::new(),
    };
    let mut total = None;
    loop {
        let offset = listing.items.len() + listing.silent.len();
        let request = Request { offset };
        let answer: Answer<Page<T>> = ask(js, subject.to_owned(), &request, doing).await?;
        let page = answer.map_err(|error| refused(stream, doing.to_owned(), &error))?;
        if *total.get_or_insert(page.total) != page.total {
            return Ok(None);
        }
        listing.items.extend(page.items.unwrap_or_default());
        listing.silent.extend(page.missing.unwrap_or_default());
        let read = listing.items.len() + listing.silent.len();
        if read >= page.total {
            return Ok(Some(listing));
        }
        if read == offset {
            return Ok(None);
        }
    }
}

#[derive(Serialize)]
struct Request {
    offset: usize,
}

#[derive(Deserialize)]
struct Page<T> {
    total: usize,
    #[serde(alias = "streams", alias = "consumers")]
    items: Option<Vec<T>>,
    missing: Option<Vec<String>>,
}

/// How often a list may change while it is read.
const ATTEMPTS: usize = 5;
