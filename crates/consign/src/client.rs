//! Talks to a running supervisor.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use clap::Args;
use reqwest::redirect::Policy;
use reqwest::{Method, RequestBuilder, StatusCode, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use supervisor::exit::{Exit, Failure};
use supervisor::settings::Settings;
use tokio::time::{sleep, timeout};

use crate::human::safe;
use crate::sse::Frames;

/// Which supervisor is asked.
#[derive(Args, Clone, Debug)]
pub(crate) struct Address {
    /// The supervisor to ask, such as http://127.0.0.1:8080 [default: where CONSIGN_HTTP_ADDR
    /// says]. The token is that of CONSIGN_HTTP_TOKEN or CONSIGN_HTTP_TOKEN_FILE.
    #[arg(long, value_name = "URL", alias = "ui-url")]
    pub(crate) url: Option<String>,
    /// How long an answer may take to begin [default: 10s; 60s where something is redriven].
    // It stands in for the flag of the same name that is for brokers.
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) timeout: Option<Duration>,
}

impl Address {
    /// Another than that of the settings, where one is named.
    pub(crate) const fn at(url: Option<String>) -> Self {
        Self { url, timeout: None }
    }
}

/// A supervisor, as it can be asked over HTTP.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Url,
    token: Option<String>,
    timeout: Option<Duration>,
}

/// An answer, whole.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) body: Vec<u8>,
}

impl Client {
    pub(crate) fn new(address: &Address) -> Result<Self, Failure> {
        let (settings, _) = Settings::from_env().map_err(|problems| {
            Failure::new(Exit::Config, "find the supervisor's address and token")
                .because(problems.in_words())
                .try_next("consign config validate")
        })?;
        let base = match &address.url {
            Some(url) => parse(url)?,
            None => parse(&format!("http://{}", reachable(settings.http.addr)))?,
        };
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            // A token goes to the server that was named, and to no other.
            .redirect(Policy::none())
            .no_proxy()
            .build()
            .map_err(|error| Failure::new(Exit::Failed, "speak HTTP").because(error))?;
        let token = settings.http.token.as_ref();
        Ok(Self {
            http,
            base,
            token: token.map(|secret| secret.expose().to_owned()),
            timeout: address.timeout,
        })
    }

    /// Asks for a document. `None` where there is none of this name.
    pub(crate) async fn get(&self, path: &str) -> Result<Option<Answer>, Failure> {
        self.ask(Method::GET, path, None).await
    }

    /// Looks at what is answered, whatever it is.
    pub(crate) async fn look(&self, path: &str) -> Result<Answer, Failure> {
        self.send(Method::GET, path, None).await
    }

    /// Deletes something. `None` where there is none of this name.
    pub(crate) async fn delete(&self, path: &str) -> Result<Option<Answer>, Failure> {
        self.ask(Method::DELETE, path, None).await
    }

    /// Has something done, told by a JSON document.
    pub(crate) async fn post(&self, path: &str, body: String) -> Result<Option<Answer>, Failure> {
        self.ask(Method::POST, path, Some(body)).await
    }

    /// Hands over events in a batch, and looks at what is answered, whatever it is.
    pub(crate) async fn submit(&self, batch: String) -> Result<Answer, Failure> {
        let body = Some((BATCH, batch));
        self.send(Method::POST, "/v1/events", body).await
    }

    /// Begins to watch: the events of an answer that has no end, behind the event `after`.
    pub(crate) async fn watch(&self, path: &str, after: Option<&str>) -> Result<Frames, Failure> {
        let mut request = self.request(Method::GET, path);
        if let Some(after) = after {
            request = request.header("last-event-id", after);
        }
        let patience = self.timeout.unwrap_or(ANSWER);
        let response = timeout(patience, request.send())
            .await
            .map_err(|_| self.silent(patience))?
            .map_err(|error| self.unreachable(error))?;
        let status = response.status();
        if status.is_success() {
            return Ok(Frames::of(response));
        }
        let body = timeout(REST, response.bytes())
            .await
            .map_err(|_| self.silent(REST))?
            .map_err(|error| self.unreachable(error))?
            .to_vec();
        let refused = self.judged(Answer { status, body });
        Err(refused.err().unwrap_or_else(misunderstood))
    }

    /// The server, as people name it.
    pub(crate) fn base(&self) -> &str {
        self.base.as_str().trim_end_matches('/')
    }

    /// A request of the caller's own making, with the token.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base()));
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    /// What an answer means that is no success.
    pub(crate) fn refusal(&self, answer: &Answer) -> Failure {
        let problem = serde_json::from_slice(&answer.body).ok();
        self.refused(answer.status, problem.as_ref())
    }

    async fn ask(
        &self,
        method: Method,
        path: &str,
        body: Option<String>,
    ) -> Result<Option<Answer>, Failure> {
        let body = body.map(|body| ("application/json", body));
        let answer = self.send(method, path, body).await?;
        self.judged(answer)
    }

    fn judged(&self, answer: Answer) -> Result<Option<Answer>, Failure> {
        if answer.status.is_success() {
            return Ok(Some(answer));
        }
        match (
            answer.status,
            serde_json::from_slice::<Problem>(&answer.body),
        ) {
            (StatusCode::NOT_FOUND, Ok(problem)) if !problem.is_of("no-spool") => Ok(None),
            (status, problem) => Err(self.refused(status, problem.ok().as_ref())),
        }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Option<(&'static str, String)>,
    ) -> Result<Answer, Failure> {
        // What is changed may have to wait for a destination; the supervisor ends that itself.
        let usual = if method == Method::POST { WORK } else { ANSWER };
        let patience = self.timeout.unwrap_or(usual);
        let mut request = self.request(method, path);
        if let Some((media_type, body)) = body {
            request = request.header("content-type", media_type).body(body);
        }
        let response = timeout(patience, request.send())
            .await
            .map_err(|_| self.silent(patience))?
            .map_err(|error| self.unreachable(error))?;
        let status = response.status();
        let body = timeout(REST, response.bytes())
            .await
            .map_err(|_| self.silent(REST))?
            .map_err(|error| self.unreachable(error))?;
        Ok(Answer {
            status,
            body: body.to_vec(),
        })
    }

    /// Nobody answered, or not in time.
    pub(crate) fn unreachable(&self, error: reqwest::Error) -> Failure {
        // The address stands in what is said already.
        Failure::new(
            Exit::Unreachable,
            format!("reach a supervisor at {}", self.base()),
        )
        .because(error.without_url())
        .try_next("start `supervisor`, or name one that runs with --url URL")
    }

    /// Somebody took the request, and says nothing.
    fn silent(&self, patience: Duration) -> Failure {
        Failure::new(
            Exit::Unreachable,
            format!("get an answer from {}", self.base()),
        )
        .because(format!(
            "nothing came within {}",
            humantime::format_duration(patience)
        ))
        .try_next("the same with a longer --timeout, or --url URL of a supervisor that answers")
    }

    fn refused(&self, status: StatusCode, problem: Option<&Problem>) -> Failure {
        let what = format!("get an answer from {}", self.base());
        match (status, problem) {
            (StatusCode::UNAUTHORIZED, _) => {
                let (why, next) = match self.token {
                    None => (
                        "it wants a token, and none was shown",
                        "CONSIGN_HTTP_TOKEN_FILE=FILE with one of the supervisor's tokens",
                    ),
                    Some(_) => (
                        "it does not know the token that was shown",
                        "CONSIGN_HTTP_TOKEN_FILE=FILE with another; or SIGHUP for the supervisor, \
                         if the token is new in its CONSIGN_HTTP_TOKENS_FILE",
                    ),
                };
                Failure::new(Exit::Failed, what).because(why).try_next(next)
            }
            (_, Some(problem)) => {
                let failure = Failure::new(Exit::Failed, what).because(problem.in_words());
                match problem.advice() {
                    Some(advice) => failure.try_next(advice),
                    None => failure,
                }
            }
            (_, None) => Failure::new(Exit::Failed, what)
                .because(format!("it answers {status}, and not as a supervisor does"))
                .try_next("--url URL of a supervisor"),
        }
    }
}

impl Answer {
    /// The document it holds.
    pub(crate) fn json<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        // The error itself would quote what it read.
        serde_json::from_slice(&self.body).map_err(|_| misunderstood())
    }
}

/// An answer that no supervisor of this release gives.
pub(crate) fn misunderstood() -> Failure {
    Failure::new(Exit::Failed, "understand the supervisor's answer")
        .because("it is not the JSON that this release expects")
        .try_next("consign and supervisor of the same release")
}

/// Runs what has to wait for others, and gives what it leaves behind, such as consumers on a broker,
/// a moment to be tidied away.
pub(crate) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Failed, "start").because(error))?;
    let result = runtime.block_on(work);
    let tidied = async {
        while runtime.metrics().num_alive_tasks() > 0 {
            sleep(LOOK).await;
        }
    };
    // What takes longer is tidied by the broker itself.
    runtime.block_on(async { timeout(MOMENT, tidied).await.ok() });
    result
}

/// What a supervisor refuses with (RFC 9457).
#[derive(Debug, Deserialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: String,
    title: String,
    detail: String,
}

impl Problem {
    fn is_of(&self, name: &str) -> bool {
        self.kind.rsplit(':').next() == Some(name)
    }

    fn in_words(&self) -> String {
        format!("{}: {}", safe(&self.title), safe(&self.detail))
    }

    fn advice(&self) -> Option<&'static str> {
        match self.kind.rsplit(':').next() {
            Some("no-spool") => Some("CONSIGN_DLQ=file for the supervisor, to keep a spool"),
            Some("conflict" | "saturated") => Some("again in a few seconds"),
            Some("forbidden") => Some(
                "another token, whose scopes allow it; the one of CONSIGN_HTTP_TOKEN allows all",
            ),
            Some("foreign-host") => Some("--url with localhost or the server's address"),
            _ => None,
        }
    }
}

fn parse(text: &str) -> Result<Url, Failure> {
    let wrong = |why: &'static str| {
        Failure::new(Exit::Usage, "understand --url")
            .because(why)
            .try_next("--url http://127.0.0.1:8080")
    };
    let url: Url = text.parse().map_err(|_| wrong("it is no URL"))?;
    if url.scheme() != "http" {
        return Err(wrong("a supervisor speaks plain http, and nothing else"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "a token comes from CONSIGN_HTTP_TOKEN or CONSIGN_HTTP_TOKEN_FILE, never with the URL",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("it names a server, without ? and #"));
    }
    Ok(url)
}

/// Where a server that listens at `addr` is reached from the same machine.
fn reachable(addr: SocketAddr) -> SocketAddr {
    let ip = match addr.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, addr.port())
}

const BATCH: &str = "application/cloudevents-batch+json";
/// How long tasks that outlive a command are waited for, and how often they are looked at.
const MOMENT: Duration = Duration::from_millis(300);
const LOOK: Duration = Duration::from_millis(2);
const CONNECT: Duration = Duration::from_secs(5);
/// Until an answer begins.
const ANSWER: Duration = Duration::from_secs(10);
/// Longer than a supervisor takes for anything.
const WORK: Duration = Duration::from_secs(60);
/// Until an answer that has begun is whole.
const REST: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::{parse, reachable};

    #[test]
    fn only_plain_servers_are_named() {
        assert!(parse("http://[::1]:8080/").is_ok());
        for bad in [
            "",
            "8080",
            "https://x",
            "http://me:pw@x",
            "http://x/?a",
            "unix:/x",
        ] {
            let said = parse(bad).unwrap_err();
            assert_eq!(said.exit().code(), 2, "{bad}");
            assert!(!said.to_string().contains("pw"));
        }
    }

    #[test]
    fn an_address_for_all_is_reached_at_home() {
        let reached = |addr: &str| reachable(addr.parse().unwrap()).to_string();
        assert_eq!(reached("0.0.0.0:1"), "127.0.0.1:1");
        assert_eq!(reached("[::]:1"), "[::1]:1");
        assert_eq!(reached("10.0.0.1:1"), "10.0.0.1:1");
    }
}
