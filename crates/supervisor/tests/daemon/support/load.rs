use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::{Client, Daemon, event};

/// Sends events from `senders` threads at once and kills the daemon at `moment`, in the midst of
/// them. The ids that were answered with 204, each beginning with `round`.
pub(crate) fn killed_under_load(
    daemon: Daemon,
    senders: usize,
    round: &str,
    moment: Duration,
) -> Vec<String> {
    let addr = daemon.addr();
    let killed = AtomicBool::new(false);
    let answered = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for sender in 0..senders {
            let (killed, answered) = (&killed, &answered);
            scope.spawn(move || {
                let Ok(mut client) = Client::connect(addr) else {
                    return;
                };
                for n in 0.. {
                    let id = format!("{round}-{sender}-{n}");
                    match client.post(&event(&id, r#"{"n":1}"#)) {
                        Ok(answer) if answer.status == 204 => answered.lock().unwrap().push(id),
                        // The connection died with the daemon: whether this one is stored is
                        // open, and nobody was told that it is.
                        _ => return,
                    }
                    if killed.load(Ordering::Relaxed) {
                        return;
                    }
                }
            });
        }
        std::thread::park_timeout(moment);
        daemon.kill();
        killed.store(true, Ordering::Relaxed);
    });
    answered.into_inner().unwrap()
}
