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

#[test]
fn contexts_and_settings_are_completed() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("nats/context");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("prod.json"), "{}").unwrap();
    for (line, index, named) in [
        (&["context", "use", ""][..], "3", "prod"),
        (&["ctx", "rm", "pr"], "3", "prod"),
        (&["stream", "ls", "--context", "p"], "4", "prod"),
        (
            &["config", "explain", "CONSIGN_NATS_U"],
            "3",
            "CONSIGN_NATS_URL",
        ),
    ] {
        for shell in ["bash", "fish"] {
            let mut asking = bare(&[&["--", "consign"], line].concat());
            asking
                .env("XDG_CONFIG_HOME", home.path())
                .env("_CONSIGN_COMPLETE", shell)
                .env("_CLAP_COMPLETE_INDEX", index);
            let told = ok(&asking.output().unwrap());
            assert!(told.contains(named), "{shell} {line:?}: {told}");
        }
    }
}
