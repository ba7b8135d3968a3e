use serde_json::{Map, Value};
use supervisor::exit::{Exit, Failure};

use super::folder::Folder;
use crate::human::safe;
use crate::output::{Format, Output};

pub(super) fn run(
    folder: &Folder,
    name: Option<&str>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let name = match name {
        Some(name) => name.to_owned(),
        None => folder.selected()?.ok_or_else(|| {
            Failure::new(Exit::Failed, "show the selected context")
                .because("none is selected")
                .try_next("consign context show NAME, or consign context use NAME")
        })?,
    };
    let file = folder.read(&name)?;
    let fields = file.shown(&file.servers());
    match output.format() {
        Format::Name => output.line(&safe(&name))?,
        Format::Json => {
            let mut document = Map::new();
            document.insert("kind".to_owned(), "Context".into());
            document.insert("name".to_owned(), name.as_str().into());
            for (field, value) in fields {
                document.insert(field.to_owned(), value.into());
            }
            output.json(&Value::Object(document))?;
        }
        Format::Table => {
            output.line(&format!("{:<20}  {}", "NAME", safe(&name)))?;
            for (field, value) in fields {
                output.line(&format!("{:<20}  {}", field.to_uppercase(), safe(&value)))?;
            }
        }
    }
    if let Some(trouble) = folder.trouble(&name) {
        output.note(&safe(&trouble));
    }
    Ok(Exit::Done)
}
