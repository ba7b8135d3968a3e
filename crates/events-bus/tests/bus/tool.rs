use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use events_bus::{Bus, Lifecycle as _, Origin, Tool, ToolCrashed, ToolStopped};
use events_core::{ErrorKind, MemorySink, WireEvent};
use futures::FutureExt as _;
use sink_testkit::{FlakySink, Step};
use tokio::time::Instant;

use crate::kit::bus;

fn tool(bus: &Bus) -> Tool {
    Tool::new(bus.clone(), Origin::node("n1").unwrap(), "grep")
}

/// What was stored: each event's type, and what is said of its end.
fn told(sink: &MemorySink) -> Vec<String> {
    sink.events().iter().map(said).collect()
}

fn said(event: &WireEvent) -> String {
    let attributes = event.attributes();
    assert_eq!(attributes.source().as_str(), "urn:consign:node:n1");
    assert_eq!(attributes.subject().unwrap().as_str(), "grep");
    let kind = attributes.kind().as_str();
    match kind {
        ToolStopped::TYPE => format!("{kind} {}", ToolStopped::read(event).unwrap().reason),
        ToolCrashed::TYPE => {
            let crashed = ToolCrashed::read(event).unwrap();
            format!("{kind} {} {}", crashed.restart_count, crashed.error)
        }
        _ => kind.to_owned(),
    }
}

#[tokio::test]
async fn each_run_tells_its_start_and_its_end_once() {
    let (bus, sink) = bus();
    let tool = tool(&bus);
    let run = tool.start().await;
    assert_eq!(run.started().unwrap().as_str(), "delivered");
    drop(run.stopped("done for today").await.unwrap());
    let run = tool.start().await;
    drop(run.crashed("exit status 3").await.unwrap());
    drop(tool.start().await);
    tool.settled().await;
    let expected = [
        "tool.started",
        "tool.stopped done for today",
        "tool.started",
        "tool.crashed 1 exit status 3",
        "tool.started",
        "tool.stopped dropped",
    ];
    assert_eq!(told(&sink), expected);
}

#[tokio::test]
async fn a_panic_is_a_crash_and_goes_on() {
    let (bus, sink) = bus();
    let tool = tool(&bus);
    let number = 7;
    let work = tool.run(async {
        if true {
            panic!("disk {number} is gone");
        }
        Ok::<(), String>(())
    });
    let panic = AssertUnwindSafe(work).catch_unwind().await.unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "disk 7 is gone");
    assert_eq!(
        tool.run(async { Err::<(), _>("no luck") }).await,
        Err("no luck")
    );
    assert_eq!(tool.run(async { Ok::<_, String>(5) }).await, Ok(5));
    let expected = [
        "tool.started",
        "tool.crashed 0 disk 7 is gone",
        "tool.started",
        "tool.crashed 1 no luck",
        "tool.started",
        "tool.stopped done",
    ];
    assert_eq!(told(&sink), expected);
}

#[tokio::test]
async fn a_guard_on_a_panicking_thread_tells_the_crash() {
    let (bus, sink) = bus();
    let tool = tool(&bus);
    let run = tool.start().await;
    let thread = std::thread::spawn(move || {
        let _run = run;
        panic!("hello bob");
    });
    assert!(thread.join().is_err());
    tool.settled().await;
    assert_eq!(told(&sink), ["tool.started", "tool.crashed 0 panicked"]);
}

#[tokio::test]
async fn who_goes_away_leaves_nothing_untold_and_nothing_told_twice() {
    let (bus, sink) = bus();
    let tool = tool(&bus);
    let run = tool.start().await;
    assert!(
        run.stopped("cancelled").now_or_never().is_none(),
        "it waits"
    );
    tool.settled().await;
    assert_eq!(told(&sink), ["tool.started", "tool.stopped cancelled"]);
}

#[tokio::test(start_paused = true)]
async fn waiting_for_what_is_told_changes_nothing_of_its_order() {
    let slow = FlakySink::script([Step::Ok, Step::Delay(Duration::from_secs(1)), Step::Ok]);
    let bus = Bus::new(Arc::new(slow.clone()), Arc::default());
    let tool = tool(&bus);
    let run = tool.start().await;
    assert!(run.stopped("early").now_or_never().is_none(), "it waits");
    let began = Instant::now();
    let mut waits = [tool.clone(), tool.clone()].map(|tool| {
        let settled = async move { tool.settled().await };
        settled.boxed()
    });
    for wait in &mut waits {
        assert!(wait.now_or_never().is_none(), "there is something to tell");
    }
    drop(tool.start().await.stopped("late").await.unwrap());
    assert_eq!(began.elapsed(), Duration::from_secs(1));
    let kinds: Vec<String> = slow
        .stored()
        .iter()
        .map(|event| event.attributes().kind().as_str().to_owned())
        .collect();
    let [started, stopped] = ["tool.started", "tool.stopped"];
    assert_eq!(kinds, [started, stopped, started, stopped]);
}

#[tokio::test]
async fn a_tool_runs_whether_it_can_be_told_or_not() {
    let steps = [Step::Fail(ErrorKind::Unavailable), Step::Ok];
    let flaky = FlakySink::script(steps);
    let bus = Bus::new(Arc::new(flaky.clone()), Arc::default());
    let run = tool(&bus).start().await;
    assert_eq!(run.started().unwrap_err().kind(), ErrorKind::Unavailable);
    drop(run.stopped("done").await.unwrap());
    assert_eq!(flaky.stored().len(), 1);
}

#[tokio::test]
async fn a_text_too_long_is_not_cut() {
    let (bus, sink) = bus();
    let text = "x".repeat(16 << 10);
    drop(tool(&bus).start().await.crashed(&text).await.unwrap());
    let longer = format!("{text}x");
    drop(tool(&bus).start().await.crashed(&longer).await.unwrap());
    let told = told(&sink);
    assert!(told[1].ends_with(&text));
    assert_eq!(told[3], "tool.crashed 0 a text of 16385 bytes, left out");
}
