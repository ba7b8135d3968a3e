use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use events_core::Event;
use events_core::subject::Route;
use opentelemetry::KeyValue;
use opentelemetry::trace::TracerProvider as _;
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig as _, WithHttpConfig as _};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::{info, warn};

use super::client::Client;
use super::spans::Journey;

/// Follows events, where the environment says whom to tell (`OTEL_EXPORTER_OTLP_ENDPOINT` or
/// `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`), else nothing.
#[derive(Clone, Default)]
pub(crate) struct Traces(Option<Exporting>);

#[derive(Clone)]
struct Exporting {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    sink: &'static str,
}

impl Traces {
    /// Begins to export what becomes of events in a chain that ends in `sink`. Spans wait in a
    /// bounded queue and are dropped past it: whoever hands over an event never waits for them.
    ///
    /// Where it cannot begin, it says so, and events go untraced.
    pub(crate) fn start(sink: &'static str) -> Self {
        if !is_wanted() {
            return Self::default();
        }
        let exporter = SpanExporter::builder()
            .with_http()
            .with_http_client(Client::new(trusted()))
            .with_protocol(Protocol::HttpBinary)
            .build();
        let exporter = match exporter {
            Ok(exporter) => exporter,
            Err(error) => {
                warn!(%error, "traces cannot be exported; events are not affected");
                return Self::default();
            }
        };
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(resource())
            .build();
        info!("traces are exported over OTLP");
        let tracer = provider.tracer("consign");
        Self(Some(Exporting {
            provider,
            tracer,
            sink,
        }))
    }

    /// Begins to follow an event, and has it tell where its trace stands: by the attribute
    /// `traceparent` where it has none, and on its next hop.
    pub(crate) fn begin(&self, event: &mut Event, route: &Route) -> Journey {
        let Some(Exporting { tracer, sink, .. }) = &self.0 else {
            return Journey::unseen();
        };
        Journey::begin(tracer, sink, event, route.template().as_str())
    }

    /// Exports what is left, as far as that comes about within the time given.
    pub(crate) async fn stop(&self, within: Duration) {
        let Some(Exporting { provider, .. }) = self.0.clone() else {
            return;
        };
        let stopping = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(within));
        // The thread may be stuck a little longer than it was told.
        let stopped = tokio::time::timeout(within, stopping).await;
        if !matches!(stopped, Ok(Ok(Ok(())))) {
            warn!("the last traces could not be exported");
        }
    }
}

impl fmt::Debug for Traces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Traces({})", self.0.is_some())
    }
}

/// Whether the standard variables ask for traces.
fn is_wanted() -> bool {
    let endpoint = [
        "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ]
    .into_iter()
    .any(|name| variable(name).is_some());
    let says = |name, wanted: &str| variable(name).is_some_and(|v| v.eq_ignore_ascii_case(wanted));
    endpoint && !says("OTEL_SDK_DISABLED", "true") && !says("OTEL_TRACES_EXPORTER", "none")
}

/// Who we are, unless the environment says otherwise.
fn resource() -> Resource {
    let attributes = variable("OTEL_RESOURCE_ATTRIBUTES").unwrap_or_default();
    let named = variable("OTEL_SERVICE_NAME").is_some() || attributes.contains("service.name=");
    let version = KeyValue::new("service.version", env!("CARGO_PKG_VERSION"));
    let resource = Resource::builder().with_attributes([version]);
    if named {
        resource.build()
    } else {
        resource.with_service_name("consign").build()
    }
}

/// The file of certificates that a collector may show.
fn trusted() -> Option<PathBuf> {
    let names = [
        "OTEL_EXPORTER_OTLP_TRACES_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_CERTIFICATE",
    ];
    names.into_iter().find_map(variable).map(PathBuf::from)
}

#[expect(
    clippy::disallowed_methods,
    reason = "these names are the standard's, and its exporter reads them from the environment too"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}
