use super::{Files, problems, settings};

const GOOD: &str = r#"
[[token]]
name = "gateway.acme"
token = "sixteen-letters!"
scopes = ["ingest:acme", "tail:acme"]

[[token]]
name = "prometheus"
sha256 = "BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD"
scopes = ["metrics"]
"#;

#[test]
fn tokens_are_read_with_their_scopes() {
    let files = Files::new();
    let path = files.write("tokens.toml", GOOD, 0o600);
    let http = settings(&[
        ("CONSIGN_HTTP_TOKENS_FILE", &path),
        ("CONSIGN_HTTP_ADDR", "0.0.0.0:80"),
    ])
    .http;
    let tokens = http.tokens.unwrap();
    assert_eq!(tokens.path().to_str(), Some(path.as_str()));
    assert_eq!(tokens.tokens().len(), 2);
    let token = "sixteen-letters!".parse().unwrap();
    assert_eq!(tokens.name_of(&token), Some("gateway.acme"));
    // The digest of "abc", from FIPS 180-2, appendix B.1.
    assert_eq!(tokens.name_of(&"abc".parse().unwrap()), Some("prometheus"));
    assert_eq!(format!("{tokens:?}"), r#"["gateway.acme", "prometheus"]"#);
}

#[test]
fn everything_wrong_with_tokens_is_said_at_once_by_name_and_without_them() {
    let files = Files::new();
    let text = r#"
c4nary = "c4nary-c4nary-c4nary"
[[token]]
name = "short"
token = "c4nary"
scopes = ["root", 7, "tail:c4nary.x"]
[[token]]
name = "spaced"
token = "c4nary c4nary c4nary"
scopes = []
[[token]]
name = "both"
token = "c4nary-c4nary-c4nary"
sha256 = "c4nary"
scopes = ["admin"]
[[token]]
name = "none"
scopes = "admin"
c4nary = 1
[[token]]
name = "c4nary c4nary"
sha256 = "c4nary"
scopes = ["admin"]
[[token]]
name = "one"
token = "c4nary-c4nary-c4nary"
scopes = ["admin"]
[[token]]
name = "two"
token = "c4nary-c4nary-c4nary"
scopes = ["admin"]
[[token]]
name = "two"
sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
scopes = ["admin"]
[[token]]
name = "number"
token = 7
scopes = ["admin"]
"#;
    let path = files.write("tokens.toml", text, 0o600);
    let found = problems(&[("CONSIGN_HTTP_TOKENS_FILE", &path)]);
    let [line] = found.as_slice() else {
        panic!("{found:?}")
    };
    for fault in [
        "has something beside the list [[token]]",
        "token short is shorter than 16 characters",
        "token short has a wrong scope 1: a scope is",
        "token short has a scope 2 that is not text",
        "token short has a wrong scope 3: a scope is",
        "token spaced has a character",
        "token spaced needs a list of scopes",
        "token both needs either token or sha256",
        "token none has a key",
        "token none needs either token or sha256",
        "token none needs a list of scopes",
        "token #5 needs a name",
        "token #5 has a sha256 that is not 64",
        "token two is the same as token one",
        "token two has the name of another one",
        "token number has a token or sha256 that is not text",
    ] {
        assert!(line.contains(fault), "{fault}: {line}");
    }
    assert!(!line.contains("c4nary"), "{line}");
}

#[test]
fn a_file_of_tokens_is_kept_like_other_secrets() {
    let files = Files::new();
    for (text, mode, said) in [
        (GOOD, 0o644, "others can read it"),
        (GOOD, 0o620, "others can read it"),
        ("", 0o600, "has no [[token]]"),
        ("[token]\nname = 'x'", 0o600, "has no [[token]]"),
        (
            "token = [ c4nary ]",
            0o600,
            "not valid TOML at line 1, column",
        ),
    ] {
        let path = files.write("tokens.toml", text, mode);
        let found = problems(&[("CONSIGN_HTTP_TOKENS_FILE", &path)]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].contains(said), "{found:?}");
        assert!(!found[0].contains("c4nary"), "{found:?}");
    }
    let path = files.path("none.toml");
    let found = problems(&[("CONSIGN_HTTP_TOKENS_FILE", &path)]);
    assert!(found[0].contains("no such file"), "{found:?}");
}

#[test]
fn one_token_cannot_be_good_for_everything_and_for_less() {
    let files = Files::new();
    let path = files.write("tokens.toml", GOOD, 0o600);
    let found = problems(&[
        ("CONSIGN_HTTP_TOKENS_FILE", &path),
        ("CONSIGN_HTTP_TOKEN", "sixteen-letters!"),
    ]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("token gateway.acme is the one of CONSIGN_HTTP_TOKEN"));
}
