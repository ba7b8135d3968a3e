//! What SIGHUP asks for: files opened anew; tokens, redaction rules, the keys that spooled events may
//! be signed with and the log filter read anew. The signing key stays: another is another run, which
//! begins with a start.

use events_http::{Keyring, Scope, Token, Tokens};
use tracing::{error, info};

use crate::chain::Chain;
use crate::exit::{Exit, Failure};
use crate::settings::{Http, Settings};
use crate::{keys, logging, redaction, spool};

/// The parts of a running daemon that change without a restart.
#[derive(Debug)]
pub(crate) struct Reload {
    chain: Chain,
    keyring: Keyring,
}

impl Reload {
    pub(crate) fn new(chain: Chain, keyring: Keyring) -> Self {
        Self { chain, keyring }
    }

    /// Opens files anew and reads the settings that can change. Where anything is wrong with the
    /// settings, all of them stay as they were, and what is wrong is said.
    pub(crate) fn now(&self) {
        info!("opening files anew, and reading the settings");
        for journal in self.chain.journals() {
            journal.reopen();
        }
        let settings = match Settings::from_env() {
            Ok((settings, _)) => settings,
            Err(problems) => {
                error!(
                    problems = problems.in_words(),
                    "the settings stay as they were"
                );
                return;
            }
        };
        match tokens(&settings.http) {
            Ok(tokens) => {
                info!(tokens = tokens.len(), "tokens read anew");
                self.keyring.replace(tokens);
            }
            Err(failure) => error!(why = why(&failure), "the tokens stay as they were"),
        }
        self.rules(&settings);
        self.trusted_keys(&settings);
        logging::filter_anew(&settings.log);
    }

    /// Whether there is redaction at all is decided at the start.
    fn rules(&self, settings: &Settings) {
        let Some(redactor) = &self.chain.redactor else {
            return;
        };
        match redaction::renew(redactor, settings) {
            Ok(()) => info!(policy = redactor.policy(), "redaction rules read anew"),
            Err(failure) => error!(why = why(&failure), "the redaction rules stay as they were"),
        }
    }

    fn trusted_keys(&self, settings: &Settings) {
        match keys::trusted(settings, self.chain.signer.as_deref()) {
            Ok(None) => {}
            Ok(Some(keys)) => {
                info!("trusted keys read anew");
                for waiting in self.chain.spools() {
                    waiting.dlq.verify_by(spool::verifier(keys.clone()));
                }
            }
            Err(failure) => error!(why = why(&failure), "the trusted keys stay as they were"),
        }
    }
}

fn why(failure: &Failure) -> String {
    format!("cannot {}: {}", failure.what(), failure.causes().join(": "))
}

/// Every token that opens the HTTP side.
///
/// # Errors
/// [`Exit::Config`] for one that no header can carry.
pub(crate) fn tokens(http: &Http) -> Result<Tokens, Failure> {
    let listed = http.tokens.as_ref();
    let mut tokens = listed.map_or_else(Tokens::default, |file| file.tokens());
    if let Some(secret) = &http.token {
        let token = secret
            .expose()
            .parse::<Token>()
            .map_err(|error| Failure::new(Exit::Config, "use CONSIGN_HTTP_TOKEN").because(error))?;
        tokens.add(token, [Scope::Admin]);
    }
    Ok(tokens)
}
