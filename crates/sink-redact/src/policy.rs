use sha2::{Digest, Sha256};

use crate::Fields;
use crate::config::Builtin;
use crate::key_names::KeyNames;

/// The first 12 hexadecimal digits of a SHA-256 over all that decides what is redacted.
pub(crate) fn policy(builtin: Builtin, fields: &Fields, rules_file: Option<&str>) -> String {
    let mut text = format!("consign redaction {RULES_VERSION}\n");
    if builtin == Builtin::On {
        text.push_str(&crate::find::builtin_rules());
        text.push_str(&KeyNames::builtin_canonical());
    }
    text.push_str(&fields.canonical());
    text.push_str("file\n");
    text.push_str(rules_file.unwrap_or_default());
    let digest = Sha256::digest(text);
    digest
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// Goes up with every change of what the code itself does to find secrets.
const RULES_VERSION: u32 = 1;

#[cfg(test)]
mod tests {
    use super::policy;
    use crate::Fields;
    use crate::config::Builtin;

    #[test]
    fn the_same_rules_have_the_same_hash_and_others_another() {
        let of = |builtin, fields, file| policy(builtin, &Fields::parse(fields).unwrap(), file);
        let all = [
            of(Builtin::On, "", None),
            of(Builtin::Off, "", None),
            of(Builtin::On, "ssn", None),
            of(Builtin::On, "data.ssn", None),
            of(Builtin::On, "", Some("fields = []")),
        ];
        for (index, one) in all.iter().enumerate() {
            assert!(one.len() == 12 && !all[..index].contains(one), "{one}");
        }
        assert_eq!(of(Builtin::On, "a,b", None), of(Builtin::On, "b,A", None));
    }
}
