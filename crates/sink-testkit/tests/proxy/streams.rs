use std::io::ErrorKind;
use std::time::{Duration, Instant};

use sink_testkit::nats::{Direction, Fault, Proxy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::{Pair, hear, is_silent, is_turned_away, send, until};

#[tokio::test]
async fn what_is_said_passes_both_ways_until_a_side_ends() {
    let mut pair = Pair::open().await;
    pair.talks().await;
    pair.client.shutdown().await.unwrap();
    assert_eq!(pair.server.read(&mut [0]).await.unwrap(), 0);
    send(&mut pair.server, "PONG\r\n").await;
    assert_eq!(hear(&mut pair.client, 6).await, "PONG\r\n");
    drop(pair.server);
    assert_eq!(pair.client.read(&mut [0]).await.unwrap(), 0);
    assert_eq!(pair.proxy.counts().cut, 0);
}

#[tokio::test]
async fn bytes_that_are_no_nats_pass_too() {
    let mut pair = Pair::open().await;
    send(&mut pair.client, "\u{16}\u{3}\u{1}").await;
    assert_eq!(hear(&mut pair.server, 3).await, "\u{16}\u{3}\u{1}");
    send(&mut pair.server, "MSG a 1 5\r\nab").await;
    pair.server.shutdown().await.unwrap();
    assert_eq!(hear(&mut pair.client, 13).await, "MSG a 1 5\r\nab");
}

#[tokio::test]
async fn dropped_frames_are_gone_and_the_next_after_healing_is_whole() {
    let mut pair = Pair::open().await;
    pair.proxy.set(Direction::ToClient, Fault::Drop);
    send(&mut pair.server, "PING\r\nMSG a 1 2\r\nab\r\nMSG b").await;
    until(&pair.proxy, |counts| counts.to_client.dropped == 2).await;
    pair.proxy.heal();
    send(&mut pair.server, " 1 2\r\ncd\r\n").await;
    assert_eq!(hear(&mut pair.client, 15).await, "MSG b 1 2\r\ncd\r\n");
    pair.talks().await;
}

#[tokio::test]
async fn a_frozen_network_passes_nothing_not_even_an_end_until_it_heals() {
    let mut pair = Pair::open().await;
    pair.proxy.freeze();
    send(&mut pair.server, "PING\r\n").await;
    pair.server.shutdown().await.unwrap();
    assert!(is_silent(&mut pair.client).await);
    let (mut late, mut served) = pair.connect().await;
    send(&mut late, "PING\r\n").await;
    assert!(is_silent(&mut served).await);
    pair.proxy.heal();
    assert_eq!(hear(&mut served, 6).await, "PING\r\n");
    let mut heard = String::new();
    pair.client.read_to_string(&mut heard).await.unwrap();
    assert_eq!(heard, "PING\r\n");
}

#[tokio::test]
async fn delays_keep_the_order_do_not_add_up_and_end_when_healed() {
    let mut pair = Pair::open().await;
    let (least, most) = (Duration::from_millis(30), Duration::from_millis(60));
    pair.proxy
        .set(Direction::ToServer, Fault::Delay(least..=most, 1));
    let said: String = (0..100).map(|n| format!("PUB a 3\r\n{n:03}\r\n")).collect();
    let start = Instant::now();
    send(&mut pair.client, &said).await;
    assert_eq!(hear(&mut pair.server, said.len()).await, said);
    assert!(start.elapsed() >= least && start.elapsed() < 20 * most);
    assert_eq!(pair.proxy.counts().to_server.delayed, 100);
    let day = Duration::from_secs(86_400);
    pair.proxy
        .set(Direction::ToServer, Fault::Delay(day..=day, 1));
    send(&mut pair.client, &said).await;
    until(&pair.proxy, |counts| counts.to_server.delayed == 200).await;
    pair.proxy.heal();
    assert_eq!(hear(&mut pair.server, said.len()).await, said);
}

#[tokio::test]
async fn a_cut_resets_both_sides_and_lets_new_ones_in() {
    let mut pair = Pair::open().await;
    pair.talks().await;
    pair.proxy.cut();
    for side in [&mut pair.client, &mut pair.server] {
        let error = side.read(&mut [0]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
    assert_eq!(pair.proxy.counts().cut, 1);
    (pair.client, pair.server) = pair.connect().await;
    pair.talks().await;
}

#[tokio::test]
async fn a_cut_comes_after_as_many_bytes_as_asked_for_and_once() {
    let mut pair = Pair::open().await;
    pair.proxy.set(Direction::ToServer, Fault::CutAfter(8));
    send(&mut pair.client, "PING\r\nPING\r\n").await;
    assert_eq!(hear(&mut pair.server, 8).await, "PING\r\nPI");
    let error = pair.server.read(&mut [0]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    (pair.client, pair.server) = pair.connect().await;
    pair.talks().await;
}

#[tokio::test]
async fn a_half_closed_connection_ends_one_way_and_goes_on_the_other() {
    let mut pair = Pair::open().await;
    pair.talks().await;
    pair.proxy.half_close(Direction::ToClient);
    assert_eq!(pair.client.read(&mut [0]).await.unwrap(), 0);
    send(&mut pair.client, "PING\r\n").await;
    assert_eq!(hear(&mut pair.server, 6).await, "PING\r\n");
}

#[tokio::test]
async fn refused_connections_are_reset_and_those_that_stand_are_not() {
    let mut pair = Pair::open().await;
    pair.proxy.refuse();
    assert!(is_turned_away(&pair.proxy).await);
    assert_eq!(pair.proxy.counts().refused, 1);
    pair.talks().await;
    pair.proxy.heal();
    (pair.client, pair.server) = pair.connect().await;
    pair.talks().await;
}

#[tokio::test]
async fn whoever_is_not_read_from_cannot_go_on_writing() {
    let mut pair = Pair::open().await;
    pair.proxy.set(Direction::ToServer, Fault::Freeze);
    let frame = format!("PUB a 1000\r\n{}\r\n", "x".repeat(1000));
    let mut sent = 0;
    let stuck = async {
        loop {
            send(&mut pair.client, &frame).await;
            sent += frame.len();
        }
    };
    let patience = Duration::from_millis(200);
    assert!(tokio::time::timeout(patience, stuck).await.is_err());
    assert!(sent < 16 << 20, "{sent} bytes went somewhere");
}

#[tokio::test]
async fn a_server_that_is_away_is_a_reset_and_a_dropped_proxy_an_end() {
    let mut pair = Pair::open().await;
    pair.talks().await;
    let Pair {
        proxy,
        listener,
        mut client,
        ..
    } = pair;
    drop(listener);
    assert!(is_turned_away(&proxy).await);
    drop(proxy);
    assert_eq!(client.read(&mut [0]).await.unwrap(), 0);
}

#[test]
fn no_runtime_is_needed_and_none_is_left() {
    let proxy = Proxy::start("nats://127.0.0.1:1").unwrap();
    let address = proxy.url().strip_prefix("nats://").unwrap().to_owned();
    std::net::TcpStream::connect(&address).unwrap();
    drop(proxy);
    assert!(std::net::TcpStream::connect(&address).is_err());
}
