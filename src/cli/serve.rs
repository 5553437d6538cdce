//! `bakeoff serve`: the suite's models behind an endpoint; keys for its clients; what was served.

use super::args::Global;
use super::exit::Exit;
use super::host::Host;
use super::ready::missing_keys;
use super::signal::signal;
use super::stored::trouble;
use super::{keys, load, place, stored, tables};
use crate::dataset::Dataset;
use crate::plan::{Choice, Keys, Placed, Plan, resolve};
use crate::project::{KeySource, Project};
use crate::prompt::Prompt;
use crate::provider::lint::Drops;
use crate::provider::{Params, Prices};
use crate::run::{Budget, Engine, Event, Live, Stop, lanes};
use crate::serve::{Blank, Clients, Guard, Purse, Setup, Shared, case, hash, serve};
use crate::source::Problem;
use crate::store::{Served, Store};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use serde_json::json;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};

/// Requests to providers in flight where nobody says otherwise.
const CONCURRENCY: u32 = 1024;

/// How long requests under way may go on after the first signal.
const GRACE: Duration = Duration::from_secs(30);

/// Serve the suite's models and chains as an OpenAI-compatible and an Anthropic-compatible endpoint.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Serve {
    /// Something else than serving.
    #[command(subcommand)]
    pub other: Option<Other>,
    /// Where to listen; anything but this machine needs clients with keys (`serve: {keys: …}`).
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8484")]
    pub listen: SocketAddr,
    /// Only these models of the suite; another known model is added.
    #[arg(long, value_name = "NAME")]
    pub model: Vec<String>,
    /// Most USD that all clients together may spend; over the suite's `serve: {max_cost: …}`.
    #[arg(long, value_name = "USD")]
    pub max_cost: Option<f64>,
    /// Most requests to providers in flight.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub concurrency: Option<u32>,
    /// Leave out what a model's API refuses, and say so in a header.
    #[arg(long)]
    pub drop_params: bool,
    /// Serve models without a known price under a spending cap: they count nothing.
    #[arg(long)]
    pub allow_unpriced: bool,
    /// The longest that one request may take, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 600, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub timeout: u64,
}

/// What belongs to serving.
#[derive(Debug, Clone, Subcommand)]
pub enum Other {
    /// Make a key for a client: the key itself is shown once, the suite gets its hash.
    Key {
        /// The client's name.
        name: String,
    },
    /// What was served, a JSON line a request.
    Log(Since),
    /// What was kept of requests and replies (`serve: {keep: …}`), as the cases of a dataset.
    Dataset(Since),
}

/// Which requests, and where to.
#[derive(Debug, Clone, Args)]
pub struct Since {
    /// Only requests since then: `2026-11`, `2026-11-20`, `2026-11-20T12:00:00Z`.
    #[arg(long, value_name = "TIME", default_value = "")]
    pub since: String,
    /// A file that does not exist yet (default: stdout).
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// Runs the command.
pub fn run(host: &Host, global: &Global, args: &Serve) -> Result<Exit, Vec<Problem>> {
    let one = |problem| vec![problem];
    match &args.other {
        Some(Other::Key { name }) => key(host, name).map_err(one),
        Some(Other::Log(since)) => listed(host, global, since, &line).map_err(one),
        Some(Other::Dataset(since)) => listed(host, global, since, &case).map_err(one),
        None => begin(host, global, args),
    }
}

fn key(host: &Host, name: &str) -> Result<Exit, Problem> {
    let key = format!("bk-{}", BASE64_URL_SAFE_NO_PAD.encode(Host::random()?));
    host.print(&format!("{key}\n"));
    host.say("this key is not shown again; the suite gets its hash:\n");
    let name = json!(name);
    host.say(&format!(
        "serve:\n  keys:\n    - {{name: {name}, hash: \"{}\"}}",
        hash(&key)
    ));
    Ok(Exit::Good)
}

/// A row of the log as JSON.
fn line(served: &Served) -> Option<serde_json::Value> {
    let end = served.end.as_ref().map(|end| crate::store::End {
        content: None,
        ..end.clone()
    });
    Some(
        json!({"id": served.id, "at": served.at, "client": served.client, "model": served.model,
        "counted_usd": served.counted_usd, "end": end}),
    )
}

fn listed(
    host: &Host,
    global: &Global,
    args: &Since,
    show: &dyn Fn(&Served) -> Option<serde_json::Value>,
) -> Result<Exit, Problem> {
    let (_, path) = place(host, global);
    let store = stored::open(&path)?;
    let served = store.served(&args.since).map_err(|error| trouble(&error))?;
    let lines: Vec<String> = served
        .iter()
        .filter_map(show)
        .map(|it| format!("{it}\n"))
        .collect();
    let Some(out) = &args.out else {
        host.print(&lines.concat());
        return Ok(Exit::Good);
    };
    create(&host.cwd.join(out), &lines.concat())
        .map_err(|e| Problem::error(format!("cannot write {}: {e}", out.display())))?;
    host.say(&format!(
        "{}: {} of {} requests",
        out.display(),
        lines.len(),
        served.len()
    ));
    Ok(Exit::Good)
}

fn create(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut file = std::fs::File::create_new(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn begin(host: &Host, global: &Global, args: &Serve) -> Result<Exit, Vec<Problem>> {
    let file = global.file.as_deref();
    let mut problems = Vec::new();
    let project = Project::load(file, &host.cwd, global.allow_path)?;
    let prices = tables::shared(host, &mut problems);
    let plan = models(host, global, args, &project, &prices)?;
    problems.extend(wrong(args, &project, &plan, &prices));
    if !problems.is_empty() {
        return Err(problems);
    }
    let one = |problem| vec![problem];
    let path = global.store.clone();
    let path = path.unwrap_or_else(|| load::store_in(&project.root));
    let store = Store::open_log(&path).map_err(|error| one(trouble(&error)))?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|e| one(Problem::error(format!("cannot start: {e}"))))?;
    let (tell, told) = mpsc::unbounded_channel();
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.listen).await;
        let fail = |e| Problem::error(format!("cannot listen on {}: {e}", args.listen));
        let listener = listener.map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        let setup = setup(args, &project, plan, prices, store, tell, address)?;
        let names: Vec<&str> = setup.candidates.iter().map(|it| it.name.as_str()).collect();
        host.say(&format!("serving {}", names.join(", ")));
        host.print(&format!("http://{address}\n"));
        let (stop, cut) = (Stop::default(), Stop::default());
        let watching = tokio::spawn(watch(told, host.quiet));
        let hearing = tokio::spawn(hear(stop.clone(), cut.clone(), host.quiet));
        serve(listener, Shared::new(setup), stop).await;
        hearing.abort();
        watching.abort();
        Ok(cut.urgency() == crate::run::Urgency::None)
    });
    runtime.shutdown_background();
    match served.map_err(one)? {
        true => Ok(Exit::Good),
        false => Ok(Exit::Interrupted(2)),
    }
}

/// The suite's models without its prompts: callers bring their own words.
fn models(
    host: &Host,
    global: &Global,
    args: &Serve,
    project: &Project,
    prices: &Prices,
) -> Result<Plan, Vec<Problem>> {
    let var = |name: &str| host.var(name);
    let source =
        |source: &KeySource| keys::read(source, &project.catalog, &host.env, global.allow_exec);
    let keys = Keys {
        var: &var,
        source: &source,
        overlay: prices.overlay(),
    };
    let choice = Choice {
        models: args.model.clone(),
        concurrency: Some(
            args.concurrency
                .or(project.suite.serve.concurrency)
                .unwrap_or(CONCURRENCY),
        ),
        drop_params: args.drop_params,
        ..Choice::default()
    };
    let silent = Placed {
        prompt: Arc::new(silent()),
        pointer: String::new(),
        file: None,
        alone: false,
    };
    resolve(
        project,
        Arc::new(Dataset::empty()),
        &[silent],
        &BTreeMap::new(),
        &choice,
        &keys,
    )
}

/// A prompt that says nothing.
fn silent() -> Prompt {
    Prompt {
        name: "served".to_owned(),
        hash: String::new(),
        folder: String::new(),
        messages: Vec::new(),
        examples: Vec::new(),
        params: Params::default(),
        tools: Vec::new(),
        tools_from: None,
        tool_choice: None,
        parallel_tool_calls: None,
        tool_results: BTreeMap::new(),
        max_turns: None,
    }
}

/// All that keeps it from serving.
fn wrong(args: &Serve, project: &Project, plan: &Plan, prices: &Prices) -> Vec<Problem> {
    let config = &project.suite.serve;
    let at = |pointer: &str, title: String| project.doc.problem(pointer, title, "");
    let targets = plan
        .candidates
        .iter()
        .flat_map(|it| it.targets().map(|target| (&*it.name, target)));
    let targets: Vec<_> = targets.collect();
    let mut problems = missing_keys(targets.iter().copied());
    if project.suite.replay.is_some() {
        let title = "the suite replays recordings, and what callers ask is in none".to_owned();
        problems.push(at("/replay", title));
    }
    if !args.listen.ip().is_loopback() && config.keys.is_empty() {
        let title = format!(
            "{} can be reached from elsewhere, and nobody would need a key",
            args.listen
        );
        let help = "make keys with `bakeoff serve key NAME`, or listen on 127.0.0.1";
        problems.push(Problem::error(title).help(help));
    }
    let known = |name: &str| {
        plan.candidates
            .iter()
            .any(|candidate| candidate.name == name)
    };
    for (name, meant) in &config.names {
        if !known(meant) {
            let title = format!("{name:?} stands for {meant:?}, which is not served");
            problems.push(at(&format!("/serve/names/{name}"), title));
        } else if known(name) {
            let title = format!("{name:?} is a model's own name already");
            problems.push(at(&format!("/serve/names/{name}"), title));
        }
    }
    for (index, client) in config.keys.iter().enumerate() {
        let digits = client.hash.strip_prefix("sha256:").unwrap_or_default();
        let hex = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if digits.len() != 64 || !digits.bytes().all(hex) {
            let title = "this is no hash of a key".to_owned();
            let problem = at(&format!("/serve/keys/{index}/hash"), title);
            problems.push(
                problem.help("make a key with `bakeoff serve key NAME`, which shows its hash"),
            );
        }
        let mut before = config.keys[..index].iter();
        if before.any(|other| other.name == client.name || other.hash == client.hash) {
            let title = format!("the client {:?} is there twice", client.name);
            problems.push(at(&format!("/serve/keys/{index}"), title));
        }
        let all = |name: &&String| !known(name) && !config.names.contains_key(*name);
        if let Some(name) = client.models.iter().find(all) {
            let title = format!("{name:?} is not served");
            problems.push(at(&format!("/serve/keys/{index}/models"), title));
        }
    }
    let capped = args.max_cost.is_some()
        || config.max_cost.is_some()
        || config.keys.iter().any(|client| client.max_cost.is_some());
    if capped && !args.allow_unpriced {
        for (_, target) in targets
            .iter()
            .filter(|(_, target)| target.list_price(prices).is_none())
        {
            let title = format!(
                "{} has no known price, so no spending cap can hold",
                target.name
            );
            let help = "give it `price: {input: USD, output: USD}` per million tokens, or allow it with --allow-unpriced";
            problems.push(Problem::error(title).help(help));
        }
    }
    problems
}

fn setup(
    args: &Serve,
    project: &Project,
    plan: Plan,
    prices: Arc<Prices>,
    store: Arc<Store>,
    tell: mpsc::UnboundedSender<Event>,
    address: SocketAddr,
) -> Result<Setup, Problem> {
    let config = &project.suite.serve;
    let clock = Host::clock();
    let cap = args.max_cost.or(config.max_cost);
    let purse = cap.map(|cap| Purse::open(cap, config.per, None, &store, &clock));
    let purse = purse.transpose().map_err(|error| trouble(&error))?;
    let clients = Clients::open(&config.keys, &store, &clock).map_err(|error| trouble(&error))?;
    let blank = config
        .keep
        .as_ref()
        .map(|keep| Blank::new(keep.share.0, &keep.redact));
    let blank = blank.transpose().map_err(|error| {
        project
            .doc
            .problem("/serve/keep/redact", error.to_string(), "")
    })?;
    let limits = plan.limits.clone();
    let network = Live::new(limits.connect).with_clock(Host::signing_time);
    let most = 2 * limits.concurrency as usize;
    let engine = Engine {
        run: String::new(),
        transport: Some(Box::new(network)),
        store,
        lanes: lanes(&plan),
        slots: Semaphore::new(limits.concurrency as usize),
        budget: Budget::new(None, 0.0),
        prices,
        stop: Stop::default(),
        seed: plan.seed,
        replays: Arc::default(),
        cache: false,
        tell,
        spent: AtomicU64::new(0),
        judging: Mutex::default(),
        unasked: Mutex::default(),
        journal: false,
        limits,
    };
    Ok(Setup {
        engine,
        drops: match args.drop_params || project.suite.drop_params {
            true => Drops::Params,
            false => Drops::Nothing,
        },
        candidates: plan.candidates,
        names: config.names.clone(),
        clients,
        purse,
        blank,
        guard: Guard::new(address, &config.hosts),
        patience: Duration::from_secs(args.timeout),
        most,
        clock,
    })
}

/// Tells what concerns the whole server: a lane that was closed, or waits.
async fn watch(mut told: mpsc::UnboundedReceiver<Event>, quiet: bool) {
    while let Some(event) = told.recv().await {
        match event {
            Event::Closed { lane, message, .. } if !quiet => {
                super::host::note(&crate::source::plain_line(&format!(
                    "{lane}: closed for 30 s: {message}"
                )));
            }
            Event::Waiting { lane, kind, wait } if !quiet => {
                let wait = wait.as_secs_f64();
                super::host::note(&format!("{lane}: waits {wait:.1} s: {}", kind.name()));
            }
            _ => {}
        }
    }
}

/// The first signal: nothing new, and some time for what is under way. The second: now.
async fn hear(stop: Stop, cut: Stop, quiet: bool) {
    let say = |text: &str| {
        if !quiet {
            super::host::note(text);
        }
    };
    signal().await;
    say("finishing what is under way");
    stop.press();
    tokio::select! {
        _ = signal() => {}
        () = tokio::time::sleep(GRACE) => {}
    }
    say("leaving");
    cut.press();
    stop.press();
}
