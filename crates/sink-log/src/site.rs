use std::sync::OnceLock;

use tracing::callsite::{self, Callsite, Identifier};
use tracing::field::FieldSet;
use tracing::metadata::Kind;
use tracing::subscriber::Interest;
use tracing::{Event, Level, Metadata, Value, dispatcher};

use crate::line::{Line, NAMES};

/// A place that lines come from. `tracing`'s macros make one for each use, with a target that the
/// compiler knows; this one's is known at run time.
#[derive(Debug)]
pub(crate) struct Site(OnceLock<Metadata<'static>>);

impl Site {
    /// A site that stays for as long as the process, as `tracing` asks.
    pub(crate) fn registered(target: &'static str, level: Level) -> &'static Self {
        let site: &'static Self = Box::leak(Box::new(Self(OnceLock::new())));
        site.0.get_or_init(|| {
            let fields = FieldSet::new(&NAMES, Identifier(site));
            let module = Some(module_path!());
            Metadata::new(
                WORDS,
                target,
                level,
                None,
                None,
                module,
                fields,
                Kind::EVENT,
            )
        });
        callsite::register(site);
        site
    }

    /// Says the line where somebody listens.
    pub(crate) fn say<'a>(&'static self, line: impl Fn() -> Line<'a>) {
        let metadata = self.metadata();
        dispatcher::get_default(|listener| {
            if !listener.enabled(metadata) {
                return;
            }
            let line = line();
            let texts = line.texts();
            let first: [&dyn Value; 2] = [&WORDS, &line.severity];
            let rest = texts.iter().map(|text| text as &dyn Value);
            let values: Vec<_> = first.into_iter().chain(rest).map(Some).collect();
            let values = metadata.fields().value_set_all(&values);
            listener.event(&Event::new(metadata, &values));
        });
    }
}

impl Callsite for Site {
    fn set_interest(&self, _: Interest) {
        // Whoever listens is asked for each line, since filters may change.
    }

    fn metadata(&self) -> &Metadata<'_> {
        let metadata = self.0.get();
        metadata.unwrap_or_else(|| unreachable!("a site is registered once it has its metadata"))
    }
}

/// What the line of every event says in words.
const WORDS: &str = "event";
