//! Which form an HTTP message is in, told by its media type (CloudEvents HTTP binding section 3).

use super::DecodeError;

/// The media type of one structured event.
pub const STRUCTURED: &str = "application/cloudevents+json; charset=UTF-8";

/// The media type of a batch.
pub const BATCHED: &str = "application/cloudevents-batch+json; charset=UTF-8";

/// The three content modes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Mode {
    /// Attributes are headers, the body is the data.
    Binary,
    /// The body is one event.
    Structured,
    /// The body is an array of events.
    Batched,
}

impl Mode {
    /// The mode that the value of `Content-Type` declares, whatever its case.
    ///
    /// # Errors
    /// [`DecodeError::UnsupportedMedia`] for an event format other than JSON, or a charset other
    /// than UTF-8.
    pub fn of(content_type: Option<&str>) -> Result<Self, DecodeError> {
        let value = content_type.unwrap_or_default().to_ascii_lowercase();
        let mut parts = value.split(';').map(str::trim);
        let essence = parts.next().unwrap_or_default();
        let mode = match essence {
            "application/cloudevents" | "application/cloudevents+json" => Self::Structured,
            "application/cloudevents-batch" | "application/cloudevents-batch+json" => Self::Batched,
            other if other.starts_with("application/cloudevents") => {
                return Err(DecodeError::UnsupportedMedia);
            }
            _ => return Ok(Self::Binary),
        };
        let charset = parts.find_map(|parameter| parameter.strip_prefix("charset="));
        match charset.map(|charset| charset.trim_matches('"')) {
            None | Some("utf-8" | "utf8") => Ok(mode),
            Some(_) => Err(DecodeError::UnsupportedMedia),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Mode;

    #[test]
    fn the_mode_follows_the_media_type_whatever_its_case() {
        let mode = |value| Mode::of(Some(value)).ok();
        assert_eq!(mode("APPLICATION/CloudEvents+JSON"), Some(Mode::Structured));
        assert_eq!(mode(super::STRUCTURED), Some(Mode::Structured));
        assert_eq!(
            mode("application/cloudevents-batch+json"),
            Some(Mode::Batched)
        );
        assert_eq!(mode("application/json"), Some(Mode::Binary));
        assert_eq!(mode("application/cloudevents+avro"), None);
        assert_eq!(mode("application/cloudevents-batch+xml"), None);
        assert_eq!(mode("application/cloudevents+json; charset=utf-16"), None);
        assert_eq!(Mode::of(None).ok(), Some(Mode::Binary));
    }
}
