//! Measures a running supervisor from end to end: events go in over HTTP, and are looked for on
//! the broker and on the live tail.

mod answers;
mod arguments;
mod arrivals;
mod dues;
mod latencies;
mod leg;
mod mint;
mod on_nats;
mod on_sse;
mod percent;
mod post;
mod render;
mod report;
mod run;
mod run_id;
mod schedule;
mod sighting;

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use supervisor::exit::{Exit, Failure};
use tokio::time::timeout;

use self::dues::Dues;
use self::leg::{Eye, Leg};
use self::mint::Mint;
use self::post::Poster;
use self::report::Report;
use self::run_id::RunId;
use crate::broker::BrokerArguments;
use crate::client::Client;
use crate::output::Output;
use crate::stop::interrupted;

pub(crate) use self::arguments::Arguments;

pub(crate) fn run(
    arguments: &Arguments,
    broker: &BrokerArguments,
    output: &mut Output,
) -> Result<Exit, Failure> {
    arguments.check()?;
    // Two threads, so that arrivals are seen while events are made.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, "start").because(error))?;
    let report = runtime.block_on(bench(arguments, broker, output))?;
    render::print(&report, output)?;
    if report.interrupted {
        output.note("interrupted: this is what was measured until then");
        return Ok(Exit::Interrupted);
    }
    if !report.missed.is_empty() {
        return Ok(Exit::Findings);
    }
    if report.delivered + report.spilled == 0 {
        return Err(Failure::new(Exit::Failed, "hand over events")
            .because("not one of them was taken")
            .try_next("consign status"));
    }
    Ok(Exit::Done)
}

async fn bench(
    arguments: &Arguments,
    broker: &BrokerArguments,
    output: &Output,
) -> Result<Report, Failure> {
    let client = Client::new(&arguments.address)?;
    client.look("/livez").await?;
    let tenant = match arguments.tenant {
        Some(tenant) => tenant,
        None => broker.settings()?.tenant_default,
    };
    let run_id = arguments.run_id.clone().unwrap_or_else(RunId::generate);
    let kind = arguments.kind.as_str();
    let mint = Arc::new(Mint::new(&run_id, kind, &tenant, arguments.size.as_len()));

    let events = usize::try_from(arguments.events).unwrap_or(usize::MAX);
    let dues = Arc::new(Dues::new(events));
    let mut legs: Vec<Leg> = Vec::new();
    if arguments.leg.nats() {
        let (broker, subject) = (broker.reach().await?, arguments.subject.as_deref());
        legs.push(on_nats::begin(broker, subject, &mint, &Eye::new(&dues)?).await?);
    }
    if arguments.leg.sse() {
        legs.push(on_sse::begin(&client, &mint, &Eye::new(&dues)?).await?);
    }
    let schedule = arguments.schedule();
    let poster = Arc::new(Poster {
        client,
        mint,
        single: schedule.batch == 1,
    });
    run::warm_up(&poster, &legs, arguments.warm_up, arguments.window).await?;
    let begin = Instant::now() + LEAD;
    let progress = output.progress("handing over");
    let mut stop = pin!(interrupted());
    let work = run::run(
        &poster,
        schedule,
        &dues,
        arguments.window,
        begin,
        progress,
        stop.as_mut(),
    );
    let mut answers = work.await?;
    let settled = run::settle(&legs, answers.accepted(), arguments.settle);
    if answers.interrupted {
        let _as_far_as_it_came = timeout(SOON, settled).await;
    } else {
        answers.interrupted = tokio::select! {
            () = stop => true,
            () = settled => false,
        };
    }
    Ok(Report::new(arguments, &run_id, begin, answers, &legs))
}

/// Before the first event is due, so that it is not late already.
const LEAD: Duration = Duration::from_millis(5);
/// How long what is on its way may take after an interrupt.
const SOON: Duration = Duration::from_millis(500);
