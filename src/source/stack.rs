//! Recursive parsers, run where their own depth limits are sure to fit.

/// Stack for a parser at its limits, in bytes.
const STACK: usize = 32 << 20;

/// Runs `work` on a thread with a stack of a known, ample size.
pub(crate) fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, String> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(STACK);
        let thread = thread.spawn_scoped(scope, work);
        let thread = thread.map_err(|error| format!("cannot start a thread: {error}"))?;
        thread.join().map_err(|_| "the parser broke".to_owned())
    })
}
