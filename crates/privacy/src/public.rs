//! What is declared before a row is read: the only thing, beside the noisy
//! numbers, that an encoder may look at.

use crate::tree::Tree;

/// Everything public about one release. It is moved into the [`crate::tally`]
/// before the first row is, and handed back to the encoder with the noisy
/// numbers: nothing learnt from rows can enter it.
#[derive(Clone, Debug, PartialEq)]
pub struct Public {
    /// The organisation's name, as declared.
    pub organisation: String,
    /// The period that is released.
    pub period: PeriodText,
    /// 0 for the first release of the period; n for its n-th revision.
    pub revision: u32,
    /// Every source is declared synthetic.
    pub synthetic: bool,
    /// k, coalition, ε, δ.
    pub policy: Policy,
    /// What cohorts are judged in: the period itself first, then longer spans
    /// that end with it.
    pub spans: Vec<Span>,
    /// Who is described: one selection and one noisy size each.
    pub kinds: Vec<CohortKind>,
    /// What is measured of them: one noisy vector a level each.
    pub blocks: Vec<Block>,
    /// What is published.
    pub tables: Vec<Table>,
    /// What earlier releases published, as far as tables compare with it.
    pub past: Vec<Past>,
    /// Further declared texts, by name (North Star, version, …).
    pub texts: std::collections::BTreeMap<String, String>,
}

impl Public {
    /// `2024-Q1`, or `2024-Q1-r1` for the first revision.
    pub fn release_id(&self) -> String {
        match self.revision {
            0 => self.period.name.clone(),
            n => format!("{}-r{n}", self.period.name),
        }
    }

    /// Whether the largest caseload is taken away from cohorts of a kind.
    pub fn coach_rule(&self, kind: usize) -> bool {
        self.policy.coalition > 0 && self.kinds[kind].coach_rule
    }

    /// The org tree that a kind's cohorts hang in.
    pub fn tree(&self, kind: usize) -> &Tree {
        &self.spans[self.kinds[kind].span].tree
    }

    /// The square of the L2 sensitivity of one level's vector of a block, for
    /// adding or removing a person. Proof: [`crate::tally::Tally::count`].
    pub fn l2_squared(&self, block: usize) -> u64 {
        let block = &self.blocks[block];
        let cohorts = u64::from(self.kinds[block.kind].cohorts_a_person());
        cohorts
            .saturating_mul(u64::from(block.max_cells))
            .saturating_mul(block.entry_squared())
    }

    /// The block whose coordinates a statistic of a table reads.
    pub fn reads(&self, table: &Table, statistic: &Statistic) -> usize {
        let other = statistic.from.checked_sub(1);
        let other = other.and_then(|at| table.others.get(at)?.block);
        match statistic.kind {
            // Its own, beside the size of another.
            StatisticKind::ShareOfOther { .. } => table.block,
            _ => other.unwrap_or(table.block),
        }
    }

    /// The labels of a table's dimensions: of a key of its cohorts, and of one of
    /// its block.
    pub fn labels(&self, table: &Table, cohort: usize, key: usize) -> Vec<Label> {
        let block = &self.blocks[table.block];
        let of_cohort = self.kinds[block.kind].keys.labels.get(cohort);
        let of_block = block.keys.get(key);
        let both = of_cohort.into_iter().chain(of_block);
        both.flatten().cloned().collect()
    }

    /// The labels of all rows that a unit can have in a table.
    pub fn all_labels<'a>(&'a self, table: &'a Table) -> impl Iterator<Item = Vec<Label>> + 'a {
        let keys = self.blocks[table.block].keys.len();
        let cohorts = table.rows.iter();
        cohorts.flat_map(move |&cohort| (0..keys).map(move |key| self.labels(table, cohort, key)))
    }

    /// How many numbers of a block one unit has.
    pub fn cells_a_unit(&self, block: usize) -> usize {
        let block = &self.blocks[block];
        block.keys.len() * self.kinds[block.kind].cells()
    }
}

/// A period as text; dates are ISO 8601, `end` is inclusive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PeriodText {
    /// `2024-Q1`.
    pub name: String,
    /// First day.
    pub start: String,
    /// Last day.
    pub end: String,
    /// Name of the budget window that it charges.
    pub window: String,
}

/// A stretch of time that ends with the period, and the org tree in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Span {
    /// `2024-Q2`, `2024-H1`.
    pub name: String,
    /// First day, ISO 8601.
    pub start: String,
    /// Last day, ISO 8601, inclusive.
    pub end: String,
    /// The units as they stand at the end, and those that closed within.
    pub tree: Tree,
}

/// The privacy parameters of a window.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Policy {
    /// Least number of people that a published number describes; at least 1.
    pub k: u32,
    /// How many coaches may pool what they know: 0 or 1.
    pub coalition: u32,
    /// ε of the window; finite, above 0.
    pub epsilon: f64,
    /// δ of the window; above 0, below 1.
    pub delta: f64,
}

/// A family of cohorts: the people of a unit with each key of the kind, and
/// those of them with each value of its dimensions.
///
/// A person has several keys (competencies in which they were assessed), at most
/// [`max_keys`](Self::max_keys) of which count, and one value of a dimension.
///
/// A cohort's *cell* numbers its key and its values, key slowest, then first
/// dimension slowest: digit 0 of a dimension is `(all)`, digit i the (i−1)-th
/// value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CohortKind {
    /// `coachees`.
    pub name: String,
    /// Index in [`Public::spans`].
    pub span: usize,
    /// Levels `0..levels` are selected (a unit shows only under a shown parent).
    pub levels: u32,
    /// Whether one coach's caseload is taken away before k is asked for.
    pub coach_rule: bool,
    /// Keys of cohorts; without any there is one cohort of all, with an empty
    /// key.
    pub keys: Keys,
    /// What the people are further told apart by.
    pub dimensions: Vec<Dimension>,
}

/// The keys that cohorts of a kind have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// One label a dimension of the keys; at least one key, which may be empty.
    pub labels: Vec<Vec<Label>>,
    /// Most keys that one person counts in; at least 1.
    pub most: u32,
    /// The last key is `(all)`: a person who has it counts in it beside the
    /// `most`.
    pub with_all: bool,
}

impl Keys {
    /// One cohort of all.
    pub fn none() -> Self {
        Self {
            labels: vec![vec![]],
            most: 1,
            with_all: false,
        }
    }

    /// Whether there is one cohort of all.
    pub fn is_plain(&self) -> bool {
        self.labels.len() == 1 && self.labels[0].is_empty()
    }

    /// The key of everybody, who need not choose it.
    pub fn all(&self) -> Option<u32> {
        self.with_all.then(|| self.labels.len() as u32 - 1)
    }

    /// In how many a person counts at most.
    fn a_person(&self) -> u32 {
        let all = u32::from(self.with_all);
        self.most.min(self.labels.len() as u32 - all) + all
    }
}

/// A declared property of people, with `(all)` beside its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dimension {
    /// `job_level`.
    pub name: String,
    /// Its values in declared order; without any there is `(all)` alone.
    pub values: Vec<Label>,
}

impl CohortKind {
    /// Cohorts of one unit.
    pub fn cells(&self) -> usize {
        self.keys.labels.len() * self.cells_a_key()
    }

    /// Cohorts of one unit and key.
    pub fn cells_a_key(&self) -> usize {
        self.dimensions.iter().map(|d| d.values.len() + 1).product()
    }

    /// In how many cohorts of a level a person is at most: of each of their
    /// keys, each dimension has the person's value and `(all)`.
    pub fn cohorts_a_person(&self) -> u32 {
        let told_apart = self.dimensions.iter().filter(|d| !d.values.is_empty());
        self.keys.a_person() << told_apart.count()
    }

    /// The key of a cell.
    pub fn key(&self, cell: usize) -> usize {
        cell / self.cells_a_key()
    }

    /// The digits of a cell's values.
    pub fn digits(&self, cell: usize) -> Vec<usize> {
        let mut rest = cell % self.cells_a_key();
        let digits = self.dimensions.iter().rev().map(|dimension| {
            let radix = dimension.values.len() + 1;
            let digit = rest % radix;
            rest /= radix;
            digit
        });
        let mut digits: Vec<usize> = digits.collect();
        digits.reverse();
        digits
    }

    /// The cell of a key and some digits, each in its range.
    pub fn cell(&self, key: usize, digits: &[usize]) -> usize {
        let dimensions = self.dimensions.iter().zip(digits);
        dimensions.fold(key, |cell, (dimension, digit)| {
            cell * (dimension.values.len() + 1) + digit
        })
    }

    /// The cells that a person of a cell counts in: of the same key, each digit
    /// its own or 0.
    pub(crate) fn generalisations(&self, cell: usize) -> Vec<usize> {
        let mut all = vec![Vec::new()];
        for digit in self.digits(cell) {
            let own = all
                .clone()
                .into_iter()
                .map(|digits| [digits, vec![digit]].concat());
            let own: Vec<Vec<usize>> = own.collect();
            if digit > 0 {
                for digits in &mut all {
                    digits.push(0);
                }
                all.extend(own);
            } else {
                all = own;
            }
        }
        let key = self.key(cell);
        all.iter().map(|digits| self.cell(key, digits)).collect()
    }
}

/// A vector of integers per cohort: for each key, its coordinates.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// `theme_prevalence`; `coachees sessions` where several tables read it.
    pub name: String,
    /// Index of its cohorts in [`Public::kinds`].
    pub kind: usize,
    /// Levels that are measured, ascending, each below the kind's `levels`.
    pub levels: Vec<u32>,
    /// The public keys, in published order; one label a dimension. Without
    /// dimensions there is one empty key.
    pub keys: Vec<Vec<Label>>,
    /// Most keys that one person may touch within a cohort; at least 1.
    pub max_cells: u32,
    /// How many amounts a row adds, per key.
    pub inputs: usize,
    /// What becomes of a person's amounts; at least one.
    pub coordinates: Vec<Coordinate>,
}

impl Block {
    /// The square of the largest L2 norm of one person's coordinates of a key.
    fn entry_squared(&self) -> u64 {
        let squares = self.coordinates.iter().map(|c| u64::from(c.factor).pow(2));
        squares.fold(0, u64::saturating_add)
    }

    /// Numbers of one cohort.
    pub(crate) fn width(&self) -> usize {
        self.keys.len() * self.coordinates.len()
    }
}

/// One number of a person's vector, an integer in −`factor` ..= `factor`.
#[derive(Clone, Debug, PartialEq)]
pub struct Coordinate {
    /// How it follows from the person's amounts.
    pub rule: Rule,
    /// What 1 is turned into: coordinates share one noise, so a larger factor
    /// is a more accurate coordinate. At least 1, at most [`FACTOR_MOST`].
    pub factor: u32,
    /// Relative importance; above 0.
    pub weight: f64,
    /// The error that is tolerated in its mean over a cohort, in units of the
    /// factor; above 0.
    pub tolerated_error: f64,
}

/// Largest factor: sums over a billion people stay far within 64 bits, and
/// squares of sensitivities within the 53 bits that a float has.
pub const FACTOR_MOST: u32 = 1 << 16;

/// Largest amount of a person, and so the largest sensible clip: sums saturate
/// there, and no product of a rule leaves 128 bits.
pub const AMOUNT_MOST: i64 = 1_000_000_000_000;

/// How a coordinate follows from one person's amounts of one key. Amounts are
/// sums over the person's rows; every rule's result lies in [−1, 1].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// 1: the person has a row with the key.
    Has,
    /// The amount, clipped to `low..=high`, centred: −1 at `low`, 1 at `high`.
    Centred {
        /// Which amount.
        input: usize,
        /// Lower clip.
        low: i64,
        /// Upper clip, above `low`.
        high: i64,
    },
    /// The amount, clipped to `0..=high`, over `high`.
    Amount {
        /// Which amount.
        input: usize,
        /// Upper clip, above 0.
        high: i64,
    },
    /// 1 if the amount is at least `least`, else −1.
    AtLeast {
        /// Which amount.
        input: usize,
        /// The bar.
        least: i64,
    },
    /// 1 if `low` ≤ part ÷ whole ≤ `high` (in millionths), else −1; −1 where
    /// the whole is not above 0.
    Within {
        /// The amount above.
        part: usize,
        /// The amount below.
        whole: usize,
        /// Lower end, in millionths.
        low_micro: i64,
        /// Upper end, in millionths.
        high_micro: i64,
    },
    /// Twice the excess of the part over half of the whole, over `high`; both
    /// are scaled down where the whole exceeds `high`. 0 where the whole is not
    /// above 0.
    Excess {
        /// The amount above, 0 ..= whole.
        part: usize,
        /// The amount below.
        whole: usize,
        /// Upper clip of the whole, above 0.
        high: i64,
    },
}

impl Coordinate {
    /// How much accuracy it is due, relative to others: √weight ÷ τ. Where
    /// factors are in proportion to its root, one vector is as accurate as if
    /// each coordinate had been measured apart with ρ in proportion to it.
    pub fn appetite(&self) -> f64 {
        self.weight.sqrt() / self.tolerated_error
    }

    /// The coordinate of a person with these amounts.
    ///
    /// # Proof
    /// Whatever the amounts are, the result lies in −factor ..= factor: `Has`,
    /// `AtLeast` and `Within` give ±factor; the others are an amount clipped
    /// to an interval that is mapped affinely onto [−1, 1] or [0, 1], times the
    /// factor, rounded to the nearest integer, and the factor is an integer. The
    /// part of an excess is clipped to 0 ..= whole first, so the excess is at
    /// most half of the (clipped) whole in size.
    pub(crate) fn of(&self, amounts: &[i64]) -> i64 {
        let factor = i128::from(self.factor);
        let amount = |input: usize| i128::from(amounts.get(input).copied().unwrap_or(0));
        let flag = |yes: bool| if yes { factor } else { -factor };
        let exact = match self.rule {
            Rule::Has => factor,
            Rule::Centred { input, low, high } => {
                let (low, high) = (i128::from(low), i128::from(high));
                let x = amount(input).clamp(low, high.max(low));
                nearest((2 * x - low - high) * factor, high - low)
            }
            Rule::Amount { input, high } => {
                let high = i128::from(high).max(1);
                nearest(amount(input).clamp(0, high) * factor, high)
            }
            Rule::AtLeast { input, least } => flag(amount(input) >= i128::from(least)),
            Rule::Within {
                part,
                whole,
                low_micro,
                high_micro,
            } => {
                let (part, whole) = (amount(part) * 1_000_000, amount(whole));
                let above = whole * i128::from(low_micro) <= part;
                flag(whole > 0 && above && part <= whole * i128::from(high_micro))
            }
            Rule::Excess { part, whole, high } => {
                let (whole, high) = (amount(whole).max(0), i128::from(high).max(1));
                let twice = 2 * amount(part).clamp(0, whole) - whole;
                // Scaled to the clipped whole: × min(whole, high) ÷ whole.
                nearest(twice * whole.min(high) * factor, whole.max(1) * high)
            }
        };
        // The clamp states the bound once more; it never bites.
        exact.clamp(-factor, factor) as i64
    }
}

/// `a` ÷ `b` to the nearest integer, halves away from 0; 0 where `b` is not
/// above 0.
fn nearest(a: i128, b: i128) -> i128 {
    if b <= 0 {
        return 0;
    }
    let half = if a < 0 { -b } else { b };
    (2 * a + half) / (2 * b)
}

/// A published table: a view of the cohorts and numbers of one block, and of
/// others that they are compared with.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// `theme_prevalence`.
    pub name: String,
    /// The question that it answers, in words.
    pub question: String,
    /// Index in [`Public::blocks`]: its cohorts have rows.
    pub block: usize,
    /// Which keys of the kind's cohorts have rows, ascending.
    pub rows: Vec<usize>,
    /// Names of the dimensions of the cohorts' keys, then of the block's:
    /// `["competency", "theme"]`.
    pub dimensions: Vec<String>,
    /// What rows are compared with.
    pub others: Vec<Other>,
    /// In published order; at least one.
    pub statistics: Vec<Statistic>,
    /// Relative importance; above 0.
    pub weight: f64,
}

/// Cohorts that those of a table's rows are compared with: of the same unit
/// and values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Other {
    /// `not_coached`: their size is published as `cohort_not_coached`.
    pub name: String,
    /// Index in [`Public::kinds`].
    pub kind: usize,
    /// Index in [`Public::blocks`]; `None`: its size alone is read.
    pub block: Option<usize>,
    /// By key of the row's cohort: that of the other, if there is one.
    pub keys: Vec<Option<usize>>,
}

/// A published statistic.
#[derive(Clone, Debug, PartialEq)]
pub struct Statistic {
    /// `share`.
    pub name: String,
    /// How it follows from coordinates.
    pub kind: StatisticKind,
    /// Whose: 0 the row's own cohort, else the table's other of the position
    /// before. Where two cohorts are compared: the one beside the row's own.
    pub from: usize,
    /// What it is, in words.
    pub definition: String,
    /// `people`, `share`, `minutes`.
    pub unit: String,
    /// The error that is tolerated in it, in its unit.
    pub tolerated_error: f64,
}

/// How a statistic follows from coordinates, by index in
/// [`Block::coordinates`].
#[derive(Clone, Debug, PartialEq)]
pub enum StatisticKind {
    /// The number of people with the key.
    Count {
        /// A [`Rule::Has`].
        of: usize,
    },
    /// The share of the cohort's people: of those with the key, or of those
    /// that a flag holds for.
    Share {
        /// A [`Rule::Has`], [`Rule::AtLeast`] or [`Rule::Within`].
        of: usize,
    },
    /// The mean over the cohort's people, in 1/`scale` of the amount's unit.
    Mean {
        /// A [`Rule::Centred`] or [`Rule::Amount`].
        of: usize,
        /// What the amount is divided by for publication.
        scale: f64,
        /// The sum is a number of sessions: below k it is not shown, for it
        /// tells of no more people.
        counts: bool,
    },
    /// The mean over the cohort's people of a value of each. The tolerated
    /// error, here and of all that follows from values, is a share of the scale.
    Level {
        /// A [`Rule::Centred`] of a value.
        of: usize,
        /// The value's scale.
        scale: Scale,
    },
    /// The ratio of two sums over the cohort's people.
    Ratio {
        /// A [`Rule::Excess`].
        excess: usize,
        /// The [`Rule::Centred`] or [`Rule::Amount`] of the whole, of the
        /// same clip.
        whole: usize,
        /// The part is a number of sessions: below k it is not shown, for it
        /// tells of no more people.
        counts: bool,
    },
    /// How far the mean is from a declared target: above 0 where it falls
    /// short.
    Gap {
        /// A [`Rule::Centred`] of a value.
        of: usize,
        /// The value's scale.
        scale: Scale,
        /// In the scale's unit.
        target: f64,
        /// Whether it is reached from below.
        upwards: bool,
    },
    /// Mean of follow-up − baseline over people with both.
    Change(Paired),
    /// Hedges' g of the average standard deviation of baseline and follow-up.
    EffectSize(Paired),
    /// The mean of the row's cohort less that of the other.
    Difference(Spread),
    /// The mean change of the row's cohort less that of the other.
    Effect(Effect),
    /// The share of the *other* cohort's people that a flag of the row's own
    /// holds for.
    ShareOfOther {
        /// A flag of the row's own cohort.
        of: usize,
    },
    /// The share of the key over that in the whole organisation.
    Lift {
        /// A [`Rule::Has`].
        of: usize,
    },
    /// How far the key's odds in the unit are from those in the rest of the
    /// organisation, in standard deviations.
    LogOdds {
        /// A [`Rule::Has`].
        of: usize,
    },
    /// The share less that of the period before.
    Rise {
        /// A [`Rule::Has`].
        of: usize,
        /// The statistic of the period before, by name.
        before: String,
    },
    /// Whether a [`StatisticKind::Rise`] stands out among those of the table.
    Trend {
        /// Its place among the table's statistics.
        rise: usize,
    },
    /// Whether the share has reached a declared one.
    Tipping {
        /// A flag.
        of: usize,
        /// The declared share.
        share: f64,
    },
    /// How much the share grows a year, over all periods so far.
    Pace {
        /// A flag.
        of: usize,
        /// The statistic of earlier periods, by name.
        before: String,
    },
    /// When the share will have reached a declared one, at that pace.
    ReachedBy {
        /// A flag.
        of: usize,
        /// The declared share.
        share: f64,
        /// The statistic of earlier periods, by name.
        before: String,
    },
    /// By position in [`Table::rows`]: another kind for each key of cohorts.
    ByKey(Vec<StatisticKind>),
    /// Nothing: what it would need is not declared for the key.
    Absent,
}

impl StatisticKind {
    /// The kind for a row, by its position in [`Table::rows`].
    pub fn of_row(&self, row: usize) -> &Self {
        match self {
            Self::ByKey(kinds) => kinds.get(row).unwrap_or(&Self::Absent),
            kind => kind,
        }
    }

    /// The block whose keys are units that it reads beside its own, if any.
    pub fn units(&self) -> Option<usize> {
        match self.representative() {
            Self::Effect(effect) => effect.units.as_ref().map(|units| units.block),
            _ => None,
        }
    }

    /// Whether it is about more than exactly these people: its interval covers
    /// the sampling of people too.
    pub fn is_comparative(&self) -> bool {
        matches!(
            self.representative(),
            Self::Change(_)
                | Self::EffectSize(_)
                | Self::Difference(_)
                | Self::Effect(_)
                | Self::Lift { .. }
                | Self::LogOdds { .. }
                | Self::Rise { .. }
                | Self::Trend { .. }
                | Self::Tipping { .. }
                | Self::Pace { .. }
                | Self::ReachedBy { .. }
        )
    }

    /// Any of the kinds that it is.
    pub fn representative(&self) -> &Self {
        match self {
            Self::ByKey(kinds) => {
                let given = kinds.iter().find(|kind| **kind != Self::Absent);
                given.unwrap_or(&Self::Absent)
            }
            kind => kind,
        }
    }
}

/// The scale of a person's value, which is an amount of 0 ..= [`VALUE_STEPS`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    /// What an amount of 0 stands for.
    pub low: f64,
    /// What [`VALUE_STEPS`] stands for; above `low`.
    pub high: f64,
    /// Distance of two neighbouring values that can be given.
    pub step: f64,
}

/// Steps in which a person's value on a declared scale is given.
pub const VALUE_STEPS: i64 = 1 << 16;

/// Coordinates of two values of one person, x and y on −1 to 1 of one scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Paired {
    /// Of x, the first.
    pub baseline: usize,
    /// Of y, the later.
    pub follow_up: usize,
    /// Of x² + y² − 1.
    pub square: usize,
    /// Of x·y.
    pub product: usize,
    /// The scale of both.
    pub scale: Scale,
}

/// Coordinates of a value of one person, x on −1 to 1 of its scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// Of x.
    pub of: usize,
    /// Of 2x² − 1.
    pub square: usize,
    /// Its scale.
    pub scale: Scale,
}

/// How people of two arms changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Effect {
    /// A person's change.
    pub change: Spread,
    /// Who was assigned together; `None`: nobody.
    pub units: Option<AssignedUnits>,
}

/// The numbers of the units that were assigned to arms as a whole: keys of a
/// block of the same cohorts, each named by the id of its unit.
#[derive(Clone, Debug, PartialEq)]
pub struct AssignedUnits {
    /// Index in [`Public::blocks`].
    pub block: usize,
    /// Its coordinate of people, a [`Rule::Has`].
    pub people: usize,
    /// Its coordinate of their change.
    pub change: usize,
    /// By key of the block: on which side the unit is; `None`: it has no part.
    pub sides: Vec<Option<Side>>,
    /// The key of those who were assigned one by one, if there is one.
    pub one_by_one: Option<usize>,
}

impl AssignedUnits {
    /// Whether units were assigned to a side as a whole.
    pub fn are_on(&self, side: Side) -> bool {
        let mut sides = self.sides.iter().enumerate();
        sides.any(|(key, one)| *one == Some(side) && Some(key) != self.one_by_one)
    }
}

/// On which side of a comparison a unit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The row's own cohort.
    Own,
    /// The one that it is compared with.
    Other,
    /// On neither: in another part of the same.
    Neither,
}

/// A share that an earlier release published, with its noise.
#[derive(Clone, Debug, PartialEq)]
pub struct Past {
    /// Name of its table.
    pub table: String,
    /// Last day of its span, ISO 8601.
    pub end: String,
    /// Id of its unit.
    pub unit: String,
    /// Ids of its dimensions, in published order.
    pub ids: Vec<String>,
    /// Name of the statistic.
    pub statistic: String,
    /// The share.
    pub value: f64,
    /// Standard deviation of the noise on what it was made of, in units of the
    /// coordinate's factor.
    pub sigma: f64,
    /// Size of the cohort.
    pub people: i64,
    /// Standard deviation of the noise on the size.
    pub sigma_size: f64,
}

/// An id with its text for people.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Label {
    /// Opaque id.
    pub id: String,
    /// Text for people.
    pub label: String,
}

impl Label {
    /// A label whose text is its id.
    pub fn plain(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            label: id.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests;
