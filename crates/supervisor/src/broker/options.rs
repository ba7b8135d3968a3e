use std::path::PathBuf;

use sink_jetstream::{Auth, ConnectOptions, Context, ServerUrl, Tls, TlsMode};

use crate::exit::{Exit, Failure};
use crate::settings::{self, Nats, Reconnects, Settings};

/// How the settings want the broker to be reached.
///
/// # Errors
/// [`Exit::Config`] for a context that cannot be read.
pub(super) fn options(settings: &Settings) -> Result<ConnectOptions, Failure> {
    let nats = &settings.nats;
    let mut options = match &nats.context {
        Some(name) => context(nats, name)?,
        None => ConnectOptions::new(servers(nats)?),
    };
    // What is set stands above what the context says.
    if let Some(auth) = login(nats) {
        options.auth = auth;
    }
    encrypt(nats, &mut options.tls);
    options.name = nats.name.clone().unwrap_or_else(name);
    options.connect_timeout = nats.connect_timeout;
    options.reconnect_wait = nats.reconnect_wait;
    options.reconnect_max_wait = nats.reconnect_max_wait;
    options.max_reconnects = match nats.max_reconnects {
        Reconnects::Unlimited => None,
        Reconnects::AtMost(most) => Some(most),
    };
    if nats.domain.is_some() {
        options.domain.clone_from(&nats.domain);
    }
    if nats.api_prefix.is_some() {
        options.api_prefix.clone_from(&nats.api_prefix);
    }
    Ok(options)
}

fn servers(nats: &Nats) -> Result<Vec<ServerUrl>, Failure> {
    let urls = nats.url.iter().flat_map(settings::ServerUrls::iter);
    let parsed = urls.map(|url| url.expose().parse());
    parsed.collect::<Result<_, _>>().map_err(|error| {
        Failure::new(Exit::Config, "use CONSIGN_NATS_URL")
            .because(error)
            .try_next("CONSIGN_NATS_URL=nats://127.0.0.1:4222")
    })
}

fn context(nats: &Nats, name: &str) -> Result<ConnectOptions, Failure> {
    let unusable = || Failure::new(Exit::Config, format!("use the natscli context {name}"));
    let home = std::env::home_dir();
    let Some(directory) = context_dir(nats) else {
        return Err(unusable().try_next("set CONSIGN_NATS_CONTEXT_DIR to where natscli keeps them"));
    };
    let context = Context::load(&directory, name, home.as_deref());
    context.map(|context| context.options).map_err(|error| {
        unusable()
            .because(error)
            .try_next("nats context ls, or name the server in CONSIGN_NATS_URL")
    })
}

/// Where natscli keeps its contexts, as far as that can be known.
#[must_use]
pub fn nats_context_dir(settings: &Settings) -> Option<PathBuf> {
    context_dir(&settings.nats)
}

fn context_dir(nats: &Nats) -> Option<PathBuf> {
    let usual = || Some(std::env::home_dir()?.join(".config/nats"));
    nats.context_dir.clone().or_else(usual)
}

fn login(nats: &Nats) -> Option<Auth> {
    if let Some(file) = &nats.creds_file {
        return Some(Auth::CredsFile(file.path().to_owned()));
    }
    if let Some(file) = &nats.nkey_file {
        return Some(Auth::NkeyFile(file.path().to_owned()));
    }
    if let Some(token) = &nats.token {
        return Some(Auth::Token(token.expose().into()));
    }
    let (user, password) = (nats.user.as_ref()?, nats.password.as_ref()?);
    Some(Auth::UserPassword {
        user: user.clone(),
        password: password.expose().into(),
    })
}

fn encrypt(nats: &Nats, tls: &mut Tls) {
    let path = |file: &settings::ReadableFile| -> PathBuf { file.path().to_owned() };
    match nats.tls {
        settings::Tls::Auto => {}
        settings::Tls::Required => tls.mode = TlsMode::Required,
        settings::Tls::First => tls.mode = TlsMode::First,
        settings::Tls::Never => tls.mode = TlsMode::Never,
    }
    if let Some(file) = &nats.ca_file {
        tls.ca_file = Some(path(file));
    }
    if let (Some(certificate), Some(key)) = (&nats.cert_file, &nats.key_file) {
        tls.cert_file = Some(path(certificate));
        tls.key_file = Some(key.path().to_owned());
    }
}

/// `consign@host`, as the server's monitoring shows it.
fn name() -> String {
    let host = rustix::system::uname();
    format!("consign@{}", host.nodename().to_string_lossy())
}
