//! One running program: a line in, a line out; in a process group of its own, which dies with it.

use super::super::quote::tell;
use futures_util::FutureExt;
use futures_util::future::join;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{ChildStderr, ChildStdin, ChildStdout};
use tokio::time::{sleep, timeout};

/// The longest answer, in bytes.
const LONGEST: usize = 1 << 20;
/// Bytes kept of what a program says on stderr.
const TAIL: usize = 4096;
/// Characters of it that are shown.
const SHOWN: usize = 200;
/// How long a program that has closed its output may take to end.
const ENDING: Duration = Duration::from_millis(500);

/// What is started, and how.
#[derive(Debug)]
pub(super) struct Program {
    /// The program and its arguments.
    pub command: Vec<String>,
    /// The folder it is started in.
    pub folder: PathBuf,
    /// All that it sees of the environment.
    pub env: Vec<(String, String)>,
    /// The most memory that each of its processes may take, in bytes.
    pub memory: u64,
}

impl Program {
    /// Through `sh`, which sets the limits for what takes its place: to do so between fork and exec
    /// would need unsafe code.
    #[cfg(unix)]
    fn command(&self) -> Command {
        use std::os::unix::process::CommandExt;
        let mut command = Command::new("/bin/sh");
        let limits = "ulimit -c 0 && ulimit -v \"$0\" && exec \"$@\"";
        let kilobytes = (self.memory / 1024).max(1).to_string();
        command.args(["-c", limits, &kilobytes]).args(&self.command);
        command.process_group(0);
        command
    }

    #[cfg(not(unix))]
    fn command(&self) -> Command {
        let mut command = Command::new(&self.command[0]);
        command.args(&self.command[1..]);
        command
    }
}

/// Why a worker has no answer.
#[derive(Debug)]
pub(super) enum Failed {
    /// It ended by itself and without a fault, before it said anything.
    Done,
    /// Anything else, with the reason.
    Broken(String),
}

/// A running program.
pub(super) struct Worker {
    child: Child,
    input: ChildStdin,
    output: ChildStdout,
    errors: ChildStderr,
    /// What it has said beyond its last answer.
    rest: Vec<u8>,
    /// The end of what it has said on stderr.
    tail: Vec<u8>,
}

impl Worker {
    /// Starts the program.
    pub(super) fn start(program: &Program) -> Result<Worker, String> {
        let name = tell(program.command.first().map_or("", String::as_str));
        let fail = |error: std::io::Error| format!("cannot start {name}: {error}");
        let mut child = program
            .command()
            .current_dir(&program.folder)
            .env_clear()
            .envs(program.env.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(fail)?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = pipes else {
            end(&mut child);
            return Err(format!("cannot start {name}: it has no pipes"));
        };
        let pipes = ChildStdin::from_std(input).and_then(|input| {
            let output = ChildStdout::from_std(output)?;
            Ok((input, output, ChildStderr::from_std(errors)?))
        });
        match pipes {
            Err(error) => {
                end(&mut child);
                Err(fail(error))
            }
            Ok((input, output, errors)) => Ok(Worker {
                child,
                input,
                output,
                errors,
                rest: Vec::new(),
                tail: Vec::new(),
            }),
        }
    }

    /// Whether it runs and has said nothing that it was not asked for.
    pub(super) fn is_ready(&mut self) -> bool {
        let silent = self.rest.iter().all(u8::is_ascii_whitespace);
        let mut more = [0; 64];
        let said = self.output.read(&mut more).now_or_never();
        silent && said.is_none() && matches!(self.child.try_wait(), Ok(None))
    }

    /// Sends a line and waits for the answer's.
    pub(super) async fn ask(&mut self, line: &[u8]) -> Result<String, Failed> {
        self.rest.clear();
        let Worker {
            input,
            output,
            errors,
            rest,
            tail,
            ..
        } = self;
        let write = async {
            input.write_all(line).await?;
            input.flush().await
        };
        let talk = join(write, answer(output, rest));
        let read = tokio::select! {
            (_, read) = talk => read,
            never = drain(errors, tail) => match never {},
        };
        match read {
            Ok(Some(answer)) => Ok(answer),
            Ok(None) => Err(self.ended().await),
            Err(why) => Err(Failed::Broken(self.with_complaint(why))),
        }
    }

    /// How it ended, once it has closed its output.
    async fn ended(&mut self) -> Failed {
        let Worker { errors, tail, .. } = self;
        let _ = timeout(ENDING / 2, drain_to_end(errors, tail)).await;
        let waiting = async {
            loop {
                if let Ok(Some(status)) = self.child.try_wait() {
                    return status;
                }
                sleep(Duration::from_millis(5)).await;
            }
        };
        let status = timeout(ENDING, waiting).await.ok();
        if status.is_some_and(|status| status.success()) && self.rest.is_empty() {
            return Failed::Done;
        }
        let how = status.map_or("closed its output".into(), told);
        Failed::Broken(self.with_complaint(format!("the program {how} without an answer")))
    }

    /// A reason, with the end of what the program said on stderr.
    pub(super) fn with_complaint(&self, why: String) -> String {
        let said = String::from_utf8_lossy(&self.tail);
        let said = said.trim();
        let skip = said.chars().count().saturating_sub(SHOWN);
        let end: String = said.chars().skip(skip).collect();
        match end.is_empty() {
            true => why,
            false => format!("{why}; stderr: {}", tell(&end)),
        }
    }
}

fn told(status: ExitStatus) -> String {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return format!("was killed by signal {signal}");
    }
    match status.code() {
        Some(code) => format!("ended with status {code}"),
        None => "ended".into(),
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Kills the program with all its group and takes it off the list of processes. The group goes
/// first: its id cannot belong to others as long as the program has not been waited for.
fn end(child: &mut Child) {
    #[cfg(unix)]
    {
        use rustix::process::{Pid, Signal, kill_process_group};
        let _ = kill_process_group(Pid::from_child(child), Signal::KILL);
    }
    let _ = child.kill();
    // nothing survives SIGKILL, so this does not wait
    let _ = child.wait();
}

/// The next line of the output: none at its end.
async fn answer(output: &mut ChildStdout, rest: &mut Vec<u8>) -> Result<Option<String>, String> {
    let mut seen = 0;
    loop {
        if let Some(end) = rest[seen..].iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = rest.drain(..=seen + end).collect();
            let line = String::from_utf8(line);
            let line = line.map_err(|_| "the program's answer is no UTF-8".to_owned())?;
            return Ok(Some(line.trim().to_owned()));
        }
        seen = rest.len();
        if seen > LONGEST {
            return Err(format!(
                "the program's answer is longer than {LONGEST} bytes"
            ));
        }
        let read = output.read_buf(rest).await;
        if read.map_err(|error| format!("cannot read the program's answer: {error}"))? == 0 {
            return Ok(None);
        }
    }
}

/// Keeps the end of what is said on stderr, so that no program waits for somebody to read it.
async fn drain(errors: &mut ChildStderr, tail: &mut Vec<u8>) -> std::convert::Infallible {
    drain_to_end(errors, tail).await;
    std::future::pending().await
}

async fn drain_to_end(errors: &mut ChildStderr, tail: &mut Vec<u8>) {
    let mut piece = [0; TAIL];
    while let Ok(read @ 1..) = errors.read(&mut piece).await {
        tail.extend_from_slice(&piece[..read]);
        let too_much = tail.len().saturating_sub(TAIL);
        tail.drain(..too_much);
    }
}
