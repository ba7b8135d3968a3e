use k8s_openapi::api::events::v1::{Event, EventSeries};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{MicroTime, ObjectMeta};
use k8s_openapi::jiff;

use events_core::time::{self, Timestamp};

use crate::Reporter;
use crate::notice::Notice;
use crate::words::cut;

/// The Event's name: the object's, and the hash of the event's identity, so that writing it again
/// finds it there. A DNS subdomain like the object's.
pub(crate) fn name(notice: &Notice) -> String {
    let object = cut(notice.key.regarding.name(), LONGEST_OBJECT);
    let object = object.trim_end_matches(['.', '-']);
    format!("{object}.{}", notice.id)
}

/// The Event as it is created.
pub(crate) fn event(notice: &Notice, name: &str, reporter: &Reporter) -> Event {
    let key = &notice.key;
    Event {
        metadata: ObjectMeta {
            name: Some(name.to_owned()),
            namespace: Some(key.regarding.namespace().to_owned()),
            ..ObjectMeta::default()
        },
        event_time: Some(micros(&notice.at)),
        type_: Some(if key.warns { "Warning" } else { "Normal" }.to_owned()),
        reason: Some(key.reason.clone()),
        action: Some(key.action.clone()),
        note: Some(notice.note.clone()),
        regarding: Some(key.regarding.reference()),
        reporting_controller: Some(reporter.controller().to_owned()),
        reporting_instance: Some(reporter.instance().to_owned()),
        ..Event::default()
    }
}

pub(crate) fn series(count: u32, at: &Timestamp) -> EventSeries {
    EventSeries {
        count: i32::try_from(count).unwrap_or(i32::MAX),
        last_observed_time: micros(at),
    }
}

fn micros(time: &Timestamp) -> MicroTime {
    let micros = |instant: i64| jiff::Timestamp::from_microsecond(instant);
    // The last hours of the year 9999 are none of the library's.
    let known = micros(time.instant().timestamp_micros());
    let known = known.or_else(|_| micros(time::now().timestamp_micros()));
    MicroTime(known.unwrap_or(jiff::Timestamp::UNIX_EPOCH))
}

/// With a dot and 32 digits, 253 characters.
const LONGEST_OBJECT: usize = 220;
