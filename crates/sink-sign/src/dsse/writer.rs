use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use events_core::Event;

use super::{PAYLOAD_TYPE, envelope, material, pae};
use crate::{Sign, SignError};

/// Makes the attribute `dssematerial` of one event after another, in room that it keeps.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    payload: String,
    message: Vec<u8>,
    envelope: String,
}

impl Writer {
    /// The attribute for `event` as it is now.
    ///
    /// # Errors
    /// The key cannot be used now.
    pub(crate) fn attribute(&mut self, event: &Event, key: &dyn Sign) -> Result<String, SignError> {
        self.payload.clear();
        material::write_of(event, &mut self.payload);
        let payload = self.payload.as_bytes();
        self.message.clear();
        pae::write(PAYLOAD_TYPE, payload, &mut self.message);
        let signature = key.sign(&self.message)?;
        self.envelope.clear();
        let key_id = key.key_id().as_str();
        envelope::write(payload, key_id, &signature, &mut self.envelope);
        Ok(STANDARD.encode(&self.envelope))
    }
}
