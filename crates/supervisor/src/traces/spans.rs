use events_core::{Event, Extension, ExtensionName, SinkError, TraceParent, WireEvent};
use events_runtime::Stored;
use opentelemetry::trace::{
    Span as _, SpanContext, SpanId, SpanKind, Status, TraceContextExt as _, TraceFlags, TraceId,
    TraceState, Tracer as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_sdk::trace::{SdkTracer, Span};

/// An event's way through the chain: the span `receive`, and in it `send <subject template>`.
#[derive(Debug)]
pub(crate) struct Journey(Option<Box<Spans>>);

#[derive(Debug)]
struct Spans {
    receive: Context,
    send: Span,
}

impl Journey {
    /// One that nobody follows.
    pub(super) fn unseen() -> Self {
        Self(None)
    }

    /// Begins both spans, under where the event comes from or else where it began.
    pub(super) fn begin(
        tracer: &SdkTracer,
        sink: &'static str,
        event: &mut Event,
        template: &str,
    ) -> Self {
        let began = began(event);
        let parent = event.hop().or(began).map(remote);
        let parent = parent.map_or_else(Context::new, |parent| {
            Context::new().with_remote_span_context(parent)
        });
        let span = |name: String, kind, operation| {
            tracer.span_builder(name).with_kind(kind).with_attributes([
                KeyValue::new("messaging.operation.type", operation),
                KeyValue::new("messaging.operation.name", operation),
                KeyValue::new("messaging.system", system(sink)),
                KeyValue::new("messaging.destination.template", template.to_owned()),
            ])
        };
        let receive = span("receive".to_owned(), SpanKind::Consumer, "receive");
        let receive = receive.start_with_context(tracer, &parent);
        let here = at(receive.span_context());
        let receive = parent.with_span(receive);
        let send = span(format!("send {template}"), SpanKind::Producer, "send");
        let send = send.start_with_context(tracer, &receive);
        if let (None, None, Some(here)) = (began, event.extension(TraceParent::NAME), here) {
            let name = const { ExtensionName::from_static(TraceParent::NAME) };
            event.set_extension(name, Extension::String(here.to_string().into()));
        }
        if let Some(hop) = at(send.span_context()) {
            event.set_hop(hop);
        }
        Self(Some(Box::new(Spans { receive, send })))
    }

    /// Ends it with what became of the event, of which only the form that left the chain is told.
    pub(crate) fn end(self, result: &Result<Stored, SinkError>) {
        let Some(spans) = self.0 else { return };
        let Spans { receive, mut send } = *spans;
        let receive = receive.span();
        let told = match result {
            Ok(Stored { event, outcome }) => {
                let mut told = attributes(event);
                told.push(KeyValue::new("consign.outcome", outcome.as_str()));
                told
            }
            Err(error) => {
                let kind = error.kind().as_str();
                send.set_status(Status::error(kind));
                receive.set_status(Status::error(kind));
                vec![KeyValue::new("error.type", kind)]
            }
        };
        receive.set_attributes(told.clone());
        send.set_attributes(told);
        send.end();
        receive.end();
    }
}

/// What the conventions for messaging and for CloudEvents have to say of an event.
fn attributes(event: &WireEvent) -> Vec<KeyValue> {
    let size = i64::try_from(event.bytes().len()).unwrap_or(i64::MAX);
    let message_id = event.message_id().to_string();
    let event = event.attributes();
    let mut attributes = vec![
        KeyValue::new("messaging.message.id", message_id),
        KeyValue::new("messaging.message.body.size", size),
        KeyValue::new("cloudevents.event_id", event.id().as_str().to_owned()),
        KeyValue::new(
            "cloudevents.event_source",
            event.source().as_str().to_owned(),
        ),
        KeyValue::new("cloudevents.event_type", event.kind().as_str().to_owned()),
        KeyValue::new("cloudevents.event_spec_version", "1.0"),
    ];
    let subject = event.subject().map(|subject| subject.as_str().to_owned());
    attributes.extend(subject.map(|text| KeyValue::new("cloudevents.event_subject", text)));
    attributes
}

/// The trace an event says it began in.
fn began(event: &Event) -> Option<TraceParent> {
    let text = event.extension(TraceParent::NAME)?.to_canonical();
    text.parse().ok()
}

fn remote(parent: TraceParent) -> SpanContext {
    SpanContext::new(
        TraceId::from_bytes(parent.trace()),
        SpanId::from_bytes(parent.span()),
        TraceFlags::new(parent.flags()),
        true,
        TraceState::NONE,
    )
}

fn at(span: &SpanContext) -> Option<TraceParent> {
    let (trace, id) = (span.trace_id().to_bytes(), span.span_id().to_bytes());
    TraceParent::new(trace, id, span.trace_flags().to_u8())
}

fn system(sink: &'static str) -> &'static str {
    match sink {
        "jetstream" => "nats",
        other => other,
    }
}
