//! NATS subjects: names, patterns, templates, and the routes that choose among templates.

mod name;
mod pattern;
mod placeholder;
mod route;
mod template;

pub use name::Subject;
pub use pattern::SubjectPattern;
pub use route::{Route, Routes};
pub use template::{SubjectTemplate, TemplateError, resolve_tenant_subject};
