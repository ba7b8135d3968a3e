use clap::Args;
use events_http::DlqSelection;
use supervisor::exit::{Exit, Failure};

use super::choice::Choice;
use super::source::{Source, Spool, whole};
use crate::human::counted;
use crate::output::Output;
use crate::progress::Progress;

#[derive(Args, Debug)]
#[command(after_help = "Without a choice all events are printed.\n\n\
    Examples:\n  consign dlq export --area dead | consign verify -")]
pub(crate) struct Arguments {
    #[command(flatten)]
    choice: Choice,
    #[command(flatten)]
    spool: Spool,
}

pub(super) async fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let source = arguments.spool.open(output)?;
    let mut work = Export {
        source: &source,
        progress: output.progress("exporting"),
        output,
        done: 0,
        gone: 0,
    };
    match arguments.choice.selection().unwrap_or(DlqSelection::All) {
        DlqSelection::Ids(ids) => work.events(&ids).await?,
        which => {
            let mut query = whole(&which);
            loop {
                let page = source.list(&query).await?;
                let ids: Vec<u64> = page.records.iter().map(|record| record.id).collect();
                work.events(&ids).await?;
                if page.next.is_none() {
                    break;
                }
                query.after = page.next;
            }
        }
    }
    work.finish()
}

struct Export<'a> {
    source: &'a Source,
    output: &'a mut Output,
    progress: Progress,
    done: u64,
    gone: u64,
}

impl Export<'_> {
    async fn events(&mut self, ids: &[u64]) -> Result<(), Failure> {
        for &id in ids {
            match self.source.show(id).await? {
                Some(entry) => {
                    self.output.event(&entry.event)?;
                    self.done += 1;
                }
                None => self.gone += 1,
            }
            self.progress.at(self.done, None);
        }
        Ok(())
    }

    fn finish(self) -> Result<Exit, Failure> {
        drop(self.progress);
        if self.gone == 0 {
            return Ok(Exit::Done);
        }
        let gone = counted(self.gone, "record");
        self.output.note(&format!(
            "{gone} not found: delivered or dropped by now, or never there"
        ));
        Ok(Exit::Findings)
    }
}
