use std::collections::BTreeMap;

use async_nats::jetstream::Context;
use events_core::subject::SubjectPattern;
use serde::{Deserialize, Serialize};

use crate::api::{Answer, ask, refused};
use crate::{StreamName, StreamsError};

/// How many messages the stream holds of each subject that `pattern` stands for; of all without
/// one. Asked page by page, 100,000 subjects each.
///
/// # Errors
/// The server does not answer; there is no such stream; subjects come and go so fast that no count
/// of them is whole.
pub async fn subjects(
    js: &Context,
    stream: &StreamName,
    pattern: Option<&SubjectPattern>,
) -> Result<BTreeMap<String, u64>, StreamsError> {
    let pattern = pattern.map_or(">", SubjectPattern::as_str);
    let doing = format!("count the subjects of {stream}");
    for _ in 0..ATTEMPTS {
        if let Some(all) = attempt(js, stream, pattern, &doing).await? {
            return Ok(all);
        }
    }
    Err(StreamsError::Unsteady { doing })
}

/// `None` where there were other subjects by the time of a later page: what is sorted in front of
/// it would be left out.
async fn attempt(
    js: &Context,
    stream: &StreamName,
    pattern: &str,
    doing: &str,
) -> Result<Option<BTreeMap<String, u64>>, StreamsError> {
    let mut all = BTreeMap::new();
    let mut total = None;
    loop {
        let offset = all.len();
        let request = Request {
            offset,
            subjects_filter: pattern,
        };
        let subject = format!("STREAM.INFO.{stream}");
        let answer: Answer<Info> = ask(js, subject, &request, doing).await?;
        let info = answer.map_err(|error| refused(stream.as_str(), doing.to_owned(), &error))?;
        let page = info.state.subjects.unwrap_or_default();
        // A page that is alone tells no total.
        let whole = info.total.unwrap_or(page.len());
        if *total.get_or_insert(whole) != whole {
            return Ok(None);
        }
        all.extend(page);
        if all.len() >= whole {
            return Ok(Some(all));
        }
        if all.len() == offset {
            return Ok(None);
        }
    }
}

#[derive(Serialize)]
struct Request<'a> {
    offset: usize,
    subjects_filter: &'a str,
}

#[derive(Deserialize)]
struct Info {
    total: Option<usize>,
    state: State,
}

#[derive(Deserialize)]
struct State {
    subjects: Option<BTreeMap<String, u64>>,
}

/// How often the subjects may change while they are counted.
const ATTEMPTS: usize = 5;
