//! The program: the library does the work.

fn main() -> std::process::ExitCode {
    bakeoff::cli::main()
}
