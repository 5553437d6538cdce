//! `bakeoff call`: one neutral request to one model, for people and for tests. No store, no suite.

use super::args;
use super::exit::Exit;
use super::host::Host;
use super::tables;
use crate::plan::{Aim, Target, aim};
use crate::prompt::{Message, Role};
use crate::provider::call_json::{Around, read_call, reply_json};
use crate::provider::{Call, Failure, HttpRequest, Prices, Reply};
use crate::run::{Decision, Live, Patience, decide, exchange};
use crate::source::{Problem, plain};
use crate::store::Times;
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
    let target = target(host, args)?;
    let mut call = neutral(host, args)?;
    call.model.clone_from(&target.wire_model);
    if args.stream || args.no_stream {
        call.stream = args.stream;
    }
    let request = target
        .dialect
        .encode(&call, &target.endpoint)
        .map_err(|error| Problem::error(error.to_string()))?;
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
    let done = runtime.block_on(ask(&target, &request, args, &prices))?;
    runtime.shutdown_background();
    match (&done.outcome, text_only) {
        (Ok(reply), true) => host.print(&format!("{}\n", plain(&reply.text))),
        (Err(failure), true) => host.say(&format!(
            "{}: {}",
            failure.kind.name(),
            plain(&failure.message)
        )),
        (outcome, false) => host.print(&format!("{:#}\n", reply_json(outcome, &done.around))),
    }
    Ok(if done.outcome.is_ok() {
        Exit::Good
    } else {
        Exit::Incomplete
    })
}

fn target(host: &Host, args: &args::Call) -> Result<Target, Problem> {
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
        model: &args.model,
        api: args.api.as_deref(),
        base_url: args.base_url.as_deref(),
        key_name: named.filter(|_| !moved),
        key: typed.map(Into::into),
        price: None,
    };
    let var = |name: &str| host.var(name);
    aim(&wanted, &var).map_err(|error| Problem::error(format!("{}: {error}", args.model)))
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
    let network = Live::new(total.min(Duration::from_secs(10)));
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
            warnings: request.warnings.iter().cloned().chain(apart).collect(),
        };
        return Ok(Done { outcome, around });
    }
}
