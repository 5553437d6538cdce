use super::*;
use crate::dataset::tests::{Files, ids};
use insta::assert_snapshot;

fn dataset(n: usize) -> Dataset {
    let lang = |k: usize| if k.is_multiple_of(10) { "de" } else { "en" };
    let rows: String = (0..n)
        .map(|k| format!("case-{k:03},{},{k}\n", lang(k)))
        .collect();
    let files = Files::new(&[("d.csv", format!("id,lang,n\n{rows}"))]);
    files.good("{path: d.csv, tags: [lang]}")
}

fn only(words: &[&str]) -> Selection {
    Selection {
        only: words.iter().map(|word| (*word).to_owned()).collect(),
        ..Selection::default()
    }
}

fn sample(n: usize, by: Option<&str>, seed: u64) -> Selection {
    let by = by.map(str::to_owned);
    Selection {
        sample: Some(Sample { n, by }),
        seed,
        ..Selection::default()
    }
}

#[test]
fn by_id_glob_and_tag() {
    let all = dataset(30);
    let pick = |words: &[&str]| {
        let picked = all.clone().select(&only(words)).unwrap();
        ids(&picked)
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        pick(&["case-005", "case-00[12]"]),
        ["case-001", "case-002", "case-005"]
    );
    assert_eq!(pick(&["tag:lang=de"]), ["case-000", "case-010", "case-020"]);
    assert_eq!(pick(&["tag:*"]).len(), 30);
    let fails = |words: &[&str]| {
        let problem = all.clone().select(&only(words)).unwrap_err();
        format!("{} | {}", problem.title, problem.help.join(" / "))
    };
    assert_snapshot!(fails(&["case-001", "case-05"]), @r"no case is `case-05` | did you mean `case-005`?");
    assert_snapshot!(fails(&["tag:lang=fr"]), @r"no case is `tag:lang=fr` | did you mean `tag:lang=de`?");
    assert_snapshot!(fails(&["nothing"]), @r"no case is `nothing` | there are: case-000, case-001, case-002, case-003, case-004, …");
}

#[test]
fn a_sample_is_fair_stable_and_in_order() {
    let all = dataset(200);
    let picked = all.clone().select(&sample(50, Some("lang"), 1)).unwrap();
    let count = |tag: &str| {
        picked
            .cases
            .iter()
            .filter(|case| case.tags[0] == tag)
            .count()
    };
    assert_eq!((count("lang=de"), count("lang=en")), (5, 45));
    assert!(picked.cases.is_sorted_by_key(|case| case.line));
    let again = all.clone().select(&sample(50, Some("lang"), 1)).unwrap();
    assert_eq!(picked, again);
    let other = all.clone().select(&sample(50, Some("lang"), 2)).unwrap();
    assert_ne!(picked.hash, other.hash);
    let larger = all.clone().select(&sample(80, None, 7)).unwrap();
    let smaller = all.clone().select(&sample(40, None, 7)).unwrap();
    assert!(smaller.cases.iter().all(|case| larger.cases.contains(case)));
    assert_eq!(
        all.clone()
            .select(&sample(999, None, 1))
            .unwrap()
            .cases
            .len(),
        200
    );
    let problem = all.select(&sample(5, Some("land"), 1)).unwrap_err();
    assert_eq!(problem.help[0], "did you mean `lang`?");
}

#[test]
fn every_sample_size_is_met() {
    let all = dataset(37);
    for n in 1..=37 {
        assert_eq!(
            all.clone()
                .select(&sample(n, Some("lang"), 3))
                .unwrap()
                .cases
                .len(),
            n
        );
    }
}

#[test]
fn shards_share_the_cases_out() {
    let all = dataset(10);
    let mut found = Vec::new();
    for part in 1..=3 {
        let shard = format!("{part}/3").parse().ok();
        let selection = Selection {
            shard,
            ..Selection::default()
        };
        found.extend(all.clone().select(&selection).unwrap().cases);
    }
    found.sort_by_key(|case| case.line);
    assert_eq!(found, all.cases);
    let limited = Selection {
        limit: Some(3),
        ..Selection::default()
    };
    assert_eq!(
        ids(&all.clone().select(&limited).unwrap()),
        ["case-000", "case-001", "case-002"]
    );
    let none = Selection {
        limit: Some(1),
        shard: "2/2".parse().ok(),
        ..Selection::default()
    };
    assert!(all.select(&none).is_err());
    for bad in ["0/3", "4/3", "x", "1/0", "1"] {
        assert!(bad.parse::<Shard>().is_err(), "{bad}");
    }
}
