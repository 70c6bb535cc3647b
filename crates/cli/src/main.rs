//! The program `setpoint`; everything is in the library beside it.

fn main() -> std::process::ExitCode {
    setpoint::main()
}
