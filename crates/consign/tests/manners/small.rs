use crate::run::{bare, err, ok, run};

#[test]
fn help_knows_commands_and_topics() {
    let codes = ok(&run(&["help", "exit-codes"]));
    assert!(
        codes.contains("  69  ") && codes.contains(" 141  "),
        "{codes}"
    );
    let settings = ok(&run(&["help", "environment"]));
    assert!(settings.contains("CONSIGN_NATS_URL"), "{settings}");
    assert!(ok(&run(&["help", "time"])).contains("seq:123"));
    assert_eq!(
        ok(&run(&["help", "dlq", "redrive"])),
        ok(&run(&["dlq", "redrive", "--help"]))
    );
    assert!(ok(&run(&["help"])).contains("\nExamples:\n"));
    let unknown = run(&["help", "weather"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(err(&unknown).contains("exit-codes"), "{unknown:?}");
}

#[test]
fn every_shell_and_every_command_is_served() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = ok(&run(&["completion", shell]));
        assert!(script.contains("_CONSIGN_COMPLETE"), "{shell}: {script}");
        let mut asking = bare(&["--", "consign", "dlq", "redr"]);
        asking
            .env("_CONSIGN_COMPLETE", shell)
            .env("_CLAP_COMPLETE_INDEX", "2");
        assert!(ok(&asking.output().unwrap()).contains("redrive"), "{shell}");
    }
    let page = ok(&run(&["man"]));
    assert!(page.contains(".TH consign 1"), "{page}");
    let dir = tempfile::tempdir().unwrap();
    ok(&run(&["man", "--dir", dir.path().to_str().unwrap()]));
    for name in ["consign.1", "consign-dlq.1", "consign-dlq-ls.1"] {
        assert!(dir.path().join(name).is_file(), "{name}");
    }
}
