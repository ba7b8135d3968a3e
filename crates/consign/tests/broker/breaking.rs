//! Events from standard input, and what goes wrong in the middle.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::Stdio;

use sink_testkit::nats::{Answer, Direction, FakeServer, Fault, Proxy};

use crate::daemon::Daemon;
use crate::http::{self, Said};
use crate::rig::{Rig, bare, err, fed, ok, out};
use crate::running::Running;

/// Events on a line each, whose ids are these numbers.
fn events(ids: impl IntoIterator<Item = usize>) -> String {
    let line = |id| {
        format!(
            "{{\"specversion\":\"1.0\",\"id\":\"{id}\",\"source\":\"/s\",\"type\":\"a\",\"tenantid\":\"acme\"}}\n"
        )
    };
    ids.into_iter().map(line).collect()
}

/// The ids of all that a stream holds, and how many messages there are.
fn stored(rig: &Rig) -> (BTreeSet<usize>, usize) {
    let read = ["replay", "--stream", "CONSIGN_EVENTS", "--all"];
    let lines = ok(&rig.consign(&[&read[..], &["--template", "{id}"]].concat()));
    let ids: BTreeSet<usize> = lines.lines().map(|id| id.parse().unwrap()).collect();
    (ids, lines.lines().count())
}

/// The number before a word.
fn number(said: &str, word: &str) -> usize {
    let before = said.split(word).next().unwrap();
    let number = before.split_whitespace().next_back().unwrap();
    number.parse().unwrap()
}

#[test]
fn a_broker_that_dies_leaves_lines_unknown_and_the_advice_stores_each_once() {
    let mut rig = Rig::with_streams();
    let url = rig.server.url();
    let mut command = bare(&["publish", "-", "--timeout", "1s", "--server", &url]);
    let mut running = Running::start({
        command.stdin(Stdio::piped());
        command
    });
    // So many are on their way at once, and the first answer is told when there are more.
    let mut stdin = running.stdin();
    stdin.write_all(events(1..=300).as_bytes()).unwrap();
    let mut told = running.lines(44);
    rig.runtime.block_on(rig.server.kill()).unwrap();
    stdin.write_all(events(301..=400).as_bytes()).unwrap();
    drop(stdin);
    let (code, printed, said) = running.end();
    told.push_str(&printed);
    assert_eq!(code, Some(69), "{said}");

    let kept = told.lines().filter(|line| line.starts_with("stored "));
    let kept: BTreeSet<usize> = kept
        .map(|line| line.split_whitespace().last().unwrap().parse().unwrap())
        .collect();
    assert_eq!(number(&said, " events stored"), kept.len(), "{said}");
    let unknown = number(&said, " UNKNOWN");
    let sent = kept.len() + unknown;
    assert!((300..=400).contains(&sent) && unknown > 0, "{said}");
    assert!(!said.contains("refused"), "{said}");
    let first = (1..).find(|id| !kept.contains(id)).unwrap();
    assert!(
        said.contains(&format!("became of lines {first} to {sent}\n")),
        "{said}"
    );
    let advice = format!("\ntry: the same lines again, from line {first} on: with the same ids");
    assert!(said.contains(&advice), "{said}");

    rig.runtime.block_on(rig.server.restart()).unwrap();
    assert!(kept.is_subset(&stored(&rig).0), "what was told is there");
    let again = rig.fed(&["publish", "-"], &events(first..=400));
    assert_eq!(again.status.code(), Some(0), "{again:?}");
    let (ids, messages) = stored(&rig);
    assert_eq!(ids, (1..=400).collect());
    assert_eq!(messages, 400, "each once");
}

#[test]
fn what_is_unknown_of_one_event_is_repeated_by_its_id() {
    let mut rig = Rig::with_streams();
    let proxy = Proxy::start(&rig.server.url()).unwrap();
    // The event is stored, and nobody hears of it.
    proxy.aim(Direction::ToServer, "consign.events.>".parse().unwrap());
    let url = proxy.url();
    proxy.set(Direction::ToServer, Fault::Drop);
    let publish = ["publish", "consign.events.acme.a", "{}"];
    let at = ["--timeout", "300ms", "--server", &url];
    let output = bare(&[&publish[..], &at].concat()).output().unwrap();
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    let said = err(&output);
    let id = said
        .split("--id ")
        .nth(1)
        .unwrap()
        .split(':')
        .next()
        .unwrap();
    proxy.heal();
    for word in ["stored", "duplicate"] {
        let again = [&publish[..], &["--id", id]].concat();
        assert!(ok(&rig.consign(&again)).starts_with(word));
    }
    // What has no id of its own is looked for first.
    rig.runtime.block_on(rig.server.kill()).unwrap();
    drop(proxy);
    let fake = FakeServer::start().unwrap();
    fake.answer(|_| Answer::Silence);
    let url = fake.url();
    let at = ["--timeout", "300ms", "--server", &url];
    let raw = bare(&[&publish[..], &["--raw"], &at].concat())
        .output()
        .unwrap();
    assert!(
        err(&raw).contains("\ntry: consign replay --subject 'consign.events.acme.a' --since"),
        "{raw:?}"
    );
    let lines = bare(&[&["publish", "consign.events.acme.a", "-"][..], &at].concat());
    let output = fed(&mut { lines }, "{}\n{}\n");
    assert!(
        err(&output).contains("became of lines 1 to 2\n")
            && err(&output).contains("is another event when it is published again"),
        "{output:?}"
    );
}

#[test]
fn a_batch_that_the_chain_does_not_answer_names_its_lines() {
    let url = http::supervisor(&[Said::Kept, Said::Dies]);
    let through = ["publish", "-", "--through-chain", "--url", &url];
    let output = fed(&mut bare(&through), &events(1..=450));
    assert_eq!(output.status.code(), Some(69), "{output:?}");
    assert_eq!(out(&output).lines().count(), 200);
    let said = err(&output);
    assert!(
        said.contains("200 events stored, 200 UNKNOWN")
            && said.contains("error: learn what became of lines 201 to 400\n")
            && said.contains("\ntry: the same lines again, from line 201 on: "),
        "{said}"
    );

    let url = http::supervisor(&[Said::Kept, Said::Refused(403, "forbidden")]);
    let through = ["publish", "-", "--through-chain", "--url", &url];
    let output = fed(&mut bare(&through), &events(1..=450));
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = err(&output);
    assert!(
        said.contains("200 events stored, 200 refused")
            && said.contains("error: hand over lines 201 to 400: nothing from there on is kept\n"),
        "{said}"
    );

    let url = http::supervisor(&[Said::Refused(503, "unavailable")]);
    let through = ["publish", "-", "--through-chain", "--url", &url];
    let output = fed(&mut bare(&through), &events(1..=2));
    let said = err(&output);
    assert!(
        said.contains("2 UNKNOWN") && said.contains("lines 1 to 2\n"),
        "{said}"
    );
}

#[test]
fn an_event_too_large_for_the_chain_says_what_to_try_and_harms_no_other() {
    let rig = Rig::with_streams();
    let daemon = Daemon::start(&rig.server.url());
    let url = daemon.url();
    for length in [300 << 10, 3 << 20] {
        let large = format!(
            "{{\"specversion\":\"1.0\",\"id\":\"l\",\"source\":\"/s\",\"type\":\"a\",\"data\":\"{}\"}}\n",
            "x".repeat(length)
        );
        let lines = [events([length]), large, events([length + 1])].concat();
        let output = fed(
            &mut bare(&["publish", "-", "--through-chain", "--url", &url]),
            &lines,
        );
        let said = err(&output);
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_eq!(out(&output).lines().count(), 2, "{said}");
        assert!(said.starts_with("line 2: error: "), "{said}");
        assert!(said.contains("\ntry: less data"), "{said}");
        assert!(said.contains("2 events stored, 1 refused"), "{said}");
    }
}

#[test]
fn a_line_far_too_long_is_refused_by_its_number_and_the_rest_is_read() {
    let rig = Rig::with_streams();
    let long = ["\"", &"x".repeat(9 << 20), "\"\n"].concat();
    let output = rig.fed(
        &["publish", "-"],
        &[events([1]), long, events([2])].concat(),
    );
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = err(&output);
    assert!(said.starts_with("line 2: error: "), "{said}");
    assert!(said.contains("2 events stored, 1 refused"), "{said}");
    assert_eq!(stored(&rig), ((1..=2).collect(), 2));
}

#[test]
fn what_cannot_go_together_is_refused_before_anything_is_published() {
    let rig = Rig::with_streams();
    let subject = "consign.events.acme.a";
    for (arguments, part) in [
        (&["-", "--count", "3"][..], "leave --count out"),
        (&[subject, "-", "--count", "3"], "leave --count out"),
        (&["-", "--id", "7"], "leave --id out"),
        (
            &[subject, "{}", "--count", "3", "--id", "7"],
            "--id or --count",
        ),
        (&[subject, "{}", "-H", "nats-MSG-id: x"], "try: --id ID"),
        (&[subject, "{}", "-H", "Content-Type: x"], "--binary"),
        (&[subject, "{}", "--binary", "-H", "ce-id: x"], "--ext"),
    ] {
        let output = rig.fed(&[&["publish"], arguments].concat(), &events([1]));
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {output:?}");
        assert!(err(&output).contains(part), "{part}: {}", err(&output));
    }
    assert_eq!(rig.held("CONSIGN_EVENTS"), 0);
    let raw = ["publish", subject, "{}", "--raw", "-H", "Nats-Msg-Id: x"];
    assert!(ok(&rig.consign(&raw)).starts_with("stored"));
    assert!(ok(&rig.consign(&raw)).starts_with("duplicate"));
}

#[test]
fn a_replay_that_is_not_answered_says_how_to_go_on() {
    let rig = Rig::with_streams();
    let url = rig.server.url();
    ok(&rig.fed(&["publish", "-"], &events(1..=3)));
    let proxy = Proxy::start(&url).unwrap();
    proxy.aim(Direction::ToServer, "consign.audit.>".parse().unwrap());
    proxy.set(Direction::ToServer, Fault::Drop);
    let through = proxy.url();
    let read = ["replay", "--stream", "CONSIGN_EVENTS", "--all"];
    let to = ["--to", "consign.audit.acme.a"];
    let at = ["--timeout", "300ms", "--server", &through];
    let output = bare(&[&read[..], &to, &at].concat()).output().unwrap();
    let said = err(&output);
    assert_eq!(output.status.code(), Some(69), "{said}");
    assert!(said.contains("\ntry: the same again"), "{said}");
}
