use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::sleep_until;

use super::held::Held;
use super::lane::Lane;
use crate::nats::frame::Framer;

/// Carries one direction of one connection. `Ok` once its end was passed on; an error means that
/// the connection has to be reset.
pub(super) async fn pump(
    mut from: ReadHalf<'_>,
    mut to: WriteHalf<'_>,
    lane: &Lane,
) -> io::Result<()> {
    let mut marks = lane.marks();
    let mut seen = *marks.borrow_and_update();
    let mut framer = Framer::default();
    let mut held = Held::default();
    let mut ended = false;
    loop {
        let frozen = lane.is_frozen();
        if ended && held.is_empty() && !frozen {
            return to.shutdown().await;
        }
        let due = held.due();
        framer.buffer.reserve(READ);
        tokio::select! {
            biased;
            changed = marks.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                let now = *marks.borrow_and_update();
                if now.heals > seen.heals {
                    held.release();
                }
                if now.half_closes > seen.half_closes {
                    return half_close(from, to).await;
                }
                seen = now;
            }
            () = sleep_until(due.unwrap_or_else(tokio::time::Instant::now)),
                if due.is_some() && !frozen =>
            {
                let frame = held.pop().unwrap_or_default();
                let allowed = lane.allow(frame.len());
                to.write_all(frame.get(..allowed).unwrap_or(&frame)).await?;
                if allowed < frame.len() {
                    return Err(io::ErrorKind::ConnectionReset.into());
                }
            }
            read = from.read_buf(&mut framer.buffer),
                if !frozen && !ended && held.bytes() < MOST_HELD =>
            {
                ended = read? == 0;
                while let Some(frame) = framer.next() {
                    held.push(&frame.bytes, &lane.judge(&frame));
                }
                if ended && let Some(rest) = framer.rest() {
                    held.push(&rest.bytes, &lane.judge(&rest));
                }
            }
        }
    }
}

/// Ends the one side and swallows what the other still says.
async fn half_close(mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> io::Result<()> {
    to.shutdown().await?;
    tokio::io::copy(&mut from, &mut tokio::io::sink()).await?;
    Ok(())
}

const READ: usize = 16 << 10;
/// Beyond that nothing is read, so that whoever sends has to wait.
const MOST_HELD: usize = 8 << 20;
