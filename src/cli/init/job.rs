//! The three jobs: what each adds to a suite, and the commands that do it.

/// What a project is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Job {
    /// Choose a model.
    Select,
    /// Move a prompt to another model.
    Port,
    /// Guard a prompt in CI.
    Gate,
}

/// The rules that a new gate begins with; a primary scorer of its own name is put in.
const RULES: &str = "\
gate:
  baseline: baselines/main.json          # written by `bakeoff baseline set`: commit it
  rules:
    - {scorer: PRIMARY, margin: 0.05}    # not worse than the baseline by more than 5 points
    - {metric: cost_per_case, max_rise: 10%}
";

impl Job {
    /// What an answer to a question means.
    pub fn meant(word: &str) -> Option<Job> {
        match word.to_lowercase().as_str() {
            "1" | "select" | "choose" => Some(Job::Select),
            "2" | "port" | "move" => Some(Job::Port),
            "3" | "gate" | "guard" => Some(Job::Gate),
            _ => None,
        }
    }

    /// What the job adds to the suite.
    pub fn rules(self, primary: &str) -> String {
        match self {
            Job::Gate => RULES.replace("PRIMARY", primary),
            Job::Select | Job::Port => String::new(),
        }
    }

    /// The job's commands, the first of which can be run at once; `from` and `to` are the two models of a port.
    pub fn commands(self, from: &str, to: &str) -> Vec<Vec<String>> {
        let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        match self {
            Job::Select => vec![words("run")],
            Job::Port => vec![vec![
                "port".into(),
                "--from".into(),
                from.into(),
                "--to".into(),
                to.into(),
            ]],
            Job::Gate => vec![words("run"), words("baseline set"), words("gate")],
        }
    }
}
