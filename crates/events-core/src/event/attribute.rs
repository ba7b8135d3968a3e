use std::fmt;
use std::str::FromStr;

use fluent_uri::{Uri, UriRef};

use super::text::check_text;
use crate::{Problem, Violations};

/// Declares a newtype over checked text: parsed by `FromStr`, silent in Debug.
macro_rules! attribute {
    ($(#[$doc:meta])* $name:ident, $attribute:literal, $check:expr) => {
        $(#[$doc])*
        #[derive(Clone, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Box<str>);

        impl $name {
            /// The value as it was received.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = Violations;

            fn from_str(value: &str) -> Result<Self, Violations> {
                let check: fn(&str) -> Result<(), Problem> = $check;
                check_text(value)
                    .and_then(|()| check(value))
                    .map(|()| Self(value.into()))
                    .map_err(|problem| Violations::one($attribute, problem))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({} bytes)"), self.0.len())
            }
        }
    };
}

attribute!(
    /// `id`: with `source`, the identity of an event. Any non-empty text.
    EventId,
    "id",
    |_| Ok(())
);

attribute!(
    /// `source`: the context an event happened in, a URI-reference (RFC 3986 section 4.1).
    Source,
    "source",
    |value| match UriRef::parse(value) {
        Ok(_) => Ok(()),
        Err(_) => Err(Problem::MustBe("a URI-reference (RFC 3986)")),
    }
);

attribute!(
    /// `type`: the kind of occurrence. Any non-empty text.
    EventType,
    "type",
    |_| Ok(())
);

attribute!(
    /// `subject`: what the event is about within its source. Any non-empty text.
    EventSubject,
    "subject",
    |_| Ok(())
);

attribute!(
    /// `dataschema`: the schema of the data, a URI with a scheme (RFC 3986 section 3).
    SchemaUri,
    "dataschema",
    |value| match Uri::parse(value) {
        Ok(_) => Ok(()),
        Err(_) => Err(Problem::MustBe("an absolute URI (RFC 3986)")),
    }
);

#[cfg(test)]
mod tests {
    use super::{EventId, SchemaUri, Source};

    #[test]
    fn sources_are_uri_references() {
        for good in ["/demo", "urn:cell:c7", "https://a.example/b?c#d", "a", "#x"] {
            assert!(good.parse::<Source>().is_ok(), "{good}");
        }
        for bad in ["", "not a uri \n", "a b", "http://[", "%zz", "é"] {
            assert!(bad.parse::<Source>().is_err(), "{bad}");
        }
    }

    #[test]
    fn schemas_need_a_scheme() {
        assert!("https://a.example/s".parse::<SchemaUri>().is_ok());
        assert!("/s".parse::<SchemaUri>().is_err());
    }

    #[test]
    fn text_holds_no_control_and_no_noncharacters() {
        for bad in ["a\u{0}", "a\nb", "\u{85}", "\u{fdd0}", "\u{1ffff}"] {
            assert!(bad.parse::<EventId>().is_err());
        }
        assert!("ключ 🔑".parse::<EventId>().is_ok());
    }

    #[test]
    fn debug_is_silent() {
        let id: EventId = "hello-bob".parse().unwrap();
        assert_eq!(format!("{id:?}"), "EventId(9 bytes)");
    }
}
