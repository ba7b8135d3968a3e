use std::fs;

use nkeys::KeyPair;
use sink_jetstream::{Auth, ConnectError, ConnectOptions, FailureClass, connect};

use super::support::{connected, failure, options, server, url};

fn user(password: &str) -> Auth {
    Auth::UserPassword {
        user: "otto".to_owned(),
        password: password.into(),
    }
}

async fn refused(options: ConnectOptions, kind: &str) {
    let failure = failure(&options).await;
    assert_eq!(failure.class, FailureClass::Auth);
    let words = failure.to_string();
    assert!(words.contains("refuses the login"), "{words}");
    assert!(words.contains(kind), "{words}");
    assert!(!words.contains("c4nary"), "{words}");
}

#[tokio::test]
async fn a_token_opens_and_another_does_not() {
    let Some(server) = server("authorization { token: right }").await else {
        return;
    };
    let with = |auth| ConnectOptions {
        auth,
        ..options(&[&server.url()])
    };
    let (_connection, state) = connected(&with(Auth::Token("right".into()))).await;
    let server_seen = state.server.unwrap();
    assert_eq!(server_seen.url, server.url());
    assert!(server_seen.version.starts_with("2."), "{server_seen:?}");
    refused(with(Auth::Token("c4nary".into())), "a token").await;
    refused(with(Auth::None), "no login").await;
    refused(with(user("c4nary")), "a user and a password").await;
}

#[tokio::test]
async fn a_login_in_the_url_is_used_and_never_shown() {
    let config = "authorization { user: otto, password: \"c4nary/p@ss%\" }";
    let Some(server) = server(config).await else {
        return;
    };
    let with_login = url(&server, "nats", "otto:c4nary%2fp@ss%@127.0.0.1");
    let in_url = options(&[&with_login]);
    let (connection, state) = connected(&in_url).await;
    for text in [
        format!("{in_url:?}"),
        format!("{connection:?}"),
        format!("{state:?}"),
        in_url.servers[0].to_string(),
    ] {
        assert!(!text.contains("c4nary"), "{text}");
    }
    let wrong = url(&server, "nats", "otto:c4nary@127.0.0.1");
    refused(options(&[&wrong]), "a user and a password").await;
    let both = ConnectOptions {
        auth: Auth::Token("c4nary".into()),
        ..in_url
    };
    let error = connect(&both).await.unwrap_err();
    assert!(matches!(error, ConnectError::TwoLogins { .. }));
    let text = format!("{error} {error:?}");
    assert!(!text.contains("c4nary"), "{text}");
}

#[tokio::test]
async fn an_nkey_is_read_from_its_file() {
    let key = KeyPair::new_user();
    let config = format!(
        "authorization {{ users: [ {{ nkey: {} }} ] }}",
        key.public_key()
    );
    let Some(server) = server(&config).await else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("user.nk");
    fs::write(&file, format!("{}\n", key.seed().unwrap())).unwrap();
    let options = ConnectOptions {
        auth: Auth::NkeyFile(file.clone()),
        ..options(&[&server.url()])
    };
    let _connected = connected(&options).await;
    fs::write(&file, KeyPair::new_user().seed().unwrap()).unwrap();
    refused(options.clone(), "an nkey").await;
    let account = KeyPair::new_account().seed().unwrap();
    fs::write(&file, &account).unwrap();
    let error = connect(&options).await.unwrap_err();
    assert!(matches!(error, ConnectError::Malformed { .. }), "{error}");
    assert!(!format!("{error:?}").contains(&account));
}

#[tokio::test]
async fn what_the_login_may_not_do_is_named() {
    let config = "authorization { users: [ { user: otto, password: right,
        permissions: { publish: [\"allowed.>\"], subscribe: [\"_INBOX.>\"] } } ] }";
    let Some(mut server) = server(config).await else {
        return;
    };
    let options = ConnectOptions {
        auth: user("right"),
        ..options(&[&server.url()])
    };
    let (mut connection, _) = connected(&options).await;
    for subject in ["allowed.one", "forbidden.one", "forbidden.two"] {
        connection.client.publish(subject, "".into()).await.unwrap();
    }
    let _deaf = connection.client.subscribe("forbidden.ear").await.unwrap();
    let state = super::support::wait_for(&mut connection, |state| state.violations.len() == 3);
    let state = state.await;
    assert!(
        state.connected && state.refuses_publish("forbidden.one"),
        "{state:?}"
    );
    assert!(state.refuses_publish("forbidden.two") && !state.refuses_publish("allowed.one"));
    assert!(
        !state.refuses_publish("forbidden.ear"),
        "it was a subscription"
    );
    assert_eq!(state.last_error.unwrap().class, FailureClass::Permissions);
    server.kill().await.unwrap();
    let state = super::support::wait_for(&mut connection, |state| !state.connected).await;
    let failure = state.last_error.unwrap();
    assert_eq!(
        failure.class,
        FailureClass::Other,
        "an outage is no refusal: {failure}"
    );
}
