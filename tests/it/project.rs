//! A project in a temporary folder, and the binary run in it.

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

/// A folder with files, and a clean environment to run the binary in.
pub struct Project {
    folder: tempfile::TempDir,
}

/// What a command printed and how it ended.
#[derive(Debug)]
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Said {
    /// What it printed, with one blank wherever it has several or a line ends: words that a wrap may part.
    pub fn unwrapped(&self) -> String {
        self.out.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|e| {
            panic!(
                "stdout is no JSON ({e}):\n{}\nstderr:\n{}",
                self.out, self.err
            )
        })
    }
}

impl From<Output> for Said {
    fn from(output: Output) -> Said {
        Said {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Project {
    pub fn new(files: &[(&str, &str)]) -> Project {
        let project = Project {
            folder: tempfile::tempdir().unwrap(),
        };
        for (name, text) in files {
            project.write(name, text);
        }
        project
    }

    /// A suite with one question per number, asked of these models at this address.
    pub fn arithmetic(base_url: &str, models: &[&str], cases: usize, more: &str) -> Project {
        let mut rows = String::from("id,question,target\n");
        for n in 0..cases {
            rows.push_str(&format!("q{n:03},what is {n} + 1?,{}\n", n + 1));
        }
        let models = models.iter().map(|model| {
            format!("  - {{name: {model}, api: openai-chat, base_url: \"{base_url}\", model: {model}, price: {{input: 1, output: 2}}}}\n")
        });
        let suite = format!(
            "name: arithmetic\ndataset: data.csv\nprompts:\n  - {{name: ask, messages: [{{user: \"{{{{question}}}}\"}}]}}\n\
             models:\n{}params: {{temperature: 0, max_tokens: 16}}\nscorers: [exact]\n{more}",
            models.collect::<String>()
        );
        Project::new(&[("data.csv", &rows), ("bakeoff.yaml", &suite)])
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// The binary (or the one that BAKEOFF_BIN names) in this folder, with nothing of our environment
    /// but what it needs to start.
    pub fn command(&self, args: &[&str]) -> Command {
        let named = std::env::var_os("BAKEOFF_BIN");
        let mut command = Command::new(named.unwrap_or(env!("CARGO_BIN_EXE_bakeoff").into()));
        command.args(args).current_dir(self.path()).env_clear();
        command
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.path());
        command
    }

    pub fn run(&self, args: &[&str]) -> Said {
        self.command(args).output().unwrap().into()
    }
}
