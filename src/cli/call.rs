//! `bakeoff call`: one neutral request to one model, for people and for tests. No store, no suite.

use super::args;
use super::exit::Exit;
use super::host::Host;
use super::tables;
use crate::plan::{Aim, Target, aim};
use crate::policy::{Came, DEFAULT, Fallback, MOST_HOPS, Step};
use crate::prompt::{Message, Role};
use crate::provider::call_json::{Around, read_call, reply_json};
use crate::provider::lint::{self, Drops, settle};
use crate::provider::{Call, Failure, HttpRequest, Prices, Reply};
use crate::run::{Decision, Live, Patience, decide, exchange};
use crate::source::{Problem, plain};
use crate::store::Times;
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::Instant;

/// Where a key is looked for when the address is another than the provider's own.
const OWN_KEY: &str = "BAKEOFF_API_KEY";

/// Runs the command.
pub fn call(host: &Host, args: &args::Call) -> Result<Exit, Problem> {
    let text_only = match args.format.as_str() {
        "json" => false,
        "text" => true,
        other => {
            return Err(
                Problem::error(format!("call has no format {other:?}")).help("formats: json, text")
            );
        }
    };
    let target = target(host, args, &args.model)?;
    let mut call = neutral(host, args)?;
    call.model.clone_from(&target.wire_model);
    if args.stream || args.no_stream {
        call.stream = args.stream;
    }
    let found = found(&call, &target, args);
    host.complain(&found);
    let drops = drops(args);
    let request = target.request(call.clone(), drops);
    let mut request = request.map_err(|error| Problem::error(error.to_string()))?;
    request
        .warnings
        .extend(found.into_iter().map(|it| it.title));
    if args.dry_run {
        host.print(&format!("{:#}\n", request.shown()));
        return Ok(Exit::Good);
    }
    if !target.key_missing.is_empty() {
        let names = target.key_missing.join(" or ");
        return Err(
            Problem::error(format!("no key for {}: {names} is not set", target.name))
                .help("set it, or name another variable with --key-env"),
        );
    }
    let prices = tables::prices(host)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = runtime.map_err(|e| Problem::error(format!("cannot start: {e}")))?;
    let later = later(host, args, &call)?;
    let done = runtime.block_on(ask_in_turn((target, request), later, args, &prices))?;
    runtime.shutdown_background();
    match (&done.outcome, text_only) {
        (Ok(reply), true) => host.print(&format!("{}\n", plain(&reply.text))),
        (Err(failure), true) => host.say(&format!(
            "{}: {}",
            failure.kind.name(),
            plain(&failure.message)
        )),
        (outcome, false) => {
            let mut reply = reply_json(outcome, &done.around);
            if !args.fallback.is_empty() {
                reply["hops"] = json!(done.hops);
            }
            host.print(&format!("{reply:#}\n"));
        }
    }
    Ok(if done.outcome.is_ok() {
        Exit::Good
    } else {
        Exit::Incomplete
    })
}

fn drops(args: &args::Call) -> Drops {
    match args.drop_params {
        true => Drops::Params,
        false => Drops::Nothing,
    }
}

/// What the lint finds in the call: here it only warns.
fn found(call: &Call, target: &Target, args: &args::Call) -> Vec<Problem> {
    let settled = settle(&mut call.clone(), &target.place(), drops(args));
    let told = settled.findings.into_iter();
    let told = told.filter(|finding| finding.severity > lint::Severity::Note);
    told.map(|finding| {
        let title = format!("{} [{}]", finding.message, finding.rule);
        Problem::warning(title).help(finding.help)
    })
    .collect()
}

/// Where a model is asked; with an address on the command line, all of them there.
fn target(host: &Host, args: &args::Call, model: &str) -> Result<Target, Problem> {
    let moved = args.base_url.is_some();
    // An address on the command line is typed by the user, so its key is the one that they name.
    let named = args.key_env.as_deref();
    if let Some(name) = named.filter(|name| host.var(name).is_none()) {
        let problem = Problem::error(format!("--key-env {name}: this variable is not set"));
        return Err(problem.help("export it, or leave --key-env out to send no key"));
    }
    let typed = named
        .or(Some(OWN_KEY))
        .filter(|_| moved)
        .and_then(|name| host.var(name));
    let wanted = Aim {
        model,
        api: args.api.as_deref(),
        base_url: args.base_url.as_deref(),
        key_name: named.filter(|_| !moved),
        key: typed.map(Into::into),
        price: None,
        overlay: None,
    };
    let var = |name: &str| host.var(name);
    aim(&wanted, &var).map_err(|error| Problem::error(format!("{model}: {error}")))
}

fn neutral(host: &Host, args: &args::Call) -> Result<Call, Problem> {
    match (&args.request, &args.prompt) {
        (Some(path), _) => read_call(&host.read(path)?),
        (None, Some(text)) => Ok(Call {
            messages: vec![Message::text(Role::User, text)],
            stream: true,
            ..Call::default()
        }),
        (None, None) => Err(Problem::error("nothing to send")
            .help("give --prompt TEXT, or --request FILE (- for stdin)")),
    }
}

struct Done {
    outcome: Result<Reply, Failure>,
    around: Around,
    /// What came of each model that was asked, in order.
    hops: Vec<Value>,
}

/// A model and the request to it.
type Hop = (Target, HttpRequest);

/// The models that are asked when those before them cannot be had.
fn later(host: &Host, args: &args::Call, call: &Call) -> Result<Vec<Hop>, Problem> {
    let hop = |model: &String| {
        let fail = |why: String| Problem::error(format!("--fallback {model}: {why}"));
        let target = target(host, args, model)?;
        let request = target.request(call.clone(), drops(args));
        let request = request.map_err(|error| fail(error.to_string()))?;
        if !target.key_missing.is_empty() {
            let names = target.key_missing.join(" or ");
            return Err(fail(format!("{names} is not set")));
        }
        Ok((target, request))
    };
    if args.fallback.len() >= MOST_HOPS {
        let title = format!(
            "{} models after the first are too many",
            args.fallback.len()
        );
        return Err(Problem::error(title).help(format!("at most {}", MOST_HOPS - 1)));
    }
    args.fallback.iter().map(hop).collect()
}

/// Asks the first model, and the later ones as the usual kinds of failure lead to them.
async fn ask_in_turn(
    first: Hop,
    later: Vec<Hop>,
    args: &args::Call,
    prices: &Prices,
) -> Result<Done, Problem> {
    let policy = Fallback::new(vec![DEFAULT.to_vec(); later.len()]);
    let mut done = ask(&first.0, &first.1, args, prices).await?;
    let mut past = Vec::new();
    let mut shown = Vec::new();
    let mut at = &first.0;
    loop {
        let (hop, came) = (past.len(), came(&done.outcome));
        let around = &done.around;
        shown.push(
            json!({"hop": hop + 1, "model": at.name, "attempts": around.attempts,
            "error": done.outcome.as_ref().err().map(|failure| failure.kind),
            "cost_usd": around.cost.as_ref().map(|cost| cost.usd), "total_ms": around.total_ms}),
        );
        past.push(Step::new(hop, came));
        let Some(next) = policy.next(&past) else {
            return Ok(Done {
                hops: shown,
                ..done
            });
        };
        let (target, request) = &later[next - 1];
        done = ask(target, request, args, prices).await?;
        at = target;
    }
}

fn came(outcome: &Result<Reply, Failure>) -> Came {
    match outcome {
        Ok(reply) => Came::answered(reply),
        Err(failure) => Came::Failed(failure.kind),
    }
}

async fn ask(
    target: &Target,
    request: &HttpRequest,
    args: &args::Call,
    prices: &Prices,
) -> Result<Done, Problem> {
    let total = Duration::try_from_secs_f64(args.timeout).unwrap_or(Duration::from_secs(60));
    let patience = Patience {
        total,
        first_byte: total,
        idle: total,
    };
    let network = Live::new(total.min(Duration::from_secs(10))).with_clock(Host::signing_time);
    let mut number = 1;
    loop {
        let mut times = Times::default();
        let outcome = exchange(
            &network,
            target.dialect,
            request.clone(),
            patience,
            Instant::now(),
            &mut times,
        )
        .await;
        if let Err(failure) = &outcome {
            // No jitter: a single request collides with nobody.
            if let Decision::Retry(wait) = decide(number, args.attempts, failure, 1.0) {
                tokio::time::sleep(wait).await;
                number += 1;
                continue;
            }
        }
        let cost = outcome
            .as_ref()
            .ok()
            .and_then(|reply| target.cost(prices, reply));
        let apart = cost.as_ref().and_then(|cost| {
            let (share, table) = (cost.apart()?, cost.table_usd?);
            let side = if share > 0.0 { "above" } else { "below" };
            let percent = share.abs() * 100.0;
            Some(format!(
                "the stated cost is {percent:.0} % {side} the price table's ${table:.6}"
            ))
        });
        let since_sent = |at: Option<f64>| at.map(|at| at - times.sent);
        let around = Around {
            cost,
            first_token_ms: since_sent(times.first_token),
            first_output_ms: since_sent(times.first_output),
            total_ms: Some(times.latency()),
            attempts: number,
            // a reply carries the request's itself
            warnings: match &outcome {
                Ok(_) => apart.into_iter().collect(),
                Err(_) => request.warnings.clone(),
            },
        };
        return Ok(Done {
            outcome,
            around,
            hops: Vec::new(),
        });
    }
}
