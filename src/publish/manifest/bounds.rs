//! What a manifest says of how it was measured what bounds cut off.

use lodestar_privacy::Public;
use lodestar_privacy::noisy::{Noisy, NoisyBounds};
use lodestar_privacy::public::{Bound, Bounds};

use super::super::bounds::{CLIP, MAX_CELLS};
use super::v1;

/// Of every family with such bounds, in order.
pub(in super::super) fn bounds(noisy: &Noisy, public: &Public) -> Vec<v1::Bounds> {
    let one = |(declared, drawn): (&Bounds, &NoisyBounds)| {
        let kind = &public.kinds[declared.kind];
        v1::Bounds {
            cohort: kind.name.clone(),
            keys_a_person: kind.keys.chosen(),
            bounds: declared
                .bounds
                .iter()
                .map(|one| bound(public, declared.kind, one))
                .collect(),
            rho_micro: drawn.noise.rho_micro,
            sensitivity: drawn.noise.sensitivity,
            sigma: drawn.noise.sigma,
        }
    };
    public.bounds.iter().zip(&noisy.bounds).map(one).collect()
}

fn bound(public: &Public, kind: usize, bound: &Bound) -> v1::Bound {
    let vector = |block: usize| Some(public.blocks[block].name.clone());
    let (name, vector, most, more) = match *bound {
        Bound::CohortKeys { more } => {
            let most = public.kinds[kind].keys.most;
            (MAX_CELLS, None, i64::from(most), i64::from(more))
        }
        Bound::Keys { block, more } => {
            let most = public.blocks[block].max_cells;
            let (most, more) = (i64::from(most), i64::from(more));
            (MAX_CELLS, vector(block), most, more)
        }
        Bound::Clip {
            block, high, more, ..
        } => (CLIP, vector(block), high, more),
    };
    v1::Bound {
        bound: name.to_owned(),
        vector,
        most,
        more,
    }
}
