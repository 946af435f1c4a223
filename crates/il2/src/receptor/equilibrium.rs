//! Binding equilibrium of molecules with several sites, solved exactly.
//!
//! Orcutt-Jahns et al. 2023 (after the multivalent binding theory of their group): with free chains
//! R, sites of type q in `copies`, and `psi = R K* / K_D` (summed over the chains that a site
//! binds, if it also binds a wrong one), the number of bound molecules per cell is `(L / K*)
//! (prod_q (1 + psi_q)^copies - 1)`.
//!
//! Bound and free numbers are posynomials in the free concentrations. Therefore the sum of all
//! species minus the sum of `total * logarithm` is convex in the logarithms and has a single
//! minimum, which is the equilibrium. Damped Newton iteration on this function always converges. If the medium is
//! depleted, its free ligand is one more unknown of the same kind.

use crate::quantity::MOLECULES_PER_PMOL;
use crate::receptor::polyvalent::Site;
use il2_engine::linear::Lu;
use il2_engine::math;

/// Input of the equilibrium.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Sites of the molecule; `chain` names an entry of `totals`.
    pub sites: Vec<Site>,
    /// Chains per cell by name.
    pub totals: Vec<(&'static str, f64)>,
    /// Molecule in the medium (pM): free if `cell_density` is none, otherwise free and bound
    /// together.
    pub dose: f64,
    /// Cells per litre that share the medium; none if it is not depleted.
    pub cell_density: Option<f64>,
    /// Cross-linking constant (pM cell/molecule).
    pub cross_linking_constant: f64,
}

/// The equilibrium, in molecules per cell unless stated otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Equilibrium {
    /// Free chains, in the order of the totals.
    pub free: Vec<f64>,
    /// Bound chains, in the order of the totals.
    pub bound: Vec<f64>,
    /// Molecules with at least one bond.
    pub molecules: f64,
    /// Molecules with every site bound.
    pub fully_bound: f64,
    /// Molecules bound to at least one chain of the last kind, which are the signalling ones.
    pub signalling: f64,
    /// Free molecule in the medium (pM).
    pub free_ligand: f64,
}

/// Solves the equilibrium. `None` only if the input is not finite and positive.
pub fn solve(problem: &Problem) -> Option<Equilibrium> {
    let p = problem;
    let chains = p.totals.len();
    let finite = p.totals.iter().all(|(_, t)| t.is_finite() && *t >= 0.0)
        && p.sites.iter().flat_map(Site::bonds).all(|(_, constant)| constant > 0.0)
        && (p.cross_linking_constant > 0.0 && p.dose.is_finite() && p.dose >= 0.0);
    if !finite {
        return None;
    }
    // Unknowns: logarithm of each free chain that is present, then of the free ligand if it is depleted.
    let depletes = p.cell_density.filter(|&d| d > 0.0 && p.dose > 0.0);
    let per_cell = depletes.map(|density| MOLECULES_PER_PMOL / density);
    let mut total: Vec<f64> = p.totals.iter().map(|t| t.1).collect();
    total.extend(per_cell.map(|m| m * p.dose));
    let present: Vec<usize> = (0..total.len()).filter(|&i| total[i] > 0.0).collect();
    let mut free = total.clone();
    if per_cell.is_some() {
        free[chains] = p.dose;
    }
    for _ in 0..400 {
        let ligand = if per_cell.is_some() { free[chains] } else { p.dose };
        let at = moments(p, &free[..chains], ligand);
        let gradient = |i: usize| -> f64 {
            if i < chains {
                free[i] + at.bound[i] - total[i]
            } else {
                per_cell.expect("depletes") * free[i] + at.molecules - total[i]
            }
        };
        let n = present.len();
        let g: Vec<f64> = present.iter().map(|&i| gradient(i)).collect();
        let done = present.iter().zip(&g).all(|(&i, g)| g.abs() <= 2e-14 * total[i]);
        if done || n == 0 {
            return Some(finish(p, &total, free, ligand));
        }
        let mut hessian = vec![0.0; n * n];
        for (r, &i) in present.iter().enumerate() {
            for (c, &j) in present.iter().enumerate() {
                let own = if i != j {
                    0.0
                } else if i < chains {
                    free[i]
                } else {
                    per_cell.expect("depletes") * free[i]
                };
                hessian[r * n + c] = own + at.second(i, j, chains);
            }
        }
        let step = Lu::new(n, hessian)?.solve(&g);
        // On a logarithmic scale a step of one is a factor of e, which is large enough and always
        // within the domain.
        let longest = step.iter().fold(1.0_f64, |m, s| m.max(s.abs()));
        for (&i, s) in present.iter().zip(&step) {
            free[i] *= math::exp(-s / longest);
        }
        if step.iter().all(|s| s.abs() < 1e-15) {
            return Some(finish(p, &total, free, ligand));
        }
    }
    let ligand = if per_cell.is_some() { free[chains] } else { p.dose };
    Some(finish(p, &total, free, ligand))
}

/// Means and covariances of the bonds over all bound molecules of a cell.
struct Moments {
    molecules: f64,
    bound: Vec<f64>,
    /// `sum over molecules of bonds_i * bonds_j`.
    pairs: Vec<Vec<f64>>,
    fully: f64,
    without_last: f64,
}

impl Moments {
    fn second(&self, i: usize, j: usize, chains: usize) -> f64 {
        match (i < chains, j < chains) {
            (true, true) => self.pairs[i][j],
            (true, false) => self.bound[i],
            (false, true) => self.bound[j],
            (false, false) => self.molecules,
        }
    }
}

/// A site of a bound molecule: its copies, the possible bonds of each copy (as psi and chain), and
/// the sum of their psi.
struct Terms {
    n: f64,
    bonds: Vec<(f64, usize)>,
    sum: f64,
}

fn moments(p: &Problem, free: &[f64], ligand: f64) -> Moments {
    let chains = p.totals.len();
    let place = |chain: &str| p.totals.iter().position(|(name, _)| *name == chain);
    let last = chains.checked_sub(1);
    // Each site binds independently once the molecule is bound.
    let sites: Vec<Terms> = p
        .sites
        .iter()
        .map(|s| {
            let psi = |(chain, constant): (&str, f64)| {
                let c = place(chain)?;
                Some((free[c] * p.cross_linking_constant / constant, c))
            };
            let bonds: Vec<_> = s.bonds().filter_map(psi).collect();
            let sum = bonds.iter().map(|(psi, _)| psi).sum();
            Terms { n: f64::from(s.copies), bonds, sum }
        })
        .collect();
    // Logarithms keep prod (1 + psi)^copies - 1 accurate if psi is tiny.
    let log: f64 = sites.iter().map(|s| s.n * math::ln_1p(s.sum)).sum();
    let scale = ligand / p.cross_linking_constant;
    let weight = scale * math::exp(log);
    let mut bound = vec![0.0; chains];
    let mut pairs = vec![vec![0.0; chains]; chains];
    for Terms { n, bonds, sum } in &sites {
        for &(psi, c) in bonds {
            bound[c] += n * psi / (1.0 + sum);
        }
    }
    for i in 0..chains {
        for j in 0..chains {
            pairs[i][j] = weight * bound[i] * bound[j];
        }
    }
    for Terms { n, bonds, sum } in &sites {
        for &(psi, c) in bonds {
            let rest = 1.0 + sum - psi;
            let own = if bonds.len() == 1 { n * psi } else { n * psi * rest };
            pairs[c][c] += weight * own / ((1.0 + sum) * (1.0 + sum));
            for &(other, d) in bonds.iter().filter(|(_, d)| *d != c) {
                pairs[c][d] -= weight * n * psi * other / ((1.0 + sum) * (1.0 + sum));
            }
        }
    }
    bound.iter_mut().for_each(|b| *b *= weight);
    let log_without: f64 = sites
        .iter()
        .map(|Terms { n, bonds, .. }| {
            let others = bonds.iter().filter(|(_, c)| Some(*c) != last).map(|(psi, _)| psi);
            n * math::ln_1p(others.sum())
        })
        .sum();
    Moments {
        molecules: scale * math::exp_m1(log),
        bound,
        pairs,
        fully: scale * sites.iter().map(|s| math::pow(s.sum, s.n)).product::<f64>(),
        without_last: scale * math::exp_m1(log_without),
    }
}

fn finish(p: &Problem, total: &[f64], mut free: Vec<f64>, ligand: f64) -> Equilibrium {
    let at = moments(p, &free[..p.totals.len()], ligand);
    free.truncate(p.totals.len());
    for (free, total) in free.iter_mut().zip(total) {
        if *total == 0.0 {
            *free = 0.0;
        }
    }
    Equilibrium {
        free,
        molecules: at.molecules,
        fully_bound: at.fully,
        signalling: at.molecules - at.without_last,
        bound: at.bound,
        free_ligand: ligand,
    }
}
