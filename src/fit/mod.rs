//! Noisy numbers that add up over the org tree, and are the better for it.
//!
//! A release measures every level apart: the noise of a division's number and of
//! its departments' are independent, so the division is known twice. All that is
//! known of a number is combined by generalised least squares, which among unbiased
//! linear estimates has the least variance. Sizes and counts of people are then
//! fitted once more, within what is possible, and to whole numbers.
//!
//! It works on released numbers and declarations alone, so it costs no budget.

mod classes;
mod cohorts;
mod crosses;
mod downwards;
#[cfg(test)]
mod fixture;
mod pooling;

use std::collections::HashMap;

use lodestar_consistency::{Claim, Forest, Weights};
use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Noisy, NoisyCells};
use lodestar_privacy::public::{self, Block, Coordinate, Rule};

use self::classes::Classes;
use self::cohorts::forest;
use self::crosses::{Column, Cross, crosses};
use self::downwards::{Shape, Total};
use self::pooling::{People, Pooling};

/// No organisation has more people: keeps sums of numbers that are nothing but
/// noise within whole numbers.
const PEOPLE_MOST: i64 = 1 << 50;

/// The fitted sizes of a kind's published cohorts.
#[derive(Clone, Debug)]
pub struct Sizes {
    forest: Forest,
    crosses: Vec<Vec<Cross>>,
    weights: Weights,
    combined: Vec<f64>,
    people: Vec<i64>,
}

/// Fits the sizes of a kind: of all levels together, each at least k.
pub fn sizes(noisy: &Noisy, public: &Public, kind: usize) -> Sizes {
    let levels = noisy.kinds.get(kind).map_or(&[][..], |kind| &kind.levels);
    let forest = forest(public.tree(kind), levels);
    let crosses = crosses(&forest, levels);
    let measured = levels.iter().flat_map(|level| {
        let variance = level.size.sigma.powi(2);
        let cohorts = level.cohorts.iter();
        cohorts.map(move |cohort| (cohort.size as f64, variance))
    });
    let measured = with_classes(noisy, public, kind, &forest, measured.collect());
    let (mut combined, variances): (Vec<f64>, Vec<f64>) = measured.into_iter().unzip();
    let weights = Weights::new(&forest, &variances);
    weights.combine(&forest, &mut combined, 1);
    let least = least(&forest, &crosses, i64::from(public.policy.k.max(1)));
    let claim = |at: usize, _: Option<Total>| Claim {
        estimate: combined[at],
        variance: weights.below(at),
        least: least[at],
        most: PEOPLE_MOST,
    };
    let shape = Shape {
        forest: &forest,
        crosses: &crosses,
        weights: &weights,
    };
    let people = shape.downwards(None, claim);
    Sizes {
        forest,
        crosses,
        weights,
        combined,
        people,
    }
}

/// The variance of a size that is also counted by classes: everybody has one key of
/// a vector, so its numbers, each of a variance, come to the size once more. Both are
/// unbiased and independent, and weigh as their precisions.
pub(crate) fn with_sum_of_classes(size: f64, keys: u64, class: f64) -> f64 {
    let sum = keys as f64 * class;
    if sum.is_finite() && size > 0.0 {
        size * (sum / (size + sum))
    } else {
        size
    }
}

/// Sizes with their variances, as measured and as the classes of people come to them.
fn with_classes(
    noisy: &Noisy,
    public: &Public,
    kind: usize,
    forest: &Forest,
    mut sizes: Vec<(f64, f64)>,
) -> Vec<(f64, f64)> {
    let blocks = public.blocks.iter().enumerate();
    for (index, block) in blocks.filter(|(_, one)| one.kind == kind) {
        let Some(place) = place_of_classes(block) else {
            continue;
        };
        let scale = scale(&block.coordinates[place]);
        for cells in measured(noisy, index) {
            let class = (cells.noise.sigma * scale).powi(2);
            for (at, numbers) in forest.of_level(cells.level).zip(&cells.cells) {
                let of_keys = numbers.iter().skip(place).step_by(block.coordinates.len());
                let sum = of_keys.map(|number| *number as f64).sum::<f64>() * scale;
                let (size, own) = sizes[at];
                let variance = with_sum_of_classes(own, block.keys.len() as u64, class);
                if own > 0.0 {
                    sizes[at] = (size + (1.0 - variance / own) * (sum - size), variance);
                }
            }
        }
    }
    sizes
}

/// How many people one unit is of the numbers that count everybody once over all keys;
/// `None`: no number does.
pub(crate) fn scale_of_classes(block: &Block) -> Option<f64> {
    place_of_classes(block).map(|place| scale(&block.coordinates[place]))
}

/// The coordinate that counts everybody once over all keys, if they do.
fn place_of_classes(block: &Block) -> Option<usize> {
    let mut coordinates = block.coordinates.iter();
    let place = coordinates.position(|one| one.rule == Rule::Has);
    place.filter(|_| block.classes == public::Classes::Keys)
}

/// The least size of each cohort: k, and the sum of those that add up to it.
fn least(forest: &Forest, crosses: &[Vec<Cross>], k: i64) -> Vec<i64> {
    let mut least = vec![k; forest.len()];
    let columns = columns(crosses).map(|column| (column.total, &column.parts));
    let columns: HashMap<usize, &Vec<usize>> = columns.collect();
    // Parts of a column have more above them than its total.
    for at in forest.downwards().rev() {
        let lines = forest.lines(at).iter().chain(columns.get(&at).copied());
        let sums = lines.map(|line| line.iter().map(|&one| least[one]).sum());
        least[at] = sums.fold(k, |most: i64, sum| most.max(sum));
    }
    least
}

fn columns(crosses: &[Vec<Cross>]) -> impl Iterator<Item = &Column> {
    let all = crosses.iter().flatten();
    all.flat_map(|cross| &cross.columns)
}

impl Sizes {
    /// The cohorts.
    pub fn forest(&self) -> &Forest {
        &self.forest
    }

    /// Values of units, with the same value of all parts of the unit, where it shows
    /// in each: what adds up beside the lines of the forest.
    pub fn columns(&self) -> impl Iterator<Item = (usize, &[usize])> {
        columns(&self.crosses).map(|column| (column.total, column.parts.as_slice()))
    }

    /// The unbiased estimate, which may be below k, and the standard deviation
    /// of its noise.
    pub fn combined(&self, cohort: usize) -> (f64, f64) {
        (self.combined[cohort], self.weights.variance(cohort).sqrt())
    }

    /// Standard deviations of a block's combined numbers, cohort by cohort; of classes
    /// as of [`Fitted::sigma`].
    pub fn deviations(&self, noisy: &Noisy, block: usize) -> Vec<f64> {
        let weights = weights(noisy, block, &self.forest);
        let all = 0..self.forest.len();
        all.map(|at| weights.variance(at).sqrt()).collect()
    }

    /// A whole number of at least k; they add up along the lines of the forest,
    /// and to the columns.
    pub fn people(&self, cohort: usize) -> i64 {
        self.people[cohort]
    }
}

/// The fitted numbers of a block.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// Numbers of a key, and of a cohort.
    coordinates: usize,
    width: usize,
    weights: Weights,
    /// By cohort: key by key, coordinate by coordinate.
    combined: Vec<f64>,
    counts: Vec<i64>,
}

/// Fits the numbers of a block: of all levels together. Counts of people are
/// between none and all of the cohort.
pub fn fit(noisy: &Noisy, public: &Public, block: usize, sizes: &Sizes) -> Fitted {
    let declared = &public.blocks[block];
    let (forest, coordinates) = (&sizes.forest, declared.coordinates.len());
    let width = declared.keys.len() * coordinates;
    let mut combined = vec![0.0; forest.len() * width];
    for cells in measured(noisy, block) {
        for (at, numbers) in forest.of_level(cells.level).zip(&cells.cells) {
            let mine = combined[at * width..(at + 1) * width].iter_mut();
            mine.zip(numbers)
                .for_each(|(x, number)| *x = *number as f64);
        }
    }
    let weights = weights(noisy, block, forest);
    weights.combine(forest, &mut combined, width);
    if let Some(place) = place_of_classes(declared) {
        let scale = scale(&declared.coordinates[place]);
        for (cohort, size) in combined.chunks_mut(width).zip(&sizes.combined) {
            come_to(cohort, (place, coordinates), size / scale);
        }
    }
    let mut fitted = Fitted {
        coordinates,
        width,
        weights,
        counts: vec![0; combined.len()],
        combined,
    };
    for ((key, place), counts) in fitted.allotted(declared, sizes) {
        for (at, count) in counts.into_iter().enumerate() {
            let here = fitted.of(at, key).start + place;
            fitted.counts[here] = count;
        }
    }
    fitted
}

/// Makes the classes of a cohort come to its size, by the same for each: all have the
/// same noise. As that of their sum is in the size by its weight already, this is the
/// linear estimate of least variance of each class from all that was measured.
fn come_to(cohort: &mut [f64], (place, coordinates): (usize, usize), size: f64) {
    let classes = (place..cohort.len()).step_by(coordinates);
    let lacks = size - classes.clone().map(|at| cohort[at]).sum::<f64>();
    let each = lacks / classes.len() as f64;
    classes.for_each(|at| cohort[at] += each);
}

/// The levels of a block that were measured.
fn measured(noisy: &Noisy, block: usize) -> &[NoisyCells] {
    noisy.blocks.get(block).map_or(&[], |block| &block.levels)
}

/// How the numbers of a block's levels are combined.
fn weights(noisy: &Noisy, block: usize, forest: &Forest) -> Weights {
    let mut variances = vec![f64::INFINITY; forest.len()];
    for cells in measured(noisy, block) {
        variances[forest.of_level(cells.level)].fill(cells.noise.sigma.powi(2));
    }
    Weights::new(forest, &variances)
}

impl Fitted {
    /// Of the people that coordinates tell of: by key and coordinate whole numbers of
    /// all cohorts.
    fn allotted(&self, declared: &Block, sizes: &Sizes) -> Vec<((usize, usize), Vec<i64>)> {
        let shape = Shape {
            forest: &sizes.forest,
            crosses: &sizes.crosses,
            weights: &self.weights,
        };
        let coordinates = declared.coordinates.iter().enumerate();
        let counted = coordinates.filter(|(_, one)| counts_people(one));
        let counted: Vec<Counted<'_>> = counted
            .map(|(place, one)| Counted::new(self, (place, one), sizes))
            .collect();
        let mut all = Vec::new();
        for cells in told_apart(declared, &counted) {
            let numbers = if let [(key, one)] = cells[..] {
                let claim = |at, total| one.claim(key, at, total);
                vec![shape.downwards(Some(&sizes.people), claim)]
            } else {
                let classes = Classes {
                    shape,
                    sizes: &sizes.people,
                    count: cells.len(),
                    with_rest: declared.classes != public::Classes::Keys,
                };
                classes.allotted(|class, at, total| {
                    let (key, one) = cells[class];
                    one.claim(key, at, total)
                })
            };
            let cells = cells.into_iter().map(|(key, one)| (key, one.place));
            all.extend(cells.zip(numbers));
        }
        all
    }

    /// The unbiased estimates of a cohort's coordinates of a key, in units of
    /// their factors.
    pub fn combined(&self, cohort: usize, key: usize) -> &[f64] {
        &self.combined[self.of(cohort, key)]
    }

    /// The people of a cohort that coordinates of a key count, whole numbers that
    /// add up along the lines of the forest; 0 of what counts no people.
    pub fn counts(&self, cohort: usize, key: usize) -> &[i64] {
        &self.counts[self.of(cohort, key)]
    }

    fn of(&self, cohort: usize, key: usize) -> std::ops::Range<usize> {
        let first = cohort * self.width + key * self.coordinates;
        first..first + self.coordinates
    }

    /// Standard deviation of the noise on every combined coordinate; of classes that
    /// come to their cohort's size as it is before they are made to.
    pub fn sigma(&self, cohort: usize) -> f64 {
        self.weights.variance(cohort).sqrt()
    }
}

/// A coordinate that tells of people.
struct Counted<'a> {
    fitted: &'a Fitted,
    place: usize,
    coordinate: &'a Coordinate,
    known: People<'a>,
    pooling: Pooling,
}

impl<'a> Counted<'a> {
    fn new(
        fitted: &'a Fitted,
        (place, coordinate): (usize, &'a Coordinate),
        sizes: &'a Sizes,
    ) -> Self {
        let mut counted = Self {
            fitted,
            place,
            coordinate,
            known: People {
                forest: &sizes.forest,
                weights: &fitted.weights,
                sizes: &sizes.people,
                scale: scale(coordinate),
            },
            pooling: Pooling::default(),
        };
        let keys = fitted.width / fitted.coordinates;
        let number = |at: usize, key: usize| counted.number(key, at);
        counted.pooling = Pooling::new(&counted.known, keys, number);
        counted
    }

    /// The unbiased number of people of a cohort.
    fn number(&self, key: usize, at: usize) -> f64 {
        let number = self.fitted.combined(at, key)[self.place];
        people(self.coordinate, number, self.known.sizes[at])
    }

    /// What is known of it, as part of a total if it has one.
    fn claim(&self, key: usize, at: usize, total: Option<Total>) -> Claim {
        let number = self.number(key, at);
        let (estimate, variance) = total.map_or((number, self.known.below(at)), |total| {
            self.pooling.pull(&self.known, total, at, number)
        });
        Claim {
            estimate,
            variance,
            least: 0,
            most: self.known.sizes[at],
        }
    }
}

/// Keys of coordinates, those together that tell people apart.
fn told_apart<'a>(
    declared: &Block,
    counted: &'a [Counted<'a>],
) -> Vec<Vec<(usize, &'a Counted<'a>)>> {
    let keys = || 0..declared.keys.len();
    let (together, alone): (Vec<&Counted<'_>>, Vec<&Counted<'_>>) =
        counted.iter().partition(|one| match &declared.classes {
            public::Classes::None => false,
            public::Classes::Keys => one.coordinate.rule == Rule::Has,
            public::Classes::Coordinates(places) => places.contains(&one.place),
        });
    let alone = alone.into_iter();
    let alone = alone.flat_map(|one| keys().map(move |key| vec![(key, one)]));
    let mut all: Vec<Vec<(usize, &Counted<'_>)>> = alone.collect();
    if declared.classes == public::Classes::Keys {
        let of_one = together.into_iter();
        all.extend(of_one.map(|one| keys().map(|key| (key, one)).collect()));
    } else if !together.is_empty() {
        all.extend(keys().map(|key| together.iter().map(|&one| (key, one)).collect()));
    }
    all
}

fn counts_people(coordinate: &Coordinate) -> bool {
    matches!(
        coordinate.rule,
        Rule::Has | Rule::AtLeast { .. } | Rule::Within { .. }
    )
}

/// How many people one unit of a coordinate is.
fn scale(coordinate: &Coordinate) -> f64 {
    let people = match coordinate.rule {
        Rule::Has => 1.0,
        // +1 or −1 for everybody.
        _ => 0.5,
    };
    people / f64::from(coordinate.factor)
}

/// How many people a coordinate tells of, among so many.
fn people(coordinate: &Coordinate, number: f64, size: i64) -> f64 {
    let people = number * scale(coordinate);
    match coordinate.rule {
        Rule::Has => people,
        _ => size as f64 / 2.0 + people,
    }
}
