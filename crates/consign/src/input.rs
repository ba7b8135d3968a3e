use std::fs::File;
use std::io::{self, Read};

use supervisor::exit::{Exit, Failure};

/// Everything in the file `name`, or on standard input where it is `-`.
pub(crate) fn read(name: &str) -> Result<Vec<u8>, Failure> {
    let failed = |error: io::Error| {
        Failure::new(Exit::Failed, format!("read {name}"))
            .because(error)
            .try_next("name a file that can be read, or - for standard input")
    };
    let mut source: Box<dyn Read> = match name {
        "-" => Box::new(io::stdin()),
        _ => Box::new(File::open(name).map_err(failed)?),
    };
    let mut bytes = Vec::new();
    source
        .by_ref()
        .take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        let what = format!("{name} holds more than {} MiB", MAX_BYTES >> 20);
        return Err(Failure::new(Exit::Failed, what).try_next("split it"));
    }
    Ok(bytes)
}

const MAX_BYTES: u64 = 256 << 20;
