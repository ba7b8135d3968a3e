//! What the table and the values look like to people and to other programs. All of it is pure.

mod example;
mod explain;
mod reference;
mod schema;
mod show;

pub use example::example;
pub use explain::UnknownSetting;
pub use reference::reference;
pub use schema::schema;
