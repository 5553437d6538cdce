//! The mistakes themselves.

use super::Mistake;

/// In the prompts.
pub(super) const PROMPTS: &[Mistake] = &[
    (
        "schema_type",
        &[(
            "prompts/ask.yaml",
            r#"messages:
"#,
            r#"output_schema: {type: strng}
messages:
"#,
        )],
        "check",
    ),
    (
        "tool_results",
        &[(
            "prompts/ask.yaml",
            "",
            r#"tools: [{name: lookup, parameters: {type: object}}]
tool_results: {lokup: "x"}
"#,
        )],
        "check",
    ),
    (
        "prompt_variable",
        &[(
            "prompts/ask.yaml",
            r#"  - user: "{{text}}"
"#,
            r#"  - user: "{{txt}}"
"#,
        )],
        "check",
    ),
    (
        "bars_unclosed",
        &[(
            "prompts/ask.yaml",
            r#"  - user: "{{text}}"
"#,
            r#"  - user: "{{text"
"#,
        )],
        "check",
    ),
    (
        "bars_if",
        &[(
            "prompts/ask.yaml",
            r#"  - user: "{{text}}"
"#,
            r#"  - user: "{{#if text}}yes"
"#,
        )],
        "check",
    ),
    (
        "bars_close",
        &[(
            "prompts/ask.yaml",
            r#"  - user: "{{text}}"
"#,
            r#"  - user: "{{#if text}}yes{{/each}}"
"#,
        )],
        "check",
    ),
    (
        "bars_single",
        &[(
            "prompts/ask.yaml",
            r#"  - user: "{{text}}"
"#,
            r#"  - user: "{text}"
"#,
        )],
        "check",
    ),
    (
        "bars_triple",
        &[(
            "prompts/ask.yaml",
            r#"  - user: "{{text}}"
"#,
            r#"  - user: "{{text}}}"
"#,
        )],
        "check",
    ),
    (
        "bars_filter",
        &[(
            "prompts/ask.yaml",
            r#"  - user: "{{text}}"
"#,
            r#"  - user: "{{text | upper}}"
"#,
        )],
        "check",
    ),
    (
        "bars_empty",
        &[(
            "prompts/ask.yaml",
            r#"  - user: "{{text}}"
"#,
            r#"  - user: "{{}}"
"#,
        )],
        "check",
    ),
    (
        "bars_helper",
        &[(
            "prompts/ask.yaml",
            r#"  - user: "{{text}}"
"#,
            r#"  - user: "{{#iff text}}x{{/iff}}"
"#,
        )],
        "check",
    ),
    (
        "bars_jinja",
        &[(
            "prompts/ask.yaml",
            r#"  - user: "{{text}}"
"#,
            r#"  - user: "{% if text %}{{text}}{% endif %}"
"#,
        )],
        "check",
    ),
    (
        "role",
        &[(
            "prompts/ask.yaml",
            r#"  - system: Sort tickets.
"#,
            r#"  - sytem: hi
"#,
        )],
        "check",
    ),
    (
        "messages_missing",
        &[(
            "prompts/ask.yaml",
            r#"messages:
  - system: Sort tickets.
  - user: "{{text}}"
"#,
            r#"system: hi
user: "{{text}}"
"#,
        )],
        "check",
    ),
    (
        "messages_openai",
        &[(
            "prompts/ask.yaml",
            r#"  - system: Sort tickets.
  - user: "{{text}}"
"#,
            r#"  - {role: system, content: hi}
  - {role: user, content: "{{text}}"}
"#,
        )],
        "check",
    ),
];

/// In the data.
pub(super) const DATA: &[Mistake] = &[
    (
        "csv_ragged",
        &[(
            "data.csv",
            "",
            r#"t4,one,two,three,four
"#,
        )],
        "check",
    ),
    (
        "csv_duplicate_id",
        &[(
            "data.csv",
            "",
            r#"t1,again,en,bug
"#,
        )],
        "check",
    ),
    (
        "csv_quote",
        &[(
            "data.csv",
            "",
            r#"t4,"open,en,bug
"#,
        )],
        "check",
    ),
    (
        "csv_empty_target",
        &[(
            "data.csv",
            "",
            r#"t4,empty,en,
"#,
        )],
        "check",
    ),
    (
        "csv_only_header",
        &[(
            "data.csv",
            r#"t1,it broke,en,bug
t2,paid twice,en,billing
t3,kaputt,de,bug
"#,
            "",
        )],
        "check",
    ),
    (
        "csv_semicolon",
        &[(
            "data.csv",
            r#"id,text,lang,label
t1,it broke,en,bug
t2,paid twice,en,billing
t3,kaputt,de,bug
"#,
            r#"id;text;lang;label
t1;it broke;en;bug
t2;paid twice;en;billing
t3;kaputt;de;bug
"#,
        )],
        "check",
    ),
    (
        "jsonl_bad",
        &[
            (
                "bakeoff.yaml",
                r#"dataset: {path: data.csv, id: id, target: label, tags: [lang]}
"#,
                r#"dataset: {path: data.jsonl, id: id, target: label, tags: [lang]}
"#,
            ),
            (
                "data.jsonl",
                "",
                r#"{"id":"t1","text":"x","lang":"en","label":"bug"}
{"id": t2}
"#,
            ),
        ],
        "check",
    ),
];

/// In the flags.
pub(super) const FLAGS: &[Mistake] = &[
    ("flag_unknown", &[], "run --max-costs 1"),
    ("subcommand", &[], "chek"),
    ("flag_value", &[], "run --max-cost cheap"),
    ("flag_model", &[], "check --model smal"),
    ("flag_model2", &[], "check --model openai/gpt-4o-minni"),
    ("flag_prompt", &[], "check --prompt aks"),
    ("flag_only", &[], "check --only t9"),
    ("flag_only_tag", &[], "check --only tag:fr"),
    ("flag_shard", &[], "check --shard 4/3"),
    ("flag_format", &[], "check --format jsn"),
    ("flag_run", &[], "show 0199"),
    ("flag_file", &[], "check -f nope.yaml"),
    ("flag_job", &[], "init x --job selct"),
    ("flag_list", &[], "list modls"),
    ("flag_explain", &[], "explain exct"),
    ("flag_call", &[], "call opnai/gpt-4o --prompt x"),
];

/// In the suite.
pub(super) const SUITE: &[Mistake] = &[
    (
        "unknown_key",
        &[(
            "bakeoff.yaml",
            r#"params: {temperature: 0, max_tokens: 16}
"#,
            r#"parms: {temperature: 0, max_tokens: 16}
"#,
        )],
        "check",
    ),
    (
        "unknown_nested_key",
        &[(
            "bakeoff.yaml",
            r#"params: {temperature: 0, max_tokens: 16}
"#,
            r#"params: {temperature: 0, max_token: 16}
"#,
        )],
        "check",
    ),
    (
        "yaml_tab",
        &[(
            "bakeoff.yaml",
            r#"  - prompts/ask.yaml
"#,
            r#"	- prompts/ask.yaml
"#,
        )],
        "check",
    ),
    (
        "yaml_unclosed",
        &[(
            "bakeoff.yaml",
            r#"params: {temperature: 0, max_tokens: 16}
"#,
            r#"params: {temperature: 0, max_tokens: 16
"#,
        )],
        "check",
    ),
    (
        "yaml_quote",
        &[(
            "bakeoff.yaml",
            r#"name: triage
"#,
            r#"name: "triage
"#,
        )],
        "check",
    ),
    (
        "yaml_colon",
        &[(
            "bakeoff.yaml",
            r#"name: triage
"#,
            r#"name: triage: two
"#,
        )],
        "check",
    ),
    (
        "yaml_indent",
        &[(
            "bakeoff.yaml",
            r#"models:
"#,
            r#" - prompts/b.yaml
models:
"#,
        )],
        "check",
    ),
    (
        "yaml_duplicate",
        &[(
            "bakeoff.yaml",
            "",
            r#"name: again
"#,
        )],
        "check",
    ),
    (
        "yaml_brace",
        &[(
            "bakeoff.yaml",
            r#"dataset: {path: data.csv, id: id, target: label, tags: [lang]}
"#,
            r#"dataset: {{path: data.csv, id: id, target: label, tags: [lang]}
"#,
        )],
        "check",
    ),
    (
        "wrong_type",
        &[(
            "bakeoff.yaml",
            r#"params: {temperature: 0, max_tokens: 16}
"#,
            r#"params: {temperature: hot, max_tokens: 16}
"#,
        )],
        "check",
    ),
    (
        "number_in_quotes",
        &[(
            "bakeoff.yaml",
            r#"params: {temperature: 0, max_tokens: 16}
"#,
            r#"params: {temperature: 0, max_tokens: "16"}
"#,
        )],
        "check",
    ),
    (
        "out_of_range",
        &[(
            "bakeoff.yaml",
            r#"primary: label
"#,
            r#"repeats: 0
"#,
        )],
        "check",
    ),
    (
        "missing_dataset_key",
        &[(
            "bakeoff.yaml",
            r#"dataset: {path: data.csv, id: id, target: label, tags: [lang]}
"#,
            "",
        )],
        "check",
    ),
    (
        "missing_file",
        &[(
            "bakeoff.yaml",
            r#"dataset: {path: data.csv, id: id, target: label, tags: [lang]}
"#,
            r#"dataset: {path: datas.csv, id: id, target: label, tags: [lang]}
"#,
        )],
        "check",
    ),
    (
        "unknown_target_column",
        &[(
            "bakeoff.yaml",
            r#"dataset: {path: data.csv, id: id, target: label, tags: [lang]}
"#,
            r#"dataset: {path: data.csv, id: id, target: lable, tags: [lang]}
"#,
        )],
        "check",
    ),
    (
        "unknown_tag_column",
        &[(
            "bakeoff.yaml",
            r#"dataset: {path: data.csv, id: id, target: label, tags: [lang]}
"#,
            r#"dataset: {path: data.csv, id: id, target: label, tags: [langg]}
"#,
        )],
        "check",
    ),
    (
        "unknown_model_provider",
        &[(
            "bakeoff.yaml",
            r#"  - {name: small, api: openai-chat, base_url: "http://127.0.0.1:9/v1", model: small, price: {input: 1, output: 2}}
"#,
            r#"  - opneai/gpt-4o
  - {name: small, api: openai-chat, base_url: "http://127.0.0.1:9/v1", model: small, price: {input: 1, output: 2}}
"#,
        )],
        "check",
    ),
    (
        "bare_unknown_model",
        &[(
            "bakeoff.yaml",
            r#"  - {name: small, api: openai-chat, base_url: "http://127.0.0.1:9/v1", model: small, price: {input: 1, output: 2}}
"#,
            r#"  - gpt-9000-ultra-x
  - {name: small, api: openai-chat, base_url: "http://127.0.0.1:9/v1", model: small, price: {input: 1, output: 2}}
"#,
        )],
        "check",
    ),
    (
        "ambiguous_model",
        &[(
            "bakeoff.yaml",
            r#"  - {name: small, api: openai-chat, base_url: "http://127.0.0.1:9/v1", model: small, price: {input: 1, output: 2}}
"#,
            r#"  - llama-3.3-70b-versatile
  - {name: small, api: openai-chat, base_url: "http://127.0.0.1:9/v1", model: small, price: {input: 1, output: 2}}
"#,
        )],
        "check",
    ),
    (
        "unknown_api",
        &[(
            "bakeoff.yaml",
            r#"  - {name: small, api: openai-chat, base_url: "http://127.0.0.1:9/v1", model: small, price: {input: 1, output: 2}}
"#,
            r#"  - {name: small, api: openai-chatt, base_url: "http://127.0.0.1:9/v1", model: small, price: {input: 1, output: 2}}
"#,
        )],
        "check",
    ),
    (
        "bad_url",
        &[(
            "bakeoff.yaml",
            r#"  - {name: small, api: openai-chat, base_url: "http://127.0.0.1:9/v1", model: small, price: {input: 1, output: 2}}
"#,
            r#"  - {name: small, api: openai-chat, base_url: "127.0.0.1:9", model: small, price: {input: 1, output: 2}}
"#,
        )],
        "check",
    ),
    (
        "unknown_scorer",
        &[(
            "bakeoff.yaml",
            r#"  - {name: label, label: {of: [bug, billing]}}
"#,
            r#"  - {name: label, lable: {of: [bug, billing]}}
"#,
        )],
        "check",
    ),
    (
        "scorer_param",
        &[(
            "bakeoff.yaml",
            r#"  - {name: label, label: {of: [bug, billing]}}
"#,
            r#"  - {name: label, label: {off: [bug, billing]}}
"#,
        )],
        "check",
    ),
    (
        "scorer_bad_regex",
        &[(
            "bakeoff.yaml",
            r#"  - {name: label, label: {of: [bug, billing]}}
"#,
            r#"  - {name: label, regex: "([a-z"}
"#,
        )],
        "check",
    ),
    (
        "scorer_script_missing",
        &[(
            "bakeoff.yaml",
            r#"  - {name: label, label: {of: [bug, billing]}}
"#,
            r#"  - {name: label, script: {command: [no-such-program-x]}}
"#,
        )],
        "check --allow-exec",
    ),
    (
        "scorer_no_exec",
        &[(
            "bakeoff.yaml",
            r#"  - {name: label, label: {of: [bug, billing]}}
"#,
            r#"  - {name: label, script: {command: [cat]}}
"#,
        )],
        "check",
    ),
    (
        "when_tag",
        &[(
            "bakeoff.yaml",
            r#"  - {name: label, label: {of: [bug, billing]}}
"#,
            r#"  - {name: label, label: {of: [bug, billing]}, when: {tags: [fr]}}
"#,
        )],
        "check",
    ),
    (
        "when_tag2",
        &[(
            "bakeoff.yaml",
            r#"  - {name: label, label: {of: [bug, billing]}}
"#,
            r#"  - {name: label, label: {of: [bug, billing]}, when: lang=fr}
"#,
        )],
        "check",
    ),
    (
        "unknown_primary",
        &[(
            "bakeoff.yaml",
            r#"primary: label
"#,
            r#"primary: lable
"#,
        )],
        "check",
    ),
    (
        "primary_and_word",
        &[
            (
                "bakeoff.yaml",
                r#"primary: label
"#,
                r#"primary: lable
limits: {timeout: fast}
"#,
            ),
            (
                "prompts/ask.yaml",
                r#"  - user: "{{text}}"
"#,
                r#"  - user: "{{txt}}"
"#,
            ),
        ],
        "check",
    ),
    (
        "gate_scorer",
        &[(
            "bakeoff.yaml",
            r#"primary: label
"#,
            r#"gate: {rules: [{scorer: lable, margin: 0.05}]}
"#,
        )],
        "check",
    ),
    (
        "gate_metric",
        &[(
            "bakeoff.yaml",
            r#"primary: label
"#,
            r#"gate: {rules: [{metric: latency_p59, max: 2s}]}
"#,
        )],
        "check",
    ),
    (
        "gate_unit",
        &[(
            "bakeoff.yaml",
            r#"primary: label
"#,
            r#"gate: {rules: [{metric: latency_p95, max: 2}]}
"#,
        )],
        "check",
    ),
    (
        "lane",
        &[(
            "bakeoff.yaml",
            r#"primary: label
"#,
            r#"limits: {lanes: {opnai: {rpm: 5}}}
"#,
        )],
        "check",
    ),
    (
        "price_entry",
        &[(
            "bakeoff.yaml",
            r#"  - {name: small, api: openai-chat, base_url: "http://127.0.0.1:9/v1", model: small, price: {input: 1, output: 2}}
"#,
            r#"  - {name: small, api: openai-chat, base_url: "http://127.0.0.1:9/v1", model: small, price: {input: cheap, output: -2}}
"#,
        )],
        "check",
    ),
    (
        "prices_map",
        &[(
            "bakeoff.yaml",
            r#"primary: label
"#,
            r#"prices: {small: {input: 1}, other: {inputs: 2}}
"#,
        )],
        "check",
    ),
    (
        "key_inline",
        &[(
            "bakeoff.yaml",
            r#"  - {name: small, api: openai-chat, base_url: "http://127.0.0.1:9/v1", model: small, price: {input: 1, output: 2}}
"#,
            r#"  - {name: small, api: openai-chat, base_url: "http://127.0.0.1:9/v1", model: small, key: sk-abcdef1234567890abcdef, price: {input: 1, output: 2}}
"#,
        )],
        "check",
    ),
    (
        "replay_missing",
        &[(
            "bakeoff.yaml",
            r#"primary: label
"#,
            r#"replay: datasets/replies.jsonl
"#,
        )],
        "check",
    ),
    (
        "prompt_file_missing",
        &[(
            "bakeoff.yaml",
            r#"  - prompts/ask.yaml
"#,
            r#"  - prompts/aks.yaml
"#,
        )],
        "check",
    ),
    (
        "prompt_txt",
        &[(
            "bakeoff.yaml",
            r#"  - prompts/ask.yaml
"#,
            r#"  - prompts/ask.txt
"#,
        )],
        "check",
    ),
];
