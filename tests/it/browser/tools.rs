//! Node, chromium and the two packages that the checks are written with, where they are.

use crate::shared::say;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Everything that a check in a browser needs.
pub struct Tools {
    node: PathBuf,
    chromium: PathBuf,
    modules: PathBuf,
}

impl Tools {
    /// The tools; without one of them the test says aloud that it did not run, or fails if it must run.
    pub fn find() -> Option<Tools> {
        let found = Tools::look();
        let must = std::env::var_os("BAKEOFF_BROWSER").is_some_and(|it| it == "1");
        match found {
            Ok(tools) => Some(tools),
            Err(missing) if must => panic!("BAKEOFF_BROWSER=1, but there is no {missing}"),
            Err(missing) => {
                say(&format!("not run: no browser (there is no {missing})"));
                None
            }
        }
    }

    fn look() -> Result<Tools, String> {
        let named = std::env::var_os("CHROMIUM").map(PathBuf::from);
        let chromium = named.or_else(|| ["chromium", "chromium-browser"].iter().find_map(program));
        let modules = target().join("browser/node_modules");
        let package = |name: &str| modules.join(name).join("package.json").is_file();
        if !package("playwright-core") || !package("axe-core") {
            return Err(format!(
                "playwright-core and axe-core in {}",
                modules.display()
            ));
        }
        Ok(Tools {
            node: program(&"node").ok_or("node")?,
            chromium: chromium.ok_or("chromium")?,
            modules,
        })
    }

    /// Runs one file of checks over its task. Returns its closing line; at least so many checks must have passed.
    pub fn check(&self, script: &str, task: &Value, least: usize) -> String {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("task.json");
        std::fs::write(&file, task.to_string()).unwrap();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
        let output = Command::new(&self.node)
            .arg(root.join(script))
            .arg(&file)
            .env("BROWSER_MODULES", &self.modules)
            .env("CHROMIUM", &self.chromium)
            .output()
            .unwrap();
        let out = String::from_utf8_lossy(&output.stdout);
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{script}:\n{out}\n{err}");
        let last = out.lines().last().unwrap_or_default();
        let passed = last.split_whitespace().find_map(|word| word.parse().ok());
        assert!(
            passed.is_some_and(|n: usize| n >= least),
            "{script}:\n{out}"
        );
        last.to_owned()
    }
}

/// The folder of build products.
fn target() -> PathBuf {
    let named = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    named.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("target"))
}

fn program(name: &&str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut places = std::env::split_paths(&path).map(|folder| folder.join(name));
    places.find(|place| place.is_file())
}
