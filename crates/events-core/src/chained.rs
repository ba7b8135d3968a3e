use std::error::Error;

/// An error and all its causes on one line, for a log, a status or a report.
///
/// Errors of sinks hold no value of an event, so neither does this.
#[must_use]
pub fn chained(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::chained;
    use crate::{ErrorKind, SinkError};

    #[test]
    fn every_cause_is_told_after_the_error() {
        let refused = io::Error::from(io::ErrorKind::PermissionDenied);
        let inner = SinkError::caused(ErrorKind::Config, "open the segment", refused);
        let error = SinkError::caused(ErrorKind::Unavailable, "append to the spool", inner);
        assert_eq!(
            chained(&error),
            "append to the spool: open the segment: permission denied"
        );
    }
}
