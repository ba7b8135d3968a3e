mod claim;
mod encode;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;

pub use self::claim::{Claim, Settle};
use crate::codec::{self, Limits};
use crate::{ErrorKind, Event, MessageId, Problem, SinkError, TenantId, Violations};

/// An event in the form that leaves the process: encoded once, never changed again.
///
/// Holds all context attributes, parsed, and the structured-mode JSON bytes (CloudEvents JSON
/// format, section 3) on one line. Only [`seal`](crate::EventSinkExt::seal) and
/// [`from_bytes`](Self::from_bytes) make one. A clone is a reference count. Debug shows the
/// message id and the length alone.
#[derive(Clone)]
pub struct WireEvent {
    inner: Arc<Inner>,
    /// Whether an outcome made of this settles the event's number.
    settles: bool,
}

impl WireEvent {
    /// Reads back what was sealed before, for replay and redrive. The bytes are kept as they are.
    ///
    /// Only for bytes that left a chain: whatever is delivered from here is not prepared again.
    ///
    /// # Errors
    /// `Invalid` where the bytes are no event, stand on more than one line or name a malformed
    /// tenant.
    pub fn from_bytes(bytes: Bytes) -> Result<Self, SinkError> {
        let refused =
            |violations| SinkError::caused(ErrorKind::Invalid, "read a sealed event", violations);
        if bytes.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            let problem = Problem::MustBe("on one line");
            return Err(refused(Violations::one("event", problem)));
        }
        let event = codec::structured::decode(&bytes, Limits::UNLIMITED)
            .map_err(|error| refused(error.into_violations()))?;
        let tenant = TenantId::named_by(&event)
            .map_err(refused)?
            .unwrap_or_default();
        Ok(Self::new(event, tenant, bytes))
    }

    /// The encoded event.
    #[must_use]
    pub fn bytes(&self) -> &Bytes {
        &self.inner.bytes
    }

    /// The context attributes, as an event without data.
    #[must_use]
    pub fn attributes(&self) -> &Event {
        &self.inner.attributes
    }

    /// The tenant it belongs to.
    #[must_use]
    pub fn tenant(&self) -> &TenantId {
        &self.inner.tenant
    }

    /// Its identity, as sent in `Nats-Msg-Id`.
    #[must_use]
    pub fn message_id(&self) -> MessageId {
        let Inner {
            attributes, tenant, ..
        } = &*self.inner;
        MessageId::new(
            tenant,
            attributes.source().as_str(),
            attributes.id().as_str(),
        )
    }

    /// The whole event, data included, parsed from the bytes.
    ///
    /// # Errors
    /// None is known for an event that was sealed or read back: sealing checks what reading asks
    /// for. The type allows for a decoder that disagrees with the encoder all the same.
    pub fn to_event(&self) -> Result<Event, Violations> {
        codec::structured::decode(self.bytes(), Limits::UNLIMITED)
            .map_err(codec::DecodeError::into_violations)
    }

    /// The same event for a place that does not count: that it is stored there does not make its
    /// number kept. For copies beside the record that is to be proved.
    #[must_use]
    pub fn for_a_copy(&self) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            settles: false,
        }
    }

    /// The only encoding of an event.
    pub(crate) fn encode(event: Event) -> Result<Self, SinkError> {
        event.check().map_err(SinkError::invalid)?;
        let tenant = TenantId::named_by(&event)
            .map_err(SinkError::invalid)?
            .unwrap_or_default();
        let bytes = Bytes::from(encode::structured(&event));
        Ok(Self::new(event, tenant, bytes))
    }

    fn new(event: Event, tenant: TenantId, bytes: Bytes) -> Self {
        let (attributes, claim) = event.into_attributes();
        Self {
            inner: Arc::new(Inner {
                attributes,
                claim,
                tenant,
                bytes,
            }),
            settles: true,
        }
    }

    /// Notes that the event is stored, so that its number counts as kept.
    pub(crate) fn mark_kept(&self) {
        if self.settles
            && let Some(claim) = &self.inner.claim
        {
            claim.mark_kept();
        }
    }
}

impl fmt::Debug for WireEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "WireEvent({}, {} bytes)",
            self.message_id(),
            self.bytes().len()
        )
    }
}

pub(crate) use self::encode::structured as encode_structured;

struct Inner {
    attributes: Event,
    claim: Option<Claim>,
    tenant: TenantId,
    bytes: Bytes,
}
