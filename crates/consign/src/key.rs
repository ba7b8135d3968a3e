use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use sink_sign::{KeyError, PublicKeys, Sign as _, SigningKey};
use supervisor::exit::{Exit, Failure};

use crate::output::Output;

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a signing key: the private half into FILE (mode 0600), the public one is printed.
    #[command(after_help = "Examples:\n  consign key gen signing.pem > public.jwks.json")]
    Gen(Private),
    /// Print the public keys of a private key or of a JWKS.
    #[command(after_help = "Examples:\n  consign key show signing.pem")]
    Show(Shown),
    /// Print key ids, one a line.
    #[command(after_help = "Examples:\n  consign key id consign-data/keys/public.jwks.json")]
    Id(Shown),
}

#[derive(Args, Debug)]
pub(crate) struct Private {
    /// Where to write the private key (PKCS#8 PEM); an existing file is never overwritten.
    file: PathBuf,
}

#[derive(Args, Debug)]
pub(crate) struct Shown {
    /// A private key (PKCS#8 PEM) or a JWKS.
    file: PathBuf,
}

pub(crate) fn run(command: Command, output: &mut Output) -> Result<Exit, Failure> {
    match command {
        Command::Gen(private) => {
            let key = generate(&private.file)?;
            output.line(&PublicKeys::of(&key).to_jwks())?;
            output.note(&format!(
                "wrote {} with key id {}\ntry: CONSIGN_SIGN_KEY_FILE={0} supervisor",
                private.file.display(),
                key.key_id()
            ));
        }
        Command::Show(shown) => output.line(&public_keys(&shown.file)?.to_jwks())?,
        Command::Id(shown) => {
            for id in public_keys(&shown.file)?.ids() {
                output.line(id.as_str())?;
            }
        }
    }
    Ok(Exit::Done)
}

/// The public keys in a JWKS, or the public half of a private key.
pub(crate) fn public_keys(path: &Path) -> Result<PublicKeys, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| unreadable(path, error))?;
    let keys = if text.trim_start().starts_with('{') {
        PublicKeys::parse(&text)
    } else {
        text.parse().map(|key: SigningKey| PublicKeys::of(&key))
    };
    keys.map_err(|error: KeyError| unreadable(path, error))
}

fn generate(path: &Path) -> Result<SigningKey, Failure> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| {
        Failure::new(Exit::Failed, format!("make a key in {}", path.display()))
            .because(error)
            .try_next("name a file that does not exist in a directory that can be written")
    };
    let key = SigningKey::generate().map_err(|error| failed(error.into()))?;
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(key.to_pem().as_bytes()).and(file.sync_all()));
    written.map_err(|error| failed(error.into()))?;
    Ok(key)
}

fn unreadable(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> Failure {
    Failure::new(Exit::Failed, format!("read keys from {}", path.display()))
        .because(error)
        .try_next("name a private key (PKCS#8 PEM) or a JWKS such as keys/public.jwks.json")
}
