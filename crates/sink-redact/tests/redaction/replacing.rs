//! Rules that are exchanged while events are prepared.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use events_core::{EventSinkExt as _, MemorySink};
use serde_json::json;
use sink_redact::{Config, RedactSink, Redactor, TokenKey};

use crate::support::event;

fn rules(word: &str) -> Config {
    let file = format!("[[rules]]\nname = \"{word}\"\npattern = '{word}-\\d+'\n");
    Config {
        rules_file: Some(file),
        ..Config::builtin(TokenKey::new([7; 32]))
    }
}

#[test]
fn what_is_wrong_leaves_the_former_rules_in_force() {
    let redactor = Redactor::new(rules("alpha")).unwrap();
    let before = redactor.policy();
    let broken = Config {
        rules_file: Some("[[rules]]\nname = \"x\"\npattern = '('".to_owned()),
        ..Config::builtin(TokenKey::new([7; 32]))
    };
    redactor.replace(broken).unwrap_err();
    assert_eq!(redactor.policy(), before);
    assert_eq!(
        redactor.redact_text("alpha-1 beta-2"),
        "[REDACTED:alpha] beta-2"
    );
    redactor.register("a registered value").unwrap();
    redactor.replace(rules("beta")).unwrap();
    assert_ne!(redactor.policy(), before);
    let text = redactor.redact_text("alpha-1 beta-2 a registered value");
    assert_eq!(text, "alpha-1 [REDACTED:beta] [REDACTED:live]");
    assert_eq!(redactor.counters().of("alpha"), 1);
}

/// An event that names a policy was searched by it, whole.
#[test]
fn an_event_sees_the_one_rules_or_the_other() {
    let redactor = Arc::new(Redactor::new(rules("alpha")).unwrap());
    let alpha = redactor.policy();
    let sink = RedactSink::new(MemorySink::default(), Arc::clone(&redactor));
    let done = AtomicBool::new(false);
    let mut seen = [0, 0];
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for word in ["beta", "alpha"].iter().cycle() {
                redactor.replace(rules(word)).unwrap();
                if done.load(Ordering::Relaxed) {
                    return;
                }
            }
        });
        let data = json!({"first": "alpha-1 beta-1", "last": "alpha-2 beta-2"}).to_string();
        while seen.contains(&0) || seen.iter().sum::<usize>() < 200 {
            let sealed = sink
                .seal(vec![event().json(&data).build().unwrap()])
                .remove(0)
                .unwrap();
            let text = String::from_utf8(sealed.bytes().to_vec()).unwrap();
            let policy = sealed.attributes().extension("redactpolicy").unwrap();
            let is_alpha = policy.as_str() == Some(&*alpha);
            let marks = |word: &str| text.matches(&format!("[REDACTED:{word}]")).count();
            let expected = if is_alpha { (2, 0) } else { (0, 2) };
            assert_eq!((marks("alpha"), marks("beta")), expected, "{text}");
            seen[usize::from(is_alpha)] += 1;
        }
        done.store(true, Ordering::Relaxed);
    });
}
