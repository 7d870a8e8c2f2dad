//! The noise in a release, end to end: differences from the exact counts have
//! the standard deviation that the manifest states — and the same test notices
//! if it were 30 % off.

use std::collections::BTreeSet;

use crate::exact_support::draws::{self, Inputs, fresh};
use crate::exact_support::truth::id;
use crate::exact_support::{Sample, Settings, Truth};

/// Two-sided, one false alarm in a million.
const CRITICAL: f64 = 4.892;

/// Differences in units of their stated standard deviation.
#[derive(Default)]
struct Noise(Vec<f64>);

impl Noise {
    /// A standard normal statistic of the variance, were all standard deviations
    /// `by` times what is stated: the cube root of a chi-squared (Wilson &
    /// Hilferty 1931).
    fn variance(&self, by: f64) -> f64 {
        let count = self.0.len() as f64;
        let sum: f64 = self.0.iter().map(|z| (z / by).powi(2)).sum();
        let spread = 2.0 / (9.0 * count);
        ((sum / count).cbrt() - (1.0 - spread)) / spread.sqrt()
    }

    /// A standard normal statistic of the mean.
    fn mean(&self) -> f64 {
        self.0.iter().sum::<f64>() / (self.0.len() as f64).sqrt()
    }

    /// A standard normal statistic of the products of neighbouring draws.
    fn dependence(&self) -> f64 {
        let products = self.0.windows(2).map(|pair| pair[0] * pair[1]);
        products.sum::<f64>() / (self.0.len() as f64 - 1.0).sqrt()
    }

    fn assert_as_stated(&self, what: &str, least: usize) {
        assert!(self.0.len() >= least, "{what}: only {} draws", self.0.len());
        for (of, z) in [
            ("variance", self.variance(1.0)),
            ("mean", self.mean()),
            ("dependence", self.dependence()),
        ] {
            assert!(z.abs() < CRITICAL, "{of} of {what}: {z}");
        }
        assert!(self.variance(1.3) < -CRITICAL, "{what}: σ·1.3 passes, too");
        assert!(self.variance(0.7) > CRITICAL, "{what}: σ·0.7 passes, too");
    }
}

#[test]
fn the_noise_is_as_large_as_the_manifest_says() {
    let settings = Settings {
        k: 5,
        coalition: 1,
        epsilon: 20.0,
        max_cells: 4,
    };
    let sample = Sample::synthetic(6_000, &settings);
    let project = sample.project();
    let (truth, inputs) = (Truth::new(&project), Inputs::read(&project));
    let (mut sizes, mut counts) = (Noise::default(), Noise::default());
    for _ in 0..5 {
        let (_folder, project) = fresh(&project);
        for drawn in draws::releases(&project, &inputs) {
            let (noisy, public) = (drawn.noisy, drawn.public);
            let levels = noisy.kinds[0].levels.iter();
            let ids = levels.flat_map(|level| &level.cohorts);
            let shown: BTreeSet<String> = ids.map(|cohort| id(&public, cohort.group)).collect();
            for (level, cells) in noisy.kinds[0].levels.iter().zip(&noisy.blocks[0].levels) {
                let (size_sigma, sigma) = drawn.sigmas[&u64::from(cells.level)];
                for (cohort, noisy) in level.cohorts.iter().zip(&cells.cells) {
                    let id = id(&public, cohort.group);
                    let (people, exact) = truth.cells(&public.period.name, &id, &shown);
                    sizes.0.push((cohort.size - people) as f64 / size_sigma);
                    let pairs = noisy.iter().zip(&exact);
                    counts
                        .0
                        .extend(pairs.map(|(drawn, n)| (drawn - n) as f64 / sigma));
                }
            }
        }
    }
    sizes.assert_as_stated("sizes", 400);
    counts.assert_as_stated("counts", 20_000);
}
