//! The model of CloudEvents 1.0: validated attributes, data that keeps its bytes.

mod attribute;
mod builder;
mod data;
mod extension;
mod media_type;
mod model;
mod names;
mod text;

pub use attribute::{EventId, EventSubject, EventType, SchemaUri, Source};
pub use builder::EventBuilder;
pub use data::Data;
pub use extension::{Extension, ExtensionName};
pub use media_type::MediaType;
pub use model::Event;
pub use names::is_ours;
