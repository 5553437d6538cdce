//! `bakeoff schema`: the JSON Schema of the suite, with every kind of scorer in it, and of each output.

use super::args;
use super::exit::Exit;
use super::host::Host;
use super::output::put;
use super::outputs::OUTPUTS;
use crate::project;
use crate::score::Definition;
use crate::source::{Problem, did_you_mean, schema_of};
use serde_json::Value;

/// Runs the command.
pub fn schema(host: &Host, args: &args::Schema) -> Result<Exit, Problem> {
    let text = match args.of.as_str() {
        "suite" => text(),
        name => match OUTPUTS.iter().find(|output| output.name == name) {
            Some(output) => format!("{:#}\n", output.schema()),
            None => return Err(unknown(name)),
        },
    };
    match &args.out {
        None => host.print(&text),
        Some(path) => {
            let fail =
                |e: std::io::Error| Problem::error(format!("cannot write {}: {e}", path.display()));
            put(&host.cwd.join(path), text.as_bytes()).map_err(fail)?;
        }
    }
    Ok(Exit::Good)
}

fn unknown(name: &str) -> Problem {
    let names = || std::iter::once("suite").chain(OUTPUTS.iter().map(|output| output.name));
    let problem = Problem::error(format!("there is no schema of {name:?}"));
    problem.help(match did_you_mean(name, names()) {
        Some(near) => format!("did you mean {near:?}?"),
        None => format!("known: {}", names().collect::<Vec<_>>().join(", ")),
    })
}

/// The schema as it is committed: pretty, with a last line end.
pub fn text() -> String {
    format!("{:#}\n", whole())
}

/// The suite's schema with the scorers' definitions in the place of its list's items.
pub fn whole() -> Value {
    let mut suite = project::schema();
    let mut scorer = schema_of::<Definition>();
    if let (Some(own), Some(theirs)) = (
        suite["$defs"].as_object().cloned(),
        scorer["$defs"].as_object_mut(),
    ) {
        let mut all = own;
        all.append(theirs);
        suite["$defs"] = Value::Object(all);
    }
    if let Some(object) = scorer.as_object_mut() {
        object.remove("$defs");
        object.remove("$schema");
    }
    suite["properties"]["scorers"]["items"] = scorer;
    suite
}
