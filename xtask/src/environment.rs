//! The few environment variables these tasks read, behind one function.

use std::ffi::OsString;

/// The value of a variable; an empty one counts as unset.
#[expect(
    clippy::disallowed_methods,
    reason = "the one place of this tool that reads them"
)]
pub(crate) fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Whether a continuous integration service runs us, by the usual `CI` variable.
pub(crate) fn is_ci() -> bool {
    variable("CI").is_some_and(|value| value != "0" && value != "false")
}
