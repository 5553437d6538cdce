use super::*;

const TABLE: &str = "\
case_id,model,category,prompt,score,cost_usd,latency_ms,sure
a,cheap,x,hi,1,0.1,100,0.9
a,dear,x,hi,1,1,300,0.9
b,cheap,y,hello,0,0.1,120,0.2
b,dear,y,hello,1,1,310,0.8
";

#[test]
fn a_public_table_is_read_with_its_columns() {
    let matrix = read("m.csv", TABLE.as_bytes()).unwrap().matrix();
    assert_eq!(matrix.candidates, ["cheap", "dear"]);
    assert_eq!(matrix.quality, [[1.0, 0.0], [1.0, 1.0]]);
    assert_eq!(matrix.lengths().unwrap(), [2.0, 5.0]);
    assert_eq!(matrix.categories(5)["category"], ["x", "y"]);
    assert_eq!(matrix.signals["sure"][0], [Some(0.9), Some(0.2)]);
}

#[test]
fn what_is_wrong_with_a_table_is_told_by_line_all_at_once() {
    let bad = "case,candidate,score\na,m,good\na,,1\nb,m\nc,m,1\nc,m,1\n";
    let problems = read("m.csv", bad.as_bytes()).unwrap_err();
    let text: String = problems.iter().map(|p| p.draw(false)).collect();
    for line in ["line 2", "line 3", "line 4", "line 6"] {
        assert!(text.contains(line), "{text}");
    }
    assert!(read("m.csv", "case,model\n".as_bytes()).is_err());
    assert!(read("m.csv", "case,model,score\n".as_bytes()).is_err());
    assert!(read("m.csv.gz", &[0x1f, 0x8b, 1, 2][..]).is_err());
}

#[test]
fn who_has_no_score_for_many_cases_takes_no_part() {
    let table = "case,candidate,score\na,m,1\na,n,1\nb,m,0\nb,n,\n";
    let matrix = read("m.csv", table.as_bytes()).unwrap().matrix();
    assert_eq!((matrix.candidates.len(), matrix.left_out.len()), (1, 1));
    assert_eq!(matrix.left_out[0].name, "n");
}

#[test]
fn a_cascade_pays_and_waits_for_both() {
    let matrix = read("m.csv", TABLE.as_bytes()).unwrap().matrix();
    let way = |asked: &[usize]| {
        vec![Way {
            share: 1.0,
            asked: asked.to_vec(),
        }]
    };
    let replay = Replay {
        name: "c".to_owned(),
        ways: vec![way(&[0]), way(&[0, 1])],
        router_cost: 0.0,
    };
    let played = replay.play(&matrix);
    assert_eq!(played.value(), 1.0);
    assert!((played.price().unwrap() - 0.6).abs() < 1e-12);
    assert_eq!(played.shares, [0.5, 0.5]);
    assert_eq!(played.calls, [1.0, 0.5]);
    assert_eq!(played.quantile(1.0).unwrap().value, 430.0);
}

#[test]
fn an_outage_costs_what_is_left_of_the_chain() {
    let link = |model: &str, quality| drill::Link {
        model: model.to_owned(),
        provider: model.to_owned(),
        availability: 0.99,
        limits: None,
        measured: 0,
        quality,
        cost: 1.0,
        latency: 100.0,
        failed_latency: 1000.0,
    };
    let links = vec![link("a", 0.9), link("b", 0.7)];
    let found = drill::drill("safe", links, &drill::Outage::default());
    let when: Vec<&str> = found.events.iter().map(|e| e.when.as_str()).collect();
    assert_eq!(when, ["as measured", "a down", "b down"]);
    assert_eq!(found.common, drill::ACROSS);
    let down = &found.events[1];
    assert!((down.served - 0.99).abs() < 1e-12 && (down.quality - 0.693).abs() < 1e-12);
    // a is waited for each time, b one time in a hundred
    assert!(
        (down.latency - (1000.0 + 99.0 + 10.0)).abs() < 1e-9,
        "{down:?}"
    );
    let all = drill::Outage {
        down: vec!["a".to_owned(), "b".to_owned()],
        ..drill::Outage::default()
    };
    let dark = drill::drill("safe", vec![link("a", 0.9), link("b", 0.7)], &all);
    assert_eq!(dark.events.last().unwrap().served, 0.0);
}
