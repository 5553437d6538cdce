//! The command line, as typed.

use crate::dataset::Shard;
use crate::run::Spec;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Pick, migrate and guard LLM prompts with numbers that can be trusted.
#[derive(Debug, Parser)]
#[command(
    name = "bakeoff",
    bin_name = "bakeoff",
    version,
    max_term_width = 100,
    arg_required_else_help = true
)]
#[command(
    after_help = "Exit codes: 0 good · 1 a gate failed · 2 the files or flags are wrong · \
3 the run is incomplete · 4 a gate cannot decide · 130/143 interrupted\nResults go to stdout, all else to stderr."
)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// The suite (default: bakeoff.yaml here or above).
    #[arg(
        long,
        short = 'f',
        global = true,
        value_name = "FILE",
        env = "BAKEOFF_FILE"
    )]
    pub file: Option<PathBuf>,
    /// The store (default: .bakeoff/store.db in the project).
    #[arg(long, global = true, value_name = "FILE", env = "BAKEOFF_STORE")]
    pub store: Option<PathBuf>,
    /// Read keys from this file of NAME=value lines; what the environment holds already stands.
    #[arg(long, global = true, value_name = "FILE")]
    pub env_file: Option<PathBuf>,
    /// Allow the suite to run programs (`command:` keys, `script` scorers).
    #[arg(long, global = true)]
    pub allow_exec: bool,
    /// Allow the suite to read files outside the project.
    #[arg(long, global = true)]
    pub allow_path: bool,
    /// Colours: auto, always or never.
    #[arg(long, global = true, default_value = "auto", value_name = "WHEN")]
    pub color: When,
    /// Only results, no progress.
    #[arg(long, short, global = true)]
    pub quiet: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum When {
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a project: a sample that runs at once and offline, or a suite for your own cases and prompt.
    Init(super::init::Args),
    /// Check everything without sending anything: files, templates, keys; and say what a run would cost.
    Check(Check),
    /// Ask every candidate every case, score the replies, report.
    Run(Run),
    /// Go on with a run that was stopped; nothing that was answered is asked again.
    Resume(Resume),
    /// Score stored replies again with today's scorers; asks no model but judges.
    Score(Score),
    /// Hold a judge against people: label answers, measure the agreement.
    Judge(super::judge::Judge),
    /// Reports from the store; never calls anything.
    Report(Report),
    /// Hold a run against the baseline: a verdict and an exit code.
    Gate(super::gate::Args),
    /// May a prompt move from one model to another? Lint, a paired run, a verdict.
    Port(Box<super::port::Args>),
    /// Write the baseline that the gate compares with.
    Baseline(super::baseline::Args),
    /// Bring the shards of a run together: one run, one report, one gate.
    Merge(super::merge::Merge),
    /// Look at a run, at the cases behind one of its numbers, or at one of its cases.
    Show(super::show::Args),
    /// Hold candidates against each other: within a run, between two runs, or from a table of scores.
    Compare(super::compare::Compare),
    /// Cases against repeats against money: what a run could see.
    Plan(super::plan::Plan),
    /// Recommend a candidate under constraints, and say how firmly.
    Select(super::select::Select),
    /// What routing policies are worth, from a run's results: replay, fit, outages. No calls.
    Route(super::route::Route),
    /// Serve the suite's models, chains and routes as an OpenAI-compatible and an Anthropic-compatible endpoint.
    Serve(super::serve::Serve),
    /// List models, providers, scorers, reports, datasets or runs.
    List(List),
    /// Explain a scorer: its range and direction, what it needs, an example.
    Explain(super::explain::Args),
    /// Send one request to one model.
    Call(Call),
    /// What models cost: the price table, and where it is from.
    Prices(super::prices::Command),
    /// Look whether all that a run needs is in order: keys, proxy, store, price table, clock.
    Doctor(super::doctor::Doctor),
    /// Print the JSON Schema of the suite, for editors, or of an output, for programs.
    Schema(Schema),
    /// Look at the settings as they are resolved.
    Config(super::config::Config),
    /// What was spent: requests, tokens and money by model, key and day.
    Usage(super::usage::Args),
    /// Print a page of the manual, or write all of them.
    Man(super::man::Man),
    /// Print shell completions.
    Completions {
        /// bash, elvish, fish, powershell or zsh.
        shell: clap_complete::Shell,
    },
}

/// What to ask of whom.
#[derive(Debug, Clone, Default, Args)]
pub struct Selection {
    /// Only these candidates (name, model, or "name @ prompt"; globs allowed); a model that the suite does not list is added.
    #[arg(long, value_name = "NAME")]
    pub model: Vec<String>,
    /// Only these prompts (name or file, globs allowed).
    #[arg(long, value_name = "NAME")]
    pub prompt: Vec<String>,
    /// Only these cases: ids, globs, or tag:NAME; separated by commas.
    #[arg(long, value_name = "ID,GLOB", value_delimiter = ',')]
    pub only: Vec<String>,
    /// Only the first N cases.
    #[arg(long, value_name = "N")]
    pub limit: Option<usize>,
    /// A random sample of N cases, drawn with the seed.
    #[arg(long, value_name = "N")]
    pub sample: Option<usize>,
    /// The part i of n of the cases.
    #[arg(long, value_name = "i/n")]
    pub shard: Option<Shard>,
    /// Ask each case K times.
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub repeats: Option<u32>,
    /// The seed of samples, order and intervals.
    #[arg(long, value_name = "SEED")]
    pub seed: Option<u64>,
    /// Spend at most this much.
    #[arg(long, value_name = "USD", value_parser = usd)]
    pub max_cost: Option<f64>,
    /// At most N requests in flight.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub concurrency: Option<u32>,
    /// Under a cap, ask models without a known price too.
    #[arg(long)]
    pub allow_unpriced: bool,
    /// Leave out of a call what its model's API refuses and what can be left out, with a warning on each reply.
    #[arg(long)]
    pub drop_params: bool,
    /// Ask again: use neither the cache nor the suite's replay file.
    #[arg(long)]
    pub fresh: bool,
    /// Send nothing: a reply that is neither recorded nor cached is an error that names the case.
    #[arg(long)]
    pub offline: bool,
    /// Take replies from this file where it has them.
    #[arg(long, value_name = "FILE")]
    pub replay: Option<PathBuf>,
}

/// Where results go.
#[derive(Debug, Clone, Default, Args)]
pub struct Output {
    /// What to print: terminal (default), json, csv, markdown, html, junit, github or codequality.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
    /// CSV with every text as it is: a spreadsheet would run what looks like a formula.
    #[arg(long)]
    pub raw_csv: bool,
    /// The report folder (default: bakeoff-report in the project).
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub struct Run {
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub output: Output,
    /// Write the replies to FILE, for later replays.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// A JSON line per event to FILE.
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
    /// Only say what would be asked and what it would cost.
    #[arg(long)]
    pub dry_run: bool,
    /// Begin no more cases once the gate's verdict against the baseline is certain.
    #[arg(long)]
    pub early_stop: bool,
    /// Run again whenever a file of the project changes.
    #[arg(long, conflicts_with = "dry_run")]
    pub watch: bool,
    /// Rehearse an outage: openai=down, local=slow:5s, a=429:30%, b=hang, c=503 (a provider, lane, model or candidate; several times). The run is set apart from all others.
    #[arg(long, value_name = "NAME=FAULT", value_parser = Spec::parse, conflicts_with_all = ["record", "early_stop", "watch"])]
    pub drill: Vec<Spec>,
}

#[derive(Debug, Clone, Args)]
pub struct Resume {
    /// The run: a unique prefix of its id, or latest.
    #[arg(default_value = "latest")]
    pub run: String,
    #[command(flatten)]
    pub selection: Selection,
    #[command(flatten)]
    pub output: Output,
    /// Write the replies to FILE, for later replays.
    #[arg(long, value_name = "FILE")]
    pub record: Option<PathBuf>,
    /// A JSON line per event to FILE.
    #[arg(long, value_name = "FILE")]
    pub events: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub struct Check {
    #[command(flatten)]
    pub selection: Selection,
    /// human or json.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub struct Score {
    /// The run: a unique prefix of its id, or latest.
    #[arg(default_value = "latest")]
    pub run: String,
    /// Score single outputs: JSON lines {"scorer", "output", "target", "vars"} from FILE, or - for stdin.
    #[arg(long, value_name = "FILE", conflicts_with = "run")]
    pub r#try: Option<PathBuf>,
    #[command(flatten)]
    pub output: Output,
}

#[derive(Debug, Clone, Args)]
pub struct Report {
    /// The run: a unique prefix of its id, or latest.
    #[arg(default_value = "latest")]
    pub run: String,
    /// html, markdown, json, csv, parquet, junit, terminal, github, codequality; several with commas. One and no --out: to stdout.
    #[arg(long, value_name = "FORMAT", value_delimiter = ',')]
    pub format: Vec<String>,
    /// CSV with every text as it is: a spreadsheet would run what looks like a formula.
    #[arg(long)]
    pub raw_csv: bool,
    /// The report folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
    /// Recompute what the answers cost from their stored usage; the store keeps what was recorded.
    #[arg(long)]
    pub reprice: bool,
    /// With --reprice: a price file instead of the price table in use.
    #[arg(long, value_name = "FILE", requires = "reprice")]
    pub prices: Option<PathBuf>,
    /// With --reprice: the prices of this day, YYYY-MM-DD.
    #[arg(long, value_name = "DATE", requires = "reprice")]
    pub at: Option<String>,
}

#[derive(Debug, Clone, Args)]
pub struct List {
    /// What to list.
    pub what: Listed,
    /// Of models: any known one by its name, `*` for anything (default: the suite's).
    pub name: Option<String>,
    /// Of models: every known one.
    #[arg(long)]
    pub all: bool,
    /// human or json.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<String>,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Listed {
    Models,
    Providers,
    Scorers,
    Reports,
    Datasets,
    Runs,
}

#[derive(Debug, Clone, Args)]
pub struct Call {
    /// The model, provider/name.
    pub model: String,
    /// The wire format: openai-chat, anthropic-messages, gemini …
    #[arg(long, value_name = "DIALECT")]
    pub api: Option<String>,
    /// Another address than the provider's own.
    #[arg(long, value_name = "URL")]
    pub base_url: Option<String>,
    /// The environment variable that holds the key.
    #[arg(long, value_name = "NAME")]
    pub key_env: Option<String>,
    /// Another model to ask when those before it cannot be had; may be given several times.
    #[arg(long, value_name = "MODEL")]
    pub fallback: Vec<String>,
    /// Ask for the reply in pieces (the default where the request does not say).
    #[arg(long, overrides_with = "no_stream")]
    pub stream: bool,
    /// Ask for the reply whole.
    #[arg(long, overrides_with = "stream")]
    pub no_stream: bool,
    /// Most attempts.
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub attempts: u32,
    /// Patience for a whole attempt, seconds.
    #[arg(long, value_name = "SECONDS", default_value_t = 60.0, value_parser = seconds)]
    pub timeout: f64,
    /// The neutral request as JSON, from FILE or - for stdin.
    #[arg(long, value_name = "FILE", conflicts_with = "prompt")]
    pub request: Option<PathBuf>,
    /// A single user message.
    #[arg(long, value_name = "TEXT")]
    pub prompt: Option<String>,
    /// Leave out what the model's API refuses and what can be left out, with a warning.
    #[arg(long)]
    pub drop_params: bool,
    /// Print the wire request and send nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// json, or text for the reply's text alone.
    #[arg(long, value_name = "FORMAT", default_value = "json")]
    pub format: String,
}

#[derive(Debug, Clone, Args)]
pub struct Schema {
    /// Of what: the suite, or an output (summary, compare, gate, port, select, power, plan, case, reply, runs, baseline, calibration).
    #[arg(default_value = "suite")]
    pub of: String,
    /// Write to FILE instead of stdout.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

/// An amount of money: finite and not negative.
pub(super) fn usd(text: &str) -> Result<f64, String> {
    let amount = text.parse::<f64>().ok().filter(|usd| usd.is_finite());
    amount
        .filter(|usd| *usd >= 0.0)
        .ok_or_else(|| "give an amount in USD, such as 2.50".into())
}

/// A time to wait: finite and more than nothing.
fn seconds(text: &str) -> Result<f64, String> {
    let real = |time: &f64| std::time::Duration::try_from_secs_f64(*time).is_ok();
    let time = text.parse::<f64>().ok().filter(real);
    time.filter(|time| *time > 0.0)
        .ok_or_else(|| "give a number of seconds above 0".into())
}

/// A difference of scores, above 0.
pub(super) fn margin(text: &str) -> Result<f64, String> {
    let margin = text.parse::<f64>().ok();
    margin
        .filter(|margin| *margin > 0.0 && *margin < 1.0)
        .ok_or_else(|| "give a difference of scores above 0 and below 1, such as 0.05".into())
}
