use std::fs;
use std::path::Path;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use nkeys::KeyPair;
use serde_json::{Value, json};
use sink_jetstream::{Auth, ConnectError, ConnectOptions, FailureClass, connect};

use super::support::{connected, options, server, wait_for};

/// An operator with an account, and the configuration of a server that trusts it.
struct Operator {
    account: KeyPair,
    config: String,
}

impl Operator {
    fn new() -> Self {
        let (operator, system) = (KeyPair::new_operator(), KeyPair::new_account());
        let account = KeyPair::new_account();
        let limits = json!({"subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1,
            "wildcards": true, "conn": -1, "leaf": -1});
        let about = |kind, of: &KeyPair| {
            let nats = json!({"type": kind, "version": 2, "limits": limits});
            jwt(&operator, of, NEVER, &nats)
        };
        let config = format!(
            "operator: {}\nsystem_account: {}\nresolver: MEMORY\nresolver_preload: {{ {}: {}, {}: {} }}",
            jwt(
                &operator,
                &operator,
                NEVER,
                &json!({"type": "operator", "version": 2})
            ),
            system.public_key(),
            system.public_key(),
            about("account", &system),
            account.public_key(),
            about("account", &account),
        );
        Self { account, config }
    }

    /// Writes the `.creds` file of a new user whose login ends in so many seconds.
    fn write_creds(&self, file: &Path, seconds: i64) {
        let user = KeyPair::new_user();
        let expires = events_core::time::now().timestamp() + seconds;
        let nats = json!({"type": "user", "version": 2, "pub": {}, "sub": {}, "subs": -1,
            "data": -1, "payload": -1});
        let jwt = jwt(&self.account, &user, expires, &nats);
        let seed = user.seed().unwrap();
        let creds = format!(
            "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
             *** NKEYs are sensitive ***\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        );
        // A file that is half written would be read, too.
        let new = file.with_extension("new");
        fs::write(&new, creds).unwrap();
        fs::rename(new, file).unwrap();
    }
}

fn jwt(issuer: &KeyPair, subject: &KeyPair, expires: i64, nats: &Value) -> String {
    let claims = json!({"jti": "1", "iat": 0, "exp": expires, "iss": issuer.public_key(),
        "name": "test", "sub": subject.public_key(), "nats": nats});
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({"typ": "JWT", "alg": "ed25519-nkey"});
    let signed = format!("{}.{}", encode(&header), encode(&claims));
    let signature = URL_SAFE_NO_PAD.encode(issuer.sign(signed.as_bytes()).unwrap());
    format!("{signed}.{signature}")
}

/// As the standard has it: 0 is no end.
const NEVER: i64 = 0;

#[tokio::test]
async fn fb19_a_login_that_expires_is_named_and_a_renewed_file_heals_it() {
    let operator = Operator::new();
    let Some(server) = server(&operator.config).await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("user.creds");
    operator.write_creds(&file, 2);
    let options = ConnectOptions {
        auth: Auth::CredsFile(file.clone()),
        reconnect_max_wait: Duration::from_millis(200),
        ..options(&[&server.url()])
    };
    let (mut connection, state) = connected(&options).await;
    assert_eq!(state.generation, 1);
    let is_refused = |state: &sink_jetstream::ConnectionState| {
        let error = state.last_error.as_ref();
        !state.connected && error.is_some_and(|error| error.words.contains("has expired"))
    };
    let state = wait_for(&mut connection, is_refused).await;
    let error = state.last_error.unwrap();
    assert_eq!(error.class, FailureClass::Auth, "{error}");
    assert!(!state.closed);
    operator.write_creds(&file, 60);
    let state = wait_for(&mut connection, |state| state.connected).await;
    assert_eq!((state.generation, state.last_error), (2, None));
}

#[tokio::test]
async fn a_creds_file_that_goes_away_is_waited_for() {
    let operator = Operator::new();
    let Some(mut server) = server(&operator.config).await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("user.creds");
    let options = ConnectOptions {
        auth: Auth::CredsFile(file.clone()),
        ..options(&[&server.url()])
    };
    let error = connect(&options).await.unwrap_err();
    assert!(matches!(error, ConnectError::Unreadable { .. }), "{error}");
    operator.write_creds(&file, 60);
    let (mut connection, _) = connected(&options).await;
    fs::remove_file(&file).unwrap();
    server.restart().await.unwrap();
    let is_missing = |state: &sink_jetstream::ConnectionState| {
        let error = state.last_error.as_ref();
        error.is_some_and(|error| error.words.contains("user.creds: No such file"))
    };
    let state = wait_for(&mut connection, is_missing).await;
    assert_eq!(state.last_error.unwrap().class, FailureClass::Auth);
    operator.write_creds(&file, 60);
    wait_for(&mut connection, |state| state.connected).await;
}
