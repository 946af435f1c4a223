//! The non-dominated candidates (none is better in every objective): the search NSGA-II of Deb,
//! Pratap, Agarwal & Meyarivan 2002 (IEEE Trans. Evol. Comput. 6:182), with the crossover of Deb &
//! Agrawal 1995 (Complex Syst. 9:115) and polynomial mutation. Numbers that leave their range are
//! set to its end, so that an optimum at the end of a range is found exactly.
//!
//! A generation is evaluated at once, so that its candidates can be simulated side by side. Every
//! random number follows from the seed, so that the same candidates result however the evaluation
//! is spread over threads.

use crate::draws::uniform;
use il2_engine::math;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// Fraction of the pairs of parents that are crossed.
const CROSSED: f64 = 0.9;
/// Distribution indices: how close children stay to their parents, and a mutated number to its
/// previous value.
const NEAR_PARENTS: f64 = 15.0;
const NEAR_ITSELF: f64 = 20.0;

/// The kind of a number of a candidate; its value is from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gene {
    /// Any value.
    Number,
    /// One of this many unordered alternatives; [`Gene::choice`] gives its index.
    Choice(usize),
}

impl Gene {
    /// The index of the alternative that a value encodes.
    pub fn choice(of: usize, value: f64) -> usize {
        ((value * of as f64) as usize).min(of - 1)
    }

    /// The value that encodes one of several alternatives.
    pub fn chosen(of: usize, which: usize) -> f64 {
        (which as f64 + 0.5) / of as f64
    }

    fn settled(self, value: f64) -> f64 {
        match self {
            Gene::Number => value.clamp(0.0, 1.0),
            Gene::Choice(of) => Self::chosen(of, Self::choice(of, value)),
        }
    }
}

/// A search.
#[derive(Clone, Debug, PartialEq)]
pub struct Search {
    /// The kinds of the numbers of a candidate.
    pub genes: Vec<Gene>,
    /// Candidates per generation; an even number.
    pub population: usize,
    /// Number of generations, including the first.
    pub generations: usize,
    /// Seed of the candidates.
    pub seed: u64,
}

/// The costs of a candidate, and by how much it violates limits.
#[derive(Clone, Debug, PartialEq)]
pub struct Worth {
    /// Costs, to be minimised; each is finite if the candidate is allowed.
    pub costs: Vec<f64>,
    /// Violation of limits; 0 if the candidate is allowed.
    pub violation: f64,
}

/// A candidate that was tried.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// Its numbers, from 0 to 1.
    pub genes: Vec<f64>,
    /// Its costs, and its violation of limits.
    pub worth: Worth,
}

impl Worth {
    /// Whether it dominates another candidate: at least as good in every cost and better in one. Of
    /// two candidates, the one that violates limits less comes first.
    fn beats(&self, other: &Worth) -> bool {
        if self.violation > 0.0 || other.violation > 0.0 {
            return self.violation < other.violation;
        }
        let pairs = || self.costs.iter().zip(&other.costs);
        pairs().all(|(a, b)| a <= b) && pairs().any(|(a, b)| a < b)
    }
}

impl Search {
    /// Number of candidates tried.
    pub fn candidates(&self) -> usize {
        self.population * self.generations
    }

    /// Tries candidates and returns all of them in the order in which they were tried. The first
    /// generation consists of those in `start`, then of points of a Sobol sequence; `evaluate`
    /// receives each generation as a whole.
    pub fn run(
        &self,
        start: &[Vec<f64>],
        mut evaluate: impl FnMut(&[Vec<f64>]) -> Vec<Worth>,
    ) -> Vec<Candidate> {
        let mut tried: Vec<Candidate> = vec![];
        let mut parents: Vec<usize> = vec![];
        for generation in 0..self.generations {
            let made = match generation {
                0 => self.first(start),
                _ => self.children(&tried, &parents, generation),
            };
            let worths = evaluate(&made);
            let from = tried.len();
            let made = made.into_iter().zip(worths);
            tried.extend(made.map(|(genes, worth)| Candidate { genes, worth }));
            let all = parents.into_iter().chain(from..tried.len()).collect();
            parents = survivors(&tried, all, self.population);
        }
        tried
    }

    fn first(&self, start: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let seed = (self.seed ^ (self.seed >> 32)) as u32;
        let spread = |index: usize| {
            let one = |(i, gene): (usize, &Gene)| {
                // A sequence has a few hundred dimensions; further numbers reuse them from another
                // index.
                let dimension = i as u32 % sobol_burley::NUM_DIMENSIONS;
                let place = index + self.population * (i / sobol_burley::NUM_DIMENSIONS as usize);
                gene.settled(f64::from(sobol_burley::sample(place as u32, dimension, seed)))
            };
            self.genes.iter().enumerate().map(one).collect::<Vec<f64>>()
        };
        let settled = |from: &Vec<f64>| {
            self.genes.iter().zip(from).map(|(gene, value)| gene.settled(*value)).collect()
        };
        let all = start.iter().map(settled).chain((0..).map(spread));
        all.take(self.population).collect()
    }

    /// Children of parents that are in order of rank and, within a rank, of decreasing crowding
    /// distance.
    fn children(&self, tried: &[Candidate], parents: &[usize], generation: usize) -> Vec<Vec<f64>> {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed ^ 0x6e73_6761);
        rng.set_stream(generation as u64);
        let mut children = Vec::with_capacity(self.population + 1);
        while children.len() < self.population {
            // The better of two parents, which are in order of rank.
            let mut chosen = || {
                let two = [(); 2].map(|()| crate::bootstrap::below(&mut rng, parents.len()));
                &tried[parents[two[0].min(two[1])]].genes
            };
            let (mut one, mut other) = (chosen().clone(), chosen().clone());
            if uniform(&mut rng) < CROSSED {
                for (i, gene) in self.genes.iter().enumerate() {
                    cross(&mut rng, *gene, &mut one[i], &mut other[i]);
                }
            }
            for mut child in [one, other] {
                for (gene, value) in self.genes.iter().zip(&mut child) {
                    if uniform(&mut rng) * (self.genes.len() as f64) < 1.0 {
                        *value = changed(&mut rng, *gene, *value);
                    }
                }
                children.push(child);
            }
        }
        children.truncate(self.population);
        children
    }
}

/// Simulated binary crossover of half of the numbers.
fn cross(rng: &mut ChaCha8Rng, gene: Gene, one: &mut f64, other: &mut f64) {
    let (crossed, u, exchanged) = (uniform(rng) < 0.5, uniform(rng), uniform(rng) < 0.5);
    if !crossed {
        return;
    }
    match gene {
        Gene::Choice(_) => std::mem::swap(one, other),
        Gene::Number => {
            let spread = match u < 0.5 {
                true => math::pow(2.0 * u, 1.0 / (NEAR_PARENTS + 1.0)),
                false => math::pow(0.5 / (1.0 - u), 1.0 / (NEAR_PARENTS + 1.0)),
            };
            let (middle, half) = (0.5 * (*one + *other), 0.5 * spread * (*other - *one));
            (*one, *other) = (gene.settled(middle - half), gene.settled(middle + half));
            // Without the exchange, each child would be close to one parent in every number, and
            // nothing would be combined.
            if exchanged {
                std::mem::swap(one, other);
            }
        }
    }
}

/// Polynomial mutation.
fn changed(rng: &mut ChaCha8Rng, gene: Gene, value: f64) -> f64 {
    let u = uniform(rng);
    match gene {
        Gene::Choice(_) => gene.settled(u),
        Gene::Number => {
            let by = match u < 0.5 {
                true => math::pow(2.0 * u, 1.0 / (NEAR_ITSELF + 1.0)) - 1.0,
                false => 1.0 - math::pow(2.0 * (1.0 - u), 1.0 / (NEAR_ITSELF + 1.0)),
            };
            gene.settled(value + by)
        }
    }
}

/// The best of some candidates, front by front, and the least crowded of the last front, in that
/// order.
fn survivors(tried: &[Candidate], mut left: Vec<usize>, count: usize) -> Vec<usize> {
    let mut chosen = Vec::with_capacity(count);
    while chosen.len() < count && !left.is_empty() {
        let beaten = |a: &usize| left.iter().any(|b| tried[*b].worth.beats(&tried[*a].worth));
        let (rest, front): (Vec<usize>, Vec<usize>) = left.iter().partition(|a| beaten(a));
        let far = apart(tried, &front);
        let mut order: Vec<usize> = (0..front.len()).collect();
        order.sort_by(|a, b| far[*b].total_cmp(&far[*a]).then(a.cmp(b)));
        chosen.extend(order.into_iter().map(|place| front[place]));
        left = rest;
    }
    chosen.truncate(count);
    chosen
}

/// The crowding distance of each candidate: how far it is from its neighbours; infinite at an end.
fn apart(tried: &[Candidate], front: &[usize]) -> Vec<f64> {
    let mut far = vec![0.0; front.len()];
    let costs = front.first().map_or(0, |first| tried[*first].worth.costs.len());
    for cost in 0..costs {
        let of = |place: usize| tried[front[place]].worth.costs[cost];
        let mut order: Vec<usize> = (0..front.len()).collect();
        order.sort_by(|a, b| of(*a).total_cmp(&of(*b)).then(a.cmp(b)));
        let (first, last) = (order[0], order[order.len() - 1]);
        let range = of(last) - of(first);
        far[first] = f64::INFINITY;
        far[last] = f64::INFINITY;
        for three in order.windows(3).filter(|_| range > 0.0) {
            far[three[1]] += (of(three[2]) - of(three[0])) / range;
        }
    }
    far
}

/// The allowed candidates that are not dominated, ordered by their first cost; of equal candidates,
/// the first that was tried.
pub fn front(tried: &[Candidate]) -> Vec<usize> {
    let mut front: Vec<usize> = vec![];
    let allowed = (0..tried.len()).filter(|i| tried[*i].worth.violation == 0.0);
    for new in allowed {
        let own = &tried[new].worth;
        let kept = |other: &Worth| other.beats(own) || other.costs == own.costs;
        if front.iter().any(|old| kept(&tried[*old].worth)) {
            continue;
        }
        front.retain(|old| !own.beats(&tried[*old].worth));
        front.push(new);
    }
    let first = |i: &usize| tried[*i].worth.costs.first().copied().unwrap_or_default();
    front.sort_by(|a, b| first(a).total_cmp(&first(b)).then(a.cmp(b)));
    front
}

/// At most this many candidates of a front, including those at the ends of every cost: the most
/// crowded candidate is removed, one at a time.
pub fn thinned(tried: &[Candidate], mut front: Vec<usize>, most: usize) -> Vec<usize> {
    while front.len() > most.max(1) {
        let far = apart(tried, &front);
        let least = (0..front.len()).min_by(|a, b| far[*a].total_cmp(&far[*b]).then(b.cmp(a)));
        front.remove(least.expect("there are several"));
    }
    front
}

#[cfg(test)]
mod tests {
    use super::*;

    fn search(numbers: usize, population: usize, generations: usize) -> Search {
        Search { genes: vec![Gene::Number; numbers], population, generations, seed: 1 }
    }

    fn tried(search: &Search, of: impl Fn(&[f64]) -> (Vec<f64>, f64)) -> Vec<Candidate> {
        let worth = |x: &Vec<f64>| {
            let (costs, violation) = of(x);
            Worth { costs, violation }
        };
        search.run(&[], |all| all.iter().map(worth).collect())
    }

    /// Schaffer 1985: x^2 and (x - 2)^2; on the front x is from 0 to 2, and the square roots of the
    /// costs add up to 2.
    #[test]
    fn the_front_of_schaffer_is_found_from_end_to_end() {
        let of = |x: &[f64]| {
            let x = 20.0 * x[0] - 10.0;
            (vec![x * x, (x - 2.0) * (x - 2.0)], 0.0)
        };
        let tried = tried(&search(1, 40, 40), of);
        let all = front(&tried);
        let costs = |i: &usize| &tried[*i].worth.costs;
        for i in &all {
            let sum: f64 = costs(i).iter().map(|cost| cost.sqrt()).sum();
            // The ends of the front are inside the range and are approached from either side.
            assert!((sum - 2.0).abs() < 2e-3, "{sum}");
        }
        let (first, last) = (costs(&all[0]), costs(&all[all.len() - 1]));
        assert!(first[0] < 1e-3 && last[1] < 1e-3, "{first:?} {last:?}");
        let few = thinned(&tried, all.clone(), 12);
        assert_eq!((few.len(), few[0], few[11]), (12, all[0], all[all.len() - 1]));
        let gaps = few.windows(2).map(|two| costs(&two[1])[0].sqrt() - costs(&two[0])[0].sqrt());
        assert!(gaps.fold(0.0, f64::max) < 0.5, "evenly along the front");
    }

    /// Zitzler, Deb & Thiele 2000: all numbers except the first are zero on the front, where
    /// `f2 = 1 - sqrt f1`.
    #[test]
    fn the_front_of_zdt1_is_reached() {
        let of = |x: &[f64]| {
            let g = 1.0 + 9.0 * x[1..].iter().sum::<f64>() / (x.len() - 1) as f64;
            (vec![x[0], g * (1.0 - (x[0] / g).sqrt())], 0.0)
        };
        let tried = tried(&search(10, 60, 100), of);
        let all = front(&tried);
        let costs = all.iter().map(|i| &tried[*i].worth.costs);
        let beyond = costs.map(|c| c[1] - (1.0 - c[0].sqrt())).fold(0.0, f64::max);
        assert!(all.len() > 60 && beyond < 0.01, "{} {beyond}", all.len());
    }

    #[test]
    fn one_cost_is_lowest_inside_its_range_or_at_an_end_of_it() {
        let of = |x: &[f64]| (vec![(x[0] - 0.3) * (x[0] - 0.3) + x[1] - x[2]], 0.0);
        let tried = tried(&search(3, 40, 40), of);
        let best = front(&tried);
        assert_eq!(best.len(), 1);
        let x = &tried[best[0]].genes;
        assert!((x[0] - 0.3).abs() < 1e-3, "{x:?}");
        assert_eq!((x[1], x[2]), (0.0, 1.0), "an end is found exactly");
    }

    /// The lowest sum on the circle of radius 1/2; the corner of the square would have a lower sum.
    #[test]
    fn limits_are_kept() {
        let of = |x: &[f64]| {
            let radius = (x[0] * x[0] + x[1] * x[1]).sqrt();
            (vec![x[0] + 2.0 * x[1]], (0.5 - radius).max(0.0))
        };
        let tried = tried(&search(2, 40, 60), of);
        let best = &tried[front(&tried)[0]];
        assert_eq!(best.worth.violation, 0.0);
        assert!((best.genes[0] - 0.5).abs() < 5e-3 && best.genes[1] < 5e-3, "{best:?}");
        let never = search(2, 10, 3)
            .run(&[], |all| vec![Worth { costs: vec![f64::NAN], violation: 1.0 }; all.len()]);
        assert!(front(&never).is_empty());
    }

    #[test]
    fn choices_have_no_order_and_the_start_is_tried_first() {
        let genes = vec![Gene::Choice(5), Gene::Number];
        let search = Search { genes, population: 20, generations: 20, seed: 3 };
        let of = |x: &Vec<f64>| {
            let high = [4.0, 2.0, 5.0, 1.0, 3.0][Gene::choice(5, x[0])];
            Worth { costs: vec![high + x[1]], violation: 0.0 }
        };
        let start = [vec![Gene::chosen(5, 2), 0.25]];
        let tried = search.run(&start, |all| all.iter().map(of).collect());
        assert_eq!(tried[0].genes, start[0]);
        let best = &tried[front(&tried)[0]];
        assert_eq!(Gene::choice(5, best.genes[0]), 3);
        assert!(best.genes[1] < 1e-3, "{best:?}");
        assert_eq!(tried.len(), search.candidates());
    }
}
