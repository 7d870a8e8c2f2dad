//! What `plan` says where nothing is left to be released.

use lodestar::config::Project;
use lodestar::declare;
use lodestar::night::windows;
use lodestar_privacy::ledger::Records;

use super::output::{self, rho};
use super::{Done, Failure};

/// Prints that all of a project's periods are released, why no other is, and what is
/// left of the last one's window.
pub(super) fn print(project: &Project, records: &Records) -> Done {
    let calendar = &project.calendar;
    let Some(last) = &calendar.last else {
        output::line("nothing is due any more: every period is released");
        return Ok(());
    };
    output::wrapped(&format!(
        "nothing is due any more: every period from {} (`first`) to {} (`last`) is released",
        calendar.first.name(),
        last.name()
    ));
    output::wrapped(
        "nothing after `last` is ever released: to go on, set it to a later period, or delete it",
    );
    let name = declare::window(project, last).name();
    let all = windows(records).map_err(|error| Failure::new(6, error))?;
    if let Some(window) = all.into_iter().find(|window| window.window == name) {
        let left = rho(window.left_rho_micro);
        output::wrapped(&if window.spare_used {
            format!("window {name}: the spare is used; ρ {left} is left for whatever follows in it")
        } else {
            format!(
                "window {name}: ρ {left} is left, the spare: one revision takes all of it, and \
                 periods that follow in the window would share it"
            )
        });
    }
    Ok(())
}
