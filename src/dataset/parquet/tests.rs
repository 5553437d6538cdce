use crate::dataset::tests::{Files, ids};
use insta::assert_snapshot;
use polars::prelude::*;
use serde_json::{Value, json};

fn written(frame: &mut DataFrame) -> Vec<u8> {
    let mut bytes = Vec::new();
    ParquetWriter::new(&mut bytes).finish(frame).unwrap();
    bytes
}

#[test]
fn parquet_keeps_types() {
    let mut frame = DataFrame::new_infer_height(vec![
        Series::new("id".into(), &["007", "b"]).into(),
        Series::new("n".into(), &[1_i64, 2]).into(),
        Series::new("small".into(), &[1_u8, 2]).into(),
        Series::new("f".into(), &[0.5_f64, f64::NAN]).into(),
        Series::new("ok".into(), &[Some(true), None]).into(),
        Series::new(
            "l".into(),
            &[
                Series::new("".into(), &[1_i32, 2]),
                Series::new("".into(), &[3_i32]),
            ],
        )
        .into(),
    ])
    .unwrap();
    let bytes = written(&mut frame);
    let mut files = vec![("d.parquet".to_owned(), bytes.clone())];
    for cut in [0, 3, 4, 8, bytes.len() / 2, bytes.len() - 1] {
        files.push((format!("cut{cut}.parquet"), bytes[..cut].to_vec()));
    }
    for at in (0..bytes.len()).step_by(23) {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x5a;
        files.push((format!("bad{at}.parquet"), damaged));
    }
    let named: Vec<(&str, &[u8])> = files
        .iter()
        .map(|(n, b)| (n.as_str(), b.as_slice()))
        .collect();
    let project = Files::new(&named);
    let dataset = project.good("d.parquet");
    assert_eq!(ids(&dataset), ["007", "b"]);
    let first = json!({"id": "007", "n": 1, "small": 1, "f": 0.5, "ok": true, "l": [1, 2]});
    assert_eq!(Value::Object(dataset.cases[0].vars.clone()), first);
    assert_eq!(dataset.cases[1].vars["f"], Value::Null);
    for (name, _) in &files[1..] {
        let read = project.read(name);
        assert!(!name.starts_with("cut") || read.is_err(), "{name}");
    }
}

#[test]
fn dates_are_text_and_bytes_are_refused() {
    let column = |name: &str, numbers: &[i64], kind: DataType| -> Column {
        let series = Series::new(name.into(), numbers);
        series.cast(&kind).unwrap().into()
    };
    let time = DataType::Datetime(TimeUnit::Milliseconds, None);
    let mut frame = DataFrame::new_infer_height(vec![
        column("day", &[0, 19_000], DataType::Date),
        column("at", &[0, 1_641_600_000_000], time),
        Series::new("short".into(), &[0.1_f32, -2.5]).into(),
        Series::new("big".into(), &[u64::MAX, 0]).into(),
    ])
    .unwrap();
    let mut bytes = DataFrame::new_infer_height(vec![
        Series::new("raw".into(), &[b"a".as_slice(), b"b"]).into(),
    ])
    .unwrap();
    let files = Files::new(&[
        ("d.parquet", written(&mut frame)),
        ("b.parquet", written(&mut bytes)),
    ]);
    let case = &files.good("d.parquet").cases[1];
    let vars = json!({"day": "2022-01-08", "at": "2022-01-08 00:00:00", "short": -2.5, "big": 0});
    assert_eq!(Value::Object(case.vars.clone()), vars);
    assert_eq!(files.good("d.parquet").cases[0].vars["short"], json!(0.1));
    assert_snapshot!(files.said("b.parquet"), @r"bakeoff.yaml:1:10 cannot read `b.parquet`: `raw`: its cells are bytes, not text |");
}

#[test]
fn a_small_file_with_endless_rows_is_refused() {
    let long = "x".repeat(100_000);
    let cells = StringChunked::full("t".into(), &long, 50_000).into_series();
    let mut frame = DataFrame::new_infer_height(vec![cells.into()]).unwrap();
    let bytes = written(&mut frame);
    assert!(bytes.len() < 1 << 20, "{}", bytes.len());
    let files = Files::new(&[("d.parquet", bytes)]);
    assert_snapshot!(files.said("d.parquet"), @r"bakeoff.yaml:1:10 cannot read `d.parquet`: `t`: its rows take more than 2 GiB |");
}
