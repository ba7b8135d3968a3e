use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use super::{Form, Given, Value, Wrong};

impl Value for bool {
    const FORM: Form = Form::Flag;

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        match given.text.to_ascii_lowercase().as_str() {
            "1" | "true" | "yes" | "on" => Ok(true),
            "0" | "false" | "no" | "off" => Ok(false),
            _ => Err(Wrong::Form),
        }
    }

    fn is_off(&self) -> bool {
        !self
    }
}

impl Value for usize {
    const FORM: Form = Form::Number;

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        given.text.parse().map_err(|_| Wrong::Form)
    }

    fn amount(&self) -> Option<u128> {
        u128::try_from(*self).ok()
    }
}

impl Value for String {
    const FORM: Form = Form::Text {
        noun: "text",
        example: "consign",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        if given.text.chars().any(char::is_control) {
            return Err(Wrong::because("holds a control character"));
        }
        Ok(given.text.to_owned())
    }
}

impl Value for PathBuf {
    const FORM: Form = Form::Text {
        noun: "a path",
        example: "/var/lib/consign",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        if given.text.contains('\0') {
            return Err(Wrong::because("holds a NUL character"));
        }
        Ok(Self::from(given.text))
    }
}

impl Value for SocketAddr {
    const FORM: Form = Form::Text {
        noun: "an IP address with a port",
        example: "127.0.0.1:8080",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        given.text.parse().map_err(|_| Wrong::Form)
    }
}

impl Value for Duration {
    const FORM: Form = Form::Text {
        noun: "a duration",
        example: "250ms, 2h or 90d",
    };

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        humantime::parse_duration(given.text).map_err(|_| Wrong::Form)
    }

    fn amount(&self) -> Option<u128> {
        Some(self.as_nanos())
    }
}

impl<T: Value> Value for Option<T> {
    const FORM: Form = T::FORM;

    fn parse(given: &Given<'_>) -> Result<Self, Wrong> {
        T::parse(given).map(Some)
    }

    fn shown(given: &Given<'_>) -> String {
        T::shown(given)
    }

    fn absent() -> Option<Self> {
        Some(None)
    }

    fn amount(&self) -> Option<u128> {
        self.as_ref().and_then(T::amount)
    }

    fn is_off(&self) -> bool {
        self.as_ref().is_some_and(T::is_off)
    }

    fn remark(&self) -> Option<String> {
        self.as_ref().and_then(T::remark)
    }
}
