//! The only file that names opendp: noise, selection, conversion.
//!
//! Two defects of opendp 0.16.0 that touch what is used here are worked
//! around, each with a test that would notice a change:
//! * `make_gaussian_threshold` keeps values equal to the threshold, while its
//!   δ counts only those above: [`above_threshold`] drops the equal ones.
//! * `PrivacyProfile::epsilon` overflows at large ρ: [`epsilon`] searches
//!   through `delta(ε)` instead.
//!
//! Distances are `f64`: an integer L2 distance would round √12 up to 4.

use std::collections::HashMap;

use opendp::combinators::ConcentratedMeasure;
use opendp::core::Measurement;
use opendp::domains::{AtomDomain, MapDomain, VectorDomain};
use opendp::error::ErrorVariant;
use opendp::measurements::{make_gaussian, make_gaussian_threshold};
use opendp::measures::{Approximate, ZeroConcentratedDivergence};
use opendp::metrics::{AbsoluteDistance, L0PInfDistance, L2Distance};
use rayon::prelude::*;

use crate::noisy::{Moved, Noise, Selection};

/// Draws a measurement makes before another one is built for another thread.
const DRAWS_A_TASK: usize = 512;

/// A mechanism could not be built or drawn from. Carries no data.
#[derive(Debug, thiserror::Error)]
#[error("the noise mechanism refused its parameters or failed to draw: {0}")]
pub struct MechanismError(String);

impl MechanismError {
    /// A vector is declared as none can be drawn; its name is public.
    pub(crate) fn unsound(block: &str) -> Self {
        Self(format!(
            "{block}: terms are looked for in the whole organisation, of one cohort"
        ))
    }
}

impl From<opendp::error::Error> for MechanismError {
    /// Keeps the kind of the error alone: its message may hold an argument.
    fn from(error: opendp::error::Error) -> Self {
        Self(format!("{:?}", error.variant))
    }
}

type Vector = Measurement<
    VectorDomain<AtomDomain<i64>>,
    L2Distance<f64>,
    ZeroConcentratedDivergence,
    Vec<i64>,
>;
type Counts = MapDomain<AtomDomain<u64>, AtomDomain<i64>>;
type Threshold = Measurement<
    Counts,
    L0PInfDistance<2, AbsoluteDistance<f64>>,
    Approximate<ZeroConcentratedDivergence>,
    HashMap<u64, i64>,
>;

/// The least square that is not exact as a float.
const INEXACT: u64 = 1 << 53;

/// √n, rounded up to the next `f64` unless exact; n is below [`INEXACT`].
pub(crate) fn sqrt_up(n: u64) -> f64 {
    let root = (n as f64).sqrt();
    // The root of a 53-bit square is exact, and no other root is whole.
    if root.fract() == 0.0 {
        root
    } else {
        root.next_up()
    }
}

/// An amount of ρ as `f64`, rounded down: what a mechanism may cost at most.
fn at_most(rho_micro: u64) -> f64 {
    (rho_micro as f64 / 1e6).next_down()
}

/// An amount of ρ as `f64`, rounded up: what has been spent at least.
fn at_least(rho_micro: u64) -> f64 {
    if rho_micro == 0 {
        0.0
    } else {
        (rho_micro as f64 / 1e6).next_up()
    }
}

fn vector(sigma: f64) -> Result<Vector, MechanismError> {
    let domain = VectorDomain::new(AtomDomain::<i64>::default());
    Ok(make_gaussian(domain, L2Distance::default(), sigma, None)?)
}

/// The discrete Gaussian of least σ whose ρ, by OpenDP's map, is at most
/// `rho_micro` for an L2 sensitivity of √`l2_squared`.
///
/// Errors when `rho_micro` or `l2_squared` is 0.
pub(crate) fn calibrate(l2_squared: u64, rho_micro: u64) -> Result<Noise, MechanismError> {
    let sensitivity = sqrt_up(l2_squared);
    let rho = at_most(rho_micro);
    if rho_micro == 0 || l2_squared == 0 {
        return Err(MechanismError("nothing to calibrate".to_owned()));
    }
    if l2_squared >= INEXACT {
        return Err(MechanismError("the sensitivity is too large".to_owned()));
    }
    let affordable = |sigma: f64| Ok::<_, MechanismError>(vector(sigma)?.map(&sensitivity)? <= rho);
    let ideal = sensitivity / (2.0 * rho).sqrt();
    let (mut low, mut high) = (ideal * (1.0 - 1e-9), ideal * (1.0 + 1e-9));
    if affordable(low)? || !affordable(high)? {
        return Err(MechanismError(
            "the map is not that of a Gaussian".to_owned(),
        ));
    }
    loop {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            return Ok(Noise {
                rho_micro,
                sensitivity,
                sigma: high,
            });
        }
        if affordable(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
}

/// What exact numbers are given to, and noisy ones come from: all that a release
/// draws, it draws from here.
pub(crate) trait Mechanisms {
    /// Noise of its own on every value.
    fn add_noise(&mut self, values: Vec<i64>, noise: &Noise) -> Result<Vec<i64>, MechanismError>;

    /// The counts that are selected, each with its noisy value, in order of key.
    fn select(
        &mut self,
        counts: HashMap<u64, i64>,
        selection: &Selection,
    ) -> Result<Vec<(u64, i64)>, MechanismError>;
}

/// OpenDP's mechanisms, which draw what is published.
pub(crate) struct Shipped;

impl Mechanisms for Shipped {
    fn add_noise(&mut self, values: Vec<i64>, noise: &Noise) -> Result<Vec<i64>, MechanismError> {
        add_noise(&values, noise)
    }

    fn select(
        &mut self,
        counts: HashMap<u64, i64>,
        selection: &Selection,
    ) -> Result<Vec<(u64, i64)>, MechanismError> {
        above_threshold(&counts, &selection.noise, selection.threshold)
    }
}

/// Adds independent discrete Gaussian noise to every value. Measurements are
/// not `Send`, so each task builds its own; the draws are independent either
/// way, so splitting the vector changes nothing in the joint distribution.
pub(crate) fn add_noise(values: &[i64], noise: &Noise) -> Result<Vec<i64>, MechanismError> {
    flaw!(float_noise => return Ok(flawed::of_floats(values, noise.sigma)));
    flaw!(constant_noise => return flawed::constant(values, noise.sigma));
    let sigma = flaw!(noise_scale: noise.sigma * 0.9; noise.sigma);
    let parts: Result<Vec<Vec<i64>>, MechanismError> = values
        .par_chunks(DRAWS_A_TASK)
        .map(|part| Ok(vector(sigma)?.invoke(&part.to_vec())?))
        .collect();
    Ok(parts?.concat())
}

fn thresholded(sigma: f64, threshold: i64) -> Result<Threshold, MechanismError> {
    let domain = MapDomain::new(AtomDomain::default(), AtomDomain::default());
    Ok(make_gaussian_threshold(
        domain,
        L0PInfDistance::default(),
        sigma,
        threshold,
        None,
    )?)
}

/// The selection that `rho_micro` and `delta_femto` buy of numbers that a person moves
/// by what is said: the least σ, and the least T ≥ 1 at which numbers whose noisy value
/// is above T cost no more.
///
/// Errors when `rho_micro` or what is moved is 0.
pub(crate) fn selection(
    moved: Moved,
    rho_micro: u64,
    delta_femto: u64,
) -> Result<Selection, MechanismError> {
    let noise = calibrate(moved.l2_squared, rho_micro)?;
    Ok(Selection {
        noise,
        delta_femto,
        moved,
        threshold: threshold(&noise, moved, delta_femto)?,
    })
}

fn threshold(noise: &Noise, moved: Moved, delta_femto: u64) -> Result<i64, MechanismError> {
    let delta = (delta_femto as f64 / 1e15).next_down();
    let distances = (
        moved.numbers,
        sqrt_up(moved.l2_squared),
        f64::from(moved.each),
    );
    let within = |t: i64| {
        let (rho, spent) = thresholded(noise.sigma, t)?.map(&distances)?;
        Ok::<_, MechanismError>(spent <= delta && rho <= at_most(noise.rho_micro))
    };
    // Below what one person adds there is no δ, says OpenDP's map.
    let least = i64::from(moved.each);
    let mut high = least;
    while !within(high)? {
        high = high
            .checked_mul(2)
            .ok_or_else(|| MechanismError("no threshold is high enough".to_owned()))?;
    }
    let mut low = (high / 2).max(least - 1);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if within(middle)? {
            high = middle;
        } else {
            low = middle;
        }
    }
    Ok(high)
}

/// Noisy counts strictly above the threshold, in order of key.
pub(crate) fn above_threshold(
    counts: &HashMap<u64, i64>,
    noise: &Noise,
    threshold: i64,
) -> Result<Vec<(u64, i64)>, MechanismError> {
    let kept = thresholded(noise.sigma, threshold)?.invoke(counts)?;
    let mut kept: Vec<_> = kept
        .into_iter()
        .filter(|(_, noisy)| *noisy > threshold)
        .collect();
    kept.sort_unstable();
    Ok(kept)
}

/// The δ at which a spent ρ is (ε, δ)-differentially private.
pub(crate) fn delta(rho_micro: u64, epsilon: f64) -> Result<f64, MechanismError> {
    let profile = ZeroConcentratedDivergence::convert(at_least(rho_micro))?;
    match profile.delta(epsilon) {
        // e^x overflows where ε is far below ρ; δ = 1 bounds anything.
        Err(error) if error.variant == ErrorVariant::Overflow => Ok(1.0),
        delta => Ok(delta?),
    }
}

/// The least ε (to a relative 1e-9, rounded up) at which a spent ρ is
/// (ε, `conversion_delta`)-differentially private.
pub(crate) fn epsilon(rho_micro: u64, conversion_delta: f64) -> Result<f64, MechanismError> {
    if rho_micro == 0 {
        return Ok(0.0);
    }
    let mut high = 1e-6;
    while delta(rho_micro, high)? > conversion_delta {
        high *= 2.0;
    }
    let mut low = 0.0;
    while high - low > high * 1e-9 {
        let middle = low + (high - low) / 2.0;
        if delta(rho_micro, middle)? > conversion_delta {
            low = middle;
        } else {
            high = middle;
        }
    }
    Ok(high)
}

#[cfg(flawed)]
mod flawed;
#[cfg(test)]
mod tests;
