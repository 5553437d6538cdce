use super::*;
use crate::provider::catalog::provider;
use serde_json::json;

fn usage(input: u64, output: u64) -> Usage {
    Usage {
        input: Some(input),
        output: Some(output),
        ..Usage::default()
    }
}

fn price(input: f64, output: f64) -> Price {
    Price {
        input,
        output,
        ..Price::default()
    }
}

fn priced<'a>(name: &str, asked: &'a str, usage: &'a Usage) -> Priced<'a> {
    Priced {
        provider: provider(name),
        asked,
        served: None,
        service_tier: None,
        usage,
        stated: None,
        suite: None,
    }
}

fn near(cost: Option<Cost>, usd: f64) {
    let cost = cost.expect("a known price");
    assert!((cost.usd - usd).abs() < 1e-9, "{cost:?} against {usd}");
}

#[test]
fn stated_then_suite_then_table() {
    let prices = Prices::bundled();
    let usage = usage(1000, 100);
    let mut asked = priced("openai", "gpt-4o", &usage);
    near(prices.cost(&asked), 0.0035);
    assert_eq!(prices.cost(&asked).unwrap().source, "prices:2026-10-30");
    let own = price(1.0, 2.0);
    asked.suite = Some(&own);
    near(prices.cost(&asked), 0.0012);
    asked.stated = Some(0.5);
    assert_eq!(prices.cost(&asked).unwrap().source, "stated");
}

#[test]
fn unknown_is_none() {
    let prices = Prices::bundled();
    let usage = usage(1000, 100);
    assert_eq!(
        prices.cost(&priced("openai", "no-such-model", &usage)),
        None
    );
    assert_eq!(prices.cost(&priced("ollama", "llama3", &usage)), None);
    assert_eq!(
        prices.cost(&priced("openai", "gpt-4o", &Usage::default())),
        None
    );
    let free = price(0.0, 0.0);
    let nothing = Priced {
        suite: Some(&free),
        ..priced("ollama", "llama3", &usage)
    };
    assert_eq!(prices.cost(&nothing).unwrap().usd, 0.0);
}

#[test]
fn served_model_and_tier_count() {
    let prices = Prices::bundled();
    let usage = usage(1000, 100);
    let mut asked = priced("openai", "my-alias", &usage);
    asked.served = Some("gpt-4o-2024-08-06");
    near(prices.cost(&asked), 0.0035);
    asked.service_tier = Some("priority");
    near(prices.cost(&asked), 0.00595);
    asked.served = Some("fine-tuned");
    asked.asked = "gpt-4o";
    asked.service_tier = None;
    near(prices.cost(&asked), 0.0035);
}

#[test]
fn caches_have_prices_of_their_own() {
    let prices = Prices::bundled();
    let claude = Usage {
        cached_input: Some(200),
        cache_write: Some(300),
        raw: Some(json!({"cache_creation": {"ephemeral_1h_input_tokens": 100}})),
        ..usage(1000, 100)
    };
    let usd = (500.0 * 3.0 + 200.0 * 0.3 + 200.0 * 3.75 + 100.0 * 6.0 + 100.0 * 15.0) / 1e6;
    near(
        prices.cost(&priced("anthropic", "claude-3-5-sonnet-20241022", &claude)),
        usd,
    );
    let odd = Usage {
        cached_input: Some(5000),
        ..usage(1000, 100)
    };
    near(
        prices.cost(&priced("openai", "gpt-4o", &odd)),
        (1000.0 * 1.25 + 100.0 * 10.0) / 1e6,
    );
    let own = Price {
        input: 10.0,
        output: 0.0,
        cached_input: Some(1.0),
        cache_write: Some(20.0),
        ..Price::default()
    };
    assert_eq!(
        at_price(&own, &claude),
        Some((500.0 * 10.0 + 200.0 + 300.0 * 20.0) / 1e6)
    );
}

#[test]
fn a_blocked_prompt_costs_its_input() {
    let usage = Usage {
        input: Some(1000),
        raw: Some(json!({"promptTokenCount": 1000, "totalTokenCount": 1000})),
        ..Usage::default()
    };
    near(
        Prices::bundled().cost(&priced("gemini", "gemini-2.5-flash", &usage)),
        0.0003,
    );
}

#[test]
fn list_prices() {
    let prices = Prices::bundled();
    let openai = prices.list_price(provider("openai").unwrap(), "gpt-4o");
    let openai = openai.unwrap();
    assert_eq!((openai.rates.input, openai.rates.output), (2.5, 10.0));
    let fee = prices.list_price(provider("perplexity").unwrap(), "sonar");
    assert!(fee.unwrap().per_request > 0.0);
    let long = prices.estimate(provider("gemini").unwrap(), "gemini-1.5-pro", 200_000, 0);
    assert!(
        (long.unwrap() - 0.5).abs() < 1e-9,
        "the higher step counts for the whole prompt"
    );
}

#[test]
fn what_is_stated_is_held_against_the_table() {
    let prices = Prices::bundled();
    let usage = usage(1000, 100);
    let mut asked = priced("openai", "gpt-4o", &usage);
    asked.stated = Some(0.0042);
    let cost = prices.cost(&asked).unwrap();
    assert!((cost.table_usd.unwrap() - 0.0035).abs() < 1e-9);
    assert!((cost.apart().unwrap() - 0.2).abs() < 1e-9);
    asked.stated = Some(0.0036);
    assert_eq!(prices.cost(&asked).unwrap().apart(), None);
    asked.provider = None;
    assert_eq!(prices.cost(&asked).unwrap().table_usd, None);
}

#[test]
fn own_prices_have_tiers_and_fees() {
    let long = PriceTier {
        above: 1000,
        input: 20.0,
        output: 5.0,
        ..PriceTier::default()
    };
    let own = Price {
        cached_input: Some(1.0),
        cache_write: Some(12.0),
        cache_write_1h: Some(30.0),
        per_request: Some(0.01),
        tiers: vec![long],
        ..price(10.0, 2.0)
    };
    let usd = |input| at_price(&own, &usage(input, 100)).unwrap();
    assert!((usd(1000) - (1000.0 * 10.0 + 100.0 * 2.0) / 1e6 - 0.01).abs() < 1e-12);
    assert!((usd(1001) - (1001.0 * 20.0 + 100.0 * 5.0) / 1e6 - 0.01).abs() < 1e-12);
    let hour = Usage {
        cache_write: Some(300),
        raw: Some(
            json!({"cacheDetails": [{"ttl": "1h", "inputTokens": 100}, {"ttl": "5m", "inputTokens": 200}]}),
        ),
        ..usage(1000, 0)
    };
    let expected = (700.0 * 10.0 + 200.0 * 12.0 + 100.0 * 30.0) / 1e6 + 0.01;
    assert!((at_price(&own, &hour).unwrap() - expected).abs() < 1e-12);
    let worst = worst_price(&own, 2000, 100);
    assert!((worst - (2000.0 * 30.0 + 100.0 * 2.0) / 1e6 - 0.01).abs() < 1e-12);
}

fn litellm() -> Table {
    let file = include_bytes!("litellm.json");
    let edition = Edition {
        date: "2026-11-01".into(),
        sha256: "0".repeat(64),
        name: "test".into(),
    };
    let (table, format) = Table::read(file, edition).unwrap();
    assert_eq!(format, Format::Litellm);
    table
}

#[test]
fn a_table_of_the_users_goes_first() {
    let prices = Prices::over(litellm());
    assert_eq!(prices.edition().date, "2026-11-01");
    let usage = usage(300_000, 1000);
    let cost = |name, model| prices.cost(&priced(name, model, &usage));
    let openai = cost("openai", "gpt-4o").unwrap();
    assert_eq!(openai.source, "prices:2026-11-01");
    near(Some(openai), (300_000.0 * 3.0 + 1000.0 * 12.0) / 1e6);
    let long = (300_000.0 * 6.0 + 1000.0 * 22.5) / 1e6;
    near(cost("anthropic", "claude-x"), long);
    assert_eq!(
        cost("groq", "llama-3.3-70b-versatile").unwrap().source,
        "prices:2026-10-30"
    );
    let mut flex = priced("openai", "gpt-4o", &usage);
    flex.service_tier = Some("flex");
    near(prices.cost(&flex), (300_000.0 * 1.5 + 1000.0 * 6.0) / 1e6);
    flex.service_tier = Some("batch");
    near(prices.cost(&flex), (300_000.0 * 1.4 + 1000.0 * 5.5) / 1e6);
}

#[test]
fn litellm_brings_capabilities_too() {
    let prices = Prices::over(litellm());
    let overlay = prices.overlay().unwrap();
    let known = overlay.find(provider("openai"), "gpt-4o").unwrap();
    assert_eq!((known.tools, known.max_input), (Some(true), Some(128_000)));
    assert_eq!(known.deprecated.unwrap().to_string(), "2027-01-31");
    assert_eq!(Prices::bundled().overlay(), None);
}

#[test]
fn rows_show_what_is_billed() {
    let prices = Prices::over(litellm());
    let row = prices
        .row(provider("anthropic").unwrap(), "claude-x")
        .unwrap();
    let step = Rates {
        input: 6.0,
        cached_input: Some(0.6),
        cache_write: Some(7.5),
        cache_write_1h: Some(12.0),
        output: 22.5,
    };
    assert_eq!(
        row.tiers,
        [Step {
            above: 200_000,
            rates: step
        }]
    );
    assert_eq!(
        (row.rates.cache_write_1h, row.context_window),
        (Some(6.0), Some(1_000_000))
    );
    assert_eq!(row.variants.len(), 0);
    let gpt = prices.row(provider("openai").unwrap(), "gpt-4o").unwrap();
    let names: Vec<&str> = gpt.variants.iter().map(|variant| variant.name).collect();
    assert_eq!(names, ["batch", "flex"]);
    let fee = prices
        .row(provider("perplexity").unwrap(), "sonar-x")
        .unwrap();
    assert_eq!(fee.per_request, 0.005);
    let searching = prices.row(provider("perplexity").unwrap(), "sonar-y");
    assert_eq!(searching.unwrap().per_request, 0.012);
    let azure = prices.rows(&|name| name == "azure/us/gpt-4o");
    assert_eq!(
        azure.len(),
        1,
        "the provider's prefix goes, the rest of the name stays"
    );
    assert!(
        prices
            .rows(&|name| name.contains("embed") || name.contains("unserved"))
            .iter()
            .all(|row| row.table != "2026-11-01")
    );
}

#[test]
fn steps_of_the_bundled_table_are_found() {
    let prices = Prices::bundled();
    let row = prices.row(provider("openai").unwrap(), "gpt-5.4").unwrap();
    assert_eq!(row.rates.input, 2.5);
    let (above, rates) = (row.tiers[0].above, row.tiers[0].rates);
    assert_eq!((above, rates.input, rates.output), (272_000, 5.0, 22.5));
    assert!(
        row.variants
            .iter()
            .any(|it| it.name == "batch" && it.rates.input == 1.25)
    );
}
