use std::fmt;
use std::fs;
use std::str::FromStr;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use rustix::param::{clock_ticks_per_second, page_size};
use rustix::process::{Resource, getrlimit};

/// What this process takes of its machine, as every client library of Prometheus tells it, read
/// from `/proc` (proc(5)). Nothing where there is none.
#[derive(Debug)]
pub(crate) struct Process;

/// The process as `/proc/self/stat` tells it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Usage {
    cpu_seconds: f64,
    threads: u64,
    /// Seconds since the machine's start.
    started: f64,
    virtual_bytes: u64,
    resident_bytes: u64,
}

impl Collector for Process {
    fn encode(&self, mut to: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let read = |path| fs::read_to_string(path).unwrap_or_default();
        let Some(usage) = Usage::parse(&read("/proc/self/stat")) else {
            return Ok(());
        };
        let mut gauge = |name: &str, help, figure: f64| {
            tell(
                &mut to,
                name,
                help,
                MetricType::Gauge,
                &ConstGauge::new(figure),
            )
        };
        let help = "Bytes of memory in use";
        gauge(
            "process_resident_memory_bytes",
            help,
            usage.resident_bytes as f64,
        )?;
        let help = "Bytes of address space";
        gauge(
            "process_virtual_memory_bytes",
            help,
            usage.virtual_bytes as f64,
        )?;
        gauge("process_threads", "Threads", usage.threads as f64)?;
        if let Ok(open) = fs::read_dir("/proc/self/fd") {
            // The directory itself is one while it is read.
            let open = open.count().saturating_sub(1);
            gauge("process_open_fds", "Open file descriptors", open as f64)?;
        }
        if let Some(most) = getrlimit(Resource::Nofile).current {
            let help = "File descriptors that may be open";
            gauge("process_max_fds", help, most as f64)?;
        }
        if let Some(booted) = booted(&read("/proc/stat")) {
            let help = "When the process started, in seconds since 1970";
            gauge("process_start_time_seconds", help, booted + usage.started)?;
        }
        let help = "Seconds of processor time, user and system";
        let seconds = ConstCounter::new(usage.cpu_seconds);
        tell(
            &mut to,
            "process_cpu_seconds",
            help,
            MetricType::Counter,
            &seconds,
        )
    }
}

impl Usage {
    /// Reads the fields by their numbers in proc_pid_stat(5), counted from behind the name, which
    /// may hold anything.
    fn parse(stat: &str) -> Option<Self> {
        let (_, fields) = stat.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
        let field = |number: usize| number.checked_sub(3).and_then(|at| fields.get(at));
        let number = |at| field(at)?.parse::<u64>().ok();
        let seconds = |ticks: u64| ticks as f64 / clock_ticks_per_second() as f64;
        Some(Self {
            cpu_seconds: seconds(number(14)? + number(15)?),
            threads: number(20)?,
            started: seconds(number(22)?),
            virtual_bytes: number(23)?,
            resident_bytes: number(24)?.saturating_mul(page_size() as u64),
        })
    }
}

/// When the machine started, in seconds since 1970.
fn booted(stat: &str) -> Option<f64> {
    let line = stat.lines().find_map(|line| line.strip_prefix("btime "));
    line.and_then(|text| f64::from_str(text.trim()).ok())
}

fn tell(
    to: &mut DescriptorEncoder<'_>,
    name: &str,
    help: &str,
    kind: MetricType,
    metric: &impl EncodeMetric,
) -> Result<(), fmt::Error> {
    metric.encode(to.encode_descriptor(name, help, None, kind)?)
}

#[cfg(test)]
mod tests {
    use rustix::param::page_size;

    use super::{Usage, booted};

    #[test]
    fn a_name_with_brackets_and_spaces_moves_no_field() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 9 0 0 0 150 50 0 0 20 0 12 0 300 4096 5 1 0";
        let usage = Usage::parse(stat).unwrap();
        assert_eq!((usage.threads, usage.virtual_bytes), (12, 4096));
        assert_eq!(usage.resident_bytes, 5 * page_size() as u64);
        assert!(usage.started > usage.cpu_seconds && usage.cpu_seconds > 0.0);
        for broken in ["", "7 (a", "7 (a) S 1 x", "7 (a) S 1 2 3"] {
            assert_eq!(Usage::parse(broken), None, "{broken}");
        }
        assert_eq!(booted("cpu 1 2\nbtime 1700000000\n"), Some(1_700_000_000.0));
        assert_eq!(booted("cpu 1 2\n"), None);
    }
}
