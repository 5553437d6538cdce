//! `bakeoff serve`: the suite's models behind an endpoint; keys for its clients; what was served.

mod kept;
mod passing;
mod wrong;

use super::args::Global;
use super::exit::Exit;
use super::host::Host;
use super::signal::signal;
use super::stored::trouble;
use super::{keys, load, tables};
use crate::dataset::Dataset;
use crate::plan::{Choice, Keys, Placed, Plan, resolve};
use crate::project::{KeySource, Project};
use crate::prompt::Prompt;
use crate::provider::lint::Drops;
use crate::provider::{Params, Prices};
use crate::run::{Budget, Drill, Engine, Event, Grade, Live, Recents, Stop, lanes};
use crate::serve::{Blank, Clients, Guard, Purse, Setup, Shared, case, serve};
use crate::source::Problem;
use crate::store::Store;
use clap::{Args, Subcommand};
use kept::Since;
use passing::Passing;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, mpsc};
use wrong::wrong;

/// Requests to providers in flight where nobody says otherwise.
const CONCURRENCY: u32 = 1024;

/// How long requests under way may go on after the first signal.
const GRACE: Duration = Duration::from_secs(30);

/// Serve the suite's models, chains and routes as an OpenAI-compatible and an Anthropic-compatible endpoint.
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

/// Runs the command.
pub fn run(host: &Host, global: &Global, args: &Serve) -> Result<Exit, Vec<Problem>> {
    let one = |problem| vec![problem];
    match &args.other {
        Some(Other::Key { name }) => kept::key(host, name).map_err(one),
        Some(Other::Log(since)) => kept::listed(host, global, since, &kept::line).map_err(one),
        Some(Other::Dataset(since)) => kept::listed(host, global, since, &case).map_err(one),
        None => begin(host, global, args),
    }
}

fn begin(host: &Host, global: &Global, args: &Serve) -> Result<Exit, Vec<Problem>> {
    let file = global.file.as_deref();
    let mut problems = Vec::new();
    let project = Project::load(file, &host.cwd, global.allow_path)?;
    let prices = tables::shared(host, &mut problems);
    let plan = models(host, global, args, &project, &prices)?;
    problems.extend(wrong(args, &project, &plan, &prices));
    let grade = Passing::of(&project, &plan, global.allow_exec.then_some(&host.env))
        .map_err(|more| problems.extend(more));
    let grade = grade.ok().flatten();
    if !problems.is_empty() {
        return Err(problems);
    }
    let one = |problem| vec![problem];
    let path = global.store.clone();
    let path = path.unwrap_or_else(|| load::store_in(&project.root));
    let store = Store::open_log(&path).map_err(|error| one(trouble(&error)))?;
    open_files();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|e| one(Problem::error(format!("cannot start: {e}"))))?;
    let ready = Ready {
        args,
        project: &project,
        plan,
        prices,
        store,
        grade,
    };
    let (tell, told) = mpsc::unbounded_channel();
    let served = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(args.listen).await;
        let fail = |e| Problem::error(format!("cannot listen on {}: {e}", args.listen));
        let listener = listener.map_err(fail)?;
        let address = listener.local_addr().map_err(fail)?;
        let setup = setup(ready, tell, address)?;
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

/// All that was read and opened before anything listens.
struct Ready<'a> {
    args: &'a Serve,
    project: &'a Project,
    plan: Plan,
    prices: Arc<Prices>,
    store: Arc<Store>,
    grade: Option<Box<dyn Grade>>,
}

fn setup(
    ready: Ready<'_>,
    tell: mpsc::UnboundedSender<Event>,
    address: SocketAddr,
) -> Result<Setup, Problem> {
    let Ready {
        args,
        project,
        plan,
        prices,
        store,
        grade,
    } = ready;
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
        drill: Drill::default(),
        tell,
        spent: AtomicU64::new(0),
        recents: Recents::default(),
        grade,
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

/// Lets the process have as many files open as the system allows: each request takes two.
#[cfg(unix)]
fn open_files() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    // What the system does not allow stays as it was.
    let _ = setrlimit(Resource::Nofile, most);
}

#[cfg(not(unix))]
fn open_files() {}

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
