use std::fs;

use crate::settings::reference;

/// Where the reference is kept.
const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/settings.md");

#[test]
fn the_reference_page_is_up_to_date() {
    let page = reference();
    if option_env!("UPDATE_DOCS").is_some() {
        fs::write(PAGE, &page).unwrap();
    }
    let kept = fs::read_to_string(PAGE).unwrap_or_default();
    assert!(
        kept == page,
        "docs/settings.md differs from the table; \
         run UPDATE_DOCS=1 cargo test -p supervisor settings"
    );
}
