//! The command line: one thin file a command.

mod audit;
mod bars;
mod budget;
mod check;
mod completions;
mod ended;
mod evaluate;
mod init;
mod output;
mod plan;
mod report;
mod run;
mod synth;
mod themes;
mod usage;
mod values;
mod verify;

use std::fmt::Display;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use clap::{Args, Parser, Subcommand, ValueEnum};
use lodestar::config::{self, ConfigErrors, Project};
use lodestar::publish;
use lodestar::text;

/// Connected-coaching analytics: themes and outcomes of coaching, published
/// with k-anonymity and differential privacy.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 80, after_help = EXIT_CODES)]
struct Cli {
    /// How to log to stderr.
    #[arg(long, global = true, value_enum, default_value_t = Log::Text, display_order = 900)]
    log: Log,
    #[command(subcommand)]
    command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done, or nothing to do
  1  unexpected: a defect
  2  usage or configuration
  3  input beyond its tolerance
  4  budget exhausted
  5  another run holds the lock
  6  ledger refused
  7  storage failed
  8  verification failed

Results go to stdout, logs and errors to stderr.";

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Log {
    /// For people.
    Text,
    /// A JSON object a line.
    Json,
}

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Init),
    Check(check::Check),
    Plan(plan::Plan),
    Run(run::Run),
    Budget(budget::Budget),
    Report(report::Report),
    Verify(verify::Verify),
    Themes(themes::Themes),
    Synth(synth::Synth),
    Evaluate(evaluate::Evaluate),
    Audit(audit::Audit),
    Completions(completions::Completions),
}

/// The project that a command is about.
#[derive(Debug, Args)]
struct ProjectArgs {
    /// The project's configuration.
    #[arg(long, default_value = "lodestar.toml")]
    config: PathBuf,
    /// Print facts as JSON.
    #[arg(long)]
    json: bool,
}

/// Where much is done.
#[derive(Debug, Args)]
struct Threads {
    /// Threads to use; all cores if not given.
    #[arg(long, value_parser = values::whole(1, 1024_u16))]
    threads: Option<u16>,
}

/// Where data is read.
#[derive(Debug, Args)]
struct Resources {
    #[command(flatten)]
    threads: Threads,
    /// Memory for rows that wait, such as 512MB or 2GiB; a 64th of the
    /// machine's if not given. Others wait on disk: the result is the same.
    #[arg(long, value_name = "SIZE", value_parser = lodestar::memory::size)]
    memory: Option<usize>,
}

/// An error that was said, with the program's exit code.
struct Failure {
    code: u8,
    text: String,
    /// The text is laid out, and says that it is an error.
    laid_out: bool,
}

impl Failure {
    /// Whatever the error tells of a file, nothing in it acts on a terminal.
    fn new(code: u8, error: impl Display) -> Self {
        let said = error.to_string();
        let lines: Vec<_> = said.lines().map(text::printable).collect();
        Self {
            code,
            text: lines.join("\n"),
            laid_out: false,
        }
    }

    /// A configuration that is at fault, with its lines.
    fn of_config(errors: &ConfigErrors) -> Self {
        Self {
            code: 2,
            text: errors.render(colours()),
            laid_out: true,
        }
    }

    fn say(&self) {
        if self.laid_out {
            eprintln!("{}", self.text);
        } else {
            let said = format!("error: {}", self.text);
            let lines = said.lines().flat_map(text::lines);
            lines.for_each(|line| eprintln!("{line}"));
        }
    }
}

type Done = Result<(), Failure>;

/// Understands the command line and runs the command; the exit code.
pub(crate) fn run() -> u8 {
    match Cli::try_parse() {
        Ok(cli) => cli.run(),
        Err(error) => usage::answer(&error),
    }
}

impl Cli {
    fn run(self) -> u8 {
        log(self.log);
        if matches!(self.log, Log::Json) {
            bars::BARS.silence();
        }
        let done = match self.command {
            Command::Init(command) => command.run(),
            Command::Check(command) => command.run(),
            Command::Plan(command) => command.run(),
            Command::Run(command) => command.run(),
            Command::Budget(command) => command.run(),
            Command::Report(command) => command.run(),
            Command::Verify(command) => command.run(),
            Command::Themes(command) => command.run(),
            Command::Synth(command) => command.run(),
            Command::Evaluate(command) => command.run(),
            Command::Audit(command) => command.run(),
            Command::Completions(command) => command.run(),
        };
        match done.and_then(|()| output::complete()) {
            Ok(()) => 0,
            Err(failure) => {
                let Failure { code, text, .. } = &failure;
                match self.log {
                    Log::Json => tracing::error!(code, "{text}"),
                    Log::Text => failure.say(),
                }
                *code
            }
        }
    }
}

impl ProjectArgs {
    fn load(&self) -> Result<Project, Failure> {
        config::load(&self.config).map_err(|errors| Failure::of_config(&errors))
    }
}

impl Threads {
    fn apply(&self) -> Done {
        let Some(threads) = self.threads else {
            return Ok(());
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(threads));
        pool.build_global().map_err(|error| Failure::new(1, error))
    }
}

/// A path that people can copy, relative to where they are.
fn shown(path: &Path) -> String {
    let here = std::env::current_dir().unwrap_or_default();
    // From `/` every path would lose what makes it absolute.
    let inside = path
        .strip_prefix(&here)
        .ok()
        .filter(|_| here.parent().is_some());
    inside.unwrap_or(path).display().to_string()
}

/// Says of a folder that `current` led to before that it is that.
fn tell_replaced(folder: &Path) {
    if let Some(current) = publish::replaced(folder) {
        let (folder, current) = (shown(folder), shown(&current));
        output::wrapped(&format!(
            "{folder} is what `current` was before: {current} leads to another folder now"
        ));
    }
}

/// Whether stderr is a terminal that may be coloured.
fn colours() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

fn log(format: Log) {
    let builder = tracing_subscriber::fmt()
        .with_writer(std::io::stderr)
        .with_target(false);
    match format {
        Log::Text => {
            builder.without_time().with_ansi(colours()).init();
        }
        Log::Json => builder.json().init(),
    }
}

/// Where the last panic came from.
static PANICKED_AT: Mutex<Option<String>> = Mutex::new(None);

/// No core dumps, and no panic message: either could hold a value of a row.
pub(crate) fn harden() {
    use rustix::process::{Resource, Rlimit, setrlimit};
    // Where it is refused there is nothing left to do: the limit may be 0 already.
    let _ = setrlimit(
        Resource::Core,
        Rlimit {
            current: Some(0),
            maximum: Some(0),
        },
    );
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string);
        *PANICKED_AT
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner) = place;
    }));
}

/// Says where the program broke, and nothing of what it was doing.
pub(crate) fn unexpected() -> u8 {
    let place = PANICKED_AT
        .lock()
        .ok()
        .and_then(|place| place.clone())
        .unwrap_or_default();
    let said = format!(
        "lodestar broke at {place}. This is a defect: please report this line. What was published \
         before is intact, and whatever was paid for is published by the next run."
    );
    Failure::new(1, said).say();
    1
}
