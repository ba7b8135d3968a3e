use serde_json::{Value, json};
use supervisor::exit::{Exit, Failure};

use super::folder::Folder;
use crate::output::{Format, Output};
use crate::table::{Column, Table};

pub(super) fn run(folder: &Folder, output: &mut Output) -> Result<Exit, Failure> {
    let selected = folder.selected()?;
    let mut table = Table::new(&[
        Column::Text("NAME"),
        Column::Text("SELECTED"),
        Column::Health("HEALTH"),
        Column::Text("SERVER"),
        Column::Text("DESCRIPTION"),
    ]);
    let mut items: Vec<Value> = Vec::new();
    let mut troubles = Vec::new();
    for name in folder.names()? {
        let is_selected = selected.as_ref() == Some(&name);
        let trouble = folder.trouble(&name);
        let file = folder.read(&name).unwrap_or_default();
        if output.format() == Format::Name {
            output.line(&crate::human::safe(&name))?;
        }
        table.row(&[
            name.clone(),
            if is_selected { "yes" } else { "" }.to_owned(),
            if trouble.is_none() { "ok" } else { "UNUSABLE" }.to_owned(),
            file.servers(),
            file.description.clone(),
        ]);
        items.push(json!({
            "name": name,
            "selected": is_selected,
            "url": file.servers(),
            "description": file.description,
            "trouble": trouble,
        }));
        troubles.extend(trouble);
    }
    match output.format() {
        Format::Name => {}
        Format::Json => output.json(&json!({ "kind": "ContextList", "items": items }))?,
        Format::Table if items.is_empty() => {
            output.note("there is no context\ntry: consign context add NAME --server URL");
        }
        Format::Table => table.print(output)?,
    }
    for trouble in troubles {
        output.note(&crate::human::safe(&trouble));
    }
    Ok(Exit::Done)
}
