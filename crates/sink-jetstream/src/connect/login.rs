use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use async_nats::AuthError;
use secrecy::ExposeSecret as _;
use tokio::task;

use super::auth::Auth;
use super::credentials::Credentials;
use super::error::ConnectError;

/// Answers servers that ask who is connecting, anew for every attempt.
#[derive(Clone, Debug)]
pub(super) struct Login {
    auth: Auth,
    /// When the JWT that was shown last expires, in seconds since 1970.
    expires: Arc<AtomicI64>,
}

impl Login {
    pub(super) fn new(auth: Auth) -> Self {
        let expires = Arc::new(AtomicI64::new(NEVER));
        Self { auth, expires }
    }

    /// Fails where no server could be answered. Reads files: not for an asynchronous task.
    pub(super) fn check(&self) -> Result<(), ConnectError> {
        self.credentials().map(drop)
    }

    /// What the server is told. `nonce` is what it wants signed.
    pub(super) async fn answer(self, nonce: Vec<u8>) -> Result<async_nats::Auth, AuthError> {
        let answer = task::spawn_blocking(move || self.answer_now(&nonce));
        answer.await.map_err(AuthError::new)?
    }

    /// Why a server may have refused what it was told, where that can be seen from here.
    pub(super) fn doubt(&self) -> Option<&'static str> {
        let now = events_core::time::now().timestamp();
        (self.expires.load(Ordering::Relaxed) <= now).then_some("the JWT in it has expired")
    }

    /// The kind of login.
    pub(super) fn auth(&self) -> &Auth {
        &self.auth
    }

    fn answer_now(&self, nonce: &[u8]) -> Result<async_nats::Auth, AuthError> {
        let mut answer = async_nats::Auth::new();
        match &self.auth {
            Auth::None | Auth::NkeyFile(_) | Auth::CredsFile(_) => {}
            Auth::Token(token) => answer.token = Some(token.expose_secret().to_owned()),
            Auth::UserPassword { user, password } => {
                answer.username = Some(user.clone());
                answer.password = Some(password.expose_secret().to_owned());
            }
        }
        let credentials = self.credentials().map_err(|error| refusal(&error))?;
        if let Some(credentials) = credentials {
            let expires = credentials.expires().unwrap_or(NEVER);
            self.expires.store(expires, Ordering::Relaxed);
            let signed = credentials.key.sign(nonce);
            answer.signature = Some(signed.map_err(|_| AuthError::new("sign with the nkey"))?);
            match credentials.jwt {
                Some(jwt) => answer.jwt = Some(jwt),
                None => answer.nkey = Some(credentials.key.public_key()),
            }
        }
        Ok(answer)
    }

    fn credentials(&self) -> Result<Option<Credentials>, ConnectError> {
        match &self.auth {
            Auth::None | Auth::Token(_) | Auth::UserPassword { .. } => Ok(None),
            Auth::NkeyFile(path) => Credentials::from_nkey_file(path).map(Some),
            Auth::CredsFile(path) => Credentials::from_creds_file(path).map(Some),
        }
    }
}

fn refusal(error: &ConnectError) -> AuthError {
    use std::error::Error as _;

    match error.source() {
        Some(cause) => AuthError::new(format!("{error}: {cause}")),
        None => AuthError::new(error),
    }
}

const NEVER: i64 = i64::MAX;
