//! Routes with the models that they name, as a part of a suite: `bakeoff.routes/1`.

use super::{Exported, file, warning};
use crate::policy::Route;
use crate::project::Project;
use crate::source::Problem;
use serde_json::{Map, Value, json};

/// The format's name and version.
const VERSION: &str = "bakeoff.routes/1";

/// These of the suite's routes, with every model that they name. Parameters of the whole suite
/// become the routes' own.
pub fn own(project: &Project, picked: &[usize]) -> Result<Exported, Vec<Problem>> {
    let suite = &project.suite;
    let (mut routes, mut named, mut lost) = (Vec::new(), Vec::new(), Vec::new());
    for index in picked {
        let pointer = format!("/routes/{index}");
        let mut map = suite.routes[*index].clone();
        let route = Route::of(&map).map_err(|faults| {
            let faults = faults.into_iter();
            let faults = faults.map(|fault| fault.problem(&project.doc, &pointer));
            faults.collect::<Vec<_>>()
        })?;
        for (name, at) in &route.scorers {
            let title = format!(
                "{} asks the scorer {name:?}: the suite that takes it needs one of this name",
                map.name
            );
            lost.push(warning(project, &format!("{pointer}{at}"), title));
        }
        map.params = suite.params.with(&map.params);
        if let Some(classifier) = map.cost.as_mut().and_then(|cost| cost.classifier.as_mut()) {
            classifier.params = suite.params.with(&classifier.params);
        }
        named.extend(map.models());
        routes.push(serde_json::to_value(&map).expect("a route is plain data"));
    }
    let mut models: Vec<Value> = Vec::new();
    for (index, spec) in suite.models.iter().enumerate() {
        let map = spec.options();
        let name = map.name.clone().unwrap_or_else(|| map.model.clone());
        if spec.chain().is_some() || !named.contains(&name) {
            continue;
        }
        let written = project.doc.node(&format!("/models/{index}"));
        let mut fields = match written.map(crate::source::Node::to_value) {
            Some(Value::Object(fields)) => fields,
            _ => Map::from_iter([("model".to_owned(), json!(map.model))]),
        };
        fields.remove("prompt");
        if let (None, Some(price)) = (&map.price, suite.prices.get(&map.model)) {
            fields.insert("price".into(), json!(price));
        }
        models.push(Value::Object(fields));
    }
    for (model, price) in &suite.prices {
        if named.contains(model) && suite.listed(model).is_none() {
            models.push(json!({"model": model, "price": price}));
        }
    }
    let mut whole = json!({ "routes": routes });
    if !models.is_empty() {
        whole["models"] = json!(models);
    }
    let head = format!("{VERSION}: routes and their models, to paste into a suite");
    Ok(file(&[&head], lost, &whole))
}
