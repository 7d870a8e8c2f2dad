//! Statistics that set a share beside another: the organisation's, that of the
//! period before, or a declared one.

use lodestar_privacy::public::{Statistic, StatisticKind};

use super::figure::{Context, Figure};
use super::status::Status;
use super::view::View;

/// Whether a kind is one of these.
pub(super) fn knows(kind: &StatisticKind) -> bool {
    matches!(
        kind,
        StatisticKind::Lift { .. }
            | StatisticKind::LogOdds { .. }
            | StatisticKind::Rise { .. }
            | StatisticKind::Trend { .. }
            | StatisticKind::Tipping { .. }
            | StatisticKind::Pace { .. }
            | StatisticKind::ReachedBy { .. }
    )
}

/// One of them.
pub(super) fn figure(
    _statistic: &Statistic,
    _kind: &StatisticKind,
    _view: &View<'_>,
    _context: &Context<'_>,
) -> Figure {
    Figure::absent(Status::NoPrevious)
}

/// What is said where it is no number.
pub(super) fn word(_statistic: &Statistic, _context: &Context<'_>) -> Option<&'static str> {
    None
}
