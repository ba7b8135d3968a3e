use std::io::{self, IsTerminal as _, Write as _};

use clap::ValueEnum;
use serde::Serialize;
use supervisor::exit::{Exit, Failure};

use crate::human::safe_json;

/// How results are printed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Table,
    /// For programs: one document, or one a line for streams.
    Json,
    /// Names alone, one a line, where there are any.
    Name,
}

/// Where results and remarks go.
#[derive(Debug)]
pub(crate) struct Output {
    format: Format,
}

impl Output {
    pub(crate) const fn new(format: Format) -> Self {
        Self { format }
    }

    pub(crate) const fn format(&self) -> Format {
        self.format
    }

    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// A line of results. A reader that has gone away ends the program as it does other tools.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        let written = writeln!(io::stdout().lock(), "{text}");
        written.map_err(|error| Failure::new(Exit::Failed, "write the results").because(error))
    }

    /// Bytes of results, as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let written = io::stdout().lock().write_all(bytes);
        written.map_err(|error| Failure::new(Exit::Failed, "write the results").because(error))
    }

    /// A document of results.
    pub(crate) fn json(&mut self, document: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(document);
        let text = text.map_err(|error| Failure::new(Exit::Failed, "write JSON").because(error))?;
        self.foreign_json(&text)
    }

    /// A document that came from elsewhere: byte for byte for programs, and on a terminal with
    /// everything escaped that it would obey.
    pub(crate) fn foreign_json(&mut self, text: &str) -> Result<(), Failure> {
        if io::stdout().is_terminal() {
            self.line(&safe_json(text))
        } else {
            self.line(text)
        }
    }

    /// An event on a line of its own. Line ends between its tokens become spaces, which mean the
    /// same.
    pub(crate) fn event(&mut self, json: &[u8]) -> Result<(), Failure> {
        let text = String::from_utf8_lossy(json);
        self.foreign_json(&text.replace(['\n', '\r'], " "))
    }

    /// A remark, on standard error. There is nowhere left to say that it could not be written.
    pub(crate) fn note(&mut self, text: &str) {
        let _unsaid = writeln!(io::stderr().lock(), "{text}");
    }
}
