//! `contains`: texts that the reply must, or must not, contain.

use super::kind::{Built, Given, Kind};
use super::normal::{Normal, Punctuation, Space, Unicode};
use super::phrase::Phrase;
use super::quote::{list, quote};
use super::{Build, Check, Graded, Score, Unscored, compare};
use schemars::{JsonSchema, json_schema};
use serde::Deserialize;

/// The kind `contains`.
pub(super) const KIND: Kind = Kind {
    name: "contains",
    about: "the reply contains texts, or does not; with none given, the target",
    params: "any: [...], all: [...], none: [...] (templates allowed), case: true, \
             space: keep | collapse | ignore, unicode: nfc | nfkc | keep",
    short: "one text",
    range: "0 or 1",
    direction: "higher is better",
    needs: "texts, else a target",
    example: r#"{"scorer": {"contains": "refund"}, "output": "A refund is on its way.", "gives": {"value": 1.0, "passed": true}}"#,
    build: contains,
    schema: |generator| {
        let params = generator.subschema_for::<Params>();
        json_schema!({"anyOf": [{"type": "string"}, {"type": "null"}, params]})
    },
};

fn contains(given: &Given<'_, '_>, build: &Build<'_>) -> Built {
    let mut scorer = Contains::default();
    match given.short() {
        Some(block) if block.text().is_some() => scorer.any.push(Phrase::needle(block, build)?),
        Some(block) if !block.children().is_empty() => {
            let problem =
                given.problem("a bare list does not say how many of the texts must be there");
            return Err(vec![
                problem.help("write `any: [...]`, `all: [...]` or `none: [...]`"),
            ]);
        }
        _ => {
            let mut problems = Vec::new();
            match given.params() {
                Ok(params) => scorer.normal = Contains::normal(&params),
                Err(more) => problems = more,
            }
            let lists = [
                ("any", &mut scorer.any),
                ("all", &mut scorer.all),
                ("none", &mut scorer.none),
            ];
            for (key, list) in lists {
                let items = given.block.child(key).map(|block| block.children());
                for (_, item) in items.unwrap_or_default() {
                    match Phrase::needle(&item, build) {
                        Ok(phrase) => list.push(phrase),
                        Err(more) => problems.extend(more),
                    }
                }
            }
            if !problems.is_empty() {
                return Err(problems);
            }
        }
    }
    Ok(Box::new(scorer))
}

/// What `contains` takes.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
#[schemars(inline)]
struct Params {
    /// At least one of these.
    any: Vec<String>,
    /// Each of these.
    all: Vec<String>,
    /// None of these.
    none: Vec<String>,
    /// Whether upper and lower case differ.
    case: bool,
    /// White space inside.
    space: Space,
    /// Unicode normalisation.
    unicode: Unicode,
}

impl Default for Params {
    fn default() -> Self {
        Params {
            any: Vec::new(),
            all: Vec::new(),
            none: Vec::new(),
            case: true,
            space: Space::Keep,
            unicode: Unicode::Nfc,
        }
    }
}

/// The reply contains what it must. With no texts given, the target.
struct Contains {
    any: Vec<Phrase>,
    all: Vec<Phrase>,
    none: Vec<Phrase>,
    normal: Normal,
}

impl Default for Contains {
    fn default() -> Self {
        Contains {
            any: Vec::new(),
            all: Vec::new(),
            none: Vec::new(),
            normal: Contains::normal(&Params::default()),
        }
    }
}

impl Contains {
    /// How `params` want texts compared.
    fn normal(params: &Params) -> Normal {
        Normal {
            case: params.case,
            trim: false,
            space: params.space,
            punctuation: Punctuation::Keep,
            unicode: params.unicode,
        }
    }

    /// The texts as they are in this case.
    fn texts(&self, phrases: &[Phrase], graded: &Graded<'_>) -> Result<Vec<String>, Unscored> {
        let mut texts = Vec::new();
        for phrase in phrases {
            let text = phrase.render(graded.case)?;
            let text = self.normal.apply(&text);
            if text.is_empty() {
                return Err(Unscored("a text to look for is empty in this case".into()));
            }
            texts.push(text.into_owned());
        }
        Ok(texts)
    }
}

impl Check for Contains {
    fn check(&self, graded: &Graded<'_>) -> Result<Score, Unscored> {
        let reply = self.normal.apply(&graded.reply.text);
        let has = |text: &String| reply.contains(text.as_str());
        let mut any = self.texts(&self.any, graded)?;
        if Check::needs_target(self) {
            let texts = compare::texts(compare::target(graded)?);
            let fixed: Vec<Phrase> = texts.into_iter().map(Phrase::fixed).collect();
            any = self.texts(&fixed, graded)?;
        }
        let (all, none) = (
            self.texts(&self.all, graded)?,
            self.texts(&self.none, graded)?,
        );
        let lacking: Vec<&String> = all.iter().filter(|text| !has(text)).collect();
        let found = any.iter().find(|text| has(text));
        let forbidden = none.iter().find(|text| has(text));
        let mut wrong = Vec::new();
        match any.as_slice() {
            [one] if found.is_none() => wrong.push(format!("lacks {}", quote(one))),
            [_, ..] if found.is_none() => wrong.push(format!("lacks all of {}", list(&any))),
            _ => {}
        }
        if !lacking.is_empty() {
            wrong.push(format!("lacks {}", list(&lacking)));
        }
        if let Some(text) = forbidden {
            wrong.push(format!("contains {}", quote(text)));
        }
        if wrong.is_empty() {
            let present: Vec<&String> = found.into_iter().chain(&all).collect();
            let why = match present.is_empty() {
                true => format!("contains none of {}", list(&none)),
                false => format!("contains {}", list(&present)),
            };
            return Ok(Score::pass(true, why));
        }
        if graded.reply.text.trim().is_empty() {
            wrong.push("the reply is empty".into());
        }
        Ok(Score::pass(false, wrong.join("; ")))
    }

    fn needs_target(&self) -> bool {
        self.any.is_empty() && self.all.is_empty() && self.none.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{check, check_with};
    use super::*;
    use serde_json::json;

    fn contains(params: serde_json::Value) -> Contains {
        let params: Params = serde_json::from_value(params).unwrap();
        let fixed = |texts: &[String]| {
            texts
                .iter()
                .map(|text| Phrase::fixed(text.as_str()))
                .collect()
        };
        Contains {
            any: fixed(&params.any),
            all: fixed(&params.all),
            none: fixed(&params.none),
            normal: Contains::normal(&params),
        }
    }

    #[test]
    fn any_all_and_none() {
        let scorer = contains(
            json!({"any": ["refund", "money back"], "all": ["sorry"], "none": ["lawyer"], "case": false}),
        );
        for (text, value, why) in [
            (
                "Sorry! A Refund is due.",
                1.0,
                "contains \"refund\", \"sorry\"",
            ),
            ("A refund.", 0.0, "lacks \"sorry\""),
            ("Sorry.", 0.0, "lacks all of \"refund\", \"money back\""),
            ("Sorry, refund. My LAWYER", 0.0, "contains \"lawyer\""),
            (
                "",
                0.0,
                "lacks all of \"refund\", \"money back\"; lacks \"sorry\"; the reply is empty",
            ),
        ] {
            let score = check_with(&scorer, text, None).unwrap();
            assert_eq!((score.value, score.why.as_str()), (value, why), "{text}");
        }
        let none = contains(json!({"none": ["as an AI"]}));
        assert_eq!(
            check_with(&none, "Hi", None).unwrap().why,
            "contains none of \"as an AI\""
        );
    }

    #[test]
    fn without_texts_it_is_the_target() {
        let scorer = contains(json!({}));
        assert_eq!(
            check(&scorer, "It is Paris.", json!(["Paris", "Lutetia"]))
                .unwrap()
                .value,
            1.0
        );
        assert_eq!(
            check(&scorer, "It is Rome.", json!("Paris")).unwrap().why,
            "lacks \"Paris\""
        );
        assert!(check_with(&scorer, "x", None).is_err());
        assert!(check(&scorer, "x", json!("")).is_err());
        assert_eq!(
            check(&scorer, "答案是東京。", json!("東京")).unwrap().value,
            1.0
        );
    }
}
