//! What commands print: results on standard output in the form that was asked for, and everything
//! else on standard error.

mod arguments;
mod color;
mod yaml;

use std::io::{self, IsTerminal as _, Write as _};

use serde::Serialize;
use supervisor::exit::{Exit, Failure};

use self::arguments::Form;
pub(crate) use self::arguments::OutputArguments;
pub(crate) use self::color::Painter;
use crate::human::safe_json;
use crate::progress::Progress;

/// What a command has to make of its results.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Format {
    /// Lines for people; see [`Output::is_wide`].
    Table,
    /// Documents for programs, which [`Output`] writes as JSON or as YAML.
    Json,
    /// Names alone, one a line, where there are any.
    Name,
}

/// Where results and remarks go.
#[derive(Clone, Debug)]
pub(crate) struct Output {
    form: Form,
    is_quiet: bool,
    has_progress: bool,
    painter: Painter,
    documents: u64,
}

impl Output {
    pub(crate) fn new(arguments: &OutputArguments) -> Self {
        Self {
            form: match arguments.json {
                true => Form::Json,
                false => arguments.form,
            },
            is_quiet: arguments.quiet,
            has_progress: !arguments.no_progress && !arguments.quiet && io::stderr().is_terminal(),
            painter: Painter::new(arguments.color),
            documents: 0,
        }
    }

    pub(crate) const fn format(&self) -> Format {
        match self.form {
            Form::Table | Form::Wide => Format::Table,
            Form::Json | Form::Yaml => Format::Json,
            Form::Name => Format::Name,
        }
    }

    /// Whether documents are asked for.
    pub(crate) fn is_json(&self) -> bool {
        self.format() == Format::Json
    }

    /// Whether tables show the columns too that people rarely need.
    pub(crate) fn is_wide(&self) -> bool {
        self.form == Form::Wide
    }

    /// What colours words of health.
    pub(crate) const fn painter(&self) -> Painter {
        self.painter
    }

    /// Says how far work has come, where somebody looks and it takes more than a moment.
    pub(crate) fn progress(&self, doing: &'static str) -> Progress {
        if self.has_progress {
            Progress::on_terminal(doing)
        } else {
            Progress::silent()
        }
    }

    /// A line of results.
    ///
    /// # Errors
    /// Where it cannot be written. A reader that has gone away ends the program in silence, as it
    /// does others.
    pub(crate) fn line(&mut self, text: &str) -> Result<(), Failure> {
        writeln!(io::stdout().lock(), "{text}").map_err(unwritten)
    }

    /// Bytes of results, as they are.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        let written = stdout.write_all(bytes).and_then(|()| stdout.flush());
        written.map_err(unwritten)
    }

    /// A document of results.
    pub(crate) fn json(&mut self, document: &impl Serialize) -> Result<(), Failure> {
        let text = serde_json::to_string(document);
        let text = text.map_err(|error| Failure::new(Exit::Failed, "write JSON").because(error))?;
        self.foreign_json(&text)
    }

    /// A document that came from elsewhere: as JSON byte for byte for programs, and on a terminal
    /// with everything escaped that it would obey.
    pub(crate) fn foreign_json(&mut self, text: &str) -> Result<(), Failure> {
        let is_seen = io::stdout().is_terminal();
        if self.form == Form::Yaml
            && let Some(yaml) = yaml::of_json(text)
        {
            if self.documents > 0 {
                self.line("---")?;
            }
            self.documents += 1;
            let yaml = yaml.trim_end();
            return match is_seen {
                true => self.line(&yaml::safe(yaml)),
                false => self.line(yaml),
            };
        }
        match is_seen {
            true => self.line(&safe_json(text)),
            false => self.line(text),
        }
    }

    /// An event on a line of its own. Line ends between its tokens become spaces, which mean the
    /// same.
    pub(crate) fn event(&mut self, json: &[u8]) -> Result<(), Failure> {
        let text = String::from_utf8_lossy(json);
        self.foreign_json(&text.replace(['\n', '\r'], " "))
    }

    /// A remark, on standard error, unless none is wanted.
    pub(crate) fn note(&mut self, text: &str) {
        if !self.is_quiet {
            self.insist(text);
        }
    }

    /// What has to be said, on standard error. There is nowhere left to say that it could not be
    /// written.
    pub(crate) fn insist(&mut self, text: &str) {
        let _unsaid = writeln!(io::stderr().lock(), "{text}");
    }
}

fn unwritten(error: io::Error) -> Failure {
    let exit = match error.kind() {
        io::ErrorKind::BrokenPipe => Exit::ClosedPipe,
        _ => Exit::Failed,
    };
    Failure::new(exit, "write the results").because(error)
}
