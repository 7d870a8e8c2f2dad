//! The noise in a release, end to end: differences from the exact counts have
//! the standard deviation that the manifest states — and the same test notices
//! if it were 30 % off.

use crate::exact_support::draws::{self, Inputs, fresh};
use crate::exact_support::truth::cohorts;
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
        epsilon: 20.0,
        ..Settings::exact(5, 1, 4)
    };
    let sample = Sample::synthetic(6_000, &settings);
    let project = sample.project();
    let (truth, inputs) = (Truth::new(&project), Inputs::read(&project));
    let table = project.measures[0].name.as_str();
    let (mut sizes, mut counts) = (Noise::default(), Noise::default());
    for _ in 0..5 {
        let (_folder, project) = fresh(&project);
        for drawn in draws::releases(&project, &inputs) {
            let noisy = drawn.noisy;
            let shown = cohorts(&noisy, &drawn.public, 0);
            let exact = truth.shown(&drawn.public.period.name, table, &shown.concat());
            let mut exact = exact.iter();
            let size_sigmas = drawn.manifest.size_sigmas(table);
            let sigmas = drawn.manifest.sigmas(table);
            for (level, cells) in noisy.kinds[0].levels.iter().zip(&noisy.blocks[0].levels) {
                let level_at = cells.level as i32;
                for (cohort, noisy) in level.cohorts.iter().zip(&cells.cells) {
                    let totals = exact.next().unwrap();
                    let off = (cohort.size - totals.people) as f64;
                    sizes.0.push(off / size_sigmas[&level_at]);
                    let pairs = noisy.iter().zip(&totals.sums);
                    let off = pairs.map(|(drawn, sums)| *drawn as f64 - sums[0].over);
                    counts.0.extend(off.map(|off| off / sigmas[&level_at]));
                }
            }
        }
    }
    sizes.assert_as_stated("sizes", 400);
    counts.assert_as_stated("counts", 20_000);
}
